#include "analysis/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "analysis/where.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/request.h"

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

struct selection {
    int *columns;
    size_t count;
};

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

static bool is_among(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0) names++;
    return *names != NULL;
}

/* Is the column usual for the task of a row that has a value in it? `tasks`: by row. */
static bool is_usual(const struct table *table, const enum task *tasks, size_t column)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].cells[column].kind != CELL_ABSENT &&
            is_among(usual[tasks[i]], table->columns[column].name))
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

static bool is_selected(const struct table *table, const enum task *tasks, size_t at, bool all)
{
    const struct column *column = &table->columns[at];
    switch (column->group) {
    case COLUMN_RUN:
        return true;
    case COLUMN_PARAMETER:
        return column->varied && (all || !(is_default_everywhere(table, at) || column->implied));
    case COLUMN_MEASURE:
        return all || is_usual(table, tasks, at);
    case COLUMN_FILE:
        return strcmp(column->name, "seeds") == 0;
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

/* "a,b,c": every name must be a column. */
static basin_status select_named(const struct table *table, const char *list,
                                 struct selection *selection)
{
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        const char *name = arena_text_n(table->arena, at, length);
        if (!name) return BASIN_MEMORY;
        int column = table_column(table, name);
        if (column < 0) return basin_error_last()->status;
        if (selection->count == table->column_count)
            return error_raise(BASIN_USAGE, "more columns named than exist");
        selection->columns[selection->count++] = column;
        at += length + (at[length] == ',');
    }
    return BASIN_OK;
}

static basin_status select_columns(const struct table *table, const char *list, bool all,
                                   struct selection *selection)
{
    *selection =
        (struct selection){.columns = arena_array(table->arena, int, table->column_count + 1)};
    if (!selection->columns) return BASIN_MEMORY;
    if (list) return select_named(table, list, selection);
    return select_default(table, all, selection);
}

/* ---- JSON and CSV ---- */

static void json_cell(struct text *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_ABSENT:
        text_append(out, "null");
        break;
    case CELL_NUMBER:
        text_json_number(out, cell->number);
        break;
    case CELL_BOOLEAN:
        text_append(out, cell->number ? "true" : "false");
        break;
    case CELL_TEXT:
        text_json(out, cell->text);
        break;
    case CELL_LIST:
        text_append(out, cell->text);
        break;
    }
}

static const char *written_name(const struct table *table, const struct selection *selection,
                                size_t at)
{
    return table_name(table, selection->columns[at], true);
}

static void table_print_json(const struct table *table, const struct selection *selection,
                             struct text *out)
{
    text_append(out, "[");
    for (size_t i = 0; i < table->row_count; i++) {
        text_append(out, i ? ",\n " : "\n ");
        for (size_t j = 0; j < selection->count; j++) {
            text_append(out, j ? ", " : "{");
            text_json(out, written_name(table, selection, j));
            text_append(out, ": ");
            json_cell(out, &table->rows[i].cells[selection->columns[j]]);
        }
        text_append(out, "}");
    }
    text_append(out, table->row_count ? "\n]\n" : "]\n");
}

/* RFC 4180: quotes around what has a comma, a quote or a line break. */
static void csv_text(struct text *out, const char *value)
{
    if (!value[strcspn(value, ",\"\r\n")]) {
        text_append(out, value);
        return;
    }
    text_append(out, "\"");
    for (; *value; value++)
        text_append_n(out, *value == '"' ? "\"\"" : value, *value == '"' ? 2 : 1);
    text_append(out, "\"");
}

static void csv_cell(struct text *out, const struct cell *cell)
{
    if (cell->kind == CELL_TEXT || cell->kind == CELL_LIST)
        csv_text(out, cell->text);
    else if (cell->kind != CELL_ABSENT && !(cell->kind == CELL_NUMBER && !isfinite(cell->number)))
        json_cell(out, cell);
}

