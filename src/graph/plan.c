/* Where every value lives.
 *
 * A value needs memory from the group that computes it to the last group that reads it. Values
 * whose lives do not overlap may share memory, and finding the placement that needs least is
 * NP-hard (it is two-dimensional strip packing with the time of each rectangle fixed). So: greedy
 * by size (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference",
 * arXiv:2001.03288): the largest buffer first, each at the lowest offset that is free during its
 * whole life. Five buffers A to E, in order of size, and the group at which each is first and last
 * needed:
 *
 *     A 1-4    B 3-6    C 5-8    D 1-2    E 7-8
 *
 *     offset
 *        4  |          B   B   B   B           A comes first, at 0. B lives while A does: above it.
 *        3  |  D   D   B   B   B   B           A is dead when C begins: at 0 again. D is placed
 *        2  |  A   A   A   A           E   E   above A, before B is there. E is placed above C: B
 *        1  |  A   A   A   A   C   C   C   C   is dead by then.
 *        0  |  A   A   A   A   C   C   C   C
 *           +-------------------------------->  time
 *              1   2   3   4   5   6   7   8
 *
 * The largest sum of bytes that are alive at one time is a lower bound of every placement
 * (plan->lower_bound).
 *
 * Three things make lives and sizes smaller before that. A kernel may write its result over an
 * input that dies there: both values then are one buffer (reusable_input). A value that only its
 * own tiled group reads has the memory of one tile (is_local). A value inside a loop that the next
 * step of time does not need has the memory of one step (plan_is_step). One thing makes a life
 * longer: what the varying phase reads of the invariant phase lives for ever, in the persistent
 * arena.
 */
#include "graph/plan.h"

#include <stdlib.h>
#include <string.h>

struct planner {
    struct arena *arena;
    const struct graph *graph;
    const struct schedule *schedule;
    const struct program_options *options;
    struct plan *plan;
    int *last;  /* by root node: the last item that reads it; FOREVER where an output or the varying
                   phase needs it */
    bool *keep; /* by root node: invariant, read by the varying phase */
    int *pinned; /* by root node: the last group of which every tile reads it from its start (the
                    input of a broadcast), or -1 */
    int *direct; /* by root node: the result in whose slot it is computed, or -1 */
};

/* The last item of the loop that an item is in, or the item. */
static int loop_end(const struct schedule *schedule, int item)
{
    const struct loop *loop = &schedule->loops[schedule->loop_of[item]];
    return schedule->loop_of[item] < 0 ? item : loop->first + loop->count - 1;
}

/* What enters a loop from outside is read again at every step, and what a delay hands from step to
 * step is read one step later: both are needed until the loop has ended. */
static void note_read(struct planner *planner, graph_node input, int item)
{
    const struct schedule *schedule = planner->schedule;
    graph_node root = schedule->root[input];
    bool result = schedule->items[item].result >= 0;
    bool same = !result &&
                schedule->loop_of_node[root] == schedule->loop_of_node[schedule->items[item].node];
    bool delayed = !result && node_is_delay(node_at(planner->graph, schedule->items[item].node));
    if (!same || delayed) planner->plan->whole[root] = true;
    int until = same && !delayed ? item : loop_end(schedule, item);
    if (until > planner->last[root]) planner->last[root] = until;
    if (item >= schedule->invariant_count && !schedule->varying[root]) planner->keep[root] = true;
}

/* Is a value read by its own group only, tile by tile? Then it needs the memory of one tile. */
static bool is_local(const struct planner *planner, graph_node id, int item)
{
    const struct schedule *schedule = planner->schedule;
    int group = schedule->group_of[item], last = planner->last[id];
    return schedule->groups[group].tile &&
           !(schedule->loop_of[item] >= 0 && planner->plan->whole[id]) && last != FOREVER &&
           schedule->group_of[last] == group;
}

