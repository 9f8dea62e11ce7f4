#include "study/scheduler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "study/team.h"
#include "folder/checkpoint.h"
#include "folder/claim.h"
#include "folder/folder.h"
#include "folder/log.h"
#include "run/machine.h"
#include "run/provenance.h"
#include "study/admission.h"
#include "study/events.h"

/* What all workers share. */
struct worker_context {
    const struct study *study;
    const struct scheduler_options *options;
    struct session *session;
    struct journal journal;
    struct claims *claims;
    struct admission admission;
    const _Atomic bool *stop; /* of the options, or one that is never set */
    struct text opened;       /* when, as journals have it */
};

double scheduler_default_memory(const struct study *study)
{
    return 0.8 * (machine_memory() + study_common_bytes(study));
}

/* The data are there already: what is left is for the runs. */
static basin_status check_memory(const struct study *study, const struct session *session)
{
    char limit[32], data[32], program[32];
    if (!session->todo || session->memory > study_common_bytes(study)) return BASIN_OK;
    error_raise(BASIN_USAGE,
                "the limit of memory is %s, and without any run the program takes %s and the data "
                "of the study %s",
                text_bytes(session->memory, limit), text_bytes((double)study->program, program),
                text_bytes((double)study_data_bytes(study), data));
    error_hint("%s", admission_raise(session->memory));
    return BASIN_USAGE;
}

basin_status scheduler_create(const struct study *study, const struct scheduler_options *options,
                              struct session **out)
{
    struct session *session = *out = memory_allocate(sizeof *session);
    if (!session) return BASIN_MEMORY;
    pthread_mutex_init(&session->lock, NULL);
    for (size_t i = 0; i < study->run_count; i++) session->todo += study_run_todo(&study->runs[i]);
    session->jobs = options->jobs > 0 ? options->jobs : machine_cores();
    if ((size_t)session->jobs > session->todo)
        session->jobs = session->todo ? (int)session->todo : 1;
    for (size_t i = 0; i < study->run_count; i++)
        if (study_run_todo(&study->runs[i])) session->total_flops += study->runs[i].cost.flops;
    session->progress = memory_allocate((size_t)session->jobs * sizeof *session->progress);
    session->failures =
        memory_allocate((session->todo ? session->todo : 1) * sizeof *session->failures);
    session->memory = options->memory > 0 ? options->memory : scheduler_default_memory(study);
    basin_status status =
        session->progress && session->failures ? check_memory(study, session) : BASIN_MEMORY;
    if (status == BASIN_OK) return BASIN_OK;
    scheduler_destroy(session);
    *out = NULL;
    return status;
}

void scheduler_destroy(struct session *session)
{
    if (!session) return;
    pthread_mutex_destroy(&session->lock);
    memory_free(session->progress);
    memory_free(session->failures);
    memory_free(session);
}

void scheduler_stopping(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    if (session->journal) events_study_stop(session->journal);
    pthread_mutex_unlock(&session->lock);
}

double session_done_flops(const struct session *session)
{
    double done = session->done_flops;
    for (int i = 0; i < session->jobs; i++) done += session->progress[i].done;
    return done;
}

int session_exit(const struct session *session)
{
    int worst = 0;
    for (size_t i = 0; i < session->failed; i++) {
        /* a run without enough memory has failed: others may not need as much */
        basin_status status = session->failures[i].error.status;
        int exit_status = status != BASIN_MEMORY && basin_status_exit(status) == 3 ? 3 : 1;
        if (exit_status > worst) worst = exit_status;
    }
    return worst;
}

static void notify(struct worker_context *context, const struct run_event *event)
{
    if (context->options->listen) context->options->listen(context->options->context, event);
}

/* `run`: as it is now. Where another process has finished it there is nothing to train, and the
 * journal says nothing. */
static void scheduler_begin(struct worker_context *context, const struct admitted *admitted,
                            const struct study_run *run)
{
    pthread_mutex_lock(&context->session->lock);
    context->session->running++;
    if (run->state != RUN_FINISHED) events_run_start(&context->journal, run, admitted->alone);
    notify(context, &(struct run_event){.kind = EVENT_START, .position = admitted->position});
    pthread_mutex_unlock(&context->session->lock);
}

static void scheduler_finish(struct worker_context *context, size_t position,
                             const struct runner_outcome *outcome, double seconds)
{
    struct session *session = context->session;
    session->finished++;
    session->diverged += strcmp(outcome->status, "diverged") == 0;
    session->added += outcome->measures_added > 0;
    session->elsewhere += outcome->elsewhere;
    if (!outcome->elsewhere)
        events_run_finish(&context->journal, context->study->folder,
                          context->study->runs[position].id, outcome, seconds);
    notify(context,
           &(struct run_event){
               .kind = EVENT_FINISH, .position = position, .seconds = seconds, .outcome = outcome});
}

