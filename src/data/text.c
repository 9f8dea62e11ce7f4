/* See text.h: tokens, their numbers, and the windows of a text. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/list.h"
#include "base/text.h"
#include "data/text.h"
#include "data/view.h"

enum { CODES = 0x110000, GROWTH = 1 << 20, VOCABULARY_MOST = 65536 };

const char *const text_unit_choices[] = {"characters", "bytes", NULL};

static struct windows *source_windows(const struct source *source)
{
    return source->examples;
}

static void text_release(void *examples)
{
    struct windows *windows = examples;
    memory_free(windows->tokens);
    memory_free(windows->codes);
    memory_free(windows);
}

static size_t text_memory(const struct source *source)
{
    const struct windows *windows = source_windows(source);
    return windows->token_count * sizeof *windows->tokens;
}

/* ---- bytes and characters ---- */

static basin_status refuse_reading(const char *name, const char *reason)
{
    error_raise(BASIN_DATA, "cannot read %s: %s", name, reason);
    error_place(name, 0, 0);
    error_key("path");
    return BASIN_DATA;
}

basin_status text_read_pipe(FILE *pipe, const char *name, size_t most, struct text_bytes *bytes)
{
    for (;;) {
        size_t more = bytes->capacity ? 1 : GROWTH;
        if (!list_room(NULL, bytes->data, bytes->count, more, bytes->capacity)) return BASIN_MEMORY;
        size_t got = fread(bytes->data + bytes->count, 1, bytes->capacity - bytes->count, pipe);
        bytes->count += got;
        if (bytes->count > most) return refuse_reading(name, "it does not end");
        if (got == 0) break;
    }
    return ferror(pipe) ? refuse_reading(name, strerror(errno)) : BASIN_OK;
}

basin_status text_fail(const char *file, const char *hint, const char *message)
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

/* A text that is walked through token by token, as often as wanted: the codes of all tokens would
 * take four times its memory. */
struct walk {
    const unsigned char *data;
    size_t bytes, at;
    bool characters;
    const char *name;
};

static bool walk_on(const struct walk *walk)
{
    return walk->at < walk->bytes;
}

/* The next token. */
static basin_status walk_next(struct walk *walk, uint32_t *code)
{
    size_t length = 1;
    *code = walk->data[walk->at];
    if (walk->characters) length = text_decode(walk->data + walk->at, walk->bytes - walk->at, code);
    if (length == 0) {
        error_raise(BASIN_DATA, "%s: byte %zu (counted from 0) begins no character of UTF-8",
                    walk->name, walk->at);
        error_place(walk->name, 0, 0);
        error_key("path");
        error_hint("use units: bytes, or convert the file to UTF-8");
        return BASIN_DATA;
    }
    walk->at += length;
    return BASIN_OK;
}

/* Which codes there are, a bit each, and how many lie before each word of bits: a code's number is
 * the count of those below it. */
struct census {
    uint64_t bits[CODES / 64];
    uint32_t before[CODES / 64 + 1];
    size_t tokens;
};

