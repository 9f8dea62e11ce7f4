/* From result files to the rows of a table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/results.h"
#include "analysis/table.h"
#include "analysis/table_cache.h"
#include "analysis/table_rows.h"
#include "folder/folder.h"
#include "folder/result.h"
#include "folder/journal.h"
#include "measure/measure.h"
#include "run/columns.h"
#include "run/finished.h"
#include "spec/member.h"
#include "spec/schema.h"
#include "spec/tree.h"
#include "spec/value_json.h"
#include "store/store.h"

enum { PATH_MOST = 512 };

static const char *table_load_name_of(const struct axis_names *names, const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; names && i < names->count; i++)
        if (strncmp(names->items[i], path, length) == 0 && names->items[i][length] == '=')
            return names->items[i] + length + 1;
    return NULL;
}

static basin_status read_names(struct arena *arena, const char *folder, struct axis_names *names)
{
    struct journal_events events;
    *names = (struct axis_names){0};
    TRY(journal_read_starts(folder, arena, &events));
    struct journal_skipped skipped = events.skipped;
    for (size_t i = 0; i < events.count; i++)
        if (strcmp(events.items[i].name, "study_start") == 0)
            *names = (struct axis_names){events.items[i].names,
                                         events.items[i].name_count,
                                         events.items[i].axes,
                                         events.items[i].axis_count,
                                         events.items[i].ids,
                                         events.items[i].id_count,
                                         {0}};
    names->skipped = skipped;
    return BASIN_OK;
}

/* One file being read: its cells, and where the next column is likely to be (files of a study have
 * the same order). */
struct reader {
    struct table *table;
    const struct axis_names *names;
    struct row *row;
    int next;
    struct arena *arena; /* of the file */
    bool arrays;         /* as of struct table_source */
};

static basin_status set_cell(struct reader *reader, const char *name, enum column_group group,
                             const char *units, struct cell cell)
{
    struct table *table = reader->table;
    int at = reader->next;
    if ((size_t)at >= table->column_count || table->columns[at].group != group ||
        strcmp(table->columns[at].name, name) != 0)
        at = table_add_column(table, name, group, units);
    if (at < 0) return BASIN_MEMORY;
    if ((size_t)at >= reader->row->count) {
        size_t more = (size_t)at + 32;
        struct cell *grown = arena_array(table->arena, struct cell, more);
        if (!grown) return BASIN_MEMORY;
        if (reader->row->count)
            memcpy(grown, reader->row->cells, reader->row->count * sizeof *grown);
        reader->row->cells = grown;
        reader->row->count = more;
    }
    if (cell.text && !(cell.text = arena_text(table->arena, cell.text))) return BASIN_MEMORY;
    if (cell.brief && !(cell.brief = arena_text(table->arena, cell.brief))) return BASIN_MEMORY;
    reader->row->cells[at] = cell;
    reader->next = at + 1;
    return BASIN_OK;
}

static basin_status set_text(struct reader *reader, const char *name, enum column_group group,
                             const char *text)
{
    struct cell cell = {.kind = text ? CELL_TEXT : CELL_ABSENT, .text = text};
    return set_cell(reader, name, group, NULL, cell);
}

static basin_status set_list(struct reader *reader, const char *path, const struct value *value,
                             bool is_item)
{
    struct text json = {0}, brief = {0};
    json_value(&json, value);
    if (is_item)
        value_print_item(&brief, value);
    else
        value_print_short(&brief, value);
    basin_status status = json.failed || brief.failed ? BASIN_MEMORY : BASIN_OK;
    struct cell cell = {.kind = CELL_LIST,
                        .is_default = value->is_default,
                        .text = text_data(&json),
                        .brief = text_data(&brief)};
    if (status == BASIN_OK) status = set_cell(reader, path, COLUMN_PARAMETER, NULL, cell);
    text_free(&json);
    text_free(&brief);
    return status;
}

/* Of the column that was set last. */
static struct column *set_column(const struct reader *reader)
{
    return &reader->table->columns[reader->next - 1];
}

