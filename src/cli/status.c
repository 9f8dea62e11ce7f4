#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/claims.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/request.h"
#include "folder/folder.h"
#include "folder/ledger.h"
#include "run/provenance.h"

/* Is a message shown for it? */
static bool has_message(const struct ledger_entry *run)
{
    return run->state == LEDGER_FAILED || run->state == LEDGER_QUARANTINED ||
           run->state == LEDGER_DAMAGED;
}

static bool will_run_alone(const struct ledger_entry *run)
{
    return run->suspect && (run->state == LEDGER_MISSING || run->state == LEDGER_INTERRUPTED);
}

/* Is it in progress, or was it when a process ended? */
static bool is_under_way(const struct ledger_entry *run)
{
    return run->state == LEDGER_RUNNING || run->state == LEDGER_INTERRUPTED || will_run_alone(run);
}

static void print_under_way_json(struct text *out, const struct ledger *ledger)
{
    const char *gap = "";
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_entry *run = &ledger->entries[i];
        if (!is_under_way(run)) continue;
        text_format(out, "%s\n  {\"run_id\": ", gap);
        text_json(out, run->id);
        text_format(out, ", \"state\": \"%s\"", ledger_names[run->state]);
        if (run->holder) {
            text_append(out, ", \"process\": ");
            text_json(out, run->holder);
        }
        if (run->state == LEDGER_INTERRUPTED)
            text_format(out, ", \"epoch\": %lld, \"step\": %lld", (long long)run->epoch,
                        (long long)run->step);
        text_append(out, will_run_alone(run) ? ", \"suspect\": true}" : "}");
        gap = ",";
    }
}

static void print_failures_json(struct text *out, const struct ledger *ledger)
{
    const char *gap = "";
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_entry *run = &ledger->entries[i];
        if (!has_message(run)) continue;
        text_format(out, "%s\n  {\"run_id\": ", gap);
        text_json(out, run->id);
        text_format(out, ", \"state\": \"%s\", \"message\": ", ledger_names[run->state]);
        text_json(out, run->reason ? run->reason : "");
        if (run->log) {
            text_append(out, ", \"log\": ");
            text_json(out, run->log);
        }
        if (run->transient) text_append(out, ", \"transient\": true");
        text_append(out, "}");
        gap = ",";
    }
}

/* What a journal declares may be damaged, or of a later version; the states of the runs do not
 * depend on it. `out` gets nothing then. The exit status. */
static int status_put_claims(const struct study *study, const char *folder, bool json,
                             struct text *out)
{
    struct text claims = {0};
    basin_status status = claims_put(study, folder, json, &claims);
    if (status == BASIN_OK) text_append(out, text_data(&claims));
    text_free(&claims);
    if (status == BASIN_OK) return 0;
    int exit_status = report_last();
    return status == BASIN_DATA ? 1 : exit_status;
}

static int status_print_json(const struct ledger *ledger, const struct study *study,
                             const char *folder)
{
    struct text out = {0}, claims = {0};
    int exit_status = status_put_claims(study, folder, true, &claims);
    text_append(&out, "{\"study\": ");
    if (ledger->study)
        text_json(&out, ledger->study);
    else
        text_append(&out, "null");
    text_append(&out, ", \"folder\": ");
    text_json(&out, folder);
    text_format(&out, ", \"runs\": %zu", ledger->count);
    for (int i = 0; i < LEDGER_STATES; i++)
        text_format(&out, ", \"%s\": %zu", ledger_names[i], ledger->counts[i]);
    text_format(&out, ", \"suspects\": %zu", ledger->suspects);
    text_append(&out, ", \"under_way\": [");
    print_under_way_json(&out, ledger);
    text_append(&out, "], \"failures\": [");
    print_failures_json(&out, ledger);
    text_append(&out, "], \"claims\": ");
    text_append(&out, claims.length ? text_data(&claims) : "null");
    text_append(&out, "}\n");
    text_free(&claims);
    return report_json(&out, exit_status);
}

static void status_put_resume_command(const struct ledger *ledger, const char *folder,
                                      struct text *out)
{
    text_append(out, "Continue with: basin run ");
    if (ledger->spec[0] == '-') text_append(out, "./"); /* a file, not an option */
    request_quote(out, ledger->spec);
    text_append(out, " -o ");
    request_quote(out, folder);
    bool whole = request_put_arguments(out, ledger->arguments ? ledger->arguments : "");
    if (ledger->left && ledger->counts[LEDGER_MISSING] + ledger->counts[LEDGER_INTERRUPTED] == 0)
        text_append(out, " --retry failed");
    if (!whole) text_append(out, " # without the journal's options, which Basin did not write so");
    text_append(out, "\n");
}

/* Journals, claims and names of files are written by whoever may write to the folder. */
static void put_part(struct text *out, const char *part, const char *after)
{
    text_escape(out, part);
    text_append(out, after);
}

