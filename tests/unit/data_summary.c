#include "data_files.h"

TestSuite(summary, .init = data_start, .fini = data_stop);

static const char *summary_of(const struct data *data)
{
    struct text line = {0};
    data_summary(data, &line);
    const char *copy = arena_text(arena, text_data(&line));
    text_free(&line);
    return copy;
}

static const char *notes_of(const struct data *data)
{
    struct text lines = {0};
    data_notes(data, &lines);
    const char *copy = arena_text(arena, text_data(&lines));
    text_free(&lines);
    return copy;
}

/* 10 + 5 examples of one byte, and these labels. */
static const struct value *labelled_block(const char *suffix, const uint8_t train[10],
                                          const uint8_t test[5])
{
    const struct value *dataset = small_idx(suffix);
    uint8_t pixels[15];
    for (int i = 0; i < 15; i++) pixels[i] = (uint8_t)i;
    write_idx(arena_format(arena, "x%s", suffix), 8, 2, (uint32_t[]){10, 1}, pixels, 10);
    write_idx(arena_format(arena, "xt%s", suffix), 8, 2, (uint32_t[]){5, 1}, pixels + 10, 5);
    write_idx(arena_format(arena, "y%s", suffix), 8, 1, (uint32_t[]){10}, train, 10);
    write_idx(arena_format(arena, "yt%s", suffix), 8, 1, (uint32_t[]){5}, test, 5);
    return dataset;
}

static const struct data *labelled(const char *suffix, const uint8_t train[10],
                                   const uint8_t test[5])
{
    return opened(labelled_block(suffix, train, test));
}

Test(summary, a_line_says_how_data_were_read)
{
    const struct value *dataset = small_idx("");
    cr_assert_str_eq(summary_of(opened(dataset)),
                     "20 training and 6 test examples of 4 x 4 bytes; 5 classes, labels 0 to 4");
    cr_assert_str_eq(
        summary_of(opened(with(with(dataset, "validation_size", "3"), "test_size", "2"))),
        "17 training, 3 validation and 2 test examples of 4 x 4 bytes; 5 classes, "
        "labels 0 to 4");
    cr_assert(strstr(summary_of(opened(block("linear-regression", "p", "7", NULL))),
                     "100 training and 1000 test examples of 7 "));
    cr_assert(strstr(summary_of(opened(block("mnist1d", NULL))),
                     "4000 training and 1000 test examples of 40 "));
    write_plain("t.txt", "abcabcabcabcabcabcabcabcabcabcabcabc", 36);
    cr_assert_str_eq(
        summary_of(opened(block("text", "path", in_folder("t.txt"), "context", "3",
                                "train_fraction", "0.5", "validation_fraction", "0.0", NULL))),
        "5 training and 5 test windows of 3 tokens; 3 different tokens");
}

