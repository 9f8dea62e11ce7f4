#include <stdio.h>
#include <string.h>
#include "spec/assign.h"

enum { MATCHES = 64, KEY_WIDTH = 20 };

/* What the language has beside the tables of the rooms. */
static const struct {
    const char *path, *text;
} own_keys[] = {
    {"sweep", "  What varies over the runs. The only key is \"grid\".\n"},
    {"sweep.grid",
     "  Dotted paths, each with a list of values; the runs are all combinations, the last path varies fastest.\n"
     "      sweep:\n        grid:\n          training.batch_size: [32, 128]\n"
     "  A value in the file is overridden by its axis. Any parameter can be swept that does not say otherwise.\n"},
    {"seeds",
     "  How many seeds each combination gets (N: seeds 0 to N-1), or a list of them. default 1\n"
     "  Seeds vary the initial weights, the order of examples and dropout; see also dataset.seed.\n"},
};

struct match {
    char path[PLACE_TEXT];
    const struct parameter *row;
    const struct entry *entry; /* the variant or member of a set that has the row, or NULL */
    bool is_printed;
};

struct search {
    const char *query, *last; /* last: the query's last part */
    size_t above;             /* bytes of the query before that part, its dot included */
    struct match matches[MATCHES];
    size_t count;
};

static bool is_match(const struct search *search, const char *path, const struct parameter *row,
                     const struct entry *entry)
{
    const char *dot = strrchr(path, '.'), *last = dot ? dot + 1 : path;
    bool is_entry = strcmp(last, row->key) != 0; /* the path names an entry of a set */
    if (is_entry) return false;                  /* found in its registry */
    if (strcmp(last, search->last) != 0 && !parameter_has_alias(row, search->last)) return false;
    size_t length = (size_t)(last - path), above = search->above;
    if (above == 0) return true;
    if (entry && strlen(entry->name) + 1 == above && strncmp(entry->name, search->query, above - 1) == 0) return true;
    if (above > length || strncmp(last - above, search->query, above) != 0) return false;
    return above == length || path[length - above - 1] == '.';
}

