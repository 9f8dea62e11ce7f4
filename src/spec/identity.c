#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "spec/schema.h"
#include "spec/spec.h"

enum { MEMBERS_MOST = 512 };

struct dump {
    const struct value *run;
    const struct identity_facts *facts;
    struct text *out;
    basin_status status;
};

static bool dump_map(struct dump *dump, const struct value *map, const char *digest, bool is_first);

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct value_member *)a)->key, ((const struct value_member *)b)->key);
}

/* A measure is part of the identity only where it is taken during training (`every` is given). */
static bool is_tracked(const struct value *entry)
{
    const struct value *every = entry->kind == VALUE_MAP ? value_find(entry, "every") : NULL;
    return every && !every->is_default;
}

static void dump_key(struct dump *dump, const char *key, bool *is_first)
{
    text_format(dump->out, "%s%s: ", *is_first ? "" : ", ", key);
    *is_first = false;
}

static void dump_set(struct dump *dump, const struct value *set, const char *key, bool *is_first)
{
    bool is_tracking = set->row->flags & SCHEMA_TRACKED, is_open = false, is_first_entry = true;
    struct value_member sorted[MEMBERS_MOST];
    size_t count = set->map.count < MEMBERS_MOST ? set->map.count : MEMBERS_MOST;
    if (set->map.count > MEMBERS_MOST)
        dump->status = error_raise(BASIN_INTERNAL, "%zu entries in a set", set->map.count);
    if (count) memcpy(sorted, set->map.members, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_key);
    for (size_t i = 0; i < count; i++) {
        if (is_tracking && !is_tracked(sorted[i].value)) continue;
        if (!is_open) dump_key(dump, key, is_first);
        if (!is_open) text_append(dump->out, "{");
        is_open = true;
        dump_key(dump, sorted[i].key, &is_first_entry);
        text_append(dump->out, "{");
        dump_map(dump, sorted[i].value, NULL, true);
        text_append(dump->out, "}");
    }
    if (is_open) text_append(dump->out, "}");
}

/* "[{conv: {channels: 25}}, {relu: {}}]": every item counts, with what differs from its defaults.
 */
static void dump_sequence(struct dump *dump, const struct value *list, const char *key,
                          bool *is_first)
{
    dump_key(dump, key, is_first);
    text_append(dump->out, "[");
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value_member *only = &list->list.items[i]->map.members[0];
        text_format(dump->out, "%s{%s: {", i ? ", " : "", only->key);
        dump_map(dump, only->value, NULL, true);
        text_append(dump->out, "}}");
    }
    text_append(dump->out, "]");
}

/* `train_size` equal to all that is left of the training data, and `test_size` equal to all of the
 * test data, are "all". */
static bool is_all_there_is(const struct dump *dump, const struct value *map,
                            const struct value_member *member)
{
    const struct value *value = member->value, *validation = value_find(map, "validation_size");
    const struct schema_row *row = value->row;
    if (!dump->facts || !row || row->type != SCHEMA_COUNT || !row->fallback ||
        strcmp(row->fallback, "all") != 0)
        return false;
    int64_t held_out = validation && validation->kind == VALUE_INTEGER ? validation->integer : 0;
    if (strcmp(member->key, "train_size") == 0)
        return dump->facts->train_available > 0 &&
               value->integer == dump->facts->train_available - held_out;
    return strcmp(member->key, "test_size") == 0 && dump->facts->test_available > 0 &&
           value->integer == dump->facts->test_available;
}

/* A row that is younger than other specs: see schema_row.former. */
static bool is_former(const struct dump *dump, const struct value *map, const struct value *value)
{
    const struct schema_row *row = value->row;
    for (size_t i = 0; row->acts_with && i < map->map.count; i++) {
        const struct value_member *other = &map->map.members[i];
        if (strcmp(other->key, row->acts_with) == 0 &&
            (other->value->is_default || is_all_there_is(dump, map, other)))
            return true;
    }
    return strcmp(value->text, row->former) == 0;
}

/* Is it left out of the dump? */
static bool names_nothing(const struct dump *dump, const struct value *map,
                          const struct value_member *member, bool has_digest)
{
    const struct schema_row *row = member->value->row;
    if (row && row->former) return is_former(dump, map, member->value);
    return member->value->is_default || (has_digest && row && row->type == SCHEMA_PATH) ||
           is_all_there_is(dump, map, member);
}

