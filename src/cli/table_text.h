/* Table text: a table as people read it: aligned columns, and below them what the signs mean. */
#ifndef BASIN_CLI_TABLE_TEXT_H
#define BASIN_CLI_TABLE_TEXT_H

#include "analysis/table.h"
#include "base/text.h"
#include "cli/print.h"

/* The columns to print, in this order. */
struct selection {
    int *columns;
    size_t count;
};

bool selection_has(const struct selection *selection, size_t column);

/* `named`: the columns are those that were asked for; otherwise those that are left out are named
 * below. */
basin_status table_text(const struct table *table, const struct selection *selection, bool named,
                        struct text *out);

/* Its parts: the cells, the header first; and what stands below, a line each. */
basin_status table_text_grid(const struct table *table, const struct selection *selection,
                             struct grid *grid);
void table_text_legend(const struct table *table, const struct selection *selection, bool named,
                       struct text *out);

/* The column of an across-measure that says why a number of a row is absent; -1: none. Its cells
 * are numbers in a text, and the notes stand below. */
int table_text_note(const struct table *table);

/* Are all rows equal in a column? */
bool table_text_is_constant(const struct table *table, int column);

#endif
