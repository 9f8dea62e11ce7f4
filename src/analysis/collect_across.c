/* The measures over runs that a study declares, as arrays of study.h5: NAME_column. */
#include <string.h>
#include "analysis/across.h"
#include "analysis/collect_parts.h"
#include "analysis/findings.h"
#include "folder/folder.h"
#include "run/machine.h"
#include "run/provenance.h"
#include "spec/value_json.h"
#include "store/store.h"

/* ---- what is there already ---- */

/* What a result depends on: the program, what is asked for, and all that the table knows of the
 * runs. Weights follow from a run's id and are in none of it. */
static basin_status hash_request(const struct collector *collector, const char *name,
                                 const char *options, char out[33])
{
    struct text all = {0};
    const struct table *table = collector->table;
    text_format(&all, "arrays 2 %s %s %s %s;", provenance_version(), provenance_commit(), name,
                options);
    for (int i = 0; i < collector->rank; i++)
        text_format(&all, "%s %zu,", collector->axes[i], collector->dims[i]);
    for (size_t i = 0; i < table->row_count; i++)
        for (size_t k = 0; k < table->column_count; k++) {
            const struct cell *cell = &table->rows[i].cells[k];
            if (table->columns[k].group == COLUMN_FILE || cell->kind == CELL_ABSENT) continue;
            text_append_n(&all, (const char *)&k, sizeof k);
            text_append_n(&all, (const char *)&cell->number, sizeof cell->number);
            if (cell->text) text_append(&all, cell->text);
        }
    digest_hex(hash_bytes(text_data(&all), all.length), out);
    basin_status status = text_status(&all);
    text_free(&all);
    return status;
}

static const char *digest_name(struct collector *collector, const char *name)
{
    return arena_format(collector->arena, "%s_digest", name);
}

static basin_status copy_item(struct collector *collector, const struct record *from,
                              const struct record_item *item)
{
    struct record_item *copy;
    TRY(record_add(collector->record, item->path, item->type, item->rank, item->dims, item->axes,
                   item->data, &copy));
    for (const struct record_attribute *at = item->attributes; at; at = at->next)
        TRY(record_attribute_add(collector->record, copy, at->name, at->type, at->count, at->data));
    const char *coordinates = record_attribute_get_text(from->items, "coordinates");
    return collect_is_among(coordinates, item->path + 1)
               ? collect_name_coordinate(collector, item->path + 1)
               : BASIN_OK;
}

/* The arrays that an earlier study.h5 has of the measure, if all that they depend on is the same.
 */
static basin_status take_earlier(struct collector *collector, const struct record *earlier,
                                 const char *name, const char *digest, bool *taken)
{
    const char *attribute = digest_name(collector, name);
    if (!attribute) return BASIN_MEMORY;
    const char *known = earlier ? record_attribute_get_text(earlier->items, attribute) : NULL;
    *taken = known && strcmp(known, digest) == 0;
    for (const struct record_item *item = *taken ? earlier->items : NULL; item; item = item->next) {
        const char *of = record_attribute_get_text(item, "across");
        if (of && strcmp(of, name) == 0) TRY(copy_item(collector, earlier, item));
    }
    return BASIN_OK;
}

/* ---- all of them ---- */

static basin_status note_problem(struct collector *collector, const char *name)
{
    char *note = arena_format(collector->arena, "%s was not computed: %s", name,
                              basin_error_last()->message);
    return note ? collect_note(collector, note) : BASIN_MEMORY;
}

/* The table stays as it is: across_table makes a result of the copy. */
static basin_status compute(struct collector *collector, const struct setting_variant *measure)
{
    const struct table *table = collector->table;
    struct table runs = *table, result;
    size_t left_out;
    runs.rows = arena_array(collector->arena, struct row, table->row_count + 1);
    runs.columns = arena_array(collector->arena, struct column, table->column_count + 1);
    if (!runs.rows || !runs.columns) return BASIN_MEMORY;
    runs.column_capacity = table->column_count + 1;
    memcpy(runs.rows, table->rows, table->row_count * sizeof *runs.rows);
    memcpy(runs.columns, table->columns, table->column_count * sizeof *runs.columns);
    result = runs;
    TRY(across_table(&result, measure, &left_out));
    return collect_result(collector, measure, &runs, &result);
}

/* A measure that these runs do not allow (yet) is named, and is no reason to have no file. */
static basin_status collect_measure_across(struct collector *collector,
                                           const struct findings *findings,
                                           const struct record *earlier,
                                           const struct setting_variant *measure)
{
    const char *name = measure->entry->name,
               *path = arena_format(collector->arena, "across.%s", name);
    const struct value *asked = path ? value_find(findings->whole, path) : NULL;
    struct text options = {0};
    char digest[33];
    bool taken = false;
    if (asked) json_value(&options, asked);
    basin_status status = text_status(&options);
    if (status == BASIN_OK) status = hash_request(collector, name, text_data(&options), digest);
    text_free(&options);
    TRY(status);
    TRY(take_earlier(collector, earlier, name, digest, &taken));
    if (!taken) status = compute(collector, measure);
    if (status == BASIN_MEMORY || status == BASIN_INTERRUPTED || status == BASIN_INTERNAL)
        return status;
    if (status != BASIN_OK) return note_problem(collector, name);
    return record_attribute_text(collector->record, collector->record->items,
                                 digest_name(collector, name), digest);
}

basin_status collect_across(struct collector *collector, const char *folder)
{
    struct findings findings;
    struct record *earlier = NULL;
    char path[FOLDER_PATH];
    TRY(findings_of_folder(collector->arena, folder, &findings));
    if (!findings.across.count || !collector->table->row_count) return BASIN_OK;
    snprintf(path, sizeof path, "%.*s/study.h5", FOLDER_PATH - 32, folder);
    basin_error before = *basin_error_last();
    if (folder_file_exists(path) && store_load(path, collector->arena, &earlier) != BASIN_OK) {
        earlier = NULL;
        error_restore(&before);
    }
    TRY(machine_prepare_worker());
    for (size_t i = 0; i < findings.across.count; i++)
        TRY(collect_measure_across(collector, &findings, earlier, &findings.across.items[i]));
    return BASIN_OK;
}
