/* Table data: a table as programs read it, every number whole. */
#ifndef BASIN_CLI_TABLE_DATA_H
#define BASIN_CLI_TABLE_DATA_H

#include "cli/table_text.h"

/* `named` has no effect: no legend stands below (table_text). */
basin_status table_json(const struct table *table, const struct selection *selection, bool named,
                        struct text *out);
basin_status table_csv(const struct table *table, const struct selection *selection, bool named,
                       struct text *out);

void table_data_cell(struct text *out, const struct cell *cell); /* as JSON */

#endif
