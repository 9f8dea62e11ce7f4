/* Objective: a network as a function of its weights, and of its inputs.
 *
 * Purpose.  Training, evaluation and every measure ask a network for its loss, outputs, gradients
 * or curvature over some examples. The objective owns all that stands between the question and a
 * program: batches, programs of each kind and size, precision, mode, the stop flag, and the count
 * of FLOPs. Whoever needs another mode or loss makes another objective: making one is cheap, for
 * programs are compiled when they are first wanted (and shared, graph/cache.h).
 *
 * The function.  L(w) = mean over the given examples of the loss of each (of a language model: of
 * each position). cross_entropy: -sum t_j log softmax(f)_j, natural logarithm; mse: 0.5 ||f - y||^2
 * summed over outputs, mean over examples. No regulariser; label smoothing only as the request
 * says, dropout in MODE_TRAIN only. With batch statistics (MODE_TRAIN, MODE_BATCH) the function
 * depends on how examples are divided into batches: objective_batch.
 *
 * Precision.  Weights w, and the gradient of a training step, are of the precision of the request;
 * everything else is float64. Sums over batches are in float64. The same question gives the same
 * bits, whatever was asked in between and however much memory there is.
 *
 * Calling sequence.
 *     objective_create(&request, &objective);
 *     struct objective_where where = objective_first(DATA_TRAIN, 2000);
 *     objective_loss(objective, &where, w, &evaluation);
 *     objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv);
 *     objective_destroy(objective);
 *
 * Ownership.  objective_create hands over; what is given to a call stays the caller's. Not shared
 * between threads. Errors.  BASIN_MEMORY; BASIN_INTERRUPTED when the stop flag turns true, which is
 * looked at before every batch and every vector; BASIN_INTERNAL where a loss is asked for of given
 * examples without targets.
 */
#ifndef BASIN_MODELS_OBJECTIVE_H
#define BASIN_MODELS_OBJECTIVE_H

#include <stdatomic.h>
#include <stdint.h>
#include "models/model.h"
#include "models/score.h"
#include "models/vector.h"

#define OBJECTIVE_KEEP_ALL SIZE_MAX /* as much as there is use for; for objective_flops only */

struct objective_request {
    const struct model *model;
    const struct data *data;
    enum loss loss;
    enum precision precision;
    enum model_mode mode;
    double label_smoothing;
    size_t batch; /* examples of a batch at the most; 0: as suits the network (objective_batch) */
    size_t keep;  /* bytes that products may use beyond what they need, to save time */
    const _Atomic bool *stop; /* NULL: nothing stops it */
};

/* What is asked for, and what costs are counted by. */
enum objective_call {
    OBJECTIVE_LOSS,
    OBJECTIVE_OUTPUTS,
    OBJECTIVE_ACTIVATIONS,
    OBJECTIVE_STATISTICS,
    OBJECTIVE_STEP, /* a gradient of training */
    OBJECTIVE_GRADIENT,
    OBJECTIVE_INPUT_GRADIENT,
    OBJECTIVE_EXAMPLE_GRADIENTS,
    OBJECTIVE_HESSIAN, /* from here on: products with a matrix */
    OBJECTIVE_GAUSS_NEWTON,
    OBJECTIVE_FISHER,
    OBJECTIVE_EMPIRICAL_FISHER,
    OBJECTIVE_CALLS
};

struct objective;

basin_status objective_create(const struct objective_request *request,
                              struct objective **objective);
void objective_destroy(struct objective *objective); /* NULL is allowed */

/* Examples of a full batch of a call. A measure states it where its numbers depend on it. */
size_t objective_batch(const struct objective_request *request, enum objective_call call);

/* Which examples: rows[0 ... count - 1] of a part, positions in the part's fixed order; rows NULL:
 * the first `count`. epoch, from 1: as that epoch of a training sees them, drawn anew by
 * augmentation; 0: as they are. Or `count` examples that are given: x (count, features) as the
 * network sees them, and their targets y (count, outputs), one-hot, soft or numbers (of a text
 * both are tokens, (count, context)); y may be NULL where nothing depends on it: for outputs,
 * activations, and products with the Gauss-Newton and the Fisher matrix. */
struct objective_where {
    enum data_part part;
    const uint32_t *rows;
    size_t count;
    uint32_t epoch;
    const double *x, *y;
};
struct objective_where objective_first(enum data_part part, size_t count);

/* Loss and accuracy, from the outputs in float64. No examples: NANs. */
basin_status objective_loss(struct objective *objective, const struct objective_where *where,
                            const void *w, struct evaluation *evaluation);
/* losses (count): of each example, of a language model the mean over its positions. */
basin_status objective_losses(struct objective *objective, const struct objective_where *where,
                              const void *w, double *losses);
/* f (count, positions, outputs): before the softmax. */
basin_status objective_outputs(struct objective *objective, const struct objective_where *where,
                               const void *w, double *f);
