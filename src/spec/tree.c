#include "spec/tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "base/list.h"
#include "spec/parentheses.h"
#include "spec/schema.h"

enum { ANCHORS = 1000 };

struct anchor {
    const char *name;
    struct tree *node;
    struct anchor *next;
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    struct arena *arena;
    const struct tree_source *source;
    struct diagnostics *diagnostics;
    struct anchor *anchors; /* the latest first */
    size_t anchor_count, aliased;
    int depth;
    bool hidden;         /* characters in parentheses are (spec/parentheses.h) */
    basin_status status; /* BASIN_MEMORY, or BASIN_OK even where the text is wrong */
};

/* The functions below return false where reading must stop: the text is wrong beyond repair
 * (reported), or memory is short (in `status`). */

static bool short_of_memory(struct reader *reader)
{
    reader->status = BASIN_MEMORY;
    return false;
}

static struct mark event_mark(const struct reader *reader)
{
    const yaml_event_t *event = &reader->event;
    yaml_mark_t start = event->start_mark, end = event->end_mark;
    struct mark mark = {.line = (int)start.line + 1,
                        .column = (int)start.column + 1,
                        .source = reader->source->source};
    mark.width =
        end.line == start.line && end.column > start.column ? (int)(end.column - start.column) : 1;
    if (start.line == 0) mark.column += reader->source->column;
    return mark;
}

/* A node's mark leaves its anchor out: "&a 5" is marked at the 5. */
static struct mark node_mark(const struct reader *reader, const yaml_char_t *anchor)
{
    struct mark mark = event_mark(reader);
    int skip = anchor ? (int)strlen((const char *)anchor) + 2 : 0;
    if (mark.width > skip) {
        mark.column += skip;
        mark.width -= skip;
    }
    return mark;
}

static bool next(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event)) return true;
    if (reader->parser.error == YAML_MEMORY_ERROR) {
        reader->status = error_memory(reader->source->length);
        return false;
    }
    syntax_complain(reader->diagnostics, reader->source, &reader->parser);
    return false;
}

static struct tree *node_create(struct reader *reader, enum tree_kind kind,
                                const yaml_char_t *anchor)
{
    struct tree *node = arena_allocate(reader->arena, sizeof *node);
    if (!node) {
        short_of_memory(reader);
        return NULL;
    }
    *node = (struct tree){.kind = kind,
                          .weight = 1,
                          .mark = node_mark(reader, anchor),
                          .closed = kind == TREE_SCALAR};
    return node;
}

static bool anchor_keep(struct reader *reader, const yaml_char_t *name, struct tree *node)
{
    if (!name) return true;
    if (++reader->anchor_count > ANCHORS) {
        diagnostics_add(reader->diagnostics, event_mark(reader), "more than %d anchors in one file",
                        ANCHORS);
        return false;
    }
    struct anchor *anchor = arena_allocate(reader->arena, sizeof *anchor);
    char *copy = arena_text(reader->arena, (const char *)name);
    if (!anchor || !copy) return short_of_memory(reader);
    *anchor = (struct anchor){.name = copy, .node = node, .next = reader->anchors};
    reader->anchors = anchor;
    return true;
}

static void refuse_tag(struct reader *reader, const yaml_char_t *tag)
{
    static const char standard[] = "tag:yaml.org,2002:";
    if (!tag) return;
    const char *name = (const char *)tag;
    bool is_standard = strncmp(name, standard, sizeof standard - 1) == 0;
    diagnostics_add(
        reader->diagnostics, event_mark(reader),
        "the tag \"%s%.40s\" is not part of the spec language; write the value without it",
        is_standard ? "!!" : "", is_standard ? name + sizeof standard - 1 : name);
}

static bool read_alias(struct reader *reader, struct tree **out)
{
    const char *name = (const char *)reader->event.data.alias.anchor;
    const struct anchor *anchor = reader->anchors;
    struct mark mark = event_mark(reader);
    while (anchor && strcmp(anchor->name, name) != 0) anchor = anchor->next;
    if (!anchor) {
        diagnostics_add(reader->diagnostics, mark,
                        "the alias \"*%.40s\" has no anchor \"&%.40s\" above it", name, name);
        return false;
    }
    struct tree *node = anchor->node;
    if (!node->closed) {
        diagnostics_add(reader->diagnostics, mark,
                        "the alias \"*%.40s\" stands inside its own anchor (line %d): a cycle",
                        name, node->mark.line);
        return false;
    }
    reader->aliased += node->weight;
    if (reader->aliased > TREE_ALIASED) {
        diagnostics_add(reader->diagnostics, mark,
                        "the aliases up to here repeat more than %d values; write them out",
                        TREE_ALIASED);
        return false;
    }
    if (reader->depth + node->height > TREE_DEPTH) {
        diagnostics_add(reader->diagnostics, mark, "this alias nests deeper than %d levels",
                        TREE_DEPTH);
        return false;
    }
    *out = node;
    return true;
}

