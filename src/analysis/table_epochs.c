/* Parameters that count steps, where epochs were meant: `every: 2 epochs` is another number of
 * steps for each batch size, and a result has the number of steps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/table.h"

static int epochs_column(const struct table *table, enum column_group group, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == group && strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* The steps of an epoch of each run (row_count); 0 where it need not have ended with a whole one:
 * a run that is to take so many steps counts the last epoch, however little of it is done. */
static double *steps_per_epoch(const struct table *table)
{
    double *steps = arena_array(table->arena, double, table->row_count + 1);
    int done = epochs_column(table, COLUMN_MEASURE, "steps"),
        epochs = epochs_column(table, COLUMN_MEASURE, "epochs"),
        limit = epochs_column(table, COLUMN_PARAMETER, "training.steps");
    for (size_t i = 0; steps && i < table->row_count; i++) {
        const struct cell *cells = table->rows[i].cells;
        bool is_limited = limit >= 0 && cells[limit].kind == CELL_NUMBER && cells[limit].number > 0;
        double each =
            done < 0 || epochs < 0 || is_limited ? 0 : cells[done].number / cells[epochs].number;
        steps[i] = each >= 1 && each == floor(each) ? each : 0; /* not of 0 / 0 either */
    }
    return steps;
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t count_distinct(double *numbers, size_t count)
{
    size_t distinct = count > 0;
    if (count) qsort(numbers, count, sizeof *numbers, by_number);
    for (size_t i = 1; i < count; i++) distinct += numbers[i] != numbers[i - 1];
    return distinct;
}

/* Are these parameters fewer different numbers of epochs than of steps, and whole ones? */
static basin_status is_in_epochs(const struct table *table, size_t column, const double *per_epoch,
                                 bool *is)
{
    double *steps = arena_array(table->arena, double, table->row_count + 1),
           *epochs = arena_array(table->arena, double, table->row_count + 1);
    size_t count = 0;
    *is = false;
    if (!steps || !epochs) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        if (cell->kind != CELL_NUMBER) continue;
        steps[count] = cell->number;
        epochs[count] = cell->number / per_epoch[i];
        if (!(epochs[count] == floor(epochs[count]) && isfinite(epochs[count]))) return BASIN_OK;
        count++;
    }
    *is = count_distinct(epochs, count) < count_distinct(steps, count);
    return BASIN_OK;
}

basin_status table_count_in_epochs(struct table *table)
{
    double *per_epoch = steps_per_epoch(table);
    if (!per_epoch) return BASIN_MEMORY;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool is = false;
        if (column->group != COLUMN_PARAMETER || !column->row || !row_counts_steps(column->row))
            continue;
        TRY(is_in_epochs(table, i, per_epoch, &is));
        for (size_t j = 0; is && j < table->row_count; j++) {
            struct cell *cell = &table->rows[j].cells[i];
            if (cell->kind == CELL_NUMBER) cell->epochs = cell->number / per_epoch[j];
        }
    }
    return BASIN_OK;
}
