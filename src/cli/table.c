#include "analysis/table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "analysis/across.h"
#include "analysis/claims_study.h"
#include "analysis/where.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/request.h"
#include "cli/table_markup.h"
#include "run/machine.h"

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
        return all || (table->across ? has_values(table, at) : is_usual(table, tasks, at));
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

/* Notes parameters in which rows of means differ and which no selected column shows. */
static basin_status note_hidden(const struct table *table, const struct selection *selection)
{
    struct text hidden = {0};
    bool alike = false;
    if (table->single && table->row_count) TRY(look_alike(table, selection, &alike));
    for (size_t i = 0; alike && i < table->column_count; i++) {
        bool shown = !table->columns[i].varied || table->columns[i].implied ||
                     table->columns[i].item || table_text_is_constant(table, (int)i);
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

/* ---- numbers that were measured in different ways ---- */

static bool table_shows(const struct selection *selection, size_t column)
{
    for (size_t j = 0; j < selection->count; j++)
        if (selection->columns[j] == (int)column) return true;
    return false;
}

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
        if (!option->option || !option->varied || table_shows(selection, i)) continue;
        int number = shown_number_of(table, selection, option->measure);
        if (number < 0) continue;
        put_values(table, i, &values);
        report_message("note: the rows of %s were not measured alike: %s is %s",
                       table->columns[number].name, option->name, text_data(&values));
        text_free(&values);
    }
}

/* ---- the command ---- */

static basin_status put_csv(const struct table *table, const struct selection *selection,
                            bool named, struct text *out)
{
    (void)named;
    print_csv(table, selection, out);
    return text_status(out);
}

static basin_status put_json(const struct table *table, const struct selection *selection,
                             bool named, struct text *out)
{
    (void)named;
    table_print_json(table, selection, out);
    return text_status(out);
}

/* For people: the usual columns, rounded, with a legend; for programs: every number, whole. */
static const struct table_format {
    const char *name;
    bool for_programs;
    basin_status (*put)(const struct table *table, const struct selection *selection, bool named,
                        struct text *out);
} formats[] = {{"text", false, table_text},
               {"csv", true, put_csv},
               {"json", true, put_json},
               {"markdown", false, table_markdown},
               {"latex", false, table_latex}};

static basin_status find_format(const struct arguments *arguments,
                                const struct table_format **format)
{
    const char *name = option_given(arguments, "json") ? "json" : option_value(arguments, "format");
    *format = &formats[0];
    if (!name) return BASIN_OK;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(name, formats[i].name) == 0) {
            *format = &formats[i];
            return BASIN_OK;
        }
    return error_raise(BASIN_USAGE, "--format is text, csv, json, markdown or latex, not \"%s\"",
                       name);
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

/* The same run in two folders is one run, and no two replicates. */
static basin_status note_twice(const struct table *table)
{
    size_t count;
    TRY(table_count_twice(table, &count));
    if (count)
        report_message("note: %zu run%s in more than one of these folders, and the means count %s "
                       "more than once",
                       count, count == 1 ? " is" : "s are", count == 1 ? "it" : "each");
    return BASIN_OK;
}

/* A condition may leave some of the runs of a mean out and keep others. Where that happens it is
 * said: a mean over the best seeds is no mean over seeds. */
static basin_status note_partial(const struct table *all, const struct table *chosen)
{
    size_t count;
    TRY(table_count_partial(all, chosen, &count));
    if (count)
        report_message("note: --where chooses runs before means are taken of them: %zu row%s some "
                       "of %s runs",
                       count, count == 1 ? " lacks" : "s lack", count == 1 ? "its" : "their");
    return BASIN_OK;
}

/* The runs become the result of an across-measure. Its options are checked as a spec is. */
static basin_status shape_across(const struct arguments *arguments, const char *request,
                                 struct table *table)
{
    struct diagnostics diagnostics;
    struct setting_variant measure;
    size_t left_out;
    if (option_given(arguments, "mean") || option_given(arguments, "over"))
        return error_raise(BASIN_USAGE, "--across takes the place of --mean and --over; write "
                                        "--across 'NAME: {over: A}'");
    diagnostics_start(&diagnostics, table->arena);
    basin_status status = across_read(table->arena, request, &diagnostics, &measure);
    if (status != BASIN_OK && diagnostics.count)
        return error_raise(BASIN_USAGE, "--across %s: %s", request, diagnostics.items[0].message);
    TRY(status);
    if (!table->row_count) return BASIN_OK;
    TRY(machine_prepare_worker());
    TRY(across_table(table, &measure, &left_out));
    if (left_out) report_message("note: %zu runs that diverged are left out", left_out);
    return BASIN_OK;
}

