/* Memory: bounds, values in place, and an overlap checker that does find overlaps. */
#include <math.h>
#include <string.h>
#include "graph_helpers.h"

static struct program *program;

TestSuite(graph_plan, .init = setup, .fini = teardown);

static void compile(unsigned varying)
{
    struct program_options options = {.precision = PRECISION_FLOAT32, .varying = varying};
    cr_assert_eq(program_compile(arena, g, &options, &program), BASIN_OK, "%s",
                 basin_error_last()->message);
    cr_assert_eq(program_check(program), BASIN_OK, "%s", basin_error_last()->message);
}

/* A chain of products, each needing its input and its output at once. */
static graph_node chain(graph_node x, int length)
{
    graph_node w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(16, 16));
    for (int i = 0; i < length; i++) x = graph_matmul(g, x, w, i % 2, false);
    return x;
}

Test(graph_plan, chain_uses_two_buffers)
{
    graph_output(g, chain(graph_leaf(g, SLOT_INPUT, 0, shape_matrix(16, 16)), 9), SLOT_OUTPUT, 0);
    compile(0);
    cr_assert_eq(program_bytes(program), 2 * 16 * 16 * sizeof(float));
    cr_assert_eq(program_bytes(program), program_lower_bound(program));
}

Test(graph_plan, functions_work_in_place)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_vector(100));
    x = graph_exp(g, graph_multiply(g, x, x));
    x = graph_softmax(g, x);
    graph_output(g, graph_tanh(g, x), SLOT_OUTPUT, 0);
    compile(0);
    cr_assert_eq(program_bytes(program), 0, "all of it lies in the output slot, not in %zu bytes",
                 program_bytes(program));
}

Test(graph_plan, value_read_later_is_not_overwritten)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_vector(4)), e = graph_exp(g, x),
               t = graph_log(g, e);
    graph_output(g, graph_multiply(g, graph_tanh(g, t), e), SLOT_OUTPUT, 0);
    compile(0);
    struct program_state *state;
    float in[4] = {0, 1, -1, 2}, out[4];
    cr_assert_eq(program_state_create(program, &state), BASIN_OK);
    program_bind(state, SLOT_INPUT, in);
    program_bind(state, SLOT_OUTPUT, out);
    program_run(state, PROGRAM_ALL);
    for (int i = 0; i < 4; i++) cr_assert_float_eq(out[i], tanh(in[i]) * exp(in[i]), 1e-6);
    program_state_destroy(state);
}

Test(graph_plan, checker_finds_overlaps)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(16, 16));
    graph_output(g, graph_add(g, chain(x, 3), chain(graph_exp(g, x), 4)), SLOT_OUTPUT, 0);
    compile(0);
    int found = 0, moved = 0;
    for (int i = 0; i < program->count; i++) {
        struct step *step = &program->steps[i];
        if (step->out.base != BASE_TRANSIENT) continue;
        for (size_t offset = 0; offset + step->out_bytes <= program->transient_bytes;
             offset += 1024) {
            size_t was = step->out.offset;
            if (offset == was) continue;
            step->out.offset = offset; /* its readers still read where it was */
            moved++;
            found += program_check(program) != BASIN_OK;
            step->out.offset = was;
        }
    }
    cr_assert_gt(moved, 5);
    cr_assert_eq(found, moved);
    program->transient_bytes -= MEMORY_ALIGNMENT;
    cr_assert_neq(program_check(program), BASIN_OK);
}

