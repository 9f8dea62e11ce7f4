/* Foreign files: reading what others made with a library that a damaged file can crash or hang.
 *
 * Purpose.  libhdf5 1.10 crashes on some files with a few wrong bytes, and takes for ever over
 * others. So a child process reads, and this process takes only bytes from it: what is used here is
 * what the child has read, and the library never sees the file here.
 * Promise.  Whatever the file does to the child, foreign_read returns, and nothing of this process
 * has changed. The child has limits of CPU time, of time and of address space (what is mapped
 * already, FOREIGN_MEMORY and foreign_allow; not under AddressSanitizer, which maps terabytes),
 * leaves no core, prints nothing, heeds no signal that asks to stop, and ends with its parent.
 * Errors.  Those of `read`, as if it had been called here; BASIN_DATA with the path where the child
 * crashed or reached a limit.
 * Threads.  The caller holds the lock of the library, so that no other thread is inside it at the
 * fork; the child has one thread and calls nothing but `read`.
 */
#ifndef BASIN_STORE_FOREIGN_H
#define BASIN_STORE_FOREIGN_H

#include <stddef.h>
#include "base/error.h"

struct foreign {
    const char *path;
    /* Of several files, which a crash or a limit is to be told of: the one that the child was at,
     * which it left in memory that both share. NULL: `path`. */
    const char *(*at)(const void *context);
    const char *library; /* that reads it, for messages: "libhdf5" */
    /* In the child. What it leaves in `result` is handed to the parent, and what it writes to the
     * file in memory `shared`. */
    basin_status (*read)(const void *context, void *result, int shared);
    const void *context;
    size_t result_size; /* at most FOREIGN_RESULT */
    unsigned seconds;   /* of CPU that the child may take, and six times that by the clock; 0: what
                           the size of the file asks for */
};

enum { FOREIGN_RESULT = 256 };

/* For `read`, in the child: as many bytes of memory more than a small file takes. Without it, and
 * beyond it, allocations fail. */
void foreign_allow(double bytes);

/* `*shared`: the file in memory, for the caller to close; -1 after a failure. A child that went
 * wrong before it crashed may have left anything in both: they are to be checked like a file. */
basin_status foreign_read(const struct foreign *foreign, void *result, int *shared);

#endif
