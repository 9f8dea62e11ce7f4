#include "analysis/table.h"

#include <string.h>
#include "analysis/across.h"
#include "analysis/where.h"
#include "cli/claims.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/source.h"
#include "cli/table_columns.h"
#include "cli/table_data.h"
#include "cli/table_markup.h"
#include "cli/table_notes.h"
#include "folder/folder.h"
#include "run/machine.h"

/* For people: the usual columns, rounded, with a legend; for programs: every number, whole. */
static const struct table_format {
    const char *name;
    bool for_programs;
    basin_status (*put)(const struct table *table, const struct selection *selection, bool named,
                        struct text *out);
} formats[] = {{"text", false, table_text},
               {"csv", true, table_csv},
               {"json", true, table_json},
               {"markdown", false, table_markdown},
               {"latex", false, table_latex}};

/* "md" for Markdown: what a format is also called. */
static basin_status raise_format(const char *name)
{
    enum { FORMATS = sizeof formats / sizeof *formats };
    static const char *const others[][2] = {{"md", "markdown"}, {"gfm", "markdown"},
                                            {"tex", "latex"},   {"txt", "text"},
                                            {"plain", "text"},  {"tsv", "csv"}};
    const char *names[FORMATS], *meant = NULL;
    for (size_t i = 0; i < FORMATS; i++) names[i] = formats[i].name;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i][0]) == 0) meant = others[i][1];
    if (!meant) meant = text_nearest(name, names, FORMATS);
    error_raise(BASIN_USAGE, "--format is text, csv, json, markdown or latex, not \"%s\"", name);
    if (meant) error_hint("did you mean %s?", meant);
    return BASIN_USAGE;
}

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
    return raise_format(name);
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
    if (option_given(arguments, "mean") || option_given(arguments, "over") ||
        option_given(arguments, "group-by"))
        return error_raise(BASIN_USAGE, "--across takes the place of --mean, --over and "
                                        "--group-by; write --across 'NAME: {over: A}'");
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

/* Which rows become one mean. */
static basin_status shape_replicates(const struct arguments *arguments, struct table *table)
{
    const char *over = option_value(arguments, "over"), *by = option_value(arguments, "group-by");
    if (over && by)
        return error_raise(BASIN_USAGE, "--over says what means are taken over, --group-by what "
                                        "they are not taken over; give one of them");
    if (over) return table_replicate(table, over);
    return by ? table_group_by(table, by) : BASIN_OK;
}

static bool has_means(const struct arguments *arguments)
{
    return option_given(arguments, "mean") || option_given(arguments, "over") ||
           option_given(arguments, "group-by");
}

static basin_status shape_table(const struct arguments *arguments, struct table *table)
{
    const char *where = option_value(arguments, "where"), *sort = option_value(arguments, "sort"),
               *across = option_value(arguments, "across");
    struct table all = *table; /* the rows before --where */
    all.rows = arena_array(table->arena, struct row, table->row_count + 1);
    if (!all.rows) return BASIN_MEMORY;
    if (table->row_count) memcpy(all.rows, table->rows, table->row_count * sizeof *all.rows);
    bool means = has_means(arguments);
    if (where) TRY(where_filter(table, where));
    if (where && all.row_count == 1 && !table->row_count)
        report_message("the only row does not match --where %s", where);
    else if (where && all.row_count && !table->row_count)
        report_message("none of the %zu rows matches --where %s", all.row_count, where);
    else if (!all.row_count && !table->problem_count)
        report_message("no results yet");
    if (across) TRY(shape_across(arguments, across, table));
    TRY(shape_replicates(arguments, table));
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
    TRY(table_select(table, option_value(arguments, "columns"), format->for_programs, &selection));
    if (!format->for_programs) table_select_note(table, &selection);
    TRY(table_notes(table, &selection, named && !format->for_programs));
    return format->put(table, &selection, named, out);
}

