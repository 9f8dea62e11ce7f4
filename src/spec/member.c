#include "spec/member.h"

#include <ctype.h>
#include <string.h>

const char *member_suffix(const char *member)
{
    const char *mark = strchr(member, MEMBER_MARK);
    return mark ? mark + 1 : "";
}

const struct entry *registry_find_member(const struct registry *registry, const char *member)
{
    size_t length = strcspn(member, (const char[]){MEMBER_MARK, 0});
    for (const struct entry *const *entry = registry->entries; *entry; entry++)
        if (strncmp((*entry)->name, member, length) == 0 && !(*entry)->name[length]) return *entry;
    return NULL;
}

/* Letters, digits and '_' of a value as a spec writes it: what else there is becomes one '_'. */
static void put_suffix_word(struct text *out, const char *written)
{
    size_t start = out->length;
    for (const char *at = written; *at; at++) {
        bool is_plain = isalnum((unsigned char)*at) || *at == '_';
        bool is_after_gap = out->length > start && out->data[out->length - 1] == '_';
        if (is_plain || (out->length > start && at[1] && !is_after_gap))
            text_append_n(out, is_plain ? at : "_", 1);
    }
}

void member_put(struct text *key, const struct schema_row *row, const struct value *block)
{
    const struct value *value = value_find(block, row->key);
    bool has_suffix = *member_suffix(text_data(key));
    struct text written = {0};
    if (value) value_print(&written, value);
    text_format(key, "%c%s_", has_suffix ? '_' : MEMBER_MARK, row->key);
    put_suffix_word(key, value ? text_data(&written) : "none");
    key->failed = key->failed || written.failed;
    text_free(&written);
}

const char *member_written(struct arena *arena, const struct entry *entry,
                           const struct value *block)
{
    struct text key = {0};
    text_append(&key, entry->name);
    for (const struct schema_row *row = entry->parameters; row && row->key; row++) {
        const struct value *value = value_find(block, row->key);
        if (value && value->mark.line > 0) member_put(&key, row, block);
    }
    const char *made = key.failed ? NULL : arena_text(arena, text_data(&key));
    text_free(&key);
    return made && !*member_suffix(made) ? "" : made;
}

int member_order(const char *a, const char *b)
{
    static const char digits[] = "0123456789";
    for (;; a++, b++) {
        size_t wide = strspn(a, digits), other = strspn(b, digits);
        if (wide && other && wide != other) return wide < other ? -1 : 1;
        if (*a != *b || !*a) return (unsigned char)*a - (unsigned char)*b;
    }
}