static void visit(void *context, const char *path, const struct parameter *row, const struct entry *entry)
{
    struct search *search = context;
    if (search->count == MATCHES || !is_match(search, path, row, entry)) return;
    struct match *match = &search->matches[search->count++];
    *match = (struct match){.row = row, .entry = entry};
    snprintf(match->path, PLACE_TEXT, "%s", path);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_row(const struct match *a, const struct match *b)
{
    const struct parameter *x = a->row, *y = b->row;
    return strcmp(a->path, b->path) == 0 && x->type == y->type && x->minimum == y->minimum &&
           x->maximum == y->maximum && x->flags == y->flags && same_text(x->fallback, y->fallback) &&
           same_text(x->doc, y->doc);
}

static void put_line(struct text *out, const char *name, const char *value)
{
    text_format(out, "  %-10s %s\n", name, value);
}

static void put_keys(struct text *out, const struct parameter *rows)
{
    for (const struct parameter *row = rows; row && row->key; row++) {
        text_format(out, "  %-*s %s", KEY_WIDTH, row->key, row->doc ? row->doc : "");
        if (row->flags & PARAMETER_REQUIRED) text_append(out, " (required)");
        if (row->fallback && *row->fallback) text_format(out, " [%s]", row->fallback);
        text_append(out, "\n");
    }
}

static void put_entries(struct text *out, const struct registry *registry)
{
    text_format(out, "  %s:\n", registry->plural);
    for (const struct entry *const *entry = registry->entries; *entry; entry++)
        text_format(out, "  %-*s %s\n", KEY_WIDTH, (*entry)->name, (*entry)->doc ? (*entry)->doc : "");
}

static void put_type(struct text *out, const struct parameter *row)
{
    struct text type = {0};
    expected_text(row, row->type, &type);
    put_line(out, "type", text_data(&type));
    if (type.failed) out->failed = true;
    text_free(&type);
}

static void put_aliases(struct text *out, const struct parameter *row)
{
    if (!row->aliases) return;
    text_append(out, "  instead of");
    for (const char *const *alias = row->aliases; *alias; alias++)
        text_format(out, "%s%s", alias == row->aliases ? " " : ", ", *alias);
    text_append(out, "\n");
}

static void put_row(struct text *out, const struct parameter *row)
{
    if (row->doc) text_format(out, "  %s\n", row->doc);
    put_type(out, row);
    if (row->unit) put_line(out, "unit", row->unit);
    if (row->flags & PARAMETER_REQUIRED)
        put_line(out, "default", "none, it must be given");
    else if (row->flags & PARAMETER_OPTIONAL)
        put_line(out, "default", "absent");
    else if (row->fallback)
        put_line(out, "default", *row->fallback ? row->fallback : "empty");
    put_line(out, "sweep", row->flags & PARAMETER_FIXED ? "cannot be swept" : "can be swept");
    if (row->flags & PARAMETER_SILENT) put_line(out, "identity", "does not change a run's id");
    if (row->source) put_line(out, "source", row->source);
    put_aliases(out, row);
    if (row->type == PARAMETER_TABLE) put_keys(out, row->table);
    if (row->registry) put_entries(out, row->registry);
}

/* Variants often share a row: their names stand together. */
static void put_match(struct text *out, struct search *search, size_t which)
{
    struct match *match = &search->matches[which];
    text_format(out, "%s%s", out->length ? "\n" : "", match->path);
    for (size_t i = which; i < search->count; i++) {
        struct match *other = &search->matches[i];
        if (other->is_printed || !same_row(match, other)) continue;
        other->is_printed = true;
        if (other->entry) text_format(out, "%s%s", i == which ? " (" : ", ", other->entry->name);
    }
    text_append(out, match->entry ? ")\n" : "\n");
    put_row(out, match->row);
}

static bool put_registries(struct text *out, const struct registry *const *registries, const char *name)
{
    bool is_found = false;
    for (; registries && *registries; registries++) {
        const struct entry *entry = registry_find(*registries, name);
        if (!entry) continue;
        is_found = true;
        text_format(out, "%s%s (%s)\n", out->length ? "\n" : "", entry->name, (*registries)->kind);
        if (entry->doc) text_format(out, "  %s\n", entry->doc);
        if (entry->source) put_line(out, "source", entry->source);
        put_keys(out, entry->parameters);
    }
    return is_found;
}

static bool put_own(struct text *out, const char *path)
{
    for (size_t i = 0; i < sizeof own_keys / sizeof *own_keys; i++) {
        if (strcmp(own_keys[i].path, path) != 0) continue;
        text_format(out, "%s\n%s", path, own_keys[i].text);
        return true;
    }
    return false;
}

/* "measures.hessian_top": the last part is an entry, what stands before it a block that has such entries. */
static bool put_qualified(struct text *out, const struct search *search, const struct parameter *schema)
{
    struct search block = {0};
    char above[PLACE_TEXT];
    if (search->above == 0 || search->above > PLACE_TEXT) return false;
    snprintf(above, sizeof above, "%.*s", (int)search->above - 1, search->query);
    const char *dot = strrchr(above, '.');
    block.query = above;
    block.last = dot ? dot + 1 : above;
    block.above = dot ? (size_t)(dot + 1 - above) : 0;
    schema_walk(schema, visit, &block);
    for (size_t i = 0; i < block.count; i++) {
        const struct registry *only[] = {block.matches[i].row->registry, NULL};
        if (only[0] && put_registries(out, only, search->last)) return true;
    }
    return false;
}

static basin_status nothing_found(const struct parameter *schema, const struct registry *const *registries,
                                  const char *path)
{
    struct text hint = {0};
    path_suggest(schema, path, &hint);
    for (; registries && *registries && hint.length == 0; registries++) {
        const char *names[NAMES_MOST];
        const char *nearest = text_nearest(path, names, registry_names(*registries, names, NAMES_MOST));
        if (nearest) text_format(&hint, "did you mean \"%s\"?", nearest);
    }
    error_raise(BASIN_USAGE, "no parameter, and nothing that a spec can name, is called \"%s\"", path);
    if (hint.length > 0) error_hint("%s", text_data(&hint));
    basin_status status = text_status(&hint) == BASIN_OK ? BASIN_USAGE : BASIN_MEMORY;
    text_free(&hint);
    return status;
}

basin_status schema_explain(const struct parameter *schema, const struct registry *const *registries, const char *path,
                            struct text *out)
{
    const char *dot = strrchr(path, '.');
    struct search search = {.query = path, .last = dot ? dot + 1 : path, .above = dot ? (size_t)(dot + 1 - path) : 0};
    bool is_own = put_own(out, path);
    schema_walk(schema, visit, &search);
    for (size_t i = 0; i < search.count; i++)
        if (!search.matches[i].is_printed) put_match(out, &search, i);
    bool is_entry = put_registries(out, registries, path) || put_qualified(out, &search, schema);
    if (!is_own && search.count == 0 && !is_entry) return nothing_found(schema, registries, path);
    return text_status(out);
}
