/* Nodes and the table of primitives: what the files of graph/ (and the derivative tests) share.
 *
 * A node is plain data: primitive, inputs, attributes (integers and one number), shape. Everything
 * else about a primitive is data as well: ops.def has its class, operation_<name> its functions. To
 * add one, write a line in ops.def, an entry beside its family (ops_*.c) and its kernels
 * (kernels/). Differentiation, planning and the generated tests then know it.
 *
 * Derivative classes.
 *     POINTWISE    partial(i) = df/dx_i as nodes, in the shape of the result; may use the result.
 *     LINEAR       adjoint(i, seed); the tangent is the primitive itself, applied to tangents.
 *     BILINEAR     adjoint(i, seed) for each factor; the tangent is op(dx, y) + op(x, dy).
 *     SELFADJOINT  y = f(x) with a symmetric Jacobian that is a primitive of class JACOBIAN:
 *                  `apply` makes (df/dx) v of it.
 *     JACOBIAN     J(..., v): linear and self-adjoint in the last input. `expand` writes the same
 *                  value in other primitives; the dependence on the other inputs is differentiated
 *                  through these.
 *     REDUCE       removes the last axis; partial(0) = derivative by each element, in the input's
 *                  shape.
 *     GIVEN        linear in input 0 once its other inputs are known (indices, an argmax); the
 *                  derivative by those is zero. adjoint(0, seed); the tangent is the primitive
 *                  itself, applied to the tangent.
 *     GENERAL      tangent(i, tangent of input i) and adjoint(i, seed) are both written out: for
 *                  the few primitives that fit no other class.
 *     FUSED        made by rewriting after differentiation (rewrite.c), never differentiated.
 *     CONST        derivative zero everywhere (leaves too: derivatives stop there).
 */
#ifndef BASIN_GRAPH_NODE_H
#define BASIN_GRAPH_NODE_H

#include "base/random.h"
#include "graph/graph.h"
#include "kernels/kernels.h"

enum op {
#define OP(name, class, arity, in_place) OP_##name,
#include "graph/ops.def"
#undef OP
    OP_COUNT
};

enum op_class {
    CLASS_POINTWISE,
    CLASS_LINEAR,
    CLASS_BILINEAR,
    CLASS_SELFADJOINT,
    CLASS_JACOBIAN,
    CLASS_REDUCE,
    CLASS_GIVEN,
    CLASS_GENERAL,
    CLASS_FUSED,
    CLASS_CONST
};

enum { NODE_INPUTS = 5, NODE_ATTRIBUTES = 12 };

struct node {
    enum op op;
    graph_node input[NODE_INPUTS]; /* GRAPH_NONE beyond the arity */
    struct shape shape;
    int64_t attribute[NODE_ATTRIBUTES]; /* meaning: at the primitive's entry */
    double number;
};

struct graph_result {
    graph_node node;
    enum graph_slot slot;
    int64_t offset;
};

struct graph {
    struct arena *arena;
    basin_status status;
    struct node *nodes;
    int count, capacity;
    graph_node *table; /* hash table of nodes by content; GRAPH_NONE: free */
    int table_size;    /* a power of two */
    struct graph_result *results;
    int result_count;
    size_t result_capacity;
    int64_t delays; /* number of delays made so far */
};

/* A random valid use of a primitive, for the generated tests. */
struct sampler {
    struct random random;
    uint64_t next;
};

struct sample {
    struct shape input[NODE_INPUTS];
    struct node node;           /* op, attributes, number; shape where the primitive carries one */
    double low, high;           /* range of the inputs' elements */
    int64_t below[NODE_INPUTS]; /* input i holds integers 0 ... below[i] - 1 (indices); 0: any
                                   numbers */
    bool discrete;              /* inputs are small integers, so that ties and zeros occur */
};

int64_t sample_between(struct sampler *sampler, int64_t low, int64_t high); /* both included */
struct shape sample_shape(struct sampler *sampler, int least_rank, int most_rank);

/* How a kernel can be called on a part of its arrays: on elements first ... first + n - 1, or on
 * whole rows. */
enum tiling {
    TILING_NONE,
    TILING_POINTWISE,
    TILING_BROADCAST,
    TILING_ROW,   /* input 0 in whole rows; the other inputs are single rows, which every tile reads
                   whole */
    TILING_COLUMN /* input 0 in whole rows; input 1 has one element for each row */
};

