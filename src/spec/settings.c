#include "spec/settings.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "spec/member.h"

static int choice_index(const struct schema_row *row, const char *word)
{
    int index = 0;
    while (row->choices[index] && strcmp(row->choices[index], word) != 0) index++;
    assert(row->choices[index]);
    return index;
}

/* ---- what an OPTIONAL row leaves behind where it is not given ---- */

static void field_clear(const struct setting_field *field, void *out)
{
    switch (field->kind) {
    case SETTING_INT:
        *(int *)out = SETTING_UNSET;
        break;
    case SETTING_INT64:
        *(int64_t *)out = SETTING_ABSENT;
        break;
    case SETTING_DOUBLE:
        *(double *)out = NAN;
        break;
    case SETTING_PAIR:
        *(struct setting_pair *)out =
            (struct setting_pair){SETTING_ABSENT, SETTING_ABSENT, SETTING_UNSET};
        break;
    default: /* pointers and lists: NULL and nothing */
        memset(out, 0, field->size);
        break;
    }
}

/* ---- lists ---- */

static basin_status fill_integers(struct arena *arena, const struct value *value,
                                  struct setting_integers *out)
{
    int64_t *items = arena_array(arena, int64_t, value->list.count + 1);
    if (!items) return BASIN_MEMORY;
    for (size_t i = 0; i < value->list.count; i++) items[i] = value->list.items[i]->integer;
    *out = (struct setting_integers){.items = items, .count = value->list.count};
    return BASIN_OK;
}

static basin_status fill_numbers(struct arena *arena, const struct value *value,
                                 struct setting_numbers *out)
{
    double *items = arena_array(arena, double, value->list.count + 1);
    if (!items) return BASIN_MEMORY;
    for (size_t i = 0; i < value->list.count; i++) items[i] = value->list.items[i]->number;
    *out = (struct setting_numbers){.items = items, .count = value->list.count};
    return BASIN_OK;
}

static basin_status fill_texts(struct arena *arena, const struct value *value,
                               struct setting_texts *out)
{
    const char **items = arena_array(arena, const char *, value->list.count + 1);
    if (!items) return BASIN_MEMORY;
    for (size_t i = 0; i < value->list.count; i++)
        if (!(items[i] = arena_text(arena, value->list.items[i]->text))) return BASIN_MEMORY;
    *out = (struct setting_texts){.items = items, .count = value->list.count};
    return BASIN_OK;
}

/* {name: {parameters}}, a member of a set or the one member of an item of a sequence. */
static basin_status fill_member(struct arena *arena, const struct schema_row *row,
                                const struct value_member *member, struct setting_variant *out)
{
    out->entry = registry_find_member(row->registry, member->key);
    assert(out->entry);
    if (!(out->member = arena_text(arena, member->key))) return BASIN_MEMORY;
    return settings_entry(arena, out->entry, member->value, &out->settings);
}

static basin_status fill_list(struct arena *arena, const struct schema_row *row,
                              const struct value *value, struct setting_list *out)
{
    bool is_set = value->kind == VALUE_MAP;
    size_t count = is_set ? value->map.count : value->list.count;
    struct setting_variant *items = arena_array(arena, struct setting_variant, count + 1);
    if (!items) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct value_member *member =
            is_set ? &value->map.members[i] : &value->list.items[i]->map.members[0];
        TRY(fill_member(arena, row, member, &items[i]));
    }
    *out = (struct setting_list){.items = items, .count = count};
    return BASIN_OK;
}

/* Blocks have the rows of `table`, each a struct of its own. */
static basin_status fill_blocks(struct arena *arena, const struct schema_row *row,
                                const struct value *value, struct setting_blocks *out)
{
    char *items = arena_array(arena, char, (value->list.count + 1) * row->block_size);
    if (!items) return BASIN_MEMORY;
    for (size_t i = 0; i < value->list.count; i++)
        TRY(settings_fill(arena, row->table, value->list.items[i], items + i * row->block_size));
    *out = (struct setting_blocks){.items = items, .count = value->list.count};
    return BASIN_OK;
}

/* ---- single values ---- */

/* "all" of a COUNT is VALUE_ALL in the block already. */
static void fill_integer(const struct value *value, int64_t *out)
{
    assert(value->kind == VALUE_INTEGER && value->epochs == 0);
    *out = value->integer;
}

