/* Derivatives: the nodes that each kind of network puts out. Internal to models/.
 *
 * Notation.  L the mean loss of a batch of N examples, f (N, ...) its outputs, J = df/dw. Products
 * (with v, SLOT_TANGENT) need no matrix:
 *     Hessian            d/dw (dL/dw . v): jvp(vjp(L)) (Pearlmutter 1994)
 *     Gauss-Newton       J' (d2L/df2) J v: jvp of f, then that of dL/df, then vjp of f (Schraudolph
 *                        2002). It is the Fisher matrix of the model's own predictions for both
 *                        losses: softmax with cross-entropy, and a Gaussian of unit variance with
 *                        mse (Martens 2020, section 9.2).
 *     empirical Fisher   mean over predictions of g g' v, g the gradient of the loss of one: jvp of
 *                        the losses, then their vjp
 */
#ifndef BASIN_MODELS_DERIVATIVES_H
#define BASIN_MODELS_DERIVATIVES_H

#include "models/model.h"
#include "models/score.h"

enum network_kind {
    NETWORK_OUTPUTS,
    NETWORK_GRADIENT,
    NETWORK_PRODUCT, /* with the Hessian */
    NETWORK_ACTIVATIONS,
    NETWORK_INPUT_GRADIENT,
    NETWORK_GAUSS_NEWTON,
    NETWORK_EMPIRICAL_FISHER,
    NETWORK_STATISTICS /* outputs, and what the batch says about the buffers; not in eval mode */
};

struct network_request {
    const struct model *model;
    const struct data *data;
    enum network_kind kind;
    enum model_mode mode;
    enum loss loss;
    double label_smoothing;
    enum precision precision;
    int layer; /* of NETWORK_ACTIVATIONS */
};

/* A graph up to the outputs and the loss: what its derivatives, and so the program, follow from. */
struct construction {
    const struct network_request *request;
    int64_t batch;
    struct program_options options;
    struct graph *graph;
    graph_node *leaves, *statistics; /* of the parameters; of the buffers */
    graph_node *values;              /* of the layers: the input, then what each gives */
    graph_node outputs, loss; /* the loss, or those of all predictions, as the kind needs; NONE */
};

/* Declares the results of the request's kind. */
basin_status derivatives_declare(const struct construction *construction);

#endif
