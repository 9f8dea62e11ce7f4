/* measure/sharpness_worst.c: groups, restarts, what rescaling does, every kind of network. Values
 * on a quadratic: measure_ascent.c. */
#include "sharpness_helpers.h"
#include "measure/ascent.h"

#define WORST "sharpness_worst"

/* In a small ball the loss is linear: rho ||g||, rho ||g||_1. */
Test(sharpness_worst, small_balls_and_groups)
{
    for (int box = 0; box < 2; box++) {
        struct quadratic q;
        double sum = 0;
        quadratic_open(&q, box ? "sharpness_worst: {rho: 1.0e-7, m: 13, norm: linf}"
                               : "sharpness_worst: {rho: 1.0e-7, m: 13}");
        for (size_t group = 0; group < 3; group++) {
            double norm = 0;
            quadratic_look(&q, 13 * group, 13);
            for (size_t i = 0; i < BENDS; i++) norm += box ? fabs(q.g[i]) : q.g[i] * q.g[i];
            sum += 1e-7 * (box ? norm : sqrt(norm)) / 3;
        }
        struct record *record = measured(&q.s, WORST, q.w);
        NEAR(scalar(record, WORST) / sum, 1, 1e-5);
        cr_assert_eq(record_count(found(record, "/measures/sharpness_worst_per_group/gap")), 3);
        quadratic_close(&q);
    }
}

Test(sharpness_worst, at_least_the_step_along_the_gradient)
{
    double worst[3];
    for (int k = 0; k < 3; k++) {
        struct setting s;
        static const char *const measures[] = {"sharpness_sam: {rho: 0.3}",
                                               "sharpness_worst: {rho: 0.3}",
                                               "sharpness_worst: {rho: 0.3, restarts: 4}"};
        setting_format(&s, RELU_NET "measures: {%s}\n", measures[k]);
        const char *name = k ? WORST : "sharpness_sam";
        worst[k] = scalar(measured(&s, name, some_weights(&s)), name);
        setting_close(&s);
    }
    cr_assert_gt(worst[1], worst[0]);
    cr_assert_geq(worst[2], worst[1]);
}

/* The ball around S w is, seen from w, the ball scaled by 1 / S. */
Test(sharpness_worst, rescaling_changes_the_plain_one_as_the_formula_says)
{
    struct setting s;
    struct perturb perturb;
    struct ascent_result result;
    setting_open(&s, RELU_NET "measures: {sharpness_worst: {rho: 0.1}}\n");
    double *w = some_weights(&s), *scale = rescaling(&s, 3), *c = doubles(&s, setting_size(&s));
    struct measure_site site = setting_site(&s, w);
    execute_choose(s.settings, 0, &site);
    site.objective = setting_objective(&s, MODE_EVAL);
    OK(perturb_open(&site, &perturb));
    for (size_t i = 0; i < setting_size(&s); i++) c[i] = 1 / scale[i];
    struct ascent ascent = {.perturb = &perturb,
                            .c = c,
                            .rho = 0.1,
                            .steps = 20,
                            .restarts = 1,
                            .memory = doubles(&s, ASCENT_VECTORS * setting_size(&s))};
    OK(ascent_run(&ascent, 0, &result));
    double plain = scalar(measured(&s, WORST, w), WORST),
           changed = scalar(measured(&s, WORST, rescaled(&s, w, scale)), WORST);
    NEAR(changed / result.rise, 1, 1e-8);
    cr_assert_gt(fabs(changed / plain - 1), 0.1);
    perturb_close(&perturb);
    objective_destroy(site.objective);
    setting_close(&s);
}

Test(sharpness_worst, rescaling_does_not_change_the_adaptive_one)
{
    for (int box = 0; box < 2; box++) {
        struct setting s;
        setting_format(&s, RELU_NET "measures: {sharpness_worst: {rho: %s, adaptive: true}}\n",
                       box ? "0.01, norm: linf" : "0.2");
        double *w = some_weights(&s), *moved = rescaled(&s, w, rescaling(&s, 5));
        struct record *record = measured(&s, WORST, w);
        double before = scalar(record, "sharpness_worst_adaptive");
        cr_assert_null(record_find(record, "/measures/sharpness_worst"));
        NEAR(scalar(measured(&s, WORST, moved), "sharpness_worst_adaptive") / before, 1, 1e-6);
        setting_close(&s);
    }
}

Test(sharpness_worst, every_kind_of_network)
{
    every_kind(WORST, "m: 6, steps: 4, restarts: 2", WORST);
    every_kind(WORST, "steps: 4, norm: linf, adaptive: true", "sharpness_worst_adaptive");
}

Test(sharpness_worst, float32_and_float64)
{
    both_precisions(WORST, "rho: 0.001", WORST, 1e-4);
}

/* Gradients and losses as they are counted: restarts (steps + 1) + 1, and 2. */
Test(sharpness_worst, cost_is_what_is_spent)
{
    struct setting s;
    struct perturb perturb;
    struct ascent_result result;
    setting_open(&s, RELU_NET "measures: {sharpness_worst: {steps: 20, restarts: 3}}\n");
    double *w = some_weights(&s);
    struct measure_site site = setting_site(&s, w);
    execute_choose(s.settings, 0, &site);
    site.objective = setting_objective(&s, MODE_EVAL);
    OK(perturb_open(&site, &perturb));
    double *c = doubles(&s, setting_size(&s));
    perturb_scale(&perturb, false, 0, c);
    struct ascent ascent = {.perturb = &perturb,
                            .c = c,
                            .rho = 0.05,
                            .steps = 20,
                            .restarts = 3,
                            .memory = doubles(&s, ASCENT_VECTORS * setting_size(&s))};
    OK(ascent_run(&ascent, 0, &result));
    NEAR(measure_flops(WORST, &site) / objective_spent(site.objective), 1, 1e-12);
    perturb_close(&perturb);
    objective_destroy(site.objective);
    setting_close(&s);
}
