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

/* "'failed crashed' \"$_basin_keys\"": the words, then the variables of the lists. */
static void bash_words(const struct completion *completion, struct text *out)
{
    text_append(out, " \"");
    if (completion->words) text_append(out, completion->words);
    for (int i = 0; i < COMPLETION_LISTS; i++)
        if (completion->lists >> i & 1) text_format(out, " $_basin_%s", completion_list_names[i]);
    text_append(out, "\"");
}

/* "_basin_words 'failed crashed'"; nothing where there is nothing to offer. */
static void bash_offer(const struct completion *completion, struct text *out)
{
    static const char *const functions[] = {
        [COMPLETE_FILES] = " _basin_paths -f",  [COMPLETE_FOLDERS] = " _basin_paths -d",
        [COMPLETE_WORDS] = " _basin_words",     [COMPLETE_SEVERAL] = " _basin_several",
        [COMPLETE_SETTING] = " _basin_setting", [COMPLETE_BESIDES] = " _basin_besides"};
    if (functions[completion->kind]) text_append(out, functions[completion->kind]);
    if (completion->kind >= COMPLETE_WORDS) bash_words(completion, out);
}

/* "            --output | -o) _basin_paths -d ;;" */
static void bash_value(const struct command *command, const struct option_row *row,
                       struct text *out)
{
    struct text words = {0};
    if (!row->value) return;
    struct completion completion = completion_of_option(command, row, &words);
    text_format(out, "                --%s", row->name);
    if (row->letter) text_format(out, " | -%c", row->letter);
    text_append(out, ")");
    bash_offer(&completion, out);
    text_append(out, " ;;\n");
    out->failed = out->failed || words.failed;
    text_free(&words);
}

static void bash_command(const struct command *command, struct text *out)
{
    struct text words = {0};
    struct completion completion = completion_of_arguments(command, &words);
    text_format(out, "        %s)\n            options='", command->name);
    put_options(command, out);
    text_append(out, "'\n            case $previous in\n");
    for (const struct option_row *row = command->options; row && row->name; row++)
        bash_value(command, row, out);
    text_append(out, "                *) if [[ $current == -* ]]; then _basin_words \"$options\"; "
                     "else");
    bash_offer(&completion, out);
    text_append(out, completion.kind ? "; fi ;;\n" : " :; fi ;;\n");
    text_append(out, "            esac\n            ;;\n");
    out->failed = out->failed || words.failed;
    text_free(&words);
}

/* _basin_keys='...': the same in both shells. */
static void put_lists(struct text *out, const char *before, const char *after)
{
    for (int i = 0; i < COMPLETION_LISTS; i++) {
        struct text words = {0};
        completion_list_words((enum completion_list)i, &words);
        text_format(out, "_basin_%s=%s%s%s\n", completion_list_names[i], before, text_data(&words),
                    after);
        out->failed = out->failed || words.failed;
        text_free(&words);
    }
}

static const char bash_functions[] =
    "\n_basin_words()\n{\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\")\n}\n\n"
    "_basin_paths()\n{\n"
    "    compopt -o filenames 2> /dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$current\")\n}\n\n"
    "# Behind the last comma.\n"
    "_basin_several()\n{\n"
    "    local before=\n"
    "    [[ $current == *,* ]] && before=${current%,*},\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$1\" -- \"${current##*,}\")\n}\n\n"
    "# KEY=\n"
    "_basin_setting()\n{\n"
    "    compopt -o nospace 2> /dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -S = -W \"$1\" -- \"$current\")\n}\n\n"
    "_basin_besides()\n{\n"
    "    compopt -o filenames 2> /dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -f -W \"$1\" -- \"$current\")\n}\n\n";

basin_status completion_bash(struct text *out)
{
    text_append(out, "# Completion of basin for bash, made by `basin completion bash`.\n");
    put_lists(out, "'", "'");
    text_append(out, bash_functions);
    text_append(out, "_basin()\n{\n    local current=${COMP_WORDS[COMP_CWORD]} options\n"
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

/* What stands behind the second ':' of a specification: words in parentheses, or a function with
 * words and names of arrays. */
static void zsh_offer(const struct completion *completion, struct text *out)
{
    static const char *const functions[] = {[COMPLETE_NOTHING] = " ",
                                            [COMPLETE_FILES] = "_files",
                                            [COMPLETE_FOLDERS] = "_files -/",
                                            [COMPLETE_WORDS] = "_basin_words",
                                            [COMPLETE_SEVERAL] = "_basin_several",
                                            [COMPLETE_SETTING] = "_basin_setting",
                                            [COMPLETE_BESIDES] = "_basin_besides"};
    text_append(out, functions[completion->kind]);
    if (completion->kind < COMPLETE_WORDS) return;
    if (completion->words) text_format(out, " %s", completion->words);
    for (int i = 0; i < COMPLETION_LISTS; i++)
        if (completion->lists >> i & 1) text_format(out, " $_basin_%s", completion_list_names[i]);
}

/* A specification of _arguments: '*--set[doc]:KEY=VALUE:'; every option may come again. */
static void zsh_option(const struct command *command, const struct option_row *row, bool letter,
                       struct text *out)
{
    struct text words = {0};
    struct completion completion = completion_of_option(command, row, &words);
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
        text_append(out, ":");
        zsh_offer(&completion, out);
    }
    text_append(out, "'");
    out->failed = out->failed || words.failed;
    text_free(&words);
}

static void zsh_command(const struct command *command, struct text *out)
{
    struct text words = {0};
    struct completion completion = completion_of_arguments(command, &words);
    text_format(out, "        %s)\n            _arguments", command->name);
    for (const struct option_row *row = command->options; row && row->name; row++) {
        zsh_option(command, row, false, out);
        if (row->letter) zsh_option(command, row, true, out);
    }
    zsh_option(command, &completion_help, false, out);
    text_append(out, " \\\n                '*:argument:");
    zsh_offer(&completion, out);
    text_append(out, "'\n            ;;\n");
    out->failed = out->failed || words.failed;
    text_free(&words);
}

/* _arguments puts options of compadd (-J group and so on) in front of the words of a function. */
static const char zsh_functions[] =
    "\n_basin_words()\n{\n"
    "    local -a options\n"
    "    zparseopts -D -E -a options M+: J+: V+: 1 2 o+: n F: x+: X+:\n"
    "    compadd $options -- \"$@\"\n}\n\n"
    "# Behind the last comma.\n"
    "_basin_several()\n{\n"
    "    local -a options\n"
    "    zparseopts -D -E -a options M+: J+: V+: 1 2 o+: n F: x+: X+:\n"
    "    compset -P '*,'\n"
    "    compadd $options -S '' -- \"$@\"\n}\n\n"
    "# KEY=\n"
    "_basin_setting()\n{\n"
    "    local -a options\n"
    "    zparseopts -D -E -a options M+: J+: V+: 1 2 o+: n F: x+: X+:\n"
    "    compadd $options -S = -- \"$@\"\n}\n\n"
    "_basin_besides()\n{\n    _basin_words \"$@\"\n    _files\n}\n\n";

basin_status completion_zsh(struct text *out)
{
    text_append(out, "#compdef basin\n"
                     "# Completion of basin for zsh, made by `basin completion zsh`.\n"
                     "typeset -ga _basin_keys _basin_numbers _basin_measures _basin_names\n");
    put_lists(out, "(", ")");
    text_append(out, zsh_functions);
    text_append(out, "_basin()\n{\n    local -a commands\n    commands=(\n");
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
