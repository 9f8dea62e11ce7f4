/* What is known at the end of an epoch: losses and accuracies of whole parts, and what follows. */
#include <math.h>
#include <string.h>
#include "train/trainer.h"

basin_status trainer_evaluate_parts(struct trainer *trainer)
{
    const struct data_info *info = data_describe(trainer->request->data);
    for (int part = 0; part < DATA_PARTS; part++) {
        struct objective_where where = objective_first((enum data_part)part, info->counts[part]);
        TRY(objective_loss(trainer->parts, &where, trainer_weights(trainer),
                           &trainer->result->final[part]));
    }
    return BASIN_OK;
}

static void keep_best(struct trainer *trainer)
{
    double loss = trainer->result->final[DATA_VALIDATION].loss;
    if (!trainer->result->best || !(loss < trainer->best_loss)) return;
    trainer->best_loss = loss;
    trainer->result->best_epoch = trainer->epoch;
    memcpy(trainer->result->best, trainer_weights(trainer), trainer_state_bytes(trainer));
}

/* Never where there is no such bound, which is NaN. */
static bool is_low_enough(const struct trainer *trainer)
{
    return trainer->result->final[DATA_TRAIN].loss <
           trainer->settings->training.stop.train_loss_below;
}

basin_status trainer_evaluate_epoch(struct trainer *trainer, struct train_moment *moment)
{
    struct train_result *result = trainer->result;
    TRY(trainer_evaluate_parts(trainer));
    moment->parts = result->final;
    train_fill_row(&result->epochs, moment);
    if (!isfinite(result->final[DATA_TRAIN].loss)) trainer_diverge(trainer);
    keep_best(trainer);
    if (!result->diverged && is_low_enough(trainer)) result->stopped_by = "train_loss_below";
    return BASIN_OK;
}
