/* Pools (ties, padding, NaN) and moments of channels: by hand, and against the naive twins at every
 * kind of window. */
#include "kernels_helpers.h"
#include "kernels/window.h"

/* One image (h, w) of one channel. */
static struct kernel_task window(int64_t h, int64_t w, int64_t kernel, int64_t stride,
                                 int64_t padding)
{
    struct kernel_task task = {.size = {[WINDOW_BATCH] = 1,
                                        [WINDOW_H] = h,
                                        w,
                                        [WINDOW_CHANNELS] = 1,
                                        [WINDOW_KERNEL_H] = kernel,
                                        kernel,
                                        stride,
                                        stride,
                                        padding,
                                        padding,
                                        1,
                                        1,
                                        1}};
    task.size[WINDOW_OUT_H] = (h + 2 * padding - kernel) / stride + 1;
    task.size[WINDOW_OUT_W] = (w + 2 * padding - kernel) / stride + 1;
    return task;
}

static size_t images(const int64_t *size)
{
    return (size_t)(size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W] * size[WINDOW_CHANNELS]);
}

static size_t windows(const int64_t *size)
{
    return (size_t)(size[WINDOW_BATCH] * size[WINDOW_OUT_H] * size[WINDOW_OUT_W] *
                    size[WINDOW_CHANNELS]);
}

static struct trial pool_index(struct kernel_task task)
{
    return (struct trial){.name = "pool_index",
                          .set = KERNELS(pool_index),
                          .task = task,
                          .count = windows(task.size)};
}

static struct trial pool_gather(struct kernel_task task)
{
    return (struct trial){.name = "pool_gather",
                          .set = KERNELS(pool_gather),
                          .task = task,
                          .count = windows(task.size)};
}

static struct trial pool_scatter(struct kernel_task task)
{
    return (struct trial){.name = "pool_scatter",
                          .set = KERNELS(pool_scatter),
                          .task = task,
                          .count = images(task.size)};
}

/* 1 5 2 2
 * 3 5 7 8
 * in windows of 2x2: the first 5 wins, the only 8; of equal ones the smallest too: the only 1, the
 * first 2. */
static const double two_windows[] = {1, 5, 2, 2, 3, 5, 7, 8};

Test(kernels_images, the_first_of_equal_maxima)
{
    struct trial t = pool_index(window(2, 4, 2, 2, 0));
    trial_input(&t, 8, two_windows);
    trial_input(&t, 1, (const double[]){1});
    trial_expect(&t, (const double[]){1, 3}, 0);
    *t.in[1] = -1;
    trial_gives(&t, (const double[]){0, 0}, 0);
}

/* The same with a tap more, which goes another way than 2x2. */
Test(kernels_images, the_first_of_equal_maxima_in_other_windows)
{
    static const double row[] = {4, 4, 1, 6, 0, 6, -2, -2, -2};
    struct kernel_task task = window(1, 9, 3, 3, 0);
    task.size[WINDOW_KERNEL_H] = task.size[WINDOW_STRIDE_H] = task.size[WINDOW_OUT_H] = 1;
    struct trial t = pool_index(task);
    trial_input(&t, 9, row);
    trial_input(&t, 1, (const double[]){2});
    trial_expect(&t, (const double[]){0, 0, 0}, 0);
    *t.in[1] = -2;
    trial_gives(&t, (const double[]){2, 1, 0}, 0);
}

/* Elements below zero: padding is never chosen, though zeros would be larger. Windows of 2x2 around
 * 2x2, padding 1. */
Test(kernels_images, padding_never_wins)
{
    struct kernel_task task = window(2, 2, 2, 2, 1);
    struct trial t = pool_index(task);
    trial_input(&t, 4, (const double[]){-1, -2, -3, -4});
    trial_input(&t, 1, (const double[]){1});
    trial_gives(&t, (const double[]){3, 2, 1, 0}, 0);
    t = pool_gather(task);
    trial_input(&t, 4, (const double[]){-1, -2, -3, -4});
    trial_input(&t, 4, (const double[]){3, 2, 1, 0});
    trial_gives(&t, (const double[]){-1, -2, -3, -4}, 0);
}

