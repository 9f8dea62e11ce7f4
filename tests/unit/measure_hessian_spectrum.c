/* measure/hessian_spectrum.c: nodes, weights and density against dense matrices and the law of
 * Marchenko and Pastur. */
#include "curvature_helpers.h"

#define SPECTRUM "/measures/hessian_spectrum"

/* Node i of probe k. */
static double node(const struct record *record, const char *what, size_t k, size_t i)
{
    char path[64];
    snprintf(path, sizeof path, SPECTRUM "/%s", what);
    const struct record_item *item = found(record, path);
    return record_number(item, k * item->dims[1] + i);
}

static double note(const struct record_item *item, const char *name)
{
    const struct record_attribute *at = record_attribute_find(item, name);
    cr_assert(at, "%s", name);
    return at->type == RECORD_INTEGER ? (double)*(const int64_t *)at->data
                                      : *(const double *)at->data;
}

/* Weight below t, by all probes. */
static double below(const struct record *record, double t)
{
    const struct record_item *nodes = found(record, SPECTRUM "/quadrature_node"),
                             *weights = found(record, SPECTRUM "/quadrature_weight");
    double sum = 0;
    for (size_t i = 0; i < record_count(nodes); i++)
        if (record_number(nodes, i) < t) sum += record_number(weights, i);
    return sum / (double)nodes->dims[0];
}

static void compare(size_t which, size_t matrix, const char *precision, bool mse, double tolerance)
{
    struct setting s;
    struct record *record =
        curved_run(&s, which, precision, mse,
                   "hessian_spectrum: {matrix: %s, probes: 30, steps: 60, examples: 20}",
                   curvature_matrices[matrix]);
    struct objective_where where = curved_where(&s, 0);
    size_t size = setting_size(&s);
    double *dense = curved_dense(&s, record, curved_calls[matrix], &where),
           *values = curved_values(&s, dense), most = values[size - 1], worst = 0;
    char name[64];
    snprintf(name, sizeof name, "%s_spectrum_largest", curvature_matrices[matrix]);
    NEAR(scalar(record, name) / most, 1, tolerance);
    snprintf(name, sizeof name, "%s_spectrum_smallest", curvature_matrices[matrix]);
    NEAR(scalar(record, name) / most, values[0] / most, tolerance);
    for (size_t i = 0; i + 1 < size; i++)
        if (values[i + 1] - values[i] > 1e-3 * most)
            worst = fmax(worst, fabs(below(record, (values[i] + values[i + 1]) / 2) -
                                     ((double)i + 1) / (double)size));
    cr_assert_lt(worst, 0.06, "%g", worst);
    setting_close(&s);
}

Test(hessian_spectrum, is_that_of_the_dense_matrix, .timeout = 60)
{
    for (size_t which = 0; which < CURVED_SPECS; which++)
        for (size_t matrix = 0; matrix < 4; matrix++)
            compare(which, matrix, "float64", false, 1e-6);
    compare(0, 0, "float64", true, 1e-6);
    compare(1, 0, "float32", false, 1e-3);
}

/* A plottable group: density over eigenvalues, made of the nodes by the kernel that is stated. */
Test(hessian_spectrum, what_is_stored)
{
    enum { PROBES = 4, STEPS = 12, POINTS = 2000 };
    struct setting s;
    struct record *record = curved_run(&s, 0, "float64", false,
                                       "hessian_spectrum: {probes: 4, steps: 12, points: 2000}");
    const struct record_item *group = found(record, SPECTRUM),
                             *density = found(record, SPECTRUM "/density"),
                             *grid = found(record, SPECTRUM "/eigenvalue"),
                             *nodes = found(record, SPECTRUM "/quadrature_node");
    cr_assert_str_eq(record_attribute_get_text(group, "NX_class"), "NXdata");
    cr_assert_str_eq(record_attribute_get_text(group, "signal"), "density");
    cr_assert_str_eq(density->axes[0], "eigenvalue");
    cr_assert_eq(record_count(density), POINTS);
    cr_assert(nodes->rank == 2 && nodes->dims[0] == PROBES && nodes->dims[1] == STEPS);
    double width = note(density, "kernel_width"), integral = 0, pi = acos(-1.0);
    double step = record_number(grid, 1) - record_number(grid, 0);
    for (size_t t = 0; t < POINTS; t++) {
        double expected = 0;
        for (size_t i = 0; i < PROBES * STEPS; i++) {
            double z = (record_number(grid, t) - record_number(nodes, i)) / width;
            expected += node(record, "quadrature_weight", i / STEPS, i % STEPS) * exp(-z * z / 2) /
                        (width * sqrt(2 * pi) * PROBES);
        }
        NEAR(record_number(density, t), expected, 1e-9);
        integral += record_number(density, t) * step;
    }
    NEAR(integral, 1, 1e-4);
    cr_assert_eq(record_number(grid, 0) < scalar(record, "hessian_spectrum_smallest"), true);
    NEAR(scalar(record, "hessian_spectrum_negative"), below(record, -width), 1e-12);
    setting_close(&s);
}

