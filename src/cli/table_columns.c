#include "cli/table_columns.h"

#include <fnmatch.h>
#include <string.h>

#include "cli/table_markup.h"
#include "run/machine.h"
#include "spec/member.h"

/* The numbers of /measures that a text table shows for each task, if no columns are named. */
enum task { TASK_REGRESSION, TASK_CLASSES, TASK_LANGUAGE, TASKS };

static const char *const usual[TASKS][10] = {
    [TASK_REGRESSION] = {"train_loss", "test_loss", "loss_gap", "hessian_lambda_max",
                         "hessian_trace"},
    [TASK_CLASSES] = {"train_accuracy", "test_accuracy", "accuracy_gap", "loss_gap",
                      "hessian_lambda_max", "hessian_trace"},
    [TASK_LANGUAGE] = {"test_accuracy", "loss_gap", "train_bits_per_character",
                       "test_bits_per_character", "test_perplexity", "hessian_lambda_max",
                       "hessian_trace"}};

/* ---- which columns ---- */

static bool has_number(const struct table *table, size_t row, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return table->rows[row].cells[i].kind != CELL_ABSENT;
    return false;
}

static enum task task_of(const struct table *table, size_t row)
{
    if (has_number(table, row, "train_bits_per_character")) return TASK_LANGUAGE;
    return has_number(table, row, "train_accuracy") ? TASK_CLASSES : TASK_REGRESSION;
}

/* A number of a measure that is there with several options has its suffix. */
static bool is_among(const char *const *names, const struct column *column)
{
    const char *suffix = column->measure ? member_suffix(column->measure) : "";
    size_t length = strlen(column->name), end = strlen(suffix);
    if (end && length > end + 1 && strcmp(column->name + length - end, suffix) == 0)
        length -= end + 1;
    while (*names && (strncmp(*names, column->name, length) != 0 || (*names)[length])) names++;
    return *names != NULL;
}

/* What is asked of a run that is under way. */
static const char *const usual_so_far[] = {"epochs", "train_loss", "test_loss", NULL};

/* Is the column usual for the task of a row that has a value in it? `tasks`: by row. */
static bool is_usual(const struct table *table, const enum task *tasks, size_t column)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].cells[column].kind != CELL_ABSENT &&
            is_among(usual[tasks[i]], &table->columns[column]))
            return true;
    return false;
}

/* A parameter may vary only because the variants of a block have different defaults or lack it. The
 * name of the variant says as much. */
static bool is_default_everywhere(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        if (cell->kind != CELL_ABSENT && !cell->is_default) return false;
    }
    return strcmp(table->columns[column].name, "seed") != 0;
}

/* Columns of an across-measure that does not apply to these runs are empty. */
static bool has_values(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].cells[column].kind != CELL_ABSENT) return true;
    return false;
}

static bool is_selected(const struct table *table, const enum task *tasks, size_t at, bool all)
{
    const struct column *column = &table->columns[at];
    switch (column->group) {
    case COLUMN_RUN:
        return true;
    case COLUMN_PARAMETER:
        return column->varied && (!column->item || column->title) &&
               (all || !(is_default_everywhere(table, at) || column->implied));
    case COLUMN_MEASURE:
        return all || (table->across ? has_values(table, at) : is_usual(table, tasks, at)) ||
               (table->under_way && is_among(usual_so_far, column));
    case COLUMN_FILE:
        return strcmp(column->name, "seeds") == 0 || strcmp(column->name, "runs") == 0 ||
               (strcmp(column->name, "study") == 0 && !table_text_is_constant(table, (int)at));
    }
    return false;
}

/* Selects group by group, in the order of the table (not in that of `usual`). */
static basin_status select_default(const struct table *table, bool all, struct selection *selection)
{
    enum task *tasks = arena_array(table->arena, enum task, table->row_count + 1);
    if (!tasks) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++) tasks[i] = task_of(table, i);
    for (int group = COLUMN_RUN; group <= COLUMN_FILE; group++)
        for (size_t i = 0; i < table->column_count; i++)
            if ((int)table->columns[i].group == group && is_selected(table, tasks, i, all))
                selection->columns[selection->count++] = (int)i;
    return BASIN_OK;
}

/* ---- columns that were asked for ---- */

