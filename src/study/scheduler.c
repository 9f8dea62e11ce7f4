#include "study/scheduler.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels/kernels.h"
#include "study/checkpoint.h"
#include "study/claim.h"
#include "study/folder.h"
#include "study/log.h"
#include "study/machine.h"
#include "study/meanwhile.h"
#include "study/provenance.h"

/* A run that is to be trained. */
struct place {
    size_t position;
    double later; /* not to be tried before; > 0 where another process has had it */
    bool taken, suspect;
};

/* Where runs are let in, the longest first, as far as the memory goes; suspects when nothing else is left. */
struct door {
    pthread_mutex_t lock;
    pthread_cond_t left; /* a run has gone and given its memory back */
    struct place *places;
    size_t count, first; /* the first that is not taken */
    double room, used;   /* bytes for runs */
    int inside;          /* runs */
    bool closed;         /* a suspect is in, and nothing else may be */
};

/* A run that was let in, or refused. */
struct ticket {
    struct place *place;
    size_t position;
    double bytes; /* taken */
    size_t keep;
    bool alone;
    basin_error refusal; /* why it cannot run; BASIN_OK: it can */
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
    struct text opened;       /* when, as journals have it */
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

/* The data are there already: what is left is for the runs. */
static basin_status check_memory(const struct session *session)
{
    char limit[32], data[32];
    if (!session->todo || session->memory > session->data_bytes) return BASIN_OK;
    error_raise(BASIN_USAGE, "the limit of memory is %s, and the data of the study alone take %s", text_bytes(session->memory, limit),
                text_bytes(session->data_bytes, data));
    error_hint("raise --memory");
    return BASIN_USAGE;
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
    basin_status status = session->progress && session->failures ? check_memory(session) : BASIN_MEMORY;
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

static struct place *make_places(const struct study *study)
{
    size_t count = 0, most = study->run_count ? study->run_count : 1;
    struct cost_key *keys = memory_allocate(most * sizeof *keys);
    struct place *places = memory_allocate(most * sizeof *places);
    for (size_t i = 0; keys && i < study->run_count; i++) {
        const struct study_run *run = &study->runs[i];
        if (study_run_todo(run)) keys[count++] = (struct cost_key){run->doubtful ? 2 : run->suspect, run->cost.flops, i};
    }
    if (keys && places) {
        qsort(keys, count, sizeof *keys, by_cost);
        for (size_t i = 0; i < count; i++) places[i] = (struct place){.position = keys[i].position, .suspect = keys[i].suspicion > 0};
    } else {
        memory_free(places);
        places = NULL;
    }
    memory_free(keys);
    return places;
}

static bool should_stop(const struct shop *shop)
{
    return *shop->stop || shop->session->stopped;
}

static void tell(struct shop *shop, const struct run_event *event)
{
    if (shop->options->listen) shop->options->listen(shop->options->context, event);
}

/* `run`: as it stands now. Where another process has finished it nothing is to be trained, and the journal is not told. */
static void begin(struct shop *shop, const struct ticket *ticket, const struct study_run *run)
{
    struct text line;
    pthread_mutex_lock(&shop->session->lock);
    shop->session->running++;
    if (run->state != RUN_FINISHED) {
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

/* For the session; the lock is held. */
static void count_failure(struct shop *shop, const struct ticket *ticket, const basin_error *error, double seconds)
{
    struct session *session = shop->session;
    size_t position = ticket->position;
    bool refused = ticket->refusal.status == BASIN_MEMORY;
    session->failures[session->failed++] = (struct failure){.position = position, .error = *error, .refused = refused};
    if (shop->options->most_failures && session->failed >= shop->options->most_failures) session->stopped = true;
    tell(shop, &(struct run_event){.kind = EVENT_FAIL, .position = position, .seconds = seconds, .error = error});
}

static void fail(struct shop *shop, const struct ticket *ticket, const basin_error *error, double seconds)
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

/* Of the time that the session will take; only written under the lock: no atomic addition, which would want libatomic. */
static void count_done(struct shop *shop, size_t position)
{
    shop->session->done_flops = shop->session->done_flops + shop->study->runs[position].cost.flops;
}

static void end(struct shop *shop, const struct ticket *ticket, struct run_progress *progress, basin_status status,
                const struct runner_outcome *outcome, double seconds)
{
    basin_error error = *basin_error_last();
    pthread_mutex_lock(&shop->session->lock);
    shop->session->running--;
    progress->done = 0;
    if (status != BASIN_INTERRUPTED) count_done(shop, ticket->position);
    if (status == BASIN_OK)
        finish(shop, ticket->position, outcome, seconds);
    else if (status != BASIN_INTERRUPTED)
        fail(shop, ticket, &error, seconds);
    pthread_mutex_unlock(&shop->session->lock);
}

/* It failed, and not here: what the journal says of it is its process' business. */
static void pass_over(struct shop *shop, const struct ticket *ticket, const basin_error *error)
{
    pthread_mutex_lock(&shop->session->lock);
    count_done(shop, ticket->position);
    count_failure(shop, ticket, error, 0);
    pthread_mutex_unlock(&shop->session->lock);
}

/* ---- memory ---- */

static basin_status refuse(const struct shop *shop, const struct run_memory *need)
{
    char needs[32], leaves[32], limit[32], data[32];
    error_raise(BASIN_MEMORY, "the run needs %s of memory, and the limit leaves %s (%s less %s of data)",
                text_bytes((double)need->bytes, needs), text_bytes(shop->door.room > 0 ? shop->door.room : 0, leaves),
                text_bytes(shop->session->memory, limit), text_bytes(shop->session->data_bytes, data));
    error_hint("raise --memory, or use a smaller training.batch_size, network, or number of examples of a measure");
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

/* May the run go in now? Also where it never can: then with the reason. */
static bool admit(struct shop *shop, struct place *place, struct ticket *ticket)
{
    struct door *door = &shop->door;
    struct run_memory need;
    *ticket = (struct ticket){.place = place, .position = place->position, .alone = place->suspect};
    basin_status status = study_memory(shop->study, &shop->study->runs[place->position], &need);
    if (status == BASIN_OK && (double)need.bytes > door->room) status = refuse(shop, &need);
    if (status != BASIN_OK) {
        ticket->refusal = *basin_error_last();
        return true;
    }
    double bytes = (double)need.bytes, left = door->room - door->used - bytes;
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

/* The first that may go in, of suspects or of the others; a few are looked at. The lock is held. */
static bool admit_one(struct shop *shop, bool suspects, struct ticket *ticket)
{
    enum { LOOK = 64 };
    struct door *door = &shop->door;
    int looked = 0;
    double now = monotonic();
    for (size_t i = door->first; i < door->count && looked < LOOK; i++) {
        struct place *place = &door->places[i];
        if (place->taken || place->suspect != suspects || place->later > now) continue;
        looked++;
        if (!admit(shop, place, ticket)) continue;
        place->taken = true;
        go_in(door, ticket);
        return true;
    }
    return false;
}

static bool admit_any(struct shop *shop, struct ticket *ticket)
{
    if (shop->door.closed) return false;
    return admit_one(shop, false, ticket) || (!shop->door.inside && admit_one(shop, true, ticket));
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
        while (door->first < door->count && door->places[door->first].taken) door->first++;
        if (door->first == door->count || should_stop(shop)) break;
        if ((in = admit_any(shop, ticket))) break;
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

/* Nobody has trained it: others first. The lock is held. */
static void put_back(struct door *door, const struct ticket *ticket)
{
    size_t index = (size_t)(ticket->place - door->places);
    go_out(door, ticket);
    ticket->place->taken = false;
    if (index < door->first) door->first = index;
}

/* Another process has the run: it is for later. */
static void come_again(struct shop *shop, const struct ticket *ticket, const char *who)
{
    enum { PAUSE = 1 }; /* s */
    struct door *door = &shop->door;
    pthread_mutex_lock(&door->lock);
    bool told = ticket->place->later > 0;
    ticket->place->later = monotonic() + PAUSE;
    put_back(door, ticket);
    pthread_mutex_unlock(&door->lock);
    if (told) return;
    pthread_mutex_lock(&shop->session->lock);
    tell(shop, &(struct run_event){.kind = EVENT_HELD, .position = ticket->position, .who = who});
    pthread_mutex_unlock(&shop->session->lock);
}

/* Once in, the run turned out to be a suspect: it is trained when nothing else is in. */
static void stand_back(struct shop *shop, const struct ticket *ticket)
{
    struct door *door = &shop->door;
    pthread_mutex_lock(&door->lock);
    ticket->place->suspect = true;
    put_back(door, ticket);
    pthread_mutex_unlock(&door->lock);
}

/* Is the run of this ticket ours to train now? Where it is not, all has been said and done; where it is, it is claimed. */
static bool take(struct shop *shop, const struct ticket *ticket)
{
    const struct study *study = shop->study;
    const char *id = study->runs[ticket->position].id;
    bool had = ticket->place->later > 0; /* by another process */
    enum claim claim = CLAIM_OURS;
    char who[CLAIM_WHO];
    struct meanwhile meanwhile = {0};
    if (claims_take(shop->claims, id, &claim, who) != BASIN_OK) {
        pass_over(shop, ticket, basin_error_last());
        leave(shop, ticket);
        return false;
    }
    if (claim == CLAIM_HELD) {
        come_again(shop, ticket, who);
        return false;
    }
    if (claim == CLAIM_INHERITED || had) meanwhile_read(study->folder, id, text_data(&shop->opened), &meanwhile);
    if (had && meanwhile.failure.status != BASIN_OK) {
        pass_over(shop, ticket, &meanwhile.failure);
        claims_release(shop->claims, id);
        leave(shop, ticket);
        return false;
    }
    if (meanwhile.is_suspect && !ticket->alone && !study->trust) {
        claims_leave(shop->claims, id);
        stand_back(shop, ticket);
        return false;
    }
    return true;
}

static basin_status train_run(struct shop *shop, const struct ticket *ticket, const struct study_run *run, struct run_progress *progress,
                              struct runner_outcome *outcome)
{
    struct run_terms terms = {shop->stop, progress, ticket->keep};
    if (run->state != RUN_FINISHED && ticket->refusal.status != BASIN_OK) return error_restore(&ticket->refusal);
    TRY(machine_prepare_worker());
    basin_status status = runner_run(shop->study, run, &terms, outcome);
    return status == BASIN_MEMORY ? explain_shortage(shop, ticket->position) : status;
}

/* From its first event to its last. */
static void train(struct shop *shop, const struct ticket *ticket, struct run_progress *progress)
{
    struct study_run run;
    struct runner_outcome outcome;
    double start = monotonic();
    basin_status status = study_look_again(shop->study, &shop->study->runs[ticket->position], &run);
    begin(shop, ticket, &run);
    progress->total = run.cost.flops;
    if (status == BASIN_OK) status = train_run(shop, ticket, &run, progress, &outcome);
    end(shop, ticket, progress, status, &outcome, monotonic() - start);
    if (status == BASIN_INTERRUPTED && ticket->alone) claims_leave(shop->claims, run.id); /* it is a suspect still */
    else claims_release(shop->claims, run.id);
    leave(shop, ticket);
}

/* A worker's life: take the next run until there is none. */
static void work(struct shop *shop, struct run_progress *progress)
{
    struct ticket ticket;
    while (enter(shop, &ticket))
        if (take(shop, &ticket)) train(shop, &ticket, progress);
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
    door->places = make_places(study);
    door->count = session->todo;
    door->room = session->memory - session->data_bytes;
    text_now(&shop.opened);
    bool ready = door->places && !shop.opened.failed;
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
    memory_free(door->places);
    text_free(&shop.opened);
    claims_tidy(shop.claims);
    claims_destroy(shop.claims);
    checkpoint_tidy(study->folder);
    folder_tidy(study->folder);
    return ready ? BASIN_OK : BASIN_MEMORY;
}
