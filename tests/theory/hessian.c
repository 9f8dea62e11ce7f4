/* Curvature that the measures report against dense Hessians and LAPACK (promise P7), for networks
 * of fewer than 300 parameters. The dense matrix is built twice: column by column from exact
 * products, and from central differences of gradients. */
#include "../naive_network.h"
#include "kernels/lapack.h"

enum { EXAMPLES = 60 };

#define MNIST1D "dataset: {name: mnist1d, length: 10, train_size: 60, test_size: 20}\n"
#define REGRESSION "dataset: {name: linear-regression, n: 60, p: 10, test_size: 20}\n"
#define SGD                                                                                        \
    "  optimizer: {type: sgd, learning_rate: 0.05, momentum: 0.9}\n  batch_size: 20\n  epochs: "   \
    "8\n"

static const char *const specs[] = {
    MNIST1D "architecture: {type: linear}\ntraining:\n" SGD,
    MNIST1D "architecture: {type: linear, bias: false}\ntraining:\n  loss: mse\n" SGD,
    MNIST1D "architecture: {type: mlp, hidden: [7], activation: relu}\ntraining:\n" SGD,
    MNIST1D "architecture: {type: mlp, hidden: [7], activation: gelu}\ntraining:\n" SGD,
    MNIST1D "architecture: {type: mlp, hidden: [6, 5], activation: tanh}\ntraining:\n" SGD,
    MNIST1D
    "architecture: {type: mlp, hidden: [7], activation: sigmoid}\ntraining:\n  loss: mse\n" SGD,
    MNIST1D
    "architecture: {type: mlp, hidden: [6, 6], activation: silu, residual: true}\ntraining:\n" SGD,
    MNIST1D "architecture: {type: mlp, hidden: [5, 5], activation: identity, bias: "
            "false}\ntraining:\n  loss: mse\n"
            "  optimizer: {type: sgd, learning_rate: 0.005}\n  epochs: 8\n",
    MNIST1D "architecture: {type: mlp, hidden: [6, 6], activation: tanh}\nregularizers: {dropout: "
            "0.2, l2: 0.1, label_smoothing: 0.1}\n"
            "training:\n" SGD, /* none of these is part of the Hessian */
    REGRESSION
    "architecture: {type: mlp, hidden: [8, 8], activation: tanh, residual: true}\ntraining:\n" SGD,
    REGRESSION "architecture: {type: linear}\ntraining:\n" SGD,
};
enum { SPECS = sizeof specs / sizeof *specs };

struct dense {
    struct setting s;
    struct objective *objective;
    size_t size;
    double *w, *matrix; /* (P), (P, P) */
    double *values;     /* (P) ascending */
};

static void open_with(struct setting *s, const char *spec, const char *more)
{
    char yaml[1200];
    snprintf(yaml, sizeof yaml, "%s%s", spec, more);
    setting_open(s, yaml);
}

static void from_products(struct dense *dense, size_t examples)
{
    struct objective_where where = objective_first(DATA_TRAIN, examples);
    double *vectors = doubles(&dense->s, dense->size * dense->size);
    for (size_t i = 0; i < dense->size; i++) vectors[i * dense->size + i] = 1;
    OK(objective_product(dense->objective, &where, dense->w, OBJECTIVE_HESSIAN, vectors,
                         dense->size, dense->matrix));
}

static void gradient(const struct dense *dense, size_t i, double step, double *g)
{
    double kept = dense->w[i];
    dense->w[i] = kept + step;
    setting_gradient(dense->objective, EXAMPLES, dense->w, g);
    dense->w[i] = kept;
}

/* The largest difference between the matrix and (g(w + h e_i) - g(w - h e_i)) / 2h, relative to the
 * largest element. */
static double distance_from_differences(struct dense *dense)
{
    double *up = doubles(&dense->s, dense->size), *down = doubles(&dense->s, dense->size),
           worst = 0, largest = 0, h = 1e-5;
    for (size_t i = 0; i < dense->size; i++) {
        gradient(dense, i, h, up);
        gradient(dense, i, -h, down);
        for (size_t j = 0; j < dense->size; j++) {
            double exact = dense->matrix[i * dense->size + j];
            worst = fmax(worst, fabs((up[j] - down[j]) / (2 * h) - exact));
            largest = fmax(largest, fabs(exact));
        }
    }
    return worst / largest;
}

