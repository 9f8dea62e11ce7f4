/* base/json.c: kinds, members, mistakes, shortage of memory. */
#include <criterion/criterion.h>
#include <string.h>
#include "base/arena.h"
#include "base/json.h"

static struct arena *arena;

static void set_up(void)
{
    cr_assert_eq(arena_create(&arena), BASIN_OK);
}

static void tear_down(void)
{
    arena_destroy(arena);
}

TestSuite(json, .init = set_up, .fini = tear_down);

static const struct json *parsed(const char *text)
{
    const struct json *value;
    cr_assert_eq(json_parse(arena, text, strlen(text), &value), BASIN_OK, "%s",
                 basin_error_last()->message);
    return value;
}

Test(json, members_are_found_by_kind)
{
    const struct json *value =
        parsed("{\"text\": \"m\\u00e4 \\\"q\\\"\", \"list\": [\"a\", 2], \"yes\": true, "
               "\"no\": false, \"n\": 9007199254740993, \"r\": -2.5}");
    int64_t n = 7;
    cr_assert_str_eq(json_text(json_member(value, "text")), "m\u00e4 \"q\"");
    cr_assert_null(json_text(json_member(value, "list")));
    cr_assert_null(json_text(json_member(value, "absent")));
    cr_assert_eq(json_count(json_member(value, "list")), 2);
    cr_assert_eq(json_count(json_member(value, "text")), 0);
    cr_assert_str_eq(json_text(json_item(json_member(value, "list"), 0)), "a");
    cr_assert_null(json_item(json_member(value, "list"), 2));
    cr_assert(json_to_boolean(json_member(value, "yes")));
    cr_assert_not(json_to_boolean(json_member(value, "no")));
    cr_assert_not(json_to_boolean(json_member(value, "n")));
    cr_assert(json_to_integer(json_member(value, "n"), &n));
    cr_assert_eq(n, 9007199254740993);
    cr_assert(json_to_integer(json_member(value, "r"), &n));
    cr_assert_eq(n, -2);
    cr_assert_not(json_to_integer(json_member(value, "text"), &n));
    cr_assert_eq(n, -2);
}

Test(json, nothing_is_found_in_what_is_no_object)
{
    const struct json *value = parsed("\"text\"");
    cr_assert_null(json_member(value, "text"));
    cr_assert_null(json_member(NULL, "text"));
    cr_assert_null(json_text(NULL));
    cr_assert_not(json_to_boolean(NULL));
    cr_assert_eq(json_count(NULL), 0);
}

Test(json, numbers_beyond_an_integer_have_no_value)
{
    const struct json *value = parsed("[1e300, -1e300, 9.3e18]");
    int64_t n;
    for (size_t i = 0; i < 3; i++) cr_assert_not(json_to_integer(json_item(value, i), &n));
}

Test(json, what_is_no_json_is_refused_with_its_place)
{
    static const char *const wrong[] = {
        "",    "{",     "{\"a\": }",           "[1, ]", "[1] 2", "\"\\ud800\"", "\"\xff\"",
        "nul", "1e999", "99999999999999999999"};
    const struct json *value;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_eq(json_parse(arena, wrong[i], strlen(wrong[i]), &value), BASIN_DATA, "%s",
                     wrong[i]);
        cr_assert(strstr(basin_error_last()->message, "line 1"), "%s", basin_error_last()->message);
        cr_assert_null(value);
    }
    cr_assert_eq(json_parse(arena, "[\0]", 3, &value), BASIN_DATA);
}

Test(json, a_shortage_of_memory_is_said_to_be_one)
{
    static const char text[] = "{\"a\": [1, 2.5, \"three\", {\"b\": null}], \"c\": true, "
                               "\"long\": \"0123456789abcdef0123456789abcdef\"}";
    const struct json *value;
    bool failed = true;
    long n = 1;
    for (; failed && n < 1000; n++) {
        memory_fail_at(n);
        basin_status status = json_parse(arena, text, strlen(text), &value);
        failed = memory_fail_left() == 0;
        memory_fail_at(0);
        cr_assert_eq(status, failed ? BASIN_MEMORY : BASIN_OK, "allocation %ld", n);
        cr_assert_eq(value == NULL, failed);
    }
    cr_assert_gt(n, 5);
    cr_assert_str_eq(json_text(json_member(value, "long")), "0123456789abcdef0123456789abcdef");
}

Test(json, a_tree_that_takes_too_much_memory_is_refused)
{
    enum { VALUES = 6000000 }; /* some 32 bytes each */
    const struct json *value;
    char *text = memory_allocate(2 * VALUES + 1);
    cr_assert_not_null(text);
    memset(text, '1', 2 * VALUES);
    text[0] = '[';
    for (size_t i = 2; i < 2 * VALUES; i += 2) text[i] = ',';
    text[2 * VALUES - 1] = '1';
    text[2 * VALUES] = ']';
    cr_assert_eq(json_parse(arena, text, 2 * VALUES + 1, &value), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "128 MiB"), "%s", basin_error_last()->message);
    cr_assert_null(value);
    memory_free(text);
}

Test(json, members_come_in_the_order_of_the_text)
{
    static const char *const keys[] = {"b", "a", "c"};
    static const char text[] = "{\"b\": 3, \"a\": [-1, 1.0], \"c\": {}}";
    const struct json *value, *item;
    const void *at = NULL;
    const char *key;
    size_t count = 0, size;
    cr_assert_eq(json_parse_strictly(arena, text, strlen(text), &value), BASIN_OK);
    cr_assert(json_is_map(value) && !json_is_sequence(value));
    for (; json_next(value, &at, &key, &item); count++) cr_assert_str_eq(key, keys[count]);
    cr_assert_eq(count, 3);
    cr_assert(json_to_size(json_member(value, "b"), &size) && size == 3);
    item = json_member(value, "a");
    cr_assert(json_is_sequence(item) && !json_is_map(item));
    cr_assert_not(json_to_size(json_item(item, 0), &size));
    cr_assert_not(json_to_size(json_item(item, 1), &size));
    at = NULL;
    cr_assert_not(json_next(item, &at, &key, &item));
    at = NULL;
    cr_assert_not(json_next(NULL, &at, &key, &item));
}

Test(json, keys_that_stand_twice_are_refused_where_it_is_asked_for)
{
    const struct json *value;
    cr_assert_eq(json_parse(arena, "{\"a\": 1, \"a\": 2}", 16, &value), BASIN_OK);
    cr_assert_eq(json_parse_strictly(arena, "{\"a\": 1, \"a\": 2}", 16, &value), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "duplicate"), "%s", basin_error_last()->message);
}