Test(summary, targets_have_a_range)
{
    hid_t file = H5Fcreate(in_folder("a.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const double y[] = {0.5, -2, 7.25, 1};
    static const char *const names[] = {"x", "y", "x_test", "y_test"};
    for (int k = 0; k < 4; k++)
        h5_add(file, names[k], H5T_NATIVE_DOUBLE, H5T_IEEE_F32LE, 1, (hsize_t[]){k < 2 ? 4 : 3}, y);
    H5Fclose(file);
    const struct data *data = opened(block("hdf5", "path", in_folder("a.h5"), NULL));
    cr_assert_str_eq(summary_of(data), "4 training and 3 test examples of 1 float32; 1 target, -2 "
                                       "to 7.25");
    cr_assert(strstr(notes_of(data), "every test example is a training example too"));
}

Test(summary, classes_without_examples_are_noted)
{
    const uint8_t all[10] = {0, 1, 2, 3, 4, 0, 1, 2, 3, 4}, some[5] = {0, 1, 2, 3, 4};
    cr_assert_str_eq(notes_of(labelled("a", all, some)), "");
    const uint8_t gap[10] = {0, 1, 5, 5, 1, 0, 1, 5, 5, 1}, low[5] = {0, 1, 5, 0, 1};
    cr_assert_str_eq(notes_of(labelled("b", gap, low)),
                     "no training example has classes 2, 3, 4, of 6\n");
    const uint8_t high[5] = {0, 1, 3, 5, 3};
    cr_assert_str_eq(notes_of(labelled("c", gap, high)),
                     "no training example has classes 2, 4, of 6\n"
                     "the test examples have class 3, which no training example has (2 of 5 test "
                     "examples)\n");
    const uint8_t many[10] = {0, 20, 2, 20, 3, 19, 18, 17, 16, 15}, two[5] = {14, 13, 12, 0, 1};
    cr_assert(strstr(notes_of(labelled("d", many, two)),
                     "no training example has classes 4, 5, 6, 7, 8, 9, 10, 11, of 21\n"));
}

/* 100, 200, 250 name classes; 0, 100, 200 may. */
Test(summary, labels_far_apart_are_classes_in_order_or_noted)
{
    const uint8_t far[10] = {100, 200, 250, 100, 200, 250, 100, 200, 250, 100};
    const uint8_t other[5] = {100, 200, 100, 200, 7}, zero[5] = {100, 200, 100, 200, 0};
    const struct data *data = labelled("a", far, far);
    cr_assert_eq(data_describe(data)->outputs, 3);
    cr_assert_str_eq(notes_of(data), "");
    const char *notes = notes_of(labelled("b", far, other));
    cr_assert(strstr(notes, "the test examples have class 7, which no training example has"));
    notes = notes_of(labelled("c", far, zero));
    cr_assert(strstr(notes, "there are 251, of which 247 have no example; if the labels are names "
                            "of 4 classes, write classes: [0, 100, 200, 250]\n"),
              "%s", notes);
}

Test(summary, a_single_class_is_noted)
{
    const uint8_t zero[10] = {0}, other[5] = {1, 0, 0, 0, 0}, two[10] = {[4] = 1};
    const char *single = "all training examples have label 0: with one class";
    cr_assert(strstr(notes_of(labelled("a", zero, zero)), single));
    cr_assert(strstr(notes_of(labelled("b", zero, other)), single));
    cr_assert_str_eq(notes_of(labelled("c", two, other)), "");
}

Test(summary, labels_from_one_are_renumbered_and_the_line_says_so)
{
    const uint8_t one[10] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1};
    const struct data *data = labelled("a", one, one);
    cr_assert_str_eq(summary_of(data), "10 training and 5 test examples of 1 bytes; 3 classes, "
                                       "labels 1 to 3 -> 0 to 2");
    cr_assert_str_eq(notes_of(data), "");
    const uint8_t zero[5] = {1, 2, 3, 0, 1};
    cr_assert_str_eq(notes_of(labelled("b", one, zero)),
                     "the test examples have class 0, which no training example has (1 of 5 test "
                     "examples)\n");
}

/* Which labels there are is asked of all examples, not of the few that are chosen. */
Test(summary, where_labels_begin_is_asked_of_all_examples)
{
    const uint8_t all[10] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1}, some[5] = {1, 2, 3, 1, 0};
    bool lacked = false;
    for (int seed = 0; seed < 40; seed++) {
        const struct value *few = with(labelled_block("e", all, some), "train_size", "2");
        few = with(with(few, "test_size", "1"), "seed", arena_format(arena, "%d", seed));
        const struct data *data = opened(few);
        cr_assert(!strstr(summary_of(data), "->"), "%s", summary_of(data));
        lacked = lacked || strstr(notes_of(data), "no training example has classes 0");
    }
    cr_assert(lacked, "some of these choices have no label 0");
}

static const char *notes_of_shape(const char *suffix, const uint32_t dims[4])
{
    const struct value *dataset = small_idx(suffix);
    size_t size = dims[0] * dims[1] * dims[2] * dims[3];
    uint8_t *pixels = arena_allocate(arena, size);
    for (size_t i = 0; i < size; i++) pixels[i] = (uint8_t)(i * i % 251);
    write_idx(arena_format(arena, "x%s", suffix), 8, 4, dims, pixels, size);
    for (size_t i = 0; i < size; i++) pixels[i] = (uint8_t)(i * i * i % 253);
    write_idx(arena_format(arena, "xt%s", suffix), 8, 4, (uint32_t[]){6, dims[1], dims[2], dims[3]},
              pixels, size / 20 * 6);
    return notes_of(opened(dataset));
}

Test(summary, channels_that_come_first_are_noted)
{
    cr_assert_str_eq(notes_of_shape("a", (uint32_t[]){20, 3, 8, 9}),
                     "examples of shape (3, 8, 9) are read as images of 3 x 8 with 9 channels; if "
                     "they have 3 channels, write layout: channels_first\n");
    cr_assert(strstr(notes_of_shape("b", (uint32_t[]){20, 1, 8, 8}), "have 1 channel, write"));
    cr_assert_str_eq(notes_of_shape("d", (uint32_t[]){20, 8, 9, 3}), "");
    cr_assert_str_eq(notes_of_shape("e", (uint32_t[]){20, 8, 8, 16}), "");
}

Test(summary, test_examples_that_are_training_examples_are_noted)
{
    const struct value *dataset = small_idx("");
    cr_assert_str_eq(notes_of(opened(dataset)),
                     "every test example is a training example too: the test numbers say nothing "
                     "of unseen data\n",
                     "the images of small_idx are the first of its training images");
    dataset = small_idx("2");
    uint8_t pixels[6 * 16];
    for (int i = 0; i < 6 * 16; i++) pixels[i] = (uint8_t)(200 + i % 50);
    for (int k = 0; k < 16; k++) pixels[k] = (uint8_t)(3 * 10 + 7 * k); /* of the same class */
    write_idx("xt2", 8, 3, (uint32_t[]){6, 4, 4}, pixels, sizeof pixels);
    cr_assert_str_eq(notes_of(opened(dataset)), "1 of 6 test examples equal a training example\n");
    dataset = small_idx("3");
    for (int k = 0; k < 16; k++) pixels[k] = (uint8_t)(3 * 11 + 7 * k); /* of class 1, here 0 */
    write_idx("xt3", 8, 3, (uint32_t[]){6, 4, 4}, pixels, sizeof pixels);
    cr_assert_str_eq(notes_of(opened(dataset)),
                     "1 of 6 test examples have the input of a training example, with another "
                     "label\n");
}

