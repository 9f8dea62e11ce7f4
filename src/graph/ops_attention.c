/* Attention: batched products, whole or of one triangle; softmax over the past; positions. */
#include "graph/node.h"

static const struct shape *attention_shape_of(const struct graph *graph, const struct node *node,
                                              int input)
{
    return &node_at(graph, node->input[input])->shape;
}

static struct shape shape_batch(int64_t batch, int64_t rows, int64_t columns)
{
    return (struct shape){.rank = 3, .dim = {batch, rows, columns}};
}

/* ---- products. attribute: transpose_a, transpose_b, triangle
 *
 * With l(.) for the lower triangle, the causal products are l(A B'), l(L) B and l(L)' B. The
 * adjoints of each are among the three. */

static bool shape_batch_matmul(const struct graph *graph, struct node *node)
{
    const struct shape *a = attention_shape_of(graph, node, 0),
                       *b = attention_shape_of(graph, node, 1);
    bool ta = node->attribute[0], tb = node->attribute[1];
    enum triangle triangle = (enum triangle)node->attribute[2];
    if (a->rank != 3 || b->rank != 3 || a->dim[0] != b->dim[0] || a->dim[1 + !ta] != b->dim[1 + tb])
        return false;
    node->shape = shape_batch(a->dim[0], a->dim[1 + ta], b->dim[1 + !tb]);
    if (triangle == TRIANGLE_RESULT) return !ta && tb && node->shape.dim[1] == node->shape.dim[2];
    return triangle == TRIANGLE_NONE || (!tb && a->dim[1] == a->dim[2]);
}

static graph_node attention_simplify_product(struct graph *graph, const struct node *node)
{
    bool zero =
        node_is_constant(graph, node->input[0], 0) || node_is_constant(graph, node->input[1], 0);
    return zero ? graph_constant(graph, 0, node->shape) : GRAPH_NONE;
}

static graph_node adjoint_batch_matmul(struct graph *graph, graph_node id, int input,
                                       graph_node seed)
{
    const struct node *node = node_at(graph, id);
    graph_node a = node->input[0], b = node->input[1];
    bool ta = node->attribute[0], tb = node->attribute[1];
    switch ((enum triangle)node->attribute[2]) {
    case TRIANGLE_RESULT:
        return input == 0 ? graph_batch_matmul(graph, seed, b, false, false, TRIANGLE_LEFT)
                          : graph_batch_matmul(graph, seed, a, true, false, TRIANGLE_LEFT);
    case TRIANGLE_LEFT:
        if (input == 1) return graph_batch_matmul(graph, a, seed, !ta, false, TRIANGLE_LEFT);
        return ta ? graph_batch_matmul(graph, b, seed, false, true, TRIANGLE_RESULT)
                  : graph_batch_matmul(graph, seed, b, false, true, TRIANGLE_RESULT);
    default:
        break;
    }
    if (input == 0)
        return ta ? graph_batch_matmul(graph, b, seed, tb, true, TRIANGLE_NONE)
                  : graph_batch_matmul(graph, seed, b, false, !tb, TRIANGLE_NONE);
    return tb ? graph_batch_matmul(graph, seed, a, true, ta, TRIANGLE_NONE)
              : graph_batch_matmul(graph, a, seed, !ta, false, TRIANGLE_NONE);
}

/* size: batch, m, n, k, transpose_a, transpose_b, triangle. Masked scores are not counted. */
static void lower_batch_matmul(const struct graph *graph, const struct node *node,
                               struct kernel_task *task)
{
    int64_t *size = task->size,
            k = attention_shape_of(graph, node, 0)->dim[1 + !node->attribute[0]];
    for (int i = 0; i < 3; i++) size[i] = node->shape.dim[i], size[4 + i] = node->attribute[i];
    size[3] = k;
    double all = (double)size[0] * (double)size[1] * (double)size[2] * (double)k,
           steps = (double)size[1];
    task->flops = 2 * (size[6] ? all * (steps + 1) / (2 * steps) : all);
}

