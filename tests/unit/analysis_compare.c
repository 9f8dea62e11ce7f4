#include "analysis/compare.h"
#include "study_helpers.h"

#include <math.h>

static struct arena *arena;

static void start(void)
{
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(compare, .init = start, .fini = stop);

enum variant {
    SAME,
    OTHER_BITS,
    OTHER_SHAPE,
    OTHER_TYPE,
    OTHER_AXIS,
    MORE,
    OTHER_ATTRIBUTE,
    OTHER_TEXT,
    OTHER_HOST,
    OTHER_VERSION,
    OTHER_STATUS,
    OTHER_NAN,
    OTHER_TITLE
};

static struct record *make(enum variant variant)
{
    struct record *record;
    struct record_item *item;
    double values[6] = {1, 2, NAN, 4, 5, variant == OTHER_BITS ? 6.0000000000000009 : 6};
    float narrow[6] = {1, 2, NAN, 4, 5, 6};
    if (variant == OTHER_NAN) values[2] = -NAN;
    size_t dims[2] = {2, 3}, other[2] = {3, 2};
    OK(record_create(arena, &record));
    OK(record_attribute_text(record, record->items, "status",
                             variant == OTHER_STATUS ? "diverged" : "finished"));
    OK(record_attribute_text(record, record->items, "basin_version",
                             variant == OTHER_VERSION ? "9" : "0.1.0"));
    OK(record_add(record, "/curves/loss", variant == OTHER_TYPE ? RECORD_FLOAT32 : RECORD_FLOAT64,
                  2, variant == OTHER_SHAPE ? other : dims,
                  (const char *[]){"epoch", variant == OTHER_AXIS ? "x" : ""},
                  variant == OTHER_TYPE ? (void *)narrow : (void *)values, &item));
    OK(record_attribute_text(record, item, "units", variant == OTHER_ATTRIBUTE ? "nat" : "1"));
    OK(record_group(record, "/curves", &item));
    OK(record_attribute_text(record, item, "title",
                             variant == OTHER_TITLE ? "a 0: curves" : "b 0: curves"));
    OK(record_text(record, "/spec",
                   variant == OTHER_TEXT ? "a: 1\nb: 3\nc: 4\n" : "a: 1\nb: 2\nc: 4\n", NULL));
    OK(record_text(record, "/provenance/host", variant == OTHER_HOST ? "x" : "y", NULL));
    OK(record_text(record, "/provenance_of_data", "z", NULL));
    if (variant == MORE) OK(record_float(record, "/measures/new", 1, NULL));
    return record;
}

static void differ(enum variant variant, const char *where)
{
    struct text why = {0};
    cr_assert(!compare_records(make(SAME), make(variant), &why));
    cr_assert_str_eq(text_data(&why), where);
    text_free(&why);
}

static void agree(enum variant variant)
{
    struct text why = {0};
    cr_assert(compare_records(make(SAME), make(variant), &why), "%s", text_data(&why));
    cr_assert_eq(why.length, 0);
    text_free(&why);
}

Test(compare, equal_outside_provenance)
{
    agree(SAME);
    agree(OTHER_HOST);
    agree(OTHER_VERSION);
    agree(OTHER_TITLE); /* it names the study */
}

Test(compare, the_first_difference_is_named)
{
    differ(OTHER_BITS, "/curves/loss differs, first in element 5: 6.0 and 6.000000000000001");
    differ(OTHER_NAN, "/curves/loss differs, first in element 2: .nan and .nan");
    differ(OTHER_SHAPE, "/curves/loss has another type or shape");
    differ(OTHER_TYPE, "/curves/loss has another type or shape");
    differ(OTHER_AXIS, "/curves/loss has another type or shape");
    differ(OTHER_TEXT, "/spec differs, first in element 0: \"b: 2\" and \"b: 3\"");
    differ(OTHER_ATTRIBUTE, "attribute units of /curves/loss differs");
    differ(OTHER_STATUS, "attribute status of / differs");
    differ(MORE, "only the second has /measures");
}

Test(compare, what_only_the_first_has_is_named)
{
    struct text why = {0};
    cr_assert(!compare_records(make(MORE), make(SAME), &why));
    cr_assert_str_eq(text_data(&why), "only the first has /measures");
    text_free(&why);
}

static void add_rows(struct record *record, int64_t first)
{
    int64_t rows[2] = {first, 3};
    OK(record_add(record, "/data/rows/train", RECORD_INTEGER, 1, &(size_t){2},
                  (const char *[]){"train"}, rows, NULL));
}

Test(compare, rows_count_where_both_say_which_they_used)
{
    struct text why = {0};
    struct record *without = make(SAME), *with = make(SAME), *other = make(SAME);
    OK(record_group(without, "/data", &(struct record_item *){NULL}));
    add_rows(with, 1);
    add_rows(other, 2);
    cr_assert(compare_records(without, with, &why), "%s", text_data(&why));
    cr_assert(compare_records(with, without, &why), "%s", text_data(&why));
    cr_assert(!compare_records(with, other, &why));
    cr_assert_str_eq(text_data(&why), "/data/rows/train differs, first in element 0: 1.0 and 2.0");
    text_free(&why);
}

/* A result of the run `id`: its spec, how one number was measured, and the words for it. */
static struct record *result_of(const char *id, const char *text, const char *options,
                                const char *words, double value)
{
    struct record *record;
    struct record_item *item;
    OK(record_create(arena, &record));
    OK(record_attribute_text(record, record->items, "run_id", id));
    OK(record_text(record, "/spec", text, NULL));
    OK(record_float(record, "/weights", value, &item));
    OK(record_attribute_text(record, item, "definition", words));
    OK(record_attribute_text(record, item, "long_name", words));
    OK(record_attribute_text(record, item, "source", words));
    OK(record_attribute_text(record, item, "options", options));
    return record;
}

Test(compare, wording_does_not_count)
{
    struct text why = {0};
    const char *options = "{k: 1, tolerance: 1e-6}";
    struct record *old = result_of("1", "rate: 0.001\n", options, "a", 2);
    const char *text = "rate: 1.0e-3\norder: file\n", *later = "{k: 1, ends: x, tolerance: 1.0e-6}";
    cr_expect(compare_records(old, result_of("1", text, later, "b", 2), &why), "%s",
              text_data(&why));
    cr_expect(!compare_records(old, result_of("1", text, "{k: 2}", "a", 2), &why));
    cr_expect_str_eq(text_data(&why), "attribute options of /weights differs");
    text_free(&why);
}

Test(compare, numbers_go_before_the_spec)
{
    struct text why = {0};
    struct record *a = result_of("1", "rate: 1\n", "{}", "a", 2);
    cr_expect(!compare_records(a, result_of("2", "rate: 3\n", "{}", "a", 4), &why));
    cr_expect_str_eq(text_data(&why), "/weights differs, first in element 0: 2.0 and 4.0");
    text_free(&why);
    cr_expect(!compare_records(a, result_of("2", "rate: 3\n", "{}", "a", 2), &why));
    cr_expect_str_eq(text_data(&why),
                     "/spec differs, first in element 0: \"rate: 1\" and \"rate: 3\"");
    text_free(&why);
}