static basin_status census_take(struct walk walk, struct census *census)
{
    while (walk_on(&walk)) {
        uint32_t code;
        TRY(walk_next(&walk, &code));
        census->bits[code / 64] |= (uint64_t)1 << code % 64;
        census->tokens++;
    }
    for (size_t i = 0; i < CODES / 64; i++)
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
static basin_status number_tokens(struct source *source, struct walk walk,
                                  const struct census *census)
{
    struct windows *windows = source_windows(source);
    source->outputs = census->before[CODES / 64];
    if (source->outputs > VOCABULARY_MOST)
        return text_fail(walk.name, "use units: bytes", "more than 65536 different characters");
    windows->token_count = census->tokens;
    windows->tokens = memory_allocate((census->tokens + 1) * sizeof *windows->tokens);
    windows->codes = memory_allocate((source->outputs + 1) * sizeof *windows->codes);
    if (!windows->tokens || !windows->codes) return BASIN_MEMORY;
    for (size_t i = 0; walk_on(&walk); i++) {
        uint32_t code;
        TRY(walk_next(&walk, &code));
        uint32_t number = census_number(census, code);
        windows->tokens[i] = (uint16_t)number;
        windows->codes[number] = code;
    }
    return BASIN_OK;
}

/* Where the parts begin and how many windows each has. */
static basin_status text_cut(struct source *source, const struct text_settings *settings,
                             const char *name)
{
    struct windows *windows = source_windows(source);
    static const char *const parts[] = {"training", "validation", "test"};
    double train = settings->train_fraction, validation = settings->validation_fraction;
    size_t count = windows->token_count, ends[DATA_PARTS];
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
        windows->starts[part] = begin;
        windows->counts[part] = length ? (length - 1) / source->features : 0;
        bool wanted = part == DATA_TRAIN || length > 1;
        if (windows->counts[part] || !wanted) continue;
        error_raise(
            BASIN_DATA,
            "%s: the %s part has %zu tokens, too few for one window of %zu and its last target",
            name, parts[part], length, source->features);
        error_place(name, 0, 0);
        error_key("path");
        error_hint("use a smaller context, other fractions or a longer text");
        return BASIN_DATA;
    }
    source->available = windows->counts[DATA_TRAIN];
    source->test_available = windows->counts[DATA_TEST];
    return BASIN_OK;
}

static const struct source_kind source_kind_windows;

static basin_status split_tokens(struct source *source, const struct walk *walk)
{
    struct census *census = memory_allocate(sizeof *census);
    if (!census) return BASIN_MEMORY;
    basin_status status = census_take(*walk, census);
    if (status == BASIN_OK) status = number_tokens(source, *walk, census);
    memory_free(census);
    return status;
}

basin_status source_from_text(struct source *source, const unsigned char *data, size_t length,
                              const struct text_settings *settings, const char *name)
{
    struct walk walk = {data, length, 0, settings->units == TEXT_CHARACTERS, name};
    if (length == 0) return text_fail(name, "use another file", "the file is empty");
    source->kind = &source_kind_windows;
    source->examples = memory_allocate(sizeof(struct windows));
    if (!source->examples) return BASIN_MEMORY;
    source->task = DATA_LANGUAGE;
    source->rank = 1;
    source->dims[0] = source->features = (size_t)settings->context;
    source->digest = hash_bytes(data, length);
    basin_status status = split_tokens(source, &walk);
    if (status == BASIN_OK) status = text_cut(source, settings, name);
    source->vocabulary = source->outputs;
    source->codes = source_windows(source)->codes;
    return status;
}

/* ---- views ---- */

static basin_status text_choose(const char *name, const char *key, int64_t wanted, size_t there,
                                size_t *count)
{
    *count = wanted == SETTING_ALL ? there : (size_t)wanted;
    if (*count <= there) return BASIN_OK;
    error_raise(BASIN_DATA, "data set %s: %s needs %zu windows, but there are %zu", name, key,
                *count, there);
    error_hint("make it smaller, or leave it out to use all");
    error_key("%s", key);
    error_expected("at most %zu", there);
    error_found("%zu", *count);
    return BASIN_DATA;
}

static basin_status windows_split(struct data *data, const struct data_settings *settings)
{
    const struct windows *windows = source_windows(data->source);
    const char *name = data->source->name;
    data->info.counts[DATA_VALIDATION] = windows->counts[DATA_VALIDATION];
    TRY(text_choose(name, "train_size", settings->train_size, windows->counts[DATA_TRAIN],
                    &data->info.counts[DATA_TRAIN]));
    return text_choose(name, "test_size", settings->test_size, windows->counts[DATA_TEST],
                       &data->info.counts[DATA_TEST]);
}

static int64_t windows_row(const struct data *data, enum data_part part, size_t position)
{
    const struct windows *windows = source_windows(data->source);
    return (int64_t)(windows->starts[part] + position * data->info.features);
}

static const char *windows_row_meaning(const struct source *source, enum data_part part)
{
    (void)source, (void)part;
    return "tokens of the text, from 0: the first of each window";
}

