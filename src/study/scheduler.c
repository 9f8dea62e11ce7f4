#include "study/scheduler.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "kernels/kernels.h"
#include "folder/checkpoint.h"
#include "folder/claim.h"
#include "study/admission.h"
#include "folder/folder.h"
#include "folder/log.h"
#include "run/machine.h"
#include "run/provenance.h"

/* What the workers share. */
struct shop {
    const struct study *study;
    const struct scheduler_options *options;
    struct session *session;
    struct journal journal;
    struct claims *claims;
    struct door door;
    const _Atomic bool *stop; /* of the options, or one that is never set */
    struct text opened;       /* when, as journals have it */
};

double scheduler_default_memory(const struct study *study)
{
    return 0.8 * (machine_memory() + (double)study_data_bytes(study));
}

/* The data are there already: what is left is for the runs. */
static basin_status check_memory(const struct session *session)
{
    char limit[32], data[32];
    if (!session->todo || session->memory > session->data_bytes) return BASIN_OK;
    error_raise(BASIN_USAGE, "the limit of memory is %s, and the data of the study alone take %s",
                text_bytes(session->memory, limit), text_bytes(session->data_bytes, data));
    error_hint("raise --memory");
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
    session->data_bytes = (double)study_data_bytes(study);
    session->memory = options->memory > 0 ? options->memory : scheduler_default_memory(study);
    basin_status status =
        session->progress && session->failures ? check_memory(session) : BASIN_MEMORY;
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
    struct text line;
    pthread_mutex_lock(&session->lock);
    if (session->journal) {
        journal_begin(&line, "study_stop");
        journal_end(session->journal, &line);
    }
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
        int exit_status = basin_status_exit(session->failures[i].error.status) == 3 ? 3 : 1;
        if (exit_status > worst) worst = exit_status;
    }
    return worst;
}

static void tell(struct shop *shop, const struct run_event *event)
{
    if (shop->options->listen) shop->options->listen(shop->options->context, event);
}

/* `run`: as it stands now. Where another process has finished it nothing is to be trained, and the
 * journal is not told. */
static void scheduler_begin(struct shop *shop, const struct ticket *ticket,
                            const struct study_run *run)
{
    struct text line;
    pthread_mutex_lock(&shop->session->lock);
    shop->session->running++;
    if (run->state != RUN_FINISHED) {
        journal_begin(&line, "run_start");
        journal_text(&line, "run_id", run->id);
        journal_number(&line, "flops", run->cost.flops);
        journal_number(&line, "step", run->state == RUN_INTERRUPTED ? (double)run->known.step : 0);
        if (ticket->alone) journal_true(&line, "alone");
        journal_end(&shop->journal, &line);
    }
    tell(shop, &(struct run_event){.kind = EVENT_START, .position = ticket->position});
    pthread_mutex_unlock(&shop->session->lock);
}

static void scheduler_finish(struct shop *shop, size_t position,
                             const struct runner_outcome *outcome, double seconds)
{
    const struct study_run *run = &shop->study->runs[position];
    char file[FOLDER_PATH];
    struct text line;
    shop->session->finished++;
    shop->session->diverged += strcmp(outcome->status, "diverged") == 0;
    shop->session->added += outcome->measures_added > 0;
    shop->session->elsewhere += outcome->elsewhere;
    if (!outcome->elsewhere) {
        journal_begin(&line, "run_finish");
        journal_text(&line, "run_id", run->id);
        journal_text(&line, "status", outcome->status);
        journal_number(&line, "seconds", seconds);
        journal_text(&line, "file", folder_run_file(shop->study->folder, run->id, file));
        if (outcome->measures_added)
            journal_number(&line, "measures_added", outcome->measures_added);
        journal_end(&shop->journal, &line);
    }
    tell(shop,
         &(struct run_event){
             .kind = EVENT_FINISH, .position = position, .seconds = seconds, .outcome = outcome});
}

