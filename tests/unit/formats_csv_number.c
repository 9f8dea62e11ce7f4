#include "formats/csv_number.h"
#include <math.h>
#include "data_files.h"

TestSuite(csv_number, .init = data_start, .fini = data_stop);

static bool parse(const char *text, double *value)
{
    bool whole;
    return csv_number_read(text, strlen(text), '.', value, &whole);
}

static void expect_same(const char *text)
{
    double value = 0, wanted = strtod(text, NULL);
    cr_assert(parse(text, &value), "%s", text);
    cr_assert_eq(memcmp(&value, &wanted, sizeof value), 0, "%s is %a, not %a", text, value, wanted);
}

Test(csv_number, forms_of_numbers)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "+1",
                                        "1.",
                                        ".5",
                                        "-.5e1",
                                        "1e3",
                                        "1E+3",
                                        "1e-3",
                                        "007",
                                        "1e22",
                                        "1e23",
                                        "123456789012345678901234567890",
                                        "9007199254740993",
                                        "9007199254740992",
                                        "0.1",
                                        "1.7976931348623157e308",
                                        "4.9e-324",
                                        "1e-400",
                                        "0e999999999999",
                                        "0.00000000000000000000000000000000000001",
                                        "179769313486231570000000000000000000000",
                                        "2.2250738585072011e-308"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) expect_same(texts[i]);
}

/* Every way of writing it, of numbers of all magnitudes. */
Test(csv_number, any_number_is_correctly_rounded)
{
    static const char *const formats[] = {"%.17g", "%.6g", "%.3f", "%.20e", "%.16g", "%.0f"};
    uint64_t state = 1;
    for (int i = 0; i < 60000; i++) {
        char text[400];
        double value;
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = state ^ state >> 29;
        memcpy(&value, &bits, sizeof value);
        if (i % 2) value = ldexp((double)(bits >> 12), -40);
        if (!isfinite(value)) continue;
        snprintf(text, sizeof text, formats[i % 6], value);
        expect_same(text);
    }
}

Test(csv_number, what_is_no_number)
{
    static const char *const texts[] = {"",
                                        "+",
                                        "-",
                                        ".",
                                        "e5",
                                        "1e",
                                        "1e+",
                                        "0x10",
                                        "1_000",
                                        "1,5",
                                        "1.2.3",
                                        "nan",
                                        "inf",
                                        "1 2",
                                        "--1",
                                        "1e5.5",
                                        "1a",
                                        "١",
                                        "-inf",
                                        "1e400",
                                        "infinity",
                                        "0x",
                                        "1e99999999999999999999"};
    double value;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_assert_not(parse(texts[i], &value), "%s", texts[i]);
}

Test(csv_number, whole_numbers_are_digits_only)
{
    static const struct {
        const char *text;
        bool whole;
    } cases[] = {{"1", true},   {"-12", true},  {"+3", true}, {"1.0", false},
                 {"1.", false}, {"1e3", false}, {"0", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value;
        bool whole;
        cr_assert(csv_number_read(cases[i].text, strlen(cases[i].text), '.', &value, &whole));
        cr_assert_eq(whole, cases[i].whole, "%s", cases[i].text);
    }
}

Test(csv_number, decimal_comma)
{
    double value;
    bool whole;
    cr_assert(csv_number_read("-1,25", 5, ',', &value, &whole));
    cr_assert_eq(value, -1.25);
    cr_assert(csv_number_read("0,1000000000000000055511151231257827", 36, ',', &value, &whole));
    cr_assert_eq(value, 0.1);
    cr_assert_not(csv_number_read("1.5", 3, ',', &value, &whole));
}

Test(csv_number, mistakes_have_a_hint_and_texts_have_none)
{
    static const struct {
        const char *text, *hint;
    } cases[] = {{"0x10", "hexadecimal"},
                 {"-0Xff", "hexadecimal"},
                 {"1_000", "thousands"},
                 {"1.234,5", "thousands"},
                 {"1,234,567.5", "thousands"},
                 {"1'000", "thousands"},
                 {"12 500", "thousands"},
                 {"1,5", "decimal: comma"},
                 {"1e999", "range"},
                 {"nan", "missing_texts"},
                 {"-Infinity", "missing_texts"},
                 {"12%", "%"},
                 {"$5.50", "$"},
                 {"red", NULL},
                 {"12a", NULL},
                 {"2020-01-02", NULL},
                 {"12:30", NULL},
                 {"", NULL},
                 {"-", NULL},
                 {"0xyz", NULL},
                 {"infinite", NULL},
                 {"%", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text, *found = csv_number_mistake(text, strlen(text), '.');
        if (cases[i].hint)
            cr_assert(found && strstr(found, cases[i].hint), "%s: %s", text,
                      found ? found : "none");
        else
            cr_assert_null(found, "%s: %s", text, found);
    }
    cr_assert(strstr(csv_number_mistake("1.5", 3, ','), "decimal: point"));
}
