#include <stdlib.h>
#include <string.h>
#include "analysis/expression_parser.h"
#include "base/text.h"
#include "run/quantities.h"

struct expression *parser_node(struct expression_parser *parser, enum expression_kind kind,
                               const char *place)
{
    struct expression *node = arena_allocate(parser->scope->table->arena, sizeof *node);
    if (!node) {
        parser->status = BASIN_MEMORY;
        return NULL;
    }
    node->kind = kind;
    node->place = (size_t)(place - parser->start);
    return node;
}

bool parser_has_any(const struct table *table, int column, enum cell_kind kind)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].cells[column].kind == kind) return true;
    return false;
}

bool parser_is_all(const struct table *table, int column, enum cell_kind wanted)
{
    bool any = false;
    for (size_t i = 0; i < table->row_count; i++) {
        enum cell_kind kind = table->rows[i].cells[column].kind;
        if (kind != wanted && kind != CELL_ABSENT) return false;
        any = any || kind == wanted;
    }
    return any;
}

static bool list_curves(struct expression_parser *parser, const char *const **names, size_t *count)
{
    *count = 0;
    if (!parser->scope->curves || parser->status != BASIN_OK) return false;
    basin_status status = curve_source_list(parser->scope->curves, names, count);
    if (status != BASIN_OK) parser->status = status;
    return status == BASIN_OK;
}

/* The curve of a name, whole or its last part, or NULL. `same`: how many have that last part. */
static const char *find_curve(struct expression_parser *parser, const char *name, size_t *same)
{
    const char *const *names, *found = NULL;
    size_t count;
    *same = 0;
    if (!list_curves(parser, &names, &count)) return NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) return names[i];
        const char *dot = strchr(names[i], '.');
        if (!dot || strcmp(dot + 1, name) != 0) continue;
        found = names[i];
        ++*same;
    }
    return *same == 1 ? found : NULL;
}

static bool is_by_step(const char *curve)
{
    return strncmp(curve, "steps.", 6) == 0;
}

static struct expression *known_curve(struct expression_parser *parser, const char *place,
                                      const char *name)
{
    size_t same;
    const char *curve = find_curve(parser, name, &same);
    struct expression *node = curve ? parser_node(parser, NODE_CURVE, place) : NULL;
    if (!node) return NULL;
    node->curve = curve;
    node->type = is_by_step(curve) ? EXPRESSION_STEPS : EXPRESSION_CURVE;
    return node;
}

struct expression *parser_known(struct expression_parser *parser, const char *place, size_t length)
{
    const char *name = parser_copy(parser, place, length);
    if (!name || !length) return NULL;
    int column = table_column(parser->scope->table, name);
    if (column < 0 && basin_error_last()->status == BASIN_MEMORY) parser->status = BASIN_MEMORY;
    if (parser->status != BASIN_OK) return NULL;
    struct expression *node =
        column < 0 ? known_curve(parser, place, name) : parser_node(parser, NODE_COLUMN, place);
    if (!node) return NULL;
    if (column >= 0) node->type = EXPRESSION_NUMBER;
    node->column = column;
    node->end = node->place + length;
    return node;
}

static bool is_curve_name(const char *name)
{
    return strncmp(name, "curves.", 7) == 0 || strncmp(name, "steps.", 6) == 0 ||
           strncmp(name, "tracked.", 8) == 0;
}

/* Of a name "tracked.hessian_lambda", among whole names; of others among last parts. */
static const char *nearest_curve(struct expression_parser *parser, const char *name)
{
    const char *const *names, *best = NULL;
    size_t count, length = strlen(name);
    if (!list_curves(parser, &names, &count)) return NULL;
    int least = 2 + (int)length / 4;
    for (size_t i = 0; i < count; i++) {
        const char *dot = strchr(names[i], '.');
        const char *other = !is_curve_name(name) && dot ? dot + 1 : names[i];
        int distance = text_distance_within(name, other, least);
        if (distance >= least) continue;
        least = distance;
        best = names[i];
    }
    return best;
}

