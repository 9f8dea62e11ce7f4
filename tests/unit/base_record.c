/* base/record.c: the tree of named arrays: parents, copies, attributes, refusals, shortage of
 * memory. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "base/record.h"

static struct arena *arena;
static struct record *record;

static void start(void)
{
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    cr_assert_eq(record_create(arena, &record), BASIN_OK);
}

static void end(void)
{
    memory_fail_at(0);
    arena_destroy(arena);
}

TestSuite(record, .init = start, .fini = end);

Test(record, parents_are_made_once_and_in_order)
{
    cr_assert_eq(record_float(record, "/a/b/c", 1.5, NULL), BASIN_OK);
    cr_assert_eq(record_integer(record, "/a/b/d", -7, NULL), BASIN_OK);
    cr_assert_eq(record_text(record, "/top", "x", NULL), BASIN_OK);
    static const char *const expected[] = {"/", "/a", "/a/b", "/a/b/c", "/a/b/d", "/top"};
    size_t count = 0;
    for (struct record_item *item = record->items; item; item = item->next, count++) {
        cr_assert_lt(count, 6);
        cr_assert_str_eq(item->path, expected[count]);
        cr_assert_eq(item->is_group, count < 3);
    }
    cr_assert_eq(count, 6);
    struct record_item *group;
    cr_assert_eq(record_group(record, "/a/b", &group), BASIN_OK);
    cr_assert_eq(group, record_find(record, "/a/b"));
    cr_assert_null(record_find(record, "/a/x"));
}

Test(record, values_are_copied)
{
    double values[6] = {1, 2, 3, 4, 5, 6};
    char axis[] = "epoch", first[] = "one";
    const char *axes[] = {NULL, axis}, *names[] = {first, "two"};
    struct record_item *item, *texts;
    cr_assert_eq(record_add(record, "/x", RECORD_FLOAT64, 2, (size_t[]){2, 3}, axes, values, &item),
                 BASIN_OK);
    cr_assert_eq(record_add(record, "/names", RECORD_TEXT, 1, (size_t[]){2}, NULL, names, &texts),
                 BASIN_OK);
    values[4] = axis[0] = first[0] = 0;
    cr_assert_eq(record_count(item), 6);
    cr_assert_eq(record_number(item, 4), 5);
    cr_assert_str_eq(item->axes[0], "");
    cr_assert_str_eq(item->axes[1], "epoch");
    cr_assert_str_eq(((const char **)texts->data)[0], "one");
}

Test(record, numbers_of_every_type)
{
    struct record_item *item;
    cr_assert_eq(
        record_add(record, "/f", RECORD_FLOAT32, 1, (size_t[]){2}, NULL, (float[]){1, 0.5f}, &item),
        BASIN_OK);
    cr_assert_eq(record_number(item, 1), 0.5);
    cr_assert_eq(
        record_add(record, "/b", RECORD_BYTE, 1, (size_t[]){2}, NULL, (uint8_t[]){1, 255}, &item),
        BASIN_OK);
    cr_assert_eq(record_number(item, 1), 255);
    cr_assert_eq(record_integer(record, "/i", -9, &item), BASIN_OK);
    cr_assert_eq(record_number(item, 0), -9);
    cr_assert_eq(record_count(item), 1);
    cr_assert_eq(record_text(record, "/t", "12", &item), BASIN_OK);
    cr_assert(isnan(record_number(item, 0)));
    cr_assert(isnan(record_number(record->items, 0)));
    cr_assert_eq(record_add(record, "/none", RECORD_FLOAT64, 1, (size_t[]){0}, NULL, NULL, &item),
                 BASIN_OK);
    cr_assert_eq(record_count(item), 0);
}

Test(record, attributes_are_set_and_replaced)
{
    struct record_item *item = record->items;
    cr_assert_eq(record_attribute_text(record, item, "status", "running"), BASIN_OK);
    cr_assert_eq(record_attribute_float(record, item, "version", 0.5), BASIN_OK);
    cr_assert_eq(record_attribute_text(record, item, "status", "finished"), BASIN_OK);
    cr_assert_str_eq(record_attribute_get_text(item, "status"), "finished");
    cr_assert_null(record_attribute_get_text(item, "version"), "not a text");
    cr_assert_null(record_attribute_get_text(item, "absent"));
    size_t count = 0;
    for (struct record_attribute *at = item->attributes; at; at = at->next) count++;
    cr_assert_eq(count, 2);
    int64_t numbers[] = {4, 5, 6};
    cr_assert_eq(record_attribute_add(record, item, "version", RECORD_INTEGER, 3, numbers),
                 BASIN_OK);
    const struct record_attribute *found = record_attribute_find(item, "version");
    cr_assert_eq(found->type, RECORD_INTEGER);
    cr_assert_eq(found->count, 3);
    cr_assert_eq(((const int64_t *)found->data)[2], 6);
}

Test(record, what_does_not_fit_is_refused)
{
    cr_assert_eq(record_float(record, "/x", 1, NULL), BASIN_OK);
    cr_assert_eq(record_float(record, "/x", 2, NULL), BASIN_INTERNAL);
    cr_assert_eq(record_number(record_find(record, "/x"), 0), 1);
    cr_assert_eq(record_group(record, "/x", NULL), BASIN_INTERNAL);
    cr_assert_eq(record_float(record, "/x/y", 1, NULL), BASIN_INTERNAL);
    size_t dims[RECORD_RANK + 1] = {1, 1, 1, 1, 1};
    cr_assert_eq(
        record_add(record, "/r", RECORD_FLOAT64, RECORD_RANK + 1, dims, NULL, (double[]){1}, NULL),
        BASIN_INTERNAL);
}

static basin_status fill(struct arena *into)
{
    struct record *made;
    struct record_item *item;
    static const double zeros[10000];
    TRY(record_create(into, &made));
    TRY(record_add(made, "/g/large", RECORD_FLOAT64, 1, (size_t[]){10000}, NULL, zeros, &item));
    TRY(record_attribute_text(made, item, "units", "1"));
    return record_add(made, "/g/larger", RECORD_FLOAT64, 1, (size_t[]){10000}, NULL, zeros, NULL);
}

Test(record, every_shortage_of_memory_is_an_error)
{
    basin_status status = BASIN_MEMORY;
    int failures = 0;
    for (long n = 1; status != BASIN_OK; n++) {
        struct arena *scratch;
        cr_assert_eq(arena_create(&scratch), BASIN_OK);
        memory_fail_at(n);
        status = fill(scratch);
        memory_fail_at(0);
        arena_destroy(scratch);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY);
        failures += status != BASIN_OK;
    }
    cr_assert_geq(failures, 3);
}

/* As many as no list could be searched for in this time; what was removed is gone, the rest is
 * not. */
Test(record, a_hundred_thousand_items_are_found)
{
    enum { ITEMS = 100000 };
    char path[32];
    for (int i = 0; i < ITEMS; i++) {
        snprintf(path, sizeof path, "/measures/m%d", i);
        cr_assert_eq(record_float(record, path, i, NULL), BASIN_OK);
    }
    for (int i = 0; i < ITEMS; i++) {
        snprintf(path, sizeof path, "/measures/m%d", i);
        cr_assert_eq(record_number(record_find(record, path), 0), i);
    }
    record_remove(record, record_find(record, "/measures/m500"));
    record_remove(record, record_find(record, "/measures/m99999"));
    cr_assert_null(record_find(record, "/measures/m500"));
    cr_assert_null(record_find(record, "/measures/m99999"));
    cr_assert_eq(record_float(record, "/measures/m500", -1, NULL), BASIN_OK);
    cr_assert_eq(record_number(record_find(record, "/measures/m500"), 0), -1);
    cr_assert_not_null(record_find(record, "/measures/m99998"));
}
