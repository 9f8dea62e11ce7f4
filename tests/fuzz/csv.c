/* The CSV reader (src/formats/csv_file.h).
 *
 * The first bytes choose options and how much of the rest is the training file; what remains is the
 * test file, where there is one. What is accepted is written as a plain CSV file and read again,
 * and read from a gzip file (stored blocks): both ways give the same arrays. */
#include <math.h>
#include <zlib.h>
#include "base/text.h"
#include "formats/csv_file.h"
#include "fuzz.h"

enum { STORED_MOST = 65535, PACK_HEADER = 10 };

static const char *const missing_texts[] = {"NA", "?", "nan"};

static struct csv_options choose(struct input *input)
{
    static const char separators[] = {',', ';', '\t', '|', ' ', ',', ',', 'x'};
    static const char *const columns[] = {"1", "a", "-1", "b", "2", "y", "0", "a b"};
    static const enum record_type types[] = {RECORD_FLOAT64, RECORD_FLOAT32, RECORD_BYTE,
                                             RECORD_FLOAT64};
    int first = input_byte(input), second = input_byte(input), third = input_byte(input);
    struct csv_options options = {.dialect = {separators[first & 7], first & 8 ? '\'' : '"'},
                                  .decimal = first & 16 ? ',' : '.',
                                  .header = first & 32,
                                  .missing = (enum csv_missing)((first >> 6) % 3),
                                  .missing_texts = {missing_texts, 3},
                                  .type = types[second & 3]};
    if (first >= 192 && second & 4) options.dialect.quote = 0;
    if (second & 8) options.target = columns[third & 7];
    if (second & 16) options.group = columns[third >> 3 & 7];
    if (second & 32) options.exclude = (struct csv_names){&columns[third >> 5], 1};
    if (second & 64) options.categorical = (struct csv_names){&columns[third & 7], 1};
    if (second & 128) options.features = (struct csv_names){&columns[third >> 4 & 3], 2};
    return options;
}

static void check_equal(const struct store_array *a, const struct store_array *b)
{
    CHECK(!a->data == !b->data);
    if (!a->data) return;
    CHECK(a->type == b->type && a->rank == b->rank && store_array_count(a) == store_array_count(b));
    size_t size = store_array_element(a);
    CHECK(size == store_array_element(b));
    CHECK(memcmp(a->data, b->data, store_array_count(a) * size) == 0);
}

static void check_array(const struct store_array *array, size_t rows)
{
    CHECK(array->data && array->dims[0] == rows && rows > 0);
    for (size_t i = 0; i < store_array_count(array); i++) {
        const char *text = (const char *)array->data + i * array->width;
        size_t bad;
        if (array->type == RECORD_FLOAT64) CHECK(isfinite(((const double *)array->data)[i]));
        if (array->type == RECORD_FLOAT32) CHECK(isfinite(((const float *)array->data)[i]));
        if (array->type == RECORD_TEXT)
            CHECK(text[array->width - 1] == 0 && text_valid_utf8(text, strlen(text), &bad));
    }
}

static void check_part(const struct csv_options *options, const struct csv_part *part)
{
    size_t rows = part->x.dims[0];
    check_array(&part->x, rows);
    check_array(&part->y, rows);
    CHECK(part->x.type == options->type && !options->group == !part->group.data);
    if (part->group.data) check_array(&part->group, rows);
    CHECK(!part->dropped == !part->rows);
    for (size_t i = 0; part->rows && i < rows; i++)
        CHECK(part->rows[i] < rows + part->dropped &&
              (i == 0 || part->rows[i] > part->rows[i - 1]));
}

/* ---- gzip ---- */

static uint8_t *put_number(uint8_t *out, size_t value, int bytes)
{
    while (bytes-- > 0) *out++ = (uint8_t)value, value >>= 8;
    return out;
}

static size_t put_gzip(const uint8_t *file, size_t length, uint8_t *out)
{
    uint8_t *at = out;
    memcpy(at, "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01", PACK_HEADER + 1);
    at = put_number(at + PACK_HEADER + 1, length, 2);
    at = put_number(at, ~length & 0xffff, 2);
    memcpy(at, file, length);
    at = put_number(at + length, crc32(0, file, (uInt)length), 4);
    return (size_t)(put_number(at, length, 4) - out);
}

