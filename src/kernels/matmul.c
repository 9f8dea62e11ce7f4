/* Matrix products by oneDNN (float32) and OpenBLAS (float64). size: m, n, k, transpose_a, transpose_b; row-major. */
#include "kernels/kernels.h"

#include <stdbool.h>
#include <cblas.h>
#include <dnnl.h>

void kernel_matmul_float32(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t m = task->size[0], n = task->size[1], k = task->size[2];
    bool ta = task->size[3], tb = task->size[4];
    dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1, in[0], ta ? m : k, in[1], tb ? k : n, 0, out, n);
}

void kernel_matmul_float64(const struct kernel_task *task, void *out, const void *const *in)
{
    int m = (int)task->size[0], n = (int)task->size[1], k = (int)task->size[2];
    bool ta = task->size[3], tb = task->size[4];
    cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, 1, in[0],
                ta ? m : k, in[1], tb ? k : n, 0, out, n);
}
