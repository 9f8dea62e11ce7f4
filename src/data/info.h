/* Info: what a data set is, and which of its examples are asked for. data.h, and what sources and
 * transforms supply, both stand on it.
 */
#ifndef BASIN_DATA_INFO_H
#define BASIN_DATA_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include "base/hash.h"
#include "spec/schema.h"

enum data_task {
    DATA_CLASSIFICATION,
    DATA_REGRESSION,
    DATA_LANGUAGE
}; /* LANGUAGE: the next token at every position */
enum data_part { DATA_TRAIN, DATA_VALIDATION, DATA_TEST, DATA_PARTS };

struct data_info {
    enum data_task task;
    int rank; /* dimensions of one example: 1 (d), 2 (h, w), 3 (h, w, c) */
    size_t dims[3];
    size_t features;   /* product of dims */
    size_t outputs;    /* classes, the number k of regression targets, or the vocabulary */
    size_t positions;  /* predictions of one example: the context of a language model, else 1 */
    size_t vocabulary; /* inputs are tokens 0 ... vocabulary - 1; 0: they are numbers */
    size_t available;  /* training examples in the source, before train_size and validation_size:
                          so many are "all" in identities; 0 where no number is */
    size_t test_available; /* the same of test examples, before test_size */
    size_t counts[DATA_PARTS];
    bool has_digest;      /* files have a content digest; generated data are identified by their
                             parameters */
    struct digest digest; /* XXH3-128 of the decoded arrays: names, types, shapes, elements */
    size_t bytes;         /* of memory for the shared arrays */
};

/* What classes and features are called, and which labels of the files are which class. */
struct data_names {
    const char *const *classes;  /* (outputs); NULL: labels are the numbers of their classes */
    const char *const *features; /* (features), or NULL */
    bool mapped;                 /* whole numbers that are not the numbers of their classes, */
    bool is_sorted;              /* in their order, */
    int64_t low, high;           /* from this to that */
    const char *told, *notes;    /* how a format has read its files, and what may be a mistake in
                                    them, in words; or NULL */
    size_t left_out;             /* examples whose label is none of the classes that are wanted */
};

extern const struct registry dataset_registry;
extern const struct registry transform_registry; /* what `dataset.transforms` can list */

struct data;

/* Which examples are wanted, and when. */
struct data_gather {
    enum data_part part;
    const uint32_t *rows; /* (count) positions in that part's fixed order */
    size_t count;
    uint64_t seed;   /* of what is drawn anew in every epoch */
    uint32_t epoch;  /* from 1, in training; 0: evaluation, where nothing is drawn */
    double *scratch; /* (data_scratch) where x is wanted of a view that lists transforms */
};

#endif
