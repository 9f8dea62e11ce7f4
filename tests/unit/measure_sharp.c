/* measure/sharp.c, interaction.c, preconditioned_sharpness.c: edges by their formulas; the second
 * moments by an Adam that is written down here. */
#include "curvature_helpers.h"

#define LINEAR "dataset: {name: linear-regression, n: 40, p: 5}\narchitecture: linear\n"

static void check_edge(const char *optimizer, const char *more, double rate, double edge)
{
    struct setting s;
    setting_format(&s,
                   LINEAR
                   "precision: float64\ntraining: {epochs: 4, optimizer: {%s}%s}\n"
                   "measures: {interaction: {examples: all, tolerance: 1.0e-9}, hessian_top: "
                   "{examples: all, tolerance: 1.0e-9}}\n",
                   optimizer, more);
    struct record *record = setting_run(&s);
    double sharpness = scalar(record, "hessian_lambda_max");
    NEAR(scalar(record, "interaction_sharpness"), sharpness, 1e-9);
    NEAR(scalar(record, "interaction_lr_sharpness"), rate * sharpness, 1e-9);
    NEAR(scalar(record, "interaction_edge"), edge, 1e-12);
    NEAR(scalar(record, "interaction_edge_share"), sharpness / edge, 1e-9);
    NEAR(scalar(record, "interaction_edge_distance"), edge - sharpness, 1e-9);
    setting_close(&s);
}

Test(sharp, edges_of_gradient_descent)
{
    check_edge("type: gd, learning_rate: 0.02", "", 0.02, 100);
    check_edge("type: gd, learning_rate: 0.02, momentum: 0.9", "", 0.02, 190);
    check_edge("type: sgd, learning_rate: 0.02, momentum: 0.9, nesterov: true", "", 0.02,
               3.8 / (2.8 * 0.02));
    /* the rate of the latest of 4 steps: (1 + cos(3 pi / 4)) / 2 of the first */
    double rate = 0.01 * (1 + cos(0.75 * acos(-1.0)));
    check_edge("type: gd, learning_rate: 0.02", ", schedule: cosine", rate, 2 / rate);
}

/* Three steps of Adam, Kingma and Ba's algorithm 1. */
static void adam(struct setting *s, double *w, double *second)
{
    size_t n = setting_size(s);
    double *g = doubles(s, n), *first = doubles(s, n), rate = 0.01, b1 = 0.8, b2 = 0.99;
    struct objective *objective = setting_objective(s, MODE_EVAL);
    for (int t = 1; t <= 3; t++) {
        setting_gradient(objective, 80, w, g);
        for (size_t i = 0; i < n; i++) {
            first[i] = b1 * first[i] + (1 - b1) * g[i];
            second[i] = b2 * second[i] + (1 - b2) * g[i] * g[i];
            w[i] -=
                rate * first[i] / (1 - pow(b1, t)) / (sqrt(second[i] / (1 - pow(b2, t))) + 1e-8);
        }
    }
    objective_destroy(objective);
}

#define ADAM                                                                                       \
    "training: {epochs: 3, batch_size: 80, optimizer: {type: adam, learning_rate: 0.01, beta1: "   \
    "0.8, beta2: 0.99}}\nprecision: float64\n"

Test(sharp, preconditioned_is_that_of_the_dense_matrix)
{
    static const char *const nets[] = {CURVED_DATA
                                       "architecture: {type: mlp, hidden: [4], activation: tanh}\n",
                                       CURVED_DATA "architecture: {type: gru, hidden_size: 3}\n"};
    for (size_t which = 0; which < 2; which++) {
        struct setting s;
        setting_format(&s,
                       "%s" ADAM "measures: {preconditioned_sharpness: {examples: all, tolerance: "
                       "1.0e-9}, interaction: {examples: all, tolerance: 1.0e-9}}\n",
                       nets[which]);
        struct record *record = setting_run(&s);
        size_t n = setting_size(&s);
        double *w = initial_weights(&s), *v = doubles(&s, n), *final = final_weights(&s, record);
        adam(&s, w, v);
        for (size_t i = 0; i < n; i++) NEAR(w[i], final[i], 1e-6);
        struct objective_where where = objective_first(DATA_TRAIN, 80);
        double *dense = curved_dense(&s, record, OBJECTIVE_HESSIAN, &where);
        for (size_t i = 0; i < n; i++)
            v[i] = (1 - pow(0.8, 3)) * (sqrt(v[i] / (1 - pow(0.99, 3))) + 1e-8);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) dense[i * n + j] /= sqrt(v[i] * v[j]);
        double most = curved_values(&s, dense)[n - 1];
        NEAR(scalar(record, "preconditioned_sharpness") / most, 1, 1e-5);
        NEAR(scalar(record, "preconditioned_sharpness_edge"), 3.6 / (0.2 * 0.01), 1e-9);
        cr_assert_lt(scalar(record, "preconditioned_sharpness_residual"), 1e-6 * most);
        cr_assert_eq(scalar(record, "interaction_sharpness"),
                     scalar(record, "preconditioned_sharpness"));
        NEAR(scalar(record, "interaction_edge_share") / (most / 1800), 1, 1e-5);
        setting_close(&s);
    }
}

Test(sharp, preconditioned_is_refused_without_adam)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s,
                 LINEAR "training: {optimizer: sgd}\nmeasures: {preconditioned_sharpness: {}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    cr_assert(strstr(basin_error_last()->message, "sgd"));
    cr_assert(strstr(basin_error_last()->hint, "hessian_top"));
    setting_close(&s);
}

/* A result does not hold how the training moved: no number, and the reason. */
Test(sharp, what_is_not_known_has_a_reason)
{
    struct setting s;
    struct record *record;
    setting_open(&s, LINEAR "training: {optimizer: adam}\nmeasures: {interaction: {}}\n");
    struct measure_site site = setting_site(&s, narrowed(&s, some_weights(&s)));
    execute_choose(s.settings, 0, &site);
    OK(record_create(s.arena, &record));
    OK(measure_final("interaction", &site, record));
    cr_assert(isnan(scalar(record, "interaction_sharpness")));
    cr_assert(
        strstr(record_attribute_get_text(found(record, "/measures/interaction_edge"), "reason"),
               "not in its result"));
    setting_close(&s);
}
