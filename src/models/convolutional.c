/* Convolutional networks in short form, and networks written as a list of layers. */
#include "models/layer.h"

enum pool { POOL_MAX, POOL_AVERAGE, POOL_NONE };
static const char *const pools[] = {"max", "average", "none", NULL};

/* Of cnn and sequential, which has `layers` and `bias` alone. */
struct convolutional_settings {
    struct architecture_settings common;
    struct setting_integers channels, hidden;
    struct setting_pair kernel;
    enum pool pool;
    struct norm_settings norm;
    const struct entry *activation;
    bool bias;
    struct setting_list layers;
    bool channels_changed, hidden_changed, kernel_changed, pool_changed, activation_changed;
};

#define FIELD(member) SETTING(struct convolutional_settings, member)
#define CHANGED(member) SETTING_CHANGED(struct convolutional_settings, member)

static const struct schema_row cnn_parameters[] = {
    {.key = "channels",
     FIELD(channels),
     CHANGED(channels_changed),
     .type = SCHEMA_INTEGERS,
     .minimum = 1,
     .maximum = 1 << 16,
     .fallback = "[16, 32]",
     .doc = "Channels of each stage: convolution (stride 1, same padding), norm, activation, pool "
            "(2x2, stride 2).",
     .aliases = (const char *const[]){"filters", "width", "widths", NULL}},
    {.key = "kernel",
     FIELD(kernel),
     CHANGED(kernel_changed),
     .type = SCHEMA_PAIR,
     .minimum = 1,
     .maximum = 1 << 16,
     .fallback = "3",
     .doc = "Size of every convolution's window; odd.",
     .aliases = (const char *const[]){"kernel_size", NULL}},
    {.key = "pool",
     FIELD(pool),
     CHANGED(pool_changed),
     .type = SCHEMA_CHOICE,
     .choices = pools,
     .fallback = "max",
     .doc = "Pooling at the end of every stage.",
     .aliases = (const char *const[]){"pooling", NULL}},
    {NORM_ROW(struct convolutional_settings), .fallback = "none"},
    NORM_GROUPS_ROW(struct convolutional_settings),
    {ACTIVATION_ROW(struct convolutional_settings,
                    "Activation after every convolution and hidden layer."),
     CHANGED(activation_changed), .fallback = "relu"},
    {.key = "hidden",
     FIELD(hidden),
     CHANGED(hidden_changed),
     .type = SCHEMA_INTEGERS,
     .unit = "units",
     .minimum = 1,
     .maximum = 1 << 20,
     .fallback = "[128]",
     .doc = "Dense layers between the last stage and the head, each with the activation (and "
            "dropout); may be [].",
     .aliases = (const char *const[]){"dense", "fc", "units", "hidden_size", NULL}},
    {.key = "bias",
     FIELD(bias),
     .type = SCHEMA_BOOLEAN,
     .fallback = "true",
     .doc = "Add a bias to every dense layer, and to convolutions without norm."},
    INITIALIZER_ROW(struct convolutional_settings, "kaiming"),
    {.key = "layers",
     FIELD(layers),
     .type = SCHEMA_SEQUENCE,
     .registry = &layer_registry,
     .flags = SCHEMA_OPTIONAL,
     .doc = "The layers before the head, listed one by one, instead of channels, kernel, pool, "
            "norm, activation and hidden."},
    {0}};

