/* csv: one or two CSV files (formats/csv_file.h). */
#include <string.h>
#include "base/text.h"
#include "data/assemble.h"
#include "formats/csv_file.h"

enum csv_type { TYPE_FLOAT64, TYPE_FLOAT32, TYPE_UINT8 };

struct csv_settings {
    struct data_settings common;
    const char *path, *test_path;
    bool header;
    const char *target, *group;
    struct setting_texts targets, features, exclude, categorical, missing_texts;
    const char *separator, *quote;
    int decimal, missing, type; /* indices of choices */
    struct setting_integers shape;
};

static const char *const decimals[] = {"point", "comma", NULL};
static const char *const missing_rules[] = {"error", "drop", "mean", NULL};
static const char *const types[] = {"float64", "float32", "uint8", NULL};

struct character {
    const char *word;
    char character;
};

static const struct character separators[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'},
                                              {"pipe", '|'},  {"space", ' '},     {NULL, 0}};
static const struct character quotes[] = {
    {"double", '"'}, {"single", '\''}, {"none", 0}, {NULL, 0}};

/* A word, or the character itself. Characters of names and numbers separate nothing. */
static basin_status read_character(const struct character *words, const char *text, const char *key,
                                   const char *expected, char *out)
{
    static const char printable[] = "!\"#$%&'()*,/:;<=>?@[\\]^_`{|}~\t ";
    for (; words->word; words++)
        if (strcmp(words->word, text) == 0) {
            *out = words->character;
            return BASIN_OK;
        }
    *out = *text;
    if (*text && !text[1] && strchr(printable, *text)) return BASIN_OK;
    error_raise(BASIN_DATA, "expected %s or one character, found \"%s\"", expected, text);
    error_expected("%s or one character", expected);
    error_found("\"%s\"", text);
    error_key("%s", key);
    return BASIN_DATA;
}

static basin_status read_dialect(const struct csv_settings *settings, struct csv_dialect *dialect)
{
    TRY(read_character(separators, settings->separator, "separator",
                       "comma, semicolon, tab, pipe, space", &dialect->separator));
    TRY(read_character(quotes, settings->quote, "quote", "double, single, none", &dialect->quote));
    if (dialect->separator != dialect->quote) return BASIN_OK;
    error_raise(BASIN_DATA, "separator and quote are the same character");
    error_key("separator, quote");
    return BASIN_DATA;
}

static struct csv_names names_of(const struct setting_texts *texts)
{
    return (struct csv_names){texts->items, texts->count};
}

static basin_status options_fill(const struct csv_settings *settings, struct csv_options *options)
{
    static const enum record_type of_type[] = {[TYPE_FLOAT64] = RECORD_FLOAT64,
                                               [TYPE_FLOAT32] = RECORD_FLOAT32,
                                               [TYPE_UINT8] = RECORD_BYTE};
    *options = (struct csv_options){.paths = {settings->path, settings->test_path},
                                    .decimal = settings->decimal ? ',' : '.',
                                    .header = settings->header,
                                    .missing = (enum csv_missing)settings->missing,
                                    .missing_texts = names_of(&settings->missing_texts),
                                    .target = settings->target,
                                    .targets = names_of(&settings->targets),
                                    .features = names_of(&settings->features),
                                    .exclude = names_of(&settings->exclude),
                                    .categorical = names_of(&settings->categorical),
                                    .group = settings->group,
                                    .type = of_type[settings->type],
                                    .rank = (int)settings->shape.count};
    TRY(read_dialect(settings, &options->dialect));
    if (settings->shape.count > ARRAY_RANK - 1) {
        error_raise(BASIN_DATA, "a shape has at most %d numbers", ARRAY_RANK - 1);
        error_key("shape");
        return BASIN_DATA;
    }
    for (size_t i = 0; i < settings->shape.count; i++)
        options->shape[i] = (size_t)settings->shape.items[i];
    return BASIN_OK;
}

/* Arrays, and the rows that they are, go over to `input`. */
static void hand_part(struct csv_part *part, struct source_array *x, struct source_array *y,
                      struct source_array *group, uint32_t **rows)
{
    x->array = part->x;
    y->array = part->y;
    group->array = part->group;
    *rows = part->rows;
    *part = (struct csv_part){0};
}

static void tell_dropped(const struct csv_data *data, struct text *out)
{
    for (int part = 0; part < CSV_PARTS; part++) {
        const struct csv_part *one = &data->parts[part];
        if (one->dropped)
            text_format(out, "; %zu of %zu %srows left out, which lack values", one->dropped,
                        one->dropped + one->x.dims[0], part == CSV_TEST ? "test " : "");
    }
}