static bool read_scalar(struct reader *reader, struct tree **out)
{
    const yaml_char_t *anchor = reader->event.data.scalar.anchor;
    const char *text = (const char *)reader->event.data.scalar.value;
    size_t length = reader->event.data.scalar.length;
    struct tree *node = node_create(reader, TREE_SCALAR, anchor);
    if (!node) return false;
    refuse_tag(reader, reader->event.data.scalar.tag);
    if (memchr(text, 0, length))
        diagnostics_add(reader->diagnostics, node->mark,
                        "a text cannot contain the character \"\\0\"");
    node->plain = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->folded = node->plain && reader->event.end_mark.line > reader->event.start_mark.line;
    char *copy = arena_text_n(reader->arena, text, length);
    if (!copy) return short_of_memory(reader);
    if (reader->hidden) parentheses_show(copy);
    node->text = copy;
    *out = node;
    return anchor_keep(reader, anchor, node);
}

static bool read_node(struct reader *reader, struct tree **out);

/* Enters a list or map: checks the depth before anything below is read. */
static bool tree_enter(struct reader *reader, struct tree *node, const yaml_char_t *anchor,
                       const yaml_char_t *tag, bool flow)
{
    if (++reader->depth > TREE_DEPTH) {
        diagnostics_add(reader->diagnostics, node->mark, "this nests deeper than %d levels",
                        TREE_DEPTH);
        return false;
    }
    refuse_tag(reader, tag);
    node->flow = flow;
    return anchor_keep(reader, anchor, node);
}

static void leave(struct reader *reader, struct tree *node)
{
    yaml_mark_t end = reader->event.end_mark;
    int column = (int)end.column + 1 + (end.line == 0 ? reader->source->column : 0);
    if (node->flow && (int)end.line + 1 == node->mark.line)
        node->mark.width = column - node->mark.column;
    node->height++;
    node->closed = true;
    reader->depth--;
}

static void count_child(struct tree *node, const struct tree *child)
{
    node->weight += child->weight;
    if (child->height > node->height) node->height = child->height;
}

static basin_status list_add(struct arena *arena, struct tree *list, struct tree *item)
{
    if (!list_room(arena, list->list.items, list->list.count, 1, list->list.capacity))
        return BASIN_MEMORY;
    list->list.items[list->list.count++] = item;
    return BASIN_OK;
}

static bool tree_read_list(struct reader *reader, struct tree **out)
{
    const yaml_char_t *anchor = reader->event.data.sequence_start.anchor;
    struct tree *node = node_create(reader, TREE_LIST, anchor);
    if (!node || !tree_enter(reader, node, anchor, reader->event.data.sequence_start.tag,
                             reader->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE))
        return false;
    for (;;) {
        struct tree *item = NULL;
        if (!next(reader)) return false;
        if (reader->event.type == YAML_SEQUENCE_END_EVENT) break;
        if (!read_node(reader, &item)) return false;
        if (list_add(reader->arena, node, item) != BASIN_OK) return short_of_memory(reader);
        count_child(node, item);
    }
    leave(reader, node);
    *out = node;
    return true;
}

basin_status tree_add(struct arena *arena, struct tree *map, struct tree_member member)
{
    if (!list_room(arena, map->map.members, map->map.count, 1, map->map.capacity))
        return BASIN_MEMORY;
    map->map.members[map->map.count++] = member;
    return BASIN_OK;
}

/* YAML 1.1's merge key: the members of `from` that `map` does not have. */
static bool merge_map(struct reader *reader, struct tree *map, const struct tree *from,
                      struct mark mark)
{
    if (from->kind != TREE_MAP) {
        diagnostics_add(reader->diagnostics, mark,
                        "\"<<\" needs a block of keys (or a list of them) to merge");
        return true;
    }
    for (size_t i = 0; i < from->map.count; i++) {
        if (tree_find(map, from->map.members[i].key)) continue;
        if (map->map.count == TREE_KEYS) {
            diagnostics_add(reader->diagnostics, mark, "more than %d keys in one block", TREE_KEYS);
            return false;
        }
        if (tree_add(reader->arena, map, from->map.members[i]) != BASIN_OK)
            return short_of_memory(reader);
    }
    return true;
}

