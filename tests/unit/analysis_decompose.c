/* Bias and variance of single predictions: exact sums, known cases, ridge regression in closed form
 * and the peak of variance of random features. Plain arrays; no run is trained. */
#include "analysis/decompose.h"
#include <criterion/criterion.h>

#include <math.h>
#include "base/random.h"
#include "kernels/lapack.h"

static struct random stream(uint32_t which)
{
    return random_make(7, STREAM_PROBE, 90, which);
}

static void near(double value, double wanted, double tolerance, const char *what)
{
    cr_expect(fabs(value - wanted) <= tolerance, "%s: %.17g, not %.17g", what, value, wanted);
}

Test(decompose, sums_are_the_risk)
{
    enum { M = 7, K = 5, N = 200 };
    double terms[DECOMPOSE_TERMS] = {0}, square = 0, entropy = 0, wrong = 0;
    for (uint32_t n = 0; n < N; n++) {
        struct random random = stream(n);
        double f[M * K], log_p[M * K], y[K] = {0};
        int32_t choices[M];
        size_t votes[K], class = n % K;
        y[class] = 1;
        random_fill_normal(&random, 2, f, M * K);
        for (size_t i = 0; i < M; i++) {
            double total = 0;
            choices[i] = 0;
            f[i * K + class] += 1.5;
            for (size_t k = 0; k < K; k++) total += exp(f[i * K + k]);
            for (size_t k = 0; k < K; k++) {
                log_p[i * K + k] = f[i * K + k] - log(total);
                square += pow(f[i * K + k] - y[k], 2) / M;
                if (f[i * K + k] > f[i * K + (size_t)choices[i]]) choices[i] = (int32_t)k;
            }
            entropy -= log_p[i * K + class] / M;
            wrong += (size_t)choices[i] != class ? 1.0 / M : 0;
        }
        decompose_squared(f, M, K, K, y, terms);
        decompose_entropy(log_p, M, K, K, y, terms);
        decompose_wrong(choices, M, K, class, votes, terms);
    }
    near(terms[SQUARED_RISK] / N, square / N, 1e-12, "squared risk");
    near(terms[ENTROPY_RISK] / N, entropy / N, 1e-12, "cross-entropy");
    near(terms[WRONG_RISK] / N, wrong / N, 1e-12, "error");
    near(terms[SQUARED_BIAS] + terms[SQUARED_VARIANCE], terms[SQUARED_RISK], 1e-10 * N, "squared");
    near(terms[ENTROPY_BIAS] + terms[ENTROPY_VARIANCE], terms[ENTROPY_RISK], 1e-10 * N, "entropy");
    near(terms[WRONG_BIAS] + terms[WRONG_NET], terms[WRONG_RISK], 1e-10 * N, "0-1");
    near(terms[WRONG_UNBIASED] - terms[WRONG_BIASED], terms[WRONG_NET], 1e-10 * N, "net");
    cr_expect_gt(terms[ENTROPY_VARIANCE], 0.1 * N);
    cr_expect_gt(terms[WRONG_BIASED], 0);
}

/* The centre of the cross-entropy as it is defined: q = exp(<log p>) / Z, and the divergences. */
Test(decompose, the_variance_of_the_cross_entropy_is_a_divergence)
{
    const double p[2][3] = {{0.7, 0.2, 0.1}, {0.1, 0.3, 0.6}}, y[3] = {0, 1, 0};
    double log_p[6], q[3], z = 0, divergence = 0, terms[DECOMPOSE_TERMS] = {0};
    for (int k = 0; k < 3; k++) z += q[k] = sqrt(p[0][k] * p[1][k]);
    for (int k = 0; k < 6; k++) log_p[k] = log(p[k / 3][k % 3]);
    for (int k = 0; k < 6; k++)
        divergence += q[k % 3] / z * log(q[k % 3] / z / p[k / 3][k % 3]) / 2;
    decompose_entropy(log_p, 2, 3, 3, y, terms);
    near(terms[ENTROPY_VARIANCE], divergence, 1e-14, "variance");
    near(terms[ENTROPY_BIAS], -log(q[1] / z), 1e-14, "bias");
    near(terms[ENTROPY_RISK], -log(0.2 * 0.3) / 2, 1e-14, "risk");
}

