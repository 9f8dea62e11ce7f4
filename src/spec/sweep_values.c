/* The values of an axis: lists, and generators inside them.
 *
 *     linspace: [a, b, n]    n values from a to b at equal distances
 *     logspace: [a, b, n]    n values from a to b at equal ratios
 *     range: [a, b, step]    a, a + step, ... as long as b is not reached
 *
 * Numbers are written with 15 digits, so that 1e-3 is 1e-3 and not its neighbour; integer
 * parameters get them rounded. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "spec/sweep_values.h"
#include "spec/number.h"
#include "spec/scalar.h"
#include "spec/sweep_paths.h"

/* ---- numbers ---- */

bool sweep_takes_numbers(const struct schema_row *row)
{
    return row->type == SCHEMA_INTEGER || row->type == SCHEMA_FLOAT || row->type == SCHEMA_COUNT;
}

bool sweep_takes_integers(const struct schema_row *row)
{
    return row->type == SCHEMA_INTEGER || row->type == SCHEMA_COUNT;
}

struct tree *sweep_number_node(struct arena *arena, const struct schema_row *row, double value,
                               int digits, struct mark mark)
{
    char shortest[64];
    if (sweep_takes_integers(row))
        snprintf(shortest, sizeof shortest, "%.0f", value);
    else {
        char exact[32];
        snprintf(exact, sizeof exact, "%.*g", digits, value);
        text_double(strtod(exact, NULL), shortest);
    }
    const char *text = arena_text(arena, shortest);
    return text ? tree_scalar(arena, text, true, mark) : NULL;
}

bool sweep_read_numbers(struct resolver *resolver, const struct tree *list,
                        const struct place *place, size_t count, const char *form,
                        double out[SWEEP_NUMBERS])
{
    static const struct schema_row number = {
        .key = "number", .type = SCHEMA_FLOAT, .flags = SCHEMA_FIXED};
    size_t found = list->kind == TREE_LIST ? list->list.count : 0;
    bool excess = found == 2 * count || (count == 3 && found == 5); /* how many is a whole number */
    if (complain_commas(resolver, list, excess ? COMMAS_IN_EXCESS : COMMAS_IN_FLOATS, place))
        return false;
    if (list->kind != TREE_LIST || list->list.count != count) {
        resolver_complain(resolver, list->mark, place, NULL, "expected %s", form);
        return false;
    }
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        struct value value = {0};
        all =
            scalar_read(resolver, &number, SCHEMA_FLOAT, list->list.items[i], place, &value) && all;
        out[i] = value.number;
    }
    return all;
}

/* ---- generators inside lists ---- */

struct generated {
    struct tree **nodes;
    size_t count, capacity;
};

static basin_status generated_add(struct arena *arena, struct generated *generated,
                                  struct tree *node)
{
    if (!node) return BASIN_MEMORY;
    if (!list_room(arena, generated->nodes, generated->count, 1, generated->capacity))
        return BASIN_MEMORY;
    generated->nodes[generated->count++] = node;
    return BASIN_OK;
}

/* Value i of n, or of a range. */
typedef double spacing(const double numbers[SWEEP_NUMBERS], double i);

static double linear(const double numbers[SWEEP_NUMBERS], double i)
{
    return numbers[2] == 1 ? numbers[0]
                           : numbers[0] + (numbers[1] - numbers[0]) * i / (numbers[2] - 1);
}

static double logarithmic(const double numbers[SWEEP_NUMBERS], double i)
{
    return numbers[2] == 1 ? numbers[0]
                           : numbers[0] * pow(numbers[1] / numbers[0], i / (numbers[2] - 1));
}

static double stepped(const double numbers[SWEEP_NUMBERS], double i)
{
    return numbers[0] + i * numbers[2];
}

/* How many values, or what is wrong. */
static const char *count_of(const char *name, const double numbers[SWEEP_NUMBERS], size_t most,
                            double *count)
{
    *count = numbers[2];
    if (strcmp(name, "range") == 0) {
        if (numbers[2] == 0 || (numbers[1] - numbers[0]) / numbers[2] <= 0)
            return "the step does not lead from the first number to the second";
        *count = fmax(
            1, ceil((numbers[1] - numbers[0]) / numbers[2] - 1e-9)); /* the first is always there */
    } else if (numbers[2] < 1 || numbers[2] != floor(numbers[2])) {
        return "the third number is the number of values: an integer of at least 1";
    } else if (strcmp(name, "logspace") == 0 && !(numbers[0] > 0 && numbers[1] > 0)) {
        return "logspace goes from the first value to the second, both positive; they are values "
               "and not exponents";
    }
    return *count > (double)most ? "this makes more values than a study may have runs (--max-runs)"
                                 : NULL;
}

