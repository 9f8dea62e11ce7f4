#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/claims_study.h"
#include "base/text.h"

const char *claim_verdict_name(enum claim_verdict verdict)
{
    static const char *const names[] = {[CLAIM_HOLDS] = "holds",
                                        [CLAIM_UNDECIDED] = "undecided",
                                        [CLAIM_NO_DATA] = "no data",
                                        [CLAIM_FAILS] = "fails"};
    return names[verdict];
}

/* ---- for people ---- */

static const char *claim_digits(double value, char out[32])
{
    snprintf(out, 32, "%.4g", value);
    return out;
}

void claim_put_verdict(const struct claim_row *row, struct text *out)
{
    char low[32], high[32];
    text_append(out, claim_verdict_name(row->verdict));
    if (row->verdict == CLAIM_NO_DATA) return;
    if (!row->n)
        text_format(out, " (%zu of %zu settings without data)", row->counts[CLAIM_NO_DATA],
                    row->settings);
    else if (isnan(row->low))
        text_format(out, " (%s, n = %zu)", claim_digits(row->mean, low), row->n);
    else
        text_format(out, " (interval [%s, %s], n = %zu)", claim_digits(row->low, low),
                    claim_digits(row->high, high), row->n);
}

/* "the worst of 4 settings is learning_rate = 0.1 (3 hold, 1 undecided)" */
static void put_settings(const struct claim_row *row, struct text *out)
{
    static const struct {
        enum claim_verdict verdict;
        const char *one, *many;
    } words[] = {{CLAIM_HOLDS, "holds", "hold"},
                 {CLAIM_FAILS, "fails", "fail"},
                 {CLAIM_UNDECIDED, "is undecided", "are undecided"},
                 {CLAIM_NO_DATA, "has no data", "have no data"}};
    const char *before = " (";
    text_format(out, "; the worst of %zu settings is %s", row->settings, row->setting);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t count = row->counts[words[i].verdict];
        if (!count) continue;
        text_format(out, "%s%zu %s", before, count, count == 1 ? words[i].one : words[i].many);
        before = ", ";
    }
    text_append(out, ")");
}

void claim_put_detail(const struct claim_row *row, struct text *out)
{
    char mean[32];
    text_format(out, "expected %s %s", row->value, row->expected);
    if (row->n)
        text_format(out, "; %s %s", row->is_difference ? "mean difference" : "mean",
                    claim_digits(row->mean, mean));
    if (row->setting) put_settings(row, out);
    if (row->reason)
        text_format(out, "; %s", row->reason);
    else if (row->lacking)
        text_format(out, "; of %zu run%s %zu ha%s no such number", row->runs,
                    row->runs == 1 ? "" : "s", row->lacking, row->lacking == 1 ? "s" : "ve");
    else if (!row->runs)
        text_append(out, "; there is no such run");
}

void claims_put_text(const struct claims_result *result, struct text *out)
{
    if (result->count) text_append(out, "claims");
    if (result->count && result->results < result->runs)
        text_format(out, " (%zu of %zu runs have results)", result->results, result->runs);
    if (result->count) text_append(out, "\n");
    for (size_t i = 0; i < result->count; i++) {
        struct text line = {0};
        claim_put_verdict(&result->rows[i], &line);
        text_format(&line, ": %s", result->rows[i].claim);
        text_append(out, "  ");
        text_escape(out, text_data(&line));
        line.length = 0;
        claim_put_detail(&result->rows[i], &line);
        text_append(out, "\n    ");
        text_escape(out, text_data(&line));
        text_append(out, "\n");
        out->failed = out->failed || line.failed;
        text_free(&line);
    }
}

/* ---- for programs ---- */

static void put_member(struct text *out, const char *name, const char *value)
{
    text_format(out, ", \"%s\": ", name);
    if (value)
        text_json(out, value);
    else
        text_append(out, "null");
}

