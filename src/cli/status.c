#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/request.h"
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
        text_format(out, "%s\n  {\"run_id\": \"%s\", \"state\": \"%s\"", gap, run->id,
                    ledger_names[run->state]);
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

static int status_print_json(const struct ledger *ledger, const char *folder)
{
    struct text out = {0};
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
    text_append(&out, "]}\n");
    return report_output(&out, 0);
}

static void status_put_resume_command(const struct ledger *ledger, const char *folder,
                                      struct text *out)
{
    text_append(out, "Continue with: basin run ");
    request_quote(out, ledger->spec);
    text_append(out, " -o ");
    request_quote(out, folder);
    if (ledger->arguments) text_append(out, ledger->arguments);
    if (ledger->left && ledger->counts[LEDGER_MISSING] + ledger->counts[LEDGER_INTERRUPTED] == 0)
        text_append(out, " --retry failed");
    text_append(out, "\n");
}

/* "interrupted 0123456789abcdef  resumes from epoch 7" */
static void put_under_way(struct text *out, const struct ledger_entry *run)
{
    text_format(out, "  %-11s %s", ledger_names[run->state], run->id);
    if (run->holder) text_format(out, "  in process %s", run->holder);
    if (run->state == LEDGER_INTERRUPTED)
        text_format(out, "  resumes from %s %lld", run->epoch ? "epoch" : "step",
                    (long long)(run->epoch ? run->epoch : run->step));
    if (will_run_alone(run)) text_format(out, "  suspect: %s", run->crash);
    text_append(out, "\n");
}

static void list_under_way(const struct ledger *ledger, struct text *out)
{
    enum { LISTED = 20 };
    size_t count = 0;
    for (size_t i = 0; i < ledger->count; i++)
        if (is_under_way(&ledger->entries[i]) && count++ < LISTED)
            put_under_way(out, &ledger->entries[i]);
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
        text_format(out, "  %-8s %s  %s\n", ledger_names[run->state], run->id,
                    run->reason ? run->reason : "");
        if (run->log) text_format(out, "           log: %s\n", run->log);
        if (run->transient) text_append(out, "           the next run tries it again\n");
    }
}

/* On a terminal lines break between words, except the command that continues the study. */
static int status_print_text(const struct ledger *ledger, const char *folder)
{
    struct text out = {0}, command = {0};
    text_format(&out, "study %s in %s\n", ledger->study ? ledger->study : "(no journal)", folder);
    put_counts_of_states(&out, ledger);
    list_under_way(ledger, &out);
    list_messages(ledger, &out);
    if (ledger->spec && ledger->counts[LEDGER_MISSING] + ledger->counts[LEDGER_INTERRUPTED] +
                            ledger->counts[LEDGER_FAILED] + ledger->counts[LEDGER_QUARANTINED])
        status_put_resume_command(ledger, folder, &command);
    int exit_status =
        report_is_terminal(STDOUT_FILENO) ? report_prose(&out, 0) : report_output(&out, 0);
    return report_output(&command, exit_status);
}

static int status(const struct arguments *arguments)
{
    struct arena *arena;
    struct ledger *ledger;
    const struct ledger_reader reader = provenance_reader();
    if (arena_create(&arena) != BASIN_OK) return report_last();
    const char *folder = request_folder(arguments->positional[0], arena);
    int exit_status;
    if (ledger_read(arena, folder, &reader, &ledger) != BASIN_OK)
        exit_status = report_last();
    else if (option_given(arguments, "json"))
        exit_status = status_print_json(ledger, folder);
    else
        exit_status = status_print_text(ledger, folder);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"json", 0, NULL,
     "One JSON object: the counts, `under_way` (running and interrupted runs, and suspects) and "
     "`failures` with id, message and log."},
    {0}};

static const char *const examples[] = {"basin status results/study", "progress and failures",
                                       "basin status results/study --json", "the same as JSON",
                                       NULL};

const struct command command_status = {
    .name = "status",
    .usage = "DIR|SPEC [OPTION]...",
    .summary = "show how many runs are finished, running, failed or missing",
    .details = "Reads the result files, verifies their digests, and reads the journals of every "
               "process that worked in DIR. For a SPEC.yaml, DIR is results/<study>.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = status};