Test(graph_plan, random_graphs_are_planned_without_overlap)
{
    for (uint32_t number = 0; number < 60; number++) {
        struct arena *own;
        cr_assert_eq(arena_create(&own), BASIN_OK);
        cr_assert_eq(graph_create(own, &g), BASIN_OK);
        struct random random = random_make(3, STREAM_DATA, number, 0);
        graph_node nodes[64] = {graph_leaf(g, SLOT_INPUT, 0, shape_matrix(8, 8)),
                                graph_leaf(g, SLOT_TANGENT, 0, shape_matrix(8, 8))};
        for (uint32_t i = 2; i < 64; i++) {
            uint32_t kind = random_below(&random, 3 * i, 6), back = i < 12 ? i : 12;
            graph_node a = nodes[i - 1 - random_below(&random, 3 * i + 1, back)],
                       b = nodes[random_below(&random, 3 * i + 2, i)];
            nodes[i] = kind == 0   ? graph_tanh(g, a)
                       : kind == 1 ? graph_matmul(g, a, b, false, true)
                       : kind == 2 ? graph_transpose(g, a, (int[]){1, 0})
                       : kind == 3 ? graph_pad(g, graph_slice(g, a, 0, 2, 4), 0, 2, 2)
                       : kind == 4 ? graph_softmax(g, a)
                                   : graph_subtract(g, a, b);
            if (i % 9 == 0) graph_output(g, nodes[i], SLOT_EXTRA, 64 * i);
        }
        graph_output(g, nodes[63], SLOT_OUTPUT, 0);
        struct program_options options = {.varying = number % 3 ? 1u << SLOT_TANGENT : 0},
                               apart = options;
        apart.one_buffer_each = true;
        struct program *planned, *each;
        cr_assert_eq(program_compile(own, g, &options, &planned), BASIN_OK);
        cr_assert_eq(program_compile(own, g, &apart, &each), BASIN_OK);
        cr_assert_eq(program_check(planned), BASIN_OK, "graph %u: %s", number,
                     basin_error_last()->message);
        cr_assert_eq(program_check(each), BASIN_OK, "graph %u: %s", number,
                     basin_error_last()->message);
        cr_assert_lt(program_bytes(planned), program_bytes(each));
        cr_assert_geq(program_bytes(planned), program_lower_bound(planned));
        cr_assert_leq((double)program_bytes(planned), 1.3 * (double)program_lower_bound(planned));
        arena_destroy(own);
    }
}

Test(graph_plan, constants_share_memory)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_vector(1000)),
               y = graph_leaf(g, SLOT_INPUT, 0, shape_vector(10));
    graph_output(g, graph_subtract(g, graph_constant(g, 2, shape_vector(1000)), x), SLOT_OUTPUT, 0);
    graph_output(g, graph_subtract(g, graph_constant(g, 2, shape_vector(10)), y), SLOT_EXTRA, 0);
    compile(0);
    cr_assert_eq(program_bytes(program), aligned(1000 * sizeof(float)));
}

/* Building, differentiating, compiling and running where the n-th allocation fails, for every n: an
 * error, nothing else. */
Test(graph_plan, every_allocation_may_fail)
{
    bool done = false;
    int failures = 0;
    for (long n = 1; !done; n++) {
        cr_assert_lt(n, 10000);
        struct arena *own = NULL;
        struct program *compiled;
        struct program_state *state = NULL;
        memory_fail_at(n);
        basin_status status = arena_create(&own);
        if (status == BASIN_OK) status = graph_create(own, &g);
        if (status == BASIN_OK) {
            graph_node w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(8, 8)),
                       v = graph_leaf(g, SLOT_TANGENT, 0, shape_matrix(8, 8));
            graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(8, 8)), gradient, product;
            for (int i = 0; i < 30; i++)
                x = graph_softmax(g, graph_tanh(g, graph_matmul(g, x, w, false, false)));
            graph_vjp(g, graph_sum(g, x, 3), GRAPH_NONE, &w, 1, &gradient);
            graph_jvp(g, &gradient, 1, &w, &v, 1, &product);
            status = graph_output(g, product, SLOT_PRODUCT, 0);
        }
        if (status == BASIN_OK)
            status = program_compile(
                own, g, &(struct program_options){.varying = 1u << SLOT_TANGENT}, &compiled);
        if (status == BASIN_OK) status = program_state_create(compiled, &state);
        memory_fail_at(0);
        done = status == BASIN_OK;
        failures += !done;
        cr_assert(done || status == BASIN_MEMORY, "allocation %ld: status %d", n, (int)status);
        if (!done) cr_assert_eq(basin_error_last()->status, BASIN_MEMORY);
        program_state_destroy(state);
        arena_destroy(own);
    }
    cr_assert_gt(failures, 8);
}
