#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "analysis/collect.h"
#include "cli/claims.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/request.h"
#include "cli/signals.h"
#include "folder/folder.h"
#include "folder/log.h"
#include "store/store.h"
#include "study/timing.h"

static void announce(const struct study *study, const struct session *session)
{
    size_t finished = study->count[RUN_FINISHED];
    struct text line = {0};
    text_format(&line, "study %s: ", study->spec->name);
    request_count(study, &line);
    if (finished) text_format(&line, ", %zu finished already", finished);
    size_t interrupted = 0;
    for (size_t i = 0; i < study->run_count; i++)
        interrupted += study->runs[i].state == RUN_INTERRUPTED && !study_run_held(&study->runs[i]);
    if (interrupted) text_format(&line, ", %zu interrupted", interrupted);
    if (study->held) text_format(&line, ", %zu in another process", study->held);
    if (study->count[RUN_INCOMPLETE])
        text_format(&line, ", %zu with measures to add", study->count[RUN_INCOMPLETE]);
    if (session->todo) text_format(&line, ", %d at a time, into %s", session->jobs, study->folder);
    if (!line.failed) report_message("%s", line.data);
    text_free(&line);
    request_warn(study);
}

/* A hint that several failures share is printed once, below the last of them. */
static bool is_last_with_hint(const struct session *session, size_t failure)
{
    const char *hint = session->failures[failure].error.hint;
    for (size_t i = failure + 1; i < session->failed; i++)
        if (strcmp(session->failures[i].error.hint, hint) == 0) return false;
    return hint[0] != 0;
}

static void list_failure(const struct study *study, const struct study_run *run, const char *kind,
                         const char *message)
{
    struct text what = {0};
    study_describe(study, run, &what);
    report_message("  %s %s  %s  %s", kind, run->id, text_data(&what), message);
    text_free(&what);
}

/* Lists every run that has failed, now or earlier. */
static void list_failures(const struct study *study, const struct session *session)
{
    char path[FOLDER_PATH];
    for (size_t i = 0; i < session->failed; i++) {
        const struct failure *failure = &session->failures[i];
        list_failure(study, &study->runs[failure->position], "failed", failure->error.message);
        if (is_last_with_hint(session, i)) report_message("    hint: %s", failure->error.hint);
    }
    for (size_t i = 0; i < study->run_count; i++) {
        const struct study_run *run = &study->runs[i];
        if (study_run_left(run))
            list_failure(study, run,
                         run->known.unreadable      ? "unreadable"
                         : run->state == RUN_FAILED ? "failed earlier"
                                                    : "quarantined",
                         run->known.reason);
    }
    bool logged = session->failed &&
                  folder_file_exists(
                      log_file(study->folder, study->runs[session->failures[0].position].id, path));
    if (logged && session->failed == 1) report_message("Log: %s", path);
    if (logged && session->failed > 1) report_message("Logs: %s/logs/", study->folder);
}

/* Did a run fail for a reason that the next `run` does not try again without --retry? */
static bool is_left_alone(const struct session *session)
{
    for (size_t i = 0; i < session->failed; i++)
        if (!session->failures[i].refused &&
            !ledger_is_transient(session->failures[i].error.status))
            return true;
    return false;
}

static void count_session(const struct session *session)
{
    char seconds[32];
    struct text line = {0};
    if (!session->todo) return;
    text_format(&line, "%zu run%s finished", (size_t)session->finished,
                session->finished == 1 ? "" : "s");
    if (session->elsewhere)
        text_format(&line, ", %zu of them by another process", (size_t)session->elsewhere);
    if (session->diverged) text_format(&line, " (%zu diverged)", (size_t)session->diverged);
    if (session->failed) text_format(&line, ", %zu failed", (size_t)session->failed);
    text_format(&line, " in %s", print_seconds(session->seconds, seconds));
    if (!line.failed) report_message("%s", line.data);
    text_free(&line);
}

static void run_print_resume_command(const struct arguments *arguments, const struct study *study,
                                     const struct session *session)
{
    struct text line = {0};
    size_t lost = session->lost;
    if (study->force) {
        report_message("interrupted: results are kept (old ones where there is no new one); with "
                       "--force every run starts again");
        return;
    }
    text_format(
        &line,
        "interrupted%s: finished runs are kept, and runs in progress resume from their last "
        "checkpoint",
        signals_limit ? " by the time limit" : "");
    if (lost)
        text_format(&line, ", except %zu run%s without a checkpoint, which start%s over", lost,
                    lost == 1 ? "" : "s", lost == 1 ? "s" : "");
    if (!line.failed) report_message("%s", line.data);
    text_free(&line);
    text_append(&line, "Continue with: basin run ");
    request_quote(&line, arguments->positional[0]);
    text_append(&line, " -o ");
    request_quote(&line, study->folder);
    request_options(arguments, false, &line);
    if (!line.failed) report_message("%s", line.data);
    text_free(&line);
}

