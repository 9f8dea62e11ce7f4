#include "data_files.h"

TestSuite(mnist1d, .init = data_start, .fini = data_stop);

static const struct value *sized(const char *train, const char *validation, const char *seed)
{
    return block("mnist1d", "train_size", train, "validation_size", validation, "seed", seed, NULL);
}

Test(mnist1d, the_default_is_the_published_size)
{
    const struct data_info *info = data_describe(opened(block("mnist1d", NULL)));
    cr_assert(info->task == DATA_CLASSIFICATION && info->rank == 1 && info->dims[0] == 40 &&
              info->features == 40);
    cr_assert(info->outputs == 10 && info->counts[DATA_TRAIN] == 4000 &&
              info->counts[DATA_TEST] == 1000);
    cr_assert(!info->has_digest && info->available == 0);
}

Test(mnist1d, classes_are_balanced_and_standardised)
{
    const struct data *data = opened(block("mnist1d", NULL));
    int counts[10] = {0};
    double *x = all_x(data, DATA_TRAIN), sum = 0, square = 0;
    for (size_t i = 0; i < 4000; i++) counts[data_labels(data, DATA_TRAIN)[i]]++;
    for (int c = 0; c < 10; c++) cr_assert_eq(counts[c], 400);
    for (size_t i = 0; i < 160000; i++) sum += x[i], square += x[i] * x[i];
    cr_assert_float_eq(sum / 160000, 0, 1e-6);
    cr_assert_float_eq(square / 160000, 1, 1e-6);
}

/* Statistics of the authors' frozen copy (4,000 examples) and of the recipe in numpy; the margins
 * are several times the difference between those two. */
Test(mnist1d, examples_look_like_the_authors)
{
    double *x = all_x(opened(block("mnist1d", NULL)), DATA_TRAIN), fourth = 0, lag = 0, first = 0,
           last = 0;
    for (size_t i = 0; i < 160000; i++) fourth += pow(x[i], 4) / 160000;
    for (size_t i = 0; i < 4000; i++) {
        for (size_t j = 0; j < 39; j++) lag += x[40 * i + j] * x[40 * i + j + 1] / (4000 * 39);
        first += x[40 * i] * x[40 * i] / 4000;
        last += x[40 * i + 35] * x[40 * i + 35] / 4000;
    }
    cr_assert_float_eq(fourth, 4.39, 0.15);
    cr_assert_float_eq(sqrt(first), 1.10, 0.04);
    cr_assert_float_eq(sqrt(last), 0.82, 0.05);
    cr_assert_float_eq(lag, 0.80, 0.05);
}

/* A nearest-mean classifier knows nothing of translation and still beats chance: the classes
 * differ. */
Test(mnist1d, class_means_tell_classes_apart)
{
    const struct data *data = opened(block("mnist1d", NULL));
    double means[10][40] = {{0}}, *x = all_x(data, DATA_TRAIN), *tests = all_x(data, DATA_TEST);
    int right = 0;
    for (size_t i = 0; i < 4000; i++)
        for (size_t j = 0; j < 40; j++)
            means[data_labels(data, DATA_TRAIN)[i]][j] += x[40 * i + j] / 400;
    for (size_t i = 0; i < 1000; i++) {
        double best = INFINITY;
        int nearest = -1;
        for (int c = 0; c < 10; c++) {
            double distance = 0;
            for (size_t j = 0; j < 40; j++) distance += pow(tests[40 * i + j] - means[c][j], 2);
            if (distance < best) best = distance, nearest = c;
        }
        right += nearest == data_labels(data, DATA_TEST)[i];
    }
    cr_assert(right > 200 && right < 400, "%d of 1000", right);
}

Test(mnist1d, a_smaller_set_begins_a_larger_one)
{
    double *large = all_x(opened(sized("5000", "0", "3")), DATA_TRAIN);
    const struct data *small = opened(sized("70", "30", "3"));
    cr_assert_eq(memcmp(all_x(small, DATA_TRAIN), large, 70 * 40 * 8), 0);
    cr_assert_eq(memcmp(all_x(small, DATA_VALIDATION), large + 70 * 40, 30 * 40 * 8), 0);
    cr_assert_neq(memcmp(all_x(opened(sized("70", "30", "4")), DATA_TRAIN), large, 70 * 40 * 8), 0);
}

