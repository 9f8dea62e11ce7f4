#include "spec/resolve.h"

#include <stdio.h>
#include <string.h>
#include "spec/defaults.h"
#include "spec/expected.h"
#include "spec/member.h"
#include "spec/number.h"
#include "spec/scalar.h"
#include "spec/several.h"
#include "spec/value_json.h"

/* ---- values ---- */

static struct value *value_create(struct resolver *resolver, enum value_kind kind,
                                  const struct schema_row *row, struct mark mark)
{
    struct value *value = arena_allocate(resolver->arena, sizeof *value);
    if (!value) {
        resolver->status = BASIN_MEMORY;
        return NULL;
    }
    *value = (struct value){.kind = kind, .row = row, .mark = mark};
    return value;
}

static bool value_room(struct resolver *resolver, struct value *map, size_t most)
{
    map->map.members = arena_array(resolver->arena, struct value_member, most ? most : 1);
    if (!map->map.members) resolver->status = BASIN_MEMORY;
    return map->map.members != NULL;
}

static void value_put(struct value *map, const char *key, struct value *value)
{
    if (value)
        map->map.members[map->map.count++] = (struct value_member){.key = key, .value = value};
}

static bool choice_is(const struct schema_row *row, const char *word)
{
    for (const char *const *choice = row->choices; choice && *choice; choice++)
        if (strcmp(*choice, word) == 0) return true;
    return false;
}

static struct value *resolve_scalar(struct resolver *resolver, const struct schema_row *row,
                                    const struct tree *node, const struct place *place)
{
    struct value *value = value_create(resolver, VALUE_TEXT, row, node->mark);
    if (!value || !scalar_read(resolver, row, row->type, node, place, value)) return NULL;
    value->row = row;
    value->mark = node->mark;
    return value;
}

static void complain_list(struct resolver *resolver, const struct schema_row *row,
                          const struct tree *node, const struct place *place)
{
    struct text expected = {0};
    char hint[160] = "";
    expected_text(row, row->type, &expected);
    char numbers[NUMBER_TEXT];
    if (node->kind == TREE_SCALAR && number_list(node->text, numbers))
        snprintf(hint, sizeof hint, "write [%s]", numbers);
    else if (node->kind == TREE_SCALAR && strpbrk(node->text, "()"))
        snprintf(hint, sizeof hint, "a list has brackets, as in [1, 2]");
    else if (node->kind == TREE_SCALAR && !tree_is_null(node))
        snprintf(hint, sizeof hint, "write [%.40s]", node->text);
    resolver_complain(resolver, node->mark, place, hint, "expected %s, found %s",
                      text_data(&expected),
                      node->kind == TREE_MAP ? "a block of keys"
                      : tree_is_null(node)   ? "nothing"
                                             : "one value");
    if (expected.failed) resolver->status = BASIN_MEMORY;
    text_free(&expected);
}

/* An item was set, by a path, that the list does not have. */
static void complain_beyond(struct resolver *resolver, const struct tree *node,
                            const struct place *place)
{
    size_t count = node->list.count;
    char hint[120];
    snprintf(hint, sizeof hint,
             count == 0   ? "set the whole list"
             : count == 1 ? "its only item is 0%.0zu"
                          : "its items are 0 to %zu; to have more, set the whole list",
             count - 1);
    resolver_complain(resolver, node->mark, place, hint, "there is no item %s in this list of %zu",
                      node->list.beyond, count);
}

/* An empty list value with room for the items of `node`; NULL where the row does not take it. */
static struct value *list_create(struct resolver *resolver, const struct schema_row *row,
                                 const struct tree *node, const struct place *place)
{
    if (node->kind != TREE_LIST) {
        complain_list(resolver, row, node, place);
        return NULL;
    }
    if (node->list.beyond) {
        complain_beyond(resolver, node, place);
        return NULL;
    }
    if (node->list.count == 0 && row->flags & SCHEMA_NOT_EMPTY) {
        resolver_complain(resolver, node->mark, place, NULL,
                          "the list is empty; it needs at least one item");
        return NULL;
    }
    struct value *value = value_create(resolver, VALUE_LIST, row, node->mark);
    if (!value) return NULL;
    value->list.items =
        arena_array(resolver->arena, struct value *, node->list.count ? node->list.count : 1);
    if (value->list.items) return value;
    resolver->status = BASIN_MEMORY;
    return NULL;
}

