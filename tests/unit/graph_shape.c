/* Shapes: sizes, splitting, and what broadcasts and sums over masks of axes make of them. */
#include "graph_helpers.h"

TestSuite(graph_shape, .init = setup, .fini = teardown);

static const struct shape cube = {.rank = 4, .dim = {2, 3, 4, 5}};

Test(graph_shape, sizes)
{
    cr_assert_eq(shape_size(shape_scalar()), 1);
    cr_assert_eq(shape_size(shape_vector(7)), 7);
    cr_assert_eq(shape_size(shape_matrix(3, 4)), 12);
    cr_assert_eq(shape_size(cube), 120);
    cr_assert_eq(shape_size(shape_matrix(1 << 20, 1 << 20)), (int64_t)1 << 40);
}

/* What stands behind the rank does not count. */
Test(graph_shape, equality)
{
    struct shape a = shape_vector(3), b = shape_vector(3);
    b.dim[1] = 99;
    cr_assert(shape_equal(a, b));
    cr_assert(!shape_equal(shape_vector(3), shape_matrix(3, 1)));
    cr_assert(!shape_equal(shape_matrix(3, 4), shape_matrix(4, 3)));
    cr_assert(!shape_equal(shape_matrix(3, 4), shape_matrix(3, 5)));
    cr_assert(shape_equal(shape_scalar(), shape_scalar()));
}

Test(graph_shape, splitting_around_axes)
{
    static const struct {
        int first, count;
        int64_t outer, middle, inner;
    } cases[] = {{0, 1, 1, 2, 60}, {1, 1, 2, 3, 20},  {1, 2, 2, 12, 5},
                 {3, 1, 24, 5, 1}, {0, 4, 1, 120, 1}, {2, 0, 6, 1, 20}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t outer, middle, inner;
        shape_split(&cube, cases[i].first, cases[i].count, &outer, &middle, &inner);
        cr_assert_eq(outer, cases[i].outer, "case %zu", i);
        cr_assert_eq(middle, cases[i].middle, "case %zu", i);
        cr_assert_eq(inner, cases[i].inner, "case %zu", i);
    }
}

Test(graph_shape, without_some_axes)
{
    cr_assert(shape_equal(shape_without(cube, 0, 1), (struct shape){.rank = 3, .dim = {3, 4, 5}}));
    cr_assert(shape_equal(shape_without(cube, 1, 2), shape_matrix(2, 5)));
    cr_assert(shape_equal(shape_without(cube, 2, 2), shape_matrix(2, 3)));
    cr_assert(shape_equal(shape_without(cube, 0, 4), shape_scalar()));
}

static graph_node leaf(struct shape shape)
{
    return graph_leaf(g, SLOT_INPUT, 0, shape);
}

/* Every mask of axes: a sum removes them, a broadcast along them comes back to the whole. */
Test(graph_shape, sums_and_broadcasts_over_every_mask)
{
    for (unsigned axes = 0; axes < 16; axes++) {
        struct shape rest = {0};
        for (int i = 0; i < 4; i++)
            if (!(axes >> i & 1)) rest.dim[rest.rank++] = cube.dim[i];
        graph_node sum = graph_sum(g, leaf(cube), axes);
        cr_assert(shape_equal(graph_shape(g, sum), rest), "mask %u", axes);
        cr_assert(shape_equal(graph_shape(g, graph_broadcast(g, sum, cube, axes)), cube), "mask %u",
                  axes);
    }
    cr_assert_eq(graph_status(g), BASIN_OK);
}

/* Broadcast along axes 0 and 2 of (2, 3, 2): every element by its place. */
Test(graph_shape, what_a_broadcast_repeats)
{
    double v[3] = {10, 20, 30}, out[12 + 3];
    struct shape shape = {.rank = 3, .dim = {2, 3, 2}};
    struct program *program;
    struct program_state *state;
    graph_node wide = graph_broadcast(g, leaf(shape_vector(3)), shape, 5);
    graph_output(g, wide, SLOT_EXTRA, 0);
    graph_output(g, graph_sum(g, graph_exp(g, wide), 5), SLOT_EXTRA, 12);
    for (int i = 0; i < 3; i++) v[i] /= 10;
    cr_assert_eq(program_compile(
                     arena, g, &(struct program_options){.precision = PRECISION_FLOAT64}, &program),
                 BASIN_OK);
    cr_assert_eq(program_state_create(program, &state), BASIN_OK);
    program_bind(state, SLOT_INPUT, v);
    program_bind(state, SLOT_EXTRA, out);
    program_run(state, PROGRAM_ALL);
    for (int i = 0; i < 12; i++) cr_assert_eq(out[i], v[i / 2 % 3]);
    static const double exponentials[] = {2.718281828459045, 7.38905609893065, 20.085536923187668};
    for (int i = 0; i < 3; i++) cr_assert_float_eq(out[12 + i], 4 * exponentials[i], 1e-13);
    program_state_destroy(state);
}

Test(graph_shape, broadcasts_that_do_not_fit_are_refused)
{
    static const struct {
        struct shape from, to;
        unsigned axes;
    } cases[] = {
        {{.rank = 1, .dim = {3}}, {.rank = 2, .dim = {2, 4}}, 1},  /* 3 are not 4 */
        {{.rank = 1, .dim = {3}}, {.rank = 2, .dim = {3, 2}}, 1},  /* the wrong axis */
        {{.rank = 1, .dim = {3}}, {.rank = 2, .dim = {2, 3}}, 0},  /* no axis is new */
        {{.rank = 1, .dim = {3}}, {.rank = 2, .dim = {2, 3}}, 4},  /* there is none */
        {{.rank = 1, .dim = {3}}, {.rank = 7, .dim = {2, 3}}, 1}}; /* more axes than an array has */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teardown();
        setup();
        graph_node node = graph_broadcast(g, leaf(cases[i].from), cases[i].to, cases[i].axes);
        graph_node sum =
            graph_add(g, node, leaf(cases[i].to.rank > GRAPH_RANK ? cube : cases[i].to));
        cr_assert_eq(sum, GRAPH_NONE, "case %zu", i);
        cr_assert_eq(graph_status(g), BASIN_INTERNAL, "case %zu", i);
    }
}

Test(graph_shape, pointwise_arrays_have_one_shape)
{
    cr_assert_eq(graph_add(g, leaf(shape_matrix(3, 4)), leaf(shape_matrix(4, 3))), GRAPH_NONE);
    cr_assert_eq(graph_status(g), BASIN_INTERNAL);
}

/* Both ends are drawn, and nothing beyond them. */
Test(graph_shape, samples_stay_within_their_bounds)
{
    struct sampler sampler = {.random = random_make(1, STREAM_DATA, 0, 0)};
    int seen[4] = {0}, ranks[GRAPH_RANK + 1] = {0};
    for (int i = 0; i < 1000; i++) {
        int64_t drawn = sample_between(&sampler, -1, 2);
        cr_assert(drawn >= -1 && drawn <= 2);
        seen[drawn + 1]++;
        struct shape shape = sample_shape(&sampler, 1, 3);
        cr_assert(shape.rank >= 1 && shape.rank <= 3);
        ranks[shape.rank]++;
        for (int k = 0; k < shape.rank; k++) cr_assert_geq(shape.dim[k], 1);
    }
    for (int i = 0; i < 4; i++) cr_assert_gt(seen[i], 150);
    for (int rank = 1; rank <= 3; rank++) cr_assert_gt(ranks[rank], 200);
}
