#include "data_files.h"

TestSuite(range, .init = data_start, .fini = data_stop);

enum { N = 20, TESTS = 4, WIDTH = 3 };

/* x counts up; `special` stands at element 1 of the example `row` of one of the arrays. */
static const struct value *file_with(const char *array, size_t row, double special)
{
    static int files;
    const char *path = arena_text(arena, in_folder(arena_format(arena, "range%d.h5", files++)));
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    static const char *const names[] = {"x", "y", "x_test", "y_test"};
    for (int k = 0; k < 4; k++) {
        double values[N * WIDTH];
        for (int i = 0; i < N * WIDTH; i++) values[i] = i;
        if (strcmp(array, names[k]) == 0) values[row * WIDTH + 1] = special;
        h5_add(file, names[k], H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2,
               (hsize_t[]){k < 2 ? N : TESTS, WIDTH}, values);
    }
    H5Fclose(file);
    return block("hdf5", "path", path, NULL);
}

#define EXPECT_RANGE(data, wide, ...)                                                              \
    check_message(data_check_range(data, wide), BASIN_DATA,                                        \
                  (const char *const[]){__VA_ARGS__, NULL})

Test(range, float32_cannot_hold_what_float64_can)
{
    static const char *const names[] = {"x", "y", "x_test", "y_test"};
    for (int k = 0; k < 4; k++) {
        const struct data *data = opened(file_with(names[k], 3, k % 2 ? -1e39 : 1e39));
        EXPECT_RANGE(data, false, arena_format(arena, "dataset \"%s\"", names[k]), "1e+39",
                     "element 1 of example 3", "float32", "precision: float64");
        cr_assert_str_eq(basin_error_last()->key, "path");
        cr_assert(strstr(basin_error_last()->file, "range"));
        OK(data_check_range(data, true));
        OK(data_check_range(opened(file_with(names[k], 3, 3.4e38)), false));
    }
}

Test(range, only_what_a_view_uses_counts)
{
    const struct value *dataset = with(file_with("x", 5, 1e300), "train_size", "5");
    int refused = 0;
    for (int seed = 0; seed < 20; seed++) {
        const struct data *data = opened(with(dataset, "seed", arena_format(arena, "%d", seed)));
        int64_t rows[5];
        bool has = false;
        data_rows(data, DATA_TRAIN, rows);
        for (int i = 0; i < 5; i++) has = has || rows[i] == 5;
        cr_assert_eq(data_check_range(data, false), has ? BASIN_DATA : BASIN_OK);
        refused += has;
    }
    cr_assert(refused > 0 && refused < 20);
}

Test(range, what_is_standardised_counts_as_it_comes_out)
{
    OK(data_check_range(opened(with(file_with("x", 2, 1e300), "standardize", "feature")), false));
    const struct data *data = opened(with(file_with("x_test", 2, 1e300), "standardize", "feature"));
    EXPECT_RANGE(data, false, "dataset \"x_test\"", "element 1 of example 2", "float64");
    OK(data_check_range(data, true));
}

Test(range, two_ends_of_float64_are_too_far_apart_to_standardise)
{
    hid_t file = H5Fcreate(in_folder("ends.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const double x[] = {1.7e308, 1.7e308, -1.7e308, 1.7e308}, y[] = {0, 1, 2, 3};
    static const char *const names[] = {"x", "y", "x_test", "y_test"};
    for (int k = 0; k < 4; k++)
        h5_add(file, names[k], H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2, (hsize_t[]){3, 1},
               (k % 2 ? y : x) + k / 2);
    H5Fclose(file);
    const struct value *dataset = block("hdf5", "path", in_folder("ends.h5"), NULL);
    EXPECT_RANGE(opened(with(dataset, "standardize", "feature")), true,
                 "beyond the range of float64", "divide");
}

Test(range, images_and_recipes_have_no_such_numbers)
{
    OK(data_check_range(opened(small_idx("")), false));
    OK(data_check_range(opened(block("linear-regression", "standardize", "global", NULL)), false));
    OK(data_check_range(opened(block("mnist1d", "train_size", "20", NULL)), false));
}
