#include "run/provenance.h"

#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/hash.h"
#include "base/process.h"
#include "formats/gzip.h"
#include "formats/image_file.h"
#include "kernels/kernels.h"
#include "run/build_info.h"
#include "run/machine.h"
#include "run/version.h"
#include "spec/tree.h"
#include "store/store.h"

const char *provenance_version(void)
{
    return BASIN_VERSION;
}

const char *provenance_commit(void)
{
    return BASIN_COMMIT;
}

const char *provenance_compiler(void)
{
    return BASIN_COMPILER;
}

const char *provenance_flags(void)
{
    return BASIN_FLAGS;
}

/* Everything that is the same in all runs of a process, put together once, without the allocator: a
 * digest of half of it would be another build's. */
static struct {
    char libraries[640], cpu[256], digest[33];
} about;

static void describe_libraries(char *out, size_t size)
{
    char kernels[384];
    int yaml[3];
    unsigned hdf5[3] = {0}, xxhash[3];
    tree_library(yaml);
    hash_library(xxhash);
    store_library(hdf5);
    snprintf(kernels, sizeof kernels, "%s", kernels_describe());
    for (char *at = kernels; (at = strchr(at, '\n'));) { /* lines become a list with commas */
        memmove(at + 2, at + 1, strlen(at + 1) + 1);
        memcpy(at, ", ", 2);
    }
    snprintf(out, size,
             "libyaml %d.%d.%d, HDF5 %u.%u.%u, %szlib %s, libpng %s, libjpeg-turbo %s, xxHash "
             "%u.%u.%u, Random123 "
             "(Philox4x32-10), OpenMP %d",
             yaml[0], yaml[1], yaml[2], hdf5[0], hdf5[1], hdf5[2], kernels, gzip_library(),
             image_png_library(), image_jpeg_library(), xxhash[0], xxhash[1], xxhash[2], _OPENMP);
}

static void provenance_describe(void)
{
    char all[1536];
    machine_cpu(about.cpu, sizeof about.cpu);
    describe_libraries(about.libraries, sizeof about.libraries);
    snprintf(all, sizeof all, "%s|%s|%s|%s|%s|%s|%s|%s", BASIN_VERSION, BASIN_COMMIT,
             BASIN_COMPILER, BASIN_FLAGS, kernels_isa(), about.cpu, about.libraries,
             kernels_dispatch());
    digest_hex(hash_bytes(all, strlen(all)), about.digest);
}

static void describe_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, provenance_describe);
}

const char *provenance_isa(void)
{
    return kernels_isa();
}

const char *provenance_dispatch(void)
{
    return kernels_dispatch();
}

const char *provenance_libraries(void)
{
    describe_once();
    return about.libraries;
}

const char *provenance_build(void)
{
    describe_once();
    return about.digest;
}

double provenance_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void stamp(double seconds, char out[32])
{
    time_t whole = (time_t)seconds;
    struct tm utc;
    gmtime_r(&whole, &utc);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* Where each input came from and what it was: /provenance/inputs/<kind>. */
static basin_status add_inputs(struct record *record, const struct run_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        const struct run_input *input = &inputs->items[i];
        char *path = arena_format(record->arena, "/provenance/inputs/%s", input->kind);
        struct record_item *group;
        if (!path) return BASIN_MEMORY;
        TRY(record_group(record, path, &group));
        TRY(record_attribute_text(record, group, "named_by", input->block));
        TRY(record_attribute_text(record, group, "origin", input->origin));
        TRY(record_attribute_text(record, group, "digest", input->digest));
    }
    return BASIN_OK;
}

basin_status provenance_add(struct record *record, const struct provenance *provenance)
{
    char host[256], start[32];
    struct record_item *seconds;
    stamp(provenance->started, start);
    describe_once();
    const struct {
        const char *path, *value;
    } texts[] = {{"/provenance/basin_version", BASIN_VERSION},
                 {"/provenance/git_commit", BASIN_COMMIT},
                 {"/provenance/compiler", BASIN_COMPILER},
                 {"/provenance/compiler_flags", BASIN_FLAGS},
                 {"/provenance/isa", kernels_isa()},
                 {"/provenance/dispatch", kernels_dispatch()},
                 {"/provenance/cpu", about.cpu},
                 {"/provenance/host", process_host(host, sizeof host)},
                 {"/provenance/start_time", start}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        TRY(record_text(record, texts[i].path, texts[i].value, NULL));
    TRY(record_text(record, "/provenance/libraries", about.libraries, NULL));
    TRY(record_float(record, "/provenance/wall_time", provenance->seconds, &seconds));
    TRY(record_attribute_text(record, seconds, "units", "s"));
    TRY(record_attribute_text(record, seconds, "long_name", "wall time of training and measures"));
    TRY(record_integer(record, "/provenance/threads", 1, NULL));
    return add_inputs(record, &provenance->inputs);
}

static bool provenance_says(const struct record *record, const char *path, const char *value)
{
    const struct record_item *item = record_find(record, path);
    return item && !item->is_group && item->type == RECORD_TEXT && item->rank == 0 &&
           strcmp(*(const char *const *)item->data, value) == 0;
}

static bool has_our_format(const struct record *record)
{
    const struct record_attribute *format = record_attribute_find(record->items, "format_version");
    return format && format->type == RECORD_INTEGER && format->count == 0 &&
           *(const int64_t *)format->data == STORE_FORMAT;
}

/* Results of versions that did not record it are judged by the rest. */
static bool has_our_dispatch(const struct record *record)
{
    return !record_find(record, "/provenance/dispatch") ||
           provenance_says(record, "/provenance/dispatch", kernels_dispatch());
}

bool provenance_is_ours(const struct record *record)
{
    describe_once();
    return has_our_format(record) &&
           provenance_says(record, "/provenance/git_commit", BASIN_COMMIT) &&
           provenance_says(record, "/provenance/compiler", BASIN_COMPILER) &&
           provenance_says(record, "/provenance/compiler_flags", BASIN_FLAGS) &&
           provenance_says(record, "/provenance/isa", kernels_isa()) &&
           provenance_says(record, "/provenance/cpu", about.cpu) &&
           provenance_says(record, "/provenance/libraries", about.libraries) &&
           has_our_dispatch(record);
}

struct ledger_reader provenance_reader(void)
{
    return (struct ledger_reader){.build = provenance_build(), .made = provenance_is_ours};
}
