/* Gradient descent, on batches (sgd) or on the whole training set (gd), with momentum where asked
 * for. */
#include "train/optimizer.h"

struct sgd_settings {
    struct optimizer_settings common;
    double momentum;
    bool nesterov;
};

static const struct schema_row sgd_parameters[] = {
    LEARNING_RATE_ROW(struct sgd_settings, "0.1", "Robbins and Monro, 1951"),
    {.key = "momentum",
     SETTING(struct sgd_settings, momentum),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "0.0",
     .flags = SCHEMA_OPEN_MAXIMUM,
     .doc = "Factor b of m <- b m + g, w <- w - learning_rate m (PyTorch's form).",
     .source = "Polyak, 1964",
     .aliases = (const char *const[]){"mom", "beta", NULL}},
    {.key = "nesterov",
     SETTING(struct sgd_settings, nesterov),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc = "Step along g + momentum m instead of m.",
     .source = "Sutskever et al., ICML 2013"},
    {0}};

static bool has_momentum(const void *settings)
{
    return ((const struct sgd_settings *)settings)->momentum > 0;
}

enum { VELOCITY };
static const struct vector_row sgd_vectors[] = {
    [VELOCITY] = {"m", VECTOR_PARAMETERS, VECTOR_REAL, .saved = true, .needed = has_momentum}, {0}};

static double sgd_update(const struct optimizer *optimizer, const struct update *update)
{
    const struct sgd_settings *settings = optimizer->settings;
    void *m = optimizer->vectors[VELOCITY];
    if (!m) return update_plain(update);
    return settings->nesterov ? update_nesterov(update, m, settings->momentum)
                              : update_momentum(update, m, settings->momentum);
}

static basin_status sgd_step(struct optimizer *optimizer, struct gradient_source source, void *w)
{
    return optimizer_descend(optimizer, source, w, sgd_update);
}

static void sgd_motion(const struct optimizer *optimizer, struct motion *motion)
{
    const struct sgd_settings *settings = optimizer->settings;
    motion->momentum = settings->momentum;
    motion->nesterov = settings->nesterov;
}

static const struct optimizer_kind sgd_kind = {
    .vectors = sgd_vectors, .gradients = 1, .step = sgd_step, .motion = sgd_motion};
static const struct optimizer_kind gd_kind = {.vectors = sgd_vectors,
                                              .gradients = 1,
                                              .full_batch = true,
                                              .step = sgd_step,
                                              .motion = sgd_motion};

const struct entry optimizer_sgd = {.name = "sgd",
                                    .doc = "Stochastic gradient descent, optionally with momentum.",
                                    .source = "Robbins and Monro, 1951",
                                    .parameters = sgd_parameters,
                                    .settings_size = sizeof(struct sgd_settings),
                                    .implementation = &sgd_kind};

const struct entry optimizer_gd = {
    .name = "gd",
    .doc =
        "Gradient descent on the whole training set: one step per epoch; batch_size is not used.",
    .parameters = sgd_parameters,
    .settings_size = sizeof(struct sgd_settings),
    .implementation = &gd_kind};
