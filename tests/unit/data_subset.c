#include "data_files.h"

TestSuite(subset, .init = data_start, .fini = data_stop);

Test(subset, the_split_is_the_beginning_of_one_permutation)
{
    const struct value *dataset = small_idx("");
    const struct data *all = opened(dataset);
    const struct data *some =
        opened(with(with(dataset, "train_size", "7"), "validation_size", "5"));
    const struct data *rest = opened(with(dataset, "validation_size", "5"));
    double *x = all_x(all, DATA_TRAIN), *train = all_x(some, DATA_TRAIN),
           *validation = all_x(some, DATA_VALIDATION);
    int seen[20] = {0}, moved = 0;
    for (size_t i = 0; i < 20; i++) {
        seen[row_of(x, i)]++;
        moved += row_of(x, i) != (int)i;
        cr_assert_eq(data_labels(all, DATA_TRAIN)[i], row_of(x, i) % 5,
                     "labels follow their images");
    }
    for (size_t i = 0; i < 20; i++) cr_assert_eq(seen[i], 1);
    cr_assert_gt(moved, 10, "it is a permutation, not the order of the file");
    for (size_t i = 0; i < 7; i++) cr_assert_eq(row_of(train, i), row_of(x, i));
    for (size_t i = 0; i < 5; i++) cr_assert_eq(row_of(validation, i), row_of(x, 7 + i));
    for (size_t i = 0; i < 5; i++)
        cr_assert_eq(data_labels(some, DATA_VALIDATION)[i], row_of(x, 7 + i) % 5);
    cr_assert_eq(data_describe(rest)->counts[DATA_TRAIN], 15, "all is what validation leaves");
    cr_assert_eq(data_describe(rest)->available, 20);
}

/* small_idx's pixels say which row of the file they are. */
Test(subset, rows_say_which_examples_of_the_file_a_part_has)
{
    const struct data *data =
        opened(with(with(small_idx(""), "train_size", "7"), "validation_size", "5"));
    for (int part = 0; part < DATA_PARTS; part++) {
        int64_t rows[7];
        const double *x = all_x(data, (enum data_part)part);
        data_rows(data, (enum data_part)part, rows);
        for (size_t i = 0; i < data_describe(data)->counts[part]; i++)
            cr_assert_eq(rows[i], row_of(x, i));
    }
    cr_assert_str_eq(data_rows_meaning(data, DATA_VALIDATION), "rows of the training data, from 0");
    cr_assert_str_eq(data_rows_meaning(data, DATA_TEST), "rows of the test data, from 0");
}

Test(subset, the_seed_changes_the_permutation_and_not_the_tests)
{
    const struct value *dataset = small_idx("");
    const struct data *zero = opened(dataset), *one = opened(with(dataset, "seed", "1"));
    cr_assert_neq(memcmp(all_x(zero, DATA_TRAIN), all_x(one, DATA_TRAIN), 20 * 16 * 8), 0);
    cr_assert_eq(memcmp(all_x(zero, DATA_TEST), all_x(one, DATA_TEST), 6 * 16 * 8), 0);
    double *tests = all_x(opened(with(dataset, "test_size", "4")), DATA_TEST);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(row_of(tests, i), (int)i, "the first tests of the file, in order");
}

Test(subset, sizes_beyond_the_data_are_refused)
{
    const struct value *dataset = small_idx("");
    REFUSED(with(dataset, "train_size", "21"), "train_size needs 21", "there are 20");
    REFUSED(with(with(dataset, "train_size", "16"), "validation_size", "5"),
            "train_size and validation_size", "21", "20");
    REFUSED(with(dataset, "validation_size", "20"), "validation_size", "20");
    REFUSED(with(dataset, "test_size", "7"), "test_size needs 7", "there are 6");
}