/* For the session; the lock is held. */
static void count_failure(struct shop *shop, const struct ticket *ticket, const basin_error *error,
                          double seconds)
{
    struct session *session = shop->session;
    size_t position = ticket->position;
    bool refused = ticket->refusal.status == BASIN_MEMORY;
    session->failures[session->failed++] =
        (struct failure){.position = position, .error = *error, .refused = refused};
    if (shop->options->most_failures && session->failed >= shop->options->most_failures)
        session->stopped = true;
    tell(shop, &(struct run_event){
                   .kind = EVENT_FAIL, .position = position, .seconds = seconds, .error = error});
}

static void scheduler_fail(struct shop *shop, const struct ticket *ticket, const basin_error *error,
                           double seconds)
{
    const char *id = shop->study->runs[ticket->position].id;
    struct text line;
    journal_begin(&line, "run_fail");
    journal_text(&line, "run_id", id);
    journal_text(&line, "status", basin_status_text(error->status));
    journal_text(&line, "message", error->message);
    if (ticket->refusal.status == BASIN_MEMORY) journal_true(&line, "refused");
    journal_end(&shop->journal, &line);
    log_error(shop->study->folder, id, error);
    count_failure(shop, ticket, error, seconds);
}

/* Of the time that the session will take; only written under the lock: no atomic addition, which
 * would want libatomic. */
static void count_done(struct shop *shop, size_t position)
{
    shop->session->done_flops = shop->session->done_flops + shop->study->runs[position].cost.flops;
}

/* Interrupted, has a run no checkpoint to go on from? What only lacks measures has its result. */
static bool starts_over(const struct shop *shop, const struct study_run *run)
{
    int64_t epoch, step;
    return run->state != RUN_INCOMPLETE &&
           !checkpoint_look(shop->study->folder, run->id, provenance_build(), &epoch, &step);
}

static void scheduler_end(struct shop *shop, const struct ticket *ticket,
                          const struct study_run *run, struct run_progress *progress,
                          basin_status status, const struct runner_outcome *outcome, double seconds)
{
    basin_error error = *basin_error_last();
    bool lost = status == BASIN_INTERRUPTED && starts_over(shop, run);
    pthread_mutex_lock(&shop->session->lock);
    shop->session->running--;
    progress->done = 0;
    shop->session->lost += lost;
    if (status != BASIN_INTERRUPTED) count_done(shop, ticket->position);
    if (status == BASIN_OK)
        scheduler_finish(shop, ticket->position, outcome, seconds);
    else if (status != BASIN_INTERRUPTED)
        scheduler_fail(shop, ticket, &error, seconds);
    pthread_mutex_unlock(&shop->session->lock);
}

/* It failed, and not here: what the journal says of it is its process' business. */
static void scheduler_pass_over(struct shop *shop, const struct ticket *ticket,
                                const basin_error *error)
{
    pthread_mutex_lock(&shop->session->lock);
    count_done(shop, ticket->position);
    count_failure(shop, ticket, error, 0);
    pthread_mutex_unlock(&shop->session->lock);
}

/* The machine had less than the limit, or the run needs more than was foreseen. */
static basin_status explain_shortage(const struct shop *shop, size_t position)
{
    char needs[32], limit[32];
    struct run_memory need;
    basin_error error = *basin_error_last();
    if (study_memory(shop->study, &shop->study->runs[position], &need) != BASIN_OK)
        return error_restore(&error);
    error_raise(BASIN_MEMORY,
                "%s: the run needs %s, and the limit was %s for all runs and their data",
                error.message, text_bytes((double)need.bytes, needs),
                text_bytes(shop->session->memory, limit));
    error_hint("the machine had less than that; lower --memory or --jobs, and add --retry failed");
    return BASIN_MEMORY;
}

