/* Where the results of measures over runs lie in study.h5. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/across.h"
#include "analysis/collect_parts.h"
#include "base/list.h"

/* Of a product, arrays are over the axes that the measure is not taken over, and its keys; of other
 * sweeps, and where two groups would share a place, over its groups and keys; a list of rows where
 * that would be mostly empty. */
enum across_form { OVER_AXES, OVER_GROUPS, OVER_ROWS };

enum { NAMES_MOST = 10000, SPARSE_MOST = 64, SMALL = 4096 };

struct across_result {
    struct collector *collector;
    const char *measure, *name; /* the arrays are called NAME_column */
    const struct across_measure *kind;
    const struct table *runs; /* that it is of; their columns say what it is taken over */
    const struct table *result;
    size_t first;          /* column of the result that is the measure's first */
    int keys;              /* columns that are axes */
    const size_t *cell_of; /* (rows) place of a member in the cube */
    const size_t *groups;  /* (rows) which group it is, of group_count */
    size_t group_count;
    bool is_quantity; /* the rows of one quantity; its key is a place on an axis of a curve */
    bool whole;       /* taken over all runs: its arrays have no axis of the sweep */
    enum across_form form;
    bool is_over[CUBE_AXES_MOST];      /* which axes of the cube its arrays have */
    struct cube_axis own[RECORD_RANK]; /* groups or rows, and keys */
    size_t own_count;
    const size_t *places; /* (rows) in its arrays */
    size_t dims[RECORD_RANK], volume;
    const char *axes[RECORD_RANK];
    int rank;
};

static basin_status mark_across(const struct across_result *across, struct record_item *item)
{
    return record_attribute_text(across->collector->record, item, "across", across->measure);
}

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

