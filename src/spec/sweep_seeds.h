/* The dimension of seeds: always the last, with one point where neither `seed` nor `seeds` is
 * given. */
#ifndef BASIN_SPEC_SWEEP_SEEDS_H
#define BASIN_SPEC_SWEEP_SEEDS_H

#include "spec/sweep_space.h"

/* seeds: the key `seeds`, NULL where it is not there. */
basin_status sweep_read_seeds(struct sweep_product *product, const struct tree_member *seeds);

#endif
