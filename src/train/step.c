/* One step: the gradient of its examples, and what the optimiser makes of it. */
#include <math.h>
#include <string.h>
#include "train/schedule.h"
#include "train/trainer.h"

static void report_work(const struct trainer *trainer, double flops)
{
    if (trainer->request->hooks.work)
        trainer->request->hooks.work(trainer->request->hooks.context, flops);
}

/* What the optimiser calls: the gradient of the step's examples at w. Running statistics learn from
 * the first of a step alone. */
static basin_status gradient_at(void *context, void *w, void *g, double *loss)
{
    struct trainer *trainer = context;
    const struct train_plan *plan = &trainer->plan;
    bool last = trainer->index == plan->batches - 1;
    struct objective_where where = {.part = DATA_TRAIN,
                                    .rows = trainer_order(trainer) + trainer->index * plan->batch,
                                    .count = (size_t)(last ? plan->last : plan->batch),
                                    .epoch = (uint32_t)trainer->epoch};
    double before = objective_spent(trainer->steps);
    TRY(objective_step(trainer->steps, &where, w, trainer->asked++ == 0, g, loss));
    report_work(trainer, objective_spent(trainer->steps) - before);
    return BASIN_OK;
}

static void log_step(struct trainer *trainer, double loss)
{
    int64_t every = trainer->settings->training.log_every;
    if (every == 0 || trainer->step % every != 0) return;
    struct curves *steps = &trainer->result->steps;
    curves_row(steps, trainer->step);
    train_fill_row(steps, &(struct train_moment){.batch_loss = loss,
                                                 .learning_rate = trainer->rate,
                                                 .gradient_norm = trainer->norm,
                                                 .weight_norm = trainer_weight_norm(trainer)});
}

void trainer_diverge(struct trainer *trainer)
{
    trainer->result->diverged = true;
    trainer->result->stopped_by = "divergence";
    if (!trainer_is_finite(trainer))
        memcpy(trainer_weights(trainer), trainer->vectors[TRAINER_BACKUP],
               trainer_state_bytes(trainer));
}

/* Of the examples of a full batch: 1, but for the last batch of an epoch. */
static double batch_share(const struct trainer *trainer)
{
    const struct train_plan *plan = &trainer->plan;
    return trainer->index == plan->batches - 1 ? (double)plan->last / (double)plan->batch : 1;
}

basin_status trainer_step(struct trainer *trainer)
{
    struct optimizer *optimizer = trainer->optimizer;
    const struct training_settings *training = &trainer->settings->training;
    trainer->asked = 0;
    trainer->rate = optimizer_rate(training->optimizer) *
                    schedule_factor(training->schedule, trainer->step, trainer->plan.steps);
    objective_random(trainer->steps, trainer->settings->seed_order, trainer->step);
    TRY(optimizer_step(optimizer, (struct gradient_source){gradient_at, trainer}, trainer->rate,
                       trainer_weights(trainer)));
    trainer->losses += batch_share(trainer) * optimizer->loss;
    if (!isfinite(optimizer->loss)) {
        trainer_diverge(trainer);
        return BASIN_OK;
    }
    trainer->norm = optimizer->norm;
    trainer->step++;
    log_step(trainer, optimizer->loss);
    if (!isfinite(optimizer->norm)) trainer_diverge(trainer);
    return BASIN_OK;
}