static struct value *resolve_list(struct resolver *resolver, const struct schema_row *row,
                                  const struct tree *node, const struct place *place)
{
    enum schema_type type = row_item_type(row);
    if (complain_commas(resolver, node,
                        type == SCHEMA_INTEGER ? COMMAS_IN_INTEGERS : COMMAS_IN_FLOATS, place))
        return NULL;
    struct value *value = list_create(resolver, row, node, place);
    for (size_t i = 0; value && i < node->list.count; i++) {
        struct place here = {.up = place, .index = i};
        struct value *item = value_create(resolver, VALUE_INTEGER, NULL, node->list.items[i]->mark);
        if (!item || !scalar_read(resolver, row, type, node->list.items[i], &here, item)) continue;
        item->row = NULL;
        item->mark = node->list.items[i]->mark;
        value->list.items[value->list.count++] = item;
    }
    return value;
}

/* What a stored spec lacks means what it meant then; but where that says nothing about the numbers
 * (`acts_with` is all), it is today's default: old and new results are not told apart by it. */
static void resolve_forget_former(struct resolver *resolver, struct value *map,
                                  const struct schema_row *rows, const struct tree *node)
{
    for (size_t i = 0; i < map->map.count; i++) {
        struct value_member *member = &map->map.members[i];
        const struct schema_row *row = schema_find_row(rows, member->key);
        const struct value *other =
            row && row->former && row->acts_with ? value_find(map, row->acts_with) : NULL;
        if (!other || !value_is_all(other) || tree_find(node, row->key)) continue;
        struct value *value = value_create(resolver, VALUE_TEXT, row, member->value->mark);
        if (!value) return;
        value->text = row->fallback;
        value->is_default = true;
        member->value = value;
    }
}

/* Fills `map` with the rows of one table from the members of `node` (NULL: all by default). */
static void resolve_rows(struct resolver *resolver, struct value *map,
                         const struct key_block *block, const struct tree *node,
                         const struct place *place, struct mark mark)
{
    for (const struct schema_row *row = block->rows; row && row->key; row++) {
        const struct tree_member *member = tree_find(node, row->key);
        if (row->flags & SCHEMA_STUDY) continue;
        if (!member && row->flags & SCHEMA_REQUIRED) {
            complain_missing(resolver, row, block, place, mark);
            continue;
        }
        struct place here = {.up = place, .key = row->key, .mark = member ? member->mark : mark};
        value_put(map, row->key, resolve_row(resolver, row, member ? member->value : NULL, &here));
    }
    if (resolver->stored) resolve_forget_former(resolver, map, block->rows, node);
    for (size_t i = 0; node && node->kind == TREE_MAP && i < node->map.count; i++) {
        const struct tree_member *member = &node->map.members[i];
        if (schema_find_row(block->rows, member->key)) continue;
        if (block->variant && strcmp(member->key, block->variant->discriminator) == 0) continue;
        complain_unknown_key(resolver, member, block, place);
    }
}

static size_t count_rows(const struct schema_row *rows)
{
    size_t count = 0;
    while (rows && rows[count].key) count++;
    return count;
}

static bool all_default(const struct value *map)
{
    for (size_t i = 0; i < map->map.count; i++)
        if (!map->map.members[i].value->is_default) return false;
    return true;
}

/* A block of keys may be absent, empty ("hessian_trace:") or a map. */
static bool resolve_is_block(struct resolver *resolver, const struct schema_row *row,
                             const struct tree *node, const struct place *place, const char *hint)
{
    if (!node || node->kind == TREE_MAP || tree_is_null(node)) return true;
    struct text expected = {0};
    char space[160];
    expected_text(row, row->type, &expected);
    if (node->kind == TREE_SCALAR &&
        syntax_lacks_space(node->text, strlen(node->text), space, sizeof space))
        hint = space;
    resolver_complain(resolver, node->mark, place, hint, "expected %s, found %s",
                      text_data(&expected), node->kind == TREE_LIST ? "a list" : "one value");
    if (expected.failed) resolver->status = BASIN_MEMORY;
    text_free(&expected);
    return false;
}

