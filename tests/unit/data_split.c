#include "data_files.h"

TestSuite(split, .init = data_start, .fini = data_stop);

enum { N = 200, CLASSES = 3 };

/* 200 examples: x is the row; 140, 50 and 10 of classes 0, 1 and 2, sorted; groups of 1 to 7. */
static const struct value *sorted_rows(void)
{
    double x[N];
    int y[N], group[N];
    for (int i = 0, g = 0, left = 1; i < N; i++) {
        x[i] = i;
        y[i] = i < 140 ? 0 : i < 190 ? 1 : 2;
        if (left-- == 0) left = g++ % 7;
        group[i] = 1000 - g;
    }
    hid_t file = H5Fcreate(in_folder("s.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    h5_add(file, "x", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){N}, x);
    h5_add(file, "y", H5T_NATIVE_INT, H5T_STD_I32LE, 1, (hsize_t[]){N}, y);
    h5_add(file, "group", H5T_NATIVE_INT, H5T_STD_I32LE, 1, (hsize_t[]){N}, group);
    H5Fclose(file);
    return block("hdf5", "path", arena_text(arena, in_folder("s.h5")), NULL);
}

/* Every row in one part at most; returns the number of rows in any. */
static size_t expect_apart(const struct data *data, int part_of[N])
{
    size_t all = 0;
    for (int i = 0; i < N; i++) part_of[i] = -1;
    for (int part = 0; part < DATA_PARTS; part++) {
        int64_t rows[N];
        data_rows(data, (enum data_part)part, rows);
        for (size_t i = 0; i < data_describe(data)->counts[part]; i++, all++) {
            cr_assert_eq(part_of[rows[i]], -1, "row %d is in two parts", (int)rows[i]);
            part_of[rows[i]] = part;
        }
    }
    return all;
}

Test(split, fractions_are_of_all_examples_and_rounded)
{
    const struct value *dataset = with(sorted_rows(), "test_fraction", "0.203");
    int first[N], second[N];
    const struct data *data = opened(with(dataset, "validation_fraction", "0.1"));
    const size_t *counts = data_describe(data)->counts;
    cr_assert(counts[DATA_TEST] == 41 && counts[DATA_VALIDATION] == 20 &&
              counts[DATA_TRAIN] == 139);
    cr_assert_eq(expect_apart(data, first), N);
    cr_assert_str_eq(data_rows_meaning(data, DATA_TEST), "rows of the data, from 0");
    data = opened(with(with(dataset, "validation_fraction", "0.1"), "train_size", "30"));
    cr_assert_eq(expect_apart(data, second), 30 + 20 + 41);
    for (int i = 0; i < N; i++)
        cr_assert_eq(first[i] == DATA_TEST, second[i] == DATA_TEST,
                     "test examples do not depend on the size of the training set");
    data = opened(with(with(sorted_rows(), "test_size", "41"), "validation_size", "20"));
    expect_apart(data, second);
    cr_assert_eq(memcmp(first, second, sizeof first), 0, "sizes say the same");
    expect_apart(opened(with(with(dataset, "validation_fraction", "0.1"), "seed", "1")), second);
    cr_assert_neq(memcmp(first, second, sizeof first), 0);
}

Test(split, what_says_too_much_or_too_little_is_refused)
{
    const struct value *dataset = sorted_rows(), *cut = with(dataset, "test_fraction", "0.2");
    REFUSED(dataset, "there are no test data", "test_fraction: 0.2");
    REFUSED(with(cut, "test_size", "10"), "test_size and test_fraction both say");
    REFUSED(with(with(cut, "validation_size", "10"), "validation_fraction", "0.1"), "both say");
    REFUSED(with(dataset, "test_fraction", "0.001"), "of 200 examples is none");
    REFUSED(with(cut, "validation_fraction", "0.001"), "of 200 examples is none");
    REFUSED(with(dataset, "test_fraction", "0.999"), "test_fraction needs 200");
    REFUSED(with(cut, "train_size", "161"), "needs 161 examples, but there are 160");
    REFUSED(with(with(small_idx(""), "test_fraction", "0.2"), "seed", "0"), "6 test examples");
}

/* Each part has the classes in proportion, to one example. */
static void expect_proportions(const struct data *data)
{
    static const double whole[CLASSES] = {140, 50, 10};
    for (int part = 0; part < DATA_PARTS; part++) {
        size_t count = data_describe(data)->counts[part], of[CLASSES] = {0};
        for (size_t i = 0; i < count; i++) of[data_labels(data, (enum data_part)part)[i]]++;
        for (int k = 0; k < CLASSES; k++)
            cr_assert_lt(fabs((double)of[k] - whole[k] * (double)count / N), 1.001,
                         "%zu of class %d among %zu", of[k], k, count);
    }
}

Test(split, stratified_parts_have_the_classes_in_proportion)
{
    int first[N], second[N];
    const struct value *dataset =
        with(with(with(sorted_rows(), "test_fraction", "0.2"), "validation_fraction", "0.1"),
             "stratify", "true");
    for (int seed = 0; seed < 20; seed++) {
        const struct value *seeded = with(dataset, "seed", arena_format(arena, "%d", seed));
        const struct data *data = opened(seeded);
        expect_proportions(data);
        cr_assert_eq(expect_apart(data, seed ? second : first), N);
        expect_proportions(opened(with(seeded, "train_size", "20")));
    }
    cr_assert_neq(memcmp(first, second, sizeof first), 0, "the seed chooses");
    const struct data *data = opened(with(dataset, "seed", "0"));
    expect_apart(data, second);
    cr_assert_eq(memcmp(first, second, sizeof first), 0);
}

/* A group has its examples in one part, or in that and in none. */
static void expect_whole_groups(const struct data *data, const int part_of[N])
{
    int group = 0, seen = -1;
    (void)data;
    for (int i = 0, g = 0, left = 1; i < N; i++) {
        if (left-- == 0) left = g++ % 7;
        if (g != group) seen = -1;
        group = g;
        if (part_of[i] < 0) continue;
        cr_assert(seen < 0 || seen == part_of[i], "group %d is split", g);
        seen = part_of[i];
    }
}

Test(split, groups_stay_whole)
{
    int part_of[N];
    const struct value *plain =
        with(with(sorted_rows(), "test_fraction", "0.2"), "validation_fraction", "0.15");
    struct value *dataset = arena_allocate(arena, sizeof *dataset);
    *dataset = *plain;
    const struct schema_row *row =
        schema_find_row(registry_find(&dataset_registry, "hdf5")->parameters, "group");
    dataset->map.members = arena_array(arena, struct value_member, plain->map.count + 1);
    memcpy(dataset->map.members, plain->map.members, plain->map.count * sizeof *plain->map.members);
    dataset->map.members[dataset->map.count++] =
        (struct value_member){"group", value_from(row, "group")};
    for (int seed = 0; seed < 20; seed++) {
        const struct value *seeded = with(dataset, "seed", arena_format(arena, "%d", seed));
        const struct data *data = opened(seeded);
        const size_t *counts = data_describe(data)->counts;
        cr_assert_eq(expect_apart(data, part_of), N);
        expect_whole_groups(data, part_of);
        cr_assert(counts[DATA_TEST] >= 36 && counts[DATA_TEST] <= 44, "%zu", counts[DATA_TEST]);
        cr_assert(counts[DATA_VALIDATION] >= 22 && counts[DATA_VALIDATION] <= 38, "%zu",
                  counts[DATA_VALIDATION]);
        data = opened(with(seeded, "train_size", "33"));
        cr_assert_eq(data_describe(data)->counts[DATA_TRAIN], 33);
        expect_apart(data, part_of);
        expect_whole_groups(data, part_of);
    }
    REFUSED(with(dataset, "stratify", "true"), "group keeps examples together");
    const struct value *most =
        with(with(dataset, "validation_fraction", "0.0"), "train_size", "160");
    size_t refused = 0;
    for (int seed = 0; seed < 20; seed++) {
        const struct value *seeded = with(most, "seed", arena_format(arena, "%d", seed));
        const struct data *data = NULL;
        if (data_open(store, seeded, &data) == BASIN_OK)
            cr_assert_eq(data_describe(data)->counts[DATA_TRAIN], 160);
        else
            refused += strstr(basin_error_last()->message, "train_size needs 160") != NULL;
    }
    cr_assert(refused > 0 && refused < 20, "%zu", refused);
}
