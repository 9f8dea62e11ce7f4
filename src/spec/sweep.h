/* Sweep: from the keys `sweep` and `seeds` to axes.
 *
 * Purpose.  Each generator under `sweep` (one row of a table in sweep.c) adds axes; `grid` is the product of its lists.
 * `seeds` is one more axis, always the last.
 * Promise.  Every value of an axis has been resolved alone and is different from the others; the number of runs does
 * not exceed SWEEP_RUNS.
 */
#ifndef BASIN_SPEC_SWEEP_H
#define BASIN_SPEC_SWEEP_H

#include "spec/assign.h"

enum { SWEEP_RUNS = 100000 };

/* What a run needs of an axis beside its values. */
struct axis_source {
    struct tree **nodes;
    int depth; /* parts of the path: blocks are put in place before what stands inside them */
};

struct sweep {
    struct spec_axis *axes;
    struct axis_source *sources;
    size_t count, capacity, run_count;
};

/* `base`: the spec without `sweep` and `seeds`, which are given apart (NULL: not there). */
basin_status sweep_read(struct resolver *resolver, const struct tree *base, const struct tree_member *sweep_member,
                        const struct tree_member *seeds, struct sweep *sweep);

#endif