static struct value *resolve_table(struct resolver *resolver, const struct schema_row *row,
                                   const struct tree *node, const struct place *place)
{
    bool is_short = row->discriminator && node && node->kind == TREE_SCALAR && !tree_is_null(node);
    if (is_short && !(node = tree_open(resolver->arena, node, row->discriminator))) {
        resolver->status = BASIN_MEMORY;
        return NULL;
    }
    const char *hint =
        row->flags & SCHEMA_SEVERAL
            ? "options side by side are no value of an axis: write their list in the "
              "block itself"
            : NULL;
    if (!resolve_is_block(resolver, row, node, place, hint)) return NULL;
    struct value *map =
        value_create(resolver, VALUE_MAP, row, node ? node->mark : (struct mark){0});
    if (!map || !value_room(resolver, map, count_rows(row->table))) return NULL;
    resolve_rows(resolver, map, &(struct key_block){.rows = row->table}, node, place, place->mark);
    map->is_default = all_default(map);
    return map;
}

static struct value *default_value(struct resolver *resolver, const struct schema_row *row);

/* The name that a variant has where none is given; NULL: it must be given. */
static const char *default_name(struct resolver *resolver, const struct schema_row *row)
{
    if (!row->fallback || *row->fallback != '{') return row->fallback;
    const struct value *fallback = default_value(resolver, row);
    const struct value *name = fallback ? value_find(fallback, row->discriminator) : NULL;
    return name ? name->text : NULL;
}

/* The entry that a variant's node names; `mark` becomes the place of its name. */
static const struct entry *variant_entry(struct resolver *resolver, const struct schema_row *row,
                                         const struct tree *node, const struct place *place,
                                         struct mark *mark)
{
    const struct tree *name = node;
    if (node->kind == TREE_MAP) {
        const struct tree_member *member = tree_find(node, row->discriminator);
        bool is_named = member && !tree_is_null(member->value);
        const char *usual = is_named ? NULL : default_name(resolver, row);
        if (usual) return registry_find(row->registry, usual);
        name = member ? member->value : NULL;
    }
    if (name && name->kind == TREE_SCALAR && !tree_is_null(name)) {
        const struct entry *entry = registry_find(row->registry, name->text);
        if (!entry) complain_unknown_name(resolver, row->registry, name->text, name->mark, place);
        *mark = name->mark;
        return entry;
    }
    struct text names = {0};
    text_format(&names, "%s:", row->registry->plural);
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++)
        text_format(&names, "%s %s", entry == row->registry->entries ? "" : ",", (*entry)->name);
    if (!name)
        resolver_complain(resolver, node->mark, place, text_data(&names), "\"%s\" is missing",
                          row->discriminator);
    else
        resolver_complain(resolver, name->mark, place, text_data(&names),
                          "expected the name of one %s, found %s", row->registry->kind,
                          name->kind == TREE_SCALAR ? "nothing"
                          : name->kind == TREE_LIST ? "a list"
                                                    : "a block of keys");
    if (names.failed) resolver->status = BASIN_MEMORY;
    text_free(&names);
    return NULL;
}

static struct value *resolve_variant(struct resolver *resolver, const struct schema_row *row,
                                     const struct tree *node, const struct place *place)
{
    struct mark mark = node->mark;
    const struct entry *entry = variant_entry(resolver, row, node, place, &mark);
    if (!entry) return NULL;
    struct value *map = value_create(resolver, VALUE_MAP, row, node->mark);
    struct value *name = value_create(resolver, VALUE_TEXT, NULL, mark);
    if (!map || !name || !value_room(resolver, map, 1 + count_rows(entry->parameters))) return NULL;
    name->text = entry->name;
    const char *usual = default_name(resolver, row);
    name->is_default = usual && strcmp(usual, entry->name) == 0;
    value_put(map, row->discriminator, name);
    struct key_block block = {.rows = entry->parameters, .variant = row, .entry = entry};
    resolve_rows(resolver, map, &block, node, place, node->mark);
    map->is_default = all_default(map);
    return map;
}

static bool resolve_is_numeric(const struct schema_row *row)
{
    return row->type == SCHEMA_INTEGER || row->type == SCHEMA_FLOAT || row->type == SCHEMA_PAIR ||
           row->type == SCHEMA_COUNT;
}

