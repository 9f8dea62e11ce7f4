/* Heap: what has outgrown an object's header, in the order in which it was made.
 *
 * Groups of many links, and objects with many or long attributes, keep them in a fractal heap. A
 * version 2 B-tree lists them by order of creation:
 *
 *     B-tree: header --> inner nodes --> leaves of records (order, identifier)
 *     heap:   header --> [indirect blocks -->] direct blocks     an identifier is offset and length
 *                                                                in the address space of all direct
 *                                                                blocks; or, of a long attribute,
 *                                                                its number in a B-tree of its own
 *
 * Errors.  Those of layout.h. */
#ifndef BASIN_STORE_HEAP_H
#define BASIN_STORE_HEAP_H

#include "store/layout.h"

/* The types of tree that are known here, as they are numbered in files. */
enum heap_index { HEAP_LONG = 1, HEAP_LINKS = 6, HEAP_ATTRIBUTES = 9 };

/* Appends to `messages` what the heap at `heap` holds, as `tree` lists it. */
basin_status heap_read(struct layout *layout, uint64_t heap, uint64_t tree, enum heap_index index,
                       struct messages *messages);

#endif