static basin_status set_scalar(struct reader *reader, const char *path, const struct value *value)
{
    struct cell cell = {.kind = CELL_NUMBER, .is_default = value->is_default};
    if (value_is_all(value) || value->kind == VALUE_TEXT) {
        cell.kind = CELL_TEXT;
        cell.text = value->kind == VALUE_TEXT ? value->text : "all";
    } else if (value->kind == VALUE_BOOL) {
        cell.kind = CELL_BOOLEAN;
        cell.number = value->boolean;
    } else {
        cell.number = value->kind == VALUE_INTEGER ? (double)value->integer : value->number;
    }
    return set_cell(reader, path, COLUMN_PARAMETER, NULL, cell);
}

static basin_status set_parameter(struct reader *reader, const char *path,
                                  const struct value *value)
{
    TRY(value->kind == VALUE_LIST ? set_list(reader, path, value, false)
                                  : set_scalar(reader, path, value));
    set_column(reader)->row = value->row;
    set_column(reader)->option = false;
    return BASIN_OK;
}

static basin_status flatten(struct reader *reader, const char *prefix, const struct value *map);
static basin_status set_items(struct reader *reader, const char *path, const struct value *list);

/* An item of a list, "architecture.hidden.0", and what is in it. */
static basin_status set_item(struct reader *reader, const char *path, const struct value *item,
                             bool is_default)
{
    size_t before = reader->table->column_count;
    bool is_scalar = item->kind != VALUE_MAP && item->kind != VALUE_LIST;
    TRY(is_scalar ? set_scalar(reader, path, item) : set_list(reader, path, item, true));
    reader->row->cells[reader->next - 1].is_default = is_default;
    if (item->kind == VALUE_MAP) TRY(flatten(reader, path, item));
    if (item->kind == VALUE_LIST) TRY(set_items(reader, path, item));
    for (size_t i = before; i < reader->table->column_count; i++)
        reader->table->columns[i].item = true;
    return BASIN_OK;
}

static basin_status set_items(struct reader *reader, const char *path, const struct value *list)
{
    for (size_t i = 0; i < list->list.count; i++) {
        char name[PATH_MOST];
        snprintf(name, sizeof name, "%s.%zu", path, i);
        TRY(set_item(reader, name, list->list.items[i], list->is_default));
    }
    return BASIN_OK;
}

static basin_status flatten(struct reader *reader, const char *prefix, const struct value *map)
{
    for (size_t i = 0; i < map->map.count; i++) {
        const struct value_member *member = &map->map.members[i];
        char path[PATH_MOST];
        if (!columns_has_parameter(map, member->value)) continue;
        snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", member->key);
        if (member->value->kind == VALUE_MAP && table_load_name_of(reader->names, path))
            TRY(set_list(reader, path, member->value, false));
        if (member->value->kind == VALUE_MAP)
            TRY(flatten(reader, path, member->value));
        else
            TRY(set_parameter(reader, path, member->value));
        if (member->value->kind == VALUE_LIST) TRY(set_items(reader, path, member->value));
    }
    return BASIN_OK;
}

/* ---- measures and their options ---- */

/* A value of the options of a measure, as text: what is no number is a word. */
static basin_status set_option(struct reader *reader, const char *measure,
                               const struct schema_row *row, const struct tree_member *member)
{
    char path[PATH_MOST], *end;
    const char *text = member->value->text;
    if (!row || member->value->kind != TREE_SCALAR || tree_is_null(member->value)) return BASIN_OK;
    snprintf(path, sizeof path, "measures.%s.%s", measure, member->key);
    double number = strtod(text, &end);
    bool is_number = member->value->plain && end != text && !*end;
    struct cell cell = {.kind = is_number ? CELL_NUMBER : CELL_TEXT,
                        .number = is_number ? number : 0,
                        .text = is_number ? NULL : text};
    size_t known = reader->table->column_count;
    TRY(set_cell(reader, path, COLUMN_PARAMETER, NULL, cell));
    struct column *column = set_column(reader);
    if (reader->table->column_count == known) return BASIN_OK;
    column->option = true;
    column->row = row;
    column->measure = arena_text(reader->table->arena, measure);
    return column->measure ? BASIN_OK : BASIN_MEMORY;
}

