#include "folder/crashes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "folder/checkpoint.h"
#include "folder/claim.h"

enum {
    CRASHES_MOST = 2,         /* while it is trained alone */
    CRASHES_MOST_UNPROVEN = 8 /* the same, where processes crashed without the run too */
};

static int crashes_by_id(const void *a, const void *b)
{
    return strcmp(((const struct crash_record *)a)->id, ((const struct crash_record *)b)->id);
}

static struct crash_record *crashes_find_record(const struct crashes *crashes, const char *id)
{
    struct crash_record key = {.id = id};
    return crashes->count
               ? bsearch(&key, crashes->records, crashes->count, sizeof key, crashes_by_id)
               : NULL;
}

const struct crash_record *crashes_find(const struct crashes *crashes, const char *id)
{
    return crashes_find_record(crashes, id);
}

const char *crashes_describe(const struct crash_record *suspect, char *out, size_t size)
{
    snprintf(out, size, "process %.80s crashed during this run, after %.40s", suspect->writer,
             suspect->time);
    return out;
}

static bool is(const struct journal_event *event, const char *name)
{
    return strcmp(event->name, name) == 0;
}

/* One record for each run that was ever begun, sorted by id. */
static basin_status crashes_collect(struct arena *arena, const struct journal_events *events,
                                    struct crashes *crashes)
{
    size_t count = 0;
    crashes->records = arena_array(arena, struct crash_record, events->count + 1);
    if (!crashes->records) return BASIN_MEMORY;
    for (size_t i = 0; i < events->count; i++)
        if (is(&events->items[i], "run_start") && events->items[i].run_id)
            crashes->records[count++] = (struct crash_record){.id = events->items[i].run_id};
    if (count) qsort(crashes->records, count, sizeof *crashes->records, crashes_by_id);
    crashes->count = 0;
    crashes->total = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(crashes->records[i].id, crashes->records[i - 1].id) != 0)
            crashes->records[crashes->count++] = crashes->records[i];
    return BASIN_OK;
}

/* ---- sessions: what one process did from a study_start on ----
 *
 * The events of all journals are followed in order of time. What becomes of the record of one run:
 *
 *     run_start --> in progress --run_finish, run_fail--> innocent: everything is forgotten
 *                       |  |
 *                       |  +--study_stop, study_end, study_interrupt--> excused: no crash
 *                       |
 *                       +--last event of a session whose process is gone--> suspect
 *                                                                             |
 *          run_start from a later step than the crashed attempt <-------------+
 *          (it made progress: the count of crashes alone starts again)
 *
 * Only a crash while the run was alone can convict it: of several runs in progress nobody can say
 * which one it was. And a machine that kills processes for reasons of its own must not convict
 * every run in turn, so crashes that happened without the run in progress (`total` less `involved`)
 * raise the number that it takes. A run that was convicted explains its crashes: they are taken
 * out of `total`, or they would speak for the others.
 */

struct session {
    size_t last;  /* its last event */
    bool excused; /* it ended, or was asked to stop: no crash */
};

struct history {
    const char *folder;
    const struct journal_events *events;
    struct crashes *crashes;
    struct session *sessions;
    size_t *session_of; /* each event */
};

static basin_status divide(struct arena *arena, struct history *history)
{
    const struct journal_events *events = history->events;
    size_t count = events->writer_count; /* the number of a process may be used again: a journal may
                                            hold several sessions */
    size_t *current = arena_array(arena, size_t, events->writer_count + 1);
    history->sessions =
        arena_array(arena, struct session, events->count + events->writer_count + 1);
    history->session_of = arena_array(arena, size_t, events->count + 1);
    if (!current || !history->sessions || !history->session_of) return BASIN_MEMORY;
    for (size_t i = 0; i < events->writer_count; i++) current[i] = i;
    for (size_t i = 0; i < events->count; i++) {
        size_t *session = &current[events->items[i].writer];
        if (is(&events->items[i], "study_start")) *session = count++;
        history->session_of[i] = *session;
        history->sessions[*session].last = i;
        struct crash_record *record =
            is(&events->items[i], "run_start") && events->items[i].run_id
                ? crashes_find_record(history->crashes, events->items[i].run_id)
                : NULL;
        if (record) record->last_start = i;
    }
    return BASIN_OK;
}

static bool crashes_is_in(const struct crash_record *record, size_t session)
{
    return record->under_way && record->session == session;
}

/* A later attempt shows how far the one that crashed had come: with progress the count starts
 * again. */
