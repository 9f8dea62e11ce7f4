/* models/layer.c: layers by themselves: growth, refusals, what they add to a graph. */
#include "../support.h"
#include "models/layer.h"

static struct arena *arena;
static struct model *model;

static void start(void)
{
    OK(arena_create(&arena));
    model = arena_allocate(arena, sizeof *model);
    model->arena = arena;
    model->features = 3;
    model->outputs = 2;
    model->input = form_vector(3);
}

/* Layer `index` on values[0], the input of the model. */
static graph_node built(int index, struct graph *graph, const graph_node *leaves, graph_node a,
                        int64_t batch, enum model_mode mode)
{
    graph_node values[] = {a, a};
    return layer_build(&(struct site){.layer = &model->layers[index],
                                      .graph = graph,
                                      .parameters = leaves,
                                      .values = values,
                                      .mode = mode,
                                      .batch = batch});
}

static void end(void)
{
    memory_fail_at(0);
    arena_destroy(arena);
}

TestSuite(layer, .init = start, .fini = end);

Test(layer, lists_grow)
{
    for (int i = 0; i < 100; i++) OK(layer_dense(model, 3, i % 2 == 0));
    cr_assert_eq(model->layer_count, 100);
    cr_assert_eq(model->parameter_count, 150);
    cr_assert_eq(model->size, 100 * 9 + 50 * 3);
    cr_assert_str_eq(model->parameters[149].name, "layers.99.weight");
    cr_assert_eq(model->layers[98].parameter, 147);
    cr_assert_eq(model->layers[98].parameters, 2);
    cr_assert_eq(model->layers[99].parameters, 1);
    int64_t offset = 0;
    for (int i = 0; i < 150; i++) {
        cr_assert_eq(model->parameters[i].offset, offset, "the flat vector has no holes");
        offset += model->parameters[i].size;
    }
}

Test(layer, dropout_of_rate_zero_is_nothing)
{
    OK(layer_dropout(model, 0));
    cr_assert_eq(model->layer_count, 0);
    OK(layer_dropout(model, 0.5));
    cr_assert_eq(model->layer_count, 1);
}

Test(layer, dropout_builds_nothing_in_eval_mode)
{
    struct graph *graph;
    OK(graph_create(arena, &graph));
    OK(layer_dropout(model, 0.5));
    graph_node a = graph_leaf(graph, SLOT_INPUT, 0, shape_matrix(4, 3));
    cr_assert_eq(built(0, graph, NULL, a, 4, MODE_EVAL), a);
    graph_node dropped = built(0, graph, NULL, a, 4, MODE_TRAIN);
    cr_assert_neq(dropped, a);
    cr_assert(shape_equal(graph_shape(graph, dropped), shape_matrix(4, 3)));
}

Test(layer, shapes_of_a_dense_layer)
{
    struct graph *graph;
    OK(graph_create(arena, &graph));
    OK(layer_dense(model, 5, true));
    graph_node leaves[2], a = graph_leaf(graph, SLOT_INPUT, 0, shape_matrix(4, 3));
    model_leaves(model, graph, SLOT_PARAMETERS, leaves);
    graph_node out = built(0, graph, leaves, a, 4, MODE_EVAL);
    cr_assert(shape_equal(graph_shape(graph, out), shape_matrix(4, 5)));
    OK(graph_status(graph));
}

/* Two dropout layers of a step draw different masks: each is keyed by its own ordinal. */
Test(layer, dropout_layers_draw_their_own_masks)
{
    enum { UNITS = 64 };
    struct graph *graph;
    struct program *program;
    struct program_state *state;
    double x[UNITS], out[2 * UNITS], dropped[2] = {0};
    model->input = form_vector(UNITS);
    OK(graph_create(arena, &graph));
    OK(layer_dropout(model, 0.5));
    OK(layer_dropout(model, 0.5));
    graph_node a = graph_leaf(graph, SLOT_INPUT, 0, shape_matrix(1, UNITS));
    for (int i = 0; i < 2; i++)
        OK(graph_output(graph, built(i, graph, NULL, a, 1, MODE_TRAIN), SLOT_OUTPUT, i * UNITS));
    for (int i = 0; i < UNITS; i++) x[i] = 1;
    OK(program_compile(arena, graph, &(struct program_options){.precision = PRECISION_FLOAT64},
                       &program));
    OK(program_state_create(program, &state));
    program_bind(state, SLOT_INPUT, x);
    program_bind(state, SLOT_OUTPUT, out);
    program_random(state, 1, 1);
    program_run(state, PROGRAM_ALL);
    program_state_destroy(state);
    for (int i = 0; i < 2 * UNITS; i++) {
        cr_assert(out[i] == 0 || out[i] == 2, "kept units are scaled by 1 / (1 - rate)");
        dropped[i / UNITS] += out[i] == 0;
    }
    cr_assert(dropped[0] > 12 && dropped[0] < 52 && dropped[1] > 12 && dropped[1] < 52);
    cr_assert_neq(memcmp(out, out + UNITS, UNITS * sizeof *out), 0);
}