/* "{k: 1, examples: 2000}": what the file says of how it was measured. (Its spec may ask for
 * something else: what a run holds is never measured anew.) What this version does not know is left
 * alone. */
static basin_status set_options(struct reader *reader, const char *measure, const char *options)
{
    struct diagnostics diagnostics;
    struct tree *root = NULL;
    struct tree_source source = {.text = options, .length = strlen(options)};
    const struct entry *entry = registry_find_member(&measure_registry, measure);
    if (!entry || !entry->parameters) return BASIN_OK;
    diagnostics_start(&diagnostics, reader->arena);
    TRY(tree_read(reader->arena, &source, &diagnostics, &root));
    if (!root || root->kind != TREE_MAP || diagnostics.total) return BASIN_OK;
    for (size_t i = 0; i < root->map.count; i++)
        TRY(set_option(reader, measure,
                       schema_find_row(entry->parameters, root->map.members[i].key),
                       &root->map.members[i]));
    return BASIN_OK;
}

/* Beside a number from a search: did it converge? */
static basin_status set_verdict(struct reader *reader, const char *name, const char *measure,
                                bool converged)
{
    char path[PATH_MOST];
    struct cell cell = {.kind = CELL_BOOLEAN, .number = converged};
    snprintf(path, sizeof path, "%s_converged", name);
    TRY(set_cell(reader, path, COLUMN_MEASURE, NULL, cell));
    set_column(reader)->verdict = true;
    set_column(reader)->measure = measure;
    return BASIN_OK;
}

static basin_status set_number(struct reader *reader, const char *name,
                               const struct record_item *item, const char *measure)
{
    const struct record_attribute *converged = record_attribute_find(item, "converged");
    bool is_searched = converged && converged->type == RECORD_INTEGER && converged->count == 0;
    bool doubtful = is_searched && *(const int64_t *)converged->data == 0;
    struct cell cell = {
        .kind = CELL_NUMBER, .number = record_number(item, 0), .doubtful = doubtful};
    TRY(set_cell(reader, name, COLUMN_MEASURE, record_attribute_get_text(item, "units"), cell));
    struct column *column = set_column(reader);
    if (measure && !column->measure &&
        !(column->measure = arena_text(reader->table->arena, measure)))
        return BASIN_MEMORY;
    measure = column->measure; /* the column moves when another one is added */
    return is_searched ? set_verdict(reader, name, measure, !doubtful) : BASIN_OK;
}

/* The scalars right under /measures. All numbers of a measure have its options. */
static basin_status read_measures(struct reader *reader, const struct record *record)
{
    static const char group[] = "/measures/";
    const char *before = "";
    for (const struct record_item *item = record->items; item; item = item->next) {
        const char *name = item->path + sizeof group - 1;
        if (strncmp(item->path, group, sizeof group - 1) != 0 || strchr(name, '/') ||
            item->is_group || item->rank)
            continue;
        if (item->type == RECORD_TEXT) {
            TRY(set_text(reader, name, COLUMN_MEASURE, *(const char *const *)item->data));
            continue;
        }
        const char *measure = record_attribute_get_text(item, "measure"),
                   *options = record_attribute_get_text(item, "options");
        if (measure && options && strcmp(measure, before) != 0)
            TRY(set_options(reader, before = measure, options));
        TRY(set_number(reader, name, item, measure));
    }
    return BASIN_OK;
}

static basin_status read_record(struct reader *reader, const struct record *record,
                                const struct value *run, const char *file)
{
    const struct record_item *root = record->items,
                             *time = record_find(record, "/provenance/wall_time");
    struct cell seconds = {.kind = time ? CELL_NUMBER : CELL_ABSENT,
                           .number = time ? record_number(time, 0) : 0};
    TRY(set_text(reader, "run_id", COLUMN_RUN, record_attribute_get_text(root, "run_id")));
    TRY(set_text(reader, "status", COLUMN_RUN, record_attribute_get_text(root, "status")));
    if (record_attribute_find(root, "exploded"))
        TRY(set_cell(reader, "exploded", COLUMN_RUN, NULL,
                     (struct cell){.kind = CELL_BOOLEAN, .number = 1}));
    TRY(flatten(reader, "", run));
    TRY(read_measures(reader, record));
    TRY(set_text(reader, "study", COLUMN_FILE, record_attribute_get_text(root, "study")));
    TRY(set_cell(reader, "seconds", COLUMN_FILE, "s", seconds));
    return set_text(reader, "file", COLUMN_FILE, file);
}

