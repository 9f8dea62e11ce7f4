/* Recurrent nets by delays: gradient and Hessian against differences, and against the same net
 * written out step by step; every way of planning memory gives the same bits. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "base/random.h"
#include "graph/program.h"
#include "graph/step.h"

enum { STEPS = 5, BATCH = 3, INPUTS = 2, HIDDEN = 3, OUTPUTS = 2, ARRAYS = 7, MOST = 128 };

struct net {
    struct arena *arena;
    struct graph *graph;
    struct program *program;
    struct program_state *state;
    int64_t size;
    double w[MOST], v[MOST], gradient[MOST], product[MOST], x[STEPS * BATCH * INPUTS], loss;
};

static graph_node cell(struct graph *g, graph_node before, graph_node input, graph_node recurrent,
                       graph_node bias)
{
    graph_node sum = graph_add(g, input, graph_matmul(g, before, recurrent, false, false));
    graph_node h =
        graph_tanh(g, graph_add(g, sum, graph_broadcast(g, bias, graph_shape(g, sum), 1)));
    /* a gate, so that a product of two recurrent values is in the loop */
    return graph_add(g, graph_multiply(g, graph_sigmoid(g, sum), h), graph_scale(g, before, 0.3));
}

/* (T N, H) by a loop. */
static graph_node looped(struct graph *g, graph_node input, graph_node recurrent, graph_node bias,
                         bool backward)
{
    graph_node before = graph_delay(g, graph_shape(g, input), STEPS, backward);
    graph_node h = cell(g, before, input, recurrent, bias);
    graph_delay_close(g, before, h);
    return h;
}

/* The same, written out. */
static graph_node unrolled(struct graph *g, graph_node input, graph_node recurrent, graph_node bias,
                           bool backward)
{
    graph_node h = graph_constant(g, 0, shape_matrix(BATCH, HIDDEN)), all = GRAPH_NONE;
    for (int step = 0; step < STEPS; step++) {
        int t = backward ? STEPS - 1 - step : step;
        h = cell(g, h, graph_slice(g, input, 0, t * BATCH, BATCH), recurrent, bias);
        graph_node padded = graph_pad(g, h, 0, t * BATCH, (STEPS - 1 - t) * BATCH);
        all = all == GRAPH_NONE ? padded : graph_add(g, all, padded);
    }
    return all;
}

/* A loop, a backward loop on its results, and a head on the last step of both. */
static void build(struct net *n, bool unroll)
{
    const struct shape shapes[ARRAYS] = {shape_matrix(INPUTS, HIDDEN), shape_matrix(HIDDEN, HIDDEN),
                                         shape_vector(HIDDEN),         shape_matrix(HIDDEN, HIDDEN),
                                         shape_matrix(HIDDEN, HIDDEN), shape_vector(HIDDEN),
                                         shape_matrix(HIDDEN, OUTPUTS)};
    graph_node w[ARRAYS], v[ARRAYS], gradient[ARRAYS], product[ARRAYS];
    cr_assert_eq(arena_create(&n->arena), BASIN_OK);
    cr_assert_eq(graph_create(n->arena, &n->graph), BASIN_OK);
    struct graph *g = n->graph;
    n->size = 0;
    for (int i = 0; i < ARRAYS; n->size += shape_size(shapes[i++])) {
        w[i] = graph_leaf(g, SLOT_PARAMETERS, n->size, shapes[i]);
        v[i] = graph_leaf(g, SLOT_TANGENT, n->size, shapes[i]);
    }
    graph_node (*layer)(struct graph *, graph_node, graph_node, graph_node, bool) =
        unroll ? unrolled : looped;
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(STEPS * BATCH, INPUTS));
    graph_node first = layer(g, graph_matmul(g, x, w[0], false, false), w[1], w[2], false);
    graph_node second = layer(g, graph_matmul(g, first, w[3], false, false), w[4], w[5], true);
    graph_node last = graph_slice(g, graph_add(g, first, second), 0, (STEPS - 1) * BATCH, BATCH);
    graph_node f = graph_matmul(g, last, w[6], false, false);
    graph_node loss = graph_sum(g, graph_logsumexp(g, graph_add(g, f, graph_multiply(g, f, f))), 1);
    cr_assert_eq(graph_vjp(g, loss, GRAPH_NONE, w, ARRAYS, gradient), BASIN_OK);
    cr_assert_eq(graph_jvp(g, gradient, ARRAYS, w, v, ARRAYS, product), BASIN_OK);
    graph_output(g, loss, SLOT_LOSS, 0);
    for (int64_t i = 0, at = 0; i < ARRAYS; at += shape_size(shapes[i++])) {
        graph_output(g, gradient[i], SLOT_GRADIENT, at);
        graph_output(g, product[i], SLOT_PRODUCT, at);
    }
    cr_assert_eq(graph_status(g), BASIN_OK, "%s", basin_error_last()->message);
}

