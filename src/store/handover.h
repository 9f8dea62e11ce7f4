/* Handing over: an array on its way from the child process that read it (foreign.h).
 *
 * Purpose.  `read` of a struct foreign describes what it reads in a struct store_array, which is
 * its result, and puts the elements into the file in memory that both processes see.
 * Promise.  The parent believes nothing that the child says: type, rank and sizes are checked
 * against each other and against the bytes that are there.
 * Ownership.  handover_take copies the elements to memory_allocate, piece by piece, so that an
 * array takes its memory once.
 */
#ifndef BASIN_STORE_HANDOVER_H
#define BASIN_STORE_HANDOVER_H

#include "store/array.h"

/* In the child: so many bytes that the parent sees too, until the child ends; zeros. BASIN_MEMORY.
 * A later call gives the same place with another size: what was there stays. */
basin_status handover_room(int shared, size_t bytes, void **data);

/* In the parent: BASIN_DATA with the path where what the child says makes no sense. `what` is what
 * messages call the array ("dataset \"x\""), `library` whose fault that would be. Closes `shared`.
 */
basin_status handover_take(const char *path, const char *what, const char *library, int shared,
                           struct store_array *array);

#endif
