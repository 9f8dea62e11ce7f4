/* For tests of graph/: an empty graph `g` in an arena before every test of a suite that names setup
 * and teardown. */
#ifndef BASIN_TESTS_GRAPH_HELPERS_H
#define BASIN_TESTS_GRAPH_HELPERS_H

#include <criterion/criterion.h>
#include "graph/program.h"
#include "graph/step.h"

static struct arena *arena;
static struct graph *g;

static void setup(void)
{
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    cr_assert_eq(graph_create(arena, &g), BASIN_OK);
}

static void teardown(void)
{
    arena_destroy(arena);
}

#endif
