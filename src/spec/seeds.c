#include "spec/seeds.h"

#include <string.h>

/* `all` is the row `seed` itself; any other key becomes the row "seed.key". Unknown keys too: they
 * are then reported by that path. */
static basin_status spread_one(struct arena *arena, struct tree *root,
                               const struct tree_member *member)
{
    struct tree_member out = *member;
    if (strcmp(member->key, "all") == 0)
        out.key = "seed";
    else
        out.key = arena_format(arena, "seed.%s", member->key);
    if (!out.key) return BASIN_MEMORY;
    tree_remove(root, out.key);
    return tree_add(arena, root, out);
}

basin_status seeds_spread(struct arena *arena, struct tree *root)
{
    const struct tree_member *seed = tree_find(root, "seed");
    if (!seed || seed->value->kind != TREE_MAP) return BASIN_OK;
    const struct tree *block = seed->value;
    tree_remove(root, "seed");
    for (size_t i = 0; i < block->map.count; i++)
        TRY(spread_one(arena, root, &block->map.members[i]));
    return BASIN_OK;
}

/* `seed` itself, or one of its sources. */
static bool is_seed(const char *key)
{
    return strcmp(key, "seed") == 0 || strncmp(key, "seed.", 5) == 0;
}

void seeds_reset(struct tree *root)
{
    for (size_t i = root->map.count; i-- > 0;) {
        const struct tree_member *member = &root->map.members[i];
        if ((is_seed(member->key) || strcmp(member->key, "seeds") == 0) &&
            tree_is_reset(member->value))
            tree_remove(root, member->key);
    }
}

static struct value *seeds_find(struct value *map, const char *key)
{
    for (size_t i = 0; map && i < map->map.count; i++)
        if (strcmp(map->map.members[i].key, key) == 0) return map->map.members[i].value;
    return NULL;
}

void seeds_derive(struct resolver *resolver, struct value *run)
{
    static const char *const sources[] = {"seed.init", "seed.order"};
    char line[DIAGNOSTICS_LINE];
    struct value *all = seeds_find(run, "seed"), *data = seeds_find(run, "seed.data"),
                 *dataset = seeds_find(run, "dataset");
    struct value *seed = seeds_find(dataset, "seed");
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct value *own = seeds_find(run, sources[i]);
        if (own && all) own->is_default = own->integer == all->integer;
    }
    if (!data) return;
    struct place place = {.key = "seed.data"};
    if (!seed)
        resolver_complain(resolver, data->mark, &place, NULL,
                          "the data set %s has no seed: nothing in it is random",
                          value_text(dataset, "name"));
    else if (seed->mark.line > 0 && seed->integer != data->integer)
        resolver_complain(resolver, data->mark, &place,
                          "it is another word for dataset.seed: keep one of them",
                          "dataset.seed is given too, and differs (%s)",
                          diagnostics_line(resolver->diagnostics, seed->mark, data->mark, line));
    else {
        seed->integer = data->integer;
        seed->is_default = seed->row && seed->row->fallback &&
                           strcmp(seed->row->fallback, "0") == 0 && seed->integer == 0;
        data->is_default = true;
    }
}

static bool is_for_all(const struct tree *root)
{
    const struct tree_member *seed = tree_find(root, "seed");
    return seed && !tree_is_null(seed->value) &&
           (seed->value->kind != TREE_MAP || tree_find(seed->value, "all"));
}

void seeds_replace(struct tree *root, const struct tree *upper)
{
    const struct tree_member *several = tree_find(upper, "seeds");
    bool seed = is_for_all(upper), seeds = several && !tree_is_null(several->value);
    const struct tree_member *one = tree_find(upper, "seed");
    for (size_t i = root->map.count; one && tree_is_null(one->value) && i-- > 0;)
        if (is_seed(root->map.members[i].key)) tree_remove(root, root->map.members[i].key);
    if (seed && !seeds) tree_remove(root, "seeds");
    if (seeds && !seed && is_for_all(root)) tree_remove(root, "seed");
}
