#include "spec/schema.h"

#include <stdio.h>
#include <string.h>
#include "spec/resolve.h"

enum { PATH_BYTES = 256, WALK_DEPTH = 8, LISTED = 16, PATHS = 3 };

const struct entry *registry_find(const struct registry *registry, const char *name)
{
    for (const struct entry *const *entry = registry->entries; *entry; entry++)
        if (strcmp((*entry)->name, name) == 0) return *entry;
    return NULL;
}

const struct schema_row *schema_find_row(const struct schema_row *table, const char *key)
{
    for (const struct schema_row *row = table; row && row->key; row++)
        if (strcmp(row->key, key) == 0) return row;
    return NULL;
}

bool parameter_has_alias(const struct schema_row *row, const char *key)
{
    for (const char *const *alias = row->aliases; alias && *alias; alias++)
        if (strcmp(*alias, key) == 0) return true;
    return false;
}

size_t schema_keys(const struct schema_row *rows, const char *discriminator, const char **names,
                   size_t most)
{
    size_t count = 0;
    if (discriminator && most > 0) names[count++] = discriminator;
    for (const struct schema_row *row = rows; row && row->key && count < most; row++)
        names[count++] = row->key;
    return count;
}

size_t registry_names(const struct registry *registry, const char **names, size_t most)
{
    size_t count = 0;
    for (const struct entry *const *entry = registry->entries; *entry && count < most; entry++)
        names[count++] = (*entry)->name;
    return count;
}

size_t choice_names(const struct schema_row *row, const char *names[CHOICES_MOST])
{
    size_t count = 0;
    if (!row->choices) return registry_names(row->registry, names, CHOICES_MOST);
    for (; row->choices[count] && count < CHOICES_MOST; count++) names[count] = row->choices[count];
    return count;
}

struct walk {
    schema_visit *visit;
    void *context;
    bool into_lists; /* of layers: their keys have no dotted path of their own */
};

static void walk_rows(const struct walk *walk, const struct schema_row *rows,
                      const struct entry *entry, const char *path, int depth);

/* The walk goes through all paths for every word that is unknown. Names of tables are short:
 * nothing is cut off. */
static void schema_join(char out[PATH_BYTES], const char *path, const char *between,
                        const char *name)
{
    const char *parts[] = {path, between, name};
    size_t length = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t more = strnlen(parts[i], PATH_BYTES - 1 - length);
        memcpy(out + length, parts[i], more);
        length += more;
    }
    out[length] = 0;
}

static void walk_registry(const struct walk *walk, const struct schema_row *row, const char *path,
                          int depth)
{
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        char below[PATH_BYTES];
        bool is_set = row->type == SCHEMA_SET, is_list = row->type == SCHEMA_SEQUENCE;
        schema_join(below, path,
                    is_set    ? "."
                    : is_list ? "[]."
                              : "",
                    is_set || is_list ? (*entry)->name : "");
        if (is_set) walk->visit(walk->context, below, row, *entry);
        walk_rows(walk, (*entry)->parameters, *entry, below, depth + 1);
    }
}

static void walk_rows(const struct walk *walk, const struct schema_row *rows,
                      const struct entry *entry, const char *path, int depth)
{
    if (depth == WALK_DEPTH) return;
    for (const struct schema_row *row = rows; row && row->key; row++) {
        char here[PATH_BYTES];
        schema_join(here, path, *path ? "." : "", row->key);
        walk->visit(walk->context, here, row, entry);
        if (row->type == SCHEMA_TABLE) walk_rows(walk, row->table, entry, here, depth + 1);
        bool is_list = row->type == SCHEMA_SEQUENCE && walk->into_lists;
        if (is_list || row->type == SCHEMA_VARIANT || row->type == SCHEMA_SET)
            walk_registry(walk, row, here, depth + 1);
    }
}

void schema_walk(const struct schema_row *rows, schema_visit *visit, void *context)
{
    struct walk walk = {.visit = visit, .context = context};
    walk_rows(&walk, rows, NULL, "", 0);
}

void schema_walk_lists(const struct schema_row *rows, schema_visit *visit, void *context)
{
    struct walk walk = {.visit = visit, .context = context, .into_lists = true};
    walk_rows(&walk, rows, NULL, "", 0);
}

/* The paths at which a key (or alias) stands elsewhere. */
struct elsewhere {
    const char *key;
    char paths[PATHS][PATH_BYTES];
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
    if (strcmp(last, found->key) != 0 && !(is_row && parameter_has_alias(row, found->key))) return;
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->paths[i], path) == 0) return;
    if (found->count < PATHS) snprintf(found->paths[found->count++], PATH_BYTES, "%s", path);
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

/* A dotted path where a key belongs. */
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
    const char *names[NAMES_MOST];
    size_t count = schema_keys(rows, discriminator, names, NAMES_MOST - 2);
    if (rows == schema) {
        names[count++] = "sweep";
        names[count++] = "seeds";
    }
    if (rows == schema && suggest_nesting(schema, key, out)) return;
    for (const struct schema_row *row = rows; row && row->key; row++)
        if (parameter_has_alias(row, key)) {
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

const struct schema_row *schema_find(const struct schema_row *schema, const struct value *run,
                                     const char *path)
{
    const struct value *value = value_find(run, path);
    if (value) return value->row;
    const char *last = strrchr(path, '.');
    if (!last) return schema_find_row(schema, path);
    char above[PATH_BYTES];
    if ((size_t)(last - path) >= sizeof above) return NULL;
    snprintf(above, sizeof above, "%.*s", (int)(last - path), path);
    const struct schema_row *row =
        schema_find(schema, run, above); /* an OPTIONAL row that the run leaves out */
    if (!row) return NULL;
    if (row->type == SCHEMA_TABLE) return schema_find_row(row->table, last + 1);
    const struct value *block = value_find(run, above);
    const struct value *name =
        row->type == SCHEMA_VARIANT && block ? value_find(block, row->discriminator) : NULL;
    const struct entry *entry = name ? registry_find(row->registry, name->text) : NULL;
    return entry ? schema_find_row(entry->parameters, last + 1) : NULL;
}
