/* Text: a string that grows, and how this program writes and compares text.
 *
 * A `struct text` starts as {0}. Appending reports no errors: after an allocation failure `failed`
 * is set, the text keeps what it had, and text_status() reports the failure. So a page of appends
 * needs one check.
 *
 * Ownership.  The caller frees it with text_free; text_take hands the characters over (free with
 * memory_free). */
#ifndef BASIN_BASE_TEXT_H
#define BASIN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

struct text {
    char *data; /* zero-terminated; NULL while empty (see text_data) */
    size_t length, capacity;
    bool failed;
};

void text_append(struct text *text, const char *more);
void text_append_n(struct text *text, const char *more, size_t length);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_fill(struct text *text, char c, size_t count);
void text_json(struct text *text,
               const char *value); /* quoted and escaped; invalid UTF-8 becomes U+FFFD */
/* Text of others as a terminal may be given it: one line, nothing unseen (base/escape.h). */
void text_escape(struct text *text, const char *value);
void text_escape_n(struct text *text, const char *value, size_t length);
void text_json_number(struct text *text,
                      double value); /* shortest round-trip; null where it is not finite */
const char *text_data(const struct text *text); /* never NULL */
basin_status text_status(const struct text *text);
char *text_take(struct text *text);
void text_free(struct text *text);

/* The shortest decimal that reads back as the same double: "0.1", "1e-05" is written "1e-5"; -0 is
 * "0.0"; always with a point or an exponent ("1.0"), so that it is a float in YAML; ".nan", ".inf",
 * "-.inf". `out` of 32 bytes. */
const char *text_double(double value, char out[32]);
const char *text_given(double value,
                       char out[32]); /* the same for people: 0, 1000 and 128 without a point */

/* "632 KiB", "1.8 TiB": bytes for people. `out` of 32 bytes. */
const char *text_bytes(double bytes, char out[32]);

/* UTC, ISO 8601, milliseconds: "2026-11-26T16:20:00.123Z". */
void text_now(struct text *text);

/* Levenshtein distance with adjacent transpositions, ASCII case ignored; at most 63 characters are
 * compared. */
int text_distance(const char *a, const char *b);
/* The same where it is at most `most`, and `most` + 1, sooner, where it is not. */
int text_distance_within(const char *a, const char *b, int most);

/* The one of `names` nearest to `wrong`, or NULL where none is near (distance > 1 + length / 4). */
const char *text_nearest(const char *wrong, const char *const *names, size_t count);

bool text_valid_utf8(const char *bytes, size_t length, size_t *bad_offset);

#endif
