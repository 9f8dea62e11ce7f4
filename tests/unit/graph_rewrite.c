/* Rewriting: each rule makes its primitive where it may and leaves the graph alone where it may
 * not; values are those of the graph as it was. */
#include <math.h>
#include <string.h>
#include "graph/rewrite.h"
#include "graph_helpers.h"

enum { ROWS = 6, COLUMNS = 5, SIZE = ROWS * COLUMNS, MOST = 4096 };

TestSuite(graph_rewrite, .init = setup, .fini = teardown);

static struct graph *rewritten(void)
{
    struct graph *made;
    cr_assert_eq(graph_status(g), BASIN_OK, "%s", basin_error_last()->message);
    cr_assert_eq(graph_rewrite(arena, g, &made), BASIN_OK, "%s", basin_error_last()->message);
    cr_assert_eq(made->result_count, g->result_count);
    return made;
}

/* How many nodes of a primitive the results need. */
static int count(const struct graph *graph, enum op op)
{
    int found = 0;
    bool *live = arena_array(arena, bool, (size_t)graph->count + 1);
    graph_mark_live(graph, live);
    for (graph_node id = 0; id < graph->count; id++)
        found += live[id] && node_at(graph, id)->op == op;
    return found;
}

static void run(bool literal, double *out)
{
    static double in[3][MOST];
    struct program *program;
    struct program_state *state;
    struct program_options options = {.precision = PRECISION_FLOAT64, .literal = literal};
    cr_assert_eq(program_compile(arena, g, &options, &program), BASIN_OK, "%s",
                 basin_error_last()->message);
    cr_assert_eq(program_state_create(program, &state), BASIN_OK);
    for (uint32_t i = 0; i < 3; i++) {
        struct random random = random_make(3, STREAM_DATA, i, 0);
        random_fill_normal(&random, 1, in[i], MOST);
    }
    program_bind(state, SLOT_INPUT, in[0]);
    program_bind(state, SLOT_PARAMETERS, in[1]);
    program_bind(state, SLOT_TANGENT, in[2]);
    program_bind(state, SLOT_EXTRA, out);
    for (int i = 0; i < MOST; i++) out[i] = 0;
    program_run(state, PROGRAM_ALL);
    program_state_destroy(state);
}

static void expect_equal_values(double tolerance)
{
    static double wanted[MOST], got[MOST];
    run(true, wanted);
    run(false, got);
    for (int i = 0; i < MOST; i++)
        cr_assert_float_eq(got[i], wanted[i], tolerance, "%d: %g, not %g", i, got[i], wanted[i]);
}

/* The only result becomes `op`, which stands once, and values stay. */
static void expect_op(graph_node node, enum op op, double tolerance)
{
    graph_output(g, node, SLOT_EXTRA, 0);
    struct graph *made = rewritten();
    enum op got = node_at(made, made->results[0].node)->op;
    cr_assert_eq(got, op, "%s, not %s", op_names[got], op_names[op]);
    cr_assert_eq(count(made, op), 1);
    expect_equal_values(tolerance);
}

static struct shape matrix(void)
{
    return shape_matrix(ROWS, COLUMNS);
}

static graph_node input(void)
{
    return graph_leaf(g, SLOT_INPUT, 0, matrix());
}

/* A vector of parameters repeated over rows; `number`: which one. */
static graph_node row(int number)
{
    return graph_broadcast(g, graph_leaf(g, SLOT_PARAMETERS, number * SIZE, shape_vector(COLUMNS)),
                           matrix(), 1);
}

static graph_node column(void)
{
    return graph_broadcast(g, graph_leaf(g, SLOT_PARAMETERS, 0, shape_vector(ROWS)), matrix(), 2);
}

/* ---- rows and columns ---- */

Test(graph_rewrite, factor_of_a_row)
{
    expect_op(graph_multiply(g, input(), row(0)), OP_multiply_row, 0);
    cr_assert_eq(count(rewritten(), OP_broadcast), 0, "nothing is repeated in memory");
}

Test(graph_rewrite, factor_of_a_row_on_the_left)
{
    expect_op(graph_multiply(g, row(0), input()), OP_multiply_row, 0);
}

Test(graph_rewrite, factor_of_a_column)
{
    expect_op(graph_multiply(g, input(), column()), OP_multiply_column, 0);
    cr_assert_eq(count(rewritten(), OP_broadcast), 0);
}

