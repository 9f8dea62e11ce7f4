/* Schema: the tables in which every room declares what a user can write.
 *
 * Purpose.  One row a parameter, one registry entry a thing with a name (dataset, architecture,
 * optimiser, measure). Validation, defaults, did-you-mean, JSON Schema, `basin list`, `basin
 * explain` and experiments/REFERENCE.md are all generated from these rows; nothing about a
 * parameter is written twice.
 *
 *     static const struct schema_row sgd_parameters[] = {
 *         {.key = "learning_rate", .type = SCHEMA_FLOAT, .minimum = 0, .maximum = 1e6, .flags =
 *             SCHEMA_OPEN_MINIMUM,
 *          .fallback = "0.1", .doc = "Step size."},
 *         {0}};
 *     const struct entry optimizer_sgd = {.name = "sgd", .doc = "Stochastic gradient descent ...",
 *         .source = "...",
 *                                         .parameters = sgd_parameters, .implementation = &sgd};
 *
 * Tables are static and end with a row whose key is NULL; registries with a NULL entry.
 */
#ifndef BASIN_SPEC_SCHEMA_H
#define BASIN_SPEC_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include "spec/value.h"

enum schema_type {
    SCHEMA_BOOLEAN,  /* true, false */
    SCHEMA_INTEGER,  /* minimum .. maximum */
    SCHEMA_FLOAT,    /* minimum .. maximum; finite */
    SCHEMA_TEXT,     /* any text; `minimum`..`maximum` bound its length where maximum > 0 */
    SCHEMA_NAME,     /* 1 to 64 letters, digits, '.', '_', '-', not starting with a dot */
    SCHEMA_PATH,     /* a file or folder, relative to the spec; resolved to an absolute path */
    SCHEMA_CHOICE,   /* one of choices, or of the names in registry where choices is NULL */
    SCHEMA_COUNT,    /* an integer minimum .. maximum, or "all" (VALUE_ALL) */
    SCHEMA_INTEGERS, /* a list of integers, each minimum .. maximum; may be empty unless NOT_EMPTY
                      */
    SCHEMA_NUMBERS,  /* a list of floats */
    SCHEMA_TEXTS, /* a list of texts; `minimum`..`maximum` bound their lengths where maximum > 0 */
    SCHEMA_PAIR, /* one integer for both axes, or [height, width]; or one of the words in `choices`,
                    where there are */
    SCHEMA_TABLE,   /* a block with the rows of `table`; where there is a `discriminator`, a bare
                       value is short for a block with that key alone */
    SCHEMA_TABLES,  /* a list of blocks with the rows of `table` */
    SCHEMA_VARIANT, /* a block whose `discriminator` key ("type", "name") names an entry of
                       `registry`; that entry's parameters stand beside it. A bare name is short for
                       {type: name} */
    SCHEMA_SET,     /* a block whose keys name entries of `registry`, each a block of its parameters
                       (may be empty) or a list of such blocks (spec/several.h) */
    SCHEMA_SEQUENCE, /* a list of entries of `registry` in order: names, or blocks whose one key is
                        the name and whose value is a block of its parameters. Each value is a
                        VALUE_MAP {name: {...}} */
    SCHEMA_ITEM, /* one entry of a sequence; only paths name it ("architecture.layers.0"), no table
                        has such a row */
};

enum schema_flags {
    SCHEMA_REQUIRED = 1,      /* has no default and must be given */
    SCHEMA_OPTIONAL = 2,      /* has no default and may be absent */
    SCHEMA_FIXED = 4,         /* cannot be swept */
    SCHEMA_SILENT = 8,        /* does not change the numbers: not part of the identity */
    SCHEMA_OPEN_MINIMUM = 16, /* the value must be greater than minimum */
    SCHEMA_OPEN_MAXIMUM = 32, /* the value must be less than maximum */
    SCHEMA_NOT_EMPTY = 64,    /* a list needs at least one item */
    SCHEMA_STUDY = 256, /* of a root row: of the study as a whole, not of its runs (spec.whole) */
    SCHEMA_SEVERAL =
        512, /* of a SCHEMA_SET: an entry may be there with several options side by side
                             (spec/several.h) */
    SCHEMA_TRACKED = 128, /* of a SCHEMA_SET (measures): an entry is part of the identity only where
                             its parameter `every` is given; all of it is then */
};

