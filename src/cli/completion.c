#include <string.h>
#include "cli/command.h"
#include "cli/completion_words.h"
#include "cli/report.h"

static const struct option_row completion_help = {"help", 'h', NULL, "Show this page."};

/* ---- bash ---- */

/* "--output -o ", each option of a command. */
static void put_options(const struct command *command, struct text *out)
{
    for (const struct option_row *row = command->options; row && row->name; row++) {
        text_format(out, "--%s ", row->name);
        if (row->letter) text_format(out, "-%c ", row->letter);
    }
    text_append(out, "--help -h");
}

/* "            --output | -o) files -d ;;" */
static void bash_value(const struct command *command, const struct option_row *row,
                       struct text *out)
{
    struct text words = {0};
    if (!row->value) return;
    text_format(out, "                --%s", row->name);
    if (row->letter) text_format(out, " | -%c", row->letter);
    if (completion_is_folder(row))
        text_append(out, ") _basin_paths -d ;;\n");
    else if (completion_is_file(row))
        text_append(out, ") _basin_paths -f ;;\n");
    else if (completion_values(command, row, &words))
        text_format(out, ") _basin_words '%s' ;;\n", text_data(&words));
    else
        text_append(out, ") ;;\n"); /* a value that nobody but the user knows */
    out->failed = out->failed || words.failed;
    text_free(&words);
}

static void bash_command(const struct command *command, struct text *out)
{
    struct text words = {0};
    text_format(out, "        %s)\n            options='", command->name);
    put_options(command, out);
    text_append(out, "'\n            case $previous in\n");
    for (const struct option_row *row = command->options; row && row->name; row++)
        bash_value(command, row, out);
    text_append(out, "                *) _basin_rest \"$options\"");
    if (completion_arguments(command, &words)) text_format(out, " '%s'", text_data(&words));
    text_append(out, " ;;\n            esac\n            ;;\n");
    out->failed = out->failed || words.failed;
    text_free(&words);
}

basin_status completion_bash(struct text *out)
{
    text_append(out, "# Completion of basin for bash, made by `basin completion bash`.\n"
                     "_basin_words()\n{\n"
                     "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\")\n}\n\n"
                     "_basin_paths()\n{\n"
                     "    compopt -o filenames 2> /dev/null\n"
                     "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$current\")\n}\n\n"
                     "# Options behind a dash; else the words of the command, or paths.\n"
                     "_basin_rest()\n{\n"
                     "    if [[ $current == -* ]]; then\n        _basin_words \"$1\"\n"
                     "    elif [[ $# -gt 1 ]]; then\n        _basin_words \"$2\"\n"
                     "    else\n        _basin_paths -f\n    fi\n}\n\n"
                     "_basin()\n{\n    local current=${COMP_WORDS[COMP_CWORD]} options\n"
                     "    local previous=${COMP_WORDS[COMP_CWORD - 1]}\n    COMPREPLY=()\n"
                     "    # bash takes --format=csv for three words\n"
                     "    [[ $current == = ]] && current=\n"
                     "    [[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
                     "    if [[ $COMP_CWORD -eq 1 ]]; then\n        _basin_words '");
    for (const struct command *const *command = commands; *command; command++)
        text_format(out, "%s ", (*command)->name);
    text_append(out, "--help --version'\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (const struct command *const *command = commands; *command; command++)
        bash_command(*command, out);
    text_append(out, "    esac\n}\n\ncomplete -F _basin basin\n");
    return text_status(out);
}

/* ---- zsh ---- */

/* Inside '...' of a specification: a quote ends it, and ':', '[' and ']' have a meaning. */
static void zsh_words(struct text *out, const char *words)
{
    for (; *words; words++) {
        if (*words == '\'')
            text_append(out, "'\\''");
        else if (strchr(":[]\\", *words))
            text_format(out, "\\%c", *words);
        else
            text_append_n(out, words, 1);
    }
}

/* A specification of _arguments: '*--set[doc]:KEY=VALUE:'; every option may come again. */
static void zsh_option(const struct command *command, const struct option_row *row, bool letter,
                       struct text *out)
{
    struct text words = {0};
    text_append(out, letter ? " \\\n                '*-" : " \\\n                '*--");
    if (letter)
        text_append_n(out, &row->letter, 1);
    else
        text_format(out, "%s%s", row->name, row->value ? "=" : "");
    text_append(out, "[");
    zsh_words(out, row->doc);
    text_append(out, "]");
    if (row->value) {
        text_append(out, ":");
        zsh_words(out, row->value);
        if (completion_is_folder(row))
            text_append(out, ":_files -/");
        else if (completion_is_file(row))
            text_append(out, ":_files");
        else if (completion_values(command, row, &words))
            text_format(out, ":(%s)", text_data(&words));
        else
            text_append(out, ": ");
    }
    text_append(out, "'");
    out->failed = out->failed || words.failed;
    text_free(&words);
}

static void zsh_command(const struct command *command, struct text *out)
{
    struct text words = {0};
    text_format(out, "        %s)\n            _arguments", command->name);
    for (const struct option_row *row = command->options; row && row->name; row++) {
        zsh_option(command, row, false, out);
        if (row->letter) zsh_option(command, row, true, out);
    }
    zsh_option(command, &completion_help, false, out);
    if (completion_arguments(command, &words))
        text_format(out, " \\\n                '*:argument:(%s)'\n            ;;\n",
                    text_data(&words));
    else
        text_append(out, " \\\n                '*:argument:_files'\n            ;;\n");
    out->failed = out->failed || words.failed;
    text_free(&words);
}

basin_status completion_zsh(struct text *out)
{
    text_append(out, "#compdef basin\n"
                     "# Completion of basin for zsh, made by `basin completion zsh`.\n"
                     "_basin()\n{\n    local -a commands\n    commands=(\n");
    for (const struct command *const *command = commands; *command; command++) {
        text_format(out, "        '%s:", (*command)->name);
        zsh_words(out, (*command)->summary);
        text_append(out, "'\n");
    }
    text_append(out, "    )\n    if (( CURRENT == 2 )); then\n"
                     "        _describe command commands\n        return\n    fi\n"
                     "    shift words\n    (( CURRENT-- ))\n    case ${words[1]} in\n");
    for (const struct command *const *command = commands; *command; command++)
        zsh_command(*command, out);
    text_append(out, "    esac\n}\n\n_basin \"$@\"\n");
    return text_status(out);
}

/* ---- the command ---- */

static int completion(const struct arguments *arguments)
{
    static const struct {
        const char *name;
        basin_status (*put)(struct text *out);
    } kinds[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"man", completion_man}};
    const char *name = arguments->positional[0];
    struct text out = {0};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) != 0) continue;
        if (kinds[i].put(&out) == BASIN_OK) return report_output(&out, 0);
        text_free(&out);
        return report_last();
    }
    error_raise(BASIN_USAGE, "completion is for bash or zsh, or man (the manual page), not \"%s\"",
                name);
    return report_last();
}

static const char *const examples[] = {"source <(basin completion bash)",
                                       "Tab completes commands, options and files in this shell",
                                       "basin completion zsh > ~/.zfunc/_basin",
                                       "the same for zsh, in a folder of $fpath",
                                       "basin completion man | man -l -",
                                       "all pages of help as one manual page",
                                       NULL};

const struct command command_completion = {
    .name = "completion",
    .usage = "bash|zsh|man",
    .summary = "print the completion script of a shell, or the manual page",
    .details = "All three are made from the tables that --help prints. `meson install` puts them "
               "where bash, zsh and man look.",
    .least = 1,
    .most = 1,
    .examples = examples,
    .run = completion};
