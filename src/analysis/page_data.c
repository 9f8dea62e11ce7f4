/* The data of the page as one JSON object. Its members:
 *
 *   study, description, folder, version, spec, arguments
 *   counts      {state: runs} of the ledger
 *   unfinished  [{id, state, reason, log, epoch, suspect}] runs without a result that can be shown
 *   problems    ["FILE: message"] results that cannot be read
 *   omitted     ["GROUP/NAME"] arrays of measures that are too large for the page
 *   claims, across   (page_across.c)
 *   columns     [{name, title, short, kind, units, definition, measure, varied, replicates,
 *               axis}],
 *               kind: run, parameter, option, number, verdict, file; `values`, one a run, or,
 *               where all
 *               are equal, `same`, and `isDefault` where that is the default of the parameter
 *   doubtful    [[column, run]] numbers whose search did not converge
 *   curves, arrays   (page_arrays.c)
 *
 * A value is null (absent), a number, true or false, a text, or {"list": text}. NaN and infinities
 * are {"number": "nan"}.
 */
#include <math.h>
#include <string.h>
#include "analysis/page.h"
#include "run/provenance.h"

enum { PAGE_FEW = 100, PAGE_MANY = 1000, PAGE_BYTES_FEW = 950000, PAGE_BYTES_MANY = 2300000 };

/* ---- values ---- */

void page_put_text(struct text *out, const char *key, const char *value)
{
    text_format(out, "\"%s\":", key);
    if (value)
        text_json(out, value);
    else
        text_append(out, "null");
    text_append(out, ",");
}

static void put_page_number(struct text *out, double value)
{
    if (isfinite(value))
        text_json_number(out, value);
    else
        text_format(out, "{\"number\":\"%s\"}", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

void page_put_value(struct text *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_ABSENT:
        text_append(out, "null");
        return;
    case CELL_NUMBER:
        put_page_number(out, cell->number);
        return;
    case CELL_BOOLEAN:
        text_append(out, cell->number != 0 ? "true" : "false");
        return;
    case CELL_TEXT:
        text_json(out, cell->text);
        return;
    case CELL_LIST:
        text_append(out, "{\"list\":");
        text_json(out, cell->brief ? cell->brief : cell->text);
        text_append(out, "}");
        return;
    }
}

/* ---- columns ---- */

static bool is_same_in_all(const struct table *table, size_t column)
{
    for (size_t i = 1; i < table->row_count; i++)
        if (!cell_equal(&table->rows[0].cells[column], &table->rows[i].cells[column])) return false;
    return table->row_count > 0;
}

static const char *page_kind_of(const struct column *column)
{
    if (column->group == COLUMN_PARAMETER) return column->option ? "option" : "parameter";
    if (column->group == COLUMN_MEASURE) return column->verdict ? "verdict" : "number";
    return column->group == COLUMN_RUN ? "run" : "file";
}

/* A parameter that has its default wherever it is there only follows the name of a variant. */
static bool only_follows_defaults(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        if (cell->kind != CELL_ABSENT && !cell->is_default) return false;
    }
    return !table->columns[column].replicates;
}

/* Is it one of the things in which the study's runs were meant to differ? */
static bool is_page_axis(const struct table *table, size_t at)
{
    const struct column *column = &table->columns[at];
    return column->varied && !column->implied && !column->option &&
           (!column->item || column->title) && !only_follows_defaults(table, at);
}

static void put_page_values(struct text *out, const struct table *table, size_t column)
{
    if (is_same_in_all(table, column)) {
        text_append(out, "\"same\":");
        page_put_value(out, &table->rows[0].cells[column]);
        if (table->rows[0].cells[column].is_default) text_append(out, ",\"isDefault\":true");
        return;
    }
    text_append(out, "\"values\":[");
    for (size_t i = 0; i < table->row_count; i++) {
        if (i) text_append(out, ",");
        page_put_value(out, &table->rows[i].cells[column]);
    }
    text_append(out, "]");
}

static void put_page_column(struct text *out, const struct page *page, size_t at)
{
    const struct column *column = &page->table->columns[at];
    text_append(out, "\n{");
    page_put_text(out, "name", column->name);
    page_put_text(out, "title", table_name(page->table, (int)at, true));
    page_put_text(out, "short", table_name(page->table, (int)at, false));
    page_put_text(out, "kind", page_kind_of(column));
    if (column->units) page_put_text(out, "units", column->units);
    if (column->measure) page_put_text(out, "measure", column->measure);
    if (page->definitions[at]) page_put_text(out, "definition", page->definitions[at]);
    if (column->row && column->row->doc) page_put_text(out, "definition", column->row->doc);
    if (column->varied) text_append(out, "\"varied\":true,");
    if (is_page_axis(page->table, at)) text_append(out, "\"axis\":true,");
    if (column->replicates) text_append(out, "\"replicates\":true,");
    put_page_values(out, page->table, at);
    text_append(out, "}");
}

