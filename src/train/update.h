/* Update: the arithmetic of one optimiser step on a piece of the flat vector, in one pass over
 * memory.
 *
 * Every rule takes the (possibly clipped: `gradient_scale`) gradient and applies decoupled weight
 * decay in the same pass: w <- (1 - rate decay) w - rate direction. Momentum follows PyTorch: m <-
 * momentum m + g, no dampening. Nothing here allocates or fails. */
#ifndef BASIN_TRAIN_UPDATE_H
#define BASIN_TRAIN_UPDATE_H

#include <stddef.h>
#include <stdint.h>
#include "graph/program.h"

enum update_rule { UPDATE_PLAIN, UPDATE_MOMENTUM, UPDATE_NESTEROV, UPDATE_ADAM };

struct update {
    enum update_rule rule;
    double rate, decay, gradient_scale;
    double momentum; /* or Adam's beta1 */
    double beta2, epsilon;
    int64_t step; /* from 1: Adam's bias correction */
};

/* Elements offset .. offset+count-1 of w, g, m, v (m, v may be NULL where the rule has no such
 * state). Returns the sum of squares of g before clipping. */
double update_apply(const struct update *update, enum precision precision, size_t offset,
                    size_t count, void *w, void *g, void *m, void *v);

/* g += l2 w + l1 sign(w): the gradient of l2/2 ||w||^2 + l1 ||w||_1. */
void update_regularize(enum precision precision, size_t offset, size_t count, const void *w,
                       void *g, double l1, double l2);

/* Sum of squares, partial sums in the precision over blocks, then float64. */
double update_square_norm(enum precision precision, const void *vector, size_t count);

#endif
