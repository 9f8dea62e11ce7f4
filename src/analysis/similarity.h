/* Similarity: linear CKA of two representations of the same examples.
 *
 * Purpose.  X (n, d) and Y (n, e) are what two networks give for the same n examples; K = X X' and
 * L = Y Y' their Gram matrices. With H the centring matrix,
 *
 *     HSIC(K, L) = tr(K H L H),   CKA = HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L))
 *
 * (Kornblith et al., ICML 2019): 1 where Y is X but for rotation, scale and shift. Representations
 * that have nothing in common still get a CKA above 0, the more so the more columns there are for
 * n; with the unbiased estimate of HSIC (Song et al., JMLR 2012; Nguyen et al., ICLR 2021),
 *
 *     HSIC1(K, L) = (tr(K~ L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1) / (n (n-3)),
 *     K~ = K with zeros on its diagonal,
 *
 * they get 0 on average (negative values are kept). All in float64.
 * Ownership: the caller's arrays. Errors: none; NaN where a representation is constant.
 */
#ifndef BASIN_ANALYSIS_SIMILARITY_H
#define BASIN_ANALYSIS_SIMILARITY_H

#include <stddef.h>

enum { SIMILARITY_LEAST = 4 }; /* examples, for the unbiased estimate */

/* gram (n, n) = X X' of the columns' deviations from their means, which take the place of x
 * (n, width). */
void similarity_gram(size_t n, size_t width, double *x, double *gram);

struct similarity {
    double plain, debiased;
};
/* k, l (n, n): by similarity_gram. own: of each with itself. */
struct similarity similarity_hsic(size_t n, const double *k, const double *l);
struct similarity similarity_cka(const struct similarity *both, const struct similarity *k,
                                 const struct similarity *l);

#endif
