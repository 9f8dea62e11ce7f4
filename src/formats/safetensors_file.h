/* safetensors: arrays by name in a file that no program can hide in (Hugging Face). Eight bytes
 * (little-endian) with the length of a JSON header, the header, then the elements in C order:
 *
 *     {"x": {"dtype": "F32", "shape": [500, 784], "data_offsets": [0, 1568000]}, ...,
 *      "__metadata__": {"text": "text"}}
 *
 * Types F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL; others are refused by name
 * where they are asked for. The whole header is checked: the arrays must cover the rest of the file
 * without holes and without overlap.
 * Errors.  BASIN_DATA with the file and its byte.
 */
#ifndef BASIN_FORMATS_SAFETENSORS_FILE_H
#define BASIN_FORMATS_SAFETENSORS_FILE_H

#include <stdint.h>
#include "store/array.h"

/* The arrays `names` of a file, which take at most `most` bytes of memory together, asked for
 * before they are taken; the data of one that the file has not is NULL. `arrays[i].data` is from
 * memory_allocate; all are NULL after a failure. */
basin_status safetensors_read(const char *path, const char *const *names, size_t count, double most,
                              struct store_array *arrays);
/* The same of a file that is in memory; `name` is what messages call it. */
basin_status safetensors_read_bytes(const char *name, const uint8_t *bytes, size_t length,
                                    const char *const *names, size_t count, double most,
                                    struct store_array *arrays);

/* Raises that a file has no such array: BASIN_DATA without a place; the hint says what it has. */
basin_status safetensors_missing(const char *path, const char *name);

#endif
