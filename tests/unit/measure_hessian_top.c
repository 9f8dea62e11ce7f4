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
    setting_open(
        &s, "dataset: {name: mnist1d, train_size: 90, test_size: 10}\narchitecture: "
            "{type: mlp, hidden: [5]}\n"
            "training: {epochs: 2}\nmeasures: {hessian_top: {k: 4, ends: both, examples: 50}}\n");
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
        cr_assert_eq(record_number(found(record, "/measures/hessian_top/eigenvalue_converged"), i),
                     1);
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

/* A search that is cut off says so at every number. */
Test(hessian_top, what_has_not_converged_is_marked)
{
    static const char *const ends[] = {"largest", "smallest", "both"};
    for (size_t i = 0; i < 3; i++) {
        struct setting s;
        setting_format(&s,
                       "dataset: {name: mnist1d, train_size: 90, test_size: 10}\n"
                       "architecture: {type: mlp, hidden: [9]}\ntraining: {epochs: 1}\n"
                       "measures: {hessian_top: {k: 2, ends: %s, max_iterations: 3}}\n",
                       ends[i]);
        struct record *record = setting_run(&s);
        const struct record_item *each =
            found(record, "/measures/hessian_top/eigenvalue_converged");
        cr_assert_eq(record_count(each), i < 2 ? 2 : 3);
        cr_assert_eq(record_number(each, 1), 0);
        cr_assert_eq(fact(found(record, "/measures/hessian_top/eigenvalue"), "converged"), 0);
        if (i != 0)
            cr_assert_eq(fact(found(record, "/measures/hessian_lambda_min"), "converged"), 0);
        if (i != 1)
            cr_assert_eq(fact(found(record, "/measures/hessian_lambda_max"), "converged"), 0);
        setting_close(&s);
    }
}

static int64_t iterations_of(const char *options)
{
    struct setting s;
    setting_format(&s,
                   "dataset: {name: mnist1d, train_size: 200, test_size: 10}\n"
                   "architecture: {type: mlp, hidden: [40]}\ntraining: {epochs: 2}\n"
                   "measures: {hessian_top: {%s}}\n",
                   options);
    struct record *record = setting_run(&s);
    int64_t iterations = fact(found(record, "/measures/hessian_top/eigenvalue"), "iterations");
    setting_close(&s);
    return iterations;
}

/* The smallest eigenvalue borders on the bulk of the spectrum, the largest stands alone. */
Test(hessian_top, the_search_ends_when_what_was_asked_for_has_converged)
{
    cr_assert_lt(2 * iterations_of("ends: largest"), iterations_of("ends: both"));
    cr_assert_lt(iterations_of("ends: largest, tolerance: 1.0e-2"), iterations_of(""));
}

/* k = P: all of them, and the smallest once. */
Test(hessian_top, as_many_as_there_are_parameters)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s, "dataset: {name: linear-regression, n: 30, p: 4}\narchitecture: {type: "
                     "linear, bias: false}\nprecision: float64\n"
                     "measures: {hessian_top: {k: 4, ends: both}}\n");
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

static double flops_of(const char *yaml, size_t keep)
{
    struct setting s;
    setting_open(&s, yaml);
    struct measure_site site = setting_site(&s, NULL);
    execute_choose(s.settings, 0, &site);
    site.keep = keep;
    double flops = measure_flops("hessian_top", &site);
    setting_close(&s);
    return flops;
}

#define LINEAR(options) "measures: {hessian_top: {" options "}}\narchitecture: {type: linear}\n"

Test(hessian_top, cost_grows_with_examples)
{
    double few = flops_of(LINEAR("examples: 100"), OBJECTIVE_KEEP_ALL),
           all = flops_of(LINEAR("examples: all"), OBJECTIVE_KEEP_ALL);
    NEAR(all / few, 40, 1e-12); /* 4,000 examples */
}

/* A half that is not kept runs again for every step; a single batch always is. */
Test(hessian_top, cost_counts_the_halves_that_are_not_kept)
{
    double kept = flops_of(LINEAR("examples: all"), OBJECTIVE_KEEP_ALL),
           again = flops_of(LINEAR("examples: all"), 0);
    cr_assert(again > 1.2 * kept && again < 2 * kept, "%g, %g", again, kept);
    NEAR(flops_of(LINEAR("examples: 100"), OBJECTIVE_KEEP_ALL) /
             flops_of(LINEAR("examples: 100"), 0),
         1, 1e-12);
    cr_assert_gt(flops_of(LINEAR("ends: both"), 0), 2 * flops_of(LINEAR(""), 0));
}
