#include "study/standing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "store/store.h"
#include "folder/checkpoint.h"
#include "folder/crashes.h"
#include "folder/folder.h"
#include "folder/journal.h"
#include "run/provenance.h"
#include "folder/log.h"

const char *const standing_names[] = {
    [STANDING_FINISHED] = "finished",       [STANDING_DIVERGED] = "diverged",
    [STANDING_FAILED] = "failed",           [STANDING_QUARANTINED] = "quarantined",
    [STANDING_DAMAGED] = "damaged",         [STANDING_RUNNING] = "running",
    [STANDING_INTERRUPTED] = "interrupted", [STANDING_MISSING] = "missing"};

static basin_status standing_add(struct arena *arena, struct standing *standing,
                                 struct run_standing run)
{
    if (standing->count == standing->capacity) {
        size_t capacity = standing->capacity ? 2 * standing->capacity : 256;
        struct run_standing *grown = arena_array(arena, struct run_standing, capacity);
        if (!grown) return BASIN_MEMORY;
        if (standing->count) memcpy(grown, standing->runs, standing->count * sizeof *grown);
        standing->runs = grown;
        standing->capacity = capacity;
    }
    standing->runs[standing->count++] = run;
    return BASIN_OK;
}

/* The id that a file's name claims. */
static const char *id_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return arena_text_n(arena, name, strlen(name) - 3);
}

basin_status standing_check_name(const char *path, const struct record *record)
{
    enum { DIGITS = 16 };
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *id = record_attribute_get_text(record->items, "run_id");
    if (strspn(name, "0123456789abcdef") != DIGITS || strcmp(name + DIGITS, ".h5") != 0)
        return error_raise(BASIN_DAMAGED,
                           "%s: the name is not that of a run, %d hex digits and .h5", path,
                           DIGITS);
    if (id && strlen(id) == DIGITS && strncmp(id, name, DIGITS) == 0) return BASIN_OK;
    return error_raise(BASIN_DAMAGED, "%s: the file holds another run, %s", path,
                       id ? id : "without an id");
}

static basin_status look(struct arena *arena, const char *path, struct run_standing *run)
{
    struct arena *own;
    struct record *record;
    TRY(arena_create(&own));
    basin_status status = store_load_small(path, RESULT_SMALL, own, &record);
    if (status == BASIN_OK) status = standing_check_name(path, record);
    if (status == BASIN_OK) {
        const char *word = record_attribute_get_text(record->items, "status");
        run->state = word && strcmp(word, "diverged") == 0 ? STANDING_DIVERGED : STANDING_FINISHED;
    } else if (status == BASIN_DATA && store_is_of_other_format(path)) {
        run->state = STANDING_FINISHED;
        status = BASIN_OK;
    } else if (status != BASIN_MEMORY) {
        run->state = STANDING_DAMAGED;
        run->message = arena_text(arena, basin_error_last()->message);
        status = run->message ? BASIN_OK : BASIN_MEMORY;
    }
    arena_destroy(own);
    return status;
}

static basin_status read_files(struct arena *arena, const char *folder, struct standing *standing)
{
    struct folder_files files;
    TRY(folder_list(arena, folder, &files));
    for (size_t i = 0; i < files.count; i++) {
        struct run_standing run = {.id = id_of(arena, files.paths[i])};
        if (!run.id) return BASIN_MEMORY;
        TRY(look(arena, files.paths[i], &run));
        TRY(standing_add(arena, standing, run));
    }
    return BASIN_OK;
}

static int standing_by_id(const void *a, const void *b)
{
    return strcmp(((const struct run_standing *)a)->id, ((const struct run_standing *)b)->id);
}

static void sort(struct standing *standing)
{
    if (standing->count)
        qsort(standing->runs, standing->count, sizeof *standing->runs, standing_by_id);
}

static struct run_standing *standing_find(const struct standing *standing, size_t count,
                                          const char *id)
{
    struct run_standing key = {.id = id};
    return count ? bsearch(&key, standing->runs, count, sizeof key, standing_by_id) : NULL;
}

/* The runs that the latest start names and that have no file. */
static basin_status add_missing(struct arena *arena, const struct journal_events *events,
                                struct standing *standing)
{
    const struct journal_event *latest = NULL;
    size_t files = standing->count;
    for (size_t i = 0; i < events->count; i++)
        if (strcmp(events->items[i].name, "study_start") == 0) latest = &events->items[i];
    if (!latest) return BASIN_OK;
    standing->study = latest->study;
    standing->spec = latest->spec;
    standing->arguments = latest->arguments;
    for (size_t i = 0; i < latest->id_count; i++)
        if (!standing_find(standing, files, latest->ids[i]))
            TRY(standing_add(
                arena, standing,
                (struct run_standing){.id = latest->ids[i], .state = STANDING_MISSING}));
    sort(standing);
    return BASIN_OK;
}

