/* Initialisers: the distribution of the first weights. Biases start at zero but for `pytorch`. */
#include <math.h>
#include <string.h>
#include "base/random.h"
#include "models/layer.h"

struct initializer {
    double (*variance)(const struct model_parameter *parameter); /* of a weight before `scale` */
    bool biases;                                                 /* draws biases too */
};

static double kaiming(const struct model_parameter *parameter)
{
    return 2.0 / (double)parameter->fan_in;
}

static double xavier(const struct model_parameter *parameter)
{
    return 2.0 / (double)(parameter->fan_in + parameter->fan_out);
}

static double lecun(const struct model_parameter *parameter)
{
    return 1.0 / (double)parameter->fan_in;
}

/* uniform in +-1/sqrt(fan_in): variance 1 / (3 fan_in) */
static double pytorch(const struct model_parameter *parameter)
{
    return 1.0 / (3.0 * (double)parameter->fan_in);
}

static double zeros(const struct model_parameter *parameter)
{
    (void)parameter;
    return 0;
}

const char *const initializer_aliases[] = {"init", "initialiser", "initialization", NULL};

enum distribution { DISTRIBUTION_UNIFORM, DISTRIBUTION_NORMAL };
static const char *const distributions[] = {"uniform", "normal", NULL};

struct initializer_settings {
    double scale;
    enum distribution distribution;
};

#define SCALE_ROW                                                                                  \
    {                                                                                              \
        .key = "scale", SETTING(struct initializer_settings, scale), .type = SCHEMA_FLOAT,         \
        .minimum = 0, .maximum = 1e6, .fallback = "1.0", .doc = "Factor on every initial weight.", \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "gain", NULL                                                                           \
        }                                                                                          \
    }

static const struct schema_row drawn_parameters[] = {
    {.key = "distribution",
     SETTING(struct initializer_settings, distribution),
     .type = SCHEMA_CHOICE,
     .choices = distributions,
     .fallback = "uniform",
     .doc = "Shape of the distribution; the variance is the same."},
    SCALE_ROW,
    {0}};

static const struct schema_row scaled_parameters[] = {SCALE_ROW, {0}};

static const struct initializer kaiming_initializer = {kaiming, false},
                                xavier_initializer = {xavier, false},
                                lecun_initializer = {lecun, false},
                                pytorch_initializer = {pytorch, true},
                                zeros_initializer = {zeros, false};

static const struct entry kaiming_entry = {.name = "kaiming",
                                           .doc = "Variance 2 / fan_in.",
                                           .source = "He et al., ICCV 2015, eq. 10",
                                           .parameters = drawn_parameters,
                                           .settings_size = sizeof(struct initializer_settings),
                                           .implementation = &kaiming_initializer};
static const struct entry xavier_entry = {.name = "xavier",
                                          .doc = "Variance 2 / (fan_in + fan_out).",
                                          .source = "Glorot and Bengio, AISTATS 2010, eq. 16",
                                          .parameters = drawn_parameters,
                                          .settings_size = sizeof(struct initializer_settings),
                                          .implementation = &xavier_initializer};
static const struct entry lecun_entry = {.name = "lecun",
                                         .doc = "Variance 1 / fan_in.",
                                         .source =
                                             "LeCun et al., Efficient BackProp, 1998, section 4.6",
                                         .parameters = drawn_parameters,
                                         .settings_size = sizeof(struct initializer_settings),
                                         .implementation = &lecun_initializer};
static const struct entry pytorch_entry = {
    .name = "pytorch",
    .doc = "PyTorch's default for dense and convolution layers: weights and biases uniform in "
           "+-1/sqrt(fan_in).",
    .source = NULL,
    .parameters = scaled_parameters,
    .settings_size = sizeof(struct initializer_settings),
    .implementation = &pytorch_initializer};
static const struct entry zeros_entry = {.name = "zeros",
                                         .doc = "All weights zero.",
                                         .source = NULL,
                                         .implementation = &zeros_initializer};

static const struct entry *const entries[] = {&kaiming_entry, &xavier_entry, &lecun_entry,
                                              &pytorch_entry, &zeros_entry,  NULL};

const struct registry initializer_registry = {
    .kind = "initializer", .plural = "initializers", .entries = entries};

void initializer_draw(const struct setting_variant *chosen, const struct model_parameter *parameter,
                      uint64_t seed, int ordinal, double *out)
{
    if (parameter->role == ROLE_NORMALISATION) {
        for (int64_t i = 0; i < parameter->size; i++) out[i] = parameter->fill;
        return;
    }
    const struct initializer *initializer = chosen->entry->implementation;
    const struct initializer_settings *settings = chosen->settings;
    double variance = initializer->variance(parameter);
    memset(out, 0, (size_t)parameter->size * sizeof *out);
    if (variance == 0 || (parameter->role != ROLE_WEIGHT && !initializer->biases)) return;
    double deviation = sqrt(variance) * settings->scale;
    struct random random = random_make(seed, STREAM_INIT, (uint32_t)ordinal, 0);
    if (settings->distribution == DISTRIBUTION_NORMAL)
        random_fill_normal(&random, deviation, out, (size_t)parameter->size);
    else
        random_fill_uniform(&random, -sqrt(3) * deviation, sqrt(3) * deviation, out,
                            (size_t)parameter->size);
}
