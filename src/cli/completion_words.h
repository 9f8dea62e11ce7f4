/* Completion words: by what an argument or the value of an option is completed. */
#ifndef BASIN_CLI_COMPLETION_WORDS_H
#define BASIN_CLI_COMPLETION_WORDS_H

#include "base/text.h"
#include "cli/command.h"

/* The long lists stand once in a script, each as a variable: _basin_keys and so on. */
enum completion_list {
    LIST_KEYS,     /* dotted paths of a spec: training.batch_size */
    LIST_NUMBERS,  /* of results: test_loss */
    LIST_MEASURES, /* of one run */
    LIST_NAMES,    /* all that a spec or a command line can name: sgd */
    COMPLETION_LISTS
};
extern const char *const completion_list_names[COMPLETION_LISTS]; /* "keys" */
void completion_list_words(enum completion_list list, struct text *words);

enum completion_kind {
    COMPLETE_NOTHING, /* a value that nobody but the user knows */
    COMPLETE_FILES,
    COMPLETE_FOLDERS,
    COMPLETE_WORDS,   /* one of `words` and of `lists` */
    COMPLETE_SEVERAL, /* several of these, with commas between them */
    COMPLETE_SETTING, /* one of these, with = behind it */
    COMPLETE_BESIDES  /* files, or one of these */
};

struct completion {
    enum completion_kind kind;
    const char *words; /* with blanks between; NULL: none */
    unsigned lists;    /* a mask of 1u << LIST_... */
};
/* Of the value of an option; of the arguments of a command. Texts live as long as `scratch`. */
struct completion completion_of_option(const struct command *command, const struct option_row *row,
                                       struct text *scratch);
struct completion completion_of_arguments(const struct command *command, struct text *scratch);

/* What the shells' scripts and the manual page are. */
basin_status completion_bash(struct text *out);
basin_status completion_zsh(struct text *out);
basin_status completion_man(struct text *out); /* cli/manual.c */

#endif
