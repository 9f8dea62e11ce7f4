/* Schedule: what a program computes, in which order, and what runs together.
 *
 * The way from a graph to a program:
 *
 *     rewrite.c     patterns become cheaper primitives          graph    -> graph
 *     schedule.c    dead code, phases, views                    graph    -> items in order
 *       order.c       cycles through delays become loops
 *       fuse.c        pointwise neighbours become groups
 *       lower.c       shapes become the sizes of kernels
 *     plan.c        a place in memory for every value           schedule -> plan
 *     program.c     steps that only have to be run              plan     -> program
 *     check.c       an independent check of the result, for the tests
 *
 * An item is one thing to do; a group is one item, or several that run side by side in tiles; a
 * loop is a run of items that is repeated for every step of time. Everything is decided here, once,
 * before anything runs.
 *
 * Ownership.  Arrays live in the arena given; a schedule is scratch of one compilation.
 */
#ifndef BASIN_GRAPH_SCHEDULE_H
#define BASIN_GRAPH_SCHEDULE_H

#include "graph/node.h"
#include "graph/options.h"

/* One thing to do: compute `node`, or (result >= 0) copy it to its output slot. */
struct item {
    graph_node node;
    int result;
};

/* Adjacent items that run together, tile by tile; tile 0: one item, on its whole arrays. */
struct group {
    int first, count;
    int64_t size; /* elements of every result */
    int64_t row;  /* length of the rows that a tile may not cut; 0: it may cut anywhere */
    int64_t tile; /* elements of a tile */
};

/* Items (of a program: groups) that run again for every step of time: 0 ... steps - 1, or, where
 * `backward`, steps - 1 ... 0. */
struct loop {
    int first, count;
    int64_t steps;
    bool backward;
};

struct schedule {
    bool *live;         /* by node: an output needs it */
    bool *varying;      /* by node: depends on a varying slot */
    bool *direct;       /* by result: computed in its output slot, so that no copy is needed */
    graph_node *root;   /* by node: the node in whose memory it lies: itself, unless it is a view (a
                         reshape, or a slice of the outermost axis) */
    int64_t *shift;     /* by node: elements from the start of its root */
    struct item *items; /* invariant ones, then varying ones; no leaves, constants and views */
    int count, invariant_count;
    struct group *groups;
    int group_count;
    int *group_of; /* by item */
    struct loop *loops;
    int loop_count;
    int *loop_of;      /* by item: index of its loop, or -1 */
    int *loop_of_node; /* by node: -1, or a number that the nodes of one loop share (not an index
                          into `loops`) */
    struct kernel_task *tasks; /* by item: lowered and prepared */
};

basin_status schedule_make(struct arena *arena, const struct graph *graph,
                           const struct program_options *options, struct schedule *schedule);

/* Writes the computed nodes to `out` in an order in which they can run, and fills loop_of_node
 * (order.c). */
basin_status schedule_order(struct arena *arena, const struct graph *graph,
                            struct schedule *schedule, graph_node *out, int *count);
/* Fills loops and loop_of from items, and checks that the loops can run step by step:
 * BASIN_INTERNAL where one cannot (order.c). */
basin_status schedule_loops(struct arena *arena, const struct graph *graph,
                            struct schedule *schedule);
/* Does a step of this node read only the rows of its own step from an input (and not all of it)? */
bool schedule_slices(const struct graph *graph, graph_node id, int input);
/* How often an item runs: 1 outside of loops. */
static inline int64_t schedule_steps(const struct schedule *schedule, int item)
{
    return schedule->loop_of[item] < 0 ? 1 : schedule->loops[schedule->loop_of[item]].steps;
}

enum { TILE_BYTES = 8192 }; /* a quarter of a usual first-level cache: a tile of every operand */

/* Fills groups and group_of; results of at most `tile` elements stay single (fuse.c). */
void schedule_groups(const struct graph *graph, int64_t tile, bool fuse, struct schedule *schedule);

/* Sets the sizes of every item's kernel (in a loop: for one step) and prepares it (lower.c). What
 * the preparation makes is released with `arena`. */
basin_status schedule_lower(struct arena *arena, struct arena *scratch, const struct graph *graph,
                            const struct program_options *options, struct schedule *schedule);

#endif
