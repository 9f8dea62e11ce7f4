/* Sources that are arrays of examples with a class or regression targets each.
 *
 * Purpose.  A data set of files hands over four arrays (source_from_arrays); a recipe fills the
 * parts itself (arrays_create).
 * Errors.  BASIN_DATA with the file, the key and the element to blame; BASIN_MEMORY.
 */
#ifndef BASIN_DATA_ARRAYS_H
#define BASIN_DATA_ARRAYS_H

#include "data/dataset.h"
#include "formats/idx_file.h"
#include "store/array.h"

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
    void *x;         /* (count, features) of the arrays' type */
    int32_t *labels; /* (count) classes; NULL for regression */
    double *targets; /* (count, outputs); NULL for classification */
};

struct arrays {
    enum record_type type; /* of x: RECORD_BYTE, RECORD_FLOAT32 or RECORD_FLOAT64 */
    struct array_part parts[SOURCE_PARTS];
    bool *twins; /* (test count) is it a training example too? NULL for a recipe */
};

/* Bytes of images are multiplied by it, in the arithmetic of whoever reads them. */
#define DATA_BYTE_SCALE (1.0 / 255)

extern const struct source_kind source_kind_arrays;

/* Makes `source` one of arrays, all of them empty; its parts own the memory put into them. */
basin_status arrays_create(struct source *source, enum record_type type, struct arrays **arrays);

/* Fills `twins` (twins.c). */
basin_status arrays_find_twins(struct source *source);

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
static inline int arrays_part(enum data_part part)
{
    return part == DATA_TEST ? SOURCE_TEST : SOURCE_TRAIN;
}

/* gather.c */
void arrays_gather_float(const struct data *data, const struct data_gather *gather, bool raw,
                         float *x, float *y);
void arrays_gather_double(const struct data *data, const struct data_gather *gather, bool raw,
                          double *x, double *y);

/* An array of a file with what messages call it. */
struct source_array {
    struct store_array array;
    const char *file;
    const char *name;         /* "images", "dataset \"y\"" */
    const char *key;          /* of the block `dataset` that names the file */
    struct idx_layout layout; /* of an IDX file; size 0 for others, whose bytes say nothing */
};

enum { ARRAY_X, ARRAY_Y, ARRAY_X_TEST, ARRAY_Y_TEST, ARRAYS };

static inline bool source_array_is_label(int which)
{
    return which == ARRAY_Y || which == ARRAY_Y_TEST;
}

void source_arrays_free(struct source_array arrays[ARRAYS]);

/* Checks four arrays against each other, converts them and takes their memory: integer y are
 * classes, float y regression targets. `classes` is their number where it is known: a label beyond
 * it is refused (0: one more than the largest label).
 */
basin_status source_from_arrays(struct source *source, struct source_array arrays[ARRAYS],
                                size_t classes);

/* Bytes of what has been read of them. */
double source_arrays_bytes(const struct source_array arrays[ARRAYS]);

/* The four IDX files that `arrays` names, checked, within source->most (idx.c). */
basin_status idx_read_arrays(const struct source *source, struct source_array arrays[ARRAYS]);

#endif
