/* For the tests of models/objective.h: small networks, and one of every kind with a question to
 * it. */
#ifndef OBJECTIVE_HELPERS_H
#define OBJECTIVE_HELPERS_H

#include "../naive_network.h"
#include "graph/cache.h"
#include "models/network.h"
#include "models/objective.h"

enum { COUNT = 12 };

static const char *const specs[] = {
    "architecture: {type: linear}\n",
    "architecture: {type: mlp, hidden: [4, 3], activation: tanh}\n",
    "architecture: {type: mlp, hidden: [4, 4], activation: gelu, residual: true}\n",
    "architecture: {type: mlp, hidden: [5], activation: silu, bias: false}\ntraining: {loss: "
    "mse}\n",
    "architecture: {type: mlp, hidden: [4], activation: sigmoid}\ntraining: {loss: mse}\n",
    "architecture: {type: mlp, hidden: [40, 3], activation: identity, residual: true}\n",
};
enum { SPECS = sizeof specs / sizeof *specs };

#define SMALL "dataset: {name: mnist1d, train_size: 1100, test_size: 30}\n"

#define DROPOUT                                                                                    \
    "dataset: {name: mnist1d, train_size: 50, test_size: 30}\narchitecture: {type: mlp, hidden: "  \
    "[8, 6], activation: tanh}\nregularizers: {dropout: 0.4}\nprecision: float64\n"

static inline struct objective *open_objective(const struct objective_request *request)
{
    struct objective *objective;
    OK(objective_create(request, &objective));
    return objective;
}

static inline void open_one(struct setting *s, size_t index, const char *more)
{
    setting_format(s, SMALL "%s%s", specs[index], more);
}

/* The whole state in the precision of the run: narrowed() leaves the buffers out. */
static inline void *state_of(const struct setting *s, const double *w)
{
    size_t count = (size_t)model_state_size(s->model);
    void *state = arena_allocate(s->arena, count * sizeof(double));
    cr_assert(state);
    vector_from_double(s->train->precision, w, state, count);
    return state;
}

static inline double *some_vectors(const struct setting *s, size_t count)
{
    double *v = doubles(s, count * setting_size(s));
    struct random random = random_make(7, STREAM_PROBE, 0, 0);
    random_fill_normal(&random, 1 / sqrt((double)setting_size(s)), v, count * setting_size(s));
    return v;
}

/* ---- every kind of network: float64, few parameters, few examples ---- */

#define SHORT "dataset: {name: mnist1d, length: 12, train_size: 40, test_size: 10}\n"
#define REGRESSION "dataset: {name: linear-regression, n: 40, p: 5, test_size: 10}\n"
#define KJV "dataset: {name: kjv-text, context: 6, train_size: 40, test_size: 10}\n"
#define WIDE "precision: float64\n"

static const struct {
    const char *yaml;
    enum model_mode mode;
} kinds[] = {
    {SHORT WIDE "architecture: {type: mlp, hidden: [4], activation: tanh}\n", MODE_EVAL},
    {SHORT WIDE "architecture: {type: mlp, hidden: [3], activation: gelu}\ntraining: {loss: mse}\n",
     MODE_EVAL},
    {REGRESSION WIDE "architecture: {type: mlp, hidden: [4], activation: silu}\n", MODE_EVAL},
    {SHORT WIDE "architecture: {type: cnn, channels: [3], norm: batch, activation: tanh}\n",
     MODE_EVAL},
    {SHORT WIDE "architecture: {type: cnn, channels: [3], norm: batch, activation: tanh}\n",
     MODE_BATCH},
    {SHORT WIDE "architecture: {type: gru, hidden_size: 3}\n", MODE_EVAL},
    {SHORT WIDE "architecture: {type: transformer, width: 4, heads: 2, depth: 1, patch: 4}\n",
     MODE_EVAL},
    {KJV WIDE "architecture: {type: rnn, hidden_size: 3, embedding: 2}\n", MODE_EVAL},
    {KJV WIDE "architecture: {type: transformer, width: 4, heads: 2, depth: 1}\n", MODE_EVAL},
};
enum { KINDS = sizeof kinds / sizeof *kinds, FEW = 6 };

struct question {
    struct setting s;
    struct objective *objective;
    struct objective_where where;
    size_t size, features, positions, outputs;
    double *w;
};

static inline void question_open(struct question *q, size_t kind)
{
    *q = (struct question){.where = objective_first(DATA_TRAIN, FEW)};
    setting_open(&q->s, kinds[kind].yaml);
    q->objective = setting_objective(&q->s, kinds[kind].mode);
    q->size = setting_size(&q->s);
    q->features = q->s.info->features;
    q->positions = q->s.info->positions;
    q->outputs = q->s.info->outputs;
    q->w = some_weights(&q->s);
}

static inline void question_close(struct question *q)
{
    objective_destroy(q->objective);
    setting_close(&q->s);
}

static inline double loss_of(const struct question *q, const struct objective_where *where,
                             const double *w)
{
    struct evaluation evaluation;
    OK(objective_loss(q->objective, where, w, &evaluation));
    return evaluation.loss;
}

/* Central differences of fourth order: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h. A layer norm
 * of four units bends too much for those of second order. */
enum { STENCIL = 4 };
static const double shifts[STENCIL] = {1e-5, -1e-5, 2e-5, -2e-5};

static inline double stencil(const double f[STENCIL])
{
    return (8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * shifts[0]);
}

/* dL / d *element, an element of the weights or of given inputs. */
static inline double difference(const struct question *q, const struct objective_where *where,
                                double *element)
{
    double kept = *element, f[STENCIL];
    for (int k = 0; k < STENCIL; k++) {
        *element = kept + shifts[k];
        f[k] = loss_of(q, where, q->w);
    }
    *element = kept;
    return stencil(f);
}

/* The examples as arrays. */
static inline struct objective_where as_arrays(const struct question *q, size_t count)
{
    size_t targets = q->s.info->task == DATA_LANGUAGE ? q->positions : q->outputs;
    uint32_t *rows = arena_array(q->s.arena, uint32_t, count);
    double *x = doubles(&q->s, count * q->features), *y = doubles(&q->s, count * targets);
    for (uint32_t i = 0; i < count; i++) rows[i] = i;
    const struct data_gather gather = {.part = DATA_TRAIN, .rows = rows, .count = count};
    data_gather_double(q->s.data, &gather, x, y);
    return (struct objective_where){.count = count, .x = x, .y = y};
}

#endif
