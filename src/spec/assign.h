/* Assign: dotted paths in a tree that has not been checked yet.
 *
 * Purpose.  `--set training.epochs=3` and an axis of a sweep both put a node at a dotted path
 * before anything is checked, and need the row that a path names. Neither can rely on resolved
 * values: a variant's type may be swept itself. Ownership.  New nodes and rows live in the arena;
 * the tree given is left as it is, the path to the change is copied.
 */
#ifndef BASIN_SPEC_ASSIGN_H
#define BASIN_SPEC_ASSIGN_H

#include "spec/resolve.h"

struct assignment {
    const char *path;
    struct tree *node;
    struct mark
        mark; /* of the path: a --set, whose parts are marked one by one, or the key of an axis */
    bool swept;
};

/* *out: a root that shares what did not change. Where the path leads through a scalar or list
 * that ought to be a block, the tree stays as it is; where it continues below a parameter that
 * is not a block, a block is put there. Either way the check that follows reports what is wrong. */
basin_status tree_assign(struct arena *arena, const struct schema_row *schema,
                         const struct tree *root, const struct assignment *assignment,
                         struct tree **out);

/* `upper` laid over `lower`. Blocks merge key by key, except that a block naming another variant
 * than `lower` (another optimiser, say) replaces it; lists and values are replaced, never mixed. */
basin_status tree_merge(struct arena *arena, const struct schema_row *schema,
                        const struct tree *lower, const struct tree *upper, struct tree **out);

/* The node at a path, or NULL. */
struct tree *tree_at(const struct tree *root, const char *path);

/* The row that a path names: in the variants that `root` names, or else in the first that has it.
 * For a name of a variant
 * ("training.optimizer.type") and an entry of a set ("measures.hessian_top") a row is made up.
 * *row is NULL where there is none; *fixed is true where it, or a block around it, cannot be
 * swept. */
basin_status path_row(struct arena *arena, const struct schema_row *schema, const struct tree *root,
                      const char *path, const struct schema_row **row, bool *fixed);

/* The row and the node of a path in an assembled spec; *row NULL where the spec has no such
 * parameter (the momentum of adam), *node NULL where the parameter has its default. */
basin_status path_value(struct arena *arena, const struct schema_row *schema,
                        const struct tree *root, const char *path, const struct schema_row **row,
                        struct tree **node);

/* "did you mean ...?" for a path that names nothing, "" where nothing is near. */
void path_suggest(const struct schema_row *schema, const char *path, struct text *out);
/* The same for keys of layers in lists, which match the end of a path. */
void path_suggest_in_lists(const struct schema_row *schema, const char *path, struct text *out);

#endif
