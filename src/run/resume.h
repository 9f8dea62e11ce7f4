/* Resume: when a run saves itself on its way, and from where it goes on.
 *
 * Purpose.  The block `checkpoint` of a spec, put into practice: struct run_checkpoints for
 * execute_run, over the slots of folder/checkpoint.h.
 * Promises.  Resumed from a checkpoint of this build, this CPU model and these kernels (no other is
 * used), a run has the bits of one that was never interrupted (P3). A checkpoint that cannot be
 * written never ends a run: the first reason is kept.
 */
#ifndef BASIN_RUN_RESUME_H
#define BASIN_RUN_RESUME_H

#include "folder/checkpoint.h"
#include "run/execute.h"
#include "run/schema.h"

struct resume {
    struct checkpoint checkpoint;
    struct run_checkpoints hooks; /* what execute_run is given; its context is this */
    struct checkpoint_settings settings;
    const struct value *spec; /* of the run: /spec of its checkpoints, for who looks at them
                                 (analysis/running.h); NULL: they have none */
    struct arena *arena; /* of hooks.resume, which is as large as the state: until it has been read
                          */
    double last, started;
    bool before_measures; /* take one when all is trained, since the measures take long */
    basin_error error;    /* the first failure to write; BASIN_OK where there is none */
    basin_error refused;  /* why the newest checkpoint was of no use; BASIN_OK where it is used */
};

/* With `resume_it` reads the newest checkpoint that can be used. One that is there and cannot be
 * read for a reason that may pass (BASIN_IO, BASIN_MEMORY) is an error: it is not begun anew over
 * it. `folder` and `id` must outlive `resume`. */
basin_status resume_open(const char *folder, const char *id,
                         const struct checkpoint_settings *settings, bool resume_it,
                         struct resume *resume);
/* What was read is of no use, by the last error: reads the other slot, or it begins anew. */
basin_status resume_refuse(struct resume *resume);
void resume_forget(struct resume *resume); /* what was read; it begins anew. Also at the end */

#endif