static basin_status shape_table(const struct arguments *arguments, struct table *table)
{
    const char *where = option_value(arguments, "where"), *sort = option_value(arguments, "sort"),
               *over = option_value(arguments, "over"), *across = option_value(arguments, "across");
    struct table all = *table; /* the rows before --where */
    all.rows = arena_array(table->arena, struct row, table->row_count + 1);
    if (!all.rows) return BASIN_MEMORY;
    if (table->row_count) memcpy(all.rows, table->rows, table->row_count * sizeof *all.rows);
    bool means = over || option_given(arguments, "mean");
    if (where) TRY(where_filter(table, where));
    if (where && all.row_count == 1 && !table->row_count)
        report_message("the only row does not match --where %s", where);
    else if (where && all.row_count && !table->row_count)
        report_message("none of the %zu rows matches --where %s", all.row_count, where);
    else if (!all.row_count && !table->problem_count)
        report_message("no results yet");
    if (across) TRY(shape_across(arguments, across, table));
    if (over) TRY(table_replicate(table, over));
    if (where && means && table->row_count) TRY(note_partial(&all, table));
    if (means) TRY(note_twice(table));
    if (means) TRY(table_mean(table));
    return sort ? sort_rows(table, sort) : BASIN_OK;
}

static basin_status print(const struct arguments *arguments, struct table *table, struct text *out)
{
    const struct table_format *format;
    struct selection selection;
    bool named = option_given(arguments, "columns");
    TRY(find_format(arguments, &format));
    TRY(shape_table(arguments, table));
    TRY(select_columns(table, option_value(arguments, "columns"), format->for_programs,
                       &selection));
    if (named && !format->for_programs) TRY(note_hidden(table, &selection));
    note_options(table, &selection);
    note_lacking(table, &selection);
    return format->put(table, &selection, named, out);
}

/* What the studies of folders expect, and what came out: a row a claim. */
static basin_status print_claims(const struct arguments *arguments, const char *const *paths,
                                 struct arena *arena, struct text *out)
{
    static const char *const others[] = {"where", "mean", "over", "across"};
    const struct table_format *format;
    struct selection selection;
    struct table *table;
    struct claims_result *results = arena_array(arena, struct claims_result, arguments->count);
    if (!results) return BASIN_MEMORY;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (option_given(arguments, others[i]))
            return error_raise(BASIN_USAGE,
                               "--claims is a table of claims and not of runs, so "
                               "--%s has no meaning beside it",
                               others[i]);
    TRY(find_format(arguments, &format));
    for (size_t i = 0; i < arguments->count; i++)
        TRY(claims_of_folder(arena, paths[i], &results[i]));
    if (format == formats && !option_given(arguments, "columns")) {
        for (size_t i = 0; i < arguments->count; i++) claims_put_text(&results[i], out);
        if (!out->length) report_message("no claims: the specs of these studies have no `expect`");
        return text_status(out);
    }
    TRY(claims_table(arena, results, arguments->count, !format->for_programs, &table));
    if (option_value(arguments, "sort")) TRY(sort_rows(table, option_value(arguments, "sort")));
    TRY(select_columns(table, option_value(arguments, "columns"), format->for_programs,
                       &selection));
    return format->put(table, &selection, option_given(arguments, "columns"), out);
}

static bool is_json(const struct arguments *arguments)
{
    const struct table_format *format;
    return find_format(arguments, &format) == BASIN_OK && format->put == put_json;
}

/* A spec stands for the results folder of its study, which is not there before the first run. */
static basin_status require_results(const char *given, const char *folder)
{
    struct text quoted = {0};
    bool is_wrong = folder == given && request_is_spec(given);
    if (!is_wrong && (folder == given || access(folder, F_OK) == 0 || errno != ENOENT))
        return BASIN_OK;
    request_quote(&quoted, given);
    if (is_wrong) {
        error_raise(BASIN_SPEC, "%s is a spec with errors", given);
        error_hint("`basin check %s` lists them", text_data(&quoted));
        text_free(&quoted);
        return BASIN_SPEC;
    }
    error_raise(BASIN_IO, "the study of %s has not been run: there is no folder %s", given, folder);
    error_hint("`basin run %s` runs it; results in another folder: `basin table DIR`",
               text_data(&quoted));
    text_free(&quoted);
    return BASIN_IO;
}

