#include "study/admission.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "run/machine.h"

/* ---- the order ---- */

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

static struct queue_entry *make_queue(const struct study *study, size_t *queue_count)
{
    size_t count = 0, most = study->run_count ? study->run_count : 1;
    struct cost_key *keys = memory_allocate(most * sizeof *keys);
    struct queue_entry *queue = memory_allocate(most * sizeof *queue);
    for (size_t i = 0; keys && i < study->run_count; i++) {
        const struct study_run *run = &study->runs[i];
        if (study_run_todo(run))
            keys[count++] =
                (struct cost_key){run->known.unproven ? 2 : run->known.suspect, run->cost.flops, i};
    }
    if (keys && queue) {
        qsort(keys, count, sizeof *keys, by_cost);
        for (size_t i = 0; i < count; i++)
            queue[i] = (struct queue_entry){.position = keys[i].position,
                                            .suspect = keys[i].suspicion > 0};
    } else {
        memory_free(queue);
        queue = NULL;
    }
    memory_free(keys);
    *queue_count = count;
    return queue;
}

/* ---- runs that need the result of another ---- */

static struct queue_entry *entry_of(const struct admission *admission, const struct study_run *run)
{
    size_t position = (size_t)(run - admission->study->runs);
    for (size_t i = 0; i < admission->count; i++)
        if (admission->queue[i].position == position) return &admission->queue[i];
    return NULL;
}

/* A chain that is longer than the study has come back to a run that it had left. */
static basin_status check_circle(const struct admission *admission, const struct study_run *run)
{
    size_t steps = 0;
    for (const struct study_run *at = run; at; at = at->after)
        if (steps++ > admission->study->whole)
            return error_raise(BASIN_INTERNAL, "run %s needs its own result", run->id);
    return BASIN_OK;
}

static basin_status link_queue(struct admission *admission)
{
    for (size_t i = 0; i < admission->count; i++) {
        struct queue_entry *entry = &admission->queue[i];
        const struct study_run *run = &admission->study->runs[entry->position];
        if (!run->after || run->after->state == RUN_FINISHED) continue;
        TRY(check_circle(admission, run));
        entry->after = entry_of(admission, run->after);
        entry->orphan = !entry->after;
    }
    return BASIN_OK;
}

static bool waits_for_another(const struct queue_entry *entry)
{
    return entry->after && entry->after->outcome == ENTRY_OPEN;
}

/* The result that it needs will not come in this session. */
static bool admit_unmet(const struct admission *admission, const struct queue_entry *entry,
                        struct admitted *admitted)
{
    if (!entry->orphan && !(entry->after && entry->after->outcome == ENTRY_FAILED)) return false;
    error_raise(BASIN_FAILED, "the run was not started: it needs the result of run %s, which %s",
                admission->study->runs[entry->position].after->id,
                entry->orphan ? "has not finished and does not run here" : "failed");
    admitted->unmet = true;
    admitted->refusal = *basin_error_last();
    return true;
}

/* ---- opening ---- */

basin_status admission_open(struct admission *admission)
{
    pthread_mutex_init(&admission->lock, NULL);
    clock_condition(&admission->changed);
    admission->queue = make_queue(admission->study, &admission->count);
    return admission->queue ? link_queue(admission) : BASIN_MEMORY;
}

void admission_close(struct admission *admission)
{
    pthread_cond_destroy(&admission->changed);
    pthread_mutex_destroy(&admission->lock);
    memory_free(admission->queue);
}

/* ---- memory ---- */

static double memory_for_runs(const struct admission *admission)
{
    return admission->limit - study_common_bytes(admission->study);
}

const char *admission_raise(double limit)
{
    bool by_process = memory_is_limited() && limit > 0.79 * machine_memory();
    return by_process ? "this process may not take more (see `ulimit -v` and `ulimit -d`): raise "
                        "that limit"
                      : "raise --memory";
}

static basin_status admission_refuse(const struct admission *admission,
                                     const struct run_memory *need)
{
    char needs[32], leaves[32], limit[32], data[32], program[32];
    error_raise(
        BASIN_MEMORY,
        "the run needs %s of memory, and the limit leaves %s (%s less %s of data and %s for "
        "the program)",
        text_bytes((double)need->bytes, needs),
        text_bytes(memory_for_runs(admission) > 0 ? memory_for_runs(admission) : 0, leaves),
        text_bytes(admission->limit, limit),
        text_bytes((double)study_data_bytes(admission->study), data),
        text_bytes((double)admission->study->program, program));
    error_hint("%s, or use a smaller training.batch_size, network, or number of examples of a "
               "measure",
               admission_raise(admission->limit));
    return BASIN_MEMORY;
}

