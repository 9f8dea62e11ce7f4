/* Leaves and pointwise primitives. */
#include "graph/node.h"

#include <math.h>

/* ---- leaves: the builder gives the shape ---- */

static bool pointwise_shape_given(const struct graph *graph, struct node *node)
{
    (void)graph;
    if (node->shape.rank < 0 || node->shape.rank > GRAPH_RANK) return false;
    for (int i = 0; i < node->shape.rank; i++)
        if (node->shape.dim[i] < 1) return false;
    return true;
}

static void lower_dropout(const struct graph *graph, const struct node *node,
                          struct kernel_task *task)
{
    (void)graph;
    task->size[0] = shape_size(node->shape);
    task->size[1] = node->attribute[0];
    task->number = node->number;
}

static void sample_dropout(struct sampler *sampler, struct sample *sample)
{
    sample->node.shape = sample_shape(sampler, 0, 3);
    sample->node.number = 0.125 * (double)sample_between(sampler, 0, 7);
    sample->node.attribute[0] = sample_between(sampler, 0, 9);
}

/* attribute: slot, offset */
const struct operation operation_leaf = {.shape = pointwise_shape_given};
/* number: the value of every element */
const struct operation operation_constant = {.shape = pointwise_shape_given};
/* number: rate; attribute: ordinal */
const struct operation operation_dropout_mask = {.shape = pointwise_shape_given,
                                                 .lower = lower_dropout,
                                                 .kernels = KERNELS(dropout_mask),
                                                 .sample = sample_dropout};

graph_node graph_leaf(struct graph *graph, enum graph_slot slot, int64_t offset, struct shape shape)
{
    return node_make(graph,
                     (struct node){.op = OP_leaf, .shape = shape, .attribute = {slot, offset}});
}

graph_node graph_constant(struct graph *graph, double value, struct shape shape)
{
    return node_make(graph, (struct node){.op = OP_constant, .shape = shape, .number = value});
}

graph_node graph_dropout_mask(struct graph *graph, double rate, int ordinal, struct shape shape)
{
    if (rate == 0) return graph_constant(graph, 1, shape);
    return node_make(
        graph, (struct node){
                   .op = OP_dropout_mask, .shape = shape, .number = rate, .attribute = {ordinal}});
}

/* ---- shapes and samples of pointwise primitives ---- */

static bool shape_pointwise(const struct graph *graph, struct node *node)
{
    node->shape = node_at(graph, node->input[0])->shape;
    return op_arities[node->op] == 1 ||
           shape_equal(node->shape, node_at(graph, node->input[1])->shape);
}

static void lower_pointwise(const struct graph *graph, const struct node *node,
                            struct kernel_task *task)
{
    (void)graph;
    task->size[0] = shape_size(node->shape);
    task->number = node->number;
}

static void sample_pointwise(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample->input[1] = sample_shape(sampler, 0, 4);
    sample->low = -2;
    sample->high = 2;
    sample->node.number = 0.25 * (double)sample_between(sampler, -8, 8); /* the factor of scale */
}

static void sample_positive(struct sampler *sampler, struct sample *sample)
{
    sample_pointwise(sampler, sample);
    sample->low = 0.25;
}

static void pointwise_sample_discrete(struct sampler *sampler, struct sample *sample)
{
    sample_pointwise(sampler, sample);
    sample->discrete = true;
}

#define POINTWISE(name)                                                                            \
    .shape = shape_pointwise, .lower = lower_pointwise, .kernels = KERNELS(name),                  \
    .tiling = TILING_POINTWISE

/* ---- sums and products ---- */

static graph_node zero_like(struct graph *graph, const struct node *node)
{
    return graph_constant(graph, 0, node->shape);
}

/* The common value of the elements of a node, if it is a constant. */
static bool constant_value(const struct graph *graph, graph_node node, double *value)
{
    if (node_at(graph, node)->op != OP_constant) return false;
    *value = node_at(graph, node)->number;
    return true;
}

static graph_node simplify_add(struct graph *graph, const struct node *node)
{
    double a, b;
    bool first = constant_value(graph, node->input[0], &a),
         second = constant_value(graph, node->input[1], &b);
    if (first && second) return graph_constant(graph, a + b, node->shape);
    if (first && a == 0) return node->input[1];
    if (second && b == 0) return node->input[0];
    return join_pads(graph, node->input[0], node->input[1]);
}

static graph_node simplify_subtract(struct graph *graph, const struct node *node)
{
    double a, b;
    bool first = constant_value(graph, node->input[0], &a),
         second = constant_value(graph, node->input[1], &b);
    if (first && second) return graph_constant(graph, a - b, node->shape);
    if (first && a == 0) return graph_scale(graph, node->input[1], -1);
    if (second && b == 0) return node->input[0];
    return GRAPH_NONE;
}

static graph_node simplify_multiply(struct graph *graph, const struct node *node)
{
    double value;
    if (constant_value(graph, node->input[0], &value))
        return graph_scale(graph, node->input[1], value);
    if (constant_value(graph, node->input[1], &value))
        return graph_scale(graph, node->input[0], value);
    return GRAPH_NONE;
}

