/* Power laws: y = E + A x^-a, or y = E + A x^-a + B z^-b, fitted to positive numbers.
 *
 * As in Hoffmann et al. 2022 ("Training compute-optimal large language models"): the sum over the
 * points of the Huber loss (1e-3) of log prediction - log y is minimised over log E, log A, a (log
 * B, b) by BFGS, from a grid of starts; the best end is taken. Outliers weigh little. E may come
 * out as nothing: then the law is a pure power.
 */
#ifndef BASIN_ANALYSIS_POWER_LAW_H
#define BASIN_ANALYSIS_POWER_LAW_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

struct power_law {
    double offset;         /* E */
    double coefficient[2]; /* A, B */
    double exponent[2];    /* a, b */
    double loss;           /* the sum that was minimised */
};

struct power_points {
    const double *y, *x[2]; /* (count), positive; x[1] NULL: one variable */
    size_t count;
};

/* `rows` (count of them, with repetitions), or NULL for all. `start`: where a search begins, in
 * place of the grid; NULL: the grid. */
void power_law_fit(const struct power_points *points, const uint32_t *rows, size_t count,
                   const struct power_law *start, struct power_law *law);

/* The straight line through log x, log y by least squares: y = c x^slope. r_squared of the logs.
 * NaN for fewer than two different x. */
void power_line_fit(const struct power_points *points, const uint32_t *rows, size_t count,
                    double *slope, double *r_squared);

#endif
