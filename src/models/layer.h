/* Layers: the steps that an architecture is made of. Internal to models/.
 *
 * An architecture expands to a list of layers; a layer declares its parameters and adds its nodes. To add a layer: one
 * enum value, one row in the table of layer.c. */
#ifndef BASIN_MODELS_LAYER_H
#define BASIN_MODELS_LAYER_H

#include "models/model.h"

enum layer_kind { LAYER_DENSE, LAYER_ACTIVATION, LAYER_DROPOUT, LAYER_RESIDUAL, LAYER_KINDS };

struct layer {
    enum layer_kind kind;
    int64_t in, out;                     /* units */
    bool bias;                           /* dense */
    int weight_index, bias_index;        /* dense: rows of the parameter table, -1 where there is none */
    const struct activation *activation; /* activation */
    double rate;                         /* dropout */
    int ordinal;                         /* dropout: which of the model's dropout layers */
    int from;                            /* residual: adds the input of layer `from` */
};

struct activation {
    graph_node (*build)(struct graph *graph, graph_node a);
};

struct model {
    struct arena *arena;
    const struct value *initializer;
    struct layer *layers;
    int layer_count, layer_capacity;
    struct model_parameter *parameters;
    int parameter_count, parameter_capacity;
    int dense_count, dropout_count;
    int64_t size, features, outputs;
};

struct architecture {
    /* Appends the layers between the (N, features) input and the (N, outputs) output. */
    basin_status (*expand)(struct model *model, const struct value *spec);
};

basin_status layer_dense(struct model *model, int64_t in, int64_t out, bool bias);
basin_status layer_activation(struct model *model, const char *name);
basin_status layer_dropout(struct model *model, double rate); /* nothing is added for rate 0 */
basin_status layer_residual(struct model *model, int from);

/* The nodes of one layer. inputs[i] is the input of layer i. */
graph_node layer_build(const struct layer *layer, struct graph *graph, const graph_node *leaves,
                       const graph_node *inputs, graph_node a, enum model_mode mode);

/* What an initialiser gives for one parameter array. */
void initializer_draw(const struct value *initializer, const struct model_parameter *parameter, uint64_t seed, int ordinal,
                      double *out);

#endif
