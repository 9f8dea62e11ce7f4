/* Architectures: what a user can name, each expanded to layers. The head to the classes is added at the end. */
#include <string.h>
#include "models/layer.h"

#define INITIALIZER_ROW(default_text)                                                                                  \
    {.key = "initializer", .type = PARAMETER_VARIANT, .registry = &initializer_registry, .discriminator = "type",     \
     .fallback = default_text, .doc = "Distribution of the first weights.",                                            \
     .aliases = (const char *const[]){"init", "initialiser", "initialization", NULL}}
#define BIAS_ROW                                                                                                       \
    {.key = "bias", .type = PARAMETER_BOOLEAN, .fallback = "true", .doc = "Add a bias to every dense layer."}

static const struct parameter linear_parameters[] = {BIAS_ROW, INITIALIZER_ROW("lecun"), {0}};

static basin_status expand_linear(struct model *model, const struct value *spec)
{
    return layer_dense(model, model->features, model->outputs, value_boolean(spec, "architecture.bias"));
}

static const struct parameter mlp_parameters[] = {
    {.key = "hidden", .type = PARAMETER_INTEGERS, .unit = "units", .minimum = 1, .maximum = 1 << 20, .fallback = "[128]",
     .doc = "Width of each hidden layer, from the input on; [] is a linear model.",
     .aliases = (const char *const[]){"hidden_sizes", "hidden_size", "layers", "units", "widths", NULL}},
    {.key = "activation", .type = PARAMETER_CHOICE, .registry = &activation_registry, .fallback = "relu",
     .doc = "Activation after every hidden layer.", .aliases = (const char *const[]){"act", "nonlinearity", NULL}},
    BIAS_ROW,
    {.key = "residual", .type = PARAMETER_BOOLEAN, .fallback = "false",
     .doc = "h + activation(W h + b) in every hidden layer whose input and output have the same width.",
     .source = "He et al., CVPR 2016"},
    INITIALIZER_ROW("kaiming"),
    {0}};

static basin_status expand_hidden(struct model *model, const struct value *spec, int64_t in, int64_t out)
{
    int start = model->layer_count;
    TRY(layer_dense(model, in, out, value_boolean(spec, "architecture.bias")));
    TRY(layer_activation(model, value_text(spec, "architecture.activation")));
    TRY(layer_dropout(model, value_number(spec, "regularizers.dropout")));
    return value_boolean(spec, "architecture.residual") && in == out ? layer_residual(model, start) : BASIN_OK;
}

static basin_status expand_mlp(struct model *model, const struct value *spec)
{
    int64_t width = model->features;
    for (size_t i = 0; i < value_count(spec, "architecture.hidden"); i++) {
        int64_t next = value_item_integer(spec, "architecture.hidden", i);
        TRY(expand_hidden(model, spec, width, next));
        width = next;
    }
    return layer_dense(model, width, model->outputs, value_boolean(spec, "architecture.bias"));
}

static const struct architecture linear_architecture = {expand_linear}, mlp_architecture = {expand_mlp};

static const struct entry linear_entry = {
    .name = "linear",
    .doc = "One dense layer from the inputs to the outputs: linear or logistic (softmax) regression.",
    .parameters = linear_parameters,
    .implementation = &linear_architecture};
static const struct entry mlp_entry = {
    .name = "mlp",
    .doc = "Multi-layer perceptron: hidden dense layers, each with the activation (and dropout), then a dense head.",
    .parameters = mlp_parameters,
    .implementation = &mlp_architecture};

static const struct entry *const entries[] = {&linear_entry, &mlp_entry, NULL};

const struct registry architecture_registry = {.kind = "architecture", .plural = "architectures", .entries = entries};
