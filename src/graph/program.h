/* Program: a graph compiled for running. Dead code is gone, patterns are fused, and every value has
 * its place in memory; running is calling kernels in order.
 *
 * Promises.  A program is immutable; many threads may run it at once, each with a state of its own.
 * Running allocates nothing. The same program, bindings, seed and step give the same bits. Every
 * slot that the graph reads or writes must be bound before a run; its memory need not be aligned.
 *
 * Ownership.  A program lives in the arena that it was compiled in. A state belongs to the caller,
 * who destroys it before the program's arena.
 *
 * Calling sequence.
 *     program_compile(arena, graph, &(struct program_options){.precision = PRECISION_FLOAT32},
 *         &program);
 *     program_state_create(program, &state);
 *     program_bind(state, SLOT_PARAMETERS, w); ...
 *     program_run(state, PROGRAM_ALL);
 *
 * Hessian-vector products.  Nodes that depend on a varying slot (`varying`, a mask of 1u << slot)
 * form the second phase. Run PROGRAM_INVARIANT once for a batch, then PROGRAM_VARYING for each
 * vector: what the first phase left in the state stays valid until the next PROGRAM_INVARIANT or
 * PROGRAM_ALL.
 */
#ifndef BASIN_GRAPH_PROGRAM_H
#define BASIN_GRAPH_PROGRAM_H

#include <stddef.h>
#include "graph/graph.h"
#include "graph/options.h"

enum program_phase { PROGRAM_ALL, PROGRAM_INVARIANT, PROGRAM_VARYING };

struct program;
struct program_state;

basin_status program_compile(struct arena *arena, const struct graph *graph,
                             const struct program_options *options, struct program **program);
size_t program_bytes(const struct program *program);       /* memory of one state */
size_t program_lower_bound(const struct program *program); /* bytes alive at the fullest time: no
                                                              plan needs less */
double program_flops(const struct program *program,
                     enum program_phase phase); /* two per multiply-add of products */

basin_status program_state_create(const struct program *program, struct program_state **state);
void program_state_destroy(struct program_state *state);
void program_bind(struct program_state *state, enum graph_slot slot,
                  void *memory); /* elements of the precision */
void program_random(struct program_state *state, uint64_t seed,
                    uint32_t step); /* key of the draws of dropout */
/* BASIN_MEMORY where a library found none: the results are void. */
basin_status program_run(struct program_state *state, enum program_phase phase);

/* Bytes that the steps of a phase read and write in all. What the items of a group hand to each
 * other in tiles stays in cache and is not counted. */
double program_traffic(const struct program *program, enum program_phase phase);

/* Profiling: `profile` collects the time of every kernel until it is set to NULL. Timing each
 * kernel by itself costs some time too. */
enum { PROFILE_KINDS = 96 };
struct program_profile {
    double seconds[PROFILE_KINDS];  /* by kind of kernel */
    bool multiplies[PROFILE_KINDS]; /* a product, whose FLOPs are counted */
};
void program_profile(struct program_state *state, struct program_profile *profile);
const char *program_kind(int kind); /* NULL past the last */

#endif
