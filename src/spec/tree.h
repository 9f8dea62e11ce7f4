/* Tree: a YAML text as it was written, with the place of every part.
 *
 * Purpose.  Reads the subset of YAML that specs are written in (maps, lists, scalars, aliases,
 * merge keys) from libyaml's events, and refuses the rest with a sentence that helps: tags,
 * directives, several documents, keys that are no scalars. Promise.  Bounded in time and memory
 * whatever the text: at most TREE_BYTES long, TREE_DEPTH deep, TREE_KEYS keys a block, and aliases
 * may repeat at most TREE_ALIASED nodes in all. libyaml has none of these limits and is quadratic
 * on nesting, so the walk stops at the first level too many. No alias can make a cycle. Errors.
 * What is wrong with the text goes to `diagnostics` and the status stays BASIN_OK; BASIN_MEMORY.
 * Ownership.  Nodes live in the arena. Aliased nodes are shared: a tree is a directed acyclic graph
 * and is not changed once read; tree_assign copies the path that it changes.
 */
#ifndef BASIN_SPEC_TREE_H
#define BASIN_SPEC_TREE_H

#include "spec/diagnostics.h"

enum { TREE_BYTES = 1 << 20, TREE_DEPTH = 64, TREE_KEYS = 1000, TREE_ALIASED = 100000 };

enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAP };

struct tree_member {
    const char *key;
    struct mark mark;   /* of the key */
    bool swept;         /* put here by a sweep */
    struct tree *value; /* never NULL */
};

struct tree {
    enum tree_kind kind;
    bool plain;  /* a scalar without quotes */
    bool folded; /* one of several lines, which YAML joins with spaces */
    bool flow;   /* a list or map in brackets */
    bool closed; /* all of it has been read: an alias to it is no cycle */
    const char *text;
    union {
        struct {
            struct tree **items;
            size_t count, capacity;
            const char *beyond; /* an item that somebody has set and the list does not have; NULL */
        } list;
        struct {
            struct tree_member *members;
            size_t count, capacity;
        } map;
    };
    size_t weight; /* nodes, aliases expanded */
    int height;    /* levels of collections, 0 for a scalar */
    struct mark mark;
    /* How resolve.c read this node, kept so that the runs of a sweep share the work; NULL where it
     * was not kept. */
    const struct schema_row *memo_parameter;
    struct value *memo;
};

struct tree_source {
    const char *text;
    size_t length;
    int source; /* for marks: 0 the file, i + 1 the i-th --set */
    int column; /* added to the columns of the first line */
};

/* *root is NULL where the text could not be read to its end (or is empty). */
basin_status tree_read(struct arena *arena, const struct tree_source *source,
                       struct diagnostics *diagnostics, struct tree **root);

struct tree_member *tree_find(const struct tree *map,
                              const char *key); /* NULL also where `map` is no map */
bool tree_is_null(const struct tree *node);     /* a plain empty scalar, ~ or null */
bool tree_is_reset(const struct tree *node);    /* ~ or null, written out: the default is meant */
struct tree *tree_scalar(struct arena *arena, const char *text, bool plain, struct mark mark);
struct tree *tree_map(struct arena *arena, struct mark mark);
basin_status tree_add(struct arena *arena, struct tree *map, struct tree_member member);
/* A list of the same items, which may be replaced. An item that is not there is remembered
 * still. */
struct tree *tree_list_copy(struct arena *arena, const struct tree *list);
/* The item that a key names ("0" is the first), or NULL. `index` may be NULL. */
struct tree *tree_item(const struct tree *list, const char *key, size_t *index);
/* A map with the same members, which may be changed; null becomes {}, a bare name becomes
 * {discriminator: name}. */
struct tree *tree_open(struct arena *arena, const struct tree *node, const char *discriminator);
void tree_remove(struct tree *map, const char *key);

/* A sentence for what libyaml found wrong at `mark` (syntax.c). */
struct yaml_parser_s;
void syntax_complain(struct diagnostics *diagnostics, const struct tree_source *source,
                     const struct yaml_parser_s *parser);
/* Does a text begin with a key whose colon lacks its space, "epochs:3"? Then the hint says so. */
bool syntax_lacks_space(const char *text, size_t length, char *hint, size_t size);
/* Refuses bytes that are no UTF-8 and characters that YAML does not allow. */
bool syntax_characters(struct diagnostics *diagnostics, const struct tree_source *source);

void tree_library(int version[3]); /* of libyaml */

#endif
