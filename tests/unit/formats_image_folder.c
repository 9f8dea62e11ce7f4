/* formats/image_folder.c: what is found, in which order, and what is refused. */
#include "formats/image_folder.h"
#include "data_files.h"

#include <sys/stat.h>

TestSuite(image_folder, .init = data_start, .fini = data_stop);

static void make_folder(const char *name)
{
    cr_assert_eq(mkdir(in_folder(name), 0777), 0);
}

static void make_classes(void)
{
    make_folder("b");
    make_folder("a c");
    make_folder("B");
    write_plain("b/10.png", "x", 1);
    write_plain("b/9.png", "x", 1);
    write_plain("a c/z", "x", 1);
    write_plain("B/y", "x", 1);
}

static void check_class(const struct image_folder *found, size_t i, const char *name, size_t first,
                        size_t count)
{
    cr_assert_str_eq(found->classes[i].name, name);
    cr_assert_eq(found->classes[i].first, first);
    cr_assert_eq(found->classes[i].count, count);
}

static void check_path(const struct image_folder *found, size_t i, const char *name)
{
    cr_assert_str_eq(found->paths[i], in_folder(name));
}

Test(image_folder, classes_and_files_in_the_order_of_bytes)
{
    struct image_folder found;
    make_classes();
    write_plain(".DS_Store", "x", 1);
    write_plain("b/.hidden", "x", 1);
    OK(image_folder_list(folder, arena, &found));
    cr_assert_eq(found.class_count, 3);
    cr_assert_eq(found.count, 4);
    check_class(&found, 0, "B", 0, 1);
    check_class(&found, 1, "a c", 1, 1);
    check_class(&found, 2, "b", 2, 2);
    check_path(&found, 0, "B/y");
    check_path(&found, 1, "a c/z");
    check_path(&found, 2, "b/10.png");
    check_path(&found, 3, "b/9.png");
}

Test(image_folder, links_are_what_they_lead_to)
{
    struct image_folder found;
    make_folder("a");
    write_plain("a/1", "x", 1);
    cr_assert_eq(symlink("1", in_folder("a/2")), 0);
    cr_assert_eq(symlink("a", in_folder("b")), 0);
    OK(image_folder_list(folder, arena, &found));
    cr_assert_eq(found.count, 4);
    check_class(&found, 1, "b", 2, 2);
}

#define REFUSED_FOLDER(path, ...)                                                                  \
    do {                                                                                           \
        struct image_folder none_;                                                                 \
        check_message(image_folder_list(path, arena, &none_), BASIN_DATA,                          \
                      (const char *const[]){__VA_ARGS__, NULL});                                   \
        cr_assert(basin_error_last()->file[0]);                                                    \
    } while (0)

Test(image_folder, what_is_no_class_is_refused)
{
    REFUSED_FOLDER(in_folder("none"), "/none", "No such file");
    REFUSED_FOLDER(folder, "is empty");
    make_classes();
    write_plain("readme.txt", "x", 1);
    REFUSED_FOLDER(in_folder("readme.txt"), "/readme.txt is no folder");
    REFUSED_FOLDER(folder, "/readme.txt is no folder: ", "a dot", "labels: FILE.csv");
    cr_assert_eq(remove(in_folder("readme.txt")), 0);
    make_folder("empty");
    REFUSED_FOLDER(folder, "/empty has no pictures: the class \"empty\" has no examples");
}

Test(image_folder, what_is_no_picture_is_refused)
{
    make_classes();
    make_folder("b/more");
    REFUSED_FOLDER(folder, "/b/more is a folder inside the class \"b\"");
    cr_assert_eq(remove(in_folder("b/more")), 0);
    cr_assert_eq(symlink("nowhere", in_folder("b/link")), 0);
    REFUSED_FOLDER(folder, "/b/link: No such file");
    cr_assert_eq(remove(in_folder("b/link")), 0);
    cr_assert_eq(mkfifo(in_folder("b/pipe"), 0666), 0);
    REFUSED_FOLDER(folder, "/b/pipe is not a regular file");
}

Test(image_folder, names_of_classes_are_text)
{
    make_folder("\xff");
    write_plain("\xff/1", "x", 1);
    REFUSED_FOLDER(folder, "is no UTF-8 (byte 0 of the name)");
}
