#include <stdlib.h>
#include <string.h>
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/request.h"
#include "folder/folder.h"
#include "study/standing.h"
#include "study/study.h"

/* Has something to be said about it beside its count? */
static bool status_is_told(const struct run_standing *run)
{
    return run->state == STANDING_FAILED || run->state == STANDING_QUARANTINED ||
           run->state == STANDING_DAMAGED;
}

/* Is it under way: in a process, or where one has left it? */
static bool is_under_way(const struct run_standing *run)
{
    return run->state == STANDING_RUNNING || run->state == STANDING_INTERRUPTED || run->is_suspect;
}

static void print_under_way_json(struct text *out, const struct standing *standing)
{
    const char *gap = "";
    for (size_t i = 0; i < standing->count; i++) {
        const struct run_standing *run = &standing->runs[i];
        if (!is_under_way(run)) continue;
        text_format(out, "%s\n  {\"run_id\": \"%s\", \"state\": \"%s\"", gap, run->id,
                    standing_names[run->state]);
        if (run->who) {
            text_append(out, ", \"process\": ");
            text_json(out, run->who);
        }
        if (run->state == STANDING_INTERRUPTED)
            text_format(out, ", \"epoch\": %lld, \"step\": %lld", (long long)run->epoch,
                        (long long)run->step);
        text_append(out, run->is_suspect ? ", \"suspect\": true}" : "}");
        gap = ",";
    }
}

static void print_failures_json(struct text *out, const struct standing *standing)
{
    const char *gap = "";
    for (size_t i = 0; i < standing->count; i++) {
        const struct run_standing *run = &standing->runs[i];
        if (!status_is_told(run)) continue;
        text_format(out, "%s\n  {\"run_id\": ", gap);
        text_json(out, run->id);
        text_format(out, ", \"state\": \"%s\", \"message\": ", standing_names[run->state]);
        text_json(out, run->message ? run->message : "");
        if (run->log) {
            text_append(out, ", \"log\": ");
            text_json(out, run->log);
        }
        text_append(out, "}");
        gap = ",";
    }
}

static int status_print_json(const struct standing *standing, const char *folder)
{
    struct text out = {0};
    text_append(&out, "{\"study\": ");
    if (standing->study)
        text_json(&out, standing->study);
    else
        text_append(&out, "null");
    text_append(&out, ", \"folder\": ");
    text_json(&out, folder);
    text_format(&out, ", \"runs\": %zu", standing->count);
    for (int i = 0; i < STANDING_STATES; i++)
        text_format(&out, ", \"%s\": %zu", standing_names[i], standing->counts[i]);
    text_format(&out, ", \"suspects\": %zu", standing->suspects);
    text_append(&out, ", \"under_way\": [");
    print_under_way_json(&out, standing);
    text_append(&out, "], \"failures\": [");
    print_failures_json(&out, standing);
    text_append(&out, "]}\n");
    return report_output(&out, 0);
}

static void status_tell_how_to_go_on(const struct standing *standing, const char *folder,
                                     struct text *out)
{
    text_append(out, "Go on with: basin run ");
    request_quote(out, standing->spec);
    text_append(out, " -o ");
    request_quote(out, folder);
    if (standing->arguments) text_append(out, standing->arguments);
    if (standing->counts[STANDING_MISSING] + standing->counts[STANDING_INTERRUPTED] == 0)
        text_append(out, " --retry failed");
    text_append(out, "\n");
}

/* "interrupted 0123456789abcdef  goes on from epoch 7" */
static void put_under_way(struct text *out, const struct run_standing *run)
{
    text_format(out, "  %-11s %s", standing_names[run->state], run->id);
    if (run->who) text_format(out, "  in process %s", run->who);
    if (run->state == STANDING_INTERRUPTED)
        text_format(out, "  goes on from %s %lld", run->epoch ? "epoch" : "step",
                    (long long)(run->epoch ? run->epoch : run->step));
    if (run->is_suspect) text_format(out, "  suspect: %s", run->message);
    text_append(out, "\n");
}

static void list_under_way(const struct standing *standing, struct text *out)
{
    enum { LISTED = 20 };
    size_t count = 0;
    for (size_t i = 0; i < standing->count; i++)
        if (is_under_way(&standing->runs[i]) && count++ < LISTED)
            put_under_way(out, &standing->runs[i]);
    if (count > LISTED) text_format(out, "  ... and %zu more (--json)\n", count - LISTED);
}

static int status_print_text(const struct standing *standing, const char *folder)
{
    struct text out = {0};
    text_format(&out,
                "study %s in %s\n%zu run%s:", standing->study ? standing->study : "(no journal)",
                folder, standing->count, standing->count == 1 ? "" : "s");
    for (int i = 0; i < STANDING_STATES; i++) {
        bool rare = i == STANDING_QUARANTINED || i == STANDING_RUNNING || i == STANDING_INTERRUPTED;
        if (!rare || standing->counts[i])
            text_format(&out, "%s %zu %s", i ? "," : "", standing->counts[i], standing_names[i]);
    }
    text_append(&out, "\n");
    if (standing->suspects)
        text_format(
            &out,
            "  %zu of them %s under way when a process died, and %s trained alone next time\n",
            standing->suspects, standing->suspects == 1 ? "was" : "were",
            standing->suspects == 1 ? "is" : "are");
    list_under_way(standing, &out);
    for (size_t i = 0; i < standing->count; i++) {
        const struct run_standing *run = &standing->runs[i];
        if (!status_is_told(run)) continue;
        text_format(&out, "  %-8s %s  %s\n", standing_names[run->state], run->id,
                    run->message ? run->message : "");
        if (run->log) text_format(&out, "           log: %s\n", run->log);
    }
    if (standing->spec &&
        standing->counts[STANDING_MISSING] + standing->counts[STANDING_INTERRUPTED] +
            standing->counts[STANDING_FAILED] + standing->counts[STANDING_QUARANTINED])
        status_tell_how_to_go_on(standing, folder, &out);
    return report_output(&out, 0);
}

static int status(const struct arguments *arguments)
{
    struct arena *arena;
    struct standing *standing;
    if (arena_create(&arena) != BASIN_OK) return report_last();
    const char *folder = request_folder(arguments->positional[0], arena);
    int exit_status;
    if (standing_read(arena, folder, &standing) != BASIN_OK)
        exit_status = report_last();
    else if (option_given(arguments, "json"))
        exit_status = status_print_json(standing, folder);
    else
        exit_status = status_print_text(standing, folder);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"json", 0, NULL,
     "One JSON object: the counts, `under_way` (running, interrupted, suspects) and `failures` "
     "with id, message and log."},
    {0}};

static const char *const examples[] = {"basin status results/study",
                                       "how far is it, and what failed?",
                                       "basin status results/study --json", "for programs", NULL};

const struct command command_status = {
    .name = "status",
    .usage = "DIR|SPEC [OPTION]...",
    .summary =
        "count what is finished, diverged, failed, damaged, running, interrupted and missing",
    .details = "Looks at the result files (their digests are verified) and at the "
               "journals of every process that worked in DIR; of a SPEC.yaml, in results/<study>.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = status};
