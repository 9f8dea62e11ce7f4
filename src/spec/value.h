/* Values: a resolved spec, typed and complete.
 *
 * Purpose.  After a spec has been read, checked against its schema and filled with defaults, it is
 * this tree. Identity, /spec, tables and the places of errors come from it; what trains and
 * measures reads the plain structs that are filled from it (settings.h).
 * Promise.  Every parameter that is not OPTIONAL is there, with the type and range that its table
 * states. Looking up a path that no table declares is a programming error (assert), never a user's.
 * Ownership.  The tree lives in the arena of the study. It is immutable once resolved, and shared
 * by threads.
 */
#ifndef BASIN_SPEC_VALUE_H
#define BASIN_SPEC_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/text.h"

/* A place in a source text: line and column from 1, width in characters. source: file name or
 * "--set". */
struct mark {
    int line, column, width;
    int source; /* 0: the file; i + 1: the i-th --set; -1 - i: the i-th file under `base` */
};

/* VALUE_NONE: the null of an OPTIONAL parameter on an axis or in a condition. A resolved run has no
 * member for it. */
enum value_kind {
    VALUE_BOOL,
    VALUE_INTEGER,
    VALUE_FLOAT,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_NONE
};

struct schema_row;

struct value_member {
    const char *key;
    struct value *value;
};

struct value {
    enum value_kind kind;
    bool is_default; /* equals the default of its parameter: left out of the identity */
    union {
        bool boolean;
        int64_t integer;
        double number;
        const char *text;
        struct {
            struct value **items;
            size_t count;
        } list;
        struct {
            struct value_member *members; /* in the order of the parameter table */
            size_t count;
        } map;
    };
    /* Of an INTEGER whose row counts steps and that was given as "3 epochs": the 3, until
     * value_count_steps makes steps of it; then they are `written_epochs`. 0 otherwise. */
    double epochs, written_epochs;
    const struct schema_row
        *row;         /* which table row it came from; NULL for the root and inside lists */
    struct mark mark; /* where it stands in the spec; line 0 for a default */
};

/* "all" of a SCHEMA_COUNT is the integer VALUE_ALL. */
enum { VALUE_ALL = -1 };

const struct value *
value_find(const struct value *root,
           const char *path); /* "a.b", "a[2].b", "a.2.b"; NULL if it is not there */
bool value_has(const struct value *root, const char *path);

/* For paths that must be there. An integer reads as a float where asked for. */
bool value_boolean(const struct value *root, const char *path);
int64_t value_integer(const struct value *root, const char *path);
double value_number(const struct value *root, const char *path);
const char *value_text(const struct value *root, const char *path);
const struct value *value_map(const struct value *root, const char *path);
size_t value_count(const struct value *root, const char *path); /* items of a list */
int64_t value_item_integer(const struct value *root, const char *path, size_t index);

bool value_equal(const struct value *a, const struct value *b);

/* Printing (value_print.c). Flow-style YAML ("{k: 3, examples: all}", "[64, 64]", "0.1"), the
 * same text for equal values. */
void value_print(struct text *out, const struct value *value);
/* The same without what is default, for people: "adam", "{type: adam, learning_rate: 0.01}",
 * "[conv: {channels: 8}, relu]". It reads back as the same value. */
void value_print_short(struct text *out, const struct value *value);
/* The same of an item of a list: "relu", "conv: {channels: 8}". */
void value_print_item(struct text *out, const struct value *item);
/* Block-style YAML, as /spec holds it: numbers in a form that YAML 1.1 reads too ("1.0e-05"). */
void value_print_block(struct text *out, const struct value *value, int indent);

#endif
