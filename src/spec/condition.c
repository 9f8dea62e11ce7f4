#include "spec/condition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/list.h"
#include "spec/assign.h"
#include "spec/resolve.h"
#include "spec/sweep_paths.h"
#include "spec/sweep_values.h"

static const char *const comparisons[] = {"above", "below", "at_least", "at_most", "not"};

enum { COMPARISONS = sizeof comparisons / sizeof *comparisons };

/* ---- reading ---- */

static basin_status resolve_values(struct resolver *resolver, const struct schema_row *row,
                                   struct tree *const *nodes, size_t count, const char *path,
                                   struct condition_term *term)
{
    struct place place = {.key = path};
    term->values = arena_array(resolver->arena, const struct value *, count + 1);
    if (!term->values) return BASIN_MEMORY;
    resolver->is_axis = true;
    for (size_t i = 0; i < count; i++)
        term->values[term->count++] = resolve_row(resolver, row, nodes[i], &place);
    resolver->is_axis = false;
    return resolver->status;
}

static bool takes_lists(const struct schema_row *row)
{
    return row_lists_scalars(row) || row->type == SCHEMA_PAIR || row->type == SCHEMA_SEQUENCE;
}

/* A value, or a list of values of which any will do (of a parameter that is a list itself: a list
 * of lists). */
static basin_status read_any(struct resolver *resolver, const struct schema_row *row,
                             struct tree *node, const char *path, struct condition_term *term)
{
    bool several =
        node->kind == TREE_LIST &&
        (!takes_lists(row) || (node->list.count > 0 && node->list.items[0]->kind == TREE_LIST));
    return several ? resolve_values(resolver, row, node->list.items, node->list.count, path, term)
                   : resolve_values(resolver, row, &node, 1, path, term);
}

static int comparison_of(const char *key)
{
    for (int i = 0; i < COMPARISONS; i++)
        if (strcmp(comparisons[i], key) == 0) return i;
    return -1;
}

/* The number that a path is compared with. Of one that counts steps it may be given in epochs. */
static basin_status read_compared(struct resolver *resolver, const struct schema_row *row,
                                  struct tree *node, const char *path, struct condition_term *term)
{
    static const struct schema_row number = {
        .key = "number", .type = SCHEMA_FLOAT, .flags = SCHEMA_FIXED};
    static const struct schema_row steps = {
        .key = "number", .type = SCHEMA_INTEGER, .unit = "steps", .flags = SCHEMA_FIXED};
    bool in_epochs =
        row_counts_steps(row) && node->kind == TREE_SCALAR && strstr(node->text, "epoch");
    return resolve_values(resolver, in_epochs ? &steps : &number, &node, 1, path, term);
}

/* `node`: the value after the path, or after the comparison where there is one. */
static basin_status read_term(const struct sweep_reader *reader, const struct tree_member *member,
                              const struct schema_row *row, int comparison, struct tree *node,
                              struct condition_term *term)
{
    static const int kinds[] = {TERM_ABOVE, TERM_BELOW, TERM_AT_LEAST, TERM_AT_MOST, TERM_NONE};
    struct resolver *resolver = reader->resolver;
    const char *path = member->key;
    struct place place = {.key = path};
    bool fixed;
    term->mark = member->mark;
    term->kind = comparison < 0 ? TERM_ANY : kinds[comparison];
    bool compares = term->kind != TERM_ANY && term->kind != TERM_NONE;
    bool numeric =
        row->type == SCHEMA_INTEGER || row->type == SCHEMA_FLOAT || row->type == SCHEMA_COUNT;
    /* "training.optimizer: sgd" is short for "training.optimizer.type: sgd". */
    bool named = row->type == SCHEMA_VARIANT && node->kind != TREE_MAP && !compares;
    term->path = named ? arena_format(resolver->arena, "%s.%s", path, row->discriminator) : path;
    if (!term->path) return BASIN_MEMORY;
    if (named)
        TRY(path_row(resolver->arena, resolver->schema, reader->base, term->path, &row, &fixed));
    if (compares && !numeric) {
        resolver_complain(resolver, node->mark, &place, "write a value, or a list of values",
                          "%s compares numbers, which this is not", comparisons[comparison]);
        return BASIN_OK;
    }
    if (!takes_lists(row) && node->kind == TREE_LIST && node->list.count == 0) {
        resolver_complain(resolver, node->mark, &place, NULL,
                          "the list is empty, and would %s hold",
                          term->kind == TERM_NONE ? "always" : "never");
        return BASIN_OK;
    }
    return compares ? read_compared(resolver, row, node, path, term)
                    : read_any(resolver, row, node, path, term);
}