Test(graph_rewrite, summand_of_a_row)
{
    expect_op(graph_add(g, row(0), input()), OP_add_row, 0);
}

Test(graph_rewrite, summand_of_a_column_stays)
{
    expect_op(graph_add(g, input(), column()), OP_add, 0);
}

Test(graph_rewrite, factor_and_summand_are_one)
{
    expect_op(graph_add(g, graph_multiply(g, input(), row(0)), row(1)), OP_affine_row, 0);
    cr_assert_eq(count(rewritten(), OP_multiply_row), 0);
}

/* A matrix repeated along the first axis is a row of an array of rank 3; a vector in the middle is
 * neither. */
Test(graph_rewrite, rows_of_several_axes)
{
    struct shape shape = {.rank = 3, .dim = {4, 3, 5}};
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape),
               w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(3, 5));
    expect_op(graph_multiply(g, x, graph_broadcast(g, w, shape, 1)), OP_multiply_row, 0);
}

Test(graph_rewrite, repetition_in_the_middle_stays)
{
    struct shape shape = {.rank = 3, .dim = {4, 3, 5}};
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape),
               w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(4, 5));
    expect_op(graph_multiply(g, x, graph_broadcast(g, w, shape, 2)), OP_multiply, 0);
    cr_assert_eq(count(rewritten(), OP_broadcast), 1);
}

/* Factor and summand are repeated over different axes: two passes. */
Test(graph_rewrite, rows_of_different_ranks_are_two)
{
    struct shape shape = {.rank = 3, .dim = {4, 3, 5}};
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape),
               w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(3, 5));
    graph_node b = graph_leaf(g, SLOT_PARAMETERS, 99, shape_vector(5));
    graph_node product = graph_multiply(g, x, graph_broadcast(g, w, shape, 1));
    expect_op(graph_add(g, product, graph_broadcast(g, b, shape, 3)), OP_add_row, 0);
    cr_assert_eq(count(rewritten(), OP_multiply_row), 1);
}

/* A product that somebody else reads, or that is a result, is computed once and not hidden in a
 * sum. */
static void expect_product_apart(graph_node product, graph_node other)
{
    graph_output(g, graph_add(g, product, row(1)), SLOT_EXTRA, 0);
    graph_output(g, other, SLOT_EXTRA, SIZE);
    struct graph *made = rewritten();
    cr_assert_eq(count(made, OP_affine_row), 0);
    cr_assert_eq(count(made, OP_multiply_row), 1);
    cr_assert_eq(count(made, OP_add_row), 1);
    expect_equal_values(0);
}

Test(graph_rewrite, product_with_another_reader)
{
    graph_node product = graph_multiply(g, input(), row(0));
    expect_product_apart(product, graph_tanh(g, product));
}

Test(graph_rewrite, product_that_is_a_result)
{
    graph_node product = graph_multiply(g, input(), row(0));
    expect_product_apart(product, product);
}

/* A reader that no result needs is none. */
Test(graph_rewrite, dead_readers_do_not_count)
{
    graph_node product = graph_multiply(g, input(), row(0));
    graph_tanh(g, product);
    expect_op(graph_add(g, product, row(1)), OP_affine_row, 0);
}

/* ---- backward halves ---- */

static graph_node gradient(void)
{
    return graph_leaf(g, SLOT_TANGENT, 0, matrix());
}

static graph_node one_minus(graph_node y)
{
    return graph_subtract(g, graph_constant(g, 1, matrix()), y);
}

/* f'(z) of an activation, written with y. */
static graph_node derivative(enum op op, graph_node y)
{
    if (op == OP_relu_backward) return graph_step(g, y);
    return op == OP_tanh_backward ? one_minus(graph_multiply(g, y, y))
                                  : graph_multiply(g, y, one_minus(y));
}

static const enum op backward[] = {OP_relu_backward, OP_tanh_backward, OP_sigmoid_backward};

Test(graph_rewrite, backward_halves)
{
    for (int i = 0; i < 6; i++) {
        teardown();
        setup();
        graph_node slope = derivative(backward[i / 2], input());
        expect_op(i % 2 ? graph_multiply(g, gradient(), slope)
                        : graph_multiply(g, slope, gradient()),
                  backward[i / 2], 0);
        cr_assert_eq(count(rewritten(), OP_subtract), 0);
        cr_assert_eq(count(rewritten(), OP_step), 0);
    }
}

