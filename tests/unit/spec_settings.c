#include "spec/settings.h"

#include <math.h>
#include "spec_schema.h"

enum shade { SHADE_LIGHT, SHADE_DARK };
static const char *const shades[] = {"light", "dark", NULL};
static const char *const pair_words[] = {"same", NULL};

struct pencil_settings {
    double hardness;
};
struct brush_settings {
    int64_t hairs;
    enum shade shade;
    bool hairs_changed;
};
struct inner_settings {
    double depth;
    bool is_wet;
};
struct outer_settings {
    bool flag;
    int maybe, unsaid;
    int64_t number, missing, count;
    double ratio, hole;
    const char *text, *nothing;
    enum shade shade;
    int unchosen;
    const struct entry *tool;
    struct setting_pair pair, same, unpaired;
    struct setting_integers integers, empty, unlisted;
    struct setting_numbers numbers;
    struct setting_texts texts;
    struct inner_settings inner;
    struct setting_variant variant, short_variant, unvaried;
    struct setting_list set, sequence, unsequenced;
    double dotted;
    int64_t last;
};

static const struct schema_row pencil_rows[] = {{.key = "hardness",
                                                 SETTING(struct pencil_settings, hardness),
                                                 .type = SCHEMA_FLOAT,
                                                 .fallback = "2.5",
                                                 .doc = "Hardness."},
                                                {0}};
static const struct schema_row brush_rows[] = {
    {.key = "hairs",
     SETTING(struct brush_settings, hairs),
     SETTING_CHANGED(struct brush_settings, hairs_changed),
     .type = SCHEMA_INTEGER,
     .fallback = "7",
     .doc = "Hairs."},
    {.key = "shade",
     SETTING(struct brush_settings, shade),
     .type = SCHEMA_CHOICE,
     .choices = shades,
     .fallback = "dark",
     .doc = "Shade."},
    {0}};
static const struct entry pencil = {.name = "pencil",
                                    .doc = "A pencil.",
                                    .parameters = pencil_rows,
                                    .settings_size = sizeof(struct pencil_settings)};
static const struct entry brush = {.name = "brush",
                                   .doc = "A brush.",
                                   .parameters = brush_rows,
                                   .settings_size = sizeof(struct brush_settings)};
static const struct entry finger = {.name = "finger", .doc = "A finger."};
static const struct entry *const tool_entries[] = {&pencil, &brush, &finger, NULL};
static const struct registry tools = {"tool", "tools", tool_entries};

static const struct schema_row inner_rows[] = {{.key = "depth",
                                                SETTING(struct inner_settings, depth),
                                                .type = SCHEMA_FLOAT,
                                                .fallback = "0.5",
                                                .doc = "Depth."},
                                               {.key = "is_wet",
                                                SETTING(struct inner_settings, is_wet),
                                                .type = SCHEMA_BOOLEAN,
                                                .fallback = "false",
                                                .doc = "Wet."},
                                               {0}};

#define FIELD(member) .key = #member, SETTING(struct outer_settings, member), .doc = "A row."

