/* Columns: which values of a resolved spec are columns of a table, and which names are taken.
 *
 * Both the tables of results (analysis/table.h) and the check of an axis' own name (study/axes.h)
 * ask for this.
 */
#ifndef BASIN_RUN_COLUMNS_H
#define BASIN_RUN_COLUMNS_H

#include "spec/value.h"

/* Does a member of a resolved run's map change the numbers? Only then it is a parameter of tables.
 */
bool columns_has_parameter(const struct value *parent, const struct value *value);

/* Is this the name of a column that is not a parameter: of the run or its file, of a number of
 * /measures, of its standard deviation, or of whether it converged? */
bool columns_has_name(const char *name);

#endif
