/* MNIST-1D (Greydanus and Kobak, "Scaling down deep learning with MNIST-1D", ICML 2024): ten
 * hand-drawn templates, each example one of them, padded, shifted, scaled, sheared and covered with
 * noise. Made here, from our own random streams.
 *
 * Example i of a part is a function of the seed, the part and i alone, so that a smaller set is the
 * beginning of a larger one. The authors standardise by mean and deviation of the whole set they
 * make; here these two numbers are always those of the first REFERENCE training examples (of a
 * default set: all of them).
 */
#include <math.h>
#include "base/random.h"
#include "data/arrays.h"

enum { CLASSES = 10, TEMPLATE = 12, REFERENCE = 4000, RADIUS = 8, WIDEST = TEMPLATE + 1024 };

static const double templates[CLASSES][TEMPLATE] = {
    {5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5},
    {5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5},
    {5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5},
    {5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5},
    {5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5},
    {5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5},
    {5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5},
    {5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5},
    {5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5},
    {5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5},
};

/* Streams of STREAM_DATA by what they draw (major); minor is the example, or the block of ten
 * examples for classes. */
enum {
    DRAW_SCALARS,
    DRAW_SMOOTH = 2,
    DRAW_NOISE = 4,
    DRAW_CLASSES = 6,
    DRAW_POINTS = 8
}; /* + SOURCE_TRAIN or _TEST */

struct mnist1d_settings {
    struct data_settings common;
    int64_t padding_minimum, padding_maximum, max_translation, length;
    double scale, correlated_noise, noise, shear;
};

struct recipe {
    uint64_t seed;
    size_t pad_least, pad_most, translations, wide,
        points; /* wide: length before the last resampling */
    double scale, smooth, noise, shear;
    double shapes[CLASSES][TEMPLATE]; /* templates, standardised */
    double filter[2 * RADIUS + 1];    /* weights of the smoothing */
    uint32_t *order;                  /* (points) of the points, or NULL */
    double *signal, *other;           /* (wide) each, for work */
};

static basin_status recipe_read(const struct mnist1d_settings *settings, struct recipe *recipe)
{
    recipe->seed = (uint64_t)settings->common.seed;
    recipe->pad_least = (size_t)settings->padding_minimum;
    recipe->pad_most = (size_t)settings->padding_maximum;
    recipe->translations = (size_t)settings->max_translation;
    recipe->points = (size_t)settings->length;
    recipe->scale = settings->scale;
    recipe->smooth = settings->correlated_noise;
    recipe->noise = settings->noise;
    recipe->shear = settings->shear;
    recipe->wide = TEMPLATE + recipe->pad_most;
    if (recipe->pad_least <= recipe->pad_most) return BASIN_OK;
    error_raise(BASIN_DATA, "data set mnist1d: padding_minimum %zu is above padding_maximum %zu",
                recipe->pad_least, recipe->pad_most);
    error_key("padding_minimum, padding_maximum");
    return BASIN_DATA;
}

/* Mean 0, deviation 1, then moved to start at 0, and divided by 6. */
static void prepare_templates(struct recipe *recipe)
{
    for (int c = 0; c < CLASSES; c++) {
        double mean = 0, variance = 0;
        for (int i = 0; i < TEMPLATE; i++) mean += templates[c][i] / TEMPLATE;
        for (int i = 0; i < TEMPLATE; i++)
            variance += (templates[c][i] - mean) * (templates[c][i] - mean) / TEMPLATE;
        for (int i = 0; i < TEMPLATE; i++)
            recipe->shapes[c][i] = (templates[c][i] - templates[c][0]) / sqrt(variance) / 6;
    }
}

static void prepare_filter(struct recipe *recipe)
{
    double sum = 0;
    for (int k = -RADIUS; k <= RADIUS; k++)
        sum += recipe->filter[k + RADIUS] = exp(-0.5 * k * k / 4.0);
    for (int k = 0; k <= 2 * RADIUS; k++) recipe->filter[k] /= sum;
}

