/* The table of the means of rows that are replicates of each other. */
#include <math.h>
#include <string.h>
#include "analysis/table.h"
#include "base/list.h"
#include "base/text.h"

/* Which rows are of one group: those that agree in all keys. A diverged run has no mean, one whose
 * loss exploded spoils that of others, and runs of two studies may be the same ones twice. How a
 * measure was taken says nothing of other numbers: see struct ways. */
static bool is_key(const struct column *column)
{
    static const char *const always[] = {"status", "exploded", "study"};
    if (column->replicates) return false;
    for (size_t i = 0; i < sizeof always / sizeof *always && column->group != COLUMN_PARAMETER; i++)
        if (strcmp(column->name, always[i]) == 0) return true;
    return column->varied && !column->option;
}

/* An option that keeps the numbers of its measure apart. */
static bool is_way(const struct column *column)
{
    return column->option && column->varied && !column->replicates;
}

/* qsort has no context: a member of a group brings what it is compared by. */
struct member {
    const struct cell *cells;
    const int *keys;
    size_t key_count, place;
    size_t first; /* the place of the first row of its group */
};

static int compare_keys(const struct member *x, const struct member *y)
{
    int order = 0;
    for (size_t i = 0; i < x->key_count && !order; i++)
        order = cell_compare(&x->cells[x->keys[i]], &y->cells[y->keys[i]]);
    return order;
}

