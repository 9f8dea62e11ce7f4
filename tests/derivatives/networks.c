/* Whole networks: gradient and Hessian of small perceptrons with every activation and both losses,
 * against differences.
 */
#include <criterion/criterion.h>
#include <math.h>
#include "base/random.h"
#include "graph/program.h"
#include "graph/step.h"

enum { BATCH = 5, INPUTS = 4, HIDDEN = 6, OUTPUTS = 3, MOST = 256 };

enum activation { TANH, SIGMOID, RELU, GELU, SILU, IDENTITY, ACTIVATIONS };
enum loss { CROSS_ENTROPY, MSE, LOSSES };

static graph_node activate(struct graph *g, enum activation activation, graph_node x)
{
    switch (activation) {
    case TANH:
        return graph_tanh(g, x);
    case SIGMOID:
        return graph_sigmoid(g, x);
    case RELU:
        return graph_relu(g, x);
    case SILU:
        return graph_multiply(g, x, graph_sigmoid(g, x));
    case GELU: { /* x (1 + erf(x / sqrt 2)) / 2 */
        graph_node one = graph_constant(g, 1, graph_shape(g, x));
        return graph_scale(
            g, graph_multiply(g, x, graph_add(g, one, graph_erf(g, graph_scale(g, x, M_SQRT1_2)))),
            0.5);
    }
    default:
        return x;
    }
}

static graph_node loss_of(struct graph *g, enum loss loss, graph_node f)
{
    graph_node y = graph_leaf(g, SLOT_TARGET, 0, shape_matrix(BATCH, OUTPUTS));
    if (loss == MSE) {
        graph_node d = graph_subtract(g, f, y);
        return graph_scale(g, graph_sum(g, graph_multiply(g, d, d), 3), 0.5 / BATCH);
    }
    graph_node l =
        graph_subtract(g, graph_logsumexp(g, f), graph_sum(g, graph_multiply(g, f, y), 2));
    return graph_scale(g, graph_sum(g, l, 1), 1.0 / BATCH);
}

struct network {
    struct arena *arena;
    struct graph *graph;
    struct program *program;
    struct program_state *state;
    int64_t size;
    double w[MOST], v[MOST], gradient[MOST], product[MOST], x[BATCH * INPUTS], y[BATCH * OUTPUTS],
        loss, f[BATCH * OUTPUTS];
};

/* Two layers, dropout between them; loss, gradient and Hessian-vector product as outputs. */
static void network_build(struct network *n, enum activation activation, enum loss loss,
                          double rate)
{
    cr_assert_eq(arena_create(&n->arena), BASIN_OK);
    cr_assert_eq(graph_create(n->arena, &n->graph), BASIN_OK);
    struct graph *g = n->graph;
    struct shape shapes[] = {shape_matrix(INPUTS, HIDDEN), shape_vector(HIDDEN),
                             shape_matrix(HIDDEN, OUTPUTS), shape_vector(OUTPUTS)};
    graph_node w[4], v[4], gradient[4], product[4];
    n->size = 0;
    for (int i = 0; i < 4; i++) {
        w[i] = graph_leaf(g, SLOT_PARAMETERS, n->size, shapes[i]);
        v[i] = graph_leaf(g, SLOT_TANGENT, n->size, shapes[i]);
        n->size += shape_size(shapes[i]);
    }
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(BATCH, INPUTS));
    graph_node h = graph_matmul(g, x, w[0], false, false);
    h = activate(g, activation, graph_add(g, h, graph_broadcast(g, w[1], graph_shape(g, h), 1)));
    h = graph_multiply(g, h, graph_dropout_mask(g, rate, 1, graph_shape(g, h)));
    graph_node f = graph_matmul(g, h, w[2], false, false);
    f = graph_add(g, f, graph_broadcast(g, w[3], graph_shape(g, f), 1));
    graph_node l = loss_of(g, loss, f);
    cr_assert_eq(graph_vjp(g, l, GRAPH_NONE, w, 4, gradient), BASIN_OK);
    cr_assert_eq(graph_jvp(g, gradient, 4, w, v, 4, product), BASIN_OK);
    graph_output(g, l, SLOT_LOSS, 0);
    graph_output(g, f, SLOT_OUTPUT, 0);
    for (int64_t i = 0, at = 0; i < 4; at += shape_size(shapes[i++])) {
        graph_output(g, gradient[i], SLOT_GRADIENT, at);
        graph_output(g, product[i], SLOT_PRODUCT, at);
    }
    cr_assert_eq(graph_status(g), BASIN_OK);
}

