#include "formats/csv_table.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include "base/text.h"
#include "formats/csv_number.h"
#include "store/array.h"

enum { ROWS_FIRST = 64, ROWS_SURE = 1000, EXAMPLE_MOST = 40 };
static const size_t rows_most = UINT32_MAX - 1;

/* One file on its way into its part of the table. */
struct reading {
    struct csv_table *table;
    struct csv_rows *rows;
    const char *path;
    int part;
    struct csv_column **plan; /* (width) of each cell; NULL before the first row */
    size_t width;
    bool trailing;   /* the first row ends in an empty cell */
    size_t file_row; /* from 0, the header does not count */
    size_t missing;  /* cells of x in this row */
};

double csv_table_get(const struct csv_table *table, const void *x, size_t at)
{
    switch (table->options->type) {
    case RECORD_BYTE:
        return ((const uint8_t *)x)[at];
    case RECORD_FLOAT32:
        return ((const float *)x)[at];
    default:
        return ((const double *)x)[at];
    }
}

void csv_table_put(const struct csv_table *table, void *x, size_t at, double value)
{
    switch (table->options->type) {
    case RECORD_BYTE:
        ((uint8_t *)x)[at] = value > 0 ? (uint8_t)value : 0; /* NaN: the row will be dropped */
        break;
    case RECORD_FLOAT32:
        ((float *)x)[at] = (float)value;
        break;
    default:
        ((double *)x)[at] = value;
        break;
    }
}

/* ---- memory ---- */

static size_t bytes_of_row(const struct csv_table *table)
{
    size_t x = table->columns.features * record_element_size(table->options->type);
    return x + csv_table_width(table) * sizeof(double) + sizeof(uint32_t);
}

double csv_table_bytes(const struct csv_table *table)
{
    double rows = 0;
    for (int part = 0; part < CSV_PARTS; part++) rows += (double)table->parts[part].capacity;
    return rows * (double)bytes_of_row(table) + (double)arena_bytes(table->arena);
}

/* From how much of the file the rows so far are; a quarter more where that tells little. */
static size_t expected_rows(const struct csv_rows *rows, double share)
{
    double grown = 1.25 * (double)rows->count + ROWS_FIRST;
    double expected = share > 0 ? 1.02 * (double)rows->count / share : 0;
    return (size_t)(rows->count < ROWS_SURE ? 2 * grown : fmax(grown, expected));
}

static basin_status grow(void *array, size_t size, size_t count, size_t capacity)
{
    void *old, *grown;
    memcpy(&old, array, sizeof old); /* a pointer of any type */
    if (!(grown = memory_grow(old, count * size, capacity * size))) return BASIN_MEMORY;
    memcpy(array, &grown, sizeof grown);
    return BASIN_OK;
}

static basin_status rows_reserve(struct reading *reading, const struct csv_row *row)
{
    struct csv_table *table = reading->table;
    struct csv_rows *rows = reading->rows;
    double each = (double)bytes_of_row(table), held = csv_table_bytes(table);
    if (rows->count < rows->capacity) return BASIN_OK;
    size_t capacity = expected_rows(rows, row->share);
    double grown = 1.25 * (double)rows->count + ROWS_FIRST;
    if (held + each * (double)capacity > table->most) capacity = (size_t)grown;
    TRY(store_array_room(row->path, NULL, held + each * (double)capacity, table->most));
    TRY(grow(&rows->x, table->columns.features * record_element_size(table->options->type),
             rows->count, capacity));
    TRY(grow(&rows->y, csv_table_width(table) * sizeof *rows->y, rows->count, capacity));
    if (table->options->missing == CSV_MISSING_DROP)
        TRY(grow(&rows->rows, sizeof *rows->rows, rows->count, capacity));
    rows->capacity = capacity;
    return BASIN_OK;
}

/* ---- cells ---- */

static basin_status refuse_cell(const struct csv_row *row, const struct csv_column *column)
{
    csv_column_prefix(column);
    return csv_refuse(row->path, row->line);
}

