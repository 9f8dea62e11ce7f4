/* measure/lanczos.c: spectra that are known, however degenerate, clustered or noisy. */
#include "../support.h"
#include "kernels/lapack.h"
#include "measure/lanczos.h"

enum { N = 500 };

/* diag(d), or a dense matrix, with relative noise of float32 size where asked for. */
struct matrix {
    size_t n;
    const double *diagonal, *dense;
    bool noisy;
    long fail_at; /* the product that fails; 0: none */
    long products;
};

static basin_status multiply(void *context, const double *x, size_t count, double *y)
{
    struct matrix *matrix = context;
    if (count > 1) {
        for (size_t i = 0; i < count; i++)
            TRY(multiply(context, x + i * matrix->n, 1, y + i * matrix->n));
        return BASIN_OK;
    }
    if (++matrix->products == matrix->fail_at) return error_raise(BASIN_INTERRUPTED, "interrupted");
    for (size_t i = 0; i < matrix->n; i++) {
        double sum = matrix->diagonal ? matrix->diagonal[i] * x[i] : 0;
        for (size_t j = 0; matrix->dense && j < matrix->n; j++)
            sum += matrix->dense[i * matrix->n + j] * x[j];
        y[i] = matrix->noisy ? (double)(float)sum : sum;
    }
    return BASIN_OK;
}

static struct lanczos_result find(struct matrix *matrix, size_t largest, double tolerance,
                                  size_t most)
{
    struct lanczos_request request = {.multiply = multiply,
                                      .context = matrix,
                                      .size = matrix->n,
                                      .largest = largest,
                                      .smallest = true,
                                      .tolerance = tolerance,
                                      .max_iterations = most,
                                      .seed = 1};
    struct lanczos_result result;
    OK(lanczos_run(&request, &result));
    return result;
}

static void expect(const double *diagonal, size_t n, size_t largest, const double *expected,
                   size_t count)
{
    struct lanczos_result result =
        find(&(struct matrix){.n = n, .diagonal = diagonal}, largest, 1e-10, 1000);
    cr_assert(result.converged);
    cr_assert_eq(result.count, count);
    for (size_t i = 0; i < count; i++) {
        NEAR(result.values[i], expected[i], 1e-12);
        cr_assert_lt(result.residuals[i], 1e-10);
    }
    lanczos_free(&result);
}

Test(lanczos, top_and_bottom_are_reported_apart)
{
    expect((double[]){5, -7, 1}, 3, 1, (double[]){5, -7}, 2);
    expect((double[]){5, -7, 1}, 3, 2, (double[]){5, 1, -7}, 3);
    expect((double[]){5, -7, 1}, 3, 3, (double[]){5, 1, -7}, 3);
    expect((double[]){-3}, 1, 1, (double[]){-3}, 1);
    expect((double[]){-1, -2, -3, -4}, 4, 1, (double[]){-1, -4}, 2);
    expect((double[]){0, 0, 0}, 3, 1, (double[]){0, 0}, 2);
}

Test(lanczos, degenerate_spectra)
{
    expect((double[]){5, 5, 5, -7, 1}, 5, 4, (double[]){5, 5, 5, 1, -7}, 5);
    expect((double[]){2, 2, 2, 2}, 4, 2, (double[]){2, 2, 2}, 3);
    double many[60];
    for (int i = 0; i < 60; i++) many[i] = i < 3 ? 5 : i == 30 ? -7 : 1;
    expect(many, 60, 4, (double[]){5, 5, 5, 1, -7}, 5);
    double copies[100]; /* ten values, ten times each */
    for (int i = 0; i < 100; i++) copies[i] = pow(1.3, i % 10);
    expect(copies, 100, 3, (double[]){pow(1.3, 9), pow(1.3, 9), pow(1.3, 9), 1}, 4);
    double rank_one[100] = {[40] = 9};
    expect(rank_one, 100, 2, (double[]){9, 0, 0}, 3);
}

/* MEASURES, R6: ten spikes -1 ... 50 over a bulk of a random symmetric matrix of norm about 0.4. */
static double *spiked(double *top)
{
    double *a = memory_allocate(N * N * sizeof *a), *values = memory_allocate(N * sizeof *values);
    static const double spikes[10] = {50, 40, 30, 20, 15, 10, 8, 6, 4, -1};
    for (size_t i = 0; i < N; i++) {
        struct random random = random_make(6, STREAM_DATA, (uint32_t)i, 0);
        for (size_t j = 0; j <= i; j++)
            a[i * N + j] = a[j * N + i] = 0.1 / sqrt(N) * random_normal(&random, j);
    }
    double vectors[10][N];
    for (int k = 0; k < 10; k++) {
        struct random random = random_make(6, STREAM_DATA, 1000 + (uint32_t)k, 0);
        random_fill_normal(&random, 1, vectors[k], N);
        for (int before = 0; before <= k;
             before++) { /* Gram-Schmidt, the last one scales to length 1 */
            double dot = 0;
            for (size_t i = 0; i < N; i++) dot += vectors[before][i] * vectors[k][i];
            for (size_t i = 0; i < N; i++)
                vectors[k][i] = before < k ? vectors[k][i] - dot * vectors[before][i]
                                           : vectors[k][i] / sqrt(dot);
        }
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                a[i * N + j] += spikes[k] * vectors[k][i] * vectors[k][j];
    }
    OK(lapack_symmetric_eigen(N, a, values, NULL));
    for (int i = 0; i < 5; i++) top[i] = values[N - 1 - i];
    top[5] = values[0];
    memory_free(values);
    return a;
}

