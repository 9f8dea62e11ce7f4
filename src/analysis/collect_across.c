/* The measures over runs that a study declares, as arrays of study.h5: NAME_column. */
#include <string.h>
#include "analysis/across.h"
#include "analysis/across_kept.h"
#include "analysis/collect_parts.h"
#include "analysis/findings.h"
#include "analysis/page.h"
#include "run/machine.h"

/* ---- what is there already ---- */

/* What the arrays depend on: the result (its stamp), and where the runs lie. */
static basin_status hash_request(const struct collector *collector, const char *stamp, char out[33])
{
    struct text all = {0};
    const struct cube *cube = collector->cube;
    text_format(&all, "arrays 3 %s;", stamp);
    for (int i = 0; i < collector->rank; i++)
        text_format(&all, "%s %zu,", collector->axes[i], collector->dims[i]);
    for (size_t i = 0; i < cube->cell_count; i++)
        text_format(&all, "%s,", cube->cells[i].id ? cube->cells[i].id : "-");
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

static basin_status keep_rows(struct collector *collector, const struct setting_variant *measure,
                              const char *stamp, const struct table *result, size_t left_out)
{
    struct text rows = {0};
    page_put_result(measure->entry, result, left_out, &rows);
    basin_status status = text_status(&rows);
    if (status == BASIN_OK)
        status = across_keep_rows(collector->record, measure->entry->name, stamp, text_data(&rows));
    text_free(&rows);
    return status;
}

/* The table stays as it is: across_table makes a result of the copy. */
static basin_status compute(struct collector *collector, const struct setting_variant *measure,
                            const char *stamp)
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
    TRY(keep_rows(collector, measure, stamp, &result, left_out));
    return collect_result(collector, measure, &runs, &result);
}

/* A measure that these runs do not allow (yet) is named, and is no reason to have no file. */
static basin_status collect_measure_across(struct collector *collector,
                                           const struct findings *findings,
                                           const struct record *earlier,
                                           const struct setting_variant *measure)
{
    const char *name = measure->entry->name;
    char stamp[33], digest[33];
    bool taken = false;
    basin_status status = BASIN_OK;
    TRY(across_stamp(collector->table, findings, measure, stamp));
    TRY(hash_request(collector, stamp, digest));
    TRY(take_earlier(collector, earlier, name, digest, &taken));
    if (!taken) status = compute(collector, measure, stamp);
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
    TRY(findings_of_folder(collector->arena, folder, &findings));
    if (!findings.across.count || !collector->table->row_count) return BASIN_OK;
    TRY(across_earlier(collector->arena, folder, SIZE_MAX, &earlier));
    TRY(machine_prepare_worker());
    for (size_t i = 0; i < findings.across.count; i++)
        TRY(collect_measure_across(collector, &findings, earlier, &findings.across.items[i]));
    return BASIN_OK;
}
