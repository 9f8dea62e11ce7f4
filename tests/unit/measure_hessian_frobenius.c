/* measure/hessian_frobenius.c: against dense matrices; parts add up; what is refused. */
#include "curvature_helpers.h"

#define PER_ARRAY "/measures/hessian_frobenius_per_parameter"

static void compare(size_t which, size_t matrix, const char *precision, bool mse, double tolerance)
{
    struct setting s;
    char name[64];
    struct record *record = curved_run(
        &s, which, precision, mse, "hessian_frobenius: {matrix: %s, method: exact, examples: 20}",
        curvature_matrices[matrix]);
    struct objective_where where = curved_where(&s, 0);
    size_t size = setting_size(&s);
    double *dense = curved_dense(&s, record, curved_calls[matrix], &where), total = 0;
    const struct record_item *parts = found(record, PER_ARRAY "/norm");
    for (size_t p = 0; p < record_count(parts); p++) {
        const struct model_parameter *parameter = model_parameter(s.model, (int)p);
        double sum = 0;
        for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++)
            for (size_t j = 0; j < size; j++) sum += pow(dense[(size_t)i * size + j], 2);
        NEAR(record_number(parts, p), sqrt(sum), tolerance);
        cr_assert_eq(record_number(found(record, PER_ARRAY "/norm_errors"), p), 0);
        total += sum;
    }
    snprintf(name, sizeof name, "%s_frobenius", curvature_matrices[matrix]);
    NEAR(scalar(record, name) / sqrt(total), 1, tolerance);
    setting_close(&s);
}

Test(hessian_frobenius, exact_is_that_of_the_dense_matrix, .timeout = 60)
{
    for (size_t which = 0; which < CURVED_SPECS; which++)
        for (size_t matrix = 0; matrix < 4; matrix++)
            compare(which, matrix, "float64", false, 1e-10);
    compare(0, 0, "float64", true, 1e-10);
    compare(1, 0, "float32", false, 1e-4);
}

/* The estimate lies within its error of the exact one, and its error falls with the probes. */
Test(hessian_frobenius, an_estimate_is_within_its_error)
{
    double errors[2];
    for (size_t which = 0; which < CURVED_SPECS; which++) {
        for (int many = 0; many < 2; many++) {
            struct setting s;
            struct record *record = curved_run(&s, which, "float64", false,
                                               "hessian_frobenius: {probes: %d}", many ? 1000 : 40);
            double estimate = scalar(record, "hessian_frobenius");
            errors[many] = scalar(record, "hessian_frobenius_stderr");
            setting_close(&s);
            record = curved_run(&s, which, "float64", false, "hessian_frobenius: {method: exact}");
            cr_assert_lt(fabs(estimate - scalar(record, "hessian_frobenius")), 4 * errors[many]);
            setting_close(&s);
        }
        cr_assert(errors[1] > 0 && errors[1] < errors[0] / 2);
    }
}

Test(hessian_frobenius, exact_is_refused_for_large_networks)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s, "architecture: {type: mlp, hidden: [2000]}\nmeasures: {hessian_frobenius: "
                     "{method: exact}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    cr_assert_str_eq(basin_error_last()->key, "measures.hessian_frobenius.method");
    setting_close(&s);
}
