/* c = op(a) op(b) + beta c with leading dimensions, row-major: for kernels that multiply parts of
 * arrays. */
#ifndef BASIN_KERNELS_PRODUCT_H
#define BASIN_KERNELS_PRODUCT_H

#include <cblas.h>
#include <dnnl.h>
#include <stdbool.h>
#include <stdint.h>
#include "kernels/kernels.h"

static inline void product_float32(bool ta, bool tb, int64_t m, int64_t n, int64_t k,
                                   const float *a, int64_t lda, const float *b, int64_t ldb,
                                   int beta, float *c, int64_t ldc)
{
    if (dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1, a, lda, b, ldb, (float)beta, c,
                   ldc) != dnnl_success)
        kernels_short_of_memory();
}

static inline void product_float64(bool ta, bool tb, int64_t m, int64_t n, int64_t k,
                                   const double *a, int64_t lda, const double *b, int64_t ldb,
                                   int beta, double *c, int64_t ldc)
{
    if (kernels_enter_blas() != BASIN_OK) {
        kernels_short_of_memory();
        return;
    }
    cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans,
                (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}

#endif
