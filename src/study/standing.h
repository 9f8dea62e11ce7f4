/* Standing: how far a study is, from its results and journals alone (no spec is read).
 *
 * A run is finished or diverged where its file holds, damaged where it does not, failed where no file is there and the
 * journals' last word is a failure, missing where the latest study_start names it and nothing else is known.
 * Ownership.  Everything lives in the arena. Errors: BASIN_IO where DIR is no folder.
 */
#ifndef BASIN_STUDY_STANDING_H
#define BASIN_STUDY_STANDING_H

#include "base/arena.h"

enum standing_state {
    STANDING_FINISHED,
    STANDING_DIVERGED,
    STANDING_FAILED,
    STANDING_DAMAGED,
    STANDING_MISSING,
    STANDING_STATES
};

extern const char *const standing_names[]; /* "finished", ... */

struct run_standing {
    const char *id;
    enum standing_state state;
    const char *message; /* of a failed or damaged run */
};

struct standing {
    const char *study, *spec, *arguments; /* of the latest study_start; NULL where no journal has one */
    struct run_standing *runs; /* by id */
    size_t count, capacity, counts[STANDING_STATES];
};

basin_status standing_read(struct arena *arena, const char *folder, struct standing **standing);

#endif
