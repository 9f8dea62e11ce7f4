/* What is computed, and in which order. Dead code is dropped, and what does not depend on a varying
 * slot is computed first, as a phase of its own. (Common subexpressions are one node already:
 * node_make.) Apart from that, nodes keep the order of building, so that a schedule depends on
 * nothing but its graph. */
#include "graph/schedule.h"

static void mark_varying(const struct graph *graph, unsigned slots, bool *varying)
{
    for (bool again = true; again;) {
        again = false;
        for (graph_node id = 0; id < graph->count; id++) {
            const struct node *node = node_at(graph, id);
            bool before = varying[id];
            if (node->op == OP_leaf) varying[id] = slots >> node->attribute[0] & 1;
            for (int i = 0; i < op_arities[node->op]; i++)
                varying[id] = varying[id] || (node->input[i] >= 0 && varying[node->input[i]]);
            again = again || (graph->delays && varying[id] != before);
        }
    }
}

/* A delay without an input would read memory that nobody writes. */
static basin_status check_closed(const struct graph *graph, const bool *live)
{
    for (graph_node id = 0; id < graph->count; id++)
        for (int i = 0; live[id] && i < op_arities[node_at(graph, id)->op]; i++)
            if (node_at(graph, id)->input[i] < 0)
                return error_raise(BASIN_INTERNAL, "graph: delay %d is not closed", (int)id);
    return BASIN_OK;
}

/* Is the value a contiguous part of its input's memory (*shift elements from its start)? */
static bool is_view(const struct graph *graph, const struct node *node, int64_t *shift)
{
    *shift = 0;
    if (node->op == OP_reshape) return true;
    if (node->op != OP_slice) return false;
    int64_t outer, length, inner;
    shape_split(&node_at(graph, node->input[0])->shape, (int)node->attribute[0], 1, &outer, &length,
                &inner);
    *shift = node->attribute[1] * inner;
    return outer == 1;
}

static void find_roots(const struct graph *graph, bool views, struct schedule *schedule)
{
    for (graph_node id = 0; id < graph->count; id++) {
        const struct node *node = node_at(graph, id);
        int64_t shift;
        bool view = views && is_view(graph, node, &shift);
        schedule->root[id] = view ? schedule->root[node->input[0]] : id;
        schedule->shift[id] = view ? schedule->shift[node->input[0]] + shift : 0;
    }
}

static bool is_computed(const struct graph *graph, const struct schedule *schedule, graph_node id)
{
    enum op op = node_at(graph, id)->op;
    return schedule->live[id] && schedule->root[id] == id && op != OP_leaf && op != OP_constant;
}

/* Decides which results are computed in their output slot, without a copy. Three conditions: the
 * value is all of its memory (not a view of part of it); no other result has claimed that memory;
 * no varying node reads it if the invariant phase wrote it (the caller may have bound the slot to
 * other memory by then). */
static void choose_direct(const struct graph *graph, struct schedule *schedule, bool *taken)
{
    for (graph_node id = 0; id < graph->count; id++) {
        const struct node *node = node_at(graph, id);
        for (int i = 0; schedule->live[id] && schedule->varying[id] && i < op_arities[node->op];
             i++) {
            graph_node root = schedule->root[node->input[i]];
            if (!schedule->varying[root]) taken[root] = true;
        }
    }
    for (int i = 0; i < graph->result_count; i++) {
        graph_node node = graph->results[i].node, root = schedule->root[node];
        bool whole =
            shape_size(node_at(graph, node)->shape) == shape_size(node_at(graph, root)->shape);
        schedule->direct[i] = whole && !taken[root] && is_computed(graph, schedule, root);
        if (schedule->direct[i]) taken[root] = true;
    }
}

/* The items of one phase: its nodes in order, then the copies to output slots. */
static void list_phase(const struct graph *graph, bool varying, const graph_node *order, int count,
                       struct schedule *schedule)
{
    for (int i = 0; i < count; i++)
        if (schedule->varying[order[i]] == varying)
            schedule->items[schedule->count++] = (struct item){.node = order[i], .result = -1};
    for (int i = 0; i < graph->result_count; i++)
        if (schedule->varying[graph->results[i].node] == varying && !schedule->direct[i])
            schedule->items[schedule->count++] =
                (struct item){.node = graph->results[i].node, .result = i};
}

basin_status schedule_make(struct arena *arena, const struct graph *graph,
                           const struct program_options *options, struct schedule *schedule)
{
    size_t count = (size_t)graph->count, results = (size_t)graph->result_count;
    *schedule = (struct schedule){
        .live = arena_array(arena, bool, count + 1),
        .varying = arena_array(arena, bool, count + 1),
        .direct = arena_array(arena, bool, results + 1),
        .root = arena_array(arena, graph_node, count + 1),
        .shift = arena_array(arena, int64_t, count + 1),
        .items = arena_array(arena, struct item, count + results + 1),
        .groups = arena_array(arena, struct group, count + results + 1),
        .group_of = arena_array(arena, int, count + results + 1),
        .loop_of_node = arena_array(arena, int, count + 1),
    };
    graph_node *order = arena_array(arena, graph_node, count + 1);
    int computed = 0;
    bool *taken = arena_array(arena, bool, count + 1);
    if (!schedule->live || !schedule->varying || !schedule->direct || !schedule->root ||
        !schedule->shift || !schedule->items || !schedule->groups || !schedule->group_of ||
        !schedule->loop_of_node || !order || !taken)
        return BASIN_MEMORY;
    graph_mark_live(graph, schedule->live);
    TRY(check_closed(graph, schedule->live));
    mark_varying(graph, options->varying, schedule->varying);
    find_roots(graph, !options->one_buffer_each, schedule);
    if (!options->one_buffer_each) choose_direct(graph, schedule, taken);
    TRY(schedule_order(arena, graph, schedule, order, &computed));
    list_phase(graph, false, order, computed, schedule);
    schedule->invariant_count = schedule->count;
    list_phase(graph, true, order, computed, schedule);
    TRY(schedule_loops(arena, graph, schedule));
    schedule_groups(graph, (int64_t)(TILE_BYTES / precision_size(options->precision)),
                    !options->one_buffer_each, schedule);
    return BASIN_OK;
}
