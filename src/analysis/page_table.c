/* The results as a plain HTML table, for readers without JavaScript. */
#include <stdio.h>
#include <string.h>
#include "analysis/page.h"
#include "base/escape.h"

void page_escape(struct text *out, const char *value)
{
    for (const char *at = value; *at; at++) {
        size_t plain = strcspn(at, "<>&\"'\n");
        text_escape_n(out, at, plain);
        at += plain;
        if (!*at) return;
        if (*at == '\n')
            text_append(out, "\n");
        else
            text_format(out, "&#%d;", *at);
    }
}

/* Parameters that vary, and every number; without columns that are empty. */
static bool page_table_shows(const struct table *table, size_t at)
{
    const struct column *column = &table->columns[at];
    if (column->group == COLUMN_FILE || column->verdict) return false;
    if (column->group == COLUMN_PARAMETER)
        return column->varied && !column->implied && (!column->item || column->title);
    return true;
}

static void put_page_cell(const struct cell *cell, struct text *out)
{
    char number[32];
    text_append(out, "<td>");
    if (cell->kind == CELL_NUMBER)
        text_append(out, text_given(cell->number, number));
    else if (cell->kind == CELL_BOOLEAN)
        text_append(out, cell->number != 0 ? "true" : "false");
    else if (cell->kind != CELL_ABSENT)
        page_escape(out, cell->kind == CELL_LIST && cell->brief ? cell->brief : cell->text);
}

basin_status page_write_table(const struct page *page, struct text *out)
{
    const struct table *table = page->table;
    text_append(out, "<h1>");
    page_escape(out, page->ledger->study ? page->ledger->study : page->folder);
    text_append(out, "</h1>\n<p>");
    if (page->description) page_escape(out, page->description);
    text_append(out, "</p>\n<p>");
    for (int i = 0; i < LEDGER_STATES; i++)
        if (page->ledger->counts[i])
            text_format(out, "%zu %s. ", page->ledger->counts[i], ledger_names[i]);
    text_append(out, "</p>\n<table><thead><tr>");
    for (size_t i = 0; i < table->column_count; i++) {
        if (!page_table_shows(table, i)) continue;
        text_append(out, "<th>");
        page_escape(out, table_name(table, (int)i, false));
    }
    text_append(out, "</thead>\n<tbody>\n");
    for (size_t row = 0; row < table->row_count; row++) {
        text_append(out, "<tr>");
        for (size_t i = 0; i < table->column_count; i++)
            if (page_table_shows(table, i)) put_page_cell(&table->rows[row].cells[i], out);
        text_append(out, "\n");
    }
    text_append(out, "</tbody></table>");
    return text_status(out);
}
