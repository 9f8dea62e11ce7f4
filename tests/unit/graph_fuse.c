/* Fusion: which items run tile by tile, and that nothing but memory and time depends on it. */
#include <math.h>
#include <string.h>
#include "graph_helpers.h"

enum { ROWS = 61, COLUMNS = 53, SIZE = ROWS * COLUMNS, NODES = 70, OUTPUTS = 16 };

TestSuite(graph_fuse, .init = setup, .fini = teardown);

static struct program *compile(struct program_options options)
{
    struct program *program;
    cr_assert_eq(program_compile(arena, g, &options, &program), BASIN_OK, "%s",
                 basin_error_last()->message);
    cr_assert_eq(program_check(program), BASIN_OK, "%s", basin_error_last()->message);
    return program;
}

static const struct group *largest_group(const struct program *program)
{
    const struct group *largest = &program->groups[0];
    for (int i = 0; i < program->group_count; i++)
        if (program->groups[i].count > largest->count) largest = &program->groups[i];
    return largest;
}

Test(graph_fuse, layer_is_one_run)
{
    enum { N = 100, L = 300 };
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(N, L)),
               w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(L, L));
    graph_node b = graph_leaf(g, SLOT_PARAMETERS, L * L, shape_vector(L)),
               h = graph_matmul(g, x, w, false, false);
    h = graph_add(g, h, graph_broadcast(g, b, graph_shape(g, h), 1));
    h = graph_multiply(g, h, graph_sigmoid(g, h));
    graph_output(g, graph_matmul(g, h, w, false, false), SLOT_OUTPUT, 0);
    struct program *program = compile((struct program_options){.precision = PRECISION_FLOAT32});
    const struct group *run = largest_group(program);
    cr_assert_eq(program->group_count, 3);
    cr_assert_eq(run->count, 3); /* with the bias as a row, not as an array */
    cr_assert_eq(run->row, L);
    cr_assert_eq(run->tile % L, 0);
    cr_assert_leq(run->tile * (int64_t)sizeof(float), TILE_BYTES);
    cr_assert_leq(program_bytes(program), 2 * aligned(N * L * sizeof(float)) + 4 * TILE_BYTES);
}

Test(graph_fuse, phases_are_not_mixed)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_vector(9999)),
               v = graph_leaf(g, SLOT_TANGENT, 0, shape_vector(9999));
    graph_output(g, graph_multiply(g, graph_exp(g, graph_tanh(g, x)), graph_tanh(g, v)),
                 SLOT_OUTPUT, 0);
    struct program *program = compile((struct program_options){.varying = 1u << SLOT_TANGENT});
    cr_assert_eq(program->group_count, 2);
    cr_assert_eq(program->invariant_groups, 1);
}

Test(graph_fuse, small_arrays_stay_single)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_vector(1000));
    graph_output(g, graph_exp(g, graph_tanh(g, x)), SLOT_OUTPUT, 0);
    struct program *program = compile((struct program_options){0});
    cr_assert_eq(program->group_count, 2);
    cr_assert_eq(program->tile_bytes, 0);
}

