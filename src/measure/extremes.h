/* Extremes: the k largest eigenvalues with their multiplicities, and the smallest if it is asked
 * for.
 *
 * A Krylov space holds one copy of a multiple eigenvalue, and copies are common in Hessians (a
 * linear model with squared error has each as often as it has outputs). So after Lanczos the pairs
 * that were found are moved below the spectrum, H' = H - sum_i (lambda_i - mu) v_i v_i', and the
 * largest eigenvalue of H' is looked for: one above the k-th is a pair that was missing. Repeated
 * until there is none. Source: Wielandt's deflation; Saad, Numerical Methods for Large Eigenvalue
 * Problems, 2nd edition, section 4.2.
 */
#ifndef BASIN_MEASURE_EXTREMES_H
#define BASIN_MEASURE_EXTREMES_H

#include "measure/lanczos.h"

/* As lanczos_run; `iterations` counts those of all searches. */
basin_status extremes_find(const struct lanczos_request *request, struct lanczos_result *result);

#endif
