/* Datasets of HDF5 files that others made: the reader behind `dataset: {name: hdf5}`.
 *
 * A file is opened read-only by libhdf5 in a child process (foreign.h), since a damaged one can
 * crash it; datasets of integers, booleans (and other enumerations), floats and texts of up to 4
 * dimensions, all of whose elements are there (storage.h).
 * Errors.  BASIN_DATA naming the file, the dataset and what is wrong with it; where the file has no
 * such dataset the error has no place, since the name may be what is wrong: its hint says what
 * there is.
 */
#ifndef BASIN_STORE_DATASET_H
#define BASIN_STORE_DATASET_H

#include "store/array.h"

/* `most`: bytes that it may take, asked for before anything is read; INFINITY: what the machine
 * has. */
basin_status store_dataset_read(const char *path, const char *dataset, double most,
                                struct store_array *array);

#endif
