/* HDF5 under one lock: how the files of this room enter libhdf5 and turn its failures into our
 * messages.
 *
 *     hdf5_enter();
 *     hid_t file = H5Fopen(...);
 *     if (file < 0) status = hdf5_raise(BASIN_DATA, path, "cannot open");
 *     ...
 *     hdf5_leave();
 *
 * Promise.  Between enter and leave no other thread of this process is inside libhdf5, and libhdf5
 * prints nothing. The lock is not recursive. Only this room includes HDF5's headers.
 */
#ifndef BASIN_STORE_HDF5_H
#define BASIN_STORE_HDF5_H

#include <hdf5.h>
#include <hdf5_hl.h>
#include "base/error.h"

void hdf5_enter(void);
void hdf5_leave(void);

/* Raises "`path`: `what` (innermost message of libhdf5)" and clears libhdf5's stack. */
basin_status hdf5_raise(basin_status status, const char *path, const char *what);

/* Notes libhdf5's message if `result` is a failure, before the calls that clean up overwrite it;
 * returns `result`. */
hid_t hdf5_checked(hid_t result);

#endif
