/* Defaults: the resolved value of each row's default, by row: a hash table in an arena.
 *
 * A default is resolved once and then shared by all runs of a spec.
 */
#ifndef BASIN_SPEC_DEFAULTS_H
#define BASIN_SPEC_DEFAULTS_H

#include "spec/schema.h"
#include "spec/value.h"

struct defaults;

basin_status defaults_create(struct arena *arena, struct defaults **defaults);
struct value *defaults_find(const struct defaults *defaults,
                            const struct schema_row *row); /* NULL */
basin_status defaults_keep(struct defaults *defaults, const struct schema_row *row,
                           struct value *value);

#endif
