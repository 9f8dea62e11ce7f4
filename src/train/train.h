/* Train: the loop, its optimisers, schedules and regularisers, on the flat parameter vector.
 *
 * Purpose.  From a model, data and the `training`, `regularizers`, `evaluate` blocks to trained weights and curves.
 * Promise.  The weights depend on spec, seed, data and build only. Randomness: STREAM_SHUFFLE (major = epoch), STREAM_DROPOUT
 * (major = layer ordinal, minor = step).
 */
#ifndef BASIN_TRAIN_TRAIN_H
#define BASIN_TRAIN_TRAIN_H

#include <stdatomic.h>
#include "models/model.h"

extern const struct registry optimizer_registry;
extern const struct registry schedule_registry;

extern const struct parameter training_parameters[];     /* the `training` block */
extern const struct parameter regularizer_parameters[];  /* the `regularizers` block */
extern const struct parameter evaluate_parameters[];     /* the `evaluate` block */

#endif
