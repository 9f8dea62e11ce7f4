/* A Hessian-vector product against a gradient of the same batch. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include "base/random.h"
#include "train/train.h"

enum { BATCH = 1000 };

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
    for (; passed < seconds; passed = now() - start, calls++) network_run(timed->network, timed->phase);
    return passed / calls;
}

static basin_status load(const struct job *job, enum network_kind kind, void *vectors[3], struct network **network)
{
    uint32_t rows[BATCH];
    struct network_request request = train_network(job->spec, job->model, job->data, kind, MODE_EVAL);
    TRY(network_create(&request, BATCH, network));
    for (uint32_t i = 0; i < BATCH; i++) rows[i] = i;
    network_bind(*network, SLOT_PARAMETERS, vectors[0]);
    network_bind(*network, SLOT_TANGENT, vectors[1]);
    network_bind(*network, kind == NETWORK_PRODUCT ? SLOT_PRODUCT : SLOT_GRADIENT, vectors[2]);
    network_load(*network, DATA_TRAIN, rows);
    return BASIN_OK;
}

static basin_status create(const struct job *job, struct arena *arena, struct network *networks[2])
{
    size_t size = (size_t)model_size(job->model);
    enum precision precision = train_precision(job->spec);
    struct random random = random_make(0, STREAM_PROBE, 0, 0);
    double *v = arena_array(arena, double, size);
    void *vectors[3];
    for (int i = 0; i < 3; i++)
        if (!(vectors[i] = arena_allocate(arena, size * precision_size(precision)))) return BASIN_MEMORY;
    if (!v) return BASIN_MEMORY;
    random_fill_normal(&random, 1, v, size);
    vector_from_double(precision, v, vectors[1], size);
    TRY(train_initial(job->spec, job->model, vectors[0]));
    TRY(load(job, NETWORK_GRADIENT, vectors, &networks[0]));
    return load(job, NETWORK_PRODUCT, vectors, &networks[1]);
}

static void report(const struct timed timed[3])
{
    double base = timed[0].best, flops = network_flops(timed[0].network, timed[0].phase);
    print_row(timed[0].what, "", VERDICT_NONE, "%.2f ms, %.1f GFLOP/s", 1e3 * base, 1e-9 * flops / base);
    for (int i = 1; i < 3; i++) {
        char bound[64];
        double work = network_flops(timed[i].network, timed[i].phase);
        snprintf(bound, sizeof bound, "(products %.2f)", work / flops);
        print_row(timed[i].what, bound, VERDICT_NONE, "%.2f gradients, %.1f GFLOP/s", timed[i].best / base,
                  1e-9 * work / timed[i].best);
    }
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
        struct timed timed[3] = {{"gradient, batch 1000", networks[0], PROGRAM_ALL, INFINITY},
                                 {"Hessian-vector product, whole", networks[1], PROGRAM_ALL, INFINITY},
                                 {"  its half that depends on v", networks[1], PROGRAM_VARYING, INFINITY}};
        for (int i = 0; i < 3 * (ROUNDS + 1); i++) {
            double once = time_once(&timed[i % 3], seconds / 2);
            if (i >= 3) timed[i % 3].best = fmin(timed[i % 3].best, once); /* the first round warms up */
        }
        report(timed);
    }
    network_destroy(networks[0]);
    network_destroy(networks[1]);
    setting_close(&job);
    arena_destroy(arena);
    return status;
}
