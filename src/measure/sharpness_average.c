/* sharpness_average: the mean rise of the loss under random perturbations of the weights, plain or
 * scaled by the size of each parameter. */
#include <math.h>
#include "base/random.h"
#include "measure/ascent.h"

#define PAPER "Andriushchenko et al., ICML 2023"
#define OVER                                                                                       \
    "(option `norm`), c_i = 0 outside option `include`; L the mean training loss of a group of "   \
    "`m` examples (mean over the groups, each with draws of its own), batch normalisation in "     \
    "eval mode unless the options say mode: train, no regulariser"
#define LAWS "z_i standard normal (l2) or uniform on [-1, 1] (linf) "
#define ERROR "standard deviation over the samples / sqrt(samples)"

static const struct quantity quantities[] = {
    {"sharpness_average", "1", "mean rise of the loss under random perturbations of the weights",
     "E L(w + rho c z) - L(w), c_i = 1, " LAWS OVER, PAPER},
    {"sharpness_average_stderr", "1", "standard error of sharpness_average", ERROR, PAPER},
    {"sharpness_average_adaptive", "1",
     "mean rise of the loss under random perturbations in proportion to the weights",
     "E L(w + rho c z) - L(w), c_i = |w_i|, products by element, " LAWS OVER, PAPER},
    {"sharpness_average_adaptive_stderr", "1", "standard error of sharpness_average_adaptive",
     ERROR, PAPER},
    {0}};

struct average_settings {
    struct perturb_settings perturb;
    bool adaptive;
    enum ascent_norm norm;
    double rho;
    int64_t samples;
};

static const struct schema_row parameters[] = {
    {.key = "rho",
     SETTING(struct average_settings, rho),
     .type = SCHEMA_FLOAT,
     .maximum = 1e6,
     .fallback = "0.01",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Size of the perturbation: l2: standard deviation along each parameter; linf: half the "
            "width of the box.",
     .aliases = (const char *const[]){"sigma", "sd", NULL}},
    {.key = "norm",
     SETTING(struct average_settings, norm),
     .type = SCHEMA_CHOICE,
     .choices = ascent_norms,
     .fallback = "l2",
     .doc = "l2: normal perturbations; linf: uniform in a box."},
    {.key = "adaptive",
     SETTING(struct average_settings, adaptive),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc = "Scale perturbations by |w_i|, so that the measure does not change when a layer is "
            "rescaled and the next one by the inverse. The number is then "
            "sharpness_average_adaptive."},
    {.key = "samples",
     SETTING(struct average_settings, samples),
     .type = SCHEMA_INTEGER,
     .unit = "perturbations",
     .minimum = 2,
     .maximum = 1e6,
     .fallback = "50",
     .doc = "Random perturbations.",
     .aliases = (const char *const[]){"draws", NULL}},
    PERTURB_M_ROW,
    PERTURB_INCLUDE_ROW,
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {0}};

/* c, d (P); before (groups) */
struct average {
    struct perturb perturb;
    const struct average_settings *settings;
    double *c, *d, *before;
};

static void average_draw(const struct average *average, uint32_t sample, uint32_t group)
{
    const struct perturb *perturb = &average->perturb;
    double rho = average->settings->rho;
    if (average->settings->norm == ASCENT_L2) {
        perturb_normal(perturb, sample, group, rho, average->c, average->d);
        return;
    }
    struct random random = random_make(perturb->site->seed, STREAM_PERTURB, sample, group);
    random_fill_uniform(&random, -rho, rho, average->d, perturb->size);
    for (size_t i = 0; i < perturb->size; i++) average->d[i] *= average->c[i];
}

/* The mean over the groups of one sample. */
static basin_status average_sample(struct average *average, uint32_t sample, double *rise)
{
    struct perturb *perturb = &average->perturb;
    *rise = 0;
    for (size_t group = 0; group < perturb->groups; group++) {
        double after;
        average_draw(average, sample, (uint32_t)group);
        TRY(perturb_loss(perturb, group, average->d, &after));
        *rise += (after - average->before[group]) / (double)perturb->groups;
    }
    return BASIN_OK;
}

static basin_status average_take(struct average *average)
{
    struct perturb *perturb = &average->perturb;
    const struct quantity *first = &quantities[average->settings->adaptive ? 2 : 0];
    double n = (double)average->settings->samples, mean = 0, square = 0, rise;
    perturb_scale(perturb, average->settings->adaptive, 0, average->c);
    for (size_t group = 0; group < perturb->groups; group++)
        TRY(perturb_loss(perturb, group, NULL, &average->before[group]));
    for (int64_t i = 0; i < average->settings->samples; i++) { /* Welford 1962 */
        TRY(average_sample(average, (uint32_t)i, &rise));
        double change = rise - mean;
        mean += change / (double)(i + 1);
        square += change * (rise - mean);
    }
    TRY(perturb_notes(perturb));
    TRY(measure_note(perturb->site, "samples", n));
    TRY(perturb_scalar(perturb->site, &first[0], mean, NULL));
    return perturb_scalar(perturb->site, &first[1], sqrt(square / (n - 1) / n), NULL);
}

static basin_status average_run(const struct measure_site *site)
{
    struct average average = {.settings = site->settings};
    basin_status status = perturb_open(site, &average.perturb);
    size_t size = average.perturb.size;
    average.c = memory_allocate((2 * size + average.perturb.groups) * sizeof(double));
    if (status == BASIN_OK && !average.c) status = BASIN_MEMORY;
    if (status == BASIN_OK) {
        average.d = average.c + size;
        average.before = average.d + size;
        status = average_take(&average);
    }
    memory_free(average.c);
    perturb_close(&average.perturb);
    return status;
}

static void average_need(const struct measure_site *site, struct measure_need *need)
{
    const struct average_settings *settings = site->settings;
    perturb_need(site, 0, (double)settings->samples + 1, 2, need);
}

static bool average_gives(const struct value *options, const struct quantity *quantity)
{
    return value_find(options, "adaptive")->boolean == (quantity - quantities >= 2);
}

static const struct measure measure = {
    .quantities = quantities, .gives = average_gives, .run = average_run, .need = average_need};
const struct entry sharpness_average_entry = {
    .name = "sharpness_average",
    .doc = "Mean rise of the training loss under random perturbations of the weights (normal or "
           "uniform), plain or adaptive, with its standard error.",
    .source = PAPER,
    .parameters = parameters,
    .settings_size = sizeof(struct average_settings),
    .implementation = &measure};