static const struct {
    const char *name, *form;
    spacing *value;
} lists[] = {{"linspace", "linspace: [first, last, how many]", linear},
             {"logspace", "logspace: [first, last, how many]", logarithmic},
             {"range", "range: [first, end, step]", stepped}};

enum { LISTS = sizeof lists / sizeof *lists };

/* The generator that an item of a list is, or -1. */
static int generator_of(const struct tree *item)
{
    if (item->kind != TREE_MAP || item->map.count != 1) return -1;
    for (int i = 0; i < LISTS; i++)
        if (strcmp(lists[i].name, item->map.members[0].key) == 0) return i;
    return -1;
}

static basin_status generate(const struct sweep_reader *reader, const struct schema_row *row,
                             const struct tree *item, int which, const char *path,
                             struct generated *generated)
{
    struct resolver *resolver = reader->resolver;
    struct place place = {.key = path};
    const struct tree *numbers_node = item->map.members[0].value;
    double numbers[SWEEP_NUMBERS], count;
    if (!sweep_takes_numbers(row)) {
        resolver_complain(resolver, item->mark, &place, "write the values themselves",
                          "%s makes numbers, which this is not", lists[which].name);
        return BASIN_OK;
    }
    if (!sweep_read_numbers(resolver, numbers_node, &place, SWEEP_NUMBERS, lists[which].form,
                            numbers))
        return resolver->status;
    const char *wrong = count_of(lists[which].name, numbers, reader->runs, &count);
    if (wrong) {
        resolver_complain(resolver, numbers_node->mark, &place, NULL, "%s", wrong);
        return BASIN_OK;
    }
    for (double i = 0; i < count; i++)
        TRY(generated_add(resolver->arena, generated,
                          sweep_number_node(resolver->arena, row, lists[which].value(numbers, i),
                                            DBL_DIG, item->mark)));
    return BASIN_OK;
}

static void complain_kind(struct resolver *resolver, const struct tree_member *member,
                          const struct schema_row *row)
{
    const struct tree *node = member->value;
    struct place place = {.key = member->key};
    char hint[160] = "";
    static const char *const draws[] = {"uniform", "log_uniform", "int_uniform", "normal",
                                        "choice"};
    char numbers[NUMBER_TEXT];
    if (node->kind == TREE_SCALAR && sweep_takes_numbers(row) && number_list(node->text, numbers))
        snprintf(hint, sizeof hint, "write [%s]", numbers);
    else if (node->kind == TREE_SCALAR && !tree_is_null(node))
        snprintf(hint, sizeof hint, *node->text == '[' ? "remove the quotes" : "write [%.60s]",
                 node->text);
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++)
        if (tree_find(node, draws[i]))
            snprintf(hint, sizeof hint,
                     "distributions stand under sweep.random: {n: 10, %.60s: "
                     "{%s: ...}}",
                     member->key, draws[i]);
    if (node->kind == TREE_MAP && row->type == SCHEMA_TABLE && node->map.count > 0)
        snprintf(hint, sizeof hint, "write the whole path in one: \"%.50s.%.50s: [...]\"",
                 member->key, node->map.members[0].key);
    resolver_complain(resolver, node->mark, &place, hint, "an axis is a list of values, found %s",
                      node->kind == TREE_MAP ? "a block of keys"
                      : tree_is_null(node)   ? "nothing"
                                             : "one value");
}

basin_status sweep_values(const struct sweep_reader *reader, const struct tree_member *member,
                          const struct schema_row *row, struct tree ***nodes, size_t *count)
{
    struct resolver *resolver = reader->resolver;
    struct place place = {.key = member->key};
    struct generated generated = {0};
    const struct tree *node = member->value;
    int alone = generator_of(node);
    size_t errors = resolver->errors;
    *nodes = NULL;
    *count = 0;
    if (alone >= 0)
        TRY(generate(reader, row, node, alone, member->key, &generated));
    else if (node->kind != TREE_LIST)
        complain_kind(resolver, member, row);
    else if (sweep_takes_numbers(row) &&
             complain_commas(resolver, node,
                             sweep_takes_integers(row) ? COMMAS_IN_INTEGERS : COMMAS_IN_AXIS,
                             &place))
        return resolver->status;
    else if (node->list.count == 0)
        resolver_complain(resolver, node->mark, &place, NULL,
                          "the axis is empty; it needs at least one value");
    for (size_t i = 0; alone < 0 && node->kind == TREE_LIST && i < node->list.count; i++) {
        struct tree *item = node->list.items[i];
        int which = generator_of(item);
        if (which >= 0)
            TRY(generate(reader, row, item, which, member->key, &generated));
        else
            TRY(generated_add(resolver->arena, &generated, item));
    }
    if (resolver->errors > errors) return resolver->status;
    *nodes = generated.nodes;
    *count = generated.count;
    return BASIN_OK;
}
