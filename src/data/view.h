/* Views: one `dataset` block's choice from a source: splits, label noise, standardisation, sizes.
 */
#ifndef BASIN_DATA_VIEW_H
#define BASIN_DATA_VIEW_H

#include "data/source.h"

struct data {
    struct data_info info;
    const struct source *source;
    struct arena *arena; /* of everything below */
    const uint32_t
        *rows[DATA_PARTS]; /* row of the source part at each position; NULL: position i is row i */
    const int32_t *labels[DATA_PARTS], *clean[DATA_PARTS];
    /* (features) each, or NULL where nothing is standardised: x becomes (x - mean) * inverse */
    const double *mean, *inverse;
    const float *mean_float, *inverse_float;
};

/* Fills a zeroed `data` whose arena is made. */
basin_status view_make(struct data *data, const struct source *source, const struct value *dataset);

/* Of a text (text.c): the sizes of the parts; windows of tokens. */
basin_status text_view(struct data *data, const struct value *dataset);
void text_gather_float(const struct data *data, const struct data_gather *gather, float *x,
                       float *y);
void text_gather_double(const struct data *data, const struct data_gather *gather, double *x,
                        double *y);

/* The source part that a part's rows are in. */
static inline int view_source_part(enum data_part part)
{
    return part == DATA_TEST ? SOURCE_TEST : SOURCE_TRAIN;
}

static inline size_t view_row(const struct data *data, enum data_part part, size_t position)
{
    return data->rows[part] ? data->rows[part][position] : position;
}

#endif
