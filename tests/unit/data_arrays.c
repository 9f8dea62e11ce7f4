#include <sys/stat.h>
#include "data_files.h"

TestSuite(arrays, .init = data_start, .fini = data_stop);

Test(arrays, idx_files_open_packed_or_not_with_one_digest)
{
    const struct data *plain = opened(small_idx("")), *packed = opened(small_idx(".gz"));
    const struct data_info *info = data_describe(plain);
    cr_assert_eq(info->task, DATA_CLASSIFICATION);
    cr_assert_eq(info->rank, 2);
    cr_assert(info->dims[0] == 4 && info->dims[1] == 4 && info->features == 16);
    cr_assert_eq(info->outputs, 5);
    cr_assert_eq(info->available, 20);
    cr_assert(info->counts[DATA_TRAIN] == 20 && info->counts[DATA_VALIDATION] == 0 &&
              info->counts[DATA_TEST] == 6);
    cr_assert(info->has_digest && digest_equal(info->digest, data_describe(packed)->digest));
    cr_assert_eq(info->bytes, 26 * (16 + 4 + 8));
    double *x = all_x(plain, DATA_TEST);
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 16; k++)
            cr_assert_float_eq(x[16 * i + k], ((3 * i + 7 * k) % 256) / 255.0, 1e-15);
    for (int i = 0; i < 6; i++) cr_assert_eq(data_labels(plain, DATA_TEST)[i], i % 5);
}

Test(arrays, the_digest_follows_the_content)
{
    struct digest before = data_describe(opened(small_idx("a")))->digest;
    const struct value *changed = small_idx("b");
    write_idx("yb", 8, 1, (uint32_t[]){20}, "\0\1\2\3\4\0\1\2\3\4\0\1\2\3\4\0\1\2\3\3", 20);
    cr_assert(!digest_equal(before, data_describe(opened(changed))->digest));
    changed = small_idx("c");
    write_idx("xc", 8, 3, (uint32_t[]){20, 2, 8}, arena_allocate(arena, 320), 320);
    write_idx("xtc", 8, 3, (uint32_t[]){6, 2, 8}, arena_allocate(arena, 96), 96);
    struct digest wide = data_describe(opened(changed))->digest;
    changed = small_idx("d");
    write_idx("xd", 8, 3, (uint32_t[]){20, 8, 2}, arena_allocate(arena, 320), 320);
    write_idx("xtd", 8, 3, (uint32_t[]){6, 8, 2}, arena_allocate(arena, 96), 96);
    cr_assert(!digest_equal(wide, data_describe(opened(changed))->digest), "shapes count");
}

Test(arrays, idx_mismatches_name_both_sides)
{
    const struct value *dataset = small_idx("");
    write_labels("y", 19, 5);
    REFUSED(dataset, "/x holds 20 images", "/y holds 19 labels");
    dataset = small_idx("2");
    write_labels("yt2", 7, 5);
    REFUSED(dataset, "/xt2 holds 6 images", "/yt2 holds 7 labels");
    dataset = small_idx("3");
    write_images("xt3", 6, 5);
    REFUSED(dataset, "another shape", "/x3", "/xt3");
    dataset = small_idx("4");
    write_idx("xt4", 13, 3, (uint32_t[]){6, 4, 4}, arena_allocate(arena, 384), 384);
    REFUSED(dataset, "holds float32", "bytes", "/xt4");
    dataset = small_idx("5");
    write_images("y5", 20, 4);
    REFUSED(dataset, "3 dimensions (byte 3); 1 is wanted", "/y5");
    dataset = small_idx("6");
    write_labels("x6", 20, 4);
    REFUSED(dataset, "1 dimensions (byte 3); 2 to 4 are wanted", "/x6");
    dataset = small_idx("7");
    write_idx("y7", 13, 1, (uint32_t[]){20}, arena_allocate(arena, 80), 80);
    REFUSED(dataset, "/y7", "labels are integers");
    dataset = small_idx("8");
    uint8_t negative[20] = {[7] = 0xfe};
    write_idx("y8", 9, 1, (uint32_t[]){20}, negative, 20);
    REFUSED(dataset, "/y8: label -2 of element 7", "0 to 65535", "(byte 15)");
    cr_assert_eq(basin_error_last()->byte, 15);
    dataset = small_idx("9");
    uint8_t wide[40] = {[10] = 0xff, [11] = 0xff};
    write_idx("y9", 11, 1, (uint32_t[]){20}, wide, 40);
    REFUSED(dataset, "label -1 of element 5", "(byte 18)");
}

