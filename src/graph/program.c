#include "graph/program.h"
#include "base/clock.h"
#include "graph/rewrite.h"
#include "graph/step.h"

#include <math.h>
#include <string.h>

/* ---- compiling ---- */

static kernel_function *choose_kernel(const struct kernel_set *set,
                                      const struct program_options *options)
{
    if (options->naive) return set->naive;
    return options->precision == PRECISION_FLOAT32 ? set->float32 : set->float64;
}

struct compiler {
    const struct graph *graph;
    const struct program_options *options;
    const struct schedule *schedule;
    const struct plan *plan;
    struct program *program;
};

/* The name of the value in a node's memory, for check.c; 0 where that is the caller's memory or a
 * constant. */
static int64_t value_name(const struct compiler *compiler, graph_node node)
{
    graph_node root = compiler->schedule->root[node];
    return compiler->plan->buffer_of[root] >= 0 ? root + 1 : 0;
}

static void step_input(const struct compiler *compiler, struct step *step, int i, graph_node input)
{
    step->in[i] = compiler->plan->places[input];
    step->in_bytes[i] = node_bytes(compiler->graph, input, compiler->options);
    step->reads[i] = value_name(compiler, input);
}

static bool program_is_step(const struct compiler *compiler, graph_node input)
{
    graph_node root = compiler->schedule->root[input];
    return compiler->schedule->loop_of_node[root] >= 0 && !compiler->plan->whole[root];
}

/* A step of a loop reads and writes the rows of its own step: strides of the result and of the
 * sliced inputs. */
static void step_strides(const struct compiler *compiler, struct step *step, int64_t steps)
{
    const struct node *node = node_at(compiler->graph, step->node);
    for (int i = 0; i < op_arities[node->op]; i++) {
        if (!schedule_slices(compiler->graph, step->node, i)) continue;
        step->in_bytes[i] /= (size_t)steps;
        step->in_stride[i] = program_is_step(compiler, node->input[i]) ? 0 : step->in_bytes[i];
    }
    step->out_bytes /= (size_t)steps;
    step->out_stride = program_is_step(compiler, step->node) ? 0 : step->out_bytes;
    if (node_is_delay(node)) step->delay = node->attribute[1] ? 1 : -1;
}

static struct step compute_step(const struct compiler *compiler, int item)
{
    graph_node id = compiler->schedule->items[item].node;
    const struct node *node = node_at(compiler->graph, id);
    const struct operation *operation = operations[node->op];
    struct step step = {.node = id,
                        .op = (int)node->op,
                        .tiling = operation->tiling,
                        .run = choose_kernel(&operation->kernels, compiler->options),
                        .inputs = op_arities[node->op],
                        .out = compiler->plan->places[id],
                        .value = value_name(compiler, id),
                        .out_bytes = node_bytes(compiler->graph, id, compiler->options)};
    step.task = compiler->schedule->tasks[item];
    for (int i = 0; i < step.inputs; i++) step_input(compiler, &step, i, node->input[i]);
    if (compiler->schedule->loop_of[item] >= 0)
        step_strides(compiler, &step, schedule_steps(compiler->schedule, item));
    if (step.delay) {
        static const struct kernel_set copy = KERNELS(copy);
        step.run = choose_kernel(&copy, compiler->options);
    }
    if (step.task.scratch)
        step.in[step.inputs++] = compiler->plan->buffers[compiler->plan->scratch_of[item]].place;
    if (node->op == OP_dropout_mask) {
        step.inputs = 1;
        step.in[0].base = BASE_RANDOM;
    }
    return step;
}

static struct step copy_step(const struct compiler *compiler, const struct item *item)
{
    static const struct kernel_set copy = KERNELS(copy);
    const struct graph_result *result = &compiler->graph->results[item->result];
    size_t size = precision_size(compiler->options->precision);
    struct step step = {.node = item->node,
                        .op = -1,
                        .run = choose_kernel(&copy, compiler->options),
                        .inputs = 1,
                        .out = {(int)result->slot, (size_t)result->offset * size}};
    step.task.size[0] = shape_size(node_at(compiler->graph, item->node)->shape);
    step.out_bytes = node_bytes(compiler->graph, item->node, compiler->options);
    step_input(compiler, &step, 0, item->node);
    return step;
}

static void add_group(struct program *program, struct group group)
{
    program->groups[program->group_count++] = group;
}

