/* Batch, layer and group normalisation, with PyTorch's definitions. */
#include "models/layer.h"

const char *const norm_names[] = {"none", "batch", "layer", "group", NULL}; /* enum norm */
const char *const norm_aliases[] = {"normalization", "normalisation", NULL};

struct normalisation {
    double epsilon;
    int64_t groups;
    bool affine;
};

static unsigned leading_axes(struct shape shape)
{
    return (1u << (shape.rank - 1)) - 1;
}

static graph_node normalisation_repeat(struct graph *graph, graph_node channels, struct shape shape)
{
    return graph_broadcast(graph, channels, shape, leading_axes(shape));
}

/* ---- batch normalisation (Ioffe and Szegedy, ICML 2015) ---- */

static graph_node normalisation_row(struct graph *graph, graph_node pair, int64_t which)
{
    graph_node one = graph_slice(graph, pair, 0, which, 1);
    return graph_reshape(graph, one, shape_vector(graph_shape(graph, pair).dim[1]));
}

static graph_node inverse_deviation(struct graph *graph, graph_node variance, double epsilon)
{
    graph_node floor = graph_constant(graph, epsilon, graph_shape(graph, variance));
    return graph_rsqrt(graph, graph_add(graph, variance, floor));
}

/* x a + b, a = gamma / sqrt(var + eps), b = beta - mean a: by the batch's statistics, or in eval
 * mode the running ones. The running variance is unbiased (of a single value: as it is). */
static graph_node build_batch_norm(const struct site *site, graph_node x)
{
    const struct normalisation *settings = site->layer->settings;
    struct graph *graph = site->graph;
    struct shape shape = graph_shape(graph, x);
    graph_node mean = site->buffers[0], variance = site->buffers[1];
    if (site->mode != MODE_EVAL) {
        graph_node moments = graph_moments(graph, x);
        double n = (double)(shape_size(shape) / shape.dim[shape.rank - 1]);
        mean = normalisation_row(graph, moments, 0);
        variance = normalisation_row(graph, moments, 1);
        site->statistics[0] = mean;
        site->statistics[1] = n > 1 ? graph_scale(graph, variance, n / (n - 1)) : variance;
    }
    graph_node a = inverse_deviation(graph, variance, settings->epsilon);
    if (settings->affine) a = graph_multiply(graph, a, site->parameters[0]);
    graph_node b = graph_scale(graph, graph_multiply(graph, mean, a), -1);
    if (settings->affine) b = graph_add(graph, b, site->parameters[1]);
    return graph_add(graph, graph_multiply(graph, x, normalisation_repeat(graph, a, shape)),
                     normalisation_repeat(graph, b, shape));
}

static const struct layer_kind batch_norm_kind = {"batch_norm", build_batch_norm, UNITS_KEPT};

static basin_status add_affine(struct model *model, struct layer *layer, struct shape shape,
                               struct layout layout)
{
    struct parameter_form form = {.name = "weight",
                                  .role = ROLE_NORMALISATION,
                                  .shape = shape,
                                  .layout = layout,
                                  .fan_in = 1,
                                  .fan_out = 1,
                                  .fill = 1};
    TRY(layer_parameter(model, layer, &form));
    form.name = "bias";
    form.fill = 0;
    return layer_parameter(model, layer, &form);
}

basin_status layer_batch_norm(struct model *model, double epsilon, double momentum, bool affine)
{
    struct normalisation settings = {.epsilon = epsilon, .affine = affine};
    struct layer *layer;
    TRY(layer_add(model, &batch_norm_kind, sizeof settings, &settings, &layer));
    struct shape shape = shape_vector(form_units(layer->in));
    struct layout layout = layout_units(layer->in);
    if (affine) TRY(add_affine(model, layer, shape, layout));
    TRY(layer_buffer(model, layer, "running_mean", shape, layout, 0, momentum));
    return layer_buffer(model, layer, "running_var", shape, layout, 1, momentum);
}

/* ---- layer and group normalisation ---- */

/* Over all elements of an example (of a step of a sequence), with a weight and a bias for each (Ba
 * et al., arXiv:1607.06450). */