static basin_status recipe_prepare(const struct mnist1d_settings *settings, struct recipe *recipe,
                                   struct arena *arena)
{
    prepare_templates(recipe);
    prepare_filter(recipe);
    recipe->signal = arena_array(arena, double, recipe->wide);
    recipe->other = arena_array(arena, double, recipe->wide);
    if (!recipe->signal || !recipe->other) return BASIN_MEMORY;
    if (!settings->common.shuffle_points) return BASIN_OK;
    recipe->order = arena_array(arena, uint32_t, recipe->points);
    if (!recipe->order) return BASIN_MEMORY;
    struct random random = random_make(recipe->seed, STREAM_DATA, DRAW_POINTS, 0);
    random_permutation(&random, recipe->order, recipe->points);
    return BASIN_OK;
}

/* Linear interpolation of `from` points to `to` points over the same interval. */
static void resample(const double *in, size_t from, double *out, size_t to)
{
    for (size_t i = 0; i < to; i++) {
        double at = to > 1 ? (double)i * (double)(from - 1) / (double)(to - 1) : 0;
        size_t left = (size_t)at < from - 1 ? (size_t)at : from > 1 ? from - 2 : 0;
        double right = from > 1 ? in[left + 1] : in[left];
        out[i] = in[left] + (at - (double)left) * (right - in[left]);
    }
}

/* Gaussian filter of sigma 2, cut off at four sigma, the ends mirrored (d c b a | a b c d | d c b
 * a). */
static void smooth_into(const struct recipe *recipe, const double *in, double *out)
{
    double mirrored[WIDEST + 2 * RADIUS];
    size_t length = recipe->wide;
    for (size_t i = 0; i < length; i++) mirrored[RADIUS + i] = in[i];
    for (size_t i = 0; i < RADIUS; i++) {
        mirrored[RADIUS - 1 - i] = in[i];
        mirrored[RADIUS + length + i] = in[length - 1 - i];
    }
    for (size_t i = 0; i < length; i++) {
        out[i] = 0;
        for (size_t k = 0; k <= 2 * RADIUS; k++) out[i] += recipe->filter[k] * mirrored[i + k];
    }
}

/* Every ten examples in a row hold every class once. */
static int class_of(const struct recipe *recipe, int part, size_t example)
{
    uint32_t order[CLASSES];
    struct random random = random_make(recipe->seed, STREAM_DATA, DRAW_CLASSES + (uint32_t)part,
                                       (uint32_t)(example / CLASSES));
    random_permutation(&random, order, CLASSES);
    return (int)order[example % CLASSES];
}

/* The template behind `padding` zeros, at full width and scaled; turned around by `shift` points,
 * in `signal`. An epsilon keeps the template's own points from being exactly 0, which marks the
 * padding. */
static void place_template(const struct recipe *recipe, int class, const struct random *scalars)
{
    double padded[WIDEST] = {0};
    size_t padding =
        recipe->pad_least +
        (size_t)(random_uniform(scalars, 0) * (double)(recipe->pad_most - recipe->pad_least + 1));
    size_t shift =
        (size_t)(random_uniform(scalars, 2) * (double)recipe->translations) % recipe->wide;
    double factor = 1 + recipe->scale * (random_uniform(scalars, 1) - 0.5);
    for (int i = 0; i < TEMPLATE; i++) padded[i] = recipe->shapes[class][i] + 1e-8;
    resample(padded, TEMPLATE + padding, recipe->other, recipe->wide);
    for (size_t i = 0; i < recipe->wide; i++)
        recipe->signal[(i + shift) % recipe->wide] = factor * recipe->other[i];
}

