#include "analysis/collect.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "analysis/collect_parts.h"
#include "analysis/results.h"
#include "base/list.h"
#include "base/text.h"
#include "folder/cache.h"
#include "folder/folder.h"
#include "run/provenance.h"
#include "store/store.h"

basin_status collect_describe(struct collector *collector, struct record_item *item,
                              const char *units, const char *long_name, const char *definition)
{
    struct record *record = collector->record;
    if (units) TRY(record_attribute_text(record, item, "units", units));
    if (long_name) TRY(record_attribute_text(record, item, "long_name", long_name));
    return definition ? record_attribute_text(record, item, "definition", definition) : BASIN_OK;
}

basin_status collect_add(struct collector *collector, const char *name, enum record_type type,
                         const void *data, struct record_item **item)
{
    char *path = arena_format(collector->arena, "/%s", name);
    if (!path) return BASIN_MEMORY;
    return record_add(collector->record, path, type, collector->rank, collector->dims,
                      collector->axes, data, item);
}

/* ---- axes ---- */

/* An attribute holds 64 KiB, of which a text takes 16 bytes; more texts are in NAME_value alone. */
enum { NAMES_OF_ATTRIBUTE = 4000 };

/* What a coordinate is: the parameter that it has the values of. */
static basin_status describe_parameter(struct collector *collector, struct record_item *item,
                                       int column)
{
    if (column < 0) return BASIN_OK;
    const struct column *parameter = &collector->table->columns[column];
    const struct schema_row *row = parameter->row;
    TRY(record_attribute_text(collector->record, item, "parameter", parameter->name));
    return collect_describe(collector, item, row && row->unit ? row->unit : "1", parameter->name,
                            row ? row->doc : NULL);
}

basin_status collect_name_coordinate(struct collector *collector, const char *name)
{
    text_format(&collector->coordinates, "%s%s", collector->coordinates.length ? " " : "", name);
    return text_status(&collector->coordinates);
}

/* The values of an axis that is no number stand beside it, "NAME_value", as texts. */
static basin_status add_axis_texts(struct collector *collector, const struct cube_axis *axis)
{
    struct record_item *item;
    char *path = arena_format(collector->arena, "/%s_value", axis->name);
    if (!path) return BASIN_MEMORY;
    TRY(record_add(collector->record, path, RECORD_TEXT, 1, &axis->count, &axis->name, axis->texts,
                   &item));
    TRY(describe_parameter(collector, item, axis->column));
    return collect_name_coordinate(collector, path + 1);
}

static bool collect_are_whole(const double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(numbers[i] > -1e15 && numbers[i] < 1e15) || numbers[i] != (double)(int64_t)numbers[i])
            return false;
    return true;
}

basin_status collect_add_numbers(struct collector *collector, const char *name,
                                 const double *numbers, size_t count, struct record_item **item)
{
    char *path = arena_format(collector->arena, "/%s", name);
    int64_t *whole = arena_array(collector->arena, int64_t, count + 1);
    if (!path || !whole) return BASIN_MEMORY;
    if (!collect_are_whole(numbers, count))
        return record_add(collector->record, path, RECORD_FLOAT64, 1, &count, &name, numbers, item);
    for (size_t i = 0; i < count; i++) whole[i] = (int64_t)numbers[i];
    return record_add(collector->record, path, RECORD_INTEGER, 1, &count, &name, whole, item);
}

