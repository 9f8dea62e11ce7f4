/* Curvature: the matrix that a measure of curvature looks at, as an operator.
 *
 * Purpose.  Four matrices describe how the training loss bends: its Hessian, the Gauss-Newton
 * matrix, the Fisher matrix and the empirical Fisher matrix (models/objective.h has their
 * definitions). Measures that know a matrix by its products alone take any of them by the option
 * `matrix`; each has quantities of its own names.
 * Promises.  A product is that of the mean over the examples of the site, in the mode of the
 * options: the same bits each time.
 * Ownership.  An operator owns nothing; it refers to the site's objective and weights.
 */
#ifndef BASIN_MEASURE_CURVATURE_H
#define BASIN_MEASURE_CURVATURE_H

#include "measure/measure.h"

extern const char *const curvature_matrices[];

/* What the settings of such a measure begin with. */
struct curvature_settings {
    struct measure_common common;
    int matrix;      /* index in curvature_matrices */
    int64_t subsets; /* SETTING_ABSENT: not asked for */
};

#define CURVATURE_MATRIX_ROW                                                                       \
    {                                                                                              \
        .key = "matrix", SETTING(struct curvature_settings, matrix), .type = SCHEMA_CHOICE,        \
        .choices = curvature_matrices, .fallback = "hessian", .former = "hessian",                 \
        .doc = "hessian: second derivatives of the loss; gauss_newton: J'(d2 loss/df2)J of the "   \
               "outputs f, the Hessian without the curvature of the network itself; fisher: mean " \
               "of gg' over targets drawn from the model, for these losses the same matrix as "    \
               "gauss_newton; empirical_fisher: mean of gg' over predictions at their own "        \
               "targets. Its numbers begin with the name of the matrix."                           \
    }

#define CURVATURE_SUBSETS_ROW                                                                      \
    {                                                                                              \
        .key = "subsets", SETTING(struct curvature_settings, subsets), .type = SCHEMA_INTEGER,     \
        .unit = "subsets", .minimum = 2, .maximum = 1000, .flags = SCHEMA_OPTIONAL,                \
        .doc = "Also take the measure over k disjoint subsets of so many examples each as "        \
               "`examples` says, and store the mean and the standard deviation over them: how "    \
               "much it depends on which examples it sees. The first subset are the examples of "  \
               "the measure itself. Takes k times as long.",                                       \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "n_subsets", "repeats", NULL                                                           \
        }                                                                                          \
    }

/* Applies X(prefix of names, what the matrix is called, its definition) to every matrix, in the
 * order of curvature_matrices. */
#define CURVATURE_MATRICES(X)                                                                      \
    X("hessian", "the Hessian of the training loss",                                               \
      "Hessian of the mean training loss" CURVATURE_OVER)                                          \
    X("gauss_newton", "the Gauss-Newton matrix of the training loss",                              \
      "Gauss-Newton matrix, the mean over predictions of J' (d2 loss / df2) J, J = df/dw "         \
      "(Schraudolph 2002)," CURVATURE_OVER)                                                        \
    X("fisher", "the Fisher matrix",                                                               \
      "Fisher matrix, the mean over predictions of the expectation of g g', g the gradient of "    \
      "the loss at a target drawn from the model's prediction (of mse: a normal one of variance "  \
      "1), which for these losses is the Gauss-Newton matrix (Martens 2020)," CURVATURE_OVER)      \
    X("empirical_fisher", "the empirical Fisher matrix",                                           \
      "empirical Fisher matrix, the mean over predictions of g g', g the gradient of the loss of " \
      "one prediction at its own target," CURVATURE_OVER)
/* Why a number has no value. */
#define CURVATURE_NOT_FINITE "a product with the matrix is not finite"
#define CURVATURE_OVER                                                                             \
    " over `examples` examples, batch normalisation in eval mode unless the options say mode: "    \
    "train, no regulariser, all parameters"

/* BASIN_SPEC where the matrix is not defined (the empirical Fisher with mode: train), and where
 * there are too few examples for the subsets. */
basin_status curvature_check(const char *measure, const void *settings,
                             const struct data_info *info);
/* How often everything is measured: once, or once for each subset. */
double curvature_repeats(const struct measure_site *site);
int curvature_matrix(const struct measure_site *site);
enum objective_call curvature_call(const struct measure_site *site);
/* Is this the matrix that the options name? */
bool curvature_is(const struct value *options, size_t matrix);

struct curvature {
    const struct measure_site *site;
    struct objective *objective;
    const void *w;
    struct objective_where where;
};
struct curvature curvature_open(const struct measure_site *site);
/* y[j] = M x[j], j < count; both (count, P); the context is a struct curvature: lanczos_product. */
basin_status curvature_multiply(void *context, const double *x, size_t count, double *y);

#endif
