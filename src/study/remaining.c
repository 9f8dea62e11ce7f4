#include "study/remaining.h"

#include <math.h>
#include "study/timing.h"

#define NEARLY 0.95 /* of a run under way, the share that it has done at the most */

struct remaining {
    size_t count;
    double *weights; /* by run; 0 of one that is over, or not to do */
    double *begun;   /* by run: when; NAN of one that is not under way */
    bool expected;   /* weights are seconds */
    double weight;   /* of all that is not over */
    double ended_seconds, ended_weight;
};

basin_status remaining_create(const struct study *study, const double *expected,
                              struct remaining **out)
{
    struct remaining *remaining = *out = memory_allocate(sizeof *remaining);
    if (!remaining) return BASIN_MEMORY;
    size_t count = study->run_count;
    *remaining = (struct remaining){.count = count, .expected = expected != NULL};
    remaining->weights = memory_allocate((count + 1) * sizeof *remaining->weights);
    remaining->begun = memory_allocate((count + 1) * sizeof *remaining->begun);
    if (!remaining->weights || !remaining->begun) {
        remaining_destroy(remaining);
        *out = NULL;
        return BASIN_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        bool todo = study_run_todo(&study->runs[i]);
        remaining->weights[i] = !todo ? 0 : expected ? expected[i] : timing_flops(&study->runs[i]);
        remaining->weight += remaining->weights[i];
        remaining->begun[i] = NAN;
    }
    return BASIN_OK;
}

void remaining_destroy(struct remaining *remaining)
{
    if (!remaining) return;
    memory_free(remaining->weights);
    memory_free(remaining->begun);
    memory_free(remaining);
}

void remaining_begin(struct remaining *remaining, size_t position, double now)
{
    remaining->begun[position] = now;
}

void remaining_end(struct remaining *remaining, size_t position, double seconds, bool trained)
{
    double weight = remaining->weights[position];
    remaining->ended_seconds += trained ? seconds : 0;
    remaining->ended_weight += trained ? weight : 0;
    remaining->weight -= weight;
    remaining->weights[position] = 0;
    remaining->begun[position] = NAN;
}

/* Seconds a unit of weight; NAN where nothing tells. */
static double remaining_rate(const struct remaining *remaining, double done, double now)
{
    double elapsed = 0;
    if (remaining->ended_weight > 0) return remaining->ended_seconds / remaining->ended_weight;
    if (remaining->expected) return 1;
    for (size_t i = 0; i < remaining->count; i++)
        if (!isnan(remaining->begun[i])) elapsed += now - remaining->begun[i];
    return done > 0 && elapsed >= 1 ? elapsed / done : NAN;
}

double remaining_seconds(const struct remaining *remaining, int jobs, double done, double now)
{
    double rate = remaining_rate(remaining, done, now), left = 0, longest = 0;
    for (size_t i = 0; i < remaining->count; i++) {
        double whole = rate * remaining->weights[i];
        if (!isnan(remaining->begun[i])) whole -= fmin(now - remaining->begun[i], NEARLY * whole);
        left += whole;
        longest = fmax(longest, whole);
    }
    return isnan(rate) ? NAN : fmax(left / jobs, longest);
}
