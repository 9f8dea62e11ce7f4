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

/* Loss and gradient g of `count` examples at w. Running statistics learn from the first gradient of
 * a step alone. */
static basin_status piece(struct trainer *trainer, const uint32_t *rows, int64_t count,
                          int64_t index, void *w, void *g, double *loss)
{
    struct network *network;
    TRY(network_pool_get(trainer->gradients, count, &network));
    network_bind(network, SLOT_PARAMETERS, w);
    network_bind(network, SLOT_GRADIENT, g);
    network_random(network, trainer->seed, (uint32_t)(trainer->step * trainer->pieces + index));
    network_load(network, DATA_TRAIN, rows);
    network_run(network, PROGRAM_ALL);
    report_work(trainer, network_flops(network, PROGRAM_ALL));
    *loss = network_loss(network);
    if (isfinite(*loss) && trainer->asked == 0) network_fold(network, w);
    return BASIN_OK;
}

/* The gradient of the whole training set: pieces in a fixed order, summed in float64. */
static basin_status full_gradient(struct trainer *trainer, void *w, void *g, double *loss)
{
    int64_t examples = trainer->plan.last;
    double *sum = trainer->vectors[TRAINER_SUM];
    if (trainer->plan.batch == examples)
        return piece(trainer, trainer_order(trainer), examples, 0, w, g, loss);
    memset(sum, 0, trainer->size * sizeof *sum);
    *loss = 0;
    for (int64_t first = 0; first < examples; first += trainer->plan.batch) {
        int64_t count =
            examples - first < trainer->plan.batch ? examples - first : trainer->plan.batch;
        double share = (double)count / (double)examples, part;
        TRY(piece(trainer, trainer_order(trainer) + first, count, first / trainer->plan.batch, w, g,
                  &part));
        *loss += share * part;
        for (size_t i = 0; i < trainer->size; i++)
            sum[i] += share * (trainer->precision == PRECISION_FLOAT32 ? (double)((float *)g)[i]
                                                                       : ((double *)g)[i]);
    }
    vector_from_double(trainer->precision, sum, g, trainer->size);
    return BASIN_OK;
}

/* What the optimiser calls: the gradient of the step's examples at w. */
static basin_status gradient_at(void *context, void *w, void *g, double *loss)
{
    struct trainer *trainer = context;
    const struct train_plan *plan = &trainer->plan;
    int64_t index = trainer->index, count = index == plan->batches - 1 ? plan->last : plan->batch;
    basin_status status =
        plan->full_batch
            ? full_gradient(trainer, w, g, loss)
            : piece(trainer, trainer_order(trainer) + index * plan->batch, count, 0, w, g, loss);
    trainer->asked++;
    return status;
}

static void log_step(struct trainer *trainer, double loss)
{
    if (trainer->log_every == 0 || trainer->step % trainer->log_every != 0) return;
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
    if (!vector_finite(trainer->precision, trainer_weights(trainer), trainer->size))
        memcpy(trainer_weights(trainer), trainer->vectors[TRAINER_BACKUP], trainer->state_bytes);
}

/* One optimiser step on the next batch of the epoch. A loss or gradient that is not finite marks
 * the run diverged. */
basin_status trainer_step(struct trainer *trainer)
{
    struct optimizer *optimizer = trainer->optimizer;
    trainer->asked = 0;
    trainer->rate = trainer->learning_rate *
                    schedule_factor(trainer->schedule, trainer->step, trainer->plan.steps);
    TRY(optimizer_step(optimizer, (struct gradient_source){gradient_at, trainer}, trainer->rate,
                       trainer_weights(trainer)));
    trainer->losses += optimizer->loss;
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
