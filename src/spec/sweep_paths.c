#include "spec/sweep_paths.h"

#include <stdio.h>
#include <string.h>
#include "spec/assign.h"

/* A list that the path leads into ("architecture.layers[0].conv.channels"): true, with the list's
 * path in `list`. */
static bool leads_into_list(const struct sweep_reader *reader, const char *path,
                            char list[PLACE_TEXT])
{
    struct resolver *resolver = reader->resolver;
    for (const char *at = path; *at; at++) {
        const struct schema_row *row = NULL;
        bool fixed;
        if (*at != '.' && *at != '[') continue;
        snprintf(list, PLACE_TEXT, "%.*s", (int)(at - path), path);
        if (path_row(resolver->arena, resolver->schema, reader->base, list, &row, &fixed) !=
            BASIN_OK)
            return false;
        bool is_list = row && (row->type == SCHEMA_SEQUENCE || row_lists_scalars(row));
        if (is_list) return true;
    }
    return false;
}

static void complain_path(const struct sweep_reader *reader, const struct tree_member *member)
{
    struct resolver *resolver = reader->resolver;
    struct text hint = {0};
    char list[PLACE_TEXT];
    bool in_list = leads_into_list(reader, member->key, list);
    if (complain_is_number(member))
        text_append(&hint, COMPLAIN_BRACKETS);
    else if (in_list)
        text_format(&hint, "its items are \"%s.0\", \"%s.1\", ...; the whole list is \"%s\"", list,
                    list, list);
    else
        path_suggest(resolver->schema, member->key, &hint);
    resolver_complain(resolver, member->mark, NULL, text_data(&hint),
                      in_list ? "an item of a list is named by its number: \"%.100s\""
                              : "no parameter has the path \"%.100s\"",
                      member->key);
    if (hint.failed) resolver->status = BASIN_MEMORY;
    text_free(&hint);
}

basin_status sweep_row(const struct sweep_reader *reader, const struct tree_member *member,
                       const struct schema_row **row)
{
    struct resolver *resolver = reader->resolver;
    struct place place = {.key = member->key};
    bool fixed = false;
    *row = NULL;
    if (strcmp(member->key, "seed") == 0 || strcmp(member->key, "seeds") == 0) {
        resolver_complain(resolver, member->mark, NULL, "write \"seeds: [...]\" beside \"sweep\"",
                          "seeds are not an axis of the grid");
        return BASIN_OK;
    }
    TRY(path_row(resolver->arena, resolver->schema, reader->base, member->key, row, &fixed));
    if (!*row)
        complain_path(reader, member);
    else if (fixed)
        resolver_complain(resolver, member->mark, &place, NULL, "this cannot be swept");
    if (fixed) *row = NULL;
    return resolver->status;
}

const char *sweep_kind(const struct tree *node)
{
    return node->kind == TREE_MAP    ? "a block of keys"
           : node->kind == TREE_LIST ? "a list"
           : tree_is_null(node)      ? "nothing"
                                     : "one value";
}

bool sweep_is_block(struct resolver *resolver, const struct tree *node, const char *key,
                    const char *example)
{
    struct place place = {.key = key};
    char hint[120];
    if (node->kind == TREE_MAP && node->map.count > 0) return true;
    if (node->kind == TREE_MAP || tree_is_null(node)) {
        snprintf(hint, sizeof hint, "write \"%s\" below it, or remove the %s", example,
                 strstr(key, "grid") ? "sweep" : "key");
        resolver_complain(resolver, node->mark, &place, hint, "the block is empty");
        return false;
    }
    snprintf(hint, sizeof hint, "write \"%s\" below it", example);
    resolver_complain(resolver, node->mark, &place, hint, "expected a block of paths, found %s",
                      sweep_kind(node));
    return false;
}