static void add_noise(const struct recipe *recipe, int part, size_t example, double work[2][WIDEST])
{
    struct random smooth =
        random_make(recipe->seed, STREAM_DATA, DRAW_SMOOTH + (uint32_t)part, (uint32_t)example);
    struct random noise =
        random_make(recipe->seed, STREAM_DATA, DRAW_NOISE + (uint32_t)part, (uint32_t)example);
    random_fill_normal(&smooth, recipe->smooth, work[0], recipe->wide);
    smooth_into(recipe, work[0], work[1]);
    random_fill_normal(&noise, recipe->noise, work[0], recipe->wide);
    for (size_t i = 0; i < recipe->wide; i++)
        recipe->signal[i] = (recipe->signal[i] != 0 ? recipe->signal[i] : work[1][i]) + work[0][i];
}

/* Example i of a part, before standardisation, to `out` (points). */
static void draw_example(const struct recipe *recipe, int part, size_t example, double *out)
{
    double work[2][WIDEST];
    struct random scalars =
        random_make(recipe->seed, STREAM_DATA, DRAW_SCALARS + (uint32_t)part, (uint32_t)example);
    place_template(recipe, class_of(recipe, part, example), &scalars);
    add_noise(recipe, part, example, work);
    double slope = recipe->shear * (random_uniform(&scalars, 3) - 0.5);
    for (size_t i = 0; i < recipe->wide; i++)
        recipe->signal[i] -= slope * ((double)i / (double)(recipe->wide - 1) - 0.5);
    if (!recipe->order) {
        resample(recipe->signal, recipe->wide, out, recipe->points);
        return;
    }
    resample(recipe->signal, recipe->wide, work[0], recipe->points);
    for (size_t i = 0; i < recipe->points; i++) out[i] = work[0][recipe->order[i]];
}

/* Examples 0 ... count-1 of a part as they are drawn: (count, points), in the arena. */
static double *draw_many(const struct recipe *recipe, int part, size_t count, struct arena *arena)
{
    double *points = arena_array(arena, double, count * recipe->points);
    for (size_t i = 0; points && i < count; i++)
        draw_example(recipe, part, i, points + i * recipe->points);
    return points;
}

