/* run/memory.c: what a run is said to need against the most that its thread has held; equal
 * shapes; what halves are kept for Hessian products, which no number may depend on. */
#include "run/memory.h"
#include "study_helpers.h"

#include "analysis/compare.h"
#include "graph/cache.h"
#include "run/execute.h"
#include "run/machine.h"

TestSuite(memory, .init = folder_make, .fini = folder_remove);

#define DATA "study: unit\ndataset: {name: mnist1d}\n"

static const char *const specs[] = {
    DATA "architecture: {type: linear}\ntraining: {epochs: 1}\n",
    DATA "architecture: {type: mlp, hidden: [256, 256], activation: gelu}\nregularizers: {dropout: "
         "0.1}\n"
         "training: {epochs: 1, optimizer: {type: adam}, batch_size: 500}\n",
    DATA "architecture: {type: mlp, hidden: [300]}\ntraining: {epochs: 2, optimizer: {type: gd, "
         "learning_rate: 0.1}}\n",
    DATA
    "architecture: {type: mlp, hidden: [128, 128]}\nprecision: float64\n"
    "training: {epochs: 1}\nmeasures: {hessian_trace: {probes: 4, examples: 1500}, margin: {}}\n",
    DATA "architecture: {type: cnn, channels: [16, 32], norm: batch}\ntraining: {epochs: 1}\n",
    DATA "architecture: {type: resnet, width: 8}\ntraining: {epochs: 1}\nmeasures: {hessian_trace: "
         "{probes: 2, examples: 300}}\n",
    DATA "architecture: {type: gru, hidden_size: 16, bidirectional: true, readout: all}\ntraining: "
         "{epochs: 1, batch_size: 100}\n"
         "measures: {hessian_trace: {probes: 2, examples: 300}}\n",
    DATA "architecture: {type: transformer, width: 16, heads: 2, patch: 4}\ntraining: {epochs: 1, "
         "batch_size: 256}\n",
    DATA "architecture: {type: mlp, hidden: [200]}\ntraining: {epochs: 1}\n"
         "measures: {hessian_top: {k: 2, examples: 3300, max_iterations: 30, tolerance: 1.0e-9, "
         "every: 1}}\n"
         "weights: {initial: true}\n",
    DATA "architecture: {type: mlp, hidden: [200]}\ntraining: {epochs: 1}\n"
         "weights: {every_steps: 5}\n",
    "study: unit\ndataset: {name: kjv-text, context: 128, train_size: 400, test_size: 10}\n"
    "architecture: {type: rnn, hidden_size: 3, embedding: 2}\ntraining: {epochs: 1, batch_size: "
    "4}\n",
};

/* Trains the only run of a study with `keep` bytes; returns the most that it held. */
static size_t peak(const struct study *study, size_t keep, struct arena *arena,
                   struct record **record)
{
    const struct run_settings *settings;
    const struct data *data;
    struct run_terms terms = {.keep = keep};
    OK(study_resolve(study, 0, arena, &settings, &data));
    OK(machine_prepare_worker()); /* one thread, as every run */
    cache_clear();
    memory_peak_start();
    OK(execute_run(settings, data, &terms, arena, record));
    return memory_peak();
}

Test(memory, a_run_holds_what_it_was_said_to)
{
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct study *study;
        struct arena *arena;
        struct record *record;
        struct run_memory need;
        OK(open_text(specs[i], &study));
        OK(study_memory(study, &study->runs[0], &need));
        OK(arena_create(&arena));
        size_t held = peak(study, 0, arena, &record);
        cr_expect_leq(held, need.bytes, "spec %zu: held %zu, need %zu", i, held, need.bytes);
        cr_expect_leq((double)need.bytes, 1.35 * (double)held + (4 << 20),
                      "spec %zu: held %zu, need %zu", i, held, need.bytes);
        arena_destroy(arena);
        study_close(study);
    }
}

static bool equal_records(const struct record *a, const struct record *b)
{
    struct text difference = {0};
    bool equal = compare_records(a, b, &difference);
    text_free(&difference);
    return equal;
}

Test(memory, kept_halves_change_no_number)
{
    struct study *study;
    struct arena *arena;
    struct record *without, *some, *all;
    struct run_memory need;
    OK(open_text(DATA "architecture: {type: mlp, hidden: [128]}\ntraining: {epochs: 1}\nmeasures: "
                      "{hessian_trace: {probes: 17, examples: 3300}}\n",
                 &study));
    OK(study_memory(study, &study->runs[0], &need));
    cr_assert_gt(need.keep, 1 << 20);
    OK(arena_create(&arena));
    size_t least = peak(study, 0, arena, &without);
    peak(study, need.keep / 2, arena, &some);
    size_t most = peak(study, need.keep, arena, &all);
    cr_assert_geq(most, least + need.keep / 2);
    cr_assert_leq(most, need.bytes + need.keep);
    cr_assert(equal_records(without, some));
    cr_assert(equal_records(without, all));
    arena_destroy(arena);
    study_close(study);
}

Test(memory, equal_shapes_are_one)
{
    struct study *study;
    OK(open_text(DATA "architecture: {type: mlp, hidden: [16]}\ntraining: {epochs: 1}\nsweep: "
                      "{grid: {regularizers.dropout: [0.1, 0.2], "
                      "training.optimizer.learning_rate: [0.1, 0.2], architecture.hidden: [[16], "
                      "[17]]}}\nseeds: 2\n",
                 &study));
    struct digest first = study->runs[0].shape;
    size_t equal = 0;
    for (size_t i = 0; i < study->run_count; i++)
        equal += digest_equal(first, study->runs[i].shape);
    cr_assert_eq(study->run_count, 16);
    cr_assert_eq(equal, 8);
    study_close(study);
}
