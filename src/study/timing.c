#include "study/timing.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "study/team.h"
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
    double flops, measures;          /* to do; of these, those of measures */
    double done_flops, done_seconds; /* of finished runs */
    double rate;                     /* seconds a FLOP; 0: not known */
    double product_rate;             /* the same of measures */
};

struct forms {
    struct form *items;
    size_t count;
};

/* The share of its steps that a run has left. */
static double steps_left(const struct study_run *run)
{
    if (run->state != RUN_INTERRUPTED || run->cost.steps <= 0) return 1;
    return fmax(1 - (double)run->known.step / (double)run->cost.steps, 0);
}

double timing_flops(const struct study_run *run)
{
    if (!study_run_todo(run)) return 0;
    if (run->state == RUN_INCOMPLETE) return run->cost.measures;
    return (run->cost.flops - run->cost.measures) * steps_left(run) + run->cost.measures;
}

double timing_measures(const struct study_run *run)
{
    if (!study_run_todo(run)) return 0;
    double tracked = run->state == RUN_INCOMPLETE ? 0 : run->cost.tracked * steps_left(run);
    return tracked + run->cost.measures;
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
        shape->measures += timing_measures(run);
        if (run->known.seconds <= 0 || run->cost.flops <= 0) continue;
        shape->done_flops += run->cost.flops;
        shape->done_seconds += fmax(run->known.seconds - TIMING_RUN, run->known.seconds / 10);
        ++*finished;
    }
    for (size_t i = 0; i < shapes->count; i++)
        if (shapes->items[i].done_flops > 0)
            shapes->items[i].rate = shapes->items[i].product_rate =
                shapes->items[i].done_seconds / shapes->items[i].done_flops;
    return BASIN_OK;
}

/* ---- calibration ---- */

/* The mean time of a step, of as many as there is time for; the first, which makes kernels ready,
 * does not count. */
static basin_status time_steps(struct objective *objective, const struct objective_where *where,
                               void *w, void *g, double *mean, size_t *steps)
{
    double start = 0, now = 0, loss;
    int step = 0;
    for (; step < 4 || now - start < TIMING_SHAPE; step++) {
        objective_random(objective, 0, step);
        TRY(objective_step(objective, where, w, true, g, &loss));
        now = clock_seconds();
        if (step == 0) start = now;
        ++*steps;
    }
    *mean = (now - start) / (double)(step - 1);
    return BASIN_OK;
}

/* Seconds a FLOP of Hessian-vector products, what most of the time of measures goes to. */
static basin_status time_products(struct objective *objective, const struct objective_where *where,
                                  const void *w, const double *v, double *hv, double *rate)
{
    double start = 0, spent = 0, now = 0;
    for (int product = 0; product < 3 || now - start < TIMING_SHAPE / 2; product++) {
        TRY(objective_product(objective, where, w, OBJECTIVE_HESSIAN, v, 1, hv));
        now = clock_seconds();
        if (product > 0) continue;
        start = now;
        spent = objective_spent(objective);
    }
    spent = objective_spent(objective) - spent;
    *rate = spent > 0 ? (now - start) / spent : 0;
    return BASIN_OK;
}

static basin_status time_measures(const struct train_settings *settings, const struct model *model,
                                  const struct data *data, const void *w, size_t keep,
                                  struct arena *arena, struct form *shape)
{
    struct objective_request request = train_objective(settings, model, data, MODE_EVAL);
    struct train_plan plan = train_plan(settings, data_describe(data));
    struct objective_where where = objective_first(DATA_TRAIN, (size_t)plan.batch);
    size_t count = (size_t)model_size(model);
    double *v = arena_array(arena, double, count), *hv = arena_array(arena, double, count);
    struct objective *objective;
    if (!v || !hv) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) v[i] = 1 / sqrt((double)count);
    request.keep = keep;
    TRY(objective_create(&request, &objective));
    basin_status status = time_products(objective, &where, w, v, hv, &shape->product_rate);
    objective_destroy(objective);
    return status;
}

static basin_status time_network(const struct train_settings *settings, const struct model *model,
                                 const struct data *data, size_t keep, struct arena *arena,
                                 struct form *shape, size_t *steps)
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
    TRY(status);
    shape->rate = seconds / ((double)plan.batch * model_gradient_flops(model));
    if (shape->measures > 0) TRY(time_measures(settings, model, data, w, keep, arena, shape));
    if (shape->product_rate <= 0) shape->product_rate = shape->rate;
    return BASIN_OK;
}

