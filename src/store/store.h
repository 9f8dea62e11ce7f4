/* Store: records on disk.
 *
 * Purpose.  store_save writes a record as one HDF5 file; store_load reads one back.
 *
 * Promises (P1).  A file at `path` is complete and carries a digest of its content, or is not
 * there: the HDF5 image is built in memory (core driver, no disk I/O by libhdf5), given a trailer
 * (magic, format, length, XXH3-128: trailer.h), written to a temporary name in the same folder,
 * fsynced, renamed, and the folder fsynced. Two saves of equal records give equal bytes. In this
 * process libhdf5 never reads a file: results are read by layout.h once their digest has been
 * verified, files of other programs by a child process (array.h).
 *
 * Threads.  Every function may be called from any thread: HDF5 (whose high-level library is not
 * thread-safe) is entered under one lock to save; reading, and disk I/O, is outside it.
 *
 * Errors.  BASIN_IO with path and errno's text; BASIN_DAMAGED with the byte, if it is known;
 * BASIN_DATA for a file that is not ours, or of a format that this version does not know.
 */
#ifndef BASIN_STORE_STORE_H
#define BASIN_STORE_STORE_H

#include "base/hash.h"
#include "base/record.h"
#include "store/file.h"
#include "store/trailer.h"

basin_status store_save(const struct record *record, const char *path);

/* The record and all it holds live in `arena`. The digest is verified first. */
basin_status store_load(const char *path, struct arena *arena, struct record **record);

/* The same without large arrays, for `table` and `status`: groups, attributes, and datasets of at
 * most `most` elements. The whole file is read and its digest verified all the same. */
basin_status store_load_small(const char *path, size_t most, struct arena *arena,
                              struct record **record);

/* Trailer and digest only; reads the whole file, piece by piece. */
basin_status store_verify(const char *path);

/* Is this a whole file, its digest right, of a format that this version does not know? BASIN_IO
 * and BASIN_MEMORY where it cannot be read; else an earlier last error is left alone. */
basin_status store_is_of_other_format(const char *path, bool *is);

/* The version of libhdf5: major, minor, patch. Takes the lock. */
void store_library(unsigned version[3]);

#endif