static void find_lives(struct planner *planner)
{
    const struct schedule *schedule = planner->schedule;
    const struct graph *graph = planner->graph;
    for (int i = 0; i < graph->count; i++)
        planner->last[i] = planner->direct[i] = planner->pinned[i] = -1;
    for (int item = 0; item < schedule->count; item++) {
        const struct node *node = node_at(graph, schedule->items[item].node);
        if (schedule->items[item].result >= 0)
            note_read(planner, schedule->items[item].node, item);
        else
            for (int i = 0; i < op_arities[node->op]; i++) note_read(planner, node->input[i], item);
        enum tiling tiling = operations[node->op]->tiling;
        bool pins =
            schedule->items[item].result < 0 && tiling != TILING_NONE && tiling != TILING_POINTWISE;
        for (int i = tiling == TILING_BROADCAST ? 0 : 1; pins && i < op_arities[node->op]; i++)
            planner->pinned[schedule->root[node->input[i]]] = schedule->group_of[item];
    }
    for (int i = 0; i < graph->result_count; i++)
        if (schedule->direct[i]) planner->direct[schedule->root[graph->results[i].node]] = i;
    for (int i = 0; i < graph->count; i++)
        if (planner->keep[i] || planner->direct[i] >= 0)
            planner->last[i] = FOREVER, planner->plan->whole[i] = true;
    for (int item = 0; item < schedule->count; item++) {
        graph_node id = schedule->items[item].node;
        bool lasts = schedule->items[item].result < 0 && planner->plan->whole[id] &&
                     loop_end(schedule, item) > planner->last[id];
        if (lasts) planner->last[id] = loop_end(schedule, item);
    }
}

/* Does the value need the memory of one step of its loop only? */
static bool plan_is_step(const struct planner *planner, graph_node id)
{
    return planner->schedule->loop_of_node[id] >= 0 && !planner->plan->whole[id];
}

static size_t buffer_bytes(const struct planner *planner, graph_node id, int item)
{
    const struct schedule *schedule = planner->schedule;
    size_t steps = plan_is_step(planner, id) ? (size_t)schedule_steps(schedule, item) : 1;
    if (!is_local(planner, id, item))
        return aligned(node_bytes(planner->graph, id, planner->options) / steps);
    return aligned((size_t)schedule->groups[schedule->group_of[item]].tile *
                   precision_size(planner->options->precision));
}

/* The input whose buffer the result may overwrite, or GRAPH_NONE. That input dies here, fills its
 * buffer, and no other input lies in the same buffer at another place. The kernel must allow it
 * (op_in_place). */
static graph_node reusable_input(const struct planner *planner, graph_node id, int item)
{
    const struct schedule *schedule = planner->schedule;
    const struct plan *plan = planner->plan;
    const struct node *node = node_at(planner->graph, id);
    bool loops =
        schedule->loop_of[item] >= 0; /* then only memory of one step may be overwritten: the rest
                                         is needed at other steps */
    if (loops && !plan_is_step(planner, id)) return GRAPH_NONE;
    for (int i = 0; i < op_arities[node->op]; i++) {
        if (!(op_in_place[node->op] >> i & 1)) continue;
        graph_node root = schedule->root[node->input[i]];
        if (loops && (!plan_is_step(planner, root) ||
                      schedule->loop_of_node[root] != schedule->loop_of_node[id]))
            continue;
        int buffer = plan->buffer_of[root];
        if (planner->pinned[root] == schedule->group_of[item] || buffer < 0 ||
            plan->buffers[buffer].last_item != item)
            continue;
        bool local = plan->buffers[buffer].place.base == BASE_TILES;
        bool fits = schedule->shift[node->input[i]] == 0 && local == is_local(planner, id, item);
        for (int j = 0; j < op_arities[node->op]; j++)
            if (plan->buffer_of[schedule->root[node->input[j]]] == buffer &&
                schedule->shift[node->input[j]] != 0)
                fits = false;
        if (fits && plan->buffers[buffer].bytes == buffer_bytes(planner, id, item))
            return node->input[i];
    }
    return GRAPH_NONE;
}

/* Sets the base of a buffer; the offset as well where it is known already (slots of the caller,
 * persistent arena). place_in finds the others. */
