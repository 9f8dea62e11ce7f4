/* Filters: which combinations of points become runs, and which axes apply to each of them.
 *
 * A conditional axis (one under `when`) is idle in a combination where its condition does not hold:
 * the run then has nothing at that path. Combinations that differ in idle axes only are the same
 * run:
 *
 *     grid: {optimizer: [sgd, adam], momentum: [0, 0.9]}     when: {momentum: {optimizer: sgd}}
 *
 *     sgd 0      a run
 *     sgd 0.9    a run
 *     adam 0     a run, momentum idle
 *     adam 0.9   the same again: dropped
 *
 * Each combination is judged in three steps: which axes are idle, whether an earlier combination
 * says the same without them, whether `exclude` leaves it out. */
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "spec/condition.h"
#include "spec/seen.h"
#include "spec/sweep_filter.h"
#include "spec/sweep_paths.h"
#include "spec/sweep_points.h"
#include "spec/sweep_runs.h"

static basin_status read_exclude(const struct sweep_reader *reader, const struct tree *node,
                                 struct sweep_filter *filter)
{
    struct place place = {.key = "sweep.exclude"};
    bool one = node->kind == TREE_MAP;
    if (!one && (node->kind != TREE_LIST || node->list.count == 0)) {
        resolver_complain(reader->resolver, node->mark, &place,
                          "write \"- {path: value}\" for each kind of run to leave out",
                          "expected a list of conditions, found %s",
                          node->kind == TREE_LIST ? "an empty one" : sweep_kind(node));
        return BASIN_OK;
    }
    filter->excludes = one ? 1 : node->list.count;
    filter->exclude = arena_array(reader->resolver->arena, struct condition, filter->excludes);
    if (!filter->exclude) return BASIN_MEMORY;
    for (size_t i = 0; i < filter->excludes; i++)
        TRY(condition_read(reader, one ? node : node->list.items[i], &place, &filter->paths,
                           &filter->exclude[i]));
    return BASIN_OK;
}

/* The axis of a path under `when`, or false after a complaint. */
static bool when_axis(const struct sweep_reader *reader, const struct tree_member *member,
                      size_t *axis)
{
    struct place place = {.key = "sweep.when"};
    for (*axis = 0; *axis < reader->sweep->count; ++*axis)
        if (strcmp(reader->sweep->axes[*axis].path, member->key) == 0) return true;
    resolver_complain(reader->resolver, member->mark, &place,
                      "name a path of grid, zip, random or list", "%.100s is not swept",
                      member->key);
    return false;
}

/* Is one path the other, or a block around it, as "a.b" is around "a.b.c"? No block is around a key
 * that has a dot of its own ("seed.init"). */
static bool overlap(const struct schema_row *schema, const char *a, const char *b)
{
    size_t length = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
    if (strncmp(a, b, length) != 0 || (a[length] && a[length] != '.') ||
        (b[length] && b[length] != '.'))
        return false;
    return strcmp(a, b) == 0 || !schema_find_row(schema, a[length] ? a : b);
}

/* Refuses a condition on a path that is conditional itself: conditions are then independent of each
 * other, and can be evaluated in any order. */
static void refuse_conditional(const struct sweep_reader *reader, const struct sweep_filter *filter,
                               const char *path, struct mark mark)
{
    const struct schema_row *schema = reader->resolver->schema;
    struct place place = {.key = "sweep.when"};
    for (size_t i = 0; i < filter->whens; i++) {
        const char *conditional = reader->sweep->axes[filter->axis[i]].path;
        if (!overlap(schema, path, conditional)) continue;
        if (strcmp(path, conditional) == 0)
            resolver_complain(reader->resolver, mark, &place, NULL,
                              "a condition cannot look at %s, which is conditional itself", path);
        else
            resolver_complain(reader->resolver, mark, &place,
                              "write the points out under sweep.list or sweep.union",
                              "a condition cannot look at %s, since %s is conditional itself", path,
                              conditional);
        return;
    }
}

