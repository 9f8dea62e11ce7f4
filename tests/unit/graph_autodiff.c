/* What the generated tests cannot reach: repeated inputs, independent variables, missing paths. */
#include <math.h>
#include "graph_helpers.h"

TestSuite(graph_autodiff, .init = setup, .fini = teardown);

/* The values of some nodes on x. */
static void evaluate(const graph_node *nodes, int count, double *x, double *out)
{
    int64_t at = 0;
    for (int i = 0; i < count; i++) {
        cr_assert_eq(graph_output(g, nodes[i], SLOT_EXTRA, at), BASIN_OK);
        at += shape_size(graph_shape(g, nodes[i]));
    }
    struct program *program;
    struct program_state *state;
    cr_assert_eq(program_compile(
                     arena, g, &(struct program_options){.precision = PRECISION_FLOAT64}, &program),
                 BASIN_OK);
    cr_assert_eq(program_state_create(program, &state), BASIN_OK);
    program_bind(state, SLOT_INPUT, x);
    program_bind(state, SLOT_EXTRA, out);
    program_run(state, PROGRAM_ALL);
    program_state_destroy(state);
}

Test(graph_autodiff, jacobian_of_repeated_input)
{
    /* J(x, x)_i = x_i (x_i - s), s = sum x^2: derivative by x_k: delta (2 x_i - s) - 2 x_i x_k. */
    double x[3] = {0.3, -0.7, 1.1}, out[6], s = 0.09 + 0.49 + 1.21;
    graph_node leaf = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(1, 3)),
               one = graph_constant(g, 1, shape_matrix(1, 3));
    graph_node both[2], y = node_make2(g, OP_softmax_jacobian, leaf, leaf);
    cr_assert_eq(graph_jvp(g, &y, 1, &leaf, &one, 1, &both[0]), BASIN_OK);
    cr_assert_eq(graph_vjp(g, y, one, &leaf, 1, &both[1]), BASIN_OK);
    evaluate(both, 2, x, out);
    for (int i = 0; i < 3; i++) {
        double row = 0, column = 0;
        for (int k = 0; k < 3; k++) {
            row += (i == k) * (2 * x[i] - s) - 2 * x[i] * x[k];
            column += (i == k) * (2 * x[k] - s) - 2 * x[k] * x[i];
        }
        cr_assert_float_eq(out[i], row, 1e-14);
        cr_assert_float_eq(out[3 + i], column, 1e-14);
    }
}

Test(graph_autodiff, jacobian_whose_vector_depends_on_y)
{
    /* J(y, v) with v = y^2: the dependence of v on y must count once. */
    double x[3] = {0.3, -0.7, 1.1}, out[3];
    graph_node y = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(1, 3)), v = graph_multiply(g, y, y);
    graph_node j = node_make2(g, OP_softmax_jacobian, y, v), gradient;
    cr_assert_eq(graph_vjp(g, graph_sum(g, j, 3), GRAPH_NONE, &y, 1, &gradient), BASIN_OK);
    evaluate(&gradient, 1, x, out); /* f = sum y^3 - (sum y) (sum y^3) */
    double sum = x[0] + x[1] + x[2],
           cubes = x[0] * x[0] * x[0] + x[1] * x[1] * x[1] + x[2] * x[2] * x[2];
    for (int i = 0; i < 3; i++)
        cr_assert_float_eq(out[i], 3 * x[i] * x[i] * (1 - sum) - cubes, 1e-14);
}

Test(graph_autodiff, inputs_are_independent)
{
    /* By a and b = a^2 at once: a and b are taken as independent variables, forwards and backwards.
     */
    double x[1] = {3}, out[4];
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape_scalar()), b = graph_multiply(g, a, a),
               f = graph_multiply(g, a, b);
    graph_node wrt[] = {a, b}, adjoints[2], all[4], one = graph_constant(g, 1, shape_scalar()),
               zero = graph_constant(g, 0, shape_scalar());
    cr_assert_eq(graph_vjp(g, f, GRAPH_NONE, wrt, 2, adjoints), BASIN_OK);
    all[0] = adjoints[0], all[1] = adjoints[1];
    cr_assert_eq(graph_jvp(g, &f, 1, wrt, (graph_node[]){one, zero}, 2, &all[2]), BASIN_OK);
    cr_assert_eq(graph_jvp(g, &f, 1, wrt, (graph_node[]){zero, one}, 2, &all[3]), BASIN_OK);
    evaluate(all, 4, x, out);
    cr_assert_eq(out[0], 9);
    cr_assert_eq(out[1], 3);
    cr_assert_eq(out[2], 9);
    cr_assert_eq(out[3], 3);
}

