#include "graph/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/list.h"

const struct operation *const operations[OP_COUNT] = {
#define OP(name, class, arity, in_place) [OP_##name] = &operation_##name,
#include "graph/ops.def"
#undef OP
};

const char *const op_names[OP_COUNT] = {
#define OP(name, class, arity, in_place) #name,
#include "graph/ops.def"
#undef OP
};

const enum op_class op_classes[OP_COUNT] = {
#define OP(name, class, arity, in_place) CLASS_##class,
#include "graph/ops.def"
#undef OP
};

const int op_arities[OP_COUNT] = {
#define OP(name, class, arity, in_place) arity,
#include "graph/ops.def"
#undef OP
};

const unsigned op_in_place[OP_COUNT] = {
#define OP(name, class, arity, in_place) in_place,
#include "graph/ops.def"
#undef OP
};

enum { FIRST_CAPACITY = 64 };

basin_status graph_create(struct arena *arena, struct graph **out)
{
    struct graph *graph = arena_array(arena, struct graph, 1);
    if (!graph) return BASIN_MEMORY;
    graph->arena = arena;
    *out = graph;
    return BASIN_OK;
}

basin_status graph_status(const struct graph *graph)
{
    return graph->status;
}

int graph_size(const struct graph *graph)
{
    return graph->count;
}

struct shape graph_shape(const struct graph *graph, graph_node node)
{
    return node < 0 ? (struct shape){0} : node_at(graph, node)->shape;
}

graph_node graph_fail(struct graph *graph, const char *format, ...)
{
    if (graph->status != BASIN_OK) return GRAPH_NONE;
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    graph->status = error_raise(BASIN_INTERNAL, "graph: %s", message);
    return GRAPH_NONE;
}

graph_node graph_fail_memory(struct graph *graph)
{
    if (graph->status == BASIN_OK)
        graph->status = BASIN_MEMORY; /* the allocator has set the last error */
    return GRAPH_NONE;
}

/* ---- hash-consing ---- */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

