#include "specs.h"

#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>
#include "run/schema.h"

enum { RUNS_LOOKED_AT = 4 };

/* ---- the disk ---- */

/* spec/base.c asks realpath for every file under `base`; the linker leads it here
 * (--wrap=realpath), so that no text of a fuzzer opens a real file: two that can be built on, and
 * one that builds on itself. */
static const struct {
    const char *name, *text;
} files[] = {
    {"a.yaml", "base: b.yaml\nstudy: a\ntraining: {epochs: 3, optimizer: {type: adam, "
               "learning_rate: 0.01}}\nseeds: 2\n"},
    {"b.yaml", "dataset: {name: mnist1d, train_size: 100}\nmeasures: {norms: {}}\nsweep: {grid: "
               "{training.epochs: [1, 2]}}\n"},
    {"c.yaml", "base: [b.yaml, c.yaml]\nstudy: c\n"},
};

enum { FILES = sizeof files / sizeof *files };

static int descriptors[FILES];

static void make_files(void)
{
    for (int i = 0; i < FILES; i++) {
        size_t length = strlen(files[i].text);
        descriptors[i] = memfd_create(files[i].name, MFD_CLOEXEC);
        CHECK(descriptors[i] > 0 &&
              write(descriptors[i], files[i].text, length) == (ssize_t)length);
    }
}

char *__wrap_realpath(const char *path, char *resolved);
char *__wrap_realpath(const char *path, char *resolved)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (int i = 0; i < FILES; i++) {
        if (strcmp(files[i].name, name) != 0) continue;
        if (!descriptors[i]) make_files();
        snprintf(resolved, PATH_MAX, "/proc/self/fd/%d", descriptors[i]);
        return resolved;
    }
    errno = ENOENT;
    return NULL;
}

/* ---- one reading ---- */

/* A mark lies in a line that its source has. */
static void check_mark(const struct diagnostics *diagnostics, struct mark mark, size_t set_count)
{
    const char *text = diagnostics->source;
    size_t length = diagnostics->source_length, lines = 1;
    CHECK(mark.source <= (int)set_count && mark.line >= 0 && mark.column >= 0 && mark.width >= 0);
    if (mark.source != 0 || mark.line == 0) return;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n' || text[i] == '\r' || (uint8_t)text[i] == 0xc2 ||
                 (uint8_t)text[i] == 0xe2;
    CHECK((size_t)mark.line <= lines + 1 && (size_t)mark.column <= length + 1);
}

static void check_diagnostics(const struct diagnostics *diagnostics, size_t set_count)
{
    struct text out = {0};
    size_t bad;
    diagnostics_print(diagnostics, &out);
    CHECK(text_status(&out) == BASIN_OK);
    CHECK(diagnostics->count <= DIAGNOSTICS_MOST && diagnostics->count <= diagnostics->total);
    CHECK((diagnostics->count > 0) == (out.length > 0));
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        CHECK(item->message[0] && !strpbrk(item->message, "\n\r\t\x1b"));
        CHECK(text_valid_utf8(item->message, strlen(item->message), &bad));
        check_mark(diagnostics, item->mark, set_count);
    }
    for (size_t i = 0; i < out.length; i++)
        CHECK(out.data[i] == '\n' || (uint8_t)out.data[i] >= 0x20);
    text_free(&out);
}

void reading_open(struct reading *reading, const char *text, size_t length, const char *const *sets,
                  size_t set_count, size_t most)
{
    struct spec_request request = {.file = "study.yaml",
                                   .text = text,
                                   .length = length,
                                   .folder = "/nowhere",
                                   .schema = study_schema,
                                   .sets = sets,
                                   .set_count = set_count,
                                   .most_runs = most};
    CHECK(arena_create(&reading->arena) == BASIN_OK);
    diagnostics_start(&reading->diagnostics, reading->arena);
    reading->status = spec_read(reading->arena, &request, &reading->diagnostics, &reading->spec);
    CHECK(reading->status == BASIN_OK || reading->status == BASIN_SPEC);
    CHECK((reading->status == BASIN_OK) == (reading->spec != NULL));
    CHECK((reading->status == BASIN_OK) == (reading->diagnostics.total == 0));
    CHECK(!reading->spec || (reading->spec->run_count > 0 && reading->spec->run_count <= most));
    check_diagnostics(&reading->diagnostics, set_count);
}

void reading_close(struct reading *reading)
{
    arena_destroy(reading->arena);
}

bool reading_run(struct reading *reading, size_t index, struct value **run, char id[17])
{
    struct diagnostics *diagnostics = &reading->diagnostics;
    diagnostics_start(diagnostics, reading->arena);
    basin_status status = spec_run(reading->spec, index, reading->arena, diagnostics, run);
    CHECK(status == BASIN_OK || status == BASIN_SPEC);
    CHECK((status == BASIN_OK) == (diagnostics->total == 0) &&
          (status == BASIN_OK) == (*run != NULL));
    if (status == BASIN_OK)
        CHECK(spec_identity(*run, NULL, id) == BASIN_OK);
    else
        check_diagnostics(diagnostics, SETS_MOST);
    return status == BASIN_OK;
}

static void compare_runs(struct reading *a, struct reading *b)
{
    size_t runs = a->spec->run_count, step = runs > RUNS_LOOKED_AT ? runs / RUNS_LOOKED_AT : 1;
    CHECK(runs == b->spec->run_count && a->spec->axis_count == b->spec->axis_count);
    for (size_t i = 0; i < runs; i += step) {
        struct value *one, *other;
        char id[17], again[17];
        bool is_run = reading_run(a, i, &one, id);
        CHECK(is_run == reading_run(b, i, &other, again));
        CHECK(!is_run || (strcmp(id, again) == 0 && value_equal(one, other)));
    }
}

void reading_compare(struct reading *a, struct reading *b)
{
    CHECK(a->status == b->status);
    if (a->spec) {
        compare_runs(a, b);
        return;
    }
    CHECK(a->diagnostics.total == b->diagnostics.total &&
          a->diagnostics.count == b->diagnostics.count);
    for (size_t i = 0; i < a->diagnostics.count; i++)
        CHECK(strcmp(a->diagnostics.items[i].message, b->diagnostics.items[i].message) == 0);
}