/* The record and its spec live in `arena`, which is given back after the file. */
static basin_status table_load_read_file(struct reader *reader, const char *file,
                                         struct arena *arena)
{
    struct diagnostics diagnostics;
    struct record *record;
    struct value *run;
    diagnostics_start(&diagnostics, arena);
    if (reader->arrays)
        TRY(results_read(reader->table->results, file, arena, &record));
    else
        TRY(store_load_small(file, RESULT_SMALL, arena, &record));
    TRY(result_check(file, record));
    basin_status status = finished_spec(arena, record, file, &diagnostics, &run);
    if (status == BASIN_SPEC) {
        const char *why = diagnostics.count ? diagnostics.items[0].message : "it is empty";
        return error_raise(BASIN_DATA, "its /spec is not understood: %s", why);
    }
    TRY(status);
    return read_record(reader, record, run, file);
}

static basin_status add_problem(struct table *table, const char *file)
{
    const char *message = basin_error_last()->message;
    const char *problem = strstr(message, file)
                              ? arena_text(table->arena, message)
                              : arena_format(table->arena, "%s: %s", file, message);
    if (!problem) return BASIN_MEMORY;
    table->problems[table->problem_count++] = problem;
    return BASIN_OK;
}

/* Reads a file in full. */
static basin_status load_whole(struct reader *reader, const char *file)
{
    TRY(arena_create(&reader->arena));
    basin_status status = table_load_read_file(reader, file, reader->arena);
    arena_destroy(reader->arena);
    return status;
}

static basin_status load_file(struct table *table, const struct axis_names *names,
                              struct table_cache *cache, const char *file, bool arrays)
{
    struct reader reader = {
        .table = table, .names = names, .row = &table->rows[table->row_count], .arrays = arrays};
    bool known;
    TRY(table_cache_take(cache, file, reader.row, &known));
    basin_status status = known ? BASIN_OK : load_whole(&reader, file);
    if (status == BASIN_OK && !known) table_cache_keep(cache, reader.row);
    if (status == BASIN_OK)
        table->row_count++;
    else
        *reader.row = (struct row){0};
    return status == BASIN_OK || status == BASIN_MEMORY ? status : add_problem(table, file);
}

static basin_status load_list(struct table *table, const struct table_source *source,
                              const struct folder_files *list, const struct axis_names *names)
{
    struct table_cache *cache;
    TRY(table_cache_open(table, source->path, names->items, names->count, &cache));
    basin_status status = BASIN_OK;
    for (size_t i = 0; status == BASIN_OK && i < list->count; i++)
        status = load_file(table, names, cache, list->paths[i], source->arrays);
    table_cache_close(cache);
    return status;
}

static basin_status pad_rows(struct table *table)
{
    for (size_t i = 0; i < table->row_count; i++) {
        struct row *row = &table->rows[i];
        if (row->count < table->column_count) {
            struct cell *grown = arena_array(table->arena, struct cell, table->column_count);
            if (!grown) return BASIN_MEMORY;
            memcpy(grown, row->cells, row->count * sizeof *grown);
            row->cells = grown;
        }
        row->count = table->column_count;
    }
    return BASIN_OK;
}

