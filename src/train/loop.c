/* The loop: epochs of steps, what follows each, and checkpoints between them. */
#include "train/restored.h"

#include <math.h>
#include <string.h>
#include "base/random.h"
#include "train/schedule.h"

static bool stopped(const struct trainer *trainer)
{
    return trainer->request->stop && *trainer->request->stop;
}

static basin_status train_save(struct trainer *trainer)
{
    const struct train_hooks *hooks = &trainer->request->hooks;
    return hooks->save ? hooks->save(hooks->context, trainer) : BASIN_OK;
}

/* `epoch`: the one that has just ended, 0 within one. */
static basin_status save_if_due(struct trainer *trainer, int64_t epoch)
{
    const struct train_hooks *hooks = &trainer->request->hooks;
    return hooks->due && hooks->due(hooks->context, epoch) ? train_save(trainer) : BASIN_OK;
}

static basin_status tell_motion(struct trainer *trainer, bool over)
{
    const struct train_hooks *hooks = &trainer->request->hooks;
    const struct training_settings *training = &trainer->settings->training;
    const struct optimizer *optimizer = trainer->optimizer;
    struct motion motion = {.step = trainer->step};
    if (!hooks->motion) return BASIN_OK;
    motion.rate = optimizer_rate(training->optimizer) *
                  schedule_factor(training->schedule, motion.step > 0 ? motion.step - 1 : 0,
                                  trainer->plan.steps);
    if (optimizer->kind->motion) optimizer->kind->motion(optimizer, &motion);
    return hooks->motion(hooks->context, &motion, over);
}

static basin_status tell_epoch(struct trainer *trainer, int64_t epoch)
{
    const struct train_hooks *hooks = &trainer->request->hooks;
    TRY(tell_motion(trainer, false));
    return hooks->epoch ? hooks->epoch(hooks->context, epoch, trainer_weights(trainer)) : BASIN_OK;
}

static basin_status tell_step(struct trainer *trainer)
{
    const struct train_hooks *hooks = &trainer->request->hooks;
    return hooks->step ? hooks->step(hooks->context, trainer->step, trainer_weights(trainer))
                       : BASIN_OK;
}

/* The order of the epoch's examples, and, at its beginning, what is counted in it. */
static void start_epoch(struct trainer *trainer)
{
    size_t examples = data_describe(trainer->request->data)->counts[DATA_TRAIN];
    if (trainer->settings->training.shuffle && !trainer->plan.full_batch) {
        struct random random =
            random_make(trainer->settings->seed_order, STREAM_SHUFFLE, (uint32_t)trainer->epoch, 0);
        random_permutation(&random, trainer_order(trainer), examples);
    }
    if (trainer->index > 0) return;
    if (trainer_is_finite(trainer)) /* not where the last step of an epoch overflowed */
        memcpy(trainer->vectors[TRAINER_BACKUP], trainer_weights(trainer),
               trainer_state_bytes(trainer));
    trainer->losses = trainer->norms = 0;
    trainer->taken = 0;
}

/* The examples of the epoch's steps so far, in full batches: what their losses were weighted by. */
static double taken_share(const struct trainer *trainer)
{
    const struct train_plan *plan = &trainer->plan;
    double last = (double)plan->last / (double)plan->batch;
    return (double)trainer->taken - (trainer->taken == plan->batches ? 1 - last : 0);
}

/* The steps of the epoch under way that are left. */
static basin_status epoch_steps(struct trainer *trainer)
{
    start_epoch(trainer);
    while (trainer->index < trainer->plan.batches && trainer->step < trainer->plan.steps &&
           !trainer->result->diverged) {
        if (stopped(trainer)) return error_raise(BASIN_INTERRUPTED, "interrupted");
        TRY(trainer_step(trainer));
        trainer->index++;
        trainer->taken++;
        if (trainer->result->diverged) break;
        trainer->norms += trainer->norm;
        TRY(tell_step(trainer));
        TRY(save_if_due(trainer, 0));
    }
    trainer->batch_loss = trainer->losses / taken_share(trainer);
    trainer->norm = trainer->norms / (double)trainer->taken;
    return BASIN_OK;
}

static struct train_moment epoch_moment(const struct trainer *trainer)
{
    return (struct train_moment){.batch_loss = trainer->batch_loss,
                                 .learning_rate = trainer->rate,
                                 .gradient_norm = trainer->norm,
                                 .weight_norm = trainer_weight_norm(trainer)};
}

/* One epoch, or what is left of it, with its row, evaluation and hook; sets *done when training is
 * over. All that comes after its steps may be done twice, with the same end: an interruption there
 * goes on from the last step. */
static basin_status train_epoch(struct trainer *trainer, bool *done)
{
    struct train_result *result = trainer->result;
    int64_t epoch = trainer->epoch, every = trainer->settings->evaluate.every;
    TRY(epoch_steps(trainer));
    struct train_moment moment = epoch_moment(trainer);
    curves_row(&result->epochs, epoch);
    train_fill_row(&result->epochs, &moment);
    bool last = trainer->step >= trainer->plan.steps;
    if (!result->diverged && (epoch % every == 0 || last))
        TRY(trainer_evaluate_epoch(trainer, &moment));
    if (last && !result->stopped_by)
        result->stopped_by = trainer->settings->training.steps > 0 ? "steps" : "epochs";
    *done = result->stopped_by != NULL;
    if (!result->diverged) TRY(tell_epoch(trainer, epoch));
    result->epochs_done = epoch;
    trainer->epoch++;
    trainer->index = 0;
    trainer->over = *done;
    return *done ? BASIN_OK : save_if_due(trainer, epoch);
}

static basin_status epochs(struct trainer *trainer)
{
    if (trainer->request->resume) {
        const struct train_hooks *hooks = &trainer->request->hooks;
        TRY(train_state(trainer, trainer->request->resume));
        TRY(restored_check(trainer));
        if (hooks->resumed) hooks->resumed(hooks->context);
    } else {
        trainer->epoch = 1;
        TRY(tell_epoch(trainer, 0));
    }
    for (bool done = trainer->over; !done;) TRY(train_epoch(trainer, &done));
    TRY(save_if_due(trainer, TRAIN_END));
    return tell_motion(trainer, true);
}

static basin_status loop(struct trainer *trainer)
{
    basin_status status = epochs(trainer);
    if (status == BASIN_INTERRUPTED && trainer->step > 0) {
        basin_error why = *basin_error_last();
        TRY(train_save(trainer));
        return error_restore(&why);
    }
    TRY(status);
    trainer->result->steps_done = trainer->step;
    return trainer->result->diverged ? trainer_evaluate_parts(trainer) : BASIN_OK;
}

basin_status train_run(const struct train_request *request, struct train_result *result)
{
    struct trainer trainer;
    basin_status status = trainer_create(&trainer, request, result);
    if (status == BASIN_OK) status = loop(&trainer);
    trainer_destroy(&trainer);
    return status;
}
