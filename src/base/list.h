/* List: arrays that grow.
 *
 * Any struct can hold one: a pointer to the elements, how many there are, and for how many there is
 * room.
 *
 *     struct journal { struct event *events; size_t count, capacity; };
 *     ...
 *     if (!list_room(arena, journal->events, journal->count, 1, journal->capacity))
 *         return BASIN_MEMORY;
 *     journal->events[journal->count++] = event;
 *
 * Promises.  Room at least doubles when it grows, so that appending n elements copies fewer than
 * 2 n of them. New room is zeroed. On failure the last error is set and nothing has changed.
 *
 * Ownership.  With an arena, the elements belong to it (and an outgrown array stays there until the
 * arena is destroyed); with NULL they are on the heap, and the caller frees them with memory_free.
 */
#ifndef BASIN_BASE_LIST_H
#define BASIN_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"

/* Makes room for `more` elements after the first `count`. */
#define list_room(arena, items, count, more, capacity)                                             \
    list_reserve((arena), &(items), (count), (more), &(capacity), sizeof *(items))

/* The same for elements of `size` bytes; `items` is the address of the pointer to them. */
bool list_reserve(struct arena *arena, void *items, size_t count, size_t more, size_t *capacity,
                  size_t size);

#endif
