/* Models: from the `architecture` block of a resolved spec to nodes of a graph and a table of parameters.
 *
 * Purpose.  A model knows its parameters (name, shape, place in the flat vector, how to initialise, whether decay applies)
 * and how to build the graph from inputs to outputs. It knows nothing of training.
 * Ownership.  A model lives in the arena given to model_create and is immutable.
 *
 * Inside, a dense weight is stored (in, out); at file boundaries it is (out, in): model_export and model_import.
 */
#ifndef BASIN_MODELS_MODEL_H
#define BASIN_MODELS_MODEL_H

#include "base/record.h"
#include "data/data.h"
#include "graph/program.h"

extern const struct registry architecture_registry;
extern const struct registry activation_registry;
extern const struct registry initializer_registry;

enum parameter_role { ROLE_WEIGHT, ROLE_BIAS, ROLE_NORMALISATION };

struct model_parameter {
    const char *name; /* "layers.0.weight" */
    enum parameter_role role;
    struct shape shape; /* inside: (in, out) for a dense weight */
    int64_t offset, size;
    int64_t fan_in, fan_out;
    const struct value *initializer; /* block of the resolved spec; NULL: zeros */
};

struct model;

/* architecture, regularizers: blocks of the resolved spec. Errors: BASIN_SPEC for what does not fit the data. */
basin_status model_create(struct arena *arena, const struct value *spec, const struct data_info *info,
                          struct model **model);
int model_parameter_count(const struct model *model); /* arrays */
const struct model_parameter *model_parameter(const struct model *model, int index);
int64_t model_size(const struct model *model); /* P: elements of the flat vector */

enum model_mode { MODE_TRAIN, MODE_EVAL };

/* One leaf a parameter array, in order, from `slot` (SLOT_PARAMETERS or SLOT_TANGENT); `leaves` has model_parameter_count. */
void model_leaves(const struct model *model, struct graph *graph, enum graph_slot slot, graph_node *leaves);
/* Adds the network to a graph: from SLOT_INPUT (batch, features) and the leaves to the (batch, outputs) node. */
graph_node model_build(const struct model *model, struct graph *graph, const graph_node *leaves, int64_t batch,
                       enum model_mode mode);
bool model_has_dropout(const struct model *model);
/* Nominal FLOPs of one example, two per multiply-add: the products of the forward pass; and those of forward and backward (no
 * data gradient for the first layer). */
double model_forward_flops(const struct model *model);
double model_gradient_flops(const struct model *model);
int64_t model_activations(const struct model *model); /* elements that the layers of one example put out */

/* The loss of outputs against SLOT_TARGET, a scalar node: the mean over the batch of the cross-entropy of softmax(outputs) (natural
 * logarithm, with label smoothing: Szegedy et al., CVPR 2016), or of 0.5 ||f - y||^2 summed over outputs. */
enum loss { LOSS_CROSS_ENTROPY, LOSS_MSE };
enum loss model_loss_find(const char *name); /* "cross_entropy", "mse" */
graph_node model_loss(struct graph *graph, graph_node outputs, enum loss loss, double label_smoothing);

/* Draws the initial parameters (STREAM_INIT, major = ordinal of the array). */
void model_initialize(const struct model *model, uint64_t seed, double *w);

/* One dataset a parameter under `group` ("/weights/final"), as PyTorch lays it out, and back. `w` in double holds values of
 * the run's precision exactly. */
basin_status model_export(const struct model *model, const double *w, enum precision precision, struct record *record,
                          const char *group);
basin_status model_import(const struct model *model, const struct record *record, const char *group, double *w);

#endif
