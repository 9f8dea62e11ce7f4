/* pacbayes_sigma and pacbayes_sigma_magnitude: how large a random perturbation of the weights may
 * be before the training accuracy falls by a given amount on average. */
#include <math.h>
#include "measure/perturb.h"

#define PAPER "Jiang et al., ICLR 2020; Dziugaite et al., NeurIPS 2020"
#define WHERE                                                                                      \
    "A the training accuracy over `examples` examples (of a text, of next tokens), the mean over " \
    "`samples` draws that are the same for every sigma, found by bisection to `tolerance`; batch " \
    "normalisation in eval mode unless the options say mode: train"
#define ERROR                                                                                      \
    "by the delta method: standard error of the mean accuracy over the draws, by the slope of "    \
    "the "                                                                                         \
    "mean accuracy between 0.9 sigma and 1.1 sigma"

static const struct quantity plain_quantities[] = {
    {"pacbayes_sigma", "1",
     "largest standard deviation of weight noise that the accuracy tolerates",
     "largest sigma with A(w) - E A(w + sigma z) <= drop, z_i standard normal (0 outside option "
     "`include`), " WHERE,
     PAPER},
    {"pacbayes_sigma_stderr", "1", "standard error of pacbayes_sigma", ERROR, PAPER},
    {0}};
static const struct quantity magnitude_quantities[] = {
    {"pacbayes_sigma_magnitude", "1",
     "largest relative standard deviation of weight noise that the accuracy tolerates",
     "largest sigma with A(w) - E A(w + d) <= drop, d_i normal with standard deviation "
     "sqrt(sigma^2 w_i^2 + epsilon^2) (0 outside option `include`), " WHERE,
     PAPER},
    {"pacbayes_sigma_magnitude_stderr", "1", "standard error of pacbayes_sigma_magnitude", ERROR,
     PAPER},
    {0}};

/* epsilon is no row of the plain one. */
struct sigma_settings {
    struct perturb_settings perturb;
    double drop, tolerance, epsilon;
    int64_t samples;
};

#define SIGMA_ROWS                                                                                 \
    {.key = "drop",                                                                                \
     SETTING(struct sigma_settings, drop),                                                         \
     .type = SCHEMA_FLOAT,                                                                         \
     .maximum = 1,                                                                                 \
     .fallback = "0.1",                                                                            \
     .flags = SCHEMA_OPEN_MINIMUM | SCHEMA_OPEN_MAXIMUM,                                           \
     .doc = "By how much the mean accuracy may fall."},                                            \
        {.key = "samples",                                                                         \
         SETTING(struct sigma_settings, samples),                                                  \
         .type = SCHEMA_INTEGER,                                                                   \
         .unit = "perturbations",                                                                  \
         .minimum = 2,                                                                             \
         .maximum = 1e6,                                                                           \
         .fallback = "20",                                                                         \
         .doc = "Random perturbations over which the accuracy is averaged.",                       \
         .aliases = (const char *const[]){"draws", NULL}},                                         \
        {.key = "tolerance",                                                                       \
         SETTING(struct sigma_settings, tolerance),                                                \
         .type = SCHEMA_FLOAT,                                                                     \
         .maximum = 1,                                                                             \
         .fallback = "0.01",                                                                       \
         .flags = SCHEMA_OPEN_MINIMUM,                                                             \
         .doc = "The bisection ends when its interval is so much of sigma."},                      \
        PERTURB_INCLUDE_ROW, MEASURE_EXAMPLES_ROW, MEASURE_MODE_ROW, MEASURE_EVERY_ROW

static const struct schema_row plain_rows[] = {SIGMA_ROWS, {0}};
static const struct schema_row magnitude_rows[] = {
    {.key = "epsilon",
     SETTING(struct sigma_settings, epsilon),
     .type = SCHEMA_FLOAT,
     .maximum = 1e6,
     .fallback = "1e-3",
     .doc =
         "Standard deviation of the noise that every parameter has whatever its size. With 0 the "
         "measure does not change when a layer is rescaled and the next one by the inverse."},
    SIGMA_ROWS,
    {0}};

