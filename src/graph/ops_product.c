/* Matrix products: one primitive with transposition flags. Its adjoints are products again. */
#include "graph/node.h"

/* attribute: transpose_a, transpose_b */
static bool shape_matmul(const struct graph *graph, struct node *node)
{
    const struct shape *a = &node_at(graph, node->input[0])->shape,
                       *b = &node_at(graph, node->input[1])->shape;
    bool ta = node->attribute[0], tb = node->attribute[1];
    if (a->rank != 2 || b->rank != 2 || a->dim[!ta] != b->dim[tb]) return false;
    node->shape = shape_matrix(a->dim[ta], b->dim[!tb]);
    return true;
}

/* (Rows of a table) times a matrix = rows of (the table times the matrix), which is cheaper where
 * rows repeat. */
static graph_node multiply_table(struct graph *graph, const struct node *node)
{
    const struct node *rows = node_at(graph, node->input[0]);
    if (rows->op != OP_gather_rows || node->attribute[0] || rows->shape.dim[0] < rows->attribute[0])
        return GRAPH_NONE;
    graph_node table = rows->input[0], ids = rows->input[1];
    return graph_gather_rows(
        graph, graph_matmul(graph, table, node->input[1], false, node->attribute[1]), ids);
}

static graph_node simplify_matmul(struct graph *graph, const struct node *node)
{
    if (node_is_constant(graph, node->input[0], 0) || node_is_constant(graph, node->input[1], 0))
        return graph_constant(graph, 0, node->shape);
    return multiply_table(graph, node);
}

/* C = op(A) op(B):  dA = G op(B)' or its transpose, dB = op(A)' G or its transpose. */
static graph_node adjoint_matmul(struct graph *graph, graph_node node, int input, graph_node seed)
{
    const struct node *product = node_at(graph, node);
    graph_node a = product->input[0], b = product->input[1];
    bool ta = product->attribute[0], tb = product->attribute[1];
    if (input == 0)
        return ta ? graph_matmul(graph, b, seed, tb, true)
                  : graph_matmul(graph, seed, b, false, !tb);
    return tb ? graph_matmul(graph, seed, a, true, ta) : graph_matmul(graph, a, seed, !ta, false);
}

/* size: m, n, k, transpose_a, transpose_b */
static void lower_matmul(const struct graph *graph, const struct node *node,
                         struct kernel_task *task)
{
    const struct shape *a = &node_at(graph, node->input[0])->shape;
    task->size[0] = node->shape.dim[0];
    task->size[1] = node->shape.dim[1];
    task->size[2] = a->dim[!node->attribute[0]];
    task->size[3] = node->attribute[0];
    task->size[4] = node->attribute[1];
    task->flops = 2.0 * (double)task->size[0] * (double)task->size[1] * (double)task->size[2];
}

static bool steps_matmul(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph;
    *sliced = 1; /* rows of the left factor are rows of the product; the right one is whole */
    return !node->attribute[0];
}

static void sample_matmul(struct sampler *sampler, struct sample *sample)
{
    int64_t m = sample_between(sampler, 1, 40), n = sample_between(sampler, 1, 40),
            k = sample_between(sampler, 1, 40);
    if (sample_between(sampler, 0, 2) == 0)
        n = sample_between(sampler, 1, 16); /* few outputs have a kernel of their own */
    if (sample_between(sampler, 0, 5) == 0)
        *(sample_between(sampler, 0, 1) ? &m : &n) = 512; /* a stride of a power of two: rows are
                                                             copied to padded memory */
    bool ta = sample_between(sampler, 0, 1), tb = sample_between(sampler, 0, 1);
    sample->input[0] = ta ? shape_matrix(k, m) : shape_matrix(m, k);
    sample->input[1] = tb ? shape_matrix(n, k) : shape_matrix(k, n);
    sample->node.attribute[0] = ta;
    sample->node.attribute[1] = tb;
    sample->low = -1;
    sample->high = 1;
}

const struct operation operation_matmul = {
    .shape = shape_matmul,
    .adjoint = adjoint_matmul,
    .simplify = simplify_matmul,
    .lower = lower_matmul,
    .steps = steps_matmul,
    .kernels = {kernel_matmul_float32, kernel_matmul_float64, kernel_matmul_naive,
                .prepare_float32 = kernel_matmul_prepare_float32},
    .sample = sample_matmul};

graph_node graph_matmul(struct graph *graph, graph_node a, graph_node b, bool transpose_a,
                        bool transpose_b)
{
    return node_make(
        graph,
        (struct node){.op = OP_matmul, .input = {a, b}, .attribute = {transpose_a, transpose_b}});
}
