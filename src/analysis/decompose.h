/* Decompose: the error of one prediction, as bias and variance over the networks that make it.
 *
 * Purpose.  Networks i = 1 ... m, trained on different training sets, predict the same example,
 * whose target is y. Averages <.> are over i; each loss has a centre of its own.
 *
 * Squared error (of probabilities or outputs f_i), centre f = <f_i>:
 *     <||f_i - y||^2>  =  (||f - y||^2 - V/m)  +  V,      V = 1/(m-1) sum ||f_i - f||^2
 *     risk                bias                   variance
 *     both unbiased for training sets drawn at random (the plain ||f - y||^2 counts V/m as bias);
 *     so an estimate of a small bias may be negative.
 * Cross-entropy, centre q = the normalised geometric mean of p_i, q_k = exp(<log p_ik>) / Z:
 *     <-sum y_k log p_ik>  =  -sum y_k log q_k  +  <KL(q || p_i)>,   <KL(q || p_i)> = -log Z
 *     (Heskes 1998; Yang et al. 2020)
 * 0-1 loss, centre c* = the class that most networks choose (the first one in a tie), c the right
 * one, c_i what network i chooses:
 *     bias B = [c* != c];  variance V = share of c_i != c*
 *     share of c_i != c    =  B + N,   N = V where B = 0;  N = -share of c_i = c where B = 1
 *     (Domingos 2000: net variance: where the main prediction is wrong, variance helps)
 *
 * All three sums are exact, but for rounding. Noise in y is part of the bias.
 * Errors: none. Probabilities are given by their logarithms, so that one of 0 is no obstacle.
 */
#ifndef BASIN_ANALYSIS_DECOMPOSE_H
#define BASIN_ANALYSIS_DECOMPOSE_H

#include <stddef.h>
#include <stdint.h>

enum decompose_term {
    SQUARED_RISK,
    SQUARED_BIAS,
    SQUARED_VARIANCE,
    ENTROPY_RISK,
    ENTROPY_BIAS,
    ENTROPY_VARIANCE,
    WRONG_RISK,
    WRONG_BIAS,
    WRONG_VARIANCE,
    WRONG_NET, /* V where B = 0, less the next */
    WRONG_UNBIASED,
    WRONG_BIASED,
    DECOMPOSE_TERMS
};

/* Adds the squared terms of one prediction to `terms`. f (count, width), rows `stride` apart;
 * count > 1. */
void decompose_squared(const double *f, size_t count, size_t stride, size_t width, const double *y,
                       double *terms);
/* Those of the cross-entropy. log_p (count, width). */
void decompose_entropy(const double *log_p, size_t count, size_t stride, size_t width,
                       const double *y, double *terms);
/* Those of the 0-1 loss. choices (count); votes (width): scratch. */
void decompose_wrong(const int32_t *choices, size_t count, size_t width, size_t class,
                     size_t *votes, double *terms);

#endif