/* "- dense: 12": suggest the layer's required key, or its first numeric one, for the number. */
static void hint_number(const struct schema_row *rows, const struct tree *node, char *hint,
                        size_t size)
{
    const struct schema_row *meant = NULL;
    bool is_number = node->kind == TREE_SCALAR && *node->text &&
                     node->text[strspn(node->text, "0123456789.")] == 0;
    for (const struct schema_row *row = rows; row && row->key; row++)
        if (resolve_is_numeric(row) &&
            (!meant || (row->flags & SCHEMA_REQUIRED && !(meant->flags & SCHEMA_REQUIRED))))
            meant = row;
    if (is_number && meant) snprintf(hint, size, "write {%s: %.40s}", meant->key, node->text);
}

/* The parameters of an entry; `here` is the place of their block. */
static struct value *resolve_options(struct resolver *resolver, const struct entry *entry,
                                     const struct tree *node, const struct place *here)
{
    struct schema_row table = {.key = entry->name, .type = SCHEMA_TABLE};
    char hint[96] = "";
    if (node) hint_number(entry->parameters, node, hint, sizeof hint);
    if (!resolve_is_block(resolver, &table, node, here, hint)) return NULL;
    struct value *map = value_create(resolver, VALUE_MAP, NULL, here->mark);
    if (!map || !value_room(resolver, map, count_rows(entry->parameters))) return NULL;
    resolve_rows(resolver, map, &(struct key_block){.rows = entry->parameters}, node, here,
                 here->mark);
    return map;
}

static struct value *resolve_entry(struct resolver *resolver, const struct entry *entry,
                                   const struct tree_member *member, const struct place *place)
{
    struct place here = {.up = place, .key = member->key, .mark = member->mark};
    return resolve_options(resolver, entry, member->value, &here);
}

/* A key of the member above it, which has none: it is not indented far enough. */
static bool complain_key_of_above(struct resolver *resolver, const struct registry *registry,
                                  const struct tree *node, size_t at, const struct place *place)
{
    const struct tree_member *member = &node->map.members[at];
    size_t above = at;
    const struct entry *entry = NULL;
    while (above > 0 && !entry) entry = registry_find(registry, node->map.members[--above].key);
    if (!entry || !tree_is_null(node->map.members[above].value) ||
        !schema_find_row(entry->parameters, member->key))
        return false;
    char hint[160];
    snprintf(hint, sizeof hint, "it is a key of %.60s: indent it further than that", entry->name);
    resolver_complain(resolver, member->mark, place, hint, "unknown %s \"%.60s\"", registry->kind,
                      member->key);
    return true;
}

/* ---- sets ---- */

/* The blocks of a list; false where something is wrong with one of them. */
static bool resolve_items(struct resolver *resolver, const struct entry *entry,
                          const struct tree *list, const struct place *place, struct value **items)
{
    size_t before = resolver->errors;
    for (size_t i = 0; i < list->list.count; i++) {
        struct place at = {.up = place, .index = i, .mark = list->list.items[i]->mark};
        items[i] = resolve_options(resolver, entry, list->list.items[i], &at);
    }
    return resolver->errors == before && resolver->status == BASIN_OK;
}

/* hessian_top: [{examples: 500}, {examples: all}]: a member for each item. */
static void resolve_several(struct resolver *resolver, const struct entry *entry,
                            const struct tree_member *member, const struct place *place,
                            struct value *map)
{
    struct schema_row blocks = {
        .key = entry->name, .type = SCHEMA_TABLES, .flags = SCHEMA_NOT_EMPTY};
    struct place here = {.up = place, .key = entry->name, .mark = member->mark};
    struct value *list = list_create(resolver, &blocks, member->value, &here);
    size_t count = list ? member->value->list.count : 0;
    const char **keys = arena_array(resolver->arena, const char *, count + 1);
    if (!keys) resolver->status = BASIN_MEMORY;
    if (!list || !keys || !resolve_items(resolver, entry, member->value, &here, list->list.items))
        return;
    struct several several = {.entry = entry, .items = list->list.items, .count = count};
    if (!several_keys(resolver, &several, &here, keys)) return;
    for (size_t i = 0; i < count; i++) value_put(map, keys[i], list->list.items[i]);
}

