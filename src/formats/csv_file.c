#include "formats/csv_file.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include "base/text.h"
#include "formats/csv_number.h"
#include "formats/csv_table.h"

/* Whole numbers up to here are exact in float64, and no others are rounded to them. */
static const double whole_most = 9007199254740991.0;

enum { DOUBTED_LEAST = 20 }; /* rows */

/* What becomes of a column of words. */
enum words_use { WORDS_NONE, WORDS_BOOLEAN, WORDS_TEXTS };

struct column_words {
    enum words_use use;
    uint32_t *sorted; /* (count) words that rows have, by their bytes */
    size_t count, longest;
    uint32_t *place; /* (all words) of a word in that order; of a boolean: 0 or 1 */
};

/* A table with what is known only when all rows have been read. */
struct finish {
    struct csv_table *table;
    struct csv_data *data;
    struct column_words *words;   /* (columns) */
    struct csv_column **features; /* (features) in their order */
    struct csv_column **targets;  /* (targets) */
    struct csv_column *group;
    size_t width; /* features that come of them */
};

/* ---- words ---- */

static double cell_of(const struct csv_table *table, const struct csv_rows *rows,
                      const struct csv_column *column, size_t row)
{
    if (column->role == CSV_FEATURE)
        return csv_table_get(table, rows->x, row * table->columns.features + column->at);
    size_t at = column->role == CSV_GROUP ? table->columns.targets : column->at;
    return rows->y[row * csv_table_width(table) + at];
}

/* Words of rows that were dropped do not count. */
static void mark_used(const struct csv_table *table, const struct csv_column *column, bool *used)
{
    for (int part = 0; part < CSV_PARTS; part++)
        for (size_t row = 0; row < table->parts[part].count; row++) {
            double cell = cell_of(table, &table->parts[part], column, row);
            if (!isnan(cell)) used[(size_t)cell] = true;
        }
}

static bool is_boolean(const char *text)
{
    return strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0;
}

static void words_describe(const struct csv_column *column, struct column_words *words)
{
    bool boolean = !column->categorical && column->role != CSV_GROUP;
    for (size_t i = 0; i < words->count; i++) {
        const struct csv_word *word = &column->words.items[words->sorted[i]];
        if (word->length > words->longest) words->longest = word->length;
        boolean &= is_boolean(word->text);
    }
    words->use = boolean ? WORDS_BOOLEAN : WORDS_TEXTS;
    for (size_t i = 0; i < words->count; i++) {
        uint32_t word = words->sorted[i];
        words->place[word] =
            boolean ? strcasecmp(column->words.items[word].text, "true") == 0 : (uint32_t)i;
    }
}

static basin_status words_finish(struct finish *finish, const struct csv_column *column)
{
    struct arena *arena = finish->table->arena;
    struct column_words *words = &finish->words[column->number - 1];
    bool *used = arena_array(arena, bool, column->words.count + 1);
    words->place = arena_array(arena, uint32_t, column->words.count + 1);
    if (!used || !words->place) return BASIN_MEMORY;
    mark_used(finish->table, column, used);
    TRY(csv_words_sort(&column->words, used, arena, &words->sorted, &words->count));
    words_describe(column, words);
    return BASIN_OK;
}

static const struct column_words *words_of(const struct finish *finish,
                                           const struct csv_column *column)
{
    return &finish->words[column->number - 1];
}

/* ---- columns in their order ---- */

static basin_status columns_order(struct finish *finish)
{
    struct csv_columns *columns = &finish->table->columns;
    struct arena *arena = finish->table->arena;
    finish->words = arena_array(arena, struct column_words, columns->count);
    finish->features = arena_array(arena, struct csv_column *, columns->features);
    finish->targets = arena_array(arena, struct csv_column *, columns->targets);
    if (!finish->words || !finish->features || !finish->targets) return BASIN_MEMORY;
    for (size_t i = 0; i < columns->count; i++) {
        struct csv_column *column = &columns->items[i];
        if (column->role == CSV_FEATURE) finish->features[column->at] = column;
        if (column->role == CSV_TARGET) finish->targets[column->at] = column;
        if (column->role == CSV_GROUP) finish->group = column;
        if (column->kind == CSV_TEXT) TRY(words_finish(finish, column));
    }
    return BASIN_OK;
}

