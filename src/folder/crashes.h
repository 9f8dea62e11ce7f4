/* Crashes: which runs were under way when a process died, from the journals and claims of a study's
 * folder.
 *
 * A run_start is a crash where no run_finish or run_fail follows, its process has neither ended the
 * study nor been asked to stop (an impatient second Ctrl-C, or a batch system that kills after its
 * warning, is no crash), and the run is not claimed by a process that lives. Every run under way
 * then is a *suspect*, until it finishes or fails: it is trained alone. One with which processes
 * die twice while it is trained alone, and comes no further by its checkpoints, is *quarantined*.
 * Where processes of the study have died without it under way too, and no quarantined run explains
 * that, something else kills them: it takes eight.
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
    bool unproven; /* a suspect with which processes died more than once alone, but others without
                      it too */
    int alone;     /* crashes while trained alone, without progress */
    int involved;  /* crashes, of those in `total`, that had it under way */
    const char *writer, *time; /* of the last crash: "<host>-<pid>", and the last that was heard of
                                  it; NULL without one */
    /* the reader's own */
    size_t session, last_start;
    int64_t step;                       /* where it was begun */
    bool under_way, by_itself, crashed; /* crashed: and not begun since */
};

struct crashes {
    struct crash_record *records; /* by id */
    size_t count;
    int total; /* crashes that no quarantined run explains */
};

/* `build`: as of checkpoint_open; progress is what such a checkpoint shows. */
basin_status crashes_read(struct arena *arena, const char *folder, const char *build,
                          const struct journal_events *events, struct crashes *crashes);
const struct crash_record *crashes_find(const struct crashes *crashes,
                                        const char *id); /* NULL: never begun */
const char *crashes_describe(const struct crash_record *suspect, char *out,
                             size_t size); /* "process node1-4711 died with it, after 2026-..." */

#endif