/* A random graph of everything that can and cannot go into tiles, on matrices of several tiles. */
static void random_graph(uint32_t number)
{
    struct random random = random_make(8, STREAM_DATA, number, 0);
    struct shape shape = shape_matrix(ROWS, COLUMNS);
    graph_node nodes[NODES] = {graph_leaf(g, SLOT_INPUT, 3, shape),
                               graph_leaf(g, SLOT_TANGENT, 1, shape)};
    for (uint32_t i = 2; i < NODES; i++) {
        uint32_t kind = random_below(&random, 3 * i, 12), back = i < 8 ? i : 8;
        graph_node a = nodes[i - 1 - random_below(&random, 3 * i + 1, back)],
                   b = nodes[random_below(&random, 3 * i + 2, i)];
        switch (kind) {
        case 0:
            nodes[i] = graph_tanh(g, a);
            break;
        case 1:
            nodes[i] = graph_multiply(g, graph_sigmoid(g, a), b);
            break;
        case 2:
            nodes[i] = graph_broadcast(g, graph_scale(g, graph_sum(g, a, 1), 0.1), shape, 1);
            break;
        case 3:
            nodes[i] = graph_broadcast(g, graph_scale(g, graph_sum(g, a, 2), 0.1), shape, 2);
            break;
        case 4: /* a row of the same memory, repeated */
            nodes[i] = graph_broadcast(
                g, graph_reshape(g, graph_slice(g, a, 0, i % ROWS, 1), shape_vector(COLUMNS)),
                shape, 1);
            break;
        case 5:
            nodes[i] = graph_softmax(g, a);
            break;
        case 6:
            nodes[i] = graph_pad(g, graph_slice(g, a, 0, 1, ROWS - 1), 0, 1, 0);
            break;
        case 7:
            nodes[i] = graph_relu(g, graph_scale(g, a, -0.7));
            break;
        case 8:
            nodes[i] =
                graph_reshape(g, graph_erf(g, graph_reshape(g, a, shape_vector(SIZE))), shape);
            break;
        case 9:
            nodes[i] = graph_multiply(g, a, graph_dropout_mask(g, 0.5, (int)i, shape));
            break;
        case 10: { /* rows of another length in the same memory */
            struct shape other = shape_matrix(COLUMNS, ROWS);
            graph_node row = graph_scale(g, graph_sum(g, graph_reshape(g, a, other), 1), 0.1);
            nodes[i] = graph_reshape(g, graph_broadcast(g, row, other, 1), shape);
            break;
        }
        default:
            nodes[i] = graph_subtract(g, a, b);
        }
    }
    for (int i = 0; i < OUTPUTS; i++)
        graph_output(g, nodes[NODES - 1 - 3 * i], SLOT_EXTRA, (int64_t)SIZE * i);
    cr_assert_eq(graph_status(g), BASIN_OK, "%s", basin_error_last()->message);
}

static void run(const struct program *program, bool phases, size_t size, void *out)
{
    static double in[2][SIZE + 3];
    static float narrow[2][SIZE + 3];
    struct program_state *state;
    cr_assert_eq(program_state_create(program, &state), BASIN_OK);
    for (int i = 0; i < 2; i++) {
        struct random random = random_make(9, STREAM_DATA, 0, (uint32_t)i);
        random_fill_normal(&random, 1, in[i], SIZE + 3);
        for (int j = 0; j < SIZE + 3; j++) narrow[i][j] = (float)in[i][j];
        program_bind(state, i ? SLOT_TANGENT : SLOT_INPUT,
                     size == sizeof(float) ? (void *)narrow[i] : (void *)in[i]);
    }
    program_bind(state, SLOT_EXTRA, out);
    program_random(state, 1, 2);
    memset(out, 0, size * SIZE * OUTPUTS);
    if (phases) program_run(state, PROGRAM_INVARIANT);
    for (int i = 0; i < 2; i++) program_run(state, phases ? PROGRAM_VARYING : PROGRAM_ALL);
    program_state_destroy(state);
}

Test(graph_fuse, random_graphs_have_the_bits_of_unfused_ones, .timeout = 60)
{
    static double wanted[SIZE * OUTPUTS], out[SIZE * OUTPUTS];
    int tiled = 0;
    for (uint32_t number = 0; number < 40; number++) {
        teardown();
        setup();
        random_graph(number);
        for (int precision = 0; precision < 2; precision++) {
            struct program_options apart = {.precision = (enum precision)precision,
                                            .one_buffer_each = true};
            size_t size = precision_size(apart.precision);
            run(compile(apart), false, size, wanted);
            for (int way = 0; way < 4; way++) {
                struct program_options options = {.precision = apart.precision,
                                                  .poison = way & 1,
                                                  .varying = way & 2 ? 1u << SLOT_TANGENT : 0};
                const struct program *program = compile(options);
                run(program, way & 2, size, out);
                cr_assert(!memcmp(wanted, out, size * SIZE * OUTPUTS),
                          "graph %u, precision %d, way %d", number, precision, way);
                cr_assert_leq((double)program_bytes(program),
                              1.3 * (double)program_lower_bound(program));
                tiled += largest_group(program)->count > 2;
            }
        }
    }
    cr_assert_gt(tiled, 200);
}