/* x and y (count, context): tokens, and the tokens one further. Tokens are never standardised. */
#define DEFINE_WINDOWS(name, type)                                                                 \
    static void name(const struct data *data, const struct data_gather *gather, bool raw, type *x, \
                     type *y)                                                                      \
    {                                                                                              \
        size_t context = data->info.features;                                                      \
        (void)raw;                                                                                 \
        for (size_t i = 0; i < gather->count; i++) {                                               \
            const uint16_t *from = source_windows(data->source)->tokens +                          \
                                   windows_row(data, gather->part, gather->rows[i]);               \
            for (size_t j = 0; x && j < context; j++) x[i * context + j] = from[j];                \
            for (size_t j = 0; y && j < context; j++) y[i * context + j] = from[j + 1];            \
        }                                                                                          \
    }

DEFINE_WINDOWS(windows_gather_float, float)
DEFINE_WINDOWS(windows_gather_double, double)

static const struct source_kind source_kind_windows = {.release = text_release,
                                                       .bytes = text_memory,
                                                       .split = windows_split,
                                                       .row = windows_row,
                                                       .row_meaning = windows_row_meaning,
                                                       .gather_float = windows_gather_float,
                                                       .gather_double = windows_gather_double};

/* ---- text: a file ---- */

/* The size is asked for before anything is read. */
static basin_status check_room(const char *path, double size, double most)
{
    char text[32], needed[32], left[32];
    if (TEXT_MEMORY * size <= most) return BASIN_OK;
    error_raise(BASIN_DATA, "%s has %s, which take %s of memory, and there is room for %s", path,
                text_bytes(size, text), text_bytes(TEXT_MEMORY * size, needed),
                text_bytes(most, left));
    error_place(path, 0, 0);
    error_key("path");
    error_hint("raise --memory, or use a shorter text");
    return BASIN_DATA;
}

static basin_status read_bytes(int file, const char *path, struct text_bytes *bytes)
{
    bytes->data = memory_allocate(bytes->capacity + 1);
    if (!bytes->data) return BASIN_MEMORY;
    while (bytes->count < bytes->capacity) {
        ssize_t got = read(file, bytes->data + bytes->count, bytes->capacity - bytes->count);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse_reading(path, strerror(errno));
        if (got == 0) return refuse_reading(path, "it became shorter while it was read");
        bytes->count += (size_t)got;
    }
    return BASIN_OK;
}

static basin_status read_file(int file, const char *path, double most, struct text_bytes *bytes)
{
    struct stat about;
    if (fstat(file, &about) != 0) return refuse_reading(path, strerror(errno));
    if (S_ISDIR(about.st_mode)) {
        refuse_reading(path, "it is a folder");
        error_hint("name a text file in it");
        return BASIN_DATA;
    }
    if (!S_ISREG(about.st_mode)) return refuse_reading(path, "it is not a regular file");
    TRY(check_room(path, (double)about.st_size, most));
    bytes->capacity = (size_t)about.st_size;
    return read_bytes(file, path, bytes);
}

static basin_status text_load(const void *given, struct source *source)
{
    const struct text_settings *settings = given;
    struct text_bytes bytes = {0};
    int file =
        open(settings->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is not waited for */
    if (file < 0) {
        error_raise(BASIN_DATA, "cannot open %s: %s", settings->path, strerror(errno));
        error_place(settings->path, 0, 0);
        error_key("path");
        return BASIN_DATA;
    }
    basin_status status = read_file(file, settings->path, source->most, &bytes);
    close(file);
    if (status == BASIN_OK)
        status = source_from_text(source, bytes.data, bytes.count, settings, settings->path);
    memory_free(bytes.data);
    return status;
}

static const struct schema_row text_parameters[] = {
    {.key = "path",
     SETTING(struct text_settings, path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc = "A text file; UTF-8 if the units are characters.",
     .aliases = (const char *const[]){"file", "filename", NULL}},
    TEXT_ROWS,
    {0}};

const struct entry text_entry = {
    .name = "text",
    .doc = "Any text file, for language models: windows of bytes or characters.",
    .parameters = text_parameters,
    .implementation = &(const struct dataset){.load = text_load, .is_own = true},
    .settings_size = sizeof(struct text_settings)};
