/* Training throughput as a share of the peak, and where the time of a step goes. */
#include "bench.h"

#include <stdio.h>
#include <math.h>
#include "base/random.h"
#include "train/optimizer.h"
#include "train/train.h"

enum { WARM_STEPS = 10, HEAVIEST = 5 };

struct ride {
    struct stepper stepper;
    _Atomic bool stop;
};

static void on_work(void *context, double flops)
{
    struct ride *ride = context;
    if (!ride->stop && ride->stepper.step(ride->stepper.context, flops)) ride->stop = true;
}

basin_status throughput_train(const struct job *job, struct stepper stepper)
{
    struct arena *arena;
    struct ride ride = {.stepper = stepper};
    struct train_result result;
    TRY(arena_create(&arena));
    struct train_request request = {.settings = job->settings,
                                    .model = job->model,
                                    .data = job->data,
                                    .stop = &ride.stop,
                                    .hooks = {.context = &ride, .work = on_work},
                                    .arena = arena};
    basin_status status = train_run(&request, &result);
    arena_destroy(arena);
    if (status == BASIN_INTERRUPTED) return BASIN_OK; /* by us: that is how a slice ends */
    return status == BASIN_OK
               ? error_raise(BASIN_INTERNAL, "the training ended before it was timed")
               : status;
}

/* Slices of training and slices of peak in turn, in the middle of one training. */
struct rate {
    double seconds; /* of a slice */
    int warm, round, steps;
    double start, flops;
    double best_rate, best_step, peak;
};

static void start_slice(struct rate *rate)
{
    rate->flops = 0;
    rate->steps = 0;
    rate->start = now();
}

static void end_slice(struct rate *rate, double passed)
{
    rate->best_rate = fmax(rate->best_rate, rate->flops / passed);
    rate->best_step = fmin(rate->best_step, passed / rate->steps);
    rate->peak = fmax(rate->peak, peak_measure(rate->seconds / 4));
    rate->round++;
}

static bool step_rate(void *context, double flops)
{
    struct rate *rate = context;
    if (rate->warm < WARM_STEPS) {
        if (++rate->warm == WARM_STEPS) start_slice(rate);
        return false;
    }
    rate->flops += flops;
    rate->steps++;
    double passed = now() - rate->start;
    if (passed < rate->seconds) return false;
    end_slice(rate, passed);
    start_slice(rate);
    return rate->round == ROUNDS;
}

static basin_status measure_rate(const struct job *job, double seconds, struct rate *rate)
{
    *rate = (struct rate){.seconds = seconds, .best_step = INFINITY};
    return throughput_train(job, (struct stepper){step_rate, rate});
}

/* --- the parts of a step, each alone --- */

struct parts {
    const struct job *job;
    struct network *network;
    struct optimizer *optimizer;
    void *w;
    uint32_t *order;
    size_t examples, next;
};

static void gather(struct parts *parts)
{
    size_t batch = (size_t)parts->job->setting->batch;
    if (parts->next + batch > parts->examples) parts->next = 0;
    network_load(parts->network, DATA_TRAIN, parts->order + parts->next);
    parts->next += batch;
}

static void gradient(struct parts *parts)
{
    network_run(parts->network, PROGRAM_ALL);
}

/* The optimiser's own gradient is what the network writes. */
static basin_status gradient_is_ready(void *context, void *w, void *g, double *loss)
{
    (void)context, (void)w, (void)g;
    *loss = 0;
    return BASIN_OK;
}

static void optimize(struct parts *parts)
{
    struct gradient_source ready = {gradient_is_ready, parts};
    optimizer_step(parts->optimizer, ready, 1e-6, parts->w);
}

static basin_status create_parts(const struct job *job, struct arena *arena, struct parts *parts)
{
    struct network_request request = job_network(job, NETWORK_GRADIENT, MODE_TRAIN);
    size_t bytes = (size_t)model_state_size(job->model) * precision_size(request.precision);
    parts->job = job;
    parts->examples = data_describe(job->data)->counts[DATA_TRAIN];
    parts->order = arena_array(arena, uint32_t, parts->examples);
    parts->w = arena_allocate(arena, bytes);
    if (!parts->order || !parts->w) return BASIN_MEMORY;
    struct random random = random_make(0, STREAM_SHUFFLE, 1, 0);
    for (size_t i = 0; i < parts->examples; i++) parts->order[i] = (uint32_t)i;
    random_permutation(&random, parts->order, parts->examples);
    TRY(train_initial(job->settings, job->model, parts->w));
    struct penalties penalties = penalties_of(job->settings);
    struct vector_space space =
        vector_space(job->model, data_describe(job->data), request.precision);
    TRY(optimizer_create(arena, job->settings->training.optimizer, &penalties, job->model, &space,
                         &parts->optimizer));
    TRY(network_create(&request, job->setting->batch, &parts->network));
    network_bind(parts->network, SLOT_PARAMETERS, parts->w);
    network_bind(parts->network, SLOT_GRADIENT, parts->optimizer->g);
    return BASIN_OK;
}

