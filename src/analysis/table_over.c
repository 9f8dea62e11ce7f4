/* Which rows are replicates of each other: what means are taken over. */
#include <string.h>
#include "analysis/table.h"
#include "base/text.h"

static void mark_parameter(struct table *table, const char *name, bool replicates)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_PARAMETER &&
            strcmp(table->columns[i].name, name) == 0)
            table->columns[i].replicates = replicates;
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

/* Is it a list, or an item of one that has more in it? */
static bool table_has_items(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].item &&
            table_is_below(table->columns[i].name, table->columns[column].name))
            return true;
    return false;
}

/* A list, or a block that has a name of its own, takes its keys into its label: where one of them
 * replicates it cannot tell rows apart, and the other keys stand for it. */
static void replicate_blocks(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct column *block = &table->columns[i];
        bool stands = block->title || table_has_items(table, i);
        for (size_t j = 0; stands && j < table->column_count; j++)
            if (table->columns[j].replicates && table_is_below(table->columns[j].name, block->name))
                block->replicates = true;
        for (size_t j = 0; block->replicates && j < table->column_count; j++)
            if (table_is_below(table->columns[j].name, block->name))
                table->columns[j].implied = table->columns[j].item = false;
    }
}

/* The parameter with this path, else the one whose path ends so, also where a number of results has
 * the same name (epochs): seed is not dataset.seed. -1: none, or several. */
static int table_find_parameter(const struct table *table, const char *name)
{
    int found = -1;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (column->group != COLUMN_PARAMETER || !column->varied) continue;
        if (strcmp(column->name, name) == 0) return (int)i;
        if (!table_ends_with(column->name, name)) continue;
        found = found == -1 ? (int)i : -2;
    }
    return found >= 0 ? found : -1;
}

/* The next of "a,b", a parameter or `study`, as a column; `*at` moves behind it. */
static basin_status take_parameter(const struct table *table, const char **at, int *column)
{
    size_t length = strcspn(*at, ",");
    const char *name = arena_text_n(table->arena, *at, length);
    if (!name) return BASIN_MEMORY;
    *at += length + ((*at)[length] == ',');
    *column = table_find_parameter(table, name);
    if (*column < 0 && strcmp(name, "seed.data") == 0) /* two words for one seed */
        *column = table_column(table, "dataset.seed");
    if (*column < 0) *column = table_column(table, name);
    if (*column < 0 && strncmp(name, "seed.", 5) == 0) return raise_not_varied(table, name);
    if (*column < 0) return basin_error_last()->status;
    const struct column *found = &table->columns[*column];
    if (found->group == COLUMN_PARAMETER || strcmp(found->name, "study") == 0) return BASIN_OK;
    error_raise(BASIN_USAGE, "%s is no parameter", name);
    error_hint("means are taken over runs that differ in a parameter, as seed.init");
    return BASIN_USAGE;
}

/* A column, and what is below a block that has a name of its own. */
static void mark_column(struct table *table, int column, bool replicates)
{
    table->columns[column].replicates = replicates;
    for (size_t i = 0; i < table->column_count; i++)
        if (table_is_below(table->columns[i].name, table->columns[column].name))
            table->columns[i].replicates = replicates;
}

/* seed.data and dataset.seed are one and the same. */
static void mark_same_seed(struct table *table, bool replicates)
{
    static const char *const same[][2] = {{"seed.data", "dataset.seed"},
                                          {"dataset.seed", "seed.data"}};
    for (size_t i = 0; i < table->column_count; i++)
        for (size_t k = 0; k < 2; k++)
            if (table->columns[i].replicates == replicates &&
                strcmp(table->columns[i].name, same[k][0]) == 0)
                mark_parameter(table, same[k][1], replicates);
}

/* The parameters of a list, unlike all others, replicate or do not. Options of measures that are
 * not named keep their numbers apart in any case. */
static basin_status mark_named(struct table *table, const char *list, bool replicates)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        table->columns[i].replicates =
            !replicates && column->group == COLUMN_PARAMETER && !column->option;
    }
    for (int column; *list;) {
        TRY(take_parameter(table, &list, &column));
        mark_column(table, column, replicates);
    }
    mark_same_seed(table, replicates);
    return BASIN_OK;
}

basin_status table_replicate(struct table *table, const char *list)
{
    TRY(mark_named(table, list, true));
    replicate_blocks(table);
    return BASIN_OK;
}

basin_status table_group_by(struct table *table, const char *list)
{
    TRY(mark_named(table, list, false));
    replicate_blocks(table);
    return BASIN_OK;
}
