/* The naive twins of the kernels on images: every window, every tap, one after the other. */
#include "kernels/window.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Calls visit(element of x, element of w, element of y) for every product of a convolution. */
typedef void visit_function(double *x, double *w, double *y);

static void each_product(const int64_t *size, double *x, double *w, double *y,
                         visit_function *visit)
{
    int64_t in = size[WINDOW_CHANNELS], out = size[WINDOW_CHANNELS_OUT],
            groups = size[WINDOW_GROUPS], part = in / groups;
    for (int64_t n = 0; n < size[WINDOW_BATCH]; n++)
        for (int64_t r = 0; r < size[WINDOW_OUT_H]; r++)
            for (int64_t c = 0; c < size[WINDOW_OUT_W]; c++)
                for (int64_t i = 0; i < size[WINDOW_KERNEL_H]; i++)
                    for (int64_t j = 0; j < size[WINDOW_KERNEL_W]; j++) {
                        int64_t h, v;
                        if (!window_tap(size, r, c, i, j, &h, &v)) continue;
                        double *from = x + ((n * size[WINDOW_H] + h) * size[WINDOW_W] + v) * in;
                        double *to =
                            y + ((n * size[WINDOW_OUT_H] + r) * size[WINDOW_OUT_W] + c) * out;
                        double *weights = w + (i * size[WINDOW_KERNEL_W] + j) * part * out;
                        for (int64_t o = 0; o < out; o++)
                            for (int64_t k = 0; k < part; k++)
                                visit(&from[o / (out / groups) * part + k], &weights[k * out + o],
                                      &to[o]);
                    }
}

static void to_y(double *x, double *w, double *y)
{
    *y += *x * *w;
}

static void to_x(double *x, double *w, double *y)
{
    *x += *y * *w;
}

static void to_w(double *x, double *w, double *y)
{
    *w += *x * *y;
}

static int64_t side(const int64_t *size)
{
    return size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W] * size[WINDOW_CHANNELS];
}

static int64_t windows(const int64_t *size, int64_t channels)
{
    return size[WINDOW_BATCH] * size[WINDOW_OUT_H] * size[WINDOW_OUT_W] * channels;
}

static void clear(double *a, int64_t count)
{
    for (int64_t i = 0; i < count; i++) a[i] = 0;
}

void kernel_convolution_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    clear(out, windows(task->size, task->size[WINDOW_CHANNELS_OUT]));
    each_product(task->size, (double *)(uintptr_t)in[0], (double *)(uintptr_t)in[1], out, to_y);
}

void kernel_convolution_data_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    clear(out, side(task->size));
    each_product(task->size, out, (double *)(uintptr_t)in[1], (double *)(uintptr_t)in[0], to_x);
}

void kernel_convolution_weights_naive(const struct kernel_task *task, void *out,
                                      const void *const *in)
{
    const int64_t *size = task->size;
    clear(out, size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W] * size[WINDOW_CHANNELS] /
                   size[WINDOW_GROUPS] * size[WINDOW_CHANNELS_OUT]);
    each_product(size, (double *)(uintptr_t)in[0], out, (double *)(uintptr_t)in[1], to_w);
}

void kernel_convolution_bias_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size, channels = size[WINDOW_CHANNELS_OUT];
    kernel_convolution_naive(task, out, in);
    for (int64_t i = 0; i < windows(size, channels); i++) {
        double z = ((double *)out)[i] + ((const double *)in[2])[i % channels];
        ((double *)out)[i] = size[WINDOW_RELU] && z < 0 ? 0 : z;
    }
}

/* The element of x at a tap of the window with number `at`; -1: padding. */
static int64_t naive_images_place(const int64_t *size, int64_t at, int64_t tap)
{
    int64_t c = at % size[WINDOW_CHANNELS],
            column = at / size[WINDOW_CHANNELS] % size[WINDOW_OUT_W], h, w;
    int64_t row = at / size[WINDOW_CHANNELS] / size[WINDOW_OUT_W] % size[WINDOW_OUT_H];
    int64_t n = at / size[WINDOW_CHANNELS] / size[WINDOW_OUT_W] / size[WINDOW_OUT_H];
    if (!window_tap(size, row, column, tap / size[WINDOW_KERNEL_W], tap % size[WINDOW_KERNEL_W], &h,
                    &w))
        return -1;
    return ((n * size[WINDOW_H] + h) * size[WINDOW_W] + w) * size[WINDOW_CHANNELS] + c;
}

