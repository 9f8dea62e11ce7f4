#include "models/layer.h"

#include <string.h>

/* Grows an arena array by doubling; the old one is left to the arena. */
static void *room(struct arena *arena, void *array, int count, int *capacity, size_t size)
{
    if (count < *capacity) return array;
    int grown = *capacity ? 2 * *capacity : 8;
    char *copy = arena_allocate_array(arena, (size_t)grown, size);
    if (!copy) return NULL;
    if (count) memcpy(copy, array, (size_t)count * size);
    *capacity = grown;
    return copy;
}

static struct layer *add_layer(struct model *model, enum layer_kind kind)
{
    struct layer *layers = room(model->arena, model->layers, model->layer_count, &model->layer_capacity, sizeof *layers);
    if (!layers) return NULL;
    model->layers = layers;
    struct layer *layer = &layers[model->layer_count++];
    *layer = (struct layer){.kind = kind, .weight_index = -1, .bias_index = -1};
    return layer;
}

static basin_status add_parameter(struct model *model, const char *kind, enum parameter_role role, struct shape shape,
                                  int64_t fan_in, int64_t fan_out, int *index)
{
    struct model_parameter *parameters = room(model->arena, model->parameters, model->parameter_count,
                                              &model->parameter_capacity, sizeof *parameters);
    if (!parameters) return BASIN_MEMORY;
    model->parameters = parameters;
    *index = model->parameter_count++;
    parameters[*index] = (struct model_parameter){
        .name = arena_format(model->arena, "layers.%d.%s", model->dense_count, kind),
        .role = role,
        .shape = shape,
        .offset = model->size,
        .size = shape_size(shape),
        .fan_in = fan_in,
        .fan_out = fan_out,
        .initializer = model->initializer,
    };
    model->size += parameters[*index].size;
    return parameters[*index].name ? BASIN_OK : BASIN_MEMORY;
}

basin_status layer_dense(struct model *model, int64_t in, int64_t out, bool bias)
{
    struct layer *layer = add_layer(model, LAYER_DENSE);
    if (!layer) return BASIN_MEMORY;
    layer->in = in;
    layer->out = out;
    layer->bias = bias;
    TRY(add_parameter(model, "weight", ROLE_WEIGHT, shape_matrix(in, out), in, out, &layer->weight_index));
    if (bias) TRY(add_parameter(model, "bias", ROLE_BIAS, shape_vector(out), in, out, &layer->bias_index));
    model->dense_count++;
    return BASIN_OK;
}

basin_status layer_activation(struct model *model, const char *name)
{
    const struct entry *entry = registry_find(&activation_registry, name);
    if (!entry) return error_raise(BASIN_INTERNAL, "no activation has the name %s", name);
    struct layer *layer = add_layer(model, LAYER_ACTIVATION);
    if (!layer) return BASIN_MEMORY;
    layer->activation = entry->implementation;
    return BASIN_OK;
}

basin_status layer_dropout(struct model *model, double rate)
{
    if (rate == 0) return BASIN_OK;
    struct layer *layer = add_layer(model, LAYER_DROPOUT);
    if (!layer) return BASIN_MEMORY;
    layer->rate = rate;
    layer->ordinal = model->dropout_count++;
    return BASIN_OK;
}

basin_status layer_residual(struct model *model, int from)
{
    struct layer *layer = add_layer(model, LAYER_RESIDUAL);
    if (!layer) return BASIN_MEMORY;
    layer->from = from;
    return BASIN_OK;
}

/* What a layer's nodes are made from. */
struct site {
    const struct layer *layer;
    struct graph *graph;
    const graph_node *leaves, *inputs;
    enum model_mode mode;
};

/* a (N, in) -> a W + b (N, out), W (in, out) */
static graph_node build_dense(const struct site *site, graph_node a)
{
    const struct layer *layer = site->layer;
    graph_node out = graph_matmul(site->graph, a, site->leaves[layer->weight_index], false, false);
    if (layer->bias_index < 0) return out;
    struct shape shape = graph_shape(site->graph, out);
    return graph_add(site->graph, out, graph_broadcast(site->graph, site->leaves[layer->bias_index], shape, 1u << 0));
}

static graph_node build_activation(const struct site *site, graph_node a)
{
    return site->layer->activation->build(site->graph, a);
}

static graph_node build_dropout(const struct site *site, graph_node a)
{
    if (site->mode == MODE_EVAL) return a;
    struct shape shape = graph_shape(site->graph, a);
    return graph_multiply(site->graph, a, graph_dropout_mask(site->graph, site->layer->rate, site->layer->ordinal, shape));
}

static graph_node build_residual(const struct site *site, graph_node a)
{
    return graph_add(site->graph, site->inputs[site->layer->from], a);
}

static graph_node (*const builders[LAYER_KINDS])(const struct site *, graph_node) = {
    [LAYER_DENSE] = build_dense,
    [LAYER_ACTIVATION] = build_activation,
    [LAYER_DROPOUT] = build_dropout,
    [LAYER_RESIDUAL] = build_residual,
};

graph_node layer_build(const struct layer *layer, struct graph *graph, const graph_node *leaves,
                       const graph_node *inputs, graph_node a, enum model_mode mode)
{

    struct site site = {.layer = layer, .graph = graph, .leaves = leaves, .inputs = inputs, .mode = mode};
    return builders[layer->kind](&site, a);
}
