/* What a study says of its runs together, for the page: its claims, and the measures across runs
 * that its spec asks for, computed from the results that are there.
 *
 * In JSON: "claims" as `basin status --json` writes them; "across" is a list of
 *   {name, doc, error, leftOut, total, columns: [{name, short, units, definition, kind}], rows}
 * "plots" is what the spec wants to be shown first (plots.h).
 * The kind of a column is "group" (a parameter that tells groups apart), "key" (it tells the rows
 * of one group apart) or "number". Where a measure cannot be computed, `error` says why, and there
 * are no rows. */
#include <string.h>
#include "analysis/across.h"
#include "analysis/across_kept.h"
#include "analysis/claims_study.h"
#include "analysis/page.h"
#include "run/machine.h"

static basin_status put_claims(const struct page *page, struct text *out)
{
    struct claims_result result;
    text_append(out, "\"claims\":");
    TRY(claims_of_folder(page->arena, page->folder, &result));
    claims_put_json(&result, out);
    text_append(out, ",\n");
    return BASIN_OK;
}

/* A measure may give a row for each point of every curve: the page shows the first rows, and says
 * how many there are. */
enum { ACROSS_CELLS_MOST = 40000 };

/* An across-measure takes the place of the table that it is given, and marks columns. */
static basin_status copy_table(const struct page *page, struct table *copy)
{
    const struct table *table = page->table;
    *copy = *table;
    copy->columns = arena_array(page->arena, struct column, table->column_count + 1);
    copy->rows = arena_array(page->arena, struct row, table->row_count + 1);
    if (!copy->columns || !copy->rows) return BASIN_MEMORY;
    memcpy(copy->columns, table->columns, table->column_count * sizeof *copy->columns);
    memcpy(copy->rows, table->rows, table->row_count * sizeof *copy->rows);
    copy->column_capacity = table->column_count;
    copy->row_capacity = table->row_count;
    return BASIN_OK;
}

static const struct quantity *quantity_of(const struct across_measure *kind, const char *name)
{
    for (const struct quantity *one = kind->columns; one->name; one++)
        if (strcmp(one->name, name) == 0) return one;
    return NULL;
}

static void page_put_across_column(const struct across_measure *kind, const struct table *table,
                                   size_t at, struct text *out)
{
    const struct column *column = &table->columns[at];
    const struct quantity *quantity = quantity_of(kind, column->name);
    bool is_key = column->key;
    const char *what = column->group == COLUMN_MEASURE ? is_key ? "key" : "number" : "group";
    text_append(out, at ? ",{" : "{");
    page_put_text(out, "name", column->name);
    page_put_text(out, "short", table_name(table, (int)at, false));
    if (column->units) page_put_text(out, "units", column->units);
    if (quantity) page_put_text(out, "title", quantity->long_name);
    if (quantity && quantity->definition) page_put_text(out, "definition", quantity->definition);
    text_format(out, "\"kind\":\"%s\"}", what);
}

static void put_across_rows(const struct table *table, struct text *out)
{
    size_t most = ACROSS_CELLS_MOST / (table->column_count + 1), count = table->row_count;
    text_format(out, "\"total\":%zu,\"rows\":[", count);
    for (size_t i = 0; i < count && i < most; i++) {
        text_append(out, i ? ",\n[" : "[");
        for (size_t j = 0; j < table->column_count; j++) {
            if (j) text_append(out, ",");
            page_put_value(out, &table->rows[i].cells[j]);
        }
        text_append(out, "]");
    }
    text_append(out, "]");
}

void page_put_result(const struct entry *measure, const struct table *result, size_t left_out,
                     struct text *out)
{
    text_append(out, "{");
    page_put_text(out, "name", measure->name);
    page_put_text(out, "doc", measure->doc);
    page_put_text(out, "error", result ? NULL : basin_error_last()->message);
    text_format(out, "\"leftOut\":%zu,\"columns\":[", left_out);
    for (size_t i = 0; result && i < result->column_count; i++)
        page_put_across_column(measure->implementation, result, i, out);
    text_append(out, "],");
    put_across_rows(result ? result : &(const struct table){0}, out);
    text_append(out, "}");
}

static basin_status page_compute_across(const struct page *page,
                                        const struct setting_variant *measure, struct text *out)
{
    struct table table;
    size_t left_out = 0;
    TRY(copy_table(page, &table));
    TRY(machine_prepare_worker());
    basin_status status = across_table(&table, measure, &left_out);
    if (status == BASIN_MEMORY) return status;
    page_put_result(measure->entry, status == BASIN_OK ? &table : NULL, left_out, out);
    return BASIN_OK;
}

/* As `basin collect` has computed it, where nothing has changed since. */
static basin_status page_put_across(const struct page *page, const struct findings *findings,
                                    const struct record *earlier,
                                    const struct setting_variant *measure, struct text *out)
{
    char stamp[33];
    TRY(across_stamp(page->table, findings, measure, stamp));
    const char *rows = across_kept_rows(earlier, measure->entry->name, stamp);
    if (!rows) return page_compute_across(page, measure, out);
    text_append(out, rows);
    return BASIN_OK;
}

static basin_status put_all_across(const struct page *page, const struct findings *findings,
                                   struct text *out)
{
    enum { MOST = 1 }; /* numbers of an array: texts are wanted */
    struct record *earlier = NULL;
    size_t count = page->table->row_count ? findings->across.count : 0;
    if (count) TRY(across_earlier(page->arena, page->folder, MOST, &earlier));
    text_append(out, "\"across\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) text_append(out, ",\n");
        TRY(page_put_across(page, findings, earlier, &findings->across.items[i], out));
    }
    text_append(out, "],\n");
    return BASIN_OK;
}

basin_status page_write_findings(const struct page *page, struct text *out)
{
    struct findings findings;
    TRY(put_claims(page, out));
    TRY(findings_of_folder(page->arena, page->folder, &findings));
    TRY(put_all_across(page, &findings, out));
    text_append(out, "\"plots\":");
    plots_put_json(page->table, findings.whole ? value_find(findings.whole, "report.plots") : NULL,
                   out);
    text_append(out, ",\n");
    return text_status(out);
}
