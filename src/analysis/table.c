#include "analysis/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "base/text.h"
#include "run/schema.h"

/* Finds a column, or makes one at the end: an index never changes while rows are read. Printing
 * goes group by group. */
int table_add_column(struct table *table, const char *name, enum column_group group,
                     const char *units)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == group && strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    if (!list_room(table->arena, table->columns, table->column_count, 1, table->column_capacity))
        return -1;
    struct column column = {.name = arena_text(table->arena, name), .group = group};
    if (units) column.units = arena_text(table->arena, units);
    if (!column.name || (units && !column.units)) return -1;
    table->columns[table->column_count] = column;
    return (int)table->column_count++;
}

/* Lists of numbers compare number by number, others as text. */
static int table_compare_lists(const char *a, const char *b)
{
    for (;;) {
        char *a_end, *b_end;
        a += strspn(a, "[, ");
        b += strspn(b, "[, ");
        double x = strtod(a, &a_end), y = strtod(b, &b_end);
        if (a_end == a || b_end == b)
            return a_end == a && b_end == b ? strcmp(a, b) : a_end == a ? -1 : 1;
        if (x != y) return x < y ? -1 : 1;
        a = a_end;
        b = b_end;
    }
}

static int compare_numbers(double a, double b)
{
    if (isnan(a) || isnan(b)) return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

int cell_compare(const struct cell *a, const struct cell *b)
{
    static const int rank[] = {
        [CELL_ABSENT] = 0, [CELL_BOOLEAN] = 1, [CELL_NUMBER] = 2, [CELL_LIST] = 3, [CELL_TEXT] = 4};
    if (a->kind != b->kind) return rank[a->kind] - rank[b->kind];
    switch (a->kind) {
    case CELL_ABSENT:
        return 0;
    case CELL_NUMBER:
    case CELL_BOOLEAN:
        return compare_numbers(a->number, b->number);
    case CELL_LIST:
        return table_compare_lists(a->text, b->text);
    case CELL_TEXT:
        return strcmp(a->text, b->text);
    }
    return 0;
}

bool cell_equal(const struct cell *a, const struct cell *b)
{
    return cell_compare(a, b) == 0;
}

enum { VARIANTS_MOST = 64 }; /* further ones are not looked at */

/* Do two rows of one variant of a block (equal in the column `variant`) differ in a column? */
static bool varies_within(const struct table *table, size_t column, int variant)
{
    size_t first[VARIANTS_MOST], count = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cells = table->rows[i].cells;
        size_t known = 0;
        while (known < count &&
               !cell_equal(&table->rows[first[known]].cells[variant], &cells[variant]))
            known++;
        if (known < count && !cell_equal(&table->rows[first[known]].cells[column], &cells[column]))
            return true;
        if (known == count && count < VARIANTS_MOST) first[count++] = i;
    }
    return false;
}

/* The `type` of a block, or -1. */
static int variant_of(const struct table *table, const char *block)
{
    size_t length = strlen(block);
    for (size_t i = 0; i < table->column_count; i++)
        if (strncmp(table->columns[i].name, block, length) == 0 &&
            strcmp(table->columns[i].name + length, ".type") == 0)
            return (int)i;
    return -1;
}

/* seed.init and its like are keys of their own, and not of a block. */
static bool is_below(const char *path, const char *block)
{
    size_t length = strlen(block);
    return strncmp(path, block, length) == 0 && path[length] == '.' &&
           !schema_find_row(study_schema, path);
}

/* A column of a block with a title says what the block's keys say; but where a key varies and the
 * variant does not, the key is an axis of its own, or may be one. */
static bool table_is_implied(const struct table *table, size_t column)
{
    const char *path = table->columns[column].name;
    for (size_t i = 0; i < table->column_count && !table->columns[column].title; i++) {
        const char *block =
            table->columns[i].title && table->columns[i].varied ? table->columns[i].name : NULL;
        if (!block || !is_below(path, block)) continue;
        int variant = variant_of(table, block);
        return variant < 0 || !varies_within(table, column, variant);
    }
    return false;
}

static void mark_implied(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        table->columns[i].implied = table->columns[i].varied && table_is_implied(table, i);
}

