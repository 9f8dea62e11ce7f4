/* The generator `random`: n points, each path drawn from a distribution. */
#ifndef BASIN_SPEC_SWEEP_RANDOM_H
#define BASIN_SPEC_SWEEP_RANDOM_H

#include "spec/sweep_points.h"

basin_status sweep_random_block(struct sweep_product *product, const struct tree *block);

/* With `after_exclude`, n counts the points that conditions leave over. Once the runs are known:
 * whether the block has drawn enough points for that. If so, those beyond the n-th that is left are
 * dropped from its dimension, and *dropped says that there were such, so that the runs have to be
 * found again. */
bool sweep_random_suffices(struct sweep *sweep, bool *dropped);
/* Draws more points the next time; false after a complaint that there will never be enough. */
bool sweep_random_stretch(struct sweep_reader *reader, struct sweep *sweep);

#endif
