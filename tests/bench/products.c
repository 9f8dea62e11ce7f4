/* A Hessian-vector product against a gradient of the same batch. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/random.h"
#include "train/train.h"

enum { BATCH = 1000, PROBES = 8 };

/* A batch of the measures where examples are small, else one of the training. */
static int64_t batch_of(const struct job *job)
{
    bool small = job->setting->batch < 128 || strncmp(job->setting->key, "mlp", 3) == 0;
    return small && strncmp(job->setting->dataset, "{name: kjv", 10) != 0 ? BATCH
                                                                          : job->setting->batch;
}

struct timed {
    const char *what;
    struct network *network;
    enum program_phase phase;
    double best;
};

static double time_once(const struct timed *timed, double seconds)
{
    double start = now(), passed = 0;
    int calls = 0;
    for (; passed < seconds; passed = now() - start, calls++)
        network_run(timed->network, timed->phase);
    return passed / calls;
}

static basin_status load(const struct job *job, enum network_kind kind, void *vectors[3],
                         struct network **network)
{
    uint32_t rows[BATCH];
    struct network_request request = job_network(job, kind, MODE_EVAL);
    int64_t batch = batch_of(job);
    TRY(network_create(&request, batch, network));
    for (uint32_t i = 0; i < BATCH; i++) rows[i] = i;
    network_bind(*network, SLOT_PARAMETERS, vectors[0]);
    network_bind(*network, SLOT_TANGENT, vectors[1]);
    network_bind(*network, kind == NETWORK_PRODUCT ? SLOT_PRODUCT : SLOT_GRADIENT, vectors[2]);
    network_load(*network, DATA_TRAIN, rows);
    return BASIN_OK;
}

static basin_status create(const struct job *job, struct arena *arena, struct network *networks[2])
{
    size_t size = (size_t)model_state_size(job->model);
    enum precision precision = job->settings->precision;
    struct random random = random_make(0, STREAM_PROBE, 0, 0);
    double *v = arena_array(arena, double, size);
    void *vectors[3];
    for (int i = 0; i < 3; i++)
        if (!(vectors[i] = arena_allocate(arena, size * precision_size(precision))))
            return BASIN_MEMORY;
    if (!v) return BASIN_MEMORY;
    random_fill_normal(&random, 1, v, size);
    vector_from_double(precision, v, vectors[1], size);
    TRY(train_initial(job->settings, job->model, vectors[0]));
    TRY(load(job, NETWORK_GRADIENT, vectors, &networks[0]));
    return load(job, NETWORK_PRODUCT, vectors, &networks[1]);
}

/* Share of the gradient's time that is in products. */
static double product_share(struct network *network)
{
    struct program_profile profile = {{0}, {0}};
    double all = 0, products = 0;
    network_profile(network, &profile);
    for (int i = 0; i < 3; i++) network_run(network, PROGRAM_ALL);
    network_profile(network, NULL);
    for (int kind = 0; program_kind(kind); kind++) {
        all += profile.seconds[kind];
        if (profile.multiplies[kind]) products += profile.seconds[kind];
    }
    return products / all;
}

static void report_cost(const char *what, double took, double most, double products, double traffic)
{
    char bound[64];
    snprintf(bound, sizeof bound, "<= 1.25 x %.2f", most);
    print_row(what, bound, took <= 1.25 * most ? VERDICT_OK : VERDICT_MISSED,
              "%.2f gradients (products %.2f, bytes %.2f)", took, products, traffic);
}

/* The bound: as many times the gradient's products take as long, and as many times its bytes. */
static void report(const struct job *job, const struct timed timed[3])
{
    double base = timed[0].best, flops = network_flops(timed[0].network, PROGRAM_ALL);
    double bytes = network_traffic(timed[0].network, PROGRAM_ALL),
           share = product_share(timed[0].network);
    char what[96];
    snprintf(what, sizeof what, "%s: gradient", job->setting->key);
    print_row(what, "", VERDICT_NONE, "batch %d, %.2f ms, %.1f GFLOP/s",
              (int)network_batch(timed[0].network), 1e3 * base, 1e-9 * flops / base);
    double took[3], most[3], products[3], traffic[3];
    for (int i = 1; i < 3; i++) {
        products[i] = network_flops(timed[i].network, timed[i].phase) / flops;
        traffic[i] = network_traffic(timed[i].network, timed[i].phase) / bytes;
        most[i] = share * products[i] + (1 - share) * traffic[i];
        took[i] = timed[i].best / base;
        report_cost(timed[i].what, took[i], most[i], products[i], traffic[i]);
    }
#define SHARED(costs) ((costs[1] + (PROBES - 1) * costs[2]) / PROBES)
    report_cost("  each of 8 that share the other half", SHARED(took), SHARED(most),
                SHARED(products), SHARED(traffic));
}

basin_status bench_products(const struct setting *setting, double seconds)
{
    struct job job;
    struct arena *arena;
    struct network *networks[2] = {NULL, NULL};
    TRY(arena_create(&arena));
    basin_status status = setting_open(setting, &job);
    if (status == BASIN_OK) status = create(&job, arena, networks);
    if (status == BASIN_OK) {
        struct timed timed[3] = {
            {"gradient", networks[0], PROGRAM_ALL, INFINITY},
            {"  Hessian-vector product, whole", networks[1], PROGRAM_ALL, INFINITY},
            {"  its half that depends on v", networks[1], PROGRAM_VARYING, INFINITY}};
        for (int i = 0; i < 3 * (ROUNDS + 1); i++) {
            double once = time_once(&timed[i % 3], seconds / 2);
            if (i >= 3)
                timed[i % 3].best = fmin(timed[i % 3].best, once); /* the first round warms up */
        }
        report(&job, timed);
    }
    network_destroy(networks[0]);
    network_destroy(networks[1]);
    setting_close(&job);
    arena_destroy(arena);
    return status;
}
