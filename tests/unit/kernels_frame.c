/* Where the windows of a convolution lie: tables against the definition of a window, element by
 * element, on images that hold the number of each element, in a frame of zeros made here. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/frame.h"

/* batch, h, w, channels, -, -, channels out, kernel, stride, padding, dilation, groups */
static const int64_t shapes[][WINDOW_SIZES] = {
    {3, 5, 6, 2, 0, 0, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {2, 7, 5, 1, 0, 0, 2, 2, 3, 2, 1, 0, 0, 1, 1, 1},
    {2, 8, 7, 4, 0, 0, 6, 3, 2, 2, 3, 1, 0, 2, 1, 2},
    {2, 9, 9, 3, 0, 0, 3, 1, 1, 3, 2, 0, 0, 1, 1, 3},
    {2, 1, 11, 2, 0, 0, 5, 1, 5, 1, 2, 0, 4, 1, 2, 1},
    {1, 4, 4, 2, 0, 0, 2, 4, 4, 1, 1, 3, 3, 1, 1, 1},
    {2, 5, 5, 2, 0, 0, 4, 2, 2, 3, 4, 1, 1, 2, 2, 1},
    {40, 12, 12, 8, 0, 0, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void take(int number, int64_t *size)
{
    memcpy(size, shapes[number], sizeof shapes[number]);
    for (int axis = 0; axis < 2; axis++) {
        int64_t reach = (size[WINDOW_KERNEL_H + axis] - 1) * size[WINDOW_DILATION_H + axis] + 1;
        size[WINDOW_OUT_H + axis] =
            (size[WINDOW_H + axis] + 2 * size[WINDOW_PADDING_H + axis] - reach) /
                size[WINDOW_STRIDE_H + axis] +
            1;
    }
}

/* Images of elements 1, 2, 3, ... in frames of zeros. */
static int64_t *framed(const struct frame *frame, int64_t first, int64_t count)
{
    int64_t *out = calloc((size_t)(count * frame_size(frame)), sizeof *out),
            number = first * frame_inner(frame);
    for (int64_t i = 0; i < count; i++)
        for (int64_t h = 0; h < frame->h; h++)
            for (int64_t j = 0; j < frame->w * frame->c; j++)
                out[i * frame_size(frame) +
                    ((frame->top + h) * frame_width(frame) + frame->left) * frame->c + j] =
                    ++number;
    return out;
}

/* The number of channel c at (h, w) of an image, 0 outside of it. */
static int64_t number_at(int64_t image, int64_t h, int64_t w, int64_t c, int64_t height,
                         int64_t width, int64_t channels)
{
    bool inside = h >= 0 && h < height && w >= 0 && w < width;
    return inside ? ((image * height + h) * width + w) * channels + c + 1 : 0;
}

struct made {
    int64_t size[WINDOW_SIZES];
    struct windows windows;
    struct places places;
    void *scratch;
};

static void make(int number, bool back, struct made *made)
{
    take(number, made->size);
    made->windows = (back ? windows_back : windows_of)(made->size, sizeof(double));
    made->scratch = aligned_alloc(64, windows_bytes(&made->windows, sizeof(double)));
    made->places = places_in(&made->windows, made->scratch, sizeof(double));
}

Test(kernels_frame, sizes_of_a_frame)
{
    struct frame frame = {.h = 4, .w = 5, .c = 3, .top = 1, .bottom = 2, .left = 3, .right = 4};
    cr_assert_eq(frame_width(&frame), 12);
    cr_assert_eq(frame_size(&frame), 7 * 12 * 3);
    cr_assert_eq(frame_inner(&frame), 60);
    cr_assert(!frame_is_bare(&frame));
    frame.top = frame.bottom = frame.left = frame.right = 0;
    cr_assert(frame_is_bare(&frame));
}

/* 3x3 with padding 1 over 5x5: zeros all around; with stride 2 over 6x6 the last ones are not
 * reached. */
Test(kernels_frame, zeros_only_where_windows_reach)
{
    int64_t size[WINDOW_SIZES] = {1, 5, 5, 1, 5, 5, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1};
    struct frame frame = windows_of(size, sizeof(float)).frame;
    cr_assert(frame.top == 1 && frame.bottom == 1 && frame.left == 1 && frame.right == 1);
    int64_t strided[WINDOW_SIZES] = {1, 6, 6, 1, 3, 3, 1, 3, 3, 2, 2, 1, 1, 1, 1, 1};
    frame = windows_of(strided, sizeof(float)).frame;
    cr_assert(frame.top == 1 && frame.bottom == 0 && frame.left == 1 && frame.right == 0);
    int64_t bare[WINDOW_SIZES] = {1, 6, 6, 1, 4, 4, 1, 3, 3, 1, 1, 0, 0, 1, 1, 1};
    frame = windows_of(bare, sizeof(float)).frame;
    cr_assert(frame_is_bare(&frame));
}

/* Window (r, c) sees x at (r stride - padding + i dilation, ...), zeros outside, for each tap (i,
 * j) and channel. */
static void check_windows(const struct made *made, const int64_t *frame, int64_t image,
                          int64_t count)
{
    const int64_t *size = made->size, part = made->windows.part;
    for (int64_t at = 0; at < count * made->windows.plane; at++) {
        int64_t column = at % size[WINDOW_OUT_W],
                row = at / size[WINDOW_OUT_W] % size[WINDOW_OUT_H];
        int64_t n = at / made->windows.plane;
        cr_assert_eq(made->places.to[at],
                     (image * made->windows.plane + at) * size[WINDOW_CHANNELS_OUT]);
        for (int64_t k = 0; k < made->windows.k * size[WINDOW_GROUPS]; k++) {
            int64_t group = k / made->windows.k, tap = k % made->windows.k / part,
                    c = group * part + k % part, h, w;
            window_tap(size, row, column, tap / size[WINDOW_KERNEL_W], tap % size[WINDOW_KERNEL_W],
                       &h, &w);
            int64_t place =
                made->places.row[at] + group * part + made->places.element[k % made->windows.k];
            cr_assert(place >= 0 && place < count * frame_size(&made->windows.frame));
            int64_t number = number_at(image + n, h, w, c, size[WINDOW_H], size[WINDOW_W],
                                       size[WINDOW_CHANNELS]);
            cr_assert_eq(frame[place], number, "image %d, window (%d, %d)", (int)n, (int)row,
                         (int)column);
        }
    }
}

Test(kernels_frame, windows_see_what_they_should)
{
    for (int i = 0; i < SHAPES; i++) {
        struct made made;
        make(i, false, &made);
        cr_assert_eq(made.windows.k, made.size[WINDOW_KERNEL_H] * made.size[WINDOW_KERNEL_W] *
                                         made.size[WINDOW_CHANNELS] / made.size[WINDOW_GROUPS]);
        windows_pieces(&made.windows, made.size, &made.places);
        int64_t seen = 0;
        for (int64_t image = 0, count; image < made.size[WINDOW_BATCH];
             image += count, seen += count) {
            count = windows_count(&made.windows, made.size, image);
            int64_t *frame = framed(&made.windows.frame, image, count);
            windows_rows(&made.windows, made.size, count, made.places.row);
            windows_results(&made.windows, image, count, made.places.to);
            check_windows(&made, frame, image, count);
            free(frame);
        }
        cr_assert_eq(seen, made.size[WINDOW_BATCH]);
        free(made.scratch);
    }
}

/* Pieces are runs of elements: what a window sees in the order of its elements. */
Test(kernels_frame, pieces_are_contiguous)
{
    for (int i = 0; i < SHAPES; i++) {
        struct made made;
        make(i, false, &made);
        windows_pieces(&made.windows, made.size, &made.places);
        cr_assert_eq(made.windows.pieces * made.windows.length, made.windows.k);
        for (int64_t k = 0; k < made.windows.k; k++)
            cr_assert_eq(made.places.element[k],
                         made.places.piece[k / made.windows.length] + k % made.windows.length);
        free(made.scratch);
    }
}

/* The window along an axis whose tap `i` looks at place `y`, -1: none. */
static int64_t window_over(const int64_t *size, int axis, int64_t y, int64_t i)
{
    for (int64_t r = 0; r < size[WINDOW_OUT_H + axis]; r++)
        if (r * size[WINDOW_STRIDE_H + axis] + i * size[WINDOW_DILATION_H + axis] ==
            y + size[WINDOW_PADDING_H + axis])
            return r;
    return -1;
}

/* Each place of x in a phase sees, for every tap, the window whose tap looks at it; other taps look
 * at none of them. */
static void check_phase(const struct made *made, const int64_t *frame, int64_t image,
                        struct phase phase, int *visited)
{
    const int64_t *size = made->size;
    int64_t taps = size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W];
    for (int64_t at = 0; at < phase.rows; at++) {
        int64_t pixel = made->places.to[at] / size[WINDOW_CHANNELS], w = pixel % size[WINDOW_W];
        int64_t h = pixel / size[WINDOW_W] % size[WINDOW_H],
                n = pixel / size[WINDOW_W] / size[WINDOW_H];
        visited[pixel]++;
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t wanted =
                number_at(n, window_over(size, 0, h, tap / size[WINDOW_KERNEL_W]),
                          window_over(size, 1, w, tap % size[WINDOW_KERNEL_W]), 0,
                          size[WINDOW_OUT_H], size[WINDOW_OUT_W], size[WINDOW_CHANNELS_OUT]);
            int64_t got = 0;
            for (int64_t t = 0; t < phase.taps; t++)
                if (made->places.element[t] == tap)
                    got += frame[made->places.row[at] + made->places.piece[t]];
            cr_assert_eq(got, wanted, "image %d, place (%d, %d), tap %d", (int)(n - image), (int)h,
                         (int)w, (int)tap);
        }
    }
}

Test(kernels_frame, phases_see_what_they_should)
{
    for (int i = 0; i < SHAPES; i++) {
        struct made made;
        make(i, true, &made);
        const int64_t *size = made.size;
        int64_t pixels = size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W];
        int *visited = calloc((size_t)pixels, sizeof *visited);
        for (int64_t image = 0, count; image < size[WINDOW_BATCH]; image += count) {
            count = windows_count(&made.windows, size, image);
            int64_t *frame = framed(&made.windows.frame, image, count);
            for (int64_t down = 0; down < size[WINDOW_STRIDE_H] && down < size[WINDOW_H]; down++)
                for (int64_t right = 0; right < size[WINDOW_STRIDE_W] && right < size[WINDOW_W];
                     right++) {
                    struct phase phase =
                        phase_of(&made.windows, size, &made.places, image, count, down, right);
                    check_phase(&made, frame, image, phase, visited);
                }
            free(frame);
        }
        for (int64_t p = 0; p < pixels; p++)
            cr_assert_eq(visited[p], 1, "shape %d, place %d", i, (int)p);
        free(visited);
        free(made.scratch);
    }
}

