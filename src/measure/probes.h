/* Probes: sums over the diagonal of a matrix that is known by its products alone, estimated by
 * random vectors or exact; in total and for parts of the vector.
 *
 * Method.  For random signs v, E v_p'(M v)_p is the trace of M's block of part p, and E ||(M
 * v)_p||^2 the sum of squares of the rows of M that belong to p (Hutchinson 1990; the variance of
 * the first, in total, is 2 (||M||_F^2 - sum m_ii^2)). The exact method takes all unit vectors.
 * Hutch++ (Meyer, Musco, Musco and Woodruff 2021) spends a third of its products on a sketch M S,
 * whose range Q it treats exactly, a third on Q, and a third on probes h = (1 - Q Q') g beside it:
 * trace = sum_j q_j'M q_j + mean h'M h; with both factors cut at part p this is unbiased for the
 * block of p too, for E h h' = 1 - Q Q'. The error is that of the mean over the probes, given Q.
 * Source: arXiv:2010.09649, algorithm 1. Random numbers: signs of (seed, STREAM_PROBE, k), k the
 * ordinal of the probe; of Hutch++ the sketch has the first of them.
 * Ownership.  The caller's arrays are filled.
 */
#ifndef BASIN_MEASURE_PROBES_H
#define BASIN_MEASURE_PROBES_H

#include <stdbool.h>
#include "measure/lanczos.h"

enum { PROBES_TOGETHER = 8 }; /* vectors that share one pass over the batches */

enum probes_method { PROBES_HUTCHINSON, PROBES_EXACT, PROBES_HUTCHPP };

struct probes_request {
    lanczos_product *multiply;
    void *context;
    size_t size;           /* n */
    size_t parts;          /* at least 1; part p is offsets[p] ... offsets[p + 1] - 1 */
    const size_t *offsets; /* (parts + 1), from 0 to n */
    enum probes_method method;
    bool squares; /* ||(M v)_p||^2 instead of v_p'(M v)_p; not with PROBES_HUTCHPP */
    size_t count; /* products; of PROBES_EXACT it is n whatever stands here */
    uint64_t seed;
};

/* values, errors (parts + 1): of each part, then in total; the standard errors of the exact method
 * are 0. BASIN_MEMORY, and what
 * `multiply` raises. */
basin_status probes_run(const struct probes_request *request, double *values, double *errors);

/* Vectors (n) of float64 that it holds. */
size_t probes_vectors(enum probes_method method, size_t count);
/* Columns of the sketch of Hutch++: it takes as many products twice, and the others as probes. */
size_t probes_sketch(size_t count);

#endif
