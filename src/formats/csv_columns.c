#include "formats/csv_columns.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "formats/csv_number.h"

enum {
    COLUMNS_SHOWN = 12,
    NAMES_COMPARED = 1000,
    YEAR_FIRST = 1000,
    YEAR_LAST = 2999,
    ALL_NUMBERS_LEAST = 3
};

void csv_column_prefix(const struct csv_column *column)
{
    if (*column->name)
        error_prefix("column \"%s\"", column->name);
    else
        error_prefix("column %zu", column->number);
}

void csv_columns_free(struct csv_columns *columns)
{
    for (size_t i = 0; columns->items && i < columns->count; i++)
        csv_words_free(&columns->items[i].words);
    csv_words_free(&columns->names);
}

/* ---- the first row ---- */

static void hint_header(void)
{
    error_hint("write `header: false` where the first line is data already, or give the columns "
               "other names");
    error_key("header");
}

static basin_status refuse_header(const struct csv_row *row, const char *cell)
{
    error_raise(BASIN_DATA, "the first line should name the columns, but \"%s\" is a number", cell);
    hint_header();
    return csv_refuse(row->path, row->line);
}

/* The numbers of a header, in their order. */
struct header_numbers {
    size_t count;
    double first, last;
    bool consecutive, years; /* each is one more than the one before; each is a later year */
};

static bool header_number_add(struct header_numbers *numbers, double value)
{
    if (numbers->count++ == 0)
        numbers->first = value;
    else
        numbers->consecutive &= value == numbers->last + 1;
    numbers->years &= value > numbers->last && value >= YEAR_FIRST && value <= YEAR_LAST;
    numbers->last = value;
    return numbers->consecutive || numbers->years;
}

/* Numbers in a header are names where they count (0, 1, 2 of pixels; 1990, 1995, 2000). A row of
 * data hardly ever looks so, unless all of it is numbers: then only 0, 1, 2, ... and 1, 2, 3, ...
 * are taken for names. */
static basin_status check_names(struct csv_columns *columns, const struct csv_row *row,
                                char decimal)
{
    struct header_numbers numbers = {.last = -1, .consecutive = true, .years = true};
    double value;
    bool whole;
    for (size_t i = 0; i < columns->count; i++) {
        const struct csv_cell *cell = &row->cells[i];
        if (!csv_number_read(cell->text, cell->length, decimal, &value, &whole)) continue;
        if (!whole || !header_number_add(&numbers, value)) return refuse_header(row, cell->text);
    }
    bool all = numbers.count == columns->count;
    if (all && (!numbers.consecutive || numbers.first > 1 || numbers.count < ALL_NUMBERS_LEAST))
        return refuse_header(row, row->cells[0].text);
    columns->number_names = numbers.count;
    return BASIN_OK;
}

/* A row of one cell: mostly another separator is meant. */
static basin_status refuse_single(const struct csv_row *row, char separator)
{
    static const struct {
        char character;
        const char *name;
    } others[] = {{';', "semicolon"}, {'\t', "tab"}, {'|', "pipe"}, {',', "comma"}, {' ', "space"}};
    error_raise(BASIN_DATA, "there is only one column, but features and a target are needed");
    bool comment = *row->cells[0].text == '#';
    if (comment) error_hint("comments are not read: remove lines that begin with #");
    for (size_t i = 0; i < sizeof others / sizeof *others && !comment; i++)
        if (others[i].character != separator && strchr(row->cells[0].text, others[i].character)) {
            error_hint("write `separator: %s` where that is what separates the cells",
                       others[i].name);
            error_key("separator");
            break;
        }
    return csv_refuse(row->path, row->line);
}

static basin_status refuse_name(const struct csv_row *row, const char *what, const char *name,
                                const char *hint)
{
    error_raise(BASIN_DATA, "%s \"%s\"", what, name);
    error_hint("%s", hint);
    return csv_refuse(row->path, row->line);
}