static void prepare(struct net *n, bool unroll, const struct program_options *options)
{
    build(n, unroll);
    cr_assert_eq(program_compile(n->arena, n->graph, options, &n->program), BASIN_OK, "%s",
                 basin_error_last()->message);
    cr_assert_eq(program_check(n->program), BASIN_OK, "%s", basin_error_last()->message);
    cr_assert_eq(program_state_create(n->program, &n->state), BASIN_OK);
    void *bound[] = {
        [SLOT_PARAMETERS] = n->w, [SLOT_TANGENT] = n->v,         [SLOT_INPUT] = n->x,
        [SLOT_LOSS] = &n->loss,   [SLOT_GRADIENT] = n->gradient, [SLOT_PRODUCT] = n->product};
    for (size_t slot = 0; slot < sizeof bound / sizeof *bound; slot++)
        if (bound[slot]) program_bind(n->state, (enum graph_slot)slot, bound[slot]);
    struct random random = random_make(3, STREAM_DATA, 0, 0);
    random_fill_normal(&random, 0.6, n->w, (size_t)n->size);
    random.minor = 1;
    random_fill_normal(&random, 1, n->v, (size_t)n->size);
    random.minor = 2;
    random_fill_normal(&random, 1, n->x, STEPS * BATCH * INPUTS);
}

static void release(struct net *n)
{
    program_state_destroy(n->state);
    arena_destroy(n->arena);
}

static const struct program_options plain = {.precision = PRECISION_FLOAT64,
                                             .varying = 1u << SLOT_TANGENT};

Test(loops, unrolled_gives_the_same)
{
    static struct net a, b;
    prepare(&a, false, &plain);
    prepare(&b, true, &plain);
    program_run(a.state, PROGRAM_ALL);
    program_run(b.state, PROGRAM_ALL);
    cr_assert_float_eq(a.loss, b.loss, 1e-13);
    for (int i = 0; i < a.size; i++) {
        cr_assert_float_eq(a.gradient[i], b.gradient[i], 1e-12, "gradient %d: %g %g", i,
                           a.gradient[i], b.gradient[i]);
        cr_assert_float_eq(a.product[i], b.product[i], 1e-12, "product %d: %g %g", i, a.product[i],
                           b.product[i]);
    }
    release(&a);
    release(&b);
}

static void shifted_gradient(struct net *n, int j, double h, double *gradient)
{
    double w = n->w[j];
    n->w[j] = w + h;
    program_run(n->state, PROGRAM_ALL);
    n->w[j] = w;
    memcpy(gradient, n->gradient, sizeof n->gradient);
}

Test(loops, hessian_against_differences)
{
    static struct net n;
    static double hessian[MOST][MOST], above[MOST], below[MOST];
    prepare(&n, false, &plain);
    program_run(n.state, PROGRAM_INVARIANT);
    for (int j = 0; j < n.size; j++) {
        for (int i = 0; i < n.size; i++) n.v[i] = i == j;
        program_run(n.state, PROGRAM_VARYING);
        memcpy(hessian[j], n.product, sizeof n.product);
    }
    for (int j = 0; j < n.size; j++) {
        double loss[2], analytic = n.gradient[j];
        for (int side = 0; side < 2; side++) {
            shifted_gradient(&n, j, side ? 1e-5 : -1e-5, side ? above : below);
            loss[side] = n.loss;
        }
        program_run(n.state, PROGRAM_ALL);
        cr_assert_float_eq((loss[1] - loss[0]) / 2e-5, analytic, 1e-7);
        for (int i = 0; i < n.size; i++) {
            cr_assert_float_eq((above[i] - below[i]) / 2e-5, hessian[j][i], 1e-6, "Hessian %d %d",
                               i, j);
            cr_assert_float_eq(hessian[i][j], hessian[j][i], 1e-12);
        }
    }
    release(&n);
}

Test(loops, every_plan_gives_the_same_bits)
{
    static struct net a, b;
    struct program_options ways[4] = {plain, plain, plain, plain};
    ways[1].poison = true;
    ways[2].one_buffer_each = true;
    ways[3].varying = 0;
    prepare(&a, false, &ways[0]);
    program_run(a.state, PROGRAM_ALL);
    for (int i = 1; i < 4; i++) {
        prepare(&b, false, &ways[i]);
        for (int again = 0; again < 2; again++) program_run(b.state, PROGRAM_ALL);
        cr_assert(!memcmp(a.gradient, b.gradient, sizeof a.gradient) &&
                      !memcmp(a.product, b.product, sizeof a.product),
                  "plan %d", i);
        release(&b);
    }
    release(&a);
}

Test(loops, what_cannot_run_step_by_step_is_refused)
{
    struct arena *arena;
    struct graph *g;
    struct program *program;
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    cr_assert_eq(graph_create(arena, &g), BASIN_OK);
    graph_node before = graph_delay(g, shape_matrix(4, 2), 2, false);
    graph_node mixed =
        graph_matmul(g, before, graph_matmul(g, before, before, true, false), false, false);
    graph_delay_close(g, before, mixed);
    graph_output(g, mixed, SLOT_OUTPUT, 0);
    cr_assert_eq(program_compile(arena, g, &plain, &program), BASIN_INTERNAL);
    arena_destroy(arena);
}
