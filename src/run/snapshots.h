/* Snapshots: the weights of a run again and again while it is trained (`weights.every`), for
 * trajectories.
 *
 * Purpose.  Copies of the weights before the first step and after every N epochs, or N steps, as
 * the groups /weights/epoch_0000, /weights/epoch_0010, ... or /weights/step_000000, ..., each laid
 * out like /weights/final, with the attributes `epoch` and `step`.
 * Promises.  No number of a run depends on them. They are part of its checkpoints: a run that was
 * interrupted has the same ones, bit for bit. Nothing is taken of a step in which a run diverged.
 * Errors.  BASIN_MEMORY; BASIN_DATA where a checkpoint does not fit.
 * Ownership.  Everything lives in the arena given at creation, which holds all of them to the end.
 */
#ifndef BASIN_RUN_SNAPSHOTS_H
#define BASIN_RUN_SNAPSHOTS_H

#include "base/record.h"
#include "base/state.h"
#include "models/model.h"
#include "train/train.h"

struct snapshots;

/* Does a record hold those that are asked for? Needs only its groups. */
bool snapshots_are_in(const struct weights_settings *settings, const struct record *record);

/* NULL where none are asked for; every function below does nothing then. */
basin_status snapshots_create(struct arena *arena, const struct train_settings *settings,
                              const struct model *model, const struct train_plan *plan,
                              struct snapshots **snapshots);
/* After an epoch (0: before the first), and after a step; those that are there are not taken
 * again. */
basin_status snapshots_after_epoch(struct snapshots *snapshots, int64_t epoch, const void *w);
basin_status snapshots_after_step(struct snapshots *snapshots, int64_t step, const void *w);
/* `most`: epochs that have begun and steps that are taken, when it is read. */
basin_status snapshots_state(struct snapshots *snapshots, struct state *state, int64_t most_epoch,
                             int64_t most_step);
basin_status snapshots_record(const struct snapshots *snapshots, struct record *record);

#endif
