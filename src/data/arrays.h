/* Sources that are arrays of examples with a class or regression targets each.
 *
 * Purpose.  Files hand over what they hold (data/input.h makes this of it); a recipe fills the
 * parts itself (arrays_create).
 * Errors.  BASIN_DATA with the file, the key and the element to blame; BASIN_MEMORY.
 */
#ifndef BASIN_DATA_ARRAYS_H
#define BASIN_DATA_ARRAYS_H

#include "base/record.h"
#include "data/dataset.h"
#include "data/view.h"

enum { SOURCE_TRAIN, SOURCE_TEST, SOURCE_PARTS };
enum { SOURCE_CLASSES_MOST = 65536 };

/* Where an array comes from, for messages about its elements; all 0 for a recipe. */
struct array_origin {
    char *file, *name; /* "data.h5", "dataset \"x\"" */
    const char *key;   /* of the block `dataset` that names the file */
    double most;       /* the largest magnitude of its elements */
};

struct array_part {
    struct array_origin x_from, y_from;
    size_t count;
    void *x;          /* (count, features) of the arrays' type */
    int32_t *labels;  /* (count) classes; NULL for regression */
    double *targets;  /* (count, outputs); NULL for classification */
    uint32_t *groups; /* (count) number of the group that must stay whole, or NULL */
    uint32_t *rows;   /* (count) row of the file; NULL: example i is row i */
    uint64_t *hashes; /* (count) of x: equal examples are found by it; NULL for a recipe */
};

struct arrays {
    enum record_type type;                 /* of x: RECORD_BYTE, RECORD_FLOAT32 or RECORD_FLOAT64 */
    struct array_part parts[SOURCE_PARTS]; /* the test part is empty where the source is whole */
};

/* Bytes of images are multiplied by it, in the arithmetic of whoever reads them. */
#define DATA_BYTE_SCALE (1.0 / 255)

extern const struct source_kind source_kind_arrays;

/* Makes `source` one of arrays, all of them empty; its parts own the memory put into them. */
basin_status arrays_create(struct source *source, enum record_type type, struct arrays **arrays);

/* Fills `hashes` (twins.c). */
basin_status arrays_hash(struct source *source);
/* How many examples of a part of a view are training examples of it too, element by element. */
struct twins {
    size_t equal;  /* x and y */
    size_t inputs; /* x, whatever y is: those of `equal` too */
};

/* BASIN_MEMORY. */
basin_status arrays_count_twins(const struct data *data, enum data_part part, struct twins *twins);

/* Of a source of this kind. */
static inline struct arrays *source_arrays(const struct source *source)
{
    return source->examples;
}

/* Element `at` of all elements of x of a part; of bytes in 0 ... 1. */
static inline double arrays_element(const struct arrays *arrays, int part, size_t at)
{
    const void *x = arrays->parts[part].x;
    switch (arrays->type) {
    case RECORD_BYTE:
        return ((const uint8_t *)x)[at] * DATA_BYTE_SCALE;
    case RECORD_FLOAT32:
        return ((const float *)x)[at];
    default:
        return ((const double *)x)[at];
    }
}

/* The smallest and the largest element of x of a part. */
void arrays_range(const struct source *source, int part, double *low, double *high);

/* The source part that a part's rows are in. */
static inline const struct array_part *arrays_part(const struct data *data, enum data_part part)
{
    int which = part == DATA_TEST && !data->source->whole ? SOURCE_TEST : SOURCE_TRAIN;
    return &source_arrays(data->source)->parts[which];
}

/* gather.c */
void arrays_gather_float(const struct data *data, const struct data_gather *gather, bool raw,
                         float *x, float *y);
void arrays_gather_double(const struct data *data, const struct data_gather *gather, bool raw,
                          double *x, double *y);

#endif
