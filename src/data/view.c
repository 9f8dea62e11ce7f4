#include "data/view.h"

#include <math.h>
#include <string.h>
#include "base/random.h"

/* ---- sizes ---- */

/* keys: one, or two that are too large together */
static basin_status refuse_sizes(const char *name, const char *key, const char *other,
                                 size_t wanted, size_t there)
{
    error_raise(BASIN_DATA, "data set %s: %s%s%s need%s %zu examples, but there are %zu", name, key,
                other ? " and " : "", other ? other : "", other ? "" : "s", wanted, there);
    error_key("%s%s%s", key, other ? ", " : "", other ? other : "");
    error_expected("at most %zu", there);
    error_found("%zu", wanted);
    error_hint("make the sizes smaller, or leave them out to use all");
    return BASIN_DATA;
}

static basin_status choose_sizes(struct data *data, const struct value *dataset)
{
    const struct source *source = data->source;
    const char *name = value_text(dataset, "name");
    int64_t train = value_integer(dataset, "train_size"),
            test = value_integer(dataset, "test_size");
    size_t validation = (size_t)value_integer(dataset, "validation_size");
    size_t there = source->parts[SOURCE_TRAIN].count, tests = source->parts[SOURCE_TEST].count;
    if (train == VALUE_ALL && validation >= there)
        return refuse_sizes(name, "validation_size", NULL, validation + 1, there);
    if (train != VALUE_ALL && (size_t)train + validation > there)
        return refuse_sizes(name, "train_size", validation ? "validation_size" : NULL,
                            (size_t)train + validation, there);
    if (test != VALUE_ALL && (size_t)test > tests)
        return refuse_sizes(name, "test_size", NULL, (size_t)test, tests);
    data->info.counts[DATA_TRAIN] = train == VALUE_ALL ? there - validation : (size_t)train;
    data->info.counts[DATA_VALIDATION] = validation;
    data->info.counts[DATA_TEST] = test == VALUE_ALL ? tests : (size_t)test;
    return BASIN_OK;
}

/* ---- splits ---- */

/* One permutation of the training data: its beginning trains, what follows validates. Generated
 * examples are independent draws, in an order as random as any, and keep it: so a smaller set is
 * the beginning of a larger one. */
static basin_status split(struct data *data, uint64_t seed)
{
    size_t there = data->source->parts[SOURCE_TRAIN].count, train = data->info.counts[DATA_TRAIN];
    uint32_t *order = arena_array(data->arena, uint32_t, there);
    if (!order) return BASIN_MEMORY;
    struct random random = random_make(seed, STREAM_SUBSET, 0, 0);
    if (data->source->generated)
        for (size_t i = 0; i < there; i++) order[i] = (uint32_t)i;
    else
        random_permutation(&random, order, there);
    data->rows[DATA_TRAIN] = order;
    data->rows[DATA_VALIDATION] = order + train;
    return BASIN_OK;
}

/* ---- labels ---- */

static basin_status copy_labels(struct data *data, enum data_part part)
{
    const int32_t *all = data->source->parts[view_source_part(part)].labels;
    int32_t *labels = arena_array(data->arena, int32_t, data->info.counts[part] + 1);
    if (!labels) return BASIN_MEMORY;
    for (size_t i = 0; i < data->info.counts[part]; i++) labels[i] = all[view_row(data, part, i)];
    data->labels[part] = data->clean[part] = labels;
    return BASIN_OK;
}

/* An exact number of training labels becomes a different class, uniformly. The examples are the
 * beginning of a permutation and each has its own draw, so that a higher fraction changes the same
 * labels in the same way, and more.
 */
static basin_status add_label_noise(struct data *data, uint64_t seed, double fraction)
{
    size_t count = data->info.counts[DATA_TRAIN], wrong = (size_t)llround(fraction * (double)count);
    uint32_t classes = (uint32_t)data->info.outputs;
    if (wrong == 0) return BASIN_OK;
    if (classes < 2) {
        error_raise(BASIN_DATA, "label_noise needs at least two classes, and the labels have one");
        error_key("label_noise");
        return BASIN_DATA;
    }
    int32_t *noisy = arena_array(data->arena, int32_t, count);
    uint32_t *order = arena_array(data->arena, uint32_t, count);
    if (!noisy || !order) return BASIN_MEMORY;
    struct random chosen = random_make(seed, STREAM_LABEL_NOISE, 0, 0),
                  shift = random_make(seed, STREAM_LABEL_NOISE, 1, 0);
    random_permutation(&chosen, order, count);
    memcpy(noisy, data->clean[DATA_TRAIN], count * sizeof *noisy);
    for (size_t i = 0; i < wrong; i++) {
        uint32_t at = order[i];
        noisy[at] =
            (int32_t)(((uint32_t)noisy[at] + 1 + random_below(&shift, at, classes - 1)) % classes);
    }
    data->labels[DATA_TRAIN] = noisy;
    return BASIN_OK;
}

