#include "spec/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "spec/expected.h"
#include "spec/number.h"
#include "spec/suggest.h"

enum { LISTED = 16 }; /* longer lists of names make no message */

const char *place_text(const struct place *place, char out[PLACE_TEXT])
{
    char above[PLACE_TEXT] = "";
    out[0] = 0;
    if (!place) return out;
    place_text(place->up, above);
    if (!place->key)
        snprintf(out, PLACE_TEXT, "%.*s.%zu", PLACE_TEXT - 32, above, place->index);
    else
        snprintf(out, PLACE_TEXT, "%.*s%s%.*s", PLACE_TEXT / 2, above, *above ? "." : "",
                 PLACE_TEXT / 3, place->key);
    return out;
}

static bool is_prefix(const char *path, const char *of)
{
    size_t length = strlen(path);
    return strncmp(path, of, length) == 0 && (of[length] == 0 || of[length] == '.' || length == 0);
}

/* ", in the run with training.optimizer=adam, ...": the axes that have to do with `path`. */
static void name_run(const struct resolver *resolver, const char *path, struct text *out)
{
    int named = 0;
    for (size_t i = 0; resolver->choice && i < resolver->axis_count; i++) {
        const struct spec_axis *axis = &resolver->axes[i];
        if (resolver->choice[i] == SPEC_ABSENT || strcmp(axis->path, "seed") == 0 ||
            !(is_prefix(path, axis->path) || is_prefix(axis->path, path)))
            continue;
        text_format(out, "%s%s=", named++ ? ", " : ", in the run with ", axis->path);
        value_print_short(out, axis->values[resolver->choice[i]]);
    }
}

static void resolve_add(struct resolver *resolver, struct mark mark, const char *path, bool name,
                        const char *hint, const char *message)
{
    struct text run = {0};
    if (name && *path) name_run(resolver, path, &run);
    bool has_hint = hint && *hint;
    diagnostics_add(resolver->diagnostics, mark, "%s%s%s%s", message, text_data(&run),
                    has_hint ? "; " : "", has_hint ? hint : "");
    resolver->errors++;
    if (run.failed) resolver->status = BASIN_MEMORY;
    text_free(&run);
}