struct operation {
    /* Checks inputs and attributes and sets node->shape. (A few primitives carry their shape: it is
     * given and checked.) */
    bool (*shape)(const struct graph *graph, struct node *node);
    graph_node (*partial)(struct graph *graph, graph_node node, int input);
    graph_node (*adjoint)(struct graph *graph, graph_node node, int input, graph_node seed);
    graph_node (*tangent)(struct graph *graph, graph_node node, int input, graph_node tangent);
    graph_node (*apply)(struct graph *graph, graph_node node, graph_node v);
    graph_node (*expand)(struct graph *graph, const graph_node *inputs);
    /* A cheaper node of equal value, or GRAPH_NONE; called before a node is made. */
    graph_node (*simplify)(struct graph *graph, const struct node *node);
    void (*lower)(const struct graph *graph, const struct node *node, struct kernel_task *task);
    struct kernel_set kernels;
    enum tiling tiling;
    /* Can it run step by step in a loop? If so, bit i of `sliced` says that a step reads only its
     * own rows of input i; the other inputs it reads whole. NULL: primitives with `tiling`
     * POINTWISE can, and slice all inputs; others cannot. */
    bool (*steps)(const struct graph *graph, const struct node *node, unsigned *sliced);
    void (*sample)(struct sampler *sampler, struct sample *sample);
};

extern const struct operation *const operations[OP_COUNT];
extern const char *const op_names[OP_COUNT];
extern const enum op_class op_classes[OP_COUNT];
extern const int op_arities[OP_COUNT];
extern const unsigned op_in_place[OP_COUNT];

#define OP(name, class, arity, in_place) extern const struct operation operation_##name;
#include "graph/ops.def"
#undef OP

static inline const struct node *node_at(const struct graph *graph, graph_node node)
{
    return &graph->nodes[node];
}

/* The one way to make a node: checks it, simplifies it, and returns an equal node if there is one
 * already (hash-consing: common subexpressions never come into being). */
graph_node node_make(struct graph *graph, struct node node);
/* A node of the same primitive and attributes with other inputs. */
graph_node node_apply(struct graph *graph, graph_node like, const graph_node *inputs);
graph_node node_make1(struct graph *graph, enum op op, graph_node a);
graph_node node_make2(struct graph *graph, enum op op, graph_node a, graph_node b);
/* Another primitive with the node's attributes, shape and other inputs, applied to `seed`. This is
 * the adjoint of pairs that undo each other's indexing; NODE_OPPOSITE(name, other) defines it as
 * adjoint_<name>. */
graph_node node_opposite(struct graph *graph, enum op op, graph_node node, graph_node seed);
#define NODE_OPPOSITE(name, other)                                                                 \
    static graph_node adjoint_##name(struct graph *graph, graph_node id, int input,                \
                                     graph_node seed)                                              \
    {                                                                                              \
        (void)input;                                                                               \
        return node_opposite(graph, OP_##other, id, seed);                                         \
    }
/* `simplify` of a primitive that is linear in its first input: f(0) = 0. */
graph_node node_simplify_linear(struct graph *graph, const struct node *node);

/* Adds a node without looking for an equal one: for delays. */
graph_node node_append(struct graph *graph, const struct node *node);
static inline bool node_is_delay(const struct node *node)
{
    return node->op == OP_shift && node->attribute[2];
}
/* An open delay of the same steps, in the same or the opposite direction. */
graph_node delay_copy(struct graph *graph, const struct node *delay); /* of another graph, open */
graph_node delay_like(struct graph *graph, graph_node delay, bool opposite);
/* The sum of two pads as one concatenation, or GRAPH_NONE (ops_structure.c). */
graph_node join_pads(struct graph *graph, graph_node a, graph_node b);
/* Marks, by node, what an output needs. `live` is all false before. */
void graph_mark_live(const struct graph *graph, bool *live);
bool node_is_constant(const struct graph *graph, graph_node node, double value);
graph_node graph_fail(struct graph *graph, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
graph_node graph_fail_memory(struct graph *graph);

/* Products of dimensions: before (outer), in (middle) and after (inner) the axes first ... first +
 * count - 1. */
void shape_split(const struct shape *shape, int first, int count, int64_t *outer, int64_t *middle,
                 int64_t *inner);
struct shape shape_without(struct shape shape, int first, int count);

#endif
