/* Resolve: a tree and its schema become a value tree: typed, in range, complete with defaults.
 *
 * Purpose.  The one place that knows what the rows of a table mean. Sweeps resolve each value of an
 * axis alone with it, spec.c whole runs.
 * Promise.  How a node resolves depends on the node and its row only, so what spec_read has
 * resolved once is kept in the node (`keep`) and shared by the runs of a sweep; without `keep`
 * nothing outside the resolver is written, so that threads may resolve at the same time.
 * Errors.  What is wrong is reported (complain.h), and the value is then NULL.
 * Ownership.  Values live in the arena, or, where they were kept, in the arena of the spec.
 */
#ifndef BASIN_SPEC_RESOLVE_H
#define BASIN_SPEC_RESOLVE_H

#include "spec/complain.h"

/* The whole run. `root` without the keys `sweep` and `seeds`. */
struct value *resolve_root(struct resolver *resolver, const struct tree *root);
/* What the spec says of the study as a whole: its SCHEMA_STUDY rows. */
struct value *resolve_study(struct resolver *resolver, const struct tree *root);
/* One row. `node` NULL: its default (NULL also for an OPTIONAL row, without an error). */
struct value *resolve_row(struct resolver *resolver, const struct schema_row *row,
                          struct tree *node, const struct place *place);

#endif
