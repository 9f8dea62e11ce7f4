#include "spec/number.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void expect_hint(const char *text, const char *of_a_number, const char *of_an_integer)
{
    char hint[160];
    for (int whole = 0; whole < 2; whole++) {
        const char *expected = whole ? of_an_integer : of_a_number;
        *hint = 0;
        number_hint(text, whole, hint, sizeof hint);
        cr_expect_str_eq(hint, expected, "%s: \"%s\", not \"%s\"", text, hint, expected);
    }
}

Test(number, hints_on_separators)
{
    expect_hint("64,128", "write 64128; a list of numbers is [64, 128]",
                "write 64128; a list of numbers is [64, 128]");
    expect_hint("1,000", "write 1000", "write 1000");
    expect_hint("10,00,000", "write 1000000", "write 1000000");
    expect_hint("12,34,567.5", "write 1234567.5", "write 1234567.5");
    expect_hint("1,024,", "write 1024", "write 1024");
    expect_hint("0,1e-2", "write 0.1e-2; a list of numbers is [0, 1e-2]",
                "this is one number; a list of numbers is [0, 1e-2]");
    expect_hint("5;", "write 5, without the semicolon", "write 5, without the semicolon");
}

Test(number, hints_on_lists)
{
    static const char *const lists[][2] = {
        {"4;8", "4, 8"},         {"0.01; 0.1", "0.01, 0.1"}, {"0,01; 0,1", "0.01, 0.1"},
        {"0,1 0,2", "0.1, 0.2"}, {"1, 2, 3", "1, 2, 3"},     {"16 8", "16, 8"}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char hint[160] = "", list[NUMBER_TEXT];
        number_hint(lists[i][0], true, hint, sizeof hint);
        cr_expect(strstr(hint, "a list of numbers is [") && strstr(hint, lists[i][1]), "%s: %s",
                  lists[i][0], hint);
        cr_expect(number_list(lists[i][0], list));
        cr_expect_str_eq(list, lists[i][1]);
    }
    char none[NUMBER_TEXT];
    cr_expect(!number_list("16x8", none));
    cr_expect(!number_list("", none));
    cr_expect(!number_list("one two", none));
}

Test(number, hints_on_what_is_no_decimal_number)
{
    const char *script = "numbers are written with the digits 0 to 9, \"-\" and a point";
    expect_hint("8/255", "write it as a decimal number, 0.03137254902",
                "write it as a decimal number, 0.03137254902");
    expect_hint("1/0", "write one plain number", "write one plain number");
    expect_hint("\u0660\u066b\u0661", script, script);
    expect_hint("\u22120.1", script, script);
    expect_hint("0\u00b71", script, script);
    expect_hint("5\u00b5s", "write a plain number, without \"\u00b5s\"",
                "write a plain number, without \"\u00b5s\"");
    expect_hint("10-20", "write one plain number", "write one plain number");
}

static void expect_joined(const char *items, enum commas_in in, const char *joined)
{
    char copy[NUMBER_TEXT], out[NUMBER_TEXT];
    const char *texts[16];
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", items);
    for (char *at = copy; *at;) {
        texts[count++] = at;
        at += strcspn(at, " ");
        if (*at) *at++ = 0;
    }
    bool is = number_join(texts, count, in, out);
    cr_expect_eq(is, joined != NULL, "%s", items);
    if (is && joined) cr_expect_str_eq(out, joined);
}

/* [0,001, 0,1] */
Test(number, pieces_of_decimals_are_joined_where_they_can_be_nothing_else)
{
    expect_joined("0 001 0 1", COMMAS_IN_FLOATS, "0.001, 0.1");
    expect_joined("0 001 0 1 3", COMMAS_IN_FLOATS, "0.001, 0.1, 3");
    expect_joined("-1 05 2 5", COMMAS_IN_FLOATS, "-1.05, 2.5");
    expect_joined("1 5 2 5", COMMAS_IN_FLOATS, NULL);
    expect_joined("1 5 2 5", COMMAS_IN_AXIS, "1.5, 2.5");
    expect_joined("0 1 0 2", COMMAS_IN_AXIS, "0.1, 0.2");
    expect_joined("0 5", COMMAS_IN_AXIS, NULL);
    expect_joined("0 5 1 2", COMMAS_IN_AXIS, NULL);
    expect_joined("0 5 1 2", COMMAS_IN_EXCESS, "0.5, 1.2");
    expect_joined("0.1 01", COMMAS_IN_AXIS, NULL);
    expect_joined("1 000 2 500", COMMAS_IN_INTEGERS, "1000, 2500");
    expect_joined("8 16 8 16", COMMAS_IN_INTEGERS, NULL);
    expect_joined("100 200", COMMAS_IN_INTEGERS, NULL);
    expect_joined("", COMMAS_IN_AXIS, NULL);
}