/* "interrupted 0123456789abcdef  seed=1  resumes from epoch 7"; `values` may be empty. */
static void put_run(struct text *out, const struct ledger_entry *run, const char *values)
{
    text_format(out, "  %-11s ", ledger_names[run->state]);
    put_part(out, run->id, *values ? "  " : "");
    put_part(out, values, "");
    if (run->holder) put_part(out, "  in process ", "");
    if (run->holder) put_part(out, run->holder, "");
    if (run->state == LEDGER_INTERRUPTED)
        text_format(out, "  resumes from %s %lld", run->epoch ? "epoch" : "step",
                    (long long)(run->epoch ? run->epoch : run->step));
    if (will_run_alone(run)) put_part(out, "  suspect: ", "");
    if (will_run_alone(run)) put_part(out, run->crash, "");
}

static void list_under_way(const struct ledger *ledger, struct text *out)
{
    enum { LISTED = 20 };
    size_t count = 0;
    for (size_t i = 0; i < ledger->count; i++)
        if (is_under_way(&ledger->entries[i]) && count++ < LISTED) {
            put_run(out, &ledger->entries[i], "");
            text_append(out, "\n");
        }
    if (count > LISTED) text_format(out, "  ... and %zu more (--json)\n", count - LISTED);
}

static void put_counts_of_states(struct text *out, const struct ledger *ledger)
{
    text_format(out, "%zu run%s:", ledger->count, ledger->count == 1 ? "" : "s");
    for (int i = 0; i < LEDGER_STATES; i++) {
        bool rare = i == LEDGER_QUARANTINED || i == LEDGER_RUNNING || i == LEDGER_INTERRUPTED;
        if (!rare || ledger->counts[i])
            text_format(out, "%s %zu %s", i ? "," : "", ledger->counts[i], ledger_names[i]);
    }
    text_append(out, "\n");
    if (ledger->suspects)
        text_format(
            out, "  %zu of them %s in progress when a process crashed and will be trained alone\n",
            ledger->suspects, ledger->suspects == 1 ? "was" : "were");
}

static void list_messages(const struct ledger *ledger, struct text *out)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_entry *run = &ledger->entries[i];
        if (!has_message(run)) continue;
        text_format(out, "  %-8s ", ledger_names[run->state]);
        put_part(out, run->id, "  ");
        put_part(out, run->reason ? run->reason : "", "\n");
        if (run->log) put_part(out, "           log: ", "");
        if (run->log) put_part(out, run->log, "\n");
        if (run->transient) text_append(out, "           the next run tries it again\n");
    }
}

/* `runs`: what a spec's runs are listed as; empty: only what is under way is listed.
 * On a terminal lines break between words, except the command that continues the study. */
static int status_print_text(const struct ledger *ledger, const struct study *study,
                             const char *folder, const struct text *runs)
{
    struct text out = {0}, command = {0};
    text_append(&out, "study ");
    put_part(&out, ledger->study ? ledger->study : "(no journal)", " in ");
    put_part(&out, folder, "\n");
    put_counts_of_states(&out, ledger);
    if (runs->length)
        text_append(&out, text_data(runs));
    else
        list_under_way(ledger, &out);
    list_messages(ledger, &out);
    int exit_status = status_put_claims(study, folder, false, &out);
    if (ledger->spec && ledger->counts[LEDGER_MISSING] + ledger->counts[LEDGER_INTERRUPTED] +
                            ledger->counts[LEDGER_FAILED] + ledger->counts[LEDGER_QUARANTINED])
        status_put_resume_command(ledger, folder, &command);
    exit_status = report_is_terminal(STDOUT_FILENO) ? report_prose(&out, exit_status)
                                                    : report_output(&out, exit_status);
    return report_output(&command, exit_status);
}

/* ---- the runs of a spec ---- */

/* Results in the folder that are of no run of the study. */
static basin_status count_others(const struct study *study, size_t *others)
{
    struct folder_files files;
    size_t ours = 0;
    *others = 0;
    if (!folder_exists(study->folder)) return BASIN_OK;
    TRY(folder_list(study->arena, study->folder, &files));
    for (size_t i = 0; i < study->run_count; i++) {
        enum ledger_state state = study->runs[i].known.files;
        ours += state == LEDGER_FINISHED || state == LEDGER_DIVERGED || state == LEDGER_DAMAGED;
    }
    *others = files.count > ours ? files.count - ours : 0;
    return BASIN_OK;
}