static basin_status pacbayes_sigma_check(const void *settings, const struct data_info *info,
                                         int64_t count)
{
    (void)settings, (void)count;
    if (info->task != DATA_REGRESSION) return BASIN_OK;
    error_raise(BASIN_SPEC, "the measures pacbayes_sigma and pacbayes_sigma_magnitude need an "
                            "accuracy, but this data set is a regression");
    error_hint("leave them out of measures; sharpness_average is the loss under weight noise");
    return BASIN_SPEC;
}

/* d, c (P) */
struct sigma_search {
    struct perturb perturb;
    const struct sigma_settings *settings;
    bool magnitude;
    double *d, *c;
    double accuracy;    /* at w */
    double drop, error; /* at the last sigma: the mean and its standard error */
    double low, high;   /* drop at low is at most the one asked for, at high it is more */
    const char *reason; /* why there is no sigma */
};

/* The mean drop at a sigma. An accuracy that does not exist, of outputs that overflow, is 0. */
static basin_status sigma_look(struct sigma_search *search, double sigma)
{
    struct perturb *perturb = &search->perturb;
    double n = (double)search->settings->samples, mean = 0, square = 0, accuracy;
    perturb_scale(perturb, false, 0, search->c);
    for (size_t i = 0; i < perturb->size; i++)
        search->c[i] *=
            search->magnitude ? hypot(sigma * perturb->w[i], search->settings->epsilon) : sigma;
    for (int64_t k = 0; k < search->settings->samples; k++) { /* Welford 1962 */
        perturb_normal(perturb, (uint32_t)k, 0, 1, search->c, search->d);
        TRY(perturb_accuracy(perturb, 0, search->d, &accuracy));
        double drop = search->accuracy - (isfinite(accuracy) ? accuracy : 0), change = drop - mean;
        mean += change / (double)(k + 1);
        square += change * (drop - mean);
    }
    search->drop = mean;
    search->error = sqrt(square / (n - 1) / n);
    return BASIN_OK;
}

/* From 0.1 by factors of two, until one sigma is on each side. */
static basin_status sigma_bracket(struct sigma_search *search)
{
    enum { FACTORS = 40 };
    double sigma = 0.1;
    search->low = search->high = 0; /* 0: not found yet */
    for (int k = 0; k < FACTORS && (search->low == 0 || search->high == 0); k++) {
        TRY(sigma_look(search, sigma));
        if (search->drop > search->settings->drop)
            search->high = sigma, sigma /= 2;
        else
            search->low = sigma, sigma *= 2;
    }
    if (search->high == 0)
        search->reason = "the mean accuracy does not fall by `drop`, however large sigma is";
    else if (search->low == 0)
        search->reason = "the mean accuracy falls by more than `drop`, however small sigma is";
    return BASIN_OK;
}

static basin_status sigma_bisect(struct sigma_search *search)
{
    while (search->high - search->low > search->settings->tolerance * search->low) {
        double middle = search->low + (search->high - search->low) / 2;
        if (middle <= search->low || middle >= search->high) break;
        TRY(sigma_look(search, middle));
        if (search->drop > search->settings->drop)
            search->high = middle;
        else
            search->low = middle;
    }
    return BASIN_OK;
}

/* NaN where the mean accuracy does not fall with sigma there. */
static basin_status sigma_error(struct sigma_search *search, double *error)
{
    TRY(sigma_look(search, 0.9 * search->low));
    double before = search->drop;
    TRY(sigma_look(search, 1.1 * search->low));
    double slope = (search->drop - before) / (0.2 * search->low);
    TRY(sigma_look(search, search->low));
    *error = slope > 0 ? search->error / slope : NAN;
    return BASIN_OK;
}

