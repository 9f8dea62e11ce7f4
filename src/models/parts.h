/* Parts: what a model is made of, as tables: its registries, parameter arrays and buffers. The
 * layers fill them (layer.h); whoever uses a model reads them (model.h).
 */
#ifndef BASIN_MODELS_PARTS_H
#define BASIN_MODELS_PARTS_H

#include "graph/program.h"
#include "spec/settings.h"

extern const struct registry architecture_registry;
extern const struct registry layer_registry; /* of a `layers:` list */
extern const struct registry activation_registry;
extern const struct registry initializer_registry;

/* How an array is laid out at file boundaries: the flat array is taken as one of shape `inner`, its
 * axes are permuted (out axis i = inner axis order[i]), and the result has the shape `outer`. rank
 * 0: as it is, in its own shape. */
struct layout {
    struct shape inner, outer;
    int order[GRAPH_RANK];
};

enum parameter_role { ROLE_WEIGHT, ROLE_BIAS, ROLE_NORMALISATION };

struct model_parameter {
    const char *name; /* "layers.0.weight" */
    enum parameter_role role;
    struct shape shape; /* inside: (in, out) for a dense weight */
    int64_t offset, size;
    int64_t fan_in, fan_out; /* as torch.nn.init counts them; a bias has those of its weight */
    int64_t own_fan;         /* of PyTorch's own default; 0: fan_in */
    int64_t former_in, former_out;             /* as earlier versions counted them; 0: the same */
    struct layout layout;                      /* at file boundaries */
    double fill;                               /* of a ROLE_NORMALISATION: its initial value */
    const struct setting_variant *initializer; /* NULL: zeros */
};

/* What is saved with the weights but not trained: r <- (1 - momentum) r + momentum (what the batch
 * says). */
struct model_buffer {
    const char *name; /* "layers.1.running_mean" */
    struct shape shape;
    struct layout layout;
    int64_t offset, size; /* in the buffers */
    double fill, momentum;
};

/* MODE_BATCH: as in training, by the statistics of the batch, but without dropout: a deterministic
 * function of weights and batch. */
enum model_mode { MODE_TRAIN, MODE_EVAL, MODE_BATCH };

struct model;

#endif