Test(graph_autodiff, without_a_path_exact_zeros)
{
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape_vector(3)),
               b = graph_leaf(g, SLOT_INPUT, 3, shape_vector(5)), out[2];
    graph_node f = graph_sum(g, graph_exp(g, a), 1), wrt[] = {a, b}, tangent;
    cr_assert_eq(graph_vjp(g, f, GRAPH_NONE, wrt, 2, out), BASIN_OK);
    cr_assert_eq(out[0], graph_exp(g, a));
    cr_assert(node_is_constant(g, out[1], 0));
    cr_assert(shape_equal(graph_shape(g, out[1]), shape_vector(5)));
    cr_assert_eq(graph_jvp(g, &f, 1, &b, &b, 1, &tangent), BASIN_OK);
    cr_assert(node_is_constant(g, tangent, 0));
}

Test(graph_autodiff, no_work_for_what_is_not_asked)
{
    /* The adjoint by w alone builds no product for the adjoint of x. */
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, shape_matrix(4, 3)),
               w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(3, 2)), out;
    graph_node y = graph_matmul(g, x, w, false, false), f = graph_sum(g, graph_tanh(g, y), 3);
    cr_assert_eq(graph_vjp(g, f, GRAPH_NONE, &w, 1, &out), BASIN_OK);
    int products = 0;
    for (graph_node i = 0; i < graph_size(g); i++) products += node_at(g, i)->op == OP_matmul;
    cr_assert_eq(products, 2);
}

Test(graph_autodiff, refuses_array_without_seed)
{
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape_vector(3)), out;
    cr_assert_eq(graph_vjp(g, a, GRAPH_NONE, &a, 1, &out), BASIN_INTERNAL);
    cr_assert_eq(out, GRAPH_NONE);
}

Test(graph_autodiff, refuses_seed_of_other_shape)
{
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape_vector(3)), out;
    cr_assert_eq(graph_vjp(g, a, graph_constant(g, 1, shape_vector(2)), &a, 1, &out),
                 BASIN_INTERNAL);
}

Test(graph_autodiff, tenth_derivative)
{
    double x[1] = {0.4}, out[1]; /* d^10 e^(2x) = 2^10 e^(2x), forwards and backwards in turn */
    graph_node a = graph_leaf(g, SLOT_INPUT, 0, shape_scalar()),
               f = graph_exp(g, graph_scale(g, a, 2));
    graph_node one = graph_constant(g, 1, shape_scalar());
    for (int i = 0; i < 10; i++) {
        graph_node next;
        if (i % 2)
            graph_vjp(g, f, GRAPH_NONE, &a, 1, &next);
        else
            graph_jvp(g, &f, 1, &a, &one, 1, &next);
        f = next;
    }
    evaluate(&f, 1, x, out);
    cr_assert_float_eq(out[0], 1024 * exp(0.8), 1e-11);
}

static int hessian_product_size(int depth)
{
    setup();
    graph_node w = graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(8, 8)),
               v = graph_leaf(g, SLOT_TANGENT, 0, shape_matrix(8, 8));
    graph_node x = w, gradient, product;
    for (int i = 0; i < depth; i++) x = graph_softmax(g, graph_matmul(g, x, w, false, false));
    graph_vjp(g, graph_sum(g, graph_multiply(g, x, x), 3), GRAPH_NONE, &w, 1, &gradient);
    graph_jvp(g, &gradient, 1, &w, &v, 1, &product);
    int size = graph_size(g);
    cr_assert_eq(graph_status(g), BASIN_OK);
    teardown();
    return size;
}

Test(graph_autodiff_depth, second_order_is_linear_in_depth)
{
    int ten = hessian_product_size(10), twenty = hessian_product_size(20),
        forty = hessian_product_size(40);
    cr_assert_eq(forty - twenty, 2 * (twenty - ten));
    cr_assert_lt(forty, 40 * 40);
}