static bool is_missing(const struct csv_table *table, const struct csv_cell *cell)
{
    const struct csv_names *texts = &table->options->missing_texts;
    if (cell->length == 0) return true;
    if (!table->may_be_missing[(unsigned char)*cell->text]) return false;
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], cell->text) == 0) return true;
    return false;
}

static basin_status refuse_missing_cell(const struct csv_row *row, const struct csv_column *column,
                                        const struct csv_cell *cell, enum csv_missing rule)
{
    if (cell->length)
        error_raise(BASIN_DATA, "\"%s\" means that the value is missing", cell->text);
    else
        error_raise(BASIN_DATA, "the value is missing");
    error_hint(rule == CSV_MISSING_MEAN
                   ? "`missing: mean` is for features; leave such rows out by `missing: drop`"
                   : "write `missing: drop` to leave such rows out, or, for features, "
                     "`missing: mean`");
    error_key("missing");
    return refuse_cell(row, column);
}

static basin_status refuse_mixed(const struct csv_row *row, const struct csv_column *column,
                                 const struct csv_cell *cell, const struct csv_options *options)
{
    bool is_text = column->kind == CSV_NUMBER, elsewhere = column->path != row->path;
    error_raise(BASIN_DATA, "\"%s\" is %s, but \"%s\"%s%s on line %ld is %s", cell->text,
                is_text ? "no number" : "a number", column->example, elsewhere ? " in " : "",
                elsewhere ? column->path : "", column->line, is_text ? "one" : "none");
    if (!options->header && !is_text && column->line == 1)
        error_hint("write `header: true` where the first line names the columns");
    else
        error_hint("add the text to `missing_texts` where it means that there is no value; write "
                   "`categorical: [%s]` to read numbers as texts too, or exclude the column",
                   *column->name ? column->name : "...");
    return refuse_cell(row, column);
}

/* The kind of a column is that of its first cell. */
static basin_status take_kind(struct csv_table *table, const struct csv_row *row,
                              struct csv_column *column, const struct csv_cell *cell,
                              enum csv_kind kind)
{
    if (column->kind == kind) return BASIN_OK;
    if (column->kind != CSV_UNKNOWN) return refuse_mixed(row, column, cell, table->options);
    size_t length = cell->length < EXAMPLE_MOST ? cell->length : EXAMPLE_MOST;
    column->kind = kind;
    column->path = row->path;
    column->line = row->line;
    column->example = arena_text_n(table->arena, cell->text, length);
    return column->example ? BASIN_OK : BASIN_MEMORY;
}

static basin_status check_number(const struct csv_table *table, const struct csv_row *row,
                                 const struct csv_column *column, const struct csv_cell *cell,
                                 double value)
{
    enum record_type type = table->options->type;
    if (column->role != CSV_FEATURE) return BASIN_OK;
    if (type == RECORD_BYTE && !(value >= 0 && value <= 255 && value == floor(value)))
        error_raise(BASIN_DATA, "\"%s\" is no whole number of 0 to 255, as `type: uint8` wants",
                    cell->text);
    else if (type == RECORD_FLOAT32 && fabs(value) > (double)FLT_MAX)
        error_raise(BASIN_DATA, "\"%s\" is beyond the range of `type: float32`", cell->text);
    else
        return BASIN_OK;
    error_hint("write `type: float64`, which is the default");
    error_key("type");
    return refuse_cell(row, column);
}

static basin_status refuse_text(const struct csv_row *row, const struct csv_column *column,
                                const struct csv_cell *cell, const char *hint)
{
    error_hint("%s", hint);
    error_found("%s", cell->text);
    return refuse_cell(row, column);
}

static basin_status check_text(const struct csv_table *table, const struct csv_row *row,
                               const struct csv_column *column, const struct csv_cell *cell)
{
    const char *mistake =
        column->categorical ? NULL
                            : csv_number_mistake(cell->text, cell->length, table->options->decimal);
    size_t bad;
    if (mistake) {
        error_raise(BASIN_DATA, "\"%s\" is no number", cell->text);
        return refuse_text(row, column, cell, mistake);
    }
    if (table->options->type == RECORD_BYTE && column->role == CSV_FEATURE) {
        error_raise(BASIN_DATA, "\"%s\" is a text, and `type: uint8` wants numbers", cell->text);
        return refuse_text(row, column, cell, "write `type: float64`, or exclude the column");
    }
    if (!text_valid_utf8(cell->text, cell->length, &bad)) {
        error_raise(BASIN_DATA, "\"%s\" is not valid UTF-8", cell->text);
        return refuse_text(row, column, cell,
                           "convert the file: iconv -f ISO-8859-1 -t UTF-8 FILE > NEW.csv");
    }
    return BASIN_OK;
}

