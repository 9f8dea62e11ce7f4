/* Graph: a static graph of array operations that is closed under differentiation.
 *
 * Purpose.  A model is built as nodes. graph_vjp and graph_jvp add nodes of the same set, so that
 * derivatives of any order are again graphs: gradient = vjp(loss), Hessian-vector product =
 * jvp(vjp(loss)). Every primitive is one line of ops.def with its derivative class, and one entry
 * with shape, rule and kernels (node.h). Arrays are row-major, of rank 0 to GRAPH_RANK.
 *
 * Errors.  A builder returns a node, or GRAPH_NONE after a failure: shortage of memory, or shapes
 * that do not fit, which is a programming error of the caller. A failure is sticky: builders that
 * are given GRAPH_NONE return GRAPH_NONE, and graph_status() reports the first failure. So a model
 * is built without a check at every line.
 *
 * Equal nodes are one: building finds common subexpressions and simplifies what is free (x + 0, 1
 * x, 0 x, constants).
 *
 * Ownership.  A graph and its nodes live in the arena given at creation. A graph may not be shared
 * between threads while it is being built.
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

/* Memory that a program reads from and writes to; bound before it runs. Elements have the program's
 * precision. */
enum graph_slot {
    SLOT_PARAMETERS, /* (P) the flat parameter vector w */
    SLOT_BUFFERS,    /* (B) saved with the weights but not trained (running statistics) */
    SLOT_INPUT,      /* (N, features) */
    SLOT_TARGET,     /* (N, outputs) */
    SLOT_TANGENT,    /* (P) the vector v of a Hessian-vector product */
    SLOT_LOSS,       /* out: (1) */
    SLOT_OUTPUT,     /* out: (N, outputs) the network's outputs (logits) */
    SLOT_GRADIENT,   /* out: (P) */
    SLOT_PRODUCT,    /* out: (P) H v */
    SLOT_STATISTICS, /* out: (B) the batch's contribution to the buffers (means and variances) */
    SLOT_EXTRA,      /* tests and measures */
    GRAPH_SLOTS
};

struct graph;

basin_status graph_create(struct arena *arena, struct graph **graph);
basin_status graph_status(const struct graph *graph);
int graph_size(const struct graph *graph); /* nodes so far */
struct shape graph_shape(const struct graph *graph, graph_node node);

/* Leaves. A leaf reads `shape` elements at element `offset` of a slot. */
graph_node graph_leaf(struct graph *graph, enum graph_slot slot, int64_t offset,
                      struct shape shape);
graph_node graph_constant(struct graph *graph, double value,
                          struct shape shape); /* all elements equal */
/* 0 with probability rate, else 1 / (1 - rate): Philox draws keyed by the program's seed,
 * STREAM_DROPOUT, `ordinal` and the program's step; element = position in the array (for a batch:
 * example position * width + unit). CONST. */
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
graph_node graph_step(struct graph *graph, graph_node a); /* 1 where a > 0, else 0. CONST */
graph_node graph_sign(struct graph *graph, graph_node a); /* -1, 0, 1. CONST */
graph_node graph_equal(struct graph *graph, graph_node a, graph_node b); /* 1 or 0. CONST */

/* Structure. `axes` is a bit mask. */
graph_node graph_sum(struct graph *graph, graph_node a,
                     unsigned axes); /* summed axes are removed */
/* The adjoint of graph_sum: a is repeated along `axes`, which are the new axes of `shape`. */
graph_node graph_broadcast(struct graph *graph, graph_node a, struct shape shape, unsigned axes);
graph_node graph_reshape(struct graph *graph, graph_node a, struct shape shape);
graph_node graph_transpose(struct graph *graph, graph_node a,
                           const int *permutation); /* out axis i = in axis permutation[i] */
graph_node graph_slice(struct graph *graph, graph_node a, int axis, int64_t start, int64_t length);
graph_node graph_pad(struct graph *graph, graph_node a, int axis, int64_t before,
                     int64_t after); /* zeros */

/* Images and signals: (N, H, W, C); a signal of length L is (N, 1, L, C). A window slides over H
 * and W. `padding` is added on both sides: zeros for convolution and averages, never chosen by a
 * maximum. */
struct window {
    int64_t kernel[2], stride[2], padding[2], dilation[2], groups; /* groups: of convolution only */
};

/* x (N, H, W, C), w (KH, KW, C / groups, O) -> (N, OH, OW, O): cross-correlation, which the field
 * calls convolution. OH = (H + 2 padding - dilation (KH - 1) - 1) / stride + 1, rounded down.
 * window->kernel is taken from w. */
