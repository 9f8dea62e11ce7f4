/* The values of an axis: lists, generators inside them, and draws from distributions. */
#ifndef BASIN_SPEC_SWEEP_VALUES_H
#define BASIN_SPEC_SWEEP_VALUES_H

#include "spec/sweep_space.h"

/* The nodes of a list of values, with its generators written out; NULL after a complaint. `what`
 * begins the message where it is no list: "an axis is". */
basin_status sweep_values(const struct sweep_reader *reader, const struct tree_member *member,
                          const struct schema_row *row, struct tree ***nodes, size_t *count);
/* `count` draws from the distribution that `member` names. */
basin_status sweep_draws(const struct sweep_reader *reader, const struct tree_member *member,
                         const struct schema_row *row, uint64_t seed, size_t count,
                         struct tree **nodes);

#endif