/* A nested block is written only where something in it is written: otherwise its text is removed
 * again. */
static void dump_block(struct dump *dump, const struct value_member *member, const char *digest,
                       bool *is_first)
{
    struct text *out = dump->out;
    size_t before = out->length;
    bool was_first = *is_first;
    dump_key(dump, member->key, is_first);
    text_append(out, "{");
    if (dump_map(dump, member->value, digest, true)) {
        text_append(out, "}");
        return;
    }
    out->length = before;
    if (out->data) out->data[before] = 0;
    *is_first = was_first;
}

/* The digest of the input that a block names, or NULL. */
static const char *input_digest(const struct dump *dump, const struct value *block)
{
    const struct run_inputs *inputs = dump->facts ? dump->facts->inputs : NULL;
    for (size_t i = 0; inputs && i < inputs->count; i++)
        if (value_find(dump->run, inputs->items[i].block) == block) return inputs->items[i].digest;
    return NULL;
}

static void dump_member(struct dump *dump, const struct value *map,
                        const struct value_member *member, bool has_digest, bool *is_first)
{
    const struct value *value = member->value;
    const struct schema_row *row = value->row;
    if (row && row->flags & SCHEMA_SILENT && row->type != SCHEMA_SET) return;
    if (row && row->type == SCHEMA_SET) {
        bool is_counted = row->flags & SCHEMA_TRACKED || !(row->flags & SCHEMA_SILENT);
        if (is_counted) dump_set(dump, value, member->key, is_first);
    } else if (row && row->type == SCHEMA_SEQUENCE) {
        if (!value->is_default) dump_sequence(dump, value, member->key, is_first);
    } else if (value->kind == VALUE_MAP) {
        dump_block(dump, member, input_digest(dump, value), is_first);
    } else if (!names_nothing(dump, map, member, has_digest)) {
        dump_key(dump, member->key, is_first);
        value_print(dump->out, value);
    }
}

/* True where something was written. `digest`: of the input that the block names; written in place
 * of all paths in it, since an identity depends on what the files hold and not on where they
 * are. */
static bool dump_map(struct dump *dump, const struct value *map, const char *digest, bool is_first)
{
    struct value_member sorted[MEMBERS_MOST];
    size_t count = map->map.count < MEMBERS_MOST ? map->map.count : MEMBERS_MOST - 1;
    struct value content = {.kind = VALUE_TEXT, .text = digest};
    if (map->map.count >= MEMBERS_MOST)
        dump->status = error_raise(BASIN_INTERNAL, "%zu keys in a block", map->map.count);
    if (count) memcpy(sorted, map->map.members, count * sizeof *sorted);
    if (digest) sorted[count++] = (struct value_member){.key = "digest", .value = &content};
    qsort(sorted, count, sizeof *sorted, by_key);
    for (size_t i = 0; i < count; i++)
        dump_member(dump, map, &sorted[i], digest != NULL, &is_first);
    return !is_first;
}

basin_status run_inputs_add(struct run_inputs *inputs, const struct run_input *input)
{
    if (inputs->count == RUN_INPUTS_MOST)
        return error_raise(BASIN_INTERNAL, "more than %d inputs of a run", RUN_INPUTS_MOST);
    inputs->items[inputs->count++] = *input;
    return BASIN_OK;
}

basin_status spec_canonical(const struct value *run, const struct identity_facts *facts,
                            struct text *out)
{
    struct dump dump = {.run = run, .facts = facts, .out = out};
    text_append(out, "{");
    bool is_empty = !dump_map(&dump, run, NULL, true);
    if (facts && facts->revised)
        text_format(out, "%srevised: %s", is_empty ? "" : ", ", facts->revised);
    text_append(out, "}");
    return dump.status != BASIN_OK ? dump.status : text_status(out);
}

basin_status spec_identity(const struct value *run, const struct identity_facts *facts, char id[17])
{
    struct text text = {0};
    char digits[33];
    basin_status status = spec_canonical(run, facts, &text);
    if (status == BASIN_OK) {
        memcpy(id, digest_hex(hash_bytes(text_data(&text), text.length), digits), 16);
        id[16] = 0;
    }
    text_free(&text);
    return status;
}
