#include "analysis/cube.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "folder/journal.h"

char *cube_identifier(struct arena *arena, const char *name)
{
    size_t first = *name >= '0' && *name <= '9';
    char *out = arena_format(arena, "%s%s", first ? "_" : "", name);
    for (char *at = out; out && *at; at++)
        if (!((*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') ||
              (*at >= 'a' && *at <= 'z')))
            *at = '_';
    return out;
}

/* ---- which parameters vary ---- */

static bool cube_is_seed(const char *name)
{
    return strcmp(name, "seed") == 0;
}

/* Variants of a block have different defaults: the name of the variant says as much. */
static bool cube_varies_by_default(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[column];
        if (cell->kind != CELL_ABSENT && !cell->is_default) return false;
    }
    return true;
}

/* Another name for an earlier column (dataset.seed and seed.data)? */
static bool is_repeated(const struct table *table, const int *columns, size_t count, int column)
{
    for (size_t i = 0; i < count; i++) {
        size_t row = 0;
        while (row < table->row_count &&
               cell_equal(&table->rows[row].cells[columns[i]], &table->rows[row].cells[column]))
            row++;
        if (row == table->row_count) return true;
    }
    return false;
}

static bool tells_apart(const struct table *table, size_t i)
{
    const struct column *column = &table->columns[i];
    return column->group == COLUMN_PARAMETER && column->varied && !column->option &&
           !column->implied && (!column->item || column->title) &&
           (column->title || !cube_varies_by_default(table, i));
}

basin_status cube_columns(const struct table *table, int **columns, size_t *count)
{
    int seed = -1, *found = arena_array(table->arena, int, table->column_count + 1);
    if (!found) return BASIN_MEMORY;
    *count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        bool is_seed =
            table->columns[i].group == COLUMN_PARAMETER && cube_is_seed(table->columns[i].name);
        if (is_seed)
            seed = (int)i;
        else if (tells_apart(table, i) && !is_repeated(table, found, *count, (int)i))
            found[(*count)++] = (int)i;
    }
    if (seed >= 0) found[(*count)++] = seed;
    *columns = found;
    return BASIN_OK;
}

/* ---- names ---- */

static bool is_taken(const struct cube *cube, const char *name)
{
    for (size_t i = 0; i < cube->axis_count; i++)
        if (strcmp(cube->axes[i].name, name) == 0) return true;
    return false;
}

/* Its short name, unless a number, or another axis, has that; `path` where no column has it. */
static const char *cube_axis_name(const struct table *table, const struct cube *cube, int column,
                                  const char *path)
{
    const char *dot = strrchr(path, '.'), *brief = dot ? dot + 1 : path;
    if (column >= 0) brief = table_name(table, column, false);
    const char *name = cube_identifier(table->arena, brief);
    bool clear = name && !is_taken(cube, name);
    for (size_t i = 0; clear && i < table->column_count; i++)
        clear = table->columns[i].group == COLUMN_PARAMETER ||
                strcmp(table->columns[i].name, name) != 0;
    return clear ? name : cube_identifier(table->arena, path);
}

static int column_of(const struct table *table, const char *path)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_PARAMETER &&
            strcmp(table->columns[i].name, path) == 0)
            return (int)i;
    return -1;
}

/* ---- axes of values ---- */

static const char *cell_words(struct arena *arena, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NUMBER:
        return cell->epochs > 0 ? arena_format(arena, "%.17g epochs", cell->epochs)
                                : arena_format(arena, "%.17g", cell->number);
    case CELL_BOOLEAN:
        return cell->number != 0 ? "true" : "false";
    case CELL_TEXT:
        return cell->text;
    case CELL_LIST:
        return cell->brief;
    case CELL_ABSENT:
        break;
    }
    return "null";
}

static int cube_compare_cells(const void *a, const void *b)
{
    return cell_compare(*(const struct cell *const *)a, *(const struct cell *const *)b);
}

/* The distinct values of a column, in order. */
static basin_status distinct_cells(const struct table *table, int column, const struct cell ***out,
                                   size_t *count)
{
    const struct cell **cells =
        arena_array(table->arena, const struct cell *, table->row_count + 1);
    if (!cells) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++) cells[i] = &table->rows[i].cells[column];
    qsort(cells, table->row_count, sizeof *cells, cube_compare_cells);
    *count = 0;
    for (size_t i = 0; i < table->row_count; i++)
        if (i == 0 || !cell_equal(cells[*count - 1], cells[i])) cells[(*count)++] = cells[i];
    *out = cells;
    return BASIN_OK;
}

