/* What is scheduled: dead code, phases, views, values that are computed in their output slot. */
#include "graph_helpers.h"

static struct schedule schedule;

TestSuite(graph_schedule, .init = setup, .fini = teardown);

static void make(unsigned varying)
{
    struct program_options options = {.varying = varying};
    cr_assert_eq(graph_status(g), BASIN_OK);
    cr_assert_eq(schedule_make(arena, g, &options, &schedule), BASIN_OK);
}

Test(graph_schedule, dead_nodes_are_not_computed)
{
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape_vector(4)), alive = graph_exp(g, a),
               dead = graph_tanh(g, alive);
    graph_output(g, alive, SLOT_OUTPUT, 0);
    make(0);
    cr_assert(schedule.live[alive]);
    cr_assert(!schedule.live[dead]);
    cr_assert_eq(schedule.count, 1);
    cr_assert_eq(schedule.items[0].node, alive);
}

Test(graph_schedule, invariant_first)
{
    graph_node v = graph_leaf(g, SLOT_TANGENT, 0, shape_vector(4)),
               a = graph_leaf(g, SLOT_INPUT, 0, shape_vector(4));
    graph_node varying = graph_exp(g, v), invariant = graph_exp(g, a),
               both = graph_add(g, varying, invariant);
    graph_output(g, both, SLOT_OUTPUT, 0);
    graph_output(g, invariant, SLOT_EXTRA, 0);
    make(1u << SLOT_TANGENT);
    cr_assert_eq(schedule.items[0].node, invariant);
    cr_assert_eq(schedule.invariant_count,
                 2); /* the value, and its copy: the varying phase reads it */
    cr_assert(!schedule.direct[1]);
    cr_assert_eq(schedule.items[2].node, varying);
    cr_assert_eq(schedule.items[3].node, both);
    cr_assert(schedule.direct[0]);
    cr_assert_eq(schedule.count, 4);
}

Test(graph_schedule, views_are_not_computed)
{
    graph_node a = graph_leaf(g, SLOT_INPUT, 5, shape_matrix(6, 4)), e = graph_exp(g, a);
    graph_node rows = graph_slice(g, e, 0, 2, 3), flat = graph_reshape(g, rows, shape_vector(12)),
               part = graph_slice(g, flat, 0, 1, 2);
    graph_node columns = graph_slice(g, e, 1, 0, 2);
    graph_output(g, graph_tanh(g, part), SLOT_OUTPUT, 0);
    graph_output(g, columns, SLOT_EXTRA, 0);
    make(0);
    cr_assert_eq(schedule.root[part], e);
    cr_assert_eq(schedule.shift[part], 9);
    cr_assert_eq(schedule.root[columns], columns);
    cr_assert_eq(schedule.count, 3);
}

Test(graph_schedule, two_outputs_of_one_value)
{
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape_vector(4)), e = graph_exp(g, a);
    graph_output(g, e, SLOT_OUTPUT, 0);
    graph_output(g, graph_reshape(g, e, shape_matrix(2, 2)), SLOT_EXTRA, 0);
    graph_output(g, a, SLOT_EXTRA, 4);
    graph_output(g, graph_slice(g, e, 0, 1, 2), SLOT_EXTRA, 8);
    make(0);
    cr_assert(schedule.direct[0]);
    cr_assert(!schedule.direct[1]);
    cr_assert(!schedule.direct[2]);
    cr_assert(!schedule.direct[3]);
    cr_assert_eq(schedule.count, 4);
}
