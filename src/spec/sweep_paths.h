/* The paths that a sweep names: which row each is, and what may be swept. */
#ifndef BASIN_SPEC_SWEEP_PATHS_H
#define BASIN_SPEC_SWEEP_PATHS_H

#include "spec/sweep_space.h"

/* The row of a path that can be swept, or NULL after a complaint. */
basin_status sweep_row(const struct sweep_reader *reader, const struct tree_member *member,
                       const struct schema_row **row);
/* Is it a block with paths in it? False after a complaint, which shows the example. */
bool sweep_is_block(struct resolver *resolver, const struct tree *node, const char *key,
                    const char *example);
const char *sweep_kind(const struct tree *node); /* "a block of keys", "nothing" */

#endif
