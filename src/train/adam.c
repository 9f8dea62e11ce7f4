/* Adam, and its form with decoupled weight decay: Kingma and Ba, ICLR 2015; Loshchilov and Hutter,
 * ICLR 2019. */
#include "train/optimizer.h"

struct adam_settings {
    struct optimizer_settings common;
    double beta1, beta2, epsilon;
};

static const struct schema_row adam_parameters[] = {
    LEARNING_RATE_ROW(struct adam_settings, "0.001", "Kingma and Ba, ICLR 2015"),
    {.key = "beta1",
     SETTING(struct adam_settings, beta1),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "0.9",
     .flags = SCHEMA_OPEN_MAXIMUM,
     .doc = "Decay of the mean of gradients.",
     .source = "Kingma and Ba, ICLR 2015"},
    {.key = "beta2",
     SETTING(struct adam_settings, beta2),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "0.999",
     .flags = SCHEMA_OPEN_MAXIMUM,
     .doc = "Decay of the mean of squared gradients.",
     .source = "Kingma and Ba, ICLR 2015"},
    {.key = "epsilon",
     SETTING(struct adam_settings, epsilon),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "1e-8",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Added to the root of the mean square.",
     .aliases = (const char *const[]){"eps", NULL}},
    {0}};

enum { FIRST_MOMENT, SECOND_MOMENT };
static const struct vector_row adam_vectors[] = {
    [FIRST_MOMENT] = {"m", VECTOR_PARAMETERS, VECTOR_REAL, .saved = true},
    [SECOND_MOMENT] = {"v", VECTOR_PARAMETERS, VECTOR_REAL, .saved = true, .squares = true},
    {0}};

static double adam_update(const struct optimizer *optimizer, const struct update *update)
{
    const struct adam_settings *settings = optimizer->settings;
    struct adam_numbers numbers = {settings->beta1, settings->beta2, settings->epsilon,
                                   optimizer->step};
    return update_adam(update, optimizer->vectors[FIRST_MOMENT], optimizer->vectors[SECOND_MOMENT],
                       &numbers);
}

static basin_status adam_step(struct optimizer *optimizer, struct gradient_source source, void *w)
{
    return optimizer_descend(optimizer, source, w, adam_update);
}

static void adam_motion(const struct optimizer *optimizer, struct motion *motion)
{
    const struct adam_settings *settings = optimizer->settings;
    motion->momentum = settings->beta1;
    motion->beta2 = settings->beta2;
    motion->epsilon = settings->epsilon;
    motion->second = optimizer->vectors[SECOND_MOMENT];
}

static const struct optimizer_kind adam_kind = {
    .vectors = adam_vectors, .gradients = 1, .step = adam_step, .motion = adam_motion};

const struct entry optimizer_adam = {.name = "adam",
                                     .doc = "Adam with bias correction.",
                                     .source = "Kingma and Ba, ICLR 2015, algorithm 1",
                                     .parameters = adam_parameters,
                                     .settings_size = sizeof(struct adam_settings),
                                     .implementation = &adam_kind};

const struct entry optimizer_adamw = {
    .name = "adamw",
    .doc = "Adam with decoupled weight decay, set by regularizers.weight_decay (default 0; "
           "PyTorch's is 0.01).",
    .source = "Loshchilov and Hutter, ICLR 2019, algorithm 2",
    .parameters = adam_parameters,
    .settings_size = sizeof(struct adam_settings),
    .implementation = &adam_kind};