static graph_node build_layer_norm(const struct site *site, graph_node x)
{
    const struct normalisation *settings = site->layer->settings;
    struct graph *graph = site->graph;
    struct shape shape = graph_shape(graph, x);
    int64_t rows = site->batch * site->layer->in.steps;
    struct shape flat = shape_matrix(rows, shape_size(shape) / rows);
    graph_node y = graph_normalise(graph, graph_reshape(graph, x, flat), settings->epsilon);
    if (settings->affine)
        y = graph_add(
            graph,
            graph_multiply(graph, y, graph_broadcast(graph, site->parameters[0], flat, 1u << 0)),
            graph_broadcast(graph, site->parameters[1], flat, 1u << 0));
    return graph_reshape(graph, y, shape);
}

static const struct layer_kind layer_norm_kind = {"layer_norm", build_layer_norm, UNITS_KEPT};

/* (H W C) inside; outside (C, H, W), (C, L) of a signal. */
static struct layout layout_example(struct form form)
{
    if (form.kind != FORM_MAP) return layout_units(form);
    struct layout layout = {.inner = {.rank = 3, .dim = {form.height, form.width, form.channels}},
                            .outer = {.rank = 3, .dim = {form.channels, form.height, form.width}},
                            .order = {2, 0, 1}};
    if (form.axes == 1) layout.outer = shape_matrix(form.channels, form.width);
    return layout;
}

basin_status layer_layer_norm(struct model *model, double epsilon, bool affine)
{
    struct normalisation settings = {.epsilon = epsilon, .affine = affine};
    struct layer *layer;
    TRY(layer_add(model, &layer_norm_kind, sizeof settings, &settings, &layer));
    struct shape shape = shape_vector(form_size(layer->in) / layer->in.steps);
    return affine ? add_affine(model, layer, shape, layout_example(layer->in)) : BASIN_OK;
}

/* Over the positions and channels of a group, with a weight and a bias a channel (Wu and He, ECCV
 * 2018). */
static graph_node build_group_norm(const struct site *site, graph_node x)
{
    const struct normalisation *settings = site->layer->settings;
    struct graph *graph = site->graph;
    struct shape shape = graph_shape(graph, x);
    int64_t groups = settings->groups, channels = shape.dim[shape.rank - 1],
            deep = channels / groups;
    int64_t rows = site->batch, positions = shape_size(shape) / channels / rows;
    struct shape split = {.rank = 4, .dim = {rows, positions, groups, deep}};
    static const int order[] = {0, 2, 1, 3}; /* its own inverse */
    graph_node y = graph_transpose(graph, graph_reshape(graph, x, split), order);
    struct shape moved = graph_shape(graph, y);
    y = graph_normalise(graph,
                        graph_reshape(graph, y, shape_matrix(rows * groups, positions * deep)),
                        settings->epsilon);
    y = graph_reshape(graph, graph_transpose(graph, graph_reshape(graph, y, moved), order), shape);
    if (!settings->affine) return y;
    return graph_add(
        graph, graph_multiply(graph, y, normalisation_repeat(graph, site->parameters[0], shape)),
        normalisation_repeat(graph, site->parameters[1], shape));
}

static const struct layer_kind group_norm_kind = {"group_norm", build_group_norm};

static basin_status add_group_norm(struct model *model, int64_t groups, double epsilon, bool affine,
                                   const char *key)
{
    struct normalisation settings = {.epsilon = epsilon, .affine = affine, .groups = groups};
    struct form form = model_form(model);
    struct layer *layer;
    if (form.kind == FORM_VECTOR && form.height * form.width > 1)
        return layer_refuse(model, "", "put it before flatten",
                            "group_norm has no channels to group in a flattened image");
    TRY(layer_keep_order(model, "group_norm"));
    if (form.channels % groups)
        return layer_refuse(model, key, "use a number of groups that divides the channels",
                            "%lld groups do not divide %lld channels", (long long)groups,
                            (long long)form.channels);
    TRY(layer_add(model, &group_norm_kind, sizeof settings, &settings, &layer));
    return affine ? add_affine(model, layer, shape_vector(form.channels), layout_units(layer->in))
                  : BASIN_OK;
}

