/* Files as bytes: read whole, written whole and durably. No HDF5 here.
 *
 * Promise.  After store_write_file (store.h) returns BASIN_OK the bytes are on the disk under
 * `path`; after a failure `path` is as it was before. Interrupted system calls and short reads and
 * writes are continued. Errors.  BASIN_IO with the path and errno's text; a full disk and a full
 * quota with a hint.
 */
#ifndef BASIN_STORE_FILE_H
#define BASIN_STORE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

/* The caller frees `*bytes` with memory_free. */
basin_status file_read(const char *path, uint8_t **bytes, size_t *length);

#endif