static int by_group(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = compare_keys(x, y);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_first(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Brings the rows of a group together, groups in the order of their first rows. Sorted twice
 * instead of each row compared with each other: tables have tens of thousands of rows. */
static basin_status gather_groups(const struct table *table, struct member **out)
{
    struct member *members = *out = arena_array(table->arena, struct member, table->row_count + 1);
    int *keys = arena_array(table->arena, int, table->column_count + 1);
    size_t key_count = 0;
    if (!members || !keys) return BASIN_MEMORY;
    for (size_t i = 0; i < table->column_count; i++)
        if (is_key(&table->columns[i])) keys[key_count++] = (int)i;
    for (size_t i = 0; i < table->row_count; i++)
        members[i] = (struct member){table->rows[i].cells, keys, key_count, i, i};
    if (table->row_count) qsort(members, table->row_count, sizeof *members, by_group);
    for (size_t i = 1; i < table->row_count; i++)
        if (compare_keys(&members[i - 1], &members[i]) == 0)
            members[i].first = members[i - 1].first;
    if (table->row_count) qsort(members, table->row_count, sizeof *members, by_first);
    return BASIN_OK;
}

basin_status table_groups(const struct table *table, struct table_group **groups, size_t *count)
{
    struct member *members;
    size_t *rows = arena_array(table->arena, size_t, table->row_count + 1);
    *groups = arena_array(table->arena, struct table_group, table->row_count + 1);
    *count = 0;
    if (!rows || !*groups) return BASIN_MEMORY;
    TRY(gather_groups(table, &members));
    for (size_t i = 0; i < table->row_count; i++) {
        rows[i] = members[i].place;
        if (i == 0 || members[i].first != members[i - 1].first)
            (*groups)[(*count)++].rows = &rows[i];
        (*groups)[*count - 1].count++;
    }
    return BASIN_OK;
}

bool table_tells_groups_apart(const struct table *table, size_t column)
{
    if (!is_key(&table->columns[column])) return false;
    for (size_t i = 1; i < table->row_count; i++)
        if (!cell_equal(&table->rows[i].cells[column], &table->rows[0].cells[column])) return true;
    return false;
}

/* ---- numbers that were measured in different ways ---- */

/* The ways in which one measure was taken of the runs of a group. */
struct ways {
    const char *measure;
    int *columns; /* (column_count) its options that keep numbers apart */
    size_t column_count;
    struct cell *options; /* (count, column_count) */
    size_t count;
    size_t *of; /* the way of each member */
};

struct all_ways {
    struct ways *items;
    size_t count;
};

/* -1: its numbers are not kept apart. */
static int ways_find(const struct all_ways *all, const struct column *column)
{
    for (size_t i = 0; column->measure && i < all->count; i++)
        if (strcmp(all->items[i].measure, column->measure) == 0) return (int)i;
    return -1;
}

static basin_status ways_start(const struct table *table, const char *measure, struct ways *ways)
{
    *ways = (struct ways){.measure = measure,
                          .columns = arena_array(table->arena, int, table->column_count + 1),
                          .of = arena_array(table->arena, size_t, table->row_count + 1)};
    if (!ways->columns || !ways->of) return BASIN_MEMORY;
    for (size_t i = 0; i < table->column_count; i++)
        if (is_way(&table->columns[i]) && strcmp(table->columns[i].measure, measure) == 0)
            ways->columns[ways->column_count++] = (int)i;
    ways->options =
        arena_array(table->arena, struct cell, table->row_count * ways->column_count + 1);
    return ways->options ? BASIN_OK : BASIN_MEMORY;
}

static basin_status ways_plan(const struct table *table, struct all_ways *all)
{
    *all = (struct all_ways){arena_array(table->arena, struct ways, table->column_count + 1), 0};
    if (!all->items) return BASIN_MEMORY;
    for (size_t i = 0; i < table->column_count; i++)
        if (is_way(&table->columns[i]) && ways_find(all, &table->columns[i]) < 0)
            TRY(ways_start(table, table->columns[i].measure, &all->items[all->count++]));
    return BASIN_OK;
}

/* What a run does not say (it lacks the measure, or is older than the option) is no other way. */
static bool is_same_way(const struct ways *ways, size_t way, const struct cell *cells)
{
    const struct cell *options = ways->options + way * ways->column_count;
    for (size_t i = 0; i < ways->column_count; i++) {
        const struct cell *cell = &cells[ways->columns[i]];
        if (options[i].kind != CELL_ABSENT && cell->kind != CELL_ABSENT &&
            !cell_equal(&options[i], cell))
            return false;
    }
    return true;
}

static void ways_take(struct ways *ways, const struct member *members, size_t count)
{
    ways->count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t way = 0;
        while (way < ways->count && !is_same_way(ways, way, members[i].cells)) way++;
        struct cell *options = ways->options + way * ways->column_count;
        bool is_new = way == ways->count;
        for (size_t k = 0; k < ways->column_count; k++)
            if (is_new || options[k].kind == CELL_ABSENT)
                options[k] = members[i].cells[ways->columns[k]];
        ways->count += is_new;
        ways->of[i] = way;
    }
}

/* How many rows a group becomes: a measure with fewer ways than rows has its last one repeated. */
static size_t ways_rows(struct all_ways *all, const struct member *members, size_t count)
{
    size_t most = 1;
    for (size_t i = 0; i < all->count; i++) {
        ways_take(&all->items[i], members, count);
        if (all->items[i].count > most) most = all->items[i].count;
    }
    return most;
}

/* The members of a group whose numbers in a column make one mean. */
struct sample {
    const struct member *members;
    size_t count;
    const struct ways *ways; /* NULL: all members */
    size_t way;
};

static const struct cell *sample_cell(const struct sample *sample, size_t i, int column)
{
    bool is_in = !sample->ways || sample->ways->of[i] == sample->way;
    return is_in ? &sample->members[i].cells[column] : NULL;
}

static struct cell way_option(const struct sample *sample, int column)
{
    size_t at = 0;
    while (sample->ways->columns[at] != column) at++;
    return sample->ways->options[sample->way * sample->ways->column_count + at];
}

/* ---- means ---- */

/* Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics
 * 1962. */
static void mean_of(const struct sample *sample, int column, struct cell *mean,
                    struct cell *deviation)
{
    double m = 0, squares = 0;
    size_t n = 0;
    bool doubtful = false;
    for (size_t i = 0; i < sample->count; i++) {
        const struct cell *cell = sample_cell(sample, i, column);
        if (!cell || cell->kind != CELL_NUMBER) continue;
        doubtful = doubtful || cell->doubtful;
        double delta = cell->number - m;
        m += delta / (double)++n;
        squares += delta * (cell->number - m);
    }
    *mean = (struct cell){.kind = n ? CELL_NUMBER : CELL_ABSENT,
                          .number = m,
                          .doubtful = doubtful,
                          .lacking = n ? sample->count - n : 0};
    *deviation = (struct cell){.kind = n > 1 ? CELL_NUMBER : CELL_ABSENT,
                               .number = sqrt(squares / (double)(n - 1))};
}

/* Did the searches of all members converge? */
static struct cell all_converged(const struct sample *sample, int column)
{
    struct cell all = {.kind = CELL_ABSENT};
    for (size_t i = 0; i < sample->count; i++) {
        const struct cell *cell = sample_cell(sample, i, column);
        if (!cell || cell->kind != CELL_BOOLEAN) continue;
        bool so_far = all.kind == CELL_ABSENT || all.number;
        all = (struct cell){.kind = CELL_BOOLEAN, .number = so_far && cell->number};
    }
    return all;
}

static bool has_mean(const struct column *column)
{
    return (column->group == COLUMN_MEASURE && !column->verdict) ||
           (column->group == COLUMN_FILE && strcmp(column->name, "seconds") == 0);
}

static bool table_mean_is_seed(const char *name)
{
    return strcmp(name, "seed") == 0 || strncmp(name, "seed.", 5) == 0 ||
           strcmp(name, "dataset.seed") == 0;
}

/* Is it seeds that the replicates differ in, and nothing else? */
static bool over_seeds(const struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool differs = column->varied || column->group != COLUMN_PARAMETER; /* study */
        if (column->replicates && differs && !table_mean_is_seed(column->name)) return false;
    }
    return true;
}

