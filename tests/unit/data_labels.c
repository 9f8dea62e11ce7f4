#include "data_files.h"
#include "data/assemble.h"

TestSuite(labels, .init = data_start, .fini = data_stop);

enum { N = 12 };

/* 12 examples of one float, and y as it is given. */
static const struct value *with_y(const char *name, hid_t type, hid_t stored, int rank,
                                  size_t columns, const void *y)
{
    double x[N];
    for (int i = 0; i < N; i++) x[i] = i * 0.25;
    hid_t file = H5Fcreate(in_folder(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    h5_add(file, "x", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){N}, x);
    h5_add(file, "y", type, stored, rank, (hsize_t[]){N, columns}, y);
    H5Fclose(file);
    return block("hdf5", "path", arena_text(arena, in_folder(name)), "test_fraction", "0.25", NULL);
}

static const struct value *with_integers(const char *name, const int *y)
{
    return with_y(name, H5T_NATIVE_INT, H5T_STD_I32BE, 1, 1, y);
}

/* A block whose list of classes is this. */
static const struct value *listing(const struct value *dataset, const char *const *classes)
{
    struct value *list = arena_allocate(arena, sizeof *list);
    list->kind = VALUE_LIST;
    list->list.items = arena_array(arena, struct value *, 8);
    for (; *classes; classes++) {
        struct value *item = list->list.items[list->list.count++] =
            arena_allocate(arena, sizeof *item);
        item->kind = VALUE_TEXT;
        item->text = *classes;
    }
    const struct value *copy = with(dataset, "classes", "");
    for (size_t i = 0; i < copy->map.count; i++)
        if (strcmp(copy->map.members[i].key, "classes") == 0) {
            list->row = copy->map.members[i].value->row;
            copy->map.members[i].value = list;
        }
    return copy;
}

#define LISTING(dataset, ...) listing(dataset, (const char *const[]){__VA_ARGS__, NULL})

/* The class of each example must be `expected[row]`. */
static void expect_classes(const struct data *data, const int *expected)
{
    for (int part = 0; part < DATA_PARTS; part++) {
        int64_t rows[N];
        data_rows(data, (enum data_part)part, rows);
        for (size_t i = 0; i < data_describe(data)->counts[part]; i++)
            cr_assert_eq(data_labels(data, (enum data_part)part)[i], expected[rows[i]], "row %d",
                         (int)rows[i]);
    }
}

Test(labels, texts_are_classes_in_the_order_of_their_bytes)
{
    const char *y[N] = {"eel", "cat", "dog", "Zebra", "cat", "\xc3\xa4",
                        "eel", "dog", "cat", "cat",   "",    "dog"};
    hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    H5Tset_cset(text, H5T_CSET_UTF8);
    const struct data *data = opened(with_y("t.h5", text, text, 1, 1, y));
    cr_assert_eq(data_describe(data)->outputs, 6);
    const struct data_names *names = data_names(data);
    static const char *const wanted[] = {"", "Zebra", "cat", "dog", "eel", "\xc3\xa4"};
    for (int i = 0; i < 6; i++) cr_assert_str_eq(names->classes[i], wanted[i]);
    expect_classes(data, (int[]){4, 2, 3, 1, 2, 5, 4, 3, 2, 2, 0, 3});
    data = opened(LISTING(with_y("t.h5", text, text, 1, 1, y), "dog", "cat"));
    cr_assert_eq(data_describe(data)->outputs, 2);
    cr_assert_eq(names->left_out, 0);
    cr_assert_eq(data_names(data)->left_out, 5);
    expect_classes(data, (int[]){-1, 1, 0, -1, 1, -1, -1, 0, 1, 1, -1, 0});
    REFUSED(LISTING(with_y("t.h5", text, text, 1, 1, y), "dog", "cow"), "classes[1]", "\"cow\"",
            "the data have 6 labels: \"\", \"Zebra\", \"cat\", ");
    char *longest = arena_allocate(arena, 70001);
    memset(longest, 'x', 70000);
    const char *far[N] = {"", "a", "b", longest, "", "", "", "", "", "", "", ""};
    REFUSED(with_y("l.h5", text, text, 1, 1, far),
            "holds a text of 70000 bytes at element 3, and names have at most 65535",
            "short names");
    REFUSED(LISTING(with_y("t.h5", text, text, 1, 1, y), "dog", "dog"), "listed twice");
    REFUSED(with(with_y("t.h5", text, text, 1, 1, y), "task", "regression"), "holds texts");
    H5Tclose(text);
}

Test(labels, texts_of_fixed_length_lose_what_fills_them_up)
{
    hid_t text = H5Tcopy(H5T_C_S1), padded = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, 3);
    H5Tset_strpad(text, H5T_STR_NULLPAD);
    H5Tset_size(padded, 4);
    H5Tset_strpad(padded, H5T_STR_SPACEPAD);
    const struct data *data = opened(
        with_y("f.h5", text, padded, 1, 1, "abca\0\0abca\0\0abca\0\0abca\0\0abca\0\0abca\0\0"));
    cr_assert_eq(data_describe(data)->outputs, 2);
    cr_assert_str_eq(data_names(data)->classes[0], "a");
    cr_assert_str_eq(data_names(data)->classes[1], "abc");
    H5Tclose(text);
    H5Tclose(padded);
}

