/* What a `layers:` list can name, and how such a list becomes layers. */
#include <stdio.h>
#include "models/layer.h"

#define ACTIVATION_LAYER(function, text)                                                           \
    static basin_status append_##function(struct model *model, const void *settings)               \
    {                                                                                              \
        (void)settings;                                                                            \
        return layer_activation(model, registry_find(&activation_registry, #function));            \
    }                                                                                              \
    static const struct layer_definition function##_definition = {append_##function};              \
    static const struct entry function##_entry = {                                                 \
        .name = #function, .doc = text, .implementation = &function##_definition}

ACTIVATION_LAYER(relu, "Activation max(0, x).");
ACTIVATION_LAYER(gelu, "Activation x Phi(x).");
ACTIVATION_LAYER(tanh, "Activation: hyperbolic tangent.");
ACTIVATION_LAYER(sigmoid, "Activation 1 / (1 + exp(-x)).");
ACTIVATION_LAYER(silu, "Activation x sigmoid(x).");
ACTIVATION_LAYER(identity, "Passes its input on unchanged.");

static const struct entry *const entries[] = {&conv_entry,
                                              &max_pool_entry,
                                              &average_pool_entry,
                                              &global_max_pool_entry,
                                              &global_average_pool_entry,
                                              &batch_norm_entry,
                                              &layer_norm_entry,
                                              &group_norm_entry,
                                              &relu_entry,
                                              &gelu_entry,
                                              &tanh_entry,
                                              &sigmoid_entry,
                                              &silu_entry,
                                              &identity_entry,
                                              &dropout_entry,
                                              &spatial_dropout_entry,
                                              &flatten_entry,
                                              &dense_entry,
                                              &embedding_entry,
                                              &rnn_layer_entry,
                                              &lstm_layer_entry,
                                              &gru_layer_entry,
                                              NULL};

const struct registry layer_registry = {.kind = "layer", .plural = "layers", .entries = entries};

/* A language model has an output at every position, and none of them may see what follows it. */
static basin_status check_sequence(const struct model *model, const char *name)
{
    struct form form = model_form(model);
    if (!model->vocabulary || (form.kind == FORM_SEQUENCE && form.steps == model->features))
        return BASIN_OK;
    return layer_refuse(
        model, "", "leave it out",
        "%s gives no sequence, but a language model needs an output at every position", name);
}

basin_status layers_append(struct model *model, const struct setting_list *list, const char *path)
{
    const char *outside = model->path;
    for (size_t i = 0; i < list->count; i++) {
        const struct entry *entry = list->items[i].entry;
        const struct layer_definition *definition = entry->implementation;
        model->path = arena_format(model->arena, "%s.%zu.%s", path, i, entry->name);
        if (!model->path) return BASIN_MEMORY;
        TRY(definition->append(model, list->items[i].settings));
        TRY(check_sequence(model, entry->name));
    }
    model->path = outside;
    return BASIN_OK;
}