static void fill_double(const struct value *value, double *out)
{
    assert(value->kind == VALUE_FLOAT || value->kind == VALUE_INTEGER);
    *out = value->kind == VALUE_INTEGER ? (double)value->integer : value->number;
}

/* An OPTIONAL boolean or a word. */
static void fill_int(const struct schema_row *row, const struct value *value, int *out)
{
    *out = value->kind == VALUE_BOOL ? value->boolean : choice_index(row, value->text);
}

static void fill_pair(const struct schema_row *row, const struct value *value,
                      struct setting_pair *out)
{
    *out = (struct setting_pair){.word = SETTING_UNSET};
    if (value->kind == VALUE_TEXT)
        out->word = choice_index(row, value->text);
    else if (value->kind == VALUE_INTEGER)
        out->first = out->second = value->integer;
    else
        out->first = value->list.items[0]->integer, out->second = value->list.items[1]->integer;
}

static basin_status field_fill(struct arena *arena, const struct schema_row *row,
                               const struct value *value, void *out)
{
    switch (row->field.kind) {
    case SETTING_NONE:
        break;
    case SETTING_BOOL:
        *(bool *)out = value->boolean;
        break;
    case SETTING_INT:
        fill_int(row, value, out);
        break;
    case SETTING_INT64:
        fill_integer(value, out);
        break;
    case SETTING_DOUBLE:
        fill_double(value, out);
        break;
    case SETTING_TEXT:
        return (*(const char **)out = arena_text(arena, value->text)) ? BASIN_OK : BASIN_MEMORY;
    case SETTING_ENTRY:
        *(const struct entry **)out = registry_find(row->registry, value->text);
        break;
    case SETTING_PAIR:
        fill_pair(row, value, out);
        break;
    case SETTING_INTEGERS:
        return fill_integers(arena, value, out);
    case SETTING_NUMBERS:
        return fill_numbers(arena, value, out);
    case SETTING_TEXTS:
        return fill_texts(arena, value, out);
    case SETTING_VARIANT:
        return settings_variant(arena, value, out);
    case SETTING_LIST:
        return fill_list(arena, row, value, out);
    case SETTING_BLOCKS:
        return fill_blocks(arena, row, value, out);
    case SETTING_STRUCT:
        return settings_fill(arena, row->table, value, out);
    }
    return BASIN_OK;
}

/* ---- blocks ---- */

/* By the whole key: that of "seed.init" has a dot. */
static const struct value *block_member(const struct value *block, const char *key)
{
    for (size_t i = 0; i < block->map.count; i++)
        if (strcmp(block->map.members[i].key, key) == 0) return block->map.members[i].value;
    return NULL;
}

basin_status settings_fill(struct arena *arena, const struct schema_row *table,
                           const struct value *block, void *settings)
{
    for (const struct schema_row *row = table; row && row->key; row++) {
        const struct value *value = block_member(block, row->key);
        char *out = (char *)settings + row->field.offset;
        assert(value || row->flags & SCHEMA_OPTIONAL);
        if (row->changed)
            *(bool *)((char *)settings + row->changed - 1) = value && !value->is_default;
        if (row->field.kind == SETTING_NONE) continue;
        if (value)
            TRY(field_fill(arena, row, value, out));
        else
            field_clear(&row->field, out);
    }
    return BASIN_OK;
}

basin_status settings_entry(struct arena *arena, const struct entry *entry,
                            const struct value *block, const void **settings)
{
    *settings = NULL;
    if (entry->settings_size == 0) return BASIN_OK;
    void *own = arena_allocate(arena, entry->settings_size);
    if (!own) return BASIN_MEMORY;
    TRY(settings_fill(arena, entry->parameters, block, own));
    *settings = own;
    return BASIN_OK;
}

basin_status settings_variant(struct arena *arena, const struct value *block,
                              struct setting_variant *variant)
{
    const struct schema_row *row = block->row;
    assert(row && row->type == SCHEMA_VARIANT);
    variant->entry = registry_find(row->registry, block_member(block, row->discriminator)->text);
    assert(variant->entry);
    return settings_entry(arena, variant->entry, block, &variant->settings);
}
