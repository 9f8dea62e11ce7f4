/* Forms between layers: their sizes and arrays, what can be taken as a map, and layouts at file
 * boundaries. */
#include "models_helpers.h"

static struct model model_with(struct form input)
{
    return (struct model){.input = input};
}

static void expect_shape(struct shape shape, struct shape wanted)
{
    cr_assert(shape_equal(shape, wanted));
}

Test(form, vectors)
{
    struct form form = form_vector(7);
    expect_form(form, FORM_VECTOR, 1, 1, 7, 1);
    cr_assert_eq(form_size(form), 7);
    cr_assert_eq(form_units(form), 7);
    expect_shape(form_shape(form, 3), shape_matrix(3, 7));
}

Test(form, maps)
{
    struct form form = form_map(2, 4, 5, 6);
    cr_assert_eq(form.axes, 2);
    expect_form(form, FORM_MAP, 4, 5, 6, 1);
    cr_assert_eq(form_size(form), 120);
    cr_assert_eq(form_units(form), 6, "a dense layer would work on channels");
    expect_shape(form_shape(form, 3), (struct shape){.rank = 4, .dim = {3, 4, 5, 6}});
}

Test(form, sequences)
{
    struct form form = form_sequence(4, 6);
    expect_form(form, FORM_SEQUENCE, 1, 1, 6, 4);
    cr_assert_eq(form_size(form), 24);
    cr_assert_eq(form_units(form), 6);
    expect_shape(form_shape(form, 3), shape_matrix(12, 6)); /* batch-major */
}

/* A flattened map remembers what it was; its units are all of it. */
Test(form, flattened_maps)
{
    struct form form = form_map(2, 4, 5, 6);
    form.kind = FORM_VECTOR;
    cr_assert_eq(form_units(form), 120);
    expect_shape(form_shape(form, 3), shape_matrix(3, 120));
}

Test(form, what_can_be_taken_as_a_map)
{
    struct form form;
    struct model maps = model_with(form_map(2, 4, 5, 6)),
                 sequences = model_with(form_sequence(4, 6)), signals = model_with(form_vector(7));
    signals.input.points = true;
    OK(form_as_map(&maps, "conv", &form));
    expect_form(form, FORM_MAP, 4, 5, 6, 1);
    cr_assert_eq(form.axes, 2);
    OK(form_as_map(&sequences, "conv", &form));
    expect_form(form, FORM_MAP, 1, 4, 6, 1);
    cr_assert_eq(form.axes, 1);
    OK(form_as_map(&signals, "conv", &form)); /* a signal of one channel */
    expect_form(form, FORM_MAP, 1, 7, 1, 1);
    cr_assert_eq(form.axes, 1);
}

/* A signal stays one behind what works on each point, and is none behind a dense layer. */
Test(form, a_vector_behind_a_layer_is_no_signal)
{
    struct setting s;
    model_open(&s, signal_of(40),
               "architecture: {type: sequential, layers: [relu, {conv: {channels: 3}}]}\n");
    expect_map(&s, 1, 1, 38, 3);
    setting_close(&s);
    expect_refused(
        signal_of(40),
        "architecture: {type: sequential, layers: [{dense: {units: 6}}, {conv: {channels: 3}}]}\n",
        "architecture.layers.1.conv", "a vector of 6");
}

/* Inside (in, out), outside (out, in). */
Test(form, layout_of_a_dense_weight)
{
    struct layout layout = layout_dense(form_vector(3), 2);
    expect_shape(layout.inner, shape_matrix(3, 2));
    expect_shape(layout.outer, shape_matrix(2, 3));
    cr_assert(layout.order[0] == 1 && layout.order[1] == 0);
}

/* The units of a flattened map are (H, W, C) inside and (C, H, W) outside; with one channel or
 * place that is the same. */
Test(form, layout_behind_a_flattened_map)
{
    struct form form = form_map(2, 4, 5, 6);
    form.kind = FORM_VECTOR;
    struct layout layout = layout_dense(form, 2), units = layout_units(form);
    static const int order[] = {3, 2, 0, 1};
    expect_shape(layout.inner, (struct shape){.rank = 4, .dim = {4, 5, 6, 2}});
    expect_shape(layout.outer, shape_matrix(2, 120));
    for (int i = 0; i < 4; i++) cr_assert_eq(layout.order[i], order[i]);
    expect_shape(units.inner, (struct shape){.rank = 3, .dim = {4, 5, 6}});
    expect_shape(units.outer, shape_vector(120));
    cr_assert(units.order[0] == 2 && units.order[1] == 0 && units.order[2] == 1);
    form.channels = 1;
    cr_assert_eq(layout_dense(form, 2).inner.rank, 2);
    cr_assert_eq(layout_units(form).inner.rank, 0);
    cr_assert_eq(layout_units(form_vector(9)).inner.rank, 0);
}

/* A dense layer on a flattened map of 1 x 2 x 2: PyTorch's unit c 2 + w is unit w 2 + c inside. */
Test(form, weights_behind_a_flattened_map_in_a_file)
{
    struct setting s;
    struct record *record;
    model_open(&s, image(1, 2, 2),
               "architecture: {type: sequential, layers: [flatten], bias: false}\n");
    double *w = doubles(&s, setting_size(&s));
    for (size_t i = 0; i < setting_size(&s); i++)
        w[i] = (double)i; /* unit u to class k: 10 u + k */
    OK(record_create(s.arena, &record));
    OK(model_export(s.model, w, PRECISION_FLOAT64, record, "/weights/final"));
    const struct record_item *item = found(record, "/weights/final/layers.0.weight");
    static const int inside[] = {0, 2, 1, 3};
    for (size_t k = 0; k < 10; k++)
        for (size_t u = 0; u < 4; u++)
            cr_assert_eq(record_number(item, 4 * k + u), 10 * inside[u] + (double)k);
    setting_close(&s);
}
