/* measure/norms.c: norms from the stored weights, with and without biases; 0 at the start. */
#include "../support.h"

static double norm(const struct setting *s, const double *a, const double *b, bool weights_only)
{
    double sum = 0;
    for (int k = 0; k < model_parameter_count(s->model); k++) {
        const struct model_parameter *parameter = model_parameter(s->model, k);
        if (weights_only && parameter->role != ROLE_WEIGHT) continue;
        for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++)
            sum += pow(a[i] - (b ? b[i] : 0), 2);
    }
    return sqrt(sum);
}

static void check(const char *precision, const char *include)
{
    struct setting s;
    char yaml[600];
    snprintf(
        yaml, sizeof yaml,
        "dataset: {name: mnist1d, train_size: 60, test_size: 10}\nprecision: %s\ntraining: "
        "{epochs: 30}\n"
        "weights: {initial: true}\narchitecture: {type: mlp, hidden: [6]}\n"
        "measures: {weight_norm: {include: %s}, distance_from_init: {include: %s, every: 30}}\n",
        precision, include, include);
    setting_open(&s, yaml);
    struct record *record = setting_run(&s);
    double *w = final_weights(&s, record), *w0 = doubles(&s, setting_size(&s));
    OK(model_import(s.model, record, "/weights/initial", w0));
    bool only = strcmp(include, "weights") == 0;
    NEAR(scalar(record, "weight_norm"), norm(&s, w, NULL, only), 1e-13);
    NEAR(scalar(record, "distance_from_init"), norm(&s, w, w0, only), 1e-13);
    cr_assert_neq(norm(&s, w, NULL, true), norm(&s, w, NULL, false));
    const struct record_item *tracked =
        found(record, "/tracked/distance_from_init/distance_from_init");
    cr_assert_eq(record_number(tracked, 0), 0);
    cr_assert_gt(record_number(tracked, 1), 0);
    setting_close(&s);
}

Test(norms, of_all_parameters)
{
    check("float32", "all");
    check("float64", "all");
}

Test(norms, of_weights_alone)
{
    check("float32", "weights");
    check("float64", "weights");
}
