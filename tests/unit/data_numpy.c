/* data/numpy.c, data/named.c, data/safetensors.c: which arrays of which files are read, by which
 * keys, and what is said where they are not there. */
#include "data/assemble.h"
#include "data_files.h"

TestSuite(numpy, .init = data_start, .fini = data_stop, .timeout = 120);

/* Six examples of two features, 1 to 12, two tests of 20 to 23; a file for each array, an npz of
 * training arrays, one of test arrays, one of all. */
static void write_arrays(void)
{
    struct text command = {0};
    text_format(&command,
                "/usr/bin/python3 -c \"import sys, os, numpy as np\nos.chdir(sys.argv[1])\n"
                "x = np.arange(1., 13).reshape(6, 2); y = np.array([0, 1, 0, 1, 0, 1])\n"
                "a = np.arange(20., 24).reshape(2, 2); b = np.array([1, 0])\n"
                "for n, v in ('x', x), ('y', y), ('a', a), ('b', b): np.save(n + '.npy', v)\n"
                "np.savez('train.npz', x=x, y=y, g=np.array([1, 1, 2, 2, 3, 3]))\n"
                "np.savez('test.npz', a=a, y_test=b)\n"
                "np.savez('all.npz', x=x, y=y, x_test=a, y_test=b)\n\" %s",
                in_folder("."));
    cr_assert_eq(system(text_data(&command)), 0);
    text_free(&command);
}

static const char *path(const char *name)
{
    return arena_text(arena, in_folder(name));
}

static void check_values(const struct value *dataset)
{
    const struct data *data = opened(dataset);
    const struct arrays *arrays = source_arrays(data->source);
    const struct array_part *train = &arrays->parts[SOURCE_TRAIN];
    const struct array_part *test = &arrays->parts[SOURCE_TEST];
    cr_assert(train->count == 6 && test->count == 2 && arrays->type == RECORD_FLOAT64);
    for (int i = 0; i < 12; i++) cr_assert_eq(((double *)train->x)[i], i + 1);
    for (int i = 0; i < 4; i++) cr_assert_eq(((double *)test->x)[i], i + 20);
    for (int i = 0; i < 6; i++) cr_assert_eq(train->labels[i], i % 2);
    cr_assert(test->labels[0] == 1 && test->labels[1] == 0);
}

Test(numpy, one_file_two_files_and_a_file_for_each_array)
{
    write_arrays();
    check_values(block("numpy", "path", path("all.npz"), NULL));
    check_values(block("numpy", "path", path("train.npz"), "test_path", path("test.npz"), "x_test",
                       "a", NULL));
    check_values(block("numpy", "x_path", path("x.npy"), "y_path", path("y.npy"), "x_test_path",
                       path("a.npy"), "y_test_path", path("b.npy"), NULL));
}

static void refuses(const struct value *dataset, const char *text, const char *key)
{
    const struct data *data;
    check_message(data_open(store, dataset, &data), BASIN_DATA, (const char *const[]){text, NULL});
    cr_assert_str_eq(basin_error_last()->key, key);
}

Test(numpy, keys_that_exclude_or_need_each_other)
{
    write_arrays();
    const char *x = path("x.npy"), *y = path("y.npy"), *all = path("all.npz");
    refuses(block("numpy", NULL), "no file is given", "path");
    refuses(block("numpy", "path", all, "x_path", x, "y_path", y, NULL),
            "path and x_path exclude each other", "x_path, path");
    refuses(block("numpy", "x_path", x, "y_path", y, "test_path", all, NULL),
            "test_path and x_path exclude each other", "x_path, test_path");
    refuses(block("numpy", "x_path", x, "y_path", y, "group", "g", NULL),
            "group and x_path exclude each other", "x_path, group");
    refuses(block("numpy", "x_path", x, NULL), "x_path is given without y_path", "x_path");
    refuses(block("numpy", "group_path", y, NULL), "group_path is given without x_path",
            "group_path");
    refuses(block("numpy", "x_path", x, "y_path", y, "y_test_path", y, NULL),
            "y_test_path is given without x_test_path", "y_test_path");
}

Test(numpy, arrays_that_are_not_there)
{
    write_arrays();
    const char *train = path("train.npz"), *test = path("test.npz"), *all = path("all.npz");
    refuses(block("numpy", "path", all, "x", "z", NULL), "no array \"z\"", "x");
    refuses(block("numpy", "path", train, "x_test", "z", NULL), "no array \"z\"", "x_test");
    refuses(block("numpy", "path", train, "test_path", test, NULL), "no array \"x_test\"",
            "x_test");
    refuses(block("numpy", "path", all, "group", "g", NULL), "no array \"g\"", "group");
    refuses(block("numpy", "path", path("x.npy"), NULL), "is a single array", "path");
    refuses(block("numpy", "path", train, "test_path", path("none"), NULL), "cannot open",
            "test_path");
}

/* Whatever allocation fails, it is said, and nothing is kept. */
Test(numpy, a_shortage_of_memory_is_said_to_be_one)
{
    write_arrays();
    const struct value *blocks[] = {
        block("numpy", "path", path("train.npz"), "group", "g", "test_fraction", "0.34", NULL),
        block("numpy", "path", path("train.npz"), "x", "z", NULL),
        block("numpy", "x_path", path("x.npy"), "y_path", path("y.npy"), "test_fraction", "0.5",
              NULL)};
    const struct data *data;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        basin_status status = BASIN_MEMORY;
        long n = 1;
        for (; status == BASIN_MEMORY; n++) { /* some of them are in the child */
            memory_fail_at(n);
            status = data_open(store, blocks[i], &data);
            memory_fail_at(0);
        }
        cr_assert_eq(status, i == 1 ? BASIN_DATA : BASIN_OK);
        cr_assert_gt(n, 10);
    }
}
