#include "formats/elements.h"

#include <inttypes.h>
#include <string.h>
#include "base/text.h"

enum { PIECE = 1 << 20 };

/* ---- one element ---- */

static uint64_t element_bits(const struct element_format *format, const uint8_t *at)
{
    uint64_t bits = 0;
    for (size_t k = 0; k < format->size; k++)
        bits = bits << 8 | at[format->is_big ? k : format->size - 1 - k];
    return bits;
}

static float half_value(uint64_t bits)
{
    uint32_t sign = (uint32_t)(bits >> 15) << 31, fraction = bits & 0x3ff, power = bits >> 10 & 31;
    uint32_t whole = power == 31 ? 255 : power + 112;
    float value;
    if (power == 0) {
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    whole = sign | whole << 23 | fraction << 13;
    memcpy(&value, &whole, sizeof value);
    return value;
}

static bool decode_boolean(const struct element_format *format, const uint8_t *at, void *out)
{
    (void)format;
    *(int64_t *)out = at[0];
    return at[0] <= 1;
}

static bool decode_unsigned(const struct element_format *format, const uint8_t *at, void *out)
{
    uint64_t bits = element_bits(format, at);
    if (bits > INT64_MAX) return false;
    *(int64_t *)out = (int64_t)bits;
    return true;
}

static bool decode_signed(const struct element_format *format, const uint8_t *at, void *out)
{
    uint64_t sign = 1ull << (8 * format->size - 1);
    *(int64_t *)out = (int64_t)((element_bits(format, at) ^ sign) - sign);
    return true;
}

static bool decode_half(const struct element_format *format, const uint8_t *at, void *out)
{
    *(float *)out = half_value(element_bits(format, at));
    return true;
}

/* Of 4 or 8 bytes, or the upper two of 4; in place where the sizes are equal. */
static bool decode_float(const struct element_format *format, const uint8_t *at, void *out)
{
    uint64_t wide = element_bits(format, at);
    uint32_t narrow = (uint32_t)(format->size == 2 ? wide << 16 : wide);
    if (format->size == sizeof wide)
        memcpy(out, &wide, sizeof wide);
    else
        memcpy(out, &narrow, sizeof narrow);
    return true;
}

/* Zeros at the end fill up; one before the end would cut the text. */
static bool decode_utf8(const struct element_format *format, const uint8_t *at, void *out)
{
    const char *text = (const char *)at;
    size_t length = strnlen(text, format->size), bad;
    for (size_t k = length; k < format->size; k++)
        if (at[k]) return false;
    memset(out, 0, format->size + 1);
    memcpy(out, text, length);
    return text_valid_utf8(text, length, &bad);
}

/* Writes a code point; returns its bytes, 0 where it is none. */
static size_t put_utf8(uint64_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return 0;
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t k = length; k-- > 1; code >>= 6) out[k] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(code | (length == 2 ? 0xc0 : length == 3 ? 0xe0 : 0xf0));
    return length;
}

static bool decode_ucs4(const struct element_format *format, const uint8_t *at, void *out)
{
    const struct element_format one = {.size = 4, .is_big = format->is_big};
    size_t written = 0;
    bool ended = false;
    memset(out, 0, format->size + 1);
    for (size_t k = 0; k < format->size; k += one.size) {
        uint64_t code = element_bits(&one, at + k);
        size_t length = code ? put_utf8(code, (char *)out + written) : 0;
        if (code && (ended || length == 0)) return false;
        ended = !code;
        written += length;
    }
    return true;
}

/* ---- all formats ---- */

static const struct coding {
    enum element_kind kind;
    size_t size; /* 0: any */
    enum record_type type;
    bool (*decode)(const struct element_format *format, const uint8_t *at, void *out);
} codings[] = {
    {ELEMENT_BOOLEAN, 1, RECORD_INTEGER, decode_boolean},
    {ELEMENT_UNSIGNED, 1, RECORD_BYTE, NULL}, /* as it is */
    {ELEMENT_UNSIGNED, 0, RECORD_INTEGER, decode_unsigned},
    {ELEMENT_SIGNED, 0, RECORD_INTEGER, decode_signed},
    {ELEMENT_FLOAT, 2, RECORD_FLOAT32, decode_half},
    {ELEMENT_FLOAT, 4, RECORD_FLOAT32, decode_float},
    {ELEMENT_FLOAT, 8, RECORD_FLOAT64, decode_float},
    {ELEMENT_BRAIN, 2, RECORD_FLOAT32, decode_float},
    {ELEMENT_UTF8, 0, RECORD_TEXT, decode_utf8},
    {ELEMENT_UCS4, 0, RECORD_TEXT, decode_ucs4},
};

static const struct coding *coding_find(const struct element_format *format)
{
    const struct coding *coding = codings;
    while (coding->kind != format->kind || (coding->size && coding->size != format->size)) coding++;
    return coding;
}

enum record_type element_type(const struct element_format *format)
{
    return coding_find(format)->type;
}

/* Do the bytes stand in the file as in memory? */
static bool is_native(const struct element_format *format, size_t out_size)
{
    bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, text = format->kind >= ELEMENT_UTF8;
    return !text && format->size == out_size && format->kind != ELEMENT_UNSIGNED &&
           format->is_big == big;
}

size_t elements_decode(const struct element_format *format, const uint8_t *bytes, size_t count,
                       void *out)
{
    const struct coding *coding = coding_find(format);
    size_t size =
        coding->type == RECORD_TEXT ? format->size + 1 : record_element_size(coding->type);
    if (!coding->decode || is_native(format, size)) {
        if (out != bytes) memcpy(out, bytes, count * size);
        return count;
    }
    for (size_t i = 0; i < count; i++)
        if (!coding->decode(format, bytes + i * format->size, (char *)out + i * size)) return i;
    return count;
}

