/* Gathering batches: the part of the data that is inside the training loop. */
#include <assert.h>
#include <string.h>
#include "data/view.h"

/* x * scale, and (x * scale - mean) * inverse where data are standardised; scale is 1/255 for bytes
 * and 1 for floats. Plain loops over contiguous rows, which the compiler turns into vectors. */
#define DEFINE_ROW(name, in_type, out_type, scale)                                                 \
    static void name(const in_type *restrict in, size_t features, const out_type *restrict mean,   \
                     const out_type *restrict inverse, out_type *restrict out)                     \
    {                                                                                              \
        if (!mean)                                                                                 \
            for (size_t j = 0; j < features; j++) out[j] = (out_type)in[j] * (out_type)(scale);    \
        else                                                                                       \
            for (size_t j = 0; j < features; j++)                                                  \
                out[j] = ((out_type)in[j] * (out_type)(scale)-mean[j]) * inverse[j];               \
    }

DEFINE_ROW(byte_to_float, uint8_t, float, 1.0 / 255)
DEFINE_ROW(float_to_float, float, float, 1)
DEFINE_ROW(double_to_float, double, float, 1)
DEFINE_ROW(byte_to_double, uint8_t, double, 1.0 / 255)
DEFINE_ROW(float_to_double, float, double, 1)
DEFINE_ROW(double_to_double, double, double, 1)

/* Rows of a shuffled batch lie anywhere in memory: ask for one some rows ahead. */
static void prefetch(const uint8_t *row, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(row + at, 0, 0);
}

enum { AHEAD = 3, PREFETCH_MOST = 4096 };

#define DEFINE_GATHER(name, out_type, from_byte, from_float, from_double, mean_of, inverse_of,     \
                      windows)                                                                     \
    static void name##_x(const struct data *data, const struct data_gather *gather, out_type *x)   \
    {                                                                                              \
        const struct source *source = data->source;                                                \
        const enum data_part part = gather->part;                                                  \
        const uint32_t *rows = gather->rows;                                                       \
        size_t count = gather->count;                                                              \
        const uint8_t *base = source->parts[view_source_part(part)].x;                             \
        size_t features = source->features, bytes = features * record_element_size(source->type);  \
        for (size_t i = 0; i < count; i++, x += features) {                                        \
            assert(rows[i] < data->info.counts[part]);                                             \
            if (i + AHEAD < count && bytes <= PREFETCH_MOST)                                       \
                prefetch(base + view_row(data, part, rows[i + AHEAD]) * bytes, bytes);             \
            const void *row = base + view_row(data, part, rows[i]) * bytes;                        \
            switch (source->type) {                                                                \
            case RECORD_BYTE:                                                                      \
                from_byte(row, features, data->mean_of, data->inverse_of, x);                      \
                break;                                                                             \
            case RECORD_FLOAT32:                                                                   \
                from_float(row, features, data->mean_of, data->inverse_of, x);                     \
                break;                                                                             \
            default:                                                                               \
                from_double(row, features, data->mean_of, data->inverse_of, x);                    \
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
        const double *targets = data->source->parts[view_source_part(part)].targets;               \
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
    void name(const struct data *data, const struct data_gather *gather, out_type *x, out_type *y) \
    {                                                                                              \
        if (data->source->tokens) {                                                                \
            windows(data, gather, x, y);                                                           \
            return;                                                                                \
        }                                                                                          \
        if (x) name##_x(data, gather, x);                                                          \
        if (y) name##_y(data, gather, y);                                                          \
    }

DEFINE_GATHER(data_gather_float, float, byte_to_float, float_to_float, double_to_float, mean_float,
              inverse_float, text_gather_float)
DEFINE_GATHER(data_gather_double, double, byte_to_double, float_to_double, double_to_double, mean,
              inverse, text_gather_double)
