/* measure/sharpness_sam.c: the closed form on a quadratic, groups of examples, parameters left out,
 * what rescaling a ReLU network does to the plain and the adaptive measure, every kind of network.
 */
#include "sharpness_helpers.h"

/* rho g / ||g||, and for asam rho T^2 g / ||T g||; biases out on demand */
static void step_of(const struct quadratic *q, double rho, bool adaptive, double eta, bool bias,
                    double d[BENDS])
{
    double norm = 0;
    for (int j = 0; j < model_parameter_count(q->s.model); j++) {
        const struct model_parameter *parameter = model_parameter(q->s.model, j);
        for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++) {
            double t = adaptive ? fabs(q->w[i]) + eta : 1;
            if (!bias && parameter->role == ROLE_BIAS) t = 0;
            d[i] = t * t * q->g[i];
            norm += pow(t * q->g[i], 2);
        }
    }
    for (size_t i = 0; i < BENDS; i++) d[i] *= rho / sqrt(norm);
}

Test(sharpness_sam, closed_form_on_a_quadratic)
{
    struct quadratic q;
    double d[BENDS], norm = 0, bend = 0;
    quadratic_open(&q, "sharpness_sam: {rho: 0.3, examples: all}");
    for (size_t i = 0; i < BENDS; i++) {
        norm += q.g[i] * q.g[i];
        for (size_t j = 0; j < BENDS; j++) bend += q.g[i] * q.h[i][j] * q.g[j];
    }
    struct record *record = measured(&q.s, "sharpness_sam", q.w);
    NEAR(scalar(record, "sharpness_sam"), 0.3 * sqrt(norm) + 0.09 * bend / (2 * norm), 1e-12);
    step_of(&q, 0.3, false, 0, true, d);
    NEAR(scalar(record, "sharpness_sam"), quadratic_rise(&q, d), 1e-12);
    quadratic_close(&q);
}

Test(sharpness_sam, leaves_biases_out_on_demand)
{
    struct quadratic q;
    double d[BENDS];
    quadratic_open(&q, "sharpness_sam: {rho: 0.3, include: weights}");
    step_of(&q, 0.3, false, 0, false, d);
    NEAR(scalar(measured(&q.s, "sharpness_sam", q.w), "sharpness_sam"), quadratic_rise(&q, d),
         1e-12);
    quadratic_close(&q);
}

Test(sharpness_sam, groups_are_perturbed_for_themselves)
{
    struct quadratic q;
    double d[BENDS], sum = 0;
    quadratic_open(&q, "sharpness_sam: {rho: 0.2, m: 12, examples: all}");
    struct record *record = measured(&q.s, "sharpness_sam", q.w);
    const struct record_item *groups = found(record, "/measures/sharpness_sam_per_group/sharpness"),
                             *value = found(record, "/measures/sharpness_sam");
    cr_assert_eq(record_count(groups), 3, "40 examples hold three groups of 12");
    for (size_t i = 0; i < 3; i++) {
        quadratic_look(&q, 12 * i, 12);
        step_of(&q, 0.2, false, 0, true, d);
        NEAR(record_number(groups, i), quadratic_rise(&q, d), 1e-12);
        sum += quadratic_rise(&q, d);
    }
    NEAR(record_number(value, 0), sum / 3, 1e-12);
    cr_assert_eq(*(const int64_t *)record_attribute_find(value, "examples")->data, 36);
    quadratic_close(&q);
}

Test(sharpness_sam, adaptive_step_on_a_quadratic)
{
    struct quadratic q;
    double d[BENDS];
    quadratic_open(&q, "sharpness_asam: {rho: 0.7, eta: 0.01}");
    step_of(&q, 0.7, true, 0.01, true, d);
    NEAR(scalar(measured(&q.s, "sharpness_asam", q.w), "sharpness_asam"), quadratic_rise(&q, d),
         1e-12);
    quadratic_close(&q);
}

/* L(S(w + e)) on the rescaled network is L(w + e) on the first: there the plain step is
 * e = rho S^-2 g / ||S^-1 g||, and the adaptive one the same as before. */
Test(sharpness_sam, rescaling_changes_the_plain_one_as_the_formula_says)
{
    struct setting s;
    setting_open(&s, RELU_NET "measures: {sharpness_sam: {rho: 0.1}}\n");
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, 60);
    double *w = some_weights(&s), *scale = rescaling(&s, 3), *g = doubles(&s, setting_size(&s)),
           norm = 0;
    struct evaluation before, after;
    setting_gradient(objective, 60, w, g);
    OK(objective_loss(objective, &where, w, &before));
    for (size_t i = 0; i < setting_size(&s); i++) norm += pow(g[i] / scale[i], 2);
    double plain = scalar(measured(&s, "sharpness_sam", w), "sharpness_sam"),
           changed = scalar(measured(&s, "sharpness_sam", rescaled(&s, w, scale)), "sharpness_sam");
    double *moved = doubles(&s, setting_size(&s));
    for (size_t i = 0; i < setting_size(&s); i++)
        moved[i] = w[i] + 0.1 * g[i] / (scale[i] * scale[i] * sqrt(norm));
    OK(objective_loss(objective, &where, moved, &after));
    NEAR(changed, after.loss - before.loss, 1e-12);
    cr_assert_gt(fabs(changed / plain - 1), 0.1, "rescaling moves the plain sharpness");
    objective_destroy(objective);
    setting_close(&s);
}

Test(sharpness_sam, rescaling_does_not_change_the_adaptive_one)
{
    struct setting s;
    setting_open(&s, RELU_NET "measures: {sharpness_asam: {rho: 0.2}}\n");
    double *w = some_weights(&s);
    double before = scalar(measured(&s, "sharpness_asam", w), "sharpness_asam");
    for (int k = 0; k < 2; k++) {
        double *moved = rescaled(&s, w, rescaling(&s, k ? 7 : 0.02));
        NEAR(scalar(measured(&s, "sharpness_asam", moved), "sharpness_asam") / before, 1, 1e-10);
    }
    setting_close(&s);
}

Test(sharpness_sam, every_kind_of_network)
{
    every_kind("sharpness_sam", "m: 5", "sharpness_sam");
    every_kind("sharpness_asam", "rho: 0.1", "sharpness_asam");
}

Test(sharpness_sam, float32_and_float64)
{
    both_precisions("sharpness_sam", "rho: 1.0e-4", "sharpness_sam", 1e-5);
    both_precisions("sharpness_asam", "rho: 1.0e-4", "sharpness_asam", 1e-5);
}

/* Outputs that overflow have no gradient. */
Test(sharpness_sam, says_why_there_is_no_value)
{
    struct setting s;
    setting_open(&s, RELU_NET "training: {loss: mse}\nmeasures: {sharpness_sam: {}}\n");
    double *w = some_weights(&s);
    for (size_t i = 0; i < setting_size(&s); i++) w[i] = 1e200;
    struct record *record = measured(&s, "sharpness_sam", w);
    const struct record_item *item = found(record, "/measures/sharpness_sam");
    cr_assert(isnan(record_number(item, 0)));
    cr_assert(strstr(record_attribute_get_text(item, "reason"), "not finite"));
    setting_close(&s);
}
