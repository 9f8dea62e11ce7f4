/* formats/image_list.c: many pictures in one child, and which of them is at fault. */
#include "formats/image_list.h"
#include "png_files.h"

#include <sys/stat.h>

TestSuite(image_list, .init = data_start, .fini = data_stop);

static const uint8_t pixels[] = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110};

static basin_status read_list(enum image_color color, size_t height, size_t width, double most,
                              const char *a, const char *b, const char *c,
                              struct store_array *array)
{
    char names[3][400];
    const char *paths[3] = {names[0], names[1], names[2]}, *given[] = {a, b, c};
    size_t count = 0;
    for (int i = 0; i < 3; i++)
        if (given[i]) snprintf(names[count++], sizeof names[0], "%s", in_folder(given[i]));
    struct image_list list = {folder, paths, count, color, height, width};
    return image_list_read(&list, most, array);
}

static void check_array(const struct store_array *array, int rank, const size_t *dims,
                        const uint8_t *want)
{
    cr_assert_eq(array->type, RECORD_BYTE);
    cr_assert_eq(array->rank, rank);
    for (int i = 0; i < rank; i++) cr_assert_eq(array->dims[i], dims[i]);
    cr_assert_eq(memcmp(array->data, want, store_array_count(array)), 0);
}

Test(image_list, pictures_in_order)
{
    struct store_array array;
    png_write_file("a", 2, 3, 1, pixels);
    png_write_file("b", 2, 3, 1, pixels + 6);
    OK(read_list(IMAGE_AUTO, 0, 0, INFINITY, "a", "b", NULL, &array));
    check_array(&array, 3, (size_t[]){2, 2, 3}, pixels);
    store_array_free(&array);
    OK(read_list(IMAGE_AUTO, 0, 0, INFINITY, "b", "a", NULL, &array));
    check_array(&array, 3, (size_t[]){2, 2, 3},
                (const uint8_t[]){60, 70, 80, 90, 100, 110, 0, 10, 20, 30, 40, 50});
    store_array_free(&array);
}

Test(image_list, colours_and_sizes_on_demand)
{
    struct store_array array;
    png_write_file("color", 1, 2, 3, pixels);
    png_write_file("grey", 1, 1, 1, pixels + 3);
    OK(read_list(IMAGE_GREY, 1, 1, INFINITY, "color", "grey", NULL, &array));
    /* 0.299 r + 0.587 g + 0.114 b is 8 and 38; the mean of the two is 23 */
    check_array(&array, 3, (size_t[]){2, 1, 1}, (const uint8_t[]){23, 30});
    store_array_free(&array);
    OK(read_list(IMAGE_RGB, 1, 2, INFINITY, "color", "grey", NULL, &array));
    check_array(&array, 4, (size_t[]){2, 1, 2, 3},
                (const uint8_t[]){0, 10, 20, 30, 40, 50, 30, 30, 30, 30, 30, 30});
    store_array_free(&array);
}

static void refuse_list(enum image_color color, double most, const char *a, const char *b,
                        const char *const texts[])
{
    struct store_array array;
    check_message(read_list(color, 0, 0, most, a, b, NULL, &array), BASIN_DATA, texts);
    cr_assert_null(array.data);
}

Test(image_list, two_pictures_that_differ_are_named)
{
    png_write_file("a", 2, 3, 1, pixels);
    png_write_file("b", 3, 2, 1, pixels);
    png_write_file("c", 2, 2, 3, pixels);
    png_write_file("d", 2, 2, 1, pixels);
    refuse_list(
        IMAGE_AUTO, INFINITY, "a", "b",
        (const char *const[]){"/b has 3 x 2 pixels, but ", "/a has 2 x 3", "size: [2, 3]", NULL});
    refuse_list(IMAGE_AUTO, INFINITY, "c", "d",
                (const char *const[]){"/d is grey, but ", "/c is coloured", "color: rgb", NULL});
}

Test(image_list, what_cannot_be_read_is_named)
{
    png_write_file("a", 2, 3, 1, pixels);
    write_plain("text", "hello", 5);
    refuse_list(IMAGE_AUTO, INFINITY, "a", "text",
                (const char *const[]){"/text is of another kind, not a PNG", NULL});
    refuse_list(IMAGE_AUTO, INFINITY, "a", "none",
                (const char *const[]){"/none", "No such file", NULL});
    refuse_list(IMAGE_AUTO, INFINITY, "a", ".", (const char *const[]){"is a folder", NULL});
    cr_assert_eq(mkfifo(in_folder("pipe"), 0666), 0);
    refuse_list(IMAGE_AUTO, INFINITY, "pipe", "a",
                (const char *const[]){"/pipe is not a regular file", NULL});
}

Test(image_list, all_together_need_room)
{
    struct store_array array;
    struct stat about;
    const char *paths[40];
    png_write_file("a", 2, 3, 1, pixels);
    stat(in_folder("a"), &about);
    const char *path = arena_text(arena, in_folder("a"));
    for (int i = 0; i < 40; i++) paths[i] = path;
    struct image_list list = {folder, paths, 40, IMAGE_AUTO, 0, 0};
    check_message(image_list_read(&list, (double)about.st_size, &array), BASIN_DATA,
                  (const char *const[]){folder, "takes 240 B of memory", NULL});
    OK(image_list_read(&list, 240, &array));
    store_array_free(&array);
}
