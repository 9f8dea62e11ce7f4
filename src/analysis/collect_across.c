/* The measures over runs that a study declares, as arrays of study.h5: NAME_column. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/across.h"
#include "analysis/collect_parts.h"
#include "analysis/findings.h"
#include "folder/folder.h"
#include "run/machine.h"
#include "run/provenance.h"
#include "spec/value_json.h"
#include "store/store.h"

/* Where the rows of a result lie in arrays. Of a product, over the axes that it is not taken over
 * and its keys; of other sweeps, over its groups and keys; a list of rows where that would be
 * mostly empty, or two rows would share a place. */
enum across_form { OVER_AXES, OVER_GROUPS, OVER_ROWS };

enum { NAMES_MOST = 2000, SPARSE_MOST = 64, SMALL = 4096 };

struct across_result {
    struct collector *collector;
    const char *name; /* of the measure */
    const struct across_measure *kind;
    const struct table *runs; /* that it is of; their columns say what it is taken over */
    const struct table *result;
    size_t first;          /* column of the result that is the measure's first */
    const size_t *cell_of; /* (rows) place of a member in the cube */
    bool whole;            /* taken over all runs: its arrays have no axis of the sweep */
    enum across_form form;
    bool is_over[CUBE_AXES_MOST];      /* which axes of the cube its arrays have */
    struct cube_axis own[RECORD_RANK]; /* groups or rows, and keys */
    size_t own_count;
    size_t *places; /* (rows) in its arrays */
    size_t dims[RECORD_RANK], volume;
    const char *axes[RECORD_RANK];
    int rank;
};

/* ---- which run is where ---- */

struct member_place {
    const struct cell *cells;
    size_t cell;
};

static int by_cells(const void *a, const void *b)
{
    const struct member_place *x = a, *y = b;
    return (x->cells > y->cells) - (x->cells < y->cells);
}

static basin_status find_members(struct across_result *across)
{
    const struct cube *cube = across->collector->cube;
    const struct table *result = across->result;
    struct arena *arena = across->collector->arena;
    struct member_place *places = arena_array(arena, struct member_place, cube->cell_count + 1);
    size_t *found = arena_array(arena, size_t, result->row_count + 1), count = 0;
    if (!places || !found) return BASIN_MEMORY;
    for (size_t i = 0; i < cube->cell_count; i++)
        if (cube->cells[i].row != CUBE_NONE)
            places[count++] =
                (struct member_place){across->collector->table->rows[cube->cells[i].row].cells, i};
    if (count) qsort(places, count, sizeof *places, by_cells);
    for (size_t i = 0; i < result->row_count; i++) {
        const struct member_place wanted = {result->members[i], 0};
        const struct member_place *at =
            count ? bsearch(&wanted, places, count, sizeof *places, by_cells) : NULL;
        if (!at) return error_raise(BASIN_INTERNAL, "%s has a run of its own", across->name);
        found[i] = at->cell;
    }
    across->cell_of = found;
    return BASIN_OK;
}

/* ---- axes of its own ---- */

static bool is_key_number(const struct across_result *across, size_t column)
{
    for (size_t i = 0; i < across->result->row_count; i++)
        if (across->result->rows[i].cells[column].kind != CELL_NUMBER) return false;
    return across->result->row_count > 0;
}

