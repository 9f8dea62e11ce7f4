/* Layers on units: dense, activations, dropout, sums with earlier values, flattening. */
#include "models/layer.h"

/* a (R, in) -> a W + b (R, out), W (in, out); every step of a sequence for itself. */
static graph_node build_dense(const struct site *site, graph_node a)
{
    graph_node out = graph_matmul(site->graph, a, site->parameters[0], false, false);
    if (site->layer->parameters == 1) return out;
    return graph_add(
        site->graph, out,
        graph_broadcast(site->graph, site->parameters[1], graph_shape(site->graph, out), 1u << 0));
}

static const struct layer_kind dense_kind = {"dense", build_dense, UNITS_MIXED};

basin_status layer_dense(struct model *model, int64_t units, bool bias)
{
    if (model_form(model).kind == FORM_MAP) TRY(layer_flatten(model));
    struct layer *layer;
    TRY(layer_add(model, &dense_kind, 0, NULL, &layer));
    struct form in = layer->in;
    int64_t width = form_units(in);
    layer->out = in.kind == FORM_SEQUENCE ? form_sequence(in.steps, units) : form_vector(units);
    layer->products = (double)in.steps * (double)width * (double)units;
    TRY(layer_parameter(model, layer,
                        &(struct parameter_form){.name = "weight",
                                                 .role = ROLE_WEIGHT,
                                                 .shape = shape_matrix(width, units),
                                                 .layout = layout_dense(in, units),
                                                 .fan_in = width,
                                                 .fan_out = units}));
    if (!bias) return BASIN_OK;
    return layer_parameter(model, layer,
                           &(struct parameter_form){.name = "bias",
                                                    .role = ROLE_BIAS,
                                                    .shape = shape_vector(units),
                                                    .fan_in = width,
                                                    .fan_out = units});
}

basin_status layer_head(struct model *model, bool bias)
{
    struct form form = model_form(model);
    if (model->vocabulary && (form.kind != FORM_SEQUENCE || form.steps != model->features))
        return layer_refuse(
            model, "", "let recurrent layers have readout: sequence, and do not flatten or pool",
            "a language model needs an output at every position");
    if (model->vocabulary) return layer_dense(model, model->outputs, bias);
    TRY(layer_flatten(model));
    return layer_dense(model, model->outputs, bias);
}

static graph_node build_activation(const struct site *site, graph_node a)
{
    const struct activation *const *activation = site->layer->settings;
    return (*activation)->build(site->graph, a);
}

static const struct layer_kind activation_kind = {"activation", build_activation, UNITS_KEPT};

basin_status layer_activation(struct model *model, const struct entry *chosen)
{
    struct layer *layer;
    const struct activation *activation = chosen->implementation;
    return layer_add(model, &activation_kind, sizeof activation, &activation, &layer);
}

struct dropout {
    double rate;
    int ordinal; /* which of the model's dropout layers */
};

static graph_node build_dropout(const struct site *site, graph_node a)
{
    const struct dropout *dropout = site->layer->settings;
    if (site->mode != MODE_TRAIN) return a;
    struct shape shape = graph_shape(site->graph, a);
    return graph_multiply(site->graph, a,
                          graph_dropout_mask(site->graph, dropout->rate, dropout->ordinal, shape));
}

/* One draw for a whole channel (Tompson et al., CVPR 2015). */
static graph_node build_spatial_dropout(const struct site *site, graph_node a)
{
    const struct dropout *dropout = site->layer->settings;
    if (site->mode != MODE_TRAIN) return a;
    struct shape shape = graph_shape(site->graph, a);
    graph_node mask = graph_dropout_mask(site->graph, dropout->rate, dropout->ordinal,
                                         shape_matrix(site->batch, shape.dim[3]));
    return graph_multiply(site->graph, a,
                          graph_broadcast(site->graph, mask, shape, 1u << 1 | 1u << 2));
}

static const struct layer_kind dropout_kind = {"dropout", build_dropout, UNITS_KEPT},
                               spatial_dropout_kind = {"spatial_dropout", build_spatial_dropout,
                                                       UNITS_KEPT};

basin_status layer_dropout(struct model *model, double rate)
{
    struct layer *layer;
    if (rate == 0) return BASIN_OK;
    struct dropout dropout = {rate, model->dropout_count++};
    return layer_add(model, &dropout_kind, sizeof dropout, &dropout, &layer);
}

basin_status layer_spatial_dropout(struct model *model, double rate)
{
    struct layer *layer;
    struct form form;
    TRY(form_as_map(model, "spatial_dropout", &form));
    if (rate == 0) return BASIN_OK;
    struct dropout dropout = {rate, model->dropout_count++};
    TRY(layer_add(model, &spatial_dropout_kind, sizeof dropout, &dropout, &layer));
    layer->in = layer->out = form;
    return BASIN_OK;
}