/* A study whose runs are all done is collected; what goes wrong then costs no run. */
static void collect_done(const struct study *study)
{
    struct arena *arena;
    struct collected collected;
    struct collect_inputs inputs;
    char path[FOLDER_PATH];
    snprintf(path, sizeof path, "%s/study.h5", study->folder);
    if (study->origin || study->shards || collect_is_fresh(study->folder, path)) return;
    if (arena_create(&arena) != BASIN_OK) return;
    collect_inputs_look(study->folder, &inputs);
    basin_status status = collect_folder(arena, study->folder, &collected);
    for (size_t i = 0; status == BASIN_OK && i < collected.note_count; i++)
        report_message("warning: %s", collected.notes[i]);
    if (status == BASIN_OK) status = collect_save(&collected, study->folder, path, &inputs);
    if (status != BASIN_OK)
        report_message("warning: the study was not collected: %s", basin_error_last()->message);
    arena_destroy(arena);
}

static void print_next_command(const struct study *study)
{
    struct text line = {0};
    text_append(&line, "Next: basin table ");
    request_quote(&line, study->folder);
    if (!line.failed) report_message("%s", line.data);
    text_free(&line);
}

/* What the study expects, and what came out. With --expect a claim that fails is a failure. */
static int conclude_claims(const struct arguments *arguments, const struct study *study)
{
    int failed = claims_report(study);
    if (failed < 0) return 1;
    if (!failed || !option_given(arguments, "expect")) return 0;
    report_message("--expect: %d claim%s", failed, failed == 1 ? " fails" : "s fail");
    return 1;
}

static int run_conclude(const struct arguments *arguments, const struct study *study,
                        const struct session *session)
{
    bool undone = session->finished + session->failed < session->todo;
    count_session(session);
    if (session->workers && session->workers < session->jobs)
        report_message(
            "warning: the system gave %d thread%s where %d were wanted (see `ulimit -u`, "
            "`ulimit -v` and `ulimit -d`)",
            session->workers, session->workers == 1 ? "" : "s", session->jobs);
    list_failures(study, session);
    if (session->journal_error.status != BASIN_OK)
        report_message("warning: %s", session->journal_error.message);
    if (signals_caught && undone) {
        run_print_resume_command(arguments, study, session);
        return 128 + (int)signals_caught;
    }
    size_t begun = session->finished + session->failed;
    if (session->stopped && begun < session->todo)
        report_message("stopped after %zu failure%s: %zu run%s not started",
                       (size_t)session->failed, session->failed == 1 ? "" : "s",
                       session->todo - begun, session->todo - begun == 1 ? " was" : "s were");
    if (is_left_alone(session)) report_message("To try the failed runs again, add --retry failed.");
    if (session->finished + study->count[RUN_FINISHED] + study->count[RUN_INCOMPLETE] > 0)
        print_next_command(study);
    int expected = conclude_claims(arguments, study), exit_status = session_exit(session);
    if (!exit_status && !undone && !option_given(arguments, "no-collect")) collect_done(study);
    if (exit_status) return exit_status;
    return expected || study->count[RUN_FAILED] + study->count[RUN_QUARANTINED] > 0;
}

static void stop_session(void *session)
{
    scheduler_stopping(session);
}

#define CALIBRATED 1e11 /* FLOPs; a study with less is over before its time matters */
#define STEP_MOST 5e9   /* FLOPs of a training step; larger ones would keep the study waiting */

static bool is_worth_calibrating(const struct study *study, const struct session *session)
{
    if (!report_is_terminal(STDERR_FILENO) || session->total_flops < CALIBRATED) return false;
    for (size_t i = 0; i < study->run_count; i++)
        if (study->runs[i].cost.step_flops > STEP_MOST) return false;
    return true;
}

/* What the line of progress expects of each run; NULL where nobody looks at it, or where
 * calibrating would take longer than it is worth. */
static const double *expect(const struct study *study, const struct session *session,
                            struct arena *arena)
{
    struct timing timing;
    double memory = session->memory - study_common_bytes(study);
    if (!is_worth_calibrating(study, session)) return NULL;
    if (timing_estimate(study, session->jobs, memory, arena, &timing) != BASIN_OK) return NULL;
    return timing.work > 0 ? timing.seconds : NULL;
}

static basin_status run_shown(const struct study *study, struct scheduler_options *options,
                              struct session *session)
{
    struct progress *progress = NULL;
    struct arena *arena;
    TRY(arena_create(&arena));
    announce(study, session);
    basin_status status = progress_start(study, session, expect(study, session, arena), &progress);
    options->context = progress;
    if (status == BASIN_OK) {
        signals_on_stop(stop_session, session);
        status = scheduler_run(study, options, session);
        signals_on_stop(NULL, NULL);
    }
    progress_end(progress);
    arena_destroy(arena);
    return status;
}

