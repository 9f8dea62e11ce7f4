/* measure/probes.c: estimates of traces and norms against matrices that are known. */
#include "../support.h"
#include "measure/probes.h"

struct dense {
    size_t n;
    double *a; /* (n, n) */
};

static basin_status dense_multiply(void *context, const double *x, size_t count, double *y)
{
    const struct dense *dense = context;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < dense->n; i++) {
            double sum = 0;
            for (size_t j = 0; j < dense->n; j++)
                sum += dense->a[i * dense->n + j] * x[k * dense->n + j];
            y[k * dense->n + i] = sum;
        }
    return BASIN_OK;
}

/* Two reflections on each side of diag(values): a full matrix with these eigenvalues. */
static struct dense with_eigenvalues(size_t n, const double *values)
{
    struct dense dense = {n, calloc(n * n, sizeof(double))};
    double *u = malloc(n * sizeof *u), *au = malloc(n * sizeof *au);
    for (size_t i = 0; i < n; i++) dense.a[i * n + i] = values[i];
    for (uint32_t pass = 0; pass < 2; pass++) {
        struct random random = random_make(5, STREAM_START, pass, 0);
        double norm = 0, along = 0;
        random_fill_normal(&random, 1, u, n);
        for (size_t i = 0; i < n; i++) norm += u[i] * u[i];
        for (size_t i = 0; i < n; i++) u[i] /= sqrt(norm);
        dense_multiply(&dense, u, 1, au);
        for (size_t i = 0; i < n; i++) along += u[i] * au[i];
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                dense.a[i * n + j] += 4 * along * u[i] * u[j] - 2 * u[i] * au[j] - 2 * au[i] * u[j];
    }
    free(u);
    free(au);
    return dense;
}

enum { PARTS = 3 };

static struct probes_request request_of(struct dense *dense, const size_t *offsets)
{
    return (struct probes_request){.multiply = dense_multiply,
                                   .context = dense,
                                   .size = dense->n,
                                   .parts = PARTS,
                                   .offsets = offsets,
                                   .count = 30,
                                   .seed = 1};
}

/* What probes estimate of part p, or of all of it: from the elements. */
static double expected_of(const struct dense *dense, const size_t *offsets, size_t part,
                          bool squares)
{
    size_t n = dense->n, first = part == PARTS ? 0 : offsets[part],
           end = part == PARTS ? n : offsets[part + 1];
    double sum = 0;
    for (size_t i = first; i < end; i++)
        for (size_t j = 0; j < n; j++)
            sum += squares  ? dense->a[i * n + j] * dense->a[i * n + j]
                   : i == j ? dense->a[i * n + i]
                            : 0;
    return sum;
}

/* Ten eigenvalues from -1 to 50, the others N(0, .1^2). */
static struct dense spiked(size_t n)
{
    double *values = malloc(n * sizeof *values);
    struct random random = random_make(2, STREAM_START, 7, 0);
    random_fill_normal(&random, 0.1, values, n);
    for (size_t i = 0; i < 10; i++) values[i] = -1 + 51 * (double)i / 9;
    struct dense dense = with_eigenvalues(n, values);
    free(values);
    return dense;
}

Test(probes, hutchinson_has_the_variance_of_theory)
{
    enum { N = 300, PROBES = 4000 };
    struct dense dense = spiked(N);
    const size_t offsets[PARTS + 1] = {0, 1, 100, N};
    double values[PARTS + 1], errors[PARTS + 1], off = 0;
    struct probes_request request = request_of(&dense, offsets);
    request.count = PROBES;
    OK(probes_run(&request, values, errors));
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            if (i != j) off += dense.a[i * N + j] * dense.a[i * N + j];
    NEAR(errors[PARTS] * sqrt(PROBES) / sqrt(2 * off), 1, 0.05);
    cr_assert_lt(fabs(values[PARTS] - expected_of(&dense, offsets, PARTS, false)),
                 4 * errors[PARTS]);
    free(dense.a);
}

Test(probes, exact_is_exact)
{
    enum { N = 40 };
    struct dense dense = spiked(N);
    const size_t offsets[PARTS + 1] = {0, 1, 17, N};
    for (int squares = 0; squares < 2; squares++) {
        double values[PARTS + 1], errors[PARTS + 1];
        struct probes_request request = request_of(&dense, offsets);
        request.method = PROBES_EXACT;
        request.squares = squares;
        OK(probes_run(&request, values, errors));
        for (size_t p = 0; p <= PARTS; p++) {
            NEAR(values[p], expected_of(&dense, offsets, p, squares), 1e-12);
            cr_assert_eq(errors[p], 0);
        }
    }
    free(dense.a);
}

