/* Time. Rows t N ... t N + N - 1 of an array are step t. A shift moves every step to the next one
 * (or, backward, to the previous one) and puts zeros where there is none. A shift whose input is
 * built from it is a delay: it closes a loop. */
#include "graph/node.h"

enum { STEPS, BACKWARD, DELAY };

/* attribute: steps, backward, 0 or (for a delay) its number; the node carries its shape. */
static bool shape_shift(const struct graph *graph, struct node *node)
{
    int64_t steps = node->attribute[STEPS];
    if (!node->attribute[DELAY]) node->shape = node_at(graph, node->input[0])->shape;
    return node->shape.rank >= 1 && steps >= 1 && node->shape.dim[0] % steps == 0;
}

static graph_node simplify_shift(struct graph *graph, const struct node *node)
{
    bool zero = node->attribute[STEPS] == 1 || node_is_constant(graph, node->input[0], 0);
    return zero ? graph_constant(graph, 0, node->shape) : GRAPH_NONE;
}

static graph_node adjoint_shift(struct graph *graph, graph_node id, int input, graph_node seed)
{
    (void)input;
    const struct node *node = node_at(graph, id);
    return graph_shift(graph, seed, node->attribute[STEPS], !node->attribute[BACKWARD]);
}

/* size: elements of a step, steps, backward */
static void lower_shift(const struct graph *graph, const struct node *node,
                        struct kernel_task *task)
{
    (void)graph;
    task->size[0] = shape_size(node->shape) / node->attribute[STEPS];
    task->size[1] = node->attribute[STEPS];
    task->size[2] = node->attribute[BACKWARD];
}

static bool steps_shift(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph, (void)sliced;
    return node_is_delay(node);
}

static void sample_shift(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample_shape(sampler, 1, 3);
    sample->node.attribute[STEPS] = sample_between(sampler, 1, 5);
    sample->node.attribute[BACKWARD] = sample_between(sampler, 0, 1);
    sample->input[0].dim[0] = sample->node.attribute[STEPS] * sample_between(sampler, 1, 3);
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_shift = {.shape = shape_shift,
                                          .adjoint = adjoint_shift,
                                          .simplify = simplify_shift,
                                          .lower = lower_shift,
                                          .steps = steps_shift,
                                          .kernels = KERNELS(shift),
                                          .sample = sample_shift};

graph_node graph_shift(struct graph *graph, graph_node a, int64_t steps, bool backward)
{
    return node_make(graph,
                     (struct node){.op = OP_shift, .input = {a}, .attribute = {steps, backward}});
}

graph_node graph_delay(struct graph *graph, struct shape shape, int64_t steps, bool backward)
{
    if (graph->status != BASIN_OK) return GRAPH_NONE;
    struct node node = {
        .op = OP_shift, .shape = shape, .attribute = {steps, backward, ++graph->delays}};
    for (int i = 0; i < NODE_INPUTS; i++) node.input[i] = GRAPH_NONE;
    if (!shape_shift(graph, &node))
        return graph_fail(graph, "a delay's rows do not divide into %lld steps", (long long)steps);
    return node_append(graph, &node);
}

void graph_delay_close(struct graph *graph, graph_node delay, graph_node input)
{
    if (graph->status != BASIN_OK) return;
    struct node *node = delay < 0 ? NULL : &graph->nodes[delay];
    bool fits = node && input >= 0 && input < graph->count && node_is_delay(node) &&
                node->input[0] == GRAPH_NONE &&
                shape_equal(node->shape, node_at(graph, input)->shape);
    if (fits)
        node->input[0] = input;
    else
        graph_fail(graph, "this does not close a delay");
}

graph_node delay_copy(struct graph *graph, const struct node *delay)
{
    return graph_delay(graph, delay->shape, delay->attribute[STEPS], delay->attribute[BACKWARD]);
}

graph_node delay_like(struct graph *graph, graph_node delay, bool opposite)
{
    struct node node = *node_at(graph, delay);
    bool backward = node.attribute[BACKWARD];
    return graph_delay(graph, node.shape, node.attribute[STEPS], opposite ? !backward : backward);
}
