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

/* "10,00,000", as in India: groups of two digits before the last one of three. */
static bool without_lakhs(const char *text, char out[NUMBER_TEXT])
{
    const char *at = text + (*text == '+' || *text == '-') + 1;
    size_t commas = 0;
    if (*at != ',' && *at && at[1] != ',') return false;
    for (at = strchr(at, ','); at; at = strchr(at + 1, ',')) {
        size_t digits = strspn(at + 1, "0123456789");
        if (digits != (at[1 + digits] == ',' ? 2 : 3)) return false;
        commas++;
    }
    return commas >= 2 && without(text, ',', out);
}

/* "0,05", "0,1e-2": a comma for the point. */
static bool with_point(const char *text, char out[NUMBER_TEXT])
{
    const char *comma = strchr(text, ',');
    bool one = comma && !strchr(comma + 1, ',') && comma[1] && comma > text;
    if (!one || strlen(text) >= NUMBER_TEXT || strchr(text, '.')) return false;
    snprintf(out, NUMBER_TEXT, "%s", text);
    out[comma - text] = '.';
    return number_is(out);
}

static void add_item(const char *item, char out[NUMBER_TEXT])
{
    size_t length = strlen(out);
    snprintf(out + length, NUMBER_TEXT - length, "%s%s", length ? ", " : "", item);
}

/* The numbers between `separators`, each of which may have a comma for its point where that is no
 * separator. */
static bool split_list(const char *text, const char *separators, char out[NUMBER_TEXT])
{
    static const char ends[] = ",; \t";
    char item[NUMBER_TEXT], point[NUMBER_TEXT];
    *out = 0;
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, separators), from = strspn(at, ends), to = length;
        while (to > 0 && strchr(ends, at[to - 1])) to--;
        if (from < to) {
            snprintf(item, sizeof item, "%.*s", (int)(to - from), at + from);
            if (number_is(item))
                add_item(item, out);
            else if (with_point(item, point))
                add_item(point, out);
            else
                return false;
        }
        at += length + (at[length] != 0);
    }
    return *out != 0;
}

bool number_list(const char *text, char out[NUMBER_TEXT])
{
    if (strlen(text) >= NUMBER_TEXT / 2) return false;
    if (strchr(text, ';')) return split_list(text, ";", out);
    if (strpbrk(text, " \t")) return split_list(text, " \t", out);
    return split_list(text, ",", out);
}

/* A comma is a separator of thousands only before groups of three digits; elsewhere it is a point,
 * or stands between the numbers of a list. */
