/* Values: what a type, a shape and a piece of the file mean together.
 *
 * The types are those that save.c writes, and no other: float32, float64, int64 and uint8, all
 * little-endian; texts of a fixed length, and of a variable one. Attributes may have references to
 * scales besides, which are not values of a record (see load.c).
 * Errors.  Those of layout.h. */
#ifndef BASIN_STORE_VALUES_H
#define BASIN_STORE_VALUES_H

#include "base/record.h"
#include "store/layout.h"

enum values_kind {
    VALUES_NUMBERS,
    VALUES_TEXTS,      /* each of `size` bytes */
    VALUES_LONG_TEXTS, /* each a length and a place in a collection */
    VALUES_REFERENCES, /* each a number of references and a place in a collection */
};

struct values {
    enum values_kind kind;
    enum record_type type; /* of a record, where they are no references */
    size_t size;           /* of one, in the file */
    int rank;
    size_t dims[RECORD_RANK], count;
    struct cursor data;
};

/* From the bodies of two messages. */
basin_status values_describe(const struct layout *layout, struct cursor type, struct cursor space,
                             struct values *values);
basin_status values_shape(const struct layout *layout, struct cursor space, struct values *values);
/* Bytes of all; fails where no number holds them. */
basin_status values_bytes(const struct layout *layout, const struct values *values,
                          uint64_t *bytes);
/* As a record takes them: numbers where they are, texts as an array of `const char *`. */
basin_status values_take(struct layout *layout, const struct values *values, const void **data);

/* The first `length` bytes of element `index` of long texts or references: `each` bytes for each
 * of what it says it has. */
basin_status values_collected(struct layout *layout, const struct values *values, size_t index,
                              size_t each, struct cursor *piece);

/* An attribute, from the body of its message. The name is a piece of the file, ended by a 0. Of
 * one whose name is not `wanted` nothing else is looked at. */
struct attribute {
    const char *name;
    struct values values;
};
basin_status values_attribute(const struct layout *layout, struct cursor body,
                              bool (*wanted)(const char *name), struct attribute *attribute);

#endif
