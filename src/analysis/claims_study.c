#include "analysis/claims_study.h"

#include <stdio.h>
#include <string.h>
#include "analysis/claims_names.h"
#include "folder/folder.h"
#include "folder/journal.h"

/* ---- from the spec ---- */

static struct claim_text text_at(const struct findings *findings, const char *text, size_t i,
                                 const char *key)
{
    char path[64];
    snprintf(path, sizeof path, "expect.%zu.%s", i, key);
    const struct value *value = text && findings->whole ? value_find(findings->whole, path) : NULL;
    struct claim_text made = {.text = text};
    if (value) made.mark = value->mark;
    return made;
}

static struct claim_side side_at(const struct findings *findings,
                                 const struct expectation_bound *bound, size_t i, const char *key)
{
    char value[32], where[32];
    snprintf(value, sizeof value, "%s.value", key);
    snprintf(where, sizeof where, "%s.where", key);
    return (struct claim_side){bound->value || bound->where,
                               text_at(findings, bound->where, i, where),
                               text_at(findings, bound->value, i, value)};
}

basin_status claims_of_findings(struct arena *arena, const struct findings *findings,
                                struct claim **out, size_t *count)
{
    struct claim *claims = arena_array(arena, struct claim, findings->expect.count + 1);
    if (!claims) return BASIN_MEMORY;
    for (size_t i = 0; i < findings->expect.count; i++) {
        const struct expectation *each = findings_expectation(findings, i);
        claims[i] = (struct claim){.claim = text_at(findings, each->claim, i, "claim"),
                                   .value = text_at(findings, each->value, i, "value"),
                                   .where = text_at(findings, each->where, i, "where"),
                                   .above = side_at(findings, &each->above, i, "above"),
                                   .below = side_at(findings, &each->below, i, "below"),
                                   .within = each->within.count == 2};
        if (each->within.count == 2) {
            claims[i].low = each->within.items[0];
            claims[i].high = each->within.items[1];
        }
    }
    *out = claims;
    *count = findings->expect.count;
    return BASIN_OK;
}

/* ---- what is wrong with it ---- */

static struct mark mark_of_claim(const struct findings *findings, size_t i, const char *key)
{
    char path[64];
    snprintf(path, sizeof path, "expect.%zu%s%s", i, key ? "." : "", key ? key : "");
    const struct value *value = value_find(findings->whole, path);
    return value ? value->mark : (struct mark){0};
}

/* One of the three has to be there, and within has two ends. True where this is right. */
static bool check_form(const struct findings *findings, size_t i, struct diagnostics *diagnostics)
{
    const struct expectation *each = findings_expectation(findings, i);
    const struct setting_numbers *within = &each->within;
    size_t given = (within->items != NULL) + (each->above.value || each->above.where) +
                   (each->below.value || each->below.where);
    if (given != 1)
        diagnostics_add(diagnostics, mark_of_claim(findings, i, "claim"),
                        "a claim has one of within, above and below, and this has %s",
                        given ? "several" : "none");
    if (given == 1 && within->items && within->count != 2)
        diagnostics_add(diagnostics, mark_of_claim(findings, i, "within"),
                        "within has two ends, [lowest, highest], and not %zu", within->count);
    if (given == 1 && within->count == 2 && within->items[0] > within->items[1])
        diagnostics_add(diagnostics, mark_of_claim(findings, i, "within"),
                        "within begins at its lowest end, and %g is above %g", within->items[0],
                        within->items[1]);
    return given == 1 &&
           (!within->items || (within->count == 2 && within->items[0] <= within->items[1]));
}

static basin_status check_all(struct arena *arena, const struct study *study,
                              const struct findings *findings, struct diagnostics *diagnostics)
{
    struct table *table;
    struct curve_source *curves;
    struct claim *claims;
    size_t count;
    TRY(claims_of_findings(arena, findings, &claims, &count));
    TRY(claims_names(arena, study, &table, &curves));
    basin_status status = BASIN_OK;
    for (size_t i = 0; i < count && status == BASIN_OK; i++)
        if (check_form(findings, i, diagnostics))
            status = claims_check(table, curves, &claims[i], diagnostics);
    curve_source_close(curves);
    return status;
}