void resolver_complain(struct resolver *resolver, struct mark mark, const struct place *place,
                       const char *hint, const char *format, ...)
{
    char body[1024], message[1024 + PLACE_TEXT + 2], path[PLACE_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(body, sizeof body, format, arguments);
    va_end(arguments);
    place_text(place, path);
    snprintf(message, sizeof message, "%s%s%s", path, *path ? ": " : "", body);
    resolve_add(resolver, mark, path, resolver->name_always, hint, message);
}

/* " in training.optimizer (type: sgd)" */
static void block_text(const struct place *place, const struct key_block *block,
                       char out[2 * PLACE_TEXT])
{
    char path[PLACE_TEXT];
    place_text(place, path);
    if (block->variant)
        snprintf(out, 2 * PLACE_TEXT, "%s (%s: %s)", path, block->variant->discriminator,
                 block->entry->name);
    else
        snprintf(out, 2 * PLACE_TEXT, "%s", path);
}

/* A key that other entries of the same variant have: "only sgd has it". */
static bool other_entries(const struct schema_row *variant, const char *key, struct text *hint)
{
    bool is_found = false;
    for (const struct entry *const *entry = variant ? variant->registry->entries : NULL;
         entry && *entry; entry++) {
        if (!schema_find_row((*entry)->parameters, key)) continue;
        text_format(hint, "%s%s", is_found ? ", " : "only these have it: ", (*entry)->name);
        is_found = true;
    }
    return is_found;
}

bool complain_is_number(const struct tree_member *member)
{
    return member->key[strspn(member->key, "0123456789.)")] == 0 && tree_is_null(member->value);
}

void complain_unknown_key(struct resolver *resolver, const struct tree_member *member,
                          const struct key_block *block, const struct place *place)
{
    struct text hint = {0};
    char where[2 * PLACE_TEXT], message[3 * PLACE_TEXT], path[PLACE_TEXT], space[160];
    const char *discriminator = block->variant ? block->variant->discriminator : NULL;
    block_text(place, block, where);
    snprintf(message, sizeof message, "unknown key \"%.60s\"%s%s", member->key,
             *where ? " in " : "", where);
    bool is_alias = false; /* another word for a key that the block has: better than where else that
                              word is a key */
    for (const struct schema_row *row = block->rows; row && row->key; row++)
        is_alias = is_alias || row_has_alias(row, member->key);
    if (complain_is_number(member))
        text_append(&hint, COMPLAIN_BRACKETS);
    else if (syntax_lacks_space(member->key, strlen(member->key), space, sizeof space))
        text_append(&hint, space);
    else if (strchr(member->key, '['))
        text_append(&hint,
                    "in a path an item of a list is its number, as in \"hidden.0\"; in a block "
                    "write the whole list");
    else if (is_alias || !other_entries(block->variant, member->key, &hint))
        schema_suggest_key(resolver->schema, block->rows, discriminator, member->key, &hint);
    resolve_add(resolver, member->mark, place_text(place, path),
                resolver->name_always || member->swept, text_data(&hint), message);
    if (hint.failed) resolver->status = BASIN_MEMORY;
    text_free(&hint);
}

void complain_missing(struct resolver *resolver, const struct schema_row *row,
                      const struct key_block *block, const struct place *place, struct mark mark)
{
    struct text expected = {0};
    char where[2 * PLACE_TEXT], message[4 * PLACE_TEXT], path[PLACE_TEXT];
    expected_text(row, row->type, &expected);
    block_text(place, block, where);
    if (*where)
        snprintf(message, sizeof message, "%s needs the key \"%s\"; expected %.300s", where,
                 row->key, text_data(&expected));
    else
        snprintf(message, sizeof message, "the key \"%s\" is missing; expected %.300s", row->key,
                 text_data(&expected));
    resolve_add(resolver, mark, place_text(place, path), resolver->name_always, NULL, message);
    if (expected.failed) resolver->status = BASIN_MEMORY;
    text_free(&expected);
}

static const struct entry *entry_by_alias(const struct registry *registry, const char *name)
{
    for (const struct entry *const *entry = registry->entries; *entry; entry++)
        for (const char *const *alias = (*entry)->aliases; alias && *alias; alias++)
            if (strcmp(*alias, name) == 0) return *entry;
    return NULL;
}

/* An unknown name of a registry, at `mark`. */
void complain_unknown_name(struct resolver *resolver, const struct registry *registry,
                           const char *name, struct mark mark, const struct place *place)
{
    const char *names[SCHEMA_NAMES];
    size_t count = registry_names(registry, names, SCHEMA_NAMES);
    const struct entry *meant = entry_by_alias(registry, name);
    const char *nearest = meant ? meant->name : text_nearest(name, names, count);
    struct text hint = {0};
    if (strstr(name, " - ")) { /* YAML takes the next line for more of the same word */
        resolver_complain(resolver, mark, place, COMPLAIN_INDENTED, "unknown %s \"%.60s\"",
                          registry->kind, name);
        return;
    }
    char space[160];
    if (syntax_lacks_space(name, strlen(name), space, sizeof space)) {
        resolver_complain(resolver, mark, place, space, "unknown %s \"%.60s\"", registry->kind,
                          name);
        return;
    }
    if (nearest) text_format(&hint, "did you mean \"%s\"?", nearest);
    if (count <= LISTED) {
        text_format(&hint, "%s%s: ", nearest ? " (" : "", registry->plural);
        for (size_t i = 0; i < count; i++) text_format(&hint, "%s%s", i ? ", " : "", names[i]);
        text_append(&hint, nearest ? ")" : "");
    } else if (!nearest) {
        text_format(&hint, "`basin list` names all %zu", count);
    }
    if (registry->manual) text_format(&hint, "; %s", registry->manual);
    resolver_complain(resolver, mark, place, text_data(&hint), "unknown %s \"%.60s\"",
                      registry->kind, name);
    if (hint.failed) resolver->status = BASIN_MEMORY;
    text_free(&hint);
}

/* ---- lists that commas have cut ---- */

/* The items of [0,01; 0,1] as they were written, "0,01; 0,1"; false where none has a semicolon. */
static bool with_semicolons(const char *const *items, size_t count, char out[NUMBER_TEXT])
{
    bool any = false;
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        if (length + strlen(items[i]) + 2 > NUMBER_TEXT) return false;
        length +=
            (size_t)snprintf(out + length, NUMBER_TEXT - length, "%s%s", i ? "," : "", items[i]);
        any = any || strchr(items[i], ';');
    }
    return any;
}

enum { PIECES_MOST = NUMBER_TEXT / 2 }; /* no text of hints has more */

/* The texts of a list of plain scalars; 0: it is none. */
static size_t texts_of(const struct tree *list, const char *texts[PIECES_MOST])
{
    size_t count = list->kind == TREE_LIST ? list->list.count : 0;
    if (count > PIECES_MOST) return 0;
    for (size_t i = 0; i < count; i++) {
        const struct tree *item = list->list.items[i];
        if (item->kind != TREE_SCALAR || !item->plain) return 0;
        texts[i] = item->text;
    }
    return count;
}

bool complain_commas(struct resolver *resolver, const struct tree *list, enum commas_in in,
                     const struct place *place)
{
    char written[NUMBER_TEXT], meant[NUMBER_TEXT], hint[NUMBER_TEXT + 32];
    const char *texts[PIECES_MOST];
    size_t count = texts_of(list, texts);
    bool semicolons = with_semicolons(texts, count, written);
    if (!(semicolons ? number_list(written, meant) : number_join(texts, count, in, meant)))
        return false;
    char also[NUMBER_TEXT];
    bool is_guess =
        !semicolons && in == COMMAS_IN_AXIS && !number_join(texts, count, COMMAS_IN_FLOATS, also);
    snprintf(hint, sizeof hint, "write [%s]%s", meant, is_guess ? ", or each value once" : "");
    resolver_complain(resolver, list->mark, place, hint,
                      in == COMMAS_IN_INTEGERS && !semicolons
                          ? "commas stand between the values of a list, not inside numbers"
                          : "commas stand between the values of a list, and decimals have a "
                            "point");
    return true;
}
