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

/* A gradient that is given, whatever the weights are. */
struct given {
    const void *g;
    size_t bytes;
};

static basin_status given_gradient(void *context, void *w, void *g, double *loss)
{
    const struct given *given = context;
    (void)w;
    memcpy(g, given->g, given->bytes);
    *loss = 1;
    return BASIN_OK;
}

/* The optimiser that the spec names, with its penalties. */
static struct optimizer *optimizer_open(const struct setting *s)
{
    struct optimizer *optimizer;
    struct penalties penalties = penalties_of(s->train);
    struct vector_space space = vector_space(s->model, s->info, s->train->precision);
    OK(optimizer_create(s->arena, s->train->training.optimizer, &penalties, s->model, &space,
                        &optimizer));
    return optimizer;
}

static void check(const struct recipe *recipe, const char *precision)
{
    struct setting s;
    char yaml[700];
    snprintf(
        yaml, sizeof yaml,
        "architecture: {type: mlp, hidden: [5, 3]}\nprecision: %s\n%straining:\n  optimizer: %s\n",
        precision, recipe->rest, recipe->optimizer);
    setting_open(&s, yaml);
    struct optimizer *optimizer = optimizer_open(&s);
    cr_assert_eq(optimizer_rate(s.train->training.optimizer), recipe->rate);
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
    double tolerance = s.train->precision == PRECISION_FLOAT64 ? 1e-13 : 2e-5;
    for (int t = 1; t <= STEPS; t++) {
        struct random random = random_make(4, STREAM_DATA, (uint32_t)t, 0);
        random_fill_normal(&random, 0.3, g, size);
        double rate = recipe->rate / t; /* as a schedule would */
        struct given given = {narrowed(&s, g), size * precision_size(s.train->precision)};
        OK(optimizer_step(optimizer, (struct gradient_source){given_gradient, &given}, rate, w));
        NEAR(optimizer->norm, reference(recipe, size, weight, t, rate, expected, g, m, v),
             tolerance);
        vector_to_double(s.train->precision, w, ours, size);
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
        const struct optimizer_kind *kind = s.train->training.optimizer.entry->implementation;
        cr_assert_eq(kind->full_batch, i == 1);
        setting_close(&s);
    }
}

/* A loss that is not finite leaves the weights as they were, whatever the gradient is. */
static basin_status infinite_loss(void *context, void *w, void *g, double *loss)
{
    (void)w;
    for (size_t i = 0; i < *(size_t *)context; i++) ((double *)g)[i] = NAN;
    *loss = INFINITY;
    return BASIN_OK;
}

Test(optimizer, an_infinite_loss_moves_nothing)
{
    for (const struct entry *const *entry = optimizer_registry.entries; *entry; entry++) {
        struct setting s;
        setting_format(&s,
                       "architecture: {type: linear}\nprecision: float64\n"
                       "regularizers: {weight_decay: 0.1}\ntraining: {optimizer: {type: %s}}\n",
                       (*entry)->name);
        struct optimizer *optimizer = optimizer_open(&s);
        size_t size = setting_size(&s);
        double *w = some_weights(&s), *before = doubles(&s, size);
        memcpy(before, w, size * sizeof *w);
        OK(optimizer_step(optimizer, (struct gradient_source){infinite_loss, &size}, 0.1, w));
        cr_assert(isinf(optimizer->loss));
        cr_assert_arr_eq(w, before, size * sizeof *w, "%s", (*entry)->name);
        setting_close(&s);
    }
}

/* ---- a kind with two gradients a step ----
 *
 * Sharpness-aware minimisation (Foret et al., ICLR 2021) as it would come: vectors, settings and a
 * step of its own, all in one place. */

struct sharpness_settings {
    struct optimizer_settings common;
    double rho;
};

enum { CENTRE };
static const struct vector_row sharpness_vectors[] = {
    [CENTRE] = {"centre", VECTOR_PARAMETERS, VECTOR_REAL}, {0}};

struct sharpness {
    struct optimizer *optimizer;
    struct gradient_source source;
};

