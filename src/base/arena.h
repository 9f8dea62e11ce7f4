/* Arena: memory that is taken piece by piece and given back all at once.
 *
 * Purpose.  An arena owns everything of a spec, a graph or a run. Nothing taken from it is freed by
 * itself.
 *
 * Promises.  Memory is zeroed. A piece of at least 64 bytes is aligned to 64 bytes, a smaller one
 * to 16. A failure returns NULL and sets the last error (BASIN_MEMORY).
 *
 * Ownership.  arena_create gives the arena to the caller, who destroys it once; pieces belong to
 * the arena.
 *
 * All heap memory of the program comes from memory_allocate, so that a test can make the n-th
 * allocation fail. */
#ifndef BASIN_BASE_ARENA_H
#define BASIN_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

struct arena;

basin_status arena_create(struct arena **arena);
void arena_destroy(struct arena *arena); /* NULL is allowed */

void *arena_allocate(struct arena *arena, size_t bytes);
#define arena_array(arena, type, count)                                                            \
    ((type *)arena_allocate_array((arena), (count), sizeof(type)))
void *arena_allocate_array(struct arena *arena, size_t count, size_t size); /* fails on overflow */
char *arena_text(struct arena *arena, const char *text);
char *arena_text_n(struct arena *arena, const char *text, size_t length);
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Calls release(resource) when the arena is destroyed, the last one first. If this fails, `release`
 * has been called already. */
basin_status arena_at_end(struct arena *arena, void (*release)(void *), void *resource);
size_t arena_bytes(const struct arena *arena); /* taken from the heap so far */

/* Once, at the start of the process. Large blocks go back to the system when they are freed,
 * whatever was freed before: by default malloc keeps ever larger ones, so that the process takes
 * half as much again as it uses. */
void memory_start(void);
/* Is there a limit of the process (ulimit -v or -d)? Then an allocation fails while some memory is
 * left still: libraries that end the process where they find none should find some. */
bool memory_is_limited(void);
bool memory_is_left(size_t bytes); /* beside that; true where there is no limit */

/* The one allocator. Zeroed, 64-byte aligned; NULL with the last error set. Free with memory_free.
 */
void *memory_allocate(size_t bytes);
void memory_free(void *memory);
/* Grows `memory` of `old_bytes` to `bytes` (zeroing the rest); on failure NULL and the old block
 * stays. */
void *memory_grow(void *memory, size_t old_bytes, size_t bytes);
/* For tests: the n-th allocation of this thread from now (n from 1) fails; 0 switches this off.
 * While it is on, every piece of an arena is an allocation of its own. */
void memory_fail_at(long n);
long memory_fail_left(void); /* allocations left until then; 0: it has failed already, or is
                                switched off */
/* For tests: bytes that this thread has allocated minus bytes it has freed, and the maximum of that
 * since memory_peak_start. */
void memory_peak_start(void);
size_t memory_peak(void);

#endif
