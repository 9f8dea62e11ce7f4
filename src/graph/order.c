/* The order of computing.
 *
 * Without delays, nodes are computed in the order of building, which is topological. A delay reads
 * a node that was built later (graph_delay_close), so that a recurrent network has cycles:
 *
 *     h(t) = tanh(W x(t) + U h(t - 1))
 *
 *          x -> matmul W --+
 *                          v
 *     +--> delay -> matmul U -> add -> tanh --+--> outputs of all steps
 *     +---------------------------------------+
 *          (on the cycle: delay, matmul U, add, tanh; matmul W is not: one product for all steps)
 *
 * Only what lies on a cycle runs step by step. The nodes of a cycle are a strongly connected
 * component (Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1972); each
 * such component becomes a loop, which takes its place among the other nodes as if it were one
 * node.
 */
#include <string.h>
#include "graph/schedule.h"

struct order {
    const struct graph *graph;
    struct schedule *schedule;
    graph_node *out; /* the result: nodes in order */
    int count;
    int *component, *index, *low, *next_input; /* by node */
    graph_node *stack, *path;
    int stacked, depth, seen, components;
    int *first, *link; /* the members of a component as a list: by component its smallest node, by
                          node the next larger member or -1 */
    bool *emitted;     /* by component */
};

static bool computed(const struct order *order, graph_node id)
{
    enum op op = node_at(order->graph, id)->op;
    return order->schedule->live[id] && order->schedule->root[id] == id && op != OP_leaf &&
           op != OP_constant;
}

/* The computed node in whose memory an input lies; GRAPH_NONE for leaves and constants. */
static graph_node source(const struct order *order, const struct node *node, int i)
{
    graph_node root = node->input[i] < 0 ? GRAPH_NONE : order->schedule->root[node->input[i]];
    return root >= 0 && computed(order, root) ? root : GRAPH_NONE;
}

static void order_enter(struct order *order, graph_node id)
{
    order->index[id] = order->low[id] = ++order->seen;
    order->stack[order->stacked++] = id;
    order->path[order->depth++] = id;
}

static void close_component(struct order *order, graph_node id)
{
    graph_node member;
    do {
        member = order->stack[--order->stacked];
        order->component[member] = order->components;
    } while (member != id);
    order->components++;
}

/* Tarjan's search from one node. Its stack is an array and not recursion: a chain is as long as the
 * graph, some ten thousand nodes. */
static void order_search(struct order *order, graph_node start)
{
    order_enter(order, start);
    while (order->depth) {
        graph_node id = order->path[order->depth - 1];
        const struct node *node = node_at(order->graph, id);
        int i = order->next_input[id]++;
        if (i < op_arities[node->op]) {
            graph_node to = source(order, node, i);
            if (to == GRAPH_NONE) continue;
            if (!order->index[to])
                order_enter(order, to);
            else if (order->component[to] < 0 && order->index[to] < order->low[id])
                order->low[id] = order->index[to];
            continue;
        }
        if (order->low[id] == order->index[id]) close_component(order, id);
        if (--order->depth == 0) return;
        graph_node up = order->path[order->depth - 1];
        if (order->low[id] < order->low[up]) order->low[up] = order->low[id];
    }
}

static void link_components(struct order *order)
{
    for (int i = 0; i < order->components; i++) order->first[i] = -1;
    for (graph_node id = order->graph->count - 1; id >= 0; id--) {
        if (!computed(order, id)) continue;
        order->link[id] = order->first[order->component[id]];
        order->first[order->component[id]] = id;
    }
}

/* A component that must be emitted before this one, since a member reads it; -1: none is left. */
static int waits_for(const struct order *order, int component)
{
    for (graph_node id = order->first[component]; id >= 0; id = order->link[id]) {
        const struct node *node = node_at(order->graph, id);
        for (int i = 0; i < op_arities[node->op]; i++) {
            graph_node to = source(order, node, i);
            if (to >= 0 && order->component[to] != component &&
                !order->emitted[order->component[to]])
                return order->component[to];
        }
    }
    return -1;
}

static void emit(struct order *order, int component)
{
    for (order->path[0] = component, order->depth = 1; order->depth;) {
        int top = order->path[order->depth - 1],
            waits = order->emitted[top] ? -1 : waits_for(order, top);
        if (waits >= 0) {
            order->path[order->depth++] = waits;
            continue;
        }
        order->depth--;
        if (order->emitted[top]) continue;
        order->emitted[top] = true;
        for (graph_node id = order->first[top]; id >= 0; id = order->link[id])
            order->out[order->count++] = id;
    }
}

/* ---- loops ---- */

static bool slice_rule(const struct graph *graph, const struct node *node, unsigned *sliced)
{
    const struct operation *operation = operations[node->op];
    *sliced = (1u << op_arities[node->op]) - 1;
    if (operation->steps) return operation->steps(graph, node, sliced);
    return operation->tiling == TILING_POINTWISE;
}