static void place_buffer(struct planner *planner, graph_node id, int item, struct buffer *buffer)
{
    struct plan *plan = planner->plan;
    if (planner->direct[id] >= 0) {
        const struct graph_result *result = &planner->graph->results[planner->direct[id]];
        buffer->place.base = (int)result->slot;
        buffer->place.offset = (size_t)result->offset * precision_size(planner->options->precision);
    } else if (planner->keep[id]) {
        buffer->place = (struct place){BASE_PERSISTENT, plan->persistent_bytes};
        plan->persistent_bytes += buffer->bytes;
    } else {
        buffer->place =
            (struct place){is_local(planner, id, item) ? BASE_TILES : BASE_TRANSIENT, 0};
    }
}

/* From the item that writes it to its last reader, in the time of the buffer's arena. A buffer that
 * outlives a step of its loop is taken from the beginning of the loop on. */
static void set_life(const struct planner *planner, graph_node id, int item, bool begins,
                     struct buffer *buffer)
{
    const int *group_of = planner->schedule->group_of;
    bool local = buffer->place.base == BASE_TILES;
    int last = planner->last[id];
    int loop = planner->schedule->loop_of[item];
    int first =
        loop >= 0 && !plan_is_step(planner, id) ? planner->schedule->loops[loop].first : item;
    if (begins) buffer->first = local ? item : group_of[first];
    buffer->step = plan_is_step(planner, id);
    buffer->last_item = last;
    buffer->last = last == FOREVER || local ? last : group_of[last];
}

static void make_buffers(struct planner *planner)
{
    struct plan *plan = planner->plan;
    for (int i = 0; i < planner->graph->count; i++) plan->buffer_of[i] = -1;
    for (int item = 0; item < planner->schedule->count; item++) {
        if (planner->schedule->items[item].result >= 0) continue;
        graph_node id = planner->schedule->items[item].node;
        graph_node input =
            planner->options->one_buffer_each ? GRAPH_NONE : reusable_input(planner, id, item);
        plan->buffer_of[id] =
            input != GRAPH_NONE ? plan->buffer_of[planner->schedule->root[input]] : plan->count++;
        struct buffer *buffer = &plan->buffers[plan->buffer_of[id]];
        if (input == GRAPH_NONE) buffer->bytes = buffer_bytes(planner, id, item);
        place_buffer(planner, id, item, buffer);
        set_life(planner, id, item, input == GRAPH_NONE, buffer);
    }
}

/* A kernel's scratch memory lives during its own group only. */
static void make_scratch(struct planner *planner)
{
    struct plan *plan = planner->plan;
    for (int item = 0; item < planner->schedule->count; item++) {
        size_t bytes = planner->schedule->tasks[item].scratch;
        plan->scratch_of[item] = bytes ? plan->count : -1;
        if (!bytes) continue;
        int group = planner->schedule->group_of[item];
        plan->buffers[plan->count++] = (struct buffer){.bytes = aligned(bytes),
                                                       .first = group,
                                                       .last = group,
                                                       .last_item = item,
                                                       .step = true,
                                                       .place = {BASE_TRANSIENT, 0}};
    }
}

/* ---- offsets in the arenas that are reused ---- */

/* Orders in which buffers are placed. Every comparison ends in in_order (first group, then order of
 * creation), so that the plan does not depend on qsort. */
static int in_order(const struct buffer *p, const struct buffer *q)
{
    if (p->first != q->first) return p->first < q->first ? -1 : 1;
    return p < q ? -1 : p > q;
}

static int by_size(const void *a, const void *b)
{
    const struct buffer *p = *(struct buffer *const *)a, *q = *(struct buffer *const *)b;
    if (p->bytes != q->bytes) return p->bytes > q->bytes ? -1 : 1;
    return in_order(p, q);
}

static int by_life(const void *a, const void *b)
{
    const struct buffer *p = *(struct buffer *const *)a, *q = *(struct buffer *const *)b;
    int64_t x = (int64_t)p->last - p->first, y = (int64_t)q->last - q->first;
    return x != y ? (x > y ? -1 : 1) : by_size(a, b);
}

static int by_beginning(const void *a, const void *b)
{
    return in_order(*(struct buffer *const *)a, *(struct buffer *const *)b);
}

