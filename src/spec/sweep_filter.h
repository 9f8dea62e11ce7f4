/* Filters of a sweep: which combinations `exclude` leaves out, and where `when` says that a path
 * exists at all. */
#ifndef BASIN_SPEC_SWEEP_FILTER_H
#define BASIN_SPEC_SWEEP_FILTER_H

#include "spec/condition.h"
#include "spec/sweep_space.h"

/* What `exclude` and `when` say. */
struct sweep_filter {
    struct condition *exclude, *when;
    struct condition_paths paths;
    size_t excludes, whens;
    size_t *axis; /* (whens) the axis that each is about */
    struct mark mark;
    size_t *left_out,
        *held; /* (excludes), (whens) how many combinations each has left out, or held for */
};
basin_status sweep_filter_read(const struct sweep_reader *reader, const struct tree_member *sweep,
                               struct sweep_filter *filter);
/* Fills the runs of the sweep from its `all` combinations. */
basin_status sweep_filter_apply(const struct sweep_reader *reader, struct sweep_filter *filter,
                                size_t all);

#endif
