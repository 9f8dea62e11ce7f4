/* Running: what the newest checkpoint of a run that is under way says: how far it is, and its
 * curves so far.
 *
 * Purpose.  `basin watch`. A look from outside: from another terminal, or another machine on the
 * same file system; so the checkpoint may be of any build, and nothing resumes from what is read.
 * `basin table --running` makes rows of it.
 * Promise.  Only a checkpoint whose digest is right is read; where the two slots are being written,
 * the other one is.
 * Ownership.  Everything lives in the arena.
 */
#ifndef BASIN_ANALYSIS_RUNNING_H
#define BASIN_ANALYSIS_RUNNING_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include "base/arena.h"
#include "base/record.h"

struct running_curve {
    const char *name;     /* "train_loss" */
    const double *values; /* (rows) */
};

struct running {
    int64_t epoch, step;
    double seconds; /* how long the run had been under way when the checkpoint was written */
    time_t written;
    size_t rows;
    const int64_t *axis; /* (rows) epochs; NULL where rows is 0 */
    struct running_curve *curves;
    size_t curve_count;
    const struct record
        *record; /* all that it says, without the largest arrays; /spec is the run */
};

/* `found` false: there is no checkpoint, or none that can be read. Error: BASIN_MEMORY. */
basin_status running_look(struct arena *arena, const char *folder, const char *id,
                          struct running *running, bool *found);

/* A curve by its name; NULL: none. */
const double *running_curve(const struct running *running, const char *name);
/* The newest value of a curve that is a number (an epoch that was not evaluated has none); NaN. */
double running_last(const struct running *running, const double *curve);

#endif
