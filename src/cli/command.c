#include "cli/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "cli/report.h"
#include "cli/version.h"

#define X(name) &command_##name,
const struct command *const commands[] = {COMMANDS(X) NULL};
#undef X

static const struct option_row help_row = {.name = "help", .letter = 'h', .doc = "Show this page."};

bool option_given(const struct arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].name, name) == 0) return true;
    return false;
}

size_t option_values(const struct arguments *arguments, const char *name, const char **values)
{
    size_t count = 0;
    for (size_t i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].name, name) == 0)
            values[count++] = arguments->given[i].value;
    return count;
}

const char *option_value(const struct arguments *arguments, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].name, name) == 0) value = arguments->given[i].value;
    return value;
}

basin_status option_number(const struct arguments *arguments, const char *name, long most,
                           long *number)
{
    const char *value = option_value(arguments, name);
    char *end;
    *number = 0;
    if (!value) return BASIN_OK;
    errno = 0;
    *number = strtol(value, &end, 10);
    if (end != value && !*end && !errno && *number >= 1 && *number <= most) return BASIN_OK;
    return error_raise(BASIN_USAGE, "--%s takes a whole number from 1 to %ld, not \"%s\"", name,
                       most, value);
}

/* ---- help ---- */

static void print_option(struct text *out, const struct option_row *row)
{
    struct text left = {0};
    if (row->letter)
        text_format(&left, "-%c, ", row->letter);
    else
        text_append(&left, "    ");
    text_format(&left, "--%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
    text_format(out, "  %-24s %s\n", text_data(&left), row->doc);
    text_free(&left);
}

/* Line breaks in the source become blanks: lines are wrapped for the screen later. */
static void print_details(struct text *out, const char *details)
{
    text_append(out, "\n");
    for (size_t length; *details; details += length + (details[length] == '\n')) {
        length = strcspn(details, "\n");
        text_append_n(out, details, length);
        text_append(out, details[length] ? " " : "\n");
    }
}

static int print_help(const struct command *command)
{
    struct text out = {0};
    text_format(&out, "basin %s: %s\n\nUsage: basin %s%s%s\n", command->name, command->summary,
                command->name, *command->usage ? " " : "", command->usage);
    if (command->details) print_details(&out, command->details);
    text_append(&out, "\nOptions:\n");
    for (const struct option_row *row = command->options; row && row->name; row++)
        print_option(&out, row);
    print_option(&out, &help_row);
    text_append(&out, "\nExamples:\n");
    for (const char *const *example = command->examples; *example; example += 2)
        text_format(&out, "  %s\n      %s\n", example[0], example[1]);
    return report_prose(&out, 0);
}

static int print_global_help(void)
{
    struct text out = {0};
    text_append(&out, "basin: what makes a network generalise? It trains what a YAML study\n"
                      "describes, and leaves one HDF5 file for each run.\n\n"
                      "Usage: basin COMMAND [ARGUMENT]... [OPTION]...\n\nCommands:\n");
    for (const struct command *const *command = commands; *command; command++)
        text_format(&out, "  %-10s %s\n", (*command)->name, (*command)->summary);
    text_append(&out,
                "\n`basin COMMAND --help` shows the options and examples of a command; "
                "`basin --version` shows the build.\n"
                "To start: basin init study.yaml, then basin run study.yaml, then basin table "
                "results/study.\n");
    return report_prose(&out, 0);
}

/* ---- parsing ---- */

static int usage_error(const struct command *command)
{
    int status = report_last();
    report_message(command ? "See: basin %s --help" : "See: basin --help",
                   command ? command->name : "");
    return status;
}

static const struct command *find_command(const char *name)
{
    const char *names[32];
    size_t count = 0;
    for (; commands[count]; count++) {
        if (strcmp(commands[count]->name, name) == 0) return commands[count];
        names[count] = commands[count]->name;
    }
    const char *nearest = text_nearest(name, names, count);
    error_raise(BASIN_USAGE, "unknown command \"%s\"", name);
    if (nearest) error_hint("did you mean \"%s\"?", nearest);
    return NULL;
}

/* The tables of getopt_long, made from a command's rows. Value 256 + i stands for row i. */
struct getopt_tables {
    struct option long_options[OPTIONS_MOST + 2];
    char short_options[2 * OPTIONS_MOST + 8];
    const struct option_row *rows[OPTIONS_MOST + 1];
    size_t count;
};

static void add_row(struct getopt_tables *tables, const struct option_row *row)
{
    size_t length = strlen(tables->short_options);
    tables->rows[tables->count] = row;
    tables->long_options[tables->count] =
        (struct option){.name = row->name,
                        .has_arg = row->value ? required_argument : no_argument,
                        .val = 256 + (int)tables->count};
    tables->count++;
    if (row->letter)
        snprintf(tables->short_options + length, 3, "%c%s", row->letter, row->value ? ":" : "");
}

static const struct option_row *find_row(const struct getopt_tables *tables, int code)
{
    if (code >= 256) return tables->rows[code - 256];
    for (size_t i = 0; i < tables->count; i++)
        if (tables->rows[i]->letter == code) return tables->rows[i];
    return NULL;
}

static void raise_option(const struct getopt_tables *tables, int code, const char *word)
{
    const char *names[OPTIONS_MOST + 1];
    const struct option_row *row = optopt ? find_row(tables, optopt) : NULL;
    for (size_t i = 0; i < tables->count; i++) names[i] = tables->rows[i]->name;
    if (code == ':' && row) {
        error_raise(BASIN_USAGE, "option --%s needs a value, %s", row->name, row->value);
    } else if (row && !row->value) {
        error_raise(BASIN_USAGE, "option --%s takes no value", row->name);
    } else if (word[0] == '-' && word[1] != '-') {
        error_raise(BASIN_USAGE, "unknown option -%c", optopt);
    } else {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
        const char *nearest = text_nearest(name, names, tables->count);
        error_raise(BASIN_USAGE, "unknown option --%s", name);
        if (nearest) error_hint("did you mean --%s?", nearest);
    }
}

static basin_status command_parse(int count, char **words, const struct getopt_tables *tables,
                                  struct arguments *arguments)
{
    opterr = 0;
    optind = 1;
    for (int code; (code = getopt_long(count, words, tables->short_options, tables->long_options,
                                       NULL)) != -1;) {
        if (code == '?' || code == ':') {
            raise_option(tables, code, words[optind - 1]);
            return BASIN_USAGE;
        }
        arguments->given[arguments->given_count++] =
            (struct given){find_row(tables, code)->name, optarg};
    }
    arguments->positional = (const char *const *)words + optind;
    arguments->count = (size_t)(count - optind);
    return BASIN_OK;
}

static basin_status check_count(const struct command *command, size_t count)
{
    if (count < command->least)
        return error_raise(BASIN_USAGE, "too few arguments: basin %s %s", command->name,
                           command->usage);
    if (count > command->most)
        return error_raise(BASIN_USAGE, "too many arguments: basin %s %s", command->name,
                           command->usage);
    return BASIN_OK;
}

static int run_command(const struct command *command, int count, char **words, struct given *given)
{
    struct getopt_tables tables = {.short_options = ":"};
    struct arguments arguments = {.command = command, .given = given};
    for (const struct option_row *row = command->options; row && row->name; row++)
        add_row(&tables, row);
    add_row(&tables, &help_row);
    if (command_parse(count, words, &tables, &arguments) != BASIN_OK) return usage_error(command);
    if (option_given(&arguments, "help")) return print_help(command);
    if (check_count(command, arguments.count) != BASIN_OK) return usage_error(command);
    return command->run(&arguments);
}

int command_main(int count, char **words)
{
    if (count < 2) {
        error_raise(BASIN_USAGE, "no command given");
        return usage_error(NULL);
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0 ||
        strcmp(words[1], "help") == 0)
        return print_global_help();
    if (strcmp(words[1], "--version") == 0 || strcmp(words[1], "-V") == 0) return version_print();
    const struct command *command = find_command(words[1]);
    if (!command) return usage_error(NULL);
    struct given *given = memory_allocate((size_t)count * sizeof *given);
    if (!given) return report_last();
    int status = run_command(command, count - 1, words + 1, given);
    memory_free(given);
    return status;
}
