/* For tests of architectures: models on inputs of any form, without a data set of that form;
 * parameters as PyTorch lays them out, a line each; refusals at their place; outputs.
 *
 *     struct setting s;
 *     model_open(&s, image(28, 28, 1), "architecture: {type: cnn}\n");
 *     expect_parameters(&s, "layers.0.weight 16 1 3 3", "layers.0.bias 16", ...);
 *     setting_close(&s);
 */
#ifndef BASIN_TESTS_MODELS_HELPERS_H
#define BASIN_TESTS_MODELS_HELPERS_H

#include "../support.h"
#include "models/layer.h"

static inline struct data_info image(size_t h, size_t w, size_t c)
{
    return (struct data_info){
        .rank = 3, .dims = {h, w, c}, .features = h * w * c, .outputs = 10, .positions = 1};
}

static inline struct data_info signal_of(size_t length)
{
    return (struct data_info){
        .rank = 1, .dims = {length}, .features = length, .outputs = 10, .positions = 1};
}

static inline struct data_info text_of(size_t context, size_t vocabulary)
{
    return (struct data_info){.task = DATA_LANGUAGE,
                              .rank = 1,
                              .dims = {context},
                              .features = context,
                              .outputs = vocabulary,
                              .positions = context,
                              .vocabulary = vocabulary};
}

static inline basin_status model_try(struct setting *s, struct data_info info,
                                     const char *architecture)
{
    char yaml[1200];
    snprintf(yaml, sizeof yaml,
             "dataset: {name: mnist1d, train_size: 5, test_size: 5}\nprecision: float64\n%s",
             architecture);
    setting_read(s, yaml);
    struct data_info *own = arena_allocate(s->arena, sizeof *own);
    *own = info;
    s->info = own;
    return run_model_create(s->arena, s->settings, own, &s->model);
}

static inline void model_open(struct setting *s, struct data_info info, const char *architecture)
{
    OK(model_try(s, info, architecture));
}

static inline void describe_parameter(const struct model_parameter *parameter, char line[256])
{
    struct shape shape = model_outer_shape(parameter->shape, &parameter->layout);
    int length = snprintf(line, 256, "%s", parameter->name);
    for (int i = 0; i < shape.rank; i++)
        length += snprintf(line + length, 256 - (size_t)length, " %lld", (long long)shape.dim[i]);
}

/* All parameters in order, each its name and shape in a file; ended by NULL. Their places leave no
 * hole. */
static inline void expect_lines(const struct setting *s, const char *const *lines)
{
    int64_t offset = 0;
    int i = 0;
    for (; lines[i]; i++) {
        char line[256];
        cr_assert_lt(i, model_parameter_count(s->model), "no %s", lines[i]);
        const struct model_parameter *parameter = model_parameter(s->model, i);
        describe_parameter(parameter, line);
        cr_assert_str_eq(line, lines[i]);
        cr_assert_eq(parameter->offset, offset, "%s", line);
        offset += parameter->size;
    }
    cr_assert_eq(model_parameter_count(s->model), i, "%d parameters, not %d",
                 model_parameter_count(s->model), i);
    cr_assert_eq(model_size(s->model), offset);
}

#define expect_parameters(s, ...) expect_lines(s, (const char *const[]){__VA_ARGS__, NULL})

/* The size of a model that is closed again. */
static inline int64_t size_of(struct data_info info, const char *architecture)
{
    struct setting s;
    model_open(&s, info, architecture);
    int64_t size = model_size(s.model);
    setting_close(&s);
    return size;
}

/* Refused at `place`, with these words, and with a hint. */
static inline void expect_refused(struct data_info info, const char *architecture,
                                  const char *place, const char *words)
{
    struct setting s;
    const basin_error *error = basin_error_last();
    cr_assert_eq(model_try(&s, info, architecture), BASIN_SPEC, "%s", architecture);
    cr_assert_str_eq(error->key, place, "%s", error->message);
    cr_assert(strstr(error->message, words), "\"%s\" is not in \"%s\"", words, error->message);
    cr_assert(error->hint[0], "%s", error->message);
    setting_close(&s);
}

static inline void expect_form(struct form form, enum form_kind kind, int64_t height, int64_t width,
                               int64_t channels, int64_t steps)
{
    cr_assert_eq(form.kind, kind);
    cr_assert_eq(form.height, height, "height %lld", (long long)form.height);
    cr_assert_eq(form.width, width, "width %lld", (long long)form.width);
    cr_assert_eq(form.channels, channels, "%lld channels", (long long)form.channels);
    cr_assert_eq(form.steps, steps, "%lld steps", (long long)form.steps);
}

static inline void expect_map(const struct setting *s, int layer, int64_t height, int64_t width,
                              int64_t channels)
{
    expect_form(s->model->layers[layer].out, FORM_MAP, height, width, channels, 1);
}

/* Numbers of no pattern. */
static inline double *numbers(const struct setting *s, size_t count, uint32_t which)
{
    double *a = doubles(s, count);
    struct random random = random_make(4, STREAM_DATA, which, 0);
    random_fill_normal(&random, 0.5, a, count);
    return a;
}

/* What the model gives for (batch, features) in eval mode; count: elements of it. w: parameters,
 * buffers behind them. */
static inline double *model_run(const struct setting *s, double *w, double *x, int64_t batch,
                                size_t *count)
{
    struct graph *graph;
    struct program *program;
    struct program_state *state;
    OK(graph_create(s->arena, &graph));
    graph_node *leaves =
        arena_array(s->arena, graph_node, (size_t)model_parameter_count(s->model) + 1);
    model_leaves(s->model, graph, SLOT_PARAMETERS, leaves);
    graph_node out = model_build(s->model, graph, leaves, batch, MODE_EVAL, NULL);
    OK(graph_status(graph));
    *count = (size_t)shape_size(graph_shape(graph, out));
    double *y = doubles(s, *count);
    OK(graph_output(graph, out, SLOT_OUTPUT, 0));
    OK(program_compile(s->arena, graph, &(struct program_options){.precision = PRECISION_FLOAT64},
                       &program));
    OK(program_state_create(program, &state));
    program_bind(state, SLOT_PARAMETERS, w);
    program_bind(state, SLOT_BUFFERS, w + model_size(s->model));
    program_bind(state, SLOT_INPUT, x);
    program_bind(state, SLOT_OUTPUT, y);
    program_run(state, PROGRAM_ALL);
    program_state_destroy(state);
    return y;
}

#endif
