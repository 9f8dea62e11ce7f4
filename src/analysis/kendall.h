/* Kendall's rank correlation. */
#ifndef BASIN_ANALYSIS_KENDALL_H
#define BASIN_ANALYSIS_KENDALL_H

#include "base/arena.h"

/* tau-b of pairs of finite numbers: (concordant - discordant) / sqrt((pairs - ties in a) (pairs -
 * ties in b)) (Kendall 1945); NaN where a or b is constant, or there are fewer than two. By sorting
 * and counting inversions (Knight 1966), n log n. `scratch`: 3 n doubles. */
double kendall_tau(const double *a, const double *b, size_t n, double *scratch);

#endif