static size_t feature_width(const struct finish *finish, const struct csv_column *column)
{
    const struct column_words *words = words_of(finish, column);
    return words->use == WORDS_TEXTS ? words->count : 1;
}

static const char *name_or_number(struct arena *arena, const struct csv_column *column)
{
    return *column->name ? column->name : arena_format(arena, "column %zu", column->number);
}

/* 0, 1, 2, ... or 1, 2, 3, ... */
static bool counts_rows(const struct finish *finish, const struct csv_column *column)
{
    const struct csv_rows *rows = &finish->table->parts[CSV_TRAIN];
    double first = cell_of(finish->table, rows, column, 0);
    if (first != 0 && first != 1) return false;
    for (size_t row = 0; row < rows->count; row++)
        if (cell_of(finish->table, rows, column, row) != first + (double)row) return false;
    return rows->count >= DOUBTED_LEAST;
}

/* Columns that are hardly meant as features. */
static void doubt_feature(struct finish *finish, const struct csv_column *column, const char *name)
{
    const struct column_words *words = words_of(finish, column);
    struct csv_data *data = finish->data;
    if (words->use == WORDS_TEXTS && !data->distinct && words->count >= DOUBTED_LEAST &&
        2 * words->count > finish->table->parts[CSV_TRAIN].count) {
        data->distinct = name;
        data->distinct_count = words->count;
    }
    if (words->use == WORDS_NONE && !data->counter && counts_rows(finish, column))
        data->counter = name;
}

static basin_status name_feature(struct finish *finish, const struct csv_column *column,
                                 const char **names)
{
    struct arena *arena = finish->table->arena;
    const struct column_words *words = words_of(finish, column);
    const char *name = name_or_number(arena, column);
    for (size_t i = 0; name && i < feature_width(finish, column); i++) {
        names[i] =
            words->use == WORDS_TEXTS
                ? arena_format(arena, "%s=%s", name, column->words.items[words->sorted[i]].text)
                : name;
        if (!names[i]) return BASIN_MEMORY;
    }
    if (name) doubt_feature(finish, column, name);
    return name ? BASIN_OK : BASIN_MEMORY;
}

static basin_status features_name(struct finish *finish)
{
    size_t count = finish->table->columns.features;
    for (size_t i = 0; i < count; i++) finish->width += feature_width(finish, finish->features[i]);
    finish->data->features = arena_array(finish->table->arena, const char *, finish->width + 1);
    if (!finish->data->features) return BASIN_MEMORY;
    finish->data->feature_count = finish->width;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(name_feature(finish, finish->features[i], finish->data->features + at));
        at += feature_width(finish, finish->features[i]);
        finish->data->text_columns += words_of(finish, finish->features[i])->use == WORDS_TEXTS;
    }
    return BASIN_OK;
}

static basin_status name_targets(struct finish *finish)
{
    struct arena *arena = finish->table->arena;
    const char *names = NULL;
    for (size_t i = 0; i < finish->table->columns.targets; i++) {
        const char *name = name_or_number(arena, finish->targets[i]);
        names = names ? arena_format(arena, "%s, %s", names, name) : name;
        if (!names) return BASIN_MEMORY;
    }
    finish->data->target = names;
    return BASIN_OK;
}

/* ---- x ---- */

static basin_status take_room(const struct finish *finish, int part, double bytes)
{
    return store_array_room(finish->table->options->paths[part], NULL,
                            csv_table_bytes(finish->table) + bytes, finish->table->most);
}

/* A missing text is missing in each feature that comes of it. */
static void expand_cell(const struct finish *finish, const struct csv_column *column, double value,
                        void *x, size_t at)
{
    const struct csv_table *table = finish->table;
    const struct column_words *words = words_of(finish, column);
    if (words->use == WORDS_NONE) {
        csv_table_put(table, x, at, value);
    } else if (words->use == WORDS_BOOLEAN) {
        csv_table_put(table, x, at, isnan(value) ? value : words->place[(size_t)value]);
    } else {
        for (size_t i = 0; i < words->count; i++)
            csv_table_put(table, x, at + i, isnan(value) ? value : 0);
        if (!isnan(value)) csv_table_put(table, x, at + words->place[(size_t)value], 1);
    }
}

