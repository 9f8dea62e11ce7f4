/* Views: what one `dataset` block chooses from a source, and what is done to it.
 *
 * Purpose.  The second step of source -> view -> transforms: a view says which examples are in each
 * part, with which labels and statistics; and which transforms act on them as they are gathered.
 * Ownership.  A view refers to its source and its settings, and owns the rest by its arena.
 */
#ifndef BASIN_DATA_VIEW_H
#define BASIN_DATA_VIEW_H

#include "base/text.h"
#include "data/dataset.h"

struct data {
    struct data_info info;
    const struct source *source;
    const struct data_settings *settings;
    struct arena *arena; /* of everything below */
    const char *origin;  /* paths of the block, ", " between them, or else the data set's name */
    const uint32_t
        *rows[DATA_PARTS]; /* row of the source part at each position; NULL: position i is row i */
    size_t asked[DATA_PARTS]; /* examples, where groups have made it other numbers; else 0 */
    const int32_t *labels[DATA_PARTS], *clean[DATA_PARTS];
    /* (features) each, or NULL where nothing is standardised: x becomes (x - mean) * inverse */
    const double *mean, *inverse;
};

/* Fills a zeroed `data` whose arena is made: the transforms of stage DATA_VIEW, in order. */
basin_status view_make(struct data *data, const struct source *source,
                       const struct data_settings *settings);

/* The transforms of stage DATA_SOURCE, in order, on a source that has just been loaded. */
basin_status view_prepare(struct source *source, const struct data_settings *settings);

/* Appends the name of a class or of a feature as messages have it: escaped, and cut where it is
 * long (summary.c). */
void view_put_name(const char *name, struct text *out);

static inline size_t view_row(const struct data *data, enum data_part part, size_t position)
{
    return data->rows[part] ? data->rows[part][position] : position;
}

#endif