static bool alive_together(const struct buffer *a, const struct buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset at which the buffer fits: `placed` is sorted by offset, and only buffers that
 * live at the same time are in the way. */
static size_t lowest_gap(struct buffer *const *placed, int count, const struct buffer *buffer)
{
    size_t end = 0;
    for (int i = 0; i < count; i++) {
        if (!alive_together(placed[i], buffer)) continue;
        if (placed[i]->place.offset >= end + buffer->bytes) break;
        size_t after = placed[i]->place.offset + placed[i]->bytes;
        if (after > end) end = after;
    }
    return end;
}

/* Places the buffers in the order of `sorted`; returns the bytes that they need together. */
static size_t place_sorted(const struct planner *planner, struct buffer *const *sorted,
                           struct buffer **placed, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++) {
        struct buffer *buffer = sorted[i];
        size_t offset = planner->options->one_buffer_each ? bytes : lowest_gap(placed, i, buffer);
        buffer->place.offset = offset;
        int at = i;
        for (; at > 0 && placed[at - 1]->place.offset > offset; at--) placed[at] = placed[at - 1];
        placed[at] = buffer;
        if (offset + buffer->bytes > bytes) bytes = offset + buffer->bytes;
    }
    return bytes;
}

/* The largest number of bytes that are alive at one time in an arena; `*when`: the time. */
static size_t largest_live_set(const struct plan *plan, int base, int times, int *when)
{
    size_t largest = *when = 0;
    for (int time = 0; time < times; time++) {
        size_t alive = 0;
        for (int i = 0; i < plan->count; i++) {
            const struct buffer *buffer = &plan->buffers[i];
            bool now = buffer->first <= time && time <= buffer->last;
            if (now && buffer->place.base == base) alive += buffer->bytes;
        }
        if (alive > largest) *when = time;
        if (alive > largest) largest = alive;
    }
    return largest;
}

/* Moves the buffers that are alive at the fullest time to the front, so that they lie without gaps.
 */
static void fullest_first(struct buffer **sorted, struct buffer **spare, int count, int when)
{
    int front = 0, rest = 0;
    for (int i = 0; i < count; i++) {
        struct buffer *buffer = sorted[i];
        if (buffer->first <= when && when <= buffer->last)
            sorted[front++] = buffer;
        else
            spare[rest++] = buffer;
    }
    if (rest) memcpy(sorted + front, spare, (size_t)rest * sizeof *spare);
}

/* Moves the buffer that reaches the highest address to the front. */
static void highest_first(struct buffer **sorted, int count)
{
    int highest = 0;
    for (int i = 1; i < count; i++)
        if (sorted[i]->place.offset + sorted[i]->bytes >
            sorted[highest]->place.offset + sorted[highest]->bytes)
            highest = i;
    struct buffer *buffer = sorted[highest];
    memmove(sorted + 1, sorted, (size_t)highest * sizeof *sorted);
    sorted[0] = buffer;
}

/* Tries orders until one reaches the lower bound. By size is almost always enough. The other orders
 * follow only where the result stays above the bound; where it stays above by more than a
 * twentieth, the buffer that ends up highest is placed first and all are placed again, up to 48
 * times. */
static basin_status place_in(struct planner *planner, int base, int times, size_t *bytes,
                             size_t *least)
{
    int (*const orders[])(const void *a, const void *b) = {by_size, by_life, by_beginning};
    enum { ORDERS = 2 * sizeof orders / sizeof *orders, TRIES = ORDERS + 48 };
    struct plan *plan = planner->plan;
    struct buffer **sorted = arena_array(planner->arena, struct buffer *, (size_t)plan->count + 1);
    struct buffer **placed = arena_array(planner->arena, struct buffer *, (size_t)plan->count + 1);
    size_t *best = arena_array(planner->arena, size_t, (size_t)plan->count + 1);
    if (!sorted || !placed || !best) return BASIN_MEMORY;
    int count = 0, when;
    for (int i = 0; i < plan->count; i++)
        if (plan->buffers[i].place.base == base) sorted[count++] = &plan->buffers[i];
    *least = largest_live_set(plan, base, times, &when);
    *bytes = SIZE_MAX;
    for (int i = 0; i<TRIES && * bytes>(i < ORDERS ? *least : *least + *least / 20); i++) {
        if (i < ORDERS)
            qsort(sorted, (size_t)count, sizeof *sorted, orders[i / 2]);
        else
            highest_first(sorted, count);
        if (i < ORDERS && i % 2) fullest_first(sorted, placed, count, when);
        size_t taken = place_sorted(planner, sorted, placed, count);
        if (taken >= *bytes) continue;
        *bytes = taken;
        for (int j = 0; j < plan->count; j++) best[j] = plan->buffers[j].place.offset;
        if (planner->options->one_buffer_each) break;
    }
    for (int j = 0; j < plan->count; j++)
        if (plan->buffers[j].place.base == base) plan->buffers[j].place.offset = best[j];
    return BASIN_OK;
}