/* Another process has the run: it is for later, and told of once. */
static void come_again(struct shop *shop, const struct ticket *ticket, const char *who)
{
    bool told = ticket->place->later > 0;
    door_come_again(&shop->door, ticket);
    if (told) return;
    pthread_mutex_lock(&shop->session->lock);
    tell(shop, &(struct run_event){.kind = EVENT_HELD, .position = ticket->position, .who = who});
    pthread_mutex_unlock(&shop->session->lock);
}

/* Did it fail in another process since this one opened the study, for a reason of its own? Then the
 * last error says so. */
static basin_status failed_elsewhere(const struct shop *shop, const struct ledger_entry *entry)
{
    char self[JOURNAL_NAME];
    if (entry->failure == BASIN_OK || entry->transient || entry->refused ||
        strcmp(entry->failed_at, text_data(&shop->opened)) < 0 ||
        strcmp(entry->failed_in, journal_own_name(self)) == 0)
        return BASIN_OK;
    return error_raise(entry->failure, "%s (in process %s)", entry->reason, entry->failed_in);
}

/* Another process has had the run, which is claimed now: what has it made of it? False where it is
 * not to be trained now; then all has been said and done. */
static bool accept_inherited(struct shop *shop, const struct ticket *ticket,
                             const struct ledger_entry *entry)
{
    const struct study *study = shop->study;
    if (failed_elsewhere(shop, entry) != BASIN_OK) {
        scheduler_pass_over(shop, ticket, basin_error_last());
        claims_leave(shop->claims, entry->id);
        door_leave(&shop->door, ticket);
        return false;
    }
    if (entry->suspect && !ticket->alone && !study->trust) {
        log_warning(study->folder, entry->id, "%s; the run is trained alone", entry->crash);
        claims_leave(shop->claims, entry->id);
        door_stand_back(&shop->door, ticket);
        return false;
    }
    return true;
}

/* Not knowing is no reason to stop: what cannot be read says nothing. */
static bool look_at_inherited(struct shop *shop, const struct ticket *ticket)
{
    const struct ledger_reader reader = provenance_reader();
    const char *id = shop->study->runs[ticket->position].id;
    struct ledger_entry entry;
    struct arena *arena;
    if (arena_create(&arena) != BASIN_OK) return true;
    bool accepted = ledger_read_run(shop->study->folder, &reader, arena, id, &entry) != BASIN_OK ||
                    accept_inherited(shop, ticket, &entry);
    arena_destroy(arena);
    return accepted;
}

/* Is the run of this ticket ours to train now? Where it is not, all has been said and done; where
 * it is, it is claimed. */
static bool scheduler_take(struct shop *shop, const struct ticket *ticket)
{
    const char *id = shop->study->runs[ticket->position].id;
    bool had = ticket->place->later > 0; /* by another process */
    enum claim claim = CLAIM_OURS;
    char who[CLAIM_WHO];
    if (claims_take(shop->claims, id, &claim, who) != BASIN_OK) {
        scheduler_pass_over(shop, ticket, basin_error_last());
        door_leave(&shop->door, ticket);
        return false;
    }
    if (claim == CLAIM_HELD) {
        come_again(shop, ticket, who);
        return false;
    }
    return (claim != CLAIM_INHERITED && !had) || look_at_inherited(shop, ticket);
}

static basin_status scheduler_train_run(struct shop *shop, const struct ticket *ticket,
                                        const struct study_run *run, struct run_progress *progress,
                                        struct runner_outcome *outcome)
{
    struct run_terms terms = {shop->stop, progress, ticket->keep};
    if (run->state != RUN_FINISHED && ticket->refusal.status != BASIN_OK)
        return error_restore(&ticket->refusal);
    basin_status status = study_train(shop->study, run, &terms, outcome);
    return status == BASIN_MEMORY ? explain_shortage(shop, ticket->position) : status;
}

/* Has whoever takes the run next something to know of it: that it is a suspect still, or why it
 * failed? */
