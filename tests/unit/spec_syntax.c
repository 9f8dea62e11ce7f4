#include "spec_schema.h"

#define BASE "study: s\narchitecture: linear\n"

Test(syntax, tabs)
{
    expect_report("study: s\ntraining:\n\tepochs: 3\n",
                  "study.yaml:3:1: error: a tab is used for indentation; YAML wants spaces\n"
                  "    3 |  epochs: 3\n      | ^\n");
    expect_message("study: s\ntraining:\n  epochs: 3\n  \tbatch_size: 3\n",
                   "4:3: error: a tab is used for indentation; YAML wants spaces");
}

Test(syntax, sentences)
{
    expect_message(BASE "description: @home\n",
                   "3:14: error: a value cannot start with \"@\"; put it in quotes");
    expect_message(BASE "training: {epochs: 3\nprecision: float32\n",
                   "3:11: error: this block in braces is not closed; a \",\" or \"}\" is missing");
    expect_message(BASE "training: {milestones: [1, 2}\n",
                   "3:24: error: this list is not closed; a \",\" or \"]\" is missing");
    expect_message(BASE "description: \"abc\n", "3:14: error: this text in quotes is not closed");
    expect_message(
        BASE "training:\n    epochs: 3\n  shuffle: true\n",
        "5:3: error: this line is indented by 2 spaces, but the lines above it by 4 or 0; keys of "
        "one block are indented alike");
    expect_message(BASE "description: a: b\n",
                   "3:15: error: a second \":\" stands in this line; put the text in quotes");
    expect_message(BASE "training:\n  epochs 3 \n  shuffle: true\n",
                   "4:3: error: this is no \"key: value\"; is a \":\" missing?");
    expect_message(BASE "precision: float32\n  epochs: 3\n",
                   "4:3: error: this line is indented by 2 spaces, but the lines above it by 0; "
                   "keys of one block are indented alike");
    expect_message(BASE "precision\n",
                   "3:1: error: this is no \"key: value\"; is a \":\" missing?");
    expect_message(BASE "description: \"C:\\data\"\n",
                   "3:17: error: this escape is unknown; in \"...\" write \"\\\\\" for one "
                   "backslash, or use '...'");
}

/* One space too many is found whatever the line above is. */
Test(syntax, one_space_too_many)
{
    static const struct {
        const char *yaml, *place, *now, *before;
    } cases[] = {{"training:\n  epochs: 3\n   shuffle: true\n", "5:4", "3", "2"},
                 {"precision: float32\n training: {epochs: 3}\n", "4:2", "1", "0"},
                 {"training:\n  epochs: 3\n\n  # why\n   shuffle: true\n", "7:4", "3", "2"},
                 {"training:\n  optimizer:\n    type: sgd\n     momentum: 0.9\n", "6:6", "5", "4"},
                 {"training:\n  milestones: [1]\n   epochs: 3\n", "5:4", "3", "2"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text yaml = {0}, message = {0};
        text_format(&yaml, BASE "%s", cases[i].yaml);
        text_format(&message, "study.yaml:%s: error: ", cases[i].place);
        text_format(&message,
                    "this line has one space too many before it: %s, where the line above has "
                    "%s; keys of one block are indented alike\n",
                    cases[i].now, cases[i].before);
        struct reading reading = read_text(text_data(&yaml));
        cr_expect_eq(strncmp(text_data(&reading.printed), text_data(&message), message.length), 0,
                     "%s\n%s", text_data(&reading.printed), text_data(&message));
        reading_free(&reading);
        text_free(&yaml);
        text_free(&message);
    }
}

Test(syntax, characters)
{
    expect_report(
        "study: s\ndescription: caf\xE9!\n",
        "study.yaml:2:17: error: invalid UTF-8: byte 0xE9 at offset 25; save the file as UTF-8\n"
        "    2 | description: caf\xEF\xBF\xBD!\n      |                 ^\n");
    expect_message("study: s\n# \xED\xA0\x80 a surrogate\n",
                   "2:3: error: invalid UTF-8: byte 0xED at offset 11; save the file as UTF-8");
    expect_message("\xFF\xFEs\n",
                   "1:1: error: invalid UTF-8: byte 0xFF at offset 0; save the file as UTF-8");
    expect_message("study: s\r\ndescription: \xC3\xA4\x01\n",
                   "2:15: error: the character U+0001 is not allowed in a spec; remove it");
    expect_message(BASE "description: \"a\\0b\"\n",
                   "3:14: error: a text cannot contain the character \"\\0\"");
    struct reading reading = read_sets("study: s\n\0", 10, NULL);
    cr_expect(strstr(text_data(&reading.printed),
                     "study.yaml:2:1: error: the character U+0000 is not allowed"));
    reading_free(&reading);
}