void table_mark_varied(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct column *column = &table->columns[i];
        if (column->group != COLUMN_PARAMETER) continue;
        column->varied = strcmp(column->name, "seed") == 0;
        column->replicates = column->varied || strcmp(column->name, "seed.init") == 0 ||
                             strcmp(column->name, "seed.order") == 0;
        for (size_t j = 1; j < table->row_count && !column->varied; j++)
            column->varied = !cell_equal(&table->rows[0].cells[i], &table->rows[j].cells[i]);
    }
    mark_implied(table);
}

static bool table_ends_with_part(const char *path, const char *part)
{
    size_t length = strlen(path), tail = strlen(part);
    return length > tail && path[length - tail - 1] == '.' &&
           strcmp(path + length - tail, part) == 0;
}

/* Is every part of `wrong` (between '_' and '.') the beginning of the same part of `name`, or one
 * mistake away from it? So val_accuracy means validation_accuracy and test_acc test_accuracy, which
 * are far apart as words. */
static bool agrees_by_parts(const char *wrong, const char *name)
{
    for (;;) {
        size_t length = strcspn(wrong, "_."), whole = strcspn(name, "_.");
        char part[64], other[64];
        if (!length || length >= sizeof part || whole >= sizeof other) return false;
        memcpy(part, wrong, length);
        memcpy(other, name, whole);
        part[length] = other[whole] = 0;
        bool begins = length <= whole && memcmp(part, other, length) == 0;
        if (!begins && !(length > 3 && text_distance(part, other) <= 1)) return false;
        wrong += length;
        name += whole;
        if (*wrong != *name) return false;
        if (!*wrong) return true;
        wrong++;
        name++;
    }
}

/* A column whose whole name, or the end of its path, agrees by parts; parameters that vary go
 * first. */
static const char *find_by_parts(const struct table *table, const char *wrong)
{
    const char *found = NULL;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool agrees = agrees_by_parts(wrong, column->name);
        for (const char *dot = column->name; !agrees && (dot = strchr(dot, '.'));)
            agrees = agrees_by_parts(wrong, ++dot);
        if (agrees && (!found || column->varied)) found = column->name;
    }
    return found;
}

/* The column that `name` means, or -1; `count`: how many columns end so. `any`: one of these. */
static int find_column(const struct table *table, const char *name, int *count, int *any)
{
    int varied = -1, varied_count = 0;
    *count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0) return (int)i;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].title && strcmp(table->columns[i].title, name) == 0) return (int)i;
    for (size_t i = 0; i < table->column_count; i++)
        if (table_ends_with_part(table->columns[i].name, name)) {
            *any = (int)i;
            ++*count;
            if (!table->columns[i].varied) continue;
            varied = (int)i;
            varied_count++;
        }
    if (*count == 1) return *any;
    return varied_count == 1 ? varied : -1;
}

static basin_status raise_unknown(const struct table *table, const char *name)
{
    const char **names = arena_array(table->arena, const char *, table->column_count + 1);
    int count, any;
    if (!names) return BASIN_MEMORY;
    if (table->single && find_column(table->single, name, &count, &any) >= 0) {
        error_raise(
            BASIN_USAGE,
            "means have no column \"%s\": it is of single runs, or what the means are taken over",
            name);
        error_hint(
            "--over says what means are taken over; without --mean and --over each run is a row");
        return BASIN_USAGE;
    }
    for (size_t i = 0; i < table->column_count; i++) names[i] = table->columns[i].name;
    const char *nearest = find_by_parts(table, name);
    if (!nearest) nearest = text_nearest(name, names, table->column_count);
    error_raise(BASIN_USAGE, "no column is named \"%s\"", name);
    if (nearest)
        error_hint("did you mean \"%s\"?", nearest);
    else
        error_hint("the first line of `basin table -f csv` lists all columns");
    return BASIN_USAGE;
}

int table_column(const struct table *table, const char *name)
{
    int count, any, found = find_column(table, name, &count, &any);
    if (found >= 0) return found;
    if (count == 0) {
        raise_unknown(table, name);
    } else {
        error_raise(BASIN_USAGE, "\"%s\" is the end of %d columns", name, count);
        error_hint("write the whole path, \"%s\" for one", table->columns[any].name);
    }
    return -1;
}

