/* Attributes of the primitives that slide a window over images (ops_convolution.c, ops_pool.c). */
#ifndef BASIN_GRAPH_WINDOW_H
#define BASIN_GRAPH_WINDOW_H

#include "graph/node.h"

/* Indices into a node's attributes; pairs are (H, W). INPUT is the height and width of the images,
 * for nodes whose inputs do not tell (adjoints, which get the windows' results). */
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
/* How many windows fit along an axis of `length` elements; 0 or less: none. */
int64_t window_count(const int64_t *attribute, int axis, int64_t length);
bool window_valid(const int64_t *attribute);
/* Sets a task's sizes as kernels/window.h has them: images (N, H, W, C), results (N, OH, OW, O). */
void window_lower(const int64_t *attribute, const struct shape *images, const struct shape *windows,
                  struct kernel_task *task);
/* A random window for images of 1x1 to height x width. */
void window_sample(struct sampler *sampler, bool padded, int64_t height, int64_t width,
                   int64_t *attribute);

static inline struct shape shape_images(int64_t n, int64_t h, int64_t w, int64_t c)
{
    return (struct shape){.rank = 4, .dim = {n, h, w, c}};
}

#endif