static int table_load_find_parameter(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_PARAMETER &&
            strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* Which parameters the studies swept, where they say so. */
static void mark_axes(struct table *table, const struct axis_names *names, size_t count)
{
    table->knows_axes = count > 0;
    for (size_t k = 0; k < count; k++) {
        table->knows_axes = table->knows_axes && names[k].axis_count > 0;
        for (size_t i = 0; i < names[k].axis_count; i++) {
            char path[PATH_MOST];
            snprintf(path, sizeof path, "%.*s", (int)strcspn(names[k].axes[i], "\t"),
                     names[k].axes[i]);
            int column = table_load_find_parameter(table, path);
            if (column >= 0) table->columns[column].axis = true;
        }
    }
}

static void name_and_mark_axes(struct table *table, const struct axis_names *names, size_t count)
{
    for (size_t i = 0; i < table->column_count; i++)
        for (size_t k = 0; k < count && table->columns[i].group == COLUMN_PARAMETER; k++)
            if (table_load_name_of(&names[k], table->columns[i].name))
                table->columns[i].title = table_load_name_of(&names[k], table->columns[i].name);
    mark_axes(table, names, count);
}

static basin_status load_all(struct table *table, const struct table_source *sources,
                             const struct folder_files *lists, const struct axis_names *names,
                             size_t list_count)
{
    size_t count = 1;
    for (size_t i = 0; i < list_count; i++) count += lists[i].count + names[i].skipped.count;
    table->rows = arena_array(table->arena, struct row, count);
    table->problems = arena_array(table->arena, const char *, count);
    if (!table->rows || !table->problems) return BASIN_MEMORY;
    for (size_t i = 0; i < list_count; i++)
        for (size_t j = 0; j < names[i].skipped.count; j++)
            table->problems[table->problem_count++] = names[i].skipped.messages[j];
    for (size_t i = 0; i < list_count; i++)
        TRY(load_list(table, &sources[i], &lists[i], &names[i]));
    name_and_mark_axes(table, names, list_count);
    return pad_rows(table);
}

/* A run that gives a source of randomness no seed of its own has the one that the source follows.
 */
static void fill_seeds(struct table *table)
{
    static const char *const follows[][2] = {
        {"seed.init", "seed"}, {"seed.order", "seed"}, {"seed.data", "dataset.seed"}};
    for (size_t k = 0; k < sizeof follows / sizeof *follows; k++) {
        int own = table_load_find_parameter(table, follows[k][0]),
            from = table_load_find_parameter(table, follows[k][1]);
        for (size_t i = 0; own >= 0 && from >= 0 && i < table->row_count; i++)
            if (table->rows[i].cells[own].kind == CELL_ABSENT)
                table->rows[i].cells[own] = table->rows[i].cells[from];
    }
}

/* The natural order: by what varies, the seed last. */
static basin_status sort_naturally(struct table *table)
{
    struct sort_key *keys = arena_array(table->arena, struct sort_key, table->column_count + 1);
    int seed = -1;
    size_t count = 0;
    if (!keys) return BASIN_MEMORY;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!table->columns[i].varied) continue;
        if (strcmp(table->columns[i].name, "seed") == 0)
            seed = (int)i;
        else
            keys[count++].column = (int)i;
    }
    if (seed >= 0) keys[count++].column = seed;
    return table_sort(table, keys, count);
}

/* The column `exploded` is there only where a run has exploded; the others have not. */
static void fill_exploded(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].group != COLUMN_RUN ||
            strcmp(table->columns[i].name, "exploded") != 0)
            continue;
        for (size_t j = 0; j < table->row_count; j++)
            if (table->rows[j].cells[i].kind == CELL_ABSENT)
                table->rows[j].cells[i] = (struct cell){.kind = CELL_BOOLEAN};
    }
}