Test(labels, whole_numbers_count_classes_from_0_or_are_renumbered)
{
    const int zero[N] = {0, 3, 1, 0, 3, 1, 0, 3, 1, 0, 3, 1};
    const struct data *data = opened(with_integers("a.h5", zero));
    cr_assert(data_describe(data)->outputs == 4 && !data_names(data)->classes);
    expect_classes(data, zero);
    const int far[N] = {300, 100, 200, 300, 100, 200, 300, 100, 200, 300, 100, 200};
    data = opened(with_integers("b.h5", far));
    cr_assert_eq(data_describe(data)->outputs, 3);
    expect_classes(data, (int[]){2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1});
    cr_assert_str_eq(data_names(data)->classes[2], "300");
    const int signs[N] = {1, -1, -1, 1, 1, -1, 1, 1, -1, -1, 1, -1};
    data = opened(with_integers("c.h5", signs));
    cr_assert_eq(data_describe(data)->outputs, 2);
    expect_classes(data, (int[]){1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0});
    const int unknown[N] = {0, 1, 2, -1, 1, 2, 0, 1, 2, 0, 1, 2};
    REFUSED(with_integers("d.h5", unknown), "label -1 at element 3", "classes: [...]",
            "task: regression");
    data = opened(LISTING(with_integers("d.h5", unknown), "2", "1", "0"));
    cr_assert_eq(data_names(data)->left_out, 1);
    expect_classes(data, (int[]){2, 1, 0, -1, 1, 0, 2, 1, 0, 2, 1, 0});
    REFUSED(LISTING(with_integers("d.h5", unknown), "2", "one"), "\"one\" is not a whole number");
}