/* The C type of the field that a row fills in its table's struct (spec/settings.h). */
enum setting_kind {
    SETTING_NONE,
    SETTING_BOOL,
    SETTING_INT,
    SETTING_INT64,
    SETTING_DOUBLE,
    SETTING_TEXT,
    SETTING_ENTRY,
    SETTING_PAIR,
    SETTING_INTEGERS,
    SETTING_NUMBERS,
    SETTING_TEXTS,
    SETTING_VARIANT,
    SETTING_LIST,
    SETTING_BLOCKS,
    SETTING_STRUCT
};

struct setting_field {
    enum setting_kind kind;
    size_t offset, size;
};

struct schema_row {
    const char *key;
    enum schema_type type;
    const char *unit;        /* "examples", "steps", "epochs", "1" or NULL */
    double minimum, maximum; /* both 0: no bound stated */
    const char
        *fallback; /* the default, as it would be written in a spec; NULL with REQUIRED or OPTIONAL,
                      for a SCHEMA_TABLE (its rows have their own) and for a SCHEMA_SET (empty) */
    const char *doc;    /* one or two sentences */
    const char *source; /* paper, or NULL */
    const char *const *choices;
    const struct schema_row *table;
    const struct registry *registry;
    const char *discriminator;
    const char *const *aliases; /* other words for this key that users try ("lr"); NULL-terminated;
                                   only for hints */
    unsigned flags;
    struct setting_field field; /* by SETTING(struct, member) */
    int stage;                  /* of a data set's row: when it acts (data/transform.h); else 0 */
    const char *former; /* where the default is not what specs meant before there was this row: what
                           they meant. A spec that is stored in a result and lacks the key has this
                           value, and an identity leaves it out and writes the default */
    const char *acts_with; /* of a row with `former`: the key beside it that it says something
                              about; where that is `all`, this changes nothing and names nothing */
    const char *several;   /* the key beside it that takes a list of such values; NULL */
    size_t block_size;     /* of SCHEMA_TABLES: the struct that each block fills */
    size_t changed;        /* by SETTING_CHANGED(struct, member): 1 + its offset, 0: none */
};

struct entry {
    const char *name, *doc, *source;     /* source: the paper, or NULL */
    const struct schema_row *parameters; /* may be NULL */
    const void *implementation;
    const char *const *aliases; /* other words for this name that users try ("linear");
                                   NULL-terminated; only for hints */
    size_t settings_size;       /* of the struct that the parameters fill; 0: none */
    const char *brief; /* in a SCHEMA_SEQUENCE: the parameter that a bare value behind the name is
                          short for; NULL: there is none */
};

struct registry {
    const char *kind, *plural; /* "measure", "measures" */
    const struct entry *const *entries;
    const char *manual; /* where more is said, for messages: "see ..."; or NULL */
};

const struct entry *registry_find(const struct registry *registry,
                                  const char *name); /* NULL if it is not there */
const struct schema_row *schema_find_row(const struct schema_row *table, const char *key);
/* Is a value of the row a list of scalars? Of which type is each of them? */
bool row_lists_scalars(const struct schema_row *row);
enum schema_type row_item_type(const struct schema_row *row);
bool row_counts_steps(const struct schema_row *row); /* "3 epochs" is a value of it too */
bool row_has_alias(const struct schema_row *row, const char *key);

/* Names for messages, at most `most` of them; the number of names is returned. */
enum { SCHEMA_NAMES = 256, SCHEMA_CHOICES = 64 };
size_t schema_keys(const struct schema_row *rows, const char *discriminator, const char **names,
                   size_t most);
size_t registry_names(const struct registry *registry, const char **names, size_t most);
size_t choice_names(const struct schema_row *row,
                    const char *names[SCHEMA_CHOICES]); /* of a SCHEMA_CHOICE */

#endif
