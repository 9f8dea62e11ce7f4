/* Recurrent layers, with PyTorch's equations, gate orders (i, f, g, o; r, z, n) and two bias
 * vectors.
 *
 * Inside, time is the leading axis: (T N, F). The products with the inputs are one for all steps;
 * what is left for the loop is one product with the last state for all gates, and the gates. */
#include <stdio.h>
#include "models/layer.h"

enum readout { READOUT_LAST, READOUT_ALL, READOUT_MEAN, READOUT_SEQUENCE };
enum step { STEP_ROWS, STEP_PIXELS };
enum rnn_activation { RNN_TANH, RNN_RELU };

struct cell {
    const char *name;
    int gates;
    /* x (T N, gates H): the inputs' share of the gates with their bias; the other two arrays and
     * the delay's h. */
    graph_node (*run)(struct graph *graph, graph_node x, graph_node recurrent, graph_node bias,
                      int64_t steps, bool backward, bool relu);
    bool joint_bias; /* both biases go to the same sums */
};

struct recurrent {
    const struct cell *cell;
    int64_t hidden, layers, steps, features;
    bool bidirectional, relu;
    enum readout readout;
    double dropout;
    int dropout_ordinal; /* of the first gap between layers */
};

static graph_node gate(struct graph *graph, graph_node z, int64_t width, int which)
{
    return graph_slice(graph, z, 1, which * width, width);
}

static graph_node recurrent_repeat_rows(struct graph *graph, graph_node vector, graph_node like)
{
    return graph_broadcast(graph, vector, graph_shape(graph, like), 1u << 0);
}

static struct shape state_shape(struct graph *graph, graph_node x, graph_node recurrent)
{
    return shape_matrix(graph_shape(graph, x).dim[0], graph_shape(graph, recurrent).dim[0]);
}

/* h = tanh(x + W h) */
static graph_node run_rnn(struct graph *graph, graph_node x, graph_node recurrent, graph_node bias,
                          int64_t steps, bool backward, bool relu)
{
    (void)bias;
    graph_node before = graph_delay(graph, state_shape(graph, x, recurrent), steps, backward);
    graph_node z = graph_add(graph, x, graph_matmul(graph, before, recurrent, false, false));
    graph_node h = relu ? graph_relu(graph, z) : graph_tanh(graph, z);
    graph_delay_close(graph, before, h);
    return h;
}

/* c = f c + i g, h = o tanh(c) */
static graph_node run_lstm(struct graph *graph, graph_node x, graph_node recurrent, graph_node bias,
                           int64_t steps, bool backward, bool relu)
{
    (void)bias, (void)relu;
    struct shape shape = state_shape(graph, x, recurrent);
    graph_node h_before = graph_delay(graph, shape, steps, backward),
               c_before = graph_delay(graph, shape, steps, backward);
    graph_node z = graph_add(graph, x, graph_matmul(graph, h_before, recurrent, false, false));
    graph_node i = graph_sigmoid(graph, gate(graph, z, shape.dim[1], 0)),
               f = graph_sigmoid(graph, gate(graph, z, shape.dim[1], 1));
    graph_node g = graph_tanh(graph, gate(graph, z, shape.dim[1], 2)),
               o = graph_sigmoid(graph, gate(graph, z, shape.dim[1], 3));
    graph_node c =
        graph_add(graph, graph_multiply(graph, f, c_before), graph_multiply(graph, i, g));
    graph_node h = graph_multiply(graph, o, graph_tanh(graph, c));
    graph_delay_close(graph, h_before, h);
    graph_delay_close(graph, c_before, c);
    return h;
}

