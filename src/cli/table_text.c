#include "cli/table_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/print.h"
#include "cli/report.h"

/* Larger numbers are whole by accident. */
static const double WHOLE_MOST = 1e15;

#define DOUBT "*" /* behind a number that did not converge */

bool table_text_is_constant(const struct table *table, int column)
{
    for (size_t i = 1; i < table->row_count; i++)
        if (!cell_equal(&table->rows[i].cells[column], &table->rows[0].cells[column])) return false;
    return true;
}

bool selection_has(const struct selection *selection, size_t column)
{
    for (size_t j = 0; j < selection->count; j++)
        if (selection->columns[j] == (int)column) return true;
    return false;
}

/* ---- notes: why a number is absent, below the table ---- */

int table_text_note(const struct table *table)
{
    for (size_t i = 0; table->across && i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_MEASURE &&
            strcmp(table->columns[i].name, "note") == 0)
            return (int)i;
    return -1;
}

/* Is it the first row with this note? */
static bool is_new_note(const struct table *table, size_t row, int column)
{
    for (size_t i = 0; i < row; i++)
        if (cell_equal(&table->rows[i].cells[column], &table->rows[row].cells[column]))
            return false;
    return table->rows[row].cells[column].kind == CELL_TEXT;
}

/* Equal notes have one number, from 1, in the order of the rows. */
static size_t number_of_note(const struct table *table, size_t row, int column)
{
    size_t number = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        number += is_new_note(table, i, column);
        if (cell_equal(&table->rows[i].cells[column], &table->rows[row].cells[column])) break;
    }
    return number;
}

static basin_status note_cell(struct grid *grid, const struct table *table, size_t row, int column)
{
    char number[32];
    snprintf(number, sizeof number, "%zu", number_of_note(table, row, column));
    return grid_add(grid, number);
}

static void put_notes(const struct table *table, const struct selection *selection,
                      struct text *out)
{
    int column = table_text_note(table);
    size_t count = 0;
    if (column < 0 || !selection_has(selection, (size_t)column)) return;
    for (size_t i = 0; i < table->row_count; i++) {
        if (!is_new_note(table, i, column)) continue;
        text_format(out, "note %zu: ", ++count);
        text_escape(out, table->rows[i].cells[column].text);
        text_append(out, "\n");
    }
}

/* ---- cells ---- */

static bool is_whole(const struct table *table, int column)
{
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        if (cell->kind == CELL_NUMBER &&
            (cell->number != floor(cell->number) || fabs(cell->number) >= WHOLE_MOST))
            return false;
    }
    return true;
}

/* The standard deviation that table_mean stored beside a mean, or NULL. */
static const struct cell *deviation_of(const struct table *table, size_t row, int column)
{
    size_t next = (size_t)column + 1, length = strlen(table->columns[column].name);
    if (next >= table->column_count ||
        strncmp(table->columns[next].name, table->columns[column].name, length) != 0 ||
        strcmp(table->columns[next].name + length, "_sd") != 0)
        return NULL;
    const struct cell *cell = &table->rows[row].cells[next];
    return cell->kind == CELL_NUMBER ? cell : NULL;
}

static basin_status number_cell(struct grid *grid, const struct table *table, size_t row,
                                int column, bool whole)
{
    bool measured = table->columns[column].group == COLUMN_MEASURE ||
                    table->columns[column].group == COLUMN_FILE;
    const struct cell *deviation = deviation_of(table, row, column);
    const struct cell *cell = &table->rows[row].cells[column];
    const char *doubt = cell->doubtful ? DOUBT : "";
    char number[32], spread[32], both[80];
    if (deviation && !isnan(cell->number)) /* a mean without values has no deviation */
        snprintf(both, sizeof both, "%s %s %s%s", print_measured(cell->number, number),
                 report_utf8() ? "\u00b1" : "+-", print_spread(deviation->number, spread), doubt);
    else
        snprintf(both, sizeof both, "%s%s",
                 measured && !whole ? print_measured(cell->number, number)
                                    : print_given(cell->number, number),
                 doubt);
    return grid_add(grid, both);
}

static basin_status text_cell(struct grid *grid, const struct table *table, size_t row, int column,
                              bool whole)
{
    const struct cell *cell = &table->rows[row].cells[column];
    switch (cell->kind) {
    case CELL_NUMBER:
        return number_cell(grid, table, row, column, whole);
    case CELL_BOOLEAN:
        return grid_add(grid, cell->number ? "true" : "false");
    case CELL_ABSENT:
        return grid_add(grid, "-");
    case CELL_LIST:
        return grid_add(grid, cell->brief ? cell->brief : cell->text);
    case CELL_TEXT:
        break;
    }
    if (column == table_text_note(table)) return note_cell(grid, table, row, column);
    if (strcmp(table->columns[column].name, "run_id") != 0) return grid_add(grid, cell->text);
    char id[9] = "";
    memcpy(id, cell->text, strnlen(cell->text, 8));
    return grid_add(grid, id);
}

/* Columns of numbers are aligned right, columns of words and lists left. */
static bool table_is_of_numbers(const struct table *table, int column)
{
    for (size_t i = 0; i < table->row_count; i++) {
        enum cell_kind kind = table->rows[i].cells[column].kind;
        if (kind == CELL_TEXT || kind == CELL_LIST) return false;
    }
    return true;
}

