/* For the tests of measures that perturb weights: a measure on given weights, a quadratic loss with
 * its gradient and matrix, and a ReLU network that is rescaled without changing what it computes
 * (Dinh et al., ICML 2017). */
#ifndef SHARPNESS_HELPERS_H
#define SHARPNESS_HELPERS_H

#include "measure/perturb.h"
#include "objective_helpers.h"

/* The first measure of the spec, `name`, on weights (P + B) of the run's precision. */
static inline struct record *measured(const struct setting *s, const char *name, const void *w)
{
    struct record *record;
    struct measure_site site = setting_site(s, w);
    execute_choose(s->settings, 0, &site);
    OK(record_create(s->arena, &record));
    OK(measure_final(name, &site, record));
    return record;
}

static inline void put_examples(struct setting *s, struct objective_where *where, size_t first)
{
    uint32_t *rows = arena_array(s->arena, uint32_t, where->count);
    for (size_t i = 0; i < where->count; i++) rows[i] = (uint32_t)(first + i);
    where->rows = rows;
}

/* L(w + d) = L + g'd + d'Hd / 2 exactly: a linear model with squared error, float64. */
#define QUADRATIC                                                                                  \
    "dataset: {name: linear-regression, n: 40, p: 5, test_size: 10}\nprecision: float64\n"         \
    "architecture: {type: linear}\n"
enum { BENDS = 6 }; /* five weights and a bias */

struct quadratic {
    struct setting s;
    struct objective *objective;
    double *w, g[BENDS], h[BENDS][BENDS];
};

/* Gradient and matrix over `count` examples from `first`. */
static inline void quadratic_look(struct quadratic *q, size_t first, size_t count)
{
    struct objective_where where = {.part = DATA_TRAIN, .count = count};
    put_examples(&q->s, &where, first);
    OK(objective_gradient(q->objective, &where, q->w, q->g, NULL));
    for (size_t i = 0; i < BENDS; i++) {
        double unit[BENDS] = {0};
        unit[i] = 1;
        OK(objective_product(q->objective, &where, q->w, OBJECTIVE_HESSIAN, unit, 1, q->h[i]));
    }
}

static inline void quadratic_open(struct quadratic *q, const char *measures)
{
    *q = (struct quadratic){0};
    setting_format(&q->s, QUADRATIC "measures: {%s}\n", measures);
    cr_assert_eq(setting_size(&q->s), BENDS);
    q->objective = setting_objective(&q->s, MODE_EVAL);
    q->w = some_weights(&q->s);
    quadratic_look(q, 0, 40);
}

static inline void quadratic_close(struct quadratic *q)
{
    objective_destroy(q->objective);
    setting_close(&q->s);
}

static inline double quadratic_rise(const struct quadratic *q, const double *d)
{
    double sum = 0;
    for (size_t i = 0; i < BENDS; i++) {
        sum += q->g[i] * d[i];
        for (size_t j = 0; j < BENDS; j++) sum += 0.5 * d[i] * q->h[i][j] * d[j];
    }
    return sum;
}

/* A ReLU network, and s (P) with which S w computes the same: hidden units times `alpha`. */
#define RELU_NET                                                                                   \
    "dataset: {name: mnist1d, train_size: 60, test_size: 10}\nprecision: float64\n"                \
    "architecture: {type: mlp, hidden: [6]}\n"

static inline double *rescaling(const struct setting *s, double alpha)
{
    double *scale = doubles(s, setting_size(s));
    for (int j = 0; j < model_parameter_count(s->model); j++) {
        const struct model_parameter *parameter = model_parameter(s->model, j);
        bool before = strncmp(parameter->name, "layers.0.", 9) == 0,
             weight = parameter->role == ROLE_WEIGHT;
        for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++)
            scale[i] = before ? alpha : weight ? 1 / alpha : 1;
    }
    return scale;
}

static inline double *rescaled(const struct setting *s, const double *w, const double *scale)
{
    double *moved = doubles(s, setting_size(s));
    for (size_t i = 0; i < setting_size(s); i++) moved[i] = w[i] * scale[i];
    return moved;
}

/* The measure runs for every kind of network, gives the same bits twice, and its number is finite
 * and positive or at least has a reason. */
static inline void every_kind(const char *name, const char *options, const char *number)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct setting s;
        const char *mode = kinds[kind].mode == MODE_BATCH ? ", mode: train" : "";
        setting_format(&s, "%smeasures: {%s: {examples: 12, %s%s}}\n", kinds[kind].yaml, name,
                       options, mode);
        double *w = some_weights(&s);
        double a = scalar(measured(&s, name, w), number), b = scalar(measured(&s, name, w), number);
        cr_assert(isfinite(a), "%s of kind %zu is %g", name, kind, a);
        cr_assert_eq(a, b, "%s of kind %zu", name, kind);
        setting_close(&s);
    }
}

/* A run in float32 gives the number of one in float64 at the same weights, to a tolerance. */
static inline void both_precisions(const char *name, const char *options, const char *number,
                                   double tolerance)
{
    double values[2];
    for (int wide = 0; wide < 2; wide++) {
        struct setting s;
        setting_format(&s,
                       "dataset: {name: mnist1d, train_size: 60, test_size: 10}\nprecision: %s\n"
                       "architecture: {type: mlp, hidden: [6]}\nmeasures: {%s: {%s}}\n",
                       wide ? "float64" : "float32", name, options);
        double *w = some_weights(&s);
        for (size_t i = 0; i < setting_size(&s); i++) w[i] = (float)w[i];
        values[wide] = scalar(measured(&s, name, state_of(&s, w)), number);
        setting_close(&s);
    }
    NEAR(values[0] / values[1], 1, tolerance);
}

#endif
