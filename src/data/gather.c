/* Gathering batches: the part of the data that is inside the training loop. */
#include <assert.h>
#include <string.h>
#include "data/data.h"
#include "data/arrays.h"
#include "data/view.h"

/* x * scale, and (x * scale - mean) * inverse where data are standardised; scale is 1/255 for bytes
 * and 1 for floats. Standardising is float64 arithmetic in both precisions: of seconds since 1970,
 * or of a constant, float32 would leave nothing but rounding. Plain loops over contiguous rows,
 * which the compiler turns into vectors. */
#define DEFINE_ROW(name, in_type, out_type, scale)                                                 \
    static void name(const in_type *restrict in, size_t features, const double *restrict mean,     \
                     const double *restrict inverse, out_type *restrict out)                       \
    {                                                                                              \
        if (!mean)                                                                                 \
            for (size_t j = 0; j < features; j++) out[j] = (out_type)in[j] * (out_type)(scale);    \
        else                                                                                       \
            for (size_t j = 0; j < features; j++)                                                  \
                out[j] = (out_type)(((double)in[j] * (scale)-mean[j]) * inverse[j]);               \
    }

DEFINE_ROW(byte_to_float, uint8_t, float, DATA_BYTE_SCALE)
DEFINE_ROW(float_to_float, float, float, 1)
DEFINE_ROW(double_to_float, double, float, 1)
DEFINE_ROW(byte_to_double, uint8_t, double, DATA_BYTE_SCALE)
DEFINE_ROW(float_to_double, float, double, 1)
DEFINE_ROW(double_to_double, double, double, 1)

/* Rows of a shuffled batch lie anywhere in memory: ask for one some rows ahead. */
static void prefetch(const uint8_t *row, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(row + at, 0, 0);
}

enum { AHEAD = 3, PREFETCH_MOST = 4096 };

