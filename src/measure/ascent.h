/* Ascent: the largest rise of the loss in a ball around the weights, by projected ascent.
 *
 * Problem.  Maximise L(w + c u) over u in a ball of radius rho about 0, by l2 or l-infinity norm,
 * the product by element. c scales the ball (perturb_scale): parameters with c = 0 stay.
 * Method.  Auto-PGD (Croce and Hein, ICML 2020, algorithm 1), as Andriushchenko et al. (ICML 2023)
 * use it: steps of length `step` along the gradient by u (l2: normalised, l-infinity: its sign)
 * with momentum 0.75, projected to the ball; the step starts at 2 rho and is halved, with a restart
 * from the best point, where progress stops. The first start is u = 0, the others are random points
 * of the ball; the best point of all counts, and u = 0 is among them.
 * Result.  A lower bound of the maximum. `gap` is max over v of the ball of <dL/du, v - u>, at the
 * end: 0 exactly where no direction within the ball raises the loss to first order.
 */
#ifndef BASIN_MEASURE_ASCENT_H
#define BASIN_MEASURE_ASCENT_H

#include "measure/perturb.h"

enum ascent_norm { ASCENT_L2, ASCENT_LINF }; /* as in ascent_norms */
extern const char *const ascent_norms[];

enum { ASCENT_VECTORS = 7 }; /* (P) that `memory` holds */

struct ascent {
    struct perturb *perturb;
    const double *c; /* (P) */
    enum ascent_norm norm;
    double rho;
    size_t steps, restarts; /* starts in all */
    double *memory;         /* (ASCENT_VECTORS, P): the caller's */
};

struct ascent_result {
    double rise, gap; /* NaN where a loss or gradient is not finite */
};

/* One group of examples: restarts (steps + 1) + 1 gradients, and two exact losses. */
basin_status ascent_run(const struct ascent *ascent, size_t group, struct ascent_result *result);

#endif