/* n = tanh(x_n + r (W_n h + b_n)), h = n + z (h - n) */
static graph_node run_gru(struct graph *graph, graph_node x, graph_node recurrent, graph_node bias,
                          int64_t steps, bool backward, bool relu)
{
    (void)relu;
    struct shape shape = state_shape(graph, x, recurrent);
    int64_t width = shape.dim[1];
    graph_node before = graph_delay(graph, shape, steps, backward);
    graph_node u = graph_matmul(graph, before, recurrent, false, false);
    u = graph_add(graph, u, recurrent_repeat_rows(graph, bias, u));
    graph_node rz = graph_sigmoid(graph, graph_add(graph, graph_slice(graph, x, 1, 0, 2 * width),
                                                   graph_slice(graph, u, 1, 0, 2 * width)));
    graph_node r = gate(graph, rz, width, 0), z = gate(graph, rz, width, 1);
    graph_node n = graph_tanh(graph, graph_add(graph, gate(graph, x, width, 2),
                                               graph_multiply(graph, r, gate(graph, u, width, 2))));
    graph_node h = graph_add(graph, n, graph_multiply(graph, z, graph_subtract(graph, before, n)));
    graph_delay_close(graph, before, h);
    return h;
}

static const struct cell rnn_cell = {"rnn", 1, run_rnn, true},
                         lstm_cell = {"lstm", 4, run_lstm, true},
                         gru_cell = {"gru", 3, run_gru, false};

/* One direction of one layer; parameters: weight_ih, weight_hh, bias_ih, bias_hh. */
static graph_node run_direction(const struct recurrent *recurrent, struct graph *graph,
                                const graph_node *parameters, graph_node a, bool backward)
{
    graph_node x = graph_matmul(graph, a, parameters[0], false, false), bias = parameters[2];
    if (recurrent->cell->joint_bias) bias = graph_add(graph, bias, parameters[3]);
    x = graph_add(graph, x, recurrent_repeat_rows(graph, bias, x));
    return recurrent->cell->run(graph, x, parameters[1], parameters[3], recurrent->steps, backward,
                                recurrent->relu);
}

/* (T N, H) of one direction's last step. */
static graph_node last_step(struct graph *graph, graph_node h, int64_t steps, bool backward)
{
    int64_t rows = graph_shape(graph, h).dim[0] / steps;
    return graph_slice(graph, h, 0, backward ? 0 : (steps - 1) * rows, rows);
}

static graph_node exchange_axes(struct graph *graph, graph_node a, int64_t first, int64_t second)
{
    int64_t width = shape_size(graph_shape(graph, a)) / (first * second);
    graph_node apart =
        graph_reshape(graph, a, (struct shape){.rank = 3, .dim = {first, second, width}});
    return graph_transpose(graph, apart, (const int[]){1, 0, 2});
}

static graph_node read_out(const struct site *site, const graph_node *directions, int count)
{
    const struct recurrent *recurrent = site->layer->settings;
    struct graph *graph = site->graph;
    int64_t steps = recurrent->steps, width = recurrent->hidden * count;
    if (recurrent->readout == READOUT_LAST) {
        graph_node last = last_step(graph, directions[0], steps, false);
        return count == 1 ? last
                          : graph_concatenate(graph, last,
                                              last_step(graph, directions[1], steps, true), 1);
    }
    graph_node h =
        count == 1 ? directions[0] : graph_concatenate(graph, directions[0], directions[1], 1);
    if (recurrent->readout == READOUT_MEAN) {
        struct shape apart = {.rank = 3, .dim = {steps, site->batch, width}};
        return graph_scale(graph, graph_sum(graph, graph_reshape(graph, h, apart), 1u << 0),
                           1.0 / (double)steps);
    }
    return graph_reshape(graph, exchange_axes(graph, h, steps, site->batch),
                         form_shape(site->layer->out, site->batch));
}

static graph_node build_recurrent(const struct site *site, graph_node a)
{
    const struct recurrent *recurrent = site->layer->settings;
    struct graph *graph = site->graph;
    int count = recurrent->bidirectional ? 2 : 1;
    graph_node directions[2] = {GRAPH_NONE, GRAPH_NONE};
    a = exchange_axes(graph, a, site->batch, recurrent->steps);
    a = graph_reshape(graph, a, shape_matrix(recurrent->steps * site->batch, recurrent->features));
    for (int64_t layer = 0; layer < recurrent->layers; layer++) {
        for (int direction = 0; direction < count; direction++)
            directions[direction] = run_direction(
                recurrent, graph, site->parameters + 4 * (layer * count + direction), a, direction);
        if (layer == recurrent->layers - 1) break;
        a = count == 1 ? directions[0] : graph_concatenate(graph, directions[0], directions[1], 1);
        if (recurrent->dropout == 0 || site->mode != MODE_TRAIN) continue;
        int ordinal = recurrent->dropout_ordinal + (int)layer;
        a = graph_multiply(
            graph, a,
            graph_dropout_mask(graph, recurrent->dropout, ordinal, graph_shape(graph, a)));
    }
    return read_out(site, directions, count);
}