/* hessian_top@examples_500: {examples: 500}, as results have it. */
static void resolve_suffixed(struct resolver *resolver, const struct entry *entry,
                             const struct tree_member *member, const struct place *place,
                             struct value *map)
{
    struct place here = {.up = place, .key = member->key, .mark = member->mark};
    struct value *block = resolve_options(resolver, entry, member->value, &here);
    if (!block || !several_check(resolver, entry, member->key, block, &here)) return;
    for (size_t i = 0; i < map->map.count; i++)
        if (strcmp(map->map.members[i].key, member->key) == 0) {
            resolver_complain(resolver, member->mark, &here, "remove one of the two",
                              "an item of %s is called so too", entry->name);
            return;
        }
    value_put(map, member->key, block);
}

static const struct entry *set_entry(const struct schema_row *row, const char *key)
{
    return row->flags & SCHEMA_SEVERAL ? registry_find_member(row->registry, key)
                                       : registry_find(row->registry, key);
}

/* Members of `node` that are of one entry. */
static void resolve_members(struct resolver *resolver, const struct schema_row *row,
                            const struct entry *entry, const struct tree *node,
                            const struct place *place, struct value *map)
{
    size_t start = map->map.count;
    const struct tree_member *member = tree_find(node, entry->name);
    bool is_list =
        member && row->flags & SCHEMA_SEVERAL && member->value && member->value->kind == TREE_LIST;
    if (is_list)
        resolve_several(resolver, entry, member, place, map);
    else if (member && !several_refused(resolver, row, member, place))
        value_put(map, entry->name, resolve_entry(resolver, entry, member, place));
    for (size_t i = 0; i < node->map.count; i++)
        if (&node->map.members[i] != member && set_entry(row, node->map.members[i].key) == entry)
            resolve_suffixed(resolver, entry, &node->map.members[i], place, map);
    several_sort(map->map.members + start, map->map.count - start);
}

/* Members that a set has room for: lists have several. */
static size_t count_members(const struct tree *node)
{
    size_t count = 0;
    for (size_t i = 0; i < node->map.count; i++) {
        const struct tree *value = node->map.members[i].value;
        count += value && value->kind == TREE_LIST ? value->list.count : 1;
    }
    return count;
}

static struct value *resolve_set(struct resolver *resolver, const struct schema_row *row,
                                 const struct tree *node, const struct place *place)
{
    char hint[96] = "";
    size_t count = node && node->kind == TREE_MAP ? node->map.count : 0;
    if (node && node->kind != TREE_MAP)
        snprintf(hint, sizeof hint, "write each %s as a key: \"%s: {}\"", row->registry->kind,
                 row->registry->entries[0] ? row->registry->entries[0]->name : "name");
    if (!resolve_is_block(resolver, row, node, place, hint)) return NULL;
    struct value *map =
        value_create(resolver, VALUE_MAP, row, node ? node->mark : (struct mark){0});
    if (!map || !value_room(resolver, map, count ? count_members(node) : 0)) return NULL;
    for (const struct entry *const *entry = row->registry->entries; count > 0 && *entry; entry++)
        resolve_members(resolver, row, *entry, node, place, map);
    for (size_t i = 0; i < count; i++) {
        const struct tree_member *member = &node->map.members[i];
        if (!set_entry(row, member->key) &&
            !complain_key_of_above(resolver, row->registry, node, i, place))
            complain_unknown_name(resolver, row->registry, member->key, member->mark, place);
    }
    map->is_default = count == 0;
    return map;
}

/* 3, [3, 4] or "same". [3, 3] becomes 3, so that equal values have one form. */
static struct value *resolve_pair(struct resolver *resolver, const struct schema_row *row,
                                  const struct tree *node, const struct place *place)
{
    struct schema_row word = {.type = SCHEMA_CHOICE, .choices = row->choices};
    if (node->kind != TREE_LIST) {
        bool is_word = row->choices && node->kind == TREE_SCALAR && choice_is(row, node->text);
        struct value *value = value_create(resolver, VALUE_INTEGER, row, node->mark);
        if (!value || !scalar_read(resolver, is_word ? &word : row,
                                   is_word ? SCHEMA_CHOICE : SCHEMA_PAIR, node, place, value))
            return NULL;
        value->row = row;
        value->mark = node->mark;
        return value;
    }
    if (node->list.count != 2) {
        resolver_complain(resolver, node->mark, place, "write one integer, or [height, width]",
                          "expected 2 integers, found %zu", node->list.count);
        return NULL;
    }
    struct value *value = resolve_list(resolver,
                                       &(struct schema_row){.key = row->key,
                                                            .type = SCHEMA_INTEGERS,
                                                            .unit = row->unit,
                                                            .minimum = row->minimum,
                                                            .maximum = row->maximum,
                                                            .flags = row->flags},
                                       node, place);
    if (!value) return NULL;
    value->row = row;
    bool is_one =
        value->list.count == 2 && value->list.items[0]->integer == value->list.items[1]->integer;
    if (is_one)
        *value = (struct value){.kind = VALUE_INTEGER,
                                .integer = value->list.items[0]->integer,
                                .row = row,
                                .mark = node->mark};
    return value;
}

