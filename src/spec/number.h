/* Number: what is a number in a spec, and what was meant by what is none.
 *
 * Purpose.  The numbers of YAML's core schema, and hints for those that people write elsewhere:
 * decimal commas, separators of thousands, units, lists without brackets.
 */
#ifndef BASIN_SPEC_NUMBER_H
#define BASIN_SPEC_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum number { NUMBER_NONE, NUMBER_INTEGER, NUMBER_FLOAT, NUMBER_WRONG };

enum { NUMBER_TEXT = 64 }; /* bytes of the longest that hints speak of */

/* NUMBER_NONE, _INTEGER or _FLOAT. `leading_zero`: "010", which a reader of YAML 1.1 takes for 8.
 */
enum number number_kind(const char *text, bool *leading_zero);
bool number_is(const char *text); /* one without leading zeros */

/* What to write instead of a text that is no number (`whole`: no integer); leaves `hint` as it is
 * where there is nothing to say. */
void number_hint(const char *text, bool whole, char *hint, size_t size);

#endif