static basin_status make_labels(struct data *data, const struct value *dataset, uint64_t seed)
{
    double noise = value_has(dataset, "label_noise") ? value_number(dataset, "label_noise") : 0;
    if (data->info.task == DATA_REGRESSION) {
        if (noise == 0) return BASIN_OK;
        error_raise(BASIN_DATA, "data set %s: label_noise needs classes, but y holds floats",
                    value_text(dataset, "name"));
        error_hint("leave label_noise out, or store y as integers");
        error_key("label_noise");
        return BASIN_DATA;
    }
    for (int part = 0; part < DATA_PARTS; part++) TRY(copy_labels(data, (enum data_part)part));
    return add_label_noise(data, seed, noise);
}

/* ---- standardisation ---- */

/* Sums over the training split, in float64, of x - origin and of its square, feature by feature.
 * Taken from the first example, a constant feature has deviations of exactly 0. */
struct moments {
    double *origin, *sum, *square;
};

static double view_element(const struct source *source, size_t row, size_t feature)
{
    size_t at = row * source->features + feature;
    const void *x = source->parts[SOURCE_TRAIN].x;
    switch (source->type) {
    case RECORD_BYTE:
        return ((const uint8_t *)x)[at] / 255.0;
    case RECORD_FLOAT32:
        return ((const float *)x)[at];
    default:
        return ((const double *)x)[at];
    }
}

static void take_moments(const struct data *data, struct moments *moments)
{
    const struct source *source = data->source;
    size_t features = source->features, first = view_row(data, DATA_TRAIN, 0);
    for (size_t j = 0; j < features; j++) moments->origin[j] = view_element(source, first, j);
    for (size_t i = 0; i < data->info.counts[DATA_TRAIN]; i++) {
        size_t row = view_row(data, DATA_TRAIN, i);
        for (size_t j = 0; j < features; j++) {
            double d = view_element(source, row, j) - moments->origin[j];
            moments->sum[j] += d;
            moments->square[j] += d * d;
        }
    }
}

/* mean and 1 / standard deviation; a constant feature is centred only. */
static void feature_statistics(const struct moments *moments, double n, size_t features,
                               double *mean, double *inverse)
{
    for (size_t j = 0; j < features; j++) {
        double offset = moments->sum[j] / n, variance = moments->square[j] / n - offset * offset;
        mean[j] = moments->origin[j] + offset;
        inverse[j] = variance > 1e-15 * moments->square[j] / n ? 1 / sqrt(variance) : 1;
    }
}

/* The mean of all elements, and their variance as that within features plus that between them. */
static void global_statistics(const struct moments *moments, double n, size_t features,
                              double *mean, double *inverse)
{
    double center = 0, variance = 0;
    for (size_t j = 0; j < features; j++)
        center += (moments->origin[j] + moments->sum[j] / n) / (double)features;
    for (size_t j = 0; j < features; j++) {
        double offset = moments->sum[j] / n, distance = moments->origin[j] + offset - center;
        variance += (fmax(moments->square[j] / n - offset * offset, 0) + distance * distance) /
                    (double)features;
    }
    for (size_t j = 0; j < features; j++) {
        mean[j] = center;
        inverse[j] = variance > 0 ? 1 / sqrt(variance) : 1;
    }
}

static const float *narrow(struct arena *arena, const double *wide, size_t count)
{
    float *values = arena_array(arena, float, count);
    for (size_t i = 0; values && i < count; i++) values[i] = (float)wide[i];
    return values;
}

static basin_status standardize(struct data *data, const char *how)
{
    if (strcmp(how, "none") == 0) return BASIN_OK;
    size_t features = data->info.features;
    double *work = arena_array(data->arena, double, 5 * features),
           n = (double)data->info.counts[DATA_TRAIN];
    if (!work) return BASIN_MEMORY;
    struct moments moments = {work, work + features, work + 2 * features};
    double *mean = work + 3 * features, *inverse = work + 4 * features;
    take_moments(data, &moments);
    if (strcmp(how, "global") == 0)
        global_statistics(&moments, n, features, mean, inverse);
    else
        feature_statistics(&moments, n, features, mean, inverse);
    data->mean = mean;
    data->inverse = inverse;
    data->mean_float = narrow(data->arena, mean, features);
    data->inverse_float = narrow(data->arena, inverse, features);
    return data->mean_float && data->inverse_float ? BASIN_OK : BASIN_MEMORY;
}

/* ---- the whole ---- */

static void view_describe(struct data_info *info, const struct source *source)
{
    *info = (struct data_info){.task = source->task,
                               .rank = source->rank,
                               .features = source->features,
                               .outputs = source->outputs,
                               .positions = 1,
                               .available = source->available,
                               .test_available = source->test_available,
                               .has_digest = !source->generated,
                               .digest = source->digest,
                               .bytes = source_bytes(source)};
    for (int i = 0; i < source->rank; i++) info->dims[i] = source->dims[i];
}

basin_status view_make(struct data *data, const struct source *source, const struct value *dataset)
{
    data->source = source;
    view_describe(&data->info, source);
    if (source->task == DATA_LANGUAGE) return text_view(data, dataset);
    uint64_t seed = (uint64_t)value_integer(dataset, "seed");
    TRY(choose_sizes(data, dataset));
    TRY(split(data, seed));
    TRY(make_labels(data, dataset, seed));
    return standardize(data, value_text(dataset, "standardize"));
}
