#include "study/timing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "run/machine.h"
#include "run/schema.h"
#include "train/train.h"

#define TIMING_BUDGET 0.6 /* seconds for all calibrations; begun ones are ended */
#define TIMING_SHAPE 0.06 /* seconds for one */
#define TIMING_RUN                                                                                 \
    0.008 /* seconds of a run beside its FLOPs: programs, the file, the journal (100 tiny runs in  \
             turn) */
#define TIMING_START                                                                               \
    0.1 /* seconds until the first run is as fast as its next: libraries are loaded, data opened,  \
           kernels made */

/* Runs of one shape: equal programs on data of equal sizes. */
struct form {
    struct digest digest;
    const struct study_run *example;
    double flops;                    /* to do */
    double done_flops, done_seconds; /* of finished runs */
    double rate;                     /* seconds a FLOP; 0: not known */
};

struct forms {
    struct form *items;
    size_t count;
};

double timing_flops(const struct study_run *run)
{
    if (!study_run_todo(run)) return 0;
    if (run->state == RUN_INCOMPLETE) return run->cost.measures;
    double left = run->state == RUN_INTERRUPTED && run->cost.steps > 0
                      ? 1 - (double)run->known.step / (double)run->cost.steps
                      : 1;
    return (run->cost.flops - run->cost.measures) * fmax(left, 0) + run->cost.measures;
}

/* ---- what is known ---- */

static struct form *form_of(struct forms *shapes, const struct study_run *run)
{
    for (size_t i = shapes->count; i-- > 0;) /* neighbours of a sweep are alike: the newest first */
        if (digest_equal(shapes->items[i].digest, run->shape)) return &shapes->items[i];
    shapes->items[shapes->count] = (struct form){.digest = run->shape, .example = run};
    return &shapes->items[shapes->count++];
}

enum { SHAPES_MOST = 4096 }; /* the runs of further ones are taken as of the nearest */

static basin_status gather_forms(const struct study *study, struct arena *arena,
                                 struct forms *shapes, size_t *finished)
{
    shapes->items = arena_array(arena, struct form, SHAPES_MOST + 1);
    if (!shapes->items) return BASIN_MEMORY;
    for (size_t i = 0; i < study->run_count && shapes->count < SHAPES_MOST; i++) {
        const struct study_run *run = &study->runs[i];
        struct form *shape = form_of(shapes, run);
        shape->flops += timing_flops(run);
        if (run->known.seconds <= 0 || run->cost.flops <= 0) continue;
        shape->done_flops += run->cost.flops;
        shape->done_seconds += fmax(run->known.seconds - TIMING_RUN, run->known.seconds / 10);
        ++*finished;
    }
    for (size_t i = 0; i < shapes->count; i++)
        if (shapes->items[i].done_flops > 0)
            shapes->items[i].rate = shapes->items[i].done_seconds / shapes->items[i].done_flops;
    return BASIN_OK;
}

/* ---- calibration ---- */

/* The least time of a step, of as many as there is time for; the first, which makes kernels ready,
 * does not count. */
static basin_status time_steps(struct objective *objective, const struct objective_where *where,
                               void *w, void *g, double *least, size_t *steps)
{
    double end = 0, loss;
    *least = INFINITY;
    for (int step = 0; step < 4 || clock_seconds() < end; step++) {
        double start = clock_seconds();
        objective_random(objective, 0, step);
        TRY(objective_step(objective, where, w, true, g, &loss));
        if (step == 0)
            end = clock_seconds() + TIMING_SHAPE;
        else if (clock_seconds() - start < *least)
            *least = clock_seconds() - start;
        ++*steps;
    }
    return BASIN_OK;
}

static basin_status time_network(const struct train_settings *settings, const struct model *model,
                                 const struct data *data, struct arena *arena, struct form *shape,
                                 size_t *steps)
{
    struct train_plan plan = train_plan(settings, data_describe(data));
    struct objective_request request = train_objective(settings, model, data, MODE_TRAIN);
    struct objective_where where = objective_first(DATA_TRAIN, (size_t)plan.batch);
    struct objective *objective;
    size_t bytes = (size_t)model_state_size(model) * precision_size(settings->precision);
    void *w = arena_allocate(arena, bytes), *g = arena_allocate(arena, bytes);
    if (!w || !g) return BASIN_MEMORY;
    TRY(train_initial(settings, model, w));
    TRY(objective_create(&request, &objective));
    double seconds;
    basin_status status = time_steps(objective, &where, w, g, &seconds, steps);
    objective_destroy(objective);
    shape->rate = seconds / ((double)plan.batch * model_gradient_flops(model));
    return status;
}

