/* measure/curvature.c: the option `matrix` of the measures of curvature, against dense matrices. */
#include "curvature_helpers.h"

static bool has(const struct record *record, const char *matrix, const char *what)
{
    char path[128];
    snprintf(path, sizeof path, "/measures/%s_%s", matrix, what);
    return record_find(record, path) != NULL;
}

static double of(const struct record *record, const char *matrix, const char *what)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", matrix, what);
    return scalar(record, name);
}

static void compare(size_t which, size_t matrix, const char *precision, bool mse, double tolerance)
{
    struct setting s;
    const char *name = curvature_matrices[matrix];
    struct record *record = curved_run(
        &s, which, precision, mse,
        "hessian_top: {matrix: %s, ends: both, examples: 20, tolerance: 1.0e-9}, hessian_trace: "
        "{matrix: %s, method: exact, examples: 20}",
        name, name);
    struct objective_where where = curved_where(&s, 0);
    size_t size = setting_size(&s);
    double *dense = curved_dense(&s, record, curved_calls[matrix], &where),
           *values = curved_values(&s, dense), most = values[size - 1];
    NEAR(of(record, name, "lambda_max") / most, 1, tolerance);
    NEAR(of(record, name, "lambda_min") / most, values[0] / most, tolerance);
    NEAR(of(record, name, "trace") / curved_trace(dense, size), 1, tolerance);
    if (matrix > 0) cr_assert_gt(values[0], -1e-12 * most);
    for (size_t other = 0; curvature_matrices[other]; other++) {
        bool own = other == matrix;
        cr_assert_eq(has(record, curvature_matrices[other], "lambda_max"), own);
        cr_assert_eq(has(record, curvature_matrices[other], "trace_stderr"), own);
    }
    setting_close(&s);
}

Test(curvature, each_matrix_is_the_dense_one, .timeout = 120)
{
    for (size_t which = 0; which < CURVED_SPECS; which++)
        for (size_t matrix = 0; matrix < 4; matrix++)
            compare(which, matrix, "float64", false, 1e-7);
    for (size_t matrix = 0; matrix < 4; matrix++) compare(0, matrix, "float64", true, 1e-7);
    for (size_t matrix = 0; matrix < 4; matrix++) compare(1, matrix, "float32", false, 1e-4);
}

/* Its trace is the mean squared norm of the gradients of single examples. */
Test(curvature, empirical_fisher_by_the_gradients_of_examples)
{
    struct setting s;
    struct record *record =
        curved_run(&s, 1, "float64", false,
                   "hessian_trace: {matrix: empirical_fisher, method: exact, examples: 20}");
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = curved_where(&s, 0);
    double norms[CURVED], sum = 0;
    const struct objective_examples examples = {.squared_norms = norms};
    OK(objective_example_gradients(objective, &where, final_weights(&s, record), &examples));
    for (size_t i = 0; i < CURVED; i++) sum += norms[i] / CURVED;
    NEAR(scalar(record, "empirical_fisher_trace") / sum, 1, 1e-12);
    objective_destroy(objective);
    setting_close(&s);
}

/* A linear model has no curvature of its own: Hessian and Gauss-Newton matrix are one. */
Test(curvature, of_a_linear_model_hessian_and_gauss_newton_agree)
{
    double values[2];
    for (int k = 0; k < 2; k++) {
        struct setting s;
        setting_format(&s,
                       CURVED_DATA "architecture: {type: linear}\nprecision: float64\n"
                                   "training: {epochs: 2}\nmeasures: {hessian_top: {matrix: %s, "
                                   "tolerance: 1.0e-10}}\n",
                       k ? "gauss_newton" : "hessian");
        struct record *record = setting_run(&s);
        values[k] = scalar(record, k ? "gauss_newton_lambda_max" : "hessian_lambda_max");
        setting_close(&s);
    }
    NEAR(values[1] / values[0], 1, 1e-9);
}

Test(curvature, empirical_fisher_is_refused_with_batch_statistics)
{
    static const char *const measures[] = {"hessian_top", "hessian_trace"};
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        struct setting s;
        struct run_cost cost;
        char key[64];
        setting_format(
            &s, "architecture: linear\nmeasures: {%s: {matrix: empirical_fisher, mode: train}}\n",
            measures[i]);
        cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
        snprintf(key, sizeof key, "measures.%s.matrix", measures[i]);
        cr_assert_str_eq(basin_error_last()->key, key);
        cr_assert(strstr(basin_error_last()->hint, "eval"));
        setting_close(&s);
    }
}
