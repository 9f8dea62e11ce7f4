/* measure/relative_flatness.c: the closed form of linear layers under both losses, the definition
 * by a dense Hessian, the estimate within its error, invariance, every kind of network. */
#include "sharpness_helpers.h"

#define FLAT "relative_flatness"
enum { PLACES = 40, LABELS = 10, ROWS = 60 };

/* Of one linear layer with loss l: sum <w_s, w_s'> mean(l''_ss' ||x||^2); W inside is (in, out). */
static double closed_form(const struct setting *s, const double *w, bool squared)
{
    double gram[LABELS][LABELS] = {{0}}, *x, *y, sum = 0;
    const double *bias = w + model_parameter(s->model, 1)->offset;
    setting_examples(s, DATA_TRAIN, ROWS, &x, &y);
    for (size_t i = 0; i < PLACES; i++)
        for (size_t a = 0; a < LABELS; a++)
            for (size_t b = 0; b < LABELS; b++) gram[a][b] += w[LABELS * i + a] * w[LABELS * i + b];
    for (size_t n = 0; n < ROWS; n++) {
        double p[LABELS], total = 0, norm = 0;
        for (size_t i = 0; i < PLACES; i++) norm += pow(x[PLACES * n + i], 2);
        for (size_t a = 0; a < LABELS; a++) {
            double f = bias[a];
            for (size_t i = 0; i < PLACES; i++) f += x[PLACES * n + i] * w[LABELS * i + a];
            total += p[a] = exp(f);
        }
        for (size_t a = 0; a < LABELS; a++)
            for (size_t b = 0; b < LABELS; b++) {
                double bend =
                    squared ? a == b : (a == b) * p[a] / total - p[a] * p[b] / (total * total);
                sum += gram[a][b] * bend * norm / ROWS;
            }
    }
    return sum;
}

Test(relative_flatness, closed_form_of_a_linear_layer)
{
    for (int squared = 0; squared < 2; squared++) {
        struct setting s;
        setting_format(&s,
                       "dataset: {name: mnist1d, train_size: 60, test_size: 10}\nprecision: "
                       "float64\narchitecture: {type: linear}\ntraining: {loss: %s}\nmeasures: "
                       "{relative_flatness: {method: exact}}\n",
                       squared ? "mse" : "cross_entropy");
        double *w = some_weights(&s);
        struct record *record = measured(&s, FLAT, w);
        NEAR(scalar(record, FLAT) / closed_form(&s, w, squared), 1, 1e-10);
        cr_assert_eq(scalar(record, "relative_flatness_stderr"), 0);
        setting_close(&s);
    }
}

/* By the definition, with neurons as rows of the weights in a file, for convolutions too: each
 * column of H by a product with a unit vector. */
static void by_definition(const char *yaml)
{
    struct setting s;
    setting_format(
        &s, "%smeasures: {relative_flatness: {layers: all, method: exact, examples: 6}}\n", yaml);
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, 6);
    size_t size = setting_size(&s), layer = 0;
    double *w = some_weights(&s), *unit = doubles(&s, size), *h = doubles(&s, size);
    struct record *record = measured(&s, FLAT, w), *file;
    const struct record_item *values =
        found(record, "/measures/relative_flatness_per_layer/flatness");
    OK(record_create(s.arena, &file));
    for (int j = 0; j < model_parameter_count(s.model); j++) {
        const struct model_parameter *parameter = model_parameter(s.model, j);
        if (parameter->role != ROLE_WEIGHT || parameter->shape.rank < 2) continue;
        /* Which place in the file has element i: export numbers instead of weights. */
        double *numbers = doubles(&s, (size_t)model_state_size(s.model)), sum = 0;
        for (int64_t i = 0; i < parameter->size; i++) numbers[parameter->offset + i] = (double)i;
        char group[40], path[120];
        snprintf(group, sizeof group, "/numbers/%d", j);
        snprintf(path, sizeof path, "%s/%s", group, parameter->name);
        OK(model_export(s.model, numbers, PRECISION_FLOAT64, file, group));
        const struct record_item *item = found(file, path);
        size_t rows = item->dims[0], columns = (size_t)parameter->size / rows;
        size_t *inside = arena_array(s.arena, size_t, rows * columns);
        for (size_t k = 0; k < rows * columns; k++)
            inside[k] = (size_t)parameter->offset + (size_t)record_number(item, k);
        for (size_t k = 0; k < rows * columns; k++) {
            unit[inside[k]] = 1;
            OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, unit, 1, h));
            unit[inside[k]] = 0;
            for (size_t other = 0; other < rows; other++) {
                double dot = 0;
                for (size_t i = 0; i < columns; i++)
                    dot += w[inside[k / columns * columns + i]] * w[inside[other * columns + i]];
                sum += dot * h[inside[other * columns + k % columns]];
            }
        }
        NEAR(record_number(values, layer++) / sum, 1, 1e-7);
    }
    cr_assert_eq(layer, record_count(values));
    NEAR(scalar(record, FLAT), record_number(values, layer - 1), 1e-14);
    objective_destroy(objective);
    setting_close(&s);
}

Test(relative_flatness, by_a_dense_hessian)
{
    by_definition(kinds[0].yaml);
    by_definition(kinds[3].yaml);
    by_definition(kinds[5].yaml);
}

Test(relative_flatness, estimate_within_its_error)
{
    double exact = 0;
    for (int k = 0; k < 3; k++) {
        static const char *const options[] = {"method: exact", "probes: 200",
                                              "probes: 200, layers: all"};
        struct setting s;
        setting_format(&s, RELU_NET "measures: {relative_flatness: {%s}}\n", options[k]);
        struct record *record = measured(&s, FLAT, some_weights(&s));
        double value = scalar(record, FLAT), error = scalar(record, "relative_flatness_stderr");
        if (k == 0) exact = value;
        if (k > 0) {
            cr_assert(error > 0 && error < 0.5 * exact, "%g of %g", error, exact);
            NEAR((value - exact) / error, 0, 4);
        }
        setting_close(&s);
    }
}

Test(relative_flatness, rescaling_does_not_change_it)
{
    struct setting s;
    setting_open(&s, RELU_NET "measures: {relative_flatness: {layers: all, method: exact}}\n");
    double *w = some_weights(&s);
    struct record *before = measured(&s, FLAT, w),
                  *after = measured(&s, FLAT, rescaled(&s, w, rescaling(&s, 9)));
    for (size_t k = 0; k < 2; k++) {
        const char *path = "/measures/relative_flatness_per_layer/flatness";
        NEAR(record_number(found(after, path), k) / record_number(found(before, path), k), 1, 1e-9);
    }
    setting_close(&s);
}

Test(relative_flatness, every_kind_of_network)
{
    every_kind(FLAT, "probes: 3, layers: all", FLAT);
    every_kind(FLAT, "probes: 3", FLAT);
}

Test(relative_flatness, exact_is_refused_for_large_networks)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s, "architecture: {type: mlp, hidden: [4000]}\nmeasures: {relative_flatness: "
                     "{method: exact}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    cr_assert(strstr(basin_error_last()->hint, "hutchinson"));
    setting_close(&s);
}
