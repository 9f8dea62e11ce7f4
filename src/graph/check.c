/* The overlap checker: an oracle of the tests that knows steps and nothing of lifetimes. */
#include "graph/plan.h"

#include <string.h>

/* The last writer of every 64 bytes of the two arenas, by name of the value. */
struct owners {
    int64_t *transient, *persistent;
};

static basin_status grain(const struct program *program, const struct owners *owners, struct place place, size_t bytes,
                          int64_t **first, size_t *count)
{
    bool transient = place.base == BASE_TRANSIENT;
    size_t size = transient ? program->transient_bytes : program->persistent_bytes;
    if (place.offset > size || bytes > size - place.offset) return error_raise(BASIN_INTERNAL, "plan: a value lies outside its arena");
    *first = (transient ? owners->transient : owners->persistent) + place.offset / MEMORY_ALIGNMENT;
    *count = (place.offset % MEMORY_ALIGNMENT + bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT;
    return BASIN_OK;
}

static bool in_arena(struct place place)
{
    return place.base == BASE_TRANSIENT || place.base == BASE_PERSISTENT;
}

static basin_status check_step(const struct program *program, const struct owners *owners, const struct step *step)
{
    int64_t *owner = NULL;
    size_t count = 0;
    for (int i = 0; i < step->inputs; i++) {
        if (!step->reads[i] || !in_arena(step->in[i])) continue;
        TRY(grain(program, owners, step->in[i], step->in_bytes[i], &owner, &count));
        for (size_t j = 0; j < count; j++)
            if (owner[j] != step->reads[i])
                return error_raise(BASIN_INTERNAL, "plan: node %d reads value %lld where value %lld is", (int)step->node,
                                   (long long)step->reads[i], (long long)owner[j]);
    }
    if (!in_arena(step->out)) return BASIN_OK;
    TRY(grain(program, owners, step->out, step->out_bytes, &owner, &count));
    if (step->out.offset % MEMORY_ALIGNMENT) return error_raise(BASIN_INTERNAL, "plan: node %d is not aligned", (int)step->node);
    for (size_t j = 0; j < count; j++) owner[j] = step->value;
    return BASIN_OK;
}

static basin_status check_constants(const struct program *program, const struct owners *owners)
{
    for (int i = 0; i < program->fill_count; i++) {
        struct place place = {BASE_PERSISTENT, program->fills[i].offset};
        int64_t *owner = NULL;
        size_t count = 0;
        TRY(grain(program, owners, place, (size_t)program->fills[i].count * precision_size(program->precision), &owner, &count));
        for (size_t j = 0; j < count; j++)
            if (owner[j]) return error_raise(BASIN_INTERNAL, "plan: a constant is overwritten");
    }
    return BASIN_OK;
}

basin_status program_check(const struct program *program)
{
    size_t transient = program->transient_bytes / MEMORY_ALIGNMENT, persistent = program->persistent_bytes / MEMORY_ALIGNMENT;
    struct owners owners = {.transient = memory_allocate((transient + persistent + 1) * sizeof(int64_t))};
    if (!owners.transient) return BASIN_MEMORY;
    owners.persistent = owners.transient + transient;
    basin_status status = BASIN_OK;
    for (int pass = 0; pass < 3 && status == BASIN_OK; pass++) /* everything, then the varying phase twice more */
        for (int i = pass ? program->invariant_count : 0; i < program->count && status == BASIN_OK; i++)
            status = check_step(program, &owners, &program->steps[i]);
    if (status == BASIN_OK) status = check_constants(program, &owners);
    memory_free(owners.transient);
    return status;
}
