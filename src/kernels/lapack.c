#include "kernels/lapack.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <lapacke.h>
#include "base/arena.h"
#include "kernels/kernels.h"

static const double rank_tolerance = 1e-13;

static basin_status lapack_check_finite(const double *a, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(a[i]))
            return error_raise(BASIN_NUMERIC, "%s: the matrix has elements that are not finite",
                               what);
    return BASIN_OK;
}

static basin_status check_info(lapack_int info, const char *what)
{
    if (info == 0) return BASIN_OK;
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return error_memory(0);
    return error_raise(BASIN_NUMERIC, "%s did not converge (%d)", what, (int)info);
}

/* Column-major on purpose: the k-th eigenvector is then the k-th row of our array, without a
 * transposition. */
static basin_status symmetric_eigen(int n, double *a, double *values, bool vectors)
{
    double best;
    lapack_int info =
        LAPACKE_dsyev_work(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'L', n, a, n, values, &best, -1);
    if (info != 0) return check_info(info, "eigenvalues");
    double *work = memory_allocate((size_t)best * sizeof(double));
    if (!work) return BASIN_MEMORY;
    info = LAPACKE_dsyev_work(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'L', n, a, n, values, work,
                              (lapack_int)best);
    memory_free(work);
    return check_info(info, "eigenvalues");
}

basin_status lapack_symmetric_eigen(int n, const double *a, double *values, double *vectors)
{
    size_t count = (size_t)n * (size_t)n;
    TRY(lapack_check_finite(a, count, "eigenvalues"));
    TRY(kernels_enter_blas());
    double *copy = vectors ? vectors : memory_allocate(count * sizeof(double));
    if (!copy) return BASIN_MEMORY;
    memcpy(copy, a, count * sizeof(double));
    basin_status status = n ? symmetric_eigen(n, copy, values, vectors) : BASIN_OK;
    if (!vectors) memory_free(copy);
    return status;
}

basin_status lapack_tridiagonal_eigen(int n, const double *diagonal, const double *off_diagonal,
                                      double *values, double *vectors)
{
    if (n == 0) return BASIN_OK;
    TRY(lapack_check_finite(diagonal, (size_t)n, "eigenvalues"));
    TRY(lapack_check_finite(off_diagonal, (size_t)n - 1, "eigenvalues"));
    TRY(kernels_enter_blas());
    double *work = memory_allocate(
        3 * (size_t)n * sizeof(double)); /* a copy of off_diagonal, then LAPACK's 2n - 2 */
    if (!work) return BASIN_MEMORY;
    memcpy(values, diagonal, (size_t)n * sizeof(double));
    memcpy(work, off_diagonal, ((size_t)n - 1) * sizeof(double));
    lapack_int info = LAPACKE_dstev_work(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', n, values, work,
                                         vectors, vectors ? n : 1, work + n);
    memory_free(work);
    return check_info(info, "eigenvalues");
}

/* dgelsd on copies: `a` as n columns of m, the right-hand side in an array of max(m, n). */
static basin_status least_squares(int m, int n, double *a, double *b, double *singular)
{
    int larger = m > n ? m : n;
    double best;
    lapack_int rank, small;
    lapack_int info = LAPACKE_dgelsd_work(LAPACK_COL_MAJOR, m, n, 1, a, m, b, larger, singular,
                                          rank_tolerance, &rank, &best, -1, &small);
    if (info != 0) return check_info(info, "least squares");
    size_t work_bytes = ((size_t)best * sizeof(double) + 63) / 64 * 64;
    char *work = memory_allocate(work_bytes + (size_t)small * sizeof(lapack_int));
    if (!work) return BASIN_MEMORY;
    info = LAPACKE_dgelsd_work(LAPACK_COL_MAJOR, m, n, 1, a, m, b, larger, singular, rank_tolerance,
                               &rank, (double *)work, (lapack_int)best,
                               (lapack_int *)(work + work_bytes));
    memory_free(work);
    return check_info(info, "least squares");
}

basin_status lapack_least_squares(int m, int n, const double *a, const double *b, double *x)
{
    size_t rows = (size_t)m, columns = (size_t)n, larger = rows > columns ? rows : columns;
    TRY(lapack_check_finite(a, rows * columns, "least squares"));
    TRY(lapack_check_finite(b, rows, "least squares"));
    TRY(kernels_enter_blas());
    double *copy = memory_allocate((rows * columns + 2 * larger) * sizeof(double));
    if (!copy) return BASIN_MEMORY;
    double *right = copy + rows * columns;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) copy[j * rows + i] = a[i * columns + j];
    memcpy(right, b, rows * sizeof(double));
    basin_status status = least_squares(m, n, copy, right, right + larger);
    if (status == BASIN_OK) memcpy(x, right, columns * sizeof(double));
    memory_free(copy);
    return status;
}
