/* formats/image_labels.c: tables of labels, and names that lead elsewhere. */
#include "formats/image_labels.h"
#include "data_files.h"

#include <sys/stat.h>

TestSuite(image_labels, .init = data_start, .fini = data_stop);

static void make_pictures(void)
{
    cr_assert_eq(mkdir(in_folder("p"), 0777), 0);
    cr_assert_eq(mkdir(in_folder("p/sub"), 0777), 0);
    write_plain("p/a.png", "x", 1);
    write_plain("p/sub/b", "x", 1);
    write_plain("secret.png", "x", 1);
}

static basin_status read_table(const char *table, struct image_labels *labels)
{
    write_plain("labels.csv", table, strlen(table));
    return image_labels_read(in_folder("labels.csv"), in_folder("p"), arena, labels);
}

static void check_table(const char *table, enum record_type type, const void *want, size_t bytes)
{
    struct image_labels labels;
    OK(read_table(table, &labels));
    cr_assert_eq(labels.count, 2);
    cr_assert_str_eq(labels.paths[0], in_folder("p/sub/b"));
    cr_assert_str_eq(labels.paths[1], in_folder("p/a.png"));
    cr_assert(labels.labels.type == type && labels.labels.rank == 1 && labels.labels.dims[0] == 2);
    cr_assert_eq(store_array_count(&labels.labels) * store_array_element(&labels.labels), bytes);
    cr_assert_eq(memcmp(labels.labels.data, want, bytes), 0, "%s", table);
    store_array_free(&labels.labels);
}

Test(image_labels, texts_numbers_and_headers)
{
    make_pictures();
    check_table("file,label\nsub/b,cat\na.png,eels\n", RECORD_TEXT, "cat\0\0eels", 10);
    check_table("sub/b,cat\na.png,eels\n", RECORD_TEXT, "cat\0\0eels", 10);
    check_table("\xef\xbb\xbf"
                "name,class\r\n\"sub/b\",\"a, b\"\r\na.png,x",
                RECORD_TEXT, "a, b\0x\0\0\0", 10);
    check_table("sub/b,-7\na.png,3\n", RECORD_INTEGER, (int64_t[]){-7, 3}, 16);
    check_table("sub/b,2\na.png,3.5\n", RECORD_FLOAT64, (double[]){2, 3.5}, 16);
    check_table("sub/b,1e1\na.png,3\n", RECORD_FLOAT64, (double[]){10, 3}, 16);
}

static void refuse_table(const char *table, const char *const *texts)
{
    struct image_labels labels;
    check_message(read_table(table, &labels), BASIN_DATA, texts);
    cr_assert_null(labels.labels.data);
    cr_assert(strstr(basin_error_last()->file, "labels.csv"));
}

#define REFUSED_TABLE(table, ...) refuse_table(table, (const char *const[]){__VA_ARGS__, NULL})

Test(image_labels, names_stay_inside_the_folder)
{
    make_pictures();
    REFUSED_TABLE("a.png,1\n../secret.png,2\n",
                  "line 2: \"../secret.png\" leads out of the folder");
    REFUSED_TABLE("a.png,1\nsub/../../secret.png,2\n", "line 2: ", "leads out of the folder");
    REFUSED_TABLE("a.png,1\nsub/..,2\n", "line 2: ", "leads out of the folder");
    REFUSED_TABLE("a.png,1\n/etc/passwd,2\n", "line 2: \"/etc/passwd\" is an absolute path");
    REFUSED_TABLE("../secret.png,2\n", "line 1: ", "leads out");
}

Test(image_labels, rows_that_say_nothing_are_refused)
{
    make_pictures();
    REFUSED_TABLE("a.png,1\nnone.png,2\n", "line 2: there is no file \"none.png\" in ");
    REFUSED_TABLE("none.png,2\na.png,1\n", "line 1: there is no file \"none.png\"");
    REFUSED_TABLE("a.png,1\nsub/b,\n", "line 2: the label is missing");
    REFUSED_TABLE("a.png,1\n,2\n", "line 2: \"\" is no name of a file");
    REFUSED_TABLE("a.png,1,x\n", "line 1: there are 3 cells; two are wanted");
    REFUSED_TABLE("a.png;1\n", "line 1: there is 1 cell; two are wanted", "by a comma");
    REFUSED_TABLE("file,label\n", "names no pictures");
    REFUSED_TABLE("", "names no pictures");
}

Test(image_labels, numbers_and_texts_do_not_mix)
{
    make_pictures();
    REFUSED_TABLE("a.png,1\nsub/b,cat\n",
                  "line 2: the label \"cat\" is a text, but that of line 1 is a number");
    REFUSED_TABLE("file,label\na.png,cat\nsub/b,1\n",
                  "line 3: the label \"1\" is a number, but that of line 2 is a text");
}

Test(image_labels, a_shortage_of_memory_is_an_error)
{
    struct image_labels labels;
    make_pictures();
    write_plain("labels.csv", "a.png,x\nsub/b,y\n", 16);
    for (long n = 1, ended = 0; !ended; n++) {
        memory_fail_at(n);
        basin_status status =
            image_labels_read(in_folder("labels.csv"), in_folder("p"), arena, &labels);
        ended = memory_fail_left() > 0;
        memory_fail_at(0);
        cr_assert_eq(status, ended ? BASIN_OK : BASIN_MEMORY, "allocation %ld", n);
        store_array_free(&labels.labels);
    }
}
