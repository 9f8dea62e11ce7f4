/* Checkpoints: how a run that was interrupted goes on instead of starting over.
 *
 *     DIR/checkpoints/<id>.0, <id>.1      two slots, written in turn like results (digest,
 *                                         temporary name, fsync, rename): one whole checkpoint is
 *                                         there at any instant after the first
 *
 * A checkpoint is a record whose root says run_id, build (checkpoint_build), serial, epoch, step
 * and seconds, and whose /state is what train_state and measure_track_state say. A run goes on from
 * the one with the larger serial that holds and is of its own id and of this build and CPU model;
 * its bits are then those of a run that was never interrupted (P3). What cannot be used is removed
 * when the run has finished. A checkpoint that cannot be written never ends a run: the first reason
 * is kept.
 */
#ifndef BASIN_STUDY_CHECKPOINT_H
#define BASIN_STUDY_CHECKPOINT_H

#include "study/execute.h"

extern const struct schema_row checkpoint_parameters[]; /* the block `checkpoint` */

struct checkpoint {
    const char *folder, *id;
    struct run_checkpoints terms; /* what execute_run is given; its context is this */
    int64_t every_epochs;         /* 0: by time */
    bool before_measures; /* one is taken when all is trained, since the measures take long */
    double every_seconds, last, started;
    int64_t serial;
    basin_error error;    /* the first failure to write; BASIN_OK where there is none */
    basin_error unusable; /* slots are there, and none can be used: why; BASIN_OK otherwise */
};

/* Reads the block `checkpoint` of the run, and with `resume` the newest checkpoint that can be
 * used, into `arena`. */
basin_status checkpoint_open(const char *folder, const char *id, const struct value *spec,
                             bool resume, struct arena *arena, struct checkpoint *checkpoint);
/* After the result is there. */
void checkpoint_remove(const struct checkpoint *checkpoint);
/* Removes those of runs that have a result. */
void checkpoint_tidy(const char *folder);
/* What the root of a checkpoint says; false where it is not of this run and this build, or lacks
 * something. */
bool checkpoint_header(const struct record *record, const char *id, const char *build,
                       int64_t *serial, int64_t *epoch, int64_t *step);
/* How long the run had been under way, in all its sessions, when it was written; 0 without one. */
double checkpoint_seconds(const struct record *record);
/* Is there one that can be used, and how far is it? */
bool checkpoint_look(const char *folder, const char *id, int64_t *epoch, int64_t *step);
/* Why not, where one is there; NULL: there is none, or it can. */
basin_status checkpoint_unusable(const char *folder, const char *id, struct arena *arena,
                                 const char **why);

#endif
