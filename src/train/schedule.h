/* Schedule: the factor on the learning rate at step `at` (from 0) of `total`, as the block
 * `training.schedule` says. */
#ifndef BASIN_TRAIN_SCHEDULE_H
#define BASIN_TRAIN_SCHEDULE_H

#include "spec/schema.h"

extern const struct registry schedule_registry;

double schedule_factor(const struct value *block, int64_t at, int64_t total);

#endif
