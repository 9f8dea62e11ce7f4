/* Lanczos: extreme eigenvalues of a symmetric operator that is known by its products alone.
 *
 * Method.  Lanczos with full reorthogonalisation (twice is enough: Giraud et al., 2005),
 * recurrences in float64, a fresh start vector where the Krylov space is exhausted. Ends when the
 * residual of every wanted pair is below tolerance * max(|eigenvalue|, 1e-3 ||H||), or at
 * max_iterations, or when the whole space is spanned. Copies of a multiple eigenvalue are found
 * where the distinct ones are fewer than the iterations that convergence takes; otherwise it may be
 * reported once: extremes.h finds the others. Noisy products (float32) floor the tolerance: the
 * noise is measured by a repeated product at another scale, which rounds differently. Source: Golub
 * and Van Loan, Matrix Computations, 4th edition, section 10.3. Ownership: `result` holds memory
 * until lanczos_free.
 */
#ifndef BASIN_MEASURE_LANCZOS_H
#define BASIN_MEASURE_LANCZOS_H

#include <stdbool.h>
#include <stddef.h>
#include "base/random.h"
#include "base/error.h"

struct lanczos_request {
    basin_status (*multiply)(void *context, const double *x, double *y); /* y = H x, (size) each */
    void *context;
    size_t size;    /* n */
    size_t largest; /* k: how many from the top; at most n */
    double tolerance;
    size_t max_iterations;
    bool narrow_basis; /* keep the basis in float32: half the memory; for products in float32 */
    uint64_t seed;     /* of the start vectors: STREAM_START */
};

struct lanczos_result {
    size_t count;   /* k + 1: the k largest, descending, then the smallest (k alone where n = k) */
    double *values; /* (count) */
    double *residuals; /* (count): ||H y - value y|| by one more product each, ||y|| = 1 */
    double *vectors;   /* (count, n) */
    size_t iterations;
    bool converged;
    double noise;     /* relative difference of a repeated product */
    double tolerance; /* in force: the one asked for, or 4 noise where that is larger */
};

basin_status lanczos_run(const struct lanczos_request *request, struct lanczos_result *result);
void lanczos_free(struct lanczos_result *result);

#endif