/* For the session; the lock is held. */
static void count_failure(struct worker_context *context, const struct admitted *admitted,
                          const basin_error *error, double seconds)
{
    struct session *session = context->session;
    size_t position = admitted->position;
    bool refused = admitted->refusal.status == BASIN_MEMORY;
    session->failures[session->failed++] =
        (struct failure){.position = position, .error = *error, .refused = refused};
    if (context->options->most_failures && session->failed >= context->options->most_failures)
        session->stopped = true;
    notify(context,
           &(struct run_event){
               .kind = EVENT_FAIL, .position = position, .seconds = seconds, .error = error});
}

static void scheduler_fail(struct worker_context *context, const struct admitted *admitted,
                           const basin_error *error, double seconds)
{
    const char *id = context->study->runs[admitted->position].id;
    events_run_fail(&context->journal, id, error, admitted->refusal.status == BASIN_MEMORY);
    log_error(context->study->folder, id, error);
    count_failure(context, admitted, error, seconds);
}

/* Of the time that the session will take; only written under the lock: no atomic addition, which
 * would want libatomic. */
static void count_done(struct worker_context *context, size_t position)
{
    context->session->done_flops =
        context->session->done_flops + context->study->runs[position].cost.flops;
}

/* Interrupted, has a run no checkpoint to go on from? What only lacks measures has its result. */
static bool starts_over(const struct worker_context *context, const struct study_run *run)
{
    int64_t epoch, step;
    return run->state != RUN_INCOMPLETE &&
           !checkpoint_look(context->study->folder, run->id, provenance_build(), &epoch, &step);
}

static void scheduler_end(struct worker_context *context, const struct admitted *admitted,
                          const struct study_run *run, struct run_progress *progress,
                          basin_status status, const struct runner_outcome *outcome, double seconds)
{
    basin_error error = *basin_error_last();
    bool lost = status == BASIN_INTERRUPTED && starts_over(context, run);
    pthread_mutex_lock(&context->session->lock);
    context->session->running--;
    progress->done = 0;
    progress->run = 0;
    context->session->lost += lost;
    if (status != BASIN_INTERRUPTED) count_done(context, admitted->position);
    if (status == BASIN_OK)
        scheduler_finish(context, admitted->position, outcome, seconds);
    else if (status != BASIN_INTERRUPTED)
        scheduler_fail(context, admitted, &error, seconds);
    pthread_mutex_unlock(&context->session->lock);
}

/* It failed in another process, which has written that into its own journal. */
static void scheduler_pass_over(struct worker_context *context, const struct admitted *admitted,
                                const basin_error *error)
{
    pthread_mutex_lock(&context->session->lock);
    count_done(context, admitted->position);
    count_failure(context, admitted, error, 0);
    pthread_mutex_unlock(&context->session->lock);
}

/* The machine had less than the limit, or the run needs more than was foreseen. */
static basin_status explain_shortage(const struct worker_context *context, size_t position)
{
    char needs[32], limit[32];
    struct run_memory need;
    basin_error error = *basin_error_last();
    if (study_memory(context->study, &context->study->runs[position], &need) != BASIN_OK)
        return error_restore(&error);
    error_raise(BASIN_MEMORY,
                "%s: the run needs %s, and the limit was %s for all runs, their data and the "
                "program",
                error.message, text_bytes((double)need.bytes, needs),
                text_bytes(context->session->memory, limit));
    error_hint("%s; lower --memory or --jobs, and add --retry failed",
               memory_is_limited()
                   ? "this process may not take as much (see `ulimit -v` and `ulimit -d`)"
                   : "the machine had less than that");
    return BASIN_MEMORY;
}

/* Another process has the run: it goes back into the queue, and is reported once. */
static void requeue_held(struct worker_context *context, const struct admitted *admitted,
                         const char *who)
{
    bool reported = admitted->entry->not_before > 0;
    admission_requeue(&context->admission, admitted);
    if (reported) return;
    pthread_mutex_lock(&context->session->lock);
    notify(context,
           &(struct run_event){.kind = EVENT_HELD, .position = admitted->position, .who = who});
    pthread_mutex_unlock(&context->session->lock);
}

/* Did it fail in another process since this one opened the study, for a reason of its own? Then the
 * last error says so. */