static bool tree_merge_key(struct reader *reader, struct tree *map, const struct tree *from,
                           struct mark mark)
{
    if (from->kind != TREE_LIST) return merge_map(reader, map, from, mark);
    for (size_t i = 0; i < from->list.count; i++)
        if (!merge_map(reader, map, from->list.items[i], mark)) return false;
    return true;
}

/* Reads the key that is the current event. *key is NULL for one that is refused. */
static bool read_key(struct reader *reader, struct tree_member *member, bool *is_merge)
{
    struct tree *key = NULL;
    member->mark = event_mark(reader);
    bool is_alias = reader->event.type == YAML_ALIAS_EVENT;
    if (!read_node(reader, &key)) return false;
    *is_merge = key->kind == TREE_SCALAR && key->plain && strcmp(key->text, "<<") == 0;
    if (key->kind != TREE_SCALAR || is_alias) {
        diagnostics_add(reader->diagnostics, member->mark,
                        "a key must be a plain word, not a list, a block or an alias");
        return true;
    }
    if (!*key->text) {
        diagnostics_add(reader->diagnostics, member->mark, "a key is missing before \":\"");
        return true;
    }
    member->key = key->text;
    return true;
}

static bool read_member(struct reader *reader, struct tree *map, struct tree_member *merged)
{
    struct tree_member member = {0};
    bool is_merge = false;
    if (!read_key(reader, &member, &is_merge) || !next(reader)) return false;
    bool is_alias = reader->event.type == YAML_ALIAS_EVENT;
    if (!read_node(reader, &member.value)) return false;
    count_child(map, member.value);
    if (!member.key) return true;
    const struct tree_member *first =
        is_merge ? (merged->value ? merged : NULL) : tree_find(map, member.key);
    if (first) {
        diagnostics_add(reader->diagnostics, member.mark,
                        "duplicate key \"%.60s\"; it stands first in line %d", member.key,
                        first->mark.line);
        return true;
    }
    const struct tree *value = member.value;
    bool is_unseen = value->kind == TREE_SCALAR ? value->plain && !*value->text : !value->flow;
    if (!is_alias && is_unseen)
        member.value->mark = member.mark; /* an empty value, or a block, is best shown by its key */
    if (is_merge) {
        *merged = member;
        return true;
    }
    if (map->map.count == TREE_KEYS) {
        diagnostics_add(reader->diagnostics, member.mark, "more than %d keys in one block",
                        TREE_KEYS);
        return false;
    }
    return tree_add(reader->arena, map, member) == BASIN_OK || short_of_memory(reader);
}

static bool read_map(struct reader *reader, struct tree **out)
{
    const yaml_char_t *anchor = reader->event.data.mapping_start.anchor;
    struct tree_member merged = {0};
    struct tree *node = node_create(reader, TREE_MAP, anchor);
    if (!node || !tree_enter(reader, node, anchor, reader->event.data.mapping_start.tag,
                             reader->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE))
        return false;
    for (;;) {
        if (!next(reader)) return false;
        if (reader->event.type == YAML_MAPPING_END_EVENT) break;
        if (!read_member(reader, node, &merged)) return false;
    }
    leave(reader, node);
    *out = node;
    return !merged.value || tree_merge_key(reader, node, merged.value, merged.mark);
}

static bool read_node(struct reader *reader, struct tree **out)
{
    switch (reader->event.type) {
    case YAML_ALIAS_EVENT:
        return read_alias(reader, out);
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, out);
    case YAML_SEQUENCE_START_EVENT:
        return tree_read_list(reader, out);
    case YAML_MAPPING_START_EVENT:
        return read_map(reader, out);
    default:
        return false;
    }
}

static bool refuse_directives(struct reader *reader)
{
    const yaml_event_t *event = &reader->event;
    bool has_tags = event->data.document_start.tag_directives.start !=
                    event->data.document_start.tag_directives.end;
    if (!event->data.document_start.version_directive && !has_tags) return true;
    diagnostics_add(
        reader->diagnostics, event_mark(reader),
        "directives (\"%%YAML\", \"%%TAG\") are not part of the spec language; remove the line");
    return false;
}

static bool read_stream(struct reader *reader, struct tree **out)
{
    struct tree *root = NULL;
    if (!next(reader) || !next(reader)) return false; /* the stream starts; the document starts */
    if (reader->event.type == YAML_STREAM_END_EVENT) return false;
    if (!refuse_directives(reader) || !next(reader) || !read_node(reader, &root)) return false;
    if (!next(reader) || !next(reader)) return false; /* the document ends; the stream ends */
    if (reader->event.type != YAML_STREAM_END_EVENT) {
        diagnostics_add(reader->diagnostics, event_mark(reader),
                        "a second document starts here; a spec is one document, so use one file "
                        "for each study");
        return false;
    }
    *out = root;
    return true;
}