/* The same of a key that is complete: its numbers ascend. */
static size_t find_key(const struct cube_axis *axis, const struct cell *cell)
{
    if (!axis->is_numeric) return key_place(axis, cell);
    const double *found =
        bsearch(&cell->number, axis->numbers, axis->count, sizeof(double), by_double);
    return found ? (size_t)(found - axis->numbers) : axis->count;
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

/* Is every place of its rows one of the axis of the curve in study.h5? */
static bool has_all_points(const struct across_result *across, const struct record_item *scale)
{
    size_t count = record_count(scale), hint = 0;
    for (size_t i = 0; i < across->result->row_count; i++) {
        double at = across->result->rows[i].cells[across->first].number;
        hint = hint + 1 < count && record_number(scale, hint + 1) == at ? hint + 1 : 0;
        while (hint < count && record_number(scale, hint) != at) hint++;
        if (hint == count) return false;
    }
    return true;
}

/* What study.h5 has of a number or curve; NULL: nothing, under its own name. */
static basin_status find_quantity(const struct across_result *across, const char *name,
                                  const struct record_item **item)
{
    char *own = cube_identifier(across->collector->arena, name),
         *path = own ? arena_format(across->collector->arena, "/%s", own) : NULL;
    if (!path) return BASIN_MEMORY;
    *item = record_find(across->collector->record, path);
    return BASIN_OK;
}

static basin_status curve_scale(const struct across_result *across, const char *name,
                                const struct record_item **scale)
{
    struct collector *collector = across->collector;
    const struct record_item *curve;
    *scale = NULL;
    TRY(find_quantity(across, name, &curve));
    if (!curve || curve->rank != collector->rank + 1) return BASIN_OK;
    const char *path = arena_format(collector->arena, "/%s", curve->axes[curve->rank - 1]);
    if (!path) return BASIN_MEMORY;
    *scale = record_find(collector->record, path);
    return BASIN_OK;
}

/* The epochs or steps of a curve: those of the curve in study.h5, or, where it is not there under
 * its own name, those of the rows. */
static basin_status make_points(struct across_result *across)
{
    const struct table *result = across->result;
    const char *name = result->rows[0].cells[across->first - 1].text;
    const struct record_item *scale;
    struct cube_axis *axis = &across->own[across->own_count++];
    TRY(curve_scale(across, name, &scale));
    if (!scale || !has_all_points(across, scale)) {
        struct record_item *made;
        bool by_step = strncmp(name, "steps.", 6) == 0;
        TRY(make_key(across, across->first, axis));
        TRY(collect_share_axis(across->collector, by_step ? "step" : "epoch", axis->numbers,
                               axis->count, &axis->name, &made));
        if (!made) return BASIN_OK;
        TRY(mark_across(across, made));
        return collect_describe(across->collector, made, by_step ? "steps" : "epochs",
                                by_step ? "step of training" : "epoch", NULL);
    }
    *axis = (struct cube_axis){.column = -1, .is_numeric = true, .count = record_count(scale)};
    axis->name = scale->path + 1;
    axis->numbers = arena_array(across->collector->arena, double, axis->count + 1);
    if (!axis->numbers) return BASIN_MEMORY;
    for (size_t i = 0; i < axis->count; i++) axis->numbers[i] = record_number(scale, i);
    return BASIN_OK;
}

/* An axis that only counts: "NAME_group", "NAME_row". */
static basin_status make_counter(struct across_result *across, const char *what, size_t count)
{
    struct arena *arena = across->collector->arena;
    struct cube_axis *axis = &across->own[across->own_count++];
    char *name = arena_format(arena, "%s_%s", across->measure, what);
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

static basin_status count_off_groups(struct across_result *across)
{
    size_t count = across->result->row_count,
           *groups = arena_array(across->collector->arena, size_t, count + 1);
    if (!groups) return BASIN_MEMORY;
    for (size_t i = 1; i < count; i++) groups[i] = groups[i - 1] + starts_group(across->result, i);
    across->groups = groups;
    across->group_count = count ? groups[count - 1] + 1 : 0;
    return BASIN_OK;
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

static size_t across_place(const struct across_result *across, size_t row)
{
    const struct cube *cube = across->collector->cube;
    size_t place = 0, key = 0;
    for (size_t i = 0; i < cube->axis_count; i++)
        if (across->is_over[i])
            place = place * cube->axes[i].count + axis_place(cube, across->cell_of[row], i);
    if (across->form == OVER_ROWS) return row;
    if (across->form == OVER_GROUPS) place = across->groups[row], key = 1;
    for (size_t k = 0; key < across->own_count; key++, k++)
        place = place * across->own[key].count +
                find_key(&across->own[key], &across->result->rows[row].cells[across->first + k]);
    return place;
}

/* False: two rows would share a place, or one has none. */
static bool find_places(struct across_result *across, size_t *places, uint8_t *taken)
{
    across->places = places;
    for (size_t i = 0; i < across->result->row_count; i++) {
        size_t place = places[i] = across_place(across, i);
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
    if (form == OVER_GROUPS) TRY(make_counter(across, "group", across->group_count));
    if (form == OVER_ROWS) TRY(make_counter(across, "row", result->row_count));
    for (int k = 0; form != OVER_ROWS && k < across->keys; k++)
        TRY(across->is_quantity
                ? make_points(across)
                : make_key(across, across->first + (size_t)k, &across->own[across->own_count++]));
    bool is_short = true;
    for (size_t i = 0; i < across->own_count; i++) {
        add_dimension(across, &across->own[i]);
        is_short = is_short && (form == OVER_ROWS || across->own[i].count <= NAMES_MOST);
    }
    bool is_sparse = across->volume > SPARSE_MOST * result->row_count + SMALL;
    if (!across->is_quantity && (!is_short || is_sparse)) return BASIN_OK;
    size_t *places = arena_array(arena, size_t, result->row_count + 1);
    uint8_t *taken = arena_array(arena, uint8_t, across->volume + 1);
    if (!places || !taken) return BASIN_MEMORY;
    *fits = find_places(across, places, taken);
    return BASIN_OK;
}

static basin_status choose_form(struct across_result *across)
{
    bool fits = false;
    bool has_axes = across->collector->cube->is_product || across->whole;
    if (has_axes) TRY(try_form(across, OVER_AXES, &fits));
    if (!fits) TRY(try_form(across, OVER_GROUPS, &fits));
    return fits ? BASIN_OK : try_form(across, OVER_ROWS, &fits);
}

/* ---- arrays ---- */

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
    if (across->form == OVER_GROUPS) labels.places = across->groups;
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

/* ---- by quantity ---- */

/* The rows of a result that are of one number or curve: a result of its own. */
struct quantity_part {
    const char *name; /* "curves.test_loss" */
    struct across_result across;
    struct table result;
    size_t *cell_of, *groups;
    size_t capacity, member_capacity, cell_capacity, group_capacity;
};

struct quantity_parts {
    struct quantity_part **items;
    size_t count, capacity;
};

static basin_status quantity_part_of(const struct across_result *across,
                                     struct quantity_parts *parts, const char *name,
                                     struct quantity_part **part)
{
    struct arena *arena = across->collector->arena;
    for (size_t i = parts->count; i-- > 0;)
        if (strcmp((*part = parts->items[i])->name, name) == 0) return BASIN_OK;
    *part = arena_allocate(arena, sizeof **part);
    const char *own = arena_format(arena, "%s_%s", across->measure, name);
    if (!*part || !own || !list_room(arena, parts->items, parts->count, 1, parts->capacity))
        return BASIN_MEMORY;
    **part = (struct quantity_part){.name = name, .across = *across, .result = *across->result};
    (*part)->result.rows = NULL;
    (*part)->result.members = NULL;
    (*part)->result.row_count = 0;
    (*part)->across.name = own;
    (*part)->across.first++;
    (*part)->across.keys = 0;
    (*part)->across.is_quantity = true;
    parts->items[parts->count++] = *part;
    return BASIN_OK;
}

static basin_status add_part_row(const struct across_result *across, size_t row,
                                 struct quantity_part *part)
{
    struct arena *arena = across->collector->arena;
    struct table *result = &part->result;
    size_t count = result->row_count;
    if (!list_room(arena, result->rows, count, 1, part->capacity) ||
        !list_room(arena, result->members, count, 1, part->member_capacity) ||
        !list_room(arena, part->cell_of, count, 1, part->cell_capacity) ||
        !list_room(arena, part->groups, count, 1, part->group_capacity))
        return BASIN_MEMORY;
    result->rows[count] = across->result->rows[row];
    result->members[count] = across->result->members[row];
    part->cell_of[count] = across->cell_of[row];
    part->groups[count] = across->groups[row];
    result->row_count++;
    if (result->rows[count].cells[part->across.first].kind == CELL_NUMBER) part->across.keys = 1;
    return BASIN_OK;
}

static basin_status split_result(const struct across_result *across, struct quantity_parts *parts)
{
    *parts = (struct quantity_parts){0};
    for (size_t i = 0; i < across->result->row_count; i++) {
        const struct cell *name = &across->result->rows[i].cells[across->first];
        struct quantity_part *part;
        TRY(quantity_part_of(across, parts, name->text ? name->text : "", &part));
        TRY(add_part_row(across, i, part));
    }
    for (size_t i = 0; i < parts->count; i++) {
        struct quantity_part *part = parts->items[i];
        part->across.result = &part->result;
        part->across.cell_of = part->cell_of;
        part->across.groups = part->groups;
    }
    return BASIN_OK;
}

static basin_status shape_parts(const struct quantity_parts *parts, enum across_form form,
                                bool *fits)
{
    *fits = true;
    for (size_t i = 0; i < parts->count && *fits; i++)
        TRY(try_form(&parts->items[i]->across, form, fits));
    return BASIN_OK;
}

/* "SUMMARY_QUANTITY_COLUMN", in the units of the quantity unless the column has its own. */
static basin_status add_part_column(const struct quantity_part *part, size_t i)
{
    struct across_result across = part->across;
    struct collector *collector = across.collector;
    struct record_item *item;
    const struct quantity *column = &across.kind->columns[i];
    const struct record_item *of;
    TRY(find_quantity(&across, part->name, &of));
    const char *units = of ? record_attribute_get_text(of, "units") : "1",
               *title = of ? record_attribute_get_text(of, "long_name") : NULL;
    TRY(add_array(&across, across.first + i - 1, across_array_name(&across, column->name), &item));
    if (!item) return BASIN_OK;
    if (!title) title = part->name;
    title = arena_format(collector->arena, "%s: %s", title, column->long_name);
    if (!title) return BASIN_MEMORY;
    TRY(record_attribute_text(collector->record, item, "quantity", part->name));
    TRY(record_attribute_text(collector->record, item, "statistic", column->name));
    return collect_describe(collector, item, *column->units || !units ? column->units : units,
                            title, column->definition);
}

static basin_status add_parts(const struct across_result *across,
                              const struct quantity_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        for (size_t k = (size_t)across->kind->keys; across->kind->columns[k].name; k++)
            TRY(add_part_column(parts->items[i], k));
    return BASIN_OK;
}

/* Over groups: what they are, once for all quantities. */
static basin_status add_groups(struct across_result *across)
{
    bool fits;
    across->keys = 0;
    TRY(try_form(across, OVER_GROUPS, &fits));
    TRY(add_own_axes(across));
    for (size_t i = 0; i < across->first; i++) TRY(across_add_label(across, i));
    return BASIN_OK;
}

/* A group of a file holds 4,096 objects. */
enum { OBJECTS_MOST = 4000 };

static basin_status check_array_count(const struct across_result *across,
                                      const struct quantity_parts *parts)
{
    size_t columns = 0, have = across->collector->record->count;
    while (across->kind->columns[columns].name) columns++;
    size_t more = parts->count * (columns - (size_t)across->kind->keys);
    if (have + more <= OBJECTS_MOST) return BASIN_OK;
    return error_raise(BASIN_DATA,
                       "its %zu arrays, beside %zu others, are more than study.h5 holds (%d); name "
                       "fewer numbers and curves in `measures`",
                       more, have, OBJECTS_MOST);
}

static basin_status add_by_quantity(struct across_result *across)
{
    struct quantity_parts parts;
    bool fits = false;
    TRY(split_result(across, &parts));
    TRY(check_array_count(across, &parts));
    if (across->collector->cube->is_product || across->whole)
        TRY(shape_parts(&parts, OVER_AXES, &fits));
    if (!fits) {
        TRY(add_groups(across));
        TRY(shape_parts(&parts, OVER_GROUPS, &fits));
        if (!fits) return error_raise(BASIN_DATA, "two of its rows are of the same");
    }
    return add_parts(across, &parts);
}

/* ---- all of it ---- */

static basin_status add_rows(struct across_result *across)
{
    TRY(choose_form(across));
    TRY(add_own_axes(across));
    for (size_t i = 0; across->form != OVER_AXES && i < across->first; i++)
        TRY(across_add_label(across, i));
    for (size_t i = 0; across->kind->columns[i].name; i++)
        if (i >= (size_t)across->kind->keys || across->form == OVER_ROWS)
            TRY(across_add_column(across, i));
    return BASIN_OK;
}

basin_status collect_result(struct collector *collector, const struct setting_variant *measure,
                            const struct table *runs, const struct table *result)
{
    const struct across_measure *kind = measure->entry->implementation;
    struct across_result across = {.collector = collector,
                                   .measure = measure->entry->name,
                                   .name = measure->entry->name,
                                   .kind = kind,
                                   .keys = kind->keys,
                                   .runs = runs,
                                   .result = result};
    size_t own = 0;
    if (!result->row_count) return BASIN_OK;
    across.whole = kind->whole ||
                   strcmp(((const struct across_common *)measure->settings)->over, ACROSS_ALL) == 0;
    while (kind->columns[own].name) own++;
    across.first = result->column_count - own;
    TRY(find_members(&across));
    TRY(count_off_groups(&across));
    return kind->by_quantity ? add_by_quantity(&across) : add_rows(&across);
}
