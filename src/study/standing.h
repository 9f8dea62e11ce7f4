/* Standing: how far a study is, from its results and journals alone (no spec is read).
 *
 * A run is finished or diverged where its file holds, damaged where it does not or is another run
 * than its name says, failed where no file is there and the journals' last word is a failure,
 * quarantined where a process died with it again and again (folder/crashes.h), running where a
 * process that lives has it, interrupted where it goes on from a checkpoint, missing where the
 * latest study_start names it and nothing else is known. Ownership.  Everything lives in the arena.
 * Errors: BASIN_IO where DIR is no folder.
 */
#ifndef BASIN_STUDY_STANDING_H
#define BASIN_STUDY_STANDING_H

#include "base/arena.h"
#include "base/record.h"

enum standing_state {
    STANDING_FINISHED,
    STANDING_DIVERGED,
    STANDING_FAILED,
    STANDING_QUARANTINED,
    STANDING_DAMAGED,
    STANDING_RUNNING,
    STANDING_INTERRUPTED,
    STANDING_MISSING,
    STANDING_STATES
};

extern const char *const standing_names[]; /* "finished", ... */

struct run_standing {
    const char *id;
    enum standing_state state;
    const char *message; /* of a failed, quarantined or damaged run; of a suspect, which process
                            died with it */
    bool is_suspect;     /* of an interrupted or missing run: it is trained alone */
    const char *who;     /* of a running one: the process that has it, "<host>-<pid>" */
    int64_t epoch, step; /* of an interrupted one: where it goes on */
    const char *log;     /* of a failed or quarantined run: its log; NULL where there is none */
};

struct standing {
    const char *study, *spec,
        *arguments;            /* of the latest study_start; NULL where no journal has one */
    struct run_standing *runs; /* by id */
    size_t count, capacity, counts[STANDING_STATES], suspects;
};

/* Is the result at `path`, FOLDER/runs/NAME.h5, the run that its name says? BASIN_DAMAGED with the
 * reason where NAME is not 16 hex digits or not the record's run_id: such a file is no finished run
 * of the study, and `run` trains the run again. */
basin_status standing_check_name(const char *path, const struct record *record);

basin_status standing_read(struct arena *arena, const char *folder, struct standing **standing);

#endif
