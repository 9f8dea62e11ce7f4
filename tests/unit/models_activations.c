/* models/activations.c: every activation of the registry against libm, in both precisions, far into
 * both tails. */
#include "../naive_network.h"
#include "models/layer.h"

enum { COUNT = 241 };

static void compute(const struct activation *activation, enum precision precision, const double *x,
                    double *y)
{
    struct arena *arena;
    struct graph *graph;
    struct program *program;
    struct program_state *state;
    double memory[2][COUNT];
    OK(arena_create(&arena));
    OK(graph_create(arena, &graph));
    graph_node out =
        activation->build(graph, graph_leaf(graph, SLOT_INPUT, 0, shape_vector(COUNT)));
    OK(graph_output(graph, out, SLOT_OUTPUT, 0));
    OK(program_compile(arena, graph, &(struct program_options){.precision = precision}, &program));
    OK(program_state_create(program, &state));
    vector_from_double(precision, x, memory[0], COUNT);
    program_bind(state, SLOT_INPUT, memory[0]);
    program_bind(state, SLOT_OUTPUT, memory[1]);
    program_run(state, PROGRAM_ALL);
    vector_to_double(precision, memory[1], y, COUNT);
    program_state_destroy(state);
    arena_destroy(arena);
}

Test(activations, values)
{
    double x[COUNT], y[COUNT];
    for (int i = 0; i < COUNT; i++) x[i] = (i - COUNT / 2) * 0.25; /* -30 ... 30, with 0 */
    int count = 0;
    for (const struct entry *const *entry = activation_registry.entries; *entry; entry++, count++)
        for (int precision = 0; precision < 2; precision++) {
            compute((*entry)->implementation, (enum precision)precision, x, y);
            for (int i = 0; i < COUNT; i++) {
                double expected = naive_activation((*entry)->name, x[i]);
                double tolerance = precision == PRECISION_FLOAT32
                                       ? 5e-7
                                       : 1e-15; /* gelu's 1 + erf cancels in the tail */
                cr_assert(fabs(y[i] - expected) <= tolerance * fmax(1, fabs(expected)),
                          "%s(%g) = %.17g, not %.17g", (*entry)->name, x[i], y[i], expected);
            }
        }
    cr_assert_eq(count, 6);
}