static uint64_t number_bits(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static uint64_t node_hash(const struct node *node)
{
    uint64_t hash = mix((uint64_t)node->op, number_bits(node->number));
    for (int i = 0; i < NODE_INPUTS; i++) hash = mix(hash, (uint32_t)node->input[i]);
    for (int i = 0; i < NODE_ATTRIBUTES; i++) hash = mix(hash, (uint64_t)node->attribute[i]);
    for (int i = 0; i < node->shape.rank; i++) hash = mix(hash, (uint64_t)node->shape.dim[i]);
    return hash;
}

static bool node_equal(const struct node *a, const struct node *b)
{
    return a->op == b->op && !memcmp(a->input, b->input, sizeof a->input) &&
           !memcmp(a->attribute, b->attribute, sizeof a->attribute) &&
           number_bits(a->number) == number_bits(b->number) && shape_equal(a->shape, b->shape);
}

/* The place of an equal node in the table, or the free place where it belongs. */
static graph_node *table_place(const struct graph *graph, const struct node *node)
{
    uint64_t mask = (uint64_t)graph->table_size - 1;
    for (uint64_t i = node_hash(node) & mask;; i = (i + 1) & mask) {
        graph_node *place = &graph->table[i];
        if (*place == GRAPH_NONE || node_equal(node_at(graph, *place), node)) return place;
    }
}

/* Doubles nodes and table together; the table is never more than half full. What they were stays in
 * the arena. */
static bool graph_grow(struct graph *graph)
{
    int capacity = graph->capacity ? 2 * graph->capacity : FIRST_CAPACITY;
    struct node *nodes = arena_array(graph->arena, struct node, (size_t)capacity);
    graph_node *table = arena_array(graph->arena, graph_node, 2 * (size_t)capacity);
    if (!nodes || !table) return false;
    if (graph->count) memcpy(nodes, graph->nodes, (size_t)graph->count * sizeof *nodes);
    for (int i = 0; i < 2 * capacity; i++) table[i] = GRAPH_NONE;
    graph->nodes = nodes;
    graph->capacity = capacity;
    graph->table = table;
    graph->table_size = 2 * capacity;
    for (graph_node i = 0; i < graph->count; i++) *table_place(graph, &nodes[i]) = i;
    return true;
}

graph_node node_append(struct graph *graph, const struct node *node)
{
    if (graph->count == graph->capacity && !graph_grow(graph)) return graph_fail_memory(graph);
    graph->nodes[graph->count] = *node;
    return graph->count++;
}

static graph_node node_intern(struct graph *graph, const struct node *node)
{
    if (graph->count == graph->capacity && !graph_grow(graph)) return graph_fail_memory(graph);
    graph_node *place = table_place(graph, node);
    if (*place == GRAPH_NONE) {
        graph->nodes[graph->count] = *node;
        *place = graph->count++;
    }
    return *place;
}

/* ---- making nodes ---- */

static const char *shape_write(struct shape shape, char out[128])
{
    int length = snprintf(out, 128, "(");
    for (int i = 0; i < shape.rank; i++)
        length += snprintf(out + length, 128 - (size_t)length, i ? ", %lld" : "%lld",
                           (long long)shape.dim[i]);
    snprintf(out + length, 128 - (size_t)length, ")");
    return out;
}

static graph_node shape_fail(struct graph *graph, const struct node *node)
{
    char a[128], b[128];
    return graph_fail(graph, "shapes do not fit in %s: %s and %s", op_names[node->op],
                      shape_write(graph_shape(graph, node->input[0]), a),
                      shape_write(graph_shape(graph, node->input[1]), b));
}

/* a + b and b + a are one node. */
static void sort_inputs(struct node *node)
{
    bool commutes = node->op == OP_add || node->op == OP_multiply || node->op == OP_equal;
    if (!commutes || node->input[0] <= node->input[1]) return;
    graph_node first = node->input[0];
    node->input[0] = node->input[1];
    node->input[1] = first;
}

graph_node node_make(struct graph *graph, struct node node)
{
    if (graph->status != BASIN_OK) return GRAPH_NONE;
    for (int i = 0; i < NODE_INPUTS; i++) {
        if (i >= op_arities[node.op])
            node.input[i] = GRAPH_NONE;
        else if (node.input[i] < 0 || node.input[i] >= graph->count)
            return graph_fail(graph, "input %d of %s is no node", i, op_names[node.op]);
    }
    if (!operations[node.op]->shape(graph, &node)) return shape_fail(graph, &node);
    sort_inputs(&node);
    if (operations[node.op]->simplify) {
        graph_node simpler = operations[node.op]->simplify(graph, &node);
        if (simpler != GRAPH_NONE || graph->status != BASIN_OK) return simpler;
    }
    return node_intern(graph, &node);
}

graph_node node_apply(struct graph *graph, graph_node like, const graph_node *inputs)
{
    struct node node = *node_at(graph, like);
    for (int i = 0; i < op_arities[node.op]; i++) node.input[i] = inputs[i];
    return node_make(graph, node);
}

graph_node node_make1(struct graph *graph, enum op op, graph_node a)
{
    return node_make(graph, (struct node){.op = op, .input = {a}});
}

graph_node node_make2(struct graph *graph, enum op op, graph_node a, graph_node b)
{
    return node_make(graph, (struct node){.op = op, .input = {a, b}});
}

graph_node node_opposite(struct graph *graph, enum op op, graph_node node, graph_node seed)
{
    struct node opposite = *node_at(graph, node);
    opposite.op = op;
    opposite.input[0] = seed;
    return node_make(graph, opposite);
}

graph_node node_simplify_linear(struct graph *graph, const struct node *node)
{
    return node_is_constant(graph, node->input[0], 0) ? graph_constant(graph, 0, node->shape)
                                                      : GRAPH_NONE;
}

bool node_is_constant(const struct graph *graph, graph_node node, double value)
{
    return node >= 0 && node_at(graph, node)->op == OP_constant &&
           node_at(graph, node)->number == value;
}

void graph_mark_live(const struct graph *graph, bool *live)
{
    for (int i = 0; i < graph->result_count; i++) live[graph->results[i].node] = true;
    for (bool again = true; again;) { /* once more where a delay needs a later node */
        again = false;
        for (graph_node id = graph->count - 1; id >= 0; id--) {
            const struct node *node = node_at(graph, id);
            for (int i = 0; live[id] && i < op_arities[node->op]; i++) {
                if (node->input[i] < 0) continue;
                again = again || (node->input[i] > id && !live[node->input[i]]);
                live[node->input[i]] = true;
            }
        }
    }
}

basin_status graph_output(struct graph *graph, graph_node node, enum graph_slot slot,
                          int64_t offset)
{
    if (graph->status != BASIN_OK) return graph->status;
    if (node < 0 || node >= graph->count || offset < 0) {
        graph_fail(graph, "an output is no node");
        return graph->status;
    }
    if (!list_room(graph->arena, graph->results, (size_t)graph->result_count, 1,
                   graph->result_capacity))
        return graph->status = BASIN_MEMORY;
    graph->results[graph->result_count++] =
        (struct graph_result){.node = node, .slot = slot, .offset = offset};
    return BASIN_OK;
}
