/* Matrix products by oneDNN (float32) and OpenBLAS (float64). size: m, n, k, transpose_a,
 * transpose_b; row-major. */
#include "kernels/kernels.h"

#include <stdbool.h>
#include <string.h>
#include "kernels/product.h"
#include "kernels/vector.h"

/* Where the rows of a factor that oneDNN walks across are a multiple of 2 KiB apart, its AVX2
 * products lose a third of their speed: all these rows map to the same few sets of the cache. Such
 * a factor is first copied to scratch memory with longer rows, one block of the sum at a time (as
 * much as fits the second-level cache). */
enum { SPACING = 512, SPACER = 16, BLOCK = 256, WORTH = 16 };

static bool crowds(int64_t columns, int64_t readers)
{
#if defined(__AVX2__) && !defined(__AVX512F__)
    return columns % SPACING == 0 && readers >= WORTH;
#else
    return (void)columns, (void)readers, false;
#endif
}

struct spread {
    bool a, b;
};

static struct spread spread_of(const struct kernel_task *task)
{
    return (struct spread){.a = task->size[3] && crowds(task->size[0], task->size[1]),
                           .b = !task->size[4] && crowds(task->size[1], task->size[0])};
}

basin_status kernel_matmul_prepare_float32(struct kernel_task *task)
{
    struct spread spread = spread_of(task);
    int64_t rows = task->size[2] < BLOCK ? task->size[2] : BLOCK;
    int64_t columns =
        (spread.a ? task->size[0] + SPACER : 0) + (spread.b ? task->size[1] + SPACER : 0);
    task->scratch = (size_t)(rows * columns) * sizeof(float);
    return BASIN_OK;
}

/* A block of the sum of op(factor): where it begins, and in *distance the distance of its rows;
 * copied where spreading is worth it. */
static const float *matmul_block_of(const float *factor, int64_t columns, int64_t first,
                                    int64_t rows, bool spread, float *to, int64_t *distance)
{
    factor += first * columns;
    *distance = columns;
    if (!spread) return factor;
    *distance = columns + SPACER;
    for (int64_t i = 0; i < rows; i++)
        memcpy(to + i * *distance, factor + i * columns, (size_t)columns * sizeof *to);
    return to;
}

static void multiply_spread(const struct kernel_task *task, const float *a, const float *b,
                            float *c, float *scratch)
{
    int64_t m = task->size[0], n = task->size[1], k = task->size[2];
    bool ta = task->size[3], tb = task->size[4];
    struct spread spread = spread_of(task);
    for (int64_t first = 0; first < k; first += BLOCK) {
        int64_t rows = k - first < BLOCK ? k - first : BLOCK, lda = k, ldb = k;
        float *second = scratch + (spread.a ? rows * (m + SPACER) : 0);
        const float *left =
            ta ? matmul_block_of(a, m, first, rows, spread.a, scratch, &lda) : a + first;
        const float *right =
            tb ? b + first : matmul_block_of(b, n, first, rows, spread.b, second, &ldb);
        product_float32(ta, tb, m, n, rows, left, lda, right, ldb, first > 0, c, n);
    }
}

void kernel_matmul_float32(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t m = task->size[0], n = task->size[1], k = task->size[2];
    bool ta = task->size[3], tb = task->size[4];
    if (task->scratch)
        multiply_spread(task, in[0], in[1], out, (void *)(uintptr_t)in[2]);
    else
        product_float32(ta, tb, m, n, k, in[0], ta ? m : k, in[1], tb ? k : n, 0, out, n);
}

void kernel_matmul_float64(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t m = task->size[0], n = task->size[1], k = task->size[2];
    bool ta = task->size[3], tb = task->size[4];
    product_float64(ta, tb, m, n, k, in[0], ta ? m : k, in[1], tb ? k : n, 0, out, n);
}
