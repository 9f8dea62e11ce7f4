/* Layers: the steps that an architecture is made of. Internal to models/.
 *
 * Purpose.  An architecture appends layers to a model. A layer knows the form of what it is given
 * and of what it gives, declares its parameters and buffers, and builds nodes. What a user can name
 * in a `layers:` list is an entry of layer_registry whose implementation is a `struct
 * layer_definition`.
 *
 * To add a layer: a struct for what its nodes need, a function that appends (form_as_...,
 * layer_add, layer_parameter), a function that builds, and, where users shall name it, an entry
 * with its schema in layers.c.
 *
 * The graph of layers.  Value 0 is the input of the model, value i + 1 what layer i gives. A new
 * layer takes the value at `model->cursor` and moves the cursor to its own; branches (shortcuts)
 * set the cursor back.
 *
 * Names.  A parameter is layers.N.<name>, N counting layers that have parameters; within
 * layer_block_begin/_end all share one N and are layers.N.<part>.<name>.
 * Errors.  What does not fit is BASIN_SPEC, placed at `model->path` and the key concerned, with a
 * hint.
 */
#ifndef BASIN_MODELS_LAYER_H
#define BASIN_MODELS_LAYER_H

#include "models/form.h"
#include "models/parts.h"

struct layer;

/* What a layer's nodes are made from. */
struct site {
    const struct layer *layer;
    struct graph *graph;
    const graph_node *parameters; /* the layer's own, in the order in which they were declared */
    const graph_node *buffers;    /* likewise */
    graph_node
        *statistics; /* likewise, to be set in train mode: what the batch says about each buffer */
    const graph_node *values; /* of the model */
    enum model_mode mode;
    int64_t batch;
};

/* What a layer does to the order of units (channels), for symmetry.c. */
enum layer_units {
    UNITS_UNKNOWN, /* they cannot be renumbered, or nobody has said how */
    UNITS_KEPT,    /* each unit for itself: all its arrays run along them */
    UNITS_MIXED,   /* new units: a weight (..., in, out), and a bias */
    UNITS_ADDED    /* those of another value, which must have the same order, are added */
};

struct layer_kind {
    const char *name;
    graph_node (*build)(const struct site *site, graph_node a); /* a has the shape of layer->in */
    enum layer_units units;
};

struct layer {
    const struct layer_kind *kind;
    const void *settings; /* the kind's own */
    struct form in, out;
    int from;                /* the value that it takes */
    int parameter, buffer;   /* its first rows in the model's tables */
    int parameters, buffers; /* how many */
    double products;         /* multiply-adds of an example with parameters as one factor, */
    double recurrent;        /* likewise, where the other one depends on the layer's own parameters
                                (a state that comes back), */
    double pairs;            /* and with two activations as factors (attention) */
};

struct layer_definition {
    basin_status (*append)(struct model *model, const void *settings); /* of its entry */
};

struct activation {
    graph_node (*build)(struct graph *graph, graph_node a);
};

struct model {
    struct arena *arena;
    const struct setting_variant *initializer;
    double dropout;   /* regularizers.dropout */
    const char *path; /* of the block that layers are made from, for errors */
    struct form input;
    struct layer *layers;
    int layer_count, cursor;
    struct model_parameter *parameters;
    int parameter_count;
    struct model_buffer *buffers;
    int buffer_count;
    size_t layer_capacity, parameter_capacity, buffer_capacity;
    int ordinal;      /* N of the next layer with parameters */
    const char *part; /* inside a block: the part's name, NULL outside */
    bool in_block;
    int named; /* the layer that has ordinal - 1, -1: none */
    int dropout_count;
    int64_t size, buffer_size, features, outputs;
    int64_t vocabulary; /* of the tokens that the input holds; 0: it holds numbers */
};

/* How the settings of every architecture begin. */
struct architecture_settings {
    struct setting_variant initializer;
};

struct architecture {
    /* Appends the layers between the input and the (N, outputs) output. `settings`: its entry's. */
    basin_status (*expand)(struct model *model, const void *settings);
    bool tokens; /* takes text */
};

/* ---- making layers ---- */

struct form model_form(const struct model *model); /* at the cursor */
/* Fails with BASIN_SPEC at `path`.`key`. */
basin_status layer_refuse(const struct model *model, const char *key, const char *hint,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));
/* What stands at the cursor as a map, a vector or a sequence: BASIN_SPEC where it cannot be taken
 * so. `who` is for the message. */
basin_status form_as_map(const struct model *model, const char *who, struct form *form);

/* Refuses, in a language model, a layer whose result at a step depends on later ones: it would see
 * what is to be predicted. */
basin_status layer_keep_order(const struct model *model, const char *who);

/* A layer at the cursor with room for settings; in and out are the cursor's form, to be changed by
 * the caller. */
basin_status layer_add(struct model *model, const struct layer_kind *kind, size_t settings_size,
                       void *settings, struct layer **layer);