static bool hint_separators(const char *text, bool whole, char *hint, size_t size)
{
    char digits[NUMBER_TEXT], list[NUMBER_TEXT] = "", also[NUMBER_TEXT + 32] = "";
    bool is_list = number_list(text, list), is_several = is_list && strchr(list, ' ');
    bool is_one_comma = strchr(text, ',') == strrchr(text, ','); /* 1,024,000 is grouped */
    if (is_several && is_one_comma)
        snprintf(also, sizeof also, "; a list of numbers is [%s]", list);
    if (without(text, '_', digits) || without_groups(text, '.', ',', digits))
        snprintf(hint, size, "write %s", digits);
    else if (without_groups(text, ',', '.', digits) || without_groups(text, ' ', '.', digits) ||
             without_groups(text, '\'', '.', digits) || without_lakhs(text, digits))
        snprintf(hint, size, "write %s%s", digits, also);
    else if (is_list && !is_several)
        snprintf(hint, size, "write %s, without the %s", list,
                 strchr(text, ';') ? "semicolon" : "comma");
    else if (!whole && with_point(text, digits))
        snprintf(hint, size, "write %s%s", digits, also);
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

/* "8/255" */
static bool hint_fraction(const char *text, char *hint, size_t size)
{
    char over[NUMBER_TEXT];
    const char *slash = strchr(text, '/');
    if (!slash || slash - text >= NUMBER_TEXT) return false;
    snprintf(over, sizeof over, "%.*s", (int)(slash - text), text);
    if (!number_is(over) || !number_is(slash + 1) || strtod(slash + 1, NULL) == 0) return false;
    snprintf(hint, size, "write it as a decimal number, %.10g",
             strtod(over, NULL) / strtod(slash + 1, NULL));
    return true;
}

/* Digits of other scripts, a minus that is none. */
static bool hint_script(const char *text, char *hint, size_t size)
{
    const char *other = text + strspn(text, "0123456789.,+-");
    if (!((unsigned char)*other & 0x80) || (other > text && !strpbrk(other, "0123456789")))
        return false;
    snprintf(hint, size, "numbers are written with the digits 0 to 9, \"-\" and a point");
    return true;
}

static void hint_rest(const char *text, char *hint, size_t size)
{
    char *end = NULL;
    strtod(text, &end);
    if (end == text || !*end) return;
    if (*end == '%')
        snprintf(hint, size, "write it as a fraction of 1");
    else if (strpbrk(end, "0123456789"))
        snprintf(hint, size, "write one plain number");
    else
        snprintf(hint, size, "write a plain number, without \"%.20s\"", end + strspn(end, " "));
}

void number_hint(const char *text, bool whole, char *hint, size_t size)
{
    char trimmed[NUMBER_TEXT];
    size_t length = strlen(text);
    while (length > 0 && strchr(",;", text[length - 1])) length--;
    snprintf(trimmed, sizeof trimmed, "%.*s", (int)length, text);
    if (length < strlen(text) && length < sizeof trimmed && !number_is(trimmed)) text = trimmed;
    if (is_infinite_word(text))
        snprintf(hint, size, "only finite numbers are allowed");
    else if (!hint_separators(text, whole, hint, size) && !hint_radix(text, hint, size) &&
             !hint_fraction(text, hint, size) && !hint_script(text, hint, size))
        hint_rest(text, hint, size);
}

/* The digits of a part of a number that stands alone: "001" of [0,001]. */
static bool is_part(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

/* "0", "001" as "0.001"; of integers "1", "000" as "1000". */
static bool join_two(const char *first, const char *second, enum commas_in in,
                     char out[NUMBER_TEXT])
{
    bool whole = in == COMMAS_IN_INTEGERS;
    if (!is_part(first + (*first == '-')) || !is_part(second) || (whole && strlen(second) != 3) ||
        strlen(first) + strlen(second) + 2 > NUMBER_TEXT)
        return false;
    snprintf(out, NUMBER_TEXT, whole ? "%s%s" : "%s.%s", first, second);
    return number_is(out);
}

static bool is_before(const char *const *items, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(items[i], items[at]) == 0) return true;
    return false;
}

bool number_join(const char *const *items, size_t count, enum commas_in in, char out[NUMBER_TEXT])
{
    char one[NUMBER_TEXT];
    /* As it stands: "001" is no number, and the values of an axis differ. */
    bool wrong = in == COMMAS_IN_EXCESS && count > 1;
    *out = 0;
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (!join_two(items[i], items[i + 1], in, one) ||
            strlen(out) + strlen(one) + 3 > NUMBER_TEXT)
            return false;
        add_item(one, out);
        wrong = wrong || (items[i + 1][0] == '0' && items[i + 1][1]) ||
                (in == COMMAS_IN_AXIS && (is_before(items, i) || is_before(items, i + 1)));
    }
    if (count % 2 && count > 1) { /* how many, of a logspace */
        if (!number_is(items[count - 1]) ||
            strlen(out) + strlen(items[count - 1]) + 3 > NUMBER_TEXT)
            return false;
        add_item(items[count - 1], out);
    }
    return wrong;
}

bool number_grouped(const char *text, char out[NUMBER_TEXT])
{
    return without_groups(text, '.', ',', out);
}
