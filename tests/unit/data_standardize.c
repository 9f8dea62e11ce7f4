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

/* ---- precision ---- */

/* hdf5 data of 40 + 10 rows, "x" and "x_test" filled by `value`, labels 0 and 1 in turn. */
static const struct value *table_of(const char *name, size_t features, hid_t stored,
                                    double (*value)(size_t row, size_t feature))
{
    const char *path = arena_text(arena, in_folder(name));
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    double *x = arena_array(arena, double, 40 * features);
    int32_t y[40];
    for (size_t i = 0; i < 40 * features; i++) x[i] = value(i / features, i % features);
    for (int i = 0; i < 40; i++) y[i] = i % 2;
    h5_add(file, "x", H5T_NATIVE_DOUBLE, stored, 2, (hsize_t[]){40, features}, x);
    h5_add(file, "y", H5T_NATIVE_INT32, H5T_STD_I32LE, 1, (hsize_t[]){40}, y);
    h5_add(file, "x_test", H5T_NATIVE_DOUBLE, stored, 2, (hsize_t[]){10, features}, x);
    h5_add(file, "y_test", H5T_NATIVE_INT32, H5T_STD_I32LE, 1, (hsize_t[]){10}, y);
    H5Fclose(file);
    return block("hdf5", "path", path, NULL);
}

static const float *narrow_x(const struct data *data, enum data_part part)
{
    const struct data_info *info = data_describe(data);
    float *x = arena_array(arena, float, info->counts[part] * info->features);
    data_gather_float(data, ROWS(part, first_rows(info->counts[part]), info->counts[part]), x,
                      NULL);
    return x;
}

static double unix_time(size_t row, size_t feature)
{
    return 1.7e9 + (double)feature * 1e6 + 1.5 * (double)row;
}

/* 0, 1, ... 39 have the mean 19.5 and the variance (40^2 - 1) / 12, whatever their offset. */
Test(standardize, what_is_far_from_zero_keeps_its_digits_in_float32)
{
    static const char *const names[] = {"wide.h5", "integers.h5"};
    hid_t stored[] = {H5T_IEEE_F64LE, H5T_STD_I64LE};
    for (int i = 0; i < 2; i++) {
        const struct value *dataset =
            with(table_of(names[i], 3, stored[i], unix_time), "standardize", "feature");
        const struct data *data = opened(dataset);
        int64_t rows[40];
        const float *x = narrow_x(data, DATA_TRAIN);
        data_rows(data, DATA_TRAIN, rows);
        for (size_t k = 0; i == 0 && k < 40 * 3; k++)
            cr_assert_float_eq(x[k], ((double)rows[k / 3] - 19.5) / sqrt(1599 / 12.0), 2e-7);
        for (size_t k = 3; k < 40 * 3; k++) /* stored as integers: 0, 1, 3, 4, 6, ... */
            cr_assert_eq(x[k] > x[k - 3], rows[k / 3] > rows[k / 3 - 1]);
    }
}

Test(standardize, one_mean_far_from_zero_keeps_its_digits_in_float32)
{
    const struct data *data =
        opened(with(table_of("t.h5", 1, H5T_IEEE_F64LE, unix_time), "standardize", "global"));
    int64_t rows[40];
    const float *x = narrow_x(data, DATA_TRAIN), *t = narrow_x(data, DATA_TEST);
    data_rows(data, DATA_TRAIN, rows);
    for (size_t i = 0; i < 40; i++)
        cr_assert_float_eq(x[i], ((double)rows[i] - 19.5) / sqrt(1599 / 12.0), 2e-7);
    for (size_t i = 0; i < 10; i++)
        cr_assert_float_eq(t[i], ((double)i - 19.5) / sqrt(1599 / 12.0), 2e-7);
}

static double constant;

static double constant_value(size_t row, size_t feature)
{
    (void)row, (void)feature;
    return constant;
}

Test(standardize, constant_data_are_exactly_zero)
{
    static const double values[] = {14.62, 0.1, -1e9 / 3, 1.7e9 + 0.1, 1e300, 1e-300, 0};
    static const char *const how[] = {"global", "feature"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (int k = 0; k < 4; k++) {
            constant = values[i];
            bool narrow = k >= 2;
            if (narrow && fabs(constant) > 1e30) continue;
            const char *name = arena_format(arena, "c%zu%d.h5", i, k);
            const struct value *dataset =
                table_of(name, 784, narrow ? H5T_IEEE_F32LE : H5T_IEEE_F64LE, constant_value);
            const struct data *data = opened(with(dataset, "standardize", how[k % 2]));
            const double *x = all_x(data, DATA_TRAIN);
            const float *t = narrow_x(data, DATA_TEST);
            for (size_t j = 0; j < 40 * 784; j++) cr_assert_eq(x[j], 0, "%g", constant);
            for (size_t j = 0; j < 10 * 784; j++) cr_assert_eq(t[j], 0, "%g", constant);
        }
}

Test(standardize, constant_bytes_are_exactly_zero)
{
    uint8_t pixels[20 * 16], tests[6 * 16];
    for (int c = 1; c < 256; c += 6) {
        const char *suffix = arena_format(arena, "_%d", c);
        const struct value *dataset = small_idx(suffix);
        memset(pixels, c, sizeof pixels), memset(tests, c, sizeof tests);
        write_idx(arena_format(arena, "x%s", suffix), 8, 3, (uint32_t[]){20, 4, 4}, pixels, 320);
        write_idx(arena_format(arena, "xt%s", suffix), 8, 3, (uint32_t[]){6, 4, 4}, tests, 96);
        const struct data *data =
            opened(with(dataset, "standardize", c % 4 ? "global" : "feature"));
        for (size_t j = 0; j < 320; j++) cr_assert_eq(all_x(data, DATA_TRAIN)[j], 0);
        for (size_t j = 0; j < 96; j++) cr_assert_eq(narrow_x(data, DATA_TEST)[j], 0);
    }
}

/* The square of neither is a float64. */
static double huge_and_tiny(size_t row, size_t feature)
{
    return ((double)row - 7) * (feature ? 1e-200 : 1e200);
}

Test(standardize, squares_beyond_the_range_of_float64_do_no_harm)
{
    const struct data *data = opened(
        with(table_of("far.h5", 2, H5T_IEEE_F64LE, huge_and_tiny), "standardize", "feature"));
    double *x = all_x(data, DATA_TRAIN);
    check_moments(x, 40, 2, 0, 1);
    check_moments(x + 1, 40, 2, 0, 1);
}

static double unit_step(size_t row, size_t feature)
{
    return (double)(row % 7) + (double)feature;
}

/* Whose runs have another id than those of versions that standardised in float32. */
Test(standardize, what_float32_lost_is_told_from_what_it_rounded)
{
    static const char *const how[] = {"global", "feature"};
    for (int i = 0; i < 2; i++) {
        const struct value *far = table_of("far.h5", 1, H5T_IEEE_F64LE, unix_time),
                           *near = table_of("near.h5", 3, H5T_IEEE_F64LE, unit_step);
        cr_expect(data_lost_in_float32(opened(with(far, "standardize", how[i]))));
        cr_expect_not(data_lost_in_float32(opened(with(near, "standardize", how[i]))));
        cr_expect_not(data_lost_in_float32(opened(with(far, "standardize", "none"))));
        cr_expect_not(data_lost_in_float32(opened(block("mnist1d", "standardize", how[i], NULL))));
        cr_expect_not(data_lost_in_float32(opened(with(small_idx(""), "standardize", how[i]))));
    }
}
