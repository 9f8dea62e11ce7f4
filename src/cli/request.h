/* Request: opening a study as the command line asks for it; shared by run, plan and check. */
#ifndef BASIN_CLI_REQUEST_H
#define BASIN_CLI_REQUEST_H

#include "cli/command.h"
#include "study/open.h"

enum { REQUEST_JOBS_MOST = 4096 };

/* Opens `spec` with the options --output and --set; reports what is wrong. Returns the exit status;
 * the caller closes the study in any case. */
int request_study(const struct arguments *arguments, const char *spec, bool look,
                  struct study **study);

/* --time-limit in seconds; 0: none. */
basin_status request_time(const struct arguments *arguments, double *seconds);

/* The limit of --memory in bytes: "4G", "500M" (powers of 1024), or "80%" of what is available; the
 * default is 80%. `study` NULL: before its data are opened. */
basin_status request_memory(const struct arguments *arguments, const struct study *study,
                            double *bytes);

/* Appends `word` as a shell reads it back: in single quotes where it has to be, and as $'\\x1b'
 * (bash, zsh, ksh) where it has characters that a terminal obeys or nobody sees. */
void request_quote(struct text *out, const char *word);

/* Appends options that a journal holds, " --set a=b -j 2", read as a shell reads them and quoted
 * anew: anybody who can write to the folder could have written the line. Only the options that
 * request_options writes `of_study` are taken; false, and nothing is appended, where there is
 * anything else. */
bool request_put_arguments(struct text *out, const char *arguments);

/* Appends the given options that a command which resumes the study must repeat, beside the spec and
 * -o, each after a blank. `of_study`: without those that concern one call only, such as --shard,
 * --force, --retry and limits. */
void request_options(const struct arguments *arguments, bool of_study, struct text *out);

/* "48 runs", "12 of 48 runs (shard 2/4)" */
void request_count(const struct study *study, struct text *out);

/* "data: 20 training and 10 test examples of ...", a line for each of the first few data sets of
 * the study, each after `indent`. */
void request_data(const struct study *study, const char *indent, struct text *out);

/* Notes and warnings about the study: its data, merged runs, damaged files, failures, crashes. */
void request_warn(const struct study *study);
void request_warn_of_journals(const struct journal_skipped *skipped); /* that cannot be read */

bool request_is_spec(const char *name); /* is it a YAML file, by its name? */

/* Where the results of `name` are: for a spec, the default folder of `run`; anything else is
 * returned as it is. */
const char *request_folder(const char *name, struct arena *arena);

#endif
