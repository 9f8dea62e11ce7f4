#include "spec/assign.h"

#include <stdio.h>
#include <string.h>
#include "spec/member.h"
#include "spec/seeds.h"
#include "spec/walk.h"

enum { KEY_BYTES = 128 };

/* The keys that a block may have: rows of a table, entries of a set, the rows of a variant's entry,
 * or the numbers of a list's items. An item of a sequence is a block of one entry. */
struct block {
    const struct schema_row *rows, *variant, *list;
    const struct registry *set;
    bool is_item, has_several;
};

/* That of a row; `node`: what stands there, since an entry of a set may have a list of blocks. */
static struct block assign_block_of(const struct schema_row *row, const struct tree *node)
{
    struct block block = {0};
    bool is_table = row && row->type == SCHEMA_TABLE;
    bool is_list = is_table && row->flags & SCHEMA_SEVERAL && node && node->kind == TREE_LIST;
    if (is_list) block.list = row;
    if (is_table && !is_list) block.rows = row->table;
    if (row && row->type == SCHEMA_SET) {
        block.set = row->registry;
        block.has_several = row->flags & SCHEMA_SEVERAL;
    }
    if (row && row->type == SCHEMA_VARIANT) block.variant = row;
    if (row && (row_lists_scalars(row) || row->type == SCHEMA_SEQUENCE)) block.list = row;
    if (row && row->type == SCHEMA_ITEM) block.set = row->registry, block.is_item = true;
    return block;
}

/* The next part of a path. Some rows have a dot in their key (seed.init): those go first. A part
 * that is too long to be a key is cut off, and stays unknown. */
static void next_key(const struct schema_row *rows, const char **path, char key[KEY_BYTES])
{
    size_t length = schema_find_row(rows, *path) ? strlen(*path) : strcspn(*path, ".");
    snprintf(key, KEY_BYTES, "%.*s", (int)length, *path);
    *path += length + ((*path)[length] == '.');
}

/* Whether a path ends in a dot: "training." names nothing. */
static bool ends_in_dot(const char *path)
{
    size_t length = strlen(path);
    return length > 0 && path[length - 1] == '.';
}

static const struct entry *block_entry(const struct schema_row *variant, const struct tree *node)
{
    const char *name = variant->fallback && *variant->fallback != '{' ? variant->fallback : NULL;
    const struct tree_member *member = tree_find(node, variant->discriminator);
    bool is_named = member && member->value->kind == TREE_SCALAR && !tree_is_null(member->value);
    if (is_named) name = member->value->text;
    if (node && node->kind == TREE_SCALAR && !tree_is_null(node)) name = node->text;
    return name ? registry_find(variant->registry, name) : NULL;
}

static const struct schema_row *variant_row(const struct schema_row *variant,
                                            const struct tree *node, const char *key)
{
    const struct entry *now = block_entry(variant, node);
    const struct schema_row *row = now ? schema_find_row(now->parameters, key) : NULL;
    for (const struct entry *const *entry = variant->registry->entries; !row && *entry; entry++)
        row = schema_find_row((*entry)->parameters, key);
    return row;
}

/* A row for the name of a variant: a choice among its entries. */
static basin_status name_row(struct arena *arena, const struct schema_row *variant,
                             const struct schema_row **out)
{
    size_t count = 0;
    while (variant->registry->entries[count]) count++;
    struct schema_row *row = arena_allocate(arena, sizeof *row);
    const char **choices = arena_array(arena, const char *, count + 1);
    if (!row || !choices) return BASIN_MEMORY;
    registry_names(variant->registry, choices, count);
    *row = (struct schema_row){
        .key = variant->discriminator,
        .type = SCHEMA_CHOICE,
        .choices = choices,
        .fallback = variant->fallback && *variant->fallback != '{' ? variant->fallback : NULL};
    if (!row->fallback) row->flags = SCHEMA_REQUIRED;
    *out = row;
    return BASIN_OK;
}