static const struct layer_kind recurrent_kind = {"recurrent", build_recurrent};

/* ---- declaring ---- */

/* The fans of an array of `rows` inputs and all gates. PyTorch's own default knows the state alone,
 * for every array; so did the other initialisers of earlier versions. */
static basin_status declare_array(struct model *model, struct layer *layer,
                                  const struct recurrent *recurrent, const char *what,
                                  int64_t index, bool reverse, int64_t rows)
{
    int64_t width = recurrent->hidden * recurrent->cell->gates;
    struct parameter_form form = {.name = arena_format(model->arena, "%s_l%lld%s", what,
                                                       (long long)index, reverse ? "_reverse" : ""),
                                  .role = rows ? ROLE_WEIGHT : ROLE_BIAS,
                                  .shape = rows ? shape_matrix(rows, width) : shape_vector(width),
                                  .fan_in = rows ? rows : recurrent->hidden,
                                  .fan_out = width,
                                  .own_fan = recurrent->hidden,
                                  .former_in = recurrent->hidden,
                                  .former_out = recurrent->hidden};
    if (rows)
        form.layout = (struct layout){
            .inner = form.shape, .outer = shape_matrix(width, rows), .order = {1, 0}};
    return form.name ? layer_parameter(model, layer, &form) : BASIN_MEMORY;
}

static basin_status declare(struct model *model, struct layer *layer,
                            const struct recurrent *recurrent)
{
    int count = recurrent->bidirectional ? 2 : 1;
    double width = (double)(recurrent->hidden * recurrent->cell->gates),
           steps = (double)recurrent->steps;
    for (int64_t index = 0; index < recurrent->layers; index++)
        for (int reverse = 0; reverse < count; reverse++) {
            int64_t in = index ? recurrent->hidden * count : recurrent->features;
            TRY(declare_array(model, layer, recurrent, "weight_ih", index, reverse, in));
            TRY(declare_array(model, layer, recurrent, "weight_hh", index, reverse,
                              recurrent->hidden));
            TRY(declare_array(model, layer, recurrent, "bias_ih", index, reverse, 0));
            TRY(declare_array(model, layer, recurrent, "bias_hh", index, reverse, 0));
            double products = steps * (double)in * width;
            if (index)
                layer->recurrent += products;
            else
                layer->products += products;
            layer->recurrent += steps * (double)recurrent->hidden * width;
        }
    return BASIN_OK;
}

/* What comes here as steps of features. */
static basin_status take_steps(const struct model *model, struct recurrent *recurrent, bool pixels)
{
    struct form form = model_form(model);
    bool image = form.kind == FORM_MAP && form.axes == 2;
    if (pixels && !image)
        return layer_refuse(model, "steps", "leave it out",
                            "steps: pixels needs images, and there are none here");
    if (form.kind == FORM_VECTOR && !form.points)
        return layer_refuse(
            model, "", "put it before flatten, dense and global pooling",
            "%s needs a signal, an image or a sequence, but what comes here is a vector of %lld",
            recurrent->cell->name, (long long)form_units(form));
    recurrent->steps = form.kind == FORM_SEQUENCE ? form.steps
                       : form.kind == FORM_VECTOR ? form_units(form)
                       : !image                   ? form.width
                       : pixels                   ? form.height * form.width
                                                  : form.height;
    recurrent->features = form_size(form) / recurrent->steps;
    return BASIN_OK;
}