/* What the studies expect, and what came out: a row a claim. */
static basin_status print_claims(const struct arguments *arguments,
                                 const struct claims_result *results, struct arena *arena,
                                 struct text *out)
{
    const struct table_format *format;
    struct selection selection;
    struct table *table;
    TRY(find_format(arguments, &format));
    if (format == formats && !option_given(arguments, "columns")) {
        for (size_t i = 0; i < arguments->count; i++) claims_put_text(&results[i], out);
        if (!out->length) report_message("no claims: the specs of these studies have no `expect`");
        return text_status(out);
    }
    TRY(claims_table(arena, results, arguments->count, !format->for_programs, &table));
    if (option_value(arguments, "sort")) TRY(sort_rows(table, option_value(arguments, "sort")));
    TRY(table_select(table, option_value(arguments, "columns"), format->for_programs, &selection));
    return format->put(table, &selection, option_given(arguments, "columns"), out);
}

/* Runs that are under way have no files: they are looked for in folders. */
static basin_status ask_for_running(const struct arguments *arguments, struct table_source *sources)
{
    if (!option_given(arguments, "running")) return BASIN_OK;
    if (option_given(arguments, "across"))
        return error_raise(BASIN_USAGE, "--across is computed from finished runs, so --running "
                                        "has no meaning beside it");
    for (size_t i = 0; i < arguments->count; i++) {
        if (folder_file_exists(sources[i].path))
            return error_raise(BASIN_USAGE,
                               "--running needs the folder of a study or a spec; %s is one result",
                               arguments->positional[i]);
        sources[i].running = true;
    }
    return BASIN_OK;
}

/* How old the numbers of runs that are under way may be. */
static void note_running(const struct arguments *arguments, const struct table_source *sources)
{
    size_t count = 0, unsaved = 0;
    for (size_t i = 0; i < arguments->count; i++) {
        count += sources[i].under_way;
        unsaved += sources[i].unsaved;
    }
    if (!option_given(arguments, "running")) return;
    if (!count)
        report_message("note: no run is under way or was interrupted");
    else
        report_message("note: %zu run%s under way or interrupted; numbers are as of the last "
                       "checkpoint",
                       count, count == 1 ? " is" : "s are");
    if (unsaved)
        report_message("note: %zu of them %s no checkpoint that can be read yet, and so no numbers",
                       unsaved, unsaved == 1 ? "has" : "have");
}

static bool is_json(const struct arguments *arguments)
{
    const struct table_format *format;
    return find_format(arguments, &format) == BASIN_OK && format->put == table_json;
}

static int report_problems(const char *const *problems, size_t count)
{
    for (size_t i = 0; i < count; i++) report_message("basin: error: left out: %s", problems[i]);
    return count > 0;
}

static int report_table(const struct arguments *arguments, struct text *out, int exit_status)
{
    return is_json(arguments) ? report_json(out, exit_status) : report_output(out, exit_status);
}

