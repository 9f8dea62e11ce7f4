/* Gaussian noise as augmentation (Bishop 1995): training examples with noise, anew in every
 * epoch. */
#include "data/arrays.h"
#include "data/view.h"

struct gaussian_noise_settings {
    double sd;
    bool clip;
};

static void gaussian_noise_example(const struct transform_example *example, double *x)
{
    const struct gaussian_noise_settings *noise = example->settings;
    for (size_t j = 0; j < example->info->features; j++) {
        x[j] += noise->sd * transform_normal(example, j);
        if (noise->clip) x[j] = x[j] < 0 ? 0 : x[j] > 1 ? 1 : x[j];
    }
}

/* Clipping to 0 ... 1 would change numbers beyond that without any noise. */
static basin_status gaussian_noise_check_clip(const struct data *data)
{
    double low, high;
    arrays_range(data->source, SOURCE_TRAIN, &low, &high);
    if (low >= 0 && high <= 1) return BASIN_OK;
    error_raise(BASIN_DATA,
                "clip: true is for inputs in 0 ... 1, but the training inputs of data set %s are "
                "in %g ... %g",
                data->source->name, low, high);
    error_key("clip");
    error_expected("inputs in 0 ... 1");
    error_found("inputs in %g ... %g", low, high);
    error_hint("leave clip out");
    return BASIN_DATA;
}

static basin_status gaussian_noise_check(const struct data *data, const void *settings)
{
    const struct gaussian_noise_settings *noise = settings;
    return noise->clip ? gaussian_noise_check_clip(data) : BASIN_OK;
}

static const struct schema_row gaussian_noise_rows[] = {
    {.key = "sd",
     SETTING(struct gaussian_noise_settings, sd),
     .type = SCHEMA_FLOAT,
     .unit = "units of the input",
     .minimum = 0,
     .maximum = 1e6,
     .fallback = "0.1",
     .doc = "Standard deviation of the noise, in units of the input before it is standardised: of "
            "pixels, which are in 0 ... 1. 0: no noise.",
     .aliases = (const char *const[]){"sigma", "std", "stddev", "standard_deviation", NULL}},
    {.key = "clip",
     SETTING(struct gaussian_noise_settings, clip),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc = "Set inputs that the noise moves out of 0 ... 1 to the nearer of the two, which moves "
            "the mean of dark and of bright pixels. Only for inputs in 0 ... 1."},
    {0}};

const struct entry gaussian_noise_entry = {
    .name = "gaussian_noise",
    .doc =
        "Adds independent Gaussian noise of mean 0 to every element of a training example, drawn "
        "anew in every epoch. A linear model with squared error then has, on average over the "
        "noise, the loss with an added sd^2 / 2 ||w||^2 (Tikhonov). As "
        "torchvision.transforms.v2.GaussianNoise, which clips by default.",
    .source = "Bishop, \"Training with noise is equivalent to Tikhonov regularization\", Neural "
              "Computation 1995",
    .parameters = gaussian_noise_rows,
    .implementation = &(const struct transform){.stage = DATA_BATCH,
                                                .example = gaussian_noise_example,
                                                .check = gaussian_noise_check},
    .settings_size = sizeof(struct gaussian_noise_settings),
    .aliases = (const char *const[]){"noise", "GaussianNoise", "gaussian", NULL}};
