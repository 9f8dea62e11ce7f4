/* Train: the loop, its optimisers, schedules and regularisers, on the flat parameter vector.
 *
 * Purpose.  From a model, data and settings (train/settings.h) to trained weights and curves.
 * Promise.  The weights depend on spec, seed, data and build only. Randomness: STREAM_SHUFFLE
 * (major = epoch), STREAM_DROPOUT (major = layer ordinal, minor = step). No allocation between the
 * first and the last step.
 * Ownership.  The result lives in the arena of the request.
 */
#ifndef BASIN_TRAIN_TRAIN_H
#define BASIN_TRAIN_TRAIN_H

#include <stdatomic.h>
#include "base/state.h"
#include "models/motion.h"
#include "models/objective.h"
#include "train/curves.h"
#include "train/settings.h"
#include "train/vectors.h"

/* What the loop will do, in numbers that follow from spec and data alone. */
struct train_plan {
    int64_t
        batch; /* examples of a full step; of one piece of the gradient for full-batch descent */
    int64_t gradients;     /* a step */
    int64_t batches;       /* steps an epoch */
    int64_t last;          /* examples of an epoch's last step */
    int64_t steps, epochs; /* in all; the last epoch may be a part of one */
    int64_t evaluations;   /* passes over the whole data */
    bool full_batch;
};

struct train_plan train_plan(const struct train_settings *settings, const struct data_info *info);
/* How many snapshots of the weights a training takes that goes on to its end; 0 where none are
 * asked for, and at most TRAIN_SNAPSHOTS_MOST. */
enum { TRAIN_SNAPSHOTS_MOST = 4000 };
int64_t train_snapshots(const struct weights_settings *settings, const struct train_plan *plan);
/* Steps of an epoch: the same number, where the other settings are not known yet. */
int64_t train_epoch_steps(const struct entry *optimizer, int64_t batch_size, bool drop_last,
                          int64_t examples);

/* Refuses combinations that a table cannot express: BASIN_SPEC with the key concerned. */
basin_status train_check(const struct train_settings *settings, const struct data_info *info);

struct trainer; /* a training under way */
enum { TRAIN_END = -1 };

struct train_hooks {
    void *context;
    /* Called before each call of `epoch`, and once more when all is trained (`over`), with what is
     * gone when train_run returns; may be NULL. */
    basin_status (*motion)(void *context, const struct motion *motion, bool over);
    /* Called before the first epoch (epoch 0) and after each; w in the run's precision. May fail,
     * which ends the training. */
    basin_status (*epoch)(void *context, int64_t epoch, const void *w);
    /* Likewise after every step but one in which the run diverged; may be NULL. */
    basin_status (*step)(void *context, int64_t step, const void *w);
    void (*work)(void *context, double flops); /* so much more is done */
    /* Checkpoints; both NULL where there are none. `due` is asked after every step (epoch 0), after
     * every epoch, and with TRAIN_END when all is trained; where it says so, and where the training
     * is interrupted, `save` takes one by train_state. */
    bool (*due)(void *context, int64_t epoch);
    basin_status (*save)(void *context, struct trainer *trainer);
    void (*resumed)(void *context); /* the request's `resume` has been read; may be NULL */
};

/* Everything that a training is between two steps, to or from a checkpoint. From one it goes on to
 * the same bits. */
basin_status train_state(struct trainer *trainer, struct state *state);
void train_position(const struct trainer *trainer, int64_t *epoch,
                    int64_t *step); /* epochs that are over, steps taken */

struct train_request {
    const struct train_settings *settings;
    const struct model *model;
    const struct data *data;
    const _Atomic bool *stop; /* polled every step; true: BASIN_INTERRUPTED */
    struct train_hooks hooks;
    struct state *resume; /* where to go on, read once; NULL: from the beginning */
    struct arena *arena;
};

struct train_result {
    void *w, *initial, *best; /* (P + B: parameters, then buffers) of the run's precision; best is
                                 NULL unless asked for */
    struct curves epochs;     /* a row an epoch */
    struct curves steps;      /* a row every log_every steps */
    bool diverged; /* a loss or gradient was not finite; w holds the last finite weights */
    int64_t steps_done, epochs_done;
    const char *stopped_by;              /* "epochs", "steps", "train_loss_below", "divergence" */
    int64_t best_epoch;                  /* 0 where there is none */
    struct evaluation final[DATA_PARTS]; /* of w over the whole parts */
};

basin_status train_run(const struct train_request *request, struct train_result *result);

/* The network as training (MODE_TRAIN) or its evaluation (other modes) sees it: with label
 * smoothing only in training. */
struct objective_request train_objective(const struct train_settings *settings,
                                         const struct model *model, const struct data *data,
                                         enum model_mode mode);

/* Memory of train_run: what stays in the arena of the request, and what is released at its end; of
 * what is kept, the curves and what a checkpoint holds. */
struct train_memory {
    size_t kept, released, curves, saved;
};
basin_status train_memory(const struct train_settings *settings, const struct model *model,
                          const struct data *data, struct train_memory *memory);

/* Initial weights of a run (P + B), rounded to its precision. */
basin_status train_initial(const struct train_settings *settings, const struct model *model,
                           void *w);

#endif