Test(kernels_images, taking_and_giving_back)
{
    struct trial t = pool_gather(window(2, 4, 2, 2, 0));
    trial_input(&t, 8, two_windows);
    trial_input(&t, 2, (const double[]){1, 3});
    trial_gives(&t, (const double[]){5, 8}, 0);
    t = pool_scatter(window(2, 4, 2, 2, 0));
    trial_input(&t, 2, (const double[]){10, 20});
    trial_input(&t, 2, (const double[]){1, 3});
    trial_gives(&t, (const double[]){0, 10, 0, 0, 0, 0, 0, 20}, 0);
}

/* The winner and, behind all of them, its element. */
Test(kernels_images, maxima_with_their_places)
{
    struct kernel_task task = window(2, 4, 2, 2, 0);
    struct trial t = {
        .name = "pool_maximum", .set = KERNELS(pool_maximum), .task = task, .count = 4};
    trial_input(&t, 8, two_windows);
    trial_input(&t, 1, (const double[]){1});
    trial_expect(&t, (const double[]){1, 3, 5, 8}, 0);
    *t.in[1] = -1;
    trial_gives(&t, (const double[]){0, 0, 1, 2}, 0);
}

/* x a + b everywhere, and the gradient where it goes. */
Test(kernels_images, giving_back_on_top_of_an_affine_map)
{
    struct kernel_task task = window(2, 4, 2, 2, 0);
    struct trial t = {.name = "pool_scatter_affine",
                      .set = KERNELS(pool_scatter_affine),
                      .task = task,
                      .count = 8};
    trial_input(&t, 2, (const double[]){10, 20});
    trial_input(&t, 2, (const double[]){1, 3});
    trial_input(&t, 8, two_windows);
    trial_input(&t, 1, (const double[]){2});
    trial_input(&t, 1, (const double[]){-1});
    trial_gives(&t, (const double[]){1, 19, 3, 3, 5, 9, 13, 35}, 0);
}

/* Windows 1-2, 2-3 of a row: both choose the middle, whose gradients add up; and an element that no
 * window sees. */
Test(kernels_images, windows_that_overlap_add_up)
{
    struct kernel_task task = window(1, 4, 2, 1, 0);
    task.size[WINDOW_KERNEL_H] = task.size[WINDOW_OUT_H] = 1;
    task.size[WINDOW_OUT_W] = 2;
    struct trial t = pool_scatter(task);
    trial_input(&t, 2, (const double[]){10, 20});
    trial_input(&t, 2, (const double[]){1, 0});
    trial_gives(&t, (const double[]){0, 30, 0, 0}, 0);
}

/* Padding counts as zeros: 3x3 around 2x2 sees four elements of nine. */
Test(kernels_images, averages_by_hand)
{
    struct kernel_task task = window(2, 2, 3, 1, 1);
    struct trial t = {
        .name = "average_pool", .set = KERNELS(average_pool), .task = task, .count = 4};
    trial_input(&t, 4, (const double[]){9, 18, 27, 36});
    trial_gives(&t, (const double[]){10, 10, 10, 10}, 2e-7);
    t = (struct trial){
        .name = "average_unpool", .set = KERNELS(average_unpool), .task = task, .count = 4};
    trial_input(&t, 4, (const double[]){9, 18, 27, 36});
    trial_gives(&t, (const double[]){10, 10, 10, 10}, 2e-7);
    t = (struct trial){.name = "average_pool",
                       .set = KERNELS(average_pool),
                       .task = window(2, 4, 2, 2, 0),
                       .count = 2};
    trial_input(&t, 8, two_windows);
    trial_gives(&t, (const double[]){3.5, 4.75}, 0);
}