/* Oracle of the tests: fills with NaN the memory whose value was read for the last time in this
 * group. */
static void poison_steps(const struct compiler *compiler, int group, bool inside)
{
    static const struct kernel_set fill = KERNELS(fill);
    struct program *program = compiler->program;
    for (int i = 0; i < compiler->plan->count; i++) {
        const struct buffer *buffer = &compiler->plan->buffers[i];
        if (buffer->last != group || buffer->place.base != BASE_TRANSIENT || buffer->step != inside)
            continue;
        add_group(program, (struct group){.first = program->count, .count = 1});
        struct step *step = &program->steps[program->count++];
        *step = (struct step){.node = GRAPH_NONE,
                              .op = -1,
                              .run = choose_kernel(&fill, compiler->options),
                              .out = buffer->place,
                              .out_bytes = buffer->bytes,
                              .value = -1,
                              .task.number = NAN};
        step->task.size[0] =
            (int64_t)(buffer->bytes / precision_size(compiler->options->precision));
    }
}

static void program_write_group(const struct compiler *compiler, int number)
{
    struct program *program = compiler->program;
    struct group group = compiler->schedule->groups[number];
    int end = group.first + group.count;
    struct group steps = group;
    steps.first = program->count;
    add_group(program, steps);
    for (int i = group.first; i < end; i++) {
        const struct item *item = &compiler->schedule->items[i];
        struct step *step = &program->steps[program->count++];
        *step = item->result >= 0 ? copy_step(compiler, item) : compute_step(compiler, i);
        program->flops[i >= compiler->schedule->invariant_count] +=
            step->task.flops *
            (item->result >= 0 ? 1 : (double)schedule_steps(compiler->schedule, i));
    }
    if (program->poison) poison_steps(compiler, number, true);
}

/* Writes the steps of a group. A loop begins and ends where the neighbouring groups are not in it.
 */
static void write_loop(const struct compiler *compiler, int number)
{
    const struct schedule *schedule = compiler->schedule;
    struct program *program = compiler->program;
    int loop = schedule->loop_of[schedule->groups[number].first];
    bool begins = number == 0 || schedule->loop_of[schedule->groups[number - 1].first] != loop;
    bool ends = number + 1 == schedule->group_count ||
                schedule->loop_of[schedule->groups[number + 1].first] != loop;
    if (loop >= 0 && begins) {
        program->loops[program->loop_count] = schedule->loops[loop];
        program->loops[program->loop_count++].first = program->group_count;
    }
    program_write_group(compiler, number);
    if (loop >= 0 && ends) {
        struct loop *made = &program->loops[program->loop_count - 1];
        made->count = program->group_count - made->first;
    }
    if (program->poison && (loop < 0 || ends)) poison_steps(compiler, number, false);
}

static void write_steps(const struct compiler *compiler)
{
    struct program *program = compiler->program;
    const struct schedule *schedule = compiler->schedule;
    for (int i = 0; i < schedule->group_count; i++) {
        write_loop(compiler, i);
        if (schedule->groups[i].first < schedule->invariant_count)
            program->invariant_groups = program->group_count;
    }
}

static basin_status program_build(struct arena *arena, struct arena *scratch,
                                  const struct graph *graph, const struct program_options *options,
                                  struct program *program)
{
    struct schedule schedule;
    struct plan plan;
    TRY(schedule_make(scratch, graph, options, &schedule));
    TRY(schedule_lower(arena, scratch, graph, options, &schedule));
    TRY(plan_make(scratch, graph, &schedule, options, &plan));
    *program = (struct program){
        .precision = options->precision,
        .poison = options->poison,
        .steps = arena_array(arena, struct step, (size_t)schedule.count + (size_t)plan.count + 1),
        .groups = arena_array(arena, struct group, (size_t)schedule.count + (size_t)plan.count + 1),
        .loops = arena_array(arena, struct loop, (size_t)schedule.loop_count + 1),
        .fills = arena_array(arena, struct constant_fill, (size_t)plan.fill_count + 1),
        .fill_count = plan.fill_count,
        .transient_bytes = plan.transient_bytes,
        .persistent_bytes = plan.persistent_bytes,
        .tile_bytes = plan.tile_bytes,
        .lower_bound = plan.lower_bound};
    if (!program->steps || !program->groups || !program->loops || !program->fills)
        return BASIN_MEMORY;
    memcpy(program->fills, plan.fills, (size_t)plan.fill_count * sizeof *plan.fills);
    write_steps(&(struct compiler){graph, options, &schedule, &plan, program});
    return BASIN_OK;
}

