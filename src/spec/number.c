#include "spec/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The core schema of YAML 1.2: integers are [-+]?[0-9]+, floats
 * [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?. Narrower here: no leading zeros (a reader of
 * YAML 1.1 takes 010 for 8), no 0x, 0o, .inf, .nan. */
enum number number_kind(const char *text, bool *leading_zero)
{
    const char *digits = text + (*text == '+' || *text == '-'), *at = digits;
    size_t whole = strspn(at, "0123456789"), part = 0;
    at += whole;
    bool is_float = *at == '.';
    if (is_float) {
        part = strspn(at + 1, "0123456789");
        at += 1 + part;
    }
    if (whole + part == 0) return NUMBER_NONE;
    if (*at == 'e' || *at == 'E') {
        const char *power = at + 1 + (at[1] == '+' || at[1] == '-');
        size_t count = strspn(power, "0123456789");
        if (count == 0) return NUMBER_NONE;
        at = power + count;
        is_float = true;
    }
    *leading_zero = whole > 1 && digits[0] == '0';
    return *at ? NUMBER_NONE : is_float ? NUMBER_FLOAT : NUMBER_INTEGER;
}

static bool is_infinite_word(const char *text)
{
    static const char *const words[] = {"inf", "nan", "infinity"};
    text += *text == '+' || *text == '-';
    text += *text == '.';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0) return true;
    return false;
}

/* ---- numbers as people write them elsewhere ---- */

bool number_is(const char *text)
{
    bool zero = false;
    return number_kind(text, &zero) != NUMBER_NONE && !zero;
}

/* "1,000,000.5" with "," between groups of three digits, and "." before the fraction: the number
 * without the groups. "0,125" has no group before it that a thousand could follow. */
static bool without_groups(const char *text, char separator, char point, char out[NUMBER_TEXT])
{
    const char *digits = text + (*text == '+' || *text == '-');
    size_t first = strspn(digits, "0123456789"), length = (size_t)(digits - text) + first;
    if (strlen(text) >= NUMBER_TEXT || first == 0 || first > 3 || *digits == '0' ||
        digits[first] != separator)
        return false;
    memcpy(out, text, length);
    for (digits += first; *digits == separator; digits += 4) {
        if (strspn(digits + 1, "0123456789") != 3) return false;
        memcpy(out + length, digits + 1, 3);
        length += 3;
    }
    snprintf(out + length, NUMBER_TEXT - length, "%s", digits);
    if (*digits == point) out[length] = '.';
    return number_is(out);
}

static bool without(const char *text, char what, char out[NUMBER_TEXT])
{
    size_t length = 0;
    if (!strchr(text, what) || strlen(text) >= NUMBER_TEXT) return false;
    for (; *text; text++)
        if (*text != what) out[length++] = *text;
    out[length] = 0;
    return number_is(out);
}

/* "0,05": a comma for the point. */
static bool with_point(const char *text, char out[NUMBER_TEXT])
{
    const char *comma = strchr(text, ',');
    bool one = comma && !strchr(comma + 1, ',') && comma[1] && comma > text;
    if (!one || strlen(text) >= NUMBER_TEXT || comma[1 + strspn(comma + 1, "0123456789")])
        return false;
    snprintf(out, NUMBER_TEXT, "%s", text);
    out[comma - text] = '.';
    return number_is(out);
}

/* "4,8": the numbers of a list without its brackets, "4, 8". */
static bool as_list(const char *text, char out[NUMBER_TEXT])
{
    char one[NUMBER_TEXT];
    size_t length = 0;
    if (!strchr(text, ',') || strlen(text) >= NUMBER_TEXT / 2) return false;
    while (*text) {
        size_t part = strcspn(text, ",");
        snprintf(one, sizeof one, "%.*s", (int)part, text);
        if (!number_is(one)) return false;
        length +=
            (size_t)snprintf(out + length, NUMBER_TEXT - length, "%s%s", length ? ", " : "", one);
        text += part + (text[part] == ',');
    }
    return true;
}

/* A comma is a separator of thousands only before groups of three digits; elsewhere it is a point,
 * or stands between the numbers of a list. */
static bool hint_separators(const char *text, bool whole, char *hint, size_t size)
{
    char digits[NUMBER_TEXT], list[NUMBER_TEXT] = "";
    bool is_list = as_list(text, list), is_several = is_list && strchr(list, ' ');
    if (without(text, '_', digits) || without_groups(text, ',', '.', digits) ||
        without_groups(text, '.', ',', digits) || without_groups(text, ' ', '.', digits) ||
        without_groups(text, '\'', '.', digits))
        snprintf(hint, size, "write %s", digits);
    else if (is_list && !is_several)
        snprintf(hint, size, "write %s, without the comma", list);
    else if (!whole && with_point(text, digits))
        snprintf(hint, size, is_several ? "write %s; a list of numbers is [%s]" : "write %s%.0s",
                 digits, list);
    else if (is_several)
        snprintf(hint, size, "this is one number; a list of numbers is [%s]", list);
    else if (with_point(text, digits))
        snprintf(hint, size, "write a whole number");
    else
        return false;
    return true;
}

static bool hint_radix(const char *text, char *hint, size_t size)
{
    const char *digits = text + (*text == '+' || *text == '-');
    if (digits[0] != '0' || !strchr("xXoObB", digits[1]) || !digits[1]) return false;
    int base = strchr("xX", digits[1]) ? 16 : strchr("oO", digits[1]) ? 8 : 2;
    char *end = NULL;
    errno = 0;
    long long number = strtoll(digits + 2, &end, base);
    if (end == digits + 2 || *end || errno) return false;
    snprintf(hint, size, "write it in decimal, %s%lld", *text == '-' ? "-" : "", number);
    return true;
}

void number_hint(const char *text, bool whole, char *hint, size_t size)
{
    if (is_infinite_word(text)) {
        snprintf(hint, size, "only finite numbers are allowed");
    } else if (!hint_separators(text, whole, hint, size) && !hint_radix(text, hint, size)) {
        char *end = NULL;
        strtod(text, &end);
        if (end != text && *end == '%')
            snprintf(hint, size, "write it as a fraction of 1");
        else if (end != text && *end)
            snprintf(hint, size, "write a plain number, without \"%.20s\"", end + strspn(end, " "));
    }
}
