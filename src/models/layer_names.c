/* Names of layers, by which their outputs are asked for. A layer with parameters has the name that
 * these begin with ("layers.0"), one without the name of the one with parameters before it and what
 * it is ("layers.0.activation"; "input.flatten" where there is none). */
#include <stdio.h>
#include <string.h>
#include "models/layer.h"
#include "models/model.h"

int model_layer_count(const struct model *model)
{
    return model->layer_count;
}

int64_t model_layer_size(const struct model *model, int layer)
{
    return form_size(model->layers[layer].out);
}

/* Cuts `name` to the whole components that `other` begins with too. */
static void common_components(char *name, const char *other)
{
    size_t end = 0, i = 0;
    for (; name[i] && name[i] == other[i]; i++)
        if (name[i] == '.') end = i;
    if (name[i] || other[i] != '.') name[end] = '\0';
}

static void name_by_parameters(const struct model *model, const struct layer *layer,
                               char name[LAYER_NAME])
{
    snprintf(name, LAYER_NAME, "%s", model->parameters[layer->parameter].name);
    char *last = strrchr(name, '.');
    if (last) *last = '\0';
    for (int i = 1; i < layer->parameters; i++)
        common_components(name, model->parameters[layer->parameter + i].name);
}

static void name_without_number(const struct model *model, int index, char name[LAYER_NAME])
{
    const struct layer *layer = &model->layers[index];
    char before[LAYER_NAME] = "input";
    if (layer->parameters > 0) {
        name_by_parameters(model, layer, name);
        return;
    }
    int last = index;
    while (last >= 0 && model->layers[last].parameters == 0) last--;
    if (last >= 0) name_by_parameters(model, &model->layers[last], before);
    snprintf(name, LAYER_NAME, "%.*s.%s", LAYER_NAME - 40, before, layer->kind->name);
}

/* The second of a name gets ".2", and so on. */
void model_layer_name(const struct model *model, int layer, char name[LAYER_NAME])
{
    char other[LAYER_NAME];
    int same = 1;
    name_without_number(model, layer, name);
    for (int i = 0; i < layer; i++) {
        name_without_number(model, i, other);
        same += strcmp(name, other) == 0;
    }
    size_t length = strlen(name);
    if (same > 1) snprintf(name + length, LAYER_NAME - length, ".%d", same);
}

int model_layer_find(const struct model *model, const char *name)
{
    char own[LAYER_NAME];
    for (int i = 0; i < model->layer_count; i++) {
        model_layer_name(model, i, own);
        if (strcmp(own, name) == 0) return i;
    }
    return -1;
}
