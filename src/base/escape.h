/* Escape: text of others made fit for a terminal and for one line.
 *
 * Purpose.  Names, paths, attributes, lines of journals and whatever else this program did not
 * write itself reach people in messages and tables. There they must not move the cursor, change
 * colours, break the line, or show another order of letters than the bytes have.
 * Promise.  What comes out is valid UTF-8 on one line, in which every character is visible or a
 * blank: a control character (U+0000 ... U+001F, U+007F ... U+009F) becomes an escape of YAML (\n,
 * \t, \r, \x1b), and so does a character that is not seen but changes what is seen: marks of
 * direction (\u202e), separators of lines and paragraphs, characters without width, tags. A byte
 * that is not UTF-8 becomes U+FFFD. Escaping twice is the same as escaping once.
 * All else stays: letters of every script, and the joiners that some of them need.
 */
#ifndef BASIN_BASE_ESCAPE_H
#define BASIN_BASE_ESCAPE_H

#include <stddef.h>

enum { ESCAPE_MOST = 12 }; /* bytes that one character becomes, with the final 0: "\U000e0001" */

/* Length of the valid UTF-8 sequence at `s` (RFC 3629: no surrogates, no overlong forms), 0 where
 * there is none. */
size_t escape_sequence(const char *s, size_t left);

/* Writes the escaped form of the character at `s` to `out`; returns the bytes read, and their
 * number in `*length`. */
size_t escape_character(const char *s, size_t left, char out[ESCAPE_MOST], size_t *length);

/* Escapes the first `length` bytes of `from` into `out` of `size` bytes, cut off between two
 * characters where there is no more room; returns `out`. The two must not overlap. */
char *escape_into(char *out, size_t size, const char *from, size_t length);

#endif
