/* IDX: the format of MNIST's files (LeCun, Cortes, Burges). Two zero bytes, a type, a rank, big-endian sizes, then the
 * elements, big-endian, row-major. Types 0x08 u8, 0x09 s8, 0x0B i16, 0x0C i32, 0x0D f32, 0x0E f64; gzipped or not. */
#ifndef BASIN_DATA_IDX_H
#define BASIN_DATA_IDX_H

#include "store/array.h"

/* Reads a whole file of least_rank to most_rank dimensions. Signed integers become 64 bits wide. `array->data` is from
 * memory_allocate. Errors: BASIN_DATA with file and byte. */
basin_status idx_read(const char *path, int least_rank, int most_rank, struct store_array *array);

#endif
