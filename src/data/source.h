/* Sources: what a data set's files or recipe give, before anything is chosen from it or done to it.
 *
 * Purpose.  The first of the three steps source -> view -> transforms. A source describes its
 * examples; how they are stored is the business of a `struct source_kind`: arrays of examples
 * (data/arrays.h), or one long text of which every window is an example (data/text.h). A kind
 * brings its own gather.
 * Promise.  After its transforms of stage DATA_SOURCE a source never changes; all views of one
 * process share it.
 * Ownership.  A source owns what its kind stores (memory_allocate); source_free releases it, also
 * where loading failed half-way.
 */
#ifndef BASIN_DATA_SOURCE_H
#define BASIN_DATA_SOURCE_H

#include "data/info.h"

struct source_kind;

struct source {
    const char *name; /* of the data set, for messages */
    double most;      /* bytes of memory that it may take; asked before anything is read */
    enum data_task task;
    int rank; /* of one example, as in struct data_info */
    size_t dims[3], features, outputs;
    size_t vocabulary;     /* 0: examples are numbers; else they are tokens */
    const uint32_t *codes; /* (vocabulary) of each token; NULL where there are none */
    bool generated;        /* examples are independent draws: their order is already random, and
                              there is no digest */
    bool whole;            /* test examples are cut from the training data: there are no others */
    size_t available;      /* training examples there are; 0 where as many are generated as the
                              sizes ask for */
    size_t test_available; /* the same of test examples */
    struct digest digest;  /* of the decoded content */
    struct data_names names;
    struct arena *arena; /* of the names; NULL where there are none */
    const struct source_kind *kind;
    void *examples; /* of the kind's own type */
};

struct data_settings;

/* How examples are stored and read. */
struct source_kind {
    void (*release)(void *examples);
    size_t (*bytes)(const struct source *source);
    /* The sizes of the parts, where they are not cut from one permutation (data/subset.c); NULL */
    basin_status (*split)(struct data *data, const struct data_settings *settings);
    /* Which row of the source stands at a position of a part. */
    int64_t (*row)(const struct data *data, enum data_part part, size_t position);
    const char *(*row_meaning)(const struct source *source, enum data_part part);
    /* The examples and their targets as they are in the source: x in [0, 1] where it is bytes.
     * Standardised as well unless `raw`. Either of x, y may be NULL. */
    void (*gather_float)(const struct data *data, const struct data_gather *gather, bool raw,
                         float *x, float *y);
    void (*gather_double)(const struct data *data, const struct data_gather *gather, bool raw,
                          double *x, double *y);
};

void source_free(struct source *source);
size_t source_bytes(const struct source *source);

#endif
