/* Lanczos: extreme eigenvalues of a symmetric operator that is known by its products alone.
 *
 * Method.  Lanczos with full reorthogonalisation (twice is enough: Giraud et al., 2005),
 * recurrences in float64, a fresh start vector where the Krylov space is exhausted. Ends when the
 * residual of every wanted pair is below tolerance * max(|eigenvalue|, 1e-3 ||H||), or at
 * max_iterations, or when the whole space is spanned. Copies of a multiple eigenvalue are found
 * where the distinct ones are fewer than the iterations that convergence takes; otherwise it may be
 * reported once: extremes.h finds the others. Noisy products (float32) floor the tolerance: the
 * noise is measured by a repeated product at another scale, which rounds differently. Residuals are
 * measured at the end, in higher precision where the caller has it. One vector a step: products of
 * several share nothing but the half that does not depend on them, which is kept where memory
 * allows, and a block needs more of them; at the end several go at once. Source: Golub and Van
 * Loan, Matrix Computations, 4th edition, section 10.3. Ownership: `result` holds memory until
 * lanczos_free.
 */
#ifndef BASIN_MEASURE_LANCZOS_H
#define BASIN_MEASURE_LANCZOS_H

#include <stdbool.h>
#include <stddef.h>
#include "base/random.h"
#include "base/error.h"

/* y[j] = H x[j], j < count; both (count, size). Several at once may share work. */
typedef basin_status lanczos_product(void *context, const double *x, size_t count, double *y);

struct lanczos_request {
    lanczos_product *multiply;
    lanczos_product *exact; /* the same in higher precision, for residuals; NULL: multiply */
    void *context;
    size_t size;    /* n */
    size_t largest; /* k: how many from the top; at least 1, at most n */
    bool smallest;  /* the smallest one as well */
    double tolerance;
    size_t max_iterations;
    bool narrow_basis; /* keep the basis in float32: half the memory; for products in float32 */
    uint64_t seed;     /* of the start vectors: STREAM_START */
};

struct lanczos_result {
    size_t count; /* the k largest, descending, then the smallest if it was asked for (once where n
                       = k); fewer where max_iterations is less than that */
    double *values;    /* (count) */
    double *residuals; /* (count): ||H y - value y|| by one more product each, ||y|| = 1: an
                          eigenvalue lies within this distance, up to the errors of `exact` */
    double *vectors;   /* (count, n) */
    double lowest;     /* the smallest Ritz value, converged or not */
    size_t iterations;
    bool
        *confirmed; /* (count): the search ended by itself, or spans everything, or did not need to,
                        and the residual confirms it */
    bool converged; /* all of them, and as many as were asked for */
    double noise;   /* the largest error of a product that was seen, relative to ||H|| */
    double tolerance; /* in force: the one asked for, or 4 noise where that is larger */
};

basin_status lanczos_run(const struct lanczos_request *request, struct lanczos_result *result);

/* The tridiagonal matrix of the Krylov space of `start` (n), whose length does not matter: diagonal
 * alpha and off-diagonal beta (max_iterations, at most n). *count: how many steps it has, fewer
 * where the space is exhausted. */
basin_status lanczos_tridiagonal(const struct lanczos_request *request, const double *start,
                                 double *alpha, double *beta, size_t *count);
void lanczos_free(struct lanczos_result *result);

#endif
