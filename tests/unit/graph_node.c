/* Building: hash-consing, cheap simplification, failures that stick. */
#include <math.h>
#include <string.h>
#include "graph/node.h"
#include "graph_helpers.h"

TestSuite(graph_node, .init = setup, .fini = teardown);

static graph_node leaf(int64_t offset)
{
    return graph_leaf(g, SLOT_INPUT, offset, shape_matrix(3, 4));
}

Test(graph_node, equal_nodes_are_one)
{
    graph_node a = leaf(0), b = leaf(12);
    cr_assert_eq(leaf(0), a);
    cr_assert_neq(a, b);
    cr_assert_eq(graph_add(g, a, b), graph_add(g, b, a));
    cr_assert_neq(graph_subtract(g, a, b), graph_subtract(g, b, a));
    cr_assert_eq(graph_tanh(g, graph_multiply(g, a, b)), graph_tanh(g, graph_multiply(g, b, a)));
    cr_assert_neq(graph_scale(g, a, 2), graph_scale(g, a, 3));
    cr_assert_neq(graph_matmul(g, a, b, false, true), graph_matmul(g, a, b, true, false));
    cr_assert_neq(graph_constant(g, 0.0, shape_scalar()), graph_constant(g, -0.0, shape_scalar()));
}

Test(graph_node, many_nodes_stay_unique)
{
    graph_node first[1000];
    for (int i = 0; i < 1000; i++) first[i] = graph_leaf(g, SLOT_INPUT, i, shape_scalar());
    int size = graph_size(g);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(graph_leaf(g, SLOT_INPUT, i, shape_scalar()), first[i]);
    cr_assert_eq(graph_size(g), size);
}

Test(graph_node, simplification)
{
    graph_node a = leaf(0), zero = graph_constant(g, 0, shape_matrix(3, 4)),
               one = graph_constant(g, 1, shape_matrix(3, 4));
    cr_assert_eq(graph_add(g, a, zero), a);
    cr_assert_eq(graph_subtract(g, a, zero), a);
    cr_assert_eq(graph_subtract(g, zero, a), graph_scale(g, a, -1));
    cr_assert_eq(graph_multiply(g, a, zero), zero);
    cr_assert_eq(graph_multiply(g, one, a), a);
    cr_assert_eq(graph_scale(g, a, 1), a);
    cr_assert_eq(graph_scale(g, graph_scale(g, a, 2), 0.5), a);
    cr_assert_eq(graph_scale(g, a, 0), zero);
    cr_assert(node_is_constant(g, graph_sum(g, one, 3), 12));
    cr_assert(node_is_constant(g, graph_matmul(g, a, zero, false, true), 0));
    cr_assert_eq(graph_reshape(g, graph_reshape(g, a, shape_vector(12)), shape_matrix(3, 4)), a);
    cr_assert_eq(graph_slice(g, a, 1, 0, 4), a);
    cr_assert_eq(graph_transpose(g, a, (int[]){0, 1}), a);
    cr_assert_eq(graph_pad(g, a, 0, 0, 0), a);
}

Test(graph_node, masks_of_axes_fall_into_runs)
{
    struct shape shape = {.rank = 4, .dim = {2, 3, 4, 5}};
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape),
               sum = graph_sum(g, a, 1u << 0 | 1u << 2 | 1u << 3);
    cr_assert(shape_equal(graph_shape(g, sum), shape_vector(3)));
    graph_node back = graph_broadcast(g, sum, shape, 1u << 0 | 1u << 2 | 1u << 3);
    cr_assert(shape_equal(graph_shape(g, back), shape));
    cr_assert_eq(graph_status(g), BASIN_OK);
}

Test(graph_node, failure_sticks)
{
    graph_node a = leaf(0), wrong = graph_matmul(g, a, a, false, false);
    cr_assert_eq(wrong, GRAPH_NONE);
    cr_assert_eq(graph_status(g), BASIN_INTERNAL);
    cr_assert(strstr(basin_error_last()->message, "matmul: (3, 4) and (3, 4)"), "%s",
              basin_error_last()->message);
    cr_assert_eq(graph_add(g, wrong, a), GRAPH_NONE);
    cr_assert_eq(graph_tanh(g, a), GRAPH_NONE);
    cr_assert_eq(graph_output(g, a, SLOT_OUTPUT, 0), BASIN_INTERNAL);
    graph_node out;
    cr_assert_eq(graph_vjp(g, a, GRAPH_NONE, &a, 1, &out), BASIN_INTERNAL);
    cr_assert_eq(out, GRAPH_NONE);
}

/* Each wrong call in a graph of its own. */
#define REFUSES(name, call)                                                                        \
    Test(graph_node, refuses_##name)                                                               \
    {                                                                                              \
        graph_node a = leaf(0), b = graph_leaf(g, SLOT_INPUT, 0, shape_vector(4));                 \
        (void)b;                                                                                   \
        cr_assert_eq((call), GRAPH_NONE);                                                          \
        cr_assert_eq(graph_status(g), BASIN_INTERNAL);                                             \
    }

REFUSES(different_shapes, graph_add(g, a, b))
REFUSES(wrong_axis, graph_sum(g, a, 4))
REFUSES(wrong_broadcast, graph_broadcast(g, b, shape_matrix(3, 5), 1))
REFUSES(wrong_reshape, graph_reshape(g, a, shape_vector(11)))
REFUSES(wrong_permutation, graph_transpose(g, a, (int[]){1, 1}))
REFUSES(slice_outside, graph_slice(g, a, 0, 2, 2))
REFUSES(slice_that_overflows, graph_slice(g, a, 0, INT64_MAX, 1))
REFUSES(negative_padding, graph_pad(g, a, 0, -1, 0))
REFUSES(softmax_of_a_scalar, graph_softmax(g, graph_constant(g, 1, shape_scalar())))
REFUSES(empty_leaf, graph_leaf(g, SLOT_INPUT, 0, shape_vector(0)))
REFUSES(node_from_nowhere, graph_tanh(g, 12345))
