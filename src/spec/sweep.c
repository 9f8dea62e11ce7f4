#include "spec/sweep.h"

#include <stdio.h>
#include <string.h>
#include "base/hash.h"

struct context {
    struct resolver *resolver;
    const struct tree *base;
    struct sweep *sweep;
};

typedef basin_status generator(struct context *context, const struct tree_member *member);

static generator read_grid;

static const struct {
    const char *name;
    generator *read;
} generators[] = {{"grid", read_grid}};

enum { GENERATORS = sizeof generators / sizeof *generators };

static basin_status axis_add(struct context *context, struct spec_axis axis, struct axis_source source)
{
    struct sweep *sweep = context->sweep;
    struct arena *arena = context->resolver->arena;
    if (sweep->count == sweep->capacity) {
        size_t capacity = sweep->capacity ? 2 * sweep->capacity : 8;
        struct spec_axis *axes = arena_array(arena, struct spec_axis, capacity);
        struct axis_source *sources = arena_array(arena, struct axis_source, capacity);
        if (!axes || !sources) return BASIN_MEMORY;
        if (sweep->count) memcpy(axes, sweep->axes, sweep->count * sizeof *axes);
        if (sweep->count) memcpy(sources, sweep->sources, sweep->count * sizeof *sources);
        sweep->axes = axes;
        sweep->sources = sources;
        sweep->capacity = capacity;
    }
    sweep->axes[sweep->count] = axis;
    sweep->sources[sweep->count++] = source;
    return BASIN_OK;
}

/* Finds a value that stands in the list twice, after typing: by the digest of its text, in a table with open
 * addressing. */
static basin_status refuse_repeats(struct resolver *resolver, const char *path, const struct value *const *values,
                                   struct tree *const *nodes, size_t count)
{
    size_t capacity = 16;
    while (capacity < 2 * count) capacity *= 2;
    size_t *slots = arena_array(resolver->arena, size_t, capacity); /* position + 1; 0: free */
    struct text text = {0};
    struct place place = {.key = path};
    if (!slots) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (!values[i]) continue; /* it is wrong, and that has been said */
        text.length = 0;
        value_print(&text, values[i]);
        if (text.failed) break;
        size_t slot = hash_bytes(text_data(&text), text.length).low & (capacity - 1);
        while (slots[slot] && !value_equal(values[slots[slot] - 1], values[i])) slot = (slot + 1) & (capacity - 1);
        if (!slots[slot]) {
            slots[slot] = i + 1;
            continue;
        }
        text.length = 0;
        value_print_short(&text, values[i]);
        resolver_complain(resolver, nodes[i]->mark, &place, NULL,
                          "the value %.80s is repeated; it is number %zu of the list", text_data(&text), slots[slot]);
    }
    basin_status status = text_status(&text);
    text_free(&text);
    return status;
}

static int path_depth(const char *path)
{
    int depth = 1;
    for (; *path; path++) depth += *path == '.';
    return depth;
}

static basin_status read_axis_values(struct context *context, const struct tree_member *member,
                                     const struct parameter *row)
{
    struct resolver *resolver = context->resolver;
    struct place place = {.key = member->key, .mark = member->mark};
    size_t count = member->value->list.count;
    const struct value **values = arena_array(resolver->arena, const struct value *, count);
    if (!values) return BASIN_MEMORY;
    resolver->is_axis = true;
    for (size_t i = 0; i < count; i++) values[i] = resolve_row(resolver, row, member->value->list.items[i], &place);
    resolver->is_axis = false;
    if (resolver->status != BASIN_OK) return resolver->status;
    TRY(refuse_repeats(resolver, member->key, values, member->value->list.items, count));
    struct spec_axis axis = {.path = member->key, .values = values, .count = count, .mark = member->mark};
    return axis_add(context, axis,
                    (struct axis_source){.nodes = member->value->list.items, .depth = path_depth(member->key)});
}

/* A list that the path leads into ("architecture.layers[0].conv.channels"): true, with the list's path in `list`. */
static bool leads_into_list(struct context *context, const char *path, char list[PLACE_TEXT])
{
    struct resolver *resolver = context->resolver;
    for (const char *at = path; *at; at++) {
        const struct parameter *row = NULL;
        bool fixed;
        if (*at != '.' && *at != '[') continue;
        snprintf(list, PLACE_TEXT, "%.*s", (int)(at - path), path);
        if (path_row(resolver->arena, resolver->schema, context->base, list, &row, &fixed) != BASIN_OK) return false;
        bool is_list = row && (row->type == PARAMETER_SEQUENCE || row->type == PARAMETER_INTEGERS || row->type == PARAMETER_NUMBERS);
        if (is_list) return true;
    }
    return false;
}

