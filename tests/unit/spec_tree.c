#include "spec_schema.h"
#include "spec/tree.h"

#define BASE "study: s\narchitecture: linear\n"

Test(tree, duplicate_keys)
{
    expect_report(BASE "training:\n  epochs: 1\n  shuffle: true\n  epochs: 2\n",
                  "study.yaml:6:3: error: duplicate key \"epochs\"; it stands first in line 4\n"
                  "    6 |   epochs: 2\n      |   ^~~~~~\n");
}

Test(tree, empty_and_misshapen_files)
{
    expect_report(
        "", "study.yaml:1:1: error: the file is empty; `basin init` writes one to start from\n");
    expect_message("# only this\n",
                   "1:1: error: the file is empty; `basin init` writes one to start from");
    expect_message("---\n", "1:1: error: the file is empty; `basin init` writes one to start from");
    expect_message(
        "- a\n", "1:1: error: a spec is a block of keys, as in \"study: my-study\"; found a list");
    expect_message(
        "hello\n",
        "1:1: error: a spec is a block of keys, as in \"study: my-study\"; found one value");
    expect_message(BASE "---\nstudy: t\n", "3:1: error: a second document starts here; a spec is "
                                           "one document, so use one file for each study");
    expect_report("--- \n" BASE "...\n", "");
}

Test(tree, refused_constructs)
{
    expect_message(BASE "training: {epochs: !!int 3}\n",
                   "3:20: error: the tag \"!!int\" is not part of the spec language; write the "
                   "value without it");
    expect_message(BASE "training: !mine {epochs: 3}\n",
                   "3:11: error: the tag \"!mine\" is not part of the spec language; write the "
                   "value without it");
    expect_message("%YAML 1.1\n---\n" BASE, "1:1: error: directives (\"%YAML\", \"%TAG\") are not "
                                            "part of the spec language; remove the line");
    expect_message(BASE "training: {[1]: 3}\n",
                   "3:12: error: a key must be a plain word, not a list, a block or an alias");
    expect_message("study: &s s\narchitecture: linear\n*s : 3\n",
                   "3:1: error: a key must be a plain word, not a list, a block or an alias");
}

Test(tree, aliases)
{
    expect_report(
        "study: s\narchitecture: &net {type: linear}\nsweep: {grid: {architecture: [*net, mlp]}}\n",
        "");
    expect_report(
        BASE "training: &a {optimizer: *a}\n",
        "study.yaml:3:26: error: the alias \"*a\" stands inside its own anchor (line 3): a cycle\n"
        "    3 | training: &a {optimizer: *a}\n      |                          ^~\n");
    expect_message(BASE "training: *a\n",
                   "3:11: error: the alias \"*a\" has no anchor \"&a\" above it");
    expect_message(BASE "training: {epochs: &n 0, batch_size: *n}\n",
                   "3:23: error: training.batch_size: 0 is out of range, expected an integer of at "
                   "least 1 (examples)");
}

Test(tree, alias_bomb_under_a_valid_key)
{
    struct text yaml = {0};
    text_append(&yaml, BASE "training:\n  milestones:\n  - &a0 [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n");
    for (int i = 1; i < 20; i++) {
        text_format(&yaml, "  - &a%d [", i);
        for (int k = 0; k < 10; k++) text_format(&yaml, "%s*a%d", k ? ", " : "", i - 1);
        text_append(&yaml, "]\n");
    }
    struct reading reading = read_text(text_data(&yaml));
    cr_expect_eq(reading.status, BASIN_SPEC);
    cr_expect(
        strstr(text_data(&reading.printed),
               "study.yaml:9:45: error: the aliases up to here repeat more than 100000 values"));
    cr_expect_lt(arena_bytes(reading.arena), 1 << 20, "nothing was expanded");
    reading_free(&reading);
    text_free(&yaml);
}

