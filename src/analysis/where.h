/* Where: the conditions of `basin table --where`, in the language of analysis/expression.h.
 *
 * Errors.  What follows no rule, and a column of numbers that is compared with a word: BASIN_USAGE
 * with the character (from 1) and what follows it. Everything lives in the table's arena.
 */
#ifndef BASIN_ANALYSIS_WHERE_H
#define BASIN_ANALYSIS_WHERE_H

#include "analysis/table.h"

/* Keeps the rows of the table for which the condition is true. Curves are read from the files of
 * the rows. */
basin_status where_filter(struct table *table, const char *condition);

#endif