static int by_id(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Is "DIR/ID.h5" of one of the runs? */
static bool is_meant(const struct table_source *source, const char *file)
{
    char id[17] = "";
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file, *key = id;
    memcpy(id, name, strnlen(name, 16));
    return bsearch(&key, source->ids, source->id_count, sizeof key, by_id) != NULL;
}

static basin_status list_source(struct arena *arena, struct table_source *source,
                                struct folder_files *files)
{
    size_t kept = 0;
    TRY(folder_list(arena, source->path, files));
    for (size_t i = 0; source->ids && i < files->count; i++)
        if (is_meant(source, files->paths[i])) files->paths[kept++] = files->paths[i];
    if (source->ids) source->others = files->count - kept;
    if (source->ids) files->count = kept;
    source->found = files->count;
    return BASIN_OK;
}

basin_status table_load_runs(struct arena *arena, struct table_source *sources, size_t count,
                             struct table **out)
{
    struct table *table = arena_allocate(arena, sizeof *table);
    struct folder_files *lists = arena_array(arena, struct folder_files, count + 1);
    struct axis_names *names = arena_array(arena, struct axis_names, count + 1);
    if (!table || !lists || !names) return BASIN_MEMORY;
    table->arena = arena;
    TRY(results_create(arena, &table->results));
    for (size_t i = 0; i < count; i++) TRY(list_source(arena, &sources[i], &lists[i]));
    for (size_t i = 0; i < count; i++) TRY(read_names(arena, sources[i].path, &names[i]));
    TRY(load_all(table, sources, lists, names, count));
    for (size_t i = 0; i < count; i++)
        if (sources[i].running) TRY(table_add_running(table, &sources[i], &names[i]));
    if (table->under_way) {
        name_and_mark_axes(table, names, count);
        TRY(pad_rows(table));
    }
    fill_seeds(table);
    fill_exploded(table);
    TRY(table_count_in_epochs(table));
    table_mark_varied(table);
    *out = table;
    return sort_naturally(table);
}

basin_status table_load(struct arena *arena, const char *const *paths, size_t path_count,
                        struct table **out)
{
    struct table_source *sources = arena_array(arena, struct table_source, path_count + 1);
    if (!sources) return BASIN_MEMORY;
    for (size_t i = 0; i < path_count; i++) sources[i].path = paths[i];
    return table_load_runs(arena, sources, path_count, out);
}

/* ---- rows without a file ---- */

basin_status table_set_parameter(struct table *table, struct row *row, const char *path,
                                 struct cell cell)
{
    struct reader reader = {.table = table, .row = row};
    return set_cell(&reader, path, COLUMN_PARAMETER, NULL, cell);
}

basin_status table_add_no_file(struct table *table, const struct axis_names *names,
                               const struct table_no_file *no_file)
{
    struct reader reader = {
        .table = table, .names = names, .row = &table->rows[table->row_count++]};
    *reader.row = (struct row){0};
    TRY(set_text(&reader, "run_id", COLUMN_RUN, no_file->id));
    TRY(set_text(&reader, "status", COLUMN_RUN, no_file->status));
    if (no_file->run) TRY(flatten(&reader, "", no_file->run));
    for (size_t i = 0; i < no_file->count; i++) {
        double value = no_file->values ? no_file->values[i] : NAN;
        TRY(set_cell(&reader, no_file->numbers[i], COLUMN_MEASURE, NULL,
                     (struct cell){.kind = CELL_NUMBER, .number = value}));
    }
    TRY(set_text(&reader, "study", COLUMN_FILE, no_file->study));
    TRY(set_cell(&reader, "seconds", COLUMN_FILE, "s",
                 (struct cell){.kind = CELL_NUMBER, .number = no_file->seconds}));
    return set_text(&reader, "file", COLUMN_FILE, NULL);
}

basin_status table_of_specs(struct arena *arena, const struct table_specs *specs,
                            struct table **out)
{
    struct table *table = arena_allocate(arena, sizeof *table);
    const struct axis_names names = {.items = specs->names, .count = specs->name_count};
    if (!table) return BASIN_MEMORY;
    table->arena = arena;
    table->rows = arena_array(arena, struct row, specs->count + 1);
    if (!table->rows) return BASIN_MEMORY;
    for (size_t i = 0; i < specs->count; i++)
        TRY(table_add_no_file(table, &names,
                              &(struct table_no_file){.status = "finished",
                                                      .run = specs->runs[i],
                                                      .numbers = specs->numbers,
                                                      .count = specs->number_count,
                                                      .seconds = NAN}));
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_PARAMETER)
            table->columns[i].title = table_load_name_of(&names, table->columns[i].name);
    TRY(pad_rows(table));
    fill_seeds(table);
    TRY(table_count_in_epochs(table));
    table_mark_varied(table);
    *out = table;
    return BASIN_OK;
}
