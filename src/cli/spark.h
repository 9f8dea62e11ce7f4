/* Spark: a curve as one line of blocks, whose heights follow log(value): losses fall by powers of
 * ten. */
#ifndef BASIN_CLI_SPARK_H
#define BASIN_CLI_SPARK_H

#include <stddef.h>
#include "base/text.h"

/* Appends at most `width` characters for the `count` finite values; those that are not positive are
 * drawn lowest. */
void spark_put(struct text *out, const double *values, size_t count, size_t width);

#endif
