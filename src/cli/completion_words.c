#include "cli/completion_words.h"

#include <string.h>
#include "analysis/across.h"
#include "cli/names.h"

static void put_entry_names(struct text *words, const struct registry *registry)
{
    for (size_t i = 0; registry->entries[i]; i++)
        text_format(words, "%s%s", words->length ? " " : "", registry->entries[i]->name);
}

/* The kinds of `basin list`, each as one word: "datasets". */
static void put_kinds(struct text *words)
{
    const struct registry *const *registries = named_registries();
    for (size_t i = 0; registries[i]; i++) {
        text_append(words, words->length ? " " : "");
        for (const char *at = registries[i]->plural; *at; at++)
            if (*at != ' ') text_append_n(words, at, 1);
    }
}

/* `command` NULL: of every command that has the option. */
static const struct {
    const char *command, *option, *words;
} choices[] = {{"table", "format", "text csv json markdown latex"},
               {"compare", "format", "text csv json"},
               {NULL, "retry", "failed crashed"}};

bool completion_values(const struct command *command, const struct option_row *row,
                       struct text *words)
{
    if (!row->value) return false;
    if (strcmp(row->name, "across") == 0) put_entry_names(words, &across_registry);
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (strcmp(choices[i].option, row->name) == 0 &&
            (!choices[i].command || strcmp(choices[i].command, command->name) == 0))
            text_append(words, choices[i].words);
    return words->length > 0;
}

bool completion_arguments(const struct command *command, struct text *words)
{
    if (strcmp(command->name, "list") == 0) put_kinds(words);
    if (strcmp(command->name, "completion") == 0) text_append(words, "bash zsh man");
    return words->length > 0;
}

bool completion_is_folder(const struct option_row *row)
{
    return row->value && strcmp(row->value, "DIR") == 0;
}

bool completion_is_file(const struct option_row *row)
{
    return row->value && strcmp(row->value, "FILE") == 0;
}
