#include "formats/csv_number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LENGTH_MOST = 1000, MANTISSA_DIGITS = 19, POWERS = 23, EXPONENT_MOST = 100000 };

static const double powers[POWERS] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A number taken apart: mantissa * 10^exponent, unless `digits` are too many for 64 bits. */
struct parts {
    uint64_t mantissa;
    int digits, exponent; /* digits: from the first that is not 0 */
    bool negative, whole;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *take_digits(const char *at, struct parts *parts, int *count)
{
    for (*count = 0; is_digit(*at); at++, (*count)++) {
        if (parts->digits == 0 && *at == '0') continue;
        if (parts->digits++ < MANTISSA_DIGITS)
            parts->mantissa = parts->mantissa * 10 + (uint64_t)(*at - '0');
    }
    return at;
}

static const char *take_exponent(const char *at, int *exponent)
{
    bool negative = *at == '-';
    *exponent = 0;
    if (*at == '+' || *at == '-') at++;
    if (!is_digit(*at)) return NULL;
    for (; is_digit(*at); at++)
        if (*exponent < EXPONENT_MOST) *exponent = *exponent * 10 + (*at - '0');
    if (negative) *exponent = -*exponent;
    return at;
}

/* False where the text has another form. */
static bool number_take_apart(const char *text, size_t length, char decimal, struct parts *parts)
{
    const char *at = text;
    int before, behind = 0, exponent = 0;
    *parts = (struct parts){.negative = *at == '-', .whole = true};
    if (*at == '+' || *at == '-') at++;
    at = take_digits(at, parts, &before);
    if (*at == decimal) {
        at = take_digits(at + 1, parts, &behind);
        parts->whole = false;
    }
    if (before + behind == 0) return false;
    if (*at == 'e' || *at == 'E') {
        at = take_exponent(at + 1, &exponent);
        parts->whole = false;
        if (!at) return false;
    }
    parts->exponent = exponent - behind;
    return at == text + length;
}

/* Two exact numbers, and one rounding (Clinger 1990). */
static bool number_exactly(const struct parts *parts, double *value)
{
    if (parts->digits > MANTISSA_DIGITS || parts->mantissa > (1ull << DBL_MANT_DIG) ||
        parts->exponent <= -POWERS || parts->exponent >= POWERS)
        return false;
    double m = (double)parts->mantissa;
    *value = parts->exponent < 0 ? m / powers[-parts->exponent] : m * powers[parts->exponent];
    return true;
}

/* strtod knows only the point: the program does not set the locale of numbers. */
static double number_slowly(const char *text, size_t length, char decimal)
{
    char point[LENGTH_MOST + 1];
    if (decimal == '.') return strtod(text, NULL);
    memcpy(point, text, length + 1);
    char *comma = strchr(point, decimal);
    if (comma) *comma = '.';
    return strtod(point, NULL);
}

bool csv_number_read(const char *text, size_t length, char decimal, double *value, bool *whole)
{
    struct parts parts;
    if (length == 0 || length > LENGTH_MOST || !number_take_apart(text, length, decimal, &parts))
        return false;
    *whole = parts.whole;
    if (number_exactly(&parts, value))
        *value = parts.negative ? -*value : *value;
    else
        *value = number_slowly(text, length, decimal);
    return isfinite(*value);
}

/* ---- mistakes ---- */

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcasecmp(text, *words) == 0) return true;
    return false;
}

static const char *unsigned_part(const char *text)
{
    return text + (*text == '+' || *text == '-');
}

static bool is_hexadecimal(const char *text)
{
    text = unsigned_part(text);
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && text[2] &&
           strspn(text + 2, "0123456789abcdefABCDEF") == strlen(text + 2);
}

/* Digits with something between them; an apostrophe and spaces too separate thousands. */
static bool is_grouped(const char *text, const char *among)
{
    const char *digits = unsigned_part(text);
    return is_digit(*digits) && strspn(digits, "0123456789") < strlen(digits) &&
           strspn(digits, among) == strlen(digits);
}

static bool is_with_sign(const char *text, size_t length, char decimal)
{
    char inner[LENGTH_MOST + 1];
    double value;
    bool whole, front = *text == '$', back = text[length - 1] == '%';
    if (length < 2 || length > LENGTH_MOST || front == back) return false;
    memcpy(inner, text + front, length - 1);
    inner[length - 1] = '\0';
    return csv_number_read(inner, length - 1, decimal, &value, &whole);
}

const char *csv_number_mistake(const char *text, size_t length, char decimal)
{
    static const char *const infinite[] = {"nan",  "-nan",     "+nan",      "inf",       "+inf",
                                           "-inf", "infinity", "-infinity", "+infinity", NULL};
    struct parts parts;
    char other = decimal == '.' ? ',' : '.';
    if (length == 0) return NULL;
    if (is_one_of(text, infinite))
        return "it is not a finite number: where it means that there is no value, add it to "
               "`missing_texts`";
    if (number_take_apart(text, length, decimal, &parts))
        return length > LENGTH_MOST ? "it has more digits than are read"
                                    : "it is beyond the range of a 64-bit float";
    if (number_take_apart(text, length, other, &parts))
        return decimal == '.' ? "decimals are written with a point here: give `decimal: comma`, or "
                                "leave out commas that separate thousands"
                              : "decimals are written with a comma here: give `decimal: point`, or "
                                "leave out points that separate thousands";
    if (is_hexadecimal(text)) return "hexadecimal numbers are not read: write it in decimal";
    if (is_grouped(text, "0123456789.,_' ")) return "write numbers without separators of thousands";
    if (is_with_sign(text, length, decimal)) return "write numbers without % and $";
    return NULL;
}
