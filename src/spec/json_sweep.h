/* Sweeps as JSON Schema: which paths can be swept, and what stands at each.
 *
 * What a path may be is one definition, "#/definitions/PATH", which grids, lists, draws and
 * conditions refer to.
 */
#ifndef BASIN_SPEC_JSON_SWEEP_H
#define BASIN_SPEC_JSON_SWEEP_H

#include "spec/json_rows.h"

void json_schema_definitions(struct json_writer *root, const struct schema_row *schema);
void json_schema_sweep(struct json_writer *properties); /* the key `sweep` of the root */

#endif
