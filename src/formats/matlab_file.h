/* Variables of MATLAB files of version 7.3, which are HDF5 files: read by libhdf5 in a child
 * process (store/dataset.h).
 *
 * MATLAB stores arrays column by column, so that the dimensions of a dataset are those of the
 * variable in reverse. `double` and `single` become floats, integers stay integers, uint8 bytes,
 * `logical` becomes 0 and 1, a `char` matrix of N rows N texts without the blanks at their ends.
 * Errors.  BASIN_DATA for files of older versions, with what to type in MATLAB, and for cells,
 * structures, tables, sparse and complex arrays; what store_dataset_read says of other files.
 */
#ifndef BASIN_FORMATS_MATLAB_FILE_H
#define BASIN_FORMATS_MATLAB_FILE_H

#include <stdbool.h>
#include "store/array.h"

/* The variable as it is in the file: dimensions in reverse. */
basin_status matlab_read(const char *path, const char *name, double most,
                         struct store_array *array);

/* Its second half: what the class makes of the elements. For tests. */
basin_status matlab_convert(const char *path, const char *name, struct store_array *array);

/* The length of the variable's first and of its last dimension; a vector has its length as both. */
size_t matlab_first(const struct store_array *array);
size_t matlab_last(const struct store_array *array);

/* Examples along the variable's first dimension (N x d; N x h x w x c), or its last (d x N; h x w x
 * c x N), come first, the others in MATLAB's order: (N, h, w, c). A vector becomes (N).
 * BASIN_MEMORY. */
basin_status matlab_arrange(struct store_array *array, bool examples_last);

#endif
