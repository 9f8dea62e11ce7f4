/* Token embedding. */
#include "models/layer.h"

/* ids (N, T) -> rows of the table (N T, width) */
static graph_node build_embedding(const struct site *site, graph_node a)
{
    int64_t count = shape_size(graph_shape(site->graph, a));
    return graph_gather_rows(site->graph, site->parameters[0],
                             graph_reshape(site->graph, a, shape_vector(count)));
}

static const struct layer_kind embedding_kind = {"embedding", build_embedding};

basin_status layer_embedding(struct model *model, int64_t width)
{
    struct layer *layer;
    if (model->vocabulary == 0 || model->cursor > 0)
        return layer_refuse(model, "", "use it as the first layer, with dataset: kjv-text or text",
                            "embedding needs tokens, and what comes here are numbers");
    TRY(layer_add(model, &embedding_kind, 0, NULL, &layer));
    layer->out = form_sequence(model->features, width);
    return layer_parameter(model, layer,
                           &(struct parameter_form){.name = "weight",
                                                    .role = ROLE_WEIGHT,
                                                    .shape = shape_matrix(model->vocabulary, width),
                                                    .fan_in = width,
                                                    .fan_out = width});
}

struct embedding_settings {
    int64_t width;
};

static basin_status append_embedding(struct model *model, const void *settings)
{
    return layer_embedding(model, ((const struct embedding_settings *)settings)->width);
}

static const struct schema_row embedding_parameters[] = {
    {.key = "width",
     SETTING(struct embedding_settings, width),
     .type = SCHEMA_INTEGER,
     .unit = "units",
     .minimum = 1,
     .maximum = 1 << 16,
     .fallback = "64",
     .doc = "Width of the vector of a token.",
     .aliases = (const char *const[]){"size", "dimension", "units", NULL}},
    {0}};

static const struct layer_definition embedding_definition = {append_embedding};
const struct entry embedding_entry = {
    .name = "embedding",
    .doc = "A trained vector for every token; only as the first layer of a language model.",
    .parameters = embedding_parameters,
    .settings_size = sizeof(struct embedding_settings),
    .implementation = &embedding_definition};
