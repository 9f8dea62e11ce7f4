/* Selection by indices: rows of a table, elements of rows. Each pair is a linear map and its
 * adjoint, for given indices. */
#include "graph/node.h"

static const struct shape *index_shape_of(const struct graph *graph, const struct node *node,
                                          int input)
{
    return &node_at(graph, node->input[input])->shape;
}

/* attribute of scatter_rows: rows of the table; of place: columns. */
static bool shape_gather_rows(const struct graph *graph, struct node *node)
{
    const struct shape *table = index_shape_of(graph, node, 0),
                       *ids = index_shape_of(graph, node, 1);
    if (table->rank != 2 || ids->rank != 1) return false;
    node->shape = shape_matrix(ids->dim[0], table->dim[1]);
    node->attribute[0] = table->dim[0];
    return true;
}

static bool shape_scatter_rows(const struct graph *graph, struct node *node)
{
    const struct shape *g = index_shape_of(graph, node, 0), *ids = index_shape_of(graph, node, 1);
    if (g->rank != 2 || ids->rank != 1 || g->dim[0] != ids->dim[0] || node->attribute[0] < 1)
        return false;
    node->shape = shape_matrix(node->attribute[0], g->dim[1]);
    return true;
}

static bool shape_pick(const struct graph *graph, struct node *node)
{
    const struct shape *a = index_shape_of(graph, node, 0), *ids = index_shape_of(graph, node, 1);
    if (a->rank != 2 || ids->rank != 1 || a->dim[0] != ids->dim[0]) return false;
    node->shape = *ids;
    node->attribute[0] = a->dim[1];
    return true;
}

static bool shape_place(const struct graph *graph, struct node *node)
{
    const struct shape *g = index_shape_of(graph, node, 0), *ids = index_shape_of(graph, node, 1);
    if (g->rank != 1 || !shape_equal(*g, *ids) || node->attribute[0] < 1) return false;
    node->shape = shape_matrix(g->dim[0], node->attribute[0]);
    return true;
}

NODE_OPPOSITE(gather_rows, scatter_rows)
NODE_OPPOSITE(scatter_rows, gather_rows)
NODE_OPPOSITE(pick, place)
NODE_OPPOSITE(place, pick)

/* size: rows, columns, rows of the table */
static void lower_table(const struct graph *graph, const struct node *node,
                        struct kernel_task *task)
{
    const struct shape *ids = index_shape_of(graph, node, 1);
    task->size[0] = ids->dim[0];
    task->size[1] = node->shape.dim[1];
    task->size[2] = node->attribute[0];
}

/* size: rows, columns */
static void lower_elements(const struct graph *graph, const struct node *node,
                           struct kernel_task *task)
{
    task->size[0] = index_shape_of(graph, node, 1)->dim[0];
    task->size[1] = node->attribute[0];
}

static bool steps_elements(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    (void)graph, (void)node, (void)sliced;
    return true;
}

static void sample_indices(struct sampler *sampler, bool adjoint, bool table, struct sample *sample)
{
    int64_t rows = sample_between(sampler, 1, 9), columns = sample_between(sampler, 1, 9),
            below = sample_between(sampler, 1, 6);
    sample->input[1] = shape_vector(rows);
    if (table)
        sample->input[0] = shape_matrix(adjoint ? rows : below, columns);
    else
        sample->input[0] = adjoint ? shape_vector(rows) : shape_matrix(rows, below);
    sample->node.attribute[0] = sample->below[1] = below;
    sample->low = -1;
    sample->high = 1;
}

#define SAMPLE(name, adjoint, table)                                                               \
    static void sample_##name(struct sampler *sampler, struct sample *sample)                      \
    {                                                                                              \
        sample_indices(sampler, adjoint, table, sample);                                           \
    }

SAMPLE(gather_rows, false, true)
SAMPLE(scatter_rows, true, true)
SAMPLE(pick, false, false)
SAMPLE(place, true, false)

#define INDEXED(name, lowering, stepping)                                                          \
    const struct operation operation_##name = {.shape = shape_##name,                              \
                                               .adjoint = adjoint_##name,                          \
                                               .simplify = node_simplify_linear,                   \
                                               .lower = lowering,                                  \
                                               .steps = stepping,                                  \
                                               .kernels = KERNELS(name),                           \
                                               .sample = sample_##name}

INDEXED(gather_rows, lower_table, NULL);
INDEXED(scatter_rows, lower_table, NULL);
INDEXED(pick, lower_elements, steps_elements);
INDEXED(place, lower_elements, steps_elements);

graph_node graph_gather_rows(struct graph *graph, graph_node table, graph_node ids)
{
    return node_make2(graph, OP_gather_rows, table, ids);
}

graph_node graph_pick(struct graph *graph, graph_node a, graph_node ids)
{
    return node_make2(graph, OP_pick, a, ids);
}