/* "curves.a, curves.b, ..." */
static void hint_curves(struct expression_parser *parser)
{
    enum { NAMED = 12 };
    struct text list = {0};
    const char *const *names;
    size_t count;
    if (list_curves(parser, &names, &count) && count) {
        for (size_t i = 0; i < count && i < NAMED; i++)
            text_format(&list, "%s%s", i ? ", " : "", names[i]);
        error_hint("there are %s%s", text_data(&list), count > NAMED ? ", ..." : "");
    }
    text_free(&list);
}

static void raise_no_curve(struct expression_parser *parser, const char *name)
{
    const char *nearest = nearest_curve(parser, name);
    error_raise(BASIN_USAGE, "no curve is named \"%s\"", name);
    if (nearest)
        error_hint("did you mean \"%s\"?", nearest);
    else
        hint_curves(parser);
}

/* The names that a number has where its measure has several options: "NAME_examples_100". */
static bool hint_options(const struct table *table, const char *name)
{
    enum { OPTIONS_NAMED = 4 };
    struct text list = {0};
    size_t length = strlen(name), count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const char *other = table->columns[i].name;
        const struct entry *measure;
        if (strncmp(other, name, length) != 0 || other[length] != '_') continue;
        const struct quantity *quantity = quantities_find(other, &measure);
        if (!quantity || strcmp(quantity->name, name) != 0) continue; /* a number of its own */
        if (count++ < OPTIONS_NAMED) text_format(&list, "%s%s", count > 1 ? ", " : "", other);
    }
    if (count)
        error_hint("its measure has several options: %s%s", text_data(&list),
                   count > OPTIONS_NAMED ? ", ..." : "");
    text_free(&list);
    return count > 0;
}

/* A name that some run could have, but none of these has. */
static bool raise_not_measured(const struct table *table, const char *name)
{
    const struct entry *measure;
    const struct quantity *quantity = quantities_find(name, &measure);
    if (!quantity) return false;
    error_raise(BASIN_USAGE, "no run here has the number \"%s\"", name);
    if (measure && hint_options(table, name)) return true;
    if (measure)
        error_hint("it comes from the measure %s: ask for it under `measures`", measure->name);
    else
        error_hint("`basin explain %s` says which runs have it", name);
    return true;
}

struct expression *parser_unknown(struct expression_parser *parser, const char *place,
                                  size_t length)
{
    size_t same;
    const char *name = parser_copy(parser, place, length);
    if (!name) return NULL;
    find_curve(parser, name, &same);
    if (parser->status != BASIN_OK) return NULL;
    if (same > 1) {
        error_raise(BASIN_USAGE, "\"%s\" is the name of %zu curves", name, same);
        error_hint("write the whole name, such as \"curves.%s\"", name);
        return parser_fail(parser, place, BASIN_USAGE);
    }
    if (is_curve_name(name)) {
        raise_no_curve(parser, name);
        return parser_fail(parser, place, BASIN_USAGE);
    }
    if (!parser->scope->label && raise_not_measured(parser->scope->table, name))
        return parser_fail(parser, place, BASIN_USAGE);
    const char *nearest = nearest_curve(parser, name);
    table_column(parser->scope->table, name); /* raises it */
    basin_status status = basin_error_last()->status;
    bool has_nearest = strncmp(basin_error_last()->hint, "did you mean", 12) == 0;
    if (!has_nearest && nearest && status == BASIN_USAGE)
        error_hint("did you mean \"%s\"?", nearest);
    else if (strncmp(basin_error_last()->hint, "the first line", 14) == 0 && !parser->scope->label)
        error_hint("numbers of runs are in results/REFERENCE.md, parameters in "
                   "experiments/REFERENCE.md; curves are named as in curves.train_loss");
    return parser_fail(parser, place, status);
}