/* Items of lists are named by nobody here: the list is shown. */
static bool is_page_column(const struct column *column)
{
    return !column->item || column->title;
}

static void put_page_columns(struct text *out, const struct page *page)
{
    const char *gap = "";
    text_append(out, "\"columns\":[");
    for (size_t i = 0; i < page->table->column_count; i++) {
        if (!is_page_column(&page->table->columns[i])) continue;
        text_append(out, gap);
        put_page_column(out, page, i);
        gap = ",";
    }
    text_append(out, "],\n");
}

static void put_doubtful(struct text *out, const struct table *table)
{
    const char *gap = "";
    text_append(out, "\"doubtful\":[");
    for (size_t i = 0; i < table->column_count; i++)
        for (size_t j = 0; j < table->row_count; j++)
            if (table->rows[j].cells[i].doubtful) {
                text_format(out, "%s[", gap);
                text_json(out, table->columns[i].name);
                text_format(out, ",%zu]", j);
                gap = ",";
            }
    text_append(out, "],\n");
}

/* ---- what has no result ---- */

static void put_unfinished_run(struct text *out, const struct ledger_entry *run)
{
    text_append(out, "\n{");
    page_put_text(out, "id", run->id);
    page_put_text(out, "reason", run->reason);
    page_put_text(out, "log", run->log);
    page_put_text(out, "crash", run->suspect ? run->crash : NULL);
    text_format(out, "\"epoch\":%lld,\"state\":\"%s\"}", (long long)run->epoch,
                ledger_names[run->state]);
}

static void put_unfinished(struct text *out, const struct ledger *ledger)
{
    const char *gap = "";
    text_append(out, "\"unfinished\":[");
    for (size_t i = 0; i < ledger->count; i++) {
        if (ledger->entries[i].state <= LEDGER_DIVERGED) continue;
        text_append(out, gap);
        put_unfinished_run(out, &ledger->entries[i]);
        gap = ",";
    }
    text_append(out, "],\n\"counts\":{");
    for (int i = 0; i < LEDGER_STATES; i++)
        text_format(out, "%s\"%s\":%zu", i ? "," : "", ledger_names[i], ledger->counts[i]);
    text_append(out, "},\n");
}

static void put_problems(struct text *out, const struct page *page)
{
    const char *gap = "";
    text_append(out, "\"problems\":[");
    for (size_t i = 0; i < page->table->problem_count; i++) {
        text_append(out, gap);
        text_json(out, page->table->problems[i]);
        gap = ",";
    }
    text_append(out, "],\n");
}

static void put_omitted(struct text *out, const struct page *page)
{
    text_append(out, "\"omitted\":[");
    for (size_t i = 0; i < page->omitted_count; i++) {
        if (i) text_append(out, ",");
        text_json(out, page->omitted[i]);
    }
    text_append(out, "],\n");
}

/* ---- all ---- */

/* What curves may take: pages of 100 runs stay under 2 MB, of 1,000 under 5 MB. */
static size_t bytes_for_curves(size_t runs)
{
    if (runs <= PAGE_FEW) return PAGE_BYTES_FEW;
    if (runs >= PAGE_MANY) return PAGE_BYTES_MANY;
    double part = (double)(runs - PAGE_FEW) / (PAGE_MANY - PAGE_FEW);
    return PAGE_BYTES_FEW + (size_t)(part * (PAGE_BYTES_MANY - PAGE_BYTES_FEW));
}

basin_status page_write_data(const struct page *page, struct text *out, struct text *bytes)
{
    size_t most = bytes_for_curves(page->table->row_count);
    struct text now = {0};
    text_now(&now);
    text_append(out, "{");
    page_put_text(out, "study", page->ledger->study);
    page_put_text(out, "description", page->description);
    page_put_text(out, "folder", page->folder);
    page_put_text(out, "spec", page->ledger->spec);
    page_put_text(out, "version", provenance_version());
    page_put_text(out, "time", text_data(&now));
    text_free(&now);
    text_format(out, "\"runs\":%zu,\n", page->table->row_count);
    put_unfinished(out, page->ledger);
    put_problems(out, page);
    put_omitted(out, page);
    TRY(page_write_findings(page, out));
    put_page_columns(out, page);
    put_doubtful(out, page->table);
    text_append(out, "\"arrays\":");
    TRY(page_arrays_write(page->arrays, most / 5, out, bytes));
    text_append(out, ",\n\"curves\":");
    TRY(page_arrays_write(page->curves, most - bytes->length, out, bytes));
    text_append(out, "}\n");
    return text_status(out);
}
