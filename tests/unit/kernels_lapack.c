#include <criterion/criterion.h>
#include <math.h>
#include "base/arena.h"
#include "base/random.h"
#include "kernels/lapack.h"

Test(kernels_lapack, eigenvalues_of_the_path)
{
    /* 2 on the diagonal, -1 beside it: 2 - 2 cos(k pi / (n + 1)), vectors sin(i k pi / (n + 1)). */
    enum { N = 12 };
    double a[N * N] = {0}, values[N], vectors[N * N], diagonal[N], beside[N], tri[N],
                 tri_vectors[N * N], only[N];
    for (int i = 0; i < N; i++) {
        a[i * N + i] = diagonal[i] = 2;
        beside[i] = -1;
        if (i) a[i * N + i - 1] = a[(i - 1) * N + i] = -1;
    }
    cr_assert_eq(lapack_symmetric_eigen(N, a, values, vectors), BASIN_OK);
    cr_assert_eq(lapack_symmetric_eigen(N, a, only, NULL), BASIN_OK);
    cr_assert_eq(lapack_tridiagonal_eigen(N, diagonal, beside, tri, tri_vectors), BASIN_OK);
    cr_assert_eq(a[1], -1);
    cr_assert_eq(beside[0], -1);
    for (int k = 0; k < N; k++) {
        double theta = (k + 1) * M_PI / (N + 1), scale = sqrt(2.0 / (N + 1));
        cr_assert_float_eq(values[k], 2 - 2 * cos(theta), 1e-13);
        cr_assert_float_eq(only[k], values[k], 1e-13);
        cr_assert_float_eq(tri[k], values[k], 1e-13);
        for (int i = 0; i < N; i++) {
            cr_assert_float_eq(fabs(vectors[k * N + i]), fabs(scale * sin((i + 1) * theta)), 1e-12);
            cr_assert_float_eq(fabs(tri_vectors[k * N + i]), fabs(scale * sin((i + 1) * theta)),
                               1e-12);
        }
    }
    cr_assert_eq(lapack_tridiagonal_eigen(N, diagonal, beside, tri, NULL), BASIN_OK);
    cr_assert_float_eq(tri[0], values[0], 1e-13);
}

Test(kernels_lapack, one_by_one)
{
    double a = -3, value, vector, x, b = 6;
    cr_assert_eq(lapack_symmetric_eigen(1, &a, &value, &vector), BASIN_OK);
    cr_assert_eq(value, -3);
    cr_assert_eq(fabs(vector), 1);
    cr_assert_eq(lapack_tridiagonal_eigen(1, &a, &a, &value, &vector), BASIN_OK);
    cr_assert_eq(value, -3);
    cr_assert_eq(lapack_least_squares(1, 1, &a, &b, &x), BASIN_OK);
    cr_assert_float_eq(x, -2, 1e-15);
}

Test(kernels_lapack, least_norm_solution)
{
    enum { M = 5, N = 11 };
    double a[M * N], b[M], x[N], shorter = 0;
    struct random random = random_make(3, STREAM_DATA, 0, 0);
    random_fill_normal(&random, 1, a, M * N);
    random.minor = 1;
    random_fill_normal(&random, 1, b, M);
    cr_assert_eq(lapack_least_squares(M, N, a, b, x), BASIN_OK);
    for (int i = 0; i < M; i++) {
        double sum = 0;
        for (int j = 0; j < N; j++) sum += a[i * N + j] * x[j];
        cr_assert_float_eq(sum, b[i], 1e-12);
    }
    /* The least-norm solution lies in the span of the rows: projecting the residual of x on that
     * span leaves nothing.
     */
    double transposed[N * M], y[M];
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) transposed[j * M + i] = a[i * N + j];
    cr_assert_eq(lapack_least_squares(N, M, transposed, x, y), BASIN_OK);
    for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int i = 0; i < M; i++) sum += a[i * N + j] * y[i];
        shorter = fmax(shorter, fabs(sum - x[j]));
    }
    cr_assert_lt(shorter, 1e-12);
}

Test(kernels_lapack, rank_deficient)
{
    double a[4] = {1, 1, 1, 1}, b[2] = {1, 3},
           x[2]; /* least squares of x0 + x1 = 2, least norm: 1, 1 */
    cr_assert_eq(lapack_least_squares(2, 2, a, b, x), BASIN_OK);
    cr_assert_float_eq(x[0], 1, 1e-14);
    cr_assert_float_eq(x[1], 1, 1e-14);
}

Test(kernels_lapack, what_is_not_finite_is_refused)
{
    double a[4] = {1, NAN, NAN, 1}, values[2], b[2] = {1, INFINITY}, one[4] = {1, 0, 0, 1};
    cr_assert_eq(lapack_symmetric_eigen(2, a, values, NULL), BASIN_NUMERIC);
    cr_assert_eq(lapack_tridiagonal_eigen(2, a, b, values, NULL), BASIN_NUMERIC);
    cr_assert_eq(lapack_least_squares(2, 2, one, b, values), BASIN_NUMERIC);
}

Test(kernels_lapack, allocation_failures)
{
    double a[4] = {2, 1, 1, 2}, values[2], vectors[4], b[2] = {1, 1};
    int failed = 0;
    for (int call = 0; call < 4; call++)
        for (long n = 1;; n++) {
            memory_fail_at(n);
            basin_status status = call == 0   ? lapack_symmetric_eigen(2, a, values, NULL)
                                  : call == 1 ? lapack_symmetric_eigen(2, a, values, vectors)
                                  : call == 2 ? lapack_tridiagonal_eigen(2, a, b, values, vectors)
                                              : lapack_least_squares(2, 2, a, b, values);
            memory_fail_at(0);
            if (status == BASIN_OK) break;
            cr_assert_eq(status, BASIN_MEMORY);
            failed++;
        }
    cr_assert_eq(failed, 2 + 1 + 1 + 2);
}
