/* Ranking: how well one number of the runs of a sweep orders another.
 *
 * Purpose.  The statistics of `rank` on plain arrays: x a measure, g a generalisation gap, and for
 * each run which value of each axis it has, and which seed.
 * Definitions.
 *   tau           Kendall's tau-b over all runs.
 *   granulated    Psi = mean over the axes of psi_i; psi_i = mean of the taus within the sets of
 *                 runs that differ in axis i alone, and have the same seed (Jiang et al. 2020,
 *                 "Fantastic generalization measures and where to find them"). Sets in which one
 *                 of the numbers is constant have no tau and are left out.
 *   conditional   conditional mutual information, in per cent (Jiang et al. 2020, "Predicting
 *                 generalization in deep learning", the competition's score): for two axes S, over
 *                 all ordered pairs of runs, I(sign of the difference of x; that of g | values of
 *                 both runs on S) / H(that of g | ...), each averaged over the combinations of
 *                 values; the least over all pairs of axes. A difference of 0 counts as negative,
 *                 and a run makes a pair with itself, as in the competition's program.
 *   sign error    of an environment, the pairs of runs that have the one and the other of two
 *                 values of one axis and agree in everything else: the share of pairs that x
 *                 orders otherwise than g, (1 - sign sign) / 2, weighted by how sure the order of
 *                 g is (Dziugaite et al. 2020, "In search of robust measures of
 *                 generalization"): max(0, 1 - 2 exp(-m d^2 / 2))^2 by Hoeffding, d the difference
 *                 of two gaps of accuracy, m the number of test examples; all alike where m is 0.
 * Ownership.  Scratch lives in the arena.
 */
#ifndef BASIN_ANALYSIS_RANKING_H
#define BASIN_ANALYSIS_RANKING_H

#include "analysis/interval.h"

struct ranking_grid {
    size_t count;           /* runs */
    size_t axis_count;      /* of the sweep, without seeds */
    const uint32_t *places; /* (count, axis_count) which value a run has */
    const size_t *sizes;    /* (axis_count) values of an axis */
    const uint32_t *seeds;  /* (count) which seed */
};

/* psi: (axis_count), or NULL. The interval: sets of runs are drawn with replacement within each
 * axis. NaN where there is none. */
basin_status ranking_granulated(struct arena *arena, const struct ranking_grid *grid,
                                const double *x, const double *g, double *psi, double *mean,
                                struct interval *interval);

/* The least over all pairs of axes; NaN for a grid with fewer than two axes, or where g orders no
 * runs. The grid has to be complete: every combination of values with every seed. */
basin_status ranking_conditional(struct arena *arena, const struct ranking_grid *grid,
                                 const double *x, const double *g, double *percent);

struct ranking_errors {
    double mean, worst;     /* over environments; NaN without one */
    size_t environments;    /* that have some weight */
    size_t axis, low, high; /* the worst: its axis and its two values */
};
basin_status ranking_sign_errors(struct arena *arena, const struct ranking_grid *grid,
                                 const double *x, const double *g, double test_examples,
                                 struct ranking_errors *errors);

#endif