static bool is_axis_of(const struct record_item *item, const double *values, size_t count)
{
    if (item->rank != 1 || item->dims[0] != count || strcmp(item->axes[0], item->path + 1) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (record_number(item, i) != values[i]) return false;
    return true;
}

basin_status collect_share_axis(struct collector *collector, const char *base, const double *values,
                                size_t count, const char **name, struct record_item **made)
{
    *made = NULL;
    for (int i = 1;; i++) {
        const char *path = i == 1 ? arena_format(collector->arena, "/%s", base)
                                  : arena_format(collector->arena, "/%s_%d", base, i);
        if (!path) return BASIN_MEMORY;
        const struct record_item *item = record_find(collector->record, path);
        *name = path + 1;
        if (!item) return collect_add_numbers(collector, *name, values, count, made);
        if (is_axis_of(item, values, count)) return BASIN_OK;
    }
}

basin_status collect_note(struct collector *collector, const char *note)
{
    if (!list_room(collector->arena, collector->notes, collector->note_count, 1,
                   collector->note_capacity))
        return BASIN_MEMORY;
    collector->notes[collector->note_count++] = note;
    return BASIN_OK;
}

basin_status collect_add_axis(struct collector *collector, const struct cube_axis *axis)
{
    struct record_item *item;
    TRY(collect_add_numbers(collector, axis->name, axis->numbers, axis->count, &item));
    if (axis->is_numeric) return describe_parameter(collector, item, axis->column);
    if (axis->count <= NAMES_OF_ATTRIBUTE)
        TRY(record_attribute_add(collector->record, item, "names", RECORD_TEXT, axis->count,
                                 axis->texts));
    TRY(collect_describe(collector, item, "1", axis->name, NULL));
    return add_axis_texts(collector, axis);
}

static basin_status add_axes(struct collector *collector)
{
    const struct cube *cube = collector->cube;
    for (size_t i = 0; i < cube->axis_count; i++) {
        collector->dims[i] = cube->axes[i].count;
        collector->axes[i] = cube->axes[i].name;
        TRY(collect_add_axis(collector, &cube->axes[i]));
    }
    collector->rank = (int)cube->axis_count;
    return BASIN_OK;
}

/* ---- a list of runs ---- */

static bool is_numeric_column(const struct table *table, int column)
{
    bool any = false;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        if (cell->kind != CELL_NUMBER && cell->kind != CELL_ABSENT) return false;
        any = any || cell->kind == CELL_NUMBER;
    }
    return any;
}

static const char *parameter_text(const struct cell *cell)
{
    if (cell->kind == CELL_BOOLEAN) return cell->number != 0 ? "true" : "false";
    return cell->kind == CELL_LIST ? cell->brief : cell->kind == CELL_TEXT ? cell->text : NULL;
}

/* The values of one parameter over the runs. Those of runs without a result are not known. */
static basin_status add_parameter(struct collector *collector, int column)
{
    const struct table *table = collector->table;
    size_t count = collector->cube->cell_count;
    bool is_numeric = is_numeric_column(table, column);
    double *numbers = arena_array(collector->arena, double, count + 1);
    const char **texts = arena_array(collector->arena, const char *, count + 1);
    char *name = cube_identifier(collector->arena, table_name(table, column, false));
    struct record_item *item;
    if (!numbers || !texts || !name) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) {
        size_t row = collector->cube->cells[i].row;
        const struct cell *cell = row == CUBE_NONE ? NULL : &table->rows[row].cells[column];
        numbers[i] = cell && cell->kind == CELL_NUMBER ? cell->number : NAN;
        texts[i] = cell && parameter_text(cell) ? parameter_text(cell) : "";
        if (cell && cell->kind == CELL_NUMBER && !is_numeric &&
            !(texts[i] = arena_format(collector->arena, "%.17g", cell->number)))
            return BASIN_MEMORY;
    }
    if (record_find(collector->record, arena_format(collector->arena, "/%s", name)))
        name = cube_identifier(collector->arena, table->columns[column].name);
    TRY(collect_add(collector, name, is_numeric ? RECORD_FLOAT64 : RECORD_TEXT,
                    is_numeric ? (const void *)numbers : texts, &item));
    TRY(describe_parameter(collector, item, column));
    return collect_name_coordinate(collector, name);
}

/* The one dimension `run`, and beside it every parameter that varies. */
static basin_status add_runs(struct collector *collector)
{
    static const char *const name = "run";
    int *columns;
    size_t count = collector->cube->cell_count, column_count;
    double *numbers = arena_array(collector->arena, double, count + 1);
    struct record_item *item;
    if (!numbers) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) numbers[i] = (double)i;
    collector->dims[0] = count;
    collector->axes[0] = name;
    collector->rank = 1;
    TRY(collect_add_numbers(collector, name, numbers, count, &item));
    TRY(collect_describe(collector, item, "1", "run of the study, in the order of its table",
                         NULL));
    TRY(cube_columns(collector->table, &columns, &column_count));
    for (size_t i = 0; i < column_count; i++) TRY(add_parameter(collector, columns[i]));
    return BASIN_OK;
}

/* ---- the file ---- */