static basin_status entry_row(struct arena *arena, const struct block *block, const char *key,
                              const struct schema_row **out)
{
    const struct entry *entry =
        block->has_several ? registry_find_member(block->set, key) : registry_find(block->set, key);
    if (!entry) return BASIN_OK;
    struct schema_row *row = arena_allocate(arena, sizeof *row);
    char *name = arena_text(arena, key);
    if (!row || !name) return BASIN_MEMORY;
    *row = (struct schema_row){.key = name,
                               .type = SCHEMA_TABLE,
                               .table = entry->parameters,
                               .flags = block->has_several ? SCHEMA_SEVERAL : 0};
    *out = row;
    return BASIN_OK;
}

static bool is_number_of_item(const char *key)
{
    size_t digits = strspn(key, "0123456789");
    return digits > 0 && digits < 10 && !key[digits] && (*key != '0' || digits == 1);
}

/* A row for one item of a list. */
static basin_status element_row(struct arena *arena, const struct schema_row *list, const char *key,
                                const struct schema_row **out)
{
    if (!is_number_of_item(key)) return BASIN_OK;
    struct schema_row *row = arena_allocate(arena, sizeof *row);
    char *name = arena_text(arena, key);
    if (!row || !name) return BASIN_MEMORY;
    *row = (struct schema_row){.key = name,
                               .type = row_item_type(list),
                               .table = list->table,
                               .unit = list->unit,
                               .minimum = list->minimum,
                               .maximum = list->maximum,
                               .registry = list->registry,
                               .flags =
                                   (list->flags & ~(unsigned)(SCHEMA_NOT_EMPTY | SCHEMA_SEVERAL)) |
                                   SCHEMA_REQUIRED}; /* no item has a default */
    *out = row;
    return BASIN_OK;
}

static basin_status block_row(struct arena *arena, const struct block *block,
                              const struct tree *node, const char *key,
                              const struct schema_row **row)
{
    *row = NULL;
    if (block->list) return element_row(arena, block->list, key, row);
    if (block->rows) *row = schema_find_row(block->rows, key);
    if (block->set) return entry_row(arena, block, key, row);
    if (!block->variant) return BASIN_OK;
    if (strcmp(block->variant->discriminator, key) == 0)
        return name_row(arena, block->variant, row);
    *row = variant_row(block->variant, node, key);
    return BASIN_OK;
}

/* What stands at `key` in a node: a member, or an item of a list. */
static struct tree *child_of(const struct tree *node, const char *key)
{
    const struct tree_member *member = tree_find(node, key);
    return member ? member->value : tree_item(node, key, NULL);
}

basin_status path_row(struct arena *arena, const struct schema_row *schema, const struct tree *root,
                      const char *path, const struct schema_row **row, bool *fixed)
{
    struct block block = {.rows = schema};
    char key[KEY_BYTES];
    *row = NULL;
    *fixed = false;
    if (ends_in_dot(path)) return BASIN_OK;
    while (*path) {
        next_key(block.rows, &path, key);
        TRY(block_row(arena, &block, root, key, row));
        if (!*row) return BASIN_OK;
        *fixed = *fixed || (*row)->flags & SCHEMA_FIXED;
        root = child_of(root, key);
        block = assign_block_of(*row, root);
    }
    return BASIN_OK;
}

/* The list at a node, or that of its row's default; NULL where there is neither. */
static basin_status list_of(struct arena *arena, const struct schema_row *row,
                            const struct tree *node, const struct tree **list)
{
    struct diagnostics silent;
    struct tree *fallback = NULL;
    bool is_default = !node || tree_is_reset(node);
    *list = node && node->kind == TREE_LIST ? node : NULL;
    if (!is_default || !row->fallback || *row->fallback != '[') return BASIN_OK;
    struct tree_source source = {.text = row->fallback, .length = strlen(row->fallback)};
    diagnostics_start(&silent, arena);
    TRY(tree_read(arena, &source, &silent, &fallback));
    *list = fallback;
    return BASIN_OK;
}

