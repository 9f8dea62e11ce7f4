/* Tokens of a text (src/data/text.c): what is accepted as UTF-8 and encodes back, the vocabulary,
 * and where the parts stand.
 *
 * First byte: bytes or characters, and the fractions; second: the context. */
#include "data/source.h"
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
    size_t at = 0, seen = 0;
    for (size_t i = 0; i < source->token_count; i++) {
        CHECK(source->tokens[i] < source->outputs);
        uint32_t code = source->codes[source->tokens[i]];
        uint8_t bytes[4] = {(uint8_t)code};
        size_t width = characters ? encode(code, bytes) : 1;
        CHECK(width <= length - at && memcmp(bytes, text + at, width) == 0);
        at += width;
        seen |= (size_t)1 << source->tokens[i] % 64;
    }
    CHECK(at == length);
    for (size_t i = 1; i < source->outputs; i++) CHECK(source->codes[i - 1] < source->codes[i]);
    for (size_t i = 0; i < source->outputs && i < 64; i++) CHECK(seen >> i & 1);
}

static void check_parts(const struct source *source, size_t context)
{
    size_t end = 0;
    for (int part = 0; part < DATA_PARTS; part++) {
        CHECK(source->starts[part] >= end);
        end = source->starts[part] + source->windows[part] * context + (source->windows[part] > 0);
        CHECK(end <= source->token_count);
    }
    CHECK(source->windows[DATA_TRAIN] > 0 && source->available == source->windows[DATA_TRAIN]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    int choice = input_byte(&input);
    bool characters = choice & 1;
    const double *parts = fractions[choice / 2 % 8];
    struct value units = {.kind = VALUE_TEXT, .text = characters ? "characters" : "bytes"},
                 context = {.kind = VALUE_INTEGER, .integer = 1 + input_byte(&input) % 16},
                 train = {.kind = VALUE_FLOAT, .number = parts[0]},
                 validation = {.kind = VALUE_FLOAT, .number = parts[1]};
    struct value_member members[] = {{"units", &units},
                                     {"context", &context},
                                     {"train_fraction", &train},
                                     {"validation_fraction", &validation}};
    struct value block = {.kind = VALUE_MAP, .map = {.members = members, .count = 4}};
    struct source source = {0};
    size_t bad;
    bool valid = !characters || text_valid_utf8((const char *)input.at, input.left, &bad);
    basin_status status = source_from_text(&source, input.at, input.left, &block, "text");
    CHECK(status == BASIN_OK || (status == BASIN_DATA && basin_error_last()->message[0]));
    CHECK(valid || status != BASIN_OK);
    CHECK(input.left == 0 || !valid ||
          source.token_count > 0); /* refused, if at all, for the sizes of its parts */
    if (source.token_count) check_tokens(&source, characters, input.at, input.left);
    if (status == BASIN_OK) check_parts(&source, (size_t)context.integer);
    source_free(&source);
    return 0;
}
