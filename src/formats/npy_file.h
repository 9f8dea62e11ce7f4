/* NumPy's files: .npy (an array; versions 1, 2 and 3, C and Fortran order) and .npz (a zip archive
 * of them, stored or deflated).
 *
 * Integers, booleans and floats of up to 8 bytes in both byte orders, and texts of fixed length
 * ("S", "U"). Not read, with the reason and what to write instead: Python objects (they are
 * pickled, and to read a pickle is to run a program), records, complex numbers, dates, floats of 12
 * and 16 bytes.
 * Errors.  BASIN_DATA with file, member, and the byte of the header or the element that is wrong.
 */
#ifndef BASIN_FORMATS_NPY_FILE_H
#define BASIN_FORMATS_NPY_FILE_H

#include <stdint.h>
#include "formats/archived.h"
#include "store/array.h"

/* `most`: bytes of memory that it may take, asked for before they are taken; INFINITY: what the
 * machine has. `array->data` is from memory_allocate, NULL after a failure. */
basin_status npy_read(const char *path, double most, struct store_array *array);
/* The same of an array in memory; `member` is its name in the archive `path`, or NULL. */
basin_status npy_read_bytes(const char *path, const char *member, const uint8_t *bytes,
                            size_t length, double most, struct store_array *array);

/* The arrays `names` of an npz, at most ARCHIVED_MOST; the data of one that it has not is NULL. */
basin_status npz_read(const char *path, const char *const *names, size_t count, double most,
                      struct store_array *arrays);

/* Raises that an npz has no such array: BASIN_DATA without a place; the hint says what it has. */
basin_status npz_missing(const char *path, const char *name);

#endif
