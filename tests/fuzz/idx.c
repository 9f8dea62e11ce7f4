/* The IDX reader (src/formats/idx_file.h), plain and gzipped.
 *
 * First byte: which ranks are wanted. The rest is read as it is, and where it is not gzipped again
 * inside a gzip file (one stored block): both ways must agree. */
#include <zlib.h>
#include "formats/idx_file.h"
#include "fuzz.h"

enum { STORED_MOST = 65535, HEADER = 10 };

static size_t elements(const struct store_array *array)
{
    size_t count = 1;
    for (int i = 0; i < array->rank; i++) count *= array->dims[i];
    return count;
}

static uint64_t bits_of(const struct store_array *array, size_t i)
{
    uint32_t narrow;
    uint64_t wide;
    switch (array->type) {
    case RECORD_BYTE:
        return ((const uint8_t *)array->data)[i];
    case RECORD_FLOAT32:
        memcpy(&narrow, (const float *)array->data + i, sizeof narrow);
        return narrow;
    default:
        memcpy(&wide, (const int64_t *)array->data + i, sizeof wide);
        return wide;
    }
}

/* What was read writes back as the same file. */
static void check_accepted(const uint8_t *file, size_t length, const struct store_array *array,
                           const struct idx_layout *layout)
{
    CHECK(array->rank == file[3] && layout->start == 4 + 4 * (size_t)array->rank &&
          !layout->packed);
    for (int i = 0; i < array->rank; i++) {
        const uint8_t *at = file + 4 + 4 * i;
        CHECK(array->dims[i] ==
              ((size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]));
    }
    CHECK(layout->start + elements(array) * layout->size == length);
    for (size_t i = 0; i < elements(array); i++) {
        uint64_t bits = bits_of(array, i);
        const uint8_t *at = file + layout->start + i * layout->size;
        for (size_t k = layout->size; k-- > 0; bits >>= 8) CHECK(at[k] == (uint8_t)bits);
        if (array->type == RECORD_INTEGER)
            CHECK(bits == (at[0] & 0x80 ? UINT64_MAX >> (8 * layout->size % 64) : 0) ||
                  layout->size == 8);
    }
}

static size_t put_little(uint8_t *out, size_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> 8 * i);
    return (size_t)bytes;
}

static size_t pack(const uint8_t *file, size_t length, uint8_t *out)
{
    size_t at = HEADER;
    memcpy(out, "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01", HEADER + 1);
    at += 1;
    at += put_little(out + at, length, 2);
    at += put_little(out + at, ~length, 2);
    if (length) memcpy(out + at, file, length);
    at += length;
    at += put_little(out + at, crc32(0, file, (uInt)length), 4);
    return at + put_little(out + at, length, 4);
}

static void check_packed(const uint8_t *file, size_t length, int least, int most,
                         basin_status wanted, const struct store_array *plain)
{
    static uint8_t packed[STORED_MOST + 32];
    struct store_array array;
    struct idx_layout layout;
    basin_status status =
        idx_read_bytes("packed", packed, pack(file, length, packed), least, most, &array, &layout);
    CHECK(status == wanted);
    if (status != BASIN_OK) return;
    CHECK(layout.packed && array.rank == plain->rank && array.type == plain->type &&
          elements(&array) == elements(plain));
    for (int i = 0; i < array.rank; i++) CHECK(array.dims[i] == plain->dims[i]);
    for (size_t i = 0; i < elements(&array); i++) CHECK(bits_of(&array, i) == bits_of(plain, i));
    store_array_free(&array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    int ranks = input_byte(&input), least = 1 + ranks % 4, most = least + ranks / 4 % (5 - least);
    struct store_array array;
    struct idx_layout layout;
    if (input.left > STORED_MOST) return 0;
    basin_status status =
        idx_read_bytes("file", input.at, input.left, least, most, &array, &layout);
    CHECK(status == BASIN_OK ||
          (status == BASIN_DATA && basin_error_last()->message[0] && !array.data));
    bool packed = input.left >= 2 && input.at[0] == 0x1f && input.at[1] == 0x8b;
    CHECK(status != BASIN_OK || (array.rank >= least && array.rank <= most));
    if (status == BASIN_OK && !packed) check_accepted(input.at, input.left, &array, &layout);
    if (!packed) check_packed(input.at, input.left, least, most, status, &array);
    if (status == BASIN_OK) store_array_free(&array);
    return 0;
}