static basin_status axis_allocate(struct arena *arena, struct cube_axis *axis)
{
    axis->numbers = arena_array(arena, double, axis->count + 1);
    axis->texts = arena_array(arena, const char *, axis->count + 1);
    return axis->numbers && axis->texts ? BASIN_OK : BASIN_MEMORY;
}

static basin_status axis_of_cells(struct arena *arena, const struct cell *const *cells,
                                  struct cube_axis *axis)
{
    TRY(axis_allocate(arena, axis));
    axis->is_numeric = axis->count > 0;
    for (size_t i = 0; i < axis->count; i++)
        axis->is_numeric = axis->is_numeric && cells[i]->kind == CELL_NUMBER;
    for (size_t i = 0; i < axis->count; i++) {
        double number = cells[i]->epochs > 0 ? cells[i]->epochs : cells[i]->number;
        axis->numbers[i] = axis->is_numeric ? number : (double)i;
        if (!(axis->texts[i] = cell_words(arena, cells[i]))) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

/* ---- from the results alone ---- */

static size_t place_of(const struct cell *const *cells, size_t count, const struct cell *cell)
{
    size_t i = 0;
    while (i + 1 < count && !cell_equal(cells[i], cell)) i++;
    return i;
}

static basin_status cube_cells(struct arena *arena, size_t count, struct cube *cube)
{
    cube->cell_count = count;
    cube->cells = arena_array(arena, struct cube_run, count + 1);
    if (!cube->cells) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++)
        cube->cells[i] = (struct cube_run){.id = "", .state = "missing", .row = CUBE_NONE};
    return BASIN_OK;
}

static const char *row_text(const struct table *table, size_t row, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0 &&
            table->columns[i].group != COLUMN_PARAMETER)
            return table->rows[row].cells[i].text ? table->rows[row].cells[i].text : "";
    return "";
}

static void cube_put(const struct table *table, struct cube *cube, size_t cell, size_t row)
{
    cube->cells[cell] = (struct cube_run){
        .id = row_text(table, row, "run_id"), .state = row_text(table, row, "status"), .row = row};
}

/* Puts every row into its place; *is_product false where two share one. */
static basin_status place_rows(const struct table *table, const struct cell *const *const *values,
                               struct cube *cube, bool *is_product)
{
    *is_product = true;
    for (size_t row = 0; row < table->row_count && *is_product; row++) {
        size_t cell = 0;
        for (size_t i = 0; i < cube->axis_count; i++)
            cell = cell * cube->axes[i].count +
                   place_of(values[i], cube->axes[i].count,
                            &table->rows[row].cells[cube->axes[i].column]);
        *is_product = cube->cells[cell].row == CUBE_NONE;
        if (*is_product) cube_put(table, cube, cell, row);
    }
    return BASIN_OK;
}

static basin_status guess_axes(const struct table *table, const int *columns, size_t count,
                               const struct cell ***values, struct cube *cube, size_t *places)
{
    *places = 1;
    for (size_t i = 0; i < count; i++) {
        struct cube_axis *axis = &cube->axes[i];
        TRY(distinct_cells(table, columns[i], &values[i], &axis->count));
        axis->column = columns[i];
        axis->name = cube_axis_name(table, cube, columns[i], table->columns[columns[i]].name);
        if (!axis->name) return BASIN_MEMORY;
        TRY(axis_of_cells(table->arena, values[i], axis));
        cube->axis_count++;
        *places = *places > 2 * table->row_count ? *places : *places * axis->count;
    }
    return BASIN_OK;
}

static basin_status guess_product(const struct table *table, struct cube *cube)
{
    int *columns;
    size_t count, places;
    TRY(cube_columns(table, &columns, &count));
    if (count == 0 || count > CUBE_AXES_MOST) return BASIN_OK;
    const struct cell ***values = arena_array(table->arena, const struct cell **, count + 1);
    cube->axes = arena_array(table->arena, struct cube_axis, count + 1);
    if (!values || !cube->axes) return BASIN_MEMORY;
    TRY(guess_axes(table, columns, count, values, cube, &places));
    if (places >= 2 * table->row_count) return BASIN_OK;
    TRY(cube_cells(table->arena, places, cube));
    return place_rows(table, (const struct cell *const *const *)values, cube, &cube->is_product);
}