/* The gradient at w + rho g / ||g||; the loss is that at w. */
static basin_status gradient_uphill(void *context, void *w, void *g, double *loss)
{
    const struct sharpness *sharpness = context;
    const struct optimizer *optimizer = sharpness->optimizer;
    const struct sharpness_settings *settings = optimizer->settings;
    size_t size = optimizer->space.lengths[VECTOR_PARAMETERS];
    double uphill = 0, *weights = w;
    TRY(sharpness->source.at(sharpness->source.context, w, g, loss));
    double norm = sqrt(update_square_norm(PRECISION_FLOAT64, g, size));
    if (!isfinite(*loss) || norm == 0) return BASIN_OK; /* nowhere to go */
    memcpy(optimizer->vectors[CENTRE], w, size * sizeof *weights);
    for (size_t i = 0; i < size; i++) weights[i] += settings->rho / norm * ((double *)g)[i];
    basin_status status = sharpness->source.at(sharpness->source.context, w, g, &uphill);
    memcpy(w, optimizer->vectors[CENTRE], size * sizeof *weights); /* whatever came of it */
    if (!isfinite(uphill)) *loss = uphill; /* g means nothing: the step is not taken */
    return status;
}

static double sharpness_update(const struct optimizer *optimizer, const struct update *update)
{
    (void)optimizer;
    return update_plain(update);
}

static basin_status sharpness_step(struct optimizer *optimizer, struct gradient_source source,
                                   void *w)
{
    struct sharpness sharpness = {optimizer, source};
    return optimizer_descend(optimizer, (struct gradient_source){gradient_uphill, &sharpness}, w,
                             sharpness_update);
}

static const struct optimizer_kind sharpness_kind = {
    .vectors = sharpness_vectors, .gradients = 2, .step = sharpness_step};
static const struct entry sharpness_entry = {.name = "sharpness",
                                             .settings_size = sizeof(struct sharpness_settings),
                                             .implementation = &sharpness_kind};

/* The loss h/2 ||w||^2. */
struct quadratic {
    double curvature;
    size_t size;
    int asked;
};

static basin_status quadratic_gradient(void *context, void *w, void *g, double *loss)
{
    struct quadratic *quadratic = context;
    quadratic->asked++;
    *loss = 0;
    for (size_t i = 0; i < quadratic->size; i++) {
        double at = ((double *)w)[i];
        ((double *)g)[i] = quadratic->curvature * at;
        *loss += quadratic->curvature / 2 * at * at;
    }
    return BASIN_OK;
}

static double length_of(const double *w, size_t size)
{
    return sqrt(update_square_norm(PRECISION_FLOAT64, w, size));
}

/* Where plain descent would converge, it ends in a cycle of two points whose distance from the
 * minimum is eta h rho / (2 - eta h). */
Test(optimizer, a_kind_of_two_gradients_ends_in_its_cycle)
{
    struct setting s;
    setting_open(&s, "architecture: {type: linear}\nprecision: float64\n");
    static const struct sharpness_settings settings = {.common = {.learning_rate = 0.1},
                                                       .rho = 0.05};
    struct setting_variant type = {&sharpness_entry, &settings};
    struct vector_space space = vector_space(s.model, s.info, PRECISION_FLOAT64);
    struct quadratic quadratic = {.curvature = 4, .size = setting_size(&s)};
    struct gradient_source source = {quadratic_gradient, &quadratic};
    struct optimizer *optimizer;
    OK(optimizer_create(s.arena, type, &(struct penalties){0}, s.model, &space, &optimizer));
    cr_assert_eq(optimizer_bytes(type, &space).all, 2 * quadratic.size * sizeof(double));
    double *w = some_weights(&s), *before = doubles(&s, quadratic.size);
    for (int step = 0; step < 200; step++) OK(optimizer_step(optimizer, source, 0.1, w));
    cr_assert_eq(quadratic.asked, 200 * sharpness_kind.gradients);
    memcpy(before, w, quadratic.size * sizeof *w);
    NEAR(length_of(w, quadratic.size), 0.1 * 4 * 0.05 / (2 - 0.1 * 4), 1e-6);
    OK(optimizer_step(optimizer, source, 0.1, w));
    for (size_t i = 0; i < quadratic.size; i++) NEAR(w[i], -before[i], 1e-6);
    setting_close(&s);
}
