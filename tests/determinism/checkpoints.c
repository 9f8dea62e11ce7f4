/* A run goes on from every checkpoint to the bits of one that was never interrupted (promise P3).
 *
 * A checkpoint is taken after every step, stored, read again and run on from, for each of them. The
 * specs below sweep over every architecture, optimiser and schedule (one that is missing here ends
 * the test), with what else a run keeps between two steps: the best weights, snapshots, curves by
 * step, tracked measures, dropout, a data order of its own, early ends, float64. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "graph/cache.h"
#include "kernels/kernels.h"
#include "models/model.h"
#include "store/store.h"
#include "analysis/compare.h"
#include "run/machine.h"
#include "study/open.h"
#include "train/train.h"

#ifdef __SANITIZE_ADDRESS__
enum { STRIDE = 8 }; /* every so many checkpoints are run on from; the optimised build takes each */
#else
enum { STRIDE = 1 };
#endif
enum { CHECKPOINTS_MOST = 64 };

#define HEAD "study: checkpoints\n"
#define SIGNALS                                                                                    \
    HEAD "dataset: {name: mnist1d, train_size: 44, test_size: 10, validation_size: 10, "           \
         "label_noise: 0.2, transforms: [gaussian_noise: {sd: 0.2}]}\n"
#define KEPT                                                                                       \
    "weights: {initial: true, best: true, every_steps: 2}\nmeasures: {weight_norm: {every: 1}, "   \
    "hessian_top: [{examples: 8, max_iterations: 2, every: 2}, {examples: 9, max_iterations: 2, "  \
    "every: 1}, {}]}\n"

static const char *const specs[] = {
    SIGNALS KEPT "training: {epochs: 2, batch_size: 12, log_every: 2, optimizer: {type: adam, "
                 "learning_rate: 0.01}, schedule: {type: cosine, warmup: 2}}\n"
                 "sweep:\n"
                 "  grid:\n"
                 "    architecture:\n"
                 "      - linear\n"
                 "      - {type: mlp, hidden: [6]}\n"
                 "      - {type: cnn, channels: [3], norm: batch}\n"
                 "      - {type: resnet, width: 2}\n"
                 "      - {type: rnn, hidden_size: 3}\n"
                 "      - {type: lstm, hidden_size: 3, layers: 2}\n"
                 "      - {type: gru, hidden_size: 3, bidirectional: true, readout: all}\n"
                 "      - {type: transformer, width: 4, heads: 2, depth: 1, patch: 8, pool: cls}\n"
                 "      - {type: sequential, layers: [{conv: {channels: 3, stride: 2}}, "
                 "batch_norm, gelu, {dropout: {rate: 0.2}}, {lstm: {hidden_size: 3}}]}\n",
    SIGNALS KEPT
    "architecture: {type: mlp, hidden: [6, 5], activation: tanh}\n"
    "training: {epochs: 2, batch_size: 12, log_every: 1, gradient_clipping: 0.5}\n"
    "regularizers: {dropout: 0.3, label_smoothing: 0.1, l1: 0.001, weight_decay: 0.01}\n"
    "sweep:\n"
    "  grid:\n"
    "    training.optimizer: [sgd, {type: sgd, momentum: 0.9}, {type: sgd, momentum: 0.8, "
    "nesterov: true}, adam, adamw]\n"
    "    training.schedule: [constant, {type: step, every: 3, factor: 0.5}, {type: cosine, warmup: "
    "1, final: 0.1}]\n",
    SIGNALS "architecture: {type: mlp, hidden: [6]}\n"
            "training: {epochs: 7}\n"
            "weights: {every: 2}\n"
            "regularizers: {dropout: 0.3}\n"
            "sweep:\n"
            "  grid:\n"
            "    training.optimizer: [{type: gd, learning_rate: 0.2}, {type: gd, learning_rate: "
            "0.1, momentum: 0.9, nesterov: true}]\n"
            "    training.schedule: [constant, {type: step, every: 2, factor: 0.5}, {type: cosine, "
            "warmup: 2}]\n",
    HEAD /* a regression, by its squared error */
    "dataset: {name: linear-regression, n: 40, p: 5, test_size: 10, noise: 0.1}\n"
    "architecture: linear\n"
    "training: {epochs: 2, batch_size: 10, optimizer: {type: sgd, learning_rate: 0.05, momentum: "
    "0.9}}\n",
    SIGNALS KEPT /* an epoch that is cut off, the same order in each, doubles */
    "architecture: {type: cnn, channels: [3], norm: batch}\n"
    "training: {steps: 9, batch_size: 10, shuffle: false, drop_last: true}\n"
    "precision: float64\n",
    SIGNALS /* ends before its last epoch; diverges */
    "architecture: {type: mlp, hidden: [20]}\n"
    "training: {epochs: 9, batch_size: 12, stop: {train_loss_below: 2.2}}\n"
    "sweep: {grid: {training.optimizer.learning_rate: [0.1, 1.0e+6]}}\n",
    HEAD KEPT "dataset: {name: text, path: text.txt, context: 8, train_fraction: 0.6, "
              "validation_fraction: 0.2, train_size: 20}\n"
              "training: {epochs: 2, batch_size: 8, optimizer: {type: adam, learning_rate: 0.01}}\n"
              "regularizers: {dropout: 0.1}\n"
              "sweep:\n"
              "  grid:\n"
              "    architecture: [{type: lstm, hidden_size: 4, embedding: 3}, {type: transformer, "
              "width: 4, heads: 2, depth: 1, positions: rotary, tied_embeddings: true}]\n",
};