/* The row of `key` in a block as `node` has it: NULL for a parameter of another variant, or an
 * entry that is not asked for. */
static basin_status present_row(struct arena *arena, const struct block *block,
                                const struct tree *node, const char *key,
                                const struct schema_row **row)
{
    *row = NULL;
    if (block->list && !tree_item(node, key, NULL)) return BASIN_OK;
    if (block->set && !tree_find(node, key)) return BASIN_OK;
    if (block->variant && strcmp(block->variant->discriminator, key) != 0) {
        const struct entry *entry = block_entry(block->variant, node);
        *row = entry ? schema_find_row(entry->parameters, key) : NULL;
        return BASIN_OK;
    }
    return block_row(arena, block, node, key, row);
}

/* "relu" in a list of layers as {relu: {}}; anything else as it is. */
static basin_status item_as_block(struct arena *arena, const struct tree *item, struct tree **out)
{
    *out = (struct tree *)(uintptr_t)item;
    if (!item || item->kind != TREE_SCALAR || tree_is_null(item)) return BASIN_OK;
    struct tree *map = tree_map(arena, item->mark), *none = tree_map(arena, item->mark);
    if (!map || !none) return BASIN_MEMORY;
    *out = map;
    return tree_add(arena, map,
                    (struct tree_member){.key = item->text, .mark = item->mark, .value = none});
}

basin_status path_value(struct arena *arena, const struct schema_row *schema,
                        const struct tree *root, const char *path, const struct schema_row **row,
                        struct tree **node)
{
    struct block block = {.rows = schema};
    char key[KEY_BYTES];
    *node = (struct tree *)(uintptr_t)root;
    *row = NULL;
    if (ends_in_dot(path)) return BASIN_OK;
    while (*path) {
        const struct tree *list = *node;
        next_key(block.rows, &path, key);
        if (block.list) TRY(list_of(arena, block.list, *node, &list));
        *node = (struct tree *)(uintptr_t)list;
        if (block.is_item) TRY(item_as_block(arena, *node, node));
        TRY(present_row(arena, &block, *node, key, row));
        if (!*row) return BASIN_OK;
        struct tree *child = child_of(*node, key);
        bool is_name = block.variant && *node && (*node)->kind == TREE_SCALAR &&
                       !tree_is_null(*node) && strcmp(block.variant->discriminator, key) == 0;
        if (!is_name) *node = child;
        block = assign_block_of(*row, *node);
    }
    return BASIN_OK;
}

struct tree *tree_at(const struct tree *root, const char *path)
{
    char key[KEY_BYTES];
    struct tree *at = NULL;
    while (*path) {
        const struct tree_member *whole = tree_find(root, path); /* a key with a dot in it */
        if (whole) return whole->value;
        next_key(NULL, &path, key);
        if (!(at = child_of(root, key))) return NULL;
        root = at;
    }
    return at;
}

static basin_status assign_put(struct arena *arena, struct tree *map, const char *key,
                               struct tree *node, struct mark mark, bool swept)
{
    struct tree_member *member = tree_find(map, key);
    if (!member) {
        char *copy = arena_text(arena, key);
        if (!copy) return BASIN_MEMORY;
        return tree_add(
            arena, map,
            (struct tree_member){.key = copy, .mark = mark, .value = node, .swept = swept});
    }
    *member = (struct tree_member){.key = member->key, .mark = mark, .value = node, .swept = swept};
    return BASIN_OK;
}

/* The default of a set is that its members are not there: null drops one (`measures: {hessian_top:
 * null}`). Where there is none, null is its options, all of them defaults. */
static bool is_dropped(const struct block *block, const struct tree *map, const char *key,
                       const struct tree *node)
{
    return block->set && !block->is_item && tree_is_null(node) && tree_find(map, key);
}

