/* Vectors of a precision: flat arrays of float or double, as weights, gradients and tangents are.
 *
 * Purpose.  Weights and gradients have the precision of the run; what is summed over batches or
 * handed to a measure is float64. These functions are the way between the two.
 */
#ifndef BASIN_MODELS_VECTOR_H
#define BASIN_MODELS_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include "graph/program.h"

void vector_to_double(enum precision precision, const void *from, double *to, size_t count);
void vector_from_double(enum precision precision, const double *from, void *to, size_t count);
bool vector_finite(enum precision precision, const void *vector, size_t count);
/* sum += factor * vector, in float64 */
void vector_add(enum precision precision, double factor, const void *vector, double *sum,
                size_t count);

#endif