/* ---- as the study recorded it ---- */

static double numeral(const char *text, bool *is)
{
    char *end;
    double number = strtod(text, &end);
    *is = end != text && (!*end || strcmp(end, " epochs") == 0);
    return number;
}

static int cube_compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* "path\tvalue\tvalue" -> an axis; its values in the order of the study. */
static basin_status cube_read_axis(const struct table *table, const char *line, struct cube *cube)
{
    struct arena *arena = table->arena;
    struct cube_axis *axis = &cube->axes[cube->axis_count];
    char *own = arena_text(arena, line), *value;
    if (!own) return BASIN_MEMORY;
    *axis = (struct cube_axis){.is_numeric = true};
    for (const char *at = line; *at; at++) axis->count += *at == '\t';
    TRY(axis_allocate(arena, axis));
    const char *path = strsep(&own, "\t");
    for (size_t i = 0; (value = strsep(&own, "\t")); i++) {
        bool is_number;
        axis->texts[i] = value;
        axis->numbers[i] = numeral(value, &is_number);
        axis->is_numeric = axis->is_numeric && is_number;
    }
    for (size_t i = 0; i < axis->count && !axis->is_numeric; i++) axis->numbers[i] = (double)i;
    axis->column = column_of(table, path);
    axis->name = cube_axis_name(table, cube, axis->column, path);
    cube->axis_count++;
    return axis->name ? BASIN_OK : BASIN_MEMORY;
}

/* A study without `seeds` has one. */
static basin_status add_seed_axis(const struct table *table, struct cube *cube)
{
    int column = column_of(table, "seed");
    for (size_t i = 0; i < cube->axis_count; i++)
        if (cube->axes[i].column >= 0 && cube->axes[i].column == column) return BASIN_OK;
    if (column < 0 || !table->row_count) return BASIN_OK;
    const struct cell *cell = &table->rows[0].cells[column];
    for (size_t i = 1; i < table->row_count; i++) /* a part of the runs followed seed.init alone */
        if (!cell_equal(cell, &table->rows[i].cells[column])) return BASIN_OK;
    struct cube_axis *axis = &cube->axes[cube->axis_count];
    *axis = (struct cube_axis){.name = "seed", .column = column, .count = 1};
    cube->axis_count++;
    return axis_of_cells(table->arena, &cell, axis);
}

/* For each place of a numeric axis in ascending order, the place that it has in the study. */
static basin_status axis_ascending(struct arena *arena, struct cube_axis *axis, size_t **order)
{
    double *sorted = arena_array(arena, double, axis->count + 1);
    const char **texts = arena_array(arena, const char *, axis->count + 1);
    *order = arena_array(arena, size_t, axis->count + 1);
    if (!sorted || !texts || !*order) return BASIN_MEMORY;
    for (size_t i = 0; i < axis->count; i++) sorted[i] = axis->numbers[i];
    qsort(sorted, axis->count, sizeof *sorted, cube_compare_numbers);
    for (size_t i = 0; i < axis->count; i++) {
        size_t k = 0;
        while (k + 1 < axis->count && axis->numbers[k] != sorted[i]) k++;
        (*order)[i] = k;
        texts[i] = axis->texts[k];
    }
    memcpy(axis->numbers, sorted, axis->count * sizeof *sorted);
    axis->texts = texts;
    return BASIN_OK;
}

/* The place among the ids of the study of a cell of the cube. */
static size_t study_place(const struct cube *cube, size_t *const *orders, size_t cell)
{
    size_t place = 0, stride = 1;
    for (size_t i = cube->axis_count; i-- > 0;) {
        size_t at = cell % cube->axes[i].count;
        cell /= cube->axes[i].count;
        place += orders[i][at] * stride;
        stride *= cube->axes[i].count;
    }
    return place;
}

/* Results by id, so that 10,000 of them are not searched 10,000 times. */
struct id_row {
    const char *id;
    size_t row;
};

static int compare_ids(const void *a, const void *b)
{
    return strcmp(((const struct id_row *)a)->id, ((const struct id_row *)b)->id);
}