static int run_session(const struct arguments *arguments, const struct study *study, long jobs,
                       long most_failures, double memory)
{
    struct session *session = NULL;
    struct text repeated = {0};
    request_options(arguments, true, &repeated);
    struct scheduler_options options = {
        .jobs = (int)jobs,
        .memory = memory,
        .most_failures = option_given(arguments, "fail-fast") ? 1 : (size_t)most_failures,
        .spec_file = arguments->positional[0],
        .arguments = text_data(&repeated),
        .stop = &signals_stop,
        .signal = &signals_caught,
        .listen = progress_listen};
    basin_status status = scheduler_create(study, &options, &session);
    if (status == BASIN_OK) status = run_shown(study, &options, session);
    int exit_status = status == BASIN_OK ? run_conclude(arguments, study, session) : report_last();
    scheduler_destroy(session);
    text_free(&repeated);
    return exit_status;
}

static int run_study(const struct arguments *arguments)
{
    struct study *study;
    long jobs;
    if (signals_catch() != BASIN_OK) return report_last();
    if (option_number(arguments, "jobs", REQUEST_JOBS_MOST, &jobs) != BASIN_OK)
        return report_last();
    long most_failures;
    if (option_number(arguments, "max-failures", 1000000, &most_failures) != BASIN_OK)
        return report_last();
    double memory, seconds;
    if (request_time(arguments, &seconds) != BASIN_OK) return report_last();
    if (seconds > 0 && signals_after(seconds) != BASIN_OK) return report_last();
    int exit_status = request_study(arguments, arguments->positional[0], true, &study);
    if (exit_status == 0 && (request_memory(arguments, study, &memory) != BASIN_OK ||
                             study_admit(study, memory) != BASIN_OK))
        exit_status = report_last();
    if (exit_status == 0) exit_status = run_session(arguments, study, jobs, most_failures, memory);
    study_close(study);
    return exit_status;
}

static const struct option_row options[] = {
    {"output", 'o', "DIR", "Results folder (default results/<study>)."},
    {"jobs", 'j', "N", "Runs to train at a time (default: the number of available cores)."},
    {"memory", 0, "SIZE",
     "Memory limit for the process (all runs, their data, the program), such as 4G or 80% "
     "(default: 80% of what is available)."},
    {"set", 0, "KEY=VALUE",
     "Override a value of the spec, for example --set training.epochs=5. May be repeated."},
    {"retry", 0, "WHICH",
     "failed: also train runs that failed or are quarantined. crashed: ignore earlier crashes, "
     "after a power cut for example."},
    {"force", 0, NULL, "Train every run again and replace existing results."},
    {"expect", 0, NULL, "Exit with status 1 where a claim of the spec (`expect`) fails."},
    {"no-collect", 0, NULL,
     "Do not write study.h5 when all runs are done; an earlier one stays as it is. `basin collect` "
     "writes it later."},
    {"shard", 0, "I/N",
     "Train only part I of N. The parts have similar costs and are the same on every machine."},
    {"fail-fast", 0, NULL, "Start no new run after a failure."},
    {"max-failures", 0, "N", "Start no new run after N failures."},
    {"time-limit", 0, "TIME",
     "Stop after this time (90m, 1h30m, 2d or 1-12:00:00) as by SIGTERM: runs in progress are "
     "saved, and resume next time."},
    {"max-runs", 0, "N", "Refuse a sweep with more than N runs (default 100000)."},
    {0}};

static const char *const examples[] = {"basin run experiments/quickstart.yaml",
                                       "train every run of the study that has no result yet",
                                       "basin run study.yaml -j 4 -o /data/study",
                                       "four at a time, results in /data/study",
                                       "basin run study.yaml --set training.epochs=1 -o /tmp/try",
                                       "a quick trial with results of its own",
                                       "basin run results/study/runs/0123456789abcdef.h5 -o again",
                                       "repeat one run from its result file",
                                       NULL};

const struct command command_run = {
    .name = "run",
    .usage = "SPEC [OPTION]...",
    .summary = "train the runs of a study that are not finished",
    .details =
        "SPEC is a YAML study or a result FILE.h5. Finished runs are never trained again; measures "
        "added to the spec are computed from the stored weights. Ctrl-C stops each run after its "
        "current step and saves it (a second Ctrl-C stops at once); the same command resumes. Runs "
        "that were in progress when a process crashed are trained last, one at a time. A run that "
        "crashes the process repeatedly while it is trained alone is quarantined. Messages about a "
        "run are in DIR/logs/ID.log.\nExit status: 0 all runs done, 1 some failed (with --expect: "
        "or a claim fails), 2 wrong spec or "
        "usage, 3 environment (data, disk), 129, 130 or 143 after a signal.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = run_study};
