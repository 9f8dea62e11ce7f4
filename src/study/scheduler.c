#include "study/scheduler.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels/kernels.h"
#include "study/checkpoint.h"
#include "study/claim.h"
#include "study/crashes.h"
#include "study/folder.h"
#include "study/log.h"
#include "study/machine.h"
#include "study/provenance.h"

/* Where runs are let in, the longest first, as far as the memory goes. */
struct door {
    pthread_mutex_t lock;
    pthread_cond_t left;   /* a run has gone and given its memory back */
    size_t *order;         /* positions, longest first, suspects behind the others */
    bool *taken;           /* in order */
    double *later;         /* in order: not to be tried before; > 0 where another process has had it */
    size_t count, first;   /* the first that is not taken */
    double room, used;     /* bytes for runs */
    int inside;            /* runs */
    bool closed;           /* a suspect is in, and nothing else may be */
};

/* A run that was let in, or refused. */
struct ticket {
    size_t position, index; /* index: in order */
    double bytes; /* taken */
    size_t keep;
    bool alone;
    basin_status status; /* why it cannot run */
};

/* What the workers share. */
struct shop {
    const struct study *study;
    const struct scheduler_options *options;
    struct session *session;
    struct journal journal;
    struct claims *claims;
    struct door door;
    const _Atomic bool *stop; /* of the options, or one that is never set */
};

static double monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double scheduler_default_memory(const struct study *study)
{
    return 0.8 * (machine_memory() + (double)study_data_bytes(study));
}