static const struct schema_row outer_rows[] = {
    {FIELD(flag), .type = SCHEMA_BOOLEAN, .fallback = "true"},
    {FIELD(maybe), .type = SCHEMA_BOOLEAN, .flags = SCHEMA_OPTIONAL},
    {FIELD(unsaid), .type = SCHEMA_BOOLEAN, .flags = SCHEMA_OPTIONAL},
    {FIELD(number), .type = SCHEMA_INTEGER, .fallback = "3"},
    {FIELD(missing), .type = SCHEMA_INTEGER, .flags = SCHEMA_OPTIONAL},
    {FIELD(count), .type = SCHEMA_COUNT, .minimum = 1, .maximum = 1e9, .fallback = "all"},
    {FIELD(ratio), .type = SCHEMA_FLOAT, .fallback = "4"},
    {FIELD(hole), .type = SCHEMA_FLOAT, .flags = SCHEMA_OPTIONAL},
    {FIELD(text), .type = SCHEMA_TEXT, .fallback = "words"},
    {FIELD(nothing), .type = SCHEMA_PATH, .flags = SCHEMA_OPTIONAL},
    {FIELD(shade), .type = SCHEMA_CHOICE, .choices = shades, .fallback = "light"},
    {FIELD(unchosen), .type = SCHEMA_CHOICE, .choices = shades, .flags = SCHEMA_OPTIONAL},
    {FIELD(tool), .type = SCHEMA_CHOICE, .registry = &tools, .fallback = "finger"},
    {FIELD(pair), .type = SCHEMA_PAIR, .minimum = 1, .maximum = 99, .fallback = "[2, 3]"},
    {FIELD(same), .type = SCHEMA_PAIR, .minimum = 1, .maximum = 99, .choices = pair_words,
     .fallback = "same"},
    {FIELD(unpaired), .type = SCHEMA_PAIR, .minimum = 1, .maximum = 9, .flags = SCHEMA_OPTIONAL},
    {FIELD(integers), .type = SCHEMA_INTEGERS, .minimum = 1, .maximum = 99, .fallback = "[5, 6]"},
    {FIELD(empty), .type = SCHEMA_INTEGERS, .minimum = 1, .maximum = 99, .fallback = "[]"},
    {FIELD(unlisted), .type = SCHEMA_INTEGERS, .minimum = 1, .maximum = 99,
     .flags = SCHEMA_OPTIONAL},
    {FIELD(numbers), .type = SCHEMA_NUMBERS, .maximum = 9, .fallback = "[0.5, 2]"},
    {FIELD(texts), .type = SCHEMA_TEXTS, .maximum = 9, .fallback = "[a, '1', no]"},
    {FIELD(inner), .type = SCHEMA_TABLE, .table = inner_rows},
    {FIELD(variant), .type = SCHEMA_VARIANT, .registry = &tools, .discriminator = "type",
     .fallback = "{type: brush, hairs: 8}"},
    {FIELD(short_variant), .type = SCHEMA_VARIANT, .registry = &tools, .discriminator = "type",
     .fallback = "finger"},
    {FIELD(unvaried), .type = SCHEMA_VARIANT, .registry = &tools, .discriminator = "type",
     .flags = SCHEMA_OPTIONAL},
    {FIELD(set), .type = SCHEMA_SET, .registry = &tools},
    {FIELD(sequence), .type = SCHEMA_SEQUENCE, .registry = &tools,
     .fallback = "[brush, pencil: {hardness: 1}, brush: {hairs: 1}]"},
    {FIELD(unsequenced), .type = SCHEMA_SEQUENCE, .registry = &tools, .flags = SCHEMA_OPTIONAL},
    {.key = "last.dotted",
     SETTING(struct outer_settings, dotted),
     .doc = "A row.",
     .type = SCHEMA_FLOAT,
     .fallback = "0.25"},
    {FIELD(last), .type = SCHEMA_INTEGER, .fallback = "11"},
    {.key = "fieldless", .type = SCHEMA_FLOAT, .fallback = "1", .doc = "Fills nothing."},
    {0}};

static struct outer_settings filled(struct arena *arena, const char *yaml)
{
    struct spec *spec;
    struct value *run = NULL;
    struct diagnostics diagnostics;
    struct outer_settings settings;
    struct spec_request request = {.file = "study.yaml",
                                   .text = yaml,
                                   .length = strlen(yaml),
                                   .folder = "/",
                                   .schema = outer_rows};
    memset(&settings, 0x5a, sizeof settings);
    diagnostics_start(&diagnostics, arena);
    basin_status status = spec_read(arena, &request, &diagnostics, &spec);
    if (status == BASIN_OK) status = spec_run(spec, 0, arena, &diagnostics, &run);
    cr_assert_eq(status, BASIN_OK, "%s", diagnostics.count ? diagnostics.items[0].message : "");
    cr_assert_eq(settings_fill(arena, outer_rows, run, &settings), BASIN_OK);
    return settings;
}

