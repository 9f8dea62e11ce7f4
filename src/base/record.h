/* Record: what a run leaves behind, in memory: a tree of named arrays with attributes.
 *
 * Purpose.  Training and measures write records and know nothing of HDF5. `store/` writes a record
 * to a file and reads one back. Comparison, tables and `show` work on records.
 *
 * Ownership.  A record and everything in it live in the arena given at creation; values are copied
 * in.
 *
 * Errors.  Every add returns BASIN_MEMORY on shortage and BASIN_INTERNAL for a path that already
 * exists.
 *
 * Paths are absolute ("/curves/train_loss"); parent groups are made as needed. Arrays are
 * row-major. A dimension is named after the array that is its scale ("epoch"), in the same group
 * ("/curves/epoch"); "" is an axis without a name, for which store/ makes a plain index where a
 * reader needs one. */
#ifndef BASIN_BASE_RECORD_H
#define BASIN_BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

enum record_type {
    RECORD_FLOAT32, /* float */
    RECORD_FLOAT64, /* double */
    RECORD_INTEGER, /* int64_t */
    RECORD_BYTE,    /* uint8_t */
    RECORD_TEXT,    /* const char * each */
};

enum { RECORD_RANK = 16 };

struct record_attribute {
    const char *name;
    enum record_type type; /* RECORD_FLOAT64, RECORD_INTEGER or RECORD_TEXT */
    size_t count;          /* 0: a scalar, otherwise a one-dimensional array */
    const void *data;
    struct record_attribute *next;
};

struct record_item {
    const char *path;
    bool is_group;
    enum record_type type;
    int rank; /* 0: a scalar */
    size_t dims[RECORD_RANK];
    const char *axes[RECORD_RANK];
    void *data; /* aligned; NULL for a group */
    struct record_attribute *attributes;
    struct record_item *next; /* in order of insertion */
};

struct record {
    struct arena *arena;
    struct record_item *items, **tail; /* the root group "/" is the first item */
    struct record_item **index;        /* by the hash of their paths; `room` places, NULL: free */
    size_t count, room;
    struct record_item *omitted; /* arrays that were too large to be read: without data and
                                    attributes, in no order, and not found by record_find */
};

basin_status record_create(struct arena *arena, struct record **record);

/* `data` holds the product of dims elements (one for a scalar). `item` may be NULL. */
basin_status record_add(struct record *record, const char *path, enum record_type type, int rank,
                        const size_t *dims, const char *const *axes, const void *data,
                        struct record_item **item);
/* Notes that there is such an array, which is not read. */
basin_status record_omit(struct record *record, const char *path, enum record_type type, int rank,
                         const size_t *dims, const char *const *axes);
basin_status record_group(struct record *record, const char *path,
                          struct record_item **item); /* found or made */
basin_status record_float(struct record *record, const char *path, double value,
                          struct record_item **item);
basin_status record_integer(struct record *record, const char *path, int64_t value,
                            struct record_item **item);
basin_status record_text(struct record *record, const char *path, const char *value,
                         struct record_item **item);

/* Sets (or replaces) an attribute. */
basin_status record_attribute_text(struct record *record, struct record_item *item,
                                   const char *name, const char *value);
basin_status record_attribute_float(struct record *record, struct record_item *item,
                                    const char *name, double value);
basin_status record_attribute_integer(struct record *record, struct record_item *item,
                                      const char *name, int64_t value);
basin_status record_attribute_add(struct record *record, struct record_item *item, const char *name,
                                  enum record_type type, size_t count, const void *data);

struct record_item *record_find(const struct record *record,
                                const char *path); /* NULL if it is not there */
/* An array, or a group whose arrays are removed too. */
void record_remove(struct record *record, const struct record_item *item);
const struct record_attribute *record_attribute_find(const struct record_item *item,
                                                     const char *name);
const char *record_attribute_get_text(const struct record_item *item,
                                      const char *name); /* NULL unless scalar text */
size_t record_count(const struct record_item *item);     /* elements */
size_t record_element_size(enum record_type type);
double record_number(const struct record_item *item,
                     size_t index); /* any numeric type, NaN for text */

#endif
