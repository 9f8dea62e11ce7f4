/* run/execute.c: what a run's record says of the examples that it was trained on. */
#include <unistd.h>
#include "../support.h"

static const struct record_item *expect_rows(const struct record *record, const char *part,
                                             int64_t first, int64_t step, size_t count)
{
    char path[64];
    snprintf(path, sizeof path, "/data/rows/%s", part);
    const struct record_item *item = record_find(record, path);
    cr_assert(item, "%s is missing", path);
    cr_assert(item->type == RECORD_INTEGER && item->rank == 1 && item->dims[0] == count);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(record_number(item, i), (double)(first + (int64_t)i * step), "%s, %zu", part,
                     i);
    return item;
}

Test(execute, rows_of_a_recipe_are_its_examples)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 40, validation_size: 10, test_size: 20, "
                     "label_noise: 0.2}\narchitecture: linear\ntraining: {epochs: 1}\n");
    const struct record *record = setting_run(&s);
    const struct record_item *train = expect_rows(record, "train", 0, 1, 40);
    cr_assert_str_eq(record_attribute_get_text(train, "counts"),
                     "examples that the recipe makes to train and validate, from 0");
    expect_rows(record, "validation", 40, 1, 10);
    expect_rows(record, "test", 0, 1, 20);
    setting_close(&s);
}

/* 100 tokens: 50 train, 30 validate, 20 test; a part that is empty has no rows. */
Test(execute, rows_of_a_text_are_where_windows_begin)
{
    char path[] = "/tmp/basin-text-XXXXXX";
    int file = mkstemp(path);
    for (int i = 0; i < 100; i++) cr_assert_eq(write(file, i % 2 ? "b" : "a", 1), 1);
    close(file);
    struct setting s;
    setting_format(&s,
                   "dataset: {name: text, path: %s, context: 7, train_fraction: 0.5, "
                   "validation_fraction: 0.5, train_size: 3}\n"
                   "architecture: {type: gru, hidden_size: 2}\ntraining: {epochs: 1}\n",
                   path);
    const struct record *record = setting_run(&s);
    const struct record_item *train = expect_rows(record, "train", 0, 7, 3);
    cr_assert_str_eq(record_attribute_get_text(train, "counts"),
                     "tokens of the text, from 0: the first of each window");
    expect_rows(record, "validation", 50, 7, 7);
    cr_assert_null(record_find(record, "/data/rows/test"));
    setting_close(&s);
    unlink(path);
}

/* The same training set, put together again from what a result says, is the one that was trained
 * on. */
Test(execute, noisy_labels_and_moments_are_recorded)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 40, validation_size: 10, test_size: 20, "
                     "label_noise: 0.2, standardize: feature}\narchitecture: linear\n"
                     "training: {epochs: 1}\nprecision: float64\n");
    const struct record *record = setting_run(&s);
    const struct record_item *labels = record_find(record, "/data/rows/train_label"),
                             *mean = record_find(record, "/data/mean"),
                             *deviation = record_find(record, "/data/deviation");
    cr_assert(labels && mean && deviation && record_find(record, "/data/feature"));
    cr_assert(labels->dims[0] == 40 && mean->dims[0] == 40 && deviation->dims[0] == 40);
    int changed = 0;
    for (size_t i = 0; i < 40; i++) {
        cr_assert_eq(record_number(labels, i), data_labels(s.data, DATA_TRAIN)[i]);
        changed += record_number(labels, i) != data_clean_labels(s.data, DATA_TRAIN)[i];
    }
    cr_assert_eq(changed, 8);
    struct setting raw;
    setting_open(&raw, "dataset: {name: mnist1d, train_size: 40, validation_size: 10, "
                       "test_size: 20}\narchitecture: linear\n");
    for (uint32_t i = 0; i < 20; i++) {
        double x[40], y[40];
        struct data_gather one = {.part = DATA_TEST, .rows = &i, .count = 1};
        data_gather_double(raw.data, &one, x, NULL);
        data_gather_double(s.data, &one, y, NULL);
        for (size_t j = 0; j < 40; j++)
            cr_assert_float_eq((x[j] - record_number(mean, j)) / record_number(deviation, j), y[j],
                               1e-12);
    }
    setting_close(&raw);
    setting_close(&s);
}

Test(execute, clean_labels_and_raw_numbers_are_not_recorded)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 40}\narchitecture: linear\n"
                     "training: {epochs: 1}\n");
    const struct record *record = setting_run(&s);
    cr_assert_null(record_find(record, "/data/rows/train_label"));
    cr_assert_null(record_find(record, "/data/mean"));
    setting_close(&s);
}

/* (g(w + e v) - g(w - e v)) / 2e is Hv. */
static void difference(struct objective *training, const struct objective_where *where, size_t size,
                       double *w, const double *v, double *hv)
{
    const double e = 1e-5;
    double *lower = malloc(size * sizeof *lower), loss;
    for (int sign = -1; sign <= 1; sign += 2) {
        for (size_t i = 0; i < size; i++) w[i] += sign * e * v[i];
        OK(objective_step(training, where, w, false, sign < 0 ? lower : hv, &loss));
        for (size_t i = 0; i < size; i++) w[i] -= sign * e * v[i];
    }
    for (size_t i = 0; i < size; i++) hv[i] = (hv[i] - lower[i]) / (2 * e);
    free(lower);
}

/* Of full-batch descent with batch normalisation, by statistics of more examples than a measure
 * takes elsewhere: a product in mode train is the derivative of the gradient that training
 * follows. */
Test(execute, measures_of_a_full_batch_see_the_function_that_is_descended)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 1200, test_size: 20}\n"
                     "architecture: {type: sequential, layers: [dense: {units: 3}, batch_norm]}\n"
                     "training: {epochs: 1, optimizer: gd}\nprecision: float64\n"
                     "measures: {hessian_trace: {mode: train, examples: all}}\n");
    size_t size = (size_t)model_size(s.model), state = (size_t)model_state_size(s.model);
    double *w = calloc(state, sizeof *w), *v = calloc(size, sizeof *v),
           *product = calloc(size, sizeof *v), *expected = calloc(size, sizeof *v);
    struct measure_site site = execute_site(s.settings, s.model, s.data);
    execute_choose(s.settings, 0, &site);
    struct objective_request measured = measure_request(&site),
                             trained = train_objective(s.train, s.model, s.data, MODE_TRAIN);
    struct objective_where where = measure_where(&site);
    struct objective *measure, *training;
    OK(objective_create(&measured, &measure));
    OK(objective_create(&trained, &training));
    OK(train_initial(s.train, s.model, w));
    for (size_t i = 0; i < size; i++) v[i] = i % 3 ? 0.1 : -0.2;
    OK(objective_product(measure, &where, w, OBJECTIVE_HESSIAN, v, 1, product));
    difference(training, &where, size, w, v, expected);
    for (size_t i = 0; i < size; i++) NEAR(product[i], expected[i], 1e-7);
    objective_destroy(measure);
    objective_destroy(training);
    free(w), free(v), free(product), free(expected);
    setting_close(&s);
}