static basin_status assign(struct arena *arena, const struct block *block, const struct tree *node,
                           const char *path, const struct assignment *assignment,
                           struct tree **out);

/* Puts an item of a list, or what is below it, in place; in the list of the default where none is
 * written. An item that is not there is remembered, and reported when the list is read. */
static basin_status assign_item(struct arena *arena, const struct block *block,
                                const struct tree *node, const char *path,
                                const struct assignment *assignment, struct tree **out)
{
    static const struct tree empty = {.kind = TREE_LIST};
    char key[KEY_BYTES];
    const struct tree *list;
    const struct schema_row *row;
    struct tree *item, *child = assignment->node;
    size_t index = 0;
    TRY(list_of(arena, block->list, node, &list));
    *out = (struct tree *)(uintptr_t)node;
    if (!list && node) return BASIN_OK; /* it is no list, which is reported */
    if (!(*out = tree_list_copy(arena, list ? list : &empty))) return BASIN_MEMORY;
    next_key(NULL, &path, key);
    item = tree_item(*out, key, &index);
    TRY(element_row(arena, block->list, key, &row));
    if (!item) {
        (*out)->mark = assignment->mark;
        (*out)->list.beyond = arena_text(arena, key);
        return (*out)->list.beyond ? BASIN_OK : BASIN_MEMORY;
    }
    if (*path) {
        struct block below = assign_block_of(row, item);
        if (below.is_item) TRY(item_as_block(arena, item, &item));
        TRY(assign(arena, &below, item, path, assignment, &child));
        if (child->kind == TREE_MAP && child->map.count > 1)
            child->mark = assignment->mark; /* a key of another layer: shown where it was set */
    }
    (*out)->list.items[index] = child;
    return BASIN_OK;
}

static basin_status assign(struct arena *arena, const struct block *block, const struct tree *node,
                           const char *path, const struct assignment *assignment, struct tree **out)
{
    if (block->list) return assign_item(arena, block, node, path, assignment, out);
    char key[KEY_BYTES];
    const char *rest = path;
    const struct schema_row *row = NULL;
    struct mark mark = assignment->mark;
    if (!assignment->swept) {
        mark.column += (int)(path - assignment->path);
        mark.width = (int)strcspn(path, ".");
    }
    bool is_name = node && node->kind == TREE_SCALAR && block->variant;
    bool is_open = !node || node->kind == TREE_MAP || tree_is_null(node) || is_name;
    bool is_value =
        !block->rows && !block->set &&
        !block->variant; /* it takes no keys: the block that takes its place will be refused */
    *out = (struct tree *)node;
    if (!is_open && !is_value) return BASIN_OK;
    next_key(block->rows, &rest, key);
    const char *discriminator = block->variant ? block->variant->discriminator : NULL;
    *out = is_open && node ? tree_open(arena, node, discriminator) : tree_map(arena, mark);
    if (!*out) return BASIN_MEMORY;
    if (!*rest && is_dropped(block, *out, key, assignment->node)) {
        tree_remove(*out, key);
        return BASIN_OK;
    }
    if (!*rest) return assign_put(arena, *out, key, assignment->node, mark, assignment->swept);
    TRY(block_row(arena, block, node, key, &row));
    const struct tree_member *member = tree_find(*out, key);
    struct block below = assign_block_of(row, member ? member->value : NULL);
    struct tree *child = NULL;
    TRY(assign(arena, &below, member ? member->value : NULL, rest, assignment, &child));
    return assign_put(arena, *out, key, child, member ? member->mark : mark, false);
}

basin_status tree_assign(struct arena *arena, const struct schema_row *schema,
                         const struct tree *root, const struct assignment *assignment,
                         struct tree **out)
{
    struct block block = {.rows = schema};
    return assign(arena, &block, root, assignment->path, assignment, out);
}

