/* From a run of a sweep to the values that it has, and to its spec. */
#ifndef BASIN_SPEC_SWEEP_RUNS_H
#define BASIN_SPEC_SWEEP_RUNS_H

#include "spec/sweep_space.h"

/* choice[axis]: which of its values the run has, or SPEC_ABSENT. */
void sweep_choose(const struct sweep *sweep, size_t run, size_t *choice);
size_t sweep_choice(const struct sweep *sweep, size_t run, size_t axis);
/* The spec of a choice: `base` with the values in place. */
basin_status sweep_assemble(const struct sweep *sweep, const struct schema_row *schema,
                            const struct tree *base, const size_t *choice, struct arena *arena,
                            struct tree **root);

/* The same for a combination of points, the last dimension fastest, without the conditional axes of
 * `idle`. */
void sweep_choose_combination(const struct sweep *sweep, size_t combination, uint64_t idle,
                              size_t *choice);

#endif
