/* Penalties: what regularises a step, apart from the network itself (dropout) and its loss (label
 * smoothing).
 *
 * The order of a step (optimizer.c): the gradient of the loss; + the gradients of l1 and l2
 * (penalties_add); scaled down where it is too long (penalties_scale); the optimiser's update,
 * which shrinks the weights by decoupled decay in the same pass (penalties_decay).
 */
#ifndef BASIN_TRAIN_PENALTIES_H
#define BASIN_TRAIN_PENALTIES_H

#include "models/model.h"
#include "train/settings.h"

struct penalties {
    double l1, l2;   /* l1 ||w||_1 + l2/2 ||w||^2 in the objective */
    double decay;    /* w <- w - rate decay w: Loshchilov and Hutter, ICLR 2019 */
    double clipping; /* largest norm of the gradient; 0: none */
    bool exempt;     /* biases and normalisation are neither penalised nor decayed */
};

struct penalties penalties_of(const struct train_settings *settings);

/* Adds the gradients of l1 and l2 at w to g; both (P). */
void penalties_add(const struct penalties *penalties, const struct model *model,
                   enum precision precision, const void *w, void *g);
/* The factor that brings the norm of g (size) down to `clipping`: Pascanu et al., ICML 2013. */
double penalties_scale(const struct penalties *penalties, enum precision precision, const void *g,
                       size_t size);
double penalties_decay(const struct penalties *penalties, const struct model_parameter *parameter);

#endif
