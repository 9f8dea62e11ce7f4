/* Remaining: how long a session will still take, while it goes on.
 *
 * Purpose.  Each run has a weight, the time that timing.h expects of it (or, without that, its
 * FLOPs). Runs that have ended say how many seconds a unit of weight takes here and now, measures
 * and evaluations included; before the first has ended the expectation counts, or the FLOPs that
 * runs under way have done. A run under way has done as much as its time is worth, but is never
 * taken for done before it ends.
 * Ownership.  remaining_create hands over. The caller holds a lock around every call.
 */
#ifndef BASIN_STUDY_REMAINING_H
#define BASIN_STUDY_REMAINING_H

#include "study/session.h"

struct remaining;

/* `expected`: seconds by run (struct timing), or NULL. */
basin_status remaining_create(const struct study *study, const double *expected,
                              struct remaining **remaining);
void remaining_destroy(struct remaining *remaining); /* NULL is allowed */

/* A run begins, or has ended; `now` and `seconds` are times of one clock. */
void remaining_begin(struct remaining *remaining, size_t position, double now);
/* `trained`: here, so that its time tells something about the others. */
void remaining_end(struct remaining *remaining, size_t position, double seconds, bool trained);

/* Seconds until the last run ends, `jobs` at a time; NAN where nothing is known yet. `done`: FLOPs
 * that the runs under way have done. */
double remaining_seconds(const struct remaining *remaining, int jobs, double done, double now);

#endif