struct parameter_form {
    const char *name; /* "weight" */
    enum parameter_role role;
    struct shape shape;
    struct layout layout;
    int64_t fan_in, fan_out, own_fan, former_in, former_out; /* struct model_parameter */
    double fill; /* of a ROLE_NORMALISATION: its initial value */
};
basin_status layer_parameter(struct model *model, struct layer *layer,
                             const struct parameter_form *form);
basin_status layer_buffer(struct model *model, struct layer *layer, const char *name,
                          struct shape shape, struct layout layout, double fill, double momentum);

void layer_block_begin(struct model *model);
void layer_part(struct model *model, const char *part); /* names what follows */
void layer_block_end(struct model *model);

/* ---- layers ---- */

basin_status layer_dense(struct model *model, int64_t units, bool bias);
basin_status layer_activation(struct model *model, const struct entry *activation);
basin_status layer_dropout(struct model *model, double rate); /* nothing is added for rate 0 */
basin_status layer_spatial_dropout(struct model *model, double rate);
basin_status layer_residual(struct model *model, int value); /* adds that value */
basin_status layer_flatten(struct model *model);
basin_status layer_head(struct model *model, bool bias); /* flattens, then dense to the outputs */

enum { PADDING_SAME = -1 };
struct convolution {
    int64_t channels;
    struct window
        window; /* padding PADDING_SAME: as many positions as the input has, over the stride */
    bool bias;
};
basin_status layer_convolution(struct model *model, const struct convolution *convolution);
enum pooling { POOLING_MAX, POOLING_AVERAGE };
basin_status layer_pool(struct model *model, enum pooling pooling, const struct window *window);
basin_status layer_global_pool(struct model *model, enum pooling pooling);

basin_status layer_embedding(struct model *model, int64_t width); /* first, of a language model */

enum norm { NORM_NONE, NORM_BATCH, NORM_LAYER, NORM_GROUP };
/* The keys `norm` and `norm_groups` of an architecture. */
struct norm_settings {
    enum norm kind;
    int64_t groups;
    bool kind_changed, groups_changed;
};
/* key: what to blame where the groups do not divide the channels */
basin_status layer_normalisation(struct model *model, const struct norm_settings *norm,
                                 const char *key);
basin_status layer_batch_norm(struct model *model, double epsilon, double momentum, bool affine);
basin_status layer_layer_norm(struct model *model, double epsilon, bool affine);
basin_status layer_group_norm(struct model *model, int64_t groups, double epsilon, bool affine);

/* The entries of a `layers:` list, in order; `path`: its place in the spec, for errors. */
basin_status layers_append(struct model *model, const struct setting_list *list, const char *path);

/* The nodes of one layer. values[i]: see above. */
graph_node layer_build(const struct site *site);

/* What an initialiser gives for one parameter array. */
void initializer_draw(const struct setting_variant *initializer,
                      const struct model_parameter *parameter, uint64_t seed, int ordinal,
                      double *out);
/* Does the array start from other numbers than with the fans of earlier versions? */
bool initializer_is_revised(const struct setting_variant *initializer,
                            const struct model_parameter *parameter);

/* Entries of layer_registry. */
extern const struct entry dense_entry, flatten_entry, dropout_entry, spatial_dropout_entry,
    conv_entry, max_pool_entry, average_pool_entry, global_max_pool_entry,
    global_average_pool_entry, batch_norm_entry, layer_norm_entry, group_norm_entry;
extern const struct entry rnn_layer_entry, lstm_layer_entry, gru_layer_entry;
extern const struct entry embedding_entry, transformer_entry;
extern const struct entry rnn_entry, lstm_entry, gru_entry;
extern const struct entry cnn_entry, resnet_entry, sequential_entry;

/* Rows that several architectures share; `structure` is the one that they fill. */
#define INITIALIZER_ROW(structure, default_text)                                                   \
    {                                                                                              \
        .key = "initializer", SETTING(structure, common.initializer), .type = SCHEMA_VARIANT,      \
        .registry = &initializer_registry, .discriminator = "type", .fallback = default_text,      \
        .doc = "Distribution of the initial weights.", .aliases = initializer_aliases              \
    }
#define ACTIVATION_ROW(structure, text)                                                            \
    .key = "activation", SETTING(structure, activation), .type = SCHEMA_CHOICE,                    \
    .registry = &activation_registry, .doc = text, .aliases = activation_aliases
#define NORM_ROW(structure)                                                                        \
    .key = "norm", SETTING(structure, norm.kind), SETTING_CHANGED(structure, norm.kind_changed),   \
    .type = SCHEMA_CHOICE, .choices = norm_names, .doc = "Normalisation after every convolution.", \
    .aliases = norm_aliases
#define NORM_GROUPS_ROW(structure)                                                                 \
    {                                                                                              \
        .key = "norm_groups", SETTING(structure, norm.groups),                                     \
        SETTING_CHANGED(structure, norm.groups_changed), .type = SCHEMA_INTEGER, .minimum = 1,     \
        .maximum = 1 << 20, .fallback = "4",                                                       \
        .doc = "Groups of norm: group; they must divide the channels."                             \
    }
extern const char *const norm_names[], *const initializer_aliases[], *const activation_aliases[],
                                                                         *const norm_aliases[];

#endif