static basin_status add_name(struct csv_columns *columns, const struct csv_row *row, size_t i,
                             struct arena *arena)
{
    const struct csv_cell *cell = &row->cells[i];
    struct csv_column *column = &columns->items[i];
    size_t index, known = columns->names.count;
    if (cell->length == 0) return BASIN_OK;
    if (!text_valid_utf8(cell->text, cell->length, &index))
        return refuse_name(row, "the name of a column is not valid UTF-8:", cell->text,
                           "convert the file: iconv -f ISO-8859-1 -t UTF-8 FILE > NEW.csv");
    TRY(csv_words_add(&columns->names, arena, cell->text, cell->length, &index));
    if (columns->names.count == known)
        return refuse_name(row, "two columns are called", cell->text, "rename one of them");
    column->name = columns->names.items[index].text;
    columns->named[index] = i;
    return BASIN_OK;
}

/* A separator at the end of lines makes an empty cell, which is no column. */
static size_t row_width(const struct csv_row *row)
{
    return row->count - (row->count > 1 && row->cells[row->count - 1].length == 0);
}

static basin_status columns_name(struct csv_columns *columns, const struct csv_options *options,
                                 const struct csv_row *row, struct arena *arena)
{
    columns->path = row->path;
    columns->line = row->line;
    columns->count = row_width(row);
    columns->items = arena_array(arena, struct csv_column, columns->count);
    columns->named = arena_array(arena, size_t, columns->count);
    if (!columns->items || !columns->named) return BASIN_MEMORY;
    for (size_t i = 0; i < columns->count; i++)
        columns->items[i] = (struct csv_column){.name = "", .number = i + 1};
    if (columns->count == 1) return refuse_single(row, options->dialect.separator);
    if (!options->header) return BASIN_OK;
    TRY(check_names(columns, row, options->decimal));
    for (size_t i = 0; i < columns->count; i++) TRY(add_name(columns, row, i, arena));
    return BASIN_OK;
}

/* ---- finding ---- */

static bool column_is_number(const char *word)
{
    char *end;
    strtoll(word, &end, 10);
    return end > word && !*end;
}

static void hint_columns(const struct csv_columns *columns, const char *word)
{
    const char *names[NAMES_COMPARED] = {0};
    size_t count = 0;
    struct text list = {0};
    for (size_t i = 0; i < columns->count; i++) {
        const char *name = columns->items[i].name;
        if (!*name) continue;
        if (count < COLUMNS_SHOWN) text_format(&list, "%s\"%s\"", count ? ", " : "", name);
        if (count < NAMES_COMPARED) names[count] = name;
        count++;
    }
    const char *near = text_nearest(word, names, count < NAMES_COMPARED ? count : NAMES_COMPARED);
    if (column_is_number(word))
        error_hint("there are %zu columns, numbered from 1", columns->count);
    else if (near)
        error_hint("did you mean \"%s\"?", near);
    else if (count)
        error_hint("its columns are %s%s", text_data(&list), count > COLUMNS_SHOWN ? ", ..." : "");
    else
        error_hint("there are %zu columns, numbered from 1; names need `header: true`",
                   columns->count);
    text_free(&list);
}

static struct csv_column *column_by_name(const struct csv_columns *columns, const char *word)
{
    size_t index;
    bool found = csv_words_find(&columns->names, word, strlen(word), &index);
    return found ? &columns->items[columns->named[index]] : NULL;
}

static struct csv_column *column_by_number(const struct csv_columns *columns, const char *word)
{
    long long number = strtoll(word, NULL, 10), count = (long long)columns->count;
    if (!column_is_number(word)) return NULL;
    if (number >= 1 && number <= count) return &columns->items[number - 1];
    return number <= -1 && number >= -count ? &columns->items[count + number] : NULL;
}

static basin_status column_find(const struct csv_columns *columns, const char *word,
                                const char *key, struct csv_column **column)
{
    *column = column_by_name(columns, word);
    if (!*column) *column = column_by_number(columns, word);
    if (*column) return BASIN_OK;
    error_raise(BASIN_DATA, "%s has no column \"%s\"", columns->path, word);
    hint_columns(columns, word);
    error_key("%s", key);
    return BASIN_DATA;
}

/* ---- what they are ---- */

static basin_status refuse_role(const struct csv_column *column, const char *key)
{
    static const char *const already[] = {[CSV_UNUSED] = "is not used at all",
                                          [CSV_EXCLUDED] = "is excluded",
                                          [CSV_FEATURE] = "is a feature already",
                                          [CSV_TARGET] = "is a target already",
                                          [CSV_GROUP] = "is the group already"};
    error_raise(BASIN_DATA, "%s", already[column->role]);
    csv_column_prefix(column);
    error_key("%s", key);
    return BASIN_DATA;
}