/* What differentiation makes of the activations is what the rules look for. */
Test(graph_rewrite, gradients_of_activations)
{
    for (int i = 0; i < 3; i++) {
        teardown();
        setup();
        graph_node x = input(), back;
        graph_node y = i == 0 ? graph_relu(g, x) : i == 1 ? graph_tanh(g, x) : graph_sigmoid(g, x);
        cr_assert_eq(graph_vjp(g, y, gradient(), &x, 1, &back), BASIN_OK);
        expect_op(back, backward[i], 0);
    }
}

/* With another reader of the slope, or the slope as a result, the product stays. */
Test(graph_rewrite, slopes_that_others_need)
{
    for (int i = 0; i < 6; i++) {
        teardown();
        setup();
        graph_node slope = derivative(backward[i / 2], input());
        graph_output(g, graph_multiply(g, gradient(), slope), SLOT_EXTRA, 0);
        graph_output(g, i % 2 ? slope : graph_exp(g, slope), SLOT_EXTRA, SIZE);
        cr_assert_eq(count(rewritten(), backward[i / 2]), 0);
        expect_equal_values(0);
    }
}

/* 2 - y y and 1 - y z are no slope of tanh, y (1 - z) none of sigmoid. */
Test(graph_rewrite, what_only_looks_like_a_slope)
{
    graph_node y = input(), z = graph_leaf(g, SLOT_INPUT, SIZE, matrix());
    graph_node two = graph_subtract(g, graph_constant(g, 2, matrix()), graph_multiply(g, y, y));
    graph_node slopes[] = {two, one_minus(graph_multiply(g, y, z)),
                           graph_multiply(g, y, one_minus(z))};
    for (int i = 0; i < 3; i++)
        graph_output(g, graph_multiply(g, gradient(), slopes[i]), SLOT_EXTRA, (int64_t)i * SIZE);
    struct graph *made = rewritten();
    cr_assert_eq(count(made, OP_tanh_backward), 0);
    cr_assert_eq(count(made, OP_sigmoid_backward), 0);
    expect_equal_values(0);
}

/* ---- sums of products ---- */

static graph_node product(void)
{
    return graph_multiply(g, input(), gradient());
}

Test(graph_rewrite, sum_of_products_over_rows)
{
    expect_op(graph_sum(g, product(), 1), OP_sum_product, 1e-14);
    cr_assert_eq(count(rewritten(), OP_multiply), 0);
}

Test(graph_rewrite, sum_of_products_over_columns)
{
    expect_op(graph_sum(g, product(), 2), OP_sum_product, 1e-14);
}

Test(graph_rewrite, sum_of_all_products)
{
    expect_op(graph_sum(g, product(), 3), OP_sum_product, 1e-13);
}

Test(graph_rewrite, sum_of_squares)
{
    expect_op(graph_sum(g, graph_multiply(g, input(), input()), 1), OP_sum_product, 1e-14);
}

Test(graph_rewrite, sum_over_an_axis_in_the_middle_stays)
{
    struct shape shape = {.rank = 3, .dim = {4, 3, 5}};
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape), y = graph_leaf(g, SLOT_TANGENT, 0, shape);
    expect_op(graph_sum(g, graph_multiply(g, x, y), 2), OP_sum, 0);
}

Test(graph_rewrite, products_that_others_need_are_kept)
{
    for (int is_result = 0; is_result < 2; is_result++) {
        teardown();
        setup();
        graph_node p = product();
        graph_output(g, graph_sum(g, p, 1), SLOT_EXTRA, 0);
        graph_output(g, is_result ? p : graph_exp(g, p), SLOT_EXTRA, SIZE);
        cr_assert_eq(count(rewritten(), OP_sum_product), 0);
        expect_equal_values(0);
    }
}

/* ---- convolutions ---- */

static graph_node convolution(void)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, (struct shape){.rank = 4, .dim = {2, 5, 6, 3}});
    graph_node w =
        graph_leaf(g, SLOT_PARAMETERS, 0, (struct shape){.rank = 4, .dim = {3, 3, 3, 4}});
    return graph_convolution(g, x, w, &(struct window){{3, 3}, {1, 1}, {1, 1}, {1, 1}, 1});
}

static graph_node biased(graph_node y)
{
    graph_node bias = graph_leaf(g, SLOT_PARAMETERS, 1000, shape_vector(4));
    return graph_add(g, y, graph_broadcast(g, bias, graph_shape(g, y), 7));
}

