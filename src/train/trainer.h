/* Trainer: a training under way, for the files that make it: trainer.c (what it holds, how it is
 * made, what a checkpoint keeps), step.c, evaluation.c and loop.c. */
#ifndef BASIN_TRAIN_TRAINER_H
#define BASIN_TRAIN_TRAINER_H

#include "train/optimizer.h"
#include "train/quantities.h"
#include "train/train.h"

/* Its own vectors, beside the optimiser's. */
enum trainer_vector {
    TRAINER_WEIGHTS, /* (P + B) */
    TRAINER_BACKUP,  /* (P + B) weights at the start of the epoch, to which divergence goes back */
    TRAINER_INITIAL, /* (P + B) */
    TRAINER_BEST,    /* (P + B) where the validation loss was lowest; weights.best */
    TRAINER_ORDER,   /* (examples) of the epoch */
    TRAINER_VECTORS
};

struct trainer {
    const struct train_request *request;
    const struct train_settings *settings;
    struct train_result *result;
    struct train_plan plan;
    struct objective *steps, *parts; /* in train mode; in eval mode */
    struct vector_space space;
    void *vectors[TRAINER_VECTORS];
    struct optimizer *optimizer;
    int asked;    /* gradients that the step under way has taken */
    int64_t step; /* steps taken */
    double rate, norm, batch_loss;
    int64_t epoch, index, taken; /* the epoch under way, its next batch, and its steps so far, */
    double losses, norms;        /* with the sums over them; losses weighted by examples */
    int64_t over;                /* all epochs are, with all that follows them */
    double best_loss;
};

/* Takes all memory that a training needs, and sets it to the beginning. */
basin_status trainer_create(struct trainer *trainer, const struct train_request *request,
                            struct train_result *result);
void trainer_destroy(struct trainer *trainer);

void *trainer_weights(const struct trainer *trainer);
size_t trainer_state_bytes(const struct trainer *trainer); /* of a vector of (P + B) */
bool trainer_is_finite(const struct trainer *trainer);     /* are its weights? */
uint32_t *trainer_order(const struct trainer *trainer);
double trainer_weight_norm(const struct trainer *trainer);

/* One optimiser step on the next batch of the epoch. A loss or gradient that is not finite marks
 * the run as diverged. */
basin_status trainer_step(struct trainer *trainer);
/* Marks the run as diverged and goes back to finite weights. */
void trainer_diverge(struct trainer *trainer);

/* Losses and accuracies of all parts, in the result. */
basin_status trainer_evaluate_parts(struct trainer *trainer);
/* The same at the end of an epoch, with what follows: its place in the curves beside what `moment`
 * tells already, divergence, the best weights, an early end. */
basin_status trainer_evaluate_epoch(struct trainer *trainer, struct train_moment *moment);

#endif
