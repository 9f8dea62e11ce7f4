#include "study/provenance.h"

#include <hdf5.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>
#include <yaml.h>
#include <zlib.h>
#include "base/hash.h"
#include "kernels/kernels.h"
#include "study/build_info.h"
#include "study/machine.h"
#include "study/version.h"

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

static void add(struct text *out, const char *name, unsigned major, unsigned minor, unsigned patch)
{
    text_format(out, "%s %u.%u.%u, ", name, major, minor, patch);
}

/* Lines become a list with commas. */
static void add_lines(struct text *out, const char *lines)
{
    for (; *lines; lines++) {
        if (*lines != '\n')
            text_append_n(out, lines, 1);
        else if (lines[1])
            text_append(out, ", ");
    }
}

void provenance_libraries(struct text *out)
{
    int yaml[3];
    unsigned hdf5[3] = {0}, xxhash = XXH_versionNumber();
    yaml_get_version(&yaml[0], &yaml[1], &yaml[2]);
    H5get_libversion(&hdf5[0], &hdf5[1], &hdf5[2]);
    add(out, "libyaml", (unsigned)yaml[0], (unsigned)yaml[1], (unsigned)yaml[2]);
    add(out, "HDF5", hdf5[0], hdf5[1], hdf5[2]);
    add_lines(out, kernels_describe());
    text_format(out, ", zlib %s, ", zlibVersion());
    add(out, "xxHash", xxhash / 10000, xxhash / 100 % 100, xxhash % 100);
    text_format(out, "Random123 (Philox4x32-10), OpenMP %d", _OPENMP);
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

static basin_status add_libraries(struct record *record)
{
    struct text libraries = {0};
    provenance_libraries(&libraries);
    basin_status status = text_status(&libraries);
    if (status == BASIN_OK) status = record_text(record, "/provenance/libraries", text_data(&libraries), NULL);
    text_free(&libraries);
    return status;
}

basin_status provenance_add(struct record *record, const struct provenance *provenance)
{
    char host[256], cpu[256], start[32];
    struct record_item *seconds;
    stamp(provenance->started, start);
    const struct {
        const char *path, *value;
    } texts[] = {{"/provenance/basin_version", BASIN_VERSION},
                 {"/provenance/git_commit", BASIN_COMMIT},
                 {"/provenance/compiler", BASIN_COMPILER},
                 {"/provenance/compiler_flags", BASIN_FLAGS},
                 {"/provenance/isa", kernels_isa()},
                 {"/provenance/cpu", machine_cpu(cpu, sizeof cpu)},
                 {"/provenance/host", machine_host(host, sizeof host)},
                 {"/provenance/start_time", start}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        TRY(record_text(record, texts[i].path, texts[i].value, NULL));
    TRY(add_libraries(record));
    TRY(record_float(record, "/provenance/wall_time", provenance->seconds, &seconds));
    TRY(record_attribute_text(record, seconds, "units", "s"));
    TRY(record_attribute_text(record, seconds, "long_name", "wall time of training and measures"));
    return record_integer(record, "/provenance/threads", 1, NULL);
}

static bool says(const struct record *record, const char *path, const char *value)
{
    const struct record_item *item = record_find(record, path);
    return item && !item->is_group && item->type == RECORD_TEXT && item->rank == 0 &&
           strcmp(*(const char *const *)item->data, value) == 0;
}

bool provenance_is_ours(const struct record *record)
{
    char cpu[256];
    struct text libraries = {0};
    provenance_libraries(&libraries);
    bool ours = says(record, "/provenance/git_commit", BASIN_COMMIT) && says(record, "/provenance/compiler", BASIN_COMPILER) &&
                says(record, "/provenance/compiler_flags", BASIN_FLAGS) && says(record, "/provenance/isa", kernels_isa()) &&
                says(record, "/provenance/cpu", machine_cpu(cpu, sizeof cpu)) &&
                says(record, "/provenance/libraries", text_data(&libraries));
    text_free(&libraries);
    return ours;
}

const char *provenance_build(char out[33])
{
    char cpu[256];
    struct text text = {0};
    text_format(&text, "%s|%s|%s|%s|%s|%s|", BASIN_VERSION, BASIN_COMMIT, BASIN_COMPILER, BASIN_FLAGS, kernels_isa(),
                machine_cpu(cpu, sizeof cpu));
    provenance_libraries(&text);
    digest_hex(hash_bytes(text_data(&text), text.length), out);
    text_free(&text);
    return out;
}
