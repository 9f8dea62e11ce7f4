/* The conditions of a sweep at work: which combinations of its points are runs, and which axes do not apply to them. */
#include <string.h>
#include "spec/condition.h"

static basin_status read_exclude(const struct sweep_reader *reader, const struct tree *node, struct sweep_filter *filter)
{
    struct place place = {.key = "sweep.exclude"};
    bool one = node->kind == TREE_MAP;
    if (!one && (node->kind != TREE_LIST || node->list.count == 0)) {
        resolver_complain(reader->resolver, node->mark, &place, "write \"- {path: value}\" for each kind of run to leave out",
                          "expected a list of conditions, found %s", node->kind == TREE_LIST ? "an empty one" : sweep_kind(node));
        return BASIN_OK;
    }
    filter->excludes = one ? 1 : node->list.count;
    filter->exclude = arena_array(reader->resolver->arena, struct condition, filter->excludes);
    if (!filter->exclude) return BASIN_MEMORY;
    for (size_t i = 0; i < filter->excludes; i++)
        TRY(condition_read(reader, one ? node : node->list.items[i], &place, &filter->exclude[i]));
    return BASIN_OK;
}

/* The axis of a path under `when`, or false after a complaint. */
static bool when_axis(const struct sweep_reader *reader, const struct tree_member *member, size_t *axis)
{
    struct place place = {.key = "sweep.when"};
    for (*axis = 0; *axis < reader->sweep->count; ++*axis)
        if (strcmp(reader->sweep->axes[*axis].path, member->key) == 0) return true;
    resolver_complain(reader->resolver, member->mark, &place, "name a path of grid, zip, random or list",
                      "%.100s is not swept", member->key);
    return false;
}

static basin_status read_when(const struct sweep_reader *reader, const struct tree *node, struct sweep_filter *filter)
{
    struct place place = {.key = "sweep.when"};
    if (node->kind != TREE_MAP || node->map.count == 0 || node->map.count > SWEEP_CONDITIONAL) {
        resolver_complain(reader->resolver, node->mark, &place, "write \"path: {other.path: value}\" below it",
                          "expected a block of 1 to %d paths, found %s", SWEEP_CONDITIONAL, sweep_kind(node));
        return BASIN_OK;
    }
    filter->when = arena_array(reader->resolver->arena, struct condition, node->map.count);
    filter->axis = arena_array(reader->resolver->arena, size_t, node->map.count);
    if (!filter->when || !filter->axis) return BASIN_MEMORY;
    for (size_t i = 0; i < node->map.count; i++) {
        const struct tree_member *member = &node->map.members[i];
        if (!when_axis(reader, member, &filter->axis[filter->whens])) continue;
        reader->sweep->sources[filter->axis[filter->whens]].conditional = (int)filter->whens;
        TRY(condition_read(reader, member->value, &place, &filter->when[filter->whens++]));
    }
    for (size_t i = 0; i < filter->whens; i++)
        for (size_t j = 0; j < filter->when[i].count; j++)
            for (size_t k = 0; k < filter->whens; k++)
                if (strcmp(filter->when[i].terms[j].path, reader->sweep->axes[filter->axis[k]].path) == 0)
                    resolver_complain(reader->resolver, node->mark, &place, NULL,
                                      "a condition cannot look at %s, which is conditional itself", filter->when[i].terms[j].path);
    return BASIN_OK;
}

basin_status sweep_filter_read(const struct sweep_reader *reader, const struct tree_member *sweep, struct sweep_filter *filter)
{
    const struct tree_member *exclude = sweep ? tree_find(sweep->value, "exclude") : NULL;
    const struct tree_member *when = sweep ? tree_find(sweep->value, "when") : NULL;
    filter->mark = exclude ? exclude->mark : when ? when->mark : (struct mark){0};
    if (exclude) TRY(read_exclude(reader, exclude->value, filter));
    return when ? read_when(reader, when->value, filter) : BASIN_OK;
}

static bool is_idle(const struct sweep *sweep, const struct sweep_part *part, uint64_t idle)
{
    int conditional = sweep->sources[part->axis].conditional;
    return conditional >= 0 && idle >> conditional & 1;
}

/* The next part of a point that is not idle, from number i on. */
static size_t next_part(const struct sweep *sweep, const struct sweep_point *point, size_t i, uint64_t idle)
{
    while (i < point->count && is_idle(sweep, &point->parts[i], idle)) i++;
    return i;
}

