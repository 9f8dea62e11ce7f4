/* Cache: programs shared between runs and threads, found by the content of what they were made
 * from.
 *
 * Purpose.  The runs of a sweep and the measures of a run need the same programs again and again.
 * Differentiating and compiling one takes milliseconds, finding it microseconds.
 *
 * Promises.  Programs are immutable, so that a shared one gives the bits of a new one. All
 * functions may be called by any thread. Programs without a user are kept for later: the
 * CACHE_UNUSED most recently used ones. Two threads that need a new program at the same time may
 * both make it; one of the two is kept.
 *
 * Ownership.  cache_take lends a program; every one that was taken is given back by cache_return.
 */
#ifndef BASIN_GRAPH_CACHE_H
#define BASIN_GRAPH_CACHE_H

#include "base/hash.h"
#include "graph/program.h"

enum { CACHE_UNUSED = 64 };

/* The digest of all nodes and outputs of a graph and of whatever else decides what is made of it
 * (`more`). */
basin_status graph_digest(const struct graph *graph, const int64_t *more, size_t count,
                          struct digest *digest);

/* Makes the program that a digest stands for. Everything that the program needs goes into `arena`,
 * which lives as long as the program. */
typedef basin_status program_maker(void *context, struct arena *arena, struct program **program);

basin_status cache_take(struct digest digest, program_maker *make, void *context,
                        const struct program **program);
void cache_return(const struct program *program); /* NULL is allowed */
void cache_clear(void); /* frees all programs without a user: for tests, and before a process
                           ends */

#endif
