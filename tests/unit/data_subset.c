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

Test(subset, the_seed_changes_the_permutation_and_not_all_of_the_tests)
{
    const struct value *dataset = small_idx("");
    const struct data *zero = opened(dataset), *one = opened(with(dataset, "seed", "1"));
    cr_assert_neq(memcmp(all_x(zero, DATA_TRAIN), all_x(one, DATA_TRAIN), 20 * 16 * 8), 0);
    cr_assert_eq(memcmp(all_x(zero, DATA_TEST), all_x(one, DATA_TEST), 6 * 16 * 8), 0);
}

/* A file that is sorted by class: 30 + 30 examples, the tests 10 of each class. */
static const struct value *sorted_tests(void)
{
    uint8_t pixels[30] = {0}, labels[30];
    const struct value *dataset = small_idx("s");
    for (int i = 0; i < 30; i++) pixels[i] = (uint8_t)i, labels[i] = (uint8_t)(i / 10);
    for (int k = 0; k < 2; k++) {
        if (k) pixels[29] = 29 + 1;
        write_idx(k ? "xts" : "xs", 8, 2, (uint32_t[]){30, 1}, pixels, sizeof pixels);
        write_idx(k ? "yts" : "ys", 8, 1, (uint32_t[]){30}, labels, sizeof labels);
    }
    return dataset;
}

Test(subset, fewer_tests_are_the_first_of_a_permutation_by_the_seed)
{
    const struct value *dataset = with(sorted_tests(), "test_size", "9");
    const struct data *nine = opened(dataset), *more = opened(with(dataset, "test_size", "20")),
                      *other = opened(with(dataset, "seed", "1"));
    int64_t rows[9], larger[20], others[9];
    int seen[30] = {0}, classes[3] = {0};
    data_rows(nine, DATA_TEST, rows);
    data_rows(more, DATA_TEST, larger);
    data_rows(other, DATA_TEST, others);
    const double *x = all_x(nine, DATA_TEST);
    for (int i = 0; i < 9; i++) {
        cr_assert(rows[i] >= 0 && rows[i] < 30 && !seen[rows[i]]++);
        cr_assert_eq(rows[i], larger[i], "a smaller set is the beginning of a larger one");
        cr_assert_eq(lround(x[i] * 255), rows[i]);
        cr_assert_eq(data_labels(nine, DATA_TEST)[i], rows[i] / 10);
        classes[rows[i] / 10]++;
    }
    cr_assert(classes[0] && classes[1] && classes[2], "no class is all there is");
    cr_assert_neq(memcmp(rows, others, sizeof rows), 0);
}

/* Each example is among the 10 of 30 in a third of the seeds: 600 draws, deviation sqrt(600
 * 2/9). */
Test(subset, every_test_example_is_as_likely)
{
    const struct value *dataset = with(sorted_tests(), "test_size", "10");
    int seen[30] = {0};
    for (int seed = 0; seed < 600; seed++) {
        int64_t rows[10];
        data_rows(opened(with(dataset, "seed", arena_format(arena, "%d", seed))), DATA_TEST, rows);
        for (int i = 0; i < 10; i++) seen[rows[i]]++;
    }
    for (int i = 0; i < 30; i++) cr_assert_float_eq(seen[i], 200, 5 * sqrt(600 * 2 / 9.0));
}

Test(subset, all_tests_and_those_of_order_file_stay_in_the_order_of_the_file)
{
    const struct value *dataset = sorted_tests(),
                       *file = with(with(dataset, "test_size", "9"), "test_order", "file");
    const struct data *orders[] = {opened(dataset), opened(with(dataset, "test_size", "30")),
                                   opened(file), opened(with(file, "seed", "1"))};
    for (int k = 0; k < 4; k++) {
        int64_t rows[30];
        data_rows(orders[k], DATA_TEST, rows);
        for (size_t i = 0; i < data_describe(orders[k])->counts[DATA_TEST]; i++)
            cr_assert_eq(rows[i], (int64_t)i);
    }
}

Test(subset, sizes_beyond_the_data_are_refused)
{
    const struct value *dataset = small_idx("");
    REFUSED(with(dataset, "train_size", "21"), "train_size needs 21", "there are 20");
    REFUSED(with(with(dataset, "train_size", "16"), "validation_size", "5"),
            "train_size and validation_size", "21", "20");
    REFUSED(with(dataset, "validation_size", "20"),
            "validation_size is 20, which leaves none of the 20", "to train on");
    REFUSED(with(dataset, "test_size", "7"), "test_size needs 7", "there are 6");
}
