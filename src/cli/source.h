/* Source: the results that a command's argument means: a result file, a folder, a run's id, or a
 * spec, which stands for its own runs in the folder of its study. */
#ifndef BASIN_CLI_SOURCE_H
#define BASIN_CLI_SOURCE_H

#include "analysis/table.h"
#include "cli/command.h"

/* One source for each of `names`. Of a SPEC only its own runs are meant, in the folder that -o
 * names, or results/<study>; --set changes it as for `run`. Reports what is wrong; returns the exit
 * status. */
int source_find(const struct arguments *arguments, const char *const *names, size_t count,
                struct arena *arena, struct table_source *sources);

/* -o and --set are an error where no argument of the command is a spec; the exit status. */
int source_check_options(const struct arguments *arguments);

/* After table_load_runs: notes runs of a spec that have no result yet, and results in its folder
 * that are not of the spec. */
void source_notes(const char *const *names, const struct table_source *sources, size_t count);

/* The rows of -o and --set in the table of a command. */
#define SOURCE_OPTION_ROWS                                                                         \
    {"output", 'o', "DIR", "Of a SPEC: the results folder (default results/<study>)."},            \
    {                                                                                              \
        "set", 0, "KEY=VALUE", "Of a SPEC: override a value, as for run. May be repeated."         \
    }

#endif