/* g (P) = dL/dw. `loss` may be NULL; like the losses of objective_input_gradient it is computed by
 * the network in the precision of the request, not from outputs in float64 as objective_loss
 * does. */
basin_status objective_gradient(struct objective *objective, const struct objective_where *where,
                                const void *w, double *g, double *loss);
/* What layer `layer` (model_layer_find) gives: a (count, model_layer_size). */
basin_status objective_activations(struct objective *objective, const struct objective_where *where,
                                   const void *w, int layer, double *a);
/* Sets the buffers in w (P + B) to what the examples say at these parameters, as if batch
 * normalisation had seen nothing else: the mean over equal batches (objective_batch at the most) of
 * the mean and the unbiased variance of each, weighted by examples. Batches see their own
 * statistics in all layers below, as in training; the mode of the request must be MODE_BATCH, so
 * that nothing is dropped. Without buffers nothing is done. */
basin_status objective_statistics(struct objective *objective, const struct objective_where *where,
                                  void *w);
/* g (count, features): of the loss of each example by its own input, not divided by their number;
 * losses (count) may be NULL. With batch statistics the loss of an example depends on others: then
 * it is the gradient of the sum over the batch. BASIN_SPEC for tokens. */
basin_status objective_input_gradient(struct objective *objective,
                                      const struct objective_where *where, const void *w, double *g,
                                      double *losses);

/* The gradients g_i (P) of the losses of single examples; each array may be NULL. BASIN_SPEC with
 * batch statistics, where an example has no gradient of its own. */
struct objective_examples {
    double *gradients;      /* (count, P): g_i */
    double *squared_norms;  /* (count): ||g_i||^2 */
    double *second_moments; /* (P): mean over examples of g_i^2, by element */
};
basin_status objective_example_gradients(struct objective *objective,
                                         const struct objective_where *where, const void *w,
                                         const struct objective_examples *examples);

/* products[j] = M vectors[j], j < count; both (count, P). M is
 *     OBJECTIVE_HESSIAN            d2L/dw2, exact (Pearlmutter 1994)
 *     OBJECTIVE_GAUSS_NEWTON       mean of J' (d2 loss/df2) J, J = df/dw (Schraudolph 2002)
 *     OBJECTIVE_FISHER             mean of E g g' over targets drawn from the model's prediction:
 *                                  for these losses the same matrix (Martens 2020)
 *     OBJECTIVE_EMPIRICAL_FISHER   mean of g g' over predictions, at their own targets; BASIN_SPEC
 *                                  with batch statistics, where g is not defined
 * All are means over predictions. One of a text is a position: g is the gradient of its loss alone,
 * so that the mean of the empirical Fisher over drawn targets is the Fisher matrix;
 * objective_example_gradients gives the means of g over the positions of an example.
 * The half of a product that does not depend on the vector is computed once a batch and shared by
 * the vectors of a call; as far as `keep` goes it is kept for the next call with the same weights
 * and examples. */
basin_status objective_product(struct objective *objective, const struct objective_where *where,
                               const void *w, enum objective_call kind, const double *vectors,
                               size_t count, double *products);

/* --- training --- */

/* Keys of what training draws, for the calls that follow. Dropout masks: (seed, STREAM_DROPOUT,
 * layer), step, where the i-th of n batches of a call draws with n step + i. Augmentation: seed and
 * the epoch of `where`. */
void objective_random(struct objective *objective, uint64_t seed, int64_t step);
/* g (P) = dL/dw in the precision of the request: a step of training. The first call for a size
 * compiles and allocates, later ones allocate nothing. `learn`: running statistics in w are moved
 * by each batch whose loss is finite; a call that is interrupted may have moved them. */
basin_status objective_step(struct objective *objective, const struct objective_where *where,
                            void *w, bool learn, void *g, double *loss);

/* --- costs --- */

/* FLOPs of all calls so far: nominal, two per multiply-add. */
double objective_spent(const struct objective *objective);

/* One kind of call: over how many examples, and how often. Of products `times` counts the vectors
 * in all, and `calls` the calls at the same weights that share them (0: one); a half that is not
 * kept is run once a call. */
struct objective_use {
    enum objective_call call;
    size_t examples;
    double times;
    int layer;    /* of OBJECTIVE_ACTIVATIONS */
    double calls; /* of products */
};
/* FLOPs, as objective_spent will count them. */
double objective_flops(const struct objective_request *request, const struct objective_use *use);

/* Bytes that an objective holds for all of these uses, and how many more it would make use of.
 * Compiles the programs (milliseconds), runs nothing. */
struct objective_memory {
    size_t bytes, keep;
};
basin_status objective_memory(const struct objective_request *request,
                              const struct objective_use *uses, size_t count,
                              struct objective_memory *memory);

#endif