static int by_double(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t key_place(const struct cube_axis *axis, const struct cell *cell)
{
    for (size_t i = 0; i < axis->count; i++)
        if (axis->is_numeric ? axis->numbers[i] == cell->number
                             : strcmp(axis->texts[i], cell->text ? cell->text : "") == 0)
            return i;
    return axis->count;
}

/* The different values of a key: numbers in ascending order, texts as they come. */
static basin_status make_key(struct across_result *across, size_t column, struct cube_axis *axis)
{
    struct arena *arena = across->collector->arena;
    const struct table *result = across->result;
    char *name = arena_format(arena, "%s_%s", across->name, result->columns[column].name);
    *axis = (struct cube_axis){.column = -1, .is_numeric = is_key_number(across, column)};
    axis->name = name ? cube_identifier(arena, name) : NULL;
    axis->numbers = arena_array(arena, double, result->row_count + 1);
    axis->texts = arena_array(arena, const char *, result->row_count + 1);
    if (!axis->name || !axis->numbers || !axis->texts) return BASIN_MEMORY;
    for (size_t i = 0; i < result->row_count && axis->count <= NAMES_MOST; i++) {
        const struct cell *cell = &result->rows[i].cells[column];
        if (key_place(axis, cell) < axis->count) continue;
        axis->numbers[axis->count] = axis->is_numeric ? cell->number : (double)axis->count;
        axis->texts[axis->count++] = cell->text ? cell->text : "";
    }
    if (axis->is_numeric) qsort(axis->numbers, axis->count, sizeof(double), by_double);
    return BASIN_OK;
}

/* An axis that only counts: "NAME_group", "NAME_row". */
static basin_status make_counter(struct across_result *across, const char *what, size_t count)
{
    struct arena *arena = across->collector->arena;
    struct cube_axis *axis = &across->own[across->own_count++];
    char *name = arena_format(arena, "%s_%s", across->name, what);
    *axis = (struct cube_axis){.column = -1, .is_numeric = true, .count = count};
    axis->name = name ? cube_identifier(arena, name) : NULL;
    axis->numbers = arena_array(arena, double, count + 1);
    if (!axis->name || !axis->numbers) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) axis->numbers[i] = (double)i;
    return BASIN_OK;
}

/* Rows of one group follow each other. */
static bool starts_group(const struct table *result, size_t row)
{
    return row == 0 || result->members[row] != result->members[row - 1];
}

static size_t count_groups(const struct table *result)
{
    size_t count = 0;
    for (size_t i = 0; i < result->row_count; i++) count += starts_group(result, i);
    return count;
}

/* ---- the form of its arrays ---- */

static void across_choose_axes(struct across_result *across)
{
    const struct cube *cube = across->collector->cube;
    for (size_t i = 0; i < cube->axis_count; i++) {
        int column = cube->axes[i].column;
        across->is_over[i] =
            across->form == OVER_AXES && !across->whole &&
            (column < 0 ? cube->axes[i].count > 1 : !across->runs->columns[column].replicates);
    }
}

static void add_dimension(struct across_result *across, const struct cube_axis *axis)
{
    if (across->rank == RECORD_RANK - 1) { /* too many: a list will do */
        across->volume = SIZE_MAX / 2;
        return;
    }
    across->dims[across->rank] = axis->count;
    across->axes[across->rank++] = axis->name;
    if (axis->count && across->volume > SIZE_MAX / 2 / axis->count)
        across->volume = SIZE_MAX / 2;
    else
        across->volume *= axis->count;
}

static size_t axis_place(const struct cube *cube, size_t cell, size_t axis)
{
    size_t behind = 1;
    for (size_t i = axis + 1; i < cube->axis_count; i++) behind *= cube->axes[i].count;
    return cell / behind % cube->axes[axis].count;
}

static size_t across_place(const struct across_result *across, size_t row, size_t group)
{
    const struct cube *cube = across->collector->cube;
    size_t place = 0, key = 0;
    for (size_t i = 0; i < cube->axis_count; i++)
        if (across->is_over[i])
            place = place * cube->axes[i].count + axis_place(cube, across->cell_of[row], i);
    if (across->form == OVER_ROWS) return row;
    if (across->form == OVER_GROUPS) place = group, key = 1;
    for (size_t k = 0; key < across->own_count; key++, k++)
        place = place * across->own[key].count +
                key_place(&across->own[key], &across->result->rows[row].cells[across->first + k]);
    return place;
}

/* False: two rows would share a place, or one has none. */
static bool find_places(struct across_result *across, uint8_t *taken)
{
    size_t group = 0;
    for (size_t i = 0; i < across->result->row_count; i++) {
        group += i > 0 && starts_group(across->result, i);
        size_t place = across->places[i] = across_place(across, i, group);
        if (place >= across->volume || taken[place]++) return false;
    }
    return true;
}

