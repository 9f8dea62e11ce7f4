/* Sizes of a task whose kernel slides a window over images (N, H, W, C): task->size[WINDOW_...].
 * `OUT` are the sizes of the side with one element a window: a convolution's or pool's result.
 * Channels of that side are CHANNELS_OUT for a convolution, CHANNELS for a pool. */
#ifndef BASIN_KERNELS_WINDOW_H
#define BASIN_KERNELS_WINDOW_H

#include "kernels/kernels.h"

enum {
    WINDOW_BATCH,
    WINDOW_H,
    WINDOW_W,
    WINDOW_CHANNELS,
    WINDOW_OUT_H,
    WINDOW_OUT_W,
    WINDOW_CHANNELS_OUT,
    WINDOW_KERNEL_H,
    WINDOW_KERNEL_W,
    WINDOW_STRIDE_H,
    WINDOW_STRIDE_W,
    WINDOW_PADDING_H,
    WINDOW_PADDING_W,
    WINDOW_DILATION_H,
    WINDOW_DILATION_W,
    WINDOW_GROUPS,
    WINDOW_RELU, /* of convolution_bias */
    WINDOW_SIZES
};

/* The place in the input that tap (i, j) of window (y, x) looks at; false where that is padding. */
static inline _Bool window_tap(const int64_t *size, int64_t y, int64_t x, int64_t i, int64_t j,
                               int64_t *h, int64_t *w)
{
    *h = y * size[WINDOW_STRIDE_H] - size[WINDOW_PADDING_H] + i * size[WINDOW_DILATION_H];
    *w = x * size[WINDOW_STRIDE_W] - size[WINDOW_PADDING_W] + j * size[WINDOW_DILATION_W];
    return *h >= 0 && *h < size[WINDOW_H] && *w >= 0 && *w < size[WINDOW_W];
}

#endif
