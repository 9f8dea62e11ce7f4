/* Cache: programs that runs and threads share, by the content of what they were made from.
 *
 * Purpose.  The runs of a sweep, and the measures of a run, need the same programs again and again:
 * differentiating and compiling one takes milliseconds, finding it takes microseconds.
 * Promises.  Programs are immutable: a shared one gives the bits of one made anew. All functions
 * may be called by any thread. What nobody uses is kept for later, the CACHE_UNUSED most recently
 * used ones. Two threads that want a new program at the same time may both make it; one is kept.
 * Ownership.  cache_take lends a program, which must be given back once by cache_return.
 */
#ifndef BASIN_GRAPH_CACHE_H
#define BASIN_GRAPH_CACHE_H

#include "base/hash.h"
#include "graph/program.h"

enum { CACHE_UNUSED = 64 };

/* A digest of all nodes and outputs of a graph and of what else decides what is made of it (`more`,
 * whole numbers). */
basin_status graph_digest(const struct graph *graph, const int64_t *more, size_t count,
                          struct digest *digest);

/* Makes the program that a digest stands for: everything that it needs goes into `arena`, which
 * lives as long. */
typedef basin_status program_maker(void *context, struct arena *arena, struct program **program);

basin_status cache_take(struct digest digest, program_maker *make, void *context,
                        const struct program **program);
void cache_return(const struct program *program); /* NULL is allowed */
void cache_clear(void); /* forgets what nobody uses: for tests, and before a process ends */

#endif
