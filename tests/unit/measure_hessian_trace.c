/* measure/hessian_trace.c: parts add up to the whole, the seed draws the probes, exact is exact,
 * large nets are refused. */
#include "../support.h"

#define NET                                                                                        \
    "dataset: {name: mnist1d, train_size: 90, test_size: 10}\narchitecture: {type: mlp, hidden: "  \
    "[4], activation: tanh}\n"                                                                     \
    "precision: float64\ntraining: {epochs: 2}\n"

static struct record *run(struct setting *s, const char *rest)
{
    char yaml[900];
    snprintf(yaml, sizeof yaml, NET "%s", rest);
    setting_open(s, yaml);
    return setting_run(s);
}

#define GROUP "/measures/hessian_trace_per_parameter"

Test(hessian_trace, parts_add_up)
{
    static const char *const options[] = {"method: exact", "probes: 30"};
    for (int k = 0; k < 2; k++) {
        struct setting s;
        char rest[200];
        snprintf(rest, sizeof rest, "measures: {hessian_trace: {%s, examples: all}}\n", options[k]);
        struct record *record = run(&s, rest);
        const struct record_item *parts = found(record, GROUP "/trace"),
                                 *errors = found(record, GROUP "/trace_errors");
        const struct record_attribute *names =
            record_attribute_find(found(record, GROUP "/index"), "names");
        double sum = 0;
        cr_assert_eq(record_count(parts), 4);
        cr_assert(names && names->type == RECORD_TEXT && names->count == 4);
        for (size_t i = 0; i < 4; i++) {
            sum += record_number(parts, i);
            cr_assert_eq(record_number(errors, i) > 0, k == 1, "only an estimate has an error");
            cr_assert_str_eq(((const char *const *)names->data)[i],
                             model_parameter(s.model, (int)i)->name);
        }
        NEAR(sum, scalar(record, "hessian_trace"), 1e-12);
        cr_assert_eq(scalar(record, "hessian_trace_stderr") > 0, k == 1);
        setting_close(&s);
    }
}

/* The trace of a block by the definition: sum of second differences of the loss along each axis. */
Test(hessian_trace, exact_is_the_sum_of_second_derivatives)
{
    struct setting s;
    struct record *record = run(&s, "measures: {hessian_trace: {method: exact, examples: all}}\n");
    double *w = final_weights(&s, record), *g = doubles(&s, setting_size(&s)), sum = 0, h = 1e-5;
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    for (size_t i = 0; i < setting_size(&s); i++) {
        double kept = w[i];
        w[i] = kept + h;
        setting_gradient(objective, 90, w, g);
        sum += g[i] / (2 * h);
        w[i] = kept - h;
        setting_gradient(objective, 90, w, g);
        sum -= g[i] / (2 * h);
        w[i] = kept;
    }
    NEAR(scalar(record, "hessian_trace"), sum, 1e-7);
    objective_destroy(objective);
    setting_close(&s);
}

Test(hessian_trace, probes_are_keyed_by_the_seed_and_nested)
{
    struct setting s;
    double a = scalar(run(&s, "measures: {hessian_trace: {probes: 20}}\n"), "hessian_trace");
    setting_close(&s);
    double b = scalar(run(&s, "measures: {hessian_trace: {probes: 20}}\n"), "hessian_trace");
    setting_close(&s);
    double more = scalar(run(&s, "measures: {hessian_trace: {probes: 21}}\n"), "hessian_trace");
    setting_close(&s);
    cr_assert_eq(a, b);
    cr_assert_neq(a, more);
}