/* Mean and standard deviation over all points. */
static void statistics(const double *points, size_t count, double *mean, double *deviation)
{
    double square = 0;
    *mean = 0;
    for (size_t i = 0; i < count; i++) *mean += points[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        square += (points[i] - *mean) * (points[i] - *mean) / (double)count;
    *deviation = sqrt(square);
}

static basin_status take_part(const struct recipe *recipe, int which, const double *points,
                              size_t count, double mean, double deviation, struct array_part *part)
{
    float *x = part->x = memory_allocate(count * recipe->points * sizeof *x);
    part->labels = memory_allocate(count * sizeof *part->labels);
    if (!x || !part->labels) return BASIN_MEMORY;
    part->count = count;
    for (size_t i = 0; i < count; i++) part->labels[i] = class_of(recipe, which, i);
    for (size_t j = 0; j < count * recipe->points; j++)
        x[j] = (float)((points[j] - mean) / deviation);
    return BASIN_OK;
}

static basin_status draw_all(const struct mnist1d_settings *settings, struct recipe *recipe,
                             struct arena *arena, struct arrays *arrays)
{
    double mean, deviation;
    size_t train = (size_t)(settings->common.train_size + settings->common.validation_size);
    size_t test = (size_t)settings->common.test_size;
    double *points = draw_many(recipe, SOURCE_TRAIN, train > REFERENCE ? train : REFERENCE, arena);
    double *tests = draw_many(recipe, SOURCE_TEST, test, arena);
    if (!points || !tests) return BASIN_MEMORY;
    statistics(points, REFERENCE * recipe->points, &mean, &deviation);
    if (deviation == 0)
        return error_raise(BASIN_DATA,
                           "data set mnist1d: with these parameters all points are equal");
    TRY(take_part(recipe, SOURCE_TRAIN, points, train, mean, deviation,
                  &arrays->parts[SOURCE_TRAIN]));
    return take_part(recipe, SOURCE_TEST, tests, test, mean, deviation,
                     &arrays->parts[SOURCE_TEST]);
}

static basin_status mnist1d_load(const void *given, struct source *source)
{
    const struct mnist1d_settings *settings = given;
    struct recipe recipe = {0};
    struct arrays *arrays;
    struct arena *arena;
    TRY(recipe_read(settings, &recipe));
    source->task = DATA_CLASSIFICATION;
    source->rank = 1;
    source->dims[0] = source->features = recipe.points;
    source->outputs = CLASSES;
    source->generated = true;
    TRY(arrays_create(source, RECORD_FLOAT32, &arrays));
    TRY(arena_create(&arena));
    basin_status status = recipe_prepare(settings, &recipe, arena);
    if (status == BASIN_OK) status = draw_all(settings, &recipe, arena, arrays);
    arena_destroy(arena);
    return status;
}

/* ---- the table ---- */

#define KNOB(name, least, most, default_text, text)                                                \
    {                                                                                              \
        .key = #name, SETTING(struct mnist1d_settings, name), .type = SCHEMA_FLOAT, .unit = "1",   \
        .minimum = least, .maximum = most, .fallback = default_text, .doc = text                   \
    }

#define POINTS(name, least, most, default_text, text)                                              \
    {                                                                                              \
        .key = #name, SETTING(struct mnist1d_settings, name), .type = SCHEMA_INTEGER,              \
        .unit = "points", .minimum = least, .maximum = most, .fallback = default_text, .doc = text \
    }

static const struct schema_row mnist1d_parameters[] = {
    DATA_SEED(
        "Seed of the examples and of the label noise. Another seed is another data set of the "
        "same kind."),
    DATA_GENERATED("train_size", train_size, "4000",
                   "Training examples to generate; every ten in a row contain each class once. A "
                   "smaller set is the beginning of a larger one with the same seed."),
    DATA_GENERATED("test_size", test_size, "1000", "Test examples to generate."),
    {.key = "validation_size",
     SETTING(struct data_settings, validation_size),
     .type = SCHEMA_INTEGER,
     .unit = "examples",
     .minimum = 0,
     .maximum = 10000000,
     .fallback = "0",
     .doc = "Validation examples to generate, in addition to the training examples."},
    DATA_STANDARDIZE,
    DATA_LABEL_NOISE,
    DATA_TRANSFORMS,
    POINTS(padding_minimum, 0, 1024, "36",
           "Smallest number of zeros after the 12 points of a template."),
    POINTS(padding_maximum, 0, 1024, "60",
           "Largest number of zeros after the 12 points of a template."),
    KNOB(scale, 0, 100, "0.4",
         "Amplitude of the random factor 1 + scale (u - 1/2), u uniform in 0 ... 1."),
    POINTS(max_translation, 1, 1024, "48",
           "The signal is rotated by 0 ... max_translation - 1 points, uniformly."),
    KNOB(correlated_noise, 0, 100, "0.25",
         "Standard deviation of the noise that replaces the zeros, before a Gaussian filter "
         "(standard deviation of two points) smooths it."),
    KNOB(noise, 0, 100, "0.02",
         "Standard deviation of the independent noise that is added to every point."),
    KNOB(shear, 0, 100, "0.75",
         "Amplitude of the random slope: shear (u - 1/2) times a ramp from -1/2 to 1/2 is "
         "subtracted."),
    POINTS(length, 2, 1024, "40", "Points per example."),
    {.key = "shuffle_points",
     SETTING(struct data_settings, shuffle_points),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc =
         "Permute the points of all examples by one random order, which destroys local structure."},
    {0}};

const struct entry mnist1d_entry = {
    .name = "mnist1d",
    .doc = "Ten classes of one-dimensional signals, generated, so that no file is needed. 4,000 + "
           "1,000 examples of 40 points by default.",
    .source = "Greydanus and Kobak, \"Scaling down deep learning with MNIST-1D\", ICML 2024",
    .parameters = mnist1d_parameters,
    .implementation = &(const struct dataset){.load = mnist1d_load},
    .settings_size = sizeof(struct mnist1d_settings)};
