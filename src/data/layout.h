/* Layout: images whose channels come before height and width, as PyTorch stores them. */
#ifndef BASIN_DATA_LAYOUT_H
#define BASIN_DATA_LAYOUT_H

#include "data/input.h"

/* (N, c, h, w) becomes (N, h, w, c). BASIN_DATA where examples do not have three dimensions. */
basin_status layout_to_channels_last(struct source_array *x);

#endif
