/* The claims of a study where commands print them: at the end of `run`, in `status`, and as a
 * table. */
#ifndef BASIN_CLI_CLAIMS_H
#define BASIN_CLI_CLAIMS_H

#include "analysis/claims_study.h"

/* Prints what came out as messages; the number of claims that fail. -1: an error was reported. */
int claims_report(const struct study *study);

/* Of a spec's study, or where `study` is NULL of a folder. As text, or as a JSON array. */
basin_status claims_put(const struct study *study, const char *folder, bool json, struct text *out);

#endif
