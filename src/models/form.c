#include "models/form.h"

struct form form_vector(int64_t units)
{
    return (struct form){
        .kind = FORM_VECTOR, .height = 1, .width = 1, .channels = units, .steps = 1};
}

struct form form_map(int axes, int64_t height, int64_t width, int64_t channels)
{
    return (struct form){.kind = FORM_MAP,
                         .axes = axes,
                         .height = height,
                         .width = width,
                         .channels = channels,
                         .steps = 1};
}

struct form form_sequence(int64_t steps, int64_t features)
{
    return (struct form){
        .kind = FORM_SEQUENCE, .height = 1, .width = 1, .channels = features, .steps = steps};
}

int64_t form_size(struct form form)
{
    return form.steps * form.height * form.width * form.channels;
}

int64_t form_units(struct form form)
{
    return form.kind == FORM_VECTOR ? form_size(form) : form.channels;
}

struct shape form_shape(struct form form, int64_t batch)
{
    if (form.kind == FORM_MAP)
        return (struct shape){.rank = 4, .dim = {batch, form.height, form.width, form.channels}};
    return shape_matrix(batch * form.steps, form_units(form));
}

static bool is_flattened(struct form form)
{
    return form.kind == FORM_VECTOR && form.height * form.width > 1 && form.channels > 1;
}

struct layout layout_dense(struct form in, int64_t units)
{
    struct shape outer = shape_matrix(units, form_units(in));
    if (!is_flattened(in))
        return (struct layout){
            .inner = shape_matrix(form_units(in), units), .outer = outer, .order = {1, 0}};
    return (struct layout){.inner = {.rank = 4, .dim = {in.height, in.width, in.channels, units}},
                           .outer = outer,
                           .order = {3, 2, 0, 1}};
}

struct layout layout_units(struct form form)
{
    if (!is_flattened(form)) return (struct layout){0};
    return (struct layout){.inner = {.rank = 3, .dim = {form.height, form.width, form.channels}},
                           .outer = shape_vector(form_size(form)),
                           .order = {2, 0, 1}};
}
