#include "spec/walk.h"

#include <string.h>

enum { WALK_DEPTH = 8 };

struct walk {
    schema_visit *visit;
    void *context;
    bool into_lists; /* of layers: their keys have no dotted path of their own */
};

static void walk_rows(const struct walk *walk, const struct schema_row *rows,
                      const struct entry *entry, const char *path, int depth);

/* The walk goes through all paths for every word that is unknown. Names of tables are short:
 * nothing is cut off. */
static void schema_join(char out[WALK_PATH], const char *path, const char *between,
                        const char *name)
{
    const char *parts[] = {path, between, name};
    size_t length = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t more = strnlen(parts[i], WALK_PATH - 1 - length);
        memcpy(out + length, parts[i], more);
        length += more;
    }
    out[length] = 0;
}

static void walk_registry(const struct walk *walk, const struct schema_row *row, const char *path,
                          int depth)
{
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        char below[WALK_PATH];
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
        char here[WALK_PATH];
        schema_join(here, path, *path ? "." : "", row->key);
        walk->visit(walk->context, here, row, entry);
        if (row->type == SCHEMA_TABLE) walk_rows(walk, row->table, entry, here, depth + 1);
        if (row->type == SCHEMA_TABLES && walk->into_lists) {
            char items[WALK_PATH];
            schema_join(items, here, "[]", "");
            walk_rows(walk, row->table, entry, items, depth + 1);
        }
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
