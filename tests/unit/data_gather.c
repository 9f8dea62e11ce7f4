#include "data_files.h"

TestSuite(gather, .init = data_start, .fini = data_stop);

/* Each of bytes, float32 and float64 sources, raw and standardised. */
static const struct value *source_of(int type, const char *how)
{
    if (type == 1)
        return block("mnist1d", "train_size", "50", "test_size", "10", "standardize", how, NULL);
    if (type == 2)
        return block("linear-regression", "n", "50", "test_size", "10", "standardize", how, NULL);
    const struct value *dataset = small_idx("");
    ((struct value *)value_find(dataset, "standardize"))->text = how;
    return dataset;
}

static void check_rows(const struct data *data, enum data_part part)
{
    const struct data_info *info = data_describe(data);
    const uint32_t rows[] = {5, 0, 5, 3, 1, 2, 4};
    enum { COUNT = sizeof rows / sizeof *rows };
    double *all = all_x(data, part),
           *wide = arena_array(arena, double, COUNT *(info->features + info->outputs) + 2);
    float *narrow = arena_array(arena, float, COUNT *(info->features + info->outputs) + 2);
    double *y = wide + COUNT * info->features;
    float *y_narrow = narrow + COUNT * info->features;
    y[COUNT * info->outputs] = 12345;
    y_narrow[COUNT * info->outputs] = 12345;
    data_gather_double(data, ROWS(part, rows, COUNT), wide, y);
    data_gather_float(data, ROWS(part, rows, COUNT), narrow, y_narrow);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < info->features; j++) {
            double value = wide[i * info->features + j];
            cr_assert_eq(value, all[rows[i] * info->features + j]);
            cr_assert_float_eq(narrow[i * info->features + j], value, 1e-6 * (1 + fabs(value)));
        }
    for (size_t i = 0; i < COUNT * info->outputs; i++) cr_assert_float_eq(y[i], y_narrow[i], 1e-6);
    if (info->task == DATA_CLASSIFICATION)
        for (size_t i = 0; i < COUNT; i++)
            for (size_t k = 0; k < info->outputs; k++)
                cr_assert_eq(y[i * info->outputs + k],
                             data_labels(data, part)[rows[i]] == (int32_t)k);
    cr_assert(y[COUNT * info->outputs] == 12345 && y_narrow[COUNT * info->outputs] == 12345,
              "nothing behind the last row");
}

Test(gather, rows_come_in_any_order_in_both_precisions)
{
    static const char *const how[] = {"none", "global", "feature"};
    for (int type = 0; type < 3; type++)
        for (int i = 0; i < 3; i++) {
            const struct data *data = opened(source_of(type, how[i]));
            check_rows(data, DATA_TRAIN);
            if (type) check_rows(data, DATA_TEST);
        }
}

Test(gather, either_output_may_be_left_out)
{
    const struct data *data = opened(source_of(0, "none"));
    float x[16] = {-1}, y[5] = {-1, -1, -1, -1, -1};
    const uint32_t row = 2;
    data_gather_float(data, ROWS(DATA_TEST, &row, 1), NULL, y);
    cr_assert_arr_eq(y, ((float[]){0, 0, 1, 0, 0}), sizeof y, "the old content is gone");
    data_gather_float(data, ROWS(DATA_TEST, &row, 1), x, NULL);
    cr_assert_float_eq(x[0], 6 / 255.0, 1e-7);
    data_gather_float(data, ROWS(DATA_TEST, &row, 0), NULL, NULL);
}

Test(gather, noisy_labels_are_the_targets)
{
    const struct data *data =
        opened(block("mnist1d", "train_size", "50", "label_noise", "1", NULL));
    double y[10];
    for (uint32_t row = 0; row < 50; row++) {
        data_gather_double(data, ROWS(DATA_TRAIN, &row, 1), NULL, y);
        cr_assert_eq(y[data_labels(data, DATA_TRAIN)[row]], 1);
        cr_assert_eq(y[data_clean_labels(data, DATA_TRAIN)[row]], 0);
    }
}