static void sample_batch_matmul(struct sampler *sampler, struct sample *sample)
{
    int64_t batch = sample_between(sampler, 1, 3), m = sample_between(sampler, 1, 12),
            n = sample_between(sampler, 1, 12), k = sample_between(sampler, 1, 12),
            *attribute = sample->node.attribute;
    attribute[2] = sample_between(sampler, 0, 2);
    if (attribute[2] && sample_between(sampler, 0, 3) == 0)
        batch = 1, m = 70, k = n = 3; /* more than one block of rows */
    attribute[0] = attribute[2] == 1 ? 0 : sample_between(sampler, 0, 1);
    attribute[1] = attribute[2] ? attribute[2] == 1 : sample_between(sampler, 0, 1);
    if (attribute[2] == 1) n = m;
    if (attribute[2] == 2) k = m;
    sample->input[0] = attribute[0] ? shape_batch(batch, k, m) : shape_batch(batch, m, k);
    sample->input[1] = attribute[1] ? shape_batch(batch, n, k) : shape_batch(batch, k, n);
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_batch_matmul = {.shape = shape_batch_matmul,
                                                 .adjoint = adjoint_batch_matmul,
                                                 .simplify = attention_simplify_product,
                                                 .lower = lower_batch_matmul,
                                                 .kernels = KERNELS(batch_matmul),
                                                 .sample = sample_batch_matmul};

graph_node graph_batch_matmul(struct graph *graph, graph_node a, graph_node b, bool transpose_a,
                              bool transpose_b, enum triangle triangle)
{
    return node_make(graph, (struct node){.op = OP_batch_matmul,
                                          .input = {a, b},
                                          .attribute = {transpose_a, transpose_b, triangle}});
}

/* ---- softmax over the past ---- */

static bool shape_square(const struct graph *graph, struct node *node)
{
    node->shape = *attention_shape_of(graph, node, 0);
    int rank = node->shape.rank;
    if (rank < 2 || node->shape.dim[rank - 1] != node->shape.dim[rank - 2]) return false;
    return op_arities[node->op] == 1 ||
           shape_equal(node->shape, *attention_shape_of(graph, node, 1));
}

/* size: rows, T */
static void attention_lower_rows(const struct graph *graph, const struct node *node,
                                 struct kernel_task *task)
{
    const struct shape *shape = attention_shape_of(graph, node, 0);
    task->size[1] = shape->dim[shape->rank - 1];
    task->size[0] = shape_size(*shape) / task->size[1];
    task->number = node->number;
}

static void sample_square(struct sampler *sampler, struct sample *sample)
{
    int64_t steps = sample_between(sampler, 1, 9);
    sample->input[0] = sample->input[1] = shape_batch(sample_between(sampler, 1, 3), steps, steps);
    sample->low = -3;
    sample->high = 3;
}

static graph_node apply_causal(struct graph *graph, graph_node y, graph_node v)
{
    return node_make2(graph, OP_causal_softmax_jacobian, y, v);
}

static graph_node repeat_last(struct graph *graph, graph_node a, struct shape shape)
{
    return graph_broadcast(graph, a, shape, 1u << (shape.rank - 1));
}

/* The lower triangle of a. J(y, v) = y (v - sum y v) over j <= i, and 0 above the diagonal. y
 * itself is zero there and would do as a mask, but J may not rely on what its inputs contain, so y
 * is masked first. */
static graph_node expand_causal(struct graph *graph, const graph_node *inputs)
{
    if (graph->status != BASIN_OK) return GRAPH_NONE;
    struct shape shape = graph_shape(graph, inputs[0]);
    graph_node y = node_make1(graph, OP_lower_triangle, inputs[0]), v = inputs[1];
    unsigned last = 1u << (shape.rank - 1);
    graph_node dot = graph_sum(graph, graph_multiply(graph, y, v), last);
    return graph_multiply(graph, y, graph_subtract(graph, v, repeat_last(graph, dot, shape)));
}

static graph_node attention_simplify_jacobian(struct graph *graph, const struct node *node)
{
    bool zero =
        node_is_constant(graph, node->input[0], 0) || node_is_constant(graph, node->input[1], 0);
    return zero ? graph_constant(graph, 0, node->shape) : GRAPH_NONE;
}

const struct operation operation_causal_softmax = {.shape = shape_square,
                                                   .apply = apply_causal,
                                                   .lower = attention_lower_rows,
                                                   .kernels = KERNELS(causal_softmax),
                                                   .sample = sample_square};
const struct operation operation_causal_softmax_jacobian = {.shape = shape_square,
                                                            .expand = expand_causal,
                                                            .simplify = attention_simplify_jacobian,
                                                            .lower = attention_lower_rows,
                                                            .kernels =
                                                                KERNELS(causal_softmax_jacobian),
                                                            .sample = sample_square};

static graph_node adjoint_lower_triangle(struct graph *graph, graph_node id, int input,
                                         graph_node seed)
{
    (void)id, (void)input;
    return node_make1(graph, OP_lower_triangle, seed);
}

/* It is its own adjoint. */
const struct operation operation_lower_triangle = {.shape = shape_square,
                                                   .adjoint = adjoint_lower_triangle,
                                                   .lower = attention_lower_rows,
                                                   .kernels = KERNELS(lower_triangle),
                                                   .sample = sample_square};

graph_node graph_causal_softmax(struct graph *graph, graph_node a)
{
    return node_make1(graph, OP_causal_softmax, a);
}

/* ---- positions ---- */

/* attribute: backward; number: base */
static bool shape_rotary(const struct graph *graph, struct node *node)
{
    node->shape = *attention_shape_of(graph, node, 0);
    return node->shape.rank >= 2 && node->shape.dim[node->shape.rank - 1] % 2 == 0;
}

static graph_node adjoint_rotary(struct graph *graph, graph_node id, int input, graph_node seed)
{
    (void)input;
    struct node node = *node_at(graph, id);
    node.input[0] = seed;
    node.attribute[0] = !node.attribute[0];
    return node_make(graph, node);
}

/* size: rows, T, D, backward */
static void lower_rotary(const struct graph *graph, const struct node *node,
                         struct kernel_task *task)
{
    (void)graph;
    const struct shape *shape = &node->shape;
    task->size[2] = shape->dim[shape->rank - 1];
    task->size[1] = shape->dim[shape->rank - 2];
    task->size[0] = shape_size(*shape) / task->size[2];
    task->size[3] = node->attribute[0];
    task->number = node->number;
}

static void sample_rotary(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = shape_batch(sample_between(sampler, 1, 3), sample_between(sampler, 1, 6),
                                   2 * sample_between(sampler, 1, 4));
    sample->node.attribute[0] = sample_between(sampler, 0, 1);
    sample->node.number = 100;
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_rotary = {.shape = shape_rotary,
                                           .adjoint = adjoint_rotary,
                                           .lower = lower_rotary,
                                           .kernels = KERNELS_PREPARED(rotary, tables),
                                           .sample = sample_rotary};

graph_node graph_rotary(struct graph *graph, graph_node a, double base)
{
    return node_make(graph, (struct node){.op = OP_rotary, .input = {a}, .number = base});
}

static bool attention_shape_given(const struct graph *graph, struct node *node)
{
    (void)graph;
    return node->shape.rank == 2 && node->shape.dim[0] >= 1 && node->shape.dim[1] >= 1;
}

/* size: T, D */
static void lower_sinusoid(const struct graph *graph, const struct node *node,
                           struct kernel_task *task)
{
    (void)graph;
    task->size[0] = node->shape.dim[0];
    task->size[1] = node->shape.dim[1];
}

static void sample_sinusoid(struct sampler *sampler, struct sample *sample)
{
    sample->node.shape = shape_matrix(sample_between(sampler, 1, 9), sample_between(sampler, 1, 9));
}

const struct operation operation_sinusoid = {.shape = attention_shape_given,
                                             .lower = lower_sinusoid,
                                             .kernels = KERNELS_PREPARED(sinusoid, tables),
                                             .sample = sample_sinusoid};

graph_node graph_sinusoid(struct graph *graph, int64_t steps, int64_t width)
{
    return node_make(graph, (struct node){.op = OP_sinusoid, .shape = shape_matrix(steps, width)});
}