static basin_status check_claims_options(const struct arguments *arguments)
{
    static const char *const others[] = {"where", "mean", "over", "group-by", "across", "running"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (option_given(arguments, others[i]))
            return error_raise(BASIN_USAGE,
                               "--claims is a table of claims and not of runs, so "
                               "--%s has no meaning beside it",
                               others[i]);
    return BASIN_OK;
}

static int claims_run(const struct arguments *arguments, struct arena *arena)
{
    struct text out = {0};
    struct claims_result *results = arena_array(arena, struct claims_result, arguments->count);
    struct study **studies = arena_array(arena, struct study *, arguments->count);
    if (!results || !studies || check_claims_options(arguments) != BASIN_OK) return report_last();
    int exit_status = claims_find(arguments, arena, studies, results), left_out = 0;
    if (!exit_status && print_claims(arguments, results, arena, &out) != BASIN_OK)
        exit_status = report_last();
    for (size_t i = 0; i < arguments->count && !exit_status; i++)
        left_out |= report_problems(results[i].problems, results[i].problem_count);
    if (!exit_status) exit_status = report_table(arguments, &out, left_out);
    claims_close(studies, arguments->count);
    text_free(&out);
    return exit_status;
}

static int runs_run(const struct arguments *arguments, struct arena *arena)
{
    struct table *table;
    struct text out = {0};
    struct table_source *sources = arena_array(arena, struct table_source, arguments->count);
    int exit_status =
        sources ? source_find(arguments, arguments->positional, arguments->count, arena, sources)
                : report_last();
    if (exit_status) return exit_status;
    basin_status status = ask_for_running(arguments, sources);
    if (status == BASIN_OK) status = table_load_runs(arena, sources, arguments->count, &table);
    if (status == BASIN_OK) {
        source_notes(arguments->positional, sources, arguments->count);
        note_running(arguments, sources);
        status = print(arguments, table, &out);
    }
    exit_status =
        status == BASIN_OK
            ? report_table(arguments, &out, report_problems(table->problems, table->problem_count))
            : report_last();
    text_free(&out);
    return exit_status;
}

static int table_run(const struct arguments *arguments)
{
    struct arena *arena;
    if (arena_create(&arena) != BASIN_OK) return report_last();
    int exit_status = option_given(arguments, "claims") ? claims_run(arguments, arena)
                                                        : runs_run(arguments, arena);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"columns", 'c', "A,B,...",
     "Show only these columns, in this order. The end of a dotted path is enough, and so is "
     "another word for its last key, as lr. A pattern with * and ? stands for every column that "
     "it matches; quote it for the shell, as in -c 'hessian_*,lr'."},
    {"where", 'w', "EXPR", "Show only rows for which EXPR is true."},
    {"sort", 's', "A,B,...",
     "Sort by A, rows with equal A by B, and so on; -A in descending order. Values that are "
     "missing "
     "or not a number go last."},
    {"mean", 'm', NULL,
     "Means over the seeds, with standard deviations (columns *_sd in CSV and JSON) and the number "
     "of seeds."},
    {"over", 0, "A,B,...", "Means over these parameters instead, for example --over seed.init."},
    {"group-by", 'g', "A,B,...",
     "Means over all runs that agree in these parameters, whatever else they differ in."},
    {"across", 0, "MEASURE",
     "What a measure over runs gives, for example --across ensemble (see basin list "
     "across-measures)."},
    {"running", 'r', NULL,
     "Also a row for each run that is under way or was interrupted: how many epochs it has done, "
     "and its newest losses and accuracies, as of its last checkpoint."},
    {"claims", 0, NULL,
     "What the studies expect (`expect` of their specs), and whether it came out: a row a claim. "
     "Of "
     "a SPEC what the file says now; of a folder what was run there last."},
    {"format", 'f', "FORMAT",
     "text (default), csv, json, markdown or latex (a tabular for booktabs)."},
    {"json", 0, NULL, "Same as --format json."},
    SOURCE_OPTION_ROWS,
    {0}};

static const char *const examples[] = {
    "basin table results/study",
    "the varied parameters and the usual numbers",
    "basin table results/study --mean",
    "means and standard deviations over seeds",
    "basin table results/study --where 'weight_decay > 0 and status = finished' --sort "
    "-test_accuracy",
    "the best runs first",
    "basin table results/study --group-by optimizer.type,depth",
    "means over all that varies but these two",
    "basin table results/study --mean -c 'lr,hessian_*,*_gap'",
    "columns by pattern, which the shell must not expand",
    "basin table results/study --across 'ensemble: {sizes: [1, 5]}'",
    "how good the average of five seeds predicts, beside a single one",
    "basin table results/study -f csv > study.csv",
    "every number, for a spreadsheet",
    "basin table results/study --mean -f latex > table.tex",
    "for a paper; -f markdown for a notebook or an issue",
    "basin table results/study --running --where 'status = running'",
    "how far the runs are that have not finished, with their parameters",
    "basin table results/study -c run_id,dataset.name,parameters",
    "any parameter or measure can be a column",
    NULL};

const struct command command_table = {
    .name = "table",
    .usage = "DIR|FILE.h5|ID|SPEC... [OPTION]...",
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
        "apart, each option in a row, in which the means of all else are repeated. A "
        "SPEC.yaml stands for its own runs in results/<study>, or in the folder that -o names; "
        "results of other specs there are counted and left out. ID: at least the first four "
        "digits of a run id. Exit status 1 if a file could not be used.",
    .least = 1,
    .most = 100000,
    .options = options,
    .examples = examples,
    .run = table_run};
