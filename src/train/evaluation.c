/* What is known at the end of an epoch: losses and accuracies of whole parts, and what follows. */
#include <math.h>
#include <string.h>
#include "train/trainer.h"

basin_status trainer_evaluate_parts(struct trainer *trainer)
{
    const struct data_info *info = data_describe(trainer->request->data);
    for (int part = 0; part < DATA_PARTS; part++)
        TRY(network_evaluate(trainer->outputs, trainer_weights(trainer), (enum data_part)part,
                             info->counts[part], &trainer->result->final[part], NULL));
    return BASIN_OK;
}

static void record_evaluations(struct trainer *trainer)
{
    static const enum curve_column losses[] = {CURVE_train_loss, CURVE_validation_loss,
                                               CURVE_test_loss};
    static const enum curve_column perplexities[] = {
        CURVE_train_perplexity, CURVE_validation_perplexity, CURVE_test_perplexity};
    static const enum curve_column bits[] = {CURVE_train_bits_per_character,
                                             CURVE_validation_bits_per_character,
                                             CURVE_test_bits_per_character};
    static const enum curve_column accuracies[] = {CURVE_train_accuracy, CURVE_validation_accuracy,
                                                   CURVE_test_accuracy};
    for (int part = 0; part < DATA_PARTS; part++) {
        const struct evaluation *found = &trainer->result->final[part];
        curves_set(&trainer->result->epochs, losses[part], found->loss);
        curves_set(&trainer->result->epochs, accuracies[part], found->accuracy);
        curves_set(&trainer->result->epochs, perplexities[part], exp(found->loss));
        curves_set(&trainer->result->epochs, bits[part], found->loss / M_LN2);
    }
}

static void keep_best(struct trainer *trainer)
{
    double loss = trainer->result->final[DATA_VALIDATION].loss;
    if (!trainer->result->best || !(loss < trainer->best_loss)) return;
    trainer->best_loss = loss;
    trainer->result->best_epoch = trainer->epoch;
    memcpy(trainer->result->best, trainer_weights(trainer), trainer->state_bytes);
}

static bool is_low_enough(const struct trainer *trainer)
{
    return value_has(trainer->spec, "training.stop.train_loss_below") &&
           trainer->result->final[DATA_TRAIN].loss <
               value_number(trainer->spec, "training.stop.train_loss_below");
}

basin_status trainer_evaluate_epoch(struct trainer *trainer)
{
    struct train_result *result = trainer->result;
    TRY(trainer_evaluate_parts(trainer));
    record_evaluations(trainer);
    if (!isfinite(result->final[DATA_TRAIN].loss)) trainer_diverge(trainer);
    keep_best(trainer);
    if (!result->diverged && is_low_enough(trainer)) result->stopped_by = "train_loss_below";
    return BASIN_OK;
}
