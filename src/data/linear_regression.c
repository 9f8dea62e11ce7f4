/* Linear regression for theory: y = x . beta + noise, x ~ N(0, I), beta uniform on a sphere. */
#include <math.h>
#include "base/random.h"
#include "data/arrays.h"

/* Streams of STREAM_DATA by what they draw (major); minor is the example, but for beta. */
enum { DRAW_X, DRAW_NOISE = 2, DRAW_BETA = 4 }; /* + SOURCE_TRAIN or SOURCE_TEST */

struct linear_settings {
    struct data_settings common;
    int64_t n, p;
    double noise, signal;
};

struct recipe {
    uint64_t seed;
    size_t features;
    double noise;
    const double *beta; /* (features) */
};

/* A Gaussian vector scaled to length `signal` is uniform on the sphere. */
static void draw_beta(uint64_t seed, double signal, double *beta, size_t features)
{
    struct random random = random_make(seed, STREAM_DATA, DRAW_BETA, 0);
    double square = 0;
    random_fill_normal(&random, 1, beta, features);
    for (size_t j = 0; j < features; j++) square += beta[j] * beta[j];
    for (size_t j = 0; j < features; j++) beta[j] *= signal / sqrt(square);
}

static basin_status draw_part(const struct recipe *recipe, int which, size_t count,
                              struct array_part *part)
{
    double *x = part->x = memory_allocate(count * recipe->features * sizeof *x);
    part->targets = memory_allocate(count * sizeof *part->targets);
    if (!x || !part->targets) return BASIN_MEMORY;
    part->count = count;
    for (size_t i = 0; i < count; i++, x += recipe->features) {
        struct random features =
            random_make(recipe->seed, STREAM_DATA, DRAW_X + (uint32_t)which, (uint32_t)i);
        struct random noise =
            random_make(recipe->seed, STREAM_DATA, DRAW_NOISE + (uint32_t)which, (uint32_t)i);
        random_fill_normal(&features, 1, x, recipe->features);
        double y = recipe->noise * random_normal(&noise, 0);
        for (size_t j = 0; j < recipe->features; j++) y += x[j] * recipe->beta[j];
        part->targets[i] = y;
    }
    return BASIN_OK;
}

static basin_status linear_load(const void *given, struct source *source)
{
    const struct linear_settings *settings = given;
    struct arrays *arrays;
    struct recipe recipe = {.seed = (uint64_t)settings->common.seed,
                            .features = (size_t)settings->p,
                            .noise = settings->noise};
    TRY(arrays_create(source, RECORD_FLOAT64, &arrays));
    double *beta = memory_allocate(recipe.features * sizeof *beta);
    if (!beta) return BASIN_MEMORY;
    draw_beta(recipe.seed, settings->signal, beta, recipe.features);
    recipe.beta = beta;
    source->task = DATA_REGRESSION;
    source->rank = 1;
    source->dims[0] = source->features = recipe.features;
    source->outputs = 1;
    source->generated = true;
    source->available = (size_t)settings->n;
    basin_status status =
        draw_part(&recipe, SOURCE_TRAIN, source->available, &arrays->parts[SOURCE_TRAIN]);
    if (status == BASIN_OK)
        status = draw_part(&recipe, SOURCE_TEST, (size_t)settings->common.test_size,
                           &arrays->parts[SOURCE_TEST]);
    memory_free(beta);
    return status;
}

/* ---- the table ---- */

static const struct schema_row linear_parameters[] = {
    DATA_SEED("Seed of beta, the examples and the noise."),
    {.key = "n",
     SETTING(struct linear_settings, n),
     .type = SCHEMA_INTEGER,
     .unit = "examples",
     .minimum = 1,
     .maximum = 10000000,
     .fallback = "100",
     .doc = "Training examples to generate, including those for validation. A smaller set is the "
            "beginning of a larger one."},
    {.key = "p",
     SETTING(struct linear_settings, p),
     .type = SCHEMA_INTEGER,
     .unit = "features",
     .minimum = 1,
     .maximum = 1000000,
     .fallback = "20",
     .doc = "Features: x is Gaussian with mean 0 and the identity as covariance."},
    {.key = "noise",
     SETTING(struct linear_settings, noise),
     .type = SCHEMA_FLOAT,
     .unit = "1",
     .minimum = 0,
     .maximum = 1e6,
     .fallback = "1.0",
     .doc = "Standard deviation of the Gaussian noise in y = x . beta + noise."},
    {.key = "signal",
     SETTING(struct linear_settings, signal),
     .type = SCHEMA_FLOAT,
     .unit = "1",
     .minimum = 0,
     .maximum = 1e6,
     .fallback = "1.0",
     .doc = "Euclidean norm of beta, whose direction is uniform on the sphere."},
    {.key = "train_size",
     SETTING(struct data_settings, train_size),
     .stage = DATA_VIEW,
     .type = SCHEMA_COUNT,
     .unit = "examples",
     .minimum = 1,
     .maximum = 10000000,
     .fallback = "all",
     .doc = "Training examples: the first ones of the n; `all`: all that are not held out for "
            "validation. Usually only n is given."},
    DATA_GENERATED("test_size", test_size, "1000",
                   "Test examples to generate, in addition to the n."),
    DATA_VALIDATION_SIZE,
    DATA_STANDARDIZE,
    DATA_TRANSFORMS,
    {0}};

const struct entry linear_regression_entry = {
    .name = "linear-regression",
    .doc = "Gaussian linear regression, generated: here the theory of interpolation is exact.",
    .source = "Hastie, Montanari, Rosset and Tibshirani, \"Surprises in high-dimensional ridgeless "
              "least squares "
              "interpolation\", 2019",
    .parameters = linear_parameters,
    .implementation = &(const struct dataset){.load = linear_load},
    .settings_size = sizeof(struct linear_settings)};
