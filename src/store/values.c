#include "store/values.h"

/* ---- types ---- */

enum { CLASS_TEXT = 3, CLASS_REFERENCE = 7, CLASS_VARIABLE = 9, ELEMENT = 16 };

/* A type as files have it: class and version, 24 bits of detail, size, and for numbers the place of
 * their bits. */
static const struct {
    uint8_t begin[8], bits[12];
    size_t bits_length;
    enum record_type type;
} numbers[] = {
    {{0x11, 0x20, 0x1f, 0, 4}, {0, 0, 32, 0, 23, 8, 0, 23, 127}, 12, RECORD_FLOAT32},
    {{0x11, 0x20, 0x3f, 0, 8}, {0, 0, 64, 0, 52, 11, 0, 52, 0xff, 0x03}, 12, RECORD_FLOAT64},
    {{0x10, 0x08, 0, 0, 8}, {0, 0, 64}, 4, RECORD_INTEGER},
    {{0x10, 0x00, 0, 0, 1}, {0, 0, 8}, 4, RECORD_BYTE},
};

static bool is_number(struct cursor type, struct values *values)
{
    uint8_t begin[8];
    const uint8_t *from = cursor_take(&type, sizeof begin);
    if (!from) return false;
    memcpy(begin, from, sizeof begin);
    begin[0] = (uint8_t)(0x10 | (begin[0] & 0x0F)); /* whichever version of the same */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (memcmp(begin, numbers[i].begin, sizeof begin) != 0) continue;
        if (type.left < numbers[i].bits_length ||
            memcmp(type.at, numbers[i].bits, numbers[i].bits_length) != 0)
            continue;
        values->kind = VALUES_NUMBERS;
        values->type = numbers[i].type;
        values->size = record_element_size(numbers[i].type);
        return true;
    }
    return false;
}

static bool is_text_or_reference(struct cursor type, struct values *values)
{
    int class = (int)cursor_number(&type, 1) & 0x0F;
    bool of_texts =
        (cursor_number(&type, 1) & 0x0F) == 1; /* of a variable length: texts, not lists */
    cursor_take(&type, 2);
    values->size = (size_t)cursor_number(&type, 4);
    values->type = RECORD_TEXT;
    if (type.failed) return false;
    values->kind = class == CLASS_TEXT ? VALUES_TEXTS
                   : of_texts          ? VALUES_LONG_TEXTS
                                       : VALUES_REFERENCES;
    if (class == CLASS_TEXT) return values->size > 0;
    int base = (int)cursor_number(&type, 1) & 0x0F;
    return class == CLASS_VARIABLE && values->size == ELEMENT && !type.failed &&
           (of_texts || base == CLASS_REFERENCE);
}

/* ---- shapes ---- */

static bool read_shape(struct cursor space, struct values *values)
{
    enum { SCALAR = 0, SIMPLE = 1 };
    uint64_t version = cursor_number(&space, 1);
    values->rank = (int)cursor_number(&space, 1);
    cursor_take(&space, 1); /* are there largest dimensions behind? */
    uint64_t kind = cursor_number(&space, 1);
    if (version == 1) cursor_take(&space, 4);
    if (version == 1) kind = values->rank ? SIMPLE : SCALAR;
    if (version < 1 || version > 2 || values->rank > RECORD_RANK ||
        kind != (values->rank ? SIMPLE : SCALAR))
        return false;
    values->count = 1;
    for (int i = 0; i < values->rank; i++) {
        uint64_t dim = cursor_number(&space, 8);
        values->dims[i] = (size_t)dim;
        if (__builtin_mul_overflow(values->count, dim, &values->count)) return false;
    }
    return !space.failed;
}

basin_status values_shape(const struct layout *layout, struct cursor space, struct values *values)
{
    return read_shape(space, values) ? BASIN_OK : layout_refuse(layout, "a shape");
}

basin_status values_describe(const struct layout *layout, struct cursor type, struct cursor space,
                             struct values *values)
{
    if (!is_number(type, values) && !is_text_or_reference(type, values))
        return layout_refuse(layout, "a type");
    return values_shape(layout, space, values);
}

basin_status values_bytes(const struct layout *layout, const struct values *values, uint64_t *bytes)
{
    if (__builtin_mul_overflow(values->count, values->size, bytes))
        return layout_refuse(layout, "a shape");
    return BASIN_OK;
}

/* ---- values ---- */

basin_status values_collected(struct layout *layout, const struct values *values, size_t index,
                              size_t each, struct cursor *piece)
{
    struct cursor element = {.at = values->data.at + index * ELEMENT, .left = ELEMENT};
    uint64_t count = cursor_number(&element, 4), address = cursor_number(&element, 8);
    *piece = (struct cursor){.at = values->data.at};
    if (count == 0 || address == 0) return BASIN_OK;
    return layout_collected(layout, address, cursor_number(&element, 4), count * each, piece);
}

static basin_status values_texts(struct layout *layout, const struct values *values,
                                 const void **data)
{
    TRY(layout_spend_made(layout, values->count * sizeof(char *)));
    char **texts = arena_array(layout->scratch, char *, values->count + 1);
    if (!texts) return BASIN_MEMORY;
    for (size_t i = 0; i < values->count; i++) {
        struct cursor text = {.at = values->data.at + i * values->size, .left = values->size};
        if (values->kind == VALUES_LONG_TEXTS) TRY(values_collected(layout, values, i, 1, &text));
        const char *from = (const char *)text.at;
        size_t length = strnlen(from, text.left);
        TRY(layout_spend_made(layout, length + 1));
        texts[i] = arena_text_n(layout->scratch, from, length);
        if (!texts[i]) return BASIN_MEMORY;
    }
    *data = texts;
    return BASIN_OK;
}

basin_status values_take(struct layout *layout, const struct values *values, const void **data)
{
    *data = values->data.at;
    return values->kind == VALUES_NUMBERS ? BASIN_OK : values_texts(layout, values, data);
}

/* ---- attributes ---- */

/* In version 1 each part is padded to a multiple of 8 bytes. */
static struct cursor attribute_part(struct cursor *body, uint64_t length, bool padded)
{
    struct cursor part = {.at = cursor_take(body, length), .left = (size_t)length};
    if (!part.at) part = (struct cursor){.failed = true};
    if (padded) cursor_take(body, -length & 7);
    return part;
}

basin_status values_attribute(const struct layout *layout, struct cursor body,
                              bool (*wanted)(const char *name), struct attribute *attribute)
{
    uint64_t version = cursor_number(&body, 1), flags = cursor_number(&body, 1), bytes;
    uint64_t name_length = cursor_number(&body, 2), type_length = cursor_number(&body, 2),
             space_length = cursor_number(&body, 2);
    if (version == 3) cursor_take(&body, 1); /* characters of the name */
    bool padded = version == 1;
    struct cursor name = attribute_part(&body, name_length, padded),
                  type = attribute_part(&body, type_length, padded),
                  space = attribute_part(&body, space_length, padded);
    bool good = version >= 1 && version <= 3 && (padded || flags == 0) && !body.failed;
    if (!good || name_length < 2 || name.at[name_length - 1] != 0)
        return layout_refuse(layout, "a broken attribute");
    attribute->name = (const char *)name.at;
    if (!wanted(attribute->name)) return BASIN_OK;
    TRY(values_describe(layout, type, space, &attribute->values));
    TRY(values_bytes(layout, &attribute->values, &bytes));
    attribute->values.data =
        (struct cursor){.at = cursor_take(&body, bytes), .left = (size_t)bytes};
    return body.failed ? layout_refuse(layout, "an attribute without its values") : BASIN_OK;
}
