/* State: what a component is between two steps, written to a record and read back by one list of
 * fields.
 *
 *     basin_status thing_state(struct thing *thing, struct state *state)
 *     {
 *         TRY(state_integer(state, "step", &thing->step));
 *         return state_array(state, "w", RECORD_FLOAT32, thing->size, thing->w);
 *     }
 *
 * With `save` the fields are written to /state/<prefix><name> of the record; otherwise they are
 * read from there. The same code does both, so nothing can be saved that is not restored, or the
 * other way round. Every bit is kept.
 *
 * Errors.  BASIN_DATA where a record that is read lacks a field, or has it in another type or size.
 */
#ifndef BASIN_BASE_STATE_H
#define BASIN_BASE_STATE_H

#include <stdbool.h>
#include "base/record.h"

struct state {
    struct record *record;
    const char *prefix; /* "" or ending in a slash */
    bool save;
};

basin_status state_array(struct state *state, const char *name, enum record_type type, size_t count,
                         void *data);
/* Does the record that is read have `count` elements there? Asked before room is made for them. */
basin_status state_holds(const struct state *state, const char *name, size_t count);
basin_status state_integer(struct state *state, const char *name, int64_t *value);
basin_status state_float(struct state *state, const char *name, double *value);
/* A text that lives in `arena` once it is read; NULL is "". */
basin_status state_text(struct state *state, const char *name, struct arena *arena,
                        const char **value);

#endif
