#include "study/history.h"

#include <string.h>
#include "folder/claim.h"
#include "folder/crashes.h"
#include "folder/journal.h"
#include "run/provenance.h"

static struct study_run *find_run(struct study_run **sorted, size_t count, const char *id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(sorted[middle]->id, id);
        if (order == 0) return sorted[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void history_forget_failure(struct study_run *run)
{
    run->state = run->step ? RUN_INTERRUPTED : RUN_NEW;
    run->failure = NULL;
}

/* The journals' last word about each run that has no file. */
static void find_failures(struct study *study, struct study_run **sorted,
                          const struct journal_events *events)
{
    for (size_t i = 0; i < events->count; i++) {
        const struct journal_event *event = &events->items[i];
        struct study_run *run =
            event->run_id ? find_run(sorted, study->run_count, event->run_id) : NULL;
        if (!run ||
            (run->state != RUN_NEW && run->state != RUN_INTERRUPTED && run->state != RUN_FAILED))
            continue;
        bool failed = strcmp(event->name, "run_fail") == 0 && !study_tries_again(event->status);
        if (failed)
            run->state = RUN_FAILED;
        else if (run->state == RUN_FAILED)
            history_forget_failure(run);
        run->failure = failed ? event->message : NULL;
        run->refused = failed && event->refused;
    }
}

static basin_status find_crashes(struct study *study, const struct study_request *request,
                                 const struct journal_events *events)
{
    struct crashes crashes;
    char text[160];
    TRY(crashes_read(study->arena, study->folder, provenance_build(), events, &crashes));
    for (size_t i = 0; i < study->run_count; i++) {
        struct study_run *run = &study->runs[i];
        const struct crash_record *crash = crashes_find(&crashes, run->id);
        if (!crash || !crash->suspect || !study_run_todo(run)) continue;
        run->suspect = true;
        run->doubtful = crash->doubtful;
        run->crash = arena_text(study->arena, crashes_describe(crash, text, sizeof text));
        if (!run->crash) return BASIN_MEMORY;
        if (!crash->quarantined || request->retry || request->force) continue;
        run->state = RUN_QUARANTINED;
        run->failure = arena_format(
            study->arena, "%d times the process died while it trained this run alone; the last: %s",
            crash->alone, run->crash);
        if (!run->failure) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

basin_status history_apply(struct study *study, const struct study_request *request)
{
    struct journal_events events;
    struct study_run **sorted;
    TRY(study_sort(study, study->run_count, &sorted));
    for (size_t i = 0; i < study->run_count; i++)
        study->runs[i].held = study_run_todo(&study->runs[i]) &&
                              claim_is_held(study->folder, study->runs[i].id, NULL);
    TRY(journal_read(study->folder, study->arena, &events));
    if (!request->force && !request->retry) find_failures(study, sorted, &events);
    return request->trust ? BASIN_OK : find_crashes(study, request, &events);
}
