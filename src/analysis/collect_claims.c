/* The claims of study.h5: what the study expects, and what came out, over the dimension `claim`. */
#include <string.h>
#include "analysis/claims_study.h"
#include "analysis/collect_parts.h"

static const char *claim_words(const struct claim_row *row)
{
    return row->claim;
}

static const char *claim_verdict(const struct claim_row *row)
{
    return claim_verdict_name(row->verdict);
}

static const char *claim_value(const struct claim_row *row)
{
    return row->value;
}

static const char *claim_expected(const struct claim_row *row)
{
    return row->expected;
}

static const char *claim_worst(const struct claim_row *row)
{
    return row->setting ? row->setting : "";
}

static double claim_mean(const struct claim_row *row)
{
    return row->mean;
}

static double claim_low(const struct claim_row *row)
{
    return row->low;
}

static double claim_high(const struct claim_row *row)
{
    return row->high;
}

static double claim_n(const struct claim_row *row)
{
    return (double)row->n;
}

static double claim_lacking(const struct claim_row *row)
{
    return (double)row->lacking;
}

/* One of `text` and `number` is given. */
static const struct claim_array {
    const char *name, *long_name;
    const char *(*text)(const struct claim_row *row);
    double (*number)(const struct claim_row *row);
} claim_arrays[] = {
    {"claim_text", "what the study expects, in words", claim_words, NULL},
    {"claim_verdict", "holds, fails, undecided or no data", claim_verdict, NULL},
    {"claim_value", "the expression that the claim is about", claim_value, NULL},
    {"claim_expected", "where its value should lie", claim_expected, NULL},
    {"claim_worst", "the worst of several settings", claim_worst, NULL},
    {"claim_mean", "mean over the runs of the worst setting, or mean difference", NULL, claim_mean},
    {"claim_low", "lower end of the 95 % interval of the mean", NULL, claim_low},
    {"claim_high", "upper end of the 95 % interval of the mean", NULL, claim_high},
    {"claim_n", "runs, or pairs of runs, of the worst setting", NULL, claim_n},
    {"claim_lacking", "chosen runs without the number", NULL, claim_lacking},
};

static const char *const claim_axis = "claim";

static basin_status add_claim_array(struct collector *collector, const struct claims_result *result,
                                    const struct claim_array *array)
{
    const char **texts = arena_array(collector->arena, const char *, result->count + 1);
    double *numbers = arena_array(collector->arena, double, result->count + 1);
    const char *path = arena_format(collector->arena, "/%s", array->name);
    struct record_item *item;
    if (!texts || !numbers || !path) return BASIN_MEMORY;
    for (size_t i = 0; i < result->count; i++) {
        if (array->text) texts[i] = array->text(&result->rows[i]);
        if (array->number) numbers[i] = array->number(&result->rows[i]);
    }
    TRY(record_add(collector->record, path, array->text ? RECORD_TEXT : RECORD_FLOAT64, 1,
                   &result->count, &claim_axis, array->text ? (const void *)texts : numbers,
                   &item));
    return collect_describe(collector, item, array->number ? "1" : NULL, array->long_name, NULL);
}

basin_status collect_claims(struct collector *collector, const char *folder)
{
    struct claims_result result;
    struct record_item *item;
    TRY(claims_of_table(collector->arena, folder, collector->table, &result));
    if (!result.count) return BASIN_OK;
    int64_t *index = arena_array(collector->arena, int64_t, result.count);
    if (!index) return BASIN_MEMORY;
    for (size_t i = 0; i < result.count; i++) index[i] = (int64_t)i;
    TRY(record_add(collector->record, "/claim", RECORD_INTEGER, 1, &result.count, &claim_axis,
                   index, &item));
    TRY(collect_describe(collector, item, "1", "claim of the study, in the order of its spec",
                         NULL));
    for (size_t i = 0; i < sizeof claim_arrays / sizeof *claim_arrays; i++)
        TRY(add_claim_array(collector, &result, &claim_arrays[i]));
    return BASIN_OK;
}
