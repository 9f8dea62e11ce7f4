/* An independent check of a program's memory, for the tests: it knows steps, groups and tiles but
 * nothing of lifetimes. It plays every run of the program on names instead of numbers: a write puts
 * the name of its value on each piece of memory, and a read must find the name that it expects.
 * (Valgrind would not see such a mistake: all of it is allocated memory.) */
#include "graph/program.h"
#include "graph/step.h"

/* Name of the value that was last written to every 4 bytes of the arenas. */
enum { GRAIN = 4 };

struct owners {
    const struct program *program;
    int64_t *grains;
};

static bool in_arena(struct place place)
{
    return place.base == BASE_TRANSIENT || place.base == BASE_PERSISTENT ||
           place.base == BASE_TILES;
}

/* The grains of `bytes` bytes from `place` on; NULL where these are not inside their arena. */
static int64_t *grains_at(const struct owners *owners, struct place place, size_t bytes)
{
    const struct program *program = owners->program;
    size_t sizes[] = {program->transient_bytes, program->persistent_bytes, program->tile_bytes},
           start = 0;
    for (int base = BASE_TRANSIENT; base < place.base; base++)
        start += sizes[base - BASE_TRANSIENT];
    size_t size = sizes[place.base - BASE_TRANSIENT];
    if (place.offset > size || bytes > size - place.offset) return NULL;
    return owners->grains + (start + place.offset) / GRAIN;
}

static basin_status check_read(const struct owners *owners, const struct step *step, int i,
                               struct place place, size_t bytes)
{
    if (!step->reads[i] || !in_arena(place)) return BASIN_OK;
    const int64_t *owner = grains_at(owners, place, bytes);
    if (!owner)
        return error_raise(BASIN_INTERNAL, "plan: node %d reads outside its arena",
                           (int)step->node);
    for (size_t j = 0; j < bytes / GRAIN; j++)
        if (owner[j] != step->reads[i])
            return error_raise(BASIN_INTERNAL, "plan: node %d reads value %lld where value %lld is",
                               (int)step->node, (long long)step->reads[i], (long long)owner[j]);
    return BASIN_OK;
}

static basin_status check_write(const struct owners *owners, const struct step *step,
                                struct place place, size_t bytes)
{
    if (!in_arena(place)) return BASIN_OK;
    int64_t *owner = grains_at(owners, place, bytes);
    if (!owner)
        return error_raise(BASIN_INTERNAL, "plan: node %d writes outside its arena",
                           (int)step->node);
    if (!step->out_stride && step->out.offset % MEMORY_ALIGNMENT)
        return error_raise(BASIN_INTERNAL, "plan: node %d is not aligned", (int)step->node);
    for (size_t j = 0; j < bytes / GRAIN; j++) owner[j] = step->value;
    return BASIN_OK;
}

static struct place tile_place(const struct owners *owners, struct place place, int64_t first)
{
    if (place.base != BASE_TILES)
        place.offset += (size_t)first * precision_size(owners->program->precision);
    return place;
}

static struct place moved(struct place place, int64_t time, size_t stride)
{
    place.offset += (size_t)time * stride;
    return place;
}

static basin_status check_whole(const struct owners *owners, const struct step *step, int64_t time,
                                int64_t steps)
{
    int64_t seen = time + step->delay;
    bool zeros = step->delay && (seen < 0 || seen == steps);
    for (int i = 0; !zeros && i < step->inputs; i++)
        TRY(check_read(owners, step, i, moved(step->in[i], seen, step->in_stride[i]),
                       step->in_bytes[i]));
    return check_write(owners, step, moved(step->out, time, step->out_stride), step->out_bytes);
}

static basin_status check_tile(const struct owners *owners, const struct step *step, int64_t time,
                               int64_t first, int64_t count)
{
    size_t size = precision_size(owners->program->precision);
    int64_t part[3] = {0}, from = tile_part(step, first, count, part);
    bool broadcast = step->tiling == TILING_BROADCAST;
    size_t read = (size_t)(broadcast ? part[0] * part[2] : count) * size;
    for (int i = 0; i < step->inputs; i++) {
        size_t bytes =
            i == 0 || step->tiling == TILING_POINTWISE ? read : (size_t)step->task.size[1] * size;
        if (i > 0 && step->tiling == TILING_COLUMN) bytes = read / (size_t)step->task.size[1];
        struct place place = tile_place(owners, step->in[i], tile_from(step, i, from));
        TRY(check_read(owners, step, i, moved(place, time, step->in_stride[i]), bytes));
    }
    return check_write(owners, step,
                       moved(tile_place(owners, step->out, first), time, step->out_stride),
                       (size_t)count * size);
}

static basin_status check_group(const struct owners *owners, const struct group *group,
                                int64_t time, int64_t of)
{
    const struct step *steps = owners->program->steps + group->first;
    if (!group->tile) {
        for (int i = 0; i < group->count; i++) TRY(check_whole(owners, &steps[i], time, of));
        return BASIN_OK;
    }
    for (int64_t first = 0; first < group->size; first += group->tile) {
        int64_t count = group->size - first < group->tile ? group->size - first : group->tile;
        for (int i = 0; i < group->count; i++)
            TRY(check_tile(owners, &steps[i], time, first, count));
    }
    return BASIN_OK;
}

static basin_status check_constants(const struct owners *owners)
{
    const struct program *program = owners->program;
    for (int i = 0; i < program->fill_count; i++) {
        struct place place = {BASE_PERSISTENT, program->fills[i].offset};
        size_t bytes = (size_t)program->fills[i].count * precision_size(program->precision);
        const int64_t *owner = grains_at(owners, place, bytes);
        if (!owner) return error_raise(BASIN_INTERNAL, "plan: a constant lies outside its arena");
        for (size_t j = 0; j < bytes / GRAIN; j++)
            if (owner[j]) return error_raise(BASIN_INTERNAL, "plan: a constant is overwritten");
    }
    return BASIN_OK;
}

static basin_status check_loop(const struct owners *owners, const struct loop *loop)
{
    for (int64_t step = 0; step < loop->steps; step++)
        for (int i = 0; i < loop->count; i++)
            TRY(check_group(owners, &owners->program->groups[loop->first + i],
                            loop->backward ? loop->steps - 1 - step : step, loop->steps));
    return BASIN_OK;
}

static basin_status check_groups(const struct owners *owners, int first)
{
    const struct program *program = owners->program;
    for (int i = first, loop = 0; i < program->group_count;) {
        while (loop < program->loop_count && program->loops[loop].first < i) loop++;
        bool loops = loop < program->loop_count && program->loops[loop].first == i;
        TRY(loops ? check_loop(owners, &program->loops[loop])
                  : check_group(owners, &program->groups[i], 0, 1));
        i += loops ? program->loops[loop].count : 1;
    }
    return BASIN_OK;
}

basin_status program_check(const struct program *program)
{
    struct owners owners = {
        .program = program,
        .grains = memory_allocate((program_bytes(program) / GRAIN + 1) * sizeof(int64_t))};
    if (!owners.grains) return BASIN_MEMORY;
    basin_status status = BASIN_OK;
    for (int pass = 0; pass < 3 && status == BASIN_OK;
         pass++) /* everything once, then the varying phase twice more, as products with several
                    vectors do */
        status = check_groups(&owners, pass ? program->invariant_groups : 0);
    if (status == BASIN_OK) status = check_constants(&owners);
    memory_free(owners.grains);
    return status;
}