Test(tree, merge_keys)
{
    struct reading reading = read_text(BASE "training:\n  <<: [{epochs: 3, batch_size: 5}, "
                                            "{epochs: 4, log_every: 6}]\n  batch_size: 7\n");
    struct value *run = NULL;
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run);
    cr_expect_eq(value_integer(run, "training.epochs"), 3, "the earlier of two merged blocks wins");
    cr_expect_eq(value_integer(run, "training.batch_size"), 7, "what is written wins");
    cr_expect_eq(value_integer(run, "training.log_every"), 6);
    reading_free(&reading);
    expect_message(BASE "training: {<<: 3}\n",
                   "3:12: error: \"<<\" needs a block of keys (or a list of them) to merge");
}

static void expect_depth(int depth, const char *message)
{
    struct text yaml = {0};
    text_append(&yaml, BASE "training: ");
    text_fill(&yaml, '[', (size_t)depth - 1);
    text_fill(&yaml, ']', (size_t)depth - 1);
    struct reading reading = read_text(text_data(&yaml));
    cr_expect_eq(strncmp(text_data(&reading.printed), message, strlen(message)), 0, "%s",
                 text_data(&reading.printed));
    reading_free(&reading);
    text_free(&yaml);
}

Test(tree, depth)
{
    expect_depth(64, "study.yaml:3:11: error: training: expected a block of keys, found a list\n");
    expect_depth(65, "study.yaml:3:74: error: this nests deeper than 64 levels\n");
    expect_depth(100000, "study.yaml:3:74: error: this nests deeper than 64 levels\n");
}

Test(tree, depth_through_aliases)
{
    struct text yaml = {0};
    text_append(&yaml, BASE "training:\n  milestones: &a ");
    text_fill(&yaml, '[', 40);
    text_fill(&yaml, ']', 40);
    text_append(&yaml, "\n  schedule: ");
    text_fill(&yaml, '[', 40);
    text_append(&yaml, "*a");
    text_fill(&yaml, ']', 40);
    struct reading reading = read_text(text_data(&yaml));
    cr_expect(strstr(text_data(&reading.printed),
                     "study.yaml:5:53: error: this alias nests deeper than 64 levels"));
    reading_free(&reading);
    text_free(&yaml);
}

static void expect_size(size_t bytes, const char *expected)
{
    struct text yaml = {0};
    text_append(&yaml, BASE);
    text_fill(&yaml, '#', bytes - yaml.length);
    struct reading reading = read_text(text_data(&yaml));
    cr_expect_str_eq(text_data(&reading.printed), expected);
    reading_free(&reading);
    text_free(&yaml);
}

Test(tree, size)
{
    expect_size(1 << 20, "");
    expect_size((1 << 20) + 1, "study.yaml: error: the file is larger than 1 MiB (1048576 bytes), "
                               "the most that a spec may be\n");
}

Test(tree, too_many_keys_and_anchors)
{
    struct text yaml = {0};
    text_append(&yaml, BASE "training:\n");
    for (int i = 0; i < 100000; i++) text_format(&yaml, " k%d:\n", i);
    struct reading reading = read_text(text_data(&yaml));
    cr_expect(strstr(text_data(&reading.printed),
                     "study.yaml:1004:2: error: more than 1000 keys in one block"));
    reading_free(&reading);
    yaml.length = 0;
    text_append(&yaml, BASE "training:\n  milestones:\n");
    for (int i = 0; i < 2000; i++) text_format(&yaml, "  - &k%d 0\n", i);
    reading = read_text(text_data(&yaml));
    cr_expect(strstr(text_data(&reading.printed),
                     "study.yaml:1005:5: error: more than 1000 anchors in one file"));
    reading_free(&reading);
    text_free(&yaml);
}

Test(tree, byte_order_mark_and_carriage_returns)
{
    expect_report("\xEF\xBB\xBFstudy: s\r\narchitecture: linear\r\n", "");
    expect_report("\xEF\xBB\xBFstudi: s\r\nstudy: t\r\narchitecture: linear\r\n",
                  "study.yaml:1:1: error: unknown key \"studi\"; did you mean \"study\"?\n"
                  "    1 | studi: s\n      | ^~~~~\n");
}