static void print_csv(const struct table *table, const struct selection *selection,
                      struct text *out)
{
    for (size_t j = 0; j < selection->count; j++) {
        if (j) text_append(out, ",");
        csv_text(out, written_name(table, selection, j));
    }
    text_append(out, "\n");
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < selection->count; j++) {
            const struct cell *cell = &table->rows[i].cells[selection->columns[j]];
            if (table->columns[selection->columns[j]].title && cell->kind == CELL_LIST)
                csv_text(out, cell->brief); /* a label */
            else
                csv_cell(out, cell);
            text_append(out, j + 1 < selection->count ? "," : "\n");
        }
}

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
                json_cell(&key, &table->rows[i].cells[selection->columns[j]]);
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

static bool is_constant(const struct table *table, size_t column)
{
    for (size_t i = 1; i < table->row_count; i++)
        if (!cell_equal(&table->rows[i].cells[column], &table->rows[0].cells[column])) return false;
    return true;
}

/* Notes parameters in which rows of means differ and which no selected column shows. */
static basin_status note_hidden(const struct table *table, const struct selection *selection)
{
    struct text hidden = {0};
    bool alike = false;
    if (table->single && table->row_count) TRY(look_alike(table, selection, &alike));
    for (size_t i = 0; alike && i < table->column_count; i++) {
        bool shown =
            !table->columns[i].varied || table->columns[i].implied || is_constant(table, i);
        for (size_t j = 0; j < selection->count; j++)
            shown = shown || selection->columns[j] == (int)i;
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

/* ---- text ---- */

static bool is_whole(const struct table *table, int column)
{
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        if (cell->kind == CELL_NUMBER && cell->number != floor(cell->number)) return false;
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
    double value = table->rows[row].cells[column].number;
    char number[32], spread[32], both[80];
    if (deviation && !isnan(value)) /* a mean without values has no deviation */
        snprintf(both, sizeof both, "%s %s %s", print_measured(value, number),
                 report_utf8() ? "\u00b1" : "+-", print_spread(deviation->number, spread));
    else
        snprintf(both, sizeof both, "%s",
                 measured && !whole ? print_measured(value, number) : print_given(value, number));
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

static basin_status table_fill_grid(const struct table *table, const struct selection *selection,
                                    struct grid *grid)
{
    TRY(grid_start(grid, table->arena, selection->count));
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

/* ---- the command ---- */

enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON };

static basin_status find_format(const struct arguments *arguments, enum format *format)
{
    static const char *const names[] = {
        [FORMAT_TEXT] = "text", [FORMAT_CSV] = "csv", [FORMAT_JSON] = "json"};
    const char *name = option_given(arguments, "json") ? "json" : option_value(arguments, "format");
    *format = FORMAT_TEXT;
    if (!name) return BASIN_OK;
    for (int i = FORMAT_TEXT; i <= FORMAT_JSON; i++)
        if (strcmp(name, names[i]) == 0) {
            *format = (enum format)i;
            return BASIN_OK;
        }
    return error_raise(BASIN_USAGE, "--format is text, csv or json, not \"%s\"", name);
}

/* "-a,b": by a in descending, then by b in ascending order. */
static basin_status sort_rows(struct table *table, const char *list)
{
    size_t count = 0, most = strlen(list) + 1;
    struct sort_key *keys = arena_array(table->arena, struct sort_key, most);
    if (!keys) return BASIN_MEMORY;
    for (const char *at = list; *at;) {
        struct sort_key *key = &keys[count++];
        key->descending = *at == '-';
        at += key->descending;
        size_t length = strcspn(at, ",");
        const char *name = arena_text_n(table->arena, at, length);
        if (!name) return BASIN_MEMORY;
        key->column = table_column(table, name);
        if (key->column < 0) return basin_error_last()->status;
        at += length + (at[length] == ',');
    }
    return table_sort(table, keys, count);
}

static basin_status shape_table(const struct arguments *arguments, struct table *table)
{
    const char *where = option_value(arguments, "where"), *sort = option_value(arguments, "sort"),
               *over = option_value(arguments, "over");
    size_t count = table->row_count;
    if (where) TRY(where_filter(table, where));
    if (where && count && !table->row_count)
        report_message("none of the %zu rows matches --where %s", count, where);
    else if (!count && !table->problem_count)
        report_message("no results yet");
    if (over) TRY(table_replicate(table, over));
    if (over || option_given(arguments, "mean")) TRY(table_mean(table));
    return sort ? sort_rows(table, sort) : BASIN_OK;
}

static basin_status print(const struct arguments *arguments, struct table *table, struct text *out)
{
    enum format format;
    struct selection selection;
    struct grid grid;
    TRY(find_format(arguments, &format));
    TRY(shape_table(arguments, table));
    TRY(select_columns(table, option_value(arguments, "columns"), format != FORMAT_TEXT,
                       &selection));
    if (option_given(arguments, "columns") && format == FORMAT_TEXT)
        TRY(note_hidden(table, &selection));
    if (format == FORMAT_JSON) table_print_json(table, &selection, out);
    if (format == FORMAT_CSV) print_csv(table, &selection, out);
    if (format != FORMAT_TEXT) return BASIN_OK;
    TRY(table_fill_grid(table, &selection, &grid));
    grid_print_folded(&grid, report_is_terminal(STDOUT_FILENO) ? (size_t)report_width() : 0, out);
    return BASIN_OK;
}

static int table_run(const struct arguments *arguments)
{
    struct arena *arena;
    struct table *table = NULL;
    struct text out = {0};
    if (arena_create(&arena) != BASIN_OK) return report_last();
    const char **paths = arena_array(arena, const char *, arguments->count);
    for (size_t i = 0; paths && i < arguments->count; i++)
        paths[i] = request_folder(arguments->positional[i], arena);
    basin_status status = paths ? table_load(arena, paths, arguments->count, &table) : BASIN_MEMORY;
    if (status == BASIN_OK) status = print(arguments, table, &out);
    int exit_status = 0;
    for (size_t i = 0; status == BASIN_OK && i < table->problem_count; i++) {
        report_message("basin: error: left out: %s", table->problems[i]);
        exit_status = 1;
    }
    if (status == BASIN_OK)
        exit_status = report_output(&out, exit_status);
    else
        exit_status = report_last();
    text_free(&out);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"columns", 'c', "A,B,...",
     "Show only these columns, in this order. The end of a dotted path is enough."},
    {"where", 'w', "EXPR", "Show only rows for which EXPR is true."},
    {"sort", 's', "A,B,...",
     "Sort by A, rows with equal A by B, and so on; -A in descending order. Values that are "
     "missing "
     "or not a number go last."},
    {"mean", 'm', NULL,
     "Means over the seeds, with standard deviations (columns *_sd in CSV and JSON)."},
    {"over", 0, "A,B,...", "Means over these parameters instead, for example --over seed.init."},
    {"format", 'f', "FORMAT", "text (default), csv or json."},
    {"json", 0, NULL, "Same as --format json."},
    {0}};

static const char *const examples[] = {
    "basin table results/study",
    "the varied parameters and the usual numbers",
    "basin table results/study --mean",
    "means and standard deviations over seeds",
    "basin table results/study --where 'weight_decay > 0 and status = finished' --sort "
    "-test_accuracy",
    "the best runs first",
    "basin table results/study -f csv > study.csv",
    "every number, for a spreadsheet",
    "basin table results/study -c run_id,dataset.name,parameters",
    "any parameter or measure can be a column",
    NULL};

const struct command command_table = {
    .name = "table",
    .usage = "DIR|FILE.h5|SPEC... [OPTION]...",
    .summary = "print results as a table: text, CSV or JSON",
    .details =
        "The columns are run_id, status, every parameter that varies, seed, and the numbers of "
        "/measures. As text only the usual numbers are shown (accuracies and gaps, sharpness; bits "
        "per character of texts), and parameters that only follow their defaults are left out. Any "
        "parameter of the specs, and study, seconds and file, can be named: by its whole path, by "
        "the end of the path if that is unambiguous, or by its name in sweep.names. CSV and JSON "
        "write the whole path, or the name in sweep.names. EXPR compares columns with numbers, "
        "words, 'text' or null by = == != < <= > >=, and combines comparisons with and, or, not "
        "and parentheses. For a SPEC.yaml: the results in results/<study>. Exit status 1 if a file "
        "could not be used.",
    .least = 1,
    .most = 100000,
    .options = options,
    .examples = examples,
    .run = table_run};