static const char *study_of(const struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_FILE &&
            strcmp(table->columns[i].name, "study") == 0 && table->row_count)
            return table->rows[0].cells[i].text;
    return NULL;
}

static basin_status add_head(struct collector *collector)
{
    struct record *record = collector->record;
    struct record_item *root = record->items;
    const char *study = study_of(collector->table);
    TRY(record_attribute_text(record, root, "NX_class", "NXroot"));
    TRY(record_attribute_text(record, root, "content", "study"));
    TRY(record_attribute_integer(record, root, "format_version", STORE_FORMAT));
    TRY(record_attribute_text(record, root, "basin_version", provenance_version()));
    return study ? record_attribute_text(record, root, "study", study) : BASIN_OK;
}

/* Arrays of texts stand last, and rows for the page: Octave's `load` stops at the first one. */
static void texts_last(struct record *record)
{
    struct record_item *texts = NULL, **text_tail = &texts, **at = &record->items;
    while (*at) {
        struct record_item *item = *at;
        bool is_text = !item->is_group && item->type == RECORD_TEXT && item->rank > 0;
        if (!is_text && strncmp(item->path, "/across", 7) != 0) {
            at = &item->next;
            continue;
        }
        *at = item->next;
        item->next = NULL;
        *text_tail = item;
        text_tail = &item->next;
    }
    *at = texts;
    record->tail = texts ? text_tail : at;
}

bool collect_is_among(const char *names, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = names; length && at && (at = strstr(at, name)); at += length)
        if ((at == names || at[-1] == ' ') && (!at[length] || at[length] == ' ')) return true;
    return false;
}

/* In the order of the file, whatever made them. */
static basin_status list_coordinates(struct collector *collector)
{
    struct record *record = collector->record;
    struct text names = {0};
    for (const struct record_item *item = record->items; item; item = item->next)
        if (collect_is_among(text_data(&collector->coordinates), item->path + 1))
            text_format(&names, "%s%s", names.length ? " " : "", item->path + 1);
    basin_status status = text_status(&names);
    if (status == BASIN_OK)
        status = record_attribute_text(record, record->items, "coordinates", text_data(&names));
    text_free(&names);
    return status;
}

static basin_status collect_fill(struct collector *collector, const char *folder)
{
    TRY(add_head(collector));
    TRY(collector->cube->is_product ? add_axes(collector) : add_runs(collector));
    TRY(collect_numbers(collector));
    TRY(collect_all_curves(collector));
    TRY(collect_arrays(collector));
    if (folder) TRY(collect_across(collector, folder));
    TRY(collect_claims(collector, folder));
    texts_last(collector->record);
    TRY(collect_name_coordinate(collector, "run_id"));
    TRY(collect_name_coordinate(collector, "status"));
    return list_coordinates(collector);
}

static void collect_count(struct collected *collected)
{
    for (size_t i = 0; i < collected->cube.cell_count; i++) {
        const char *state = collected->cube.cells[i].state;
        collected->finished += strcmp(state, "finished") == 0;
        collected->diverged += strcmp(state, "diverged") == 0;
    }
}

/* A result that came after the table was read: its run was under way then. */
static bool is_new_result(const struct table *table, const struct ledger_entry *entry)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].cells[0].text && strcmp(table->rows[i].cells[0].text, entry->id) == 0)
            return false;
    for (size_t i = 0; i < table->problem_count; i++)
        if (strstr(table->problems[i], entry->id)) return false;
    return true;
}

/* What the folder says of the runs that have no result. The table is read first, so that each file
 * is read once. */
static basin_status collect_read_facts(const struct table *table, const char *folder,
                                       struct cube_facts *facts)
{
    struct ledger *ledger;
    struct arena *arena = table->arena;
    const struct ledger_reader reader = results_reader(table->results, folder);
    TRY(ledger_read(arena, folder, &reader, &ledger));
    size_t done = ledger->counts[LEDGER_FINISHED] + ledger->counts[LEDGER_DIVERGED];
    const char **ids = arena_array(arena, const char *, ledger->count + 1),
               **states = arena_array(arena, const char *, ledger->count + 1);
    if (!ids || !states) return BASIN_MEMORY;
    *facts = (struct cube_facts){.folder = folder, .ids = ids, .states = states};
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_entry *entry = &ledger->entries[i];
        bool is_done = entry->state == LEDGER_FINISHED || entry->state == LEDGER_DIVERGED;
        if (is_done && (done <= table->row_count || !is_new_result(table, entry))) continue;
        ids[facts->count] = entry->id;
        states[facts->count++] = ledger_names[is_done ? LEDGER_RUNNING : entry->state];
    }
    return BASIN_OK;
}