static basin_status calibrate(const struct study *study, struct form *shape, size_t *steps)
{
    struct arena *arena;
    const struct data *data;
    struct model *model;
    const struct run_settings *settings;
    TRY(arena_create(&arena));
    basin_status status = study_resolve(study, shape->example->index, arena, &settings, &data);
    if (status == BASIN_OK) status = run_model_create(arena, settings, data_describe(data), &model);
    if (status == BASIN_OK)
        status = time_network(&settings->train, model, data, arena, shape, steps);
    arena_destroy(arena);
    return status;
}

static int timing_by_flops(const void *a, const void *b)
{
    double x = ((const struct form *)a)->flops, y = ((const struct form *)b)->flops;
    return (x < y) - (x > y);
}

/* The shapes with the most to do first, as long as there is time. */
static basin_status calibrate_all(const struct study *study, struct forms *shapes, double memory,
                                  struct timing *timing)
{
    double end = clock_seconds() + TIMING_BUDGET;
    machine_warm();
    TRY(machine_prepare_worker());
    qsort(shapes->items, shapes->count, sizeof *shapes->items, timing_by_flops);
    for (size_t i = 0; i < shapes->count && clock_seconds() < end; i++) {
        struct run_memory need;
        if (shapes->items[i].rate > 0 || shapes->items[i].flops <= 0) continue;
        TRY(study_memory(study, shapes->items[i].example, &need));
        if ((double)need.bytes > memory) continue;
        basin_status status = calibrate(study, &shapes->items[i], &timing->steps);
        if (status == BASIN_MEMORY) continue; /* no time for it is no reason to have no plan */
        TRY(status);
        timing->calibrated++;
    }
    return BASIN_OK;
}

/* ---- the sum ---- */

/* The rate of the shape that is nearest in FLOPs a step. */
static double rate_like(const struct forms *shapes, double step_flops)
{
    double nearest = INFINITY, rate = 0;
    for (size_t i = 0; i < shapes->count; i++) {
        const struct form *shape = &shapes->items[i];
        double distance = fabs(log((shape->example->cost.step_flops + 1) / (step_flops + 1)));
        if (shape->rate <= 0 || distance >= nearest) continue;
        nearest = distance;
        rate = shape->rate;
    }
    return rate;
}

static int by_length(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

double timing_wall(double *seconds, size_t count, int jobs, double *loads)
{
    double wall = 0;
    for (int j = 0; j < jobs; j++) loads[j] = 0;
    qsort(seconds, count, sizeof *seconds, by_length);
    for (size_t i = 0; i < count; i++) {
        int least = 0;
        for (int j = 1; j < jobs; j++)
            if (loads[j] < loads[least]) least = j;
        loads[least] += seconds[i];
        wall = fmax(wall, loads[least]);
    }
    return wall;
}

static double run_seconds(struct forms *shapes, const struct study_run *run)
{
    double rate = 0;
    for (size_t i = 0; i < shapes->count; i++)
        if (digest_equal(shapes->items[i].digest, run->shape)) rate = shapes->items[i].rate;
    if (rate <= 0) rate = rate_like(shapes, run->cost.step_flops);
    return rate > 0 ? TIMING_RUN + rate * timing_flops(run) : NAN;
}

static basin_status add_up(const struct study *study, struct forms *shapes, int jobs,
                           struct arena *arena, struct timing *timing)
{
    double *sorted = arena_array(arena, double, study->run_count + 1),
           *loads = arena_array(arena, double, (size_t)jobs + 1);
    if (!sorted || !loads) return BASIN_MEMORY;
    for (size_t i = 0; i < study->run_count; i++) {
        const struct study_run *run = &study->runs[i];
        bool same = i > 0 && study_run_todo(&study->runs[i - 1]) &&
                    digest_equal(run->shape, study->runs[i - 1].shape) &&
                    timing_flops(run) == timing_flops(&study->runs[i - 1]);
        if (study_run_todo(run))
            timing->seconds[i] = same ? timing->seconds[i - 1] : run_seconds(shapes, run);
        timing->work += timing->seconds[i];
        sorted[i] = timing->seconds[i];
    }
    timing->wall = isnan(timing->work) ? NAN
                                       : TIMING_START * (timing->work > 0) +
                                             timing_wall(sorted, study->run_count, jobs, loads);
    return BASIN_OK;
}

basin_status timing_estimate(const struct study *study, int jobs, double memory,
                             struct arena *arena, struct timing *timing)
{
    struct forms shapes = {0};
    *timing = (struct timing){.seconds = arena_array(arena, double, study->run_count + 1)};
    if (!timing->seconds) return BASIN_MEMORY;
    TRY(gather_forms(study, arena, &shapes, &timing->finished));
    TRY(calibrate_all(study, &shapes, memory, timing));
    return add_up(study, &shapes, jobs, arena, timing);
}
