/* Request: opening a study as the command line asks for it; shared by run, plan and check. */
#ifndef BASIN_CLI_REQUEST_H
#define BASIN_CLI_REQUEST_H

#include "cli/command.h"
#include "study/study.h"

enum { REQUEST_JOBS_MOST = 4096 };

/* Opens `spec` with the options --output and --set; reports what is wrong. Returns the exit status; the caller closes
 * the study in any case. */
int request_study(const struct arguments *arguments, const char *spec, bool look, struct study **study);

/* Messages about runs that were merged and files that do not hold. */
void request_warn(const struct study *study);

#endif
