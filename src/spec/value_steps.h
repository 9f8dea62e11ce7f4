/* Steps: values that count steps and were given in epochs ("every: 30 epochs"). How many steps an
 * epoch has is known only with the data. */
#ifndef BASIN_SPEC_VALUE_STEPS_H
#define BASIN_SPEC_VALUE_STEPS_H

#include "spec/value.h"

/* Turns all that is given in epochs into steps, of which an epoch has so many; a part of a step
 * counts as one. */
void value_count_steps(struct value *run, int64_t steps_per_epoch);
bool value_has_epochs(const struct value *run); /* is there anything to turn? */

#endif
