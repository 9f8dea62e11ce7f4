/* Tangents (forward mode) and adjoints (reverse mode), generic over the derivative classes of
 * node.h; no primitive is named here.
 *
 * Both add nodes to the graph that they differentiate, so that they can be applied to their own
 * result: the gradient is vjp(loss), a Hessian-vector product jvp(vjp(loss), v), which costs about
 * as much as two gradients (Pearlmutter, "Fast exact multiplication by the Hessian", Neural
 * Computation 1994). */
#include "graph/node.h"

#include <string.h>

/* a + b, where GRAPH_NONE is zero. */
static graph_node sum_of(struct graph *graph, graph_node a, graph_node b)
{
    if (a == GRAPH_NONE) return b;
    return b == GRAPH_NONE ? a : graph_add(graph, a, b);
}

static graph_node zero_of(struct graph *graph, graph_node like)
{
    return graph_constant(graph, 0, graph_shape(graph, like));
}

static graph_node apply_jacobian(struct graph *graph, graph_node y, graph_node v)
{
    return operations[node_at(graph, y)->op]->apply(graph, y, v);
}

static unsigned last_axis(struct graph *graph, graph_node node)
{
    return 1u << (graph_shape(graph, node).rank - 1);
}

/* ---- tangents: from those of the inputs (GRAPH_NONE: zero, not all of them) to that of the node
 * ---- */

typedef graph_node tangent_rule(struct graph *graph, graph_node id, const graph_node *tangents);

static graph_node tangent_pointwise(struct graph *graph, graph_node id, const graph_node *tangents)
{
    enum op op = node_at(graph, id)->op;
    graph_node total = GRAPH_NONE;
    for (int i = 0; i < op_arities[op]; i++) {
        if (tangents[i] == GRAPH_NONE) continue;
        total = sum_of(graph, total,
                       graph_multiply(graph, tangents[i], operations[op]->partial(graph, id, i)));
    }
    return total;
}

static graph_node tangent_linear(struct graph *graph, graph_node id, const graph_node *tangents)
{
    struct node node = *node_at(graph, id);
    for (int i = 0; i < op_arities[node.op]; i++)
        node.input[i] = tangents[i] == GRAPH_NONE ? zero_of(graph, node.input[i]) : tangents[i];
    return node_make(graph, node);
}

static graph_node tangent_bilinear(struct graph *graph, graph_node id, const graph_node *tangents)
{
    graph_node total = GRAPH_NONE;
    for (int i = 0; i < 2; i++) {
        if (tangents[i] == GRAPH_NONE) continue;
        graph_node factors[NODE_INPUTS];
        memcpy(factors, node_at(graph, id)->input, sizeof factors);
        factors[i] = tangents[i];
        total = sum_of(graph, total, node_apply(graph, id, factors));
    }
    return total;
}

static graph_node tangent_selfadjoint(struct graph *graph, graph_node id,
                                      const graph_node *tangents)
{
    return apply_jacobian(graph, id, tangents[0]);
}

static graph_node tangent_reduce(struct graph *graph, graph_node id, const graph_node *tangents)
{
    graph_node partial = operations[node_at(graph, id)->op]->partial(graph, id, 0);
    return graph_sum(graph, graph_multiply(graph, tangents[0], partial),
                     last_axis(graph, tangents[0]));
}

static graph_node tangent_given(struct graph *graph, graph_node id, const graph_node *tangents)
{
    if (tangents[0] == GRAPH_NONE) return GRAPH_NONE;
    struct node node = *node_at(graph, id);
    node.input[0] = tangents[0];
    return node_make(graph, node);
}

static graph_node tangent_general(struct graph *graph, graph_node id, const graph_node *tangents)
{
    enum op op = node_at(graph, id)->op;
    graph_node total = GRAPH_NONE;
    for (int i = 0; i < op_arities[op]; i++)
        if (tangents[i] != GRAPH_NONE)
            total = sum_of(graph, total, operations[op]->tangent(graph, id, i, tangents[i]));
    return total;
}

static graph_node tangent_fused(struct graph *graph, graph_node id, const graph_node *tangents)
{
    (void)tangents;
    return graph_fail(graph, "%s is made after differentiation and has no derivative",
                      op_names[node_at(graph, id)->op]);
}

