/* Storage: is everything that a dataset of somebody else's HDF5 file claims to hold really there?
 *
 * Purpose.  Where something is missing libhdf5 does not fail: it returns the fill value for chunks
 * that nobody wrote, for the parts of a virtual dataset whose source is gone or too small, zeros
 * for what an external file lacks, and whatever lies in memory for what a chunk is too short for.
 * Such a dataset is refused here, with what is missing. Names of other files are relative to the
 * folder of the file that names them, whatever the working directory or the environment says
 * (storage_isolate). A filter that this libhdf5 does not have is named too: its own message only
 * has a number.
 * Errors.  BASIN_DATA naming file, dataset and what is missing.
 */
#ifndef BASIN_STORE_STORAGE_H
#define BASIN_STORE_STORAGE_H

#include <stdbool.h>
#include "store/hdf5.h"

/* The process, a child, forgets variables that would let libhdf5 look elsewhere. */
void storage_isolate(void);

/* A file of somebody else, read-only. */
hid_t storage_open_file(const char *path);
/* A path's every step must exist, or H5Oexists_by_name fails instead of answering. */
bool storage_has_dataset(hid_t file, const char *name);
/* A dataset in it; the caller knows that there is one of this name. */
hid_t storage_open_dataset(hid_t file, const char *name);

/* BASIN_OK: every element of dataset `id`, `name` in the file `path`, can be read from what has
 * been written. */
basin_status storage_check(hid_t id, const char *path, const char *name);

/* Bytes of one chunk as it is in memory; 0: it has none. */
double storage_chunk_bytes(hid_t id);

#endif
