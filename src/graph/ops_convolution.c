/* Convolution: a trio of primitives that is closed under derivatives.
 *
 *     y = convolution(x, w)                 (N, H, W, C), (KH, KW, C / groups, O) -> (N, OH, OW, O)
 *     dx = convolution_data(g, w)           the adjoint by x at g: (N, OH, OW, O), (KH, KW, C /
 *                                           groups, O) -> (N, H, W, C)
 *     dw = convolution_weights(x, g)        the adjoint by w at g
 *
 * All three are one trilinear form <g, convolution(x, w)> seen from one of its arguments: so each
 * is bilinear, and its adjoints are the other two. */
#include "graph/window.h"

#include "kernels/window.h"

static const struct shape *convolution_shape_of(const struct graph *graph, const struct node *node,
                                                int input)
{
    return &node_at(graph, node->input[input])->shape;
}

static graph_node trio(struct graph *graph, enum op op, graph_node a, graph_node b,
                       const struct node *like)
{
    struct node node = {.op = op, .input = {a, b}};
    for (int i = 0; i < NODE_ATTRIBUTES; i++) node.attribute[i] = like->attribute[i];
    return node_make(graph, node);
}

/* Do the shapes of images, weights and results belong together? */
static bool fits(const int64_t *attribute, const struct shape *x, const struct shape *w,
                 const struct shape *y)
{
    int64_t groups = attribute[ATTRIBUTE_GROUPS];
    if (x->rank != 4 || w->rank != 4 || y->rank != 4 || !window_valid(attribute)) return false;
    for (int axis = 0; axis < 2; axis++)
        if (w->dim[axis] != attribute[ATTRIBUTE_KERNEL + axis] ||
            y->dim[1 + axis] != window_count(attribute, axis, x->dim[1 + axis]) ||
            y->dim[1 + axis] < 1)
            return false;
    return x->dim[0] == y->dim[0] && w->dim[3] == y->dim[3] && w->dim[3] % groups == 0 &&
           w->dim[2] * groups == x->dim[3];
}

/* attribute: window.h. INPUT is set as well, for the adjoints. */
static bool shape_convolution(const struct graph *graph, struct node *node)
{
    const struct shape *x = convolution_shape_of(graph, node, 0),
                       *w = convolution_shape_of(graph, node, 1);
    if (x->rank != 4 || w->rank != 4) return false;
    for (int axis = 0; axis < 2; axis++) {
        node->attribute[ATTRIBUTE_KERNEL + axis] = w->dim[axis];
        node->attribute[ATTRIBUTE_INPUT + axis] = x->dim[1 + axis];
    }
    if (!window_valid(node->attribute)) return false;
    node->shape = shape_images(x->dim[0], window_count(node->attribute, 0, x->dim[1]),
                               window_count(node->attribute, 1, x->dim[2]), w->dim[3]);
    return fits(node->attribute, x, w, &node->shape);
}

static bool shape_data(const struct graph *graph, struct node *node)
{
    const struct shape *g = convolution_shape_of(graph, node, 0),
                       *w = convolution_shape_of(graph, node, 1);
    if (g->rank != 4 || w->rank != 4) return false;
    node->shape = shape_images(g->dim[0], node->attribute[ATTRIBUTE_INPUT],
                               node->attribute[ATTRIBUTE_INPUT + 1],
                               w->dim[2] * node->attribute[ATTRIBUTE_GROUPS]);
    return fits(node->attribute, &node->shape, w, g);
}

static bool shape_weights(const struct graph *graph, struct node *node)
{
    const struct shape *x = convolution_shape_of(graph, node, 0),
                       *g = convolution_shape_of(graph, node, 1);
    if (x->rank != 4 || g->rank != 4 || node->attribute[ATTRIBUTE_GROUPS] < 1) return false;
    node->shape =
        shape_images(node->attribute[ATTRIBUTE_KERNEL], node->attribute[ATTRIBUTE_KERNEL + 1],
                     x->dim[3] / node->attribute[ATTRIBUTE_GROUPS], g->dim[3]);
    return fits(node->attribute, x, &node->shape, g);
}

static graph_node convolution_simplify_product(struct graph *graph, const struct node *node)
{
    bool zero =
        node_is_constant(graph, node->input[0], 0) || node_is_constant(graph, node->input[1], 0);
    return zero ? graph_constant(graph, 0, node->shape) : GRAPH_NONE;
}

static graph_node adjoint_convolution(struct graph *graph, graph_node id, int input,
                                      graph_node seed)
{
    struct node node = *node_at(graph, id);
    if (input == 0) return trio(graph, OP_convolution_data, seed, node.input[1], &node);
    return trio(graph, OP_convolution_weights, node.input[0], seed, &node);
}

static graph_node adjoint_data(struct graph *graph, graph_node id, int input, graph_node seed)
{
    struct node node = *node_at(graph, id);
    if (input == 0) return trio(graph, OP_convolution, seed, node.input[1], &node);
    return trio(graph, OP_convolution_weights, seed, node.input[0], &node);
}