static basin_status read_when(const struct sweep_reader *reader, const struct tree *node,
                              struct sweep_filter *filter)
{
    struct place place = {.key = "sweep.when"};
    if (node->kind != TREE_MAP || node->map.count == 0 || node->map.count > SWEEP_CONDITIONAL) {
        resolver_complain(reader->resolver, node->mark, &place,
                          "write \"path: {other.path: value}\" below it",
                          "expected a block of 1 to %d paths, found %s", SWEEP_CONDITIONAL,
                          node->kind != TREE_MAP ? sweep_kind(node)
                          : node->map.count      ? "more"
                                                 : "an empty one");
        return BASIN_OK;
    }
    filter->when = arena_array(reader->resolver->arena, struct condition, node->map.count);
    filter->axis = arena_array(reader->resolver->arena, size_t, node->map.count);
    if (!filter->when || !filter->axis) return BASIN_MEMORY;
    for (size_t i = 0; i < node->map.count; i++) {
        const struct tree_member *member = &node->map.members[i];
        if (!when_axis(reader, member, &filter->axis[filter->whens])) continue;
        reader->sweep->sources[filter->axis[filter->whens]].conditional = (int)filter->whens;
        TRY(condition_read(reader, member->value, &place, &filter->paths,
                           &filter->when[filter->whens++]));
    }
    for (size_t i = 0; i < filter->whens; i++)
        for (size_t j = 0; j < filter->when[i].count; j++)
            refuse_conditional(reader, filter, filter->when[i].terms[j].path,
                               filter->when[i].terms[j].mark);
    return BASIN_OK;
}

basin_status sweep_filter_read(const struct sweep_reader *reader, const struct tree_member *sweep,
                               struct sweep_filter *filter)
{
    const struct tree_member *exclude = sweep ? tree_find(sweep->value, "exclude") : NULL;
    const struct tree_member *when = sweep ? tree_find(sweep->value, "when") : NULL;
    filter->mark = exclude ? exclude->mark : when ? when->mark : (struct mark){0};
    if (exclude) TRY(read_exclude(reader, exclude->value, filter));
    return when ? read_when(reader, when->value, filter) : BASIN_OK;
}

/* ---- points that say the same once idle axes are left out ---- */

/* EXPECTED: an earlier point of the same source says the same, as happens in every grid with a
 * conditional axis: dropped in silence. MERGED: one of another source does, two members of a union
 * say: dropped and counted, since somebody wrote both. */
enum repeat { REPEAT_NOT, REPEAT_EXPECTED, REPEAT_MERGED };

/* Which points of a dimension repeat an earlier one, for one set of idle axes. There are few such
 * sets (a conditional axis is idle or not), so they are worked out when they first occur and
 * kept in a list. */
struct repeats {
    uint64_t idle;
    unsigned char *of; /* enum repeat of each point */
    struct repeats *next;
};

/* Each point enters the set twice: the digest of what it says, and that of what it says with its
 * source. */
static basin_status find_repeats(const struct sweep *sweep, const struct sweep_dimension *dimension,
                                 struct arena *arena, struct repeats *repeats)
{
    struct seen said;
    struct text text = {0};
    TRY(seen_create(arena, 2 * dimension->count, &said));
    repeats->of = arena_array(arena, unsigned char, dimension->count + 1);
    if (!repeats->of) return BASIN_MEMORY;
    for (size_t i = 0; i < dimension->count && !text.failed; i++) {
        text.length = 0;
        sweep_print_point(sweep, &dimension->points[i], repeats->idle, &text);
        bool any = seen_add(&said, &text);
        text_format(&text, "\n%zu", dimension->points[i].source);
        bool same_source = seen_add(&said, &text);
        repeats->of[i] = same_source ? REPEAT_EXPECTED : any ? REPEAT_MERGED : REPEAT_NOT;
    }
    basin_status status = text_status(&text);
    text_free(&text);
    return status;
}

struct filtering {
    const struct sweep_reader *reader;
    struct sweep_filter *filter;
    struct arena *scratch;
    size_t *choice;
    struct repeats **repeats; /* by dimension */
    uint64_t *conditional;    /* (dimension) the conditional axes that it sets */
};

static basin_status repeats_of(const struct filtering *filtering, size_t d, uint64_t idle,
                               const struct repeats **out)
{
    struct repeats **at = &filtering->repeats[d];
    while (*at && (*at)->idle != idle) at = &(*at)->next;
    if (!*at) {
        struct arena *arena = filtering->reader->resolver->arena;
        if (!(*at = arena_allocate(arena, sizeof **at))) return BASIN_MEMORY;
        (*at)->idle = idle;
        TRY(find_repeats(filtering->reader->sweep, &filtering->reader->sweep->dimensions[d], arena,
                         *at));
    }
    *out = *at;
    return BASIN_OK;
}

/* Does an earlier combination say the same without the idle axes? It does where, in some dimension,
 * an earlier point does: with the other dimensions' points unchanged that combination comes before
 * this one. Dimensions without idle axes need no look: their points differ. */