static graph_node simplify_scale(struct graph *graph, const struct node *node)
{
    double value;
    if (node->number == 0) return zero_like(graph, node);
    if (node->number == 1) return node->input[0];
    if (constant_value(graph, node->input[0], &value))
        return graph_constant(graph, value * node->number, node->shape);
    const struct node *input = node_at(graph, node->input[0]);
    if (input->op == OP_scale)
        return graph_scale(graph, input->input[0], input->number * node->number);
    return GRAPH_NONE;
}

static graph_node adjoint_add(struct graph *graph, graph_node node, int input, graph_node seed)
{
    (void)graph, (void)node, (void)input;
    return seed;
}

static graph_node adjoint_subtract(struct graph *graph, graph_node node, int input, graph_node seed)
{
    (void)node;
    return input == 0 ? seed : graph_scale(graph, seed, -1);
}

static graph_node adjoint_scale(struct graph *graph, graph_node node, int input, graph_node seed)
{
    (void)input;
    return graph_scale(graph, seed, node_at(graph, node)->number);
}

static graph_node adjoint_multiply(struct graph *graph, graph_node node, int input, graph_node seed)
{
    return graph_multiply(graph, seed, node_at(graph, node)->input[1 - input]);
}

const struct operation operation_add = {POINTWISE(add), .adjoint = adjoint_add,
                                        .simplify = simplify_add, .sample = sample_pointwise};
const struct operation operation_subtract = {POINTWISE(subtract), .adjoint = adjoint_subtract,
                                             .simplify = simplify_subtract,
                                             .sample = sample_pointwise};
/* number: the factor */
const struct operation operation_scale = {POINTWISE(scale), .adjoint = adjoint_scale,
                                          .simplify = simplify_scale, .sample = sample_pointwise};
const struct operation operation_multiply = {POINTWISE(multiply), .adjoint = adjoint_multiply,
                                             .simplify = simplify_multiply,
                                             .sample = sample_pointwise};

/* ---- functions: df/dx by x and y = f(x) ---- */

static graph_node square(struct graph *graph, graph_node a)
{
    return graph_multiply(graph, a, a);
}

static graph_node one_minus(struct graph *graph, graph_node a)
{
    return graph_subtract(graph, graph_constant(graph, 1, graph_shape(graph, a)), a);
}

#define PARTIAL(name, value)                                                                       \
    static graph_node partial_##name(struct graph *graph, graph_node y, int input)                 \
    {                                                                                              \
        (void)input;                                                                               \
        graph_node x = node_at(graph, y)->input[0];                                                \
        (void)x;                                                                                   \
        return value;                                                                              \
    }

PARTIAL(exp, y)
PARTIAL(log, graph_reciprocal(graph, x))
PARTIAL(tanh, one_minus(graph, square(graph, y)))
PARTIAL(sigmoid, graph_multiply(graph, y, one_minus(graph, y)))
/* 2 / sqrt(pi) exp(-x^2) */
PARTIAL(erf,
        graph_scale(graph, graph_exp(graph, graph_scale(graph, square(graph, x), -1)), M_2_SQRTPI))
PARTIAL(relu, graph_step(graph, y)) /* y > 0 exactly where x > 0, so x need not be kept */
/* y = x^(-1/2): -y^3 / 2 */
PARTIAL(rsqrt, graph_scale(graph, graph_multiply(graph, square(graph, y), y), -0.5))
PARTIAL(reciprocal, graph_scale(graph, square(graph, y), -1))

#define FUNCTION(name, sampling)                                                                   \
    const struct operation operation_##name = {POINTWISE(name), .partial = partial_##name,         \
                                               .sample = sampling};                                \
    graph_node graph_##name(struct graph *graph, graph_node a)                                     \
    {                                                                                              \
        return node_make1(graph, OP_##name, a);                                                    \
    }

FUNCTION(exp, sample_pointwise)
FUNCTION(log, sample_positive)
FUNCTION(tanh, sample_pointwise)
FUNCTION(sigmoid, sample_pointwise)
FUNCTION(erf, sample_pointwise)
FUNCTION(relu, sample_pointwise)
FUNCTION(rsqrt, sample_positive)
FUNCTION(reciprocal, sample_positive)

/* ---- piecewise constant ---- */

const struct operation operation_step = {POINTWISE(step), .sample = pointwise_sample_discrete};
const struct operation operation_sign = {POINTWISE(sign), .sample = pointwise_sample_discrete};
const struct operation operation_equal = {POINTWISE(equal), .sample = pointwise_sample_discrete};

graph_node graph_step(struct graph *graph, graph_node a)
{
    return node_make1(graph, OP_step, a);
}

graph_node graph_sign(struct graph *graph, graph_node a)
{
    return node_make1(graph, OP_sign, a);
}

graph_node graph_equal(struct graph *graph, graph_node a, graph_node b)
{
    return node_make2(graph, OP_equal, a, b);
}

graph_node graph_add(struct graph *graph, graph_node a, graph_node b)
{
    return node_make2(graph, OP_add, a, b);
}

graph_node graph_subtract(struct graph *graph, graph_node a, graph_node b)
{
    return node_make2(graph, OP_subtract, a, b);
}

graph_node graph_multiply(struct graph *graph, graph_node a, graph_node b)
{
    return node_make2(graph, OP_multiply, a, b);
}

graph_node graph_scale(struct graph *graph, graph_node a, double factor)
{
    return node_make(graph, (struct node){.op = OP_scale, .input = {a}, .number = factor});
}