/* Is it a column by which a person finds a row: its id, a parameter, or a key? */
static bool tells_rows_apart(const struct table *table, int column)
{
    return strcmp(table->columns[column].name, "run_id") == 0 || table->columns[column].key ||
           (table->columns[column].group == COLUMN_PARAMETER &&
            !table_text_is_constant(table, column));
}

basin_status table_text_grid(const struct table *table, const struct selection *selection,
                             struct grid *grid)
{
    TRY(grid_start(grid, table->arena, selection->count));
    for (size_t j = 0; j < selection->count; j++)
        grid->repeat[j] = j == 0 || tells_rows_apart(table, selection->columns[j]);
    if (selection->count > 1 && table->single &&
        table_text_is_constant(table, selection->columns[0]))
        grid->repeat[0] = false;
    bool *whole = arena_array(table->arena, bool, selection->count + 1);
    if (!whole) return BASIN_MEMORY;
    for (size_t j = 0; j < selection->count; j++) {
        whole[j] = is_whole(table, selection->columns[j]);
        grid->right[j] = table_is_of_numbers(table, selection->columns[j]);
        TRY(grid_add(grid, table_name(table, selection->columns[j], false)));
    }
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < selection->count; j++)
            TRY(text_cell(grid, table, i, selection->columns[j], whole[j]));
    return BASIN_OK;
}

/* ---- what stands below ---- */

/* "3", "2 to 5": how many runs the means are of. */
static void put_replicates(const struct table *table, struct text *out)
{
    const struct column *counted = &table->columns[table->column_count - 1];
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        double count = table->rows[i].cells[table->column_count - 1].number;
        least = fmin(least, count);
        most = fmax(most, count);
    }
    text_format(out, "mean %s standard deviation over ", report_utf8() ? "\u00b1" : "+-");
    if (least == most)
        text_format(out, "%.0f %s\n", most,
                    most == 1 ? (strcmp(counted->name, "runs") == 0 ? "run" : "seed")
                              : counted->name);
    else
        text_format(out, "%.0f to %.0f %s (column %s)\n", least, most, counted->name,
                    counted->name);
}

static bool shows_deviation(const struct table *table, const struct selection *selection)
{
    for (size_t j = 0; j < selection->count; j++)
        for (size_t i = 0; i < table->row_count; i++)
            if (deviation_of(table, i, selection->columns[j])) return true;
    return false;
}

static bool shows_doubt(const struct table *table, const struct selection *selection)
{
    for (size_t j = 0; j < selection->count; j++)
        for (size_t i = 0; i < table->row_count; i++)
            if (table->rows[i].cells[selection->columns[j]].doubtful) return true;
    return false;
}

/* Does a parameter that varies say more than the name of its variant does? */
static bool tells_something(const struct table *table, size_t column)
{
    const struct column *which = &table->columns[column];
    if (!which->varied || which->implied || which->item) return false;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        if (cell->kind != CELL_ABSENT && !cell->is_default) return true;
    }
    return false;
}

/* Parts of a column that is shown, or said in another way, need not be named. */
static bool is_worth_naming(const struct table *table, size_t column)
{
    const struct column *which = &table->columns[column];
    size_t length = strlen(which->name);
    bool is_deviation = length > 3 && strcmp(which->name + length - 3, "_sd") == 0;
    if (which->verdict || (table->single && is_deviation)) return false;
    return which->group != COLUMN_PARAMETER || tells_something(table, column);
}

/* Which columns there are that are not shown. */
static void put_hidden(const struct table *table, const struct selection *selection,
                       struct text *out)
{
    const char *gap = "not shown: ";
    for (int group = COLUMN_RUN; group <= COLUMN_FILE; group++)
        for (size_t i = 0; i < table->column_count; i++) {
            if ((int)table->columns[i].group != group || !is_worth_naming(table, i) ||
                selection_has(selection, i))
                continue;
            text_append(out, gap);
            text_escape(out, table_name(table, (int)i, false));
            gap = ", ";
        }
    if (gap[0] == ',') text_append(out, " (-c NAME,... shows them)\n");
}

void table_text_legend(const struct table *table, const struct selection *selection, bool named,
                       struct text *out)
{
    put_notes(table, selection, out);
    if (shows_deviation(table, selection)) put_replicates(table, out);
    if (shows_doubt(table, selection))
        text_append(out, DOUBT " did not converge (basin show says how far it came)\n");
    if (!named && table->row_count) put_hidden(table, selection, out);
}

basin_status table_text(const struct table *table, const struct selection *selection, bool named,
                        struct text *out)
{
    struct grid grid;
    struct text legend = {0};
    size_t width = report_is_terminal(STDOUT_FILENO) ? (size_t)report_width() : 0;
    TRY(table_text_grid(table, selection, &grid));
    grid_print_folded(&grid, width, out);
    table_text_legend(table, selection, named, &legend);
    if (legend.length) text_append(out, "\n");
    print_lines(out, text_data(&legend), width ? width : SIZE_MAX / 2);
    out->failed = out->failed || legend.failed;
    text_free(&legend);
    return BASIN_OK;
}
