/* Products at every transposition, sizes around the blocks of the kernels, unaligned, between guard elements. */
#include <criterion/criterion.h>
#include <math.h>
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
        cr_assert_float_eq(c32[GUARD + i], wanted[i], 2e-6 * sqrt((double)k) + 1e-6, "%d %d %d %d%d", (int)m, (int)n,
                           (int)k, ta, tb);
        cr_assert_float_eq(c64[GUARD + i], wanted[i], 1e-14 * (double)k + 1e-15, "%d %d %d %d%d", (int)m, (int)n,
                           (int)k, ta, tb);
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
                for (int flags = 0; flags < 4; flags++) check(sizes[i], sizes[j], sizes[l], flags & 1, flags >> 1);
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