/* "target "price"; 1 column of texts; 2 missing values are means" */
static basin_status tell(const struct csv_data *data, struct arena *arena, const char **told)
{
    struct text out = {0};
    size_t filled = data->parts[CSV_TRAIN].filled + data->parts[CSV_TEST].filled;
    text_append(&out, "target \"");
    text_escape(&out, data->target);
    text_append(&out, "\"");
    if (data->text_columns)
        text_format(&out, "; %zu column%s of texts", data->text_columns,
                    data->text_columns == 1 ? "" : "s");
    tell_dropped(data, &out);
    if (filled)
        text_format(&out, "; %zu missing value%s", filled,
                    filled == 1 ? " is a mean" : "s are means");
    basin_status status = text_status(&out);
    *told = arena_text(arena, text_data(&out));
    text_free(&out);
    return status != BASIN_OK || *told ? status : BASIN_MEMORY;
}

/* Names of columns are text of others. */
static void note_column(struct text *out, const char *name, const char *what)
{
    text_append(out, "column \"");
    text_escape(out, name);
    text_format(out, "\" %s\n", what);
}

static basin_status note_columns(const struct csv_data *data, struct arena *arena,
                                 const char **notes)
{
    struct text out = {0}, what = {0};
    if (data->counter)
        note_column(&out, data->counter, "only counts the rows: leave it out by `exclude`");
    text_format(&what,
                "has %zu different texts, each of which is a feature: leave it out by `exclude` "
                "where it only names the rows",
                data->distinct_count);
    if (data->distinct) note_column(&out, data->distinct, text_data(&what));
    basin_status status = text_status(&out) == BASIN_OK ? text_status(&what) : BASIN_MEMORY;
    *notes = arena_text(arena, text_data(&out));
    text_free(&out);
    text_free(&what);
    return status != BASIN_OK || *notes ? status : BASIN_MEMORY;
}

static basin_status csv_input(const struct csv_settings *settings, struct csv_data *data,
                              struct arena *arena, struct source_input *input)
{
    struct source_array *arrays = input->arrays;
    const char *target = arena_format(arena, "column \"%s\"", data->target);
    if (!target) return BASIN_MEMORY;
    TRY(tell(data, arena, &input->told));
    if (settings->shape.count == 0) /* pixels may be anything */
        TRY(note_columns(data, arena, &input->notes));
    for (int i = 0; i < ARRAYS; i++) {
        bool second = i == ARRAY_X_TEST || i == ARRAY_Y_TEST || i == ARRAY_GROUP_TEST;
        arrays[i].file = second ? settings->test_path : settings->path;
        arrays[i].key = second ? "test_path" : "path";
        arrays[i].name = source_array_is_label(i)                    ? target
                         : i == ARRAY_GROUP || i == ARRAY_GROUP_TEST ? "the group"
                                                                     : "the features";
    }
    hand_part(&data->parts[CSV_TRAIN], &arrays[ARRAY_X], &arrays[ARRAY_Y], &arrays[ARRAY_GROUP],
              &input->rows[SOURCE_TRAIN]);
    hand_part(&data->parts[CSV_TEST], &arrays[ARRAY_X_TEST], &arrays[ARRAY_Y_TEST],
              &arrays[ARRAY_GROUP_TEST], &input->rows[SOURCE_TEST]);
    if (settings->shape.count == 0) input->features = data->features;
    return BASIN_OK;
}

static basin_status csv_load_into(const struct csv_settings *settings, struct source *source,
                                  struct arena *arena, struct source_input *input)
{
    struct csv_options options;
    struct csv_data data;
    TRY(options_fill(settings, &options));
    TRY(csv_read(&options, source->most, arena, &data));
    basin_status status = csv_input(settings, &data, arena, input);
    csv_data_free(&data);
    TRY(status);
    return source_from_input(source, input, settings);
}

static basin_status csv_load(const void *settings, struct source *source)
{
    struct source_input input = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = csv_load_into(settings, source, arena, &input);
    source_input_free(&input);
    arena_destroy(arena);
    return status;
}

/* Which columns and rows are read is what studies compare, so that these keys are part of the
 * identity and columns of tables, though the digest of what is read would do. How the file writes
 * them is not. */
#define CSV_COLUMNS(name, text)                                                                    \
    {                                                                                              \
        .key = #name, SETTING(struct csv_settings, name), .type = SCHEMA_TEXTS, .minimum = 1,      \
        .maximum = 1024, .fallback = "[]", .doc = text                                             \
    }

