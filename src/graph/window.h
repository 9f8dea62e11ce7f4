/* Attributes of primitives that slide a window over images; shared by ops_convolution.c and
 * ops_pool.c. */
#ifndef BASIN_GRAPH_WINDOW_H
#define BASIN_GRAPH_WINDOW_H

#include "graph/node.h"

/* attribute[...] of a node; pairs are (H, W). INPUT is the windows' side's opposite: the height and
 * width of the images that the windows slide over, where the node's inputs do not tell. */
enum {
    ATTRIBUTE_KERNEL = 0,
    ATTRIBUTE_STRIDE = 2,
    ATTRIBUTE_PADDING = 4,
    ATTRIBUTE_DILATION = 6,
    ATTRIBUTE_GROUPS = 8,
    ATTRIBUTE_INPUT = 9,
    ATTRIBUTE_RELU = 11
};

void window_attributes(const struct window *window, int64_t *attribute);
/* Windows along an axis of `length` elements (0 or less: none fits). */
int64_t window_count(const int64_t *attribute, int axis, int64_t length);
bool window_valid(const int64_t *attribute);
/* Kernel sizes of a task (window.h of kernels/): images (N, H, W, C), windows' side (N, OH, OW, O).
 */
void window_lower(const int64_t *attribute, const struct shape *images, const struct shape *windows,
                  struct kernel_task *task);
/* A random window for images of at least 1x1 and at most height x width. */
void window_sample(struct sampler *sampler, bool padded, int64_t height, int64_t width,
                   int64_t *attribute);

static inline struct shape shape_images(int64_t n, int64_t h, int64_t w, int64_t c)
{
    return (struct shape){.rank = 4, .dim = {n, h, w, c}};
}

#endif
