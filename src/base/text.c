#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/escape.h"
#include "base/list.h"

static bool text_reserve(struct text *text, size_t more)
{
    if (text->failed) return false;
    size_t used = text->data ? text->length + 1 : 0;
    text->failed = !list_room(NULL, text->data, used, more + !used, text->capacity);
    return !text->failed;
}

void text_append_n(struct text *text, const char *more, size_t length)
{
    if (!text_reserve(text, length)) return;
    memcpy(text->data + text->length, more, length);
    text->length += length;
    text->data[text->length] = 0;
}

void text_append(struct text *text, const char *more)
{
    text_append_n(text, more, strlen(more));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length >= 0 && text_reserve(text, (size_t)length)) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void text_fill(struct text *text, char c, size_t count)
{
    if (!text_reserve(text, count)) return;
    memset(text->data + text->length, c, count);
    text->length += count;
    text->data[text->length] = 0;
}

bool text_valid_utf8(const char *bytes, size_t length, size_t *bad_offset)
{
    for (size_t i = 0; i < length;) {
        size_t step = escape_sequence(bytes + i, length - i);
        if (!step) {
            if (bad_offset) *bad_offset = i;
            return false;
        }
        i += step;
    }
    return true;
}

void text_json(struct text *text, const char *value)
{
    size_t length = strlen(value);
    text_append_n(text, "\"", 1);
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)value[i];
        size_t step = escape_sequence(value + i, length - i);
        if (!step) {
            text_append(text, "\xEF\xBF\xBD");
            step = 1;
        } else if (c == '"' || c == '\\') {
            text_format(text, "\\%c", c);
        } else if (c == '\n') {
            text_append(text, "\\n");
        } else if (c == '\t') {
            text_append(text, "\\t");
        } else if (c < 0x20) {
            text_format(text, "\\u%04x", c);
        } else {
            text_append_n(text, value + i, step);
        }
        i += step;
    }
    text_append_n(text, "\"", 1);
}

void text_escape_n(struct text *text, const char *value, size_t length)
{
    for (size_t at = 0; at < length && !text->failed;) {
        char character[ESCAPE_MOST];
        size_t more;
        at += escape_character(value + at, length - at, character, &more);
        text_append_n(text, character, more);
    }
}

void text_escape(struct text *text, const char *value)
{
    text_escape_n(text, value, strlen(value));
}

const char *text_double(double value, char out[32])
{
    if (isnan(value)) return memcpy(out, ".nan", 5);
    if (isinf(value)) return value > 0 ? memcpy(out, ".inf", 5) : memcpy(out, "-.inf", 6);
    if (value == 0) return memcpy(out, "0.0", 4);
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value) break;
    }
    char *exponent = strchr(out, 'e');
    if (!exponent) {
        size_t length = strlen(out);
        if (!strchr(out, '.')) snprintf(out + length, 32 - length, ".0");
        return out;
    }
    int power = (int)strtol(exponent + 1, NULL, 10);
    snprintf(exponent, (size_t)(out + 32 - exponent), "e%d", power);
    return out;
}

const char *text_given(double value, char out[32])
{
    if (value != floor(value) || fabs(value) >= 1e9) return text_double(value, out);
    snprintf(out, 32, "%.0f", value + 0.0);
    return out;
}

void text_json_number(struct text *text, double value)
{
    char digits[32];
    if (!isfinite(value))
        text_append(text, "null");
    else if (value == floor(value) && fabs(value) < 1e15)
        text_format(text, "%.0f", value + 0.0);
    else
        text_append(text, text_double(value, digits));
}

const char *text_data(const struct text *text)
{
    return text->data ? text->data : "";
}

basin_status text_status(const struct text *text)
{
    return text->failed ? error_memory(text->length) : BASIN_OK;
}

char *text_take(struct text *text)
{
    if (!text->data) text_append_n(text, "", 0);
    char *data = text->failed ? NULL : text->data;
    if (text->failed) memory_free(text->data);
    *text = (struct text){0};
    return data;
}

void text_free(struct text *text)
{
    memory_free(text->data);
    *text = (struct text){0};
}

void text_now(struct text *text)
{
    struct timespec now;
    struct tm utc;
    char stamp[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    text_format(text, "%s.%03ldZ", stamp, now.tv_nsec / 1000000);
}

enum { DISTANCE_MOST = 63 };

static int lower_case(const char *text, char out[DISTANCE_MOST])
{
    int length = (int)strnlen(text, DISTANCE_MOST);
    for (int i = 0; i < length; i++)
        out[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 'a' - 'A' : text[i]);
    return length;
}

int text_distance_within(const char *one, const char *other, int most)
{
    char a[DISTANCE_MOST], b[DISTANCE_MOST];
    int row[3][DISTANCE_MOST + 1]; /* rows i-2, i-1, i of the dynamic programming table */
    int n = lower_case(one, a), m = lower_case(other, b);
    if (abs(n - m) > most) return most + 1;
    for (int j = 0; j <= m; j++) row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        int least = now[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < best) best = before[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && b[j - 1] == a[i - 2] &&
                earlier[j - 2] + 1 < best)
                best = earlier[j - 2] + 1;
            now[j] = best;
            if (best < least) least = best;
        }
        if (least > most + 1)
            return most + 1; /* a transposition skips one row and adds 1, so a later row cannot get
                                below `most` again */
    }
    return row[n % 3][m] <= most ? row[n % 3][m] : most + 1;
}

int text_distance(const char *a, const char *b)
{
    return text_distance_within(a, b, DISTANCE_MOST);
}

const char *text_nearest(const char *wrong, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    int most = 1 + (int)(strlen(wrong) / 4);
    for (size_t i = 0; i < count; i++) {
        int distance = text_distance_within(wrong, names[i], most);
        if (distance > most) continue;
        most = distance - 1;
        nearest = names[i];
    }
    return nearest;
}

const char *text_bytes(double bytes, char out[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++) bytes /= 1024;
    snprintf(out, 32, bytes < 10 && unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return out;
}