Test(mnist1d, test_examples_are_not_training_examples)
{
    const struct data *data = opened(block("mnist1d", "train_size", "1000", NULL));
    double *x = all_x(data, DATA_TRAIN), *tests = all_x(data, DATA_TEST);
    for (size_t i = 0; i < 1000; i++) cr_assert_neq(memcmp(x + 40 * i, tests + 40 * i, 320), 0);
}

/* Without noise, shift and shear, an example of class 0 is its template: a hill, then flat. */
Test(mnist1d, knobs_reach_the_recipe)
{
    const struct data *data =
        opened(block("mnist1d", "train_size", "100", "test_size", "10", "scale", "0",
                     "max_translation", "1", "correlated_noise", "0", "noise", "0", "shear", "0",
                     "padding_minimum", "60", "padding_maximum", "60", NULL));
    double *x = all_x(data, DATA_TRAIN), *first[10] = {NULL};
    for (size_t i = 0; i < 100; i++) {
        int label = data_labels(data, DATA_TRAIN)[i];
        if (first[label])
            cr_assert_eq(memcmp(first[label], x + 40 * i, 320), 0, "nothing is left to chance");
        first[label] = x + 40 * i;
    }
    for (size_t j = 10; j < 40; j++) cr_assert_float_eq(first[0][j], first[0][39], 1e-6);
    cr_assert_gt(first[0][3], first[0][39] + 0.5, "digit 0 rises");
    cr_assert_lt(first[6][3], first[6][39] - 0.5, "digit 6 falls");
    cr_assert_float_eq(first[0][0], first[0][39], 1e-6, "a template starts at 0");
    const struct data_info *info =
        data_describe(opened(block("mnist1d", "train_size", "20", "length", "97", NULL)));
    cr_assert_eq(info->features, 97);
}

Test(mnist1d, shuffled_points_are_one_permutation_for_all)
{
    const struct data *plain = opened(block("mnist1d", "train_size", "50", NULL));
    const struct data *shuffled =
        opened(block("mnist1d", "train_size", "50", "shuffle_points", "true", NULL));
    double *x = all_x(plain, DATA_TRAIN), *y = all_x(shuffled, DATA_TRAIN);
    int moved = 0;
    for (size_t j = 0; j < 40; j++) {
        size_t from = 0;
        while (from < 40 && y[j] != x[from]) from++;
        cr_assert_lt(from, 40);
        moved += from != j;
        for (size_t i = 0; i < 50; i++) cr_assert_eq(y[40 * i + j], x[40 * i + from]);
    }
    cr_assert_gt(moved, 20);
}

Test(mnist1d, impossible_knobs_are_refused)
{
    REFUSED(block("mnist1d", "padding_minimum", "61", NULL), "padding_minimum 61",
            "padding_maximum 60");
}

/* The numbers are part of every result: they may change only with the format. */
Test(mnist1d, golden_numbers)
{
    const struct data *data =
        opened(block("mnist1d", "train_size", "100", "test_size", "10", NULL));
    double *x = all_x(data, DATA_TRAIN), sum = 0;
    for (size_t i = 0; i < 4000; i++) sum += x[i] * (double)(i % 7 + 1);
    cr_assert_float_eq(sum, 252.967965, 1e-3, "%.6f", sum);
    double *tests = all_x(data, DATA_TEST), test_sum = 0;
    for (size_t i = 0; i < 400; i++) test_sum += tests[i] * (double)(i % 7 + 1);
    cr_assert_float_eq(test_sum, 80.730665, 1e-3, "%.6f", test_sum);
    int32_t begin[10];
    memcpy(begin, data_labels(data, DATA_TRAIN), sizeof begin);
    cr_assert_arr_eq(begin, ((int32_t[]){9, 2, 0, 8, 7, 4, 5, 6, 3, 1}), sizeof begin,
                     "%d %d %d %d %d %d %d %d %d %d", begin[0], begin[1], begin[2], begin[3],
                     begin[4], begin[5], begin[6], begin[7], begin[8], begin[9]);
}