const char *table_name(const struct table *table, int column, bool whole)
{
    const char *name = table->columns[column].name, *title = table->columns[column].title,
               *dot = strrchr(name, '.');
    int count, any;
    if (title && find_column(table, title, &count, &any) == column) return title;
    return !whole && dot && find_column(table, dot + 1, &count, &any) == column ? dot + 1 : name;
}

/* qsort has no context and is not stable: each row brings its sort keys and its place. */
struct sortable {
    struct row row;
    const int *columns;
    size_t count, place;
    int sign;
};

static int by_columns(const void *a, const void *b)
{
    const struct sortable *x = a, *y = b;
    for (size_t i = 0; i < x->count; i++) {
        int order = cell_compare(&x->row.cells[x->columns[i]], &y->row.cells[x->columns[i]]);
        if (order) return order * x->sign;
    }
    return (x->place > y->place) - (x->place < y->place);
}

basin_status table_sort(struct table *table, const int *columns, size_t count, bool descending)
{
    struct sortable *rows = arena_array(table->arena, struct sortable, table->row_count + 1);
    if (!rows) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++)
        rows[i] = (struct sortable){table->rows[i], columns, count, i, descending ? -1 : 1};
    if (table->row_count) qsort(rows, table->row_count, sizeof *rows, by_columns);
    for (size_t i = 0; i < table->row_count; i++) table->rows[i] = rows[i].row;
    return BASIN_OK;
}

static void replicate_too(struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_PARAMETER &&
            strcmp(table->columns[i].name, name) == 0)
            table->columns[i].replicates = true;
}

/* What the runs do not differ in has no column, or is none to take means over. */
static basin_status raise_not_varied(const struct table *table, const char *name)
{
    struct text varied = {0};
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].varied)
            text_format(&varied, "%s%s", varied.length ? ", " : "",
                        table_name(table, (int)i, false));
    error_raise(BASIN_USAGE, "the runs do not differ in %s", name);
    error_hint("means are taken over what varies: %s", text_data(&varied));
    text_free(&varied);
    return BASIN_USAGE;
}

/* A block that has a name of its own takes its keys into its label: where one of them replicates it
 * cannot tell rows apart, and the other keys stand for it. */
static void replicate_blocks(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct column *block = &table->columns[i];
        for (size_t j = 0; block->title && j < table->column_count; j++)
            if (table->columns[j].replicates && is_below(table->columns[j].name, block->name))
                block->replicates = true;
        for (size_t j = 0; block->replicates && j < table->column_count; j++)
            if (is_below(table->columns[j].name, block->name)) table->columns[j].implied = false;
    }
}

/* The parameter whose path ends so, also where a number of results has the same name (epochs); -1:
 * none, or several. */
static int table_find_parameter(const struct table *table, const char *name)
{
    int found = -1;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (column->group != COLUMN_PARAMETER || !column->varied ||
            !table_ends_with_part(column->name, name))
            continue;
        if (found >= 0) return -1;
        found = (int)i;
    }
    return found;
}

basin_status table_replicate(struct table *table, const char *list)
{
    for (size_t i = 0; i < table->column_count; i++) table->columns[i].replicates = false;
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        const char *name = arena_text_n(table->arena, at, length);
        if (!name) return BASIN_MEMORY;
        int column = table_find_parameter(table, name);
        if (column < 0) column = table_column(table, name);
        if (column < 0 && strncmp(name, "seed.", 5) == 0) return raise_not_varied(table, name);
        if (column < 0) return basin_error_last()->status;
        if (table->columns[column].group != COLUMN_PARAMETER) {
            error_raise(BASIN_USAGE, "%s is no parameter", name);
            error_hint("means are taken over runs that differ in a parameter, as seed.init");
            return BASIN_USAGE;
        }
        table->columns[column].replicates = true;
        for (size_t i = 0; i < table->column_count; i++) /* a block that has a name of its own */
            if (is_below(table->columns[i].name, table->columns[column].name))
                table->columns[i].replicates = true;
        at += length + (at[length] == ',');
    }
    for (size_t i = 0; i < table->column_count; i++) { /* one and the same */
        if (!table->columns[i].replicates) continue;
        if (strcmp(table->columns[i].name, "seed.data") == 0) replicate_too(table, "dataset.seed");
        if (strcmp(table->columns[i].name, "dataset.seed") == 0) replicate_too(table, "seed.data");
    }
    replicate_blocks(table);
    return BASIN_OK;
}

