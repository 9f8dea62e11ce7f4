/* measure/local_entropy.c: the Gaussian integral of a quadratic, with and without a gradient;
 * reasons; every kind of network. */
#include "sharpness_helpers.h"
#include "kernels/lapack.h"

#define ENTROPY "local_entropy"

/* log E exp(-b (g'd + d'Hd / 2)), d ~ N(0, I / gamma): along each eigenvector of H
 * -log(1 + b h / gamma) / 2 + (b a)^2 / (2 (b h + gamma)), a = g'v. */
static double gaussian_integral(const struct quadratic *q, double b, double gamma)
{
    double values[BENDS], vectors[BENDS * BENDS], sum = 0;
    OK(lapack_symmetric_eigen(BENDS, q->h[0], values, vectors));
    for (size_t k = 0; k < BENDS; k++) {
        double a = 0, h = b * values[k];
        for (size_t i = 0; i < BENDS; i++) a += vectors[k * BENDS + i] * q->g[i];
        sum += b * b * a * a / (2 * (h + gamma)) - log1p(h / gamma) / 2;
    }
    return sum;
}

static void check(bool at_the_minimum, double n_beta, double gamma, double step, double most)
{
    struct quadratic q;
    char measures[200];
    snprintf(measures, sizeof measures,
             "local_entropy: {n_beta: %g, gamma: %g, step: %g, chains: 16, burn_in: 300, draws: "
             "1000, batch_size: all}",
             n_beta, gamma, step);
    quadratic_open(&q, measures);
    if (at_the_minimum) {
        double x[BENDS];
        OK(lapack_least_squares(BENDS, BENDS, q.h[0], q.g, x));
        for (size_t i = 0; i < BENDS; i++) q.w[i] -= x[i];
        quadratic_look(&q, 0, 40);
    }
    double expected = gaussian_integral(&q, n_beta, gamma);
    struct record *record = measured(&q.s, ENTROPY, q.w);
    double error = scalar(record, "local_entropy_stderr");
    cr_assert(error > 0 && error < most * fabs(expected), "%g of %g", error, expected);
    /* beside the error of sampling, the bias of the step */
    cr_assert_leq(fabs(scalar(record, ENTROPY) - expected), 4.5 * error + 0.01 * fabs(expected),
                  "%g is not %g, error %g", scalar(record, ENTROPY), expected, error);
    quadratic_close(&q);
}

Test(local_entropy, of_a_quadratic_at_its_minimum)
{
    check(true, 40, 2, 0.001, 0.05);
    check(true, 1, 4, 0.01, 0.05);
}

Test(local_entropy, of_a_quadratic_beside_its_minimum)
{
    check(false, 1, 4, 0.01, 0.05);
}

Test(local_entropy, says_why_there_is_none)
{
    struct quadratic q;
    quadratic_open(&q, "local_entropy: {n_beta: 1000, step: 1, chains: 2, draws: 2000}");
    const struct record_item *item = found(measured(&q.s, ENTROPY, q.w), "/measures/local_entropy");
    cr_assert(isnan(record_number(item, 0)));
    cr_assert(strstr(record_attribute_get_text(item, "reason"), "smaller step"));
    quadratic_close(&q);
}

Test(local_entropy, every_kind_of_network)
{
    every_kind(ENTROPY, "chains: 2, burn_in: 1, draws: 2, batch_size: 5", ENTROPY);
}
