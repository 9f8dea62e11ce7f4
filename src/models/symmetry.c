#include "models/symmetry.h"

#include <stdio.h>
#include <string.h>
#include "models/layer.h"

/* The orders of units while the layers are walked: one for each value of the network, joined where
 * they are the same (a forest; a root stands for its group). */
struct walk {
    const struct model *model;
    int *parent;   /* (values) */
    bool *fixed;   /* (values) of a root: the order is that of inputs or outputs */
    size_t *units; /* (values) of a root */
    int *first;    /* (values) of a root: the layer that gives them, for its name */
    int *group;    /* (values) of a root: its number in the result */
    struct symmetry *symmetry;
};

static int root_of(const struct walk *walk, int value)
{
    while (walk->parent[value] != value) value = walk->parent[value];
    return value;
}

/* Values that are added have one order; an order that differs in its units from the other can only
 * stay as it is. */
static void join(struct walk *walk, int a, int b)
{
    a = root_of(walk, a);
    b = root_of(walk, b);
    if (a == b) return;
    int keep = a < b ? a : b, other = a < b ? b : a;
    walk->parent[other] = keep;
    walk->fixed[keep] = walk->fixed[a] || walk->fixed[b] || walk->units[a] != walk->units[b];
}

static bool is_mixed_whole(const struct model *model, const struct layer *layer)
{
    struct shape shape = model->parameters[layer->parameter].shape;
    return shape.rank != 4 || shape.dim[2] == layer->in.channels;
}

static basin_status symmetry_refuse(const struct layer *layer, const char *what)
{
    error_raise(BASIN_SPEC,
                "it is not known how the units of this network can be renumbered: it has a layer "
                "%s%s",
                layer->kind->name, what);
    error_hint("networks of dense layers, convolutions without groups, pooling, batch and layer "
               "normalisation and residual sums can be matched: mlp, cnn, resnet and lists of such "
               "layers");
    return BASIN_SPEC;
}

/* The order of what layer i gives. */
static basin_status walk_layer(struct walk *walk, int i)
{
    const struct layer *layer = &walk->model->layers[i];
    int value = i + 1;
    switch (layer->kind->units) {
    case UNITS_KEPT:
        walk->parent[value] = layer->from;
        return BASIN_OK;
    case UNITS_ADDED:
        walk->parent[value] = layer->from;
        join(walk, layer->from, *(const int *)layer->settings);
        return BASIN_OK;
    case UNITS_MIXED:
        if (!is_mixed_whole(walk->model, layer))
            return symmetry_refuse(layer, " in groups of channels");
        walk->units[value] = (size_t)layer->out.channels;
        walk->first[value] = i;
        return BASIN_OK;
    default:
        return symmetry_refuse(layer, "");
    }
}

/* An axis of an array along the units of a value, in rows of `inner` elements. */
static void symmetry_add_axis(const struct walk *walk, struct symmetry_array *array, int value,
                              size_t inner)
{
    int root = root_of(walk, value);
    size_t units = walk->units[root];
    if (walk->fixed[root]) return;
    array->axes[array->axis_count++] =
        (struct symmetry_axis){walk->group[root], array->size / (units * inner), units, inner};
}

static void add_arrays(const struct walk *walk, int i)
{
    const struct model *model = walk->model;
    const struct layer *layer = &model->layers[i];
    struct symmetry *symmetry = walk->symmetry;
    bool mixed = layer->kind->units == UNITS_MIXED;
    for (int k = 0; k < layer->parameters; k++) {
        const struct model_parameter *parameter = &model->parameters[layer->parameter + k];
        struct symmetry_array *array = &symmetry->arrays[symmetry->array_count++];
        *array = (struct symmetry_array){
            (size_t)parameter->offset, (size_t)parameter->size, true, 0, {{0}}};
        if (mixed && k == 0)
            symmetry_add_axis(walk, array, layer->from,
                              (size_t)parameter->shape.dim[parameter->shape.rank - 1]);
        symmetry_add_axis(walk, array, i + 1, 1);
    }
    for (int k = 0; k < layer->buffers; k++) {
        const struct model_buffer *buffer = &model->buffers[layer->buffer + k];
        struct symmetry_array *array = &symmetry->arrays[symmetry->array_count++];
        *array = (struct symmetry_array){
            (size_t)(model->size + buffer->offset), (size_t)buffer->size, false, 0, {{0}}};
        symmetry_add_axis(walk, array, i + 1, 1);
    }
}

static void number_groups(struct walk *walk)
{
    struct symmetry *symmetry = walk->symmetry;
    for (int value = 0; value <= walk->model->layer_count; value++) {
        if (root_of(walk, value) != value || walk->fixed[value]) continue;
        struct symmetry_group *group = &symmetry->groups[symmetry->group_count];
        group->units = walk->units[value];
        model_layer_name(walk->model, walk->first[value], group->name);
        walk->group[value] = symmetry->group_count++;
    }
}

static basin_status walk_all(struct walk *walk)
{
    const struct model *model = walk->model;
    for (int value = 0; value <= model->layer_count; value++) walk->parent[value] = value;
    walk->fixed[0] = true;
    for (int i = 0; i < model->layer_count; i++) TRY(walk_layer(walk, i));
    walk->fixed[root_of(walk, model->cursor)] = true;
    number_groups(walk);
    for (int i = 0; i < model->layer_count; i++) add_arrays(walk, i);
    return BASIN_OK;
}

basin_status symmetry_create(struct arena *arena, const struct model *model,
                             struct symmetry **symmetry)
{
    size_t values = (size_t)model->layer_count + 1;
    struct walk walk = {.model = model,
                        .parent = arena_array(arena, int, values),
                        .fixed = arena_array(arena, bool, values),
                        .units = arena_array(arena, size_t, values),
                        .first = arena_array(arena, int, values),
                        .group = arena_array(arena, int, values),
                        .symmetry = arena_allocate(arena, sizeof **symmetry)};
    size_t arrays = (size_t)model->parameter_count + (size_t)model->buffer_count + 1;
    if (!walk.parent || !walk.fixed || !walk.units || !walk.first || !walk.group || !walk.symmetry)
        return BASIN_MEMORY;
    walk.symmetry->arrays = arena_array(arena, struct symmetry_array, arrays);
    walk.symmetry->groups = arena_array(arena, struct symmetry_group, values);
    if (!walk.symmetry->arrays || !walk.symmetry->groups) return BASIN_MEMORY;
    *symmetry = walk.symmetry;
    return walk_all(&walk);
}

/* Where element e comes from. */
static size_t source_of(const struct symmetry_array *array, size_t *const *permutations, size_t e)
{
    for (int k = 0; k < array->axis_count; k++) {
        const struct symmetry_axis *axis = &array->axes[k];
        size_t unit = e / axis->inner % axis->units;
        e += (permutations[axis->group][unit] - unit) * axis->inner;
    }
    return e;
}

void symmetry_permute(const struct symmetry *symmetry, size_t *const *permutations,
                      const double *from, double *to)
{
    for (int i = 0; i < symmetry->array_count; i++) {
        const struct symmetry_array *array = &symmetry->arrays[i];
        for (size_t e = 0; e < array->size; e++)
            to[array->offset + e] = from[array->offset + source_of(array, permutations, e)];
    }
}
