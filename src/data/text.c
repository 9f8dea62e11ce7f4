/* Text for language models: a file, or the King James Bible as Debian's program prints it, as
 * tokens.
 *
 * Tokens are bytes or Unicode characters, numbered in the order of their codes over the whole text,
 * so that all parts share one vocabulary. The text is cut into contiguous parts: training,
 * validation, test. An example is a window of `context` tokens; its targets are the tokens one
 * further. The windows of a part follow each other without overlap; what is left at its end (less
 * than a window) is not used. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "data/view.h"

enum { CODES = 0x110000, GROWTH = 1 << 20 };

struct bytes {
    unsigned char *data;
    size_t count, capacity;
};

static basin_status text_read_all(FILE *file, const char *name, struct bytes *bytes)
{
    for (;;) {
        if (bytes->count == bytes->capacity) {
            size_t capacity = bytes->capacity ? 2 * bytes->capacity : GROWTH;
            unsigned char *grown = memory_grow(bytes->data, bytes->capacity, capacity);
            if (!grown) return BASIN_MEMORY;
            bytes->data = grown;
            bytes->capacity = capacity;
        }
        size_t got = fread(bytes->data + bytes->count, 1, bytes->capacity - bytes->count, file);
        bytes->count += got;
        if (got == 0) break;
    }
    if (!ferror(file)) return BASIN_OK;
    bool is_folder = errno == EISDIR;
    error_raise(BASIN_DATA, "cannot read %s: %s", name,
                is_folder ? "it is a folder" : strerror(errno));
    error_place(name, 0, 0);
    error_key("path");
    if (is_folder) error_hint("name a text file in it");
    return BASIN_DATA;
}

static basin_status text_fail(const char *file, const char *hint, const char *message)
{
    error_raise(BASIN_DATA, "%s: %s", file, message);
    error_place(file, 0, 0);
    error_key("path");
    error_hint("%s", hint);
    return BASIN_DATA;
}

/* One character of UTF-8; 0 bytes long where it is none (overlong forms, surrogates and codes past
 * 0x10FFFF included). */
static size_t text_decode(const unsigned char *at, size_t left, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = at[0] < 0x80       ? 1
                    : at[0] >> 5 == 6  ? 2
                    : at[0] >> 4 == 14 ? 3
                    : at[0] >> 3 == 30 ? 4
                                       : 0;
    if (length == 0 || length > left) return 0;
    *code = length == 1 ? at[0] : at[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (at[i] >> 6 != 2) return 0;
        *code = *code << 6 | (at[i] & 0x3Fu);
    }
    bool surrogate = *code >= 0xD800 && *code < 0xE000;
    return *code < least[length] || *code >= CODES || surrogate ? 0 : length;
}

/* Codes of all tokens, in `codes` (as many as bytes at most). */
static basin_status split_tokens(const unsigned char *data, size_t bytes, const char *name,
                                 bool characters, uint32_t *codes, size_t *count)
{
    *count = 0;
    for (size_t at = 0; at < bytes;) {
        size_t length = 1;
        codes[*count] = data[at];
        if (characters) length = text_decode(data + at, bytes - at, &codes[*count]);
        if (length == 0) {
            error_raise(BASIN_DATA, "%s: byte %zu (counted from 0) begins no character of UTF-8",
                        name, at);
            error_place(name, 0, 0);
            error_key("path");
            error_hint("use units: bytes, or convert the file to UTF-8");
            return BASIN_DATA;
        }
        at += length;
        (*count)++;
    }
    return BASIN_OK;
}

/* Which codes there are, a bit each, and how many lie before each word of bits: a code's number is
 * the count of those below it. */
struct census {
    uint64_t *bits;
    uint32_t *before;
    size_t words;
};

static basin_status census_make(const uint32_t *codes, size_t count, struct census *census)
{
    for (size_t i = 0; i < count; i++)
        if (codes[i] / 64 >= census->words) census->words = codes[i] / 64 + 1;
    census->bits = memory_allocate(census->words * sizeof *census->bits);
    census->before = memory_allocate((census->words + 1) * sizeof *census->before);
    if (!census->bits || !census->before) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) census->bits[codes[i] / 64] |= (uint64_t)1 << codes[i] % 64;
    for (size_t i = 0; i < census->words; i++)
        census->before[i + 1] = census->before[i] + (uint32_t)__builtin_popcountll(census->bits[i]);
    return BASIN_OK;
}

