/* Where: the expressions of `basin table --where`.
 *
 *     expression  := term { "or" term }
 *     term        := factor { "and" factor }
 *     factor      := "not" factor | "(" expression ")" | comparison
 *     comparison  := COLUMN OPERATOR VALUE       OPERATOR: = == != < <= > >=
 *     VALUE       := number | true | false | null | word | 'text' | "text" | [list]
 *
 * A column may be written by the end of its dotted path (table_column). A comparison of unlike
 * kinds, of NaN or of what is absent is false, but for != (true) and = null (true where it is
 * absent or NaN).
 * Errors.  A column of numbers that is compared with a word, and what follows no rule: BASIN_USAGE
 * with the character (from 1) and what follows it. Everything lives in the table's arena.
 */
#ifndef BASIN_ANALYSIS_WHERE_H
#define BASIN_ANALYSIS_WHERE_H

#include "analysis/table.h"

struct where;

basin_status where_parse(const struct table *table, const char *expression, struct where **where);
bool where_holds(const struct where *where, const struct row *row);

/* Keeps the rows of the table for which the expression is true. */
basin_status where_filter(struct table *table, const char *expression);

#endif
