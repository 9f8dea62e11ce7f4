/* Store: records on disk.
 *
 * Purpose.  store_save writes a record as one HDF5 file; store_load reads one back.
 * Promises (P1).  A file at `path` is complete and carries a digest of its content, or is not
 * there: the HDF5 image is built in memory (core driver, no disk I/O by libhdf5), given a 64-byte
 * trailer (magic, format, length, XXH3-128: trailer.h), written to a temporary name in the same
 * folder, fsynced, renamed, and the folder fsynced. Two saves of equal records give equal bytes. In
 * this process libhdf5 never sees a file whose digest has not been verified: those of others are
 * read by a child (array.h). Threads.  Every function may be called from any thread: HDF5 (whose
 * high-level library is not thread-safe) is entered under one lock; disk I/O is outside it. Errors.
 * BASIN_IO with path and errno's text; BASIN_DAMAGED with the byte; BASIN_DATA for a file that is
 * not ours.
 */
#ifndef BASIN_STORE_STORE_H
#define BASIN_STORE_STORE_H

#include "base/hash.h"
#include "base/record.h"
#include "base/text.h"

enum { STORE_FORMAT = 2 }; /* of files that are written; those of format 1 are read too */

basin_status store_save(const struct record *record, const char *path);
basin_status store_load(const char *path, struct arena *arena,
                        struct record **record); /* verifies the digest first */
basin_status
store_verify(const char *path); /* digest and structure of the trailer only; reads the whole file */

/* Reads the scalar datasets and root attributes that `table` and `status` need, without the large
 * arrays: every item with at most `most` elements. The digest is verified all the same. */
basin_status store_load_small(const char *path, size_t most, struct arena *arena,
                              struct record **record);

/* Durable small files (journal lines, and whole files). */
bool store_is_of_other_format(
    const char *path); /* a whole result, which another version of this program has made */
void store_library(unsigned version[3]); /* of libhdf5: major, minor, patch; under the lock that all
                                            its calls are under */

basin_status store_make_folder(const char *path); /* and its parents */
basin_status store_write_file(const char *path, const void *bytes,
                              size_t length); /* temporary, fsync, rename, fsync */

/* Appends the name under which `path` is written before it is renamed:
 * "<path>.<host>-<instance>-<process>-<n>.tmp". No two writers share one, and what a killed process
 * left behind can be told from what is being written. */
void store_temporary(const char *path, struct text *out);

/* Removes the temporary files that killed processes left in a folder, and leaves those of living
 * writers: of another host, or container, those that were touched within the hour. */
basin_status store_clean_folder(const char *path);

#endif