/* Events are in order of time: the last word about a run without a file counts. */
static void mark_failed(const struct journal_events *events, struct standing *standing)
{
    for (size_t i = 0; i < events->count; i++) {
        const struct journal_event *event = &events->items[i];
        struct run_standing *run =
            event->run_id ? standing_find(standing, standing->count, event->run_id) : NULL;
        if (!run || (run->state != STANDING_MISSING && run->state != STANDING_FAILED)) continue;
        bool failed = strcmp(event->name, "run_fail") == 0;
        run->state = failed ? STANDING_FAILED : STANDING_MISSING;
        run->message = failed ? event->message : NULL;
    }
}

static basin_status mark_crashed(struct arena *arena, const struct crashes *crashes,
                                 struct standing *standing)
{
    for (size_t i = 0; i < crashes->count; i++) {
        const struct crash_record *crash = &crashes->records[i];
        struct run_standing *run = standing_find(standing, standing->count, crash->id);
        if (!run || run->state != STANDING_MISSING) continue;
        if (crash->running) run->state = STANDING_RUNNING;
        run->is_suspect = crash->suspect && !crash->running && !crash->quarantined;
        standing->suspects += run->is_suspect;
        char death[256];
        if (run->is_suspect &&
            !(run->message = arena_text(arena, crashes_describe(crash, death, sizeof death))))
            return BASIN_MEMORY;
        if (!crash->quarantined) continue;
        run->state = STANDING_QUARANTINED;
        run->message = arena_format(
            arena,
            "%d times the process died while it trained this run alone, the last time process %s",
            crash->alone, crash->writer);
        if (!run->message) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

/* The last process that has begun each running run. */
static void name_processes(const struct journal_events *events, struct standing *standing)
{
    for (size_t i = 0; i < events->count; i++) {
        const struct journal_event *event = &events->items[i];
        bool begins = event->run_id && strcmp(event->name, "run_start") == 0;
        struct run_standing *run =
            begins ? standing_find(standing, standing->count, event->run_id) : NULL;
        if (run && run->state == STANDING_RUNNING) run->who = events->writers[event->writer].name;
    }
}

static void mark_interrupted(const char *folder, struct standing *standing)
{
    for (size_t i = 0; i < standing->count; i++) {
        struct run_standing *run = &standing->runs[i];
        if (run->state == STANDING_MISSING &&
            checkpoint_look(folder, run->id, provenance_build(), &run->epoch, &run->step))
            run->state = STANDING_INTERRUPTED;
    }
}

static basin_status find_logs(struct arena *arena, const char *folder, struct standing *standing)
{
    char path[FOLDER_PATH];
    for (size_t i = 0; i < standing->count; i++) {
        struct run_standing *run = &standing->runs[i];
        bool wanted = run->state == STANDING_FAILED || run->state == STANDING_QUARANTINED;
        if (!wanted || !folder_file_exists(log_file(folder, run->id, path))) continue;
        if (!(run->log = arena_text(arena, path))) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

basin_status standing_read(struct arena *arena, const char *folder, struct standing **out)
{
    struct journal_events events;
    struct crashes crashes;
    struct standing *standing = *out = arena_allocate(arena, sizeof *standing);
    if (!standing) return BASIN_MEMORY;
    if (folder_file_exists(folder))
        return error_raise(BASIN_USAGE, "%s is a file; status wants a study's folder", folder);
    if (!folder_exists(folder))
        return error_raise(BASIN_IO, "cannot open %s: %s", folder, strerror(errno));
    TRY(read_files(arena, folder, standing));
    TRY(journal_read(folder, arena, &events));
    sort(standing);
    TRY(add_missing(arena, &events, standing));
    mark_failed(&events, standing);
    TRY(crashes_read(arena, folder, provenance_build(), &events, &crashes));
    TRY(mark_crashed(arena, &crashes, standing));
    name_processes(&events, standing);
    mark_interrupted(folder, standing);
    TRY(find_logs(arena, folder, standing));
    for (size_t i = 0; i < standing->count; i++) standing->counts[standing->runs[i].state]++;
    return BASIN_OK;
}
