/* Memory runs out at every allocation in turn, from the text of a spec to the result on the disk
 * (promises P1, P6):
 *
 *     shortage NAME [STEP [FIRST]]   NAME: a spec below; allocation FIRST (1), FIRST + STEP, ...
 *                                    fails (every one with BASIN_EXHAUSTIVE=1)
 *
 * One pass reads a spec with a sweep, expands it, opens the data, builds, differentiates and plans
 * the programs, trains two steps with a checkpoint behind each, measures and stores. The pass must
 * end with BASIN_MEMORY, or well; leave a whole result or none, and no temporary file; a pass
 * without shortage must then end with the same bits, from the checkpoint that was left. What is not
 * given back is found by the sanitizer's build. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "analysis/compare.h"
#include "folder/folder.h"
#include "graph/cache.h"
#include "run/machine.h"
#include "store/store.h"
#include "study/open.h"

#define HEAD                                                                                       \
    "study: shortage\n"                                                                            \
    "training: {epochs: 2, batch_size: 8, optimizer: {type: adam, learning_rate: 0.01}}\n"         \
    "regularizers: {weight_decay: 0.01}\n"                                                         \
    "weights: {initial: true}\n"                                                                   \
    "checkpoint: {every_epochs: 1}\n"                                                              \
    "seeds: 2\n"
#define SIGNALS                                                                                    \
    HEAD "dataset: {name: mnist1d, train_size: 8, test_size: 4}\n"                                 \
         "sweep: {grid: {training.optimizer.beta1: {linspace: [0.8, 0.9, 2]}}, exclude: "          \
         "{training.optimizer.beta1: 0.9, seed: 1}}\n"                                             \
         "measures: {hessian_top: {k: 1, examples: 4, max_iterations: 2}, hessian_trace: "         \
         "{probes: 2, examples: 4}, weight_norm: {every: 1}}\n"

static const struct {
    const char *name, *text;
} specs[] = {
    {"mlp", SIGNALS "architecture: {type: mlp, hidden: [4]}\n"},
    {"cnn", SIGNALS "architecture: {type: cnn, channels: [2], norm: batch}\n"},
    {"gru", SIGNALS "architecture: {type: gru, hidden_size: 2}\n"},
    {"transformer",
     SIGNALS "architecture: {type: transformer, width: 4, heads: 2, depth: 1, patch: 10}\n"},
};

static char folder[] = "/tmp/basin-shortage-XXXXXX", spec_file[64], results[64], reference_file[64];
static struct runner_outcome outcome;
static char id[17];

static void fail(const char *format, long n, const char *what)
{
    fprintf(stderr, "shortage: ");
    fprintf(stderr, format, n, what);
    fprintf(stderr, "\n");
    _Exit(1);
}

static basin_status pass(void)
{
    struct study *study;
    struct study_run run;
    struct study_request request = {.file = spec_file, .folder = results, .look = true};
    cache_clear(); /* as in a process that has just begun */
    outcome = (struct runner_outcome){0};
    basin_status status = study_open(&request, &study);
    if (status == BASIN_OK) memcpy(id, study->runs[0].id, sizeof id);
    if (status == BASIN_OK) status = study_look_again(study, &study->runs[0], &run);
    if (status == BASIN_OK) status = study_train(study, &run, &(struct run_terms){0}, &outcome);
    study_close(study);
    return status;
}

/* How many files there are in a part of the folder; none of them a temporary one. */
static int count(const char *part, long n)
{
    char path[128];
    int files = 0;
    snprintf(path, sizeof path, "%s/%s", results, part);
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        files++;
        if (strstr(entry->d_name, ".tmp")) fail("allocation %ld leaves %s", n, entry->d_name);
    }
    if (directory) closedir(directory);
    return files;
}