basin_status layer_group_norm(struct model *model, int64_t groups, double epsilon, bool affine)
{
    return add_group_norm(model, groups, epsilon, affine, "groups");
}

basin_status layer_normalisation(struct model *model, const struct norm_settings *norm,
                                 const char *key)
{
    switch (norm->kind) {
    case NORM_NONE:
        return BASIN_OK;
    case NORM_BATCH:
        return layer_batch_norm(model, 1e-5, 0.1, true);
    case NORM_LAYER:
        return layer_layer_norm(model, 1e-5, true);
    case NORM_GROUP:
        return add_group_norm(model, norm->groups, 1e-5, true, key);
    }
    return BASIN_OK;
}

/* ---- in a list ---- */

/* Of all three; each has the rows that it needs. */
struct normalisation_settings {
    double epsilon, momentum;
    int64_t groups;
    bool affine;
};

#define EPSILON_ROW                                                                                \
    {                                                                                              \
        .key = "epsilon", SETTING(struct normalisation_settings, epsilon), .type = SCHEMA_FLOAT,   \
        .maximum = 1, .fallback = "1e-5", .flags = SCHEMA_OPEN_MINIMUM,                            \
        .doc = "Added to the variance.", .aliases = (const char *const[])                          \
        {                                                                                          \
            "eps", NULL                                                                            \
        }                                                                                          \
    }
#define AFFINE_ROW                                                                                 \
    {                                                                                              \
        .key = "affine", SETTING(struct normalisation_settings, affine), .type = SCHEMA_BOOLEAN,   \
        .fallback = "true", .doc = "Learn a scale and a shift."                                    \
    }

static const struct schema_row batch_norm_parameters[] = {
    EPSILON_ROW,
    {.key = "momentum",
     SETTING(struct normalisation_settings, momentum),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "0.1",
     .doc = "Share of a batch's statistics in the running ones."},
    AFFINE_ROW,
    {0}};
static const struct schema_row layer_norm_parameters[] = {EPSILON_ROW, AFFINE_ROW, {0}};
static const struct schema_row group_norm_parameters[] = {
    {.key = "groups",
     SETTING(struct normalisation_settings, groups),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 1 << 16,
     .fallback = "4",
     .doc = "Groups of channels; they must divide the channels.",
     .aliases = (const char *const[]){"num_groups", NULL}},
    EPSILON_ROW,
    AFFINE_ROW,
    {0}};

static basin_status append_batch_norm(struct model *model, const void *own)
{
    const struct normalisation_settings *settings = own;
    return layer_batch_norm(model, settings->epsilon, settings->momentum, settings->affine);
}

static basin_status append_layer_norm(struct model *model, const void *own)
{
    const struct normalisation_settings *settings = own;
    return layer_layer_norm(model, settings->epsilon, settings->affine);
}

static basin_status append_group_norm(struct model *model, const void *own)
{
    const struct normalisation_settings *settings = own;
    return layer_group_norm(model, settings->groups, settings->epsilon, settings->affine);
}

static const struct layer_definition batch_norm_definition = {append_batch_norm},
                                     layer_norm_definition = {append_layer_norm},
                                     group_norm_definition = {append_group_norm};

const struct entry batch_norm_entry = {
    .name = "batch_norm",
    .doc = "Normalises every channel by the statistics of the batch; in eval mode by running ones, "
           "which are saved with the weights.",
    .source = "Ioffe and Szegedy, ICML 2015",
    .parameters = batch_norm_parameters,
    .settings_size = sizeof(struct normalisation_settings),
    .implementation = &batch_norm_definition};
const struct entry layer_norm_entry = {
    .name = "layer_norm",
    .doc = "Normalises every example (every step of a sequence) over all its elements.",
    .source = "Ba et al., arXiv:1607.06450",
    .parameters = layer_norm_parameters,
    .settings_size = sizeof(struct normalisation_settings),
    .implementation = &layer_norm_definition};
const struct entry group_norm_entry = {.name = "group_norm",
                                       .doc = "Normalises groups of channels of every example.",
                                       .source = "Wu and He, ECCV 2018",
                                       .parameters = group_norm_parameters,
                                       .settings_size = sizeof(struct normalisation_settings),
                                       .implementation = &group_norm_definition};
