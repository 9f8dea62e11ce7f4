/* models/architectures.c: which layers and parameters an architecture has, their names, shapes and
 * places. */
#include "../support.h"
#include "models/layer.h"

#define DATA "dataset: {name: mnist1d, train_size: 50, test_size: 10}\n"

static void expect(const struct setting *s, int index, const char *name, enum parameter_role role,
                   struct shape shape, int64_t offset)
{
    const struct model_parameter *parameter = model_parameter(s->model, index);
    cr_assert_str_eq(parameter->name, name);
    cr_assert_eq(parameter->role, role);
    cr_assert(shape_equal(parameter->shape, shape), "%s", name);
    cr_assert_eq(parameter->offset, offset, "%s", name);
    cr_assert_eq(parameter->size, shape_size(shape));
}

static bool is_kind(const struct layer *layer, const char *kind)
{
    return strcmp(layer->kind->name, kind) == 0;
}

static int layers_of(const struct setting *s, const char *kind)
{
    int count = 0;
    for (int i = 0; i < s->model->layer_count; i++) count += is_kind(&s->model->layers[i], kind);
    return count;
}

Test(architectures, linear)
{
    struct setting s;
    setting_open(&s, DATA "architecture: {type: linear}\n");
    cr_assert_eq(model_parameter_count(s.model), 2);
    expect(&s, 0, "layers.0.weight", ROLE_WEIGHT, shape_matrix(40, 10), 0);
    expect(&s, 1, "layers.0.bias", ROLE_BIAS, shape_vector(10), 400);
    cr_assert_eq(model_parameter(s.model, 0)->fan_in, 40);
    cr_assert_eq(model_parameter(s.model, 0)->fan_out, 10);
    cr_assert_eq(model_size(s.model), 410);
    cr_assert_eq(model_forward_flops(s.model), 800);
    cr_assert_eq(model_gradient_flops(s.model), 1600);
    setting_close(&s);
    setting_open(&s, DATA "architecture: {type: linear, bias: false}\n");
    cr_assert_eq(model_parameter_count(s.model), 1);
    cr_assert_eq(model_size(s.model), 400);
    setting_close(&s);
}

Test(architectures, mlp)
{
    struct setting s;
    setting_open(&s, DATA "architecture: {type: mlp, hidden: [7, 5], activation: tanh}\n");
    cr_assert_eq(model_parameter_count(s.model), 6);
    expect(&s, 0, "layers.0.weight", ROLE_WEIGHT, shape_matrix(40, 7), 0);
    expect(&s, 1, "layers.0.bias", ROLE_BIAS, shape_vector(7), 280);
    expect(&s, 2, "layers.1.weight", ROLE_WEIGHT, shape_matrix(7, 5), 287);
    expect(&s, 3, "layers.1.bias", ROLE_BIAS, shape_vector(5), 322);
    expect(&s, 4, "layers.2.weight", ROLE_WEIGHT, shape_matrix(5, 10), 327);
    expect(&s, 5, "layers.2.bias", ROLE_BIAS, shape_vector(10), 377);
    cr_assert_eq(model_size(s.model), 387);
    double forward = 2 * (40 * 7 + 7 * 5 + 5 * 10);
    cr_assert_eq(model_forward_flops(s.model), forward);
    cr_assert_eq(model_gradient_flops(s.model), 3 * forward - 2 * 40 * 7,
                 "no data gradient for the first layer");
    cr_assert_eq(layers_of(&s, "activation"), 2, "none after the head");
    cr_assert_not(model_has_dropout(s.model));
    setting_close(&s);
    setting_open(&s, DATA "architecture: {type: mlp, hidden: [7, 5], bias: false}\n");
    cr_assert_eq(model_parameter_count(s.model), 3);
    expect(&s, 2, "layers.2.weight", ROLE_WEIGHT, shape_matrix(5, 10), 315);
    setting_close(&s);
}

Test(architectures, mlp_without_hidden_layers_is_linear)
{
    struct setting s;
    setting_open(&s, DATA "architecture: {type: mlp, hidden: []}\n");
    cr_assert_eq(model_parameter_count(s.model), 2);
    expect(&s, 0, "layers.0.weight", ROLE_WEIGHT, shape_matrix(40, 10), 0);
    cr_assert_eq(s.model->layer_count, 1);
    setting_close(&s);
}

