#include "store/format_1.h"
#include "store_helpers.h"

#define GROUP "/measures/hessian_trace_per_parameter"

static struct record *make(struct arena *arena, bool with_scale)
{
    struct record *record;
    const int64_t index[] = {0, 1};
    const char *const axis[] = {"index"}, *const names[] = {"w", "b"};
    OK(record_create(arena, &record));
    if (with_scale)
        OK(record_add(record, GROUP "/index", RECORD_INTEGER, 1, (size_t[]){2}, axis, index, NULL));
    OK(record_add(record, GROUP "/name", RECORD_TEXT, 1, (size_t[]){2}, axis, names, NULL));
    return record;
}

Test(format_1, names_become_an_attribute_of_their_scale)
{
    struct arena *arena;
    OK(arena_create(&arena));
    struct record *record = make(arena, true);
    OK(format_1_mend(record));
    cr_assert_null(record_find(record, GROUP "/name"));
    const struct record_attribute *names =
        record_attribute_find(record_find(record, GROUP "/index"), "names");
    cr_assert(names && names->type == RECORD_TEXT && names->count == 2);
    cr_assert_str_eq(((const char *const *)names->data)[1], "b");
    OK(record_float(record, "/measures/more", 1, NULL)); /* it was the last item */
    cr_assert(record_find(record, "/measures/more"));
    arena_destroy(arena);
}

Test(format_1, names_without_their_scale_stay)
{
    struct arena *arena;
    OK(arena_create(&arena));
    struct record *record = make(arena, false);
    OK(format_1_mend(record));
    cr_assert(record_find(record, GROUP "/name"));
    arena_destroy(arena);
}
