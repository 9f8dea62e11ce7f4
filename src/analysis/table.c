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
        if (a->epochs > 0 && b->epochs > 0) return compare_numbers(a->epochs, b->epochs);
        return compare_numbers(a->number, b->number);
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

bool cell_is_null(const struct cell *cell)
{
    return cell->kind == CELL_ABSENT || (cell->kind == CELL_NUMBER && isnan(cell->number));
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
bool table_is_below(const char *path, const char *block)
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
        if (!block || !table_is_below(path, block)) continue;
        if (table->knows_axes) return !table->columns[column].axis;
        int variant = variant_of(table, block);
        return variant < 0 || !varies_within(table, column, variant);
    }
    return false;
}

/* Has the column no other below it? Items of a list stand right behind it. */
static bool is_leaf(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].item &&
            table_is_below(table->columns[i].name, table->columns[column].name))
            return false;
    return true;
}

/* Has the item itself a title, or what it is in? */
static bool has_title(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].title && table->columns[i].item &&
            (i == column || table_is_below(table->columns[column].name, table->columns[i].name)))
            return true;
    return false;
}

/* Are all items in which the rows of a list differ columns with titles? */
static bool items_say_all(const struct table *table, size_t list)
{
    bool some = false;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (!column->item || !column->varied || !is_leaf(table, i) ||
            !table_is_below(column->name, table->columns[list].name))
            continue;
        if (!has_title(table, i)) return false;
        some = true;
    }
    return some;
}

static void mark_implied(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        table->columns[i].implied =
            table->columns[i].varied &&
            (table_is_implied(table, i) ||
             (!table->columns[i].item && !table->columns[i].title && items_say_all(table, i)));
}

/* Do rows differ in a column? Rows without a measure do not differ in its options, nor rows in what
 * is not known of them. */
static bool differs(const struct table *table, size_t column)
{
    const struct cell *first = NULL;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        bool may_lack = table->columns[column].option || table->rows[i].partial;
        if (may_lack && cell->kind == CELL_ABSENT) continue;
        if (first && !cell_equal(first, cell)) return true;
        first = cell;
    }
    return false;
}

void table_mark_varied(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct column *column = &table->columns[i];
        if (column->group != COLUMN_PARAMETER) continue;
        column->varied = strcmp(column->name, "seed") == 0;
        column->replicates = column->varied || strcmp(column->name, "seed.init") == 0 ||
                             strcmp(column->name, "seed.order") == 0;
        column->varied = column->varied || differs(table, i);
    }
    mark_implied(table);
}

bool table_ends_with(const char *path, const char *part)
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

/* Does a column end with `name`, or with another word for its key: "lr", "optimizer.lr"? */
static bool table_is_alias(const struct column *column, const char *name)
{
    const char *dot = strrchr(name, '.'), *key = strrchr(column->name, '.');
    size_t above = dot ? (size_t)(dot - name) + 1 : 0;
    key = key ? key + 1 : column->name;
    if (!column->row || strcmp(column->row->key, key) != 0 ||
        !row_has_alias(column->row, name + above))
        return false;
    size_t before = (size_t)(key - column->name); /* "training.optimizer." */
    return before >= above && strncmp(key - above, name, above) == 0 &&
           (before == above || key[-(ptrdiff_t)above - 1] == '.');
}

static bool table_is_end(const struct column *column, const char *name)
{
    return !column->item && table_ends_with(column->name, name);
}

static bool table_is_item_end(const struct column *column, const char *name)
{
    return column->item && (table_ends_with(column->name, name) || table_is_alias(column, name));
}

static bool table_is_own_alias(const struct column *column, const char *name)
{
    return !column->item && table_is_alias(column, name);
}

/* The only column that is meant by `name`, or the only one of those that vary; -1: none, or
 * several. `count`: how many are meant; `any`: one of these. */
static int find_meant(const struct table *table, const char *name,
                      bool (*means)(const struct column *column, const char *name), int *count,
                      int *any)
{
    int varied = -1, varied_count = 0;
    *count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!means(&table->columns[i], name)) continue;
        *any = (int)i;
        ++*count;
        if (!table->columns[i].varied) continue;
        varied = (int)i;
        varied_count++;
    }
    if (*count == 1) return *any;
    return varied_count == 1 ? varied : -1;
}

/* The column that `name` means, or -1; `count`: how many columns end so. `any`: one of these. */
static int find_column(const struct table *table, const char *name, int *count, int *any)
{
    *count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0) return (int)i;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].title && strcmp(table->columns[i].title, name) == 0) return (int)i;
    int found = find_meant(table, name, table_is_end, count, any);
    if (!*count) found = find_meant(table, name, table_is_own_alias, count, any);
    return *count ? found : find_meant(table, name, table_is_item_end, count, any);
}

static bool is_of_means(const char *name)
{
    size_t length = strlen(name);
    return strcmp(name, "seeds") == 0 || strcmp(name, "runs") == 0 ||
           (length > 3 && strcmp(name + length - 3, "_sd") == 0);
}

