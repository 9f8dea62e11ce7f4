/* Matching: the units of one network renumbered so that its weights come close to those of another
 * one.
 *
 * Purpose.  Two trainings number their hidden units differently. Weight matching looks for the
 * permutation of units P of network b that maximises <a, P b>, so that ||a - P b|| is least
 * (Ainsworth, Hayase and Srinivasa, "Git Re-Basin", ICLR 2023): coordinate descent over the groups
 * of units, for each of which the best permutation at fixed others is a linear assignment problem.
 * Method.  The problem has local maxima. Descent starts from two permutations, and the better end
 * counts: all units in their places, and the one that follows from input to output, where each
 * layer is matched by what comes from layers that are matched already. The second finds any
 * renumbered copy of a network exactly. Biases, scales and shifts of normalisation take part;
 * running statistics do not.
 * Promise.  Deterministic; <a, P b> is never below <a, b>.
 * Ownership.  The arena's. Errors.  BASIN_MEMORY; BASIN_NUMERIC for weights that are not finite.
 */
#ifndef BASIN_ANALYSIS_MATCHING_H
#define BASIN_ANALYSIS_MATCHING_H

#include "models/symmetry.h"

struct matching {
    size_t **permutations; /* (groups, units): unit k of a is matched by unit permutations[g][k] */
    double similarity;     /* <a, P b> over the trained parameters */
};

/* a, b (P + B). */
basin_status matching_find(struct arena *arena, const struct symmetry *symmetry, const double *a,
                           const double *b, struct matching *matching);

#endif
