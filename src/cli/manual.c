/* The manual page basin(1): what --help of every command says, as man(7). */
#include <ctype.h>
#include <string.h>
#include "cli/completion_words.h"
#include "run/provenance.h"

/* Words of the page: a backslash, a hyphen that is a minus, and a dot or quote that would begin a
 * request are written as roff wants them. Line breaks become blanks. */
static void put_roff(struct text *out, const char *words)
{
    if (*words == '.' || *words == '\'') text_append(out, "\\&");
    for (; *words; words++) {
        if (*words == '\\')
            text_append(out, "\\e");
        else if (*words == '-')
            text_append(out, "\\-");
        else if (*words == '\'')
            text_append(out, "\\(aq");
        else if (*words == '`')
            text_append(out, "\\(ga");
        else if (*words == '~')
            text_append(out, "\\(ti");
        else if (*words == '^')
            text_append(out, "\\(ha");
        else if (*words == '"')
            text_append(out, "\\(dq");
        else
            text_append_n(out, *words == '\n' ? " " : words, 1);
    }
}

static void put_paragraph(struct text *out, const char *words)
{
    text_append(out, ".PP\n");
    put_roff(out, words);
    text_append(out, "\n");
}

/* ".TP", then "-o, --output DIR", then what it does. */
static void manual_option(struct text *out, const struct option_row *row)
{
    text_append(out, ".TP\n");
    if (row->letter) text_format(out, "\\fB\\-%c\\fR, ", row->letter);
    text_append(out, "\\fB\\-\\-");
    put_roff(out, row->name);
    text_append(out, "\\fR");
    if (row->value) {
        text_append(out, " \\fI");
        put_roff(out, row->value);
        text_append(out, "\\fR");
    }
    text_append(out, "\n");
    put_roff(out, row->doc);
    text_append(out, "\n");
}

static void manual_command(struct text *out, const struct command *command)
{
    text_format(out, ".SS \"basin %s", command->name);
    if (*command->usage) text_append(out, " ");
    put_roff(out, command->usage);
    text_append(out, "\"\n");
    char first = (char)toupper((unsigned char)command->summary[0]);
    text_append_n(out, &first, 1);
    put_roff(out, command->summary + 1);
    text_append(out, ".\n");
    if (command->details) put_paragraph(out, command->details);
    for (const struct option_row *row = command->options; row && row->name; row++)
        manual_option(out, row);
    for (const char *const *example = command->examples; example && *example; example += 2) {
        text_append(out, ".TP\n.B ");
        put_roff(out, example[0]);
        text_append(out, "\n");
        put_roff(out, example[1]);
        text_append(out, "\n");
    }
}

static const char *const exits[][2] = {
    {"0", "every run is done, or the answer is yes"},
    {"1", "some run failed, or a result fails verification or differs"},
    {"2", "a wrong spec or command line"},
    {"3", "the environment: a file, memory or disk"},
    {"130, 143", "interrupted by a signal, after a checkpoint"}};

static const char *const environment[][2] = {
    {"NO_COLOR", "where it is set and not empty there are no colours"},
    {"COLUMNS", "how wide output is, instead of what the terminal says"}};

static void put_pairs(struct text *out, const char *const (*pairs)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_append(out, ".TP\n.B ");
        put_roff(out, pairs[i][0]);
        text_append(out, "\n");
        put_roff(out, pairs[i][1]);
        text_append(out, "\n");
    }
}

basin_status completion_man(struct text *out)
{
    text_format(out, ".TH BASIN 1 \"\" \"basin %s\" \"User Commands\"\n", provenance_version());
    text_append(out, ".SH NAME\nbasin \\- what makes a network generalise?\n.SH SYNOPSIS\n"
                     ".B basin\n.I COMMAND\n[\\fIARGUMENT\\fR]... [\\fIOPTION\\fR]...\n"
                     ".SH DESCRIPTION\nBasin trains what a YAML study describes, and leaves one "
                     "HDF5 file for each run.\n.SH COMMANDS\n");
    for (const struct command *const *command = commands; *command; command++)
        manual_command(out, *command);
    text_append(out, ".SH \"EXIT STATUS\"\n");
    put_pairs(out, exits, sizeof exits / sizeof *exits);
    text_append(out, ".SH ENVIRONMENT\n");
    put_pairs(out, environment, sizeof environment / sizeof *environment);
    return text_status(out);
}
