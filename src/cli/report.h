/* Report: the only code that writes to stdout and stderr.
 *
 * stdout is data, stderr is messages. Whatever is written passes base/escape.h on its way: no
 * control character, mark of direction or byte that is not UTF-8 of a file, a name or an argument
 * reaches a terminal (in JSON they become \uXXXX). Who prints a text of others inside a line also
 * escapes it there (text_escape), so that a line break in it makes no line of its own.
 * Colour only on a terminal, and not where NO_COLOR is set
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
    __attribute__((format(printf, 1, 2))); /* a line on stderr, escaped */
/* A line on stderr whose parts have been escaped, and that may have colours. */
void report_line(const char *line);

/* What stands below the last message on the terminal that stderr is, and is drawn again and again:
 * a few lines, each shorter than the terminal is wide; "" takes them away. Every line that is
 * reported erases them first. Any thread. */
void report_live(const char *lines);
void report_live_anew(void); /* the size has changed, and the lines have broken: an empty screen */
void report_clear(void);     /* erases them, and the line that the cursor is in */

/* Writes text to stdout and releases it; `exit_status`, unless the text or stdout failed. */
int report_output(struct text *text, int exit_status);

/* The same for JSON. */
int report_json(struct text *text, int exit_status);

/* The same for text that people read: lines are wrapped between words to report_width
 * (print_lines). */
int report_prose(struct text *text, int exit_status);

bool report_is_terminal(int file);
bool report_colour(int file);
int report_width(void);  /* columns of the terminal; 80 where there is none, COLUMNS where set */
int report_height(void); /* its lines; 24 where there is none, LINES where set */
bool report_utf8(void);  /* may box and block characters be written? */

#endif
