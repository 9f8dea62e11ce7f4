/* Completion words: by what an argument or the value of an option is completed. */
#ifndef BASIN_CLI_COMPLETION_WORDS_H
#define BASIN_CLI_COMPLETION_WORDS_H

#include "base/text.h"
#include "cli/command.h"

/* The words of which the value of an option is one, with blanks between; false: it is not one of a
 * few words. */
bool completion_values(const struct command *command, const struct option_row *row,
                       struct text *words);
/* The same of the arguments of a command. */
bool completion_arguments(const struct command *command, struct text *words);

bool completion_is_folder(const struct option_row *row); /* is the value a folder? */
bool completion_is_file(const struct option_row *row);

/* What the shells' scripts and the manual page are. */
basin_status completion_bash(struct text *out);
basin_status completion_zsh(struct text *out);
basin_status completion_man(struct text *out); /* cli/manual.c */

#endif
