/* The claims of a study where commands print them: at the end of `run`, in `status`, and as a
 * table. */
#ifndef BASIN_CLI_CLAIMS_H
#define BASIN_CLI_CLAIMS_H

#include "analysis/claims_study.h"
#include "cli/command.h"

/* Prints what came out as messages; the number of claims that fail. -1: an error was reported. */
int claims_report(const struct study *study);

/* Of each argument of a command: of a spec what it says now, and its own runs; of a folder what was
 * run there last. `studies` and `results` have one for each argument; claims_close releases the
 * studies after the last use of the results, also after an error. The exit status. */
int claims_find(const struct arguments *arguments, struct arena *arena, struct study **studies,
                struct claims_result *results);
void claims_close(struct study **studies, size_t count);

/* Of a spec's study, or where `study` is NULL of a folder. As text, or as a JSON array. */
basin_status claims_put(const struct study *study, const char *folder, bool json, struct text *out);

#endif
