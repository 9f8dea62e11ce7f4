/* Linear regression for theory: y = x . beta + noise, x ~ N(0, I), beta uniform on a sphere. */
#include <math.h>
#include "base/random.h"
#include "data/source.h"

/* Streams of STREAM_DATA by what they draw (major); minor is the example, but for beta. */
enum { DRAW_X, DRAW_NOISE = 2, DRAW_BETA = 4 }; /* + SOURCE_TRAIN or SOURCE_TEST */

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
                              struct source_part *part)
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

static basin_status linear_load(const struct value *dataset, struct source *source)
{
    struct recipe recipe = {.seed = (uint64_t)value_integer(dataset, "seed"),
                            .features = (size_t)value_integer(dataset, "p"),
                            .noise = value_number(dataset, "noise")};
    double *beta = memory_allocate(recipe.features * sizeof *beta);
    if (!beta) return BASIN_MEMORY;
    draw_beta(recipe.seed, value_number(dataset, "signal"), beta, recipe.features);
    recipe.beta = beta;
    source->task = DATA_REGRESSION;
    source->type = RECORD_FLOAT64;
    source->rank = 1;
    source->dims[0] = source->features = recipe.features;
    source->outputs = 1;
    source->generated = true;
    source->available = (size_t)value_integer(dataset, "n");
    basin_status status =
        draw_part(&recipe, SOURCE_TRAIN, source->available, &source->parts[SOURCE_TRAIN]);
    if (status == BASIN_OK)
        status = draw_part(&recipe, SOURCE_TEST, (size_t)value_integer(dataset, "test_size"),
                           &source->parts[SOURCE_TEST]);
    memory_free(beta);
    return status;
}

static const char *const linear_view_keys[] = {"train_size", "validation_size", "standardize",
                                               NULL};

const struct dataset_kind kind_linear_regression = {.load = linear_load,
                                                    .view_keys = linear_view_keys};