static uint32_t census_number(const struct census *census, uint32_t code)
{
    uint64_t below = ((uint64_t)1 << code % 64) - 1;
    return census->before[code / 64] +
           (uint32_t)__builtin_popcountll(census->bits[code / 64] & below);
}

/* From codes to numbers 0 ... vocabulary - 1. */
static basin_status number_tokens(struct source *source, const uint32_t *codes, size_t count,
                                  const char *name)
{
    struct census census = {0};
    basin_status status = census_make(codes, count, &census);
    if (status == BASIN_OK) {
        source->outputs = census.before[census.words];
        source->token_count = count;
        source->tokens = memory_allocate((count + 1) * sizeof *source->tokens);
        source->codes = memory_allocate((source->outputs + 1) * sizeof *source->codes);
        if (!source->tokens || !source->codes) status = BASIN_MEMORY;
    }
    for (size_t i = 0; status == BASIN_OK && i < count; i++) {
        uint32_t number = census_number(&census, codes[i]);
        source->tokens[i] = (uint16_t)number;
        source->codes[number] = codes[i];
    }
    memory_free(census.bits);
    memory_free(census.before);
    if (status != BASIN_OK) return status;
    if (source->outputs > SOURCE_CLASSES_MOST)
        return text_fail(name, "use units: bytes", "more than 65536 different characters");
    return BASIN_OK;
}

/* Where the parts begin and how many windows each has. */
static basin_status text_cut(struct source *source, const struct value *dataset, const char *name)
{
    static const char *const parts[] = {"training", "validation", "test"};
    double train = value_number(dataset, "train_fraction"),
           validation = value_number(dataset, "validation_fraction");
    size_t count = source->token_count, ends[DATA_PARTS];
    if (train + validation > 1) {
        error_raise(
            BASIN_DATA,
            "train_fraction %g and validation_fraction %g are more than the whole text together",
            train, validation);
        error_hint("make one smaller; what both leave is the test part");
        error_key("train_fraction, validation_fraction");
        return BASIN_DATA;
    }
    ends[DATA_TRAIN] = (size_t)floor(train * (double)count + 1e-9);
    ends[DATA_VALIDATION] = (size_t)floor((train + validation) * (double)count + 1e-9);
    ends[DATA_TEST] = count;
    for (int part = 0; part < DATA_PARTS; part++) {
        size_t begin = part ? ends[part - 1] : 0, length = ends[part] - begin;
        source->starts[part] = begin;
        source->windows[part] = length ? (length - 1) / source->features : 0;
        bool wanted = part == DATA_TRAIN || length > 1;
        if (source->windows[part] || !wanted) continue;
        error_raise(
            BASIN_DATA,
            "%s: the %s part has %zu tokens, too few for one window of %zu and its last target",
            name, parts[part], length, source->features);
        error_place(name, 0, 0);
        error_key("path");
        error_hint("use a smaller context, other fractions or a longer text");
        return BASIN_DATA;
    }
    source->parts[SOURCE_TRAIN].count = source->available = source->windows[DATA_TRAIN];
    source->parts[SOURCE_TEST].count = source->test_available = source->windows[DATA_TEST];
    return BASIN_OK;
}

basin_status source_from_text(struct source *source, const unsigned char *data, size_t length,
                              const struct value *dataset, const char *name)
{
    size_t count;
    if (length == 0) return text_fail(name, "use another file", "the file is empty");
    uint32_t *codes = memory_allocate(length * sizeof *codes);
    if (!codes) return BASIN_MEMORY;
    bool characters = strcmp(value_text(dataset, "units"), "characters") == 0;
    source->task = DATA_LANGUAGE;
    source->type = RECORD_FLOAT32;
    source->rank = 1;
    source->dims[0] = source->features = (size_t)value_integer(dataset, "context");
    source->digest = hash_bytes(data, length);
    basin_status status = split_tokens(data, length, name, characters, codes, &count);
    if (status == BASIN_OK) status = number_tokens(source, codes, count, name);
    if (status == BASIN_OK) status = text_cut(source, dataset, name);
    memory_free(codes);
    return status;
}

