#include "cli/table_notes.h"

#include <stdlib.h>
#include <string.h>
#include "cli/report.h"
#include "cli/table_data.h"

/* ---- means that look alike ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Are two rows equal in every selected column that identifies a run? */
static basin_status look_alike(const struct table *table, const struct selection *selection,
                               bool *alike)
{
    const char **keys = arena_array(table->arena, const char *, table->row_count + 1);
    if (!keys) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++) {
        struct text key = {0};
        for (size_t j = 0; j < selection->count; j++)
            if (table->columns[selection->columns[j]].group <= COLUMN_PARAMETER)
                table_data_cell(&key, &table->rows[i].cells[selection->columns[j]]);
        keys[i] = key.failed ? NULL : arena_text(table->arena, text_data(&key));
        text_free(&key);
        if (!keys[i]) return BASIN_MEMORY;
    }
    qsort(keys, table->row_count, sizeof *keys, by_text);
    *alike = false;
    for (size_t i = 1; i < table->row_count; i++)
        *alike = *alike || strcmp(keys[i], keys[i - 1]) == 0;
    return BASIN_OK;
}

/* Notes parameters in which rows of means differ and which no selected column shows. */
static basin_status note_hidden(const struct table *table, const struct selection *selection)
{
    struct text hidden = {0};
    bool alike = false;
    if (table->single && table->row_count) TRY(look_alike(table, selection, &alike));
    for (size_t i = 0; alike && i < table->column_count; i++) {
        bool shown = !table->columns[i].varied || table->columns[i].implied ||
                     table->columns[i].item || table_text_is_constant(table, (int)i);
        shown = shown || selection_has(selection, i);
        if (!shown)
            text_format(&hidden, "%s%s", hidden.length ? ", " : "",
                        table_name(table, (int)i, false));
    }
    if (hidden.length)
        report_message("note: the rows also differ in %s, which no column shows",
                       text_data(&hidden));
    text_free(&hidden);
    return BASIN_OK;
}

/* ---- numbers that were measured in different ways ---- */

/* A number of this measure among those that are shown; -1: none. */
static int shown_number_of(const struct table *table, const struct selection *selection,
                           const char *measure)
{
    for (size_t j = 0; j < selection->count; j++) {
        const struct column *column = &table->columns[selection->columns[j]];
        if (column->group == COLUMN_MEASURE && column->measure && !column->verdict &&
            strcmp(column->measure, measure) == 0)
            return selection->columns[j];
    }
    return -1;
}

/* The different values in a column, "50, 100". */
static void put_values(const struct table *table, size_t column, struct text *out)
{
    enum { LISTED = 5 };
    const struct cell *seen[LISTED];
    size_t count = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        size_t known = 0;
        while (known < count && !cell_equal(seen[known], cell)) known++;
        if (cell->kind == CELL_ABSENT || known < count) continue;
        text_append(out, count ? ", " : "");
        if (count == LISTED) {
            text_append(out, "...");
            return;
        }
        if (cell->kind == CELL_NUMBER)
            text_json_number(out, cell->number);
        else
            text_append(out, cell->text);
        seen[count++] = cell;
    }
}

/* Are numbers of this column kept apart by the options of their measure? */
static bool is_kept_apart(const struct table *table, const struct column *number)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *option = &table->columns[i];
        if (option->option && option->varied && number->measure &&
            strcmp(option->measure, number->measure) == 0)
            return true;
    }
    return false;
}

/* A mean is over the runs that have the number: said where these are fewer than the row counts. */
static void note_lacking(const struct table *table, const struct selection *selection)
{
    for (size_t j = 0; j < selection->count; j++) {
        size_t rows = 0, lacking = 0;
        for (size_t i = 0; i < table->row_count; i++) {
            lacking += table->rows[i].cells[selection->columns[j]].lacking;
            rows += table->rows[i].cells[selection->columns[j]].lacking > 0;
        }
        const struct column *column = &table->columns[selection->columns[j]];
        if (rows && is_kept_apart(table, column))
            report_message(
                "note: %s is a mean over fewer runs in %zu row%s: the others lack it, or "
                "were measured with other options",
                column->name, rows, rows == 1 ? "" : "s");
        else if (rows)
            report_message("note: %s is a mean over fewer runs in %zu row%s: %zu run%s it",
                           column->name, rows, rows == 1 ? "" : "s", lacking,
                           lacking == 1 ? " lacks" : "s lack");
    }
}

/* Says which options differ where a column of numbers mixes them and no column shows them. */
static void note_options(const struct table *table, const struct selection *selection)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *option = &table->columns[i];
        struct text values = {0};
        if (!option->option || !option->varied || selection_has(selection, i)) continue;
        int number = shown_number_of(table, selection, option->measure);
        if (number < 0) continue;
        put_values(table, i, &values);
        report_message("note: the rows of %s were not measured alike: %s is %s",
                       table->columns[number].name, option->name, text_data(&values));
        text_free(&values);
    }
}

basin_status table_notes(const struct table *table, const struct selection *selection, bool hidden)
{
    if (hidden) TRY(note_hidden(table, selection));
    note_options(table, selection);
    note_lacking(table, selection);
    return BASIN_OK;
}