static basin_status rows_by_id(const struct table *table, struct id_row **out)
{
    struct id_row *rows = arena_array(table->arena, struct id_row, table->row_count + 1);
    if (!rows) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++)
        rows[i] = (struct id_row){row_text(table, i, "run_id"), i};
    qsort(rows, table->row_count, sizeof *rows, compare_ids);
    *out = rows;
    return BASIN_OK;
}

static const struct journal_event *last_start(const struct journal_events *events)
{
    const struct journal_event *start = NULL;
    for (size_t i = 0; i < events->count; i++)
        if (strcmp(events->items[i].name, "study_start") == 0) start = &events->items[i];
    return start;
}

static const char *state_of(const struct cube_facts *facts, const char *id)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->ids[i], id) == 0) return facts->states[i];
    return "missing";
}

/* Puts the study's runs into their places; false where some result is none of its runs. */
static basin_status place_ids(const struct table *table, const struct cube_facts *facts,
                              const struct journal_event *start, size_t *const *orders,
                              struct cube *cube)
{
    struct id_row *rows;
    size_t used = 0;
    TRY(rows_by_id(table, &rows));
    TRY(cube_cells(table->arena, start->id_count, cube));
    for (size_t cell = 0; cell < cube->cell_count; cell++) {
        const struct id_row wanted = {.id = start->ids[study_place(cube, orders, cell)]};
        const struct id_row *row =
            bsearch(&wanted, rows, table->row_count, sizeof *rows, compare_ids);
        if (row)
            cube_put(table, cube, cell, row->row), used++;
        else
            cube->cells[cell] = (struct cube_run){
                .id = wanted.id, .state = state_of(facts, wanted.id), .row = CUBE_NONE};
    }
    cube->is_product = used == table->row_count;
    return BASIN_OK;
}

static basin_status recorded_product(const struct table *table, const struct cube_facts *facts,
                                     const struct journal_event *start, struct cube *cube)
{
    size_t places = 1, *orders[CUBE_AXES_MOST + 1];
    cube->axes = arena_array(table->arena, struct cube_axis, start->axis_count + 2);
    if (!cube->axes) return BASIN_MEMORY;
    for (size_t i = 0; i < start->axis_count; i++) TRY(cube_read_axis(table, start->axes[i], cube));
    TRY(add_seed_axis(table, cube));
    if (cube->axis_count > CUBE_AXES_MOST) return BASIN_OK;
    for (size_t i = 0; i < cube->axis_count; i++) {
        TRY(axis_ascending(table->arena, &cube->axes[i], &orders[i]));
        places = cube->axes[i].count && places <= start->id_count ? places * cube->axes[i].count
                                                                  : SIZE_MAX;
    }
    return places == start->id_count ? place_ids(table, facts, start, orders, cube) : BASIN_OK;
}

/* ---- a list of runs ---- */

static basin_status cube_list_runs(const struct table *table, const struct cube_facts *facts,
                                   struct cube *cube)
{
    size_t count = table->row_count;
    struct id_row *rows;
    *cube = (struct cube){0};
    TRY(rows_by_id(table, &rows));
    TRY(cube_cells(table->arena, table->row_count + facts->count, cube));
    for (size_t i = 0; i < table->row_count; i++) cube_put(table, cube, i, i);
    for (size_t i = 0; i < facts->count; i++) {
        const struct id_row wanted = {.id = facts->ids[i]};
        if (!bsearch(&wanted, rows, table->row_count, sizeof *rows, compare_ids))
            cube->cells[count++] =
                (struct cube_run){.id = facts->ids[i], .state = facts->states[i], .row = CUBE_NONE};
    }
    cube->cell_count = count;
    return BASIN_OK;
}

basin_status cube_make(const struct table *table, const struct cube_facts *facts, struct cube *cube)
{
    struct journal_events events;
    const struct journal_event *start = NULL;
    *cube = (struct cube){0};
    if (facts->folder) {
        TRY(journal_read_starts(facts->folder, table->arena, &events));
        start = last_start(&events);
    }
    if (start && start->axis_count) TRY(recorded_product(table, facts, start, cube));
    if (cube->is_product) return BASIN_OK;
    *cube = (struct cube){0};
    if (table->row_count) TRY(guess_product(table, cube));
    return cube->is_product ? BASIN_OK : cube_list_runs(table, facts, cube);
}