basin_status program_compile(struct arena *arena, const struct graph *graph,
                             const struct program_options *options, struct program **out)
{
    TRY(graph_status(graph));
    if (options->naive && options->precision != PRECISION_FLOAT64)
        return error_raise(BASIN_INTERNAL, "program: the naive kernels are float64");
    kernels_one_thread();
    struct program *program = arena_array(arena, struct program, 1);
    struct arena *scratch;
    if (!program) return BASIN_MEMORY;
    TRY(arena_create(&scratch));
    struct graph *rewritten = NULL;
    basin_status status = options->literal ? BASIN_OK : graph_rewrite(scratch, graph, &rewritten);
    if (status == BASIN_OK)
        status = program_build(arena, scratch, rewritten ? rewritten : graph, options, program);
    arena_destroy(scratch);
    if (status == BASIN_OK) *out = program;
    return status;
}

size_t program_bytes(const struct program *program)
{
    return program->transient_bytes + program->persistent_bytes + program->tile_bytes;
}

size_t program_lower_bound(const struct program *program)
{
    return program->lower_bound;
}

double program_flops(const struct program *program, enum program_phase phase)
{
    return (phase != PROGRAM_VARYING ? program->flops[0] : 0) +
           (phase != PROGRAM_INVARIANT ? program->flops[1] : 0);
}

/* ---- running ---- */

struct program_state {
    const struct program *program;
    void *base[BASE_COUNT];
    struct kernel_random random;
    struct program_profile *profile;
};

static void *program_at(const struct program_state *state, struct place place)
{
    return (char *)state->base[place.base] + place.offset;
}

static void program_fill(enum precision precision, double value, void *out, int64_t count)
{
    const struct kernel_task task = {.size = {count}, .number = value};
    (precision == PRECISION_FLOAT32 ? kernel_fill_float32 : kernel_fill_float64)(&task, out, NULL);
}

basin_status program_state_create(const struct program *program, struct program_state **out)
{
    size_t header = aligned(sizeof(struct program_state));
    struct program_state *state = memory_allocate(header + program_bytes(program));
    if (!state) return BASIN_MEMORY;
    state->program = program;
    state->base[BASE_TRANSIENT] = (char *)state + header;
    state->base[BASE_PERSISTENT] = (char *)state + header + program->transient_bytes;
    state->base[BASE_TILES] = (char *)state->base[BASE_PERSISTENT] + program->persistent_bytes;
    state->base[BASE_RANDOM] = &state->random;
    if (program->poison)
        program_fill(program->precision, NAN, state->base[BASE_TRANSIENT],
                     (int64_t)(program_bytes(program) / precision_size(program->precision)));
    for (int i = 0; i < program->fill_count; i++) {
        const struct constant_fill *constant = &program->fills[i];
        program_fill(program->precision, constant->value,
                     program_at(state, (struct place){BASE_PERSISTENT, constant->offset}),
                     constant->count);
    }
    *out = state;
    return BASIN_OK;
}

void program_state_destroy(struct program_state *state)
{
    memory_free(state);
}

void program_bind(struct program_state *state, enum graph_slot slot, void *memory)
{
    state->base[slot] = memory;
}

void program_random(struct program_state *state, uint64_t seed, uint32_t step)
{
    state->random = (struct kernel_random){.seed = seed, .step = step};
}

/* Step `time` of the `steps` of a loop; outside of loops 0 of 1. */
struct moment {
    int64_t time, steps;
};

static void call(const struct program_state *state, const struct step *step,
                 const struct kernel_task *task, void *out, const void *const *in)
{
    if (!state->profile) {
        step->run(task, out, in);
        return;
    }
    int kind = step->op < 0 ? OP_COUNT : step->op;
    double start = clock_seconds();
    step->run(task, out, in);
    state->profile->seconds[kind] += clock_seconds() - start;
    state->profile->multiplies[kind] = step->task.flops > 0;
}

