/* Normalisation over the last axis. y = (x - mean) rstd, rstd = 1 / sqrt(variance + epsilon), has
 * the symmetric Jacobian
 *
 *     J(y, rstd, v) = rstd (v - mean v - y mean(y v)),
 *
 * which is a primitive of its own. rstd is a primitive as well, since J is differentiated by it: d
 * rstd / dx = -rstd^2 y / n. */
#include "graph/node.h"

static const struct shape *normalise_shape_of(const struct graph *graph, const struct node *node,
                                              int input)
{
    return &node_at(graph, node->input[input])->shape;
}

static bool shape_same(const struct graph *graph, struct node *node)
{
    node->shape = *normalise_shape_of(graph, node, 0);
    return node->shape.rank >= 1;
}

static bool normalise_shape_rows(const struct graph *graph, struct node *node)
{
    if (!shape_same(graph, node)) return false;
    node->shape.dim[--node->shape.rank] = 0;
    return true;
}

static bool shape_jacobian(const struct graph *graph, struct node *node)
{
    struct node rows = *node;
    return shape_same(graph, node) && normalise_shape_rows(graph, &rows) &&
           shape_equal(rows.shape, *normalise_shape_of(graph, node, 1)) &&
           shape_equal(node->shape, *normalise_shape_of(graph, node, 2));
}

/* size: rows, columns; number: epsilon */
static void normalise_lower_rows(const struct graph *graph, const struct node *node,
                                 struct kernel_task *task)
{
    const struct shape *shape = normalise_shape_of(graph, node, 0);
    task->size[1] = shape->dim[shape->rank - 1];
    task->size[0] = shape_size(*shape) / task->size[1];
    task->number = node->number;
}

static bool normalise_steps_rows(const struct graph *graph, const struct node *node,
                                 unsigned *sliced)
{
    (void)sliced;
    return normalise_shape_of(graph, node, 0)->rank >= 2;
}

static graph_node with_epsilon(struct graph *graph, enum op op, graph_node x, double epsilon)
{
    return node_make(graph, (struct node){.op = op, .input = {x}, .number = epsilon});
}

static graph_node apply_normalise(struct graph *graph, graph_node y, graph_node v)
{
    struct node node = *node_at(graph, y);
    graph_node rstd = with_epsilon(graph, OP_rstd, node.input[0], node.number);
    return node_make(graph, (struct node){.op = OP_normalise_jacobian, .input = {y, rstd, v}});
}

static graph_node normalise_repeat(struct graph *graph, graph_node a, struct shape shape)
{
    return graph_broadcast(graph, a, shape, 1u << (shape.rank - 1));
}

static graph_node mean(struct graph *graph, graph_node a)
{
    struct shape shape = graph_shape(graph, a);
    if (shape.rank < 1) return GRAPH_NONE;
    return graph_scale(graph, graph_sum(graph, a, 1u << (shape.rank - 1)),
                       1.0 / (double)shape.dim[shape.rank - 1]);
}

static graph_node expand_jacobian(struct graph *graph, const graph_node *inputs)
{
    graph_node y = inputs[0], rstd = inputs[1], v = inputs[2];
    if (graph->status != BASIN_OK) return GRAPH_NONE;
    struct shape shape = graph_shape(graph, y);
    graph_node along = graph_multiply(
        graph, y, normalise_repeat(graph, mean(graph, graph_multiply(graph, y, v)), shape));
    graph_node rest = graph_subtract(
        graph, graph_subtract(graph, v, normalise_repeat(graph, mean(graph, v), shape)), along);
    return graph_multiply(graph, normalise_repeat(graph, rstd, shape), rest);
}

static graph_node partial_rstd(struct graph *graph, graph_node id, int input)
{
    (void)input;
    struct node node = *node_at(graph, id);
    struct shape shape = graph_shape(graph, node.input[0]);
    graph_node y = with_epsilon(graph, OP_normalise, node.input[0], node.number);
    graph_node square =
        graph_scale(graph, graph_multiply(graph, id, id), -1.0 / (double)shape.dim[shape.rank - 1]);
    return graph_multiply(graph, y, normalise_repeat(graph, square, shape));
}

static graph_node normalise_simplify_jacobian(struct graph *graph, const struct node *node)
{
    return node_is_constant(graph, node->input[2], 0) ? graph_constant(graph, 0, node->shape)
                                                      : GRAPH_NONE;
}

static void normalise_sample_rows(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample_shape(sampler, 1, 3);
    sample->input[0].dim[sample->input[0].rank - 1] += 2; /* a row of one element has no variance */
    sample->node.number = 0.1;
    sample->low = -1;
    sample->high = 1;
}

static void sample_jacobian(struct sampler *sampler, struct sample *sample)
{
    normalise_sample_rows(sampler, sample);
    sample->node.number = 0;
    sample->input[2] = sample->input[0];
    sample->input[1] = shape_without(sample->input[0], sample->input[0].rank - 1, 1);
}

#define ROWS(name, shaping)                                                                        \
    .shape = shaping, .lower = normalise_lower_rows, .steps = normalise_steps_rows,                \
    .kernels = KERNELS(name)

const struct operation operation_normalise = {ROWS(normalise, shape_same), .apply = apply_normalise,
                                              .sample = normalise_sample_rows};
const struct operation operation_rstd = {ROWS(rstd, normalise_shape_rows), .partial = partial_rstd,
                                         .sample = normalise_sample_rows};
const struct operation operation_normalise_jacobian = {
    ROWS(normalise_jacobian, shape_jacobian), .expand = expand_jacobian,
    .simplify = normalise_simplify_jacobian, .sample = sample_jacobian};

graph_node graph_normalise(struct graph *graph, graph_node x, double epsilon)
{
    return with_epsilon(graph, OP_normalise, x, epsilon);
}
