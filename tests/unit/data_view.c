#include "data_files.h"

TestSuite(view, .init = data_start, .fini = data_stop);

/* Row of the source that stands at a position: small_idx's first pixel is three times the row. */
static int row_of(const double *x, size_t position)
{
    return (int)lround(x[16 * position] * 255 / 3);
}

static const struct value *with(const struct value *dataset, const char *key, const char *text)
{
    struct value *copy = arena_allocate(arena, sizeof *copy);
    *copy = *dataset;
    copy->map.members = arena_array(arena, struct value_member, dataset->map.count);
    memcpy(copy->map.members, dataset->map.members,
           dataset->map.count * sizeof *dataset->map.members);
    for (size_t i = 0; i < copy->map.count; i++)
        if (strcmp(copy->map.members[i].key, key) == 0) {
            copy->map.members[i].value = value_from(dataset->map.members[i].value->row, text);
            return copy;
        }
    cr_assert_fail("no key %s", key);
    return copy;
}

Test(view, the_split_is_the_beginning_of_one_permutation)
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

Test(view, the_seed_changes_the_permutation_and_not_the_tests)
{
    const struct value *dataset = small_idx("");
    const struct data *zero = opened(dataset), *one = opened(with(dataset, "seed", "1"));
    cr_assert_neq(memcmp(all_x(zero, DATA_TRAIN), all_x(one, DATA_TRAIN), 20 * 16 * 8), 0);
    cr_assert_eq(memcmp(all_x(zero, DATA_TEST), all_x(one, DATA_TEST), 6 * 16 * 8), 0);
    double *tests = all_x(opened(with(dataset, "test_size", "4")), DATA_TEST);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(row_of(tests, i), (int)i, "the first tests of the file, in order");
}

Test(view, sizes_beyond_the_data_are_refused)
{
    const struct value *dataset = small_idx("");
    REFUSED(with(dataset, "train_size", "21"), "train_size needs 21", "there are 20");
    REFUSED(with(with(dataset, "train_size", "16"), "validation_size", "5"),
            "train_size and validation_size", "21", "20");
    REFUSED(with(dataset, "validation_size", "20"), "validation_size", "20");
    REFUSED(with(dataset, "test_size", "7"), "test_size needs 7", "there are 6");
}

/* ---- label noise ---- */

static size_t count_wrong(const struct data *data)
{
    size_t wrong = 0, outputs = data_describe(data)->outputs;
    for (size_t i = 0; i < data_describe(data)->counts[DATA_TRAIN]; i++) {
        int32_t label = data_labels(data, DATA_TRAIN)[i];
        cr_assert(label >= 0 && (size_t)label < outputs);
        wrong += label != data_clean_labels(data, DATA_TRAIN)[i];
    }
    return wrong;
}

static const struct value *many(const char *noise)
{
    return block("mnist1d", "train_size", "3000", "test_size", "100", "validation_size", "200",
                 "label_noise", noise, NULL);
}

Test(view, label_noise_is_an_exact_number_of_different_classes)
{
    cr_assert_eq(count_wrong(opened(many("0"))), 0);
    cr_assert_eq(count_wrong(opened(many("0.2"))), 600);
    cr_assert_eq(count_wrong(opened(many("0.00017"))), 1, "0.51 is rounded");
    cr_assert_eq(count_wrong(opened(many("0.00016"))), 0);
    cr_assert_eq(count_wrong(opened(many("1"))), 3000);
}

Test(view, label_noise_is_uniform_over_the_other_classes)
{
    const struct data *data = opened(many("1"));
    double shifts[10] = {0}, chi = 0;
    for (size_t i = 0; i < 3000; i++)
        shifts[(data_labels(data, DATA_TRAIN)[i] - data_clean_labels(data, DATA_TRAIN)[i] + 10) %
               10]++;
    cr_assert_eq(shifts[0], 0);
    for (int k = 1; k < 10; k++)
        chi += (shifts[k] - 3000 / 9.0) * (shifts[k] - 3000 / 9.0) / (3000 / 9.0);
    cr_assert_lt(chi, 26.1, "chi square %f of 8 degrees of freedom: beyond the 0.001 quantile",
                 chi);
}

Test(view, more_noise_keeps_what_less_noise_changed)
{
    const struct data *low = opened(many("0.1")), *high = opened(many("0.5"));
    for (size_t i = 0; i < 3000; i++)
        if (data_labels(low, DATA_TRAIN)[i] != data_clean_labels(low, DATA_TRAIN)[i])
            cr_assert_eq(data_labels(high, DATA_TRAIN)[i], data_labels(low, DATA_TRAIN)[i]);
}

Test(view, label_noise_stays_in_the_training_part)
{
    const struct data *noisy = opened(many("1")), *clean = opened(many("0"));
    cr_assert_eq(
        memcmp(data_labels(noisy, DATA_VALIDATION), data_labels(clean, DATA_VALIDATION), 200 * 4),
        0);
    cr_assert_eq(memcmp(data_labels(noisy, DATA_TEST), data_labels(clean, DATA_TEST), 100 * 4), 0);
    cr_assert_eq(
        memcmp(data_clean_labels(noisy, DATA_TRAIN), data_labels(clean, DATA_TRAIN), 3000 * 4), 0);
    const struct data *other = opened(with(many("0.1"), "seed", "9"));
    cr_assert_eq(count_wrong(other), 300);
}

Test(view, noise_of_one_class_is_refused)
{
    write_images("x", 4, 2);
    write_labels("y", 4, 1);
    const char *x = arena_text(arena, in_folder("x")), *y = arena_text(arena, in_folder("y"));
    REFUSED(block("idx", "train_images", x, "train_labels", y, "test_images", x, "test_labels", y,
                  "label_noise", "0.5", NULL),
            "two classes");
}

/* ---- standardisation ---- */

static void check_moments(const double *x, size_t n, size_t stride, double mean, double deviation)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += x[i * stride];
    for (size_t i = 0; i < n; i++)
        square += (x[i * stride] - sum / (double)n) * (x[i * stride] - sum / (double)n);
    cr_assert_float_eq(sum / (double)n, mean, 1e-12);
    cr_assert_float_eq(sqrt(square / (double)n), deviation, 1e-12);
}

Test(view, features_are_standardised_by_the_training_split)
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

Test(view, global_standardisation_has_one_mean_and_deviation)
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

Test(view, a_constant_feature_is_only_centred)
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
