/* Elements: what stands in the bytes of an array that another program wrote, made into the types of
 * store/array.h. One table of formats for IDX, NumPy and safetensors.
 *
 *     boolean, integers of 1, 2, 4, 8 bytes   -> RECORD_INTEGER (uint8: RECORD_BYTE)
 *     float16, bfloat16, float32              -> RECORD_FLOAT32, exactly
 *     float64                                 -> RECORD_FLOAT64
 *     texts of fixed length (UTF-8, UCS-4)    -> RECORD_TEXT
 *
 * Errors.  BASIN_DATA with file, element and byte where an element has no place in its type: an
 * integer beyond 2^63 - 1, a boolean that is neither 0 nor 1, a text that is not valid Unicode or
 * has a zero before its end.
 */
#ifndef BASIN_FORMATS_ELEMENTS_H
#define BASIN_FORMATS_ELEMENTS_H

#include <stdbool.h>
#include "formats/content.h"
#include "store/array.h"

enum element_kind {
    ELEMENT_BOOLEAN,
    ELEMENT_UNSIGNED,
    ELEMENT_SIGNED,
    ELEMENT_FLOAT, /* IEEE 754: 2, 4 or 8 bytes */
    ELEMENT_BRAIN, /* bfloat16: the upper half of a float */
    ELEMENT_UTF8,  /* filled up with zeros */
    ELEMENT_UCS4,  /* code points of 4 bytes, filled up with zeros */
};

struct element_format {
    enum element_kind kind;
    size_t size; /* bytes in the file */
    bool is_big; /* the most significant byte comes first */
};

enum record_type element_type(const struct element_format *format);

/* Decodes elements one behind the other; returns how many: fewer than `count` where the next one
 * has no place in its type. `width` of texts: size + 1. Where both have the same size `out` may be
 * `bytes`. */
size_t elements_decode(const struct element_format *format, const uint8_t *bytes, size_t count,
                       void *out);

/* Reads the whole of an array, whose rank and sizes are given and fit into the content behind
 * `start`; it takes at most `most` bytes, asked for before they are taken. `columns`: the first
 * index runs fastest in the file (Fortran); the array is in C order. `what` is what messages call
 * the array, or NULL. `array->data` is from memory_allocate, NULL after a failure. */
basin_status elements_read(const struct content *content, size_t start,
                           const struct element_format *format, bool columns, const char *what,
                           double most, struct store_array *array);

#endif
