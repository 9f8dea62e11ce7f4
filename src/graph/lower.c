/* Lowering: from shapes and attributes to the sizes that a kernel takes, and to what it prepares
 * once. */
#include "graph/schedule.h"

#include <string.h>

static struct shape step_shape(struct shape shape, int64_t steps)
{
    shape.dim[0] /= steps;
    return shape;
}

static void lower_copy(const struct graph *graph, const struct node *node, struct kernel_task *task)
{
    (void)graph;
    task->size[0] = shape_size(node->shape);
}

/* Lowers one step of a node in a loop: the node's own `lower` is shown a graph in which its sliced
 * inputs have the rows of one step only. */
static void lower_step(struct graph *shadow, graph_node id, int64_t steps, struct kernel_task *task)
{
    struct node kept[NODE_INPUTS], node = *node_at(shadow, id);
    int arity = op_arities[node.op];
    for (int i = 0; i < arity; i++) kept[i] = *node_at(shadow, node.input[i]);
    unsigned sliced = 0;
    for (int i = 0; i < arity; i++) sliced |= (unsigned)schedule_slices(shadow, id, i) << i;
    for (int i = 0; i < arity; i++)
        if (sliced >> i & 1) shadow->nodes[node.input[i]].shape = step_shape(kept[i].shape, steps);
    node.shape = step_shape(node.shape, steps);
    (node_is_delay(&node) ? lower_copy : operations[node.op]->lower)(shadow, &node, task);
    for (int i = 0; i < arity; i++) shadow->nodes[node.input[i]] = kept[i];
}

/* A copy of the graph, whose shapes lower_step changes and restores. */
static struct graph *shadow_of(struct arena *arena, const struct graph *graph)
{
    struct graph *shadow = arena_array(arena, struct graph, 1);
    struct node *nodes = arena_array(arena, struct node, (size_t)graph->count + 1);
    if (!shadow || !nodes) return NULL;
    *shadow = *graph;
    shadow->nodes = memcpy(nodes, graph->nodes, (size_t)graph->count * sizeof *nodes);
    return shadow;
}

basin_status schedule_lower(struct arena *arena, struct arena *scratch, const struct graph *graph,
                            const struct program_options *options, struct schedule *schedule)
{
    schedule->tasks = arena_array(scratch, struct kernel_task, (size_t)schedule->count + 1);
    struct graph *shadow = schedule->loop_count ? shadow_of(scratch, graph) : NULL;
    if (!schedule->tasks || (schedule->loop_count && !shadow)) return BASIN_MEMORY;
    for (int i = 0; i < schedule->count; i++) {
        const struct node *node = node_at(graph, schedule->items[i].node);
        const struct kernel_set *kernels = &operations[node->op]->kernels;
        struct kernel_task *task = &schedule->tasks[i];
        if (schedule->items[i].result >= 0) continue;
        if (schedule->loop_of[i] >= 0)
            lower_step(shadow, schedule->items[i].node, schedule_steps(schedule, i), task);
        else
            operations[node->op]->lower(graph, node, task);
        kernel_prepare *prepare = options->precision == PRECISION_FLOAT32
                                      ? kernels->prepare_float32
                                      : kernels->prepare_float64;
        if (options->naive || !prepare || node_is_delay(node)) continue;
        TRY(prepare(task));
        if (task->prepared && kernels->release)
            TRY(arena_at_end(arena, kernels->release, (void *)(uintptr_t)task->prepared));
    }
    return BASIN_OK;
}
