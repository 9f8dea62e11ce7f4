/* Table columns: which columns of a table are printed. */
#ifndef BASIN_CLI_TABLE_COLUMNS_H
#define BASIN_CLI_TABLE_COLUMNS_H

#include "cli/table_text.h"

/* `list`: the columns that were asked for, "a,b,c*", by name (table_column) or by pattern; NULL:
 * those that are usual for the task. `all`, for programs: all that vary or were measured, and what
 * people see inside other columns. Errors: BASIN_USAGE where a name is no column, or a pattern
 * matches none. */
basin_status table_select(const struct table *table, const char *list, bool all,
                          struct selection *selection);

/* For people: adds the column that says why a number is absent (table_text_note) where one that is
 * shown is. */
void table_select_note(const struct table *table, struct selection *selection);

#endif