/* Class 2 is right. Five networks; Domingos's cases by hand. */
Test(decompose, the_error_by_hand)
{
    static const struct {
        int32_t choices[5];
        double risk, bias, variance, net, unbiased, biased;
    } cases[] = {{{2, 2, 2, 0, 1}, .4, 0, .4, .4, .4, 0},
                 {{0, 0, 0, 2, 1}, .8, 1, .4, -.2, 0, .2},
                 {{1, 1, 1, 1, 1}, 1, 1, 0, 0, 0, 0},
                 {{1, 1, 2, 2, 0}, .6, 1, .6, -.4, 0, .4}}; /* a tie: the first class */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double terms[DECOMPOSE_TERMS] = {0};
        size_t votes[3];
        decompose_wrong(cases[i].choices, 5, 3, 2, votes, terms);
        near(terms[WRONG_RISK], cases[i].risk, 1e-15, "risk");
        near(terms[WRONG_BIAS], cases[i].bias, 1e-15, "bias");
        near(terms[WRONG_VARIANCE], cases[i].variance, 1e-15, "variance");
        near(terms[WRONG_NET], cases[i].net, 1e-15, "net");
        near(terms[WRONG_UNBIASED], cases[i].unbiased, 1e-15, "unbiased");
        near(terms[WRONG_BIASED], cases[i].biased, 1e-15, "biased");
    }
}

Test(decompose, networks_that_agree_have_no_variance)
{
    double f[] = {0.1, 0.7, 0.1, 0.7, 0.1, 0.7}, y[] = {0, 1}, terms[DECOMPOSE_TERMS] = {0};
    decompose_squared(f, 3, 2, 2, y, terms);
    cr_expect_eq(terms[SQUARED_VARIANCE], 0);
    near(terms[SQUARED_BIAS], 0.01 + 0.09, 1e-15, "bias");
}

/* ---- ridge regression: y = x . beta + noise, new noise for each training set ---- */

enum { ROWS = 60, FEATURES = 30, PROBES = 40, DRAWS = 10, REPEATS = 1000 };

/* R (FEATURES, ROWS) = (X'X + lambda I)^-1 X' by eigenvectors, so that w = R y. */
static void ridge_operator(const double *x, double lambda, double *operator)
{
    static double gram[FEATURES * FEATURES], vectors[FEATURES * FEATURES];
    double values[FEATURES];
    for (int a = 0; a < FEATURES; a++)
        for (int b = 0; b < FEATURES; b++) {
            gram[a * FEATURES + b] = 0;
            for (int n = 0; n < ROWS; n++)
                gram[a * FEATURES + b] += x[n * FEATURES + a] * x[n * FEATURES + b];
        }
    cr_assert_eq(lapack_symmetric_eigen(FEATURES, gram, values, vectors), BASIN_OK);
    for (int n = 0; n < ROWS; n++)
        for (int e = 0; e < FEATURES; e++) {
            double along = 0;
            for (int a = 0; a < FEATURES; a++)
                along += vectors[e * FEATURES + a] * x[n * FEATURES + a];
            for (int a = 0; a < FEATURES; a++)
                operator[a * ROWS + n] += vectors[e * FEATURES + a] * along /(values[e] + lambda);
        }
}

static double dot(const double *a, const double *b, int count)
{
    double sum = 0;
    for (int k = 0; k < count; k++) sum += a[k] * b[k];
    return sum;
}

/* Bias (x . (R X beta - beta))^2 and variance s^2 |R'x|^2 in closed form, noise s = 1; DRAWS
 * training sets at a time, so that the variance by 1/m instead of 1/(m-1) would miss by 10 %. */
Test(decompose, ridge_regression_in_closed_form)
{
    static double x[ROWS * FEATURES], probes[PROBES * FEATURES], operator[FEATURES * ROWS];
    double beta[FEATURES], clean[ROWS], mean[FEATURES] = {0}, bias = 0, variance = 0,
                                        terms[DECOMPOSE_TERMS] = {0};
    struct random random = stream(1000), other = stream(1001), third = stream(1002);
    random_fill_normal(&random, 1, x, ROWS * FEATURES);
    random_fill_normal(&other, 1, probes, PROBES * FEATURES);
    random_fill_normal(&third, 0.3, beta, FEATURES);
    ridge_operator(x, 20, operator);
    for (int n = 0; n < ROWS; n++) clean[n] = dot(x + n * FEATURES, beta, FEATURES);
    for (int a = 0; a < FEATURES; a++) mean[a] = dot(operator+ a * ROWS, clean, ROWS);
    for (int j = 0; j < PROBES; j++) {
        const double *probe = probes + j * FEATURES;
        bias += pow(dot(probe, mean, FEATURES) - dot(probe, beta, FEATURES), 2) / PROBES;
        for (int n = 0; n < ROWS; n++) {
            double along = 0;
            for (int a = 0; a < FEATURES; a++) along += probe[a] * operator[a * ROWS + n];
            variance += along * along / PROBES;
        }
    }
    for (uint32_t r = 0; r < REPEATS; r++) {
        double w[DRAWS][FEATURES], f[DRAWS];
        for (uint32_t d = 0; d < DRAWS; d++) {
            struct random noise = random_make(8, STREAM_PROBE, r, d);
            double y[ROWS];
            random_fill_normal(&noise, 1, y, ROWS);
            for (int n = 0; n < ROWS; n++) y[n] += clean[n];
            for (int a = 0; a < FEATURES; a++) w[d][a] = dot(operator+ a * ROWS, y, ROWS);
        }
        for (int j = 0; j < PROBES; j++) {
            const double *probe = probes + j * FEATURES, target = dot(probe, beta, FEATURES);
            for (int d = 0; d < DRAWS; d++) f[d] = dot(probe, w[d], FEATURES);
            decompose_squared(f, DRAWS, 1, 1, &target, terms);
        }
    }
    double count = (double)REPEATS * PROBES;
    near(terms[SQUARED_BIAS] / count, bias, 0.02 * bias, "bias");
    near(terms[SQUARED_VARIANCE] / count, variance, 0.02 * variance, "variance");
}

