/* Convolutional networks in short form, and networks written as a list of layers. */
#include <string.h>
#include "models/layer.h"

static const char *const pools[] = {"max", "average", "none", NULL};

#define LAYERS_ROW(...)                                                                            \
    {                                                                                              \
        .key = "layers", .type = SCHEMA_SEQUENCE, .registry = &layer_registry, __VA_ARGS__         \
    }

static const struct schema_row cnn_parameters[] = {
    {.key = "channels",
     .type = SCHEMA_INTEGERS,
     .minimum = 1,
     .maximum = 1 << 16,
     .fallback = "[16, 32]",
     .doc = "Channels of each stage: convolution (stride 1, same padding), norm, activation, pool "
            "(2x2, stride 2).",
     .aliases = (const char *const[]){"filters", NULL}},
    {.key = "kernel",
     .type = SCHEMA_PAIR,
     .minimum = 1,
     .maximum = 1 << 16,
     .fallback = "3",
     .doc = "Size of every convolution's window; odd.",
     .aliases = (const char *const[]){"kernel_size", NULL}},
    {.key = "pool",
     .type = SCHEMA_CHOICE,
     .choices = pools,
     .fallback = "max",
     .doc = "Pooling at the end of every stage.",
     .aliases = (const char *const[]){"pooling", NULL}},
    NORM_ROWS("none"),
    ACTIVATION_ROW("Activation after every convolution and hidden layer."),
    {.key = "hidden",
     .type = SCHEMA_INTEGERS,
     .unit = "units",
     .minimum = 1,
     .maximum = 1 << 20,
     .fallback = "[128]",
     .doc = "Dense layers between the last stage and the head, each with the activation (and "
            "dropout); may be [].",
     .aliases = (const char *const[]){"dense", NULL}},
    {.key = "bias",
     .type = SCHEMA_BOOLEAN,
     .fallback = "true",
     .doc = "Add a bias to every dense layer, and to convolutions without norm."},
    INITIALIZER_ROW("kaiming"),
    LAYERS_ROW(.flags = SCHEMA_OPTIONAL,
               .doc = "The layers before the head one by one, instead of channels, kernel, pool, "
                      "norm, activation and hidden."),
    {0}};

static basin_status convolutional_expand_stage(struct model *model, const struct value *spec,
                                               int64_t channels)
{
    const char *norm = value_text(spec, "architecture.norm"),
               *pool = value_text(spec, "architecture.pool");
    const struct value *kernel = value_find(spec, "architecture.kernel");
    bool is_pair = kernel->kind == VALUE_LIST;
    struct window pooling = {{2, 2}, {2, 2}, {0, 0}, {1, 1}, 1};
    struct convolution convolution = {
        .channels = channels,
        .window = {.kernel = {is_pair ? kernel->list.items[0]->integer : kernel->integer,
                              is_pair ? kernel->list.items[1]->integer : kernel->integer},
                   .stride = {1, 1},
                   .padding = {PADDING_SAME, PADDING_SAME},
                   .dilation = {1, 1},
                   .groups = 1},
        .bias = strcmp(norm, "none") == 0 && value_boolean(spec, "architecture.bias")};
    TRY(layer_convolution(model, &convolution));
    const struct value *groups = value_find(spec, "architecture.norm_groups");
    TRY(layer_norm_named(model, norm, groups->integer,
                         groups->is_default ? "channels" : "norm_groups"));
    TRY(layer_activation(model, value_text(spec, "architecture.activation")));
    if (strcmp(pool, "none") == 0) return BASIN_OK;
    struct form form = model_form(model);
    if (form.width < 2 || (form.axes == 2 && form.height < 2))
        return layer_refuse(model, "channels", "use fewer stages, or pool: none",
                            "nothing is left to pool in one of %zu stages",
                            value_count(spec, "architecture.channels"));
    return layer_pool(model, strcmp(pool, "max") == 0 ? POOLING_MAX : POOLING_AVERAGE, &pooling);
}

/* A list of layers takes the place of the short form's keys. */
static basin_status refuse_both(const struct model *model, const struct value *spec)
{
    static const char *const keys[] = {"channels",    "kernel",     "pool",  "norm",
                                       "norm_groups", "activation", "hidden"};
    const struct value *block = value_map(spec, "architecture");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!value_find(block, keys[i])->is_default)
            return layer_refuse(model, keys[i], "leave one of them out",
                                "%s has no meaning beside layers", keys[i]);
    return BASIN_OK;
}

static basin_status expand_list(struct model *model, const struct value *spec)
{
    if (value_number(spec, "regularizers.dropout") > 0) {
        error_raise(BASIN_SPEC, "regularizers.dropout has no place in a list of layers");
        error_hint("put \"dropout: {rate: ...}\" into architecture.layers where it belongs");
        error_place("regularizers.dropout", 0, 0);
        return BASIN_SPEC;
    }
    TRY(layers_append(model, spec, "architecture.layers"));
    return layer_head(model, value_boolean(spec, "architecture.bias"));
}

static basin_status expand_cnn(struct model *model, const struct value *spec)
{
    bool bias = value_boolean(spec, "architecture.bias");
    if (value_has(spec, "architecture.layers")) {
        TRY(refuse_both(model, spec));
        return expand_list(model, spec);
    }
    for (size_t i = 0; i < value_count(spec, "architecture.channels"); i++)
        TRY(convolutional_expand_stage(model, spec,
                                       value_item_integer(spec, "architecture.channels", i)));
    TRY(layer_flatten(model));
    for (size_t i = 0; i < value_count(spec, "architecture.hidden"); i++) {
        TRY(layer_dense(model, value_item_integer(spec, "architecture.hidden", i), bias));
        TRY(layer_activation(model, value_text(spec, "architecture.activation")));
        TRY(layer_dropout(model, value_number(spec, "regularizers.dropout")));
    }
    return layer_head(model, bias);
}

static const struct schema_row sequential_parameters[] = {
    LAYERS_ROW(.fallback = "[]",
               .doc = "The layers in order, each a name or \"name: {...}\"; the head follows."),
    {.key = "bias", .type = SCHEMA_BOOLEAN, .fallback = "true", .doc = "Add a bias to the head."},
    INITIALIZER_ROW("kaiming"),
    {0}};

static const struct architecture cnn_architecture = {expand_cnn},
                                 sequential_architecture = {expand_list, .tokens = true};

const struct entry cnn_entry = {.name = "cnn",
                                .doc = "Convolutional network on images (2-D) or signals (1-D): "
                                       "stages of convolution, norm, activation and pooling, dense "
                                       "layers, then a dense head.",
                                .source = "LeCun et al., Proc. IEEE 1998",
                                .parameters = cnn_parameters,
                                .implementation = &cnn_architecture};
const struct entry sequential_entry = {
    .name = "sequential",
    .doc = "Any layers in order, then a dense head (an image before it is flattened).",
    .parameters = sequential_parameters,
    .implementation = &sequential_architecture};
