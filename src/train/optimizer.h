/* Optimizer: what turns a gradient into a step, as the `training.optimizer` block says.
 * Ownership: optimizer_create takes its state from the arena; nothing to destroy. */
#ifndef BASIN_TRAIN_OPTIMIZER_H
#define BASIN_TRAIN_OPTIMIZER_H

#include "base/state.h"
#include "models/model.h"
#include "train/update.h"

struct optimizer;

basin_status optimizer_create(struct arena *arena, const struct value *spec,
                              const struct model *model, struct optimizer **optimizer);
bool optimizer_full_batch(
    const struct value *spec);                   /* gd: every step sees the whole training set */
int optimizer_vectors(const struct value *spec); /* of (P) that its state has */
double optimizer_rate(const struct value *spec); /* learning_rate before its schedule */

basin_status optimizer_state(struct optimizer *optimizer, struct state *state);

/* One step at learning rate `rate`. `g` holds the mean gradient of the loss and is overwritten.
 * Returns the Euclidean norm of the regularised gradient before clipping. */
double optimizer_step(struct optimizer *optimizer, double rate, void *w, void *g);

#endif
