/* Architectures: what a user can name, each expanded to layers. The head to the classes is added at
 * the end. */
#include "models/layer.h"

/* Of linear and mlp; linear has no other keys than `bias`. */
struct dense_settings {
    struct architecture_settings common;
    struct setting_integers hidden;
    const struct entry *activation;
    bool bias, residual;
};

#define BIAS_ROW                                                                                   \
    {                                                                                              \
        .key = "bias", SETTING(struct dense_settings, bias), .type = SCHEMA_BOOLEAN,               \
        .fallback = "true", .doc = "Add a bias to every dense layer."                              \
    }

static const struct schema_row linear_parameters[] = {
    BIAS_ROW, INITIALIZER_ROW(struct dense_settings, "lecun"), {0}};

/* linear and mlp take an example's elements whatever their shape: an image as after flatten, so
 * that weights have its channels first at file boundaries. */
static void take_vector(struct model *model)
{
    model->input.kind = FORM_VECTOR;
}

/* A residual sum ties the order of units to that of the input, which is then the same inside and
 * outside. */
static void untie_order(struct model *model, const struct dense_settings *settings)
{
    bool ties = settings->residual && settings->hidden.count > 0 &&
                settings->hidden.items[0] == model->features;
    if (ties) model->input = form_vector(model->features);
}

static basin_status expand_linear(struct model *model, const void *own)
{
    const struct dense_settings *settings = own;
    take_vector(model);
    return layer_dense(model, model->outputs, settings->bias);
}

static const struct schema_row mlp_parameters[] = {
    {.key = "hidden",
     SETTING(struct dense_settings, hidden),
     .type = SCHEMA_INTEGERS,
     .unit = "units",
     .minimum = 1,
     .maximum = 1 << 20,
     .fallback = "[128]",
     .doc = "Width of each hidden layer, from input to output; [] gives a linear model.",
     .aliases =
         (const char *const[]){"hidden_sizes", "hidden_size", "hidden_units", "hidden_layers",
                               "layers", "units", "width", "widths", "hidden_dim", "hidden_dims",
                               "hidden_layer_sizes", "neurons", NULL}},
    {ACTIVATION_ROW(struct dense_settings, "Activation after every hidden layer."),
     .fallback = "relu"},
    BIAS_ROW,
    {.key = "residual",
     SETTING(struct dense_settings, residual),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc = "h + activation(W h + b) in every hidden layer whose input and output have the same "
            "width.",
     .source = "He et al., CVPR 2016"},
    INITIALIZER_ROW(struct dense_settings, "kaiming"),
    {0}};

static basin_status expand_hidden(struct model *model, const struct dense_settings *settings,
                                  int64_t units)
{
    int start = model->cursor;
    int64_t in = form_units(model_form(model));
    TRY(layer_dense(model, units, settings->bias));
    TRY(layer_activation(model, settings->activation));
    TRY(layer_dropout(model, model->dropout));
    return settings->residual && in == units ? layer_residual(model, start) : BASIN_OK;
}

static basin_status expand_mlp(struct model *model, const void *own)
{
    const struct dense_settings *settings = own;
    take_vector(model);
    untie_order(model, settings);
    for (size_t i = 0; i < settings->hidden.count; i++)
        TRY(expand_hidden(model, settings, settings->hidden.items[i]));
    return layer_dense(model, model->outputs, settings->bias);
}

static const struct architecture linear_architecture = {expand_linear},
                                 mlp_architecture = {expand_mlp};

static const struct entry linear_entry = {
    .name = "linear",
    .doc =
        "One dense layer from the inputs to the outputs: linear or logistic (softmax) regression.",
    .parameters = linear_parameters,
    .settings_size = sizeof(struct dense_settings),
    .implementation = &linear_architecture};
static const struct entry mlp_entry = {.name = "mlp",
                                       .doc =
                                           "Multi-layer perceptron: hidden dense layers, each with "
                                           "the activation (and dropout), then a dense head.",
                                       .parameters = mlp_parameters,
                                       .settings_size = sizeof(struct dense_settings),
                                       .implementation = &mlp_architecture};

static const struct entry *const entries[] = {
    &linear_entry, &mlp_entry, &cnn_entry,         &resnet_entry,     &rnn_entry,
    &lstm_entry,   &gru_entry, &transformer_entry, &sequential_entry, NULL};

const struct registry architecture_registry = {
    .kind = "architecture", .plural = "architectures", .entries = entries};
