/* Resolve: a tree and its schema become a value tree: typed, in range, complete with defaults.
 *
 * Purpose.  The one place that knows what the rows of a table mean. sweep.c resolves each value of
 * an axis alone with it, spec.c whole runs. Promise.  How a node resolves depends on the node and
 * its row only, so what spec_read has resolved once is kept in the node (`keep`) and shared by the
 * runs of a sweep; without `keep` nothing outside the resolver is written, so that threads may
 * resolve at the same time. Errors.  Wrong input is added to `diagnostics` and counted in `errors`,
 * the value is then NULL. `status` is BASIN_MEMORY on shortage and BASIN_INTERNAL where a table's
 * own default is wrong. Ownership.  Values live in the arena, or, where they were kept, in the
 * arena of the spec.
 */
#ifndef BASIN_SPEC_RESOLVE_H
#define BASIN_SPEC_RESOLVE_H

#include "spec/schema.h"
#include "spec/spec.h"
#include "spec/tree.h"

struct defaults; /* the value of each row's default, by row */

struct resolver {
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct schema_row *schema; /* the root table, for hints */
    const char *folder;
    struct defaults *defaults;
    bool keep;
    bool is_axis; /* inside a sweep already: a list is no attempt at one */
    const struct spec
        *spec;            /* the run below is named in errors: in all of them with `index` given, */
    const size_t *choice; /* one position an axis, or SPEC_ABSENT; NULL: no run */
    bool name_always;     /* otherwise only where a swept key does not fit */
    size_t errors;
    basin_status status;
};

/* Where a value stands: a link a level, on the stack. */
struct place {
    const struct place *up;
    const char *key;  /* NULL for an item of a list */
    size_t index;     /* of that item */
    struct mark mark; /* of the enclosing block, for what is missing in it */
    bool swept;
};

basin_status defaults_create(struct arena *arena, struct defaults **defaults);

/* The whole run. `root` without the keys `sweep` and `seeds`. */
struct value *resolve_root(struct resolver *resolver, const struct tree *root);
/* One row. `node` NULL: its default (NULL also for an OPTIONAL row, without an error). */
struct value *resolve_row(struct resolver *resolver, const struct schema_row *row,
                          struct tree *node, const struct place *place);

void resolver_complain(struct resolver *resolver, struct mark mark, const struct place *place,
                       const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* "training.optimizer.momentum", "architecture.hidden[2]"; "" for the root. `out` of PLACE_TEXT
 * bytes. */
enum { PLACE_TEXT = 256 };
const char *place_text(const struct place *place, char out[PLACE_TEXT]);

/* Scalars by expected type (scalar.c). False where the value is wrong (and said so). */
bool scalar_read(struct resolver *resolver, const struct schema_row *row, enum schema_type type,
                 const struct tree *node, const struct place *place, struct value *out);
/* "an integer from 1 to 10 (epochs)". */
void expected_text(const struct schema_row *row, enum schema_type type, struct text *out);
/* An integer of a sweep's own keys (`seeds`), without a row. NULL, or a hint and false. */
bool scalar_integer(const char *text, int64_t *out, char *hint, size_t hint_size);

/* Schema walks (schema.c). */
enum { NAMES_MOST = 256 };
size_t schema_keys(const struct schema_row *rows, const char *discriminator, const char **names,
                   size_t most);
size_t registry_names(const struct registry *registry, const char **names, size_t most);
enum { CHOICES_MOST = 64 };
size_t choice_names(const struct schema_row *row,
                    const char *names[CHOICES_MOST]); /* of a SCHEMA_CHOICE */
bool parameter_has_alias(const struct schema_row *row, const char *key);
/* Calls `visit` for every row of the language with its dotted path, each path once for each entry
 * that has it. */
typedef void schema_visit(void *context, const char *path, const struct schema_row *row,
                          const struct entry *entry);
void schema_walk(const struct schema_row *rows, schema_visit *visit, void *context);
/* The same with the keys of the layers in a list: "architecture.layers[].conv.padding", for people
 * only. */
void schema_walk_lists(const struct schema_row *rows, schema_visit *visit, void *context);
/* "did you mean ...?" for an unknown key of a block, "" where nothing is near. */
void schema_suggest_key(const struct schema_row *schema, const struct schema_row *rows,
                        const char *discriminator, const char *key, struct text *out);

#endif