static basin_status calibrate_here(const struct study *study, size_t keep, struct form *shape,
                                   size_t *steps)
{
    struct arena *arena;
    const struct data *data;
    struct model *model;
    const struct run_settings *settings;
    TRY(machine_prepare_worker());
    TRY(arena_create(&arena));
    basin_status status = study_resolve(study, shape->example->index, arena, &settings, &data);
    if (status == BASIN_OK) status = study_acquire(study, settings, arena, &data);
    if (status == BASIN_OK) status = run_model_create(arena, settings, data_describe(data), &model);
    if (status == BASIN_OK)
        status = time_network(&settings->train, model, data, keep, arena, shape, steps);
    arena_destroy(arena);
    return status;
}

/* What the threads that calibrate one shape share. */
struct calibration {
    const struct study *study;
    const struct form *shape;
    size_t keep, steps;
    double rate, product_rate; /* sums */
    basin_error error;
    pthread_mutex_t lock;
};

static void calibrate_member(void *context, int number)
{
    struct calibration *all = context;
    struct form own = *all->shape;
    size_t taken = 0;
    (void)number;
    basin_status status = calibrate_here(all->study, all->keep, &own, &taken);
    pthread_mutex_lock(&all->lock);
    if (status != BASIN_OK) all->error = *basin_error_last();
    all->rate += own.rate;
    all->product_rate += own.product_rate;
    all->steps += taken;
    pthread_mutex_unlock(&all->lock);
}

/* The same in `jobs` threads at a time; their mean rates. */
static basin_status calibrate(const struct study *study, int jobs, size_t keep, struct form *shape,
                              size_t *steps)
{
    struct calibration all = {
        .study = study, .shape = shape, .keep = keep, .lock = PTHREAD_MUTEX_INITIALIZER};
    double count = team_run(jobs, calibrate_member, &all);
    *steps += all.steps;
    if (all.error.status != BASIN_OK) return error_restore(&all.error);
    shape->rate = all.rate / count;
    shape->product_rate = all.product_rate / count;
    return BASIN_OK;
}

static int timing_by_flops(const void *a, const void *b)
{
    double x = ((const struct form *)a)->flops, y = ((const struct form *)b)->flops;
    return (x < y) - (x > y);
}

/* The shapes with the most to do first, as long as there is time. */
static basin_status calibrate_all(const struct study *study, struct forms *shapes, int jobs,
                                  double memory, struct timing *timing)
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
        int threads = (int)fmin(jobs, memory / (double)need.bytes);
        bool keeps = (double)threads * ((double)need.bytes + (double)need.keep) <= memory;
        basin_status status =
            calibrate(study, threads, keeps ? need.keep : 0, &shapes->items[i], &timing->steps);
        if (status == BASIN_MEMORY) continue; /* no time for it is no reason to have no plan */
        TRY(status);
        timing->calibrated++;
    }
    return BASIN_OK;
}

/* ---- the sum ---- */

/* The shape of known rates that is nearest in FLOPs a step. */
static const struct form *form_like(const struct forms *shapes, double step_flops)
{
    const struct form *found = NULL;
    double nearest = INFINITY;
    for (size_t i = 0; i < shapes->count; i++) {
        const struct form *shape = &shapes->items[i];
        double distance = fabs(log((shape->example->cost.step_flops + 1) / (step_flops + 1)));
        if (shape->rate <= 0 || distance >= nearest) continue;
        nearest = distance;
        found = shape;
    }
    return found;
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
    const struct form *shape = NULL;
    for (size_t i = 0; i < shapes->count && !shape; i++)
        if (digest_equal(shapes->items[i].digest, run->shape)) shape = &shapes->items[i];
    if (!shape || shape->rate <= 0) shape = form_like(shapes, run->cost.step_flops);
    if (!shape) return NAN;
    double measures = timing_measures(run);
    return TIMING_RUN + shape->rate * (timing_flops(run) - measures) +
           shape->product_rate * measures;
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
    TRY(calibrate_all(study, &shapes, jobs < machine_cores() ? jobs : machine_cores(), memory,
                      timing));
    return add_up(study, &shapes, jobs, arena, timing);
}