static void note_progress(struct crash_record *record, int64_t step)
{
    if (record->crashed && step > record->step) record->alone = record->quarantined = 0;
    record->crashed = false;
}

static void crashes_begin(struct history *history, struct crash_record *record, size_t i)
{
    const struct journal_event *event = &history->events->items[i];
    note_progress(record, event->step);
    record->under_way = true;
    record->by_itself = event->alone;
    record->step = event->step;
    record->session = history->session_of[i];
}

/* Is the process still alive? A claim on a run that no other process has begun since shows it. */
static bool lives(struct history *history, size_t session)
{
    const struct journal_events *events = history->events;
    const struct journal_writer *writer =
        &events->writers[events->items[history->sessions[session].last].writer];
    bool alive = false;
    for (size_t i = 0; i < history->crashes->count; i++) {
        struct crash_record *record = &history->crashes->records[i];
        if (!crashes_is_in(record, session) || history->session_of[record->last_start] != session)
            continue;
        record->running = claim_is_held(history->folder, record->id, writer->name);
        alive = alive || record->running;
    }
    return alive || journal_has_grown(history->folder,
                                      writer); /* it released a claim after its journal was read */
}

/* Its crashes alone count no longer as evidence that something else crashes processes. */
static void quarantine(struct crashes *crashes, struct crash_record *guilty)
{
    guilty->quarantined = true;
    crashes->total -= guilty->alone;
    guilty->involved -= guilty->alone;
}

/* The journal ends here without the session having ended: if its process is gone, it crashed. */
static void crash(struct history *history, size_t session, const struct journal_events *events)
{
    struct crashes *crashes = history->crashes;
    bool any = false, explained = false;
    for (size_t i = 0; i < crashes->count; i++)
        any = any || crashes_is_in(&crashes->records[i], session);
    if (!any || lives(history, session)) return;
    for (size_t i = 0; i < crashes->count; i++)
        explained = explained || (crashes_is_in(&crashes->records[i], session) &&
                                  crashes->records[i].quarantined);
    crashes->total += !explained;
    for (size_t i = 0; i < crashes->count; i++) {
        struct crash_record *record = &crashes->records[i];
        if (!crashes_is_in(record, session)) continue;
        record->suspect = record->crashed = true;
        record->under_way = false;
        record->alone += record->by_itself;
        record->involved += !explained;
        if (!record->quarantined &&
            record->alone >=
                (crashes->total > record->involved ? CRASHES_MOST_UNPROVEN : CRASHES_MOST))
            quarantine(crashes, record);
        record->writer =
            events->writers[events->items[history->sessions[session].last].writer].name;
        record->time = events->items[history->sessions[session].last].time;
    }
}

static void crashes_end(struct crash_record *record)
{
    record->under_way = record->suspect = record->crashed = record->quarantined = false;
    record->alone = 0;
    record->writer = record->time = NULL;
}

static void follow(struct history *history, size_t i)
{
    const struct journal_event *event = &history->events->items[i];
    size_t session = history->session_of[i];
    struct crash_record *record =
        event->run_id ? crashes_find_record(history->crashes, event->run_id) : NULL;
    if (is(event, "study_stop") || is(event, "study_end") || is(event, "study_interrupt")) {
        history->sessions[session].excused = true;
        for (size_t k = 0; k < history->crashes->count; k++)
            if (crashes_is_in(&history->crashes->records[k], session))
                history->crashes->records[k].under_way = false;
    }
    if (record && is(event, "run_start") && !history->sessions[session].excused)
        crashes_begin(history, record, i);
    if (record && (is(event, "run_finish") || is(event, "run_fail"))) crashes_end(record);
    if (history->sessions[session].last == i) crash(history, session, history->events);
}

basin_status crashes_read(struct arena *arena, const char *folder, const char *build,
                          const struct journal_events *events, struct crashes *crashes)
{
    struct history history = {.folder = folder, .events = events, .crashes = crashes};
    TRY(crashes_collect(arena, events, crashes));
    TRY(divide(arena, &history));
    for (size_t i = 0; i < events->count; i++) follow(&history, i);
    for (size_t i = 0; i < crashes->count; i++) {
        struct crash_record *record = &crashes->records[i];
        int64_t epoch, step;
        bool further = record->alone && checkpoint_look(folder, record->id, build, &epoch, &step) &&
                       step > record->step; /* also by a call that was stopped */
        if (further) record->alone = record->quarantined = 0;
        record->unproven = record->suspect && record->alone >= CRASHES_MOST;
    }
    return BASIN_OK;
}
