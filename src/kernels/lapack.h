/* Dense linear algebra of small matrices in float64 (LAPACK), row-major.
 *
 * Ownership.  Inputs are not changed; work arrays come from memory_allocate and are freed before
 * returning.
 *
 * Errors.  BASIN_MEMORY; BASIN_NUMERIC where LAPACK's iteration does not converge or an input is
 * not finite.
 *
 * Threads.  Each call uses one thread; many threads may call at once.
 */
#ifndef BASIN_KERNELS_LAPACK_H
#define BASIN_KERNELS_LAPACK_H

#include "base/error.h"

/* Eigenvalues (ascending) of the symmetric n x n matrix a; unless `vectors` is NULL, its row i
 * becomes the i-th eigenvector. */
basin_status lapack_symmetric_eigen(int n, const double *a, double *values, double *vectors);

/* The same for the tridiagonal matrix with `diagonal` (n) and `off_diagonal` (n - 1). */
basin_status lapack_tridiagonal_eigen(int n, const double *diagonal, const double *off_diagonal,
                                      double *values, double *vectors);

/* The x (n) of least norm among those that minimise |a x - b|, a (m, n), b (m): x =
 * pseudo-inverse(a) b. Singular values below 1e-13 times the largest count as zero. */
basin_status lapack_least_squares(int m, int n, const double *a, const double *b, double *x);

#endif
