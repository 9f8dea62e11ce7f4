#include "spec/suggest.h"

#include <stdio.h>
#include <string.h>
#include "spec/walk.h"

enum { LISTED = 16, PATHS = 3 };

/* Paths elsewhere in the language that end in a key, or in a row that has it as an alias. */
struct elsewhere {
    const char *key;
    char paths[PATHS][WALK_PATH];
    size_t count;
};

static void visit_elsewhere(void *context, const char *path, const struct schema_row *row,
                            const struct entry *entry)
{
    struct elsewhere *found = context;
    const char *last = strrchr(path, '.');
    last = last ? last + 1 : path;
    bool is_row = strcmp(last, row->key) == 0;
    (void)entry;
    if (strcmp(last, found->key) != 0 && !(is_row && row_has_alias(row, found->key))) return;
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->paths[i], path) == 0) return;
    if (found->count < PATHS) snprintf(found->paths[found->count++], WALK_PATH, "%s", path);
}

static bool suggest_elsewhere(const struct schema_row *schema, const char *key, struct text *out)
{
    struct elsewhere found = {.key = key};
    if (strlen(key) < 2) return false;
    schema_walk(schema, visit_elsewhere, &found);
    for (size_t i = 0; i < found.count; i++)
        text_format(out, "%s\"%s\"", i == 0 ? "did you mean " : " or ", found.paths[i]);
    if (found.count > 0) text_append(out, "?");
    return found.count > 0;
}

struct exact {
    const char *path;
    bool is_found;
};

static void visit_exact(void *context, const char *path, const struct schema_row *row,
                        const struct entry *entry)
{
    struct exact *exact = context;
    (void)row;
    (void)entry;
    exact->is_found = exact->is_found || strcmp(exact->path, path) == 0;
}

/* A dotted path written where a key belongs: say in which block to write its last part. */
static bool suggest_nesting(const struct schema_row *schema, const char *key, struct text *out)
{
    struct exact exact = {.path = key};
    const char *dot = strrchr(key, '.');
    if (dot) schema_walk(schema, visit_exact, &exact);
    if (exact.is_found)
        text_format(out, "write \"%s:\" in the block \"%.*s\"", dot + 1, (int)(dot - key), key);
    return exact.is_found;
}

static void list_keys(const char *const *names, size_t count, struct text *out)
{
    if (count == 0 || count > LISTED) return;
    text_append(out, count == 1 ? "the only key here is " : "the keys here are ");
    for (size_t i = 0; i < count; i++) text_format(out, "%s%s", i ? ", " : "", names[i]);
}

void schema_suggest_key(const struct schema_row *schema, const struct schema_row *rows,
                        const char *discriminator, const char *key, struct text *out)
{
    const char *names[SCHEMA_NAMES];
    size_t count = schema_keys(rows, discriminator, names, SCHEMA_NAMES - 2);
    if (rows == schema) {
        names[count++] = "sweep";
        names[count++] = "seeds";
    }
    if (rows == schema && suggest_nesting(schema, key, out)) return;
    for (const struct schema_row *row = rows; row && row->key; row++)
        if (row_has_alias(row, key)) {
            text_format(out, "did you mean \"%s\"?", row->key);
            return;
        }
    const char *nearest = text_nearest(key, names, count);
    int distance = nearest ? text_distance(key, nearest) : 0;
    bool is_near = nearest && distance <= 2 && 3 * (size_t)distance <= strlen(key);
    if (!is_near && suggest_elsewhere(schema, key, out)) return;
    if (nearest)
        text_format(out, "did you mean \"%s\"?", nearest);
    else
        list_keys(names, count, out);
}