/* One item of a sequence: {name: {parameters}}. */
static struct value *resolve_item(struct resolver *resolver, const struct registry *registry,
                                  const struct tree *node, const struct place *place)
{
    bool is_name = node->kind == TREE_SCALAR && !tree_is_null(node);
    if (!is_name && !(node->kind == TREE_MAP && node->map.count == 1)) {
        char hint[140] = "one name, or \"name: {...}\", after each dash";
        if (node->kind == TREE_MAP && node->map.count > 1) /* a path leads into another layer */
            snprintf(hint, sizeof hint,
                     "one name, or \"name: {...}\", after each dash; this item is \"%.40s\"",
                     node->map.members[0].key);
        resolver_complain(resolver, node->mark, place, hint, "expected one %s, found %s",
                          registry->kind,
                          node->kind == TREE_LIST  ? "a list"
                          : node->kind != TREE_MAP ? "nothing"
                          : node->map.count == 0   ? "an empty block"
                                                   : "a block of several keys");
        return NULL;
    }
    struct tree empty = {.kind = TREE_MAP, .mark = node->mark};
    struct tree_member only = {.key = node->text, .mark = node->mark, .value = &empty};
    if (!is_name) only = node->map.members[0];
    const struct entry *entry = registry_find(registry, only.key);
    if (!entry) {
        complain_unknown_name(resolver, registry, only.key, only.mark, place);
        return NULL;
    }
    bool is_short =
        entry->brief && only.value && only.value->kind == TREE_SCALAR && !tree_is_null(only.value);
    if (is_short && !(only.value = tree_open(resolver->arena, only.value, entry->brief))) {
        resolver->status = BASIN_MEMORY;
        return NULL;
    }
    struct value *map = value_create(resolver, VALUE_MAP, NULL, only.mark);
    if (!map || !value_room(resolver, map, 1)) return NULL;
    value_put(map, entry->name, resolve_entry(resolver, entry, &only, place));
    return map;
}

static struct value *resolve_sequence(struct resolver *resolver, const struct schema_row *row,
                                      const struct tree *node, const struct place *place)
{
    struct value *value = list_create(resolver, row, node, place);
    for (size_t i = 0; value && i < node->list.count; i++) {
        struct place here = {.up = place, .index = i, .mark = node->list.items[i]->mark};
        struct value *item = resolve_item(resolver, row->registry, node->list.items[i], &here);
        if (item) value->list.items[value->list.count++] = item;
    }
    return value;
}

/* A list of blocks with the same rows. */
static struct value *resolve_tables(struct resolver *resolver, const struct schema_row *row,
                                    const struct tree *node, const struct place *place)
{
    struct value *value = list_create(resolver, row, node, place);
    struct schema_row block = {.key = row->key, .type = SCHEMA_TABLE, .table = row->table};
    for (size_t i = 0; value && i < node->list.count; i++) {
        struct place here = {.up = place, .index = i, .mark = node->list.items[i]->mark};
        struct value *item = resolve_table(resolver, &block, node->list.items[i], &here);
        if (!item) continue;
        item->row = NULL;
        value->list.items[value->list.count++] = item;
    }
    return value;
}

