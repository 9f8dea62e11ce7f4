/* Pooling. A maximum is two primitives: pool_index finds the element of each window that wins
 * (constant), pool_gather reads it (linear once the winner is known); the adjoint of the latter is
 * pool_scatter. */
#include "graph/window.h"

static const struct shape *pool_shape_of(const struct graph *graph, const struct node *node,
                                         int input)
{
    return &node_at(graph, node->input[input])->shape;
}

static bool shape_windows(const struct graph *graph, struct node *node)
{
    const struct shape *x = pool_shape_of(graph, node, 0);
    if (x->rank != 4 || !window_valid(node->attribute)) return false;
    for (int axis = 0; axis < 2; axis++) {
        if (2 * node->attribute[ATTRIBUTE_PADDING + axis] >
            node->attribute[ATTRIBUTE_DILATION + axis] *
                    (node->attribute[ATTRIBUTE_KERNEL + axis] - 1) +
                1)
            return false; /* a window may not lie in the padding alone */
        node->attribute[ATTRIBUTE_INPUT + axis] = x->dim[1 + axis];
    }
    node->shape = shape_images(x->dim[0], window_count(node->attribute, 0, x->dim[1]),
                               window_count(node->attribute, 1, x->dim[2]), x->dim[3]);
    return node->shape.dim[1] >= 1 && node->shape.dim[2] >= 1;
}

static bool shape_index(const struct graph *graph, struct node *node)
{
    const struct shape *direction = pool_shape_of(graph, node, 1);
    return shape_windows(graph, node) && direction->rank == 1 &&
           direction->dim[0] == node->shape.dim[3];
}

static bool shape_gather(const struct graph *graph, struct node *node)
{
    return shape_windows(graph, node) && shape_equal(node->shape, *pool_shape_of(graph, node, 1));
}

static bool shape_back(const struct graph *graph, struct node *node)
{
    const struct shape *g = pool_shape_of(graph, node, 0);
    if (g->rank != 4 || !window_valid(node->attribute)) return false;
    node->shape = shape_images(g->dim[0], node->attribute[ATTRIBUTE_INPUT],
                               node->attribute[ATTRIBUTE_INPUT + 1], g->dim[3]);
    for (int axis = 0; axis < 2; axis++)
        if (window_count(node->attribute, axis, node->shape.dim[1 + axis]) != g->dim[1 + axis])
            return false;
    return true;
}

static bool shape_scatter(const struct graph *graph, struct node *node)
{
    return shape_back(graph, node) &&
           shape_equal(*pool_shape_of(graph, node, 0), *pool_shape_of(graph, node, 1));
}

NODE_OPPOSITE(pool_gather, pool_scatter)
NODE_OPPOSITE(pool_scatter, pool_gather)
NODE_OPPOSITE(average_pool, average_unpool)
NODE_OPPOSITE(average_unpool, average_pool)

static void lower_windows(const struct graph *graph, const struct node *node,
                          struct kernel_task *task)
{
    window_lower(node->attribute, pool_shape_of(graph, node, 0), &node->shape, task);
}

static void lower_back(const struct graph *graph, const struct node *node, struct kernel_task *task)
{
    window_lower(node->attribute, &node->shape, pool_shape_of(graph, node, 0), task);
}

/* Shapes of the images and of the results. */
static void sample_pool(struct sampler *sampler, bool padded, struct sample *sample,
                        struct shape *windows)
{
    int64_t h = sample_between(sampler, 1, 6), w = sample_between(sampler, 1, 6),
            n = sample_between(sampler, 1, 3);
    int64_t c = sample_between(sampler, 1, 5), *attribute = sample->node.attribute;
    if (sample_between(sampler, 0, 3) == 0) c = 70; /* more than a strip of the kernels */
    window_sample(sampler, false, h, w, attribute);
    if (sample_between(sampler, 0, 2) == 0 && h >= 2 &&
        w >= 2) { /* 2x2 with stride 2 has kernels of its own */
        h = h / 2 * 2, w = w / 2 * 2;
        for (int axis = 0; axis < 2; axis++)
            attribute[ATTRIBUTE_KERNEL + axis] = attribute[ATTRIBUTE_STRIDE + axis] = 2,
                                         attribute[ATTRIBUTE_DILATION + axis] = 1;
    } else if (padded) {
        for (int axis = 0; axis < 2; axis++)
            attribute[ATTRIBUTE_PADDING + axis] =
                sample_between(sampler, 0, attribute[ATTRIBUTE_KERNEL + axis] / 2);
    }
    attribute[ATTRIBUTE_INPUT] = h;
    attribute[ATTRIBUTE_INPUT + 1] = w;
    sample->input[0] = shape_images(n, h, w, c);
    *windows = shape_images(n, window_count(attribute, 0, h), window_count(attribute, 1, w), c);
    sample->low = -1;
    sample->high = 1;
}

