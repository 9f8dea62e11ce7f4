/* What tells numbers of one name apart: the options with which their measure was taken. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/collect_parts.h"
#include "spec/diagnostics.h"
#include "spec/tree.h"

/* "{k: 3, examples: 20}" as a map; NULL where it is none. */
static basin_status read_option_map(struct arena *arena, const char *text, struct tree **map)
{
    struct diagnostics diagnostics;
    *map = NULL;
    if (!text) return BASIN_OK;
    struct tree_source source = {.text = text, .length = strlen(text)};
    diagnostics_start(&diagnostics, arena);
    TRY(tree_read(arena, &source, &diagnostics, map));
    if (*map && ((*map)->kind != TREE_MAP || diagnostics.total)) *map = NULL;
    return BASIN_OK;
}

/* How often a measure is taken while training changes none of its numbers. */
static bool is_scalar_option(const struct tree_member *member)
{
    return strcmp(member->key, "every") != 0 && member->value &&
           member->value->kind == TREE_SCALAR && !tree_is_null(member->value);
}

static const char *option_text(const struct tree *map, const char *key)
{
    const struct tree_member *member = map ? tree_find(map, key) : NULL;
    return member && is_scalar_option(member) ? member->value->text : "";
}

static bool option_differs(struct tree *const *maps, size_t count, const char *key)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(option_text(maps[0], key), option_text(maps[i], key)) != 0) return true;
    return false;
}

void collect_name_option(struct text *suffix, const char *key, const char *value)
{
    char *end;
    double number = strtod(value, &end);
    text_format(suffix, "_%s_", key);
    if (end != value && !*end && isfinite(number))
        text_json_number(suffix, number);
    else
        text_append(suffix, value);
}

static const char *option_suffix(struct arena *arena, struct tree *const *maps, size_t count,
                                 size_t which)
{
    struct text suffix = {0};
    const struct tree *map = maps[which];
    text_append(&suffix, "");
    for (size_t i = 0; map && i < map->map.count; i++) {
        const struct tree_member *member = &map->map.members[i];
        if (is_scalar_option(member) && option_differs(maps, count, member->key))
            collect_name_option(&suffix, member->key, member->value->text);
    }
    const char *made = suffix.failed ? NULL : arena_text(arena, text_data(&suffix));
    text_free(&suffix);
    return made;
}

basin_status collect_option_suffixes(struct arena *arena, const char *const *options, size_t count,
                                     const char **suffixes)
{
    struct tree **maps = arena_array(arena, struct tree *, count + 1);
    if (!maps) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) TRY(read_option_map(arena, options[i], &maps[i]));
    for (size_t i = 0; i < count; i++)
        if (!(suffixes[i] = option_suffix(arena, maps, count, i))) return BASIN_MEMORY;
    return BASIN_OK;
}