#define DEFINE_GATHER(name, out_type, from_byte, from_float, from_double)                          \
    static void name##_x(const struct data *data, const struct data_gather *gather, bool raw,      \
                         out_type *x)                                                              \
    {                                                                                              \
        const struct arrays *arrays = source_arrays(data->source);                                 \
        const double *mean = raw ? NULL : data->mean;                                              \
        const double *inverse = raw ? NULL : data->inverse;                                        \
        const enum data_part part = gather->part;                                                  \
        const uint32_t *rows = gather->rows;                                                       \
        size_t count = gather->count;                                                              \
        const uint8_t *base = arrays_part(data, part)->x;                                          \
        size_t features = data->info.features,                                                     \
               bytes = features * record_element_size(arrays->type);                               \
        for (size_t i = 0; i < count; i++, x += features) {                                        \
            assert(rows[i] < data->info.counts[part]);                                             \
            if (i + AHEAD < count && bytes <= PREFETCH_MOST)                                       \
                prefetch(base + view_row(data, part, rows[i + AHEAD]) * bytes, bytes);             \
            const void *row = base + view_row(data, part, rows[i]) * bytes;                        \
            switch (arrays->type) {                                                                \
            case RECORD_BYTE:                                                                      \
                from_byte(row, features, mean, inverse, x);                                        \
                break;                                                                             \
            case RECORD_FLOAT32:                                                                   \
                from_float(row, features, mean, inverse, x);                                       \
                break;                                                                             \
            default:                                                                               \
                from_double(row, features, mean, inverse, x);                                      \
                break;                                                                             \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void name##_y(const struct data *data, const struct data_gather *gather, out_type *y)   \
    {                                                                                              \
        const enum data_part part = gather->part;                                                  \
        const uint32_t *rows = gather->rows;                                                       \
        size_t count = gather->count;                                                              \
        size_t outputs = data->info.outputs;                                                       \
        const double *targets = arrays_part(data, part)->targets;                                  \
        if (!targets) memset(y, 0, count *outputs * sizeof *y);                                    \
        for (size_t i = 0; i < count; i++, y += outputs) {                                         \
            if (!targets)                                                                          \
                y[data->labels[part][rows[i]]] = 1;                                                \
            else                                                                                   \
                for (size_t k = 0; k < outputs; k++)                                               \
                    y[k] = (out_type)targets[view_row(data, part, rows[i]) * outputs + k];         \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    void name(const struct data *data, const struct data_gather *gather, bool raw, out_type *x,    \
              out_type *y)                                                                         \
    {                                                                                              \
        if (x) name##_x(data, gather, raw, x);                                                     \
        if (y) name##_y(data, gather, y);                                                          \
    }

DEFINE_GATHER(arrays_gather_float, float, byte_to_float, float_to_float, double_to_float)
DEFINE_GATHER(arrays_gather_double, double, byte_to_double, float_to_double, double_to_double)

/* ---- transforms of a gather ---- */

/* Does it act on these examples? What is drawn anew in every epoch acts in training alone, what
 * changes the data that a network is shown on its test part. */
static bool transform_acts(const struct setting_variant *listed, const struct data_gather *gather)
{
    const struct transform *transform = listed->entry->implementation;
    if (transform->stage == DATA_BATCH) return gather->part == DATA_TRAIN && gather->epoch > 0;
    return transform->stage == DATA_EVALUATION && gather->part == DATA_TEST;
}

size_t data_scratch(const struct data *data)
{
    for (size_t k = 0; k < data->settings->transforms.count; k++) {
        const struct transform *transform =
            data->settings->transforms.items[k].entry->implementation;
        if (transform->example) return 2 * data->info.features;
    }
    return 0;
}

static bool gather_transforms(const struct data *data, const struct data_gather *gather)
{
    bool acts = false;
    for (size_t k = 0; k < data->settings->transforms.count && !acts; k++)
        acts = transform_acts(&data->settings->transforms.items[k], gather);
    return acts;
}

/* Elements that transform k of an example draws begin at k 2^24 of the example's sequence. */
enum { DRAWS_BITS = 24 };

static struct transform_example example_of(const struct data *data,
                                           const struct data_gather *gather, size_t k, size_t i)
{
    const struct setting_variant *listed = &data->settings->transforms.items[k];
    const struct transform *transform = listed->entry->implementation;
    bool batch = transform->stage == DATA_BATCH;
    int64_t row = data->source->kind->row(data, gather->part, gather->rows[i]);
    uint64_t seed = batch ? gather->seed : (uint64_t)data->settings->seed;
    return (struct transform_example){
        .settings = listed->settings,
        .info = &data->info,
        .random = random_make(seed, STREAM_AUGMENT, batch ? gather->epoch : 0, (uint32_t)row),
        .first = (uint64_t)k << DRAWS_BITS,
        .scratch = gather->scratch + data->info.features};
}

/* Example i through each transform in turn, then standardised: in gather->scratch. */
static const double *transform_one(const struct data *data, const struct data_gather *gather,
                                   size_t i)
{
    const struct setting_list *list = &data->settings->transforms;
    struct data_gather one = *gather;
    double *x = gather->scratch;
    one.rows += i;
    one.count = 1;
    data->source->kind->gather_double(data, &one, true, x, NULL);
    for (size_t k = 0; k < list->count; k++) {
        const struct transform *transform = list->items[k].entry->implementation;
        if (!transform_acts(&list->items[k], gather)) continue;
        struct transform_example example = example_of(data, gather, k, i);
        transform->example(&example, x);
    }
    for (size_t j = 0; data->mean && j < data->info.features; j++)
        x[j] = (x[j] - data->mean[j]) * data->inverse[j];
    return x;
}

#define DEFINE_TRANSFORM(name, type, kind_gather)                                                  \
    void name(const struct data *data, const struct data_gather *gather, type *x, type *y)         \
    {                                                                                              \
        bool transforms = x && gather_transforms(data, gather);                                    \
        data->source->kind->kind_gather(data, gather, false, transforms ? NULL : x, y);            \
        assert(!transforms || gather->scratch);                                                    \
        for (size_t i = 0; transforms && i < gather->count; i++) {                                 \
            const double *one = transform_one(data, gather, i);                                    \
            for (size_t j = 0; j < data->info.features; j++) *x++ = (type)one[j];                  \
        }                                                                                          \
    }

DEFINE_TRANSFORM(data_gather_float, float, gather_float)
DEFINE_TRANSFORM(data_gather_double, double, gather_double)
