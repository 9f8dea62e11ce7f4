/* Primitives that only rewriting makes (rewrite.c): one pass over memory for what several others
 * would do. */
#include "graph/node.h"

static const struct shape *fused_shape_of(const struct graph *graph, const struct node *node,
                                          int input)
{
    return &node_at(graph, node->input[input])->shape;
}

/* x, and vectors with the shape of x without some leading axes. */
static bool shape_row(const struct graph *graph, struct node *node)
{
    const struct shape *x = fused_shape_of(graph, node, 0), *first = fused_shape_of(graph, node, 1);
    node->shape = *x;
    if (first->rank >= x->rank || !shape_equal(shape_without(*x, 0, x->rank - first->rank), *first))
        return false;
    return op_arities[node->op] == 2 || shape_equal(*first, *fused_shape_of(graph, node, 2));
}

/* size: elements, elements of a row */
static void lower_row(const struct graph *graph, const struct node *node, struct kernel_task *task)
{
    task->size[0] = shape_size(node->shape);
    task->size[1] = shape_size(*fused_shape_of(graph, node, 1));
}

static bool steps_row(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph, (void)node;
    *sliced = 1; /* every step reads the vectors whole */
    return true;
}

static void sample_row(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample_shape(sampler, 2, 4);
    if (sample_between(sampler, 0, 3) == 0)
        sample->input[0] =
            shape_matrix(sample_between(sampler, 1, 4), sample_between(sampler, 500, 1200));
    if (sample_between(sampler, 0, 3) == 0)
        sample->input[0] =
            shape_matrix(sample_between(sampler, 800, 1200), sample_between(sampler, 1, 20));
    int count = (int)sample_between(sampler, 1, sample->input[0].rank - 1);
    sample->input[1] = sample->input[2] = shape_without(sample->input[0], 0, count);
    sample->low = -1;
    sample->high = 1;
}

#define ROW(name)                                                                                  \
    const struct operation operation_##name = {.shape = shape_row,                                 \
                                               .lower = lower_row,                                 \
                                               .kernels = KERNELS(name),                           \
                                               .tiling = TILING_ROW,                               \
                                               .steps = steps_row,                                 \
                                               .sample = sample_row}
ROW(multiply_row);
ROW(add_row);
ROW(affine_row);

/* x, and a vector with the shape of x without some trailing axes. */
static bool shape_column(const struct graph *graph, struct node *node)
{
    const struct shape *x = fused_shape_of(graph, node, 0), *a = fused_shape_of(graph, node, 1);
    node->shape = *x;
    return a->rank < x->rank && shape_equal(shape_without(*x, a->rank, x->rank - a->rank), *a);
}

/* size: elements, elements of a row */
static void lower_column(const struct graph *graph, const struct node *node,
                         struct kernel_task *task)
{
    task->size[0] = shape_size(node->shape);
    task->size[1] = task->size[0] / shape_size(*fused_shape_of(graph, node, 1));
}

static bool steps_column(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)sliced;
    return fused_shape_of(graph, node, 1)->rank >= 1;
}

static void sample_column(struct sampler *sampler, struct sample *sample)
{
    sample_row(sampler, sample);
    int count = (int)sample_between(sampler, 1, sample->input[0].rank - 1);
    sample->input[1] = shape_without(sample->input[0], sample->input[0].rank - count, count);
}

const struct operation operation_multiply_column = {.shape = shape_column,
                                                    .lower = lower_column,
                                                    .kernels = KERNELS(multiply_column),
                                                    .tiling = TILING_COLUMN,
                                                    .steps = steps_column,
                                                    .sample = sample_column};

static bool shape_pair(const struct graph *graph, struct node *node)
{
    node->shape = *fused_shape_of(graph, node, 0);
    return shape_equal(node->shape, *fused_shape_of(graph, node, 1));
}

static void lower_pair(const struct graph *graph, const struct node *node, struct kernel_task *task)
{
    (void)graph;
    task->size[0] = shape_size(node->shape);
}

static void sample_pair(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample->input[1] = sample_shape(sampler, 0, 3);
    sample->low = -1;
    sample->high = 1;
}

#define PAIR(name)                                                                                 \
    const struct operation operation_##name = {.shape = shape_pair,                                \
                                               .lower = lower_pair,                                \
                                               .kernels = KERNELS(name),                           \
                                               .tiling = TILING_POINTWISE,                         \
                                               .sample = sample_pair}
PAIR(relu_backward);
PAIR(tanh_backward);
PAIR(sigmoid_backward);

/* attribute: 1 over leading axes, 0 over trailing ones; the node carries its shape. */
static bool shape_sum_product(const struct graph *graph, struct node *node)
{
    const struct shape *a = fused_shape_of(graph, node, 0);
    int count = a->rank - node->shape.rank;
    return count > 0 && shape_equal(*a, *fused_shape_of(graph, node, 1)) &&
           shape_equal(node->shape,
                       shape_without(*a, node->attribute[0] ? 0 : node->shape.rank, count));
}

/* size: rows, columns, 1: sums of columns, 0: of rows */
static void lower_sum_product(const struct graph *graph, const struct node *node,
                              struct kernel_task *task)
{
    int64_t all = shape_size(*fused_shape_of(graph, node, 0)), kept = shape_size(node->shape);
    task->size[0] = node->attribute[0] ? all / kept : kept;
    task->size[1] = node->attribute[0] ? kept : all / kept;
    task->size[2] = node->attribute[0];
}

static bool steps_sum_product(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph, (void)sliced;
    return !node->attribute[0] && node->shape.rank >= 1;
}

static void sample_sum_product(struct sampler *sampler, struct sample *sample)
{
    sample_pair(sampler, sample);
    sample->input[0] = sample->input[1] = sample_shape(sampler, 1, 4);
    int count = (int)sample_between(sampler, 1, sample->input[0].rank),
        rank = sample->input[0].rank;
    sample->node.attribute[0] = sample_between(sampler, 0, 1);
    sample->node.shape =
        shape_without(sample->input[0], sample->node.attribute[0] ? 0 : rank - count, count);
}

const struct operation operation_sum_product = {.shape = shape_sum_product,
                                                .lower = lower_sum_product,
                                                .kernels = KERNELS(sum_product),
                                                .steps = steps_sum_product,
                                                .sample = sample_sum_product};