/* ---- whole arrays ---- */

struct elements {
    const struct content *content;
    const struct element_format *format;
    const char *what;
    size_t start;
    bool columns;
    struct store_array *array;
};

/* The place in C order of element `index` of the file. */
static size_t column_place(const struct store_array *array, size_t index)
{
    size_t at = 0, stride = store_array_count(array);
    for (int i = 0; i < array->rank; i++) {
        stride /= array->dims[i];
        at += index % array->dims[i] * stride;
        index /= array->dims[i];
    }
    return at;
}

/* "[3, 5]": the indices of an element by its place in C order. */
static void text_indices(struct text *text, const struct store_array *array, size_t place)
{
    size_t stride = store_array_count(array);
    for (int i = 0; i < array->rank; i++) {
        stride /= array->dims[i];
        text_format(text, "%s%zu", i ? ", " : "[", place / stride);
        place %= stride;
    }
    text_append(text, "]");
}

static void raise_element(const struct element_format *format, const char *which, size_t byte,
                          const uint8_t *at)
{
    uint64_t bits = format->kind == ELEMENT_UNSIGNED ? element_bits(format, at) : at[0];
    if (format->kind == ELEMENT_UNSIGNED)
        error_raise(BASIN_DATA,
                    "element %s (byte %zu) is %" PRIu64 ", too large for 64 bits with a sign",
                    which, byte, bits);
    else if (format->kind == ELEMENT_BOOLEAN)
        error_raise(BASIN_DATA, "element %s (byte %zu) is %02x; a boolean is 00 or 01", which, byte,
                    (unsigned)bits);
    else
        error_raise(BASIN_DATA, "element %s (byte %zu) is not a text in %s", which, byte,
                    format->kind == ELEMENT_UTF8 ? "UTF-8" : "Unicode");
}

static basin_status element_refuse(const struct elements *elements, size_t index, const uint8_t *at)
{
    struct text which = {0};
    size_t byte = elements->start + index * elements->format->size;
    text_indices(&which, elements->array,
                 elements->columns ? column_place(elements->array, index) : index);
    raise_element(elements->format, text_data(&which), byte, at);
    text_free(&which);
    if (elements->what) error_prefix("%s", elements->what);
    return content_blame(elements->content, byte);
}

/* From the order of the file, first index fastest, to that of C. */
static void columns_scatter(struct store_array *array, size_t first, size_t count,
                            const char *piece)
{
    size_t size = store_array_element(array), index[ARRAY_RANK], strides[ARRAY_RANK];
    size_t stride = store_array_count(array), at = column_place(array, first);
    for (int i = 0; i < array->rank; i++) {
        strides[i] = stride /= array->dims[i];
        index[i] = first % array->dims[i];
        first /= array->dims[i];
    }
    for (size_t n = 0; n < count; n++) {
        memcpy((char *)array->data + at * size, piece + n * size, size);
        for (int i = 0; i < array->rank; i++) {
            at += strides[i];
            if (++index[i] < array->dims[i]) break;
            at -= index[i] * strides[i];
            index[i] = 0;
        }
    }
}

/* `raw` and `piece` have room for `most` elements. */
static basin_status read_pieces(const struct elements *elements, size_t most, uint8_t *raw,
                                char *piece)
{
    struct store_array *array = elements->array;
    size_t size = elements->format->size, wide = store_array_element(array);
    for (size_t at = 0, end = store_array_count(array), n; at < end; at += n) {
        const uint8_t *view;
        n = end - at < most ? end - at : most;
        TRY(content_view(elements->content, elements->start + at * size, n * size, raw, &view));
        void *out = elements->columns ? piece : (char *)array->data + at * wide;
        size_t done = elements_decode(elements->format, view, n, out);
        if (done < n) return element_refuse(elements, at + done, view + done * size);
        if (elements->columns) columns_scatter(array, at, n, piece);
    }
    return BASIN_OK;
}

static basin_status elements_take(const struct elements *elements)
{
    size_t size = elements->format->size, wide = store_array_element(elements->array);
    size_t most = size < PIECE ? PIECE / size : 1;
    if (most > store_array_count(elements->array)) most = store_array_count(elements->array);
    uint8_t *raw = memory_allocate(most * size);
    char *piece = elements->columns ? memory_allocate(most * wide) : NULL;
    basin_status status = raw && (piece || !elements->columns)
                              ? read_pieces(elements, most, raw, piece)
                              : BASIN_MEMORY;
    memory_free(piece);
    memory_free(raw);
    return status;
}

basin_status elements_read(const struct content *content, size_t start,
                           const struct element_format *format, bool columns, const char *what,
                           double most, struct store_array *array)
{
    struct elements elements = {.content = content,
                                .format = format,
                                .what = what,
                                .start = start,
                                .columns = columns && array->rank > 1,
                                .array = array};
    array->type = element_type(format);
    array->width = array->type == RECORD_TEXT ? format->size + 1 : 0;
    size_t count = store_array_count(array);
    double bytes = (double)count * (double)store_array_element(array);
    TRY(store_array_room(content->path, what ? what : content->member, bytes,
                         store_array_most(most)));
    array->data = memory_allocate(count * store_array_element(array));
    if (!array->data) return BASIN_MEMORY;
    basin_status status = elements_take(&elements);
    if (status != BASIN_OK) store_array_free(array);
    return status;
}
