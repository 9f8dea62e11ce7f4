/* From a graph to a program: what the passes, the planner and the program share.
 *
 * schedule_make decides what is computed and in which order; plan_make decides where every value
 * lives; program_compile writes the steps. Everything is decided once, before anything runs.
 *
 * Ownership.  Arrays live in the arena given; schedules and plans are scratch of one compilation.
 */
#ifndef BASIN_GRAPH_PLAN_H
#define BASIN_GRAPH_PLAN_H

#include "graph/node.h"
#include "graph/program.h"

/* One thing to do: compute `node`, or (result >= 0) copy it to its output slot. */
struct item {
    graph_node node;
    int result;
};

/* Adjacent items that run together, tile by tile; tile 0: one item, on its whole arrays. */
struct group {
    int first, count;
    int64_t size, row, tile; /* elements of every result; row length that tiles respect, or 0;
                                elements of a tile */
};

/* Items (of a program: groups) that run again for every step of time: 0 ... steps - 1, or the other
 * way round. */
struct loop {
    int first, count;
    int64_t steps;
    bool backward;
};

struct schedule {
    bool *live;       /* by node: an output needs it */
    bool *varying;    /* by node: depends on a varying slot */
    bool *direct;     /* by result: computed right where the output slot is; no copy */
    graph_node *root; /* by node: in whose memory it lies; itself, unless it is a view (reshape,
                         outermost slice) */
    int64_t *shift;   /* by node: elements from the start of its root */
    struct item
        *items; /* invariant ones, then varying ones; leaves and constants are not among them */
    int count, invariant_count;
    struct group *groups;
    int group_count;
    int *group_of; /* by item */
    struct loop *loops;
    int loop_count;
    int *loop_of;      /* by item; -1: none */
    int *loop_of_node; /* by node: the same number for the nodes of a loop, which is not that of
                          loops; -1: none */
    struct kernel_task *tasks; /* by item: lowered and prepared */
};

basin_status schedule_make(struct arena *arena, const struct graph *graph,
                           const struct program_options *options, struct schedule *schedule);

/* Writes the computed nodes to `out` in an order in which they can run, and fills loop_of_node. */
basin_status schedule_order(struct arena *arena, const struct graph *graph,
                            struct schedule *schedule, graph_node *out, int *count);
/* Fills loops and loop_of from items, and checks that they can run step by step: BASIN_INTERNAL
 * where they cannot. */
basin_status schedule_loops(struct arena *arena, const struct graph *graph,
                            struct schedule *schedule);
/* Does a step of this node see its own rows of an input alone? */
bool schedule_slices(const struct graph *graph, graph_node id, int input);
/* 1 outside of loops. */
static inline int64_t schedule_steps(const struct schedule *schedule, int item)
{
    return schedule->loop_of[item] < 0 ? 1 : schedule->loops[schedule->loop_of[item]].steps;
}

/* Lowers every item (of a loop: one step of it) and prepares its kernel; what that makes is
 * released with `arena`. */
basin_status schedule_lower(struct arena *arena, struct arena *scratch, const struct graph *graph,
                            const struct program_options *options, struct schedule *schedule);

/* Fills groups and group_of; results of at most `tile` elements stay single. */
void schedule_groups(const struct graph *graph, int64_t tile, bool fuse, struct schedule *schedule);

enum { TILE_BYTES = 8192 };

/* Memory is a base and an offset: a slot that the caller binds, one of the arenas of a state, or
 * its random key. What lies in the arena of tiles is one tile at a time, the same memory for each.
 */
enum { BASE_TRANSIENT = GRAPH_SLOTS, BASE_PERSISTENT, BASE_TILES, BASE_RANDOM, BASE_COUNT };

struct place {
    int base;
    size_t offset; /* bytes */
};

enum { FOREVER = INT32_MAX };

/* A piece of memory with the times from which and to which it holds a value that is still needed.
 * Time goes by items in the arena of tiles, elsewhere by groups: the items of a group run side by
 * side, one tile after the other. */
struct buffer {
    size_t bytes;
    int first, last;
    int last_item; /* the last reader, in items: who may work in place */
    bool step;     /* of a loop, and used within one step: has the memory of one step */
    struct place place;
};

struct plan {
    struct buffer *buffers;
    int count;
    int *buffer_of;       /* by root node; -1 for leaves and constants */
    bool *whole;          /* by root node: not `step` */
    int *scratch_of;      /* by item: the buffer of its kernel's scratch memory; -1: none */
    struct place *places; /* by node */
    size_t transient_bytes, persistent_bytes, tile_bytes, lower_bound;
    struct constant_fill {
        double value;
        size_t offset; /* in the persistent arena */
        int64_t count;
    } * fills;
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

struct step {
    kernel_function *run;
    int op; /* its primitive; -1: a copy to an output, or poison */
    struct kernel_task task;
    struct place in[KERNEL_INPUTS], out;
    int inputs;
    size_t in_bytes[KERNEL_INPUTS], out_bytes;
    graph_node node; /* GRAPH_NONE for what only the oracles do (poison) */
    enum tiling tiling;
    /* In a loop: bytes from one step to the next, 0 for what is the same memory at every step;
     * delay: -1 or 1 for the step that a delay reads. */
    size_t in_stride[KERNEL_INPUTS], out_stride;
    int delay;
    int64_t value, reads[KERNEL_INPUTS]; /* names of the values written and read; 0: none (a slot or
                                            a constant) */
};

struct program {
    enum precision precision;
    bool poison;
    struct step *steps;
    int count;
    struct group *groups; /* of steps */
    int group_count, invariant_groups;
    struct loop *loops; /* of groups, in order */
    int loop_count;
    size_t transient_bytes, persistent_bytes, tile_bytes, lower_bound;
    struct constant_fill *fills;
    int fill_count;
    double flops[2]; /* invariant, varying */
};

/* The sizes of a step's kernel for a tile of its result, and the element of its inputs where that
 * begins. */
int64_t tile_from(const struct step *step, int input,
                  int64_t first); /* of one input, from what tile_part gives */
int64_t tile_part(const struct step *step, int64_t first, int64_t count, int64_t size[3]);

/* Runs the steps in thought, with the name of the last writer for every piece of memory, and finds
 * a step that would read anything but what it should: BASIN_INTERNAL. Knows nothing of lifetimes:
 * an independent check of the planner. */
basin_status program_check(const struct program *program);

#endif
