/* Fusion: adjacent pointwise items of one size are computed tile by tile.
 *
 *     item by item:   for all elements: a = x * y;   for all elements: b = exp(a);   ...
 *     as a group:     for each tile of 8 KiB:  a = x * y;  b = exp(a);  ...
 *
 * So what one item hands to the next is still in the first-level cache, and a value that only its
 * own group reads has the memory of one tile. The kernels are the same and are called on parts of
 * their arrays, so that no bit can change.
 *
 * A broadcast of a row (1, N, L) or a column (N, L, 1) joins a group if its tiles can be made of
 * whole rows of L elements and if its input is not computed in that group (which would have only a
 * tile of it). */
#include "graph/schedule.h"

/* The length of the rows that a tile may not cut; 0 where the node cannot be tiled by rows. */
static int64_t row_of(const struct graph *graph, const struct node *node)
{
    struct kernel_task task = {0};
    operations[node->op]->lower(graph, node, &task);
    if (operations[node->op]->tiling != TILING_BROADCAST) return task.size[1];
    if (task.size[0] == 1 && task.size[2] > 1) return task.size[2];
    return task.size[2] == 1 ? task.size[1] : 0;
}

static bool computes(const struct schedule *schedule, const struct group *run, graph_node node)
{
    for (int i = run->first; i < run->first + run->count; i++)
        if (schedule->items[i].node == node) return true;
    return false;
}

/* Can the item join the run, which may be empty? If so, sets the run's size and row length. */
static bool fuse_join(const struct graph *graph, const struct schedule *schedule, int number,
                      int64_t tile, struct group *run)
{
    const struct item *item = &schedule->items[number];
    const struct node *node = node_at(graph, item->node);
    enum tiling tiling = operations[node->op]->tiling;
    int64_t size = shape_size(node->shape) / schedule_steps(schedule, number), row = 0;
    if (run->count && schedule->loop_of[number] != schedule->loop_of[run->first]) return false;
    if (item->result >= 0 || tiling == TILING_NONE || size <= tile ||
        (run->count && run->size != size))
        return false;
    if (tiling != TILING_POINTWISE) {
        row = row_of(graph, node);
        if (row == 0 || row > tile || (run->row && run->row != row)) return false;
        for (int i = tiling == TILING_BROADCAST ? 0 : 1; i < op_arities[node->op]; i++)
            if (computes(schedule, run, schedule->root[node->input[i]])) return false;
    }
    run->size = size;
    if (row) run->row = row;
    return true;
}

static void close_run(struct schedule *schedule, int64_t tile, const struct group *run)
{
    if (!run->count) return;
    struct group *group = &schedule->groups[schedule->group_count++];
    *group = *run;
    group->tile = run->count == 1 ? 0 : run->row ? tile / run->row * run->row : tile;
}

void schedule_groups(const struct graph *graph, int64_t tile, bool fuse, struct schedule *schedule)
{
    struct group run = {0};
    for (int i = 0; i < schedule->count; i++) {
        struct group longer = run;
        bool joins =
            fuse && i != schedule->invariant_count && fuse_join(graph, schedule, i, tile, &longer);
        if (!joins) {
            close_run(schedule, tile, &run);
            longer = (struct group){.first = i};
            joins = fuse && fuse_join(graph, schedule, i, tile, &longer);
        }
        run = longer;
        run.count++;
        schedule->group_of[i] = schedule->group_count;
        if (joins) continue;
        close_run(schedule, tile, &run);
        run = (struct group){.first = i + 1};
    }
    close_run(schedule, tile, &run);
}