static basin_status refuse_words(const struct csv_row *row, const struct csv_column *column)
{
    error_raise(BASIN_DATA, "there are more than %d different texts", CSV_CATEGORIES_MOST);
    error_hint("each text would be a feature of its own: leave names and identifiers out by "
               "`exclude: [%s]`",
               *column->name ? column->name : "...");
    error_key("exclude");
    return refuse_cell(row, column);
}

static basin_status take_text(struct csv_table *table, const struct csv_row *row,
                              struct csv_column *column, const struct csv_cell *cell, double *value)
{
    size_t index;
    TRY(check_text(table, row, column, cell));
    TRY(take_kind(table, row, column, cell, CSV_TEXT));
    TRY(csv_words_add(&column->words, table->arena, cell->text, cell->length, &index));
    *value = (double)index;
    return column->role == CSV_FEATURE && column->words.count > CSV_CATEGORIES_MOST
               ? refuse_words(row, column)
               : BASIN_OK;
}

/* `*value`: NaN where it is missing. */
static basin_status take_cell_value(struct csv_table *table, const struct csv_row *row,
                                    struct csv_column *column, const struct csv_cell *cell,
                                    double *value)
{
    bool whole;
    *value = (double)NAN;
    if (is_missing(table, cell)) return BASIN_OK;
    if (column->categorical ||
        !csv_number_read(cell->text, cell->length, table->options->decimal, value, &whole))
        return take_text(table, row, column, cell, value);
    if (column->kind != CSV_NUMBER) TRY(take_kind(table, row, column, cell, CSV_NUMBER));
    column->fractions |= !whole;
    return check_number(table, row, column, cell, *value);
}

/* ---- rows ---- */

/* The place of a cell of this row in the memory of its part. */
static void row_put(struct reading *reading, const struct csv_column *column, double value)
{
    struct csv_table *table = reading->table;
    struct csv_rows *rows = reading->rows;
    size_t at = column->role == CSV_GROUP ? table->columns.targets : column->at;
    if (column->role == CSV_FEATURE)
        csv_table_put(table, rows->x, rows->count * table->columns.features + at, value);
    else
        rows->y[rows->count * csv_table_width(table) + at] = value;
}

/* `*drop`: the row is to be left out. */
static basin_status take_missing(struct reading *reading, const struct csv_row *row,
                                 const struct csv_column *column, const struct csv_cell *cell,
                                 bool *drop)
{
    enum csv_missing rule = reading->table->options->missing;
    if (rule == CSV_MISSING_ERROR || (rule == CSV_MISSING_MEAN && column->role != CSV_FEATURE))
        return refuse_missing_cell(row, column, cell, rule);
    *drop |= rule == CSV_MISSING_DROP;
    reading->missing++;
    return BASIN_OK;
}

static basin_status take_cells(struct reading *reading, const struct csv_row *row, bool *drop)
{
    for (size_t i = 0; i < reading->width; i++) {
        struct csv_column *column = reading->plan[i];
        double value;
        if (!column) continue;
        TRY(take_cell_value(reading->table, row, column, &row->cells[i], &value));
        if (isnan(value)) TRY(take_missing(reading, row, column, &row->cells[i], drop));
        row_put(reading, column, value);
    }
    return BASIN_OK;
}

static basin_status refuse_ragged(const struct reading *reading, const struct csv_row *row)
{
    error_raise(BASIN_DATA, "the row has %zu cell%s, but there are %zu columns", row->count,
                row->count == 1 ? "" : "s", reading->width);
    if (reading->trailing && row->count == reading->width + 1)
        error_hint("the first line ends in a separator: name the last column there");
    else if (row->count > reading->width)
        error_hint("a cell that holds the separator needs quotes around it");
    return csv_refuse(row->path, row->line);
}

