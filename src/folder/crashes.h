/* Crashes: which runs were in progress when a process crashed, from the journals and claims of a
 * study's folder.
 *
 * A run crashed the process, perhaps, where a run_start is followed by neither run_finish nor
 * run_fail, the process has neither ended the study nor been asked to stop, and no living process
 * has claimed the run. (A process killed after it was asked to stop has not crashed: impatient
 * users press Ctrl-C twice, and batch systems kill after a warning.)
 *
 * Every run that was in progress then is a *suspect* until it finishes or fails: it is trained
 * alone. A run that crashes the process twice while it is trained alone, without its checkpoints
 * having got further, is *quarantined*. Where processes crashed without this run in progress too,
 * and no quarantined run explains those crashes, something else may be to blame (the machine, a
 * memory limit): then it takes eight.
 * Ownership.  Everything lives in the arena.
 */
#ifndef BASIN_FOLDER_CRASHES_H
#define BASIN_FOLDER_CRASHES_H

#include <stdbool.h>
#include "folder/journal.h"

/* One for every run that a process has begun. */
struct crash_record {
    const char *id;
    bool running; /* in a process that lives */
    bool suspect, quarantined;
    bool unproven; /* a suspect that crashed the process alone more than once, while processes
                      crashed without it too */
    int alone;     /* crashes while it was trained alone, without progress */
    int involved;  /* crashes, of those in `total`, that had it in progress */
    const char *writer,
        *time; /* of the last crash: the process, "<host>-<pid>", and the time of its
                                  last event; NULL without one */
    /* used while reading */
    size_t session, last_start;
    int64_t step;                       /* from which it was begun */
    bool under_way, by_itself, crashed; /* crashed: and not begun since */
};

struct crashes {
    struct crash_record *records; /* by id */
    size_t count;
    int total; /* crashes that no quarantined run explains */
};

/* `build`: as of checkpoint_open; progress is seen in checkpoints of this build. */
basin_status crashes_read(struct arena *arena, const char *folder, const char *build,
                          const struct journal_events *events, struct crashes *crashes);
/* NULL: the run was never begun. */
const struct crash_record *crashes_find(const struct crashes *crashes, const char *id);
/* "process node1-4711 crashed during this run, after 2026-..." */
const char *crashes_describe(const struct crash_record *suspect, char *out, size_t size);

#endif