static basin_status sigma_find(struct sigma_search *search, double *sigma, double *error)
{
    *sigma = *error = NAN;
    TRY(perturb_accuracy(&search->perturb, 0, NULL, &search->accuracy));
    if (!isfinite(search->accuracy)) {
        search->reason = "the outputs at the weights themselves are not finite";
        return BASIN_OK;
    }
    TRY(sigma_bracket(search));
    if (search->reason) return BASIN_OK;
    TRY(sigma_bisect(search));
    *sigma = search->low;
    return sigma_error(search, error);
}

static basin_status sigma_take(struct sigma_search *search)
{
    const struct measure_site *site = search->perturb.site;
    const struct quantity *first = search->magnitude ? magnitude_quantities : plain_quantities;
    double sigma, error;
    TRY(sigma_find(search, &sigma, &error));
    TRY(perturb_notes(&search->perturb));
    TRY(measure_note(site, "samples", (double)search->settings->samples));
    TRY(measure_note(site, "accuracy", search->accuracy));
    if (!search->reason) TRY(measure_note(site, "mean_accuracy", search->accuracy - search->drop));
    TRY(measure_scalar(site, &first[0], sigma, search->reason));
    return measure_scalar(site, &first[1], error,
                          search->reason ? search->reason
                                         : "the mean accuracy does not fall with sigma here");
}

static basin_status sigma_run(const struct measure_site *site, bool magnitude)
{
    size_t size = (size_t)model_size(site->model);
    struct sigma_search search = {.settings = site->settings, .magnitude = magnitude};
    basin_status status = perturb_open(site, &search.perturb);
    search.c = memory_allocate(2 * size * sizeof *search.c);
    search.d = search.c + size;
    if (status == BASIN_OK) status = search.c ? sigma_take(&search) : BASIN_MEMORY;
    memory_free(search.c);
    perturb_close(&search.perturb);
    return status;
}

static basin_status pacbayes_sigma_run(const struct measure_site *site)
{
    return sigma_run(site, false);
}

static basin_status pacbayes_sigma_magnitude_run(const struct measure_site *site)
{
    return sigma_run(site, true);
}

/* As a rule four sigmas for the bracket, those of the bisection, and three for the error. */
static void pacbayes_sigma_need(const struct measure_site *site, struct measure_need *need)
{
    const struct sigma_settings *settings = site->settings;
    double sigmas = 7 + fmax(0, ceil(-log2(settings->tolerance)));
    perturb_need(site, 0, 0, 2, need);
    need->uses[need->count++] =
        (struct objective_use){.call = OBJECTIVE_LOSS,
                               .examples = measure_examples(site),
                               .times = sigmas * (double)settings->samples + 1};
}

static const struct measure plain_measure = {.quantities = plain_quantities,
                                             .check = pacbayes_sigma_check,
                                             .run = pacbayes_sigma_run,
                                             .need = pacbayes_sigma_need};
static const struct measure magnitude_measure = {.quantities = magnitude_quantities,
                                                 .check = pacbayes_sigma_check,
                                                 .run = pacbayes_sigma_magnitude_run,
                                                 .need = pacbayes_sigma_need};
const struct entry pacbayes_sigma_entry = {
    .name = "pacbayes_sigma",
    .doc = "Largest standard deviation of random weight noise at which the mean training accuracy "
           "falls by no more than a given amount.",
    .source = PAPER,
    .parameters = plain_rows,
    .settings_size = sizeof(struct sigma_settings),
    .implementation = &plain_measure};
const struct entry pacbayes_sigma_magnitude_entry = {
    .name = "pacbayes_sigma_magnitude",
    .doc = "Largest standard deviation of random weight noise, relative to each weight, at which "
           "the mean training accuracy falls by no more than a given amount.",
    .source = PAPER,
    .parameters = magnitude_rows,
    .settings_size = sizeof(struct sigma_settings),
    .implementation = &magnitude_measure};
