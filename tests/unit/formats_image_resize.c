/* formats/image_resize.c: the bytes that Pillow gives (pictures.h), and properties. */
#include "formats/image_file.h"
#include "pictures.h"
#include "data_helpers.h"

enum { HEIGHT = 7, WIDTH = 9 };

static struct image picture(void)
{
    struct image image = {HEIGHT, WIDTH, 3, memory_allocate(HEIGHT * WIDTH * 3)};
    for (size_t y = 0; y < HEIGHT; y++)
        for (size_t x = 0; x < WIDTH; x++)
            for (size_t c = 0; c < 3; c++)
                image.pixels[(y * WIDTH + x) * 3 + c] =
                    (uint8_t)(37 * x * x + 101 * y + 53 * x * y + 90 * c);
    return image;
}

static void check_resized(size_t height, size_t width, enum image_color color, const uint8_t *want)
{
    struct image image = picture();
    OK(image_recolor(&image, color));
    OK(image_resize(&image, height, width));
    cr_assert(image.height == height && image.width == width);
    for (size_t i = 0; i < height * width * image.channels; i++)
        cr_assert_eq(image.pixels[i], want[i], "%zu x %zu at %zu: %d for %d", height, width, i,
                     image.pixels[i], want[i]);
    image_free(&image);
}

Test(image_resize, smaller_and_larger_as_pillow_does)
{
    check_resized(3, 4, IMAGE_AUTO, resized_3_4);
    check_resized(12, 5, IMAGE_AUTO, resized_12_5);
    check_resized(7, 20, IMAGE_RGB, resized_7_20);
    check_resized(1, 1, IMAGE_AUTO, resized_1_1);
    check_resized(4, 13, IMAGE_GREY, resized_grey_4_13);
}

Test(image_resize, grey_as_pillow_does)
{
    check_resized(7, 9, IMAGE_GREY, grey_7_9);
}

Test(image_resize, the_same_size_changes_nothing)
{
    struct image same = picture();
    check_resized(HEIGHT, WIDTH, IMAGE_AUTO, same.pixels);
    image_free(&same);
}

Test(image_resize, grey_becomes_three_equal_channels)
{
    struct image image = {1, 2, 1, memory_allocate(2)};
    memcpy(image.pixels, "\x07\xff", 2);
    OK(image_recolor(&image, IMAGE_RGB));
    cr_assert_eq(memcmp(image.pixels, "\x07\x07\x07\xff\xff\xff", 6), 0);
    image_free(&image);
}

Test(image_resize, a_shortage_of_memory_is_an_error)
{
    for (long n = 1, ended = 0; !ended; n++) {
        struct image image = picture();
        memory_fail_at(n);
        basin_status status = image_resize(&image, 3, 20);
        ended = memory_fail_left() > 0;
        memory_fail_at(0);
        cr_assert_eq(status, ended ? BASIN_OK : BASIN_MEMORY, "allocation %ld", n);
        image_free(&image);
    }
}
