/* measure/sharpness_average.c: rho^2 tr(H) / 2 on a quadratic, its standard error, draws that can
 * be made again, what rescaling does, every kind of network. */
#include "sharpness_helpers.h"

#define AVERAGE "sharpness_average"

static void check(const char *options, bool adaptive, double variance)
{
    struct quadratic q;
    char measures[200];
    double expected = 0;
    snprintf(measures, sizeof measures,
             "sharpness_average: {examples: all, rho: 0.5, samples: 4000, adaptive: %s, %s}",
             adaptive ? "true" : "false", options);
    quadratic_open(&q, measures);
    for (size_t i = 0; i < BENDS; i++)
        expected += 0.5 * variance * (adaptive ? q.w[i] * q.w[i] : 1) * q.h[i][i];
    struct record *record = measured(&q.s, AVERAGE, q.w);
    double error =
        scalar(record, adaptive ? "sharpness_average_adaptive_stderr" : "sharpness_average_stderr");
    NEAR((scalar(record, adaptive ? "sharpness_average_adaptive" : AVERAGE) - expected) / error, 0,
         4);
    cr_assert(error > 0 && error < 0.1 * expected, "%g of %g", error, expected);
    quadratic_close(&q);
}

Test(sharpness_average, half_the_trace_on_a_quadratic)
{
    check("norm: l2", false, 0.25);
    check("norm: l2", true, 0.25);
    check("norm: linf", false, 0.25 / 3);
    check("norm: linf, m: 10", true, 0.25 / 3);
}

/* Mean and standard error of few samples, drawn again by hand. */
Test(sharpness_average, mean_and_standard_error_of_few_samples)
{
    struct quadratic q;
    double rises[5], mean = 0, square = 0, d[BENDS];
    quadratic_open(&q, "sharpness_average: {samples: 5, rho: 0.1, include: weights}");
    for (uint32_t k = 0; k < 5; k++) {
        struct random random = random_make(0, STREAM_PERTURB, k, 0);
        random_fill_normal(&random, 0.1, d, BENDS);
        for (int j = 0; j < model_parameter_count(q.s.model); j++)
            if (model_parameter(q.s.model, j)->role == ROLE_BIAS)
                d[model_parameter(q.s.model, j)->offset] = 0;
        mean += (rises[k] = quadratic_rise(&q, d)) / 5;
    }
    for (int k = 0; k < 5; k++) square += pow(rises[k] - mean, 2);
    struct record *record = measured(&q.s, AVERAGE, q.w);
    NEAR(scalar(record, AVERAGE), mean, 1e-12);
    NEAR(scalar(record, "sharpness_average_stderr"), sqrt(square / 4 / 5), 1e-12);
    quadratic_close(&q);
}

/* On S w the plain draws are, seen from w, those divided by S; the adaptive ones are the same. */
Test(sharpness_average, rescaling)
{
    struct setting s;
    setting_open(&s, RELU_NET "measures: {sharpness_average: {samples: 3, rho: 0.1}}\n");
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, 60);
    size_t size = setting_size(&s);
    double *w = some_weights(&s), *scale = rescaling(&s, 0.1), *d = doubles(&s, size), expected = 0;
    struct evaluation before, after;
    OK(objective_loss(objective, &where, w, &before));
    for (uint32_t k = 0; k < 3; k++) {
        struct random random = random_make(0, STREAM_PERTURB, k, 0);
        random_fill_normal(&random, 0.1, d, size);
        for (size_t i = 0; i < size; i++) d[i] = w[i] + d[i] / scale[i];
        OK(objective_loss(objective, &where, d, &after));
        expected += (after.loss - before.loss) / 3;
    }
    double plain = scalar(measured(&s, AVERAGE, w), AVERAGE),
           changed = scalar(measured(&s, AVERAGE, rescaled(&s, w, scale)), AVERAGE);
    NEAR(changed, expected, 1e-12);
    cr_assert_gt(fabs(changed / plain - 1), 0.1);
    objective_destroy(objective);
    setting_close(&s);
}

Test(sharpness_average, rescaling_does_not_change_the_adaptive_one)
{
    struct setting s;
    setting_open(&s, RELU_NET
                 "measures: {sharpness_average: {samples: 4, rho: 0.2, adaptive: true}}\n");
    double *w = some_weights(&s), *moved = rescaled(&s, w, rescaling(&s, 6));
    double before = scalar(measured(&s, AVERAGE, w), "sharpness_average_adaptive");
    NEAR(scalar(measured(&s, AVERAGE, moved), "sharpness_average_adaptive") / before, 1, 1e-10);
    setting_close(&s);
}

Test(sharpness_average, every_kind_of_network)
{
    every_kind(AVERAGE, "samples: 3, m: 4", AVERAGE);
    every_kind(AVERAGE, "samples: 3, norm: linf, adaptive: true", "sharpness_average_adaptive");
}

Test(sharpness_average, float32_and_float64)
{
    both_precisions(AVERAGE, "rho: 1.0e-5, samples: 4", AVERAGE, 1e-6);
}
