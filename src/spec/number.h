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

/* "16; 8", "0,1 0,2", "4,8": the numbers of a list without its brackets, as "16, 8". One number is
 * a list too. */
bool number_list(const char *text, char out[NUMBER_TEXT]);
/* A list that commas for points have cut into pieces: "0", "001", "0", "1" as "0.001, 0.1" (of
 * integers "1", "000" as "1000"); an odd last item stays. False where it may be what it says. The
 * values of an axis differ, so that "1", "5", "2", "5" is none. */
enum commas_in {
    COMMAS_IN_FLOATS,
    COMMAS_IN_INTEGERS,
    COMMAS_IN_AXIS,
    COMMAS_IN_EXCESS /* there are more values than there may be */
};
bool number_join(const char *const *items, size_t count, enum commas_in in, char out[NUMBER_TEXT]);
/* "1.000" with points between groups of three digits, as "1000". */
bool number_grouped(const char *text, char out[NUMBER_TEXT]);

#endif
