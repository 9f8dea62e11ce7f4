/* For tests of measures of curvature: small networks of several kinds, and their dense matrices. */
#ifndef BASIN_TESTS_CURVATURE_HELPERS_H
#define BASIN_TESTS_CURVATURE_HELPERS_H

#include "../support.h"
#include "kernels/lapack.h"
#include "measure/curvature.h"

enum { CURVED = 20 }; /* examples */

#define CURVED_DATA "dataset: {name: mnist1d, length: 10, train_size: 80, test_size: 5}\n"
#define CURVED_END "training: {epochs: 1%s}\nprecision: %s\n"
static const char *const curved_specs[] = {
    CURVED_DATA "architecture: {type: mlp, hidden: [4], activation: tanh}\n",
    CURVED_DATA
    "architecture: {type: sequential, layers: [{conv: {channels: 3, kernel: 3}}, batch_norm, relu, "
    "flatten, {dense: {units: 10}}]}\n",
    CURVED_DATA "architecture: {type: gru, hidden_size: 3}\n",
};
enum { CURVED_SPECS = sizeof curved_specs / sizeof *curved_specs };
static const enum objective_call curved_calls[] = {OBJECTIVE_HESSIAN, OBJECTIVE_GAUSS_NEWTON,
                                                   OBJECTIVE_FISHER, OBJECTIVE_EMPIRICAL_FISHER};

/* The run of net `which` with one measure as its options say. */
__attribute__((format(printf, 5, 6))) static inline struct record *
curved_run(struct setting *s, size_t which, const char *precision, bool mse, const char *format,
           ...)
{
    char yaml[1200], measure[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(measure, sizeof measure, format, arguments);
    va_end(arguments);
    snprintf(yaml, sizeof yaml, "%s" CURVED_END "measures: {%s}\n", curved_specs[which],
             mse ? ", loss: mse" : "", precision, measure);
    setting_open(s, yaml);
    return setting_run(s);
}

/* matrix (P, P) of the first examples, column by column, by an objective of its own in float64. */
static inline double *curved_dense(struct setting *s, const struct record *record,
                                   enum objective_call call, const struct objective_where *where)
{
    size_t size = setting_size(s);
    struct objective_request request = setting_request(s, MODE_EVAL);
    struct objective *objective;
    double *w = final_weights(s, record), *unit = doubles(s, size * size),
           *matrix = doubles(s, size * size);
    request.precision = PRECISION_FLOAT64;
    request.batch = 7;
    memset(unit, 0, size * size * sizeof *unit);
    for (size_t i = 0; i < size; i++) unit[i * size + i] = 1;
    OK(objective_create(&request, &objective));
    OK(objective_product(objective, where, w, call, unit, size, matrix));
    objective_destroy(objective);
    return matrix;
}

static inline double curved_trace(const double *matrix, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++) sum += matrix[i * size + i];
    return sum;
}

static inline double *curved_values(struct setting *s, const double *matrix)
{
    double *values = doubles(s, setting_size(s));
    OK(lapack_symmetric_eigen((int)setting_size(s), matrix, values, NULL));
    return values;
}

/* The first examples, or those of subset k. */
static inline struct objective_where curved_where(struct setting *s, size_t subset)
{
    uint32_t *rows = arena_array(s->arena, uint32_t, CURVED);
    for (size_t i = 0; i < CURVED; i++) rows[i] = (uint32_t)(subset * CURVED + i);
    return (struct objective_where){.part = DATA_TRAIN, .rows = rows, .count = CURVED};
}

#endif