static basin_status check_member(const struct graph *graph, const struct schedule *schedule,
                                 graph_node id, const struct loop *loop)
{
    const struct node *node = node_at(graph, id);
    unsigned sliced;
    if (!slice_rule(graph, node, &sliced) || node->shape.rank < 1 ||
        node->shape.dim[0] % loop->steps)
        return error_raise(BASIN_INTERNAL, "graph: %s (node %d) cannot be done step by step",
                           op_names[node->op], (int)id);
    for (int i = 0; i < op_arities[node->op]; i++) {
        const struct shape *shape = &node_at(graph, node->input[i])->shape;
        bool inside =
            schedule->loop_of_node[schedule->root[node->input[i]]] == schedule->loop_of_node[id];
        bool fits =
            !(sliced >> i & 1) ? !inside : shape->rank >= 1 && shape->dim[0] % loop->steps == 0;
        bool whole =
            !inside ||
            shape_size(*shape) == shape_size(node_at(graph, schedule->root[node->input[i]])->shape);
        if (!fits || !whole)
            return error_raise(BASIN_INTERNAL,
                               "graph: input %d of %s (node %d) mixes the steps of a loop", i,
                               op_names[node->op], (int)id);
    }
    return BASIN_OK;
}

/* All delays of a loop must go through the same number of steps in the same direction. */
static basin_status describe_loop(const struct graph *graph, const struct schedule *schedule,
                                  struct loop *loop)
{
    for (int i = loop->first; i < loop->first + loop->count; i++) {
        const struct node *node = node_at(graph, schedule->items[i].node);
        if (!node_is_delay(node)) continue;
        if (loop->steps &&
            (loop->steps != node->attribute[0] || loop->backward != (bool)node->attribute[1]))
            return error_raise(BASIN_INTERNAL, "graph: the delays of one loop go different ways");
        loop->steps = node->attribute[0];
        loop->backward = node->attribute[1];
    }
    if (!loop->steps) return error_raise(BASIN_INTERNAL, "graph: a cycle without a delay");
    for (int i = loop->first; i < loop->first + loop->count; i++)
        TRY(check_member(graph, schedule, schedule->items[i].node, loop));
    return BASIN_OK;
}

basin_status schedule_loops(struct arena *arena, const struct graph *graph,
                            struct schedule *schedule)
{
    schedule->loops = arena_array(arena, struct loop, (size_t)schedule->count + 1);
    schedule->loop_of = arena_array(arena, int, (size_t)schedule->count + 1);
    if (!schedule->loops || !schedule->loop_of) return BASIN_MEMORY;
    for (int i = 0; i < schedule->count; i++) {
        int loop =
            schedule->items[i].result >= 0 ? -1 : schedule->loop_of_node[schedule->items[i].node];
        schedule->loop_of[i] =
            loop < 0 ? -1
                     : schedule->loop_count -
                           (i > 0 && schedule->loop_of[i - 1] >= 0 &&
                            schedule->items[i - 1].result < 0 &&
                            schedule->loop_of_node[schedule->items[i - 1].node] == loop);
        if (loop < 0) continue;
        if (schedule->loop_of[i] == schedule->loop_count)
            schedule->loops[schedule->loop_count++] = (struct loop){.first = i};
        schedule->loops[schedule->loop_of[i]].count++;
    }
    for (int i = 0; i < schedule->loop_count; i++)
        TRY(describe_loop(graph, schedule, &schedule->loops[i]));
    return BASIN_OK;
}

bool schedule_slices(const struct graph *graph, graph_node id, int input)
{
    unsigned sliced;
    return slice_rule(graph, node_at(graph, id), &sliced) && sliced >> input & 1;
}

static void order_mark_loops(struct order *order)
{
    for (graph_node id = 0; id < order->graph->count; id++) {
        bool loops = computed(order, id) && order->link[order->first[order->component[id]]] >= 0;
        order->schedule->loop_of_node[id] = loops ? order->component[id] : -1;
    }
}

basin_status schedule_order(struct arena *arena, const struct graph *graph,
                            struct schedule *schedule, graph_node *out, int *count)
{
    size_t size = (size_t)graph->count + 1;
    struct order order = {.graph = graph, .schedule = schedule, .out = out};
    if (!graph->delays) {
        for (graph_node id = 0; id < graph->count; id++) schedule->loop_of_node[id] = -1;
        for (graph_node id = 0; id < graph->count; id++)
            if (computed(&order, id)) out[order.count++] = id;
        *count = order.count;
        return BASIN_OK;
    }
    int **arrays[] = {&order.component,  &order.index, &order.low,
                      &order.next_input, &order.first, &order.link};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (!(*arrays[i] = arena_array(arena, int, size))) return BASIN_MEMORY;
    order.stack = arena_array(arena, graph_node, size);
    order.path = arena_array(arena, graph_node, size);
    order.emitted = arena_array(arena, bool, size);
    if (!order.stack || !order.path || !order.emitted) return BASIN_MEMORY;
    for (graph_node id = 0; id < graph->count; id++) order.component[id] = -1;
    for (graph_node id = 0; id < graph->count; id++)
        if (computed(&order, id) && !order.index[id]) order_search(&order, id);
    link_components(&order);
    order_mark_loops(&order);
    for (graph_node id = 0; id < graph->count; id++)
        if (computed(&order, id) && !order.emitted[order.component[id]])
            emit(&order, order.component[id]);
    *count = order.count;
    return BASIN_OK;
}
