/* Linear primitives that move or add up elements. The adjoint of each is another of them. */
#include "graph/node.h"

static const struct shape *input_shape(const struct graph *graph, const struct node *node)
{
    return &node_at(graph, node->input[0])->shape;
}

/* Moving the elements of a constant changes only its shape. */
static graph_node simplify_moved(struct graph *graph, const struct node *node)
{
    const struct node *input = node_at(graph, node->input[0]);
    return input->op == OP_constant ? graph_constant(graph, input->number, node->shape)
                                    : GRAPH_NONE;
}

/* Time is the first axis: each step keeps its rows as long as that axis is left alone. */
static bool steps_axis(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph, (void)sliced;
    return node->attribute[0] > 0;
}

static bool steps_transpose(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph, (void)sliced;
    return node->attribute[0] == 0;
}

static bool steps_broadcast(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph;
    *sliced = node->attribute[0] > 0; /* repeated along time: every step reads the input whole */
    return true;
}

static bool steps_always(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph, (void)node, (void)sliced;
    return true;
}

/* ---- sum and broadcast over adjacent axes; attribute: first axis, count ---- */

static bool shape_sum(const struct graph *graph, struct node *node)
{
    int64_t first = node->attribute[0], count = node->attribute[1];
    const struct shape *input = input_shape(graph, node);
    if (first < 0 || count < 1 || first + count > input->rank) return false;
    node->shape = shape_without(*input, (int)first, (int)count);
    return true;
}

static graph_node simplify_sum(struct graph *graph, const struct node *node)
{
    const struct node *input = node_at(graph, node->input[0]);
    int64_t terms = shape_size(input->shape) / shape_size(node->shape);
    if (input->op == OP_constant)
        return graph_constant(graph, input->number * (double)terms, node->shape);
    return terms == 1 ? graph_reshape(graph, node->input[0], node->shape) : GRAPH_NONE;
}

static void lower_sum(const struct graph *graph, const struct node *node, struct kernel_task *task)
{
    int64_t *size = task->size;
    shape_split(input_shape(graph, node), (int)node->attribute[0], (int)node->attribute[1],
                &size[0], &size[1], &size[2]);
}

static graph_node broadcast_axes(struct graph *graph, graph_node a, struct shape shape,
                                 int64_t first, int64_t count)
{
    return node_make(
        graph, (struct node){
                   .op = OP_broadcast, .input = {a}, .shape = shape, .attribute = {first, count}});
}

static graph_node sum_axes(struct graph *graph, graph_node a, int64_t first, int64_t count)
{
    return node_make(graph, (struct node){.op = OP_sum, .input = {a}, .attribute = {first, count}});
}

static graph_node adjoint_sum(struct graph *graph, graph_node node, int input, graph_node seed)
{
    (void)input;
    const struct node *sum = node_at(graph, node);
    return broadcast_axes(graph, seed, *input_shape(graph, sum), sum->attribute[0],
                          sum->attribute[1]);
}

static void sample_axes(struct sampler *sampler, struct shape shape, struct node *node)
{
    node->attribute[0] = sample_between(sampler, 0, shape.rank - 1);
    node->attribute[1] = sample_between(sampler, 1, shape.rank - node->attribute[0]);
}