static void network_compile(struct network *n, const struct program_options *options)
{
    cr_assert_eq(program_compile(n->arena, n->graph, options, &n->program), BASIN_OK, "%s",
                 basin_error_last()->message);
    cr_assert_eq(program_check(n->program), BASIN_OK, "%s", basin_error_last()->message);
    cr_assert_eq(program_state_create(n->program, &n->state), BASIN_OK);
    void *bound[GRAPH_SLOTS] = {
        [SLOT_PARAMETERS] = n->w,      [SLOT_TANGENT] = n->v,      [SLOT_INPUT] = n->x,
        [SLOT_TARGET] = n->y,          [SLOT_LOSS] = &n->loss,     [SLOT_OUTPUT] = n->f,
        [SLOT_GRADIENT] = n->gradient, [SLOT_PRODUCT] = n->product};
    for (int slot = 0; slot < GRAPH_SLOTS; slot++)
        program_bind(n->state, (enum graph_slot)slot, bound[slot]);
    program_random(n->state, 7, 3);
    struct random random = random_make(11, STREAM_DATA, 0, 0);
    random_fill_normal(&random, 0.7, n->w, (size_t)n->size);
    random.minor = 1;
    random_fill_normal(&random, 1, n->x, BATCH * INPUTS);
    for (int i = 0; i < BATCH * OUTPUTS; i++) n->y[i] = i % OUTPUTS == i / OUTPUTS % OUTPUTS;
}

static void network_free(struct network *n)
{
    program_state_destroy(n->state);
    arena_destroy(n->arena);
}

/* (value(w + h) - value(w - h)) / 2h by the parameter j, `value` an array that the program writes.
 */
static void difference(struct network *n, int j, const double *value, int count, double *out)
{
    const double h = 1e-5;
    double w = n->w[j], above[MOST];
    n->w[j] = w + h;
    program_run(n->state, PROGRAM_ALL);
    for (int i = 0; i < count; i++) above[i] = value[i];
    n->w[j] = w - h;
    program_run(n->state, PROGRAM_ALL);
    for (int i = 0; i < count; i++) out[i] = (above[i] - value[i]) / (2 * h);
    n->w[j] = w;
}

static void check_network(enum activation activation, enum loss loss, double rate,
                          const struct program_options *options)
{
    static struct network n;
    network_build(&n, activation, loss, rate);
    network_compile(&n, options);
    static double gradient[MOST], hessian[MOST][MOST], column[MOST];
    double largest = 0;
    program_run(n.state, PROGRAM_INVARIANT);
    for (int j = 0; j < n.size; j++) {
        for (int i = 0; i < n.size; i++) n.v[i] = i == j;
        program_run(n.state, PROGRAM_VARYING);
        for (int i = 0; i < n.size; i++)
            hessian[j][i] = n.product[i], largest = fmax(largest, fabs(n.product[i]));
    }
    for (int i = 0; i < n.size; i++) gradient[i] = n.gradient[i];
    cr_assert_gt(largest, 0.01);
    for (int j = 0; j < n.size; j++) {
        difference(&n, j, &n.loss, 1, column);
        cr_assert_float_eq(column[0], gradient[j], 1e-8,
                           "activation %d loss %d: gradient %d: %g %g", activation, loss, j,
                           column[0], gradient[j]);
        difference(&n, j, n.gradient, (int)n.size, column);
        for (int i = 0; i < n.size; i++) {
            cr_assert_float_eq(column[i], hessian[j][i], 1e-7,
                               "activation %d loss %d: Hessian %d %d: %g %g", activation, loss, i,
                               j, column[i], hessian[j][i]);
            cr_assert_float_eq(hessian[i][j], hessian[j][i], 1e-13, "symmetry");
        }
    }
    network_free(&n);
}

Test(networks, hessian_against_differences)
{
    for (int activation = 0; activation < ACTIVATIONS; activation++)
        for (int loss = 0; loss < LOSSES; loss++)
            for (int dropout = 0; dropout < 2; dropout++) {
                unsigned varying = 1u << SLOT_TANGENT;
                double rate = dropout ? 0.25 : 0;
                check_network(
                    activation, loss, rate,
                    &(struct program_options){.precision = PRECISION_FLOAT64, .varying = varying});
                check_network(activation, loss, rate,
                              &(struct program_options){.precision = PRECISION_FLOAT64,
                                                        .varying = varying,
                                                        .poison = true});
            }
}
