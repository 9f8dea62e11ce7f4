/* Table notes: what the numbers of a table do not say, as messages on stderr. */
#ifndef BASIN_CLI_TABLE_NOTES_H
#define BASIN_CLI_TABLE_NOTES_H

#include "cli/table_text.h"

/* Means over fewer runs than their row counts, and numbers that were measured with other options;
 * `hidden`: also parameters in which rows of means differ and which no column shows. */
basin_status table_notes(const struct table *table, const struct selection *selection, bool hidden);

#endif