/* ---- constants: one array for each value, as long as the longest of them ---- */

static void note_constant(struct plan *plan, double value, int64_t count)
{
    int i = 0;
    while (i < plan->fill_count && memcmp(&plan->fills[i].value, &value, sizeof value)) i++;
    if (i == plan->fill_count)
        plan->fills[plan->fill_count++] = (struct constant_fill){.value = value};
    if (count > plan->fills[i].count) plan->fills[i].count = count;
}

static void place_constants(struct planner *planner)
{
    struct plan *plan = planner->plan;
    for (graph_node id = 0; id < planner->graph->count; id++) {
        const struct node *node = node_at(planner->graph, id);
        if (planner->schedule->live[id] && node->op == OP_constant)
            note_constant(plan, node->number, shape_size(node->shape));
    }
    for (int i = 0; i < plan->fill_count; i++) {
        plan->fills[i].offset = plan->persistent_bytes;
        plan->persistent_bytes +=
            aligned((size_t)plan->fills[i].count * precision_size(planner->options->precision));
    }
}

static struct place root_place(const struct planner *planner, graph_node root)
{
    const struct plan *plan = planner->plan;
    const struct node *node = node_at(planner->graph, root);
    if (node->op == OP_leaf)
        return (struct place){(int)node->attribute[0],
                              (size_t)node->attribute[1] *
                                  precision_size(planner->options->precision)};
    if (plan->buffer_of[root] >= 0) return plan->buffers[plan->buffer_of[root]].place;
    int i = 0;
    while (i < plan->fill_count &&
           memcmp(&plan->fills[i].value, &node->number, sizeof node->number))
        i++;
    return (struct place){BASE_PERSISTENT, i < plan->fill_count ? plan->fills[i].offset : 0};
}

basin_status plan_make(struct arena *arena, const struct graph *graph,
                       const struct schedule *schedule, const struct program_options *options,
                       struct plan *plan)
{
    size_t count = (size_t)graph->count + 1, items = (size_t)schedule->count + 1;
    *plan = (struct plan){
        .buffers = arena_array(arena, struct buffer, count + items),
        .scratch_of = arena_array(arena, int, items),
        .whole = arena_array(arena, bool, count),
        .buffer_of = arena_array(arena, int, count),
        .places = arena_array(arena, struct place, count),
        .fills = arena_array(arena, struct constant_fill, count),
    };
    struct planner planner = {.arena = arena,
                              .graph = graph,
                              .schedule = schedule,
                              .options = options,
                              .plan = plan,
                              .last = arena_array(arena, int, count),
                              .keep = arena_array(arena, bool, count),
                              .direct = arena_array(arena, int, count),
                              .pinned = arena_array(arena, int, count)};
    if (!plan->buffers || !plan->scratch_of || !plan->whole || !plan->buffer_of || !plan->places ||
        !plan->fills || !planner.last || !planner.keep || !planner.direct || !planner.pinned)
        return BASIN_MEMORY;
    find_lives(&planner);
    make_buffers(&planner);
    make_scratch(&planner);
    size_t least, least_tiles;
    TRY(place_in(&planner, BASE_TRANSIENT, schedule->group_count, &plan->transient_bytes, &least));
    TRY(place_in(&planner, BASE_TILES, schedule->count, &plan->tile_bytes, &least_tiles));
    place_constants(&planner);
    plan->lower_bound = least + plan->persistent_bytes + plan->tile_bytes;
    for (graph_node id = 0; id < graph->count; id++) {
        if (!schedule->live[id]) continue;
        plan->places[id] = root_place(&planner, schedule->root[id]);
        plan->places[id].offset += (size_t)schedule->shift[id] * precision_size(options->precision);
    }
    return BASIN_OK;
}