basin_status tree_read(struct arena *arena, const struct tree_source *source,
                       struct diagnostics *diagnostics, struct tree **root)
{
    struct reader reader = {.arena = arena, .source = source, .diagnostics = diagnostics};
    const char *text;
    size_t length;
    *root = NULL;
    if (!syntax_characters(diagnostics, source)) return BASIN_OK;
    TRY(parentheses_hide(arena, source->text, source->length, &text, &length));
    reader.hidden = text != source->text;
    if (!yaml_parser_initialize(&reader.parser)) return error_memory(sizeof reader.parser);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    bool has_mark =
        source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0; /* byte order mark */
    size_t skip = has_mark ? 3 : 0;
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text + skip, length - skip);
    read_stream(&reader, root);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return reader.status;
}

struct tree_member *tree_find(const struct tree *map, const char *key)
{
    if (!map || map->kind != TREE_MAP) return NULL;
    for (size_t i = 0; i < map->map.count; i++)
        if (strcmp(map->map.members[i].key, key) == 0) return &map->map.members[i];
    return NULL;
}

bool tree_is_null(const struct tree *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != TREE_SCALAR || !node->plain) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(node->text, words[i]) == 0) return true;
    return false;
}

bool tree_is_reset(const struct tree *node)
{
    return tree_is_null(node) && *node->text;
}

struct tree *tree_scalar(struct arena *arena, const char *text, bool plain, struct mark mark)
{
    struct tree *node = arena_allocate(arena, sizeof *node);
    if (node)
        *node = (struct tree){
            .kind = TREE_SCALAR, .text = text, .plain = plain, .weight = 1, .mark = mark};
    return node;
}

struct tree *tree_map(struct arena *arena, struct mark mark)
{
    struct tree *node = arena_allocate(arena, sizeof *node);
    if (node) *node = (struct tree){.kind = TREE_MAP, .weight = 1, .height = 1, .mark = mark};
    return node;
}

struct tree *tree_open(struct arena *arena, const struct tree *node, const char *discriminator)
{
    struct tree *map = tree_map(arena, node->mark);
    if (!map) return NULL;
    if (node->kind == TREE_MAP) {
        map->map.capacity = node->map.count + 2;
        map->map.members = arena_array(arena, struct tree_member, map->map.capacity);
        if (!map->map.members) return NULL;
        map->map.count = node->map.count;
        if (node->map.count)
            memcpy(map->map.members, node->map.members, node->map.count * sizeof *map->map.members);
        map->flow = node->flow;
    } else if (!tree_is_null(node) && discriminator) {
        struct tree *name = tree_scalar(arena, node->text, node->plain, node->mark);
        struct tree_member member = {.key = discriminator, .mark = node->mark, .value = name};
        if (!name || tree_add(arena, map, member) != BASIN_OK) return NULL;
    }
    return map;
}

struct tree *tree_list_copy(struct arena *arena, const struct tree *list)
{
    struct tree *copy = arena_allocate(arena, sizeof *copy);
    struct tree **items = arena_array(arena, struct tree *, list->list.count + 1);
    if (!copy || !items) return NULL;
    *copy = (struct tree){.kind = TREE_LIST, .flow = list->flow, .mark = list->mark};
    copy->list.items = items;
    copy->list.count = copy->list.capacity = list->list.count;
    copy->list.beyond = list->list.beyond;
    if (list->list.count) memcpy(items, list->list.items, list->list.count * sizeof *items);
    return copy;
}

struct tree *tree_item(const struct tree *list, const char *key, size_t *index)
{
    size_t digits = strspn(key, "0123456789");
    bool is_index = digits > 0 && digits < 10 && !key[digits] && (*key != '0' || digits == 1);
    if (!is_index || !list || list->kind != TREE_LIST) return NULL;
    size_t which = (size_t)strtoul(key, NULL, 10);
    if (index) *index = which;
    return which < list->list.count ? list->list.items[which] : NULL;
}

void tree_remove(struct tree *map, const char *key)
{
    struct tree_member *member = tree_find(map, key);
    if (!member) return;
    size_t after = (size_t)(map->map.members + map->map.count - (member + 1));
    memmove(member, member + 1, after * sizeof *member);
    map->map.count--;
}

void tree_library(int version[3])
{
    yaml_get_version(&version[0], &version[1], &version[2]);
}