Test(architectures, residual_only_where_widths_agree)
{
    struct setting s;
    setting_open(&s, DATA "architecture: {type: mlp, hidden: [40, 6, 6, 5], residual: true}\n");
    cr_assert_eq(layers_of(&s, "residual"), 2); /* 40 -> 40 and 6 -> 6 */
    cr_assert(is_kind(&s.model->layers[2], "residual"));
    cr_assert_eq(*(const int *)s.model->layers[2].settings, 0, "around dense and activation");
    cr_assert(is_kind(&s.model->layers[7], "residual"));
    cr_assert_eq(*(const int *)s.model->layers[7].settings, 5);
    setting_close(&s);
    setting_open(&s, DATA "architecture: {type: mlp, hidden: [40, 6, 6, 5]}\n");
    cr_assert_eq(layers_of(&s, "residual"), 0);
    setting_close(&s);
}

Test(architectures, dropout_after_every_hidden_layer)
{
    struct setting s;
    setting_open(&s,
                 DATA "architecture: {type: mlp, hidden: [6, 5]}\nregularizers: {dropout: 0.25}\n");
    cr_assert(model_has_dropout(s.model));
    cr_assert_eq(layers_of(&s, "dropout"), 2);
    int ordinal = 0;
    for (int i = 0; i < s.model->layer_count; i++)
        if (is_kind(&s.model->layers[i], "dropout")) {
            const struct {
                double rate;
                int ordinal;
            } *dropout = s.model->layers[i].settings;
            cr_assert_eq(dropout->ordinal, ordinal++);
            cr_assert_eq(dropout->rate, 0.25);
        }
    setting_close(&s);
}

Test(architectures, regression_has_as_many_outputs_as_targets)
{
    struct setting s;
    setting_open(&s,
                 "dataset: {name: linear-regression, n: 20, p: 7}\narchitecture: {type: linear}\n");
    expect(&s, 0, "layers.0.weight", ROLE_WEIGHT, shape_matrix(7, 1), 0);
    setting_close(&s);
}

/* An image of two channels, 1 x 2: inside its numbers are (w0 c0, w0 c1, w1 c0, w1 c1), in PyTorch
 * (c0 w0, c0 w1, c1 w0, c1 w1). */
Test(architectures, channels_come_first_in_the_files_of_perceptrons_too)
{
    static const char *const nets[] = {"{type: linear}", "{type: mlp, hidden: [3]}",
                                       "{type: mlp, hidden: [4], residual: true}"};
    static const int rows[][4] = {{0, 2, 1, 3},
                                  {0, 2, 1, 3},
                                  {0, 1, 2, 3}}; /* a residual sum ties the orders of both sides */
    for (int net = 0; net < 3; net++) {
        struct setting s;
        struct model *model;
        struct record *record;
        setting_open(&s, "dataset: {name: mnist1d, train_size: 50, test_size: 10}\narchitecture: "
                         "{type: linear}\n");
        struct data_info info = *s.info;
        info.rank = 3;
        info.dims[0] = 1, info.dims[1] = 2, info.dims[2] = 2;
        info.features = 4;
        struct setting other;
        char yaml[200];
        snprintf(yaml, sizeof yaml, DATA "architecture: %s\n", nets[net]);
        setting_open(&other, yaml);
        OK(run_model_create(s.arena, other.settings, &info, &model));
        double *w = arena_array(s.arena, double, (size_t)model_size(model));
        int64_t units = model_parameter(model, 0)->shape.dim[1];
        for (int64_t i = 0; i < 4 * units; i++)
            w[i] = (double)(10 * (i / units) + i % units); /* 10 in + out */
        OK(record_create(s.arena, &record));
        OK(model_export(model, w, PRECISION_FLOAT64, record, "/weights/final"));
        const struct record_item *item = record_find(record, "/weights/final/layers.0.weight");
        for (int out = 0; out < 2; out++)
            for (int in = 0; in < 4; in++)
                cr_assert_eq(record_number(item, (size_t)(out * 4 + in)), 10 * rows[net][in] + out,
                             "%s", nets[net]);
        setting_close(&other);
        setting_close(&s);
    }
}

Test(architectures, shortage_of_memory_is_an_error)
{
    struct setting s;
    setting_open(&s, DATA "architecture: {type: mlp, hidden: [6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6], "
                          "residual: true}\n");
    cr_assert_eq(model_parameter_count(s.model), 26);
    basin_status status = BASIN_MEMORY;
    for (long n = 1; status != BASIN_OK; n++) {
        struct arena *arena;
        struct model *model;
        OK(arena_create(&arena));
        memory_fail_at(n);
        status = run_model_create(arena, s.settings, s.info, &model);
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY);
        cr_assert(n > 1 || status == BASIN_MEMORY);
        arena_destroy(arena);
    }
    setting_close(&s);
}
