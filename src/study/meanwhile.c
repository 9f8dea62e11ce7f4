#include "study/meanwhile.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/process.h"
#include "folder/crashes.h"
#include "run/provenance.h"
#include "study/study.h"

static bool meanwhile_is_own(const char *writer)
{
    char host[PROCESS_HOST], name[JOURNAL_NAME];
    return strcmp(writer, journal_name(process_host(host, sizeof host), (long)getpid(), name)) == 0;
}

/* The last that was said of the run. */
static const struct journal_event *last_of(const struct journal_events *events, const char *id)
{
    for (size_t i = events->count; i-- > 0;)
        if (events->items[i].run_id && strcmp(events->items[i].run_id, id) == 0)
            return &events->items[i];
    return NULL;
}

static void note_failure(const struct journal_events *events, const char *id, const char *opened,
                         struct meanwhile *meanwhile)
{
    const struct journal_event *event = last_of(events, id);
    if (!event || strcmp(event->name, "run_fail") != 0 || event->refused ||
        strcmp(event->time, opened) < 0)
        return;
    const char *writer = events->writers[event->writer].name;
    if (meanwhile_is_own(writer) || study_tries_again(event->status)) return;
    error_raise(error_status_of(event->status), "%s (in process %s)",
                event->message ? event->message : "it failed", writer);
    meanwhile->failure = *basin_error_last();
}

static basin_status read_in(struct arena *arena, const char *folder, const char *id,
                            const char *opened, struct meanwhile *meanwhile)
{
    struct journal_events events;
    struct crashes crashes;
    TRY(journal_read(folder, arena, &events));
    note_failure(&events, id, opened, meanwhile);
    TRY(crashes_read(arena, folder, provenance_build(), &events, &crashes));
    const struct crash_record *record = crashes_find(&crashes, id);
    meanwhile->is_suspect = record && record->suspect;
    if (meanwhile->is_suspect) crashes_describe(record, meanwhile->crash, sizeof meanwhile->crash);
    return BASIN_OK;
}

void meanwhile_read(const char *folder, const char *id, const char *opened,
                    struct meanwhile *meanwhile)
{
    struct arena *arena;
    *meanwhile = (struct meanwhile){0};
    if (arena_create(&arena) != BASIN_OK) return;
    if (read_in(arena, folder, id, opened, meanwhile) != BASIN_OK)
        *meanwhile = (struct meanwhile){0};
    arena_destroy(arena);
}
