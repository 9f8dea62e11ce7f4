#include "formats/image_labels.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include "base/list.h"
#include "formats/csv_number.h"
#include "formats/csv_scan.h"

/* The labels seen so far; what a file is, all of its labels together say. */
enum label_kind { LABEL_NONE, LABEL_WHOLE, LABEL_NUMBER, LABEL_TEXT };

struct label {
    const char *text;
    double number;
};

struct labels_reading {
    const char *folder;
    struct arena *arena;
    const char **paths;
    struct label *labels;
    size_t count, path_capacity, label_capacity, longest;
    enum label_kind kind;
    long first_line; /* of the first label */
    bool has_begun;
};

/* ---- messages ---- */

static basin_status refuse_columns(const struct csv_row *row)
{
    error_raise(BASIN_DATA, "there %s %zu cell%s; two are wanted, the name of a file and its label",
                row->count == 1 ? "is" : "are", row->count, row->count == 1 ? "" : "s");
    csv_refuse(row->path, row->line);
    if (row->count == 1 && strpbrk(row->cells[0].text, ";\t"))
        error_hint("separate them by a comma");
    return BASIN_DATA;
}

static basin_status refuse_picture_name(const struct csv_row *row, const char *what)
{
    error_raise(BASIN_DATA, "\"%s\" %s", row->cells[0].text, what);
    csv_refuse(row->path, row->line);
    error_hint("names of files are relative to the folder of the pictures, and stay inside it");
    return BASIN_DATA;
}

static basin_status refuse_mixed_labels(const struct labels_reading *reading,
                                        const struct csv_row *row, bool is_number)
{
    error_raise(BASIN_DATA, "the label \"%s\" is a %s, but that of line %ld is a %s",
                row->cells[1].text, is_number ? "number" : "text", reading->first_line,
                is_number ? "text" : "number");
    csv_refuse(row->path, row->line);
    error_hint("labels are all numbers or all texts; class 3 among texts could be \"class 3\"");
    return BASIN_DATA;
}

/* ---- names ---- */

/* Is ".." a component? */
static bool goes_up(const char *name)
{
    for (const char *at = name; (at = strstr(at, "..")); at++)
        if ((at == name || at[-1] == '/') && (at[2] == '/' || at[2] == 0)) return true;
    return false;
}

static bool is_named_picture(const char *name)
{
    static const char *const ends[] = {".png", ".jpg", ".jpeg"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
        if (strcasecmp(dot, ends[i]) == 0) return true;
    return false;
}

/* `*path` NULL: this row is the header. */
static basin_status find_picture(const struct labels_reading *reading, const struct csv_row *row,
                                 const char **path)
{
    const char *name = row->cells[0].text;
    struct stat about;
    if (*name == 0) return refuse_picture_name(row, "is no name of a file");
    if (*name == '/') return refuse_picture_name(row, "is an absolute path");
    if (goes_up(name)) return refuse_picture_name(row, "leads out of the folder of the pictures");
    *path = arena_format(reading->arena, "%s/%s", reading->folder, name);
    if (!*path) return BASIN_MEMORY;
    if (stat(*path, &about) == 0) return BASIN_OK;
    *path = NULL;
    if (!reading->has_begun && !is_named_picture(name)) return BASIN_OK;
    error_raise(BASIN_DATA, "there is no file \"%s\" in %s", name, reading->folder);
    csv_refuse(row->path, row->line);
    error_hint("names of files are relative to the folder of the pictures");
    return BASIN_DATA;
}

/* ---- labels ---- */

static basin_status take_label(struct labels_reading *reading, const struct csv_row *row,
                               struct label *label)
{
    const struct csv_cell *cell = &row->cells[1];
    bool whole = false;
    if (cell->length == 0) {
        error_raise(BASIN_DATA, "the label is missing");
        return csv_refuse(row->path, row->line);
    }
    bool is_number = csv_number_read(cell->text, cell->length, '.', &label->number, &whole);
    if (reading->kind != LABEL_NONE && is_number != (reading->kind != LABEL_TEXT))
        return refuse_mixed_labels(reading, row, is_number);
    if (reading->kind == LABEL_NONE) reading->first_line = row->line;
    whole = whole && label->number >= -9007199254740991.0 && label->number <= 9007199254740991.0;
    enum label_kind kind = !is_number ? LABEL_TEXT : whole ? LABEL_WHOLE : LABEL_NUMBER;
    if (kind > reading->kind) reading->kind = kind;
    if (cell->length + 1 > reading->longest) reading->longest = cell->length + 1;
    label->text = is_number ? NULL : arena_text(reading->arena, cell->text);
    return is_number || label->text ? BASIN_OK : BASIN_MEMORY;
}

static basin_status take_picture_row(void *context, const struct csv_row *row)
{
    struct labels_reading *reading = context;
    const char *path;
    if (row->count != 2) return refuse_columns(row);
    TRY(find_picture(reading, row, &path));
    reading->has_begun = true;
    if (!path) return BASIN_OK;
    if (!list_room(reading->arena, reading->paths, reading->count, 1, reading->path_capacity) ||
        !list_room(reading->arena, reading->labels, reading->count, 1, reading->label_capacity))
        return BASIN_MEMORY;
    reading->paths[reading->count] = path;
    return take_label(reading, row, &reading->labels[reading->count++]);
}

static void fill_labels(const struct labels_reading *reading, struct store_array *array)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct label *label = &reading->labels[i];
        if (array->type == RECORD_INTEGER)
            ((int64_t *)array->data)[i] = (int64_t)label->number;
        else if (array->type == RECORD_FLOAT64)
            ((double *)array->data)[i] = label->number;
        else
            memcpy((char *)array->data + i * array->width, label->text, strlen(label->text));
    }
}

static basin_status make_labels(const struct labels_reading *reading, struct store_array *array)
{
    static const enum record_type types[] = {[LABEL_WHOLE] = RECORD_INTEGER,
                                             [LABEL_NUMBER] = RECORD_FLOAT64,
                                             [LABEL_TEXT] = RECORD_TEXT};
    *array =
        (struct store_array){.type = types[reading->kind], .rank = 1, .dims = {reading->count}};
    if (array->type == RECORD_TEXT) array->width = reading->longest;
    array->data = memory_allocate(reading->count * store_array_element(array));
    if (!array->data) return BASIN_MEMORY;
    fill_labels(reading, array);
    return BASIN_OK;
}

basin_status image_labels_read(const char *path, const char *folder, struct arena *arena,
                               struct image_labels *labels)
{
    struct labels_reading reading = {.folder = folder, .arena = arena};
    struct csv_dialect dialect = {.separator = ',', .quote = '"'};
    struct gzip *gzip;
    *labels = (struct image_labels){0};
    TRY(gzip_open(path, &gzip));
    basin_status status = csv_scan(gzip, path, dialect, take_picture_row, &reading);
    gzip_close(gzip);
    TRY(status);
    if (reading.count == 0) {
        error_raise(BASIN_DATA, "%s names no pictures", path);
        error_place(path, 0, 0);
        error_hint("a row is the name of a file, a comma and its label");
        return BASIN_DATA;
    }
    labels->paths = reading.paths;
    labels->count = reading.count;
    return make_labels(&reading, &labels->labels);
}