void kernel_pool_index_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    for (int64_t at = 0; at < windows(size, size[WINDOW_CHANNELS]); at++) {
        double sign = ((const double *)in[1])[at % size[WINDOW_CHANNELS]] < 0 ? -1 : 1, best = 0,
               index = -1;
        for (int64_t tap = 0; tap < size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W]; tap++) {
            int64_t from = naive_images_place(size, at, tap);
            if (from < 0) continue;
            double v = sign * ((const double *)in[0])[from];
            if (index < 0 || v > best || isnan(v)) best = v, index = (double)tap;
        }
        ((double *)out)[at] = index;
    }
}

void kernel_pool_gather_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t at = 0; at < windows(task->size, task->size[WINDOW_CHANNELS]); at++) {
        int64_t from = naive_images_place(task->size, at, (int64_t)((const double *)in[1])[at]);
        ((double *)out)[at] = ((const double *)in[0])[from];
    }
}

void kernel_pool_scatter_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    clear(out, side(task->size));
    for (int64_t at = 0; at < windows(task->size, task->size[WINDOW_CHANNELS]); at++) {
        int64_t to = naive_images_place(task->size, at, (int64_t)((const double *)in[1])[at]);
        ((double *)out)[to] += ((const double *)in[0])[at];
    }
}

void kernel_pool_maximum_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    double *value = (double *)out + windows(task->size, task->size[WINDOW_CHANNELS]);
    kernel_pool_index_naive(task, out, in);
    kernel_pool_gather_naive(task, value, (const void *[]){in[0], out});
}

void kernel_pool_scatter_affine_naive(const struct kernel_task *task, void *out,
                                      const void *const *in)
{
    const double *x = in[2], *a = in[3], *b = in[4];
    int64_t channels = task->size[WINDOW_CHANNELS];
    for (int64_t at = 0; at < side(task->size); at++)
        ((double *)out)[at] = x[at] * a[at % channels] + b[at % channels];
    for (int64_t at = 0; at < windows(task->size, channels); at++) {
        int64_t to = naive_images_place(task->size, at, (int64_t)((const double *)in[1])[at]);
        ((double *)out)[to] += ((const double *)in[0])[at];
    }
}

void kernel_average_pool_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t taps = task->size[WINDOW_KERNEL_H] * task->size[WINDOW_KERNEL_W];
    for (int64_t at = 0; at < windows(task->size, task->size[WINDOW_CHANNELS]); at++) {
        double sum = 0;
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t from = naive_images_place(task->size, at, tap);
            sum += from < 0 ? 0 : ((const double *)in[0])[from];
        }
        ((double *)out)[at] = sum / (double)taps;
    }
}

void kernel_average_unpool_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t taps = task->size[WINDOW_KERNEL_H] * task->size[WINDOW_KERNEL_W];
    clear(out, side(task->size));
    for (int64_t at = 0; at < windows(task->size, task->size[WINDOW_CHANNELS]); at++)
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t to = naive_images_place(task->size, at, tap);
            if (to >= 0) ((double *)out)[to] += ((const double *)in[0])[at] / (double)taps;
        }
}

void kernel_moments_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], channels = task->size[1];
    for (int64_t j = 0; j < channels; j++) {
        double mean = 0, variance = 0;
        for (int64_t i = 0; i < rows; i++)
            mean += ((const double *)in[0])[i * channels + j] / (double)rows;
        for (int64_t i = 0; i < rows; i++) {
            double d = ((const double *)in[0])[i * channels + j] - mean;
            variance += d * d / (double)rows;
        }
        ((double *)out)[j] = mean;
        ((double *)out)[channels + j] = variance;
    }
}
