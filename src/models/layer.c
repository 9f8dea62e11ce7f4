#include "models/layer.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/list.h"

struct form model_form(const struct model *model)
{
    return model->cursor == 0 ? model->input : model->layers[model->cursor - 1].out;
}

basin_status layer_refuse(const struct model *model, const char *key, const char *hint,
                          const char *format, ...)
{
    char message[512], path[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    error_raise(BASIN_SPEC, "%s", message);
    error_hint("%s", hint);
    snprintf(path, sizeof path, "%s%s%s", model->path ? model->path : "architecture",
             *key ? "." : "", key);
    error_key("%s", path);
    return BASIN_SPEC;
}

basin_status form_as_map(const struct model *model, const char *who, struct form *form)
{
    *form = model_form(model);
    if (form->kind == FORM_SEQUENCE)
        *form = form_map(1, 1, form->steps, form->channels);
    else if (form->points)
        *form = form_map(1, 1, form->channels, 1);
    else if (form->kind == FORM_VECTOR)
        return layer_refuse(
            model, "", "put it before flatten, dense and global pooling",
            "%s needs an image or a signal, but what comes here is a vector of %lld", who,
            (long long)form_units(*form));
    return BASIN_OK;
}

basin_status layer_keep_order(const struct model *model, const char *who)
{
    if (model->vocabulary == 0 || model_form(model).kind != FORM_SEQUENCE) return BASIN_OK;
    return layer_refuse(
        model, "",
        "between embedding and head use recurrent layers, dense, layer_norm, activations and "
        "dropout",
        "a language model must not see what it predicts, and %s looks at the tokens that follow",
        who);
}

/* Sizes are int64; what comes near their end is refused before anything is computed of it. */
static basin_status check_size(const struct model *model, double elements, const char *what)
{
    if (elements <= 0x1p48) return BASIN_OK;
    return layer_refuse(model, "", "make it smaller", "%.3g %s are more than any machine holds",
                        elements, what);
}

/* The name that the user wrote, where that is a layer of a list ("architecture.layers.0.relu"), or
 * else what the layer is. */
static const char *name_written(const struct model *model, const char *name, char out[64])
{
    const char *last = model->path ? strrchr(model->path, '.') : NULL;
    bool is_item = last && last > model->path && isdigit((unsigned char)last[-1]);
    snprintf(out, 64, "%s", is_item ? last + 1 : name);
    return out;
}

basin_status layer_add(struct model *model, const struct layer_kind *kind, size_t settings_size,
                       void *settings, struct layer **out)
{
    char written[64];
    if (model->vocabulary && model->cursor == 0 && strcmp(kind->name, "embedding") != 0)
        return layer_refuse(model, "", "begin with \"- embedding: {width: 64}\"",
                            "%s needs numbers, but the input are tokens",
                            name_written(model, kind->name, written));
    struct form form = model_form(model);
    double units =
        (double)form.steps * (double)form.height * (double)form.width * (double)form.channels;
    TRY(check_size(model, units, "numbers between two layers"));
    void *own = settings_size ? arena_allocate(model->arena, settings_size) : NULL;
    if (settings_size && !own) return BASIN_MEMORY;
    if (!list_room(model->arena, model->layers, (size_t)model->layer_count, 1,
                   model->layer_capacity))
        return BASIN_MEMORY;
    if (settings_size) memcpy(own, settings, settings_size);
    *out = &model->layers[model->layer_count++];
    **out = (struct layer){.kind = kind,
                           .settings = own,
                           .in = form,
                           .out = form,
                           .from = model->cursor,
                           .parameter = model->parameter_count,
                           .buffer = model->buffer_count};
    model->cursor = model->layer_count;
    return BASIN_OK;
}

/* The first parameter of a layer outside of a block opens a new number. */
static char *layer_name_of(struct model *model, const struct layer *layer, const char *name)
{
    int index = (int)(layer - model->layers);
    if (!model->in_block && model->named != index + 1) {
        model->named = index + 1;
        model->ordinal++;
    }
    if (model->part)
        return arena_format(model->arena, "layers.%d.%s.%s", model->ordinal - 1, model->part, name);
    return arena_format(model->arena, "layers.%d.%s", model->ordinal - 1, name);
}

void layer_block_begin(struct model *model)
{
    model->in_block = true;
    model->ordinal++;
}

void layer_part(struct model *model, const char *part)
{
    model->part = part;
}

void layer_block_end(struct model *model)
{
    model->in_block = false;
    model->part = NULL;
}

basin_status layer_parameter(struct model *model, struct layer *layer,
                             const struct parameter_form *form)
{
    double elements = 1;
    for (int i = 0; i < form->shape.rank; i++) elements *= (double)form->shape.dim[i];
    TRY(check_size(model, elements + (double)model->size, "parameters"));
    if (!list_room(model->arena, model->parameters, (size_t)model->parameter_count, 1,
                   model->parameter_capacity))
        return BASIN_MEMORY;
    struct model_parameter *parameter = &model->parameters[model->parameter_count++];
    layer->parameters++;
    *parameter = (struct model_parameter){
        .name = layer_name_of(model, layer, form->name),
        .role = form->role,
        .shape = form->shape,
        .layout = form->layout,
        .offset = model->size,
        .size = shape_size(form->shape),
        .fan_in = form->fan_in,
        .fan_out = form->fan_out,
        .own_fan = form->own_fan,
        .former_in = form->former_in,
        .former_out = form->former_out,
        .fill = form->fill,
        .initializer = model->initializer,
    };
    model->size += parameter->size;
    return parameter->name ? BASIN_OK : BASIN_MEMORY;
}

basin_status layer_buffer(struct model *model, struct layer *layer, const char *name,
                          struct shape shape, struct layout layout, double fill, double momentum)
{
    if (!list_room(model->arena, model->buffers, (size_t)model->buffer_count, 1,
                   model->buffer_capacity))
        return BASIN_MEMORY;
    struct model_buffer *buffer = &model->buffers[model->buffer_count++];
    layer->buffers++;
    *buffer = (struct model_buffer){.name = layer_name_of(model, layer, name),
                                    .shape = shape,
                                    .layout = layout,
                                    .offset = model->buffer_size,
                                    .size = shape_size(shape),
                                    .fill = fill,
                                    .momentum = momentum};
    model->buffer_size += buffer->size;
    return buffer->name ? BASIN_OK : BASIN_MEMORY;
}

graph_node layer_build(const struct site *site)
{
    const struct layer *layer = site->layer;
    graph_node a =
        graph_reshape(site->graph, site->values[layer->from], form_shape(layer->in, site->batch));
    return a == GRAPH_NONE
               ? a
               : layer->kind->build(site, a); /* layers compute with the shapes of their input */
}