/* Of the cells as architectures and as layers; each has the rows that it needs. */
struct recurrent_settings {
    struct architecture_settings common;
    int64_t hidden_size, layers, embedding;
    bool bidirectional, readout_changed;
    enum readout readout;
    enum step step;
    enum rnn_activation activation;
    double dropout;
};

static basin_status check_language(const struct model *model,
                                   const struct recurrent_settings *settings)
{
    if (model->vocabulary == 0) return BASIN_OK;
    if (settings->readout_changed && settings->readout != READOUT_SEQUENCE)
        return layer_refuse(model, "readout", "leave it out",
                            "a language model reads out every position");
    if (settings->bidirectional)
        return layer_refuse(model, "bidirectional", "leave it out",
                            "a language model must not see what it predicts");
    return BASIN_OK;
}

static basin_status recurrent_append(struct model *model, const struct cell *cell,
                                     const struct recurrent_settings *settings, double dropout)
{
    struct recurrent recurrent = {.cell = cell,
                                  .hidden = settings->hidden_size,
                                  .layers = settings->layers,
                                  .bidirectional = settings->bidirectional,
                                  .relu = settings->activation == RNN_RELU,
                                  .readout = settings->readout,
                                  .dropout = dropout,
                                  .dropout_ordinal = model->dropout_count};
    TRY(check_language(model, settings));
    if (model->vocabulary) recurrent.readout = READOUT_SEQUENCE;
    TRY(take_steps(model, &recurrent, settings->step == STEP_PIXELS));
    if (dropout > 0) model->dropout_count += (int)recurrent.layers - 1;
    struct layer *layer;
    TRY(layer_add(model, &recurrent_kind, sizeof recurrent, &recurrent, &layer));
    int64_t width = recurrent.hidden * (recurrent.bidirectional ? 2 : 1);
    layer->out = recurrent.readout == READOUT_SEQUENCE ? form_sequence(recurrent.steps, width)
                 : recurrent.readout == READOUT_ALL    ? form_vector(recurrent.steps * width)
                                                       : form_vector(width);
    return declare(model, layer, &recurrent);
}

/* ---- what a user can name ---- */

/* In the order of their enums. */
static const char *const readouts[] = {"last", "all", "mean", "sequence", NULL};
static const char *const step_names[] = {"rows", "pixels", NULL};
static const char *const rnn_activations[] = {"tanh", "relu", NULL};

#define FIELD(member) SETTING(struct recurrent_settings, member)

#define CELL_ROWS                                                                                  \
    {.key = "hidden_size",                                                                         \
     FIELD(hidden_size),                                                                           \
     .type = SCHEMA_INTEGER,                                                                       \
     .unit = "units",                                                                              \
     .minimum = 1,                                                                                 \
     .maximum = 1 << 16,                                                                           \
     .fallback = "128",                                                                            \
     .doc = "Width of the state.",                                                                 \
     .aliases = (const char *const[]){"hidden", "units", "width", "size", NULL}},                  \
        {.key = "layers",                                                                          \
         FIELD(layers),                                                                            \
         .type = SCHEMA_INTEGER,                                                                   \
         .minimum = 1,                                                                             \
         .maximum = 64,                                                                            \
         .fallback = "1",                                                                          \
         .doc = "Layers, each reading the states of the one before.",                              \
         .aliases = (const char *const[]){"num_layers", "depth", NULL}},                           \
        {.key = "bidirectional",                                                                   \
         FIELD(bidirectional),                                                                     \
         .type = SCHEMA_BOOLEAN,                                                                   \
         .fallback = "false",                                                                      \
         .doc = "Add a second network that reads the steps from last to first; its states are "    \
                "appended to those of the first."},                                                \
        {.key = "readout",                                                                         \
         FIELD(readout),                                                                           \
         SETTING_CHANGED(struct recurrent_settings, readout_changed),                              \
         .type = SCHEMA_CHOICE,                                                                    \
         .choices = readouts,                                                                      \
         .fallback = "last",                                                                       \
         .doc = "What is passed on: the state after the last step (of each direction), the "       \
                "states of all steps side by side, their mean, or their sequence. Language "       \
                "models always pass on the sequence."},                                            \
    {                                                                                              \
        .key = "steps", FIELD(step), .type = SCHEMA_CHOICE, .choices = step_names,                 \
        .fallback = "rows",                                                                        \
        .doc = "For images: whether a step is a row, or a pixel in reading order. A signal has "   \
               "one step per point."                                                               \
    }