/* The name that a variant's block gives, null for that of the default; or NULL. */
static const char *said_name(const struct block *block, const struct tree *node)
{
    const struct tree_member *member =
        block->variant ? tree_find(node, block->variant->discriminator) : NULL;
    if (!member || member->value->kind != TREE_SCALAR) return NULL;
    return tree_is_null(member->value) ? block->variant->fallback : member->value->text;
}

/* A bare name of a variant as a block, and nothing as an empty one. */
static basin_status as_block(struct arena *arena, const struct block *block, struct tree *node,
                             struct tree **out)
{
    bool blocks = block->rows || block->set || block->variant;
    bool opens = blocks && node->kind == TREE_SCALAR && (tree_is_null(node) || block->variant);
    *out = opens ? tree_open(arena, node, block->variant ? block->variant->discriminator : NULL)
                 : node;
    return *out ? BASIN_OK : BASIN_MEMORY;
}

static bool stands_alone(const struct block *block, const struct tree *lower,
                         const struct tree *upper)
{
    const char *name = said_name(block, upper);
    if (lower->kind != TREE_MAP || upper->kind != TREE_MAP) return true;
    if (!name) return false;
    const struct entry *below = block_entry(block->variant, lower);
    return !below || strcmp(below->name, name) != 0;
}

/* Below `sweep`, blocks merge key by key down to the paths. The value of a path (a list, {linspace:
 * ...}, a condition) and the list under `exclude` are replaced as a whole: a mixture of two
 * would be neither of them. */
enum depth { DEPTH_ROOT, DEPTH_SWEEP, DEPTH_PATHS, DEPTH_WHOLE, DEPTH_ELSEWHERE };

static enum depth below(enum depth depth, const char *key)
{
    switch (depth) {
    case DEPTH_ROOT:
        return strcmp(key, "sweep") == 0 ? DEPTH_SWEEP : DEPTH_ELSEWHERE;
    case DEPTH_SWEEP:
        return strcmp(key, "exclude") == 0 ? DEPTH_WHOLE : DEPTH_PATHS;
    case DEPTH_PATHS:
        return DEPTH_WHOLE;
    default:
        return depth;
    }
}

/* Null, or nothing, over what the base says: the default, whatever stood there. A sweep has no
 * defaults: its keys and paths are dropped. */
static basin_status assign_reset(struct arena *arena, struct tree *map, struct tree_member *old,
                                 const struct tree_member *member, enum depth within)
{
    if (within != DEPTH_ELSEWHERE) {
        tree_remove(map, member->key);
        return BASIN_OK;
    }
    *old = *member;
    old->value = tree_scalar(arena, "null", true, member->value->mark);
    return old->value ? BASIN_OK : BASIN_MEMORY;
}

static basin_status assign_merge(struct arena *arena, const struct block *block, enum depth depth,
                                 const struct tree *lower, const struct tree *upper,
                                 struct tree **out)
{
    *out = tree_open(arena, lower, NULL);
    if (!*out) return BASIN_MEMORY;
    if (depth == DEPTH_ROOT) seeds_replace(*out, upper);
    for (size_t i = 0; i < upper->map.count; i++) {
        struct tree_member member = upper->map.members[i];
        struct tree_member *old = tree_find(*out, member.key);
        if (is_dropped(block, *out, member.key, member.value)) {
            tree_remove(*out, member.key);
            continue;
        }
        if (old && tree_is_null(member.value)) {
            TRY(assign_reset(arena, *out, old, &member, below(depth, member.key)));
            continue;
        }
        const struct schema_row *row = NULL;
        TRY(block_row(arena, block, upper, member.key, &row));
        struct block inner = assign_block_of(row, NULL);
        struct tree *under = NULL, *over;
        TRY(as_block(arena, &inner, member.value, &over));
        enum depth within = below(depth, member.key);
        if (old) TRY(as_block(arena, &inner, old->value, &under));
        if (old && within != DEPTH_WHOLE && !stands_alone(&inner, under, over))
            TRY(assign_merge(arena, &inner, within, under, over, &member.value));
        bool dropped = within == DEPTH_PATHS && old && member.value->kind == TREE_MAP &&
                       member.value->map.count == 0; /* the last path of a `grid` */
        if (dropped)
            tree_remove(*out, member.key);
        else if (old)
            *old = member;
        else
            TRY(tree_add(arena, *out, member));
    }
    return BASIN_OK;
}

