#include "analysis/where.h"

#include "analysis/expression.h"

static basin_status filter(struct table *table, struct expression_scope *scope,
                           const char *condition)
{
    const struct expression *expression;
    size_t kept = 0;
    TRY(expression_condition(scope, condition, &expression));
    for (size_t i = 0; i < table->row_count; i++) {
        bool holds;
        TRY(expression_holds(scope, expression, &table->rows[i], &holds));
        if (holds) table->rows[kept++] = table->rows[i];
    }
    table->row_count = kept;
    return BASIN_OK;
}

basin_status where_filter(struct table *table, const char *condition)
{
    struct expression_scope scope = {.table = table, .label = "--where"};
    TRY(curve_source_open(table, &scope.curves));
    basin_status status = filter(table, &scope, condition);
    curve_source_close(scope.curves);
    return status;
}
