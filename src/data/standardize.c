/* Standardisation by the statistics of the training split: x becomes (x - mean) / deviation. */
#include <math.h>
#include "data/arrays.h"
#include "data/view.h"

const char *const data_standardize_choices[] = {"none", "global", "feature", NULL};

/* Sums over the training split, in float64, of x - origin and of its square, feature by feature.
 * Taken from the first example, a constant feature has deviations of exactly 0. */
struct moments {
    double *origin, *sum, *square;
};

static double view_element(const struct source *source, size_t row, size_t feature)
{
    return arrays_element(source_arrays(source), SOURCE_TRAIN, row * source->features + feature);
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

static basin_status standardize_view(struct data *data, const void *settings)
{
    enum data_standardize how = ((const struct data_settings *)settings)->standardize;
    if (how == STANDARDIZE_NONE) return BASIN_OK;
    size_t features = data->info.features;
    double *work = arena_array(data->arena, double, 5 * features),
           n = (double)data->info.counts[DATA_TRAIN];
    if (!work) return BASIN_MEMORY;
    struct moments moments = {work, work + features, work + 2 * features};
    double *mean = work + 3 * features, *inverse = work + 4 * features;
    take_moments(data, &moments);
    if (how == STANDARDIZE_GLOBAL)
        global_statistics(&moments, n, features, mean, inverse);
    else
        feature_statistics(&moments, n, features, mean, inverse);
    data->mean = mean;
    data->inverse = inverse;
    data->mean_float = narrow(data->arena, mean, features);
    data->inverse_float = narrow(data->arena, inverse, features);
    return data->mean_float && data->inverse_float ? BASIN_OK : BASIN_MEMORY;
}

static const struct schema_row standardize_rows[] = {DATA_STANDARDIZE, {0}};

const struct entry standardize_entry = {
    .name = "standardize",
    .doc = "Mean 0 and deviation 1 over the training split, of all numbers or of each feature.",
    .parameters = standardize_rows,
    .implementation =
        &(const struct transform){.stage = DATA_VIEW, .keyed = true, .view = standardize_view}};
