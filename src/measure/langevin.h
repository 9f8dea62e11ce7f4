/* Langevin: chains of stochastic gradient Langevin dynamics around the weights.
 *
 * The density, over perturbations d of the weights, is proportional to
 *     exp(-n_beta L(w + d) - gamma / 2 ||d||^2),
 * L the mean loss. A chain starts at d = 0 and moves by
 *     d <- d - step / 2 (n_beta grad L(w + d) + gamma d) + N(0, step I)
 * (Welling and Teh 2011), with the gradient over a group of examples (perturb.h): groups follow
 * each other in an order that is drawn anew for each pass over the examples. Its stationary density
 * is that above up to terms of order step, and with groups smaller than the whole also their noise.
 * d and the sums are float64; gradients and losses of the chain are in the precision of the run.
 * Reproducible: every number is keyed by (seed, chain, step).
 */
#ifndef BASIN_MEASURE_LANGEVIN_H
#define BASIN_MEASURE_LANGEVIN_H

#include "measure/perturb.h"

enum { LANGEVIN_VECTORS = 4 }; /* (P) that `memory` holds */

struct langevin {
    struct perturb *perturb;
    double step, n_beta, gamma;
    size_t steps;   /* of a chain */
    double *memory; /* (LANGEVIN_VECTORS, P): the caller's */
};

/* trace (steps): the loss of each step's group, at the weights where the step begins; NaN from
 * where a chain has left for weights whose loss or gradient is not finite. */
basin_status langevin_chain(const struct langevin *langevin, uint32_t chain, double *trace);

#endif