static struct value *resolve_node(struct resolver *resolver, const struct schema_row *row,
                                  const struct tree *node, const struct place *place)
{
    switch (row->type) {
    case SCHEMA_PAIR:
        return resolve_pair(resolver, row, node, place);
    case SCHEMA_SEQUENCE:
        return resolve_sequence(resolver, row, node, place);
    case SCHEMA_ITEM: {
        struct value *item = resolve_item(resolver, row->registry, node, place);
        if (item) item->row = row;
        return item;
    }
    case SCHEMA_INTEGERS:
    case SCHEMA_NUMBERS:
    case SCHEMA_TEXTS:
        return resolve_list(resolver, row, node, place);
    case SCHEMA_TABLE:
        return resolve_table(resolver, row, node, place);
    case SCHEMA_TABLES:
        return resolve_tables(resolver, row, node, place);
    case SCHEMA_VARIANT:
        return resolve_variant(resolver, row, node, place);
    case SCHEMA_SET:
        return resolve_set(resolver, row, node, place);
    default:
        return resolve_scalar(resolver, row, node, place);
    }
}

/* ---- defaults ---- */

static void clear_marks(struct value *value)
{
    value->mark = (struct mark){0};
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->list.count; i++)
        clear_marks(value->list.items[i]);
    for (size_t i = 0; value->kind == VALUE_MAP && i < value->map.count; i++)
        clear_marks(value->map.members[i].value);
}

static basin_status default_node(struct resolver *resolver, const struct schema_row *row,
                                 struct tree **node)
{
    if (row->type == SCHEMA_TABLE || row->type == SCHEMA_SET) return BASIN_OK;
    if (*row->fallback == '[' || *row->fallback == '{') {
        struct tree_source source = {.text = row->fallback, .length = strlen(row->fallback)};
        return tree_read(resolver->arena, &source, resolver->diagnostics, node);
    }
    const char *text = resolver->stored && row->former ? row->former : row->fallback;
    *node = tree_scalar(resolver->arena, text, row->type != SCHEMA_TEXT, (struct mark){0});
    return *node ? BASIN_OK : BASIN_MEMORY;
}

/* Resolves a default; What is wrong with it is collected in `inner`: it is a mistake in the
 * table, not the user's. */
static struct value *default_resolve(struct resolver *inner, const struct schema_row *row)
{
    struct tree *node = NULL;
    struct place place = {.key = row->key};
    inner->status = default_node(inner, row, &node);
    if (inner->status != BASIN_OK) return NULL;
    if (node && row->type == SCHEMA_VARIANT) {
        struct schema_row required = *row; /* or resolving it would ask for its default again */
        if (node->kind == TREE_MAP) required.fallback = NULL;
        struct value *value = resolve_node(inner, &required, node, &place);
        if (!value) return NULL;
        value->row = row;
        value->map.members[0].value->is_default = true;
        value->is_default = all_default(value);
        return value;
    }
    if (node) return resolve_node(inner, row, node, &place);
    return row->type == SCHEMA_TABLE ? resolve_table(inner, row, NULL, &place)
                                     : resolve_set(inner, row, NULL, &place);
}

static struct value *default_value(struct resolver *resolver, const struct schema_row *row)
{
    struct value *known = defaults_find(resolver->defaults, row);
    if (known) return known;
    struct diagnostics faults;
    struct resolver inner = *resolver;
    diagnostics_start(&faults, resolver->arena);
    inner.diagnostics = &faults;
    inner.errors = 0;
    struct value *value = default_resolve(&inner, row);
    if (inner.status == BASIN_OK && (faults.total > 0 || !value))
        inner.status =
            error_raise(BASIN_INTERNAL, "the default \"%s\" of the parameter \"%s\" is wrong: %s",
                        row->fallback ? row->fallback : "", row->key,
                        faults.count ? faults.items[0].message : "");
    if (inner.status == BASIN_OK) {
        clear_marks(value);
        bool is_todays = !(resolver->stored && row->former);
        if (row->type != SCHEMA_VARIANT) value->is_default = is_todays;
        if (resolver->keep) inner.status = defaults_keep(resolver->defaults, row, value);
    }
    if (inner.status != BASIN_OK) resolver->status = inner.status;
    return inner.status == BASIN_OK ? value : NULL;
}

/* ---- rows ---- */

/* A run owns all of its values: rooms above complete them (the loss of a regression), which must
 * not change what other runs share. */