static const struct schema_row csv_parameters[] = {
    {.key = "path",
     SETTING(struct csv_settings, path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc = "A CSV file in UTF-8, gzipped or not: a row for each example, a column for each "
            "feature and target.",
     .aliases = (const char *const[]){"file", "filename", "train_path", NULL}},
    {.key = "test_path",
     SETTING(struct csv_settings, test_path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Another CSV file, of the test examples: the same columns, in any order where there "
            "is a header. Without it, test_fraction says how many of the rows test.",
     .aliases = (const char *const[]){"test_file", NULL}},
    {.key = "header",
     SETTING(struct csv_settings, header),
     .type = SCHEMA_BOOLEAN,
     .fallback = "true",
     .flags = SCHEMA_SILENT,
     .doc = "Does the first line name the columns? A header with numbers that do not count (as 0, "
            "1, 2 or 1990, 1995 do) is refused, since it is data."},
    {.key = "target",
     SETTING(struct csv_settings, target),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 1024,
     .flags = SCHEMA_OPTIONAL,
     .several = "targets",
     .doc = "The column of the targets, by its name, or its number: from 1, or from -1 backwards. "
            "If absent, the last column that is nothing else. Whole numbers, texts, true and false "
            "are classes, numbers with a point or an exponent make the task regression (see "
            "task).",
     .aliases =
         (const char *const[]){"label", "y", "label_column", "target_column", "class", NULL}},
    CSV_COLUMNS(targets, "Several columns of numbers in place of target, for regression."),
    CSV_COLUMNS(features, "The columns that are features, in this order; if empty, all that are "
                          "nothing else. A column of numbers is one feature. A column of texts is "
                          "one for each different text of both files (\"colour=red\"), in the "
                          "order of their bytes, 1 where the row has it and 0 elsewhere; at most "
                          "1,000. A column of true and false, in upper or lower case, is 1 and 0."),
    CSV_COLUMNS(exclude, "Columns that are not read."),
    CSV_COLUMNS(categorical, "Columns whose cells are texts even where they are numbers (codes, "
                             "zip codes). Elsewhere a column that has both is refused."),
    {.key = "group",
     SETTING(struct csv_settings, group),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 1024,
     .flags = SCHEMA_OPTIONAL,
     .doc = "A column that is no feature: training examples of equal values (of one patient, say) "
            "stay together when test and validation examples are set aside.",
     .aliases = (const char *const[]){"groups", NULL}},
    {.key = "separator",
     SETTING(struct csv_settings, separator),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 16,
     .fallback = "comma",
     .flags = SCHEMA_SILENT,
     .doc = "What stands between cells: comma, semicolon, tab, pipe, or space (any number of "
            "them), or the character itself.",
     .aliases = (const char *const[]){"delimiter", "sep", "delim", NULL}},
    {.key = "quote",
     SETTING(struct csv_settings, quote),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 16,
     .fallback = "double",
     .flags = SCHEMA_SILENT,
     .doc = "What stands around cells that hold separators, newlines or (doubled) quotes: double, "
            "single, none, or the character itself.",
     .aliases = (const char *const[]){"quotechar", NULL}},
    {.key = "decimal",
     SETTING(struct csv_settings, decimal),
     .type = SCHEMA_CHOICE,
     .choices = decimals,
     .fallback = "point",
     .flags = SCHEMA_SILENT,
     .doc = "What stands before the decimals of a number. Separators of thousands and hexadecimal "
            "numbers are refused."},
    {.key = "missing",
     SETTING(struct csv_settings, missing),
     .type = SCHEMA_CHOICE,
     .choices = missing_rules,
     .fallback = "error",
     .doc = "What becomes of rows with cells that are empty, or one of missing_texts: error; drop "
            "leaves them out; mean puts the mean of the column in (of all other rows of `path`, "
            "in the test file too), of a column of texts that of each of its features. A target "
            "or group has no mean.",
     .aliases = (const char *const[]){"na", "missing_values", NULL}},
    {.key = "missing_texts",
     SETTING(struct csv_settings, missing_texts),
     .type = SCHEMA_TEXTS,
     .minimum = 1,
     .maximum = 64,
     .fallback = "[NA, N/A, n/a, NaN, nan, 'null', 'NULL', None, '?']",
     .flags = SCHEMA_SILENT,
     .doc = "Cells that mean that there is no value, beside empty ones.",
     .aliases = (const char *const[]){"na_values", NULL}},
    {.key = "type",
     SETTING(struct csv_settings, type),
     .type = SCHEMA_CHOICE,
     .choices = types,
     .fallback = "float64",
     .doc = "The type of the features. uint8: whole numbers from 0 to 255, which are scaled to "
            "0 ... 1 like the bytes of images."},
    {.key = "shape",
     SETTING(struct csv_settings, shape),
     .type = SCHEMA_INTEGERS,
     .minimum = 1,
     .maximum = 1e6,
     .fallback = "[]",
     .doc = "Makes an image of each row: [height, width] or [height, width, channels] (see "
            "layout). If empty, the features are a vector."},
    DATA_FILE_ROWS,
    DATA_OWN_ROWS,
    {0}};

const struct entry csv_entry = {.name = "csv",
                                .doc = "A table in one or two CSV files: numbers, texts, targets.",
                                .parameters = csv_parameters,
                                .implementation =
                                    &(const struct dataset){.load = csv_load, .is_own = true},
                                .settings_size = sizeof(struct csv_settings)};