basin_status scheduler_create(const struct study *study, const struct scheduler_options *options, struct session **out)
{
    struct session *session = *out = memory_allocate(sizeof *session);
    if (!session) return BASIN_MEMORY;
    pthread_mutex_init(&session->lock, NULL);
    for (size_t i = 0; i < study->run_count; i++) session->todo += study_run_todo(&study->runs[i]);
    session->jobs = options->jobs > 0 ? options->jobs : machine_cores();
    if ((size_t)session->jobs > session->todo) session->jobs = session->todo ? (int)session->todo : 1;
    for (size_t i = 0; i < study->run_count; i++)
        if (study_run_todo(&study->runs[i])) session->total_flops += study->runs[i].cost.flops;
    session->progress = memory_allocate((size_t)session->jobs * sizeof *session->progress);
    session->failures = memory_allocate((session->todo ? session->todo : 1) * sizeof *session->failures);
    session->data_bytes = (double)study_data_bytes(study);
    session->memory = options->memory > 0 ? options->memory : scheduler_default_memory(study);
    if (session->progress && session->failures) return BASIN_OK;
    scheduler_destroy(session);
    *out = NULL;
    return BASIN_MEMORY;
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

/* Index sort by FLOPs, descending, suspects last; equal costs keep the order of the spec. */
struct cost_key {
    int suspicion; /* 0: none */
    double flops;
    size_t position;
};

static int by_cost(const void *a, const void *b)
{
    const struct cost_key *x = a, *y = b;
    if (x->suspicion != y->suspicion) return x->suspicion > y->suspicion ? 1 : -1;
    if (x->flops != y->flops) return x->flops < y->flops ? 1 : -1;
    return (x->position > y->position) - (x->position < y->position);
}

static size_t *make_order(const struct study *study)
{
    size_t count = 0, bytes = study->run_count ? study->run_count : 1;
    struct cost_key *keys = memory_allocate(bytes * sizeof *keys);
    size_t *order = memory_allocate(bytes * sizeof *order);
    for (size_t i = 0; keys && i < study->run_count; i++)
        if (study_run_todo(&study->runs[i])) keys[count++] = (struct cost_key){study->runs[i].suspect + study->runs[i].doubtful, study->runs[i].cost.flops, i};
    if (keys && order) {
        qsort(keys, count, sizeof *keys, by_cost);
        for (size_t i = 0; i < count; i++) order[i] = keys[i].position;
    } else {
        memory_free(order);
        order = NULL;
    }
    memory_free(keys);
    return order;
}

static bool should_stop(const struct shop *shop)
{
    return *shop->stop || shop->session->stopped;
}

static void tell(struct shop *shop, const struct run_event *event)
{
    if (shop->options->listen) shop->options->listen(shop->options->context, event);
}

/* Nothing is to be trained where another process has just finished the run: the journal is not told again. */
static void begin(struct shop *shop, const struct ticket *ticket)
{
    const struct study_run *run = &shop->study->runs[ticket->position];
    char file[FOLDER_PATH];
    struct text line;
    bool fresh = run->state == RUN_NEW || run->state == RUN_INTERRUPTED;
    bool elsewhere = fresh && !shop->study->force && folder_file_exists(folder_run_file(shop->study->folder, run->id, file));
    pthread_mutex_lock(&shop->session->lock);
    shop->session->running++;
    if (!elsewhere) {
        journal_begin(&line, "run_start");
        journal_text(&line, "run_id", run->id);
        journal_number(&line, "flops", run->cost.flops);
        journal_number(&line, "step", run->state == RUN_INTERRUPTED ? (double)run->step : 0);
        if (ticket->alone) journal_true(&line, "alone");
        journal_end(&shop->journal, &line);
    }
    tell(shop, &(struct run_event){.kind = EVENT_START, .position = ticket->position});
    pthread_mutex_unlock(&shop->session->lock);
}

static void finish(struct shop *shop, size_t position, const struct runner_outcome *outcome, double seconds)
{
    const struct study_run *run = &shop->study->runs[position];
    char file[FOLDER_PATH];
    struct text line;
    shop->session->finished++;
    shop->session->diverged += strcmp(outcome->status, "diverged") == 0;
    shop->session->added += outcome->measures_added > 0;
    if (!outcome->elsewhere) {
        journal_begin(&line, "run_finish");
        journal_text(&line, "run_id", run->id);
        journal_text(&line, "status", outcome->status);
        journal_number(&line, "seconds", seconds);
        journal_text(&line, "file", folder_run_file(shop->study->folder, run->id, file));
        if (outcome->measures_added) journal_number(&line, "measures_added", outcome->measures_added);
        journal_end(&shop->journal, &line);
    }
    tell(shop, &(struct run_event){.kind = EVENT_FINISH, .position = position, .seconds = seconds, .outcome = outcome});
}

static void fail(struct shop *shop, size_t position, const basin_error *error, double seconds)
{
    struct session *session = shop->session;
    struct text line;
    session->failures[session->failed++] = (struct failure){.position = position, .error = *error};
    journal_begin(&line, "run_fail");
    journal_text(&line, "run_id", shop->study->runs[position].id);
    journal_text(&line, "status", basin_status_text(error->status));
    journal_text(&line, "message", error->message);
    journal_end(&shop->journal, &line);
    log_error(shop->study->folder, shop->study->runs[position].id, error);
    if (shop->options->most_failures && session->failed >= shop->options->most_failures) session->stopped = true;
    tell(shop, &(struct run_event){.kind = EVENT_FAIL, .position = position, .seconds = seconds, .error = error});
}

static void end(struct shop *shop, size_t position, struct run_progress *progress, basin_status status,
                const struct runner_outcome *outcome, double seconds)
{
    basin_error error = *basin_error_last();
    pthread_mutex_lock(&shop->session->lock);
    shop->session->running--;
    progress->done = 0;
    if (status != BASIN_INTERRUPTED) /* only written under the lock: no atomic addition, which would want libatomic */
        shop->session->done_flops = shop->session->done_flops + shop->study->runs[position].cost.flops;
    if (status == BASIN_OK)
        finish(shop, position, outcome, seconds);
    else if (status != BASIN_INTERRUPTED)
        fail(shop, position, &error, seconds);
    pthread_mutex_unlock(&shop->session->lock);
}

/* ---- memory ---- */

static basin_status refuse(const struct shop *shop, const struct run_memory *need)
{
    char needs[32], leaves[32], limit[32], data[32];
    error_raise(BASIN_MEMORY, "the run needs %s of memory, and the limit leaves %s (%s less %s of data)",
                text_bytes((double)need->bytes, needs), text_bytes(shop->door.room > 0 ? shop->door.room : 0, leaves),
                text_bytes(shop->session->memory, limit), text_bytes(shop->session->data_bytes, data));
    error_hint("raise --memory (with --retry failed), or use a smaller training.batch_size, network, or number of examples of a measure");
    return BASIN_MEMORY;
}

/* The machine had less than the limit, or the run needs more than was foreseen. */
static basin_status explain_shortage(const struct shop *shop, size_t position)
{
    char needs[32], limit[32];
    struct run_memory need;
    basin_error error = *basin_error_last();
    if (study_memory(shop->study, &shop->study->runs[position], &need) != BASIN_OK) return error_restore(&error);
    error_raise(BASIN_MEMORY, "%s: the run needs %s, and the limit was %s for all runs and their data", error.message,
                text_bytes((double)need.bytes, needs), text_bytes(shop->session->memory, limit));
    error_hint("the machine had less than that; lower --memory or --jobs, and add --retry failed");
    return BASIN_MEMORY;
}

/* May the run at `i` of the order go in now? Also where it never can: then with the reason. */
static bool admit(struct shop *shop, size_t i, struct ticket *ticket)
{
    struct door *door = &shop->door;
    struct run_memory need;
    *ticket = (struct ticket){.position = door->order[i], .index = i, .alone = shop->study->runs[door->order[i]].suspect};
    ticket->status = study_memory(shop->study, &shop->study->runs[ticket->position], &need);
    if (ticket->status != BASIN_OK) return true;
    double bytes = (double)need.bytes, left = door->room - door->used - bytes;
    if (bytes > door->room) {
        ticket->status = refuse(shop, &need);
        return true;
    }
    if (left < 0) return false;
    double spare = fmax(0, fmin(left, door->room / shop->session->jobs - bytes));
    ticket->keep = (double)need.keep < spare ? need.keep : (size_t)spare;
    ticket->bytes = bytes + (double)ticket->keep;
    return true;
}

static void go_in(struct door *door, const struct ticket *ticket)
{
    door->used += ticket->bytes;
    door->inside++;
    door->closed = ticket->alone;
}

static void go_out(struct door *door, const struct ticket *ticket)
{
    door->used -= ticket->bytes;
    if (--door->inside == 0) door->used = 0;
    if (ticket->alone) door->closed = false;
    pthread_cond_broadcast(&door->left);
}

/* The first in the order that may go in; a few are looked at. The lock is held. */
static bool admit_one(struct shop *shop, struct ticket *ticket)
{
    enum { LOOK = 64 };
    struct door *door = &shop->door;
    int looked = 0;
    double now = monotonic();
    if (door->closed) return false;
    for (size_t i = door->first; i < door->count && looked < LOOK; i++) {
        if (door->taken[i] || door->later[i] > now) continue;
        if (door->inside && shop->study->runs[door->order[i]].suspect) break; /* and all behind it */
        looked++;
        if (!admit(shop, i, ticket)) continue;
        door->taken[i] = true;
        go_in(door, ticket);
        return true;
    }
    return false;
}

static void wait_a_while(struct door *door)
{
    enum { SHORT = 200000000 }; /* ns */
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += SHORT;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_cond_timedwait(&door->left, &door->lock, &until);
}

/* The next run to start; waits for memory. False: there is none any more. */
static bool enter(struct shop *shop, struct ticket *ticket)
{
    struct door *door = &shop->door;
    bool in = false;
    pthread_mutex_lock(&door->lock);
    for (;;) {
        while (door->first < door->count && door->taken[door->first]) door->first++;
        if (door->first == door->count || should_stop(shop)) break;
        if ((in = admit_one(shop, ticket))) break;
        wait_a_while(door); /* somebody is in, since alone the first would fit; or another process has what is left */
    }
    pthread_mutex_unlock(&door->lock);
    return in;
}

static void leave(struct shop *shop, const struct ticket *ticket)
{
    pthread_mutex_lock(&shop->door.lock);
    go_out(&shop->door, ticket);
    pthread_mutex_unlock(&shop->door.lock);
}

/* Another process has the run: it is for later. */
static void put_back(struct shop *shop, const struct ticket *ticket, const char *who)
{
    enum { PAUSE = 1 }; /* s */
    struct door *door = &shop->door;
    leave(shop, ticket);
    pthread_mutex_lock(&door->lock);
    bool told = door->later[ticket->index] > 0;
    door->later[ticket->index] = monotonic() + PAUSE;
    door->taken[ticket->index] = false;
    if (ticket->index < door->first) door->first = ticket->index;
    pthread_mutex_unlock(&door->lock);
    if (told) return;
    pthread_mutex_lock(&shop->session->lock);
    tell(shop, &(struct run_event){.kind = EVENT_HELD, .position = ticket->position, .who = who});
    pthread_mutex_unlock(&shop->session->lock);
}

/* Was the run, which we have now, under way in a process that died meanwhile? Not knowing is no reason to stop. */
static bool has_crashed(const struct shop *shop, const char *id)
{
    struct arena *arena;
    struct journal_events events;
    struct crashes crashes;
    const struct crash_record *record = NULL;
    if (arena_create(&arena) != BASIN_OK) return false;
    if (journal_read(shop->study->folder, arena, &events) == BASIN_OK &&
        crashes_read(arena, shop->study->folder, &events, &crashes) == BASIN_OK)
        record = crashes_find(&crashes, id);
    bool suspect = record && record->suspect;
    arena_destroy(arena);
    return suspect;
}

/* Once in, the run turned out to be a suspect: waits until nothing else is in. False where the session is to stop before that. */
static bool isolate(struct shop *shop, struct ticket *ticket)
{
    struct door *door = &shop->door;
    pthread_mutex_lock(&door->lock);
    go_out(door, ticket);
    while ((door->inside || door->closed) && !should_stop(shop)) wait_a_while(door);
    ticket->alone = !door->inside && !door->closed;
    if (ticket->alone) go_in(door, ticket);
    pthread_mutex_unlock(&door->lock);
    return ticket->alone;
}

/* A worker's life: take the next run until there is none. */
static void work(struct shop *shop, struct run_progress *progress)
{
    basin_status ready = machine_prepare_worker();
    struct ticket ticket;
    while (enter(shop, &ticket)) {
        struct runner_outcome outcome;
        struct run_terms terms = {shop->stop, progress, ticket.keep};
        const char *id = shop->study->runs[ticket.position].id;
        enum claim claim = CLAIM_OURS;
        char who[CLAIM_WHO];
        if (ticket.status == BASIN_OK) ticket.status = claims_take(shop->claims, id, &claim, who);
        if (claim == CLAIM_HELD) {
            put_back(shop, &ticket, who);
            continue;
        }
        if (claim == CLAIM_INHERITED && !ticket.alone && !shop->study->trust && has_crashed(shop, id) && !isolate(shop, &ticket)) {
            claims_release(shop->claims, id);
            break;
        }
        basin_error reason = *basin_error_last(); /* of a refusal */
        double start = monotonic();
        begin(shop, &ticket);
        progress->total = shop->study->runs[ticket.position].cost.flops;
        basin_status status = ticket.status != BASIN_OK ? error_restore(&reason) : ready;
        if (status == BASIN_OK && (status = runner_run(shop->study, ticket.position, &terms, &outcome)) == BASIN_MEMORY)
            status = explain_shortage(shop, ticket.position);
        end(shop, ticket.position, progress, status, &outcome, monotonic() - start);
        claims_release(shop->claims, id);
        leave(shop, &ticket);
    }
}

static void write_names(struct text *line, const struct spec *spec)
{
    size_t count = 0;
    for (size_t i = 0; i < spec->axis_count; i++)
        if (spec->axes[i].name) text_format(line, "%s\"%s=%s\"", count++ ? ", " : ", \"names\": [", spec->axes[i].path, spec->axes[i].name);
    if (count) text_append(line, "]");
}

static void write_start(struct shop *shop)
{
    const struct study *study = shop->study;
    struct text line;
    journal_begin(&line, "study_start");
    journal_text(&line, "study", study->spec->name);
    journal_text(&line, "spec", shop->options->spec_file ? shop->options->spec_file : study->spec->file);
    if (shop->options->arguments) journal_text(&line, "arguments", shop->options->arguments);
    journal_text(&line, "basin_version", provenance_version());
    journal_number(&line, "jobs", shop->session->jobs);
    journal_number(&line, "runs", (double)study->run_count);
    journal_number(&line, "todo", (double)shop->session->todo);
    text_append(&line, ", \"ids\": [");
    for (size_t i = 0; i < study->run_count; i++) text_format(&line, "%s\"%s\"", i ? ", " : "", study->runs[i].id);
    text_append(&line, "]");
    write_names(&line, study->spec);
    journal_end(&shop->journal, &line);
}

static void write_end(struct shop *shop)
{
    const struct session *session = shop->session;
    bool interrupted = *shop->stop;
    struct text line;
    journal_begin(&line, interrupted ? "study_interrupt" : "study_end");
    if (interrupted && shop->options->signal) journal_number(&line, "signal", *shop->options->signal);
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
    double start = monotonic();
    write_start(shop);
    set_journal(shop, &shop->journal);
#pragma omp parallel num_threads(shop->session->jobs)
    work(shop, &shop->session->progress[omp_get_thread_num()]);
    shop->session->seconds = monotonic() - start;
    set_journal(shop, NULL);
    write_end(shop);
}

basin_status scheduler_run(const struct study *study, const struct scheduler_options *options, struct session *session)
{
    static const _Atomic bool never;
    struct shop shop = {.study = study, .options = options, .session = session};
    shop.stop = options->stop ? options->stop : &never;
    TRY(folder_prepare(study->folder));
    TRY(claims_create(study->folder, &shop.claims));
    basin_status status = journal_open(&shop.journal, study->folder);
    if (status != BASIN_OK) {
        claims_destroy(shop.claims);
        return status;
    }
    struct door *door = &shop.door;
    door->order = make_order(study);
    door->taken = memory_allocate(session->todo + 1);
    door->later = memory_allocate((session->todo + 1) * sizeof *door->later);
    door->count = session->todo;
    door->room = session->memory - session->data_bytes;
    bool ready = door->order && door->taken && door->later;
    if (ready) {
        pthread_mutex_init(&door->lock, NULL);
        pthread_cond_init(&door->left, NULL);
        omp_set_dynamic(0);
        run_all(&shop);
        pthread_cond_destroy(&door->left);
        pthread_mutex_destroy(&door->lock);
        if (shop.journal.failed) session->journal_error = shop.journal.error;
    }
    journal_close(&shop.journal);
    memory_free(door->order);
    memory_free(door->taken);
    memory_free(door->later);
    claims_tidy(shop.claims); /* what processes left behind that were killed */
    claims_destroy(shop.claims);
    checkpoint_tidy(study->folder);
    folder_tidy(study->folder);
    return ready ? BASIN_OK : BASIN_MEMORY;
}