static bool has_column(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0 ||
            (table->columns[i].title && strcmp(table->columns[i].title, name) == 0))
            return true;
    return false;
}

static bool is_pattern(const struct table *table, const char *name)
{
    return name[strcspn(name, "*?[")] && !has_column(table, name);
}

/* A pattern is compared with the title, the whole path, and each end of it behind a dot; one
 * without a dot with the last part alone: hessian_* means numbers, and no options of hessian_top.
 */
static bool matches_pattern(const struct column *column, const char *pattern)
{
    if (column->title && fnmatch(pattern, column->title, 0) == 0) return true;
    const char *end = column->name, *last = strrchr(end, '.');
    if (last && !strchr(pattern, '.')) end = last + 1;
    while (end && fnmatch(pattern, end, 0) != 0)
        end = strchr(end, '.') ? strchr(end, '.') + 1 : NULL;
    return end != NULL;
}

static bool is_deviation(const struct table *table, const struct column *column)
{
    size_t length = strlen(column->name);
    return table->single && length > 3 && strcmp(column->name + length - 3, "_sd") == 0;
}

/* What is shown inside another column takes a pattern of its own, unless programs read the table:
 * deviations stand behind their means, `*` says what did not converge, and a list has its items. */
static bool is_inside_another(const struct table *table, const struct column *column,
                              const char *pattern, bool all)
{
    if (column->item && !column->title) return !strchr(pattern, '.');
    bool shown_inside = column->verdict || is_deviation(table, column);
    const char *dash = strrchr(pattern, '_');
    return shown_inside && !all &&
           !(dash && (strcmp(dash, "_sd") == 0 || strcmp(dash, "_converged") == 0));
}

static basin_status raise_no_match(const char *pattern)
{
    error_raise(BASIN_USAGE, "no column matches \"%s\"", pattern);
    error_hint("* stands for any characters, ? for one; the first line of `basin table -f csv -c "
               "'*'` lists all columns");
    return BASIN_USAGE;
}

/* All columns that match, in the order of the table; those that were named before are not named
 * again. */
static basin_status select_pattern(const struct table *table, const char *pattern, bool all,
                                   struct selection *selection)
{
    size_t matches = 0;
    for (int group = COLUMN_RUN; group <= COLUMN_FILE; group++)
        for (size_t i = 0; i < table->column_count; i++) {
            const struct column *column = &table->columns[i];
            if ((int)column->group != group || !matches_pattern(column, pattern) ||
                is_inside_another(table, column, pattern, all))
                continue;
            matches++;
            if (!selection_has(selection, i)) selection->columns[selection->count++] = (int)i;
        }
    return matches ? BASIN_OK : raise_no_match(pattern);
}

/* "a,b,c*": every name must be a column, every pattern match one. */
static basin_status select_named(const struct table *table, const char *list, bool all,
                                 struct selection *selection)
{
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        const char *name = arena_text_n(table->arena, at, length);
        if (!name) return BASIN_MEMORY;
        at += length + (at[length] == ',');
        if (is_pattern(table, name)) {
            TRY(select_pattern(table, name, all, selection));
            continue;
        }
        int column = table_column(table, name);
        if (column < 0) return basin_error_last()->status;
        selection->columns[selection->count++] = column;
    }
    return BASIN_OK;
}

basin_status table_select(const struct table *table, const char *list, bool all,
                          struct selection *selection)
{
    size_t most = table->column_count + (list ? strlen(list) : 0) + 2; /* one more: a note */
    *selection = (struct selection){.columns = arena_array(table->arena, int, most)};
    if (!selection->columns) return BASIN_MEMORY;
    if (list) return select_named(table, list, all, selection);
    return select_default(table, all, selection);
}

static bool lacks_a_number(const struct table *table, const struct selection *selection, size_t row)
{
    for (size_t j = 0; j < selection->count; j++)
        if (table->columns[selection->columns[j]].group == COLUMN_MEASURE &&
            cell_is_null(&table->rows[row].cells[selection->columns[j]]))
            return true;
    return false;
}

void table_select_note(const struct table *table, struct selection *selection)
{
    int note = table_text_note(table);
    if (note < 0 || selection_has(selection, (size_t)note)) return;
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].cells[note].kind == CELL_TEXT && lacks_a_number(table, selection, i)) {
            selection->columns[selection->count++] = note;
            return;
        }
}