static void expand_rows(const struct finish *finish, const struct csv_rows *rows, void *x)
{
    size_t at = 0, count = finish->table->columns.features;
    for (size_t row = 0; row < rows->count; row++)
        for (size_t i = 0; i < count; i++) {
            const struct csv_column *column = finish->features[i];
            expand_cell(finish, column, cell_of(finish->table, rows, column, row), x, at);
            at += feature_width(finish, column);
        }
}

static basin_status part_expand(struct finish *finish, int part)
{
    struct csv_rows *rows = &finish->table->parts[part];
    size_t size = record_element_size(finish->table->options->type);
    double bytes = (double)rows->count * (double)finish->width * (double)size;
    TRY(take_room(finish, part, bytes));
    void *x = memory_allocate(rows->count * finish->width * size);
    if (!x) return BASIN_MEMORY;
    expand_rows(finish, rows, x);
    memory_free(rows->x);
    rows->x = x;
    return BASIN_OK;
}

static bool has_words(const struct finish *finish)
{
    for (size_t i = 0; i < finish->table->columns.features; i++)
        if (words_of(finish, finish->features[i])->use != WORDS_NONE) return true;
    return false;
}

/* ---- missing cells ---- */

static basin_status means_take(const struct finish *finish, double *means)
{
    const struct csv_table *table = finish->table;
    const struct csv_rows *rows = &table->parts[CSV_TRAIN];
    long double *sums = arena_array(table->arena, long double, finish->width);
    size_t *counts = arena_array(table->arena, size_t, finish->width);
    if (!sums || !counts) return BASIN_MEMORY;
    for (size_t at = 0; at < rows->count * finish->width; at++) {
        double value = csv_table_get(table, rows->x, at);
        if (isnan(value)) continue;
        sums[at % finish->width] += (long double)value;
        counts[at % finish->width]++;
    }
    for (size_t i = 0; i < finish->width; i++) {
        if (counts[i] == 0) {
            error_raise(BASIN_DATA,
                        "%s: all values of \"%s\" are missing, so that they have no "
                        "mean",
                        table->options->paths[CSV_TRAIN], finish->data->features[i]);
            error_hint("exclude the column");
            error_place(table->options->paths[CSV_TRAIN], 0, 0);
            error_key("missing");
            return BASIN_DATA;
        }
        means[i] = (double)(sums[i] / (long double)counts[i]);
    }
    return BASIN_OK;
}

static void means_fill(const struct finish *finish, struct csv_rows *rows, const double *means)
{
    const struct csv_table *table = finish->table;
    for (size_t i = 0; i < rows->count * finish->width; i++)
        if (isnan(csv_table_get(table, rows->x, i)))
            csv_table_put(table, rows->x, i, means[i % finish->width]);
}

static basin_status missing_fill(struct finish *finish)
{
    struct csv_rows *parts = finish->table->parts;
    if (parts[CSV_TRAIN].missing + parts[CSV_TEST].missing == 0) return BASIN_OK;
    double *means = arena_array(finish->table->arena, double, finish->width);
    if (!means) return BASIN_MEMORY;
    TRY(means_take(finish, means));
    for (int part = 0; part < CSV_PARTS; part++) {
        means_fill(finish, &parts[part], means);
        finish->data->parts[part].filled = parts[part].missing;
    }
    return BASIN_OK;
}

/* ---- arrays ---- */

static basin_status shape_set(const struct finish *finish, struct store_array *array)
{
    const struct csv_options *options = finish->table->options;
    size_t elements = 1;
    array->rank = options->rank ? 1 + options->rank : 2;
    array->dims[1] = finish->width;
    for (int i = 0; i < options->rank; i++) {
        array->dims[1 + i] = options->shape[i];
        if (__builtin_mul_overflow(elements, options->shape[i], &elements)) elements = 0;
    }
    if (options->rank == 0 || elements == finish->width) return BASIN_OK;
    error_raise(BASIN_DATA, "%s has %zu features, and the shape does not have as many elements",
                options->paths[CSV_TRAIN], finish->width);
    error_key("shape");
    return BASIN_DATA;
}