static bool is_to_be_told(const struct ticket *ticket, basin_status status)
{
    if (status == BASIN_OK || ticket->refusal.status == BASIN_MEMORY) return false;
    return status == BASIN_INTERRUPTED ? ticket->alone : !ledger_is_transient(status);
}

/* From its first event to its last. */
static void scheduler_train(struct shop *shop, const struct ticket *ticket,
                            struct run_progress *progress)
{
    struct study_run run;
    struct runner_outcome outcome;
    double start = clock_seconds();
    basin_status status = study_look_again(shop->study, &shop->study->runs[ticket->position], &run);
    scheduler_begin(shop, ticket, &run);
    progress->total = run.cost.flops;
    if (status == BASIN_OK) status = scheduler_train_run(shop, ticket, &run, progress, &outcome);
    scheduler_end(shop, ticket, &run, progress, status, &outcome, clock_seconds() - start);
    if (is_to_be_told(ticket, status))
        claims_leave(shop->claims, run.id);
    else
        claims_release(shop->claims, run.id);
    door_leave(&shop->door, ticket);
}

/* A worker's life: take the next run until there is none. */
static void scheduler_work(struct shop *shop, struct run_progress *progress)
{
    struct ticket ticket;
    basin_status ready = machine_prepare_worker(); /* before the door: kernels that are made to ask
                                                      for the memory are kept */
    basin_error reason = *basin_error_last();
    while (door_enter(&shop->door, &ticket)) {
        if (ready != BASIN_OK) ticket.refusal = reason;
        if (scheduler_take(shop, &ticket)) scheduler_train(shop, &ticket, progress);
    }
}

static void write_name(struct text *out, size_t position, const char *path, const char *name)
{
    text_append(out, position ? ", " : "");
    struct text pair = {0};
    text_format(&pair, "%s%s%s", path, name ? "=" : "", name ? name : "");
    text_json(out, text_data(&pair));
    text_free(&pair);
}

/* Those that axes have of their own: "path=name" */
static void scheduler_put_names(struct text *out, const struct spec *spec)
{
    size_t count = 0;
    for (size_t i = 0; i < spec->axis_count; i++)
        if (spec->axes[i].name) write_name(out, count++, spec->axes[i].path, spec->axes[i].name);
}

static void write_start(struct shop *shop)
{
    const struct study *study = shop->study;
    struct text line, names = {0};
    journal_begin(&line, "study_start");
    journal_text(&line, "study", study->spec->name);
    journal_text(&line, "spec",
                 shop->options->spec_file ? shop->options->spec_file : study->spec->file);
    if (shop->options->arguments) journal_text(&line, "arguments", shop->options->arguments);
    journal_text(&line, "basin_version", provenance_version());
    journal_number(&line, "jobs", shop->session->jobs);
    journal_number(&line, "runs", (double)study->run_count);
    journal_number(&line, "todo", (double)shop->session->todo);
    text_append(&line, ", \"ids\": [");
    for (size_t i = 0; i < study->whole; i++)
        text_format(&line, "%s\"%s\"", i ? ", " : "", study->runs[i].id); /* of all shards */
    text_append(&line, "]");
    scheduler_put_names(&names, study->spec);
    if (names.length) text_format(&line, ", \"names\": [%s]", text_data(&names));
    text_free(&names);
    journal_end(&shop->journal, &line);
}

static void write_end(struct shop *shop)
{
    const struct session *session = shop->session;
    bool interrupted = *shop->stop;
    struct text line;
    journal_begin(&line, interrupted ? "study_interrupt" : "study_end");
    if (interrupted && shop->options->signal)
        journal_number(&line, "signal", *shop->options->signal);
    journal_number(&line, "finished", (double)session->finished);
    journal_number(&line, "diverged", (double)session->diverged);
    journal_number(&line, "failed", (double)session->failed);
    journal_number(&line, "seconds", session->seconds);
    journal_end(&shop->journal, &line);
}

