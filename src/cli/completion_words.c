#include "cli/completion_words.h"

#include <stdio.h>
#include <string.h>
#include "analysis/across.h"
#include "analysis/findings.h"
#include "cli/names.h"
#include "measure/measure.h"
#include "train/quantities.h"

enum { KEY_MOST = 256, KEY_DEPTH = 6 };

#define KEYS (1u << LIST_KEYS)
#define NUMBERS (1u << LIST_NUMBERS)
#define MEASURES (1u << LIST_MEASURES)
#define NAMES (1u << LIST_NAMES)

/* ---- the lists ---- */

const char *const completion_list_names[COMPLETION_LISTS] = {[LIST_KEYS] = "keys",
                                                             [LIST_NUMBERS] = "numbers",
                                                             [LIST_MEASURES] = "measures",
                                                             [LIST_NAMES] = "names"};

/* Is it among the words already? */
static bool has_word(const struct text *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text_data(words); (at = strstr(at, word)); at += length)
        if ((at == text_data(words) || at[-1] == ' ') && (!at[length] || at[length] == ' '))
            return true;
    return false;
}

static void put_word_once(struct text *words, const char *word)
{
    if (!has_word(words, word)) text_format(words, "%s%s", words->length ? " " : "", word);
}

static void put_entry_names(struct text *words, const struct registry *registry)
{
    for (size_t i = 0; registry->entries[i]; i++) put_word_once(words, registry->entries[i]->name);
}

static void put_spec_keys(struct text *words, const char *prefix, const struct schema_row *rows,
                          int depth);

/* What stands below a key: a block, the keys of every variant, or blocks by name. */
static void put_keys_below(struct text *words, const char *path, const struct schema_row *row,
                           int depth)
{
    char below[2 * KEY_MOST];
    if (row->type == SCHEMA_TABLE) put_spec_keys(words, path, row->table, depth);
    if (row->type == SCHEMA_VARIANT && row->discriminator) {
        snprintf(below, sizeof below, "%s.%s", path, row->discriminator);
        put_word_once(words, below);
    }
    bool named = row->type == SCHEMA_VARIANT || row->type == SCHEMA_SET;
    for (size_t i = 0; named && row->registry && row->registry->entries[i]; i++) {
        const struct entry *entry = row->registry->entries[i];
        bool is_set = row->type == SCHEMA_SET;
        snprintf(below, sizeof below, "%s%s%s", path, is_set ? "." : "", is_set ? entry->name : "");
        if (is_set) put_word_once(words, below);
        put_spec_keys(words, below, entry->parameters, depth);
    }
}

static void put_spec_keys(struct text *words, const char *prefix, const struct schema_row *rows,
                          int depth)
{
    for (const struct schema_row *row = rows; row && row->key && depth < KEY_DEPTH; row++) {
        char path[KEY_MOST];
        int length = snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", row->key);
        if (length >= (int)sizeof path) continue;
        put_word_once(words, path);
        put_keys_below(words, path, row, depth + 1);
    }
}

static void put_number_names(struct text *words)
{
    for (const struct train_quantity *each = train_quantities; each->final.name; each++)
        if (each->final.long_name) put_word_once(words, each->final.name);
    for (const struct entry *const *entry = measure_registry.entries; *entry; entry++) {
        const struct measure *measure = (*entry)->implementation;
        for (const struct quantity *each = measure->quantities; each->name; each++)
            put_word_once(words, each->name);
    }
}

void completion_list_words(enum completion_list list, struct text *words)
{
    const struct registry *const *registries = named_registries();
    if (list == LIST_KEYS) put_spec_keys(words, "", findings_schema(), 0);
    if (list == LIST_NUMBERS) put_number_names(words);
    if (list == LIST_MEASURES) put_entry_names(words, &measure_registry);
    for (size_t i = 0; list == LIST_NAMES && registries[i]; i++)
        put_entry_names(words, registries[i]);
}

/* ---- where they stand ---- */

#define COLUMNS "run_id status study seconds file"

/* `command` NULL: of every command that has the option. */
static const struct {
    const char *command, *option;
    struct completion completion;
} choices[] = {{"table", "format", {COMPLETE_WORDS, "text csv json markdown latex", 0}},
               {"rank", "format", {COMPLETE_WORDS, "text csv json markdown latex", 0}},
               {"compare", "format", {COMPLETE_WORDS, "text csv json", 0}},
               {"compare", "columns", {COMPLETE_SEVERAL, NULL, NUMBERS}},
               {"rank", "gap", {COMPLETE_SEVERAL, NULL, NUMBERS}},
               {"rank", "measures", {COMPLETE_SEVERAL, NULL, NUMBERS}},
               {"table", "columns", {COMPLETE_SEVERAL, COLUMNS, KEYS | NUMBERS}},
               {"table", "sort", {COMPLETE_SEVERAL, COLUMNS, KEYS | NUMBERS}},
               {NULL, "group-by", {COMPLETE_SEVERAL, NULL, KEYS}},
               {NULL, "over", {COMPLETE_SEVERAL, NULL, KEYS}},
               {NULL, "set", {COMPLETE_SETTING, NULL, KEYS}},
               {NULL, "retry", {COMPLETE_WORDS, "failed crashed", 0}},
               {"export", "to", {COMPLETE_WORDS, "safetensors npz csv", 0}},
               {"export", "weights", {COMPLETE_WORDS, "final initial best", 0}}};

struct completion completion_of_option(const struct command *command, const struct option_row *row,
                                       struct text *scratch)
{
    struct completion none = {0};
    if (!row->value) return none;
    if (strcmp(row->name, "across") == 0) {
        put_entry_names(scratch, &across_registry);
        return (struct completion){COMPLETE_WORDS, text_data(scratch), 0};
    }
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (strcmp(choices[i].option, row->name) == 0 &&
            (!choices[i].command || strcmp(choices[i].command, command->name) == 0))
            return choices[i].completion;
    if (strcmp(row->value, "DIR") == 0) none.kind = COMPLETE_FOLDERS;
    if (strcmp(row->value, "FILE") == 0) none.kind = COMPLETE_FILES;
    return none;
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

struct completion completion_of_arguments(const struct command *command, struct text *scratch)
{
    static const struct {
        const char *command;
        struct completion completion;
    } arguments[] = {{"completion", {COMPLETE_WORDS, "bash zsh man", 0}},
                     {"explain", {COMPLETE_WORDS, NULL, KEYS | NUMBERS | NAMES}},
                     {"measure", {COMPLETE_BESIDES, NULL, MEASURES}}};
    if (strcmp(command->name, "list") == 0) {
        put_kinds(scratch);
        return (struct completion){COMPLETE_WORDS, text_data(scratch), 0};
    }
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        if (strcmp(arguments[i].command, command->name) == 0) return arguments[i].completion;
    return (struct completion){.kind = command->most ? COMPLETE_FILES : COMPLETE_NOTHING};
}
