/* The data set csv; what its files may be is in formats_csv_file.c. */
#include "data/arrays.h"
#include "data/view.h"
#include "data_files.h"

TestSuite(csv, .init = data_start, .fini = data_stop);

static const char *csv_file(const char *name, const char *text)
{
    write_plain(name, text, strlen(text));
    return arena_text(arena, in_folder(name));
}

static void expect_summary(const struct data *data, const char *wanted)
{
    struct text text = {0};
    data_summary(data, &text);
    cr_assert_str_eq(text_data(&text), wanted);
    text_free(&text);
}

/* The same numbers, whole and as decimals, from another format. */
Test(csv, equals_the_same_arrays_in_hdf5)
{
    static const double x[] = {0.1, -2, 3e-300, 4, 5.5, 6}, xt[] = {7, 0.3};
    static const double targets[] = {0.25, 1, -3};
    static const char *const names[] = {"a.h5", "b.h5"};
    static const long long labels[] = {1, 0, 1};
    for (int regression = 0; regression < 2; regression++) {
        hid_t file =
            H5Fcreate(in_folder(names[regression]), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        hid_t type = regression ? H5T_NATIVE_DOUBLE : H5T_NATIVE_LLONG;
        const void *y = regression ? (const void *)targets : labels;
        h5_add(file, "x", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){3, 2}, x);
        h5_add(file, "y", type, type, 1, (hsize_t[]){3}, y);
        h5_add(file, "x_test", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){1, 2}, xt);
        h5_add(file, "y_test", type, type, 1, (hsize_t[]){1}, y);
        H5Fclose(file);
        const char *train =
            csv_file(regression ? "r.csv" : "c.csv", regression ? "a,b,y\n0.1,-2,.25\n3e-300,4,1\n"
                                                                  "5.5,6,-3\n"
                                                                : "a,b,y\n0.1,-2,1\n3e-300,4,0\n"
                                                                  "5.5,6,1\n");
        const char *test = csv_file(regression ? "rt.csv" : "ct.csv",
                                    regression ? "y,b,a\n0.250,3e-1,+7\n" : "y,b,a\n1,3e-1,+7\n");
        const struct data *other =
            opened(block("hdf5", "path", in_folder(names[regression]), NULL));
        const struct data *data = opened(block("csv", "path", train, "test_path", test, NULL));
        cr_assert(digest_equal(data->source->digest, other->source->digest));
        cr_assert_arr_eq(all_x(data, DATA_TRAIN), all_x(other, DATA_TRAIN), sizeof x);
        cr_assert_eq(data->info.task, regression ? DATA_REGRESSION : DATA_CLASSIFICATION);
    }
}

Test(csv, names_and_what_was_read_are_told)
{
    const char *train =
        csv_file("train.csv", "n,colour,y\n1,red,cat\n2,,dog\n3,blue,dog\n4,red,eel\n5,red,cat\n");
    const char *test = csv_file("test.csv", "n,colour,y\n7,blue,cat\n?,red,dog\n");
    const struct data *data =
        opened(block("csv", "path", train, "test_path", test, "missing", "drop", NULL));
    expect_summary(data, "4 training and 1 test examples of 3 float64; 3 classes (cat, dog, eel); "
                         "target \"y\"; 1 column of texts; 1 of 5 rows left out, which lack "
                         "values; 1 of 2 test rows left out, which lack values");
    cr_assert_str_eq(data->source->names.features[1], "colour=blue");
    int64_t rows[4];
    data_rows(data, DATA_TRAIN, rows);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq((double)rows[i] + 1, all_x(data, DATA_TRAIN)[3 * i], "row %d", (int)rows[i]);
}

static void expect_notes(const struct data *data, const char *wanted)
{
    struct text text = {0};
    data_notes(data, &text);
    cr_assert_str_eq(text_data(&text), wanted);
    text_free(&text);
}

Test(csv, columns_that_only_name_rows_are_noted)
{
    struct text text = {0};
    text_append(&text, "id,name,x,y\n");
    for (int i = 0; i < 30; i++) text_format(&text, "%d,n%d,%d,%d\n", i + 1, i, i * i % 31, i % 2);
    const char *train = csv_file("train.csv", text_data(&text));
    text_free(&text);
    const struct data *data =
        opened(block("csv", "path", train, "test_size", "9", "features", "[x, id]", NULL));
    expect_notes(data, "column \"id\" only counts the rows: leave it out by `exclude`\n");
    data = opened(block("csv", "path", train, "test_size", "9", "features", "[x, name]", "target",
                        "y", "stratify", "true", NULL));
    struct text notes = {0};
    data_notes(data, &notes);
    cr_assert(strstr(text_data(&notes),
                     "column \"name\" has 30 different texts, each of which is a feature"));
    text_free(&notes);
    data = opened(
        block("csv", "path", train, "test_size", "9", "features", "[x]", "target", "y", NULL));
    data_notes(data, &notes);
    cr_assert(!strstr(text_data(&notes), "column"), "%s", text_data(&notes));
    text_free(&notes);
}