Test(settings, defaults_of_every_type)
{
    struct arena *arena;
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    struct outer_settings s = filled(arena, "number: 3\n");
    cr_expect(s.flag);
    cr_expect_eq(s.number, 3);
    cr_expect_eq(s.count, SETTING_ALL);
    cr_expect_eq(s.ratio, 4);
    cr_expect_str_eq(s.text, "words");
    cr_expect_eq(s.shade, SHADE_LIGHT);
    cr_expect_eq(s.tool, &finger);
    cr_expect(s.pair.first == 2 && s.pair.second == 3 && s.pair.word == SETTING_UNSET);
    cr_expect_eq(s.same.word, 0);
    cr_expect(s.integers.count == 2 && s.integers.items[0] == 5 && s.integers.items[1] == 6);
    cr_expect(s.empty.count == 0 && s.empty.items);
    cr_expect(s.numbers.count == 2 && s.numbers.items[0] == 0.5 && s.numbers.items[1] == 2);
    cr_expect(s.texts.count == 3 && strcmp(s.texts.items[1], "1") == 0 &&
              strcmp(s.texts.items[2], "no") == 0);
    cr_expect(s.inner.depth == 0.5 && !s.inner.is_wet);
    cr_expect(s.short_variant.entry == &finger && !s.short_variant.settings);
    cr_expect(s.set.count == 0 && s.set.items);
    cr_expect_eq(s.dotted, 0.25);
    cr_expect_eq(s.last, 11);
    arena_destroy(arena);
}

Test(settings, what_is_not_given)
{
    struct arena *arena;
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    struct outer_settings s = filled(arena, "number: 3\n");
    cr_expect_eq(s.unsaid, SETTING_UNSET);
    cr_expect_eq(s.missing, SETTING_ABSENT);
    cr_expect(isnan(s.hole));
    cr_expect_null(s.nothing);
    cr_expect_eq(s.unchosen, SETTING_UNSET);
    cr_expect_eq(s.unpaired.first, SETTING_ABSENT);
    cr_expect_null(s.unlisted.items);
    cr_expect_null(s.unvaried.entry);
    cr_expect_null(s.unsequenced.items);
    arena_destroy(arena);
}

Test(settings, what_is_given)
{
    struct arena *arena;
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    struct outer_settings s = filled(
        arena, "flag: false\nmaybe: true\nunsaid: false\nmissing: 4\ncount: 12\nhole: 1\nnothing: "
               "a/b\nunchosen: dark\nsame: [4, 4]\npair: 9\nunlisted: []\ninner: {is_wet: true}\n"
               "unvaried: pencil\nset: {brush: {shade: light}, pencil: {}}\nunsequenced: []\n");
    cr_expect_not(s.flag);
    cr_expect_eq(s.maybe, 1);
    cr_expect_eq(s.unsaid, 0);
    cr_expect_eq(s.missing, 4);
    cr_expect_eq(s.count, 12);
    cr_expect_eq(s.hole, 1);
    cr_expect_str_eq(s.nothing, "/a/b");
    cr_expect_eq(s.unchosen, SHADE_DARK);
    cr_expect(s.same.first == 4 && s.same.second == 4 && s.same.word == SETTING_UNSET);
    cr_expect(s.pair.first == 9 && s.pair.second == 9);
    cr_expect(s.unlisted.count == 0 && s.unlisted.items);
    cr_expect(s.inner.depth == 0.5 && s.inner.is_wet);
    cr_expect_eq(((const struct pencil_settings *)s.unvaried.settings)->hardness, 2.5);
    cr_expect(s.unsequenced.count == 0 && s.unsequenced.items);
    cr_assert_eq(s.set.count, 2);
    cr_expect_eq(s.set.items[0].entry, &pencil, "in the order of the registry");
    cr_expect_eq(s.set.items[1].entry, &brush);
    cr_expect_eq(((const struct brush_settings *)s.set.items[1].settings)->shade, SHADE_LIGHT);
    arena_destroy(arena);
}

Test(settings, entries_and_what_differs_from_its_default)
{
    struct arena *arena;
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    struct outer_settings s = filled(arena, "number: 3\n");
    const struct brush_settings *own = s.variant.settings;
    cr_expect_eq(s.variant.entry, &brush);
    cr_expect(own->hairs == 8 && own->hairs_changed && own->shade == SHADE_DARK);
    cr_assert_eq(s.sequence.count, 3);
    const struct brush_settings *first = s.sequence.items[0].settings;
    const struct pencil_settings *second = s.sequence.items[1].settings;
    const struct brush_settings *third = s.sequence.items[2].settings;
    cr_expect(s.sequence.items[1].entry == &pencil && second->hardness == 1);
    cr_expect(first->hairs == 7 && !first->hairs_changed);
    cr_expect(third->hairs == 1 && third->hairs_changed);
    arena_destroy(arena);
}
