/* Files as bytes: read whole, written whole and durably. No HDF5 here.
 *
 * Promise.  After store_write_file returns BASIN_OK the bytes are on the disk under `path`; after a
 * failure `path` is as it was before. Interrupted system calls and short reads and writes are
 * continued.
 *
 * Errors.  BASIN_IO with the path and errno's text; a full disk and a full quota with a hint.
 */
#ifndef BASIN_STORE_FILE_H
#define BASIN_STORE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include "base/text.h"

/* The caller frees `*bytes` with memory_free. */
basin_status file_read(const char *path, uint8_t **bytes, size_t *length);

basin_status store_make_folder(const char *path); /* and its parents */
/* Writes to a temporary name, fsyncs, renames, and fsyncs the folder. */
basin_status store_write_file(const char *path, const void *bytes, size_t length);

/* Appends the name under which `path` is written before it is renamed:
 * "<path>.<host>-<instance>-<process>-<n>.tmp". No two writers share one, and what a killed process
 * left behind can be told from what is being written. */
void store_temporary(const char *path, struct text *out);

/* Removes the temporary files that killed processes left in a folder, and leaves those of living
 * writers: of another host, or container, those that were touched within the hour. */
basin_status store_clean_folder(const char *path);

#endif