/* A separator at the end of a line makes one empty cell more. */
static bool is_ragged(const struct reading *reading, const struct csv_row *row)
{
    return row->count != reading->width &&
           !(row->count == reading->width + 1 && row->cells[reading->width].length == 0);
}

static basin_status row_take(struct reading *reading, const struct csv_row *row)
{
    bool drop = false;
    struct csv_rows *rows = reading->rows;
    if (is_ragged(reading, row)) return refuse_ragged(reading, row);
    if (reading->file_row == rows_most) {
        error_raise(BASIN_DATA, "there are more rows than %zu", rows_most);
        return csv_refuse(row->path, row->line);
    }
    reading->missing = 0;
    TRY(rows_reserve(reading, row));
    TRY(take_cells(reading, row, &drop));
    if (rows->rows) rows->rows[rows->count] = (uint32_t)reading->file_row;
    reading->file_row++;
    rows->dropped += drop;
    rows->count += !drop;
    rows->missing += drop ? 0 : reading->missing;
    return BASIN_OK;
}

static basin_status first_take(struct reading *reading, const struct csv_row *row)
{
    struct csv_table *table = reading->table;
    if (reading->part == CSV_TRAIN)
        TRY(csv_columns_create(&table->columns, table->options, row, table->arena));
    TRY(csv_columns_match(&table->columns, table->options, row, table->arena, &reading->plan));
    reading->trailing = row->count > 1 && row->cells[row->count - 1].length == 0;
    reading->width = row->count - reading->trailing;
    return table->options->header ? BASIN_OK : row_take(reading, row);
}

static basin_status take_any_row(void *context, const struct csv_row *row)
{
    struct reading *reading = context;
    return reading->plan ? row_take(reading, row) : first_take(reading, row);
}

/* ---- files ---- */

static basin_status refuse_no_rows(const struct reading *reading)
{
    if (!reading->plan)
        error_raise(BASIN_DATA, "%s is empty", reading->path);
    else if (reading->rows->dropped)
        error_raise(BASIN_DATA, "%s: each of its %zu rows lacks a value, so that none is left",
                    reading->path, reading->rows->dropped);
    else
        error_raise(BASIN_DATA, "%s has no rows below its header", reading->path);
    error_place(reading->path, 0, 0);
    return BASIN_DATA;
}

static basin_status open_part(const struct csv_options *options, int part, struct gzip **gzip)
{
    const char *path = options->paths[part];
    if (options->bytes[part])
        return gzip_open_bytes(path, options->bytes[part], options->lengths[part], gzip);
    TRY(store_array_file(path, "a CSV file"));
    return gzip_open(path, gzip);
}

static basin_status read_part(struct csv_table *table, int part)
{
    struct gzip *gzip;
    struct reading reading = {.table = table,
                              .rows = &table->parts[part],
                              .path = table->options->paths[part],
                              .part = part};
    TRY(open_part(table->options, part, &gzip));
    basin_status status =
        csv_scan(gzip, reading.path, table->options->dialect, take_any_row, &reading);
    gzip_close(gzip);
    TRY(status);
    return reading.rows->count ? BASIN_OK : refuse_no_rows(&reading);
}

basin_status csv_table_read(struct csv_table *table)
{
    static const char *const keys[CSV_PARTS] = {"path", "test_path"};
    const struct csv_names *texts = &table->options->missing_texts;
    for (size_t i = 0; i < texts->count; i++)
        table->may_be_missing[(unsigned char)*texts->items[i]] = true;
    for (int part = 0; part < CSV_PARTS && table->options->paths[part]; part++) {
        basin_status status = read_part(table, part);
        if (status == BASIN_DATA && !basin_error_last()->key[0]) error_key("%s", keys[part]);
        TRY(status);
    }
    return BASIN_OK;
}

void csv_table_free(struct csv_table *table)
{
    csv_columns_free(&table->columns);
    for (int part = 0; part < CSV_PARTS; part++) {
        memory_free(table->parts[part].x);
        memory_free(table->parts[part].y);
        memory_free(table->parts[part].rows);
    }
}