/* Does the last input of J(..., v) occur among the others as well? Then J is not linear in it, and
 * the whole node is differentiated through its expansion. */
static bool last_repeats(const struct node *node)
{
    int last = op_arities[node->op] - 1;
    for (int i = 0; i < last; i++)
        if (node->input[i] == node->input[last]) return true;
    return false;
}

static graph_node tangent_jacobian(struct graph *graph, graph_node id, const graph_node *tangents)
{
    struct node node = *node_at(graph, id);
    int last = op_arities[node.op] - 1;
    bool repeats = last_repeats(&node), others = repeats;
    graph_node moved[NODE_INPUTS], linear = GRAPH_NONE, rest = GRAPH_NONE;
    for (int i = 0; i <= last; i++) {
        bool zero = tangents[i] == GRAPH_NONE || (i == last && !repeats);
        moved[i] = zero ? zero_of(graph, node.input[i]) : tangents[i];
        others = others || !zero;
    }
    if (others) {
        graph_node expanded = operations[node.op]->expand(graph, node.input);
        if (graph_jvp(graph, &expanded, 1, node.input, moved, last + 1, &rest) != BASIN_OK)
            return GRAPH_NONE;
    }
    if (!repeats && tangents[last] != GRAPH_NONE) {
        node.input[last] = tangents[last];
        linear = node_make(graph, node);
    }
    return sum_of(graph, linear, rest);
}

/* ---- adjoints: what a node's adjoint adds to that of input i ---- */

typedef graph_node adjoint_rule(struct graph *graph, graph_node id, int input, graph_node seed);

static graph_node adjoint_pointwise(struct graph *graph, graph_node id, int input, graph_node seed)
{
    return graph_multiply(graph, seed,
                          operations[node_at(graph, id)->op]->partial(graph, id, input));
}

static graph_node adjoint_given(struct graph *graph, graph_node id, int input, graph_node seed)
{
    return operations[node_at(graph, id)->op]->adjoint(graph, id, input, seed);
}

static graph_node adjoint_first(struct graph *graph, graph_node id, int input, graph_node seed)
{
    if (input > 0) return GRAPH_NONE;
    return operations[node_at(graph, id)->op]->adjoint(graph, id, input, seed);
}

static graph_node adjoint_fused(struct graph *graph, graph_node id, int input, graph_node seed)
{
    (void)input, (void)seed;
    return tangent_fused(graph, id, NULL);
}

static graph_node adjoint_selfadjoint(struct graph *graph, graph_node id, int input,
                                      graph_node seed)
{
    (void)input;
    return apply_jacobian(graph, id, seed);
}

static graph_node adjoint_reduce(struct graph *graph, graph_node id, int input, graph_node seed)
{
    const struct operation *operation = operations[node_at(graph, id)->op];
    graph_node argument = node_at(graph, id)->input[input];
    graph_node repeated =
        graph_broadcast(graph, seed, graph_shape(graph, argument), last_axis(graph, argument));
    return graph_multiply(graph, repeated, operation->partial(graph, id, input));
}

static graph_node adjoint_jacobian(struct graph *graph, graph_node id, int input, graph_node seed)
{
    struct node node = *node_at(graph, id);
    int last = op_arities[node.op] - 1;
    bool repeats = last_repeats(&node);
    if (input == last && !repeats) {
        node.input[last] = seed;
        return node_make(graph, node);
    }
    for (int i = 0; i < input; i++)
        if (node.input[i] == node.input[input])
            return zero_of(graph, node.input[input]); /* the adjoint of its last input has been
                                                         added above */
    graph_node expanded = operations[node.op]->expand(graph, node.input), adjoints[NODE_INPUTS];
    if (graph_vjp(graph, expanded, seed, node.input, last + 1, adjoints) != BASIN_OK)
        return GRAPH_NONE;
    return adjoints[input];
}

