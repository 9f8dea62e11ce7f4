/* Mean and variance of channels. */
#include "graph/node.h"

static bool shape_moments(const struct graph *graph, struct node *node)
{
    const struct shape *x = &node_at(graph, node->input[0])->shape;
    if (x->rank < 2) return false;
    node->shape = shape_matrix(2, x->dim[x->rank - 1]);
    return true;
}

/* size: rows, channels */
static void lower_moments(const struct graph *graph, const struct node *node,
                          struct kernel_task *task)
{
    const struct shape *x = &node_at(graph, node->input[0])->shape;
    task->size[1] = x->dim[x->rank - 1];
    task->size[0] = shape_size(*x) / task->size[1];
}

static void sample_moments(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample_shape(sampler, 2, 4);
    sample->low = -1;
    sample->high = 1;
}

struct channels {
    struct shape shape; /* of x */
    unsigned leading;   /* all axes but the last */
    double n;           /* elements of a channel */
};

static struct channels channels_of(const struct graph *graph, graph_node x)
{
    struct shape shape = graph_shape(graph, x);
    return (struct channels){.shape = shape,
                             .leading = (1u << (shape.rank - 1)) - 1,
                             .n = (double)(shape_size(shape) / shape.dim[shape.rank - 1])};
}

static graph_node statistics_row(struct graph *graph, graph_node pair, int which)
{
    int64_t channels = graph_shape(graph, pair).dim[1];
    return graph_reshape(graph, graph_slice(graph, pair, 0, which, 1), shape_vector(channels));
}

static graph_node statistics_repeat(struct graph *graph, graph_node vector,
                                    const struct channels *channels)
{
    return graph_broadcast(graph, vector, channels->shape, channels->leading);
}

/* d mean = mean dx, d variance = 2 mean (x - mean) dx. */
static graph_node tangent_moments(struct graph *graph, graph_node id, int input, graph_node tangent)
{
    (void)input;
    graph_node x = node_at(graph, id)->input[0];
    struct channels channels = channels_of(graph, x);
    graph_node centered =
        graph_subtract(graph, x, statistics_repeat(graph, statistics_row(graph, id, 0), &channels));
    graph_node mean =
        graph_scale(graph, graph_sum(graph, tangent, channels.leading), 1 / channels.n);
    graph_node product =
        graph_sum(graph, graph_multiply(graph, centered, tangent), channels.leading);
    graph_node variance = graph_scale(graph, product, 2 / channels.n);
    struct shape one = shape_matrix(1, graph_shape(graph, mean).dim[0]);
    return graph_add(graph, graph_pad(graph, graph_reshape(graph, mean, one), 0, 0, 1),
                     graph_pad(graph, graph_reshape(graph, variance, one), 0, 1, 0));
}

/* x P + Q, where P = 2/n (seed of the variance) and Q = 1/n (seed of the mean) - mean P: one pass
 * over x. */
static graph_node adjoint_moments(struct graph *graph, graph_node id, int input, graph_node seed)
{
    (void)input;
    graph_node x = node_at(graph, id)->input[0];
    struct channels channels = channels_of(graph, x);
    graph_node p = graph_scale(graph, statistics_row(graph, seed, 1), 2 / channels.n);
    graph_node q =
        graph_subtract(graph, graph_scale(graph, statistics_row(graph, seed, 0), 1 / channels.n),
                       graph_multiply(graph, statistics_row(graph, id, 0), p));
    return graph_add(graph, graph_multiply(graph, x, statistics_repeat(graph, p, &channels)),
                     statistics_repeat(graph, q, &channels));
}

const struct operation operation_moments = {.shape = shape_moments,
                                            .tangent = tangent_moments,
                                            .adjoint = adjoint_moments,
                                            .lower = lower_moments,
                                            .kernels = KERNELS(moments),
                                            .sample = sample_moments};

graph_node graph_moments(struct graph *graph, graph_node x)
{
    return node_make1(graph, OP_moments, x);
}