/* The parts of the scratch memory are apart, on lines of the cache, and hold what is written to
 * them. */
Test(kernels_frame, parts_of_the_scratch_memory)
{
    for (int i = 0; i < 2 * SHAPES; i++) {
        struct made made;
        make(i / 2, i % 2, &made);
        const struct windows *windows = &made.windows;
        char *begin = made.scratch, *end = begin + windows_bytes(windows, sizeof(double));
        size_t rows = (size_t)(windows->images * windows->plane) * 8;
        size_t columns = windows->columns < 48 ? (size_t)windows->columns : 48;
        size_t frame = frame_is_bare(&windows->frame)
                           ? 0
                           : (size_t)(windows->images * frame_size(&windows->frame)) * 8;
        char *parts[] = {(char *)made.places.row,
                         (char *)made.places.to,
                         (char *)made.places.piece,
                         (char *)made.places.element,
                         (char *)made.places.frame,
                         (char *)made.places.panel,
                         end};
        size_t least[] = {rows,
                          rows,
                          (size_t)windows->pieces * 8,
                          (size_t)windows->k * 8,
                          frame,
                          (size_t)windows->k * columns * 8};
        cr_assert_eq(parts[0], begin);
        for (int k = 0; k < 6; k++) {
            cr_assert_geq(parts[k + 1], parts[k] + least[k], "shape %d, part %d", i / 2, k);
            cr_assert_eq((size_t)(parts[k] - begin) % 64, 0);
        }
        free(made.scratch);
    }
}

/* As many images at a time as fit 192 KiB, one at least, and no more than there are. */
Test(kernels_frame, images_at_a_time)
{
    int64_t size[WINDOW_SIZES] = {100, 14, 14, 24, 14, 14, 8, 3,
                                  3,   1,  1,  1,  1,  1,  1, 1}; /* frames of 16 x 16 x 24 */
    struct windows windows = windows_of(size, sizeof(float));
    cr_assert_eq(windows.images, (192 << 10) / (16 * 16 * 24 * 4));
    cr_assert_eq(windows_count(&windows, size, 0), 8);
    cr_assert_eq(windows_count(&windows, size, 96), 4, "the rest");
    size[WINDOW_BATCH] = 3;
    cr_assert_eq(windows_of(size, sizeof(float)).images, 3);
    size[WINDOW_CHANNELS] = 2400;
    cr_assert_eq(windows_of(size, sizeof(float)).images, 1);
}
