#include "cli/table_data.h"

#include <math.h>

void table_data_cell(struct text *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_ABSENT:
        text_append(out, "null");
        break;
    case CELL_NUMBER:
        text_json_number(out, cell->number);
        break;
    case CELL_BOOLEAN:
        text_append(out, cell->number ? "true" : "false");
        break;
    case CELL_TEXT:
        text_json(out, cell->text);
        break;
    case CELL_LIST:
        text_append(out, cell->text);
        break;
    }
}

static const char *written_name(const struct table *table, const struct selection *selection,
                                size_t at)
{
    return table_name(table, selection->columns[at], true);
}

basin_status table_json(const struct table *table, const struct selection *selection, bool named,
                        struct text *out)
{
    (void)named;
    text_append(out, "[");
    for (size_t i = 0; i < table->row_count; i++) {
        text_append(out, i ? ",\n " : "\n ");
        for (size_t j = 0; j < selection->count; j++) {
            text_append(out, j ? ", " : "{");
            text_json(out, written_name(table, selection, j));
            text_append(out, ": ");
            table_data_cell(out, &table->rows[i].cells[selection->columns[j]]);
        }
        text_append(out, "}");
    }
    text_append(out, table->row_count ? "\n]\n" : "]\n");
    return text_status(out);
}

/* RFC 4180: quotes around what has a comma, a quote or a line break. */
static void csv_text(struct text *out, const char *value)
{
    if (!value[strcspn(value, ",\"\r\n")]) {
        text_append(out, value);
        return;
    }
    text_append(out, "\"");
    for (; *value; value++)
        text_append_n(out, *value == '"' ? "\"\"" : value, *value == '"' ? 2 : 1);
    text_append(out, "\"");
}

static void csv_cell(struct text *out, const struct cell *cell)
{
    if (cell->kind == CELL_TEXT || cell->kind == CELL_LIST)
        csv_text(out, cell->text);
    else if (cell->kind != CELL_ABSENT && !(cell->kind == CELL_NUMBER && !isfinite(cell->number)))
        table_data_cell(out, cell);
}

basin_status table_csv(const struct table *table, const struct selection *selection, bool named,
                       struct text *out)
{
    (void)named;
    for (size_t j = 0; j < selection->count; j++) {
        if (j) text_append(out, ",");
        csv_text(out, written_name(table, selection, j));
    }
    text_append(out, "\n");
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t j = 0; j < selection->count; j++) {
            const struct cell *cell = &table->rows[i].cells[selection->columns[j]];
            if (table->columns[selection->columns[j]].title && cell->kind == CELL_LIST)
                csv_text(out, cell->brief); /* a label */
            else
                csv_cell(out, cell);
            text_append(out, j + 1 < selection->count ? "," : "\n");
        }
    return text_status(out);
}
