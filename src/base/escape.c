#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t escape_sequence(const char *text, size_t left)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) return 1;
    size_t length = s[0] >= 0xC2 && s[0] <= 0xDF   ? 2
                    : (s[0] & 0xF0) == 0xE0        ? 3
                    : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                                   : 0;
    if (!length || length > left) return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    if (s[0] == 0xE0 && s[1] < 0xA0) return 0;
    if (s[0] == 0xED && s[1] > 0x9F) return 0;
    if (s[0] == 0xF0 && s[1] < 0x90) return 0;
    if (s[0] == 0xF4 && s[1] > 0x8F) return 0;
    return length;
}

/* Characters that a terminal obeys, or that nobody sees: Unicode's categories Cc, Zl and Zp, the
 * marks of UAX 9 (direction), and what has neither width nor a part in spelling a word. U+200C and
 * U+200D join letters in Persian and in Indic scripts, and pictures; they stay. */
static const struct {
    uint32_t first, last;
} unseen[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},
              {0x180E, 0x180E}, {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E},
              {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};

static bool is_unseen(uint32_t character)
{
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (character >= unseen[i].first && character <= unseen[i].last) return true;
    return false;
}

static uint32_t escape_code_point(const char *text, size_t length)
{
    static const unsigned char lead[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t character = (unsigned char)text[0] & lead[length];
    for (size_t i = 1; i < length; i++)
        character = character << 6 | ((unsigned char)text[i] & 0x3F);
    return character;
}

static int escape_write(uint32_t character, char out[ESCAPE_MOST])
{
    if (character == '\n') return snprintf(out, ESCAPE_MOST, "\\n");
    if (character == '\t') return snprintf(out, ESCAPE_MOST, "\\t");
    if (character == '\r') return snprintf(out, ESCAPE_MOST, "\\r");
    if (character < 0x100) return snprintf(out, ESCAPE_MOST, "\\x%02x", (unsigned)character);
    if (character < 0x10000) return snprintf(out, ESCAPE_MOST, "\\u%04x", (unsigned)character);
    return snprintf(out, ESCAPE_MOST, "\\U%08x", (unsigned)character);
}

size_t escape_character(const char *s, size_t left, char out[ESCAPE_MOST], size_t *length)
{
    size_t step = escape_sequence(s, left);
    if (!step) {
        *length = (size_t)snprintf(out, ESCAPE_MOST, "\xEF\xBF\xBD");
        return 1;
    }
    uint32_t character = escape_code_point(s, step);
    if (is_unseen(character)) {
        *length = (size_t)escape_write(character, out);
    } else {
        memcpy(out, s, step);
        *length = step;
    }
    return step;
}

char *escape_into(char *out, size_t size, const char *from, size_t length)
{
    size_t written = 0;
    for (size_t at = 0; at < length;) {
        char character[ESCAPE_MOST];
        size_t more;
        at += escape_character(from + at, length - at, character, &more);
        if (written + more >= size) break;
        memcpy(out + written, character, more);
        written += more;
    }
    out[written] = 0;
    return out;
}
