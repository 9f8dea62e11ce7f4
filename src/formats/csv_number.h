/* Numbers as CSV files write them.
 *
 *     [+-] digits [. digits] [e [+-] digits]      at least one digit before or behind the point
 *
 * with a point or a comma, correctly rounded. Neither hexadecimal nor separators of thousands, nor
 * nan and inf.
 */
#ifndef BASIN_FORMATS_CSV_NUMBER_H
#define BASIN_FORMATS_CSV_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Is the zero-terminated text a finite number? `*whole`: of digits only, with or without a sign. */
bool csv_number_read(const char *text, size_t length, char decimal, double *value, bool *whole);

/* What is wrong with a text that is no number, but was meant as one ("0x10", "1_000", "1.234,5",
 * "1e999"), and what to do; NULL for a text that was not. */
const char *csv_number_mistake(const char *text, size_t length, char decimal);

#endif