static basin_status find_results(const struct arguments *arguments, struct arena *arena,
                                 const char **paths)
{
    for (size_t i = 0; i < arguments->count; i++) {
        paths[i] = request_folder(arguments->positional[i], arena);
        TRY(require_results(arguments->positional[i], paths[i]));
    }
    return BASIN_OK;
}

static int table_run(const struct arguments *arguments)
{
    struct arena *arena;
    struct table *table = NULL;
    struct text out = {0};
    if (arena_create(&arena) != BASIN_OK) return report_last();
    const char **paths = arena_array(arena, const char *, arguments->count);
    basin_status status = paths ? find_results(arguments, arena, paths) : BASIN_MEMORY;
    bool claims = option_given(arguments, "claims");
    if (status == BASIN_OK && claims) status = print_claims(arguments, paths, arena, &out);
    if (status == BASIN_OK && !claims) status = table_load(arena, paths, arguments->count, &table);
    if (status == BASIN_OK && !claims) status = print(arguments, table, &out);
    int exit_status = 0;
    for (size_t i = 0; status == BASIN_OK && table && i < table->problem_count; i++) {
        report_message("basin: error: left out: %s", table->problems[i]);
        exit_status = 1;
    }
    if (status == BASIN_OK)
        exit_status =
            is_json(arguments) ? report_json(&out, exit_status) : report_output(&out, exit_status);
    else
        exit_status = report_last();
    text_free(&out);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"columns", 'c', "A,B,...",
     "Show only these columns, in this order. The end of a dotted path is enough, and so is "
     "another "
     "word for its last key, as lr."},
    {"where", 'w', "EXPR", "Show only rows for which EXPR is true."},
    {"sort", 's', "A,B,...",
     "Sort by A, rows with equal A by B, and so on; -A in descending order. Values that are "
     "missing "
     "or not a number go last."},
    {"mean", 'm', NULL,
     "Means over the seeds, with standard deviations (columns *_sd in CSV and JSON) and the number "
     "of seeds."},
    {"over", 0, "A,B,...", "Means over these parameters instead, for example --over seed.init."},
    {"across", 0, "MEASURE",
     "What a measure over runs gives, for example --across ensemble (see basin list "
     "across-measures)."},
    {"claims", 0, NULL,
     "What the studies expect (`expect` of their specs), and whether it came out: a row a claim."},
    {"format", 'f', "FORMAT",
     "text (default), csv, json, markdown or latex (a tabular for booktabs)."},
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
    "basin table results/study --across 'ensemble: {sizes: [1, 5]}'",
    "how good the average of five seeds predicts, beside a single one",
    "basin table results/study -f csv > study.csv",
    "every number, for a spreadsheet",
    "basin table results/study --mean -f latex > table.tex",
    "for a paper; -f markdown for a notebook or an issue",
    "basin table results/study -c run_id,dataset.name,parameters",
    "any parameter or measure can be a column",
    NULL};

const struct command command_table = {
    .name = "table",
    .usage = "DIR|FILE.h5|SPEC... [OPTION]...",
    .summary = "print results as a table: text, CSV, JSON, Markdown or LaTeX",
    .details =
        "The columns are run_id, status, every parameter that varies, seed, and the numbers of "
        "/measures. As text only the usual numbers are shown (accuracies and gaps, sharpness; bits "
        "per character of texts), and parameters that only follow their defaults are left out. Any "
        "parameter of the specs, and study, seconds and file, can be named: by its whole path, by "
        "the end of the path if that is unambiguous, by its number in a list (hidden.0), or by its "
        "name in sweep.names. CSV and JSON "
        "write the whole path, or the name in sweep.names. EXPR compares columns with numbers, "
        "words, 'text' or null by = == != < <= > >=, and combines comparisons with and, or, not "
        "and parentheses; numbers may be calculated, also from curves, as in train_loss / "
        "test_loss < 0.5 (see Claims in experiments/README.md). It chooses runs: with --mean, the "
        "means are of the runs that it leaves. "
        "A "
        "* marks numbers that did not converge (columns *_converged in CSV and JSON). Measures "
        "that "
        "were taken with different options have these as columns, and means keep their numbers "
        "apart, each option in a row, in which the means of all else are repeated. For a "
        "SPEC.yaml: the results in results/<study>. Exit status 1 if a file could not be used.",
    .least = 1,
    .most = 100000,
    .options = options,
    .examples = examples,
    .run = table_run};