/* What all runs have in common can be a column of means too, where it is asked for. */
static bool is_common(const struct column *column)
{
    return column->group == COLUMN_PARAMETER && !column->varied && !column->replicates;
}

/* Columns of the table of means: source[i] is where column i comes from; -1 the count, -2 the
 * deviation of the one before. */
static basin_status plan_means(const struct table *table, struct table *means, int *source)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool key = is_key(column) || is_way(column) || is_common(column);
        if (!key && !has_mean(column) && !column->verdict) continue;
        int at = table_add_column(means, column->name, column->group, column->units);
        if (at < 0) return BASIN_MEMORY;
        struct column *mean = &means->columns[at];
        mean->varied = column->varied && key && column->group == COLUMN_PARAMETER;
        mean->title = column->title;
        mean->implied = column->implied;
        mean->verdict = column->verdict;
        mean->option = column->option;
        mean->item = column->item;
        mean->measure = column->measure;
        mean->row = column->row;
        source[at] = (int)i;
        if (key || column->verdict) continue;
        const char *name = arena_format(means->arena, "%s_sd", column->name);
        if (!name || (at = table_add_column(means, name, column->group, column->units)) < 0)
            return BASIN_MEMORY;
        source[at] = -2;
    }
    int counted = table_add_column(means, over_seeds(table) ? "seeds" : "runs", COLUMN_FILE, NULL);
    if (counted < 0) return BASIN_MEMORY;
    source[counted] = -1;
    return BASIN_OK;
}

/* What the members of a group have in common: equal epochs may be different steps. */
static basin_status key_cell(struct arena *arena, const struct sample *group, int column,
                             struct cell *out)
{
    *out = group->members[0].cells[column];
    for (size_t i = 1; i < group->count; i++) {
        if (out->kind == CELL_ABSENT) *out = group->members[i].cells[column]; /* an option */
        if (out->epochs == 0 || group->members[i].cells[column].number == out->number) continue;
        const char *text =
            arena_format(arena, "%.0f epoch%s", out->epochs, out->epochs == 1 ? "" : "s");
        *out = (struct cell){.kind = CELL_TEXT, .text = text, .is_default = out->is_default};
        return text ? BASIN_OK : BASIN_MEMORY;
    }
    return BASIN_OK;
}

