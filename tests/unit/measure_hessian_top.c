/* measure/hessian_top.c: what is stored, with its facts; what is refused. The numbers are proved in
 * the theory suite. */
#include "../support.h"

static int64_t fact(const struct record_item *item, const char *name)
{
    const struct record_attribute *at = record_attribute_find(item, name);
    cr_assert(at && at->type == RECORD_INTEGER, "%s", name);
    return *(const int64_t *)at->data;
}

Test(hessian_top, what_is_stored)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 90, test_size: 10}\narchitecture: "
                     "{type: mlp, hidden: [5]}\n"
                     "training: {epochs: 2}\nmeasures: {hessian_top: {k: 4, examples: 50}}\n");
    struct record *record = setting_run(&s);
    const struct record_item *values = found(record, "/measures/hessian_top/eigenvalue"),
                             *group = found(record, "/measures/hessian_top");
    const struct record_item *residuals = found(record, "/measures/hessian_top/residual"),
                             *index = found(record, "/measures/hessian_top/index");
    cr_assert_eq(record_count(values), 5);
    cr_assert_str_eq(record_attribute_get_text(group, "NX_class"), "NXdata");
    cr_assert_str_eq(record_attribute_get_text(group, "signal"), "eigenvalue");
    cr_assert_str_eq(values->axes[0], "index");
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(record_number(index, i), i);
        cr_assert_geq(record_number(residuals, i), 0);
        if (i > 0) cr_assert_leq(record_number(values, i), record_number(values, i - 1));
        cr_assert_eq(fact(values, "examples"), 50);
    }
    const struct record_item *top = found(record, "/measures/hessian_lambda_max");
    cr_assert_eq(record_number(top, 0), record_number(values, 0));
    cr_assert_eq(record_number(found(record, "/measures/hessian_lambda_min"), 0),
                 record_number(values, 4));
    cr_assert_eq(fact(top, "converged"), 1);
    cr_assert(fact(top, "iterations") >= 5);
    static const char *const texts[] = {"units", "long_name", "definition", "source"};
    for (size_t i = 0; i < 4; i++)
        cr_assert(record_attribute_get_text(top, texts[i]), "%s", texts[i]);
    setting_close(&s);
}

/* k = P: all of them, and the smallest once. */
Test(hessian_top, as_many_as_there_are_parameters)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s, "dataset: {name: linear-regression, n: 30, p: 4}\narchitecture: {type: "
                     "linear, bias: false}\nprecision: float64\n"
                     "measures: {hessian_top: {k: 4}}\n");
    struct record *record = setting_run(&s);
    const struct record_item *values = found(record, "/measures/hessian_top/eigenvalue");
    cr_assert_eq(record_count(values), 4);
    cr_assert_eq(scalar(record, "hessian_lambda_min"), record_number(values, 3));
    setting_close(&s);
    setting_open(&s, "dataset: {name: linear-regression, n: 30, p: 4}\narchitecture: {type: "
                     "linear, bias: false}\n"
                     "measures: {hessian_top: {k: 5}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    cr_assert(strstr(basin_error_last()->message, "4 parameters"));
    cr_assert_str_eq(basin_error_last()->key, "measures.hessian_top.k");
    setting_close(&s);
}

static double flops_of(const char *yaml)
{
    struct setting s;
    setting_open(&s, yaml);
    struct measure_site site = setting_site(&s, NULL);
    execute_choose(s.settings, 0, &site);
    double flops = measure_flops("hessian_top", &site);
    setting_close(&s);
    return flops;
}

Test(hessian_top, cost_grows_with_examples)
{
    double few =
        flops_of("measures: {hessian_top: {examples: 100}}\narchitecture: {type: linear}\n");
    double all =
        flops_of("measures: {hessian_top: {examples: all}}\narchitecture: {type: linear}\n");
    NEAR(all / few, 40, 1e-12); /* 4,000 examples */
}
