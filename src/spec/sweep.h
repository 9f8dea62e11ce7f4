/* Sweep: from the keys `sweep` and `seeds` to runs.
 *
 * Purpose.  A sweep is a product of dimensions. Each generator under `sweep` (one row of a table in
 * sweep.c) adds some:
 *     grid     a dimension a path: its values
 *     zip      one of several paths, whose lists are taken side by side
 *     random   one of n points, drawn from distributions
 *     list     one of points that are written out
 *     union    one of all the points of several sweeps
 * `seeds` is one more, always the last. `exclude` then drops points, and `when` says where a path
 * exists at all (condition.h), `names` what an axis is called. An axis is a path with all the
 * values that it takes anywhere; a point of a dimension gives values to some axes.
 * Promise.  Every value of an axis has been resolved alone; no list says one twice; no path is set
 * by two dimensions; the number of runs does not exceed the limit.
 */
#ifndef BASIN_SPEC_SWEEP_H
#define BASIN_SPEC_SWEEP_H

#include "spec/sweep_space.h"

/* `base`: the spec without `sweep` and `seeds`, which are given apart (NULL: not there). `most`:
 * runs, 0 for SWEEP_RUNS. */
basin_status sweep_read(struct resolver *resolver, const struct tree *base,
                        const struct tree_member *sweep_member, const struct tree_member *seeds,
                        size_t most, struct sweep *sweep);

#endif
