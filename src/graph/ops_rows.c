/* Primitives over the last axis: softmax and its Jacobian, log-sum-exp, maximum. */
#include "graph/node.h"

static bool rows_shape(const struct graph *graph, struct node *node)
{
    node->shape = node_at(graph, node->input[0])->shape;
    if (node->shape.rank < 1) return false;
    return op_arities[node->op] == 1 ||
           shape_equal(node->shape, node_at(graph, node->input[1])->shape);
}

static bool shape_reduced(const struct graph *graph, struct node *node)
{
    if (!rows_shape(graph, node)) return false;
    node->shape.dim[--node->shape.rank] = 0;
    return true;
}

/* size: rows, columns */
static void rows_lower(const struct graph *graph, const struct node *node, struct kernel_task *task)
{
    int64_t inner;
    const struct shape *shape = &node_at(graph, node->input[0])->shape;
    shape_split(shape, shape->rank - 1, 1, &task->size[0], &task->size[1], &inner);
}

static void rows_sample(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample->input[1] = sample_shape(sampler, 1, 3);
    sample->low = -3;
    sample->high = 3;
}

static void rows_sample_discrete(struct sampler *sampler, struct sample *sample)
{
    rows_sample(sampler, sample);
    sample->discrete = true;
}

static bool rows_steps(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)sliced;
    return node_at(graph, node->input[0])->shape.rank >= 2;
}

#define ROWS(name, shaping)                                                                        \
    .shape = shaping, .steps = rows_steps, .lower = rows_lower, .kernels = KERNELS(name)

static graph_node row_dot(struct graph *graph, graph_node a,
                          graph_node b) /* of one element a row, repeated along it */
{
    struct shape shape = graph_shape(graph, a);
    unsigned last = 1u << (shape.rank - 1);
    return graph_broadcast(graph, graph_sum(graph, graph_multiply(graph, a, b), last), shape, last);
}

/* J(y, v) = y (v - sum y v) */
static graph_node expand_softmax_jacobian(struct graph *graph, const graph_node *inputs)
{
    graph_node y = inputs[0], v = inputs[1];
    if (graph->status != BASIN_OK) return GRAPH_NONE;
    return graph_multiply(graph, y, graph_subtract(graph, v, row_dot(graph, y, v)));
}

static graph_node apply_softmax(struct graph *graph, graph_node y, graph_node v)
{
    return node_make2(graph, OP_softmax_jacobian, y, v);
}

/* Zero where v or y is zero. (Also where v is constant along a row and y sums to 1; but J may not
 * rely on the latter.) */
static graph_node rows_simplify_jacobian(struct graph *graph, const struct node *node)
{
    bool zero =
        node_is_constant(graph, node->input[0], 0) || node_is_constant(graph, node->input[1], 0);
    return zero ? graph_constant(graph, 0, node->shape) : GRAPH_NONE;
}

const struct operation operation_softmax = {ROWS(softmax, rows_shape), .apply = apply_softmax,
                                            .sample = rows_sample};
const struct operation operation_softmax_jacobian = {
    ROWS(softmax_jacobian, rows_shape), .expand = expand_softmax_jacobian,
    .simplify = rows_simplify_jacobian, .sample = rows_sample};

static graph_node partial_logsumexp(struct graph *graph, graph_node node, int input)
{
    (void)input;
    return graph_softmax(graph, node_at(graph, node)->input[0]);
}

static graph_node partial_max(struct graph *graph, graph_node node, int input)
{
    (void)input;
    return node_make1(graph, OP_first_maximum, node_at(graph, node)->input[0]);
}

const struct operation operation_logsumexp = {ROWS(logsumexp, shape_reduced),
                                              .partial = partial_logsumexp, .sample = rows_sample};
const struct operation operation_max = {ROWS(max, shape_reduced), .partial = partial_max,
                                        .sample = rows_sample};
/* 1 at the first maximum of a row, else 0 */
const struct operation operation_first_maximum = {ROWS(first_maximum, rows_shape),
                                                  .sample = rows_sample_discrete};

graph_node graph_softmax(struct graph *graph, graph_node a)
{
    return node_make1(graph, OP_softmax, a);
}

graph_node graph_logsumexp(struct graph *graph, graph_node a)
{
    return node_make1(graph, OP_logsumexp, a);
}

graph_node graph_max(struct graph *graph, graph_node a)
{
    return node_make1(graph, OP_max, a);
}
