/* Box: a maximum of a smooth function over the box |x_i| <= b_i around 0, by a projected
 * quasi-Newton method.
 *
 * Method.  Two-metric projection (Bertsekas 1982) with limited-memory BFGS (Schmidt, Kim and Sra,
 * "Projected Newton-type methods in machine learning", 2011): coordinates at a bound whose gradient
 * points out of the box are held; the others move along H g, H from the last BOX_PAIRS changes of x
 * and g, in steps x(t) = P(x + t d), t halved until f(x(t)) >= f(x) + 1e-4 <g, x(t) - x>. Changes
 * along which f is not concave say nothing of a maximum and are not kept; without any, the
 * direction is the gradient and the first step is four times as long as the box. It starts at 0.
 * It is not L-BFGS-B: that looks for a generalised Cauchy point first; both end where <g, v - x> is
 * 0 for all v of the box, the first-order condition, and may end in different maxima.
 * Result.  x is the highest point that was seen. `gap` = sum b_i |g_i| - <g, x>, the most that f
 * could still rise in the box to first order. Where f or g is not finite, `f` is NaN.
 */
#ifndef BASIN_MEASURE_BOX_H
#define BASIN_MEASURE_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

enum { BOX_PAIRS = 10, BOX_VECTORS = 5 + 2 * BOX_PAIRS };

struct box_problem {
    basin_status (*value)(void *context, const double *x, double *f, double *g);
    void *context;
    size_t size;
    const double *bound; /* (size): b, at least 0 */
    size_t iterations;
    double tolerance; /* of the gap, relative to 1 + |f| */
    double *memory;   /* (BOX_VECTORS, size): the caller's */
};

struct box_result {
    const double *x; /* in `memory` */
    double f, gap;
    size_t iterations, values; /* calls of `value` */
    bool converged;            /* the gap is within the tolerance */
};

basin_status box_maximise(const struct box_problem *problem, struct box_result *result);

#endif
