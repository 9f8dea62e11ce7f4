/* IDX: the format of MNIST's files (LeCun, Cortes, Burges). Two zero bytes, a type, a rank,
 * big-endian sizes, then the elements, big-endian, row-major. Types 0x08 u8, 0x09 s8, 0x0B i16,
 * 0x0C i32, 0x0D f32, 0x0E f64; gzipped or not. */
#ifndef BASIN_FORMATS_IDX_FILE_H
#define BASIN_FORMATS_IDX_FILE_H

#include <stdint.h>
#include "store/array.h"

/* Where elements stand in the file, so that a wrong one can be named: element i is at byte `start +
 * i * size`, for a gzipped file of the uncompressed content. */
struct idx_layout {
    size_t start, size;
    bool packed;
};

/* Reads a whole file of least_rank to most_rank dimensions, which takes at most `most` bytes of
 * memory (INFINITY: what the machine has), asked for before it is read. Signed integers become 64
 * bits wide. `array->data` is from memory_allocate. `layout` may be NULL. Errors: BASIN_DATA with
 * file and byte. */
basin_status idx_read(const char *path, int least_rank, int most_rank, double most,
                      struct store_array *array, struct idx_layout *layout);
/* The same of a file that is in memory; `name` is what messages call it. */
basin_status idx_read_bytes(const char *name, const uint8_t *bytes, size_t length, int least_rank,
                            int most_rank, struct store_array *array, struct idx_layout *layout);

#endif
