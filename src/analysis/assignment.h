/* Assignment: which permutation has the largest sum.
 *
 * Purpose.  Of all permutations `to` of 0 ... n - 1, one that maximises sum_k gain[k][to[k]]: the
 * linear assignment problem, solved exactly in O(n^3) by shortest augmenting paths (Jonker and
 * Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
 * problems", Computing 1987).
 * Promise.  Deterministic. Where keeping every k in its place is one of the best, it is the answer.
 * Errors.  BASIN_MEMORY; BASIN_NUMERIC where a gain is not finite.
 */
#ifndef BASIN_ANALYSIS_ASSIGNMENT_H
#define BASIN_ANALYSIS_ASSIGNMENT_H

#include <stddef.h>
#include "base/error.h"

/* gain (n, n), to (n). */
basin_status assignment_solve(size_t n, const double *gain, size_t *to);

#endif
