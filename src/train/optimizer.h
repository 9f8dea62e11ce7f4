/* Optimizer: what turns gradients into a step, as the block `training.optimizer` says.
 *
 * Purpose.  A kind of optimiser is one file: the rows of its settings, the rows of its vectors, and
 * its step (sgd.c, adam.c); a line in the registry of optimizer.c makes it known. Allocation,
 * checkpoints and estimates of memory and time follow from the kind.
 *
 * A step asks for as many gradients as it needs, at the weights that it chooses:
 *
 *     static basin_status sgd_step(struct optimizer *optimizer, struct gradient_source source,
 *                                  void *w)
 *     {
 *         return optimizer_descend(optimizer, source, w, sgd_update);
 *     }
 *
 * optimizer_descend is the step of one gradient, and the one place where its order can be read:
 * gradient, penalties, clipping, update. A step of several gradients hands it a source of its own,
 * which calls the given one (sharpness-aware minimisation: at w, then at w + rho g / ||g||).
 *
 * Between the calls of a step only w differs: dropout masks are those of the step, and running
 * statistics learn from the first call alone. A call is not interrupted midway. An example with two
 * gradients is in tests/unit/train_optimizer.c.
 *
 * Ownership.  An optimiser and its vectors live in the arena; nothing to destroy. */
#ifndef BASIN_TRAIN_OPTIMIZER_H
#define BASIN_TRAIN_OPTIMIZER_H

#include "models/motion.h"
#include "train/penalties.h"
#include "train/update.h"
#include "train/vectors.h"

/* Loss and mean gradient g (P) of the step's examples at w (P + B: a kind may change parameters in
 * place between two calls, and gives them back as they were). Where the loss is not finite, g means
 * nothing. */
struct gradient_source {
    basin_status (*at)(void *context, void *w, void *g, double *loss);
    void *context;
};

struct optimizer;

struct optimizer_kind {
    const struct vector_row *vectors; /* NULL: none */
    int gradients;                    /* that a step asks for */
    bool full_batch;                  /* a step sees the whole training set */
    /* Moves w by one step. Where the loss is not finite, w stays as it was. */
    basin_status (*step)(struct optimizer *optimizer, struct gradient_source source, void *w);
    /* Fills all of it but step and rate, which is zeroed; NULL: plain gradient descent. */
    void (*motion)(const struct optimizer *optimizer, struct motion *motion);
};

/* What the settings of every kind begin with. */
struct optimizer_settings {
    double learning_rate; /* before the schedule */
};
#define LEARNING_RATE_ROW(structure, default_text, source_text)                                    \
    {                                                                                              \
        .key = "learning_rate", SETTING(structure, common.learning_rate), .type = SCHEMA_FLOAT,    \
        .maximum = 1e6, .fallback = default_text, .flags = SCHEMA_OPEN_MINIMUM,                    \
        .doc = "Step size before the schedule.", .source = source_text,                            \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "lr", "eta", "step_size", "rate", NULL                                                 \
        }                                                                                          \
    }

struct optimizer {
    const struct optimizer_kind *kind;
    const void *settings; /* of the kind */
    const struct model *model;
    struct vector_space space;
    struct penalties penalties;
    void **vectors; /* in the order of kind->vectors */
    void *g;        /* (P) */
    double rate;    /* of the step under way */
    int64_t step;   /* under way, from 1 */
    double loss;    /* of the step, without penalties; at the weights it started from */
    double norm;    /* Euclidean, of the gradient with penalties, before clipping */
};

/* An entry whose implementation is an optimizer_kind, with its settings, which must outlive the
 * optimiser. */
basin_status optimizer_create(struct arena *arena, struct setting_variant type,
                              const struct penalties *penalties, const struct model *model,
                              const struct vector_space *space, struct optimizer **optimizer);
basin_status optimizer_state(struct optimizer *optimizer, struct state *state);

/* One step at learning rate `rate`; `loss` and `norm` then tell about it. A loss that is not finite
 * leaves w as it was. */
basin_status optimizer_step(struct optimizer *optimizer, struct gradient_source source, double rate,
                            void *w);

/* For kinds: one gradient and one update. `update` moves a part of w and returns what the functions
 * of update.h return. */
typedef double optimizer_update(const struct optimizer *optimizer, const struct update *update);
basin_status optimizer_descend(struct optimizer *optimizer, struct gradient_source source, void *w,
                               optimizer_update *update);

/* What an optimiser needs, without making one. */
/* Bytes of the vectors, with g. */
struct vector_bytes optimizer_bytes(struct setting_variant type, const struct vector_space *space);
double optimizer_rate(struct setting_variant type); /* learning_rate, before the schedule */
void optimizer_print(struct setting_variant type, struct text *out); /* its vectors, by name */

#endif
