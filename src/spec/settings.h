/* Settings: a resolved block as a plain C struct.
 *
 * Purpose.  A table of schema rows says which field of a struct each row fills. `settings_fill`
 * copies a resolved block into that struct once per run; what trains, models or measures reads
 * fields and never looks up a key by its name.
 *
 *     struct sgd_settings { double learning_rate, momentum; };
 *     static const struct schema_row sgd_parameters[] = {
 *         {.key = "learning_rate", SETTING(struct sgd_settings, learning_rate),
 *          .type = SCHEMA_FLOAT, ...}, ... {0}};
 *     const struct entry sgd_entry = {.name = "sgd", .parameters = sgd_parameters,
 *                                     .settings_size = sizeof(struct sgd_settings), ...};
 *
 * Fields, by the type of the row:
 *
 *     BOOLEAN                 bool; where the row is OPTIONAL: int, SETTING_UNSET without it
 *     INTEGER                 int64_t; SETTING_ABSENT without it
 *     COUNT                   int64_t; SETTING_ALL for "all", SETTING_ABSENT without it
 *     FLOAT                   double; NaN without it
 *     TEXT, NAME, PATH        const char *; NULL without it
 *     CHOICE                  an enum or int, the index in `choices`; SETTING_UNSET without it
 *     CHOICE of a registry    const struct entry *; NULL without it
 *     PAIR                    struct setting_pair
 *     INTEGERS, NUMBERS       struct setting_integers, struct setting_numbers
 *     TEXTS                   struct setting_texts
 *     TABLE                   the struct of its rows, in place
 *     VARIANT                 struct setting_variant
 *     SET, SEQUENCE           struct setting_list: a SET in the order of its registry
 *     TABLES                  struct setting_blocks, of structs of `block_size` bytes
 *
 * "Without it" can only happen to rows that are OPTIONAL; all others have been completed.
 *
 * Promise.  Filling writes the fields of the table's rows and nothing else; a row without a field
 * is skipped. Equal blocks give equal settings. Tests walk the whole schema and refuse rows without
 * a field, fields of another type than their row asks for, and fields that overlap.
 * Ownership.  Lists, texts and the settings of variants live in the arena: the block may die.
 * Errors.  BASIN_MEMORY; a block that its table did not resolve is a programming error (assert).
 */
#ifndef BASIN_SPEC_SETTINGS_H
#define BASIN_SPEC_SETTINGS_H

#include "base/error.h"
#include "spec/schema.h"
#include "spec/value.h"

#define SETTING_ABSENT INT64_MIN
enum { SETTING_ALL = VALUE_ALL, SETTING_UNSET = -1 };

/* An entry of a registry that was chosen, with the struct that its own parameters fill (NULL where
 * the entry has none). Without it: entry NULL. */
struct setting_variant {
    const struct entry *entry;
    const void *settings;
    const char *member; /* of a set: its key there, "hessian_top" or "hessian_top@examples_500" */
};

/* items is NULL only without the row, so that [] differs from nothing. */
struct setting_list {
    const struct setting_variant *items;
    size_t count;
};

/* items: an array of the structs that the blocks fill. */
struct setting_blocks {
    const void *items;
    size_t count;
};

struct setting_integers {
    const int64_t *items;
    size_t count;
};

struct setting_numbers {
    const double *items;
    size_t count;
};

struct setting_texts {
    const char *const *items;
    size_t count;
};

/* Both axes: (height, width), equal where one number was written. Of one of the row's words, `word`
 * is the index in `choices` (else SETTING_UNSET) and both numbers are 0. Without it:
 * SETTING_ABSENT.
 */
struct setting_pair {
    int64_t first, second;
    int word;
};

/* In a row: the field that it fills. The compiler derives the kind from the field's C type. */
#define SETTING(structure, member)                                                                 \
    .field = {.kind = SETTING_KIND(((structure *)0)->member),                                      \
              .offset = offsetof(structure, member),                                               \
              .size = sizeof(((structure *)0)->member)}
/* In a row: a bool that tells whether the value differs from its default, for keys that make no
 * sense beside others. */
#define SETTING_CHANGED(structure, member) .changed = 1 + offsetof(structure, member)

/* clang-format off */
#define SETTING_KIND(field)                                                                        \
    _Generic((field), bool: SETTING_BOOL, int: SETTING_INT, unsigned: SETTING_INT,                 \
             int64_t: SETTING_INT64, double: SETTING_DOUBLE, const char *: SETTING_TEXT,           \
             const struct entry *: SETTING_ENTRY, struct setting_pair: SETTING_PAIR,               \
             struct setting_integers: SETTING_INTEGERS, struct setting_numbers: SETTING_NUMBERS,   \
             struct setting_texts: SETTING_TEXTS,                                                  \
             struct setting_variant: SETTING_VARIANT, struct setting_list: SETTING_LIST,           \
             struct setting_blocks: SETTING_BLOCKS,                                                \
             default: SETTING_STRUCT)
/* clang-format on */

/* `block`: the resolved block of the rows in `table`; `settings`: the struct that they fill. */
basin_status settings_fill(struct arena *arena, const struct schema_row *table,
                           const struct value *block, void *settings);

/* The parameters of one entry as its struct, in the arena; NULL for an entry without settings. */
basin_status settings_entry(struct arena *arena, const struct entry *entry,
                            const struct value *block, const void **settings);

/* The block of a SCHEMA_VARIANT. */
basin_status settings_variant(struct arena *arena, const struct value *block,
                              struct setting_variant *variant);

#endif
