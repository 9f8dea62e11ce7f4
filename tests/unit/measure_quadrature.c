/* measure/quadrature.c: distributions of eigenvalues against matrices that are known. */
#include "../support.h"
#include "measure/quadrature.h"

struct diagonal {
    const double *values;
    size_t n;
};

static basin_status diagonal_multiply(void *context, const double *x, size_t count, double *y)
{
    const struct diagonal *matrix = context;
    const double *values = matrix->values;
    size_t n = matrix->n;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < n; i++) y[k * n + i] = values[i] * x[k * n + i];
    return BASIN_OK;
}

/* A start on the sphere does not know the basis, so that a diagonal matrix is as good as any. */
static struct quadrature take(struct diagonal *matrix, size_t probes, size_t steps)
{
    struct quadrature found = {.probes = probes, .steps = steps};
    const struct lanczos_request request = {
        .multiply = diagonal_multiply, .context = matrix, .size = matrix->n, .seed = 4};
    found.nodes = malloc(2 * probes * steps * sizeof(double));
    found.weights = found.nodes + probes * steps;
    OK(quadrature_run(&request, &found));
    return found;
}

static double share_below(const struct quadrature *found, double t)
{
    double sum = 0;
    for (size_t i = 0; i < found->probes * found->steps; i++)
        if (found->nodes[i] < t) sum += found->weights[i];
    return sum / (double)found->probes;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Ten spikes -1 ... 50 and a bulk N(0, .1^2): Kolmogorov-Smirnov distance of the distributions, and
 * the spikes to rounding. */
Test(quadrature, spikes_and_bulk)
{
    enum { N = 500, PROBES = 20, STEPS = 100 };
    double values[N], worst = 0;
    struct random random = random_make(2, STREAM_START, 7, 0);
    random_fill_normal(&random, 0.1, values, N);
    for (size_t i = 0; i < 10; i++) values[i] = -1 + 51 * (double)i / 9;
    struct diagonal matrix = {values, N};
    struct quadrature found = take(&matrix, PROBES, STEPS);
    qsort(values, N, sizeof *values, ascending);
    for (size_t i = 0; i + 1 < N; i++)
        worst = fmax(worst, fabs(share_below(&found, (values[i] + values[i + 1]) / 2) -
                                 ((double)i + 1) / N));
    cr_assert_lt(worst, 0.05, "%g", worst);
    for (size_t k = 0; k < PROBES; k++)
        for (size_t i = 0; i < 5; i++)
            NEAR(found.nodes[(k + 1) * STEPS - 1 - i], values[N - 1 - i], 1e-8);
    free(found.nodes);
}

/* diag(5, -7, 1), and copies: as many nodes as distinct eigenvalues, with the weight of all. */
Test(quadrature, copies_share_a_node)
{
    enum { N = 300, STEPS = 10 };
    double values[N];
    for (size_t i = 0; i < N; i++) values[i] = i < 30 ? 5 : i < 90 ? -7 : 1;
    struct diagonal matrix = {values, N};
    struct quadrature found = take(&matrix, 50, STEPS);
    cr_assert_eq(found.exhausted, 50);
    for (size_t k = 0; k < found.probes; k++) {
        const double *nodes = found.nodes + k * STEPS, *weights = found.weights + k * STEPS;
        NEAR(nodes[0], -7, 1e-12);
        NEAR(nodes[1], 1, 1e-12);
        NEAR(nodes[2], 5, 1e-12);
        NEAR(weights[0] + weights[1] + weights[2], 1, 1e-12);
        cr_assert_eq(nodes[STEPS - 1], nodes[2]);
        cr_assert_eq(weights[STEPS - 1], 0);
    }
    NEAR(share_below(&found, 0), 0.2, 0.01);
    NEAR(share_below(&found, 2) - share_below(&found, 0), 0.7, 0.01);
    free(found.nodes);
}

/* n steps span everything: the moments v'A^k v are exact. */
Test(quadrature, moments_are_exact)
{
    enum { N = 12, STEPS = 6 };
    double values[N], v[N], norm = 0;
    for (size_t i = 0; i < N; i++) values[i] = sin((double)i * (double)i);
    struct diagonal matrix = {values, N};
    struct quadrature found = take(&matrix, 1, STEPS);
    struct random random = random_make(4, STREAM_PROBE, 0, 1);
    random_fill_normal(&random, 1, v, N);
    for (size_t i = 0; i < N; i++) norm += v[i] * v[i];
    for (int power = 0; power < 2 * STEPS; power++) {
        double expected = 0, sum = 0;
        for (size_t i = 0; i < N; i++) expected += v[i] * v[i] / norm * pow(values[i], power);
        for (size_t i = 0; i < STEPS; i++) sum += found.weights[i] * pow(found.nodes[i], power);
        NEAR(sum, expected, 1e-12);
    }
    free(found.nodes);
}

Test(quadrature, of_nothing_is_one_node_at_0)
{
    double values[5] = {0};
    struct diagonal matrix = {values, 5};
    struct quadrature found = take(&matrix, 2, 3);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(found.nodes[i], 0);
        cr_assert_eq(found.weights[i], i % 3 == 0);
    }
    cr_assert_eq(found.exhausted, 2);
    NEAR(quadrature_density(&found, 0, 0.5, 0), 1 / (0.5 * sqrt(2 * acos(-1.0))), 1e-14);
    free(found.nodes);
}
