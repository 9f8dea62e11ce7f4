/* The generators under `sweep`: grid, zip, random, list and union. */
#ifndef BASIN_SPEC_SWEEP_GENERATORS_H
#define BASIN_SPEC_SWEEP_GENERATORS_H

#include "spec/sweep_space.h"

/* The generators of a block, and complaints about keys that are none. The keys exclude, when and
 * names are left to others. */
basin_status sweep_read_block(struct sweep_product *product, const struct tree *node);

/* The keys that a sweep may have. */
enum { SWEEP_KEYS = 8 };
#define SWEEP_KEYS_ARE "the keys here are grid, zip, random, list, union, exclude, when, names"
void sweep_keys(const char *names[SWEEP_KEYS]);

#endif
