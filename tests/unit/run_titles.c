#include "run/titles.h"
#include "study_helpers.h"

static struct record *make(struct arena *arena, const char *study)
{
    struct record *record;
    struct record_item *item;
    OK(record_create(arena, &record));
    if (study) OK(record_attribute_text(record, record->items, "study", study));
    OK(record_attribute_text(record, record->items, "run_id", "0123456789abcdef"));
    OK(record_group(record, "/curves", &item));
    OK(record_attribute_text(record, item, "title", "curves"));
    OK(record_group(record, "/weights", NULL));
    return record;
}

static void check(const struct record *record, const char *title)
{
    cr_assert_str_eq(record_attribute_get_text(record_find(record, "/curves"), "title"), title);
    cr_assert_null(record_attribute_find(record_find(record, "/weights"), "title"));
}

Test(titles, study_and_run_stand_in_front_once)
{
    struct arena *arena;
    OK(arena_create(&arena));
    struct record *record = make(arena, "quickstart");
    OK(titles_name_run(record));
    check(record, "quickstart 0123456789abcdef: curves");
    OK(titles_name_run(record));
    check(record, "quickstart 0123456789abcdef: curves");
    arena_destroy(arena);
}

Test(titles, a_run_without_a_study)
{
    struct arena *arena;
    OK(arena_create(&arena));
    struct record *record = make(arena, "");
    OK(titles_name_run(record));
    check(record, "0123456789abcdef: curves");
    record = make(arena, NULL);
    OK(titles_name_run(record));
    check(record, "curves");
    arena_destroy(arena);
}