/* The value after a path: one value, a list of values, or comparisons that must all hold, a term
 * each. */
static basin_status read_terms(const struct sweep_reader *reader, const struct tree_member *member,
                               struct condition *condition)
{
    struct resolver *resolver = reader->resolver;
    const struct schema_row *row = NULL;
    const struct tree *said = member->value;
    struct place place = {.key = member->key};
    bool fixed;
    TRY(path_row(resolver->arena, resolver->schema, reader->base, member->key, &row, &fixed));
    if (!row) {
        struct text hint = {0};
        path_suggest(resolver->schema, member->key, &hint);
        resolver_complain(resolver, member->mark, NULL, text_data(&hint),
                          "no parameter has the path \"%.100s\"", member->key);
        text_free(&hint);
        return BASIN_OK;
    }
    bool block =
        row->type == SCHEMA_VARIANT || row->type == SCHEMA_TABLE || row->type == SCHEMA_SET;
    bool compares = said->kind == TREE_MAP && said->map.count > 0 &&
                    (!block || comparison_of(said->map.members[0].key) >= 0);
    if (!compares)
        return read_term(reader, member, row, -1, member->value,
                         &condition->terms[condition->count++]);
    for (size_t i = 0; i < said->map.count; i++) {
        const struct tree_member *inner = &said->map.members[i];
        int comparison = comparison_of(inner->key);
        if (comparison < 0)
            resolver_complain(resolver, inner->mark, &place, NULL,
                              "expected above, below, at_least, at_most or not, found \"%.40s\"",
                              inner->key);
        else
            TRY(read_term(reader, member, row, comparison, inner->value,
                          &condition->terms[condition->count++]));
    }
    return BASIN_OK;
}

/* The paths of all terms have a place in `paths`. */
static basin_status place_paths(struct arena *arena, struct condition_paths *paths,
                                struct condition *condition)
{
    for (size_t i = 0; i < condition->count; i++) {
        struct condition_term *term = &condition->terms[i];
        size_t which = 0;
        while (which < paths->count && strcmp(paths->paths[which], term->path) != 0) which++;
        term->which = which;
        if (which < paths->count) continue;
        if (!list_room(arena, paths->paths, which, 1, paths->path_room) ||
            !list_room(arena, paths->values, which, 1, paths->value_room) ||
            !list_room(arena, paths->known, which, 1, paths->known_room))
            return BASIN_MEMORY;
        paths->paths[paths->count++] = term->path;
    }
    return BASIN_OK;
}

basin_status condition_read(const struct sweep_reader *reader, const struct tree *block,
                            const struct place *place, struct condition_paths *paths,
                            struct condition *condition)
{
    *condition = (struct condition){0};
    if (block->kind != TREE_MAP || block->map.count == 0) {
        resolver_complain(reader->resolver, block->mark, place, "write \"path: value\"",
                          "expected a block of conditions");
        return BASIN_OK;
    }
    size_t most = 0;
    for (size_t i = 0; i < block->map.count; i++) {
        const struct tree *value = block->map.members[i].value;
        most += value->kind == TREE_MAP ? value->map.count + 1 : 1;
    }
    condition->terms = arena_array(reader->resolver->arena, struct condition_term, most);
    if (!condition->terms) return BASIN_MEMORY;
    for (size_t i = 0; i < block->map.count; i++)
        TRY(read_terms(reader, &block->map.members[i], condition));
    return place_paths(reader->resolver->arena, paths, condition);
}

/* ---- looking ---- */

