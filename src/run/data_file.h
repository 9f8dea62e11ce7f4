/* The data of a run as a file of their own: what `basin data` writes.
 *
 * Purpose.  Training, validation and test examples as a network sees them, after splitting,
 * standardisation and label noise, with the rows that they come from; so that other programs can
 * work on the same data, and a spec can read them again:
 *
 *     /x, /y            (N, ...), (N) or (N, k)   training and validation examples
 *     /row, /part       (N)                       their rows in the source; 0 trains, 1 validates
 *     /clean            (N)                       labels before label noise, where there is any
 *     /x_test, /y_test, /row_test                 the same of the test examples
 *     /mean, /deviation (features)                what `standardize` has done to x
 *
 * Promise.  Examples are in such an order that `dataset: {name: hdf5, path: FILE, validation_size:
 * V}` with the default dataset.seed chooses the same ones for the same parts, in the same order as
 * the run; all numbers that follow are equal to the bit.
 * Errors.  BASIN_SPEC for data that are no arrays (texts); BASIN_MEMORY.
 */
#ifndef BASIN_RUN_DATA_FILE_H
#define BASIN_RUN_DATA_FILE_H

#include "base/record.h"
#include "data/data.h"

basin_status data_file_record(const struct data *data, struct arena *arena, struct record **record);

#endif