static basin_status failed_elsewhere(const struct worker_context *context,
                                     const struct ledger_entry *entry)
{
    char self[JOURNAL_NAME];
    if (entry->failure == BASIN_OK || entry->transient || entry->refused ||
        strcmp(entry->failed_at, text_data(&context->opened)) < 0 ||
        strcmp(entry->failed_in, journal_own_name(self)) == 0)
        return BASIN_OK;
    return error_raise(entry->failure, "%s (in process %s)", entry->reason, entry->failed_in);
}

/* Another process has had the run, which is claimed now: what became of it there? False where it is
 * not to be trained now; then nothing is left to do for it here. */
static bool accept_inherited(struct worker_context *context, const struct admitted *admitted,
                             const struct ledger_entry *entry)
{
    const struct study *study = context->study;
    if (failed_elsewhere(context, entry) != BASIN_OK) {
        scheduler_pass_over(context, admitted, basin_error_last());
        claims_leave(context->claims, entry->id);
        admission_leave(&context->admission, admitted, false);
        return false;
    }
    if (entry->suspect && !admitted->alone && !study->trust) {
        log_warning(study->folder, entry->id, "%s; the run is trained alone", entry->crash);
        claims_leave(context->claims, entry->id);
        admission_requeue_alone(&context->admission, admitted);
        return false;
    }
    return true;
}

/* A ledger that cannot be read is no reason to stop. */
static bool look_at_inherited(struct worker_context *context, const struct admitted *admitted)
{
    const struct ledger_reader reader = provenance_reader();
    const char *id = context->study->runs[admitted->position].id;
    struct ledger_entry entry;
    struct arena *arena;
    if (arena_create(&arena) != BASIN_OK) return true;
    bool accepted =
        ledger_read_run(context->study->folder, &reader, arena, id, &entry) != BASIN_OK ||
        accept_inherited(context, admitted, &entry);
    arena_destroy(arena);
    return accepted;
}

/* Claims the run. False where this process is not to train it now; then nothing is left to do for
 * it here. */
static bool scheduler_take(struct worker_context *context, const struct admitted *admitted)
{
    const char *id = context->study->runs[admitted->position].id;
    bool had = admitted->entry->not_before > 0; /* by another process */
    enum claim claim = CLAIM_OURS;
    char who[CLAIM_WHO];
    basin_status status = claims_take(context->claims, id, &claim, who);
    if (status != BASIN_OK) {
        if (status != BASIN_INTERRUPTED) /* else it is one of those not started */
            scheduler_pass_over(context, admitted, basin_error_last());
        admission_leave(&context->admission, admitted, false);
        return false;
    }
    if (claim == CLAIM_HELD) {
        requeue_held(context, admitted, who);
        return false;
    }
    return (claim != CLAIM_INHERITED && !had) || look_at_inherited(context, admitted);
}

static basin_status scheduler_train_run(struct worker_context *context,
                                        const struct admitted *admitted,
                                        const struct study_run *run, struct run_progress *progress,
                                        struct runner_outcome *outcome)
{
    struct run_terms terms = {context->stop, progress, admitted->keep};
    if (run->state != RUN_FINISHED && admitted->refusal.status != BASIN_OK)
        return error_restore(&admitted->refusal);
    basin_status status = study_train(context->study, run, &terms, outcome);
    return status == BASIN_MEMORY ? explain_shortage(context, admitted->position) : status;
}

/* Has whoever takes the run next something to know of it: that it is a suspect still, or why it
 * failed? */
static bool leaves_notice(const struct admitted *admitted, basin_status status)
{
    if (status == BASIN_OK || admitted->refusal.status == BASIN_MEMORY) return false;
    return status == BASIN_INTERRUPTED ? admitted->alone : !ledger_is_transient(status);
}

static void show_run(struct run_progress *progress, size_t position, const struct study_run *run)
{
    progress->epoch = run->state == RUN_INTERRUPTED ? run->known.epoch : 0;
    progress->epochs = run->cost.epochs;
    progress->loss = NAN;
    progress->measure = NULL;
    progress->run = position + 1;
}

/* From its first event to its last. */
static void scheduler_train(struct worker_context *context, const struct admitted *admitted,
                            struct run_progress *progress)
{
    struct study_run run;
    struct runner_outcome outcome;
    double start = clock_seconds();
    basin_status status =
        study_look_again(context->study, &context->study->runs[admitted->position], &run);
    show_run(progress, admitted->position, &run);
    scheduler_begin(context, admitted, &run);
    if (status == BASIN_OK)
        status = scheduler_train_run(context, admitted, &run, progress, &outcome);
    scheduler_end(context, admitted, &run, progress, status, &outcome, clock_seconds() - start);
    if (leaves_notice(admitted, status))
        claims_leave(context->claims, run.id);
    else
        claims_release(context->claims, run.id);
    admission_leave(&context->admission, admitted, status == BASIN_OK);
}

