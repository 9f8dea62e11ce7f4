#include "analysis/claims_pairs.h"

#include <string.h>

basin_status claim_find_axes(const struct table *table, struct claim_axes *axes)
{
    *axes = (struct claim_axes){arena_array(table->arena, int, table->column_count + 1), 0};
    if (!axes->columns) return BASIN_MEMORY;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *each = &table->columns[i];
        if (each->group == COLUMN_PARAMETER && each->varied && !each->option)
            axes->columns[axes->count++] = (int)i;
    }
    return BASIN_OK;
}

bool claim_agrees(const struct claim_axes *axes, const struct row *left, const struct row *right)
{
    for (size_t i = 0; i < axes->count; i++)
        if (!cell_equal(&left->cells[axes->columns[i]], &right->cells[axes->columns[i]]))
            return false;
    return true;
}

static int run_column(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_RUN && strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

bool claim_is_result(const struct table *table, const struct row *row)
{
    int status = run_column(table, "status"), exploded = run_column(table, "exploded");
    if (exploded >= 0 && row->cells[exploded].kind == CELL_BOOLEAN && row->cells[exploded].number)
        return false;
    return status < 0 || (row->cells[status].text && !strcmp(row->cells[status].text, "finished"));
}

size_t claim_distinct(const struct claim_runs *runs, size_t column)
{
    for (size_t i = 1; i < runs->count; i++)
        if (!cell_equal(&runs->rows[0]->cells[column], &runs->rows[i]->cells[column])) return 2;
    return runs->count > 0;
}

/* ---- settings ---- */

/* Rows of a setting mostly follow each other, so the latest setting is tried first. */
basin_status claim_settings(const struct table *table, const struct claim_axes *axes,
                            const struct claim_runs *runs, size_t **out, size_t *settings)
{
    struct claim_axes apart = {arena_array(table->arena, int, axes->count + 1), 0};
    size_t *of = arena_array(table->arena, size_t, runs->count + 1),
           *first = arena_array(table->arena, size_t, runs->count + 1), count = 0;
    if (!of || !first || !apart.columns) return BASIN_MEMORY;
    for (size_t i = 0; i < axes->count; i++)
        if (!table->columns[axes->columns[i]].replicates)
            apart.columns[apart.count++] = axes->columns[i];
    for (size_t i = 0; i < runs->count; i++) {
        size_t k = count;
        while (k > 0 && !claim_agrees(&apart, runs->rows[first[k - 1]], runs->rows[i])) k--;
        if (!k) {
            first[count++] = i;
            k = count;
        }
        of[i] = k - 1;
    }
    *out = of;
    *settings = count;
    return BASIN_OK;
}

/* ---- pairs ---- */

struct values {
    const struct cell **cells;
    size_t count;
};

static bool has_value(const struct values *values, const struct cell *cell)
{
    for (size_t i = 0; i < values->count; i++)
        if (cell_equal(values->cells[i], cell)) return true;
    return false;
}

static basin_status different_values(const struct table *table, const struct claim_runs *runs,
                                     size_t column, struct values *values)
{
    *values = (struct values){arena_array(table->arena, const struct cell *, runs->count + 1), 0};
    if (!values->cells) return BASIN_MEMORY;
    for (size_t i = 0; i < runs->count; i++) {
        const struct cell *cell = &runs->rows[i]->cells[column];
        if (!has_value(values, cell)) values->cells[values->count++] = cell;
    }
    return BASIN_OK;
}

/* An axis that the right condition names says what is compared, as in `where: weight_decay = 0`,
 * unless the right side has all that the left has. */
static bool is_shared(const struct values *left, const struct values *right, bool is_named)
{
    size_t common = 0;
    for (size_t i = 0; i < left->count; i++) common += has_value(right, left->cells[i]);
    return is_named ? common == left->count : common > 0;
}

basin_status claim_shared(const struct table *table, const struct claim_axes *axes,
                          const struct claim_runs *left, const struct claim_runs *right,
                          const struct expression *condition, bool **out)
{
    bool *shared = arena_array(table->arena, bool, axes->count + 1);
    if (!shared) return BASIN_MEMORY;
    for (size_t i = 0; i < axes->count; i++) {
        struct values of_left, of_right;
        size_t column = (size_t)axes->columns[i];
        TRY(different_values(table, left, column, &of_left));
        TRY(different_values(table, right, column, &of_right));
        bool is_named = condition && expression_names(condition, axes->columns[i]);
        shared[i] = is_shared(&of_left, &of_right, is_named);
    }
    *out = shared;
    return BASIN_OK;
}

bool claim_shares_seeds(const struct table *table, const struct claim_axes *axes,
                        const bool *shared)
{
    for (size_t i = 0; i < axes->count; i++)
        if (table->columns[axes->columns[i]].replicates && !shared[i]) return false;
    return true;
}

basin_status claim_agreeing(const struct table *table, const struct claim_axes *axes,
                            const bool *shared, bool seeds, struct claim_axes *agreeing)
{
    *agreeing = (struct claim_axes){arena_array(table->arena, int, axes->count + 1), 0};
    if (!agreeing->columns) return BASIN_MEMORY;
    for (size_t i = 0; i < axes->count; i++)
        if (shared[i] && (seeds || !table->columns[axes->columns[i]].replicates))
            agreeing->columns[agreeing->count++] = axes->columns[i];
    return BASIN_OK;
}