Test(lanczos, spikes_over_a_bulk)
{
    double expected[6], *a = spiked(expected);
    struct lanczos_result result = find(&(struct matrix){.n = N, .dense = a}, 5, 1e-10, 300);
    cr_assert(result.converged);
    cr_assert_lt(result.iterations, 100);
    cr_assert_eq(result.noise < 1e-13, true);
    for (int i = 0; i < 6; i++) {
        NEAR(result.values[i], expected[i], 1e-8);
        double square = 0, *v = result.vectors + i * N;
        for (int j = 0; j < N; j++) square += v[j] * v[j];
        NEAR(square, 1, 1e-12);
    }
    lanczos_free(&result);
    memory_free(a);
}

/* Products rounded to float32: the tolerance is floored by their noise, and the search ends. */
Test(lanczos, noise_floors_the_tolerance)
{
    double expected[6], *a = spiked(expected);
    struct matrix noisy = {.n = N, .dense = a, .noisy = true};
    struct lanczos_request request = {.multiply = multiply,
                                      .context = &noisy,
                                      .size = N,
                                      .largest = 5,
                                      .smallest = true,
                                      .tolerance = 1e-300,
                                      .max_iterations = N,
                                      .narrow_basis = true,
                                      .seed = 1};
    struct lanczos_result result;
    OK(lanczos_run(&request, &result));
    cr_assert(result.converged);
    cr_assert_lt(result.iterations, 150);
    cr_assert(result.noise > 1e-9 && result.noise < 1e-6, "noise %g", result.noise);
    cr_assert_geq(result.tolerance, result.noise);
    for (int i = 0; i < 6; i++) NEAR(result.values[i], expected[i], 1e-5);
    lanczos_free(&result);
    memory_free(a);
}

Test(lanczos, too_few_iterations_are_said_to_be_too_few)
{
    double diagonal[N];
    for (int i = 0; i < N; i++) diagonal[i] = 1 + i * 1e-3;
    struct lanczos_result result =
        find(&(struct matrix){.n = N, .diagonal = diagonal}, 3, 1e-12, 12);
    cr_assert_not(result.converged);
    cr_assert_eq(result.iterations, 12);
    for (size_t i = 0; i < result.count; i++) {
        cr_assert(result.values[i] > 1 && result.values[i] < 1 + N * 1e-3,
                  "Ritz values lie inside the spectrum");
        double nearest = INFINITY;
        for (int j = 0; j < N; j++) nearest = fmin(nearest, fabs(diagonal[j] - result.values[i]));
        cr_assert_leq(nearest, result.residuals[i] + 1e-12,
                      "an eigenvalue lies within the residual");
    }
    lanczos_free(&result);
    result = find(&(struct matrix){.n = N, .diagonal = diagonal}, 5, 1e-12, 3);
    cr_assert_not(result.converged, "fewer basis vectors than values");
    cr_assert_leq(result.count, 3);
    lanczos_free(&result);
}

Test(lanczos, failures_of_the_product_and_of_memory_are_passed_on)
{
    double diagonal[20], worst = 0;
    for (int i = 0; i < 20; i++) diagonal[i] = i;
    struct matrix matrix = {.n = 20, .diagonal = diagonal};
    struct lanczos_request request = {.multiply = multiply,
                                      .context = &matrix,
                                      .size = 20,
                                      .largest = 2,
                                      .smallest = true,
                                      .tolerance = 1e-10,
                                      .max_iterations = 20,
                                      .seed = 1};
    struct lanczos_result result;
    basin_status status = BASIN_INTERRUPTED;
    for (long n = 1; status != BASIN_OK; n++, worst = (double)n) {
        matrix = (struct matrix){.n = 20, .diagonal = diagonal, .fail_at = n};
        status = lanczos_run(&request, &result);
        cr_assert(status == BASIN_OK || status == BASIN_INTERRUPTED);
    }
    lanczos_free(&result);
    cr_assert_gt(worst, 20);
    matrix = (struct matrix){.n = 20, .diagonal = diagonal};
    status = BASIN_MEMORY;
    for (long n = 1; status != BASIN_OK; n++) {
        memory_fail_at(n);
        status = lanczos_run(&request, &result);
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY);
        cr_assert(n > 1 || status == BASIN_MEMORY);
    }
    lanczos_free(&result);
    diagonal[3] = NAN;
    cr_assert_eq(lanczos_run(&request, &result), BASIN_NUMERIC);
}

Test(lanczos, the_same_seed_the_same_bits)
{
    double diagonal[N];
    for (int i = 0; i < N; i++) diagonal[i] = sin(i);
    struct lanczos_result a = find(&(struct matrix){.n = N, .diagonal = diagonal}, 4, 1e-8, 200);
    struct lanczos_result b = find(&(struct matrix){.n = N, .diagonal = diagonal}, 4, 1e-8, 200);
    cr_assert_eq(a.count, b.count);
    cr_assert_arr_eq(a.values, b.values, a.count * sizeof *a.values);
    lanczos_free(&a);
    lanczos_free(&b);
}