static const struct {
    tangent_rule *tangent;
    adjoint_rule *adjoint;
} rules[] = {
    [CLASS_POINTWISE] = {tangent_pointwise, adjoint_pointwise},
    [CLASS_LINEAR] = {tangent_linear, adjoint_given},
    [CLASS_BILINEAR] = {tangent_bilinear, adjoint_given},
    [CLASS_SELFADJOINT] = {tangent_selfadjoint, adjoint_selfadjoint},
    [CLASS_JACOBIAN] = {tangent_jacobian, adjoint_jacobian},
    [CLASS_REDUCE] = {tangent_reduce, adjoint_reduce},
    [CLASS_GIVEN] = {tangent_given, adjoint_first},
    [CLASS_GENERAL] = {tangent_general, adjoint_given},
    [CLASS_FUSED] = {tangent_fused, adjoint_fused},
    [CLASS_CONST] = {NULL, NULL},
};

/* ---- the two sweeps. Nodes are in topological order; those made on the way come after `size` and
 * are not visited.
 * ---- */

static basin_status check_nodes(struct graph *graph, const graph_node *nodes, int count)
{
    for (int i = 0; i < count; i++)
        if (nodes[i] < 0 || nodes[i] >= graph->count)
            graph_fail(graph, "a derivative of or by something that is no node");
    return graph->status;
}

/* Marks every node below `size` that depends on one of `sources`. One sweep is enough without
 * delays; a delay reads a later node, so that the sweep is repeated until nothing changes. */
static void mark_dependents(const struct graph *graph, const graph_node *sources, int count,
                            int size, bool *marked)
{
    bool again = true;
    for (int i = 0; i < count; i++)
        if (sources[i] < size) marked[sources[i]] = true;
    while (again) {
        again = false;
        for (graph_node id = 0; id < size; id++) {
            const struct node *node = node_at(graph, id);
            if (marked[id] || op_classes[node->op] == CLASS_CONST) continue;
            for (int i = 0; i < op_arities[node->op]; i++)
                if (node->input[i] >= 0 && node->input[i] < size)
                    marked[id] = marked[id] || marked[node->input[i]];
            again = again || (marked[id] && graph->delays > 0);
        }
    }
}

/* Marks what the outputs need, down to the independent variables: only these nodes get a
 * derivative. Going on below the variables would be wasted work, and exponential where the
 * expansion of a Jacobian starts a sweep of its own. */
static void mark_needed(const struct graph *graph, const graph_node *outputs, int count, int size,
                        const bool *independent, bool *needed)
{
    for (int i = 0; i < count; i++) needed[outputs[i]] = true;
    for (bool again = true; again;) {
        again = false;
        for (graph_node id = size - 1; id >= 0; id--) {
            const struct node *node = node_at(graph, id);
            if (!needed[id] || independent[id]) continue;
            for (int i = 0; i < op_arities[node->op]; i++) {
                graph_node input = node->input[i];
                if (input < 0 || input >= size || needed[input]) continue;
                needed[input] = true;
                again = again || input > id;
            }
        }
    }
}

static graph_node *none_array(struct graph *graph, struct arena *scratch, int size)
{
    graph_node *nodes = arena_array(scratch, graph_node, (size_t)size);
    if (!nodes) {
        graph_fail_memory(graph);
        return NULL;
    }
    for (int i = 0; i < size; i++) nodes[i] = GRAPH_NONE;
    return nodes;
}

/* The adjoint of a delay is a delay in the opposite direction (backpropagation through time). It is
 * opened before the sweep, since the nodes of the cycle need it, and closed when the sweep has
 * reached the delay and knows its seed. */
static void open_adjoints(struct graph *graph, int size, const bool *active, const bool *needed,
                          const bool *independent, graph_node *opened, graph_node *adjoints)
{
    for (graph_node id = 0; graph->delays && id < size && graph->status == BASIN_OK; id++) {
        struct node node = *node_at(graph, id);
        if (!node_is_delay(&node) || !needed[id] || independent[id] || node.input[0] < 0 ||
            !active[node.input[0]])
            continue;
        opened[id] = delay_like(graph, id, true);
        adjoints[node.input[0]] = sum_of(graph, adjoints[node.input[0]], opened[id]);
    }
}

static void close_delays(struct graph *graph, int size, const graph_node *opened,
                         const graph_node *values)
{
    for (graph_node id = 0; graph->delays && id < size && graph->status == BASIN_OK; id++) {
        if (opened[id] == GRAPH_NONE) continue;
        graph_node value = node_is_delay(node_at(graph, id)) ? values[id] : GRAPH_NONE;
        graph_delay_close(graph, opened[id], value == GRAPH_NONE ? zero_of(graph, id) : value);
    }
}