static void sample_sum(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample_shape(sampler, 1, 5);
    sample_axes(sampler, sample->input[0], &sample->node);
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_sum = {.shape = shape_sum,
                                        .adjoint = adjoint_sum,
                                        .simplify = simplify_sum,
                                        .lower = lower_sum,
                                        .steps = steps_axis,
                                        .kernels = KERNELS(sum),
                                        .sample = sample_sum};

/* The node carries the shape of a broadcast. */
static bool shape_broadcast(const struct graph *graph, struct node *node)
{
    int64_t first = node->attribute[0], count = node->attribute[1];
    if (first < 0 || count < 1 || first + count > node->shape.rank || node->shape.rank > GRAPH_RANK)
        return false;
    return shape_equal(shape_without(node->shape, (int)first, (int)count),
                       *input_shape(graph, node));
}

static graph_node simplify_broadcast(struct graph *graph, const struct node *node)
{
    if (shape_size(node->shape) == shape_size(*input_shape(graph, node)))
        return graph_reshape(graph, node->input[0], node->shape);
    return simplify_moved(graph, node);
}

static void lower_broadcast(const struct graph *graph, const struct node *node,
                            struct kernel_task *task)
{
    (void)graph;
    int64_t *size = task->size;
    shape_split(&node->shape, (int)node->attribute[0], (int)node->attribute[1], &size[0], &size[1],
                &size[2]);
}

static graph_node adjoint_broadcast(struct graph *graph, graph_node node, int input,
                                    graph_node seed)
{
    (void)input;
    const struct node *broadcast = node_at(graph, node);
    return sum_axes(graph, seed, broadcast->attribute[0], broadcast->attribute[1]);
}

static void sample_broadcast(struct sampler *sampler, struct sample *sample)
{
    sample->node.shape = sample_shape(sampler, 1, 5);
    sample_axes(sampler, sample->node.shape, &sample->node);
    sample->input[0] = shape_without(sample->node.shape, (int)sample->node.attribute[0],
                                     (int)sample->node.attribute[1]);
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_broadcast = {.shape = shape_broadcast,
                                              .adjoint = adjoint_broadcast,
                                              .simplify = simplify_broadcast,
                                              .lower = lower_broadcast,
                                              .steps = steps_broadcast,
                                              .kernels = KERNELS(broadcast),
                                              .tiling = TILING_BROADCAST,
                                              .sample = sample_broadcast};

/* A mask is split into runs of adjacent axes. The last run is summed first, so that the axes before
 * it keep their numbers. */
graph_node graph_sum(struct graph *graph, graph_node a, unsigned axes)
{
    for (int end = GRAPH_RANK; end > 0;) {
        if (!(axes >> (end - 1) & 1)) {
            end--;
            continue;
        }
        int first = end - 1;
        while (first > 0 && axes >> (first - 1) & 1) first--;
        a = sum_axes(graph, a, first, end - first);
        end = first;
    }
    return a;
}

graph_node graph_broadcast(struct graph *graph, graph_node a, struct shape shape, unsigned axes)
{
    if (shape.rank < 0 || shape.rank > GRAPH_RANK || axes >> shape.rank)
        return graph_fail(graph, "broadcast: no such axis");
    for (int first = 0; first < shape.rank; first++) {
        if (!(axes >> first & 1)) continue;
        int end = first + 1;
        while (end < shape.rank && axes >> end & 1) end++;
        struct shape partly = shape; /* without the new axes of later runs */
        for (int i = shape.rank - 1; i >= end; i--)
            if (axes >> i & 1) partly = shape_without(partly, i, 1);
        a = broadcast_axes(graph, a, partly, first, end - first);
        first = end;
    }
    return a;
}

/* ---- reshape: an alias of its input, no work; the node carries the shape ---- */

static bool shape_reshape(const struct graph *graph, struct node *node)
{
    return node->shape.rank >= 0 && node->shape.rank <= GRAPH_RANK &&
           shape_size(node->shape) == shape_size(*input_shape(graph, node));
}

static graph_node simplify_reshape(struct graph *graph, const struct node *node)
{
    const struct node *input = node_at(graph, node->input[0]);
    if (shape_equal(node->shape, input->shape)) return node->input[0];
    if (input->op == OP_reshape) return graph_reshape(graph, input->input[0], node->shape);
    return simplify_moved(graph, node);
}

static graph_node adjoint_reshape(struct graph *graph, graph_node node, int input, graph_node seed)
{
    (void)input;
    return graph_reshape(graph, seed, *input_shape(graph, node_at(graph, node)));
}

static void lower_reshape(const struct graph *graph, const struct node *node,
                          struct kernel_task *task)
{
    (void)graph;
    task->size[0] = shape_size(node->shape);
}

static void sample_reshape(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample_shape(sampler, 1, 4);
    int first = (int)sample_between(sampler, 0, sample->input[0].rank - 1);
    sample->node.shape =
        shape_without(sample->input[0], first, 1); /* one axis is merged into the last one */
    sample->node.shape.dim[sample->node.shape.rank++] = sample->input[0].dim[first];
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_reshape = {.shape = shape_reshape,
                                            .adjoint = adjoint_reshape,
                                            .simplify = simplify_reshape,
                                            .lower = lower_reshape,
                                            .steps = steps_always,
                                            .kernels = KERNELS(copy),
                                            .sample = sample_reshape};

graph_node graph_reshape(struct graph *graph, graph_node a, struct shape shape)
{
    return node_make(graph, (struct node){.op = OP_reshape, .input = {a}, .shape = shape});
}

/* ---- transpose; attribute: out axis i = in axis attribute[i] ---- */

static bool shape_transpose(const struct graph *graph, struct node *node)
{
    const struct shape *input = input_shape(graph, node);
    unsigned seen = 0;
    node->shape = (struct shape){.rank = input->rank};
    for (int i = 0; i < input->rank; i++) {
        int64_t axis = node->attribute[i];
        if (axis < 0 || axis >= input->rank || seen >> axis & 1) return false;
        seen |= 1u << axis;
        node->shape.dim[i] = input->dim[axis];
    }
    return true;
}

/* Gathered rows (A, B, D) that are reordered to (B, A, D) are the rows at the reordered indices:
 * reordering the indices is cheaper. */
static graph_node reorder_gathered(struct graph *graph, const struct node *node)
{
    const struct node *apart = node_at(graph, node->input[0]);
    const struct node *rows = apart->op == OP_reshape ? node_at(graph, apart->input[0]) : apart;
    bool swaps = node->shape.rank == 3 && node->attribute[0] == 1 && node->attribute[1] == 0 &&
                 rows->op == OP_gather_rows;
    if (!swaps || rows->shape.dim[1] != node->shape.dim[2]) return GRAPH_NONE;
    graph_node table = rows->input[0], ids = rows->input[1];
    struct shape shape = node->shape;
    int64_t count = rows->shape.dim[0];
    ids =
        graph_transpose(graph, graph_reshape(graph, ids, shape_matrix(shape.dim[1], shape.dim[0])),
                        (const int[]){1, 0});
    return graph_reshape(
        graph, graph_gather_rows(graph, table, graph_reshape(graph, ids, shape_vector(count))),
        shape);
}

static graph_node simplify_transpose(struct graph *graph, const struct node *node)
{
    bool same = true;
    for (int i = 0; i < node->shape.rank; i++) same = same && node->attribute[i] == i;
    if (same) return node->input[0];
    graph_node gathered = reorder_gathered(graph, node);
    return gathered != GRAPH_NONE ? gathered : simplify_moved(graph, node);
}

static graph_node adjoint_transpose(struct graph *graph, graph_node node, int input,
                                    graph_node seed)
{
    (void)input;
    const struct node *transpose = node_at(graph, node);
    int inverse[GRAPH_RANK] = {0};
    for (int i = 0; i < transpose->shape.rank; i++) inverse[transpose->attribute[i]] = i;
    return graph_transpose(graph, seed, inverse);
}

/* size: rank, the result's dimensions, then the input's stride along each axis of the result. */
static void lower_transpose(const struct graph *graph, const struct node *node,
                            struct kernel_task *task)
{
    const struct shape *input = input_shape(graph, node);
    int64_t stride[GRAPH_RANK], running = 1;
    for (int i = input->rank - 1; i >= 0; i--) {
        stride[i] = running;
        running *= input->dim[i];
    }
    task->size[0] = input->rank;
    for (int i = 0; i < input->rank; i++) {
        task->size[1 + i] = node->shape.dim[i];
        task->size[1 + GRAPH_RANK + i] = stride[node->attribute[i]];
    }
}

static void sample_transpose(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample_shape(sampler, 1, 5);
    int rank = sample->input[0].rank;
    for (int i = 0; i < rank; i++) sample->node.attribute[i] = i;
    for (int i = rank - 1; i > 0; i--) {
        int j = (int)sample_between(sampler, 0, i);
        int64_t axis = sample->node.attribute[i];
        sample->node.attribute[i] = sample->node.attribute[j];
        sample->node.attribute[j] = axis;
    }
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_transpose = {.shape = shape_transpose,
                                              .adjoint = adjoint_transpose,
                                              .simplify = simplify_transpose,
                                              .lower = lower_transpose,
                                              .steps = steps_transpose,
                                              .kernels = KERNELS(transpose),
                                              .sample = sample_transpose};

graph_node graph_transpose(struct graph *graph, graph_node a, const int *permutation)
{
    struct node node = {.op = OP_transpose, .input = {a}};
    for (int i = 0; i < graph_shape(graph, a).rank; i++) node.attribute[i] = permutation[i];
    return node_make(graph, node);
}

/* ---- slice and pad; attribute: axis, start, length and axis, before, after ---- */

static bool shape_slice(const struct graph *graph, struct node *node)
{
    int64_t axis = node->attribute[0], start = node->attribute[1], length = node->attribute[2];
    const struct shape *input = input_shape(graph, node);
    if (axis < 0 || axis >= input->rank || start < 0 || length < 1 ||
        start > input->dim[axis] - length)
        return false;
    node->shape = *input;
    node->shape.dim[axis] = length;
    return true;
}

static graph_node simplify_slice(struct graph *graph, const struct node *node)
{
    return shape_equal(node->shape, *input_shape(graph, node)) ? node->input[0]
                                                               : simplify_moved(graph, node);
}

static graph_node adjoint_slice(struct graph *graph, graph_node node, int input, graph_node seed)
{
    (void)input;
    const struct node *slice = node_at(graph, node);
    int64_t axis = slice->attribute[0], start = slice->attribute[1], length = slice->attribute[2];
    int64_t whole = input_shape(graph, slice)->dim[axis];
    return graph_pad(graph, seed, (int)axis, start, whole - start - length);
}

/* size: outer, length in, inner, start, length out */
static void lower_slice(const struct graph *graph, const struct node *node,
                        struct kernel_task *task)
{
    int64_t *size = task->size, axis = node->attribute[0];
    shape_split(input_shape(graph, node), (int)axis, 1, &size[0], &size[1], &size[2]);
    size[3] = node->attribute[1];
    size[4] = node->shape.dim[axis];
}

static void sample_slice(struct sampler *sampler, struct sample *sample)
{
    struct shape shape = sample->input[0] = sample_shape(sampler, 1, 4);
    int64_t axis = sample_between(sampler, 0, shape.rank - 1);
    int64_t start = sample_between(sampler, 0, shape.dim[axis] - 1);
    sample->node.attribute[0] = axis;
    sample->node.attribute[1] = start;
    sample->node.attribute[2] = sample_between(sampler, 1, shape.dim[axis] - start);
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_slice = {.shape = shape_slice,
                                          .adjoint = adjoint_slice,
                                          .simplify = simplify_slice,
                                          .lower = lower_slice,
                                          .steps = steps_axis,
                                          .kernels = KERNELS(slice),
                                          .sample = sample_slice};

static bool shape_pad(const struct graph *graph, struct node *node)
{
    int64_t axis = node->attribute[0], before = node->attribute[1], after = node->attribute[2];
    const struct shape *input = input_shape(graph, node);
    if (axis < 0 || axis >= input->rank || before < 0 || after < 0) return false;
    node->shape = *input;
    node->shape.dim[axis] += before + after;
    return true;
}

static graph_node simplify_pad(struct graph *graph, const struct node *node)
{
    if (shape_equal(node->shape, *input_shape(graph, node))) return node->input[0];
    return node_simplify_linear(graph, node);
}

static graph_node adjoint_pad(struct graph *graph, graph_node node, int input, graph_node seed)
{
    (void)input;
    const struct node *pad = node_at(graph, node);
    int64_t axis = pad->attribute[0];
    return graph_slice(graph, seed, (int)axis, pad->attribute[1],
                       input_shape(graph, pad)->dim[axis]);
}

static void sample_pad(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample_shape(sampler, 1, 4);
    sample->node.attribute[0] = sample_between(sampler, 0, sample->input[0].rank - 1);
    sample->node.attribute[1] = sample_between(sampler, 0, 3);
    sample->node.attribute[2] = sample_between(sampler, 0, 3);
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_pad = {.shape = shape_pad,
                                        .adjoint = adjoint_pad,
                                        .simplify = simplify_pad,
                                        .lower = lower_slice,
                                        .steps = steps_axis,
                                        .kernels = KERNELS(pad),
                                        .sample = sample_pad};

graph_node graph_slice(struct graph *graph, graph_node a, int axis, int64_t start, int64_t length)
{
    return node_make(
        graph, (struct node){.op = OP_slice, .input = {a}, .attribute = {axis, start, length}});
}

graph_node graph_pad(struct graph *graph, graph_node a, int axis, int64_t before, int64_t after)
{
    return node_make(graph,
                     (struct node){.op = OP_pad, .input = {a}, .attribute = {axis, before, after}});
}

/* ---- one array behind another along an axis; attribute: axis ---- */

static bool shape_concatenate(const struct graph *graph, struct node *node)
{
    const struct shape *a = input_shape(graph, node), *b = &node_at(graph, node->input[1])->shape;
    int axis = (int)node->attribute[0];
    if (axis < 0 || axis >= a->rank || a->rank != b->rank) return false;
    node->shape = *a;
    node->shape.dim[axis] += b->dim[axis];
    return shape_equal(shape_without(*a, axis, 1), shape_without(*b, axis, 1));
}

static graph_node simplify_concatenate(struct graph *graph, const struct node *node)
{
    const struct node *a = node_at(graph, node->input[0]), *b = node_at(graph, node->input[1]);
    bool zeros =
        node_is_constant(graph, node->input[0], 0) && node_is_constant(graph, node->input[1], 0);
    if (zeros) return graph_constant(graph, 0, node->shape);
    /* two adjacent slices of one array are a slice of it */
    bool parts = a->op == OP_slice && b->op == OP_slice && a->input[0] == b->input[0] &&
                 a->attribute[0] == node->attribute[0] && b->attribute[0] == node->attribute[0] &&
                 a->attribute[1] + a->attribute[2] == b->attribute[1];
    if (!parts) return GRAPH_NONE;
    return graph_slice(graph, a->input[0], (int)node->attribute[0], a->attribute[1],
                       a->attribute[2] + b->attribute[2]);
}

static graph_node adjoint_concatenate(struct graph *graph, graph_node id, int input,
                                      graph_node seed)
{
    const struct node *node = node_at(graph, id);
    int axis = (int)node->attribute[0];
    int64_t first = input_shape(graph, node)->dim[axis],
            length = node_at(graph, node->input[input])->shape.dim[axis];
    return graph_slice(graph, seed, axis, input ? first : 0, length);
}

/* size: outer, length of the first, inner, length of the second */
static void lower_concatenate(const struct graph *graph, const struct node *node,
                              struct kernel_task *task)
{
    int64_t *size = task->size;
    shape_split(input_shape(graph, node), (int)node->attribute[0], 1, &size[0], &size[1], &size[2]);
    size[3] = node_at(graph, node->input[1])->shape.dim[node->attribute[0]];
}

static void sample_concatenate(struct sampler *sampler, struct sample *sample)
{
    sample->input[0] = sample->input[1] = sample_shape(sampler, 1, 4);
    int64_t axis = sample->node.attribute[0] =
        sample_between(sampler, 0, sample->input[0].rank - 1);
    sample->input[1].dim[axis] = sample_between(sampler, 1, 4);
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_concatenate = {.shape = shape_concatenate,
                                                .adjoint = adjoint_concatenate,
                                                .simplify = simplify_concatenate,
                                                .lower = lower_concatenate,
                                                .steps = steps_axis,
                                                .kernels = KERNELS(concatenate),
                                                .sample = sample_concatenate};

graph_node graph_concatenate(struct graph *graph, graph_node a, graph_node b, int axis)
{
    return node_make(graph,
                     (struct node){.op = OP_concatenate, .input = {a, b}, .attribute = {axis}});
}

/* pad(a) + pad(b), where one lies exactly in the zeros of the other: a concatenation. So the
 * adjoint of several slices is assembled without adding zeros. GRAPH_NONE where the two do not fit
 * together. */
graph_node join_pads(struct graph *graph, graph_node first, graph_node second)
{
    struct node a = *node_at(graph, first), b = *node_at(graph, second);
    if (a.op != OP_pad || b.op != OP_pad || a.attribute[0] != b.attribute[0]) return GRAPH_NONE;
    int axis = (int)a.attribute[0];
    if (a.attribute[1] > b.attribute[1]) {
        struct node other = a;
        a = b;
        b = other;
    }
    int64_t end = a.attribute[1] + node_at(graph, a.input[0])->shape.dim[axis];
    if (end != b.attribute[1]) return GRAPH_NONE;
    graph_node both = graph_concatenate(graph, a.input[0], b.input[0], axis);
    return graph_pad(graph, both, axis, a.attribute[1], b.attribute[2]);
}
