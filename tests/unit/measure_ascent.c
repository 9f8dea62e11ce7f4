/* measure/ascent.c: the largest rise of a quadratic in a ball and in a box, against the secular
 * equation of the trust region and all corners of the box. */
#include "sharpness_helpers.h"
#include "kernels/lapack.h"
#include "measure/ascent.h"

/* max g'd + d'Hd / 2 over ||d|| <= rho, d by element divided by c: on the boundary, at
 * (lambda - H) d = g with lambda above the spectrum (More and Sorensen 1983). */
static double trust_region(const struct quadratic *q, const double *c, double rho)
{
    double h[BENDS * BENDS], values[BENDS], vectors[BENDS * BENDS], a[BENDS] = {0}, rise = 0;
    for (size_t i = 0; i < BENDS; i++)
        for (size_t j = 0; j < BENDS; j++) h[i * BENDS + j] = c[i] * q->h[i][j] * c[j];
    OK(lapack_symmetric_eigen(BENDS, h, values, vectors));
    for (size_t k = 0; k < BENDS; k++)
        for (size_t i = 0; i < BENDS; i++) a[k] += vectors[k * BENDS + i] * c[i] * q->g[i];
    double low = values[BENDS - 1], high = low + 1e6;
    for (int step = 0; step < 200; step++) {
        double lambda = (low + high) / 2, square = 0;
        for (size_t k = 0; k < BENDS; k++) square += pow(a[k] / (lambda - values[k]), 2);
        if (square > rho * rho)
            low = lambda;
        else
            high = lambda;
    }
    for (size_t k = 0; k < BENDS; k++) {
        double d = a[k] / (high - values[k]);
        rise += a[k] * d + values[k] * d * d / 2;
    }
    return rise;
}

static double best_corner(const struct quadratic *q, const double *c, double rho)
{
    double best = -INFINITY;
    for (size_t corner = 0; corner < 1u << BENDS; corner++) {
        double d[BENDS];
        for (size_t i = 0; i < BENDS; i++) d[i] = (corner >> i & 1 ? rho : -rho) * c[i];
        best = fmax(best, quadratic_rise(q, d));
    }
    return best;
}

static void check(bool adaptive, enum ascent_norm norm, double rho)
{
    struct quadratic q;
    struct perturb perturb;
    struct ascent_result result;
    quadratic_open(&q, "sharpness_worst: {examples: all}");
    struct measure_site site = setting_site(&q.s, q.w);
    execute_choose(q.s.settings, 0, &site);
    site.objective = q.objective;
    OK(perturb_open(&site, &perturb));
    double *c = doubles(&q.s, BENDS), expected;
    perturb_scale(&perturb, adaptive, 0, c);
    struct ascent ascent = {.perturb = &perturb,
                            .c = c,
                            .norm = norm,
                            .rho = rho,
                            .steps = 100,
                            .restarts = norm == ASCENT_LINF ? 40 : 2,
                            .memory = doubles(&q.s, ASCENT_VECTORS * BENDS)};
    OK(ascent_run(&ascent, 0, &result));
    expected = norm == ASCENT_L2 ? trust_region(&q, c, rho) : best_corner(&q, c, rho);
    NEAR(result.rise / expected, 1, 1e-6);
    cr_assert_leq(fabs(result.gap), 1e-3 * expected, "gap %g of %g", result.gap, expected);
    perturb_close(&perturb);
    quadratic_close(&q);
}

Test(ascent, finds_the_trust_region_solution)
{
    for (int adaptive = 0; adaptive < 2; adaptive++) {
        check(adaptive, ASCENT_L2, 0.01);
        check(adaptive, ASCENT_L2, 1);
        check(adaptive, ASCENT_L2, 10);
    }
}

Test(ascent, finds_the_best_corner_of_a_box)
{
    for (int adaptive = 0; adaptive < 2; adaptive++) {
        check(adaptive, ASCENT_LINF, 0.01);
        check(adaptive, ASCENT_LINF, 2);
    }
}
