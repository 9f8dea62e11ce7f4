/* Multiple eigenvalues among the k largest: all copies, at every start. */
#include <criterion/criterion.h>
#include <math.h>
#include "measure/extremes.h"

enum { N = 200 };
#ifdef __SANITIZE_ADDRESS__
enum { SEEDS = 2 }; /* the optimised build takes all starts */
#else
enum { SEEDS = 10 };
#endif

/* Ten times 7, ten times 5, and a bulk of distinct values in (-1, 1). */
static double entry(size_t i)
{
    return i < 10 ? 7 : i < 20 ? 5 : cos((double)i);
}

static basin_status multiply(void *context, const double *x, size_t count, double *y)
{
    (void)context;
    for (size_t i = 0; i < count * N; i++) y[i] = entry(i % N) * x[i];
    return BASIN_OK;
}

/* The k largest, and the smallest where it is asked for, in order and with all copies. */
static void expect_extremes(uint64_t seed, size_t k, bool smallest)
{
    struct lanczos_request request = {.multiply = multiply,
                                      .size = N,
                                      .largest = k,
                                      .smallest = smallest,
                                      .tolerance = 1e-9,
                                      .max_iterations = N,
                                      .seed = seed};
    struct lanczos_result found;
    cr_assert_eq(extremes_find(&request, &found), BASIN_OK);
    cr_assert(found.converged);
    cr_assert_eq(found.count, k + smallest);
    for (size_t i = 0; i < k && i < 20; i++)
        cr_assert_float_eq(found.values[i], entry(i), 1e-8, "seed %d k %zu value %zu: %g",
                           (int)seed, k, i, found.values[i]);
    for (size_t i = 20; i < k; i++) cr_assert_lt(found.values[i], 1);
    for (size_t i = 0; i < found.count; i++) cr_assert(found.confirmed[i]);
    if (smallest) cr_assert_lt(found.values[k], -0.999);
    lanczos_free(&found);
}

Test(extremes, every_copy_of_a_multiple_eigenvalue_is_found)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        for (size_t k = 1; k <= 22; k += 3) {
            expect_extremes(seed, k, true);
            expect_extremes(seed, k, false);
        }
}
