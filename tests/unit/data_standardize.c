#include "data_files.h"

TestSuite(standardize, .init = data_start, .fini = data_stop);

static void check_moments(const double *x, size_t n, size_t stride, double mean, double deviation)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += x[i * stride];
    for (size_t i = 0; i < n; i++)
        square += (x[i * stride] - sum / (double)n) * (x[i * stride] - sum / (double)n);
    cr_assert_float_eq(sum / (double)n, mean, 1e-12);
    cr_assert_float_eq(sqrt(square / (double)n), deviation, 1e-12);
}

Test(standardize, features_are_standardised_by_the_training_split)
{
    const struct data *data =
        opened(block("linear-regression", "n", "60", "p", "3", "validation_size", "20",
                     "standardize", "feature", NULL));
    double *x = all_x(data, DATA_TRAIN), *validation = all_x(data, DATA_VALIDATION);
    for (size_t j = 0; j < 3; j++) check_moments(x + j, 40, 3, 0, 1);
    double sum = 0;
    for (size_t i = 0; i < 20; i++) sum += validation[3 * i];
    cr_assert_gt(fabs(sum), 1e-6, "validation has no part in the statistics");
}

Test(standardize, global_standardisation_has_one_mean_and_deviation)
{
    const struct data *raw = opened(block("linear-regression", "n", "40", "p", "3", NULL));
    const struct data *data =
        opened(block("linear-regression", "n", "40", "p", "3", "standardize", "global", NULL));
    double *x = all_x(data, DATA_TRAIN), *before = all_x(raw, DATA_TRAIN),
           *tests = all_x(data, DATA_TEST);
    check_moments(x, 120, 1, 0, 1);
    double slope = (x[1] - x[0]) / (before[1] - before[0]), offset = x[0] - slope * before[0];
    for (size_t i = 0; i < 120; i++) cr_assert_float_eq(x[i], slope * before[i] + offset, 1e-12);
    for (size_t i = 0; i < 30; i++)
        cr_assert_float_eq(tests[i], slope * all_x(raw, DATA_TEST)[i] + offset, 1e-12);
}

Test(standardize, a_constant_feature_is_only_centred)
{
    uint8_t pixels[20 * 16], tests[6 * 16] = {0};
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = i % 16 == 3 ? 77 : (uint8_t)(i * i % 251);
    const struct value *dataset = small_idx("");
    write_idx("x", 8, 3, (uint32_t[]){20, 4, 4}, pixels, sizeof pixels);
    write_idx("xt", 8, 3, (uint32_t[]){6, 4, 4}, tests, sizeof tests);
    const struct data *data = opened(with(dataset, "standardize", "feature"));
    double *x = all_x(data, DATA_TRAIN), *t = all_x(data, DATA_TEST);
    for (size_t i = 0; i < 20; i++) cr_assert_float_eq(x[16 * i + 3], 0, 1e-16);
    cr_assert_float_eq(t[3], -77 / 255.0, 1e-15);
    check_moments(x + 4, 20, 16, 0, 1);
}
