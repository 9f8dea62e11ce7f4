#include "data_files.h"

TestSuite(label_noise, .init = data_start, .fini = data_stop);

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

Test(label_noise, label_noise_is_an_exact_number_of_different_classes)
{
    cr_assert_eq(count_wrong(opened(many("0"))), 0);
    cr_assert_eq(count_wrong(opened(many("0.2"))), 600);
    cr_assert_eq(count_wrong(opened(many("0.00017"))), 1, "0.51 is rounded");
    cr_assert_eq(count_wrong(opened(many("0.00016"))), 0);
    cr_assert_eq(count_wrong(opened(many("1"))), 3000);
}

Test(label_noise, label_noise_is_uniform_over_the_other_classes)
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

Test(label_noise, more_noise_keeps_what_less_noise_changed)
{
    const struct data *low = opened(many("0.1")), *high = opened(many("0.5"));
    for (size_t i = 0; i < 3000; i++)
        if (data_labels(low, DATA_TRAIN)[i] != data_clean_labels(low, DATA_TRAIN)[i])
            cr_assert_eq(data_labels(high, DATA_TRAIN)[i], data_labels(low, DATA_TRAIN)[i]);
}

Test(label_noise, label_noise_stays_in_the_training_part)
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

Test(label_noise, noise_of_one_class_is_refused)
{
    write_images("x", 4, 2);
    write_labels("y", 4, 1);
    const char *x = arena_text(arena, in_folder("x")), *y = arena_text(arena, in_folder("y"));
    REFUSED(block("idx", "train_images", x, "train_labels", y, "test_fraction", "0.5",
                  "label_noise", "0.5", NULL),
            "two classes");
}