/* One row of means: row `which` of those that the group becomes. */
static basin_status fill_means(const struct sample *group, const struct all_ways *all, size_t which,
                               struct table *means, const int *source)
{
    if (!list_room(means->arena, means->rows, means->row_count, 1, means->row_capacity))
        return BASIN_MEMORY;
    struct row *row = &means->rows[means->row_count++];
    *row = (struct row){arena_array(means->arena, struct cell, means->column_count),
                        means->column_count};
    if (!row->cells) return BASIN_MEMORY;
    for (size_t i = 0; i < means->column_count; i++) {
        struct cell unused, *next = i + 1 < means->column_count ? &row->cells[i + 1] : &unused;
        struct sample sample = *group;
        int kept_apart = ways_find(all, &means->columns[i]);
        if (kept_apart >= 0) {
            const struct ways *ways = sample.ways = &all->items[kept_apart];
            sample.way = which < ways->count ? which : ways->count - 1;
        }
        if (source[i] == -1)
            row->cells[i] = (struct cell){.kind = CELL_NUMBER, .number = (double)group->count};
        else if (source[i] >= 0 && has_mean(&means->columns[i]))
            mean_of(&sample, source[i], &row->cells[i], next);
        else if (source[i] >= 0 && means->columns[i].verdict)
            row->cells[i] = all_converged(&sample, source[i]);
        else if (source[i] >= 0 && kept_apart >= 0 && is_way(&means->columns[i]))
            row->cells[i] = way_option(&sample, source[i]);
        else if (source[i] >= 0)
            TRY(key_cell(means->arena, group, source[i], &row->cells[i]));
    }
    return BASIN_OK;
}

static basin_status fill_all_means(const struct table *table, struct table *means,
                                   const int *source)
{
    struct member *members;
    struct all_ways all;
    TRY(gather_groups(table, &members));
    TRY(ways_plan(table, &all));
    for (size_t i = 0, count; i < table->row_count; i += count) {
        for (count = 1; i + count < table->row_count; count++)
            if (members[i + count].first != members[i].first) break;
        size_t rows = ways_rows(&all, &members[i], count);
        for (size_t k = 0; k < rows; k++)
            TRY(fill_means(&(struct sample){&members[i], count, NULL, 0}, &all, k, means, source));
    }
    return BASIN_OK;
}

basin_status table_mean(struct table *table)
{
    struct table means = {.arena = table->arena},
                 *single = arena_allocate(table->arena, sizeof *single);
    int *source = arena_array(table->arena, int, 2 * table->column_count + 2);
    if (!single || !source) return BASIN_MEMORY;
    *single = *table;
    TRY(plan_means(table, &means, source));
    TRY(fill_all_means(table, &means, source));
    means.problems = table->problems;
    means.problem_count = table->problem_count;
    means.single = single;
    means.under_way = table->under_way;
    *table = means;
    return BASIN_OK;
}

basin_status table_count_partial(const struct table *all, const struct table *chosen, size_t *count)
{
    struct member *members;
    bool *kept = arena_array(all->arena, bool, all->row_count + 1);
    *count = 0;
    if (!kept) return BASIN_MEMORY;
    for (size_t i = 0, next = 0; i < all->row_count && next < chosen->row_count; i++) {
        kept[i] = all->rows[i].cells == chosen->rows[next].cells;
        next += kept[i];
    }
    TRY(gather_groups(all, &members));
    for (size_t i = 0, end; i < all->row_count; i = end) {
        size_t some = 0;
        for (end = i; end < all->row_count && members[end].first == members[i].first; end++)
            some += kept[members[end].place];
        *count += some > 0 && some < end - i;
    }
    return BASIN_OK;
}

static int column_named(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group != COLUMN_PARAMETER &&
            strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

basin_status table_count_twice(const struct table *table, size_t *count)
{
    int id = column_named(table, "run_id"), study = column_named(table, "study");
    bool apart =
        study >= 0 && !table->columns[study].replicates; /* studies are rows of their own */
    const int keys[] = {id, study};
    struct member *members = arena_array(table->arena, struct member, table->row_count + 1);
    if (!members) return BASIN_MEMORY;
    *count = 0;
    for (size_t i = 0; i < table->row_count && id >= 0; i++)
        members[i] = (struct member){table->rows[i].cells, keys, apart ? 2 : 1, i, i};
    if (id >= 0 && table->row_count) qsort(members, table->row_count, sizeof *members, by_group);
    for (size_t i = 1; i < table->row_count && id >= 0; i++)
        *count += compare_keys(&members[i - 1], &members[i]) == 0 &&
                  (i < 2 || compare_keys(&members[i - 2], &members[i - 1]) != 0);
    return BASIN_OK;
}
