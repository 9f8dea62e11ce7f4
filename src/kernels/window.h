/* Sizes of a task whose kernel slides a window over images (N, H, W, C): task->size[WINDOW_...].
 * `OUT` is the side with one element per window: the result of a convolution or pool. It has
 * CHANNELS_OUT channels for a convolution, CHANNELS for a pool. */
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

/* The input position at tap (i, j) of window (y, x); false where that is padding. */
static inline _Bool window_tap(const int64_t *size, int64_t y, int64_t x, int64_t i, int64_t j,
                               int64_t *h, int64_t *w)
{
    *h = y * size[WINDOW_STRIDE_H] - size[WINDOW_PADDING_H] + i * size[WINDOW_DILATION_H];
    *w = x * size[WINDOW_STRIDE_W] - size[WINDOW_PADDING_W] + j * size[WINDOW_DILATION_W];
    return *h >= 0 && *h < size[WINDOW_H] && *w >= 0 && *w < size[WINDOW_W];
}

#endif
