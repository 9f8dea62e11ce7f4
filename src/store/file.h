/* Files as bytes: read whole, written whole and durably. No HDF5 here.
 *
 * Promise.  After store_write_file returns BASIN_OK the bytes are on the disk under `path`; after a
 * failure `path` is as it was before. Interrupted system calls and short reads and writes are
 * continued.
 *
 * Where others may write to a folder, they may put something else under a name that is known
 * beforehand. So nothing here waits for a FIFO or touches a device, what is created is created by
 * this process and nobody else, and what is written to is reached through no link.
 *
 * Errors.  BASIN_IO with the path and errno's text; a full disk and a full quota with a hint.
 */
#ifndef BASIN_STORE_FILE_H
#define BASIN_STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/text.h"
#include "store/place.h"

/* Opens a regular file, at once, with `flags` as of open(2) and mode 0666. One that is to be
 * written may be no symbolic link, nor may its folder (nor may one with O_NOFOLLOW), and have no
 * second name. The error says what is there instead of a file; errno says why it is not open,
 * EINVAL if for that. */
basin_status file_open(const char *path, int flags, int *file);
/* Is something at `path` that is no regular file (a symbolic link counts as what it leads to)? */
bool file_is_special(const char *path);
/* All of an open file of `length` bytes, or of a part of it from `start` on. */
basin_status file_read_part(int file, const char *path, uint64_t start, uint8_t *bytes,
                            size_t length);

/* The caller frees `*bytes` with memory_free. */
basin_status file_read(const char *path, uint8_t **bytes, size_t *length);

basin_status store_make_folder(const char *path); /* and its parents */
/* Writes to a temporary name, fsyncs, renames, and fsyncs the folder, which may be no link
 * (store/place.h). */
basin_status store_write_file(const char *path, const void *bytes, size_t length);
/* The same where the user has named the path, and a folder that is a link is meant. */
basin_status file_write(const char *path, const void *bytes, size_t length);

/* Appends the name under which `path` is written before it is renamed:
 * "<path>.<host>-<instance>-<process>-<n>.tmp". No two writers share one, and what a killed process
 * left behind can be told from what is being written. */
void store_temporary(const char *path, struct text *out);

/* Creates a file under such a name in the same folder; the name alone is left in `out`. The file,
 * or -1 with errno. */
int store_create_temporary(const struct place *place, struct text *out);

/* Removes the temporary files that killed processes left in a folder, and leaves those of living
 * writers: of another host, or container, those that were touched within the hour. */
basin_status store_clean_folder(const char *path);

#endif
