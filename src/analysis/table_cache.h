/* Rows of a table that were read before: what table_load finds in a result, by folder/cache.h.
 *
 * A row is its cells and, for each, the column that it is in. A column is more than a name: what a
 * file says of it (units, measure, row of the schema) becomes part of it when the file is read. So
 * a row is taken from the cache only where every column that it needs has been made, in the same
 * way, by a file that was read in full; the table is then the same, column by column, as without a
 * cache.
 */
#ifndef BASIN_ANALYSIS_TABLE_CACHE_H
#define BASIN_ANALYSIS_TABLE_CACHE_H

#include "analysis/table.h"

struct table_cache;

/* `names`: what the folder's study called its axes, on which its rows depend. */
basin_status table_cache_open(struct table *table, const char *folder, const char *const *names,
                              size_t name_count, struct table_cache **cache);
void table_cache_close(struct table_cache *cache);

/* `*known` false: it is not there, and the file is to be read. */
basin_status table_cache_take(struct table_cache *cache, const char *file, struct row *row,
                              bool *known);
/* The row of the file that was asked for last, just read. */
void table_cache_keep(struct table_cache *cache, const struct row *row);

#endif