#define ACTIVATION_CHOICE                                                                          \
    {                                                                                              \
        .key = "activation", FIELD(activation), .type = SCHEMA_CHOICE, .choices = rnn_activations, \
        .fallback = "tanh", .doc = "Activation of the state."                                      \
    }
#define DROPOUT_ROW                                                                                \
    {                                                                                              \
        .key = "dropout", FIELD(dropout), .type = SCHEMA_FLOAT, .minimum = 0, .maximum = 1,        \
        .flags = SCHEMA_OPEN_MAXIMUM, .fallback = "0.0",                                           \
        .doc = "Probability that a state is zeroed between two layers."                            \
    }

#define EMBEDDING_ROW                                                                              \
    {                                                                                              \
        .key = "embedding", FIELD(embedding), .type = SCHEMA_INTEGER, .unit = "units",             \
        .minimum = 1, .maximum = 1 << 16, .fallback = "64",                                        \
        .doc = "Language models only: width of the embedding of a token."                          \
    }

static const struct schema_row gated_parameters[] = {
    CELL_ROWS, EMBEDDING_ROW, INITIALIZER_ROW(struct recurrent_settings, "pytorch"), {0}};
static const struct schema_row rnn_parameters[] = {
    CELL_ROWS,
    EMBEDDING_ROW,
    ACTIVATION_CHOICE,
    INITIALIZER_ROW(struct recurrent_settings, "pytorch"),
    {0}};
static const struct schema_row gated_layer_parameters[] = {CELL_ROWS, DROPOUT_ROW, {0}};
static const struct schema_row rnn_layer_parameters[] = {
    CELL_ROWS, ACTIVATION_CHOICE, DROPOUT_ROW, {0}};

static basin_status recurrent_expand(struct model *model, const struct recurrent_settings *settings,
                                     const struct cell *cell)
{
    if (model->vocabulary) TRY(layer_embedding(model, settings->embedding));
    TRY(recurrent_append(model, cell, settings, model->dropout));
    TRY(layer_dropout(model, model->dropout));
    return layer_head(model, true);
}

#define CELL(name_, table, text, paper)                                                            \
    static basin_status expand_##name_(struct model *model, const void *settings)                  \
    {                                                                                              \
        return recurrent_expand(model, settings, &name_##_cell);                                   \
    }                                                                                              \
    static basin_status append_##name_(struct model *model, const void *own)                       \
    {                                                                                              \
        const struct recurrent_settings *settings = own;                                           \
        return recurrent_append(model, &name_##_cell, settings, settings->dropout);                \
    }                                                                                              \
    static const struct architecture name_##_architecture = {expand_##name_, .tokens = true};      \
    static const struct layer_definition name_##_definition = {append_##name_};                    \
    const struct entry name_##_entry = {.name = #name_,                                            \
                                        .doc = text " between the input and a dense head.",        \
                                        .source = paper,                                           \
                                        .parameters = table##_parameters,                          \
                                        .settings_size = sizeof(struct recurrent_settings),        \
                                        .implementation = &name_##_architecture};                  \
    const struct entry name_##_layer_entry = {.name = #name_,                                      \
                                              .doc = text ".",                                     \
                                              .source = paper,                                     \
                                              .parameters = table##_layer_parameters,              \
                                              .settings_size = sizeof(struct recurrent_settings),  \
                                              .implementation = &name_##_definition}

CELL(rnn, rnn, "Recurrent network of Elman cells", "Elman, Cognitive Science 1990");
CELL(lstm, gated, "Long short-term memory", "Hochreiter and Schmidhuber, Neural Computation 1997");
CELL(gru, gated, "Gated recurrent units", "Cho et al., EMNLP 2014");
