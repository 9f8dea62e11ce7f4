/* Axes: what a table of the spec cannot say of a sweep, since it depends on the rooms above.
 *
 * A measure that is taken at the end of a run only does not change the run: sweeping its options
 * would train one run and measure it once. A name that an axis has by `sweep.names` and another
 * column too would make tables and --where look at one for the other.
 */
#ifndef BASIN_STUDY_AXES_H
#define BASIN_STUDY_AXES_H

#include "spec/spec.h"

/* Checks every axis against run `index`, resolved as `value`. reported[axis]: its mistake is among
 * the diagnostics, once for all runs. BASIN_SPEC where one is wrong. */
basin_status axes_check(const struct spec *spec, struct diagnostics *diagnostics, size_t index,
                        const struct value *value, bool *reported);

#endif
