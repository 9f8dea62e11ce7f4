/* Texts in HDF5 files of others, of fixed or variable length; in a child process (foreign.h). */
#ifndef BASIN_STORE_DATASET_TEXT_H
#define BASIN_STORE_DATASET_TEXT_H

#include "store/array.h"
#include "store/hdf5.h"

/* Reads the `count` texts of an open dataset into the file in memory `shared`, and sets the width
 * of the array, whose shape is there. `most`: bytes that it may take. BASIN_DATA where a text is no
 * UTF-8 or cannot be read: the caller says of which dataset. */
basin_status dataset_texts_read(hid_t id, size_t count, double most, int shared,
                                struct store_array *array);

#endif
