/* Names of axes, for tables and plots. */
#ifndef BASIN_SPEC_SWEEP_NAMES_H
#define BASIN_SPEC_SWEEP_NAMES_H

#include "spec/sweep_space.h"

/* What `names` says of the axes. */
basin_status sweep_names_read(const struct sweep_reader *reader, const struct tree_member *sweep);

#endif
