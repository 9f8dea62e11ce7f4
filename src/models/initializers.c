/* Initialisers: the distribution of the first weights. Biases start at zero but for `pytorch`.
 *
 * Fans are those of torch.nn.init for every array: fan_in = inputs of a unit (channels / groups
 * times taps), fan_out = rows of the array (all gates of a recurrent layer, all channels of a
 * grouped convolution) times taps. The embedding of patches counts as a dense layer. Tables of
 * vectors (embeddings, positions, cls_token), of which a row is used as it is, count their width
 * for both. */
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

/* uniform in +-1/sqrt(fan): variance 1 / (3 fan) */
static double pytorch(const struct model_parameter *parameter)
{
    return 1.0 / (3.0 * (double)(parameter->own_fan ? parameter->own_fan : parameter->fan_in));
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

#define FANS                                                                                       \
    " Fans are counted for every array as torch.nn.init does: in recurrent layers fan_out counts " \
    "all gates, in grouped convolutions all channels. A patch embedding counts as a dense layer; " \
    "both fans of a token embedding, of positions and of cls_token are its width. Biases start "   \
    "at 0."

static const struct entry kaiming_entry = {.name = "kaiming",
                                           .doc = "Variance 2 / fan_in." FANS,
                                           .source = "He et al., ICCV 2015, eq. 10",
                                           .parameters = drawn_parameters,
                                           .settings_size = sizeof(struct initializer_settings),
                                           .implementation = &kaiming_initializer};
static const struct entry xavier_entry = {.name = "xavier",
                                          .doc = "Variance 2 / (fan_in + fan_out)." FANS,
                                          .source = "Glorot and Bengio, AISTATS 2010, eq. 16",
                                          .parameters = drawn_parameters,
                                          .settings_size = sizeof(struct initializer_settings),
                                          .implementation = &xavier_initializer};
static const struct entry lecun_entry = {.name = "lecun",
                                         .doc = "Variance 1 / fan_in." FANS,
                                         .source =
                                             "LeCun et al., Efficient BackProp, 1998, section 4.6",
                                         .parameters = drawn_parameters,
                                         .settings_size = sizeof(struct initializer_settings),
                                         .implementation = &lecun_initializer};
static const struct entry pytorch_entry = {
    .name = "pytorch",
    .doc = "PyTorch's own default: weights and biases uniform in +-1/sqrt(fan_in), in recurrent "
           "layers +-1/sqrt(hidden_size).",
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

/* 0: the array starts at zero, or at what is no initialiser's to choose. */
static double initializer_deviation(const struct setting_variant *chosen,
                                    const struct model_parameter *parameter)
{
    const struct initializer *initializer = chosen->entry->implementation;
    const struct initializer_settings *settings = chosen->settings;
    if (parameter->role == ROLE_NORMALISATION) return 0;
    if (parameter->role != ROLE_WEIGHT && !initializer->biases) return 0;
    double variance = initializer->variance(parameter);
    return variance == 0 ? 0 : sqrt(variance) * settings->scale;
}

bool initializer_is_revised(const struct setting_variant *chosen,
                            const struct model_parameter *parameter)
{
    struct model_parameter former = *parameter;
    if (former.former_in) former.fan_in = former.former_in;
    if (former.former_out) former.fan_out = former.former_out;
    return initializer_deviation(chosen, &former) != initializer_deviation(chosen, parameter);
}

void initializer_draw(const struct setting_variant *chosen, const struct model_parameter *parameter,
                      uint64_t seed, int ordinal, double *out)
{
    if (parameter->role == ROLE_NORMALISATION) {
        for (int64_t i = 0; i < parameter->size; i++) out[i] = parameter->fill;
        return;
    }
    const struct initializer_settings *settings = chosen->settings;
    double deviation = initializer_deviation(chosen, parameter);
    memset(out, 0, (size_t)parameter->size * sizeof *out);
    if (deviation == 0) return;
    struct random random = random_make(seed, STREAM_INIT, (uint32_t)ordinal, 0);
    if (settings->distribution == DISTRIBUTION_NORMAL)
        random_fill_normal(&random, deviation, out, (size_t)parameter->size);
    else
        random_fill_uniform(&random, -sqrt(3) * deviation, sqrt(3) * deviation, out,
                            (size_t)parameter->size);
}