static graph_node build_residual(const struct site *site, graph_node a)
{
    const int *value = site->layer->settings;
    graph_node other =
        graph_reshape(site->graph, site->values[*value], graph_shape(site->graph, a));
    return graph_add(site->graph, other, a);
}

static const struct layer_kind residual_kind = {"residual", build_residual, UNITS_ADDED};

basin_status layer_residual(struct model *model, int value)
{
    struct layer *layer;
    return layer_add(model, &residual_kind, sizeof value, &value, &layer);
}

static graph_node build_flatten(const struct site *site, graph_node a)
{
    return graph_reshape(site->graph, a, form_shape(site->layer->out, site->batch));
}

static const struct layer_kind flatten_kind = {"flatten", build_flatten, UNITS_KEPT};

basin_status layer_flatten(struct model *model)
{
    struct form form = model_form(model);
    struct layer *layer;
    if (form.kind == FORM_VECTOR) return BASIN_OK;
    TRY(layer_add(model, &flatten_kind, 0, NULL, &layer));
    layer->out = form.kind == FORM_SEQUENCE ? form_vector(form_size(form)) : form;
    layer->out.kind = FORM_VECTOR;
    layer->out.axes = 0;
    return BASIN_OK;
}

/* ---- in a list ---- */

struct dense_layer_settings {
    int64_t units;
    bool bias;
};

struct dropout_settings {
    double rate;
};

static basin_status append_dense(struct model *model, const void *own)
{
    const struct dense_layer_settings *settings = own;
    return layer_dense(model, settings->units, settings->bias);
}

static basin_status append_flatten(struct model *model, const void *settings)
{
    (void)settings;
    return layer_flatten(model);
}

static basin_status append_dropout(struct model *model, const void *settings)
{
    return layer_dropout(model, ((const struct dropout_settings *)settings)->rate);
}

static basin_status append_spatial_dropout(struct model *model, const void *settings)
{
    return layer_spatial_dropout(model, ((const struct dropout_settings *)settings)->rate);
}

static const struct schema_row dense_parameters[] = {
    {.key = "units",
     SETTING(struct dense_layer_settings, units),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 1 << 20,
     .flags = SCHEMA_REQUIRED,
     .doc = "Outputs.",
     .aliases = (const char *const[]){"features", "out_features", "width", NULL}},
    {.key = "bias",
     SETTING(struct dense_layer_settings, bias),
     .type = SCHEMA_BOOLEAN,
     .fallback = "true",
     .doc = "Add a bias."},
    {0}};
static const struct schema_row dropout_parameters[] = {
    {.key = "rate",
     SETTING(struct dropout_settings, rate),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "0.5",
     .flags = SCHEMA_OPEN_MAXIMUM,
     .doc = "Probability of being zeroed in training; what is kept is scaled by 1/(1-rate).",
     .aliases = (const char *const[]){"p", "probability", NULL}},
    {0}};

static const struct layer_definition dense_definition = {append_dense},
                                     flatten_definition = {append_flatten},
                                     dropout_definition = {append_dropout},
                                     spatial_dropout_definition = {append_spatial_dropout};

const struct entry dense_entry = {
    .name = "dense",
    .doc = "Dense layer on a vector, or on every step of a sequence; an image is flattened first.",
    .parameters = dense_parameters,
    .settings_size = sizeof(struct dense_layer_settings),
    .aliases = (const char *const[]){"linear", "fc", "fully_connected", NULL},
    .implementation = &dense_definition};
const struct entry flatten_entry = {
    .name = "flatten",
    .doc =
        "An image, signal or sequence as one vector. At file boundaries the inputs of the next "
        "dense weight are in the order channel, height, width of images (channel, point of "
        "signals), and time, feature of sequences: x.flatten(1) of PyTorch's (N, C, H, W) and of "
        "its batch_first (N, T, F).",
    .implementation = &flatten_definition};
const struct entry dropout_entry = {.name = "dropout",
                                    .doc = "Dropout of single elements.",
                                    .source = "Srivastava et al., JMLR 2014",
                                    .parameters = dropout_parameters,
                                    .settings_size = sizeof(struct dropout_settings),
                                    .implementation = &dropout_definition};
const struct entry spatial_dropout_entry = {.name = "spatial_dropout",
                                            .doc = "Dropout of whole channels.",
                                            .source = "Tompson et al., CVPR 2015",
                                            .parameters = dropout_parameters,
                                            .settings_size = sizeof(struct dropout_settings),
                                            .implementation = &spatial_dropout_definition};
