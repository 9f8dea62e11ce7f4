/* Parentheses: what is hidden from YAML, and comes back. */
#include "spec/parentheses.h"

#include <criterion/criterion.h>
#include <string.h>
#include "spec/tree.h"

static struct arena *arena;

static void start(void)
{
    cr_assert_eq(arena_create(&arena), BASIN_OK);
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(parentheses, .init = start, .fini = stop);

static bool changes(const char *text)
{
    const char *hidden;
    size_t length;
    cr_assert_eq(parentheses_hide(arena, text, strlen(text), &hidden, &length), BASIN_OK);
    char *shown = arena_text_n(arena, hidden, length);
    parentheses_show(shown);
    cr_assert_str_eq(shown, text);
    return hidden != text;
}

Test(parentheses, hides_what_stands_in_parentheses_of_expect)
{
    cr_assert(changes("expect:\n  - value: mean(x, from: 0.5)\n"));
    cr_assert(changes("a: 1\nexpect:\n- claim: c\n  below: {value: max(a, b)}\n"));
    cr_assert(changes("expect:\n  - claim: \"quoted (a, b)\"\n    value: max(a, b)\n"));
    cr_assert(changes("expect: [{value: max(a, b)}]"));
}

Test(parentheses, leaves_the_rest_alone)
{
    cr_assert(!changes("description: mean(x, from: 0.5)\n"));
    cr_assert(!changes("expect:\n  - value: a\ndescription: b (c, d: e)\n"));
    cr_assert(!changes("expect:\n  - value: \"mean(x, from: 0.5)\"\n"));
    cr_assert(!changes("expect:\n  - value: 'it''s mean(x, from: 0.5)' # max(a, b)\n"));
    cr_assert(!changes("expect:\n  - value: abs(x)\n    within: [0, 1]\n"));
    cr_assert(!changes("# max(a, b)\nexpect:\n  # max(a, b)\n"));
    cr_assert(!changes("expect:\n  - claim: \"over\n      two (a, b) lines\"\n"));
}

static struct tree *read_text(const char *text)
{
    struct diagnostics diagnostics;
    struct tree *root = NULL;
    struct tree_source source = {.text = text, .length = strlen(text)};
    diagnostics_start(&diagnostics, arena);
    cr_assert_eq(tree_read(arena, &source, &diagnostics, &root), BASIN_OK);
    cr_assert_eq(diagnostics.total, 0, "%s", diagnostics.items[0].message);
    return root;
}

Test(parentheses, texts_and_places_are_those_of_the_file)
{
    const struct tree *root =
        read_text("expect:\n"
                  "  - value: mean(a.b, from: 0.5, to: 9) * learning_rate / 2\n"
                  "    below: {where: lr = 1, value: max(a, b)}  # max(a, b)\n");
    const struct tree *item = tree_find(root, "expect")->value->list.items[0];
    const struct tree *value = tree_find(item, "value")->value;
    cr_assert_str_eq(value->text, "mean(a.b, from: 0.5, to: 9) * learning_rate / 2");
    cr_assert_eq(value->mark.column, 12);
    cr_assert_eq(value->mark.width, 47);
    const struct tree *below = tree_find(item, "below")->value;
    cr_assert_str_eq(tree_find(below, "value")->value->text, "max(a, b)");
    cr_assert_str_eq(tree_find(below, "where")->value->text, "lr = 1");
}