/* Do two points say the same, but for what is idle? */
static bool same_points(const struct sweep *sweep, const struct sweep_point *a, const struct sweep_point *b, uint64_t idle)
{
    size_t i = next_part(sweep, a, 0, idle), j = next_part(sweep, b, 0, idle);
    while (i < a->count && j < b->count) {
        const struct sweep_part *p = &a->parts[i], *q = &b->parts[j];
        if (p->axis != q->axis || !value_equal(sweep->axes[p->axis].values[p->value], sweep->axes[q->axis].values[q->value])) return false;
        i = next_part(sweep, a, i + 1, idle);
        j = next_part(sweep, b, j + 1, idle);
    }
    return i >= a->count && j >= b->count;
}

/* With what is idle left away, an earlier point of some dimension says the same. */
static bool is_repeat(const struct sweep *sweep, size_t combination, uint64_t idle)
{
    for (size_t d = sweep->dimension_count, rest = combination; d-- > 0; rest /= sweep->dimensions[d].count) {
        const struct sweep_dimension *dimension = &sweep->dimensions[d];
        size_t which = rest % dimension->count;
        const struct sweep_point *point = &dimension->points[which];
        bool any = false;
        for (size_t i = 0; i < point->count; i++) any = any || is_idle(sweep, &point->parts[i], idle);
        for (size_t k = 0; any && k < which; k++)
            if (same_points(sweep, &dimension->points[k], point, idle)) return true;
    }
    return false;
}

struct sieve {
    const struct sweep_reader *reader;
    const struct sweep_filter *filter;
    struct arena *scratch;
    size_t *choice;
};

/* Which conditional axes do not apply to a combination, and whether it is kept. */
static basin_status look_at(const struct sieve *sieve, size_t combination, uint64_t *idle, bool *kept)
{
    struct sweep *sweep = sieve->reader->sweep;
    struct resolver resolver = *sieve->reader->resolver;
    struct tree *root;
    bool holds;
    resolver.arena = sieve->scratch;
    *idle = 0;
    *kept = true;
    uint64_t all = sieve->filter->whens == 64 ? UINT64_MAX : ((uint64_t)1 << sieve->filter->whens) - 1;
    if (all) {
        sweep_choose_combination(sweep, combination, all, sieve->choice);
        TRY(sweep_assemble(sweep, resolver.schema, sieve->reader->base, sieve->choice, sieve->scratch, &root));
    }
    for (size_t i = 0; i < sieve->filter->whens; i++) {
        TRY(condition_holds(&resolver, &sieve->filter->when[i], root, &holds));
        if (!holds) *idle |= (uint64_t)1 << i;
    }
    *kept = !is_repeat(sweep, combination, *idle);
    if (!*kept || !sieve->filter->excludes) return BASIN_OK;
    sweep_choose_combination(sweep, combination, *idle, sieve->choice);
    TRY(sweep_assemble(sweep, resolver.schema, sieve->reader->base, sieve->choice, sieve->scratch, &root));
    for (size_t i = 0; i < sieve->filter->excludes && *kept; i++) {
        TRY(condition_holds(&resolver, &sieve->filter->exclude[i], root, &holds));
        *kept = !holds;
    }
    return BASIN_OK;
}

static basin_status sift_in(struct sieve *sieve, size_t all)
{
    enum { SOME = 256 }; /* combinations that share the scratch memory */
    struct sweep *sweep = sieve->reader->sweep;
    size_t kept = 0;
    for (size_t i = 0; i < all; i++) {
        uint64_t idle;
        bool keep;
        if (i % SOME == 0) {
            arena_destroy(sieve->scratch);
            sieve->scratch = NULL;
            TRY(arena_create(&sieve->scratch));
        }
        TRY(look_at(sieve, i, &idle, &keep));
        if (!keep) continue;
        sweep->combination[kept] = i;
        sweep->idle[kept++] = idle;
    }
    sweep->run_count = kept;
    return BASIN_OK;
}

basin_status sweep_filter_apply(const struct sweep_reader *reader, const struct sweep_filter *filter, size_t all)
{
    struct sweep *sweep = reader->sweep;
    struct sieve sieve = {.reader = reader, .filter = filter};
    sweep->combination = arena_array(reader->resolver->arena, size_t, all + 1);
    sweep->idle = arena_array(reader->resolver->arena, uint64_t, all + 1);
    sieve.choice = arena_array(reader->resolver->arena, size_t, sweep->count + 1);
    if (!sweep->combination || !sweep->idle || !sieve.choice) return BASIN_MEMORY;
    basin_status status = sift_in(&sieve, all);
    arena_destroy(sieve.scratch);
    if (status == BASIN_OK && sweep->run_count == 0)
        resolver_complain(reader->resolver, filter->mark, NULL, NULL, "the conditions leave no run of %zu", all);
    return status;
}
