/* Update: the arithmetic of one optimiser step on a part of the flat vector, in one pass over
 * memory.
 *
 * Every update takes the (possibly clipped: `scale`) gradient and applies decoupled weight decay in
 * the same pass: w <- (1 - rate decay) w - rate direction. Returned is the sum of squares of g
 * before clipping. Nothing here allocates or fails. */
#ifndef BASIN_TRAIN_UPDATE_H
#define BASIN_TRAIN_UPDATE_H

#include <stddef.h>
#include <stdint.h>
#include "graph/program.h"

/* Elements offset .. offset+count-1 of w, g and the optimiser's own vectors, all of `precision`. */
struct update {
    enum precision precision;
    size_t offset, count;
    void *w;
    const void *g;
    double rate, decay, scale;
};

/* direction = scale g */
double update_plain(const struct update *update);
/* m <- momentum m + scale g, direction = m: PyTorch's form, without dampening */
double update_momentum(const struct update *update, void *m, double momentum);
/* the same m, direction = scale g + momentum m */
double update_nesterov(const struct update *update, void *m, double momentum);
/* Adam's means m of g and v of g^2 with bias correction; `step` counts from 1 */
struct adam_numbers {
    double beta1, beta2, epsilon;
    int64_t step;
};
double update_adam(const struct update *update, void *m, void *v, const struct adam_numbers *adam);

/* g += l2 w + l1 sign(w): the gradient of l2/2 ||w||^2 + l1 ||w||_1. */
void update_regularize(enum precision precision, size_t offset, size_t count, const void *w,
                       void *g, double l1, double l2);

/* Sum of squares, partial sums in the precision over blocks, then float64. */
double update_square_norm(enum precision precision, const void *vector, size_t count);

#endif