/* Are two rows replicates of each other, and of one status? (A diverged run has no mean.) */
static bool are_replicates(const struct table *table, const struct row *a, const struct row *b)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool counts =
            (column->varied && !column->replicates) || strcmp(column->name, "status") == 0;
        if (counts && !cell_equal(&a->cells[i], &b->cells[i])) return false;
    }
    return true;
}

/* Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics
 * 1962. */
static void mean_of(const struct row *rows, const size_t *members, size_t count, int column,
                    struct cell *mean, struct cell *deviation)
{
    double m = 0, squares = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = &rows[members[i]].cells[column];
        if (cell->kind != CELL_NUMBER) continue;
        double delta = cell->number - m;
        m += delta / (double)++n;
        squares += delta * (cell->number - m);
    }
    *mean = (struct cell){.kind = n ? CELL_NUMBER : CELL_ABSENT, .number = m};
    *deviation = (struct cell){.kind = n > 1 ? CELL_NUMBER : CELL_ABSENT,
                               .number = sqrt(squares / (double)(n - 1))};
}

static bool has_mean(const struct column *column)
{
    return column->group == COLUMN_MEASURE ||
           (column->group == COLUMN_FILE && strcmp(column->name, "seconds") == 0);
}

/* Columns of the table of means: source[i] is where column i comes from; -1 the count, -2 the
 * deviation of the one before. */
static basin_status plan_means(const struct table *table, struct table *means, int *source)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool key = (column->varied && !column->replicates) || strcmp(column->name, "status") == 0;
        if (!key && !has_mean(column)) continue;
        int at = table_add_column(means, column->name, column->group, column->units);
        if (at < 0) return BASIN_MEMORY;
        means->columns[at].varied = key && column->group == COLUMN_PARAMETER;
        means->columns[at].title = column->title;
        means->columns[at].implied = column->implied;
        source[at] = (int)i;
        if (key) continue;
        const char *name = arena_format(means->arena, "%s_sd", column->name);
        if (!name || (at = table_add_column(means, name, column->group, column->units)) < 0)
            return BASIN_MEMORY;
        source[at] = -2;
    }
    int seeds = table_add_column(means, "seeds", COLUMN_FILE, NULL);
    if (seeds < 0) return BASIN_MEMORY;
    source[seeds] = -1;
    return BASIN_OK;
}

static basin_status fill_means(const struct table *table, const size_t *members, size_t count,
                               struct table *means, const int *source)
{
    struct row *row = &means->rows[means->row_count++];
    *row = (struct row){arena_array(means->arena, struct cell, means->column_count),
                        means->column_count};
    if (!row->cells) return BASIN_MEMORY;
    for (size_t i = 0; i < means->column_count; i++) {
        struct cell unused, *next = i + 1 < means->column_count ? &row->cells[i + 1] : &unused;
        if (source[i] == -1)
            row->cells[i] = (struct cell){.kind = CELL_NUMBER, .number = (double)count};
        else if (source[i] >= 0 && has_mean(&means->columns[i]))
            mean_of(table->rows, members, count, source[i], &row->cells[i], next);
        else if (source[i] >= 0)
            row->cells[i] = table->rows[members[0]].cells[source[i]];
    }
    return BASIN_OK;
}

basin_status table_mean(struct table *table)
{
    struct table means = {.arena = table->arena},
                 *single = arena_allocate(table->arena, sizeof *single);
    int *source = arena_array(table->arena, int, 2 * table->column_count + 2);
    size_t *members = arena_array(table->arena, size_t, table->row_count + 1);
    bool *used = arena_array(table->arena, bool, table->row_count + 1);
    means.rows = arena_array(table->arena, struct row, table->row_count + 1);
    if (!single || !source || !members || !used || !means.rows) return BASIN_MEMORY;
    *single = *table;
    TRY(plan_means(table, &means, source));
    for (size_t i = 0; i < table->row_count; i++) {
        size_t count = 0;
        for (size_t j = i; j < table->row_count; j++)
            if (!used[j] && are_replicates(table, &table->rows[i], &table->rows[j])) {
                members[count++] = j;
                used[j] = true;
            }
        if (count) TRY(fill_means(table, members, count, &means, source));
    }
    means.problems = table->problems;
    means.problem_count = table->problem_count;
    means.single = single;
    *table = means;
    return BASIN_OK;
}