static basin_status load_text(const struct value *dataset, struct source *source)
{
    const char *path = value_text(dataset, "path");
    struct bytes bytes = {0};
    FILE *file = fopen(path, "rb");
    if (!file) {
        error_raise(BASIN_DATA, "cannot open %s: %s", path, strerror(errno));
        error_place(path, 0, 0);
        error_key("path");
        return BASIN_DATA;
    }
    basin_status status = text_read_all(file, path, &bytes);
    fclose(file);
    if (status == BASIN_OK)
        status = source_from_text(source, bytes.data, bytes.count, dataset, path);
    memory_free(bytes.data);
    return status;
}

static basin_status load_kjv(const struct value *dataset, struct source *source)
{
    static const char name[] = "the King James text";
    struct bytes bytes = {0};
    FILE *pipe = popen("bible -f 'gen1:1-rev22:21' 2>/dev/null", "re");
    if (!pipe) return error_raise(BASIN_IO, "cannot run bible: %s", strerror(errno));
    basin_status status = text_read_all(pipe, name, &bytes);
    int ended = pclose(pipe);
    if (status == BASIN_OK && (ended != 0 || bytes.count < GROWTH))
        status = text_fail(name, "apt-get install bible-kjv bible-kjv-text",
                           "the program `bible` is missing, or does not print it");
    if (status == BASIN_OK)
        status = source_from_text(source, bytes.data, bytes.count, dataset, name);
    memory_free(bytes.data);
    return status;
}

static const char *const view_keys[] = {"train_size", "test_size", NULL};
const struct dataset_kind kind_text = {load_text, view_keys}, kind_kjv_text = {load_kjv, view_keys};

static basin_status text_choose(const char *name, const char *key, int64_t wanted, size_t there,
                                size_t *count)
{
    *count = wanted == VALUE_ALL ? there : (size_t)wanted;
    if (*count <= there) return BASIN_OK;
    error_raise(BASIN_DATA, "data set %s: %s needs %zu windows, but there are %zu", name, key,
                *count, there);
    error_hint("make it smaller, or leave it out to use all");
    error_key("%s", key);
    error_expected("at most %zu", there);
    error_found("%zu", *count);
    return BASIN_DATA;
}

basin_status text_view(struct data *data, const struct value *dataset)
{
    const struct source *source = data->source;
    const char *name = value_text(dataset, "name");
    data->info.vocabulary = source->outputs;
    data->info.positions = source->features;
    data->info.counts[DATA_VALIDATION] = source->windows[DATA_VALIDATION];
    TRY(text_choose(name, "train_size", value_integer(dataset, "train_size"),
                    source->windows[DATA_TRAIN], &data->info.counts[DATA_TRAIN]));
    return text_choose(name, "test_size", value_integer(dataset, "test_size"),
                       source->windows[DATA_TEST], &data->info.counts[DATA_TEST]);
}

/* x and y (count, context): tokens, and the tokens one further. */
#define DEFINE_WINDOWS(name, type)                                                                 \
    void name(const struct data *data, const struct data_gather *gather, type *x, type *y)         \
    {                                                                                              \
        const struct source *source = data->source;                                                \
        size_t context = source->features;                                                         \
        for (size_t i = 0; i < gather->count; i++) {                                               \
            const uint16_t *from =                                                                 \
                source->tokens + source->starts[gather->part] + gather->rows[i] * context;         \
            for (size_t j = 0; x && j < context; j++) x[i * context + j] = from[j];                \
            for (size_t j = 0; y && j < context; j++) y[i * context + j] = from[j + 1];            \
        }                                                                                          \
    }

DEFINE_WINDOWS(text_gather_float, float)
DEFINE_WINDOWS(text_gather_double, double)