static void try_averages(struct kernel_task task)
{
    const int64_t *size = task.size;
    struct trial t = {
        .name = "average_pool", .set = KERNELS(average_pool), .task = task, .count = windows(size)};
    trial_random(&t, images(size), -1, 1);
    trial_agrees(&t, 1e-6);
    t = (struct trial){.name = "average_unpool",
                       .set = KERNELS(average_unpool),
                       .task = task,
                       .count = images(size)};
    trial_random(&t, windows(size), -1, 1);
    trial_agrees(&t, 1e-6);
}

static void try_window(struct kernel_task task, double values)
{
    const int64_t *size = task.size;
    double *index = malloc(windows(size) * sizeof *index);
    struct trial t = pool_index(task);
    trial_indices(&t, images(size), values); /* few values: ties everywhere */
    trial_random(&t, (size_t)size[WINDOW_CHANNELS], -1, 1);
    trial_expect(&t, NULL, 0);
    trial_run(&t, NAIVE, index);
    trial_end(&t);
    t = pool_gather(task);
    trial_random(&t, images(size), -1, 1);
    trial_input(&t, windows(size), index);
    trial_agrees(&t, 0);
    t = (struct trial){.name = "pool_maximum",
                       .set = KERNELS(pool_maximum),
                       .task = task,
                       .count = 2 * windows(size)};
    trial_indices(&t, images(size), values);
    trial_random(&t, (size_t)size[WINDOW_CHANNELS], -1, 1);
    trial_agrees(&t, 0);
    t = (struct trial){
        .name = "pool_scatter_affine", .set = KERNELS(pool_scatter_affine), .task = task};
    t.count = images(size);
    trial_random(&t, windows(size), -1, 1);
    trial_input(&t, windows(size), index);
    trial_random(&t, images(size), -1, 1);
    for (int i = 0; i < 2; i++) trial_random(&t, (size_t)size[WINDOW_CHANNELS], -1, 1);
    trial_agrees(&t, 1e-6);
    t = pool_scatter(task);
    trial_random(&t, windows(size), -1, 1);
    trial_input(&t, windows(size), index);
    trial_agrees(&t, 1e-6);
    free(index);
    try_averages(task);
}

static struct kernel_task many(struct kernel_task task, int64_t batch, int64_t channels)
{
    task.size[WINDOW_BATCH] = batch;
    task.size[WINDOW_CHANNELS] = channels;
    return task;
}

Test(kernels_images, channels_of_every_width)
{
    static const int64_t channels[] = {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        try_window(many(window(4, 6, 2, 2, 0), 2, channels[i]),
                   3); /* 2x2 that cover every element */
        try_window(many(window(5, 7, 2, 2, 0), 2, channels[i]), 3); /* and leave a border out */
        try_window(many(window(5, 4, 2, 1, 0), 2, channels[i]), 3); /* or overlap */
        try_window(many(window(6, 6, 3, 3, 0), 2, channels[i]), 3);
        try_window(many(window(5, 5, 3, 2, 1), 2, channels[i]), 3);
    }
}

Test(kernels_images, windows_of_every_kind)
{
    for (int i = 0; i < 4 * 3 * 3 * 3; i++) {
        int64_t kernel = 1 + i % 4, stride = 1 + i / 4 % 3, padding = i / 12 % 3,
                dilation = 1 + i / 36;
        int64_t reach = dilation * (kernel - 1) + 1, h = 9, w = 7;
        if (2 * padding > reach || w + 2 * padding < reach) continue;
        struct kernel_task task = many(window(h, w, kernel, stride, padding), 2, 5);
        for (int axis = 0; axis < 2; axis++) {
            task.size[WINDOW_DILATION_H + axis] = dilation;
            task.size[WINDOW_OUT_H + axis] = ((axis ? w : h) + 2 * padding - reach) / stride + 1;
        }
        try_window(task, 4);
    }
}

/* Four taps in a row or in a column, on signals and images. */
Test(kernels_images, four_taps_in_a_line)
{
    for (int axis = 0; axis < 2; axis++) {
        struct kernel_task task = many(window(8, 8, 4, 4, 0), 2, 9);
        task.size[WINDOW_KERNEL_H + axis] = task.size[WINDOW_STRIDE_H + axis] = 1;
        task.size[WINDOW_OUT_H + axis] = 8;
        try_window(task, 3);
    }
}

