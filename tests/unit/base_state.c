/* base/state.c: what is saved is what is restored, bit for bit; a record that lacks a field or has
 * it otherwise is refused. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "base/state.h"

#define OK(call) cr_assert_eq((call), BASIN_OK, "%s: %s", #call, basin_error_last()->message)

static struct arena *arena;
static struct record *record;

static void start(void)
{
    OK(arena_create(&arena));
    OK(record_create(arena, &record));
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(state, .init = start, .fini = stop);

struct thing {
    int64_t step;
    double best;
    float w[3];
    const char *word, *nothing;
};

static basin_status thing_state(struct thing *thing, struct state *state)
{
    TRY(state_integer(state, "step", &thing->step));
    TRY(state_float(state, "best", &thing->best));
    TRY(state_array(state, "w", RECORD_FLOAT32, 3, thing->w));
    TRY(state_array(state, "empty", RECORD_FLOAT32, 0, NULL));
    TRY(state_text(state, "word", arena, &thing->word));
    return state_text(state, "nothing", arena, &thing->nothing);
}

Test(state, every_bit_comes_back)
{
    struct thing thing = {.step = INT64_MAX,
                          .best = INFINITY,
                          .w = {-0.0f, NAN, 0x1p-149f},
                          .word = "epochs"},
                 again = {.nothing = "something"};
    OK(thing_state(&thing, &(struct state){.record = record, .save = true}));
    OK(thing_state(&again, &(struct state){.record = record}));
    cr_assert_eq(again.step, INT64_MAX);
    cr_assert_eq(again.best, INFINITY);
    cr_assert_eq(memcmp(again.w, thing.w, sizeof thing.w), 0);
    cr_assert_str_eq(again.word, "epochs");
    cr_assert_null(again.nothing);
}

Test(state, prefixes_keep_things_apart)
{
    struct thing first = {.step = 1}, second = {.step = 2}, again = {0};
    OK(thing_state(&first, &(struct state){.record = record, .prefix = "first/", .save = true}));
    OK(thing_state(&second, &(struct state){.record = record, .prefix = "second/", .save = true}));
    OK(thing_state(&again, &(struct state){.record = record, .prefix = "first/"}));
    cr_assert_eq(again.step, 1);
}

Test(state, what_is_missing_or_of_another_kind_is_refused)
{
    int64_t whole = 3;
    float three[3] = {1, 2, 3}, two[2];
    double real;
    const char *text;
    struct state save = {.record = record, .save = true}, read = {.record = record};
    OK(state_integer(&save, "whole", &whole));
    OK(state_array(&save, "three", RECORD_FLOAT32, 3, three));
    cr_assert_eq(state_integer(&read, "other", &whole), BASIN_DATA);
    cr_assert_eq(state_float(&read, "whole", &real), BASIN_DATA);
    cr_assert_eq(state_array(&read, "three", RECORD_FLOAT32, 2, two), BASIN_DATA);
    cr_assert_eq(state_text(&read, "whole", arena, &text), BASIN_DATA);
    cr_assert_not_null(strstr(basin_error_last()->message, "/state/whole"));
}