/* The Hessian at w in float64, whatever the precision of the run that w came from. */
static void dense_open(struct dense *dense, const char *spec, const double *w, size_t examples)
{
    *dense = (struct dense){0};
    open_with(&dense->s, spec, "precision: float64\n");
    dense->size = setting_size(&dense->s);
    cr_assert_lt(dense->size, 300);
    dense->w = doubles(&dense->s, dense->size);
    memcpy(dense->w, w, dense->size * sizeof *w);
    dense->objective = setting_objective(&dense->s, MODE_EVAL);
    dense->matrix = doubles(&dense->s, dense->size * dense->size);
    dense->values = doubles(&dense->s, dense->size);
    from_products(dense, examples);
    OK(lapack_symmetric_eigen((int)dense->size, dense->matrix, dense->values, NULL));
}

static void dense_close(struct dense *dense)
{
    objective_destroy(dense->objective);
    setting_close(&dense->s);
}

static double trace(const struct dense *dense)
{
    double sum = 0;
    for (size_t i = 0; i < dense->size; i++) sum += dense->matrix[i * dense->size + i];
    return sum;
}

/* Relative; what is below `floor` counts as `floor`. */
static void expect(const char *spec, const char *what, double value, double expected,
                   double tolerance, double floor)
{
    cr_assert(fabs(value - expected) <= tolerance * fmax(fabs(expected), floor),
              "%s: %.12g is not %.12g to %g in\n%s", what, value, expected, tolerance, spec);
}

static void check(const char *spec, const char *precision, double tolerance)
{
    struct setting s;
    struct dense dense;
    char more[200];
    snprintf(more, sizeof more,
             "precision: %s\nmeasures: {hessian_top: {k: 3, ends: both, examples: all, tolerance: "
             "1.0e-9}, "
             "hessian_trace: {method: exact, examples: all}}\n",
             precision);
    open_with(&s, spec, more);
    struct record *record = setting_run(&s);
    cr_assert_str_eq(record_attribute_get_text(found(record, "/"), "status"), "finished");
    dense_open(&dense, spec, final_weights(&s, record), EXAMPLES);
    double most = dense.values[dense.size - 1], floor = 1e-3 * most;
    double distance = distance_from_differences(&dense);
    cr_assert_lt(distance, 1e-6, "products are differences of gradients to %g only in\n%s",
                 distance, spec);
    const struct record_item *values = found(record, "/measures/hessian_top/eigenvalue");
    const struct record_item *residuals = found(record, "/measures/hessian_top/residual");
    cr_assert_eq(record_count(values), 4);
    for (size_t i = 0; i < 3; i++)
        expect(spec, "eigenvalue", record_number(values, i), dense.values[dense.size - 1 - i],
               tolerance, floor);
    expect(spec, "smallest", record_number(values, 3), dense.values[0], tolerance, floor);
    for (size_t i = 0; i < 4; i++) cr_assert_leq(record_number(residuals, i), tolerance * most);
    cr_assert_eq(scalar(record, "hessian_lambda_max"), record_number(values, 0));
    cr_assert_eq(scalar(record, "hessian_lambda_min"), record_number(values, 3));
    expect(spec, "trace", scalar(record, "hessian_trace"), trace(&dense), tolerance, floor);
    cr_assert_eq(scalar(record, "hessian_trace_stderr"), 0);
    dense_close(&dense);
    setting_close(&s);
}

Test(hessian, eigenvalues_and_trace_are_those_of_the_dense_matrix_in_float64, .timeout = 120)
{
    for (size_t i = 0; i < SPECS; i++) check(specs[i], "float64", 1e-6);
}

Test(hessian, eigenvalues_and_trace_are_those_of_the_dense_matrix_in_float32, .timeout = 120)
{
    for (size_t i = 0; i < SPECS; i++) check(specs[i], "float32", 1e-3);
}

Test(hessian, products_are_symmetric, .timeout = 60)
{
    for (size_t k = 0; k < SPECS; k++) {
        struct setting s;
        struct dense dense;
        open_with(&s, specs[k], "precision: float64\n");
        dense_open(&dense, specs[k], some_weights(&s), EXAMPLES);
        for (size_t i = 0; i < dense.size; i++)
            for (size_t j = 0; j < i; j++)
                NEAR(dense.matrix[i * dense.size + j], dense.matrix[j * dense.size + i], 1e-13);
        dense_close(&dense);
        setting_close(&s);
    }
}

