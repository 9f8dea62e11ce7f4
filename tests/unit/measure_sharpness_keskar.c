/* measure/sharpness_keskar.c: all corners of the box on a quadratic, every kind of network. The
 * search: measure_box.c. */
#include "sharpness_helpers.h"

#define KESKAR "sharpness_keskar"

static double best_corner(const struct quadratic *q, double epsilon, bool bias)
{
    double best = -INFINITY;
    for (size_t corner = 0; corner < 1u << BENDS; corner++) {
        double d[BENDS];
        for (int j = 0; j < model_parameter_count(q->s.model); j++) {
            const struct model_parameter *parameter = model_parameter(q->s.model, j);
            for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++)
                d[i] = parameter->role == ROLE_BIAS && !bias
                           ? 0
                           : (corner >> i & 1 ? 1 : -1) * epsilon * (fabs(q->w[i]) + 1);
        }
        best = fmax(best, quadratic_rise(q, d));
    }
    return best;
}

Test(sharpness_keskar, the_best_corner_on_a_quadratic)
{
    static const double epsilons[] = {1e-4, 0.05, 1};
    for (int k = 0; k < 6; k++) {
        struct quadratic q;
        char measures[160];
        double epsilon = epsilons[k / 2];
        snprintf(measures, sizeof measures, "sharpness_keskar: {epsilon: %g, include: %s}", epsilon,
                 k % 2 ? "all" : "weights");
        quadratic_open(&q, measures);
        struct objective_where where = objective_first(DATA_TRAIN, 40);
        struct evaluation evaluation;
        OK(objective_loss(q.objective, &where, q.w, &evaluation));
        double expected = 100 * best_corner(&q, epsilon, k % 2) / (1 + evaluation.loss);
        struct record *record = measured(&q.s, KESKAR, q.w);
        /* In a wide box the search may end in another corner, where no way leads up. */
        if (epsilon < 1)
            NEAR(scalar(record, KESKAR) / expected, 1, 1e-9);
        else
            cr_assert_leq(scalar(record, KESKAR) / expected, 1 + 1e-9);
        cr_assert_gt(scalar(record, KESKAR) / expected, 0.5);
        NEAR(scalar(record, "sharpness_keskar_gap") / expected, 0, 1e-9);
        cr_assert_eq(*(const int64_t *)record_attribute_find(
                          found(record, "/measures/sharpness_keskar"), "converged")
                          ->data,
                     1);
        quadratic_close(&q);
    }
}

/* In the box of S w the relative size of the parameters, |w_i| + 1, is another one. */
Test(sharpness_keskar, rescaling_changes_it)
{
    struct setting s;
    setting_open(&s, RELU_NET "measures: {sharpness_keskar: {}}\n");
    double *w = some_weights(&s), *moved = rescaled(&s, w, rescaling(&s, 20));
    double before = scalar(measured(&s, KESKAR, w), KESKAR),
           after = scalar(measured(&s, KESKAR, moved), KESKAR);
    cr_assert_gt(fabs(after / before - 1), 0.1);
    setting_close(&s);
}

Test(sharpness_keskar, every_kind_of_network)
{
    every_kind(KESKAR, "iterations: 4", KESKAR);
}

Test(sharpness_keskar, float32_and_float64)
{
    both_precisions(KESKAR, "epsilon: 1.0e-4", KESKAR, 1e-4);
}