static void adjoint_sweep(struct graph *graph, int size, const bool *active,
                          const bool *independent, const graph_node *opened, graph_node *adjoints)
{
    for (graph_node id = size - 1; id >= 0; id--) {
        if (adjoints[id] == GRAPH_NONE || independent[id] || opened[id] != GRAPH_NONE) continue;
        struct node node = *node_at(graph, id);
        adjoint_rule *rule = rules[op_classes[node.op]].adjoint;
        for (int i = 0; rule && i < op_arities[node.op]; i++) {
            graph_node input = node.input[i];
            if (input >= 0 && active[input])
                adjoints[input] = sum_of(graph, adjoints[input], rule(graph, id, i, adjoints[id]));
        }
        if (graph->status != BASIN_OK) return;
    }
}

static basin_status vjp(struct graph *graph, struct arena *scratch, graph_node output,
                        graph_node seed, const graph_node *wrt, int count, graph_node *out)
{
    int size = graph->delays ? graph->count
                             : output + 1; /* through a delay a node may depend on later ones */
    graph_node *adjoints = none_array(graph, scratch, size),
               *opened = none_array(graph, scratch, size);
    bool *active = arena_array(scratch, bool, (size_t)size),
         *independent = arena_array(scratch, bool, (size_t)size);
    bool *needed = arena_array(scratch, bool, (size_t)size);
    if (!adjoints || !opened || !active || !independent || !needed) {
        graph_fail_memory(graph);
        return graph->status;
    }
    mark_dependents(graph, wrt, count, size, active);
    for (int i = 0; i < count; i++)
        if (wrt[i] < size) independent[wrt[i]] = true;
    adjoints[output] = seed;
    if (graph->delays) mark_needed(graph, &output, 1, size, independent, needed);
    open_adjoints(graph, size, active, needed, independent, opened, adjoints);
    adjoint_sweep(graph, size, active, independent, opened, adjoints);
    close_delays(graph, size, opened, adjoints);
    for (int i = 0; i < count; i++) {
        graph_node adjoint = wrt[i] < size ? adjoints[wrt[i]] : GRAPH_NONE;
        out[i] = adjoint == GRAPH_NONE ? zero_of(graph, wrt[i]) : adjoint;
    }
    return graph->status;
}

basin_status graph_vjp(struct graph *graph, graph_node output, graph_node seed,
                       const graph_node *wrt, int count, graph_node *out)
{
    for (int i = 0; i < count; i++) out[i] = GRAPH_NONE;
    if (graph->status != BASIN_OK) return graph->status;
    TRY(check_nodes(graph, &output, 1));
    TRY(check_nodes(graph, wrt, count));
    if (seed == GRAPH_NONE) {
        if (shape_size(graph_shape(graph, output)) != 1)
            graph_fail(graph, "the derivative of an array needs a seed");
        seed = graph_constant(graph, 1, graph_shape(graph, output));
    } else if (!shape_equal(graph_shape(graph, seed), graph_shape(graph, output))) {
        graph_fail(graph, "a seed has not the shape of the output");
    }
    if (graph->status != BASIN_OK) return graph->status;
    struct arena *scratch;
    if (arena_create(&scratch) != BASIN_OK) {
        graph_fail_memory(graph);
        return graph->status;
    }
    basin_status status = vjp(graph, scratch, output, seed, wrt, count, out);
    arena_destroy(scratch);
    return status;
}

/* The tangent of a delay is a delay of tangents, closed when the tangent of its input is known. */
static void open_tangents(struct graph *graph, int size, const bool *active, const bool *needed,
                          const bool *independent, graph_node *opened, graph_node *tangents)
{
    for (graph_node id = 0; graph->delays && id < size && graph->status == BASIN_OK; id++) {
        const struct node *node = node_at(graph, id);
        bool moves = node_is_delay(node) && needed[id] && !independent[id] && node->input[0] >= 0 &&
                     active[node->input[0]];
        if (moves) opened[id] = tangents[id] = delay_like(graph, id, false);
    }
}