Test(arrays, a_missing_file_is_refused_by_name)
{
    const struct value *dataset = small_idx("");
    remove(in_folder("yt"));
    REFUSED(dataset, "cannot open", "/yt", "No such file");
}

static void write_fashion(const char *suffix, uint32_t side, uint32_t classes)
{
    static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    char file[64];
    for (int i = 0; i < 4; i++) {
        snprintf(file, sizeof file, "%s%s", names[i], suffix);
        if (i % 2)
            write_labels(file, i < 2 ? 30 : 20, classes);
        else
            write_images(file, i < 2 ? 30 : 20, side);
    }
}

Test(arrays, fashion_mnist_opens_packed_and_plain)
{
    write_fashion(".gz", 28, 3);
    const struct data_info *info =
        data_describe(opened(block("fashion-mnist", "path", folder, NULL)));
    cr_assert_eq(info->outputs, 10, "ten classes, whatever the labels that are there");
    cr_assert(info->features == 784 && info->counts[DATA_TRAIN] == 30);
    struct digest digest = info->digest;
    static const char *const names[] = {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                        "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};
    for (int i = 0; i < 4; i++) remove(in_folder(names[i]));
    write_fashion("", 28, 3);
    data_store_destroy(store);
    OK(data_store_create(&store));
    cr_assert(digest_equal(
        digest, data_describe(opened(block("fashion-mnist", "path", folder, NULL)))->digest));
}

Test(arrays, fashion_mnist_refuses_other_images_labels_and_an_empty_folder)
{
    REFUSED(block("fashion-mnist", "path", folder, NULL), "train-images-idx3-ubyte.gz",
            "apt-get install dataset-fashion-mnist", "dataset.path");
    write_fashion("", 27, 10);
    REFUSED(block("fashion-mnist", "path", folder, NULL), "28 x 28", "train-images");
    write_fashion("", 28, 10);
    write_labels("t10k-labels-idx1-ubyte", 20, 11);
    REFUSED(block("fashion-mnist", "path", folder, NULL),
            "t10k-labels-idx1-ubyte: label 10 of element 10", "0 to 9 (byte 18)");
    cr_assert_eq(basin_error_last()->byte, 18);
    cr_assert(strstr(basin_error_last()->file, "t10k-labels"));
    cr_assert_null(strstr(basin_error_last()->message, "train-"), "%s",
                   basin_error_last()->message);
    write_labels("train-labels-idx1-ubyte.gz", 30, 12);
    REFUSED(block("fashion-mnist", "path", folder, NULL), "train-labels-idx1-ubyte.gz: label 10",
            "(byte 18 of the uncompressed content)");
    remove(in_folder("train-labels-idx1-ubyte.gz"));
    write_fashion("", 28, 10);
    truncate(in_folder("t10k-images-idx3-ubyte"), 1000);
    REFUSED(block("fashion-mnist", "path", folder, NULL), "t10k-images-idx3-ubyte");
    cr_assert_null(strstr(basin_error_last()->hint, "apt-get"),
                   "the file is there: no word of installing it");
}

/* A file of the system whose first page cannot be read. */
Test(arrays, an_error_of_the_disk_has_its_place)
{
    REFUSED(with(small_idx(""), "train_labels", "/proc/self/mem"), "cannot read /proc/self/mem",
            "Input/output error");
    cr_assert_str_eq(basin_error_last()->file, "/proc/self/mem");
    cr_assert_str_eq(basin_error_last()->key, "train_labels");
}

Test(arrays, pipes_and_devices_are_refused_at_once)
{
    cr_assert_eq(mkfifo(in_folder("pipe"), 0600), 0);
    const char *const paths[] = {arena_text(arena, in_folder("pipe")), "/dev/zero"};
    for (int i = 0; i < 2; i++) {
        REFUSED(with(small_idx(""), "test_images", paths[i]), paths[i], "not a regular file");
        REFUSED(block("hdf5", "path", paths[i], NULL), paths[i], "not a regular file");
    }
}

Test(arrays, sizes_are_asked_for_before_anything_is_read)
{
    const struct value *images = small_idx("");
    data_store_limit(store, 400);
    REFUSED(images, "/xt takes 96 B of memory, and there is room for 60 B", "--memory");
    cr_assert_str_eq(basin_error_last()->key, "test_images");
}

/* ---- hdf5 ---- */

enum { N = 6, TESTS = 3, WIDTH = 2 };

/* A file of float x and y of the given type. */
static const struct value *write_h5(const char *name, hid_t y_type, const double *x,
                                    const double *y, int y_rank, const hsize_t *y_dims)
{
    hid_t file = H5Fcreate(in_folder(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hsize_t test_dims[2] = {TESTS, y_rank > 1 ? y_dims[1] : 0};
    h5_add(file, "x", H5T_NATIVE_DOUBLE, H5T_IEEE_F32BE, 2, (hsize_t[]){N, WIDTH}, x);
    h5_add(file, "y", H5T_NATIVE_DOUBLE, y_type, y_rank, y_dims, y);
    h5_add(file, "x_test", H5T_NATIVE_DOUBLE, H5T_IEEE_F32BE, 2, (hsize_t[]){TESTS, WIDTH}, x);
    h5_add(file, "y_test", H5T_NATIVE_DOUBLE, y_type, y_rank, test_dims, y);
    H5Fclose(file);
    return block("hdf5", "path", arena_text(arena, in_folder(name)), NULL);
}

static const double some_x[N * WIDTH] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const double some_y[2 * N] = {0, 3, 2, 1, 0, 3, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5};

Test(arrays, hdf5_integers_are_classes)
{
    const struct data *data =
        opened(write_h5("a.h5", H5T_STD_I16BE, some_x, some_y, 1, (hsize_t[]){N}));
    const struct data_info *info = data_describe(data);
    cr_assert(info->task == DATA_CLASSIFICATION && info->outputs == 4 && info->rank == 1 &&
              info->dims[0] == WIDTH);
    double *x = all_x(data, DATA_TEST);
    for (int i = 0; i < TESTS * WIDTH; i++) cr_assert_eq(x[i], i);
    cr_assert_arr_eq(data_labels(data, DATA_TEST), ((int32_t[]){0, 3, 2}), 12);
}

Test(arrays, hdf5_floats_are_regression_targets)
{
    const struct data *one =
        opened(write_h5("a.h5", H5T_IEEE_F64LE, some_x, some_y, 1, (hsize_t[]){N}));
    cr_assert(data_describe(one)->task == DATA_REGRESSION && data_describe(one)->outputs == 1);
    cr_assert_null(data_labels(one, DATA_TRAIN));
    cr_assert_null(data_clean_labels(one, DATA_TEST));
    const struct data *two =
        opened(write_h5("b.h5", H5T_IEEE_F32LE, some_x, some_y, 2, (hsize_t[]){N, 2}));
    cr_assert_eq(data_describe(two)->outputs, 2);
    double y[2 * TESTS];
    data_gather_double(two, ROWS(DATA_TEST, first_rows(TESTS), TESTS), NULL, y);
    cr_assert_arr_eq(y, some_y, sizeof y);
}

Test(arrays, hdf5_names_can_be_overridden)
{
    hid_t file = H5Fcreate(in_folder("a.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "/deep", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    uint8_t bytes[2 * 2 * 2 * 3] = {255, 51};
    h5_add(file, "/deep/images", H5T_NATIVE_UINT8, H5T_STD_U8LE, 4, (hsize_t[]){2, 2, 2, 3}, bytes);
    h5_add(file, "/deep/labels", H5T_NATIVE_UINT8, H5T_STD_U8LE, 1, (hsize_t[]){2}, "\0\1");
    h5_add(file, "/deep/one", H5T_NATIVE_UINT8, H5T_STD_U8LE, 4, (hsize_t[]){1, 2, 2, 3}, bytes);
    h5_add(file, "/deep/label", H5T_NATIVE_UINT8, H5T_STD_U8LE, 1, (hsize_t[]){1}, "\0");
    H5Fclose(file);
    const struct data *data =
        opened(block("hdf5", "path", in_folder("a.h5"), "x", "/deep/images", "y", "deep/labels",
                     "x_test", "/deep/one", "y_test", "/deep/label", NULL));
    cr_assert(data_describe(data)->rank == 3 && data_describe(data)->dims[2] == 3);
    double *x = all_x(data, DATA_TEST);
    cr_assert_float_eq(x[0], 1, 1e-15, "bytes are scaled to 0 ... 1");
    cr_assert_float_eq(x[1], 0.2, 1e-15);
}

/* x, y and tests stored in these types. */
static const struct value *write_mixed(const char *name, const hid_t types[4])
{
    static const char *const names[] = {"x", "y", "x_test", "y_test"};
    hid_t file = H5Fcreate(in_folder(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (int k = 0; k < 4; k++)
        h5_add(file, names[k], H5T_NATIVE_DOUBLE, types[k], 2 - k % 2,
               (hsize_t[]){k < 2 ? N : TESTS, WIDTH}, k % 2 ? some_y : some_x);
    H5Fclose(file);
    return block("hdf5", "path", arena_text(arena, in_folder(name)), NULL);
}

Test(arrays, training_and_test_numbers_of_two_types_go_together)
{
    const hid_t wide = H5T_IEEE_F64LE, narrow = H5T_IEEE_F32LE, whole = H5T_STD_I16LE,
                byte = H5T_STD_U8LE;
    const hid_t x[][2] = {{narrow, wide}, {wide, narrow}, {whole, wide}, {narrow, whole}};
    struct digest all_wide =
        data_describe(opened(write_mixed("a.h5", (hid_t[]){wide, whole, wide, whole})))->digest;
    for (int k = 0; k < 4; k++) {
        const struct data *data =
            opened(write_mixed(arena_format(arena, "b%d.h5", k),
                               (hid_t[]){x[k][0], k ? whole : byte, x[k][1], whole}));
        const double *tests = all_x(data, DATA_TEST);
        for (int i = 0; i < TESTS * WIDTH; i++) cr_assert_eq(tests[i], i);
        cr_assert(digest_equal(data_describe(data)->digest, all_wide), "the wider type: %d", k);
    }
    const struct data *data = opened(write_mixed("c.h5", (hid_t[]){wide, wide, wide, narrow}));
    double y[TESTS];
    data_gather_double(data, ROWS(DATA_TEST, first_rows(TESTS), TESTS), NULL, y);
    cr_assert_arr_eq(y, some_y, sizeof y);
    REFUSED(write_mixed("d.h5", (hid_t[]){byte, whole, wide, whole}), "x_test", "float64", "bytes");
    REFUSED(write_mixed("e.h5", (hid_t[]){wide, whole, wide, wide}), "y_test", "float64",
            "integers");
}

/* Of two files the second may have the names of the first. */
Test(arrays, hdf5_training_and_test_data_may_be_in_two_files)
{
    const struct value *one = write_h5("a.h5", H5T_STD_I32LE, some_x, some_y, 1, (hsize_t[]){N});
    double other_x[N * WIDTH];
    for (int i = 0; i < N * WIDTH; i++) other_x[i] = 100 + i;
    write_h5("b.h5", H5T_STD_I32LE, other_x, some_y, 1, (hsize_t[]){N});
    const struct data *data =
        opened(block("hdf5", "path", in_folder("a.h5"), "test_path", in_folder("b.h5"), NULL));
    for (int i = 0; i < TESTS * WIDTH; i++) {
        cr_assert_eq(all_x(data, DATA_TEST)[i], 100 + i);
        cr_assert_lt(all_x(data, DATA_TRAIN)[i], 100);
    }
    data = opened(block("hdf5", "path", in_folder("a.h5"), "test_path", in_folder("b.h5"), "x_test",
                        "x", "y_test", "y", NULL));
    cr_assert_eq(data_describe(data)->counts[DATA_TEST], N);
    data = opened(block("hdf5", "path", in_folder("a.h5"), "test_path", in_folder("a.h5"), NULL));
    cr_assert(digest_equal(data_describe(data)->digest, data_describe(opened(one))->digest));
    REFUSED(block("hdf5", "path", in_folder("a.h5"), "test_path", in_folder("c.h5"), NULL), "/c.h5",
            "No such file");
    cr_assert_str_eq(basin_error_last()->key, "test_path");
}

Test(arrays, hdf5_errors_name_the_dataset_and_the_element)
{
    REFUSED(block("hdf5", "path", in_folder("absent.h5"), NULL), "absent.h5");
    write_plain("text.h5", "hello", 5);
    REFUSED(block("hdf5", "path", in_folder("text.h5"), NULL), "not a readable HDF5 file");
    const struct value *dataset =
        write_h5("a.h5", H5T_STD_I32LE, some_x, some_y, 1, (hsize_t[]){N});
    hid_t file = H5Fopen(in_folder("a.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, "y", H5P_DEFAULT);
    H5Fclose(file);
    REFUSED(dataset, "there is no dataset \"y\"", "a.h5 has \"x\", \"x_test\", \"y_test\"");
    cr_assert_str_eq(basin_error_last()->file, "", "the key is to blame, not the file");
    REFUSED(block("hdf5", "path", folder, NULL), "is a folder");
    double bad_y[N] = {0, 1, -1, 0, 0, 0};
    REFUSED(write_h5("b.h5", H5T_STD_I32LE, some_x, bad_y, 1, (hsize_t[]){N}), "b.h5",
            "dataset \"y\"", "label -1", "element 2");
    bad_y[2] = 70000;
    REFUSED(write_h5("c.h5", H5T_STD_I32LE, some_x, bad_y, 1, (hsize_t[]){N}), "label 70000",
            "element 2");
    bad_y[2] = NAN;
    REFUSED(write_h5("d.h5", H5T_IEEE_F64LE, some_x, bad_y, 1, (hsize_t[]){N}), "dataset \"y\"",
            "example 2", "finite");
    double bad_x[N * WIDTH] = {[5] = INFINITY};
    REFUSED(write_h5("e.h5", H5T_STD_I32LE, bad_x, some_y, 1, (hsize_t[]){N}), "dataset \"x\"",
            "element 1 of example 2");
    REFUSED(write_h5("f.h5", H5T_STD_I32LE, some_x, some_y, 2, (hsize_t[]){N, 2}),
            "2 labels for each example");
    REFUSED(write_h5("g.h5", H5T_STD_I32LE, some_x, some_y, 1, (hsize_t[]){N - 1}),
            "g.h5: dataset \"x\" has 6 examples, but dataset \"y\" has 5");
    dataset = write_h5("h.h5", H5T_IEEE_F64LE, some_x, some_y, 1, (hsize_t[]){N});
    struct value *noisy = (struct value *)value_find(dataset, "label_noise");
    noisy->number = 0.5;
    REFUSED(dataset, "label_noise needs classes");
}

Test(arrays, failing_allocations_are_reported, .timeout = 100)
{
    const struct value *datasets[] = {
        small_idx(".gz"), write_h5("a.h5", H5T_STD_I32LE, some_x, some_y, 1, (hsize_t[]){N}),
        block("mnist1d", "train_size", "20", "label_noise", "0.5", "standardize", "feature",
              "shuffle_points", "true", NULL),
        block("linear-regression", NULL)};
    for (int i = 0; i < 4; i++) {
        basin_status status = BASIN_MEMORY;
        for (long n = 1; status == BASIN_MEMORY; n++) {
            const struct data *data;
            data_store_destroy(store);
            OK(data_store_create(&store));
            memory_fail_at(n);
            status = data_open(store, datasets[i], &data);
            memory_fail_at(0);
        }
        OK(status);
    }
}
