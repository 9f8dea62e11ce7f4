/* Sources: the raw arrays of a data set, as a file or a recipe gives them, before any split.
 *
 * Purpose.  Every data set is a `dataset_kind` with one function that fills a `struct source`;
 * splits, noise and standardisation are the same for all and live in view.c.
 * Ownership.  A source owns its arrays (memory_allocate); source_free releases them.
 */
#ifndef BASIN_DATA_SOURCE_H
#define BASIN_DATA_SOURCE_H

#include "data/data.h"
#include "data/idx.h"
#include "store/array.h"

enum { SOURCE_TRAIN, SOURCE_TEST, SOURCE_PARTS };
enum { SOURCE_CLASSES_MOST = 65536 };

struct source_part {
    size_t count;
    void *x;         /* (count, features) of the source's type */
    int32_t *labels; /* (count) classes; NULL for regression */
    double *targets; /* (count, outputs); NULL for classification */
};

struct source {
    enum data_task task;
    enum record_type type; /* of x: RECORD_BYTE, RECORD_FLOAT32 or RECORD_FLOAT64 */
    int rank;
    size_t dims[3], features, outputs;
    bool generated;   /* examples are independent draws: their order is already random, and there is
                         no digest */
    size_t available; /* training examples there are; 0 where as many are generated as the sizes ask
                         for */
    size_t test_available; /* the same of test examples */
    struct digest digest;
    struct source_part parts[SOURCE_PARTS];
    /* Of a text: every window of `features` tokens is an example; parts hold their counts alone. */
    uint16_t *tokens;
    uint32_t *codes; /* (outputs) of each token: a byte, or a Unicode code point */
    size_t token_count, starts[DATA_PARTS], windows[DATA_PARTS];
};

void source_free(struct source *source);
size_t source_bytes(const struct source *source);
/* Moves the points of all examples to one random order; the channels of a pixel stay together. */
basin_status source_shuffle(struct source *source);

/* What one kind of data set supplies. */
struct dataset_kind {
    /* Fills an empty source. On failure it may leave arrays in it, which the caller releases. */
    basin_status (*load)(const struct value *dataset, struct source *source);
    const char *const *view_keys; /* parameters that do not change the source, NULL-terminated */
};

extern const struct dataset_kind kind_fashion_mnist, kind_idx, kind_hdf5, kind_mnist1d,
    kind_linear_regression, kind_text, kind_kjv_text;

/* An array of a file with what messages call it. */
struct source_array {
    struct store_array array;
    const char *file;
    const char *name;         /* "images", "dataset \"y\"" */
    const char *key;          /* of the block `dataset` that names the file */
    struct idx_layout layout; /* of an IDX file; size 0 for others, whose bytes say nothing */
};

enum { ARRAY_X, ARRAY_Y, ARRAY_X_TEST, ARRAY_Y_TEST, ARRAYS };

/* Checks four arrays against each other, converts them and takes their memory: integer y are
 * classes, float y regression targets. `classes` is their number where it is known: a label beyond
 * it is refused (0: one more than the largest label).
 */
basin_status source_from_arrays(struct source *source, struct source_array arrays[ARRAYS],
                                size_t classes);

/* Tokens and windows of a whole text, as the block `dataset` of kind text wants them; `name` is
 * what messages call it. */
basin_status source_from_text(struct source *source, const unsigned char *data, size_t length,
                              const struct value *dataset, const char *name);

#endif
