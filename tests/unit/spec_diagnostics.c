#include <criterion/criterion.h>
#include <string.h>
#include "spec/diagnostics.h"

static struct arena *arena;
static struct diagnostics diagnostics;
static struct text out;

static void start(const char *source)
{
    arena_create(&arena);
    diagnostics_start(&diagnostics, arena);
    diagnostics.file = "s.yaml";
    diagnostics.source = source;
    diagnostics.source_length = strlen(source);
}

static void stop(void)
{
    text_free(&out);
    arena_destroy(arena);
}

static void expect(const char *expected)
{
    out.length = 0;
    diagnostics_print(&diagnostics, &out);
    cr_expect_str_eq(text_data(&out), expected);
}

Test(diagnostics, form)
{
    start("a: 1\n    learnig_rate: 1e-3\n");
    diagnostics_add(&diagnostics, (struct mark){2, 5, 12, 0}, "unknown key \"%s\"", "learnig_rate");
    expect("s.yaml:2:5: error: unknown key \"learnig_rate\"\n"
           "    2 |     learnig_rate: 1e-3\n"
           "      |     ^~~~~~~~~~~~\n");
    stop();
}

Test(diagnostics, control_characters_are_escaped)
{
    start("a: 1\n");
    diagnostics_add(&diagnostics, (struct mark){1, 1, 0, 0}, "unknown key \"%s\"",
                    "\x1b[31m\n\t\x7f\xC2\x9b\xC3\xA9");
    expect("s.yaml:1:1: error: unknown key \"\\x1b[31m\\n\\t\\x7f\\x9b\xC3\xA9\"\n"
           "    1 | a: 1\n"
           "      | ^\n");
    stop();
}

Test(diagnostics, order_and_repeats)
{
    start("a\nb\n");
    const char *sets[] = {"x=1"};
    diagnostics.sets = sets;
    diagnostics_add(&diagnostics, (struct mark){1, 3, 1, 1}, "of the set");
    diagnostics_add(&diagnostics, (struct mark){2, 1, 1, 0}, "second");
    diagnostics_add(&diagnostics, (struct mark){1, 1, 1, 0}, "first");
    diagnostics_add(&diagnostics, (struct mark){2, 1, 1, 0}, "second");
    diagnostics_add(&diagnostics, (struct mark){0}, "nowhere");
    cr_expect_eq(diagnostics.total, 4);
    expect("s.yaml: error: nowhere\n"
           "s.yaml:1:1: error: first\n    1 | a\n      | ^\n"
           "s.yaml:2:1: error: second\n    2 | b\n      | ^\n"
           "--set x=1:1:3: error: of the set\n    1 | x=1\n      |   ^\n");
    stop();
}

Test(diagnostics, the_first_twenty_in_place_are_kept)
{
    start("");
    for (int i = 30; i > 0; i--)
        diagnostics_add(&diagnostics, (struct mark){i, 1, 1, 0}, "number %d", i);
    cr_expect_eq(diagnostics.count, DIAGNOSTICS_MOST);
    cr_expect_eq(diagnostics.total, 30);
    cr_expect_str_eq(diagnostics.items[0].message, "number 1");
    cr_expect_str_eq(diagnostics.items[19].message, "number 20");
    diagnostics_print(&diagnostics, &out);
    cr_expect(strstr(text_data(&out), "\n... and 10 more errors\n"));
    stop();
}

Test(diagnostics, what_comes_behind_twenty_is_counted)
{
    start("");
    for (int i = 1; i <= 21; i++)
        diagnostics_add(&diagnostics, (struct mark){i, 1, 1, 0}, "number %d", i);
    cr_expect_eq(diagnostics.count, DIAGNOSTICS_MOST);
    cr_expect_str_eq(diagnostics.items[19].message, "number 20");
    diagnostics_print(&diagnostics, &out);
    cr_expect(strstr(text_data(&out), "\n... and 1 more error\n"));
    stop();
}

Test(diagnostics, characters_are_columns)
{
    start("\tk\xC3\xA4se: \xE2\x82\xAC\xFF x\r\n");
    diagnostics_add(&diagnostics, (struct mark){1, 10, 9, 0}, "here");
    expect("s.yaml:1:10: error: here\n"
           "    1 |  k\xC3\xA4se: \xE2\x82\xAC\xEF\xBF\xBD x\n"
           "      |          ^~\n");
    stop();
}

/* Of the command line, or cut off in the middle of a character. */
Test(diagnostics, what_is_no_utf8_is_replaced_in_messages)
{
    start("a: 1\n");
    diagnostics_add(&diagnostics, (struct mark){1, 1, 0, 0}, "unknown key \"%s\", %.2s",
                    "\xFFk\xC3\xA9\xA0", "\xE2\x82\xAC");
    expect("s.yaml:1:1: error: unknown key \"\xEF\xBF\xBDk\xC3\xA9\xEF\xBF\xBD\", "
           "\xEF\xBF\xBD\xEF\xBF\xBD\n"
           "    1 | a: 1\n"
           "      | ^\n");
    stop();
}

Test(diagnostics, the_name_of_a_base_is_as_plain)
{
    static const struct diagnostics_base base = {
        .file = "b\x1b[1m.yaml", .source = "x: 1\n", .length = 5};
    start("base: ...\n");
    diagnostics.bases = &base;
    diagnostics_add(&diagnostics, (struct mark){1, 1, 1, -1}, "here");
    expect("b\xEF\xBF\xBD[1m.yaml:1:1: error: here\n"
           "    1 | x: 1\n"
           "      | ^\n");
    stop();
}

Test(diagnostics, long_lines_are_cut_around_the_place)
{
    char line[401];
    memset(line, 'a', 400);
    line[400] = 0;
    line[299] = 'X';
    start(line);
    diagnostics_add(&diagnostics, (struct mark){1, 300, 1, 0}, "here");
    diagnostics_print(&diagnostics, &out);
    const char *excerpt = strchr(text_data(&out), '\n') + 1, *caret = strchr(excerpt, '\n') + 1;
    cr_expect_lt(strcspn(excerpt, "\n"), 130);
    cr_expect_eq(excerpt[strcspn(caret, "^")], 'X');
    cr_expect_eq(strncmp(excerpt + 8, "...a", 4), 0);
    cr_expect_eq(strncmp(caret - 5, "a...\n", 5), 0);
    stop();
}

Test(diagnostics, shortage_of_memory_is_remembered)
{
    start("");
    while (arena_allocate(arena, 4000) && arena_bytes(arena) < 20000) {
    }
    memory_fail_at(1);
    char long_message[2000];
    memset(long_message, 'x', sizeof long_message - 1);
    long_message[sizeof long_message - 1] = 0;
    for (int i = 0; i < 40 && !diagnostics.failed; i++)
        diagnostics_add(&diagnostics, (struct mark){i + 1, 1, 1, 0}, "%s", long_message);
    memory_fail_at(0);
    cr_expect(diagnostics.failed);
    stop();
}