/* The result that it needs is not there. That is no failure of its own: the journal does not record
 * it, and the next session tries again. */
static void scheduler_skip(struct worker_context *context, const struct admitted *admitted)
{
    scheduler_pass_over(context, admitted, &admitted->refusal);
    admission_leave(&context->admission, admitted, false);
}

/* A worker's life: take the next run until there is none. */
static void scheduler_work(struct worker_context *context, struct run_progress *progress)
{
    struct admitted admitted;
    basin_status ready =
        machine_prepare_worker(); /* before the admission: kernels that are made to ask
                                                      for the memory are kept */
    basin_error reason = *basin_error_last();
    while (admission_enter(&context->admission, &admitted)) {
        if (ready != BASIN_OK && !admitted.unmet) admitted.refusal = reason;
        if (admitted.unmet)
            scheduler_skip(context, &admitted);
        else if (scheduler_take(context, &admitted))
            scheduler_train(context, &admitted, progress);
    }
}

static void scheduler_member(void *context, int number)
{
    struct worker_context *shared = context;
    scheduler_work(shared, &shared->session->progress[number]);
}

static void set_journal(struct worker_context *context, struct journal *journal)
{
    pthread_mutex_lock(&context->session->lock);
    context->session->journal = journal;
    pthread_mutex_unlock(&context->session->lock);
}

static void run_all(struct worker_context *context)
{
    double start = clock_seconds();
    events_study_start(&context->journal, context->study, context->options, context->session);
    set_journal(context, &context->journal);
    context->session->workers = team_run(context->session->jobs, scheduler_member, context);
    context->session->seconds = clock_seconds() - start;
    set_journal(context, NULL);
    events_study_end(&context->journal, context->options, context->session, *context->stop);
}

/* Removes what processes left that are gone; what cannot be removed stays. */
static void tidy(const char *folder, struct claims *claims)
{
    claims_tidy(claims);
    checkpoint_tidy(folder);
    folder_tidy(folder);
}

/* There is nothing to do, but `table` and `status` should know the names of runs and axes all the
 * same. The folder may be for reading only. */
static void record_names(struct worker_context *context)
{
    const struct study *study = context->study;
    if (events_name_study(study) || journal_open(&context->journal, study->folder) != BASIN_OK)
        return;
    events_study_start(&context->journal, study, context->options, context->session);
    events_study_end(&context->journal, context->options, context->session, *context->stop);
    journal_close(&context->journal);
}

static basin_status run_nothing(struct worker_context *context)
{
    const char *folder = context->study->folder;
    if (!folder_exists(folder)) return BASIN_OK;
    TRY(folder_refuse_links(folder));
    TRY(claims_create(folder, &context->claims));
    claims_heed(context->claims, context->stop);
    if (!context->study->origin)
        record_names(context); /* one result does not speak for the study */
    tidy(folder, context->claims);
    claims_destroy(context->claims);
    return BASIN_OK;
}

basin_status scheduler_run(const struct study *study, const struct scheduler_options *options,
                           struct session *session)
{
    static const _Atomic bool never;
    struct worker_context context = {.study = study, .options = options, .session = session};
    context.stop = options->stop ? options->stop : &never;
    if (!session->todo) return run_nothing(&context);
    TRY(folder_prepare(study->folder));
    TRY(claims_create(study->folder, &context.claims));
    claims_heed(context.claims, context.stop);
    basin_status status = journal_open(&context.journal, study->folder);
    if (status != BASIN_OK) {
        claims_destroy(context.claims);
        return status;
    }
    context.admission = (struct admission){.study = study,
                                           .limit = session->memory,
                                           .jobs = session->jobs,
                                           .stop = context.stop,
                                           .stopped = &session->stopped};
    text_now(&context.opened);
    status = admission_open(&context.admission);
    if (status == BASIN_OK) status = text_status(&context.opened);
    if (status == BASIN_OK) {
        run_all(&context);
        if (context.journal.failed) session->journal_error = context.journal.error;
    }
    admission_close(&context.admission);
    journal_close(&context.journal);
    text_free(&context.opened);
    tidy(study->folder, context.claims);
    claims_destroy(context.claims);
    return status;
}