static void put_number(struct text *out, const char *name, double value)
{
    text_format(out, ", \"%s\": ", name);
    text_json_number(out, value);
}

static void put_claim_json(const struct claim_row *row, struct text *out)
{
    text_append(out, "{\"claim\": ");
    text_json(out, row->claim);
    put_member(out, "verdict", claim_verdict_name(row->verdict));
    put_member(out, "value", row->value);
    put_member(out, "expected", row->expected);
    put_number(out, "mean", row->mean);
    put_number(out, "low", row->low);
    put_number(out, "high", row->high);
    text_format(out,
                ", \"n\": %zu, \"is_difference\": %s, \"runs\": %zu, \"lacking\": %zu, "
                "\"settings\": %zu, \"holding\": %zu, \"failing\": %zu, \"undecided\": %zu, "
                "\"without_data\": %zu",
                row->n, row->is_difference ? "true" : "false", row->runs, row->lacking,
                row->settings, row->counts[CLAIM_HOLDS], row->counts[CLAIM_FAILS],
                row->counts[CLAIM_UNDECIDED], row->counts[CLAIM_NO_DATA]);
    put_member(out, "worst", row->setting);
    put_member(out, "reason", row->reason);
    text_append(out, "}");
}

void claims_put_json(const struct claims_result *result, struct text *out)
{
    text_append(out, "[");
    for (size_t i = 0; i < result->count; i++) {
        text_append(out, i ? ", " : "");
        put_claim_json(&result->rows[i], out);
    }
    text_append(out, "]");
}

/* ---- as a table ---- */

static struct cell cell_of_words(const char *text)
{
    return (struct cell){.kind = text ? CELL_TEXT : CELL_ABSENT, .text = text};
}

/* For people four digits are enough. */
static struct cell number_or_nothing(double value, bool rounded)
{
    char text[32];
    if (rounded && isfinite(value)) value = strtod(claim_digits(value, text), NULL);
    return (struct cell){.kind = isnan(value) ? CELL_ABSENT : CELL_NUMBER, .number = value};
}

static basin_status claims_add_row(struct table *table, const char *study,
                                   const struct claim_row *row, bool rounded)
{
    const char *value = arena_format(table->arena, "%s %s", row->value, row->expected);
    const struct cell cells[] = {cell_of_words(study),
                                 cell_of_words(row->claim),
                                 cell_of_words(claim_verdict_name(row->verdict)),
                                 cell_of_words(value),
                                 number_or_nothing(row->mean, rounded),
                                 number_or_nothing(row->low, rounded),
                                 number_or_nothing(row->high, rounded),
                                 number_or_nothing((double)row->n, false),
                                 cell_of_words(row->setting),
                                 number_or_nothing((double)row->settings, false),
                                 number_or_nothing((double)row->lacking, false)};
    struct row *made = &table->rows[table->row_count++];
    *made = (struct row){arena_array(table->arena, struct cell, table->column_count),
                         table->column_count};
    if (!value || !made->cells) return BASIN_MEMORY;
    memcpy(made->cells, cells, sizeof cells);
    return BASIN_OK;
}

basin_status claims_table(struct arena *arena, const struct claims_result *results, size_t count,
                          bool rounded, struct table **out)
{
    static const char *const names[] = {"study", "claim", "verdict", "expected", "mean",   "low",
                                        "high",  "n",     "worst",   "settings", "lacking"};
    struct table *table = arena_allocate(arena, sizeof *table);
    size_t rows = 0;
    for (size_t i = 0; i < count; i++) rows += results[i].count;
    if (!table || !(table->rows = arena_array(arena, struct row, rows + 1))) return BASIN_MEMORY;
    table->arena = arena;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (table_add_column(table, names[i], COLUMN_RUN, NULL) < 0) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < results[i].count; k++)
            TRY(claims_add_row(table, results[i].study, &results[i].rows[k], rounded));
    *out = table;
    return BASIN_OK;
}
