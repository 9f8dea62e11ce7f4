#include "analysis/kendall.h"
#include "analysis/expression.h"

#include <math.h>
#include <string.h>
#include "analysis/expression_node.h"
#include "base/list.h"

/* Where an expression is evaluated: for a run; inside a reduction, at an epoch of its curves. */
struct site {
    const struct expression_scope *scope;
    const struct row *row;
    const struct row *const *rows; /* (count) of tau */
    size_t count;
    double epoch; /* or step */
    const struct run_curves *curves;
    basin_status status;
};

static double evaluate_node(struct site *site, const struct expression *node);

static bool failed(struct site *site, basin_status status)
{
    if (site->status == BASIN_OK) site->status = status;
    return site->status != BASIN_OK;
}

/* ---- curves ---- */

static const struct run_curve *curve_of(struct site *site, const char *name)
{
    if (!site->curves &&
        failed(site, curve_source_of(site->scope->curves, site->row, &site->curves)))
        return NULL;
    return site->curves ? curves_find(site->curves, name) : NULL;
}

/* Axes ascend. */
static double curve_at(const struct run_curve *curve, double epoch)
{
    size_t low = 0, high = curve->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (curve->epochs[middle] < epoch)
            low = middle + 1;
        else
            high = middle;
    }
    return low < curve->count && curve->epochs[low] == epoch ? curve->values[low] : NAN;
}

static bool is_reduction(const struct expression *node)
{
    return node->function && node->function->kind == FUNCTION_REDUCTION;
}

/* Curves that the argument of a reduction names; those inside another reduction are that one's. */
static size_t collect_curves(struct site *site, const struct expression *node,
                             const struct run_curve **curves, size_t most, size_t count)
{
    if (node->kind == NODE_CURVE && count < most) {
        curves[count] = curve_of(site, node->curve);
        return count + 1;
    }
    for (int i = 0; i < node->argument_count && !is_reduction(node); i++)
        count = collect_curves(site, node->arguments[i], curves, most, count);
    return count;
}

/* Where the run ended, on the axis of epochs or that of steps. */
static double run_end(const struct run_curves *curves, bool by_step)
{
    double end = 0;
    for (size_t i = 0; i < curves->count; i++) {
        const struct run_curve *curve = &curves->items[i];
        if (curve->by_step == by_step && curve->count && curve->epochs[curve->count - 1] > end)
            end = curve->epochs[curve->count - 1];
    }
    return end;
}

struct part {
    double low, high;
    bool last_only; /* of the points between, the last one */
};

/* 0.1 of 30 epochs is epoch 3, whatever the rounding of 0.1 * 30. */
static struct part bounds_of(const struct expression *call, double end)
{
    const struct expression_bound *from = &call->from, *to = &call->to, *at = &call->at;
    double slack = 1e-9 * end;
    struct part part = {-INFINITY, INFINITY, false};
    if (from->given) part.low = from->fraction ? from->value * end - slack : from->value;
    if (to->given) part.high = to->fraction ? to->value * end + slack : to->value;
    if (at->given && at->fraction)
        part = (struct part){-INFINITY, at->value * end + slack, true};
    else if (at->given)
        part = (struct part){at->value, at->value, false};
    return part;
}

enum { CURVES_MOST = 32 }; /* in one reduction; the depth of expressions allows few more */

/* The values of the argument at the points that all its curves have and that are in the part. NaN
 * in a file is no point: an epoch that was not evaluated, or one after a divergence. */
static size_t gather(struct site *site, const struct expression *call, struct part part,
                     const struct run_curve *const *curves, size_t curve_count, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < curves[0]->count; i++) {
        double epoch = curves[0]->epochs[i];
        bool is_shared = epoch >= part.low && epoch <= part.high;
        for (size_t k = 0; k < curve_count && is_shared; k++)
            is_shared = !isnan(curve_at(curves[k], epoch));
        if (!is_shared) continue;
        site->epoch = epoch;
        values[count++] = evaluate_node(site, call->arguments[0]);
    }
    return count;
}

static double reduce(struct site *site, const struct expression *call)
{
    const struct run_curve *curves[CURVES_MOST];
    size_t count = collect_curves(site, call->arguments[0], curves, CURVES_MOST, 0);
    if (site->status != BASIN_OK || !count) return NAN;
    for (size_t i = 0; i < count; i++)
        if (!curves[i]) return NAN;
    double *values = memory_allocate((curves[0]->count + 1) * sizeof *values), outer = site->epoch;
    if (!values) {
        failed(site, BASIN_MEMORY);
        return NAN;
    }
    struct part part = bounds_of(call, run_end(site->curves, curves[0]->by_step));
    size_t points = gather(site, call, part, curves, count, values);
    double result = NAN;
    if (points && part.last_only)
        result = values[points - 1];
    else if (points)
        result = call->function->of(values, points);
    memory_free(values);
    site->epoch = outer;
    return result;
}

/* ---- over runs ---- */

