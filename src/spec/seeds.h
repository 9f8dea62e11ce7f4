/* Seeds: one number, or one for each source of randomness.
 *
 * Purpose.  `seed: 3` is all of a run's randomness; `seed: {init: 3, order: 0}` gives some sources
 * a seed of their own, so that a study can vary one and hold the others. `seeds` varies the seed of
 * all that have none of their own.
 *     seed          everything that is not named below, and the probes of measures
 *     seed.init     the initial weights
 *     seed.order    the order of examples, dropout: the noise of training
 *     seed.data     another word for dataset.seed: the subset, the split, label noise, generated
 *                   examples
 * They are rows of the root table whose keys contain a dot, so that paths, conditions, tables and
 * /spec all use the same names; the block form exists only where they are written. seed.init and
 * seed.order that equal `seed`, and seed.data, count as defaults in the identity: `seed: {init: 0}`
 * is the run `seed: 0`.
 */
#ifndef BASIN_SPEC_SEEDS_H
#define BASIN_SPEC_SEEDS_H

#include "spec/resolve.h"

/* A block `seed: {all: 3, init: 1}` of a spec becomes its rows, `seed` and `seed.init`, in the root
 * itself. */
basin_status seeds_spread(struct arena *arena, struct tree *root);
/* Removes the seeds that are null. */
void seeds_reset(struct tree *root);
/* `seed` and `seeds` exclude each other: where `upper` sets one, the other is removed from
 * `root`. Where `upper` has `seed: null`, those of all sources are. */
void seeds_replace(struct tree *root, const struct tree *upper);
/* In a resolved run: marks the seeds that count as defaults and passes seed.data on to
 * dataset.seed. Complains where the data set draws nothing, or has a different seed. */
void seeds_derive(struct resolver *resolver, struct value *run);

#endif