static double best_of(struct parts *parts, void (*part)(struct parts *), double seconds)
{
    double best = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now(), passed = 0;
        int calls = 0;
        for (; passed < seconds / ROUNDS; passed = now() - start, calls++) part(parts);
        best = fmin(best, passed / calls);
    }
    return best;
}

/* The kernels that take the most of a gradient's time, each timed by itself. */
static void print_heaviest(struct parts *parts)
{
    struct program_profile profile = {{0}, {0}};
    double all = 0, shown = 0;
    char line[512];
    int length = 0;
    network_profile(parts->network, &profile);
    for (int i = 0; i < 5; i++) gradient(parts);
    network_profile(parts->network, NULL);
    for (int kind = 0; program_kind(kind); kind++) all += profile.seconds[kind];
    for (int i = 0; i < HEAVIEST; i++) {
        int most = 0;
        for (int kind = 0; program_kind(kind); kind++)
            if (profile.seconds[kind] > profile.seconds[most]) most = kind;
        length += snprintf(line + length, sizeof line - (size_t)length, "%s%s %.0f", i ? ", " : "",
                           program_kind(most), 100 * profile.seconds[most] / all);
        shown += profile.seconds[most];
        profile.seconds[most] = 0;
    }
    print_row("  five heaviest kernels, % of the gradient", "", VERDICT_NONE, "%.0f: %s",
              100 * shown / all, line);
}

static basin_status print_parts(const struct job *job, double seconds)
{
    struct arena *arena;
    struct parts parts = {0};
    TRY(arena_create(&arena));
    basin_status status = create_parts(job, arena, &parts);
    if (status == BASIN_OK) {
        gather(&parts);
        gradient(&parts);
        double g = best_of(&parts, gather, seconds), d = best_of(&parts, gradient, seconds),
               o = best_of(&parts, optimize, seconds), all = (g + d + o) / 100;
        print_row("  of a step: gather, gradient, optimiser", "", VERDICT_NONE,
                  "%.0f, %.0f, %.0f %%", g / all, d / all, o / all);
        print_heaviest(&parts);
    }
    if (status == BASIN_OK) {
        size_t least, planned = network_program_bytes(parts.network, &least);
        print_row("  memory of a gradient", "<= 1.15",
                  planned <= 1.15 * (double)least ? VERDICT_OK : VERDICT_MISSED,
                  "%.1f MB, %.3f of the largest live set", 1e-6 * (double)planned,
                  (double)planned / (double)least);
    }
    network_destroy(parts.network);
    arena_destroy(arena);
    return status;
}

basin_status bench_train(const struct setting *setting, double seconds)
{
    struct job job;
    struct rate rate;
    TRY(setting_open(setting, &job));
    basin_status status = measure_rate(&job, seconds, &rate);
    if (status == BASIN_OK) {
        print_target(setting->name, 100 * rate.best_rate / rate.peak, 100 * setting->target,
                     "% of peak");
        print_row("  float32: a step, products, peak", "", VERDICT_NONE,
                  "%.4f ms, %.1f, %.1f GFLOP/s", 1e3 * rate.best_step, 1e-9 * rate.best_rate,
                  1e-9 * rate.peak);
        status = print_parts(&job, seconds);
    }
    setting_close(&job);
    return status;
}

basin_status bench_slice(const struct setting *setting, double seconds)
{
    struct job job;
    struct rate rate;
    TRY(setting_open(setting, &job));
    basin_status status = measure_rate(&job, seconds / ROUNDS, &rate);
    setting_close(&job);
    TRY(status);
    printf("%.6g %.6g %.6g\n", rate.best_rate, rate.best_step, rate.peak);
    return BASIN_OK;
}

/* --- the training time of a tiny run --- */

struct tiny {
    double last, best;
};

static basin_status tiny_epoch(void *context, int64_t epoch, const void *w)
{
    struct tiny *tiny = context;
    double time = now();
    (void)w;
    if (epoch > 1)
        tiny->best = fmin(tiny->best, time - tiny->last); /* the first epoch makes the networks */
    tiny->last = now();
    return BASIN_OK;
}

static basin_status train_tiny(const struct job *job)
{
    struct tiny tiny = {.best = INFINITY};
    struct train_result result;
    struct train_request request = {.settings = job->settings,
                                    .model = job->model,
                                    .data = job->data,
                                    .hooks = {.context = &tiny, .epoch = tiny_epoch},
                                    .arena = job->arena};
    TRY(train_run(&request, &result));
    printf("%.6g\n", tiny.best);
    return BASIN_OK;
}

basin_status bench_tiny(void)
{
    static const struct setting linear = {.name = "linear on MNIST-1D", .dataset = "mnist1d"};
    struct job job;
    TRY(setting_open(&linear, &job));
    basin_status status = train_tiny(&job);
    setting_close(&job);
    return status;
}
