/* Quadrature: the spectrum of a symmetric matrix that is known by its products alone, by stochastic
 * Lanczos quadrature.
 *
 * Method.  From a random unit vector v, m Lanczos steps give a tridiagonal matrix. Its eigenvalues
 * are the nodes, and the squared first components of its eigenvectors the weights, of the Gauss
 * quadrature of the measure sum_i (v'u_i)^2 delta(lambda_i), u_i the eigenvectors of the matrix:
 * polynomials up to degree 2 m - 1 are integrated exactly. For v uniform on the sphere the mean of
 * that measure is the spectral density, each eigenvalue with weight 1 / n. Where the Krylov space
 * is exhausted (a matrix of few distinct eigenvalues) there are fewer nodes, and the quadrature is
 * exact; copies of an eigenvalue share a node, which has the weight of all of them. Source: Lin,
 * Saad and Yang, SIAM Review 2016; Ghorbani, Krishnan and Xiao, arXiv:1901.10159. Random numbers:
 * normal (seed, STREAM_PROBE, k, 1) of probe k, scaled to length 1.
 * Ownership.  The caller's arrays are filled.
 */
#ifndef BASIN_MEASURE_QUADRATURE_H
#define BASIN_MEASURE_QUADRATURE_H

#include "measure/lanczos.h"

struct quadrature {
    size_t probes, steps; /* steps: at most the size of the matrix */
    double *nodes,
        *weights;     /* (probes, steps): ascending; the weights of a probe add up to 1. After
                                the last node of an exhausted space it is repeated, with weight 0 */
    size_t exhausted; /* probes that have fewer nodes than steps, or span everything */
};

/* Of the request: multiply, context, size, narrow_basis, seed. BASIN_NUMERIC where a product is not
 * finite. */
basin_status quadrature_run(const struct lanczos_request *request, struct quadrature *quadrature);

/* The density at t, smoothed by a normal kernel, by the nodes of one probe. */
double quadrature_density(const struct quadrature *quadrature, size_t probe, double width,
                          double t);

#endif