static basin_status find_earlier(const struct filtering *filtering, size_t combination,
                                 uint64_t idle, enum repeat *repeat)
{
    const struct sweep *sweep = filtering->reader->sweep;
    *repeat = REPEAT_NOT;
    for (size_t d = sweep->dimension_count, rest = combination; d-- > 0;
         rest /= sweep->dimensions[d].count) {
        const struct repeats *repeats;
        uint64_t concerned = idle & filtering->conditional[d];
        if (!concerned) continue;
        TRY(repeats_of(filtering, d, concerned, &repeats));
        enum repeat found = repeats->of[rest % sweep->dimensions[d].count];
        if (found != REPEAT_NOT && *repeat != REPEAT_EXPECTED) *repeat = found;
    }
    return BASIN_OK;
}

static basin_status apply_whens(const struct filtering *filtering, struct resolver *resolver,
                                size_t combination, uint64_t *idle)
{
    struct sweep_filter *filter = filtering->filter;
    const struct sweep *sweep = filtering->reader->sweep;
    uint64_t all = filter->whens == 64 ? UINT64_MAX : ((uint64_t)1 << filter->whens) - 1;
    struct tree *root;
    bool holds;
    *idle = 0;
    if (!all) return BASIN_OK;
    sweep_choose_combination(sweep, combination, all, filtering->choice);
    TRY(sweep_assemble(sweep, resolver->schema, filtering->reader->base, filtering->choice,
                       filtering->scratch, &root));
    condition_paths_forget(&filter->paths);
    for (size_t i = 0; i < filter->whens; i++) {
        TRY(condition_holds(resolver, &filter->paths, &filter->when[i], root, &holds));
        filter->held[i] += holds;
        if (!holds) *idle |= (uint64_t)1 << i;
    }
    return BASIN_OK;
}

static basin_status apply_excludes(const struct filtering *filtering, struct resolver *resolver,
                                   size_t combination, uint64_t idle, bool *excluded)
{
    struct sweep_filter *filter = filtering->filter;
    struct tree *root;
    bool holds;
    *excluded = false;
    if (!filter->excludes) return BASIN_OK;
    sweep_choose_combination(filtering->reader->sweep, combination, idle, filtering->choice);
    TRY(sweep_assemble(filtering->reader->sweep, resolver->schema, filtering->reader->base,
                       filtering->choice, filtering->scratch, &root));
    condition_paths_forget(&filter->paths);
    for (size_t i = 0; i < filter->excludes; i++) {
        TRY(condition_holds(resolver, &filter->paths, &filter->exclude[i], root, &holds));
        filter->left_out[i] += holds;
        *excluded = *excluded || holds;
    }
    return BASIN_OK;
}

/* Which axes are idle in a combination, and whether it becomes a run. */
static basin_status filter_combination(const struct filtering *filtering, size_t combination,
                                       uint64_t *idle, bool *kept)
{
    struct sweep *sweep = filtering->reader->sweep;
    struct resolver resolver = *filtering->reader->resolver;
    enum repeat repeat;
    bool excluded;
    resolver.arena = filtering->scratch;
    *kept = false;
    TRY(apply_whens(filtering, &resolver, combination, idle));
    TRY(find_earlier(filtering, combination, *idle, &repeat));
    if (repeat == REPEAT_EXPECTED) return BASIN_OK;
    TRY(apply_excludes(filtering, &resolver, combination, *idle, &excluded));
    *kept = !excluded && repeat == REPEAT_NOT;
    sweep->excluded += excluded;
    sweep->merged += !excluded && repeat == REPEAT_MERGED;
    return BASIN_OK;
}

static basin_status filter_all(struct filtering *filtering, size_t all)
{
    enum { SOME = 256 }; /* combinations that share the scratch memory */
    struct sweep *sweep = filtering->reader->sweep;
    size_t kept = 0;
    for (size_t i = 0; i < all; i++) {
        uint64_t idle;
        bool keep;
        if (i % SOME == 0) {
            arena_destroy(filtering->scratch);
            filtering->scratch = NULL;
            TRY(arena_create(&filtering->scratch));
        }
        TRY(filter_combination(filtering, i, &idle, &keep));
        if (!keep) continue;
        sweep->combination[kept] = i;
        sweep->idle[kept++] = idle;
    }
    sweep->run_count = kept;
    return BASIN_OK;
}