/* A number, of steps or of epochs. How many steps an epoch has is not known here. */
static bool number_of(const struct value *value, double *number, bool *epochs)
{
    bool all = value->row && value->row->type == SCHEMA_COUNT && value->kind == VALUE_INTEGER &&
               value->integer == VALUE_ALL;
    *epochs = value->kind == VALUE_INTEGER && value->epochs > 0;
    if (all)
        *number = INFINITY;
    else if (value->kind == VALUE_INTEGER)
        *number = *epochs ? value->epochs : (double)value->integer;
    else if (value->kind == VALUE_FLOAT)
        *number = value->number;
    else
        return false;
    return true;
}

/* Of an optional parameter that nobody has given, not even as null. */
static const struct value absent = {.kind = VALUE_NONE};

static bool is_any(const struct condition_term *term, const struct value *value)
{
    for (size_t i = 0; i < term->count; i++)
        if (term->values[i] && value_equal(term->values[i], value)) return true;
    return false;
}

static bool term_holds(struct condition_term *term, const struct value *value)
{
    double a, b;
    bool a_epochs, b_epochs;
    if (term->kind == TERM_ANY) return is_any(term, value);
    if (term->kind == TERM_NONE) return value != &absent && !is_any(term, value);
    if (!term->values[0] || !number_of(value, &a, &a_epochs) ||
        !number_of(term->values[0], &b, &b_epochs))
        return false;
    /* 0 epochs are 0 steps */
    if (a_epochs != b_epochs && a != 0 && b != 0) term->mixed = b_epochs ? "epochs" : "steps";
    return term->kind == TERM_ABOVE      ? a > b
           : term->kind == TERM_BELOW    ? a < b
           : term->kind == TERM_AT_LEAST ? a >= b
                                         : a <= b;
}

/* The value of a path in a spec, written or default; NULL where the path does not exist, or its
 * value is wrong. Wrong values are reported elsewhere. */
static basin_status value_at(const struct resolver *resolver, const struct tree *root,
                             const char *path, const struct value **value)
{
    const struct schema_row *row;
    struct place place = {.key = path};
    struct tree *node = NULL;
    struct diagnostics silent;
    struct resolver quiet = *resolver;
    diagnostics_start(&silent, resolver->arena);
    silent.bases = resolver->diagnostics->bases;
    quiet.diagnostics = &silent;
    quiet.keep = false;
    quiet.is_axis = true;
    quiet.choice = NULL;
    *value = NULL;
    TRY(path_value(quiet.arena, quiet.schema, root, path, &row, &node));
    if (row && !node && row->flags & SCHEMA_OPTIONAL) *value = &absent;
    bool there = node || (row && (row->fallback || row->type == SCHEMA_TABLE));
    if (row && there) *value = resolve_row(&quiet, row, node, &place);
    return quiet.status;
}

void condition_paths_forget(struct condition_paths *paths)
{
    if (paths->count) memset(paths->known, 0, paths->count * sizeof *paths->known);
}

basin_status condition_holds(struct resolver *resolver, struct condition_paths *paths,
                             struct condition *condition, const struct tree *root, bool *holds)
{
    *holds = true;
    for (size_t i = 0; i < condition->count && *holds; i++) {
        struct condition_term *term = &condition->terms[i];
        const struct value **value = &paths->values[term->which];
        if (!paths->known[term->which]) TRY(value_at(resolver, root, term->path, value));
        paths->known[term->which] = true;
        *holds = *value && term_holds(term, *value);
        term->looked = true;
        term->found = term->found || (*value && (*value != &absent || *holds));
    }
    return BASIN_OK;
}

const char *condition_missing(const struct condition *condition)
{
    for (size_t i = 0; i < condition->count; i++)
        if (condition->terms[i].looked && !condition->terms[i].found)
            return condition->terms[i].path;
    return NULL;
}

void condition_refuse_mixed(struct resolver *resolver, const struct condition *condition)
{
    for (size_t i = 0; i < condition->count; i++) {
        const struct condition_term *term = &condition->terms[i];
        struct place place = {.key = term->path};
        bool epochs = term->mixed && strcmp(term->mixed, "epochs") == 0;
        if (term->mixed)
            resolver_complain(
                resolver, term->mark, &place,
                "give both in the same unit, or list the values that are meant",
                "the condition compares with a number of %s, and a value of the sweep is given in "
                "%s",
                term->mixed, epochs ? "steps" : "epochs");
    }
}