static void complain_path(struct context *context, const struct tree_member *member)
{
    struct resolver *resolver = context->resolver;
    struct text hint = {0};
    char list[PLACE_TEXT];
    bool in_list = leads_into_list(context, member->key, list);
    if (in_list)
        text_format(&hint, "sweep the whole list: \"%s: [[...], [...]]\"", list);
    else
        path_suggest(resolver->schema, member->key, &hint);
    resolver_complain(resolver, member->mark, NULL, text_data(&hint),
                      in_list ? "what stands in a list cannot be swept by itself: \"%.100s\""
                              : "no parameter has the path \"%.100s\"", member->key);
    if (hint.failed) resolver->status = BASIN_MEMORY;
    text_free(&hint);
}

static void complain_axis_kind(struct resolver *resolver, const struct tree_member *member, const struct parameter *row)
{
    const struct tree *node = member->value;
    struct place place = {.key = member->key};
    char hint[160] = "";
    if (node->kind == TREE_SCALAR && !tree_is_null(node)) snprintf(hint, sizeof hint, "write [%.60s]", node->text);
    if (node->kind == TREE_MAP && row->type == PARAMETER_TABLE && node->map.count > 0)
        snprintf(hint, sizeof hint, "write the whole path in one: \"%.50s.%.50s: [...]\"", member->key,
                 node->map.members[0].key);
    resolver_complain(resolver, node->mark, &place, hint, "an axis is a list of values, found %s",
                      node->kind == TREE_MAP ? "a block of keys"
                      : tree_is_null(node)   ? "nothing"
                                             : "one value");
}

static basin_status read_axis(struct context *context, const struct tree_member *member)
{
    struct resolver *resolver = context->resolver;
    struct place place = {.key = member->key};
    const struct parameter *row = NULL;
    bool fixed = false;
    if (strcmp(member->key, "seed") == 0 || strcmp(member->key, "seeds") == 0) {
        resolver_complain(resolver, member->mark, NULL, "write \"seeds: [...]\" beside \"sweep\"",
                          "seeds are not an axis of the grid");
        return BASIN_OK;
    }
    TRY(path_row(resolver->arena, resolver->schema, context->base, member->key, &row, &fixed));
    if (!row)
        complain_path(context, member);
    else if (fixed)
        resolver_complain(resolver, member->mark, &place, NULL, "this cannot be swept");
    else if (member->value->kind != TREE_LIST)
        complain_axis_kind(resolver, member, row);
    else if (member->value->list.count == 0)
        resolver_complain(resolver, member->value->mark, &place, NULL,
                          "the axis is empty; it needs at least one value");
    else
        return read_axis_values(context, member, row);
    return resolver->status;
}

static basin_status read_grid(struct context *context, const struct tree_member *member)
{
    struct place place = {.key = "sweep.grid"};
    const struct tree *grid = member->value;
    if (grid->kind != TREE_MAP && !tree_is_null(grid)) {
        resolver_complain(context->resolver, grid->mark, &place, "write \"path: [values]\" below it",
                          "expected a block of paths, found %s", grid->kind == TREE_LIST ? "a list" : "one value");
        return BASIN_OK;
    }
    if (tree_is_null(grid) || grid->map.count == 0) {
        resolver_complain(context->resolver, grid->mark, &place,
                          "write \"path: [values]\" below it, or remove the sweep", "the grid is empty");
        return BASIN_OK;
    }
    for (size_t i = 0; i < grid->map.count; i++) TRY(read_axis(context, &grid->map.members[i]));
    return BASIN_OK;
}

/* A key that is no generator: perhaps a path, one level too high. */
static basin_status complain_generator(struct context *context, const struct tree_member *member)
{
    struct resolver *resolver = context->resolver;
    const struct parameter *row = NULL;
    bool fixed = false;
    const char *names[GENERATORS];
    char hint[160] = "";
    for (size_t i = 0; i < GENERATORS; i++) names[i] = generators[i].name;
    const char *nearest = text_nearest(member->key, names, GENERATORS);
    TRY(path_row(resolver->arena, resolver->schema, context->base, member->key, &row, &fixed));
    if (row || strchr(member->key, '.'))
        snprintf(hint, sizeof hint, "put the path under sweep.grid");
    else if (nearest)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest);
    else
        snprintf(hint, sizeof hint, "the only key here is %s", names[0]);
    resolver_complain(resolver, member->mark, NULL, hint, "unknown key \"%.60s\" in sweep", member->key);
    return BASIN_OK;
}

static basin_status read_sweep(struct context *context, const struct tree_member *member)
{
    const struct tree *node = member->value;
    struct place place = {.key = "sweep"};
    if (node->kind != TREE_MAP) {
        resolver_complain(context->resolver, node->mark, &place, "write \"grid:\" below it, or remove the key",
                          "expected a block of keys, found %s",
                          node->kind == TREE_LIST ? "a list"
                          : tree_is_null(node)    ? "nothing"
                                                  : "one value");
        return BASIN_OK;
    }
    for (size_t i = 0; i < node->map.count; i++) {
        size_t g = 0;
        while (g < GENERATORS && strcmp(generators[g].name, node->map.members[i].key) != 0) g++;
        TRY(g < GENERATORS ? generators[g].read(context, &node->map.members[i])
                           : complain_generator(context, &node->map.members[i]));
    }
    return BASIN_OK;
}

