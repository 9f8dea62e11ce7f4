#include "study/crashes.h"

#include <stdlib.h>
#include <string.h>
#include "study/checkpoint.h"
#include "study/claim.h"

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct crash_record *)a)->id, ((const struct crash_record *)b)->id);
}

static struct crash_record *find(const struct crashes *crashes, const char *id)
{
    struct crash_record key = {.id = id};
    return crashes->count ? bsearch(&key, crashes->records, crashes->count, sizeof key, by_id) : NULL;
}

const struct crash_record *crashes_find(const struct crashes *crashes, const char *id)
{
    return find(crashes, id);
}

static bool is(const struct journal_event *event, const char *name)
{
    return strcmp(event->name, name) == 0;
}

/* A record for every run that was begun, sorted, each once. */
static basin_status collect(struct arena *arena, const struct journal_events *events, struct crashes *crashes)
{
    size_t count = 0;
    crashes->records = arena_array(arena, struct crash_record, events->count + 1);
    if (!crashes->records) return BASIN_MEMORY;
    for (size_t i = 0; i < events->count; i++)
        if (is(&events->items[i], "run_start") && events->items[i].run_id)
            crashes->records[count++] = (struct crash_record){.id = events->items[i].run_id};
    if (count) qsort(crashes->records, count, sizeof *crashes->records, by_id);
    crashes->count = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(crashes->records[i].id, crashes->records[i - 1].id) != 0)
            crashes->records[crashes->count++] = crashes->records[i];
    return BASIN_OK;
}

/* The process that had the run under way died. `step`: where the run would go on. */
static void crash(struct crash_record *record, int64_t step)
{
    bool progress = step > record->step;
    record->under_way = false;
    record->suspect = true;
    record->alone = progress ? 0 : record->alone + record->by_itself;
}

static void begin(struct crash_record *record, const struct journal_event *event, const struct journal_events *events)
{
    if (record->under_way) crash(record, event->step);
    record->under_way = true;
    record->by_itself = event->alone;
    record->step = event->step;
    record->process = event->writer;
    record->writer = events->writers[event->writer];
    record->time = event->time;
}

/* What a process that ended, or was asked to stop, had under way did not bring it down. */
static void excuse(struct crashes *crashes, size_t process)
{
    for (size_t i = 0; i < crashes->count; i++)
        if (crashes->records[i].process == process) crashes->records[i].under_way = false;
}

static void follow(struct crashes *crashes, const struct journal_events *events, bool *stopping)
{
    for (size_t i = 0; i < events->count; i++) {
        const struct journal_event *event = &events->items[i];
        struct crash_record *record = event->run_id ? find(crashes, event->run_id) : NULL;
        if (is(event, "study_start")) stopping[event->writer] = false;
        if (is(event, "study_stop") || is(event, "study_end") || is(event, "study_interrupt")) {
            stopping[event->writer] = true;
            excuse(crashes, event->writer);
        }
        if (!record) continue;
        if (is(event, "run_start") && !stopping[event->writer]) begin(record, event, events);
        if (is(event, "run_finish") || is(event, "run_fail")) record->under_way = record->suspect = false, record->alone = 0;
    }
}

/* Those that nobody has ended: in a process that lives, or crashed. */
static void judge(struct crash_record *record, const char *folder)
{
    int64_t epoch, step;
    if (record->under_way) {
        record->running = claim_is_held(folder, record->id);
        if (!record->running) crash(record, checkpoint_look(folder, record->id, &epoch, &step) ? step : 0);
    }
    if (!record->suspect) record->writer = record->time = NULL;
}

basin_status crashes_read(struct arena *arena, const char *folder, const struct journal_events *events, struct crashes *crashes)
{
    TRY(collect(arena, events, crashes));
    bool *stopping = arena_array(arena, bool, events->writer_count + 1);
    if (!stopping) return BASIN_MEMORY;
    follow(crashes, events, stopping);
    for (size_t i = 0; i < crashes->count; i++) judge(&crashes->records[i], folder);
    return BASIN_OK;
}
