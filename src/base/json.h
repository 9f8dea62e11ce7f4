/* JSON, read: a text as a tree of values (jansson).
 *
 * Purpose.  For lines of journals, and whatever other programs hand over. What is written is put
 * together by text_json and text_json_number (base/text.h).
 * Errors.  json_parse: BASIN_DATA with place and reason where the text is not one JSON value: also
 * where it nests deeper than 2048, has a number that no C type holds, invalid UTF-8 or a NUL, and
 * where its tree would take more than JSON_MOST bytes: two characters can become a value of 32.
 * Functions that look a member up take NULL and values of other kinds, and find nothing in them.
 * Ownership.  The tree lives in the arena given to json_parse; all else is borrowed from it.
 */
#ifndef BASIN_BASE_JSON_H
#define BASIN_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

struct json;

enum { JSON_MOST = 128 << 20 };

basin_status json_parse(struct arena *arena, const char *text, size_t length,
                        const struct json **value);

/* The same, and BASIN_DATA where an object has a key twice: for files of others, in which the
 * second would hide the first. */
basin_status json_parse_strictly(struct arena *arena, const char *text, size_t length,
                                 const struct json **value);

const struct json *json_member(const struct json *object, const char *key); /* NULL: absent */
const char *json_text(const struct json *value);                            /* NULL: not a text */
bool json_to_boolean(const struct json *value); /* false where it is not `true` */
/* False where it is not a number, or has no place in an int64_t. Fractions are cut off. */
bool json_to_integer(const struct json *value, int64_t *integer);

/* A whole number from 0 on, written without point and exponent. */
bool json_to_size(const struct json *value, size_t *size);

/* The members of an object, in the order of the text: *at is NULL before the first one. False
 * behind the last one, and where it is not an object. */
bool json_next(const struct json *object, const void **at, const char **key,
               const struct json **value);
bool json_is_map(const struct json *value);
bool json_is_sequence(const struct json *value);

size_t json_count(const struct json *list); /* 0 where it is not a list */
const struct json *json_item(const struct json *list, size_t index);

#endif