/* Mean and spread of many estimates against what they are of and the errors that they report. */
static void check_spread(enum probes_method method, bool squares)
{
    enum { N = 40, REPEATS = 400 };
    struct dense dense = spiked(N);
    const size_t offsets[PARTS + 1] = {0, 5, 17, N};
    double mean[PARTS + 1] = {0}, square[PARTS + 1] = {0}, reported[PARTS + 1] = {0};
    for (size_t k = 0; k < REPEATS; k++) {
        double values[PARTS + 1], errors[PARTS + 1];
        struct probes_request request = request_of(&dense, offsets);
        request.method = method;
        request.squares = squares;
        request.count = 21;
        request.seed = k;
        OK(probes_run(&request, values, errors));
        for (size_t p = 0; p <= PARTS; p++) {
            double off = values[p] - expected_of(&dense, offsets, p, squares);
            mean[p] += off / REPEATS;
            square[p] += off * off / REPEATS;
            reported[p] += errors[p] * errors[p] / REPEATS;
        }
    }
    for (size_t p = 0; p <= PARTS; p++) {
        cr_assert_lt(fabs(mean[p]), 4 * sqrt(square[p] / REPEATS), "part %zu", p);
        NEAR(sqrt(reported[p] / square[p]), 1, 0.15);
    }
    free(dense.a);
}

Test(probes, repeated_estimates_spread_by_the_error_that_they_report)
{
    check_spread(PROBES_HUTCHINSON, false);
    check_spread(PROBES_HUTCHINSON, true);
    check_spread(PROBES_HUTCHPP, false);
}

Test(probes, hutchpp_is_exact_where_the_rank_is_low)
{
    enum { N = 60 };
    double eigenvalues[N] = {40, 7, 3, -2, 0.5};
    struct dense dense = with_eigenvalues(N, eigenvalues);
    const size_t offsets[PARTS + 1] = {0, 5, 17, N};
    double values[PARTS + 1], errors[PARTS + 1];
    struct probes_request request = request_of(&dense, offsets);
    request.method = PROBES_HUTCHPP;
    OK(probes_run(&request, values, errors));
    for (size_t p = 0; p <= PARTS; p++) {
        NEAR(values[p], expected_of(&dense, offsets, p, false), 1e-10);
        cr_assert_lt(errors[p], 1e-10);
    }
    request.method = PROBES_HUTCHINSON;
    OK(probes_run(&request, values, errors));
    cr_assert_gt(errors[PARTS], 0.1);
    free(dense.a);
}

/* A matrix of zeros has no range: all that is left are the probes. */
Test(probes, of_nothing_is_nothing)
{
    enum { N = 4 };
    struct dense dense = {N, calloc(N * N, sizeof(double))};
    const size_t offsets[PARTS + 1] = {0, 1, 2, N};
    for (int method = 0; method < 3; method++) {
        double values[PARTS + 1], errors[PARTS + 1];
        struct probes_request request = request_of(&dense, offsets);
        request.method = (enum probes_method)method;
        OK(probes_run(&request, values, errors));
        for (size_t p = 0; p <= PARTS; p++) cr_assert(values[p] == 0 && errors[p] == 0);
    }
    free(dense.a);
}

/* Eigenvalues 1 / i^2, as many products: Hutch++ is nearer to the trace. */
Test(probes, hutchpp_is_better_where_eigenvalues_decay)
{
    enum { N = 100, REPEATS = 40 };
    double eigenvalues[N], squares[2] = {0};
    for (size_t i = 0; i < N; i++) eigenvalues[i] = 1 / pow((double)i + 1, 2);
    struct dense dense = with_eigenvalues(N, eigenvalues);
    const size_t offsets[PARTS + 1] = {0, 5, 17, N};
    for (int k = 0; k < 2 * REPEATS; k++) {
        double values[PARTS + 1], errors[PARTS + 1];
        struct probes_request request = request_of(&dense, offsets);
        request.method = k % 2 ? PROBES_HUTCHPP : PROBES_HUTCHINSON;
        request.seed = (uint64_t)k / 2;
        OK(probes_run(&request, values, errors));
        squares[k % 2] += pow(values[PARTS] - expected_of(&dense, offsets, PARTS, false), 2);
    }
    cr_assert_lt(20 * squares[1], squares[0], "%g, %g", squares[1], squares[0]);
    free(dense.a);
}
