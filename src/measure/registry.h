/* One line a measure: its entry, defined in its own file. */
#ifndef BASIN_MEASURE_REGISTRY_H
#define BASIN_MEASURE_REGISTRY_H

#include "measure/measure.h"

extern const struct entry hessian_top_entry;
extern const struct entry hessian_trace_entry;
extern const struct entry weight_norm_entry;
extern const struct entry distance_from_init_entry;
extern const struct entry margin_entry;

#endif
