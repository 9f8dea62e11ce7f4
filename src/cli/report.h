/* Report: the only code that writes to stdout and stderr.
 *
 * stdout is data, stderr is messages. Colour only on a terminal, and not where NO_COLOR is set
 * (https://no-color.org). A closed pipe on stdout (`basin table DIR | head`) is silent.
 */
#ifndef BASIN_CLI_REPORT_H
#define BASIN_CLI_REPORT_H

#include <stdbool.h>
#include "base/error.h"
#include "base/text.h"
#include "spec/diagnostics.h"

/* Writes the last error to stderr ("basin: FILE:LINE: message", a hint below) and returns its exit
 * status. */
int report_last(void);
int report_error(const basin_error *error);
/* A wrong spec, or wrong data that it names: its diagnostics alone. Otherwise the last error.
 * Returns the exit status. */
int report_spec(basin_status status, const struct diagnostics *diagnostics);
void report_message(const char *format, ...)
    __attribute__((format(printf, 1, 2))); /* a line on stderr */

/* Writes text to stdout and releases it; `exit_status`, unless the text or stdout failed. */
int report_output(struct text *text, int exit_status);

/* The same for text that people read: lines are wrapped between words to report_width
 * (print_lines). */
int report_prose(struct text *text, int exit_status);

bool report_is_terminal(int file);
bool report_colour(int file);
int report_width(void); /* columns of the terminal; 80 where there is none, COLUMNS where set */
bool report_utf8(void); /* may box and block characters be written? */

#endif