static void sample_index(struct sampler *sampler, struct sample *sample)
{
    struct shape windows;
    sample_pool(sampler, true, sample, &windows);
    sample->input[1] = shape_vector(windows.dim[3]);
}

static int64_t taps(const struct sample *sample)
{
    return sample->node.attribute[ATTRIBUTE_KERNEL] * sample->node.attribute[ATTRIBUTE_KERNEL + 1];
}

static void sample_gather(struct sampler *sampler, struct sample *sample)
{
    sample_pool(sampler, false, sample, &sample->input[1]);
    sample->below[1] = taps(sample);
}

static void sample_scatter(struct sampler *sampler, struct sample *sample)
{
    sample_gather(sampler, sample);
    sample->input[0] = sample->input[1];
}

static void sample_average(struct sampler *sampler, struct sample *sample)
{
    struct shape windows;
    sample_pool(sampler, true, sample, &windows);
}

static void sample_unpool(struct sampler *sampler, struct sample *sample)
{
    struct shape windows;
    sample_pool(sampler, true, sample, &windows);
    sample->input[0] = windows;
}

/* inputs: x (N, H, W, C), direction (C): where that is negative, the smallest element wins. */
const struct operation operation_pool_index = {.shape = shape_index,
                                               .lower = lower_windows,
                                               .kernels = KERNELS(pool_index),
                                               .sample = sample_index};
const struct operation operation_pool_gather = {.shape = shape_gather,
                                                .adjoint = adjoint_pool_gather,
                                                .simplify = node_simplify_linear,
                                                .lower = lower_windows,
                                                .kernels = KERNELS(pool_gather),
                                                .sample = sample_gather};
const struct operation operation_pool_scatter = {.shape = shape_scatter,
                                                 .adjoint = adjoint_pool_scatter,
                                                 .simplify = node_simplify_linear,
                                                 .lower = lower_back,
                                                 .kernels = KERNELS(pool_scatter),
                                                 .sample = sample_scatter};
const struct operation operation_average_pool = {.shape = shape_windows,
                                                 .adjoint = adjoint_average_pool,
                                                 .simplify = node_simplify_linear,
                                                 .lower = lower_windows,
                                                 .kernels = KERNELS(average_pool),
                                                 .sample = sample_average};
const struct operation operation_average_unpool = {.shape = shape_back,
                                                   .adjoint = adjoint_average_unpool,
                                                   .simplify = node_simplify_linear,
                                                   .lower = lower_back,
                                                   .kernels = KERNELS(average_unpool),
                                                   .sample = sample_unpool};

/* ---- made by rewriting ---- */

/* (2, shape of the results): the index, then the element at it. Inputs as for pool_index. */
static bool shape_maximum(const struct graph *graph, struct node *node)
{
    if (!shape_index(graph, node)) return false;
    struct shape one = node->shape;
    node->shape =
        (struct shape){.rank = 5, .dim = {2, one.dim[0], one.dim[1], one.dim[2], one.dim[3]}};
    return true;
}

static void lower_maximum(const struct graph *graph, const struct node *node,
                          struct kernel_task *task)
{
    const int64_t *dim = node->shape.dim;
    struct shape windows = shape_images(dim[1], dim[2], dim[3], dim[4]);
    window_lower(node->attribute, pool_shape_of(graph, node, 0), &windows, task);
}

const struct operation operation_pool_maximum = {.shape = shape_maximum,
                                                 .lower = lower_maximum,
                                                 .kernels = KERNELS(pool_maximum),
                                                 .sample = sample_index};