Test(hessian_trace, exact_is_refused_for_large_networks)
{
    struct setting s;
    struct run_cost cost;
    setting_open(
        &s,
        "architecture: {type: mlp, hidden: [2000]}\nmeasures: {hessian_trace: {method: exact}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    cr_assert(strstr(basin_error_last()->hint, "hutchinson"));
    setting_close(&s);
    setting_open(&s, "architecture: {type: mlp, hidden: [2000]}\nmeasures: {hessian_trace: {}}\n");
    OK(execute_estimate(s.settings, s.data, &cost));
    setting_close(&s);
}

/* v'Hv of each probe by hand: mean, and the sample's standard deviation / sqrt(probes). */
Test(hessian_trace, mean_and_standard_error_of_few_probes)
{
    enum { PROBES = 5 };
    struct setting s;
    struct record *record =
        run(&s, "seed: 3\nmeasures: {hessian_trace: {probes: 5, examples: all}}\n");
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, 90);
    size_t size = setting_size(&s);
    double *w = final_weights(&s, record), *v = doubles(&s, size), *hv = doubles(&s, size),
           values[PROBES] = {0}, mean = 0, square = 0;
    for (uint32_t k = 0; k < PROBES; k++) {
        struct random random = random_make(3, STREAM_PROBE, k, 0);
        random_fill_sign(&random, v, size);
        OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv));
        for (size_t i = 0; i < size; i++) values[k] += v[i] * hv[i];
        mean += values[k] / PROBES;
    }
    for (int k = 0; k < PROBES; k++) square += (values[k] - mean) * (values[k] - mean);
    NEAR(scalar(record, "hessian_trace"), mean, 1e-12);
    NEAR(scalar(record, "hessian_trace_stderr"), sqrt(square / (PROBES - 1) / PROBES), 1e-10);
    objective_destroy(objective);
    setting_close(&s);
}

/* Of nets of several kinds, as many products: within its error of the exact trace, in total and per
 * parameter array, and the error is smaller than Hutchinson's. */
Test(hessian_trace, hutchpp)
{
    struct setting s;
    double exact[5], errors[2];
    for (int k = 0; k < 3; k++) {
        static const char *const options[] = {"method: exact", "method: hutch++, probes: 48",
                                              "probes: 48"};
        char rest[200];
        snprintf(rest, sizeof rest, "measures: {hessian_trace: {%s, examples: all}}\n", options[k]);
        struct record *record = run(&s, rest);
        for (size_t i = 0; i < 5; i++) {
            double value = i < 4 ? record_number(found(record, GROUP "/trace"), i)
                                 : scalar(record, "hessian_trace"),
                   error = i < 4 ? record_number(found(record, GROUP "/trace_errors"), i)
                                 : scalar(record, "hessian_trace_stderr");
            if (k == 0) exact[i] = value;
            cr_assert_leq(fabs(value - exact[i]), 4 * error);
        }
        if (k > 0) errors[k - 1] = scalar(record, "hessian_trace_stderr");
        setting_close(&s);
    }
    cr_assert_lt(errors[0], errors[1]);
}

Test(hessian_trace, hutchpp_takes_four_products_at_least)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s, "architecture: linear\nmeasures: {hessian_trace: {method: hutch++, probes: "
                     "3}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    cr_assert_str_eq(basin_error_last()->key, "measures.hessian_trace.probes");
    setting_close(&s);
    setting_open(&s, "architecture: linear\nmeasures: {hessian_trace: {method: hutch++, probes: "
                     "4}}\n");
    OK(execute_estimate(s.settings, s.data, &cost));
    setting_close(&s);
}

/* Stated is what is spent, by as many vectors a call as the measure takes: with all halves kept,
 * and with none. */
Test(hessian_trace, cost_is_what_is_spent)
{
    enum { PROBES = 20, EXAMPLES = 2500 };
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 2500, test_size: 10}\narchitecture: "
                     "{type: mlp, hidden: [12]}\nmeasures: {hessian_trace: {probes: 20, examples: "
                     "all}}\n");
    float *w = arena_array(s.arena, float, setting_size(&s));
    vector_from_double(PRECISION_FLOAT32, some_weights(&s), w, setting_size(&s));
    struct measure_site site = setting_site(&s, w);
    execute_choose(s.settings, 0, &site);
    double *v = doubles(&s, 8 * setting_size(&s)), *product = doubles(&s, 8 * setting_size(&s));
    for (int kept = 0; kept < 2; kept++) {
        site.keep = kept ? (size_t)1 << 30 : 0;
        struct objective_request request = measure_request(&site);
        struct objective *objective;
        struct objective_where where = objective_first(DATA_TRAIN, EXAMPLES);
        OK(objective_create(&request, &objective));
        for (size_t left = PROBES; left > 0; left -= left < 8 ? left : 8)
            OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, left < 8 ? left : 8,
                                 product));
        NEAR(measure_flops("hessian_trace", &site) / objective_spent(objective), 1, 1e-12);
        objective_destroy(objective);
    }
    setting_close(&s);
}
