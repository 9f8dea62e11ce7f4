/* Steps: the inside of a program, which program.c makes and runs and check.c checks.
 *
 * A step is one call of a kernel with everything resolved: function, sizes, places. Running a
 * program is running its groups of steps in order, loops step by step.
 */
#ifndef BASIN_GRAPH_STEP_H
#define BASIN_GRAPH_STEP_H

#include "graph/plan.h"

struct step {
    kernel_function *run;
    int op; /* its primitive; -1: a copy to an output, or poison */
    struct kernel_task task;
    struct place in[KERNEL_INPUTS], out;
    int inputs;
    size_t in_bytes[KERNEL_INPUTS], out_bytes;
    graph_node node; /* GRAPH_NONE for poison, which only the oracles do */
    enum tiling tiling;
    /* In a loop: bytes from one step of time to the next; 0 where every step uses the same memory.
     * delay: -1 or 1, the step of time that a delay reads, relative to its own. */
    size_t in_stride[KERNEL_INPUTS], out_stride;
    int delay;
    /* For check.c: names of the values written and read; 0: none (a slot or a constant). */
    int64_t value, reads[KERNEL_INPUTS];
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

/* For the tile of `count` elements from element `first` of a step's result: sets the kernel's sizes
 * and returns the element at which the tile of input 0 begins. */
int64_t tile_part(const struct step *step, int64_t first, int64_t count, int64_t size[3]);
/* The same for any input, from what tile_part has returned. */
int64_t tile_from(const struct step *step, int input, int64_t first);

/* Runs the steps without arithmetic, keeping for every piece of memory the name of the value that
 * was written last, and finds a step that would read another value than it should: BASIN_INTERNAL.
 * Knows nothing of lifetimes: an independent check of the planner (check.c). */
basin_status program_check(const struct program *program);

#endif