basin_status claims_check_study(const struct study *study, struct diagnostics *diagnostics)
{
    struct arena *arena;
    struct findings findings;
    size_t before = diagnostics->total;
    TRY(arena_create(&arena));
    basin_status status = findings_of_spec(arena, study->spec, &findings);
    if (status == BASIN_OK && findings.expect.count)
        status = check_all(arena, study, &findings, diagnostics);
    arena_destroy(arena);
    if (status == BASIN_OK && diagnostics->failed) return BASIN_MEMORY;
    return status == BASIN_OK && diagnostics->total > before ? BASIN_SPEC : status;
}

/* ---- what came out ---- */

/* The rows of the study, those whose id is one of `ids`, as a table of their own: what varies among
 * them may be less. */
static basin_status choose_runs(const struct table *all, const char *const *ids, size_t count,
                                struct table **out)
{
    struct table *table = arena_allocate(all->arena, sizeof *table);
    if (!table) return BASIN_MEMORY;
    *table = *all;
    table->columns = arena_array(all->arena, struct column, all->column_count + 1);
    table->rows = arena_array(all->arena, struct row, all->row_count + 1);
    table->row_count = 0;
    if (!table->columns || !table->rows) return BASIN_MEMORY;
    if (all->column_count)
        memcpy(table->columns, all->columns, all->column_count * sizeof *table->columns);
    for (size_t i = 0; i < all->row_count; i++) {
        const char *id = all->rows[i].cells[0].text;
        bool is_one = false;
        for (size_t k = 0; k < count && !is_one; k++) is_one = id && strcmp(id, ids[k]) == 0;
        if (is_one) table->rows[table->row_count++] = all->rows[i];
    }
    table_mark_varied(table);
    *out = table;
    return BASIN_OK;
}

/* What is asked of a folder: its runs are `ids`; `table`: NULL where it is not read yet. */
struct asked {
    const char *folder;
    const struct table *table;
    const char *const *ids;
    size_t count;
};

static basin_status judge_runs(struct arena *arena, const struct asked *asked,
                               const struct findings *findings, struct claims_result *result)
{
    struct table *table, *chosen;
    struct claim *claims;
    TRY(claims_of_findings(arena, findings, &claims, &result->count));
    result->runs = asked->count;
    if (!result->count) return BASIN_OK;
    const struct table *all = asked->table, none = {.arena = arena};
    if (!all && folder_exists(asked->folder)) {
        TRY(table_load(arena, &asked->folder, 1, &table));
        all = table;
    }
    if (!all) all = &none;
    TRY(choose_runs(all, asked->ids, asked->count, &chosen));
    result->results = chosen->row_count;
    result->problems = all->problems;
    result->problem_count = all->problem_count;
    TRY(claims_judge(chosen, claims, result->count, &result->rows));
    for (size_t i = 0; i < result->count; i++)
        result->failed += result->rows[i].verdict == CLAIM_FAILS;
    return BASIN_OK;
}

basin_status claims_of_study(struct arena *arena, const struct study *study,
                             struct claims_result *result)
{
    struct findings *findings = arena_allocate(arena, sizeof *findings);
    const char **ids = arena_array(arena, const char *, study->whole + 1);
    if (!findings || !ids) return BASIN_MEMORY;
    for (size_t i = 0; i < study->whole; i++) ids[i] = study->runs[i].id;
    *result = (struct claims_result){.study = study->spec->name};
    TRY(findings_of_spec(arena, study->spec, findings));
    const struct asked asked = {study->folder, NULL, ids, study->whole};
    return judge_runs(arena, &asked, findings, result);
}

basin_status claims_of_table(struct arena *arena, const char *folder, const struct table *table,
                             struct claims_result *result)
{
    struct journal_events events;
    const struct journal_event *start = NULL;
    struct findings *findings = arena_allocate(arena, sizeof *findings);
    if (!findings) return BASIN_MEMORY;
    *result = (struct claims_result){0};
    TRY(findings_of_folder(arena, folder, findings));
    if (!findings->expect.count) return BASIN_OK;
    TRY(journal_read_starts(folder, arena, &events));
    for (size_t i = 0; i < events.count; i++)
        if (strcmp(events.items[i].name, "study_start") == 0) start = &events.items[i];
    if (!start) return BASIN_OK;
    result->study = start->study;
    const struct asked asked = {folder, table, start->ids, start->id_count};
    return judge_runs(arena, &asked, findings, result);
}

basin_status claims_of_folder(struct arena *arena, const char *folder, struct claims_result *result)
{
    return claims_of_table(arena, folder, NULL, result);
}
