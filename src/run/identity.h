/* Identity: what a resolved spec takes from its data, and the id of the run.
 *
 * Purpose.  Some defaults depend on the data, and the digests of the data are part of a run's id.
 * Both are settled here, before anything else looks at the run. The rules of the id itself are in
 * spec/spec.h (spec_identity).
 */
#ifndef BASIN_RUN_IDENTITY_H
#define BASIN_RUN_IDENTITY_H

#include "data/data.h"
#include "run/schema.h"

/* Sets what depends on the data: the loss of a regression is `mse`, and "3 epochs" of what counts
 * steps are so many steps. */
void identity_derive(struct value *spec, const struct data_info *info);

/* The id of a resolved run on its data, after identity_derive. `settings` are those of the spec. A
 * run whose spec now means other numbers than it meant to earlier versions has another id than they
 * gave it; all others keep theirs. */
basin_status identity_of_run(const struct value *spec, const struct run_settings *settings,
                             const struct data *data, char id[17]);
/* The one that earlier versions gave it. */
basin_status identity_of_former(const struct value *spec, const struct data *data, char id[17]);

#endif