/* ---- seeds ---- */

static basin_status seeds_axis(struct context *context, struct tree **nodes, size_t count, struct mark mark)
{
    struct resolver *resolver = context->resolver;
    static const struct parameter any = {.key = "seed", .type = PARAMETER_INTEGER, .fallback = "0"};
    const struct parameter *row = parameter_find(resolver->schema, "seed");
    const struct value **values = arena_array(resolver->arena, const struct value *, count);
    struct place place = {.key = mark.line > 0 ? "seeds" : "seed"};
    if (!values) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) values[i] = resolve_row(resolver, row ? row : &any, nodes[i], &place);
    if (resolver->status != BASIN_OK) return resolver->status;
    TRY(refuse_repeats(resolver, place.key, values, nodes, count));
    struct spec_axis axis = {.path = "seed", .values = values, .count = count, .mark = mark};
    return axis_add(context, axis, (struct axis_source){.nodes = nodes, .depth = 1});
}

static basin_status count_seeds(struct context *context, const struct tree_member *member)
{
    static const struct parameter row = {
        .key = "seeds", .type = PARAMETER_INTEGER, .minimum = 1, .maximum = SWEEP_RUNS, .flags = PARAMETER_FIXED};
    struct resolver *resolver = context->resolver;
    struct place place = {.key = "seeds"};
    struct value count = {0};
    if (!scalar_read(resolver, &row, PARAMETER_INTEGER, member->value, &place, &count)) return resolver->status;
    struct tree **nodes = arena_array(resolver->arena, struct tree *, (size_t)count.integer);
    if (!nodes) return BASIN_MEMORY;
    for (int64_t i = 0; i < count.integer; i++) {
        const char *text = arena_format(resolver->arena, "%lld", (long long)i);
        nodes[i] = text ? tree_scalar(resolver->arena, text, true, member->value->mark) : NULL;
        if (!nodes[i]) return BASIN_MEMORY;
    }
    return seeds_axis(context, nodes, (size_t)count.integer, member->mark);
}

static basin_status read_seeds(struct context *context, const struct tree_member *seeds)
{
    struct resolver *resolver = context->resolver;
    const struct tree_member *seed = tree_find(context->base, "seed");
    struct place place = {.key = "seeds"};
    if (seeds && seed) {
        resolver_complain(resolver, seeds->mark, NULL, "keep one of them: \"seeds: [3]\" is one run with seed 3",
                          "both \"seed\" (line %d) and \"seeds\" are given", seed->mark.line);
        return BASIN_OK;
    }
    if (seeds && seeds->value->kind == TREE_LIST) {
        if (seeds->value->list.count > 0)
            return seeds_axis(context, seeds->value->list.items, seeds->value->list.count, seeds->mark);
        resolver_complain(resolver, seeds->value->mark, &place, NULL, "the list is empty; it needs at least one seed");
        return BASIN_OK;
    }
    if (seeds) return count_seeds(context, seeds);
    struct tree **nodes = arena_array(resolver->arena, struct tree *, 1);
    if (!nodes) return BASIN_MEMORY;
    nodes[0] = seed ? seed->value : tree_scalar(resolver->arena, "0", true, (struct mark){0});
    return nodes[0] ? seeds_axis(context, nodes, 1, (struct mark){0}) : BASIN_MEMORY;
}

static void count_runs(struct context *context, struct mark mark)
{
    struct sweep *sweep = context->sweep;
    double exact = 1;
    for (size_t i = 0; i < sweep->count; i++) exact *= (double)sweep->axes[i].count;
    if (exact > SWEEP_RUNS) {
        char digits[32];
        if (exact < 1e15)
            snprintf(digits, sizeof digits, "%.0f", exact);
        else
            snprintf(digits, sizeof digits, "%.2g", exact);
        resolver_complain(context->resolver, mark, NULL, "use shorter lists, or several studies",
                          "the sweep makes %s runs, more than the %d that one study may have", digits, SWEEP_RUNS);
        exact = 0;
    }
    sweep->run_count = (size_t)exact;
}

basin_status sweep_read(struct resolver *resolver, const struct tree *base, const struct tree_member *member,
                        const struct tree_member *seeds, struct sweep *sweep)
{
    struct context context = {.resolver = resolver, .base = base, .sweep = sweep};
    if (member) TRY(read_sweep(&context, member));
    TRY(read_seeds(&context, seeds));
    count_runs(&context, member ? member->mark : seeds ? seeds->mark : (struct mark){0});
    return resolver->status;
}
