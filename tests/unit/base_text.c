/* base/text.c: growing text, JSON, shortest numbers that read back, UTF-8, distances for
 * did-you-mean. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/random.h"
#include "base/text.h"

Test(text, appending_grows)
{
    struct text text = {0};
    cr_assert_str_eq(text_data(&text), "");
    for (int i = 0; i < 1000; i++) text_format(&text, "%d,", i);
    text_append(&text, "abc");
    text_append_n(&text, "defgh", 2);
    text_fill(&text, '-', 3);
    cr_assert_eq(text_status(&text), BASIN_OK);
    cr_assert_eq(text.length, strlen(text.data));
    cr_assert_eq(text.length, 10 * 2 + 90 * 3 + 900 * 4 + 8);
    cr_assert_str_eq(text.data + text.length - 12, "999,abcde---");
    char *taken = text_take(&text);
    cr_assert_null(text.data);
    cr_assert_eq(strncmp(taken, "0,1,2,", 6), 0);
    memory_free(taken);
    taken = text_take(&text);
    cr_assert_str_eq(taken, "", "an empty text is taken as an empty string");
    memory_free(taken);
}

Test(text, shortage_of_memory_is_remembered)
{
    struct text text = {0};
    text_append(&text, "kept");
    memory_fail_at(1);
    text_fill(&text, 'x', 1000);
    text_append(&text, "more");
    cr_assert_str_eq(text_data(&text), "kept");
    cr_assert_eq(text_status(&text), BASIN_MEMORY);
    cr_assert_null(text_take(&text));
    text_free(&text);
}

static const char *double_text(double value)
{
    static char out[32];
    return text_double(value, out);
}

Test(text, doubles_are_short)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {1, "1.0"},
                 {-2, "-2.0"},
                 {0, "0.0"},
                 {-0.0, "0.0"},
                 {1e-5, "1e-5"},
                 {1e22, "1e22"},
                 {1e5, "1e5"},
                 {123456, "123456.0"},
                 {0.3, "0.3"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {5e-324, "5e-324"},
                 {1.5e-7, "1.5e-7"},
                 {DBL_MAX, "1.7976931348623157e308"},
                 {NAN, ".nan"},
                 {INFINITY, ".inf"},
                 {-INFINITY, "-.inf"},
                 {0.0001, "0.0001"},
                 {2.5e-4, "0.00025"},
                 {60000, "6e4"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_str_eq(double_text(cases[i].value), cases[i].text, "%s is not %s",
                         double_text(cases[i].value), cases[i].text);
}

static size_t significant_digits(const char *number)
{
    size_t count = 0;
    for (; *number && *number != 'e'; number++)
        count += *number >= (count ? '0' : '1') && *number <= '9';
    return count;
}

/* Random bit patterns: reads back, is a float in YAML, and 17 digits are never exceeded. */
Test(text, bytes_for_people)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {{0, "0 B"},           {1023, "1023 B"},          {1024, "1.0 KiB"},
                 {64 << 20, "64 MiB"}, {1.8 * 0x1p40, "1.8 TiB"}, {0x1p54, "16384 TiB"}};
    char out[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(text_bytes(cases[i].bytes, out), cases[i].text);
}

Test(text, doubles_read_back)
{
    struct random random = random_make(1, STREAM_DATA, 0, 0);
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t bits =
            (uint64_t)random_word(&random, 2 * i) << 32 | random_word(&random, 2 * i + 1);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        const char *text = double_text(value);
        cr_assert_eq(strtod(text, NULL), value, "%s", text);
        cr_assert(strpbrk(text, ".e"), "%s", text);
        cr_assert_leq(significant_digits(text), 17 + (value == floor(value)), "%s",
                      text); /* one more for ".0" */
    }
}

Test(text, json)
{
    struct text text = {0};
    text_json(&text, "a\"b\\c\n\t\x01\x7f caf\xc3\xa9 \xff\xc3");
    cr_assert_str_eq(text_data(&text),
                     "\"a\\\"b\\\\c\\n\\t\\u0001\x7f caf\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd\"");
    text_free(&text);
    text_json_number(&text, NAN);
    text_append(&text, " ");
    text_json_number(&text, -INFINITY);
    text_append(&text, " ");
    text_json_number(&text, 60000);
    text_append(&text, " ");
    text_json_number(&text, -0.0);
    text_append(&text, " ");
    text_json_number(&text, 0.1);
    text_append(&text, " ");
    text_json_number(&text, 1e300);
    cr_assert_str_eq(text_data(&text), "null null 60000 0 0.1 1e300");
    text_free(&text);
}

Test(text, utf8)
{
    static const char *const good[] = {"",
                                       "ascii",
                                       "caf\xc3\xa9",
                                       "\xe2\x82\xac",
                                       "\xf0\x9f\x98\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xc2\x80",
                                       "\xe0\xa0\x80",
                                       "\xf0\x90\x80\x80"};
    /* continuation alone, overlong of 2, 3, 4 bytes, surrogate, beyond U+10FFFF, cut off, wrong
     * continuation */
    static const char *const bad[] = {"ab\x80",
                                      "ab\xc0\xaf",
                                      "ab\xc1\xbf",
                                      "ab\xe0\x9f\xbf",
                                      "ab\xf0\x8f\xbf\xbf",
                                      "ab\xed\xa0\x80",
                                      "ab\xf4\x90\x80\x80",
                                      "ab\xf5\x80\x80\x80",
                                      "ab\xc3",
                                      "ab\xe2\x82",
                                      "ab\xf0\x9f\x98",
                                      "ab\xc3(",
                                      "ab\xe2\x28\xa1",
                                      "ab\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_assert(text_valid_utf8(good[i], strlen(good[i]), NULL), "good %zu", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t offset = 99;
        cr_assert_not(text_valid_utf8(bad[i], strlen(bad[i]), &offset), "bad %zu", i);
        cr_assert_eq(offset, 2, "bad %zu at %zu", i, offset);
    }
}

Test(text, distances)
{
    static const struct {
        const char *a, *b;
        int distance;
    } cases[] = {{"", "", 0},
                 {"", "abc", 3},
                 {"abc", "", 3},
                 {"abc", "abc", 0},
                 {"abc", "ABC", 0},
                 {"kitten", "sitting", 3},
                 {"learnig_rate", "learning_rate", 1},
                 {"ab", "ba", 1},
                 {"abcd", "badc", 2},
                 {"ca", "abc", 3},
                 {"hiden", "hidden", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(text_distance(cases[i].a, cases[i].b), cases[i].distance, "%s %s", cases[i].a,
                     cases[i].b);
        cr_assert_eq(text_distance(cases[i].b, cases[i].a), cases[i].distance, "%s %s", cases[i].b,
                     cases[i].a);
    }
    char longer[200];
    memset(longer, 'a', 199);
    longer[199] = 0;
    cr_assert_eq(text_distance(longer, ""), 63, "only so many characters are compared");
}

Test(text, the_nearest_name)
{
    static const char *const names[] = {"epochs", "batch_size", "learning_rate", "loss"};
    cr_assert_str_eq(text_nearest("learnig_rate", names, 4), "learning_rate");
    cr_assert_str_eq(text_nearest("Loss", names, 4), "loss");
    cr_assert_str_eq(text_nearest("epohcs", names, 4), "epochs");
    cr_assert_null(text_nearest("momentum", names, 4));
    cr_assert_null(text_nearest("loss", names, 0));
}