/* 40 + 40 examples whose float targets are `value(i, k)`, `outputs` each. */
static const char *notes_of_targets(const char *name, size_t outputs,
                                    double (*value)(size_t i, size_t k))
{
    hid_t file = H5Fcreate(in_folder(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    double y[40 * 3], x[2][40];
    for (size_t i = 0; i < 40; i++) {
        x[0][i] = (double)i, x[1][i] = (double)i + 100;
        for (size_t k = 0; k < outputs; k++) y[i * outputs + k] = value(i, k);
    }
    h5_add(file, "x", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){40}, x[0]);
    h5_add(file, "x_test", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){40}, x[1]);
    h5_add(file, "y", H5T_NATIVE_DOUBLE, H5T_IEEE_F32LE, 2, (hsize_t[]){40, outputs}, y);
    h5_add(file, "y_test", H5T_NATIVE_DOUBLE, H5T_IEEE_F32LE, 2, (hsize_t[]){40, outputs}, y);
    H5Fclose(file);
    return notes_of(opened(block("hdf5", "path", in_folder(name), NULL)));
}

static double class_number(size_t i, size_t k)
{
    (void)k;
    return (double)(i % 3);
}

static double one_hot(size_t i, size_t k)
{
    return i % 3 == k;
}

static double sign(size_t i, size_t k)
{
    (void)k;
    return i % 2 ? 1 : -1;
}

static double from_one(size_t i, size_t k)
{
    (void)k;
    return (double)(i % 3 + 1);
}

static double half(size_t i, size_t k)
{
    (void)k;
    return (double)i / 2;
}

static double two_hot(size_t i, size_t k)
{
    return i % 3 != k;
}

static double nothing_but_zeros(size_t i, size_t k)
{
    (void)i, (void)k;
    return 0;
}

Test(summary, floats_that_look_like_labels_are_noted)
{
    cr_expect(strstr(notes_of_targets("labels.h5", 1, class_number),
                     "whole numbers, 0 to 2; if they are classes, write task: classification\n"));
    cr_expect(strstr(notes_of_targets("signs.h5", 1, sign), "whole numbers, -1 to 1; "));
    cr_expect(strstr(notes_of_targets("from-one.h5", 1, from_one), "write task: classification"));
    cr_expect(strstr(notes_of_targets("one-hot.h5", 3, one_hot), "a single 1"));
    cr_expect_str_eq(notes_of_targets("half.h5", 1, half), "");
    cr_expect_str_eq(notes_of_targets("two.h5", 3, two_hot), "");
    cr_expect_str_eq(notes_of_targets("zeros.h5", 1, nothing_but_zeros), "");
}

/* 40 + 40 examples of two features; the second one of training and of test ends at these. */
static const char *notes_of_scale(const char *name, double train, double test, double target,
                                  const char *standardize)
{
    hid_t file = H5Fcreate(in_folder(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    double x[2][80], y[40];
    for (size_t i = 0; i < 40; i++) {
        x[0][2 * i] = (double)i / 40, x[1][2 * i] = -(double)i / 40;
        x[0][2 * i + 1] = train * (double)i / 39, x[1][2 * i + 1] = test * (double)i / 39;
        y[i] = target * (double)i / 39;
    }
    h5_add(file, "x", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2, (hsize_t[]){40, 2}, x[0]);
    h5_add(file, "x_test", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2, (hsize_t[]){40, 2}, x[1]);
    h5_add(file, "y", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){40}, y);
    h5_add(file, "y_test", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){40}, y);
    H5Fclose(file);
    return notes_of(
        opened(block("hdf5", "path", in_folder(name), "standardize", standardize, NULL)));
}

Test(summary, inputs_and_targets_far_from_one_are_noted)
{
    cr_expect_str_eq(notes_of_scale("a.h5", 99, -98, 0.5, "none"), "");
    cr_expect(strstr(notes_of_scale("b.h5", -1e6, 5, 0.5, "none"),
                     "inputs are as large as 1e+06 (feature 1), with which training often "));
    cr_expect_str_eq(notes_of_scale("c.h5", -1e6, 5, 0.5, "feature"), "");
    cr_expect_str_eq(notes_of_scale("d.h5", 5, 1e6, 0.5, "none"),
                     "test inputs are as large as 1e+06, but training inputs only as 5\n");
    cr_expect(strstr(notes_of_scale("e.h5", 5, 4, -2e5, "feature"),
                     "targets are as large as 2e+05, with which training often diverges"));
}