static basin_status assign_role(struct csv_columns *columns, const char *word, enum csv_role role,
                                const char *key, size_t *count)
{
    struct csv_column *column;
    TRY(column_find(columns, word, key, &column));
    if (column->role != CSV_UNUSED) return refuse_role(column, key);
    column->role = role;
    column->at = (*count)++;
    column->categorical = role == CSV_GROUP;
    return BASIN_OK;
}

static basin_status assign_all(struct csv_columns *columns, const struct csv_names *words,
                               enum csv_role role, const char *key, size_t *count)
{
    for (size_t i = 0; i < words->count; i++)
        TRY(assign_role(columns, words->items[i], role, key, count));
    return BASIN_OK;
}

static basin_status assign_last(struct csv_columns *columns)
{
    for (size_t i = columns->count; i-- > 0;)
        if (columns->items[i].role == CSV_UNUSED) {
            columns->items[i].role = CSV_TARGET;
            columns->targets = 1;
            return BASIN_OK;
        }
    error_raise(BASIN_DATA, "all columns are features or excluded: none is left as the target");
    error_key("exclude, features");
    return BASIN_DATA;
}

static basin_status assign_targets(struct csv_columns *columns, const struct csv_options *options)
{
    if (options->target)
        return assign_role(columns, options->target, CSV_TARGET, "target", &columns->targets);
    return assign_all(columns, &options->targets, CSV_TARGET, "targets", &columns->targets);
}

static basin_status refuse_nameless(const struct csv_column *column, const struct csv_row *row)
{
    error_raise(BASIN_DATA, "column %zu has no name", column->number);
    error_hint("where it only numbers the rows, as pandas does, write `exclude: [%zu]`; else give "
               "it a name",
               column->number);
    error_key("exclude");
    return csv_refuse(row->path, row->line);
}

static basin_status assign_others(struct csv_columns *columns, bool header,
                                  const struct csv_row *row)
{
    for (size_t i = 0; i < columns->count; i++) {
        struct csv_column *column = &columns->items[i];
        if (column->role != CSV_UNUSED) continue;
        if (header && !*column->name) return refuse_nameless(column, row);
        column->role = CSV_FEATURE;
        column->at = columns->features++;
    }
    return BASIN_OK;
}

static basin_status assign_categorical(struct csv_columns *columns, const struct csv_names *words)
{
    struct csv_column *column;
    for (size_t i = 0; i < words->count; i++) {
        TRY(column_find(columns, words->items[i], "categorical", &column));
        if (column->role == CSV_UNUSED || column->role == CSV_EXCLUDED)
            return refuse_role(column, "categorical");
        column->categorical = true;
    }
    return BASIN_OK;
}

static basin_status check_options(const struct csv_options *options)
{
    if (options->target && options->targets.count) {
        error_raise(BASIN_DATA, "give either `target` or `targets`, not both");
        error_key("target, targets");
    } else if (options->features.count && options->exclude.count) {
        error_raise(BASIN_DATA, "give either `features` or `exclude`, not both");
        error_key("features, exclude");
    } else {
        return BASIN_OK;
    }
    return BASIN_DATA;
}

static basin_status columns_assign(struct csv_columns *columns, const struct csv_options *options,
                                   const struct csv_row *row)
{
    size_t groups = 0, excluded = 0;
    if (options->group) TRY(assign_role(columns, options->group, CSV_GROUP, "group", &groups));
    columns->grouped = groups > 0;
    TRY(assign_all(columns, &options->exclude, CSV_EXCLUDED, "exclude", &excluded));
    TRY(assign_targets(columns, options));
    TRY(assign_all(columns, &options->features, CSV_FEATURE, "features", &columns->features));
    if (!columns->targets) TRY(assign_last(columns));
    if (!options->features.count) TRY(assign_others(columns, options->header, row));
    if (columns->features) return assign_categorical(columns, &options->categorical);
    error_raise(BASIN_DATA, "no column is left as a feature");
    error_key("exclude");
    return csv_refuse(row->path, row->line);
}

basin_status csv_columns_create(struct csv_columns *columns, const struct csv_options *options,
                                const struct csv_row *row, struct arena *arena)
{
    TRY(check_options(options));
    TRY(columns_name(columns, options, row, arena));
    return columns_assign(columns, options, row);
}