static void check_gzip(struct csv_options options, basin_status wanted,
                       const struct csv_data *plain, struct arena *arena)
{
    static uint8_t packed[CSV_PARTS][STORED_MOST + 32];
    struct csv_data data;
    for (int part = 0; part < CSV_PARTS && options.bytes[part]; part++) {
        options.lengths[part] = put_gzip(options.bytes[part], options.lengths[part], packed[part]);
        options.bytes[part] = packed[part];
    }
    CHECK(csv_read(&options, INFINITY, arena, &data) == wanted);
    for (int part = 0; wanted == BASIN_OK && part < CSV_PARTS; part++) {
        check_equal(&data.parts[part].x, &plain->parts[part].x);
        check_equal(&data.parts[part].y, &plain->parts[part].y);
        check_equal(&data.parts[part].group, &plain->parts[part].group);
    }
    csv_data_free(&data);
}

/* ---- as a plain file ---- */

static void put_quoted(struct text *out, const char *label)
{
    text_append(out, "\"");
    for (; *label; label++)
        text_append_n(out, *label == '"' ? "\"\"" : label, *label == '"' ? 2 : 1);
    text_append(out, "\"");
}

static void put_label(struct text *out, const struct store_array *y, size_t i)
{
    if (y->type == RECORD_INTEGER)
        text_format(out, "%lld", (long long)((const int64_t *)y->data)[i]);
    else if (y->type == RECORD_FLOAT64)
        text_format(out, "%.17e", ((const double *)y->data)[i]);
    else
        put_quoted(out, (const char *)y->data + i * y->width);
}

static double element_of(const struct store_array *x, size_t i)
{
    return x->type == RECORD_BYTE      ? (double)((const uint8_t *)x->data)[i]
           : x->type == RECORD_FLOAT32 ? (double)((const float *)x->data)[i]
                                       : ((const double *)x->data)[i];
}

static void put_rows(struct text *out, const struct csv_part *part, size_t width)
{
    for (size_t i = 0; i < part->x.dims[0]; i++) {
        for (size_t k = i * width; k < (i + 1) * width; k++)
            text_format(out, "%.17g;", element_of(&part->x, k));
        put_label(out, &part->y, i);
        text_append(out, "\r\n");
    }
}

static void check_plain(const struct csv_data *data, struct arena *arena)
{
    struct text files[CSV_PARTS] = {0};
    struct csv_data again;
    const char *const last[] = {"-1"};
    struct csv_options options = {.dialect = {';', '"'},
                                  .decimal = '.',
                                  .type = data->parts[0].x.type,
                                  .categorical = {last, data->parts[0].y.type == RECORD_TEXT}};
    for (int part = 0; part < CSV_PARTS && data->parts[part].x.data; part++) {
        put_rows(&files[part], &data->parts[part], data->feature_count);
        options.paths[part] = "plain";
        options.bytes[part] = (const uint8_t *)text_data(&files[part]);
        options.lengths[part] = files[part].length;
    }
    basin_status status = csv_read(&options, INFINITY, arena, &again);
    CHECK(status == BASIN_OK && again.feature_count == data->feature_count);
    for (int part = 0; part < CSV_PARTS; part++) {
        check_equal(&again.parts[part].x, &data->parts[part].x);
        check_equal(&again.parts[part].y, &data->parts[part].y);
        text_free(&files[part]);
    }
    csv_data_free(&again);
}

static void check_accepted(const struct csv_options *options, const struct csv_data *data,
                           struct arena *arena)
{
    for (int part = 0; part < CSV_PARTS && options->bytes[part]; part++)
        check_part(options, &data->parts[part]);
    for (size_t i = 0; i < data->feature_count; i++) CHECK(data->features[i][0]);
    CHECK(data->target && data->feature_count == data->parts[0].x.dims[1]);
    check_plain(data, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, size};
    struct csv_options options = choose(&input);
    size_t train = input_byte(&input);
    struct csv_data data;
    struct arena *arena;
    if (input.left > STORED_MOST || arena_create(&arena) != BASIN_OK) return 0;
    bool second = train < 128 && train < input.left;
    options.paths[0] = "train";
    options.bytes[0] = input.at;
    options.lengths[0] = second ? train : input.left;
    if (second) {
        options.paths[1] = "test";
        options.bytes[1] = input.at + train;
        options.lengths[1] = input.left - train;
    }
    basin_status status = csv_read(&options, INFINITY, arena, &data);
    CHECK(status == BASIN_OK || (status == BASIN_DATA && basin_error_last()->message[0] &&
                                 !data.parts[0].x.data && !data.parts[0].y.data));
    if (status == BASIN_OK) check_accepted(&options, &data, arena);
    bool packed = input.left >= 2 && input.at[0] == 0x1f && input.at[1] == 0x8b;
    if (!packed && !second) check_gzip(options, status, &data, arena);
    if (status == BASIN_OK) csv_data_free(&data);
    arena_destroy(arena);
    return 0;
}