static struct value *value_copy(struct resolver *resolver, const struct value *from)
{
    struct value *copy = value_create(resolver, from->kind, from->row, from->mark);
    if (!copy) return NULL;
    *copy = *from;
    if (from->kind == VALUE_LIST) {
        copy->list.items = arena_array(resolver->arena, struct value *, from->list.count + 1);
        if (!copy->list.items) resolver->status = BASIN_MEMORY;
        for (size_t i = 0; copy->list.items && i < from->list.count; i++)
            copy->list.items[i] = value_copy(resolver, from->list.items[i]);
    } else if (from->kind == VALUE_MAP && value_room(resolver, copy, from->map.count)) {
        for (size_t i = 0; i < from->map.count; i++)
            copy->map.members[i] = (struct value_member){
                from->map.members[i].key, value_copy(resolver, from->map.members[i].value)};
    }
    return resolver->status == BASIN_OK ? copy : NULL;
}

static bool has_required(const struct schema_row *rows)
{
    for (; rows && rows->key; rows++)
        if (rows->flags & SCHEMA_REQUIRED ||
            (rows->type == SCHEMA_TABLE && has_required(rows->table)))
            return true;
    return false;
}

static struct value *resolve_absent(struct resolver *resolver, const struct schema_row *row,
                                    const struct place *place)
{
    if (row->flags & SCHEMA_OPTIONAL) return NULL;
    if (row->type == SCHEMA_TABLE && has_required(row->table))
        return resolve_table(resolver, row, NULL, place);
    if (row->fallback || row->type == SCHEMA_TABLE || row->type == SCHEMA_SET) {
        struct value *value = default_value(resolver, row);
        return value && !resolver->keep ? value_copy(resolver, value) : value;
    }
    resolver->status = error_raise(
        BASIN_INTERNAL, "the parameter \"%s\" has no default and is not optional", row->key);
    return NULL;
}

/* null is the default, of a scalar, a list or a block; of an optional parameter, its absence, which
 * only an axis or a condition has to name. */
static struct value *resolve_reset(struct resolver *resolver, const struct schema_row *row,
                                   const struct tree *node, const struct place *place)
{
    if (row->flags & SCHEMA_OPTIONAL && resolver->is_axis)
        return value_create(resolver, VALUE_NONE, row, node->mark);
    return resolve_absent(resolver, row, place);
}

struct value *resolve_row(struct resolver *resolver, const struct schema_row *row,
                          struct tree *node, const struct place *place)
{
    if (!node) return resolve_absent(resolver, row, place);
    if (tree_is_reset(node) && !(row->flags & SCHEMA_REQUIRED))
        return resolve_reset(resolver, row, node, place);
    if (node->memo && node->memo_parameter == row)
        return resolver->keep ? node->memo : value_copy(resolver, node->memo);
    size_t before = resolver->errors;
    struct value *value = resolve_node(resolver, row, node, place);
    if (!value || resolver->errors > before || resolver->status != BASIN_OK) return NULL;
    bool is_leaf =
        row->type != SCHEMA_TABLE && row->type != SCHEMA_VARIANT && row->type != SCHEMA_SET;
    if (is_leaf && row->former) { /* the default of today, whatever an absent key means */
        value->is_default = strcmp(value->text, row->fallback) == 0;
    } else if (is_leaf && row->fallback) {
        const struct value *fallback = default_value(resolver, row);
        value->is_default = fallback && value_equal(value, fallback);
    }
    if (resolver->keep) {
        node->memo_parameter = row;
        node->memo = value;
    }
    return value;
}

struct value *resolve_root(struct resolver *resolver, const struct tree *root)
{
    struct value *map = value_create(resolver, VALUE_MAP, NULL, root->mark);
    if (!map || !value_room(resolver, map, count_rows(resolver->schema))) return NULL;
    resolve_rows(resolver, map, &(struct key_block){.rows = resolver->schema}, root, NULL,
                 root->mark);
    return resolver->errors == 0 && resolver->status == BASIN_OK ? map : NULL;
}

struct value *resolve_study(struct resolver *resolver, const struct tree *root)
{
    struct value *map = value_create(resolver, VALUE_MAP, NULL, root->mark);
    if (!map || !value_room(resolver, map, count_rows(resolver->schema))) return NULL;
    for (const struct schema_row *row = resolver->schema; row->key; row++) {
        const struct tree_member *member = tree_find(root, row->key);
        if (!(row->flags & SCHEMA_STUDY)) continue;
        struct place here = {.key = row->key, .mark = member ? member->mark : root->mark};
        value_put(map, row->key, resolve_row(resolver, row, member ? member->value : NULL, &here));
    }
    return map;
}
