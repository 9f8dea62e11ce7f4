/* Standardisation by the statistics of the training split: x becomes (x - mean) / deviation. */
#include <math.h>
#include "data/arrays.h"
#include "data/data.h"
#include "data/view.h"

const char *const data_standardize_choices[] = {"none", "global", "feature", NULL};

static double view_element(const struct source *source, size_t row, size_t feature)
{
    return arrays_element(source_arrays(source), SOURCE_TRAIN, row * source->features + feature);
}

/* Sums over the training split, in float64, of d = scale (x - origin) and of its square, feature by
 * feature. The origin is an element of what is standardised together: so d is exactly 0 throughout
 * constant data, and small where all of x is far from 0. The scale is a power of two that keeps
 * squares away from both ends of the range of float64. */
struct moments {
    double *scale, *origin, *sum, *square; /* (features) */
};

enum { SCALE_MOST = 900 }; /* as an exponent: 1 / deviation stays finite too */

static void choose_scales(const struct data *data, double *scale)
{
    const struct source *source = data->source;
    size_t features = source->features;
    bool is_wide = source_arrays(source)->type == RECORD_FLOAT64;
    for (size_t i = 0; is_wide && i < data->info.counts[DATA_TRAIN]; i++) {
        size_t row = view_row(data, DATA_TRAIN, i);
        for (size_t j = 0; j < features; j++)
            scale[j] = fmax(scale[j], fabs(view_element(source, row, j)));
    }
    for (size_t j = 0; j < features; j++) {
        int exponent = scale[j] > 0 ? ilogb(scale[j]) : 0;
        scale[j] = ldexp(1, -exponent < SCALE_MOST ? -exponent : SCALE_MOST);
    }
}

/* One origin and one scale for all features. */
static void share_scale(struct moments *moments, size_t features)
{
    double least = moments->scale[0];
    for (size_t j = 0; j < features; j++) least = fmin(least, moments->scale[j]);
    for (size_t j = 0; j < features; j++) {
        moments->scale[j] = least;
        moments->origin[j] = moments->origin[0];
    }
}

static void take_moments(const struct data *data, bool together, struct moments *moments)
{
    const struct source *source = data->source;
    size_t features = source->features, first = view_row(data, DATA_TRAIN, 0);
    choose_scales(data, moments->scale);
    for (size_t j = 0; j < features; j++) moments->origin[j] = view_element(source, first, j);
    if (together) share_scale(moments, features);
    for (size_t i = 0; i < data->info.counts[DATA_TRAIN]; i++) {
        size_t row = view_row(data, DATA_TRAIN, i);
        for (size_t j = 0; j < features; j++) {
            double s = moments->scale[j],
                   d = view_element(source, row, j) * s - moments->origin[j] * s;
            moments->sum[j] += d;
            moments->square[j] += d * d;
        }
    }
}

struct statistics {
    double mean, inverse; /* of the standard deviation */
};

/* Of n numbers, from their sums; what is constant is centred only. */
static struct statistics statistics_of(double scale, double origin, double sum, double square,
                                       double n)
{
    double offset = sum / n, mean_square = square / n, variance = mean_square - offset * offset,
           inverse = scale / sqrt(variance);
    return (struct statistics){origin + offset / scale,
                               variance > 1e-15 * mean_square && isfinite(inverse) ? inverse : 1};
}

static void feature_statistics(const struct moments *moments, double n, size_t features,
                               double *mean, double *inverse)
{
    for (size_t j = 0; j < features; j++) {
        struct statistics found = statistics_of(moments->scale[j], moments->origin[j],
                                                moments->sum[j], moments->square[j], n);
        mean[j] = found.mean;
        inverse[j] = found.inverse;
    }
}

static void global_statistics(const struct moments *moments, double n, size_t features,
                              double *mean, double *inverse)
{
    double sum = 0, square = 0;
    for (size_t j = 0; j < features; j++) {
        sum += moments->sum[j];
        square += moments->square[j];
    }
    struct statistics found =
        statistics_of(moments->scale[0], moments->origin[0], sum, square, n * (double)features);
    for (size_t j = 0; j < features; j++) {
        mean[j] = found.mean;
        inverse[j] = found.inverse;
    }
}

static basin_status standardize_view(struct data *data, const void *settings)
{
    enum data_standardize how = ((const struct data_settings *)settings)->standardize;
    if (how == STANDARDIZE_NONE) return BASIN_OK;
    size_t features = data->info.features;
    double *work = arena_array(data->arena, double, 6 * features),
           n = (double)data->info.counts[DATA_TRAIN];
    if (!work) return BASIN_MEMORY;
    struct moments moments = {work, work + features, work + 2 * features, work + 3 * features};
    double *mean = work + 4 * features, *inverse = work + 5 * features;
    take_moments(data, how == STANDARDIZE_GLOBAL, &moments);
    if (how == STANDARDIZE_GLOBAL)
        global_statistics(&moments, n, features, mean, inverse);
    else
        feature_statistics(&moments, n, features, mean, inverse);
    data->mean = mean;
    data->inverse = inverse;
    return BASIN_OK;
}

/* ---- what earlier versions lost ---- */

enum { FAR = 10000, JUDGED = 2000 };

/* Is the mean of these numbers FAR deviations from 0 or more? (Welford, Technometrics 1962) */
struct spread {
    double count, mean, squares;
};

static void spread_add(struct spread *spread, double x)
{
    double d = x - spread->mean;
    spread->mean += d / ++spread->count;
    spread->squares += d * (x - spread->mean);
}

static bool spread_is_far(const struct spread *spread)
{
    double variance = spread->squares / spread->count;
    return variance > 0 && fabs(spread->mean) >= FAR * sqrt(variance);
}

bool data_lost_in_float32(const struct data *data)
{
    enum data_standardize how = data->settings->standardize;
    const struct source *source = data->source;
    if (how == STANDARDIZE_NONE || source->generated || source->kind != &source_kind_arrays)
        return false;
    size_t count = source_arrays(source)->parts[SOURCE_TRAIN].count;
    if (count > JUDGED) count = JUDGED;
    struct spread all = {0};
    for (size_t j = 0; j < source->features; j++) {
        struct spread one = {0};
        for (size_t i = 0; i < count; i++)
            spread_add(how == STANDARDIZE_GLOBAL ? &all : &one, view_element(source, i, j));
        if (how == STANDARDIZE_FEATURE && spread_is_far(&one)) return true;
    }
    return how == STANDARDIZE_GLOBAL && spread_is_far(&all);
}

static const struct schema_row standardize_rows[] = {DATA_STANDARDIZE, {0}};

const struct entry standardize_entry = {
    .name = "standardize",
    .doc = "Mean 0 and deviation 1 over the training split, of all numbers or of each feature.",
    .parameters = standardize_rows,
    .implementation =
        &(const struct transform){.stage = DATA_VIEW, .keyed = true, .view = standardize_view}};