/* ---- when all rows have been read ---- */

static bool is_among_values(const struct csv_column *column)
{
    size_t index;
    return column->kind == CSV_TEXT && *column->name &&
           csv_words_find(&column->words, column->name, strlen(column->name), &index);
}

basin_status csv_columns_check_header(const struct csv_columns *columns)
{
    const struct csv_column *found = NULL;
    size_t used = 0, among = 0;
    for (size_t i = 0; i < columns->count; i++) {
        const struct csv_column *column = &columns->items[i];
        used += column->kind != CSV_UNKNOWN;
        among += is_among_values(column);
        if (!found && is_among_values(column)) found = column;
    }
    if (!found || (columns->number_names == 0 && among < used)) return BASIN_OK;
    error_raise(BASIN_DATA,
                "the first line should name the columns, but \"%s\" is a value of its column too",
                found->name);
    hint_header();
    return csv_refuse(columns->path, columns->line);
}

/* ---- a second file ---- */

static bool is_used(const struct csv_column *column)
{
    return column->role != CSV_UNUSED && column->role != CSV_EXCLUDED;
}

static bool is_listed(const struct csv_names *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], word) == 0) return true;
    return false;
}

static basin_status match_name(const struct csv_columns *columns, const struct csv_options *options,
                               const struct csv_row *row, const char *name,
                               struct csv_column **column)
{
    *column = column_by_name(columns, name);
    if (*column || options->features.count || is_listed(&options->exclude, name)) return BASIN_OK;
    error_raise(BASIN_DATA, "column \"%s\" is not in %s", name, options->paths[CSV_TRAIN]);
    error_hint("both files need the same columns, in any order; leave this one out by `exclude`");
    return csv_refuse(row->path, row->line);
}

static basin_status refuse_absent(const struct csv_columns *columns,
                                  const struct csv_options *options, const struct csv_row *row,
                                  const bool *seen)
{
    for (size_t i = 0; i < columns->count; i++) {
        const struct csv_column *column = &columns->items[i];
        if (seen[i] || !is_used(column)) continue;
        error_raise(BASIN_DATA, "there is no column \"%s\", which %s has", column->name,
                    options->paths[CSV_TRAIN]);
        error_hint(column->role == CSV_TARGET
                       ? "test data need their targets: cut test data from the training file by "
                         "`test_fraction` where there are no others"
                       : "both files need the same columns, in any order");
        return csv_refuse(row->path, row->line);
    }
    return BASIN_OK;
}

static basin_status match_names(const struct csv_columns *columns,
                                const struct csv_options *options, const struct csv_row *row,
                                struct arena *arena, struct csv_column **plan)
{
    bool *seen = arena_array(arena, bool, columns->count);
    if (!seen) return BASIN_MEMORY;
    for (size_t i = 0; i < row_width(row); i++) {
        const char *name = row->cells[i].text;
        struct csv_column *column = NULL;
        if (*name) TRY(match_name(columns, options, row, name, &column));
        if (!column) continue;
        if (seen[column->number - 1])
            return refuse_name(row, "two columns are called", name, "rename one of them");
        seen[column->number - 1] = true;
        if (is_used(column)) plan[i] = column;
    }
    return refuse_absent(columns, options, row, seen);
}

static basin_status match_places(const struct csv_columns *columns,
                                 const struct csv_options *options, const struct csv_row *row,
                                 struct csv_column **plan)
{
    if (row_width(row) != columns->count) {
        error_raise(BASIN_DATA, "there are %zu columns, but %zu in %s", row_width(row),
                    columns->count, options->paths[CSV_TRAIN]);
        return csv_refuse(row->path, row->line);
    }
    for (size_t i = 0; i < columns->count; i++)
        if (is_used(&columns->items[i])) plan[i] = &columns->items[i];
    return BASIN_OK;
}

basin_status csv_columns_match(const struct csv_columns *columns, const struct csv_options *options,
                               const struct csv_row *row, struct arena *arena,
                               struct csv_column ***plan)
{
    *plan = arena_array(arena, struct csv_column *, row->count);
    if (!*plan) return BASIN_MEMORY;
    return options->header ? match_names(columns, options, row, arena, *plan)
                           : match_places(columns, options, row, *plan);
}