Test(labels, task_decides_what_numbers_are)
{
    const double whole[N] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, half[N] = {[5] = 0.5, [6] = 1};
    const int integers[N] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};
    const struct value *floats = with_y("w.h5", H5T_NATIVE_DOUBLE, H5T_IEEE_F32BE, 2, 1, whole);
    cr_assert_eq(data_describe(opened(floats))->task, DATA_REGRESSION);
    const struct data *data = opened(with(floats, "task", "classification"));
    cr_assert_eq(data_describe(data)->task, DATA_CLASSIFICATION);
    expect_classes(data, (int[]){0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
    floats = with_y("h.h5", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, 1, half);
    REFUSED(with(floats, "task", "classification"), "0.5 at element 5 is not a whole number");
    data = opened(with(with_integers("i.h5", integers), "task", "regression"));
    cr_assert_eq(data_describe(data)->task, DATA_REGRESSION);
    REFUSED(LISTING(with(with_integers("i.h5", integers), "task", "regression"), "1"),
            "holds regression targets, and classes lists labels", "leave classes out");
    double y[N];
    int64_t rows[N];
    size_t count = data_describe(data)->counts[DATA_TRAIN];
    data_gather_double(data, ROWS(DATA_TRAIN, first_rows(count), count), NULL, y);
    data_rows(data, DATA_TRAIN, rows);
    for (size_t i = 0; i < count; i++) cr_assert_eq(y[i], integers[rows[i]]);
}

Test(labels, one_hot_rows_are_classes_where_the_task_says_so)
{
    int hot[N][3] = {{0}};
    for (int i = 0; i < N; i++) hot[i][i * i % 3] = 1;
    const struct value *dataset = with_y("o.h5", H5T_NATIVE_INT, H5T_STD_I8LE, 2, 3, hot);
    REFUSED(dataset, "3 labels for each example", "task: classification", "task: regression");
    const struct data *data = opened(with(dataset, "task", "classification"));
    cr_assert_eq(data_describe(data)->outputs, 3, "as many as there are columns");
    expect_classes(data, (int[]){0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1});
    data = opened(with(dataset, "task", "regression"));
    cr_assert(data_describe(data)->task == DATA_REGRESSION && data_describe(data)->outputs == 3);
    hot[7][0] = 1;
    REFUSED(with(with_y("p.h5", H5T_NATIVE_INT, H5T_STD_I8LE, 2, 3, hot), "task", "classification"),
            "row 7 does not have a single 1");
    hot[7][0] = hot[7][1] = 0;
    REFUSED(with(with_y("q.h5", H5T_NATIVE_INT, H5T_STD_I8LE, 2, 3, hot), "task", "classification"),
            "row 7 does not have a single 1");
}

Test(labels, a_row_of_labels_gets_the_hint_to_make_a_column_of_it)
{
    const int y[N] = {0};
    hid_t file = H5Fcreate(in_folder("r.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    h5_add(file, "x", H5T_NATIVE_INT, H5T_STD_I32LE, 1, (hsize_t[]){N}, y);
    h5_add(file, "y", H5T_NATIVE_INT, H5T_STD_I32LE, 2, (hsize_t[]){1, N}, y);
    H5Fclose(file);
    REFUSED(block("hdf5", "path", in_folder("r.h5"), "test_fraction", "0.5", NULL),
            "has shape (1, 12)", "store it as (12)");
}

Test(labels, long_names_are_cut_between_characters_in_messages)
{
    struct text name = {0}, cut = {0}, line = {0};
    text_append(&name, "a"); /* and characters of two bytes, of which byte 40 is a second one */
    for (int i = 0; i < 90; i++) text_append(&name, "\xc3\xa4");
    const char *y[N];
    for (int i = 0; i < N; i++) y[i] = i % 2 ? text_data(&name) : "b";
    hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    H5Tset_cset(text, H5T_CSET_UTF8);
    data_summary(opened(with_y("l.h5", text, text, 1, 1, y)), &line);
    text_append(&cut, "2 classes (a");
    for (int i = 0; i < 19; i++) text_append(&cut, "\xc3\xa4");
    text_append(&cut, "..., b)");
    cr_assert(strstr(text_data(&line), text_data(&cut)), "%s", text_data(&line));
    text_free(&name);
    text_free(&cut);
    text_free(&line);
    H5Tclose(text);
}

Test(labels, more_examples_than_can_be_counted_are_refused)
{
    double some[1] = {0};
    struct source source = {.name = "hdf5", .most = 1e300};
    struct source_input input = {0};
    const struct data_settings settings = {0};
    for (int i = 0; i <= ARRAY_Y; i++)
        input.arrays[i] = (struct source_array){
            .array = {.type = RECORD_FLOAT64, .rank = 1, .dims = {1000000001}, .data = some},
            .file = "a.h5",
            .name = "dataset \"x\"",
            .key = "path"};
    cr_assert_eq(source_from_input(&source, &input, &settings), BASIN_DATA);
    cr_assert_str_eq(
        basin_error_last()->message,
        "a.h5, dataset \"x\": has 1000000001 examples; at most 1000000000 can be read");
    source_free(&source);
}
