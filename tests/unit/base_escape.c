/* base/escape.c: what a terminal obeys, and what nobody sees, never comes through. */
#include <criterion/criterion.h>
#include <string.h>
#include "base/error.h"
#include "base/escape.h"
#include "base/text.h"

static const struct {
    const char *from, *to;
} cases[] = {
    {"plain text, \"quoted\", a\\b", "plain text, \"quoted\", a\\b"},
    {"\xC3\xA9 \xE6\xBC\xA2 \xF0\x9F\x98\x80 \xD7\xA9",
     "\xC3\xA9 \xE6\xBC\xA2 \xF0\x9F\x98\x80 \xD7\xA9"},
    {"red\x1B[31m", "red\\x1b[31m"},          /* SGR */
    {"\x1B]0;title\a", "\\x1b]0;title\\x07"}, /* OSC */
    {"\xC2\x9B"
     "2J",
     "\\x9b2J"}, /* CSI as one character of C1 */
    {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
    {"\x7F", "\\x7f"},
    {"a\xE2\x80\xAE"
     "5h.b",
     "a\\u202e5h.b"},                                 /* right-to-left override */
    {"\xE2\x81\xA6x\xE2\x81\xA9", "\\u2066x\\u2069"}, /* isolates */
    {"\xE2\x80\x8F\xD8\x9C", "\\u200f\\u061c"},
    {"a\xE2\x80\xA8"
     "b",
     "a\\u2028b"}, /* line separator */
    {"\xEF\xBB\xBFx\xE2\x80\x8By", "\\ufeffx\\u200by"},
    {"\xF3\xA0\x81\x81", "\\U000e0041"}, /* a tag */
    {"\xE2\x80\x8C\xE2\x80\x8D", "\xE2\x80\x8C\xE2\x80\x8D"},
    {"\xFF\x80 \xC2", "\xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD"},
    {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, /* a surrogate */
    {"", ""},
};

Test(escape, one_line_that_moves_nothing)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[128], again[128];
        escape_into(out, sizeof out, cases[i].from, strlen(cases[i].from));
        cr_assert_str_eq(out, cases[i].to);
        escape_into(again, sizeof again, out, strlen(out));
        cr_assert_str_eq(again, out, "escaping twice is escaping once");
        struct text text = {0};
        text_escape(&text, cases[i].from);
        cr_assert_str_eq(text_data(&text), cases[i].to);
        text_free(&text);
    }
}

Test(escape, a_nul_inside_is_a_character)
{
    char out[16];
    cr_assert_str_eq(escape_into(out, sizeof out, "a\0b", 3), "a\\x00b");
}

/* 0 for a surrogate, which is no character. */
static size_t encode(unsigned c, char out[5])
{
    size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
    if (c >= 0xD800 && c < 0xE000) return 0;
    out[0] = (char)(lead[more] | c >> (6 * more));
    for (size_t i = 1; i <= more; i++) out[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3F));
    return more + 1;
}

/* Every character on its own: what comes out is valid UTF-8 without controls, and either the
 * character itself or an escape. */
Test(escape, every_character)
{
    for (unsigned c = 1; c < 0x110000; c++) {
        char from[5] = {0}, out[ESCAPE_MOST];
        size_t written, length = encode(c, from);
        if (!length) continue;
        cr_assert_eq(escape_character(from, length, out, &written), length, "U+%04X", c);
        bool same = written == length && memcmp(out, from, length) == 0;
        cr_assert(same || out[0] == '\\', "U+%04X", c);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0)) cr_assert(!same, "U+%04X", c);
    }
}

Test(escape, is_cut_between_characters)
{
    char out[8];
    cr_assert_str_eq(escape_into(out, 8, "12345\x1B", 6), "12345");
    cr_assert_str_eq(escape_into(out, 8, "123456\xC3\xA9", 8), "123456");
    cr_assert_str_eq(escape_into(out, 8, "12345\xC3\xA9", 7), "12345\xC3\xA9");
    cr_assert_str_eq(escape_into(out, 1, "1", 1), "");
}

Test(escape, errors_are_escaped)
{
    error_raise(BASIN_DATA, "%s is not a result", "runs/\x1B[2J.h5");
    cr_assert_str_eq(basin_error_last()->message, "runs/\\x1b[2J.h5 is not a result");
    error_hint("see %s", "\xE2\x80\xAEgol");
    cr_assert_str_eq(basin_error_last()->hint, "see \\u202egol");
    error_prefix("%s", "a\nb");
    cr_assert_str_eq(basin_error_last()->message, "a\\nb: runs/\\x1b[2J.h5 is not a result");
    error_place("x\x1By", 1, 2);
    cr_assert_str_eq(basin_error_last()->file, "x\\x1by");
}
