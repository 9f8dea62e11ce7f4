/* Restored: a check of a training that has been read from a checkpoint. BASIN_DATA, with the value
 * and its range, where what it says does not go together. */
#ifndef BASIN_TRAIN_RESTORED_H
#define BASIN_TRAIN_RESTORED_H

#include "train/trainer.h"

basin_status restored_check(const struct trainer *trainer);

#endif
