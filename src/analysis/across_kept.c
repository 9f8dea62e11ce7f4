#include "analysis/across_kept.h"

#include <stdio.h>
#include <string.h>
#include "base/hash.h"
#include "base/text.h"
#include "folder/folder.h"
#include "run/provenance.h"
#include "spec/value_json.h"
#include "store/store.h"

/* With the names of columns: results have them, and what replicates decides who is of a group. */
static void put_runs(const struct table *table, struct text *all)
{
    for (size_t k = 0; k < table->column_count; k++) {
        const struct column *column = &table->columns[k];
        text_format(all, "%s %s %d %d;", column->name, column->title ? column->title : "",
                    column->replicates, column->varied);
    }
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t k = 0; k < table->column_count; k++) {
            const struct cell *cell = &table->rows[i].cells[k];
            if (table->columns[k].group == COLUMN_FILE || cell->kind == CELL_ABSENT) continue;
            text_append_n(all, (const char *)&k, sizeof k);
            text_append_n(all, (const char *)&cell->kind, sizeof cell->kind);
            text_append_n(all, (const char *)&cell->number, sizeof cell->number);
            if (cell->text) text_append_n(all, cell->text, strlen(cell->text) + 1);
        }
}

basin_status across_stamp(const struct table *table, const struct findings *findings,
                          const struct setting_variant *measure, char out[33])
{
    struct text all = {0};
    char path[128];
    snprintf(path, sizeof path, "across.%s", measure->entry->name);
    const struct value *asked = value_find(findings->whole, path);
    text_format(&all, "%s %s %s %s ", provenance_version(), provenance_commit(), provenance_build(),
                measure->entry->name);
    if (asked) json_value(&all, asked);
    text_append(&all, ";");
    put_runs(table, &all);
    digest_hex(hash_bytes(text_data(&all), all.length), out);
    basin_status status = text_status(&all);
    text_free(&all);
    return status;
}

basin_status across_earlier(struct arena *arena, const char *folder, size_t most,
                            struct record **earlier)
{
    char path[FOLDER_PATH];
    basin_error before = *basin_error_last();
    *earlier = NULL;
    snprintf(path, sizeof path, "%.*s/study.h5", FOLDER_PATH - 32, folder);
    if (!folder_file_exists(path)) return BASIN_OK;
    basin_status status = store_load_small(path, most, arena, earlier);
    if (status == BASIN_MEMORY || status == BASIN_INTERRUPTED) return status;
    if (status != BASIN_OK) {
        *earlier = NULL;
        error_restore(&before);
    }
    return BASIN_OK;
}

static const char *rows_path(const struct record *record, const char *name)
{
    return arena_format(record->arena, "/across/%s", name);
}

const char *across_kept_rows(const struct record *earlier, const char *name, const char *stamp)
{
    const char *path = earlier ? rows_path(earlier, name) : NULL;
    const struct record_item *item = path ? record_find(earlier, path) : NULL;
    if (!item || item->is_group || item->type != RECORD_TEXT || item->rank != 0) return NULL;
    const char *known = record_attribute_get_text(item, "stamp");
    return known && strcmp(known, stamp) == 0 ? *(const char *const *)item->data : NULL;
}

basin_status across_keep_rows(struct record *record, const char *name, const char *stamp,
                              const char *rows)
{
    struct record_item *item;
    const char *path = rows_path(record, name);
    if (!path) return BASIN_MEMORY;
    TRY(record_text(record, path, rows, &item));
    TRY(record_attribute_text(record, item, "across", name));
    TRY(record_attribute_text(record, item, "long_name",
                              "the rows of `basin table --across`, as JSON, for `basin report`"));
    return record_attribute_text(record, item, "stamp", stamp);
}