enum { SPECS = sizeof specs / sizeof *specs };

static char folder[] = "/tmp/basin-checkpoints-XXXXXX";
static char seen[4096]; /* ",mlp,cnn,..." */

static void fail(const char *what, long step)
{
    fprintf(stderr, "checkpoints: %s (step %ld): %s\n", what, step, basin_error_last()->message);
    _Exit(1);
}

static const char *file_of(int64_t number, char out[64])
{
    snprintf(out, 64, "%s/%d.h5", folder, (int)number);
    return out;
}

/* ---- one run ---- */

struct kept {
    int count;
    bool failed;
};

static bool always(void *context, int64_t epoch)
{
    (void)epoch;
    return ((struct kept *)context)->count < CHECKPOINTS_MOST;
}

static void save(void *context, struct record *state, int64_t epoch, int64_t step)
{
    struct kept *kept = context;
    char path[64];
    (void)epoch, (void)step;
    if (store_save(state, file_of(kept->count++, path)) != BASIN_OK) kept->failed = true;
}

static void compare(const struct record *expected, const struct record *found, const char *what,
                    long number)
{
    struct text difference = {0};
    if (compare_records(expected, found, &difference)) return;
    fprintf(stderr, "checkpoints: %s %ld: %s\n", what, number, text_data(&difference));
    _Exit(1);
}

static int check_run(const struct run_settings *run, const struct data *data, struct arena *arena,
                     const char *name)
{
    struct record *expected, *found;
    struct kept kept = {0};
    struct run_checkpoints all = {.context = &kept, .due = always, .save = save};
    if (execute_run(run, data, &(struct run_terms){0}, arena, &expected) != BASIN_OK)
        fail(name, -1);
    if (execute_run(run, data, &(struct run_terms){.checkpoints = &all}, arena, &found) !=
            BASIN_OK ||
        kept.failed)
        fail(name, -1);
    compare(expected, found, name, -1);
    for (int i = 0; i < kept.count; i += STRIDE) {
        char path[64];
        struct arena *own;
        struct kept none = {.count = CHECKPOINTS_MOST};
        struct run_checkpoints from = {.context = &none, .due = always, .save = save};
        if (arena_create(&own) != BASIN_OK ||
            store_load(file_of(i, path), own, &from.resume) != BASIN_OK)
            fail(name, i);
        if (execute_run(run, data, &(struct run_terms){.checkpoints = &from}, own, &found) !=
            BASIN_OK)
            fail(name, i);
        compare(expected, found, name, i);
        arena_destroy(own);
    }
    return kept.count;
}

/* ---- all of them ---- */

static void note(const struct setting_variant *chosen)
{
    const char *name = chosen->entry->name;
    size_t length = strlen(seen);
    snprintf(seen + length, sizeof seen - length, ",%s,", name);
}

static int check_study(const char *text)
{
    char spec[64];
    struct study *study;
    int count = 0;
    snprintf(spec, sizeof spec, "%s/study.yaml", folder);
    struct study_request request = {.file = spec, .folder = folder};
    if (store_write_file(spec, text, strlen(text)) != BASIN_OK) fail(spec, -1);
    if (study_open(&request, &study) != BASIN_OK) {
        struct text wrong = {0};
        diagnostics_print(&study->diagnostics, &wrong);
        fail(text_data(&wrong), -1);
    }
    for (size_t i = 0; i < study->run_count; i++) {
        struct arena *arena;
        const struct run_settings *run;
        const struct data *data;
        struct text name = {0};
        if (arena_create(&arena) != BASIN_OK ||
            study_resolve(study, study->runs[i].index, arena, &run, &data) != BASIN_OK)
            fail(spec, -1);
        study_describe(study, &study->runs[i], &name);
        note(&run->architecture);
        note(&run->train.training.optimizer);
        note(&run->train.training.schedule);
        int taken = check_run(run, data, arena, text_data(&name));
        if (taken < 2) fail("hardly any checkpoints", taken);
        count += taken;
        text_free(&name);
        arena_destroy(arena);
    }
    study_close(study);
    return count;
}

static void need_all(const struct registry *registry)
{
    for (const struct entry *const *entry = registry->entries; *entry; entry++) {
        char wanted[80];
        snprintf(wanted, sizeof wanted, ",%s,", (*entry)->name);
        if (strstr(seen, wanted)) continue;
        fprintf(stderr, "checkpoints: no study here has the %s %s: add one to `specs`\n",
                registry->kind, (*entry)->name);
        _Exit(1);
    }
}

static void clean(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) fprintf(stderr, "checkpoints: %s is left behind\n", folder);
}

int main(void)
{
    char path[64];
    int count = 0;
    FILE *text = mkdtemp(folder) && snprintf(path, sizeof path, "%s/text.txt", folder) > 0
                     ? fopen(path, "w")
                     : NULL;
    if (!text) fail(folder, -1);
    atexit(clean); /* a failure exits too */
    if (machine_prepare_worker() != BASIN_OK) fail("no worker", -1);
    kernels_warm();
    for (int i = 0; i < 60; i++) fprintf(text, "%d times %d is %d.\n", i, i, i * i);
    fclose(text);
    for (int i = 0; i < SPECS; i++) count += check_study(specs[i]);
    need_all(&architecture_registry);
    need_all(&optimizer_registry);
    need_all(&schedule_registry);
    printf("%d checkpoints, each gone on from\n", count);
    cache_clear();
    return 0;
}