/* ---- random features (Yang et al. 2020): variance peaks where features are as many as examples */

enum { TRAIN = 40, INPUTS = 8, SETS = 10, TESTS = 200 };

static void draw_examples(uint32_t which, double *x, double *y, int count)
{
    struct random random = random_make(9, STREAM_PROBE, 1, which),
                  noise = random_make(9, STREAM_PROBE, 2, which);
    random_fill_normal(&random, 1, x, (size_t)(count * INPUTS));
    for (int n = 0; n < count; n++)
        y[n] = sin(x[n * INPUTS]) + x[n * INPUTS + 1] + 0.3 * random_normal(&noise, (uint64_t)n);
}

static void features_of(const double *x, int count, const double *v, int width, double *h)
{
    for (int n = 0; n < count; n++)
        for (int k = 0; k < width; k++)
            h[n * width + k] = cos(dot(x + n * INPUTS, v + k * (INPUTS + 1), INPUTS) +
                                   v[k * (INPUTS + 1) + INPUTS]) /
                               sqrt(width);
}

static void random_features(int width, double *terms)
{
    static double v[400 * (INPUTS + 1)], x[TRAIN * INPUTS], y[TRAIN], h[TRAIN * 400], w[400];
    static double tx[TESTS * INPUTS], ty[TESTS], th[TESTS * 400], f[SETS * TESTS];
    struct random random = random_make(9, STREAM_PROBE, 3, 0);
    random_fill_normal(&random, 0.6, v, (size_t)(width * (INPUTS + 1)));
    draw_examples(100, tx, ty, TESTS);
    features_of(tx, TESTS, v, width, th);
    for (uint32_t set = 0; set < SETS; set++) {
        draw_examples(set, x, y, TRAIN);
        features_of(x, TRAIN, v, width, h);
        cr_assert_eq(lapack_least_squares(TRAIN, width, h, y, w), BASIN_OK);
        for (int j = 0; j < TESTS; j++)
            f[set * TESTS + (uint32_t)j] = dot(th + j * width, w, width);
    }
    for (int k = 0; k < DECOMPOSE_TERMS; k++) terms[k] = 0;
    for (size_t j = 0; j < TESTS; j++) decompose_squared(f + j, SETS, TESTS, 1, ty + j, terms);
}

Test(decompose, variance_of_random_features_has_one_peak)
{
    static const int widths[] = {5, 10, 20, 32, 40, 50, 80, 160, 400};
    enum { POINTS = sizeof widths / sizeof *widths, PEAK = 4 };
    double variance[POINTS], bias[POINTS];
    for (size_t i = 0; i < POINTS; i++) {
        double terms[DECOMPOSE_TERMS];
        random_features(widths[i], terms);
        variance[i] = terms[SQUARED_VARIANCE], bias[i] = terms[SQUARED_BIAS];
        near(terms[SQUARED_BIAS] + terms[SQUARED_VARIANCE], terms[SQUARED_RISK],
             1e-10 * terms[SQUARED_RISK], "the sum is the risk");
    }
    for (size_t i = 1; i <= PEAK; i++) cr_expect_gt(variance[i], variance[i - 1], "%zu", i);
    for (size_t i = PEAK + 1; i < POINTS; i++) cr_expect_lt(variance[i], variance[i - 1], "%zu", i);
    cr_expect_lt(bias[POINTS - 1], bias[0]);
}
