/* Models: from the `architecture` block of a resolved spec to nodes of a graph and a table of
 * parameters.
 *
 * Purpose.  A model knows its parameters (name, shape, place in the flat vector, how to initialise,
 * whether decay applies) and how to build the graph from inputs to outputs. It knows nothing of
 * training.
 * Ownership.  A model lives in the arena given to model_create and is immutable.
 *
 * Inside, a dense weight is stored (in, out) and images are channels-last; at file boundaries
 * weights are as PyTorch lays them out: model_export and model_import.
 * State.  The flat vector of a network is its P parameters, then its B buffers (what batch
 * normalisation has seen: saved with the weights, never differentiated, part of no norm). Whoever
 * copies weights copies model_state_size elements.
 */
#ifndef BASIN_MODELS_MODEL_H
#define BASIN_MODELS_MODEL_H

#include "base/record.h"
#include "data/data.h"
#include "models/parts.h"

/* What a model is made from: the block `architecture`, and the rate of regularizers.dropout. */
struct model_settings {
    struct setting_variant architecture; /* an entry of architecture_registry */
    double dropout;
};

/* `settings` and what they point to must live as long as the model. BASIN_SPEC for what does not
 * fit the data. */
basin_status model_create(struct arena *arena, const struct model_settings *settings,
                          const struct data_info *info, struct model **model);
int model_parameter_count(const struct model *model); /* arrays */
const struct model_parameter *model_parameter(const struct model *model, int index);
int64_t model_size(const struct model *model);       /* P: trainable elements of the flat vector */
int64_t model_state_size(const struct model *model); /* P + B */
int model_buffer_count(const struct model *model);   /* arrays */
const struct model_buffer *model_buffer(const struct model *model, int index);
struct shape model_outer_shape(struct shape shape, const struct layout *layout); /* in a file */

/* One leaf a parameter array, in order, from `slot` (SLOT_PARAMETERS or SLOT_TANGENT); `leaves` has
 * model_parameter_count. */
void model_leaves(const struct model *model, struct graph *graph, enum graph_slot slot,
                  graph_node *leaves);
/* Adds the network to a graph: from SLOT_INPUT (batch, features) and the leaves to the (batch,
 * outputs) node. `statistics` (model_buffer_count; may be NULL) gets what the batch says about each
 * buffer, but in eval mode. */
graph_node model_build(const struct model *model, struct graph *graph, const graph_node *leaves,
                       int64_t batch, enum model_mode mode, graph_node *statistics);
/* The same; `values` (model_layer_count + 1) gets the input and what each layer gives. */
graph_node model_build_layers(const struct model *model, struct graph *graph,
                              const graph_node *leaves, int64_t batch, enum model_mode mode,
                              graph_node *statistics, graph_node *values);
graph_node model_input(const struct model *model, struct graph *graph,
                       int64_t batch); /* SLOT_INPUT (batch, features) */

/* Layers, in the order in which they are computed; a layer gives model_layer_size numbers an
 * example (maps as H W C, sequences as T F). */
enum { LAYER_NAME = 128 };
int model_layer_count(const struct model *model);
int64_t model_layer_size(const struct model *model, int layer);
void model_layer_name(const struct model *model, int layer, char name[LAYER_NAME]);
int model_layer_find(const struct model *model, const char *name); /* -1: there is none */
/* Folds what a batch says (B, as SLOT_STATISTICS holds it) into the buffers of `state`. */
void model_fold(const struct model *model, enum precision precision, const void *statistics,
                void *state);
bool model_has_dropout(const struct model *model);
/* Is there batch normalisation that would see a single value of a channel in a batch of so many
 * examples? */
bool model_starves_norm(const struct model *model, int64_t batch);
/* Nominal FLOPs of one example, two per multiply-add: the products of the forward pass; and those
 * of forward and backward (no data gradient for the first layer). */
double model_forward_flops(const struct model *model);
double model_gradient_flops(const struct model *model);
double model_input_gradient_flops(const struct model *model); /* by the input */
int64_t
model_activations(const struct model *model); /* elements that the layers of one example put out */

/* The loss of outputs against SLOT_TARGET, a scalar node: the mean over the batch of the
 * cross-entropy of softmax(outputs) (natural logarithm, with label smoothing: Szegedy et al., CVPR
 * 2016), or of 0.5 ||f - y||^2 summed over outputs. */
enum loss {
    LOSS_CROSS_ENTROPY,
    LOSS_MSE,
    LOSS_TOKENS
}; /* TOKENS: cross-entropy against the next token at every position */
graph_node model_loss(struct graph *graph, graph_node outputs, enum loss loss,
                      double label_smoothing);
/* That of each prediction: (N), of a language model (N T). */
graph_node model_losses(struct graph *graph, graph_node outputs, enum loss loss,
                        double label_smoothing);

/* Draws the initial parameters (STREAM_INIT, major = ordinal of the array) and sets the buffers: (P
 * + B). */
void model_initialize(const struct model *model, uint64_t seed, double *w);
/* Does it start from other weights than earlier versions drew, which counted the fans of recurrent
 * layers and grouped convolutions otherwise? The id of its runs says so. */
bool model_is_revised(const struct model *model);

/* One dataset a parameter or buffer under `group` ("/weights/final"), as PyTorch lays it out, and
 * back. `w` in double holds values of the run's precision exactly. */
basin_status model_export(const struct model *model, const double *w, enum precision precision,
                          struct record *record, const char *group);
basin_status model_import(const struct model *model, const struct record *record, const char *group,
                          double *w);

#endif
