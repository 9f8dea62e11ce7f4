/* Names: every table of things that a user can name, in a spec or on the command line. */
#ifndef BASIN_CLI_NAMES_H
#define BASIN_CLI_NAMES_H

#include "spec/schema.h"

/* Those of a spec (run/schema.h), then the measures over runs; NULL at the end. */
const struct registry *const *named_registries(void);

#endif