/* Texts of words, or numbers of them where all are whole numbers. */
static basin_status words_array(const struct finish *finish, int part,
                                const struct csv_column *column, struct store_array *array)
{
    const struct csv_rows *rows = &finish->table->parts[part];
    const struct column_words *words = words_of(finish, column);
    *array = (struct store_array){
        .type = RECORD_TEXT, .rank = 1, .dims = {rows->count}, .width = words->longest + 1};
    TRY(take_room(finish, part, (double)rows->count * (double)array->width));
    char *texts = array->data = memory_allocate(rows->count * array->width);
    if (!texts) return BASIN_MEMORY;
    for (size_t row = 0; row < rows->count; row++) {
        const struct csv_word *word =
            &column->words.items[(size_t)cell_of(finish->table, rows, column, row)];
        memcpy(texts + row * array->width, word->text, word->length);
    }
    return BASIN_OK;
}

/* The number of a cell that is no text. */
static double target_number(const struct finish *finish, const struct csv_rows *rows,
                            const struct csv_column *column, size_t row)
{
    const struct column_words *words = words_of(finish, column);
    double cell = cell_of(finish->table, rows, column, row);
    return words->use == WORDS_BOOLEAN ? words->place[(size_t)cell] : cell;
}

/* Are the numbers of all targets whole, as written? */
static bool are_whole(const struct finish *finish)
{
    const struct csv_table *table = finish->table;
    size_t width = csv_table_width(table), count = table->columns.targets;
    for (size_t i = 0; i < count; i++)
        if (finish->targets[i]->fractions) return false;
    for (int part = 0; part < CSV_PARTS; part++)
        for (size_t at = 0; at < table->parts[part].count * width; at++)
            if (at % width < count && !(fabs(table->parts[part].y[at]) <= whole_most)) return false;
    return true;
}

static basin_status numbers_array(const struct finish *finish, int part, bool whole,
                                  struct store_array *array)
{
    const struct csv_rows *rows = &finish->table->parts[part];
    size_t count = finish->table->columns.targets;
    *array = (struct store_array){.type = whole ? RECORD_INTEGER : RECORD_FLOAT64,
                                  .rank = count > 1 ? 2 : 1,
                                  .dims = {rows->count, count}};
    _Static_assert(sizeof(int64_t) == sizeof(double), "both are eight bytes");
    TRY(take_room(finish, part, (double)rows->count * (double)count * (double)sizeof(double)));
    double *numbers = array->data = memory_allocate(rows->count * count * sizeof *numbers);
    int64_t *integers = array->data;
    if (!numbers) return BASIN_MEMORY;
    for (size_t row = 0; row < rows->count; row++)
        for (size_t i = 0; i < count; i++) {
            double number = target_number(finish, rows, finish->targets[i], row);
            if (whole)
                integers[row * count + i] = (int64_t)number;
            else
                numbers[row * count + i] = number;
        }
    return BASIN_OK;
}

static basin_status refuse_target(const struct csv_column *column)
{
    error_raise(BASIN_DATA, "\"%s\" in %s is a text, but several targets are numbers",
                column->example, column->path);
    csv_column_prefix(column);
    error_hint("give one `target` where it is a class");
    error_key("targets");
    return BASIN_DATA;
}

static basin_status targets_make(struct finish *finish)
{
    size_t count = finish->table->columns.targets, texts = 0;
    const struct csv_column *text = NULL;
    for (size_t i = 0; i < count; i++)
        if (words_of(finish, finish->targets[i])->use == WORDS_TEXTS)
            texts++, text = finish->targets[i];
    if (texts && count > 1) return refuse_target(text);
    bool whole = !texts && are_whole(finish);
    for (int part = 0; part < CSV_PARTS; part++) {
        if (!finish->table->parts[part].count) continue;
        struct store_array *y = &finish->data->parts[part].y;
        TRY(texts ? words_array(finish, part, text, y) : numbers_array(finish, part, whole, y));
    }
    return BASIN_OK;
}

/* ---- the group ---- */