static basin_status convolutional_expand_stage(struct model *model,
                                               const struct convolutional_settings *settings,
                                               int64_t channels)
{
    struct window pooling = {{2, 2}, {2, 2}, {0, 0}, {1, 1}, 1};
    struct convolution convolution = {
        .channels = channels,
        .window = {.kernel = {settings->kernel.first, settings->kernel.second},
                   .stride = {1, 1},
                   .padding = {PADDING_SAME, PADDING_SAME},
                   .dilation = {1, 1},
                   .groups = 1},
        .bias = settings->norm.kind == NORM_NONE && settings->bias};
    TRY(layer_convolution(model, &convolution));
    TRY(layer_normalisation(model, &settings->norm,
                            settings->norm.groups_changed ? "norm_groups" : "channels"));
    TRY(layer_activation(model, settings->activation));
    if (settings->pool == POOL_NONE) return BASIN_OK;
    struct form form = model_form(model);
    if (form.width < 2 || (form.axes == 2 && form.height < 2))
        return layer_refuse(model, "channels", "use fewer stages, or pool: none",
                            "nothing is left to pool in one of %zu stages",
                            settings->channels.count);
    return layer_pool(model, settings->pool == POOL_MAX ? POOLING_MAX : POOLING_AVERAGE, &pooling);
}

/* A list of layers takes the place of the short form's keys. */
static basin_status refuse_both(const struct model *model,
                                const struct convolutional_settings *settings)
{
    const struct {
        const char *key;
        bool is_changed;
    } keys[] = {{"channels", settings->channels_changed},
                {"kernel", settings->kernel_changed},
                {"pool", settings->pool_changed},
                {"norm", settings->norm.kind_changed},
                {"norm_groups", settings->norm.groups_changed},
                {"activation", settings->activation_changed},
                {"hidden", settings->hidden_changed}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].is_changed)
            return layer_refuse(model, keys[i].key, "leave one of them out",
                                "%s has no meaning beside layers", keys[i].key);
    return BASIN_OK;
}

static basin_status expand_list(struct model *model, const void *own)
{
    const struct convolutional_settings *settings = own;
    if (model->dropout > 0) {
        error_raise(BASIN_SPEC, "regularizers.dropout has no place in a list of layers");
        error_hint("put \"dropout: {rate: ...}\" into architecture.layers where it belongs");
        error_key("regularizers.dropout");
        return BASIN_SPEC;
    }
    TRY(layers_append(model, &settings->layers, "architecture.layers"));
    return layer_head(model, settings->bias);
}

static basin_status expand_cnn(struct model *model, const void *own)
{
    const struct convolutional_settings *settings = own;
    if (settings->layers.items) {
        TRY(refuse_both(model, settings));
        return expand_list(model, settings);
    }
    for (size_t i = 0; i < settings->channels.count; i++)
        TRY(convolutional_expand_stage(model, settings, settings->channels.items[i]));
    TRY(layer_flatten(model));
    for (size_t i = 0; i < settings->hidden.count; i++) {
        TRY(layer_dense(model, settings->hidden.items[i], settings->bias));
        TRY(layer_activation(model, settings->activation));
        TRY(layer_dropout(model, model->dropout));
    }
    return layer_head(model, settings->bias);
}

static const struct schema_row sequential_parameters[] = {
    {.key = "layers",
     FIELD(layers),
     .type = SCHEMA_SEQUENCE,
     .registry = &layer_registry,
     .fallback = "[]",
     .doc = "The layers in order, each a name or \"name: {...}\"; the head follows."},
    {.key = "bias",
     FIELD(bias),
     .type = SCHEMA_BOOLEAN,
     .fallback = "true",
     .doc = "Add a bias to the head."},
    INITIALIZER_ROW(struct convolutional_settings, "kaiming"),
    {0}};

static const struct architecture cnn_architecture = {expand_cnn},
                                 sequential_architecture = {expand_list, .tokens = true};

const struct entry cnn_entry = {.name = "cnn",
                                .doc = "Convolutional network on images (2-D) or signals (1-D): "
                                       "stages of convolution, norm, activation and pooling, dense "
                                       "layers, then a dense head.",
                                .source = "LeCun et al., Proc. IEEE 1998",
                                .parameters = cnn_parameters,
                                .settings_size = sizeof(struct convolutional_settings),
                                .implementation = &cnn_architecture};
const struct entry sequential_entry = {
    .name = "sequential",
    .doc = "Any layers in order, then a dense head (an image is flattened before it).",
    .parameters = sequential_parameters,
    .settings_size = sizeof(struct convolutional_settings),
    .implementation = &sequential_architecture};
