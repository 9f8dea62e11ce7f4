/* The reader of NumPy's arrays (src/formats/npy_file.h).
 *
 * First byte: whether the rest is a file, or a type, an order, sizes and elements that are written
 * as one. What is read is compared with a second, plain way to read it. */
#include <math.h>
#include "formats/npy_file.h"
#include "fuzz.h"

enum { LENGTH_MOST = 2048 };

static const char *const descrs[] = {"|b1", "|u1", "|i1", "<u2", ">u2", "<i2", ">i2", "<u4",
                                     ">i4", "<u8", ">u8", "<i8", ">i8", "<f2", ">f2", "<f4",
                                     ">f4", "<f8", ">f8", "|S3", "<U2", ">U2", "|O",  "<c8"};
static const size_t sizes[] = {1, 1, 1, 2, 2, 2, 2, 4, 4, 8, 8, 8,
                               8, 2, 2, 4, 4, 8, 8, 3, 8, 8, 8, 8};

enum { DESCRS = sizeof descrs / sizeof *descrs };

struct made {
    size_t descr;
    int rank;
    size_t dims[5];
    bool columns;
    size_t start, length;
    uint8_t bytes[LENGTH_MOST + 256];
};

static void make_npy(struct input *input, struct made *made)
{
    char text[128], shape[64] = "";
    made->descr = input_byte(input) % DESCRS;
    int order = input_byte(input);
    made->columns = order & 1;
    made->rank = order / 2 % 6;
    for (int i = 0, at = 0; i < made->rank; i++) {
        made->dims[i] = input_byte(input) % 8;
        at += snprintf(shape + at, sizeof shape - (size_t)at, "%zu,", made->dims[i]);
    }
    int length =
        snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }\n",
                 descrs[made->descr], made->columns ? "True" : "False", shape);
    int version = order / 16 % 3 + 1;
    memcpy(made->bytes, "\x93NUMPY", 6);
    made->bytes[6] = (uint8_t)version;
    made->bytes[8] = (uint8_t)length;
    made->start = version == 1 ? 10 : 12;
    memcpy(made->bytes + made->start, text, (size_t)length);
    made->start += (size_t)length;
    memcpy(made->bytes + made->start, input->at, input->left);
    made->length = made->start + input->left;
}

static size_t made_elements(const struct made *made)
{
    size_t count = 1;
    for (int i = 0; i < made->rank; i++) count *= made->dims[i];
    return count;
}

/* Element `index` in C order stands where in the file? */
static const uint8_t *made_at(const struct made *made, size_t index)
{
    size_t place = index;
    if (made->columns) {
        size_t indices[5] = {0}, stride = 1;
        for (int i = made->rank; i-- > 0; index /= made->dims[i])
            indices[i] = index % made->dims[i];
        place = 0;
        for (int i = 0; i < made->rank; stride *= made->dims[i++]) place += indices[i] * stride;
    }
    return made->bytes + made->start + place * sizes[made->descr];
}

static uint64_t made_bits(const struct made *made, const uint8_t *at)
{
    size_t size = sizes[made->descr];
    uint64_t bits = 0;
    for (size_t k = 0; k < size; k++)
        bits |= (uint64_t)at[descrs[made->descr][0] == '>' ? size - 1 - k : k] << 8 * k;
    return bits;
}

static double half(uint64_t bits)
{
    double power = (double)(bits >> 10 & 31), fraction = (double)(bits & 1023);
    double value = power == 31 ? (fraction > 0 ? NAN : INFINITY)
                   : power > 0 ? (1 + fraction / 1024) * exp2(power - 15)
                               : fraction / 1024 * exp2(-14);
    return bits >> 15 ? -value : value;
}

static bool same_float(const void *found, const struct made *made, uint64_t bits)
{
    float narrow;
    uint32_t kept;
    memcpy(&narrow, found, sizeof narrow);
    memcpy(&kept, found, sizeof kept);
    if (sizes[made->descr] == 4) return kept == bits;
    double wanted = half(bits);
    return isnan(wanted) ? isnan(narrow) : (double)narrow == wanted;
}

/* An integer, from its bits. */
static int64_t made_integer(const struct made *made, uint64_t bits)
{
    size_t size = sizes[made->descr];
    if (descrs[made->descr][1] != 'i' || size == 8) return (int64_t)bits;
    int64_t whole = (int64_t)1 << 8 * size;
    return (int64_t)bits >= whole / 2 ? (int64_t)bits - whole : (int64_t)bits;
}

static bool same_element(const struct store_array *array, const struct made *made, size_t i)
{
    uint64_t bits = made_bits(made, made_at(made, i)), wide;
    const uint8_t *found = (const uint8_t *)array->data + i * store_array_element(array);
    switch (array->type) {
    case RECORD_BYTE:
        return *found == bits;
    case RECORD_INTEGER:
        return *(const int64_t *)(const void *)found == made_integer(made, bits);
    case RECORD_FLOAT32:
        return same_float(found, made, bits);
    case RECORD_FLOAT64:
        memcpy(&wide, found, sizeof wide);
        return wide == bits;
    default:
        return found[array->width - 1] == 0 &&
               (descrs[made->descr][1] == 'U' || memcmp(found, made_at(made, i), 3) == 0);
    }
}

static void check_made(const struct made *made, basin_status status,
                       const struct store_array *array)
{
    bool is_shape = made->rank >= 1 && made->rank <= 4 && made_elements(made) > 0;
    bool fits = made->length - made->start == made_elements(made) * sizes[made->descr];
    char kind = descrs[made->descr][1];
    if (!is_shape || !fits || kind == 'O' || kind == 'c') CHECK(status != BASIN_OK);
    if (is_shape && fits && (kind == 'i' || kind == 'f')) CHECK(status == BASIN_OK);
    if (status != BASIN_OK) return;
    CHECK(array->rank == made->rank && store_array_count(array) == made_elements(made));
    for (size_t i = 0; i < made_elements(made); i++) CHECK(same_element(array, made, i));
}

/* One byte less or more is no array. */
static void check_length(struct made *made)
{
    struct store_array array;
    CHECK(npy_read_bytes("file", NULL, made->bytes, made->length - 1, INFINITY, &array) ==
          BASIN_DATA);
    CHECK(npy_read_bytes("file", "x.npy", made->bytes, made->length + 1, INFINITY, &array) ==
          BASIN_DATA);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct made made;
    struct input input = {data, size};
    struct store_array array;
    bool is_made = input_byte(&input) & 1;
    if (input.left > LENGTH_MOST) return 0;
    memset(&made, 0, sizeof made);
    if (is_made)
        make_npy(&input, &made);
    else if ((made.length = input.left) > 0)
        memcpy(made.bytes, input.at, input.left);
    basin_status status = npy_read_bytes("file", NULL, made.bytes, made.length, 1 << 20, &array);
    CHECK(status == BASIN_OK ||
          (status == BASIN_DATA && basin_error_last()->message[0] && !array.data));
    if (is_made) check_made(&made, status, &array);
    if (status != BASIN_OK) return 0;
    check_length(&made);
    store_array_free(&array);
    return 0;
}