static void compare(long n)
{
    struct arena *arena;
    struct record *expected, *found;
    struct text difference = {0};
    char path[FOLDER_PATH];
    if (arena_create(&arena) != BASIN_OK ||
        store_load(reference_file, arena, &expected) != BASIN_OK ||
        store_load(folder_run_file(results, id, path), arena, &found) != BASIN_OK)
        fail("after allocation %ld: %s", n, basin_error_last()->message);
    if (!compare_records(expected, found, &difference))
        fail("after allocation %ld other bits: %s", n, text_data(&difference));
    text_free(&difference);
    arena_destroy(arena);
}

static void remove_result(void)
{
    char path[FOLDER_PATH];
    unlink(folder_run_file(results, id, path));
}

/* Every so many shortages, and after each that left a checkpoint: the next pass. */
static void go_on(long n)
{
    if (count("checkpoints", n) == 0 && n % 16 != 1) return;
    if (pass() != BASIN_OK) fail("after allocation %ld: %s", n, basin_error_last()->message);
    if (count("runs", n) != 1 || count("checkpoints", n) != 0)
        fail("after allocation %ld %s", n, "the next pass leaves something");
    compare(n);
    remove_result();
}

static void spoil(long n, long *survived)
{
    memory_fail_at(n);
    basin_status status = pass();
    bool failed = memory_fail_left() == 0;
    memory_fail_at(0);
    if (!failed) fail("allocation %ld: %s", n, "was never asked for");
    int files = count("runs", n);
    if (status ==
        BASIN_OK) { /* a checkpoint could not be written or read, which never ends a run */
        if (files != 1) fail("allocation %ld: %s", n, "it ended well without a result");
        if (!outcome.warning[0]) fail("allocation %ld: %s", n, "it ended well, and said nothing");
        compare(n);
        remove_result();
        (*survived)++;
        return;
    }
    if (status != BASIN_MEMORY || !strstr(basin_error_last()->message, "memory"))
        fail("allocation %ld: %s", n, basin_error_last()->message);
    if (files != 0) fail("allocation %ld: %s", n, "a result in spite of it");
    go_on(n);
}

static void prepare(const char *text)
{
    char path[FOLDER_PATH];
    if (!mkdtemp(folder)) fail("%ld %s", 0, strerror(errno));
    snprintf(spec_file, sizeof spec_file, "%s/study.yaml", folder);
    snprintf(results, sizeof results, "%s/out", folder);
    snprintf(reference_file, sizeof reference_file, "%s/reference.h5", folder);
    if (store_write_file(spec_file, text, strlen(text)) != BASIN_OK ||
        folder_prepare(results) != BASIN_OK || machine_prepare_worker() != BASIN_OK ||
        pass() != BASIN_OK || rename(folder_run_file(results, id, path), reference_file) != 0)
        fail("before the first shortage (%ld): %s", 0, basin_error_last()->message);
}

int main(int count_of_words, char **words)
{
    const char *exhaustive = getenv("BASIN_EXHAUSTIVE"), *text = NULL;
    long step = count_of_words > 2 ? strtol(words[2], NULL, 10) : 1, survived = 0;
    for (size_t i = 0; i < sizeof specs / sizeof *specs && count_of_words > 1; i++)
        if (strcmp(specs[i].name, words[1]) == 0) text = specs[i].text;
    if (!text || step < 1) fail("usage: shortage %ld %s", 0, "mlp|cnn|gru|transformer [STEP]");
    if (exhaustive && strcmp(exhaustive, "1") == 0) step = 1;
    prepare(text);
    memory_fail_at(LONG_MAX);
    if (pass() != BASIN_OK) fail("without shortage (%ld): %s", 0, basin_error_last()->message);
    long all = LONG_MAX - memory_fail_left();
    memory_fail_at(0);
    compare(0);
    remove_result();
    for (long n = count_of_words > 3 ? strtol(words[3], NULL, 10) : 1; n <= all; n += step)
        spoil(n, &survived);
    printf("%s: %ld allocations, every %ld; %ld without consequence\n", words[1], all, step,
           survived);
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cache_clear();
    return system(command) == 0 ? 0 : 1;
}
