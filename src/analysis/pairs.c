#include "analysis/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"

/* ---- the test ---- */

static const uint64_t FLIP_SEED = 0x7061697273; /* "pairs" */

static double flipped_sum(const double *differences, size_t n, const uint64_t *signs)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += signs[i / 64] >> (i % 64) & 1 ? -differences[i] : differences[i];
    return sum;
}

/* Sums of the same magnitudes in another order of signs differ by rounding: what is equal but for
 * that counts as equal. */
static double slack_of(const double *differences, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += fabs(differences[i]);
    return 1e-12 * sum;
}

/* Half of the assignments are enough: the others are their mirror images. */
static double flip_exactly(const double *differences, size_t n, double least)
{
    uint64_t half = UINT64_C(1) << (n - 1), extreme = 0;
    for (uint64_t signs = 0; signs < half; signs++)
        extreme += fabs(flipped_sum(differences, n, &signs)) >= least;
    return (double)extreme / (double)half;
}

static double flip_at_random(const double *differences, size_t n, double least)
{
    struct random random = random_make(FLIP_SEED, STREAM_BOOTSTRAP, (uint32_t)n, 1);
    size_t extreme = 0, words = (n + 31) / 32;
    for (size_t draw = 0; draw < PAIRS_DRAWS; draw++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            uint32_t word = random_word(&random, draw * words + i / 32);
            sum += word >> (i % 32) & 1 ? -differences[i] : differences[i];
        }
        extreme += fabs(sum) >= least;
    }
    return (double)(extreme + 1) / (PAIRS_DRAWS + 1.0);
}

double pairs_sign_flip(const double *differences, size_t n)
{
    const uint64_t found[64] = {0};
    if (n < 2) return NAN;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += differences[i];
    double least = fabs(n <= PAIRS_EXACT ? flipped_sum(differences, n, found) : sum) -
                   slack_of(differences, n);
    return n <= PAIRS_EXACT ? flip_exactly(differences, n, least)
                            : flip_at_random(differences, n, least);
}

/* ---- what pairs runs ---- */

static bool is_seed_name(const char *name)
{
    return strcmp(name, "seed") == 0 || strncmp(name, "seed.", 5) == 0 ||
           strcmp(name, "dataset.seed") == 0;
}

static int same_parameter(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_PARAMETER &&
            strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* Is some value of a column of A also in B? */
static bool share_a_value(const struct table *a, int column_a, const struct table *b, int column_b)
{
    for (size_t i = 0; i < a->row_count; i++) {
        if (i && cell_equal(&a->rows[i].cells[column_a], &a->rows[i - 1].cells[column_a])) continue;
        for (size_t j = 0; j < b->row_count; j++)
            if (cell_equal(&a->rows[i].cells[column_a], &b->rows[j].cells[column_b])) return true;
    }
    return false;
}

static bool pairs_runs_by(const struct table *a, int column_a, const struct table *b, int column_b)
{
    const struct column *x = &a->columns[column_a], *y = &b->columns[column_b];
    if (x->item || x->option || !(x->varied || y->varied)) return false;
    return share_a_value(a, column_a, b, column_b);
}

static basin_status find_axes(struct pairs *pairs)
{
    const struct table *a = pairs->tables[0], *b = pairs->tables[1];
    pairs->axes = arena_array(a->arena, struct pairs_axis, a->column_count + 1);
    if (!pairs->axes) return BASIN_MEMORY;
    for (int seeds = 0; seeds < 2 && !(a->row_count == 1 && b->row_count == 1); seeds++)
        for (size_t i = 0; i < a->column_count; i++) {
            int other = a->columns[i].group == COLUMN_PARAMETER
                            ? same_parameter(b, a->columns[i].name)
                            : -1;
            if (other < 0 || is_seed_name(a->columns[i].name) != seeds ||
                !pairs_runs_by(a, (int)i, b, other))
                continue;
            pairs->axes[pairs->axis_count++] = (struct pairs_axis){{(int)i, other}, seeds};
            pairs->seed_count += (size_t)seeds;
        }
    return BASIN_OK;
}

/* ---- runs that belong together ---- */

/* qsort has no context. */
struct pairs_member {
    const struct pairs *pairs;
    size_t row;
    int side;
};

static const struct cell *axis_cell(const struct pairs_member *member, size_t axis)
{
    const struct table *table = member->pairs->tables[member->side];
    return &table->rows[member->row].cells[member->pairs->axes[axis].columns[member->side]];
}

/* Order by the first `axes` axes. */
static int compare_axes(const struct pairs_member *x, const struct pairs_member *y, size_t axes)
{
    int order = 0;
    for (size_t i = 0; i < axes && !order; i++)
        order = cell_compare(axis_cell(x, i), axis_cell(y, i));
    return order;
}

static int by_axes(const void *a, const void *b)
{
    const struct pairs_member *x = a, *y = b;
    int order = compare_axes(x, y, x->pairs->axis_count);
    if (!order) order = x->side - y->side;
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* A mean over runs that ended in different ways says nothing. */
static bool pairs_takes(const struct table *table, size_t row)
{
    for (size_t i = 0; i < table->column_count && table->columns[i].group == COLUMN_RUN; i++) {
        const struct cell *cell = &table->rows[row].cells[i];
        if (strcmp(table->columns[i].name, "status") == 0 && cell->kind == CELL_TEXT &&
            strcmp(cell->text, "finished") != 0)
            return false;
    }
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_RUN &&
            strcmp(table->columns[i].name, "exploded") == 0 && table->rows[row].cells[i].number)
            return false;
    return true;
}

static size_t gather_members(struct pairs *pairs, struct pairs_member *members)
{
    size_t count = 0;
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < pairs->tables[side]->row_count; i++) {
            if (pairs_takes(pairs->tables[side], i))
                members[count++] = (struct pairs_member){pairs, i, side};
            else
                pairs->ended[side]++;
        }
    if (count) qsort(members, count, sizeof *members, by_axes);
    return count;
}

