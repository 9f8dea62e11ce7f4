/* Measure: a trained network in, named numbers and arrays out. */
#ifndef BASIN_MEASURE_MEASURE_H
#define BASIN_MEASURE_MEASURE_H

#include "models/model.h"

extern const struct registry measure_registry;

#endif