/* Least squares: H = X'X / n, known without any derivative. */
Test(hessian, of_linear_regression_is_the_second_moment)
{
    struct setting s;
    struct dense dense;
    double *x, *y;
    const char *spec = "dataset: {name: linear-regression, n: 60, p: 10}\narchitecture: {type: "
                       "linear, bias: false}\n";
    open_with(&s, spec, "");
    dense_open(&dense, spec, some_weights(&s), EXAMPLES);
    setting_examples(&s, DATA_TRAIN, EXAMPLES, &x, &y);
    for (size_t i = 0; i < 10; i++)
        for (size_t j = 0; j < 10; j++) {
            double sum = 0;
            for (size_t k = 0; k < EXAMPLES; k++) sum += x[10 * k + i] * x[10 * k + j] / EXAMPLES;
            NEAR(dense.matrix[10 * i + j], sum, 1e-13);
        }
    dense_close(&dense);
    setting_close(&s);
}

/* Variance of v'Hv for random signs v: 2 (||H||_F^2 - sum h_ii^2); Hutchinson 1990. */
Test(hessian, hutchinson_is_within_its_own_standard_error, .timeout = 120)
{
    static const int chosen[] = {0, 4, 9};
    for (size_t k = 0; k < sizeof chosen / sizeof *chosen; k++) {
        struct setting s;
        struct dense dense;
        double off_diagonal = 0, probes = 3000;
        open_with(&s, specs[chosen[k]],
                  "precision: float64\nmeasures: {hessian_trace: {probes: 3000, examples: all}}\n");
        struct record *record = setting_run(&s);
        dense_open(&dense, specs[chosen[k]], final_weights(&s, record), EXAMPLES);
        for (size_t i = 0; i < dense.size; i++)
            for (size_t j = 0; j < dense.size; j++)
                if (i != j) off_diagonal += pow(dense.matrix[i * dense.size + j], 2);
        double error = scalar(record, "hessian_trace_stderr"),
               expected = sqrt(2 * off_diagonal / probes);
        cr_assert_lt(fabs(scalar(record, "hessian_trace") - trace(&dense)), 4 * error);
        cr_assert_lt(fabs(error / expected - 1), 0.1, "standard error %g, formula %g", error,
                     expected);
        dense_close(&dense);
        setting_close(&s);
    }
}

/* Products over 2,500 examples, which go in three batches, against one batch of 2,500. */
Test(hessian, several_batches_equal_one, .timeout = 60)
{
    enum { MANY = 2500 };
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, length: 10, train_size: 2500, test_size: "
                     "20}\nprecision: float64\n"
                     "architecture: {type: mlp, hidden: [8], activation: tanh}\n");
    size_t size = setting_size(&s);
    double *w = some_weights(&s), *v = doubles(&s, 2 * size), *ours = doubles(&s, 2 * size),
           *expected = doubles(&s, 2 * size);
    for (size_t i = 0; i < 2 * size; i++) v[i] = sin((double)i);
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, MANY);
    struct objective *several = setting_objective(&s, MODE_EVAL), *one;
    request.batch = MANY;
    OK(objective_create(&request, &one));
    OK(objective_product(several, &where, w, OBJECTIVE_HESSIAN, v, 2, ours));
    OK(objective_product(several, &where, w, OBJECTIVE_HESSIAN, v, 2,
                         ours)); /* what is kept from product to product stays right */
    OK(objective_product(one, &where, w, OBJECTIVE_HESSIAN, v, 2, expected));
    for (size_t i = 0; i < 2 * size; i++) NEAR(ours[i], expected[i], 1e-13);
    objective_destroy(several);
    objective_destroy(one);
    setting_close(&s);
}

/* ---- one end alone, and what is said of the numbers ---- */

/* The run of a spec with hessian_top as `options` has it, and the dense matrix at its end. */
static struct record *run_beside_dense(struct setting *s, struct dense *dense, const char *spec,
                                       const char *options, size_t examples)
{
    char more[200];
    snprintf(more, sizeof more, "measures: {hessian_top: {examples: all%s}}\n", options);
    open_with(s, spec, more);
    struct record *record = setting_run(s);
    dense_open(dense, spec, final_weights(s, record), examples);
    return record;
}

Test(hessian, one_end_alone, .timeout = 60)
{
    for (size_t k = 0; k < SPECS; k += 3) {
        struct setting s;
        struct dense dense;
        struct record *record = run_beside_dense(&s, &dense, specs[k], ", k: 3", EXAMPLES);
        double floor = 1e-3 * dense.values[dense.size - 1];
        const struct record_item *values = found(record, "/measures/hessian_top/eigenvalue");
        cr_assert_eq(record_count(values), 3);
        for (size_t i = 0; i < 3; i++)
            expect(specs[k], "largest", record_number(values, i), dense.values[dense.size - 1 - i],
                   1e-3, floor);
        cr_assert_null(record_find(record, "/measures/hessian_lambda_min"));
        dense_close(&dense);
        setting_close(&s);
        record = run_beside_dense(&s, &dense, specs[k], ", ends: smallest, k: 2", EXAMPLES);
        values = found(record, "/measures/hessian_top/eigenvalue");
        for (size_t i = 0; i < 2; i++)
            expect(specs[k], "smallest", record_number(values, i), dense.values[i], 1e-3, floor);
        cr_assert_eq(scalar(record, "hessian_lambda_min"), record_number(values, 0));
        cr_assert_null(record_find(record, "/measures/hessian_lambda_max"));
        dense_close(&dense);
        setting_close(&s);
    }
}

