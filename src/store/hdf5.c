#include "store/hdf5.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/arena.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char detail[160]; /* under the lock, as is: */
static bool is_short;    /* libhdf5 found no memory */

void hdf5_enter(void)
{
    pthread_mutex_lock(&lock);
    H5Eset_auto2(H5E_DEFAULT, NULL,
                 NULL); /* the error stack is per thread, so this is said in every thread */
}

void hdf5_leave(void)
{
    pthread_mutex_unlock(&lock);
}

/* H5E_WALK_UPWARD begins with the innermost error: keep that one. Of a failed system call libhdf5
 * also tells time, file and arguments, over several lines: keep what failed. */
static herr_t keep_first(unsigned n, const H5E_error2_t *error, void *out)
{
    is_short = is_short || error->maj_num == H5E_RESOURCE || error->min_num == H5E_NOSPACE ||
               error->min_num == H5E_CANTALLOC;
    if (n != 0 || !error->desc) return 0;
    const char *time = strstr(error->desc, ": time = ");
    size_t length = strcspn(error->desc, "\r\n");
    if (time && (size_t)(time - error->desc) < length) length = (size_t)(time - error->desc);
    snprintf(out, sizeof detail, "%.*s", (int)length, error->desc);
    return 0;
}

hid_t hdf5_checked(hid_t result)
{
    detail[0] = 0;
    is_short = false;
    if (result < 0) H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, detail);
    return result;
}

basin_status hdf5_raise(basin_status status, const char *path, const char *what)
{
    if (!detail[0]) H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, detail);
    /* where there was no memory for its list of errors either, it says nothing */
    if (is_short || !detail[0] || !memory_is_left(0)) {
        status = error_memory(0);
        error_prefix("%s: %s", path, what);
    } else {
        error_raise(status, "%s: %s (HDF5: %s)", path, what, detail);
    }
    detail[0] = 0;
    is_short = false;
    H5Eclear2(H5E_DEFAULT);
    return status;
}