static void run_step(const struct program_state *state, const struct step *step, struct moment now)
{
    const void *in[KERNEL_INPUTS];
    char *out = (char *)program_at(state, step->out) + (size_t)now.time * step->out_stride;
    int64_t seen = now.time + step->delay;
    if (step->delay && (seen < 0 || seen == now.steps)) {
        memset(out, 0, step->out_bytes);
        return;
    }
    for (int i = 0; i < step->inputs; i++)
        in[i] = (char *)program_at(state, step->in[i]) + (size_t)seen * step->in_stride[i];
    call(state, step, &step->task, out, in);
}

/* The address of element `first` of an array; values in the arena of tiles have one tile only. */
static void *tile_at(const struct program_state *state, struct place place, int64_t first,
                     size_t size)
{
    return (char *)program_at(state, place) + (place.base == BASE_TILES ? 0 : (size_t)first * size);
}

/* Computes elements first ... first + count - 1 of a step's result. */
static void run_tile(const struct program_state *state, const struct step *step, int64_t time,
                     int64_t first, int64_t count)
{
    size_t size = precision_size(state->program->precision);
    const void *in[KERNEL_INPUTS];
    struct kernel_task part;
    part.number = step->task.number;
    part.prepared = step->task.prepared;
    part.size[0] = count;
    part.size[1] = step->task.size[1];
    int64_t from = tile_part(step, first, count, part.size);
    for (int i = 0; i < step->inputs; i++)
        in[i] = (char *)tile_at(state, step->in[i], tile_from(step, i, from), size) +
                (size_t)time * step->in_stride[i];
    call(state, step, &part,
         (char *)tile_at(state, step->out, first, size) + (size_t)time * step->out_stride, in);
}

static void run_group(const struct program_state *state, const struct group *group,
                      struct moment now)
{
    const struct step *begin = state->program->steps + group->first, *end = begin + group->count;
    if (!group->tile) {
        for (const struct step *step = begin; step < end; step++) run_step(state, step, now);
        return;
    }
    for (int64_t first = 0; first < group->size; first += group->tile) {
        int64_t count = group->size - first < group->tile ? group->size - first : group->tile;
        for (const struct step *step = begin; step < end; step++)
            run_tile(state, step, now.time, first, count);
    }
}

basin_status program_run(struct program_state *state, enum program_phase phase)
{
    const struct program *program = state->program;
    int first = phase == PROGRAM_VARYING ? program->invariant_groups : 0;
    int end = phase == PROGRAM_INVARIANT ? program->invariant_groups : program->group_count;
    const struct loop *loop = program->loops, *loops_end = loop + program->loop_count;
    while (loop < loops_end && loop->first < first) loop++;
    for (int i = first; i < end;) {
        if (loop == loops_end || loop->first != i) {
            run_group(state, &program->groups[i++], (struct moment){0, 1});
            continue;
        }
        for (int64_t step = 0; step < loop->steps; step++) {
            struct moment now = {loop->backward ? loop->steps - 1 - step : step, loop->steps};
            for (int j = 0; j < loop->count; j++) run_group(state, &program->groups[i + j], now);
        }
        i += loop++->count;
    }
    return kernels_status();
}

_Static_assert((int)OP_COUNT < (int)PROFILE_KINDS, "a profile has room for every primitive");

void program_profile(struct program_state *state, struct program_profile *profile)
{
    state->profile = profile;
}

const char *program_kind(int kind)
{
    return kind < OP_COUNT ? op_names[kind] : kind == OP_COUNT ? "copy" : NULL;
}

static double step_traffic(const struct step *step)
{
    double bytes = step->out.base == BASE_TILES ? 0 : (double)step->out_bytes;
    int inputs = step->inputs - (step->task.scratch > 0);
    for (int i = 0; i < inputs; i++)
        if (step->in[i].base != BASE_TILES && step->in[i].base != BASE_RANDOM)
            bytes += (double)step->in_bytes[i];
    return bytes;
}

double program_traffic(const struct program *program, enum program_phase phase)
{
    int first = phase == PROGRAM_VARYING ? program->invariant_groups : 0;
    int end = phase == PROGRAM_INVARIANT ? program->invariant_groups : program->group_count;
    double bytes = 0;
    for (int i = first; i < end; i++) {
        double times = 1;
        for (int j = 0; j < program->loop_count; j++)
            if (program->loops[j].first <= i &&
                i < program->loops[j].first + program->loops[j].count)
                times = (double)program->loops[j].steps;
        const struct group *group = &program->groups[i];
        for (int j = 0; j < group->count; j++)
            bytes += times * step_traffic(&program->steps[group->first + j]);
    }
    return bytes;
}