/* The distance of a number from the spectrum. */
static double distance_from_spectrum(const struct dense *dense, double value)
{
    double nearest = INFINITY;
    for (size_t i = 0; i < dense->size; i++)
        nearest = fmin(nearest, fabs(dense->values[i] - value));
    return nearest;
}

/* Networks in float32 whose softmax is saturated: rounding in what all products share is seen
 * too. */
Test(hessian, an_eigenvalue_lies_within_the_residual, .timeout = 60)
{
    for (int scale = 1; scale <= 9; scale += 2) {
        struct setting s;
        struct dense dense;
        char spec[300];
        snprintf(spec, sizeof spec,
                 MNIST1D "architecture: {type: mlp, hidden: [8], initializer: {type: kaiming, "
                         "scale: %d}}\ntraining: {epochs: 2}\n",
                 scale);
        struct record *record =
            run_beside_dense(&s, &dense, spec, ", ends: both, k: 5, max_iterations: 60", EXAMPLES);
        const struct record_item *values = found(record, "/measures/hessian_top/eigenvalue"),
                                 *residuals = found(record, "/measures/hessian_top/residual");
        for (size_t i = 0; i < record_count(values); i++)
            cr_expect_leq(distance_from_spectrum(&dense, record_number(values, i)),
                          record_number(residuals, i) + 1e-13 * dense.values[dense.size - 1],
                          "scale %d, pair %zu: residual %g", scale, i, record_number(residuals, i));
        dense_close(&dense);
        setting_close(&s);
    }
}

/* At interpolation nearly all eigenvalues are small beside the largest, and float32 has little to
 * tell them apart by: what is said to have converged has. */
Test(hessian, what_has_converged_at_interpolation_is_right, .timeout = 120)
{
    int64_t sure = 0;
    for (int seed = 0; seed < 6; seed++) {
        struct setting s;
        struct dense dense;
        char spec[400];
        snprintf(spec, sizeof spec,
                 "seed: %d\ndataset: {name: mnist1d, length: 10, train_size: 12, test_size: 5}\n"
                 "architecture: {type: mlp, hidden: [12]}\n"
                 "training: {epochs: %d, optimizer: {type: adam, learning_rate: 0.03}}\n",
                 seed, 600 << seed % 3);
        struct record *record = run_beside_dense(&s, &dense, spec, ", ends: both", 12);
        cr_assert_lt(scalar(record, "train_loss"), 1e-3);
        const struct record_item *least = found(record, "/measures/hessian_lambda_min"),
                                 *most = found(record, "/measures/hessian_lambda_max");
        expect(spec, "largest", record_number(most, 0), dense.values[dense.size - 1], 1e-4, 0);
        int64_t converged = *(const int64_t *)record_attribute_find(least, "converged")->data;
        if (converged) expect(spec, "smallest", record_number(least, 0), dense.values[0], 0.02, 0);
        sure += converged;
        dense_close(&dense);
        setting_close(&s);
    }
    cr_assert_geq(sure, 3, "only %d of 6 smallest eigenvalues have converged", (int)sure);
}

/* In float32 an absurd tolerance is floored by the noise of the products: it ends before
 * max_iterations and says so. */
Test(hessian, float32_ends_with_an_absurd_tolerance, .timeout = 60)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 300, test_size: 20}\narchitecture: "
                     "{type: mlp, hidden: [40]}\n"
                     "training: {epochs: 3}\nmeasures: {hessian_top: {k: 2, examples: all, "
                     "tolerance: 1.0e-15, max_iterations: 2000}}\n");
    struct record *record = setting_run(&s);
    const struct record_item *item = found(record, "/measures/hessian_lambda_max");
    const int64_t *iterations = record_attribute_find(item, "iterations")->data,
                  *converged = record_attribute_find(item, "converged")->data;
    cr_assert_eq(*converged, 1);
    cr_assert_lt(*iterations, 500);
    cr_assert_gt(*(const double *)record_attribute_find(item, "tolerance")->data, 1e-9);
    cr_assert_gt(*(const double *)record_attribute_find(item, "product_noise")->data, 1e-9);
    setting_close(&s);
}