/* Each run with its values: all of a few, else those that are not done. */
static void list_runs_of_spec(const struct study *study, struct text *out)
{
    enum { FEW = 20 };
    size_t listed = 0, left = 0;
    for (size_t i = 0; i < study->run_count; i++) {
        const struct study_run *run = &study->runs[i];
        enum ledger_state state = run->known.state;
        bool done = state == LEDGER_FINISHED || state == LEDGER_DIVERGED;
        if (done && !run->missing_measures && study->run_count > FEW) continue;
        if (listed++ >= FEW) {
            left++;
            continue;
        }
        struct text values = {0};
        study_describe(study, run, &values);
        put_run(out, &run->known, text_data(&values));
        text_free(&values);
        if (done && run->missing_measures)
            text_format(out, "  lacks %d measure%s", run->missing_measures,
                        run->missing_measures == 1 ? "" : "s");
        text_append(out, "\n");
    }
    if (left) text_format(out, "  ... and %zu more that are not done (basin plan --all)\n", left);
}

static basin_status ledger_of_study(const struct arguments *arguments, const struct study *study,
                                    struct ledger **ledger)
{
    struct ledger_entry **entries =
        arena_array(study->arena, struct ledger_entry *, study->run_count + 1);
    struct text repeated = {0};
    if (!entries) return BASIN_MEMORY;
    for (size_t i = 0; i < study->run_count; i++) entries[i] = &study->runs[i].known;
    TRY(ledger_of_entries(study->arena, study->folder, entries, study->run_count, ledger));
    request_options(arguments, true, &repeated);
    (*ledger)->study = study->spec->name;
    (*ledger)->spec = arguments->positional[0];
    (*ledger)->arguments = arena_text(study->arena, text_data(&repeated));
    basin_status status = (*ledger)->arguments ? text_status(&repeated) : BASIN_MEMORY;
    text_free(&repeated);
    return status;
}

/* What the folder has of the runs that the spec describes now: it may have changed since the study
 * was run, and the folder may hold results of other specs. */
static int status_of_spec(const struct arguments *arguments)
{
    struct study *study;
    struct ledger *ledger;
    struct text runs = {0};
    size_t others;
    int exit_status = request_study(arguments, arguments->positional[0], true, &study);
    if (exit_status == 0 && (ledger_of_study(arguments, study, &ledger) != BASIN_OK ||
                             count_others(study, &others) != BASIN_OK))
        exit_status = report_last();
    else if (exit_status == 0 && option_given(arguments, "json"))
        exit_status = status_print_json(ledger, study, study->folder);
    else if (exit_status == 0) {
        list_runs_of_spec(study, &runs);
        if (others)
            text_format(&runs, "  %zu other result%s in the folder %s not of this spec\n", others,
                        others == 1 ? "" : "s", others == 1 ? "is" : "are");
        exit_status = status_print_text(ledger, study, study->folder, &runs);
    }
    text_free(&runs);
    study_close(study);
    return exit_status;
}

static int status_of_folder(const struct arguments *arguments)
{
    struct arena *arena;
    struct ledger *ledger;
    struct text none = {0};
    const struct ledger_reader reader = provenance_reader();
    const char *folder = arguments->positional[0];
    if (option_given(arguments, "output") || option_given(arguments, "set")) {
        error_raise(BASIN_USAGE, "-o and --set belong to a spec, and %s is a folder", folder);
        return report_last();
    }
    if (arena_create(&arena) != BASIN_OK) return report_last();
    int exit_status;
    if (ledger_read(arena, folder, &reader, &ledger) != BASIN_OK)
        exit_status = report_last();
    else if (request_warn_of_journals(&ledger->skipped), option_given(arguments, "json"))
        exit_status = status_print_json(ledger, NULL, folder);
    else
        exit_status = status_print_text(ledger, NULL, folder, &none);
    arena_destroy(arena);
    return exit_status;
}

static int status(const struct arguments *arguments)
{
    return request_is_spec(arguments->positional[0]) ? status_of_spec(arguments)
                                                     : status_of_folder(arguments);
}

static const struct option_row options[] = {
    {"output", 'o', "DIR", "Of a SPEC: the results folder (default results/<study>)."},
    {"set", 0, "KEY=VALUE", "Of a SPEC: override a value, as for run. May be repeated."},
    {"json", 0, NULL,
     "One JSON object: the counts, `under_way` (running and interrupted runs, and suspects), "
     "`failures` with id, message and log, and `claims` (what the study expects, each with its "
     "verdict)."},
    {0}};

static const char *const examples[] = {"basin status results/study",
                                       "progress and failures",
                                       "basin status study.yaml",
                                       "which of its runs are done",
                                       "basin status results/study --json",
                                       "the same as JSON",
                                       NULL};

const struct command command_status = {
    .name = "status",
    .usage = "DIR|SPEC [OPTION]...",
    .summary = "show how many runs are finished, running, failed or missing",
    .details =
        "Reads the result files, verifies their digests, and reads the journals of every "
        "process that worked in DIR. A folder's runs are those that have a result, and those of "
        "the study that was run last. A SPEC.yaml names its own runs: each is listed with "
        "its values (of more than 20 those that are not done), and results of other specs "
        "in the folder are only counted.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = status};
