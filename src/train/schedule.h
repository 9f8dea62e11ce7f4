/* Schedule: the factor on the learning rate at step `at` (from 0) of `total`, as the block
 * `training.schedule` says. */
#ifndef BASIN_TRAIN_SCHEDULE_H
#define BASIN_TRAIN_SCHEDULE_H

#include "train/settings.h"

/* What the settings of every schedule begin with. */
struct schedule_settings {
    int64_t warmup; /* steps over which the rate rises to learning_rate */
};

double schedule_factor(struct setting_variant schedule, int64_t at, int64_t total);

#endif
