/* Products at every transposition, sizes around the blocks of the kernels, unaligned, between guard
 * elements. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "kernels/kernels.h"

enum { MOST = 300 * 300 + 16 };

static float a32[MOST], b32[MOST], c32[MOST];
static double a64[MOST], b64[MOST], c64[MOST], wanted[MOST];

static void fill(void)
{
    struct random random = random_make(1, STREAM_DATA, 0, 0);
    random_fill_uniform(&random, -1, 1, a64, MOST);
    random.minor = 1;
    random_fill_uniform(&random, -1, 1, b64, MOST);
    for (int i = 0; i < MOST; i++) a64[i] = a32[i] = (float)a64[i], b64[i] = b32[i] = (float)b64[i];
}

static void check(int64_t m, int64_t n, int64_t k, int ta, int tb)
{
    enum { GUARD = 3 };
    struct kernel_task task = {.size = {m, n, k, ta, tb}};
    for (int64_t i = 0; i < m * n + 2 * GUARD; i++) c32[i] = 77, c64[i] = 77;
    kernel_matmul_naive(&task, wanted, (const void *[]){a64 + 1, b64 + 2});
    kernel_matmul_float32(&task, c32 + GUARD, (const void *[]){a32 + 1, b32 + 2});
    kernel_matmul_float64(&task, c64 + GUARD, (const void *[]){a64 + 1, b64 + 2});
    for (int64_t i = 0; i < m * n; i++) {
        cr_assert_float_eq(c32[GUARD + i], wanted[i], 2e-6 * sqrt((double)k) + 1e-6,
                           "%d %d %d %d%d", (int)m, (int)n, (int)k, ta, tb);
        cr_assert_float_eq(c64[GUARD + i], wanted[i], 1e-14 * (double)k + 1e-15, "%d %d %d %d%d",
                           (int)m, (int)n, (int)k, ta, tb);
    }
    for (int i = 0; i < GUARD; i++) {
        cr_assert_eq(c32[i], 77);
        cr_assert_eq(c32[GUARD + m * n + i], 77);
        cr_assert_eq(c64[i], 77);
        cr_assert_eq(c64[GUARD + m * n + i], 77);
    }
}

Test(kernels_matmul, against_naive, .timeout = 60)
{
    static const int64_t sizes[] = {1, 2, 7, 8, 10, 15, 16, 17, 31, 64, 100};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    fill();
    for (int i = 0; i < SIZES; i++)
        for (int j = 0; j < SIZES; j++)
            for (int l = 0; l < SIZES; l++)
                for (int flags = 0; flags < 4; flags++)
                    check(sizes[i], sizes[j], sizes[l], flags & 1, flags >> 1);
    for (int flags = 0; flags < 4; flags++) {
        check(300, 10, 300, flags & 1, flags >> 1);
        check(10, 300, 300, flags & 1, flags >> 1);
        check(300, 300, 10, flags & 1, flags >> 1);
        check(256, 13, 257, flags & 1, flags >> 1);
    }
}

Test(kernels_matmul, same_bits_at_any_alignment)
{
    fill();
    static float moved[MOST], again[MOST];
    for (int flags = 0; flags < 4; flags++)
        for (int64_t n = 10; n <= 64; n += 54) {
            struct kernel_task task = {.size = {33, n, 70, flags & 1, flags >> 1}};
            kernel_matmul_float32(&task, c32, (const void *[]){a32, b32});
            for (int i = 0; i < MOST - 5; i++) moved[i + 5] = b32[i];
            kernel_matmul_float32(&task, again + 1, (const void *[]){a32, moved + 5});
            for (int64_t i = 0; i < 33 * n; i++) cr_assert_eq(c32[i], again[1 + i]);
        }
}

/* ---- sizes whose rows crowd a few sets of the cache: through scratch memory where the kernel
 * wants it ---- */

enum { LARGE = 1024 * 300 };

static double large[3][LARGE];
static float narrow[3][LARGE];

