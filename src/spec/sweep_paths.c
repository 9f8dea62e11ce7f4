#include "spec/sweep_paths.h"

#include <stdio.h>
#include <string.h>
#include "spec/assign.h"

enum list_kind { NO_LIST, A_LIST, OF_SEVERAL };

/* Is the path that of a list, or of an entry of a set that is there several times? */
static enum list_kind list_kind_at(const struct sweep_reader *reader, const char *path)
{
    struct resolver *resolver = reader->resolver;
    const struct tree *there = tree_at(reader->base, path);
    const struct schema_row *row = NULL;
    bool fixed;
    if (path_row(resolver->arena, resolver->schema, reader->base, path, &row, &fixed) != BASIN_OK)
        return NO_LIST;
    if (row && row->type == SCHEMA_TABLE && there && there->kind == TREE_LIST) return OF_SEVERAL;
    return row && (row->type == SCHEMA_SEQUENCE || row_lists_scalars(row)) ? A_LIST : NO_LIST;
}

/* A list that the path leads into ("architecture.layers[0].conv.channels"), with its path in
 * `list`. */
static enum list_kind leads_into_list(const struct sweep_reader *reader, const char *path,
                                      char list[PLACE_TEXT])
{
    enum list_kind kind = NO_LIST;
    for (const char *at = path; *at && !kind; at++) {
        if (*at != '.' && *at != '[') continue;
        snprintf(list, PLACE_TEXT, "%.*s", (int)(at - path), path);
        kind = list_kind_at(reader, list);
    }
    return kind;
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

/* The options of one of several are in the names of its numbers, which would differ from run to
 * run. */
static bool complain_in_several(const struct sweep_reader *reader, const struct tree_member *member)
{
    struct place place = {.key = member->key};
    char list[PLACE_TEXT];
    if (leads_into_list(reader, member->key, list) != OF_SEVERAL) return false;
    resolver_complain(reader->resolver, member->mark, &place,
                      "it has several options in every run: add to the list what is to be compared",
                      "an option of one item of %.100s cannot be swept", list);
    return true;
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
    if (complain_in_several(reader, member)) return resolver->status;
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