/* The whole numbers that all words are; NULL where one is none. */
static int64_t *word_numbers(const struct finish *finish, bool *failed)
{
    const struct column_words *words = words_of(finish, finish->group);
    int64_t *numbers = arena_array(finish->table->arena, int64_t, finish->group->words.count + 1);
    *failed = !numbers;
    for (size_t i = 0; numbers && i < words->count; i++) {
        const struct csv_word *word = &finish->group->words.items[words->sorted[i]];
        double value;
        bool whole;
        if (!csv_number_read(word->text, word->length, finish->table->options->decimal, &value,
                             &whole) ||
            !whole || fabs(value) > whole_most)
            return NULL;
        numbers[words->sorted[i]] = (int64_t)value;
    }
    return numbers;
}

static basin_status group_numbers(const struct finish *finish, int part, const int64_t *numbers,
                                  struct store_array *array)
{
    const struct csv_rows *rows = &finish->table->parts[part];
    *array = (struct store_array){.type = RECORD_INTEGER, .rank = 1, .dims = {rows->count}};
    TRY(take_room(finish, part, (double)rows->count * (double)sizeof *numbers));
    int64_t *out = array->data = memory_allocate(rows->count * sizeof *out);
    for (size_t row = 0; out && row < rows->count; row++)
        out[row] = numbers[(size_t)cell_of(finish->table, rows, finish->group, row)];
    return out ? BASIN_OK : BASIN_MEMORY;
}

static basin_status group_make(struct finish *finish)
{
    bool failed;
    if (!finish->group) return BASIN_OK;
    const int64_t *numbers = word_numbers(finish, &failed);
    if (failed) return BASIN_MEMORY;
    for (int part = 0; part < CSV_PARTS; part++) {
        if (!finish->table->parts[part].count) continue;
        struct store_array *group = &finish->data->parts[part].group;
        TRY(numbers ? group_numbers(finish, part, numbers, group)
                    : words_array(finish, part, finish->group, group));
    }
    return BASIN_OK;
}

/* ---- the whole ---- */

/* Hands over what the table has. */
static basin_status parts_hand(struct finish *finish)
{
    for (int part = 0; part < CSV_PARTS; part++) {
        struct csv_rows *rows = &finish->table->parts[part];
        struct csv_part *out = &finish->data->parts[part];
        if (!rows->count) continue;
        out->x = (struct store_array){.type = finish->table->options->type, .dims = {rows->count}};
        TRY(shape_set(finish, &out->x));
        out->x.data = rows->x;
        rows->x = NULL;
        out->dropped = rows->dropped;
        if (!rows->dropped) continue;
        out->rows = rows->rows;
        rows->rows = NULL;
    }
    return BASIN_OK;
}

static basin_status table_finish(struct finish *finish)
{
    TRY(csv_columns_check_header(&finish->table->columns));
    TRY(columns_order(finish));
    TRY(features_name(finish));
    TRY(name_targets(finish));
    TRY(targets_make(finish));
    TRY(group_make(finish));
    for (int part = 0; has_words(finish) && part < CSV_PARTS; part++)
        if (finish->table->parts[part].count) TRY(part_expand(finish, part));
    TRY(missing_fill(finish));
    return parts_hand(finish);
}

static basin_status check_type(const struct csv_options *options)
{
    if (options->type != RECORD_BYTE || options->missing != CSV_MISSING_MEAN) return BASIN_OK;
    error_raise(BASIN_DATA, "a mean is no whole number, as `type: uint8` wants");
    error_key("missing, type");
    return BASIN_DATA;
}

basin_status csv_read(const struct csv_options *options, double most, struct arena *arena,
                      struct csv_data *data)
{
    struct csv_table table = {.options = options, .most = store_array_most(most), .arena = arena};
    struct finish finish = {.table = &table, .data = data};
    *data = (struct csv_data){0};
    TRY(check_type(options));
    basin_status status = csv_table_read(&table);
    if (status == BASIN_OK) status = table_finish(&finish);
    csv_table_free(&table);
    if (status != BASIN_OK) csv_data_free(data);
    return status;
}

void csv_data_free(struct csv_data *data)
{
    for (int part = 0; part < CSV_PARTS; part++) {
        struct csv_part *one = &data->parts[part];
        store_array_free(&one->x);
        store_array_free(&one->y);
        store_array_free(&one->group);
        memory_free(one->rows);
        one->rows = NULL;
    }
}