Test(graph_rewrite, convolution_with_its_bias)
{
    expect_op(biased(convolution()), OP_convolution_bias, 1e-12);
    cr_assert_eq(count(rewritten(), OP_convolution), 0);
}

Test(graph_rewrite, convolution_with_bias_and_relu)
{
    expect_op(graph_relu(g, biased(convolution())), OP_convolution_bias, 1e-12);
    cr_assert_eq(count(rewritten(), OP_relu), 0);
}

Test(graph_rewrite, relu_without_a_bias_stays)
{
    expect_op(graph_relu(g, convolution()), OP_relu, 0);
}

/* The sum before the relu has a reader of its own: the bias goes along, the relu does not. */
Test(graph_rewrite, biased_convolution_that_others_need)
{
    for (int is_result = 0; is_result < 2; is_result++) {
        teardown();
        setup();
        graph_node sum = biased(convolution());
        graph_output(g, graph_relu(g, sum), SLOT_EXTRA, 0);
        graph_output(g, is_result ? sum : graph_tanh(g, sum), SLOT_EXTRA, 240);
        struct graph *made = rewritten();
        cr_assert_eq(count(made, OP_convolution_bias), 1);
        cr_assert_eq(count(made, OP_relu), 1);
        expect_equal_values(1e-12);
    }
}

Test(graph_rewrite, convolution_that_others_need)
{
    for (int is_result = 0; is_result < 2; is_result++) {
        teardown();
        setup();
        graph_node y = convolution();
        graph_output(g, biased(y), SLOT_EXTRA, 0);
        graph_output(g, is_result ? y : graph_tanh(g, y), SLOT_EXTRA, 240);
        struct graph *made = rewritten();
        cr_assert_eq(count(made, OP_convolution_bias), 0);
        cr_assert_eq(count(made, OP_convolution), 1);
        cr_assert_eq(count(made, OP_add_row), 1);
        expect_equal_values(0);
    }
}

/* A bias for each place is not one of channels. */
Test(graph_rewrite, bias_of_places_stays_apart)
{
    graph_node y = convolution(), bias = graph_leaf(g, SLOT_PARAMETERS, 1000,
                                                    (struct shape){.rank = 3, .dim = {5, 6, 4}});
    expect_op(graph_add(g, y, graph_broadcast(g, bias, graph_shape(g, y), 1)), OP_add_row, 0);
    cr_assert_eq(count(rewritten(), OP_convolution), 1);
}

/* ---- the whole ---- */

/* h = tanh(x w + h') with a factor for each unit: loops stay loops, and are rewritten inside. */
Test(graph_rewrite, delays_stay_closed)
{
    struct shape shape = shape_matrix(12, COLUMNS);
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape),
               w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_vector(COLUMNS));
    graph_node before = graph_delay(g, shape, 4, false);
    graph_node scaled = graph_multiply(g, before, graph_broadcast(g, w, shape, 1));
    graph_node h = graph_tanh(g, graph_add(g, x, scaled));
    graph_delay_close(g, before, h);
    graph_output(g, h, SLOT_EXTRA, 0);
    struct graph *made = rewritten();
    cr_assert_eq(count(made, OP_multiply_row), 1);
    cr_assert_eq(count(made, OP_shift), 1);
    cr_assert_eq(made->delays, 1);
    expect_equal_values(0);
}

Test(graph_rewrite, the_old_graph_is_untouched)
{
    graph_output(g, graph_add(g, graph_multiply(g, input(), row(0)), row(1)), SLOT_EXTRA, 0);
    int nodes = graph_size(g);
    rewritten();
    cr_assert_eq(graph_size(g), nodes);
    cr_assert_eq(node_at(g, g->results[0].node)->op, OP_add);
}

Test(graph_rewrite, shortage_of_memory_is_an_error)
{
    graph_output(g, graph_relu(g, biased(convolution())), SLOT_EXTRA, 0);
    basin_status status = BASIN_MEMORY;
    for (long n = 1; status != BASIN_OK; n++) {
        struct arena *other;
        struct graph *made;
        cr_assert_eq(arena_create(&other), BASIN_OK);
        memory_fail_at(n);
        status = graph_rewrite(other, g, &made);
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY);
        cr_assert(n > 1 || status == BASIN_MEMORY);
        arena_destroy(other);
    }
}