/* `*fits` false: another form is needed. */
static basin_status try_form(struct across_result *across, enum across_form form, bool *fits)
{
    const struct table *result = across->result;
    struct arena *arena = across->collector->arena;
    across->form = form;
    across->own_count = 0;
    across->rank = 0;
    across->volume = 1;
    *fits = form == OVER_ROWS;
    across_choose_axes(across);
    for (size_t i = 0; i < across->collector->cube->axis_count; i++)
        if (across->is_over[i]) add_dimension(across, &across->collector->cube->axes[i]);
    if (form == OVER_GROUPS) TRY(make_counter(across, "group", count_groups(result)));
    if (form == OVER_ROWS) TRY(make_counter(across, "row", result->row_count));
    for (int k = 0; form != OVER_ROWS && k < across->kind->keys; k++)
        TRY(make_key(across, across->first + (size_t)k, &across->own[across->own_count++]));
    bool is_short = true;
    for (size_t i = 0; i < across->own_count; i++) {
        add_dimension(across, &across->own[i]);
        is_short = is_short && (form == OVER_ROWS || across->own[i].count <= NAMES_MOST);
    }
    if (!is_short || across->volume > SPARSE_MOST * result->row_count + SMALL) return BASIN_OK;
    across->places = arena_array(arena, size_t, result->row_count + 1);
    uint8_t *taken = arena_array(arena, uint8_t, across->volume + 1);
    if (!across->places || !taken) return BASIN_MEMORY;
    *fits = find_places(across, taken);
    return BASIN_OK;
}

static basin_status choose_form(struct across_result *across)
{
    bool fits = false;
    bool has_axes = across->collector->cube->is_product || across->whole;
    if (has_axes) TRY(try_form(across, OVER_AXES, &fits));
    if (!fits && !has_axes) TRY(try_form(across, OVER_GROUPS, &fits));
    return fits ? BASIN_OK : try_form(across, OVER_ROWS, &fits);
}

/* ---- arrays ---- */

static basin_status mark_across(const struct across_result *across, struct record_item *item)
{
    return record_attribute_text(across->collector->record, item, "across", across->name);
}

static const char *across_words(const struct cell *cell)
{
    if (cell->kind == CELL_LIST) return cell->brief;
    return cell->kind == CELL_TEXT ? cell->text : "";
}

/* One column of the result, over `rank` axes; NULL where it has no values. */
static basin_status add_array(struct across_result *across, size_t column, const char *name,
                              struct record_item **item)
{
    struct arena *arena = across->collector->arena;
    const struct table *result = across->result;
    double *numbers = arena_array(arena, double, across->volume + 1);
    const char **texts = arena_array(arena, const char *, across->volume + 1);
    size_t number_count = 0, text_count = 0;
    char *path = name ? arena_format(arena, "/%s", name) : NULL;
    *item = NULL;
    if (!numbers || !texts || !path) return BASIN_MEMORY;
    for (size_t i = 0; i < across->volume; i++) numbers[i] = NAN, texts[i] = "";
    for (size_t i = 0; i < result->row_count; i++) {
        const struct cell *cell = &result->rows[i].cells[column];
        bool is_number = cell->kind == CELL_NUMBER || cell->kind == CELL_BOOLEAN;
        if (is_number) numbers[across->places[i]] = cell->number;
        if (!is_number) texts[across->places[i]] = across_words(cell);
        number_count += is_number;
        text_count += cell->kind == CELL_TEXT || cell->kind == CELL_LIST;
    }
    if (number_count + text_count == 0) return BASIN_OK;
    TRY(record_add(across->collector->record, path, text_count ? RECORD_TEXT : RECORD_FLOAT64,
                   across->rank, across->dims, across->axes,
                   text_count ? (const void *)texts : numbers, item));
    return mark_across(across, *item);
}

