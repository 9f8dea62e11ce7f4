/* Command: one row per command of `basin`; parsing, --help and did-you-mean follow from the rows.
 *
 * A command is one file src/cli/<name>.c with its options, examples and function. Functions return
 * the exit status and report errors through report.h.
 */
#ifndef BASIN_CLI_COMMAND_H
#define BASIN_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

struct option_row {
    const char *name;  /* "output": --output */
    char letter;       /* 'o': -o; 0 for none */
    const char *value; /* "DIR": takes a value; NULL for none */
    const char *doc;
};

enum { OPTIONS_MOST = 16 };

struct arguments {
    const struct command *command;
    const char *const *positional;
    size_t count;
    struct given {
        const char *name, *value;
    } * given; /* options in the order they were given */
    size_t given_count;
};

struct command {
    const char *name, *usage, *summary; /* usage: what follows the name, "SPEC [OPTION]..." */
    const char *details;                /* a paragraph or more for --help; may be NULL */
    size_t least, most;                 /* positional arguments */
    const struct option_row *options;   /* ends with a row without name; may be NULL */
    const char *const *examples; /* "command line" then what it does, in pairs; NULL at the end */
    int (*run)(const struct arguments *arguments);
};

/* Every command, in the order of the help page: one line each. */
/* clang-format off */
#define COMMANDS(X) \
    X(run) \
    X(plan) \
    X(check) \
    X(status) \
    X(watch) \
    X(table) \
    X(rank) \
    X(collect) \
    X(compare) \
    X(show) \
    X(measure) \
    X(report) \
    X(data) \
    X(export) \
    X(verify) \
    X(list) \
    X(explain) \
    X(schema) \
    X(init) \
    X(completion) \
/* the end */
/* clang-format on */

#define X(name) extern const struct command command_##name;
COMMANDS(X)
#undef X
extern const struct command *const commands[]; /* NULL at the end */

/* The whole program: argv as main gets it. */
int command_main(int count, char **words);

bool option_given(const struct arguments *arguments, const char *name);
const char *option_value(const struct arguments *arguments,
                         const char *name); /* the last one; NULL if absent */
/* Writes all values of a repeated option to `values` (room for given_count) and returns their
 * number. */
size_t option_values(const struct arguments *arguments, const char *name, const char **values);
/* A whole number from 1 to `most`; 0 if the option is absent. Errors: BASIN_USAGE. */
basin_status option_number(const struct arguments *arguments, const char *name, long most,
                           long *number);

#endif