/* "line 7", "line 7 of base.yaml" */
static const char *line_of(const struct filtering *filtering, const struct condition *condition,
                           char out[DIAGNOSTICS_LINE])
{
    return diagnostics_line(filtering->reader->resolver->diagnostics, condition->terms[0].mark,
                            (struct mark){0}, out);
}

/* For a condition on a path that no combination has (the momentum of adam): ": no run that it looks
 * at has training.optimizer.momentum". Otherwise "". */
static const char *why_never(const struct condition *condition, char out[PLACE_TEXT])
{
    const char *missing = condition_missing(condition);
    snprintf(out, PLACE_TEXT, missing ? ": no run that it looks at has %.150s" : "%.0s",
             missing ? missing : "");
    return out;
}

/* A condition without effect is probably a mistake in it: say so, but run. */
static basin_status note_effects(const struct filtering *filtering, size_t all)
{
    char line[DIAGNOSTICS_LINE], why[PLACE_TEXT];
    const struct sweep_filter *filter = filtering->filter;
    struct sweep *sweep = filtering->reader->sweep;
    struct arena *arena = filtering->reader->resolver->arena;
    sweep->notes = arena_array(arena, const char *, filter->excludes + filter->whens + 1);
    if (!sweep->notes) return BASIN_MEMORY;
    for (size_t i = 0; i < filter->excludes; i++)
        if (!filter->left_out[i])
            sweep->notes[sweep->note_count++] = arena_format(
                arena, "condition %zu of sweep.exclude (%s) leaves out nothing%s", i + 1,
                line_of(filtering, &filter->exclude[i], line), why_never(&filter->exclude[i], why));
    for (size_t i = 0; i < filter->whens; i++)
        if (filter->held[i] == 0 || filter->held[i] == all)
            sweep->notes[sweep->note_count++] = arena_format(
                arena, "the condition of %s under sweep.when (%s) %s%s",
                sweep->axes[filter->axis[i]].path, line_of(filtering, &filter->when[i], line),
                filter->held[i] ? "always holds" : "never holds, and its values are not used",
                why_never(&filter->when[i], why));
    for (size_t i = 0; i < sweep->note_count; i++)
        if (!sweep->notes[i]) return BASIN_MEMORY;
    return BASIN_OK;
}

static basin_status filtering_prepare(struct filtering *filtering, struct sweep_filter *filter,
                                      size_t all)
{
    struct sweep *sweep = filtering->reader->sweep;
    struct arena *arena = filtering->reader->resolver->arena;
    sweep->combination = arena_array(arena, size_t, all + 1);
    sweep->idle = arena_array(arena, uint64_t, all + 1);
    filtering->choice = arena_array(arena, size_t, sweep->count + 1);
    filtering->repeats = arena_array(arena, struct repeats *, sweep->dimension_count + 1);
    filtering->conditional = arena_array(arena, uint64_t, sweep->dimension_count + 1);
    filter->left_out = arena_array(arena, size_t, filter->excludes + 1);
    filter->held = arena_array(arena, size_t, filter->whens + 1);
    if (!sweep->combination || !sweep->idle || !filtering->choice || !filtering->repeats ||
        !filtering->conditional || !filter->left_out || !filter->held)
        return BASIN_MEMORY;
    for (size_t d = 0; d < sweep->dimension_count; d++)
        for (size_t i = 0; i < sweep->dimensions[d].count; i++)
            for (size_t k = 0; k < sweep->dimensions[d].points[i].count; k++) {
                int conditional =
                    sweep->sources[sweep->dimensions[d].points[i].parts[k].axis].conditional;
                if (conditional >= 0) filtering->conditional[d] |= (uint64_t)1 << conditional;
            }
    return BASIN_OK;
}

basin_status sweep_filter_apply(const struct sweep_reader *reader, struct sweep_filter *filter,
                                size_t all)
{
    struct sweep *sweep = reader->sweep;
    struct filtering filtering = {.reader = reader, .filter = filter};
    sweep->excluded = sweep->merged = sweep->note_count = 0;
    TRY(filtering_prepare(&filtering, filter, all));
    basin_status status = filter_all(&filtering, all);
    arena_destroy(filtering.scratch);
    for (size_t i = 0; i < filter->excludes; i++)
        condition_refuse_mixed(reader->resolver, &filter->exclude[i]);
    for (size_t i = 0; i < filter->whens; i++)
        condition_refuse_mixed(reader->resolver, &filter->when[i]);
    return status == BASIN_OK ? note_effects(&filtering, all) : status;
}