static char *across_array_name(const struct across_result *across, const char *column)
{
    char *name = arena_format(across->collector->arena, "%s_%s", across->name, column);
    return name ? cube_identifier(across->collector->arena, name) : NULL;
}

/* Its number, or its key where rows are a list. */
static basin_status across_add_column(struct across_result *across, size_t i)
{
    struct record_item *item;
    const struct quantity *quantity = &across->kind->columns[i];
    TRY(add_array(across, across->first + i, across_array_name(across, quantity->name), &item));
    if (!item) return BASIN_OK;
    return collect_describe(across->collector, item, quantity->units, quantity->long_name,
                            quantity->definition);
}

/* Beside groups or rows: what tells them apart. */
static basin_status across_add_label(struct across_result *across, size_t column)
{
    struct record_item *item;
    const struct column *own = &across->result->columns[column];
    struct across_result labels = *across;
    char *short_name =
        cube_identifier(across->collector->arena, table_name(across->result, (int)column, false));
    if (!short_name) return BASIN_MEMORY;
    labels.rank = 1;
    labels.volume = across->dims[0];
    if (across->form == OVER_GROUPS) {
        size_t *groups =
            arena_array(across->collector->arena, size_t, across->result->row_count + 1);
        if (!groups) return BASIN_MEMORY;
        for (size_t i = 1; i < across->result->row_count; i++)
            groups[i] = groups[i - 1] + starts_group(across->result, i);
        labels.places = groups;
    }
    TRY(add_array(&labels, column, across_array_name(across, short_name), &item));
    if (!item) return BASIN_OK;
    TRY(record_attribute_text(across->collector->record, item, "parameter", own->name));
    TRY(collect_name_coordinate(across->collector, item->path + 1));
    return collect_describe(across->collector, item, "1", own->name, NULL);
}

static basin_status add_own_axes(struct across_result *across)
{
    struct record *record = across->collector->record;
    for (size_t i = 0; i < across->own_count; i++) {
        TRY(collect_add_axis(across->collector, &across->own[i]));
        const char *path = arena_format(record->arena, "/%s", across->own[i].name);
        struct record_item *item = path ? record_find(record, path) : NULL;
        if (!item) return BASIN_MEMORY;
        TRY(mark_across(across, item));
        TRY(collect_describe(across->collector, item, "1", across->own[i].name, NULL));
        if (across->own[i].is_numeric) continue;
        path = arena_format(record->arena, "/%s_value", across->own[i].name);
        if (path && (item = record_find(record, path))) TRY(mark_across(across, item));
    }
    return BASIN_OK;
}

static basin_status add_result(struct across_result *across)
{
    size_t count = 0;
    if (!across->result->row_count) return BASIN_OK;
    TRY(find_members(across));
    TRY(choose_form(across));
    TRY(add_own_axes(across));
    for (size_t i = 0; across->form != OVER_AXES && i < across->first; i++)
        TRY(across_add_label(across, i));
    while (across->kind->columns[count].name) count++;
    for (size_t i = 0; i < count; i++)
        if (i >= (size_t)across->kind->keys || across->form == OVER_ROWS)
            TRY(across_add_column(across, i));
    return BASIN_OK;
}

/* ---- what is there already ---- */

/* What a result depends on: the program, what is asked for, and all that the table knows of the
 * runs. Weights follow from a run's id and are in none of it. */
static basin_status hash_request(const struct collector *collector, const char *name,
                                 const char *options, char out[33])
{
    struct text all = {0};
    const struct table *table = collector->table;
    text_format(&all, "%s %s %s %s;", provenance_version(), provenance_commit(), name, options);
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
    struct across_result across = {.collector = collector,
                                   .name = measure->entry->name,
                                   .kind = measure->entry->implementation,
                                   .runs = &runs,
                                   .result = &result};
    across.whole = across.kind->whole ||
                   strcmp(((const struct across_common *)measure->settings)->over, ACROSS_ALL) == 0;
    size_t own = 0;
    while (across.kind->columns[own].name) own++;
    across.first = result.column_count - own;
    return add_result(&across);
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