basin_status tree_merge(struct arena *arena, const struct schema_row *schema,
                        const struct tree *lower, const struct tree *upper, struct tree **out)
{
    struct block block = {.rows = schema};
    return assign_merge(arena, &block, DEPTH_ROOT, lower, upper, out);
}

struct nearest {
    const char *path, *last; /* as it was written, and its last part */
    char exact[PLACE_TEXT], near[PLACE_TEXT];
    int distance, exact_distance;
};

static void visit_nearest(void *context, const char *path, const struct schema_row *row,
                          const struct entry *entry)
{
    struct nearest *nearest = context;
    const char *last = strrchr(path, '.');
    last = last ? last + 1 : path;
    (void)entry;
    bool is_word =
        nearest->last == nearest->path; /* a single word is compared with the last parts of paths */
    bool is_alias = strcmp(last, row->key) == 0 && row_has_alias(row, nearest->last);
    bool is_same = strcmp(last, nearest->last) == 0 || is_alias;
    int most = is_same && nearest->exact_distance > nearest->distance ? nearest->exact_distance
                                                                      : nearest->distance;
    int distance = text_distance_within(nearest->path, is_word ? last : path, most - 1);
    if (is_same && distance < nearest->exact_distance) {
        nearest->exact_distance = distance;
        snprintf(nearest->exact, PLACE_TEXT, "%s", path);
    }
    if (distance < nearest->distance) {
        nearest->distance = distance;
        snprintf(nearest->near, PLACE_TEXT, "%s", path);
    }
}

/* The end of a path that has as many parts as `like`. */
static const char *tail(const char *path, const char *like)
{
    int surplus = 0;
    for (const char *at = path; *at; at++) surplus += *at == '.';
    for (; *like; like++) surplus -= *like == '.';
    while (surplus-- > 0) path = strchr(path, '.') + 1;
    return path;
}

static void visit_tail(void *context, const char *path, const struct schema_row *row,
                       const struct entry *entry)
{
    struct nearest *nearest = context;
    (void)row;
    (void)entry;
    if (!strstr(path, "[].")) return;
    int distance =
        text_distance_within(nearest->path, tail(path, nearest->path), nearest->distance - 1);
    if (distance >= nearest->distance) return;
    nearest->distance = distance;
    snprintf(nearest->near, PLACE_TEXT, "%s", path);
}

void path_suggest_in_lists(const struct schema_row *schema, const char *path, struct text *out)
{
    struct nearest nearest = {.path = path, .distance = 2 + (int)(strlen(path) / 8)};
    schema_walk_lists(schema, visit_tail, &nearest);
    if (*nearest.near) text_format(out, "did you mean \"%s\"?", nearest.near);
}

void path_suggest(const struct schema_row *schema, const char *path, struct text *out)
{
    const char *last = strrchr(path, '.');
    struct nearest nearest = {.path = path,
                              .last = last ? last + 1 : path,
                              .exact_distance = 1 << 20,
                              .distance = 2 + (int)(strlen(path) / 4)};
    schema_walk(schema, visit_nearest, &nearest);
    bool is_typing = *nearest.near && nearest.distance <= 2 &&
                     nearest.last != path; /* a word says what it names */
    const char *best = *nearest.exact && !is_typing ? nearest.exact : nearest.near;
    if (*best) text_format(out, "did you mean \"%s\"?", best);
}
