/* Graph: a static graph of array operations that is closed under differentiation.
 *
 * Purpose.  A model is built as nodes; graph_vjp and graph_jvp add nodes of the same set, so that derivatives of any
 * order are again graphs: gradient = vjp(loss), Hessian-vector product = jvp(vjp(loss)).
 * Every primitive is one line of ops.def with its derivative class, beside one entry of shape, rule and kernels in the
 * op table. Arrays are row-major, of rank 0 to GRAPH_RANK.
 *
 * Errors.  Builders return a node, or GRAPH_NONE after a failure (memory, shapes that do not fit: the latter a
 * programming error in the caller). A failure is sticky: later builders given GRAPH_NONE return GRAPH_NONE, and
 * graph_status() reports the first one; so a model is built without a check at every line.
 *
 * Equal nodes are one: building finds common subexpressions and does what is free (x + 0, 1 x, 0 x, constants).
 *
 * Ownership.  A graph and its nodes live in the arena given at creation. Not shared between threads while building.
 */
#ifndef BASIN_GRAPH_GRAPH_H
#define BASIN_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

enum { GRAPH_RANK = 6, GRAPH_NONE = -1 };

typedef int32_t graph_node;

struct shape {
    int rank;
    int64_t dim[GRAPH_RANK];
};

struct shape shape_scalar(void);
struct shape shape_vector(int64_t n);
struct shape shape_matrix(int64_t rows, int64_t columns);
int64_t shape_size(struct shape shape);
bool shape_equal(struct shape a, struct shape b);

/* Memory that a program reads from and writes to; bound before it runs. Elements have the program's precision. */
enum graph_slot {
    SLOT_PARAMETERS, /* (P) the flat parameter vector w */
    SLOT_BUFFERS,    /* (B) what is saved with the weights but is not trained */
    SLOT_INPUT,      /* (N, features) */
    SLOT_TARGET,     /* (N, outputs) */
    SLOT_TANGENT,    /* (P) the vector v of a Hessian-vector product */
    SLOT_LOSS,       /* out: (1) */
    SLOT_OUTPUT,     /* out: (N, outputs) the network's outputs (logits) */
    SLOT_GRADIENT,   /* out: (P) */
    SLOT_PRODUCT,    /* out: (P) H v */
    SLOT_EXTRA,      /* tests and measures */
    GRAPH_SLOTS
};

struct graph;

basin_status graph_create(struct arena *arena, struct graph **graph);
basin_status graph_status(const struct graph *graph);
int graph_size(const struct graph *graph); /* nodes so far */
struct shape graph_shape(const struct graph *graph, graph_node node);

/* Leaves. A leaf reads `shape` elements at element `offset` of a slot. */
graph_node graph_leaf(struct graph *graph, enum graph_slot slot, int64_t offset, struct shape shape);
graph_node graph_constant(struct graph *graph, double value, struct shape shape); /* all elements equal */
/* 0 with probability rate, else 1 / (1 - rate): Philox draws keyed by the program's seed, STREAM_DROPOUT, `ordinal` and
 * the program's step; element = position in the array (for a batch: example position * width + unit). CONST. */
graph_node graph_dropout_mask(struct graph *graph, double rate, int ordinal, struct shape shape);

/* Pointwise; a and b have equal shapes. */
graph_node graph_add(struct graph *graph, graph_node a, graph_node b);
graph_node graph_subtract(struct graph *graph, graph_node a, graph_node b);
graph_node graph_multiply(struct graph *graph, graph_node a, graph_node b);
graph_node graph_scale(struct graph *graph, graph_node a, double factor);
graph_node graph_exp(struct graph *graph, graph_node a);
graph_node graph_log(struct graph *graph, graph_node a);
graph_node graph_tanh(struct graph *graph, graph_node a);
graph_node graph_sigmoid(struct graph *graph, graph_node a);
graph_node graph_erf(struct graph *graph, graph_node a);
graph_node graph_relu(struct graph *graph, graph_node a);
graph_node graph_rsqrt(struct graph *graph, graph_node a);
graph_node graph_reciprocal(struct graph *graph, graph_node a);
graph_node graph_step(struct graph *graph, graph_node a);                /* 1 where a > 0, else 0. CONST */
graph_node graph_sign(struct graph *graph, graph_node a);                /* -1, 0, 1. CONST */
graph_node graph_equal(struct graph *graph, graph_node a, graph_node b); /* 1 or 0. CONST */

/* Structure. `axes` is a bit mask. */
graph_node graph_sum(struct graph *graph, graph_node a, unsigned axes); /* summed axes are removed */
/* The opposite of graph_sum: `shape` has the new axes `axes`, along which a is repeated. */
graph_node graph_broadcast(struct graph *graph, graph_node a, struct shape shape, unsigned axes);
graph_node graph_reshape(struct graph *graph, graph_node a, struct shape shape);
graph_node graph_transpose(struct graph *graph, graph_node a,
                           const int *permutation); /* out axis i = in axis permutation[i] */
graph_node graph_slice(struct graph *graph, graph_node a, int axis, int64_t start, int64_t length);
graph_node graph_pad(struct graph *graph, graph_node a, int axis, int64_t before, int64_t after); /* zeros */

/* op(a) op(b), op = transpose where the flag says so; rank 2. */
graph_node graph_matmul(struct graph *graph, graph_node a, graph_node b, bool transpose_a, bool transpose_b);

/* Over the last axis. */
graph_node graph_softmax(struct graph *graph, graph_node a);
graph_node graph_logsumexp(struct graph *graph, graph_node a); /* removes the last axis */
graph_node graph_max(struct graph *graph, graph_node a);       /* removes the last axis; ties: the first */

/* In both, the variables (`wrt`, `inputs`) are taken as independent of each other, even where one is computed from
 * another. */

/* Adjoints: out[i] = (d output / d wrt[i])' seed, GRAPH_NONE seed = 1 for a scalar output. An input without a path to
 * the output gets an exact zero constant. */
basin_status graph_vjp(struct graph *graph, graph_node output, graph_node seed, const graph_node *wrt, int count,
                       graph_node *out);
/* Tangents: out[j] = sum_i (d outputs[j] / d inputs[i]) tangents[i]; zero constants where there is no path. */
basin_status graph_jvp(struct graph *graph, const graph_node *outputs, int output_count, const graph_node *inputs,
                       const graph_node *tangents, int input_count, graph_node *out);

/* Declares that a node's value is written to element `offset` of an output slot. The memory of outputs may be written
 * at any time of a run and must overlap neither that of another output nor anything that the graph reads. */
basin_status graph_output(struct graph *graph, graph_node node, enum graph_slot slot, int64_t offset);

#endif