/* pool_scatter of inputs 0 and 1, plus x a + b with x input 2 and a, b (C) inputs 3 and 4. */
static bool shape_scatter_affine(const struct graph *graph, struct node *node)
{
    if (!shape_scatter(graph, node) || !shape_equal(*pool_shape_of(graph, node, 2), node->shape))
        return false;
    struct shape channels = shape_vector(node->shape.dim[3]);
    return shape_equal(*pool_shape_of(graph, node, 3), channels) &&
           shape_equal(*pool_shape_of(graph, node, 4), channels);
}

static void sample_scatter_affine(struct sampler *sampler, struct sample *sample)
{
    struct shape windows;
    sample_pool(sampler, false, sample, &windows);
    sample->below[1] = taps(sample);
    sample->input[2] = sample->input[0];
    sample->input[0] = sample->input[1] = windows;
    sample->input[3] = sample->input[4] = shape_vector(windows.dim[3]);
}

const struct operation operation_pool_scatter_affine = {.shape = shape_scatter_affine,
                                                        .lower = lower_back,
                                                        .kernels = KERNELS(pool_scatter_affine),
                                                        .sample = sample_scatter_affine};

/* The (C) vector that this node repeats over all leading axes, or GRAPH_NONE. */
static graph_node repeated_channel(const struct graph *graph, graph_node id)
{
    const struct node *node = node_at(graph, id);
    bool leading = node->op == OP_broadcast && node->attribute[0] == 0 &&
                   node->attribute[1] == node->shape.rank - 1;
    return leading ? node->input[0] : GRAPH_NONE;
}

/* The operand of a sum or product that is such a vector; the other operand in *rest. */
static graph_node split_channel(const struct graph *graph, const struct node *node,
                                graph_node *rest)
{
    for (int i = 0; i < 2; i++) {
        graph_node vector = repeated_channel(graph, node->input[i]);
        *rest = node->input[1 - i];
        if (vector != GRAPH_NONE) return vector;
    }
    return GRAPH_NONE;
}

static graph_node pool_directed(struct graph *graph, graph_node x, graph_node direction,
                                const struct window *window)
{
    struct node index = {.op = OP_pool_index, .input = {x, direction}};
    window_attributes(window, index.attribute);
    graph_node winner = node_make(graph, index);
    struct node gather = {.op = OP_pool_gather, .input = {x, winner}};
    window_attributes(window, gather.attribute);
    return node_make(graph, gather);
}

static graph_node repeat_channel(struct graph *graph, graph_node vector, graph_node like)
{
    return graph_broadcast(graph, vector, graph_shape(graph, like), 7u);
}

/* The maximum is taken before whatever it commutes with, because there is less to do on its smaller
 * result: monotone functions, a bias per channel, and a factor per channel (whose sign says whether
 * the largest or the smallest element wins). Values are the same; so are derivatives, except where
 * elements tie. */
graph_node graph_max_pool(struct graph *graph, graph_node x, const struct window *window)
{
    if (graph_status(graph) != BASIN_OK || x == GRAPH_NONE) return GRAPH_NONE;
    struct node node = *node_at(graph, x);
    graph_node rest, vector;
    switch (node.op) {
    case OP_relu:
    case OP_tanh:
    case OP_sigmoid:
        return node_make1(graph, node.op, graph_max_pool(graph, node.input[0], window));
    case OP_add:
        vector = split_channel(graph, &node, &rest);
        if (vector == GRAPH_NONE) break;
        rest = graph_max_pool(graph, rest, window);
        return graph_add(graph, rest, repeat_channel(graph, vector, rest));
    case OP_multiply:
        vector = split_channel(graph, &node, &rest);
        if (vector == GRAPH_NONE) break;
        rest = pool_directed(graph, rest, vector, window);
        return graph_multiply(graph, rest, repeat_channel(graph, vector, rest));
    default:
        break;
    }
    struct shape shape = graph_shape(graph, x);
    if (shape.rank != 4) return graph_fail(graph, "max_pool: no images");
    return pool_directed(graph, x, graph_constant(graph, 1, shape_vector(shape.dim[3])), window);
}

graph_node graph_average_pool(struct graph *graph, graph_node x, const struct window *window)
{
    struct node node = {.op = OP_average_pool, .input = {x}};
    window_attributes(window, node.attribute);
    return node_make(graph, node);
}
