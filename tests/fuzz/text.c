/* Tokens of a text (src/data/text.c): what is accepted as UTF-8 and encodes back, the vocabulary,
 * and where the parts stand.
 *
 * First byte: bytes or characters, and the fractions; second: the context. */
#include "data/text.h"
#include "fuzz.h"

static const double fractions[][2] = {{1, 0}, {.9, .05}, {.5, .5},     {.3, .3},
                                      {0, 0}, {.7, .4},  {1e-9, .999}, {.34, .33}};

static size_t encode(uint32_t code, uint8_t out[4])
{
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; i-- > 0; code >>= 6)
        out[i] = (uint8_t)(i ? 0x80 | (code & 0x3f) : lead[length] | code);
    return length;
}

static void check_tokens(const struct source *source, bool characters, const uint8_t *text,
                         size_t length)
{
    const struct windows *windows = source->examples;
    size_t at = 0, seen = 0;
    for (size_t i = 0; i < windows->token_count; i++) {
        CHECK(windows->tokens[i] < source->outputs);
        uint32_t code = windows->codes[windows->tokens[i]];
        uint8_t bytes[4] = {(uint8_t)code};
        size_t width = characters ? encode(code, bytes) : 1;
        CHECK(width <= length - at && memcmp(bytes, text + at, width) == 0);
        at += width;
        seen |= (size_t)1 << windows->tokens[i] % 64;
    }
    CHECK(at == length);
    for (size_t i = 1; i < source->outputs; i++) CHECK(windows->codes[i - 1] < windows->codes[i]);
    for (size_t i = 0; i < source->outputs && i < 64; i++) CHECK(seen >> i & 1);
}

static void check_parts(const struct source *source, size_t context)
{
    const struct windows *windows = source->examples;
    size_t end = 0;
    for (int part = 0; part < DATA_PARTS; part++) {
        CHECK(windows->starts[part] >= end);
        end = windows->starts[part] + windows->counts[part] * context + (windows->counts[part] > 0);
        CHECK(end <= windows->token_count);
    }
    CHECK(windows->counts[DATA_TRAIN] > 0 && source->available == windows->counts[DATA_TRAIN]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    int choice = input_byte(&input);
    bool characters = choice & 1;
    const double *parts = fractions[choice / 2 % 8];
    struct text_settings settings = {.units = characters ? TEXT_CHARACTERS : TEXT_BYTES,
                                     .context = 1 + input_byte(&input) % 16,
                                     .train_fraction = parts[0],
                                     .validation_fraction = parts[1]};
    struct source source = {0};
    size_t bad;
    bool valid = !characters || text_valid_utf8((const char *)input.at, input.left, &bad);
    basin_status status = source_from_text(&source, input.at, input.left, &settings, "text");
    CHECK(status == BASIN_OK || (status == BASIN_DATA && basin_error_last()->message[0]));
    CHECK(valid || status != BASIN_OK);
    const struct windows *windows = source.examples;
    size_t tokens = windows ? windows->token_count : 0;
    /* refused, if at all, for the sizes of its parts */
    CHECK(input.left == 0 || !valid || tokens > 0);
    if (tokens) check_tokens(&source, characters, input.at, input.left);
    if (status == BASIN_OK) check_parts(&source, (size_t)settings.context);
    source_free(&source);
    return 0;
}
