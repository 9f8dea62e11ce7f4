/* One result and one checkpoint, damaged in every way that a disk has (promise P1): cut off after
 * every 64 bytes, and 4,096 single bits flipped, over the whole file and where chance leads.
 * Whoever reads them, in full, in part or for the digest alone, must refuse; a run that goes on
 * from what is left ends with the bits of one that was never disturbed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "analysis/compare.h"
#include "base/random.h"
#include "folder/checkpoint.h"
#include "folder/folder.h"
#include "run/machine.h"
#include "run/provenance.h"
#include "store/store.h"
#include "study/open.h"

enum {
    FLIPS = 4096,
    STEP = 64,
    RESUMED = 97
}; /* RESUMED: every so many damages of a checkpoint are run on from */

static const char text[] =
    "study: damaged\n"
    "dataset: {name: mnist1d, train_size: 40, test_size: 20}\n"
    "architecture: {type: cnn, channels: [2], norm: batch}\n"
    "training: {epochs: 3, batch_size: 20, optimizer: {type: adam, learning_rate: 0.01}}\n"
    "measures: {hessian_top: {k: 1, examples: 20, max_iterations: 3}, weight_norm: {every: 1}}\n"
    "checkpoint: {every_epochs: 1}\n";

static char folder[] = "/tmp/basin-damaged-XXXXXX", results[64], result_file[FOLDER_PATH],
            slots[2][128];
static struct study *study;
static struct arena *arena;
static struct record *expected;

static void fail(const char *what, const char *how, long where)
{
    fprintf(stderr, "damaged: %s: %s %ld: %s\n", what, how, where, basin_error_last()->message);
    _Exit(1);
}

static void need(bool right, const char *what)
{
    if (!right) fail(what, "step", 0);
}

static basin_status train(void)
{
    struct runner_outcome outcome;
    struct study_run run;
    TRY(study_look_again(study, &study->runs[0], &run));
    return study_train(study, &run, &(struct run_terms){0}, &outcome);
}

/* ---- a file in memory, and its damages ---- */

struct image {
    unsigned char *bytes;
    long length;
    const char *path;
};

static struct image load(const char *path)
{
    struct stat state;
    need(stat(path, &state) == 0, path);
    struct image image = {
        .bytes = malloc((size_t)state.st_size), .length = state.st_size, .path = path};
    FILE *file = fopen(path, "rb");
    need(image.bytes && file &&
             fread(image.bytes, 1, (size_t)image.length, file) == (size_t)image.length,
         path);
    fclose(file);
    return image;
}

static void put(const struct image *image, long length)
{
    FILE *file = fopen(image->path, "wb");
    need(file && fwrite(image->bytes, 1, (size_t)length, file) == (size_t)length &&
             fclose(file) == 0,
         image->path);
}

typedef void examiner(const struct image *image, const char *how, long where);

static void damage(struct image *image, examiner *examine)
{
    struct random random = random_make(1, STREAM_PROBE, 0, 0);
    for (long length = 0; length < image->length; length += STEP) {
        put(image, length);
        examine(image, "cut off at byte", length);
    }
    long bits = 8 * image->length;
    for (long i = 0; i < FLIPS; i++) { /* half of them evenly spread */
        long bit =
            i % 2 ? (long)random_below(&random, (uint64_t)i, (uint32_t)bits) : i * (bits / FLIPS);
        image->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        put(image, image->length);
        examine(image, "bit flipped", bit);
        image->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    put(image, image->length);
}

static bool is_refusal(basin_status status)
{
    return status == BASIN_DAMAGED || status == BASIN_DATA;
}

static void examine_result(const struct image *image, const char *how, long where)
{
    struct arena *own;
    struct record *record;
    need(arena_create(&own) == BASIN_OK, "arena");
    if (!is_refusal(store_load(image->path, own, &record)))
        fail("a damaged result was read", how, where);
    if (!is_refusal(store_load_small(image->path, RESULT_SMALL, own, &record)))
        fail("a damaged result was looked at", how, where);
    if (!is_refusal(store_verify(image->path))) fail("a damaged result was verified", how, where);
    arena_destroy(own);
}

static void compare(const char *how, long where)
{
    struct arena *own;
    struct record *found;
    struct text difference = {0};
    need(arena_create(&own) == BASIN_OK, "arena");
    if (store_load(result_file, own, &found) != BASIN_OK) fail("no result", how, where);
    if (!compare_records(expected, found, &difference)) fail(text_data(&difference), how, where);
    text_free(&difference);
    arena_destroy(own);
}

/* Alone in its slot: the run cannot go on from it, and starts over where it is asked to go on. */
static void examine_checkpoint(const struct image *image, const char *how, long where)
{
    static long count;
    int64_t epoch, step;
    unlink(image->path == slots[0] ? slots[1] : slots[0]);
    if (checkpoint_look(results, study->runs[0].id, provenance_build(), &epoch, &step))
        fail("a damaged checkpoint was taken", how, where);
    if (count++ % RESUMED) return;
    if (train() != BASIN_OK) fail("the run did not start over", how, where);
    compare(how, where);
    unlink(result_file);
}

/* Checkpoints are left where the result cannot be put: a folder bears its name from when the run
 * has been looked at. */
static void leave_checkpoints(void)
{
    struct runner_outcome outcome;
    struct study_run run;
    need(study_look_again(study, &study->runs[0], &run) == BASIN_OK, "run");
    need(mkdir(result_file, 0777) == 0, result_file);
    need(study_train(study, &run, &(struct run_terms){0}, &outcome) == BASIN_IO,
         "a result in a folder's place");
    need(rmdir(result_file) == 0, result_file);
}

static void begin(void)
{
    char spec[64];
    need(mkdtemp(folder) != NULL, folder);
    snprintf(spec, sizeof spec, "%s/study.yaml", folder);
    snprintf(results, sizeof results, "%s/out", folder);
    struct study_request request = {.file = spec, .folder = results};
    need(store_write_file(spec, text, strlen(text)) == BASIN_OK &&
             folder_prepare(results) == BASIN_OK && machine_prepare_worker() == BASIN_OK,
         spec);
    need(study_open(&request, &study) == BASIN_OK, "study");
    folder_run_file(results, study->runs[0].id, result_file);
    for (int i = 0; i < 2; i++)
        snprintf(slots[i], sizeof slots[i], "%s/checkpoints/%s.%d", results, study->runs[0].id, i);
    need(train() == BASIN_OK && arena_create(&arena) == BASIN_OK &&
             store_load(result_file, arena, &expected) == BASIN_OK,
         "reference");
}

int main(void)
{
    char command[96];
    begin();
    struct image result = load(result_file);
    damage(&result, examine_result);
    compare("whole again", 0);
    unlink(result_file);
    leave_checkpoints();
    struct image checkpoint = load(slots[access(slots[1], F_OK) == 0]);
    damage(&checkpoint, examine_checkpoint);
    need(train() == BASIN_OK, "from the whole checkpoint");
    compare("whole again", 0);
    printf("result of %ld bytes, checkpoint of %ld: %ld cuts and %d flips each\n", result.length,
           checkpoint.length, (result.length + checkpoint.length) / STEP, FLIPS);
    free(result.bytes);
    free(checkpoint.bytes);
    arena_destroy(arena);
    study_close(study);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