/* The distribution function of Marchenko and Pastur for p / n = ratio, by the midpoint rule. */
static double marchenko_pastur(double ratio, double t)
{
    enum { PIECES = 4000 };
    double low = pow(1 - sqrt(ratio), 2), high = pow(1 + sqrt(ratio), 2),
           sum = ratio > 1 ? 1 - 1 / ratio : 0, pi = acos(-1.0);
    if (t < low) return t > 0 ? sum : 0;
    double end = fmin(t, high);
    for (int i = 0; i < PIECES; i++) { /* x = low + (end - low) u^2 tames the edge */
        double u = (i + 0.5) / PIECES, x = low + (end - low) * u * u;
        sum += sqrt(fmax(0, (x - low) * (high - x))) / (2 * pi * ratio * x) * 2 * u * (end - low) /
               PIECES;
    }
    return sum;
}

/* The Hessian of a linear model of normal inputs is X'X / n, at initialisation as anywhere. */
static void check_law(size_t n, size_t p)
{
    struct setting s;
    setting_format(&s,
                   "dataset: {name: linear-regression, n: %zu, p: %zu, test_size: 10}\n"
                   "architecture: {type: linear, bias: false}\nprecision: float64\n"
                   "training: {epochs: 1, batch_size: 500, optimizer: {type: sgd, learning_rate: "
                   "0.001}}\nmeasures: {hessian_spectrum: {probes: 10, steps: 60, points: 10, "
                   "examples: all}}\n",
                   n, p);
    struct record *record = setting_run(&s);
    double ratio = (double)p / (double)n, worst = 0;
    for (double t = 0.01; t < 7; t += 0.01)
        worst = fmax(worst, fabs(below(record, t) - marchenko_pastur(ratio, t)));
    cr_assert_lt(worst, 0.02, "%zu, %zu: %g", n, p, worst);
    NEAR(scalar(record, "hessian_spectrum_largest") / pow(1 + sqrt(ratio), 2), 1, 0.03);
    if (ratio < 1)
        NEAR(scalar(record, "hessian_spectrum_smallest") / pow(1 - sqrt(ratio), 2), 1, 0.1);
    else
        NEAR(scalar(record, "hessian_spectrum_smallest"), 0, 1e-8);
    setting_close(&s);
}

Test(hessian_spectrum, follows_marchenko_and_pastur, .timeout = 120)
{
    check_law(2000, 500);
    check_law(500, 1000);
}

/* While training: a grid of its own for each epoch. */
Test(hessian_spectrum, along_training)
{
    struct setting s;
    struct record *record =
        curved_run(&s, 0, "float64", false,
                   "hessian_spectrum: {probes: 3, steps: 7, points: 5, every: 1, examples: 20}");
    const struct record_item *grid = found(record, "/tracked/hessian_spectrum/eigenvalue"),
                             *nodes = found(record, "/tracked/hessian_spectrum/quadrature_node");
    cr_assert(grid->rank == 2 && grid->dims[0] == 2 && grid->dims[1] == 5);
    cr_assert_str_eq(grid->axes[1], "point");
    cr_assert_neq(record_number(grid, 0), record_number(grid, 5));
    cr_assert(nodes->rank == 3 && nodes->dims[1] == 3 && nodes->dims[2] == 7);
    setting_close(&s);
}