Test(csv, means_are_told)
{
    const char *train = csv_file("train.csv", "n,m,y\n1,,0.5\n3,2,1.5\n,5,1.25\n4,6,0.75\n");
    const struct data *data =
        opened(block("csv", "path", train, "missing", "mean", "test_size", "1", NULL));
    expect_summary(data, "3 training and 1 test examples of 2 float64; 1 target, 0.5 to 1.5; "
                         "target \"y\"; 2 missing values are means");
}

Test(csv, rows_are_images_and_channels_may_come_first)
{
    const char *train =
        csv_file("train.csv", "y,a,b,c,d,e,f,g,h\n0,0,1,2,3,4,5,6,7\n1,0,255,2,3,4,5,6,7\n");
    const struct data *data =
        opened(block("csv", "path", train, "target", "y", "type", "uint8", "shape", "[2, 2, 2]",
                     "layout", "channels_first", "test_size", "1", NULL));
    cr_assert(data->info.rank == 3 && data->info.dims[2] == 2);
    const double *x = all_x(data, DATA_TRAIN);
    cr_assert(x[0] == 0 && fabs(x[1] - 4 / 255.0) < 1e-15 && fabs(x[7] - 7 / 255.0) < 1e-15);
    REFUSED(block("csv", "path", train, "target", "y", "shape", "[2, 2]", NULL), "8 features");
    REFUSED(block("csv", "path", train, "target", "y", "shape", "[2, 2, 2, 1]", NULL), "at most 3");
}

/* Groups of ten rows each; one that is cut would have rows on both sides. */
Test(csv, groups_stay_together)
{
    struct text text = {0};
    text_append(&text, "patient,x,y\n");
    for (int i = 0; i < 100; i++) text_format(&text, "p%d,%d,%d\n", i / 10, i, i % 2);
    const char *train = csv_file("train.csv", text_data(&text));
    text_free(&text);
    const struct data *data =
        opened(block("csv", "path", train, "group", "patient", "test_fraction", "0.3", NULL));
    cr_assert(data->info.counts[DATA_TEST] == 30 && data->info.features == 1);
    bool tests[10] = {false};
    for (size_t i = 0; i < 30; i++) tests[(int)all_x(data, DATA_TEST)[i] / 10] = true;
    for (size_t i = 0; i < 70; i++) cr_assert_not(tests[(int)all_x(data, DATA_TRAIN)[i] / 10]);
}

Test(csv, separators_and_quotes_by_word_or_character)
{
    const char *train = csv_file("train.csv", "a;'y'\n1,5;'2,5'\n2;3,0\n");
    static const char *const separators[] = {";", "semicolon"}, *const quotes[] = {"'", "single"};
    for (int i = 0; i < 2; i++) {
        const struct data *data =
            opened(block("csv", "path", train, "separator", separators[i], "quote", quotes[i],
                         "decimal", "comma", "test_size", "1", NULL));
        expect_summary(data, "1 training and 1 test examples of 1 float64; 1 target, 2.5 to 3; "
                             "target \"y\"");
    }
    REFUSED(block("csv", "path", train, "separator", "semikolon", NULL), "found \"semikolon\"");
    REFUSED(block("csv", "path", train, "separator", "a", NULL), "found \"a\"");
    REFUSED(block("csv", "path", train, "quote", ",", NULL), "same character");
    REFUSED(block("csv", "path", train, NULL), "only one column", "separator: semicolon");
}

Test(csv, refusals_name_the_key)
{
    const char *train = csv_file("train.csv", "a,y\n1,2\nx,3\n");
    REFUSED(block("csv", "path", train, NULL), "line 3", "\"x\" is no number");
    cr_assert_str_eq(basin_error_last()->key, "path");
    REFUSED(block("csv", "path", train, "target", "z", NULL), "no column \"z\"");
    cr_assert_str_eq(basin_error_last()->key, "target");
}

Test(csv, shortage_of_memory_is_reported)
{
    const char *train = csv_file("train.csv", "n,m,who,y\n1,u,a,p\n3,,b,q\n,v,a,p\n4,u,c,q\n");
    const struct value *dataset = block("csv", "path", train, "missing", "drop", "group", "who",
                                        "test_fraction", "0.4", NULL);
    const struct data *data = NULL;
    basin_status status = BASIN_MEMORY;
    long n = 1;
    for (; status == BASIN_MEMORY; n++) {
        struct data_store *fresh;
        OK(data_store_create(&fresh));
        memory_fail_at(n);
        status = data_open(fresh, dataset, &data);
        memory_fail_at(0);
        data_store_destroy(fresh);
    }
    OK(status);
    cr_assert_gt(n, 40);
}
