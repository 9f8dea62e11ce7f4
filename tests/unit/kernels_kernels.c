/* What the generated comparison with the naive twins cannot see: extreme values, NaN, accuracy of
 * long sums, exact random words. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "kernels/kernels.h"

enum { LONG = 1 << 20 };

static float apply(kernel_function *kernel, float x)
{
    float a[21], y[21]; /* a whole vector of any ISA and a rest */
    for (int i = 0; i < 21; i++) a[i] = x;
    kernel(&(struct kernel_task){.size = {21}, .number = 2}, y, (const void *[]){a, a});
    for (int i = 1; i < 21; i++) cr_assert(!memcmp(&y[i], &y[0], sizeof y[0]), "lanes differ");
    return y[0];
}

Test(kernels, nan_is_kept)
{
    kernel_function *const kernels[] = {
        kernel_exp_float32,     kernel_log_float32,        kernel_tanh_float32,
        kernel_sigmoid_float32, kernel_erf_float32,        kernel_relu_float32,
        kernel_rsqrt_float32,   kernel_reciprocal_float32, kernel_step_float32,
        kernel_sign_float32,    kernel_scale_float32,      kernel_add_float32,
        kernel_multiply_float32};
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
        cr_assert(isnan(apply(kernels[i], NAN)), "kernel %zu", i);
}

Test(kernels, extreme_values)
{
    cr_assert_eq(apply(kernel_sigmoid_float32, -200), 0);
    cr_assert_eq(apply(kernel_sigmoid_float32, 200), 1);
    cr_assert_eq(apply(kernel_tanh_float32, -100), -1);
    cr_assert_eq(apply(kernel_tanh_float32, 100), 1);
    cr_assert_eq(apply(kernel_erf_float32, 50), 1);
    cr_assert_eq(apply(kernel_exp_float32, 200), INFINITY);
    cr_assert_eq(apply(kernel_exp_float32, -200), 0);
    cr_assert_eq(apply(kernel_relu_float32, 0), 0);
    cr_assert_eq(apply(kernel_step_float32, 0), 0);
    cr_assert_eq(apply(kernel_sign_float32, 0), 0);
    cr_assert_eq(apply(kernel_relu_float32, INFINITY), INFINITY);
    cr_assert_eq(apply(kernel_log_float32, 0), -INFINITY);
}

Test(kernels, rows_with_large_elements)
{
    double a[6] = {1000, 1000, -1000, -1e4, 0, -1e4}, y[6], l[2];
    struct kernel_task task = {.size = {2, 3}};
    kernel_softmax_float64(&task, y, (const void *[]){a});
    cr_assert_float_eq(y[0], 0.5, 1e-15);
    cr_assert_eq(y[2], 0);
    cr_assert_eq(y[4], 1);
    kernel_logsumexp_float64(&task, l, (const void *[]){a});
    cr_assert_float_eq(l[0], 1000 + log(2), 1e-12);
    cr_assert_eq(l[1], 0);
    a[4] = NAN;
    kernel_logsumexp_float64(&task, l, (const void *[]){a});
    cr_assert(!isnan(l[0]) && isnan(l[1]));
    kernel_max_float64(&task, l, (const void *[]){a});
    cr_assert(isnan(l[1]));
}

/* A million times 0.1f: naive float32 summation is off by 1e-2 of it, ours by the last rounding
 * only. */
Test(kernels, long_sums_are_accurate)
{
    float *a = malloc(LONG * sizeof *a), sum, columns[2];
    for (int i = 0; i < LONG; i++) a[i] = 0.1f;
    double wanted = (double)0.1f * LONG;
    kernel_sum_float32(&(struct kernel_task){.size = {1, LONG, 1}}, &sum, (const void *[]){a});
    cr_assert_eq(sum, (float)wanted);
    kernel_sum_float32(&(struct kernel_task){.size = {1, LONG / 2, 2}}, columns,
                       (const void *[]){a});
    cr_assert_eq(columns[1], (float)(wanted / 2));
    free(a);
}

Test(kernels, dropout_words_are_those_of_base_random)
{
    enum { N = 1000 };
    static float y[N];
    struct kernel_random key = {.seed = 0x123456789abcdef0u, .step = 77};
    struct random random = random_make(key.seed, STREAM_DROPOUT, 3, 77);
    kernel_dropout_mask_float32(&(struct kernel_task){.size = {N, 3}, .number = 0.5}, y,
                                (const void *[]){&key});
    for (int i = 0; i < N; i++)
        cr_assert_eq(y[i], random_word(&random, (uint64_t)i) < 1u << 31 ? 0 : 2, "element %d", i);
}

Test(kernels, dropout_draws_do_not_depend_on_the_batch)
{
    static double shorter[130], longer[999];
    struct kernel_random key = {.seed = 5, .step = 1};
    kernel_dropout_mask_float64(&(struct kernel_task){.size = {130, 0}, .number = 0.3}, shorter,
                                (const void *[]){&key});
    kernel_dropout_mask_float64(&(struct kernel_task){.size = {999, 0}, .number = 0.3}, longer,
                                (const void *[]){&key});
    cr_assert(!memcmp(shorter, longer, sizeof shorter));
}

Test(kernels, description_names_libraries)
{
    kernels_warm();
    cr_assert(strstr(kernels_describe(), "oneDNN") && strstr(kernels_describe(), "OpenBLAS") &&
              strstr(kernels_describe(), "SLEEF"));
    cr_assert(strstr(kernels_describe(), kernels_isa()));
}