/* values[delay] = the tangent of its input, for close_delays. */
static void take_inputs(const struct graph *graph, int size, const graph_node *opened,
                        const graph_node *tangents, graph_node *values)
{
    for (graph_node id = 0; id < size; id++)
        if (opened[id] != GRAPH_NONE) values[id] = tangents[node_at(graph, id)->input[0]];
}

static void tangent_sweep(struct graph *graph, int size, const bool *needed,
                          const bool *independent, graph_node *tangents)
{
    for (graph_node id = 0; id < size && graph->status == BASIN_OK; id++) {
        struct node node = *node_at(graph, id);
        tangent_rule *rule = rules[op_classes[node.op]].tangent;
        if (!needed[id] || independent[id] || !rule || node_is_delay(&node)) continue;
        graph_node given[NODE_INPUTS];
        bool any = false;
        for (int i = 0; i < op_arities[node.op]; i++) {
            given[i] = node.input[i] < size ? tangents[node.input[i]] : GRAPH_NONE;
            any = any || given[i] != GRAPH_NONE;
        }
        if (any) tangents[id] = rule(graph, id, given);
    }
}

static basin_status jvp(struct graph *graph, struct arena *scratch, const graph_node *outputs,
                        int output_count, const graph_node *inputs, const graph_node *given,
                        int input_count, graph_node *out)
{
    int size = 0;
    for (int i = 0; i < output_count; i++) size = outputs[i] >= size ? outputs[i] + 1 : size;
    if (graph->delays) size = graph->count;
    graph_node *tangents = none_array(graph, scratch, size),
               *opened = none_array(graph, scratch, size);
    graph_node *moving = arena_array(scratch, graph_node, (size_t)input_count + 1);
    bool *active = arena_array(scratch, bool, (size_t)size);
    bool *needed = arena_array(scratch, bool, (size_t)size),
         *independent = arena_array(scratch, bool, (size_t)size);
    int moving_count = 0;
    if (!tangents || !opened || !moving || !active || !needed || !independent) {
        graph_fail_memory(graph);
        return graph->status;
    }
    for (int i = 0; i < input_count; i++) {
        if (inputs[i] >= size) continue;
        independent[inputs[i]] = true;
        tangents[inputs[i]] = node_is_constant(graph, given[i], 0) ? GRAPH_NONE : given[i];
        if (tangents[inputs[i]] != GRAPH_NONE) moving[moving_count++] = inputs[i];
    }
    mark_needed(graph, outputs, output_count, size, independent, needed);
    if (graph->delays) mark_dependents(graph, moving, moving_count, size, active);
    open_tangents(graph, size, active, needed, independent, opened, tangents);
    tangent_sweep(graph, size, needed, independent, tangents);
    if (graph->delays) {
        graph_node *values = none_array(graph, scratch, size);
        if (!values) return graph->status;
        take_inputs(graph, size, opened, tangents, values);
        close_delays(graph, size, opened, values);
    }
    for (int i = 0; i < output_count; i++) {
        graph_node tangent = tangents[outputs[i]];
        out[i] = tangent == GRAPH_NONE ? zero_of(graph, outputs[i]) : tangent;
    }
    return graph->status;
}

basin_status graph_jvp(struct graph *graph, const graph_node *outputs, int output_count,
                       const graph_node *inputs, const graph_node *tangents, int input_count,
                       graph_node *out)
{
    for (int i = 0; i < output_count; i++) out[i] = GRAPH_NONE;
    if (graph->status != BASIN_OK) return graph->status;
    TRY(check_nodes(graph, outputs, output_count));
    TRY(check_nodes(graph, inputs, input_count));
    TRY(check_nodes(graph, tangents, input_count));
    for (int i = 0; i < input_count; i++)
        if (!shape_equal(graph_shape(graph, inputs[i]), graph_shape(graph, tangents[i])))
            graph_fail(graph, "a tangent has not the shape of its input");
    if (graph->status != BASIN_OK) return graph->status;
    struct arena *scratch;
    if (arena_create(&scratch) != BASIN_OK) {
        graph_fail_memory(graph);
        return graph->status;
    }
    basin_status status =
        jvp(graph, scratch, outputs, output_count, inputs, tangents, input_count, out);
    arena_destroy(scratch);
    return status;
}
