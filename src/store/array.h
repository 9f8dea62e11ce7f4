/* Arrays that were read from files of others, whatever the format: what readers hand to `data/`.
 *
 * Ownership.  `data` is from memory_allocate; the caller frees it (store_array_free).
 */
#ifndef BASIN_STORE_ARRAY_H
#define BASIN_STORE_ARRAY_H

#include <stdint.h>
#include "base/record.h"

enum { MATLAB_CLASS = 32, ARRAY_RANK = 4 };

struct store_array {
    enum record_type type; /* RECORD_BYTE for uint8, RECORD_INTEGER for other integers and
                              booleans, RECORD_FLOAT32, RECORD_FLOAT64, RECORD_TEXT */
    int rank;
    size_t dims[ARRAY_RANK];
    size_t width;   /* of RECORD_TEXT: bytes of each element, UTF-8, filled up with zeros; the last
                     one is zero */
    size_t classes; /* of labels: how many classes there are, where the file says so; else 0 */
    char matlab_class[MATLAB_CLASS]; /* of a dataset that MATLAB wrote: "double", "char"; else "" */
    void *data;
};

void store_array_free(struct store_array *array);

/* Bytes of one element; elements. */
size_t store_array_element(const struct store_array *array);
size_t store_array_count(const struct store_array *array);

/* What the system can say of a path before a library says less, or waits for a pipe: BASIN_DATA
 * with the place unless it is a regular file that can be read. `what`: "an HDF5 file". */
basin_status store_array_file(const char *path, const char *what);

/* The content of such a file: BASIN_DATA with the place, also where it has more than `most` bytes;
 * the caller frees `*bytes` (memory_free). */
basin_status store_array_bytes(const char *path, const char *what, double most, uint8_t **bytes,
                               size_t *length);

/* The bytes that an array may take: `most`, or what the machine has where that is less. */
double store_array_most(double most);

/* BASIN_DATA with the place where so many bytes are more than `most`; asked before they are taken,
 * since a damaged file may claim more than any memory holds. `what` is what messages call the
 * array, or NULL for the file itself. */
basin_status store_array_room(const char *path, const char *what, double bytes, double most);

#endif