/* A window with a NaN has it as its maximum, whichever its place, in windows of 2x2 and in others.
 */
Test(kernels_images, nan_wins_every_window)
{
    for (int64_t kernel = 2; kernel < 4; kernel++)
        for (size_t at = 0; at < 36; at++) {
            struct kernel_task task = window(6, 6, kernel, kernel, 0);
            struct trial index = pool_index(task), gather = pool_gather(task);
            double out[9], *x = trial_random(&index, 36, -1, 1);
            x[at] = NAN;
            trial_input(&index, 1, (const double[]){at % 2 ? 1 : -1});
            trial_input(&gather, 36, x);
            double *chosen = trial_input(&gather, gather.count, NULL);
            for (enum form form = FAST32; form < FORMS; form++) {
                trial_run(&index, form, chosen);
                trial_run(&gather, form, out);
                size_t own =
                    at / 6 / (size_t)kernel * (6 / (size_t)kernel) + at % 6 / (size_t)kernel;
                for (size_t i = 0; i < gather.count; i++)
                    cr_assert_eq(isnan(out[i]), i == own, "form %d, NaN at %zu", form, at);
            }
            trial_end(&index);
            trial_end(&gather);
        }
}

static struct trial moments(int64_t rows, int64_t channels)
{
    return (struct trial){.name = "moments",
                          .set = KERNELS(moments),
                          .task = {.size = {rows, channels}},
                          .count = (size_t)(2 * channels)};
}

/* 1 2 3 4: mean 2.5, biased variance 1.25; 0 0 4 4: 2, 4. */
Test(kernels_images, moments_by_hand)
{
    struct trial t = moments(4, 2);
    trial_input(&t, 8, (const double[]){1, 0, 2, 0, 3, 4, 4, 4});
    trial_gives(&t, (const double[]){2.5, 2, 1.25, 4}, 0);
    t = moments(1, 3);
    trial_input(&t, 3, (const double[]){1, -2, 3});
    trial_gives(&t, (const double[]){1, -2, 3, 0, 0, 0}, 0);
}

Test(kernels_images, moments_of_every_width)
{
    static const int64_t rows[] = {1, 2, 7, 64, 100};
    for (int i = 0; i < WIDTHS; i++)
        for (int j = 0; j < 5; j++) {
            struct trial t = moments(rows[j], widths[i]);
            trial_random(&t, (size_t)(rows[j] * widths[i]), -1, 1);
            trial_agrees(&t, 1e-6);
        }
}

/* A mean of 1e4 beside a variance of 1: sums of squares as they are would have no digit left in
 * float32. */
Test(kernels_images, moments_far_from_zero)
{
    enum { ROWS = 1000 };
    for (int64_t channels = 3; channels < 70; channels += 60) {
        double wanted[2 * 70];
        struct trial t = moments(ROWS, channels);
        double *x = trial_input(&t, (size_t)(ROWS * channels), NULL);
        for (int64_t i = 0; i < ROWS * channels; i++) x[i] = 1e4 + (i / channels % 2 ? 1 : -1);
        for (int64_t j = 0; j < channels; j++) wanted[j] = 1e4, wanted[channels + j] = 1;
        trial_gives(&t, wanted, 1e-6);
    }
}

Test(kernels_images, nan_stays_in_its_channel)
{
    for (int64_t channels = 5; channels < 90; channels += 40)
        for (int64_t at = 0; at < 9 * channels; at += 4) {
            double out[2 * 90];
            struct trial t = moments(9, channels);
            trial_random(&t, (size_t)(9 * channels), -1, 1)[at] = NAN;
            for (enum form form = FAST32; form < FORMS; form++) {
                trial_run(&t, form, out);
                for (int64_t j = 0; j < 2 * channels; j++)
                    cr_assert_eq(isnan(out[j]), j % channels == at % channels, "form %d, NaN at %d",
                                 form, (int)at);
            }
            trial_end(&t);
        }
}