static void fill_large(void)
{
    for (uint32_t which = 0; which < 2; which++) {
        struct random random = random_make(2, STREAM_DATA, which, 0);
        random_fill_uniform(&random, -1, 1, large[which], LARGE);
        for (int i = 0; i < LARGE; i++) narrow[which][i] = (float)large[which][i];
    }
}

/* Row by row, with the middle sum outside: reads both factors in order. */
static void plain(int64_t m, int64_t n, int64_t k, int ta, int tb, double *c)
{
    memset(c, 0, (size_t)(m * n) * sizeof *c);
    for (int64_t i = 0; i < m; i++)
        for (int64_t l = 0; l < k; l++) {
            double a = (double)narrow[0][ta ? l * m + i : i * k + l];
            for (int64_t j = 0; j < n; j++)
                c[i * n + j] += a * (double)narrow[1][tb ? j * k + l : l * n + j];
        }
}

/* Prepared as a program does it: scratch memory of just the size that the task asks for, full of
 * NaN. */
static void check_prepared(int64_t m, int64_t n, int64_t k, int flags)
{
    struct kernel_task task = {.size = {m, n, k, flags & 1, flags >> 1}};
    cr_assert_eq(kernel_matmul_prepare_float32(&task), BASIN_OK);
    void *scratch = task.scratch ? aligned_alloc(64, (task.scratch + 63) / 64 * 64) : NULL;
    if (scratch) memset(scratch, 0xff, task.scratch);
    for (int64_t i = 0; i <= m * n; i++) narrow[2][i] = 77;
    kernel_matmul_float32(&task, narrow[2], (const void *[]){narrow[0], narrow[1], scratch});
    free(scratch);
    plain(m, n, k, flags & 1, flags >> 1, large[2]);
    for (int64_t i = 0; i < m * n; i++)
        cr_assert_float_eq(narrow[2][i], large[2][i], 2e-6 * sqrt((double)k) + 1e-6,
                           "%d %d %d %d, element %d: %g, not %g", (int)m, (int)n, (int)k, flags,
                           (int)i, (double)narrow[2][i], large[2][i]);
    cr_assert_eq(narrow[2][m * n], 77);
}

Test(kernels_matmul, crowded_rows, .timeout = 60)
{
    static const int64_t crowded[] = {512, 1024}, others[] = {1, 15, 16, 33},
                         sums[] = {1, 37, 255, 256, 257};
    fill_large();
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 4; j++)
            for (int l = 0; l < 5; l++)
                for (int flags = 0; flags < 4; flags++) {
                    check_prepared(crowded[i], others[j], sums[l], flags);
                    check_prepared(others[j], crowded[i], sums[l], flags);
                }
    for (int flags = 0; flags < 4; flags++) {
        check_prepared(512, 512, 257, flags); /* both factors at once */
        check_prepared(512, 64, 512, flags);  /* two whole blocks of the sum */
        check_prepared(20, 512, 514, flags);
    }
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/* A row of scratch memory for each factor that the kernel walks across, and 16 elements more. */
Test(kernels_matmul, scratch_memory_only_where_rows_crowd)
{
    static const struct {
        int64_t size[5];
        size_t floats;
    } cases[] = {{{100, 512, 300, 0, 0}, 256 * 528}, {{100, 512, 20, 0, 0}, 20 * 528},
                 {{100, 512, 300, 0, 1}, 0},         {{512, 100, 300, 1, 0}, 256 * 528},
                 {{512, 100, 300, 0, 0}, 0},         {{15, 512, 300, 0, 0}, 0},
                 {{100, 520, 300, 0, 0}, 0},         {{512, 1024, 256, 1, 0}, 256 * (528 + 1040)}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct kernel_task task = {0};
        memcpy(task.size, cases[i].size, sizeof cases[i].size);
        cr_assert_eq(kernel_matmul_prepare_float32(&task), BASIN_OK);
        cr_assert_eq(task.scratch, cases[i].floats * sizeof(float), "case %zu: %zu", i,
                     task.scratch);
    }
}
#endif