static basin_status load_results(struct arena *arena, const char *folder, struct table **table)
{
    struct table_source source = {.path = folder, .arrays = true};
    return table_load_runs(arena, &source, 1, table);
}

basin_status collect_folder(struct arena *arena, const char *folder, struct collected *collected)
{
    struct table *table;
    struct cube_facts facts;
    struct collector collector = {.arena = arena};
    *collected = (struct collected){0};
    TRY(load_results(arena, folder, &table));
    TRY(collect_read_facts(table, folder, &facts));
    TRY(cube_make(table, &facts, &collected->cube));
    if (!collected->cube.cell_count)
        return error_raise(BASIN_DATA, "%s has no runs to collect", folder);
    TRY(record_create(arena, &collected->record));
    collected->table = collector.table = table;
    collector.cube = &collected->cube;
    collector.record = collected->record;
    basin_status status = collect_fill(&collector, folder);
    text_free(&collector.coordinates);
    collect_count(collected);
    collected->notes = collector.notes;
    collected->note_count = collector.note_count;
    return status;
}

void collect_describe_runs(const struct collected *collected, struct text *out)
{
    const struct cube *cube = &collected->cube;
    size_t done = collected->finished + collected->diverged;
    text_format(out, "%zu of %zu run%s", done, cube->cell_count, cube->cell_count == 1 ? "" : "s");
    if (collected->diverged) text_format(out, " (%zu diverged)", collected->diverged);
    text_append(out, " over ");
    for (size_t i = 0; i < cube->axis_count; i++)
        text_format(out, "%s%s (%zu)", i ? " x " : "", cube->axes[i].name, cube->axes[i].count);
    if (!cube->is_product) text_format(out, "run (%zu)", cube->cell_count);
}

/* ---- writing it ---- */

static basin_status keep_inputs(const struct collected *collected, const char *folder,
                                const struct collect_inputs *inputs)
{
    struct text said = {0};
    collect_describe_runs(collected, &said);
    basin_status status = text_status(&said);
    if (status == BASIN_OK)
        status = collect_inputs_keep(collected->table->arena, folder, inputs, text_data(&said));
    text_free(&said);
    return status;
}

static bool is_study_file(const char *folder, const char *path)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && strcmp(path + length, "/study.h5") == 0;
}

basin_status collect_save(const struct collected *collected, const char *folder, const char *path,
                          const struct collect_inputs *inputs)
{
    bool is_kept = inputs->is_steady && is_study_file(folder, path) && !collected->note_count &&
                   !collected->table->problem_count;
    /* Who keeps nothing must not write between the two either. */
    int lock = is_study_file(folder, path) ? cache_lock(folder, is_kept) : -1;
    basin_status status = store_save(collected->record, path);
    if (status == BASIN_OK && is_kept && lock >= 0) status = keep_inputs(collected, folder, inputs);
    cache_unlock(lock);
    return status;
}

/* ---- is there something new? ---- */

static bool is_newer(const char *path, const struct timespec *than)
{
    struct stat state;
    if (stat(path, &state) != 0) return false;
    return state.st_mtim.tv_sec > than->tv_sec ||
           (state.st_mtim.tv_sec == than->tv_sec && state.st_mtim.tv_nsec >= than->tv_nsec);
}

static bool has_newer(const char *folder, const char *below, const struct timespec *than)
{
    char path[FOLDER_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, below);
    DIR *files = opendir(path);
    bool found = is_newer(path, than);
    for (struct dirent *entry; files && !found && (entry = readdir(files));) {
        snprintf(path, sizeof path, "%s/%s/%s", folder, below, entry->d_name);
        found = entry->d_name[0] != '.' && is_newer(path, than);
    }
    if (files) closedir(files);
    return found;
}

bool collect_is_fresh(const char *folder, const char *path)
{
    struct stat state;
    return stat(path, &state) == 0 && !has_newer(folder, "runs", &state.st_mtim) &&
           !has_newer(folder, "journal", &state.st_mtim);
}