static graph_node adjoint_weights(struct graph *graph, graph_node id, int input, graph_node seed)
{
    struct node node = *node_at(graph, id);
    if (input == 0) return trio(graph, OP_convolution_data, node.input[1], seed, &node);
    return trio(graph, OP_convolution, node.input[0], seed, &node);
}

/* Two per multiply-add, padding taps included. */
static void count(struct kernel_task *task)
{
    const int64_t *size = task->size;
    task->flops = 2.0 * (double)(size[WINDOW_BATCH] * size[WINDOW_OUT_H] * size[WINDOW_OUT_W]) *
                  (double)(size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W] * size[WINDOW_CHANNELS]) *
                  (double)(size[WINDOW_CHANNELS_OUT] / size[WINDOW_GROUPS]);
}

static void lower_convolution(const struct graph *graph, const struct node *node,
                              struct kernel_task *task)
{
    window_lower(node->attribute, convolution_shape_of(graph, node, 0), &node->shape, task);
    count(task);
}

static void lower_data(const struct graph *graph, const struct node *node, struct kernel_task *task)
{
    window_lower(node->attribute, &node->shape, convolution_shape_of(graph, node, 0), task);
    count(task);
}

static void lower_weights(const struct graph *graph, const struct node *node,
                          struct kernel_task *task)
{
    window_lower(node->attribute, convolution_shape_of(graph, node, 0),
                 convolution_shape_of(graph, node, 1), task);
    count(task);
}

/* Sometimes channels that fill vectors (these have kernels of their own), and sometimes one
 * channel. */
static void sample_trio(struct sampler *sampler, struct shape shapes[3], int64_t *attribute)
{
    int64_t h = sample_between(sampler, 1, 6), w = sample_between(sampler, 1, 6),
            n = sample_between(sampler, 1, 3);
    int64_t kind = sample_between(sampler, 0, 3),
            groups = kind == 0 ? sample_between(sampler, 1, 3) : 1;
    int64_t in = groups * sample_between(sampler, 1, 3),
            out = groups * sample_between(sampler, 1, 3);
    if (kind >= 2) in = kind == 2 ? 16 : 1, out = 16;
    window_sample(sampler, true, h, w, attribute);
    attribute[ATTRIBUTE_GROUPS] = groups;
    attribute[ATTRIBUTE_INPUT] = h;
    attribute[ATTRIBUTE_INPUT + 1] = w;
    shapes[0] = shape_images(n, h, w, in);
    shapes[1] = shape_images(attribute[ATTRIBUTE_KERNEL], attribute[ATTRIBUTE_KERNEL + 1],
                             in / groups, out);
    shapes[2] = shape_images(n, window_count(attribute, 0, h), window_count(attribute, 1, w), out);
}

#define SAMPLE(name, first, second)                                                                \
    static void sample_##name(struct sampler *sampler, struct sample *sample)                      \
    {                                                                                              \
        struct shape shapes[3];                                                                    \
        sample_trio(sampler, shapes, sample->node.attribute);                                      \
        sample->input[0] = shapes[first];                                                          \
        sample->input[1] = shapes[second];                                                         \
        sample->low = -1;                                                                          \
        sample->high = 1;                                                                          \
    }

SAMPLE(convolution, 0, 1)
SAMPLE(data, 2, 1)
SAMPLE(weights, 0, 2)

#define TRIO(name, short_name)                                                                     \
    const struct operation operation_##name = {.shape = shape_##short_name,                        \
                                               .adjoint = adjoint_##short_name,                    \
                                               .simplify = convolution_simplify_product,           \
                                               .lower = lower_##short_name,                        \
                                               .kernels = KERNELS_PREPARED(name, convolution),     \
                                               .sample = sample_##short_name}

TRIO(convolution, convolution);
TRIO(convolution_data, data);
TRIO(convolution_weights, weights);

/* ---- with a bias (O) and relu: made by rewriting after differentiation (rewrite.c) ---- */

static bool shape_bias(const struct graph *graph, struct node *node)
{
    const struct shape *bias = convolution_shape_of(graph, node, 2);
    return shape_convolution(graph, node) && bias->rank == 1 && bias->dim[0] == node->shape.dim[3];
}

static void sample_bias(struct sampler *sampler, struct sample *sample)
{
    sample_convolution(sampler, sample);
    sample->input[2] = shape_vector(sample->input[1].dim[3]);
    sample->node.attribute[ATTRIBUTE_RELU] = sample_between(sampler, 0, 1);
}

const struct operation operation_convolution_bias = {
    .shape = shape_bias,
    .lower = lower_convolution,
    .kernels = KERNELS_PREPARED(convolution_bias, convolution),
    .sample = sample_bias};

graph_node graph_convolution(struct graph *graph, graph_node x, graph_node w,
                             const struct window *window)
{
    struct node node = {.op = OP_convolution, .input = {x, w}};
    window_attributes(window, node.attribute);
    return node_make(graph, node);
}
