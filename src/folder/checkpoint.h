/* Checkpoints: the files from which an interrupted run goes on.
 *
 *     DIR/checkpoints/<id>.0, <id>.1      two slots, written in turn like results (digest,
 *                                         temporary name, fsync, rename): after the first one is
 *                                         written, one complete checkpoint is there at any instant
 *
 * A checkpoint is a record whose root says run_id, build (a digest of everything on which the bits
 * of a result depend, run/provenance.h), serial, epoch, step and seconds; /state is the trainer's
 * and /spec the resolved run, for readers (run/resume.h). Only one of the same run and the same
 * build can be used; of two, that with the larger serial. What is in /state, and when it is
 * written, is not known here.
 * Ownership.  The texts that checkpoint_open is given must outlive the struct.
 */
#ifndef BASIN_FOLDER_CHECKPOINT_H
#define BASIN_FOLDER_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/record.h"

struct checkpoint {
    const char *folder, *id, *build;
    int slot;            /* of the newest that can be used; -1: none */
    int64_t serial;      /* of the newest; 0: none */
    int64_t epoch, step; /* where the newest is */
    basin_error
        unusable;    /* slots are there, and none can be used: why; BASIN_OK otherwise. One that
                             may be used when the reason has passed (BASIN_IO, BASIN_MEMORY) counts
                             before others */
    bool refused[2]; /* slots whose state was of no use (checkpoint_refuse) */
};

/* Looks for the newest checkpoint of a run that can be used by `build`. */
void checkpoint_open(const char *folder, const char *id, const char *build,
                     struct checkpoint *checkpoint);
/* The one that was found is of no use: looks for the other. */
void checkpoint_refuse(struct checkpoint *checkpoint);
/* Reads the one that checkpoint_open found; NULL where there was none. */
basin_status checkpoint_load(const struct checkpoint *checkpoint, struct arena *arena,
                             struct record **record);
/* Writes the next one: `record`, whose root gets its attributes here. `seconds`: how long the run
 * has been under way, in all its sessions. */
basin_status checkpoint_write(struct checkpoint *checkpoint, struct record *record, int64_t epoch,
                              int64_t step, double seconds);
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
bool checkpoint_look(const char *folder, const char *id, const char *build, int64_t *epoch,
                     int64_t *step);

#endif