graph_node graph_convolution(struct graph *graph, graph_node x, graph_node w,
                             const struct window *window);
graph_node graph_max_pool(struct graph *graph, graph_node x,
                          const struct window *window); /* ties: the first */
graph_node graph_average_pool(struct graph *graph, graph_node x,
                              const struct window *window); /* padding counts as elements */

/* (..., C) -> (2, C): mean and biased variance of every channel over all other axes. */
graph_node graph_moments(struct graph *graph, graph_node x);
/* (x - mean) / sqrt(variance + epsilon) over the last axis, biased variance. */
graph_node graph_normalise(struct graph *graph, graph_node x, double epsilon);

/* Indices are integers, stored in arrays of the program's precision; their derivative is zero. */
graph_node graph_gather_rows(struct graph *graph, graph_node table,
                             graph_node ids); /* (V, D), (R) -> (R, D) */
graph_node graph_pick(struct graph *graph, graph_node a,
                      graph_node ids); /* (R, C), (R) -> (R): a[r, ids[r]] */

/* Attention. Batched products of rank 3: (B, m, k) and (B, k, n); the flags transpose the last two
 * axes. Causal attention needs a part only: of the result, entries j <= i (the others are 0), or of
 * the left factor, the same entries. */
enum triangle { TRIANGLE_NONE, TRIANGLE_RESULT, TRIANGLE_LEFT };
graph_node graph_batch_matmul(struct graph *graph, graph_node a, graph_node b, bool transpose_a,
                              bool transpose_b, enum triangle triangle);
graph_node graph_causal_softmax(struct graph *graph,
                                graph_node a); /* (..., T, T): softmax of row i over its first i + 1
                                                  entries; the others are 0 */
/* Rotary positions (Su et al., arXiv:2104.09864): (..., T, D), D even; the pairs (j, j + D/2) are
 * rotated by the angle t base^(-2j/D). */
graph_node graph_rotary(struct graph *graph, graph_node a, double base);
graph_node graph_sinusoid(struct graph *graph, int64_t steps,
                          int64_t width); /* (T, D): Vaswani et al. 2017, 3.5. CONST */

/* Recurrence. Time is the leading axis: rows t N ... t N + N - 1 of a (T N, ...) array are step t.
 * graph_shift: step t of the result is step t - 1 of a (t + 1 where `backward`), and zeros where
 * there is no such step. LINEAR. graph_delay makes a shift whose input does not exist yet;
 * graph_delay_close gives it one that was built from it. This closes a loop, which a program runs
 * step by step and which is differentiated like anything else. Only primitives that treat each step
 * by itself may stand in a loop. */
graph_node graph_shift(struct graph *graph, graph_node a, int64_t steps, bool backward);
graph_node graph_delay(struct graph *graph, struct shape shape, int64_t steps, bool backward);
void graph_delay_close(struct graph *graph, graph_node delay, graph_node input);

graph_node graph_concatenate(struct graph *graph, graph_node a, graph_node b, int axis);

/* op(a) op(b), where op transposes if the flag says so; rank 2. */
graph_node graph_matmul(struct graph *graph, graph_node a, graph_node b, bool transpose_a,
                        bool transpose_b);

/* Over the last axis. */
graph_node graph_softmax(struct graph *graph, graph_node a);
graph_node graph_logsumexp(struct graph *graph, graph_node a); /* removes the last axis */
graph_node graph_max(struct graph *graph,
                     graph_node a); /* removes the last axis; ties: the first */

/* Both take the variables (`wrt`, `inputs`) as independent of each other, even where one is
 * computed from another. */

/* Adjoints: out[i] = (d output / d wrt[i])' seed; GRAPH_NONE as seed is 1, for a scalar output. A
 * variable without a path to the output gets an exact zero constant. */
basin_status graph_vjp(struct graph *graph, graph_node output, graph_node seed,
                       const graph_node *wrt, int count, graph_node *out);
/* Tangents: out[j] = sum_i (d outputs[j] / d inputs[i]) tangents[i]; an exact zero constant where
 * there is no path. */
basin_status graph_jvp(struct graph *graph, const graph_node *outputs, int output_count,
                       const graph_node *inputs, const graph_node *tangents, int input_count,
                       graph_node *out);

/* Declares that a node's value is written to element `offset` of an output slot. Outputs may be
 * written at any time during a run; their memory may overlap neither that of another output nor
 * anything that the graph reads. */
basin_status graph_output(struct graph *graph, graph_node node, enum graph_slot slot,
                          int64_t offset);

#endif
