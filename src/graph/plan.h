/* Plan: where every value of a schedule lives.
 *
 * Promise.  Values that are needed at the same time do not overlap; no value moves. check.c and the
 * oracles of struct program_options test both without knowing how the planner works.
 *
 * Ownership.  Arrays live in the arena given; a plan is scratch of one compilation.
 */
#ifndef BASIN_GRAPH_PLAN_H
#define BASIN_GRAPH_PLAN_H

#include "graph/schedule.h"

/* A place in memory is a base and an offset. A base is a slot that the caller binds, the key of the
 * random numbers, or one of the three arenas of a program's state:
 *
 *     BASE_TRANSIENT     values that die within a run; their memory is reused
 *     BASE_PERSISTENT    constants, and what the invariant phase leaves for the varying one
 *     BASE_TILES         values that only their own group reads: one tile of them, overwritten by
 *                        the next tile */
enum { BASE_TRANSIENT = GRAPH_SLOTS, BASE_PERSISTENT, BASE_TILES, BASE_RANDOM, BASE_COUNT };

struct place {
    int base;
    size_t offset; /* bytes */
};

enum { FOREVER = INT32_MAX };

/* A piece of memory and its life: the times from `first` to `last`, both included, at which it
 * holds a value that is still needed. In the arena of tiles time counts items; elsewhere it counts
 * groups, because the items of a group all run before its last tile is done. */
struct buffer {
    size_t bytes;
    int first, last;
    int last_item; /* the last reader, in items: the one that may overwrite it in place */
    bool step;     /* used within one step of a loop: has the memory of one step */
    struct place place;
};

/* An array of equal elements, filled when a state is created. */
struct constant_fill {
    double value;
    size_t offset; /* in the persistent arena */
    int64_t count;
};

struct plan {
    struct buffer *buffers;
    int count;
    int *buffer_of;       /* by root node; -1 for leaves and constants */
    bool *whole;          /* by root node: has the memory of all steps of its loop */
    int *scratch_of;      /* by item: the buffer of its kernel's scratch memory; -1: none */
    struct place *places; /* by node */
    size_t transient_bytes, persistent_bytes, tile_bytes;
    size_t lower_bound; /* bytes that are alive at the fullest time: no plan needs less */
    struct constant_fill *fills;
    int fill_count;
};

basin_status plan_make(struct arena *arena, const struct graph *graph,
                       const struct schedule *schedule, const struct program_options *options,
                       struct plan *plan);

enum { MEMORY_ALIGNMENT = 64 };

static inline size_t aligned(size_t bytes)
{
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

static inline size_t node_bytes(const struct graph *graph, graph_node node,
                                const struct program_options *options)
{
    return (size_t)shape_size(node_at(graph, node)->shape) * precision_size(options->precision);
}

#endif