static double over_runs(struct site *site, const struct expression *call)
{
    double *a = memory_allocate((5 * site->count + 1) * sizeof *a), *b = a + site->count;
    size_t pairs = 0;
    struct site inner = *site;
    if (!a) {
        failed(site, BASIN_MEMORY);
        return NAN;
    }
    for (size_t i = 0; i < site->count && inner.status == BASIN_OK; i++) {
        inner.row = site->rows[i];
        inner.curves = NULL;
        a[pairs] = evaluate_node(&inner, call->arguments[0]);
        b[pairs] = evaluate_node(&inner, call->arguments[1]);
        pairs += isfinite(a[pairs]) && isfinite(b[pairs]);
    }
    double tau = kendall_tau(a, b, pairs, b + site->count);
    memory_free(a);
    return failed(site, inner.status) ? NAN : tau;
}

/* ---- numbers ---- */

static double call_function(struct site *site, const struct expression *node)
{
    double x[EXPRESSION_ARGUMENTS];
    if (node->function->kind == FUNCTION_REDUCTION) return reduce(site, node);
    if (node->function->kind == FUNCTION_OVER_RUNS) return over_runs(site, node);
    for (int i = 0; i < node->argument_count; i++) x[i] = evaluate_node(site, node->arguments[i]);
    return node->function->of(x, (size_t)node->argument_count);
}

static double evaluate_node(struct site *site, const struct expression *node)
{
    const struct run_curve *curve;
    switch (node->kind) {
    case NODE_NUMBER:
        return node->number;
    case NODE_COLUMN:
        return site->row->cells[node->column].kind == CELL_NUMBER
                   ? site->row->cells[node->column].number
                   : NAN;
    case NODE_CURVE:
        curve = curve_of(site, node->curve);
        return curve ? curve_at(curve, site->epoch) : NAN;
    case NODE_CALL:
        return call_function(site, node);
    default:
        return NAN;
    }
}

/* ---- conditions ---- */

/* Of a swept block: is `text` what the table prints of it, "{type: sgd, momentum: 0.9}", or the
 * name of its variant, "sgd"? */
static bool expression_says(const struct cell *cell, const char *text)
{
    static const char type[] = "{type: ";
    const char *brief = cell->brief ? cell->brief : "";
    size_t length = strlen(text), before = strlen(type);
    if (strcmp(brief, text) == 0) return true;
    return strncmp(brief, type, before) == 0 && strncmp(brief + before, text, length) == 0 &&
           strchr(",}", brief[before + length]);
}

static bool compare_cells(enum relation relation, const struct cell *cell, const struct cell *other)
{
    if (cell->kind == CELL_LIST && other->kind == CELL_TEXT)
        return relation == EQUAL ? expression_says(cell, other->text)
                                 : relation == DIFFERENT && !expression_says(cell, other->text);
    bool same_null = cell_is_null(cell) && cell_is_null(other);
    bool comparable = !cell_is_null(cell) && cell->kind == other->kind;
    int order = comparable ? cell_compare(cell, other) : 1;
    switch (relation) {
    case EQUAL:
        return same_null || (comparable && order == 0);
    case DIFFERENT:
        return !same_null && !(comparable && order == 0);
    case LESS:
        return comparable && order < 0;
    case LESS_EQUAL:
        return comparable && order <= 0;
    case GREATER:
        return comparable && order > 0;
    case GREATER_EQUAL:
        return comparable && order >= 0;
    }
    return false;
}

static struct cell side_of(struct site *site, const struct expression *node)
{
    if (node->kind == NODE_COLUMN) return site->row->cells[node->column];
    return (struct cell){.kind = CELL_NUMBER, .number = evaluate_node(site, node)};
}

static bool holds_comparison(struct site *site, const struct expression *node)
{
    struct cell left = side_of(site, node->arguments[0]);
    if (node->has_literal) return compare_cells(node->relation, &left, &node->literal);
    struct cell right = side_of(site, node->arguments[1]);
    if (cell_is_null(&left) || cell_is_null(&right)) return node->relation == DIFFERENT;
    return compare_cells(node->relation, &left, &right);
}

static bool logic_holds(struct site *site, const struct expression *node)
{
    const struct expression *const *sides = node->arguments;
    switch (node->kind) {
    case NODE_OR:
        return logic_holds(site, sides[0]) || logic_holds(site, sides[1]);
    case NODE_AND:
        return logic_holds(site, sides[0]) && logic_holds(site, sides[1]);
    case NODE_NOT:
        return !logic_holds(site, sides[0]);
    case NODE_COMPARISON:
        return holds_comparison(site, node);
    default:
        return false;
    }
}

/* ---- for the rooms above ---- */

enum expression_type expression_type(const struct expression *expression)
{
    return expression->type;
}

bool expression_names(const struct expression *expression, int column)
{
    if (expression->kind == NODE_COLUMN) return expression->column == column;
    for (int i = 0; i < expression->argument_count; i++)
        if (expression_names(expression->arguments[i], column)) return true;
    return false;
}

basin_status expression_value(const struct expression_scope *scope,
                              const struct expression *expression, const struct row *row,
                              double *value)
{
    struct site site = {.scope = scope, .row = row};
    *value = evaluate_node(&site, expression);
    return site.status;
}

basin_status expression_holds(const struct expression_scope *scope,
                              const struct expression *expression, const struct row *row, bool *out)
{
    struct site site = {.scope = scope, .row = row};
    *out = logic_holds(&site, expression);
    return site.status;
}

basin_status expression_over(const struct expression_scope *scope,
                             const struct expression *expression, const struct row *const *rows,
                             size_t count, double *value)
{
    struct site site = {.scope = scope, .rows = rows, .count = count};
    *value = evaluate_node(&site, expression);
    return site.status;
}
