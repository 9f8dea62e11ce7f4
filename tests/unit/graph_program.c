/* Running: phases, precisions, dropout keys, counts of operations, many states of one program. */
#include <math.h>
#include <string.h>
#include "graph_helpers.h"

TestSuite(graph_program, .init = setup, .fini = teardown);

static struct program *compile(struct program_options options)
{
    struct program *program;
    cr_assert_eq(program_compile(arena, g, &options, &program), BASIN_OK, "%s",
                 basin_error_last()->message);
    return program;
}

Test(graph_program, constant_and_leaf_outputs)
{
    float in[3] = {1, 2, 3}, out[8] = {0};
    graph_output(g, graph_leaf(g, SLOT_INPUT, 0, shape_vector(3)), SLOT_EXTRA, 0);
    graph_output(g, graph_constant(g, 0, shape_vector(3)), SLOT_EXTRA, 3);
    graph_output(g, graph_constant(g, 7, shape_vector(2)), SLOT_EXTRA, 6);
    struct program_state *state;
    cr_assert_eq(program_state_create(compile((struct program_options){0}), &state), BASIN_OK);
    program_bind(state, SLOT_INPUT, in);
    program_bind(state, SLOT_EXTRA, out);
    out[4] = 5;
    program_run(state, PROGRAM_ALL);
    const float wanted[8] = {1, 2, 3, 0, 0, 0, 7, 7};
    cr_assert(!memcmp(out, wanted, sizeof out));
    program_state_destroy(state);
}

Test(graph_program, varying_phase_runs_alone)
{
    /* out = tanh(x) v: after the invariant phase x may change without an effect. */
    double x[2] = {0.5, -1}, v[2] = {1, 2}, out[2], tangent[2];
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape_vector(2)),
               b = graph_leaf(g, SLOT_TANGENT, 0, shape_vector(2)), t = graph_tanh(g, a);
    graph_output(g, graph_multiply(g, t, b), SLOT_OUTPUT, 0);
    graph_output(g, t, SLOT_EXTRA, 0);
    struct program_state *state;
    struct program_options options = {.precision = PRECISION_FLOAT64,
                                      .varying = 1u << SLOT_TANGENT};
    cr_assert_eq(program_state_create(compile(options), &state), BASIN_OK);
    program_bind(state, SLOT_INPUT, x);
    program_bind(state, SLOT_TANGENT, v);
    program_bind(state, SLOT_OUTPUT, out);
    program_bind(state, SLOT_EXTRA, tangent);
    program_run(state, PROGRAM_INVARIANT);
    cr_assert_float_eq(tangent[1], tanh(-1), 1e-15);
    x[0] = x[1] = tangent[0] = tangent[1] = 100;
    for (int i = 1; i < 4; i++) {
        v[0] = i;
        program_run(state, PROGRAM_VARYING);
        cr_assert_float_eq(out[0], i * tanh(0.5), 1e-15);
        cr_assert_float_eq(out[1], 2 * tanh(-1), 1e-15);
    }
    program_state_destroy(state);
}

Test(graph_program, dropout_is_keyed_by_seed_step_and_ordinal)
{
    enum { N = 1000 };
    static float out[2 * N], again[2 * N];
    graph_output(g, graph_dropout_mask(g, 0.25, 1, shape_vector(N)), SLOT_EXTRA, 0);
    graph_output(g, graph_dropout_mask(g, 0.25, 2, shape_vector(N)), SLOT_EXTRA, N);
    struct program *program = compile((struct program_options){0});
    struct program_state *states[2];
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(program_state_create(program, &states[i]), BASIN_OK);
        program_bind(states[i], SLOT_EXTRA, i ? again : out);
        program_random(states[i], 42, 7);
        program_run(states[i], PROGRAM_ALL);
    }
    cr_assert(!memcmp(out, again, sizeof out));
    cr_assert(memcmp(out, out + N, N * sizeof *out));
    int dropped = 0;
    for (int i = 0; i < 2 * N; i++) dropped += out[i] == 0;
    cr_assert(dropped > 420 && dropped < 580, "%d of 2000", dropped);
    cr_assert_float_eq(out[0] != 0 ? out[0] : 4.0f / 3, 4.0 / 3, 1e-6);
    program_random(states[1], 42, 8);
    program_run(states[1], PROGRAM_ALL);
    cr_assert(memcmp(out, again, sizeof out));
    program_random(states[1], 43, 7);
    program_run(states[1], PROGRAM_ALL);
    cr_assert(memcmp(out, again, sizeof out));
    for (int i = 0; i < 2; i++) program_state_destroy(states[i]);
}

Test(graph_program, flops_count_products_of_each_phase)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(8, 5)),
               w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(5, 3));
    graph_node v = graph_leaf(g, SLOT_TANGENT, 0, shape_matrix(3, 4)),
               y = graph_matmul(g, x, w, false, false);
    graph_output(g, graph_matmul(g, y, v, false, false), SLOT_OUTPUT, 0);
    struct program *program = compile((struct program_options){.varying = 1u << SLOT_TANGENT});
    cr_assert_eq(program_flops(program, PROGRAM_INVARIANT), 2 * 8 * 5 * 3);
    cr_assert_eq(program_flops(program, PROGRAM_VARYING), 2 * 8 * 3 * 4);
    cr_assert_eq(program_flops(program, PROGRAM_ALL), 2 * 8 * 5 * 3 + 2 * 8 * 3 * 4);
}

Test(graph_program, naive_is_float64)
{
    struct program *program;
    graph_output(g, graph_constant(g, 1, shape_scalar()), SLOT_LOSS, 0);
    cr_assert_eq(program_compile(arena, g, &(struct program_options){.naive = true}, &program),
                 BASIN_INTERNAL);
}

Test(graph_program, broken_graph_is_not_compiled)
{
    struct program *program;
    graph_tanh(g, GRAPH_NONE);
    cr_assert_eq(program_compile(arena, g, &(struct program_options){0}, &program), BASIN_INTERNAL);
}