static void set_journal(struct shop *shop, struct journal *journal)
{
    pthread_mutex_lock(&shop->session->lock);
    shop->session->journal = journal;
    pthread_mutex_unlock(&shop->session->lock);
}

static void run_all(struct shop *shop)
{
    double start = clock_seconds();
    write_start(shop);
    set_journal(shop, &shop->journal);
#pragma omp parallel num_threads(shop->session->jobs)
    scheduler_work(shop, &shop->session->progress[omp_get_thread_num()]);
    shop->session->seconds = clock_seconds() - start;
    set_journal(shop, NULL);
    write_end(shop);
}

/* Removes what processes left that are gone; what cannot be removed stays. */
static void tidy(const char *folder, struct claims *claims)
{
    claims_tidy(claims);
    checkpoint_tidy(folder);
    folder_tidy(folder);
}

/* Does the last study_start name the same runs, and axes? */
static bool is_told_again(const struct journal_events *events, const struct study *study,
                          const struct text *names)
{
    const struct journal_event *last = NULL;
    struct text found = {0};
    for (size_t i = 0; i < events->count; i++)
        if (strcmp(events->items[i].name, "study_start") == 0) last = &events->items[i];
    if (!last || last->id_count != study->whole) return false;
    for (size_t i = 0; i < study->whole; i++)
        if (strcmp(last->ids[i], study->runs[i].id) != 0) return false;
    for (size_t i = 0; i < last->name_count; i++) write_name(&found, i, last->names[i], NULL);
    bool same = strcmp(text_data(&found), text_data(names)) == 0;
    text_free(&found);
    return same;
}

/* There are results, and no runs: table and status should know what they are called all the same.
 * The folder may be for reading only. */
static void tell_names(struct shop *shop)
{
    struct arena *arena;
    struct journal_events events;
    struct text names = {0};
    if (arena_create(&arena) != BASIN_OK) return;
    scheduler_put_names(&names, shop->study->spec);
    bool known = journal_read(shop->study->folder, arena, &events) != BASIN_OK ||
                 is_told_again(&events, shop->study, &names);
    if (!known && journal_open(&shop->journal, shop->study->folder) == BASIN_OK) {
        write_start(shop);
        write_end(shop);
        journal_close(&shop->journal);
    }
    text_free(&names);
    arena_destroy(arena);
}

static basin_status run_nothing(struct shop *shop)
{
    const char *folder = shop->study->folder;
    if (!folder_exists(folder)) return BASIN_OK;
    TRY(claims_create(folder, &shop->claims));
    tell_names(shop);
    tidy(folder, shop->claims);
    claims_destroy(shop->claims);
    return BASIN_OK;
}

basin_status scheduler_run(const struct study *study, const struct scheduler_options *options,
                           struct session *session)
{
    static const _Atomic bool never;
    struct shop shop = {.study = study, .options = options, .session = session};
    shop.stop = options->stop ? options->stop : &never;
    if (!session->todo) return run_nothing(&shop);
    TRY(folder_prepare(study->folder));
    TRY(claims_create(study->folder, &shop.claims));
    basin_status status = journal_open(&shop.journal, study->folder);
    if (status != BASIN_OK) {
        claims_destroy(shop.claims);
        return status;
    }
    shop.door = (struct door){.study = study,
                              .limit = session->memory,
                              .data = session->data_bytes,
                              .jobs = session->jobs,
                              .stop = shop.stop,
                              .stopped = &session->stopped};
    text_now(&shop.opened);
    status = door_open(&shop.door);
    if (status == BASIN_OK) status = text_status(&shop.opened);
    if (status == BASIN_OK) {
        omp_set_dynamic(0);
        run_all(&shop);
        if (shop.journal.failed) session->journal_error = shop.journal.error;
    }
    door_close(&shop.door);
    journal_close(&shop.journal);
    text_free(&shop.opened);
    tidy(study->folder, shop.claims);
    claims_destroy(shop.claims);
    return status;
}
