/* train/optimizer.c: several steps of every optimiser as a spec names it, against an independent
 * loop over the parameter table. */
#include "../support.h"
#include "train/optimizer.h"

enum { STEPS = 6 };

struct recipe {
    const char *optimizer, *rest;
    double rate, momentum, beta2, epsilon, decay, l1, l2, clipping;
    bool nesterov, adam, all; /* all: biases carry penalties too */
};

static const struct recipe recipes[] = {
    {"{type: sgd, learning_rate: 0.1}", "", .rate = 0.1},
    {"{type: gd, learning_rate: 0.1, momentum: 0.8}", "", .rate = 0.1, .momentum = 0.8},
    {"{type: sgd, learning_rate: 0.1, momentum: 0.9, nesterov: true}",
     "regularizers: {weight_decay: 0.3}\n", .rate = 0.1, .momentum = 0.9, .decay = 0.3,
     .nesterov = true},
    {"{type: sgd, learning_rate: 0.2, momentum: 0.5}", "regularizers: {l1: 0.02, l2: 0.1}\n",
     .rate = 0.2, .momentum = 0.5, .l1 = 0.02, .l2 = 0.1},
    {"{type: sgd, learning_rate: 0.2}",
     "regularizers: {l1: 0.02, l2: 0.1, weight_decay: 0.5, exempt: none}\n", .rate = 0.2,
     .l1 = 0.02, .l2 = 0.1, .decay = 0.5, .all = true},
    {"{type: sgd, learning_rate: 0.2}\n  gradient_clipping: 0.5", "regularizers: {l2: 0.1}\n",
     .rate = 0.2, .l2 = 0.1, .clipping = 0.5},
    {"{type: sgd, learning_rate: 0.2}\n  gradient_clipping: 1.0e+6", "", .rate = 0.2,
     .clipping = 1e6},
    {"{type: adam, learning_rate: 0.01}", "", .rate = 0.01, .momentum = 0.9, .beta2 = 0.999,
     .epsilon = 1e-8, .adam = true},
    {"{type: adam, learning_rate: 0.01, beta1: 0.7, beta2: 0.9, epsilon: 1.0e-3}\n  "
     "gradient_clipping: 0.5",
     "regularizers: {l2: 0.1}\n", .rate = 0.01, .momentum = 0.7, .beta2 = 0.9, .epsilon = 1e-3,
     .l2 = 0.1, .clipping = 0.5, .adam = true},
    {"{type: adamw, learning_rate: 0.01}", "regularizers: {weight_decay: 0.01}\n", .rate = 0.01,
     .momentum = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .decay = 0.01, .adam = true},
    {"{type: adamw, learning_rate: 0.01}", "regularizers: {weight_decay: 0.4}\n", .rate = 0.01,
     .momentum = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .decay = 0.4, .adam = true},
    {"{type: adam, learning_rate: 0.01}", "regularizers: {weight_decay: 0.4}\n", .rate = 0.01,
     .momentum = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .decay = 0.4, .adam = true},
};

/* The step of the manuals, element by element; returns the norm before clipping. `weight[i]`:
 * element i carries penalties. */
static double reference(const struct recipe *r, size_t size, const bool *weight, int t, double rate,
                        double *w, const double *gradient, double *m, double *v)
{
    double g[size], norm = 0;
    for (size_t i = 0; i < size; i++) {
        double sign = w[i] > 0 ? 1 : w[i] < 0 ? -1 : 0;
        g[i] = gradient[i] + (weight[i] ? r->l2 * w[i] + r->l1 * sign : 0);
        norm += g[i] * g[i];
    }
    norm = sqrt(norm);
    for (size_t i = 0; i < size; i++) {
        double d = r->clipping > 0 && norm > r->clipping ? g[i] * r->clipping / norm : g[i],
               direction = d;
        if (r->adam) {
            m[i] = r->momentum * m[i] + (1 - r->momentum) * d;
            v[i] = r->beta2 * v[i] + (1 - r->beta2) * d * d;
            direction = m[i] / (1 - pow(r->momentum, t)) /
                        (sqrt(v[i] / (1 - pow(r->beta2, t))) + r->epsilon);
        } else if (r->momentum > 0) {
            m[i] = r->momentum * m[i] + d;
            direction = r->nesterov ? d + r->momentum * m[i] : m[i];
        }
        w[i] = w[i] - rate * direction - (weight[i] ? rate * r->decay * w[i] : 0);
    }
    return norm;
}

static void check(const struct recipe *recipe, const char *precision)
{
    struct setting s;
    struct optimizer *optimizer;
    char yaml[700];
    snprintf(
        yaml, sizeof yaml,
        "architecture: {type: mlp, hidden: [5, 3]}\nprecision: %s\n%straining:\n  optimizer: %s\n",
        precision, recipe->rest, recipe->optimizer);
    setting_open(&s, yaml);
    OK(optimizer_create(s.arena, s.spec, s.model, &optimizer));
    cr_assert_eq(optimizer_rate(s.spec), recipe->rate);
    size_t size = setting_size(&s);
    double *expected = some_weights(&s), *g = doubles(&s, size), *m = doubles(&s, size),
           *v = doubles(&s, size), *ours = doubles(&s, size);
    void *w = narrowed(&s, expected);
    bool weight[size];
    for (int j = 0; j < model_parameter_count(s.model); j++) {
        const struct model_parameter *parameter = model_parameter(s.model, j);
        for (int64_t i = 0; i < parameter->size; i++)
            weight[parameter->offset + i] = recipe->all || parameter->role == ROLE_WEIGHT;
    }
    double tolerance = train_precision(s.spec) == PRECISION_FLOAT64 ? 1e-13 : 2e-5;
    for (int t = 1; t <= STEPS; t++) {
        struct random random = random_make(4, STREAM_DATA, (uint32_t)t, 0);
        random_fill_normal(&random, 0.3, g, size);
        double rate = recipe->rate / t; /* as a schedule would */
        double norm = optimizer_step(optimizer, rate, w, narrowed(&s, g));
        NEAR(norm, reference(recipe, size, weight, t, rate, expected, g, m, v), tolerance);
        vector_to_double(train_precision(s.spec), w, ours, size);
        for (size_t i = 0; i < size; i++) NEAR(ours[i], expected[i], tolerance);
    }
    setting_close(&s);
}

Test(optimizer, every_optimizer_in_float64)
{
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) check(&recipes[i], "float64");
}

Test(optimizer, every_optimizer_in_float32)
{
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) check(&recipes[i], "float32");
}

Test(optimizer, only_gd_sees_the_whole_set)
{
    static const char *const types[] = {"sgd", "gd", "adam", "adamw"};
    for (int i = 0; i < 4; i++) {
        struct setting s;
        char yaml[200];
        snprintf(yaml, sizeof yaml,
                 "architecture: {type: linear}\ntraining: {optimizer: {type: %s}}\n", types[i]);
        setting_open(&s, yaml);
        cr_assert_eq(optimizer_full_batch(s.spec), i == 1);
        setting_close(&s);
    }
}