/* May the run go in now? Also where it never can: then with the reason. */
static bool admit(struct admission *admission, struct queue_entry *entry, struct admitted *admitted)
{
    struct run_memory need;
    *admitted =
        (struct admitted){.entry = entry, .position = entry->position, .alone = entry->suspect};
    if (admit_unmet(admission, entry, admitted)) return true;
    basin_status status =
        study_memory(admission->study, &admission->study->runs[entry->position], &need);
    if (status == BASIN_OK && (double)need.bytes > memory_for_runs(admission))
        status = admission_refuse(admission, &need);
    if (status != BASIN_OK) {
        admitted->refusal = *basin_error_last();
        return true;
    }
    double bytes = (double)need.bytes, left = memory_for_runs(admission) - admission->used - bytes;
    if (left < 0) return false;
    double spare = fmax(0, fmin(left, memory_for_runs(admission) / admission->jobs - bytes));
    admitted->keep = (double)need.keep < spare ? need.keep : (size_t)spare;
    admitted->bytes = bytes + (double)admitted->keep;
    return true;
}

static void admission_take(struct admission *admission, const struct admitted *admitted)
{
    admission->used += admitted->bytes;
    admission->running++;
    admission->exclusive = admitted->alone;
}

static void admission_release(struct admission *admission, const struct admitted *admitted)
{
    admission->used -= admitted->bytes;
    if (--admission->running == 0) admission->used = 0;
    if (admitted->alone) admission->exclusive = false;
    pthread_cond_broadcast(&admission->changed);
}

/* The first that may go in, of suspects or of the others; a few are looked at. The lock is held. */
static bool admit_one(struct admission *admission, bool suspects, struct admitted *admitted)
{
    enum { LOOK = 64 };
    int looked = 0;
    double now = clock_seconds();
    for (size_t i = admission->first; i < admission->count && looked < LOOK; i++) {
        struct queue_entry *entry = &admission->queue[i];
        if (entry->taken || entry->suspect != suspects || entry->not_before > now ||
            waits_for_another(entry))
            continue;
        looked++;
        if (!admit(admission, entry, admitted)) continue;
        entry->taken = true;
        admission_take(admission, admitted);
        return true;
    }
    return false;
}

static bool admit_any(struct admission *admission, struct admitted *admitted)
{
    if (admission->exclusive) return false;
    return admit_one(admission, false, admitted) ||
           (!admission->running && admit_one(admission, true, admitted));
}

bool admission_enter(struct admission *admission, struct admitted *admitted)
{
    static const double INTERVAL = 0.2; /* s */
    bool in = false;
    pthread_mutex_lock(&admission->lock);
    for (;;) {
        while (admission->first < admission->count && admission->queue[admission->first].taken)
            admission->first++;
        if ((admission->first == admission->count && !admission->running) || *admission->stop ||
            *admission->stopped)
            break;
        if ((in = admit_any(admission, admitted))) break;
        clock_wait(
            &admission->changed, &admission->lock,
            INTERVAL); /* somebody is in, and may come back; or another process has what is left */
    }
    pthread_mutex_unlock(&admission->lock);
    return in;
}

/* ---- out again ---- */

void admission_leave(struct admission *admission, const struct admitted *admitted, bool finished)
{
    pthread_mutex_lock(&admission->lock);
    admitted->entry->outcome = finished ? ENTRY_FINISHED : ENTRY_FAILED;
    admission_release(admission, admitted);
    pthread_mutex_unlock(&admission->lock);
}

/* The lock is held. */
static void return_to_queue(struct admission *admission, const struct admitted *admitted)
{
    size_t index = (size_t)(admitted->entry - admission->queue);
    admission_release(admission, admitted);
    admitted->entry->taken = false;
    if (index < admission->first) admission->first = index;
}

void admission_requeue(struct admission *admission, const struct admitted *admitted)
{
    enum { PAUSE = 1 }; /* s */
    pthread_mutex_lock(&admission->lock);
    admitted->entry->not_before = clock_seconds() + PAUSE;
    return_to_queue(admission, admitted);
    pthread_mutex_unlock(&admission->lock);
}

void admission_requeue_alone(struct admission *admission, const struct admitted *admitted)
{
    pthread_mutex_lock(&admission->lock);
    admitted->entry->suspect = true;
    return_to_queue(admission, admitted);
    pthread_mutex_unlock(&admission->lock);
}