/* "architecture" is a block, whose keys are columns. True after a hint. */
static bool hint_block(const struct table *table, const char *name)
{
    enum { NAMED = 4 };
    struct text keys = {0};
    size_t count = 0;
    for (int varied = 1; varied >= 0 && count == 0; varied--)
        for (size_t i = 0; i < table->column_count; i++) {
            const struct column *column = &table->columns[i];
            if (!table_is_below(column->name, name) || column->item || column->varied < varied)
                continue;
            if (count++ < NAMED) text_format(&keys, "%s%s", count > 1 ? ", " : "", column->name);
        }
    if (count)
        error_hint("it is a block, whose columns are %s%s", text_data(&keys),
                   count > NAMED ? ", ..." : "");
    text_free(&keys);
    return count > 0;
}

/* Among the last parts of paths, "learning_rate", or whole ones. */
static const char *nearest_column(const struct table *table, const char *name, const char **names)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const char *dot = strrchr(table->columns[i].name, '.');
        names[i] = dot ? dot + 1 : table->columns[i].name;
    }
    const char *nearest = text_nearest(name, names, table->column_count);
    for (size_t i = 0; i < table->column_count; i++) names[i] = table->columns[i].name;
    return nearest ? nearest : text_nearest(name, names, table->column_count);
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
    if (table->single && (strcmp(name, "seeds") == 0 || strcmp(name, "runs") == 0)) {
        error_raise(BASIN_USAGE, "these means have no column \"%s\"", name);
        error_hint("the number of runs that each is taken over is in the column \"%s\"",
                   table->columns[table->column_count - 1].name);
        return BASIN_USAGE;
    }
    if (!table->single && is_of_means(name)) {
        error_raise(BASIN_USAGE, "\"%s\" is a column of means, and these are single runs", name);
        error_hint(
            "--where chooses the runs that means are then taken of; --mean makes the column");
        return BASIN_USAGE;
    }
    const char *nearest = find_by_parts(table, name);
    if (!nearest) nearest = nearest_column(table, name, names);
    error_raise(BASIN_USAGE, "no column is named \"%s\"", name);
    if (hint_block(table, name)) return BASIN_USAGE;
    if (nearest)
        error_hint("did you mean \"%s\"?", nearest);
    else
        error_hint("the first line of `basin table -f csv` lists all columns");
    return BASIN_USAGE;
}

/* Does a name mean a column of the single runs that their means do not have? (Among means, "seed"
 * would be the end of dataset.seed.) */
static bool is_of_single(const struct table *table, const char *name)
{
    int count, any, found = table->single ? find_column(table->single, name, &count, &any) : -1;
    for (size_t i = 0; found >= 0 && i < table->column_count; i++)
        if (strcmp(table->columns[i].name, table->single->columns[found].name) == 0) return false;
    return found >= 0;
}

int table_column(const struct table *table, const char *name)
{
    int count = 0, any,
        found = is_of_single(table, name) ? -1 : find_column(table, name, &count, &any);
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
    while (dot && dot > name && dot[1] >= '0' && dot[1] <= '9') { /* "hidden.0" */
        do dot--;
        while (dot > name && *dot != '.');
        if (*dot != '.') dot = NULL;
    }
    if (title && find_column(table, title, &count, &any) == column) return title;
    if (dot && strcmp(dot + 1, "seed") == 0) dot = NULL; /* "seed" is that of the runs */
    return !whole && dot && find_column(table, dot + 1, &count, &any) == column ? dot + 1 : name;
}

/* qsort has no context and is not stable: each row brings its sort keys and its place. */
struct sortable {
    struct row row;
    const struct sort_key *keys;
    size_t count, place;
};

/* What has no value goes last in both directions: who asks for the best rows first does not want
 * those that diverged. */
static int compare_by_key(const struct cell *a, const struct cell *b, bool descending)
{
    bool a_null = cell_is_null(a), b_null = cell_is_null(b);
    if (a_null != b_null) return a_null - b_null;
    if (a_null) return (a->kind == CELL_ABSENT) - (b->kind == CELL_ABSENT);
    int order = cell_compare(a, b);
    return descending ? -order : order;
}

static int by_keys(const void *a, const void *b)
{
    const struct sortable *x = a, *y = b;
    for (size_t i = 0; i < x->count; i++) {
        const struct sort_key *key = &x->keys[i];
        int order =
            compare_by_key(&x->row.cells[key->column], &y->row.cells[key->column], key->descending);
        if (order) return order;
    }
    return (x->place > y->place) - (x->place < y->place);
}

basin_status table_sort(struct table *table, const struct sort_key *keys, size_t count)
{
    struct sortable *rows = arena_array(table->arena, struct sortable, table->row_count + 1);
    if (!rows) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++)
        rows[i] = (struct sortable){table->rows[i], keys, count, i};
    if (table->row_count) qsort(rows, table->row_count, sizeof *rows, by_keys);
    for (size_t i = 0; i < table->row_count; i++) table->rows[i] = rows[i].row;
    return BASIN_OK;
}
