#include "spec/several.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spec/complain.h"
#include "spec/member.h"

/* ---- suffixes of a list ---- */

static bool same_option(const struct schema_row *row, const struct value *a, const struct value *b)
{
    const struct value *x = value_find(a, row->key), *y = value_find(b, row->key);
    return x && y ? value_equal(x, y) : x == y;
}

static bool options_differ(const struct several *list, const struct schema_row *row)
{
    for (size_t i = 1; i < list->count; i++)
        if (!same_option(row, list->items[0], list->items[i])) return true;
    return false;
}

static const char *several_key(struct arena *arena, const struct several *list, size_t which,
                               bool with_optional)
{
    struct text key = {0};
    text_append(&key, list->entry->name);
    for (const struct schema_row *row = list->entry->parameters; row && row->key; row++)
        if ((with_optional || !(row->flags & SCHEMA_OPTIONAL)) && options_differ(list, row))
            member_put(&key, row, list->items[which]);
    const char *copy = key.failed ? NULL : arena_text(arena, text_data(&key));
    text_free(&key);
    return copy;
}

static bool several_try_keys(struct resolver *resolver, const struct several *list,
                             bool with_optional, const char **keys)
{
    for (size_t i = 0; i < list->count; i++)
        if (!(keys[i] = several_key(resolver->arena, list, i, with_optional))) {
            resolver->status = BASIN_MEMORY;
            return false;
        }
    return true;
}

/* The first key that an earlier one is equal to, which is `*as`; `count`: there is none. */
static size_t find_equal_key(const char *const *keys, size_t count, size_t *as)
{
    for (size_t i = 1; i < count; i++)
        for (*as = 0; *as < i; ++*as)
            if (strcmp(keys[*as], keys[i]) == 0) return i;
    return count;
}

bool several_keys(struct resolver *resolver, const struct several *list, const struct place *place,
                  const char **keys)
{
    size_t as;
    if (!several_try_keys(resolver, list, false, keys)) return false;
    if (find_equal_key(keys, list->count, &as) == list->count) return true;
    if (!several_try_keys(resolver, list, true, keys)) return false;
    size_t which = find_equal_key(keys, list->count, &as);
    if (which == list->count) return true;
    struct place here = {.up = place, .index = which};
    resolver_complain(resolver, list->items[which]->mark, &here,
                      "each item needs options of its own; remove this one, or change it",
                      "these are the options of item %zu, with the defaults of what is not written",
                      as);
    return false;
}

/* ---- a suffix that is written ---- */

/* The length of "examples_500" in front of a suffix, with the '_' between it and more; 0: the
 * suffix begins with something else. */
static size_t option_length(const struct schema_row *row, const struct value *block,
                            const char *suffix, bool *failed)
{
    struct text option = {0};
    member_put(&option, row, block);
    const char *said = member_suffix(text_data(&option));
    size_t length = strlen(said);
    bool is_said = length && strncmp(suffix, said, length) == 0 &&
                   (suffix[length] == 0 || suffix[length] == '_');
    *failed = *failed || option.failed;
    text_free(&option);
    return is_said ? length + (suffix[length] == '_' && suffix[length + 1]) : 0;
}

/* Past the options of the block that a suffix says, in the order of the rows. */
static const char *pass_options(const struct entry *entry, const struct value *block,
                                const char *suffix, bool *failed)
{
    for (const struct schema_row *row = entry->parameters; row && row->key && *suffix; row++)
        suffix += option_length(row, block, suffix, failed);
    return suffix;
}

/* "with these options it says @examples_2000", where the suffix names an option. */
static void hint_suffix(const struct entry *entry, const struct value *block, const char *rest,
                        struct text *hint)
{
    for (const struct schema_row *row = entry->parameters; row && row->key; row++) {
        size_t length = strlen(row->key);
        if (strncmp(rest, row->key, length) != 0 || rest[length] != '_') continue;
        text_append(hint, "with these options it says ");
        member_put(hint, row, block);
        text_append(hint, "; ");
        break;
    }
    text_format(hint, "%s: [{...}, {...}] makes such names by itself", entry->name);
}

bool several_check(struct resolver *resolver, const struct entry *entry, const char *key,
                   const struct value *block, const struct place *place)
{
    const char *suffix = member_suffix(key);
    struct text hint = {0};
    bool failed = false;
    const char *rest = pass_options(entry, block, suffix, &failed);
    bool is_good = *suffix && !*rest;
    if (!is_good) {
        hint_suffix(entry, block, rest, &hint);
        resolver_complain(resolver, block->mark, place, text_data(&hint),
                          "\"%.80s\" behind the @ does not say options of this %s", suffix,
                          entry->name);
    }
    if (failed || hint.failed) resolver->status = BASIN_MEMORY;
    text_free(&hint);
    return is_good;
}

/* ---- sets that have each entry once ---- */

static bool is_list_of_blocks(const struct tree *node)
{
    if (!node || node->kind != TREE_LIST) return false;
    for (size_t i = 0; i < node->list.count; i++)
        if (node->list.items[i]->kind != TREE_MAP) return false;
    return true;
}

bool several_refused(struct resolver *resolver, const struct schema_row *row,
                     const struct tree_member *member, const struct place *place)
{
    const struct tree *list = member->value;
    struct place here = {.up = place, .key = member->key, .mark = member->mark};
    char hint[160];
    if (row->flags & SCHEMA_SEVERAL || !is_list_of_blocks(list) || !list->list.count) return false;
    snprintf(hint, sizeof hint,
             "a study has each %s once: for other options, use another folder (-o)",
             row->registry->kind);
    resolver_complain(resolver, list->mark, &here, hint,
                      "expected one block of keys, found a list of %zu", list->list.count);
    return true;
}

/* ---- order ---- */

static int by_suffix(const void *a, const void *b)
{
    return member_order(((const struct value_member *)a)->key,
                        ((const struct value_member *)b)->key);
}

void several_sort(struct value_member *members, size_t count)
{
    if (count > 1) qsort(members, count, sizeof *members, by_suffix);
}