/* The members from `from` on that agree in all axes, [from, to): a pair where both sides are there.
 * `cell` NULL: a new one begins. */
static void pairs_add(struct pairs *pairs, const struct pairs_member *members, size_t from,
                      size_t to, struct pairs_run *runs, struct pairs_cell *cell)
{
    bool both = members[from].side == 0 && members[to - 1].side == 1;
    for (size_t i = from; i < to && !both; i++) pairs->alone[members[i].side]++;
    if (!both) return;
    for (size_t i = from; i < to; i++)
        runs[cell->run_count++] =
            (struct pairs_run){members[i].row, members[i].side, cell->pair_count};
    cell->pair_count++;
}

static void gather_cells(struct pairs *pairs, const struct pairs_member *members, size_t count,
                         struct pairs_run *runs)
{
    size_t keys = pairs->axis_count - pairs->seed_count;
    for (size_t from = 0, to; from < count; from = to) {
        struct pairs_cell cell = {.runs = runs};
        for (to = from; to < count && compare_axes(&members[from], &members[to], keys) == 0;) {
            size_t first = to;
            while (to < count &&
                   compare_axes(&members[first], &members[to], pairs->axis_count) == 0)
                to++;
            pairs_add(pairs, members, first, to, runs, &cell);
        }
        if (cell.pair_count) pairs->cells[pairs->cell_count++] = cell;
        runs += cell.run_count;
    }
}

basin_status pairs_gather(const struct table *a, const struct table *b, struct pairs **out)
{
    size_t most = a->row_count + b->row_count;
    struct pairs *pairs = *out = arena_allocate(a->arena, sizeof *pairs);
    struct pairs_member *members = arena_array(a->arena, struct pairs_member, most + 1);
    struct pairs_run *runs = arena_array(a->arena, struct pairs_run, most + 1);
    if (!pairs || !members || !runs) return BASIN_MEMORY;
    *pairs = (struct pairs){.tables = {a, b},
                            .cells = arena_array(a->arena, struct pairs_cell, most + 1)};
    if (!pairs->cells) return BASIN_MEMORY;
    TRY(find_axes(pairs));
    gather_cells(pairs, members, gather_members(pairs, members), runs);
    return BASIN_OK;
}

/* ---- differences ---- */

/* The mean of the runs of one side of a pair; NaN where one of them has no finite number. */
static double side_mean(const struct pairs *pairs, const struct pairs_cell *cell, size_t pair,
                        int side, int column)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct pairs_run *run = &cell->runs[i];
        if (run->pair != pair || run->side != side) continue;
        const struct cell *number = &pairs->tables[side]->rows[run->row].cells[column];
        sum += number->kind == CELL_NUMBER ? number->number : NAN;
        n++;
    }
    return sum / (double)n;
}

basin_status pairs_compare(const struct pairs *pairs, const struct pairs_cell *cell, int column_a,
                           int column_b, struct pairs_difference *out)
{
    struct arena *arena = pairs->tables[0]->arena;
    double *a = arena_array(arena, double, cell->pair_count),
           *b = arena_array(arena, double, cell->pair_count),
           *differences = arena_array(arena, double, cell->pair_count);
    *out = (struct pairs_difference){0};
    if (!a || !b || !differences) return BASIN_MEMORY;
    for (size_t i = 0; i < cell->pair_count; i++) {
        double x = side_mean(pairs, cell, i, 0, column_a),
               y = side_mean(pairs, cell, i, 1, column_b);
        if (!isfinite(x) || !isfinite(y)) continue;
        a[out->count] = x;
        b[out->count] = y;
        differences[out->count++] = y - x;
    }
    out->lacking = cell->pair_count - out->count;
    out->a = interval_mean(a, out->count);
    out->b = interval_mean(b, out->count);
    out->difference = interval_mean(differences, out->count);
    out->deviation = interval_deviation(differences, out->count);
    out->interval = interval_student(differences, out->count, INTERVAL_LEVEL);
    out->p = pairs_sign_flip(differences, out->count);
    return BASIN_OK;
}
