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
    static const char *const measures[] = {"hessian_top", "hessian_trace", "hessian_frobenius",
                                           "hessian_spectrum"};
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

/* ---- subsets ---- */

static const char *const spread_measures[] = {"hessian_top: {ends: both, tolerance: 1.0e-9,",
                                              "hessian_trace: {method: exact,",
                                              "hessian_frobenius: {method: exact,"};
static const char *const spread_names[] = {"lambda_max", "lambda_min", "trace", "frobenius"};
static const char *const spread_arrays[] = {"hessian_top/lambda_max_of_subset",
                                            "hessian_top/lambda_min_of_subset",
                                            "hessian_trace_per_parameter/trace_of_subset",
                                            "hessian_frobenius_per_parameter/frobenius_of_subset"};

/* By the dense matrix of a subset, in the order of spread_names. */
static void numbers_of_subset(struct setting *s, const struct record *record, size_t k,
                              double numbers[4])
{
    struct objective_where where = curved_where(s, k);
    size_t size = setting_size(s);
    double *dense = curved_dense(s, record, OBJECTIVE_GAUSS_NEWTON, &where),
           *values = curved_values(s, dense), square = 0;
    for (size_t i = 0; i < size * size; i++) square += dense[i] * dense[i];
    numbers[0] = values[size - 1];
    numbers[1] = values[0];
    numbers[2] = curved_trace(dense, size);
    numbers[3] = sqrt(square);
}

static void check_spread(size_t which)
{
    enum { SUBSETS = 3 };
    struct setting s;
    char options[400] = "", path[128];
    double each[SUBSETS][4];
    for (size_t i = 0; i < sizeof spread_measures / sizeof *spread_measures; i++)
        snprintf(options + strlen(options), sizeof options - strlen(options),
                 "%s%s matrix: gauss_newton, examples: 20, subsets: 3}", i ? ", " : "",
                 spread_measures[i]);
    struct record *record = curved_run(&s, which, "float64", false, "%s", options);
    for (size_t k = 0; k < SUBSETS; k++) numbers_of_subset(&s, record, k, each[k]);
    for (size_t i = 0; i < 4; i++) {
        double mean = 0, square = 0, scale = each[0][0];
        snprintf(path, sizeof path, "/measures/%s", spread_arrays[i]);
        for (size_t k = 0; k < SUBSETS; k++) {
            NEAR(record_number(found(record, path), k) / scale, each[k][i] / scale, 1e-7);
            mean += each[k][i] / SUBSETS;
        }
        for (size_t k = 0; k < SUBSETS; k++) square += pow(each[k][i] - mean, 2);
        snprintf(path, sizeof path, "%s_subset_mean", spread_names[i]);
        NEAR(of(record, "gauss_newton", path) / scale, mean / scale, 1e-7);
        snprintf(path, sizeof path, "%s_subset_sd", spread_names[i]);
        NEAR(of(record, "gauss_newton", path) / scale, sqrt(square / (SUBSETS - 1)) / scale, 1e-6);
        cr_assert(i == 1 || square > 0);
    }
    setting_close(&s);
}

Test(curvature, subsets_are_those_of_dense_matrices, .timeout = 60)
{
    for (size_t which = 0; which < CURVED_SPECS; which++) check_spread(which);
}

Test(curvature, what_is_not_asked_for_is_not_there)
{
    struct setting s;
    struct record *record =
        curved_run(&s, 0, "float64", false,
                   "hessian_top: {ends: smallest, examples: 20, subsets: 2}, "
                   "hessian_trace: {examples: 20}, hessian_spectrum: {examples: "
                   "20, subsets: 2, probes: 2, steps: 5}");
    cr_assert(has(record, "hessian", "lambda_min_subset_sd"));
    cr_assert(!has(record, "hessian", "lambda_max_subset_sd"));
    cr_assert(!has(record, "hessian", "trace_subset_sd"));
    cr_assert(has(record, "hessian", "spectrum_largest_subset_sd"));
    setting_close(&s);
}

Test(curvature, subsets_are_disjoint_or_refused)
{
    static const char *const examples[] = {"41", "all", "2000"};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct setting s;
        struct run_cost cost;
        setting_format(&s,
                       CURVED_DATA "architecture: linear\nmeasures: {hessian_top: {examples: %s, "
                                   "subsets: 2}}\n",
                       examples[i]);
        cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
        cr_assert_str_eq(basin_error_last()->key, "measures.hessian_top.subsets");
        cr_assert(strstr(basin_error_last()->hint, "40"));
        setting_close(&s);
    }
}

/* k subsets cost k times as much. */
Test(curvature, cost_of_subsets)
{
    double flops[2];
    for (int k = 0; k < 2; k++) {
        struct setting s;
        setting_format(
            &s, CURVED_DATA "architecture: linear\nmeasures: {hessian_trace: {examples: 20%s}}\n",
            k ? ", subsets: 4" : "");
        struct measure_site site = setting_site(&s, NULL);
        execute_choose(s.settings, 0, &site);
        flops[k] = measure_flops("hessian_trace", &site);
        setting_close(&s);
    }
    NEAR(flops[1] / flops[0], 4, 1e-12);
}
