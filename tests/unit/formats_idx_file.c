#include "formats/idx_file.h"
#include "data_files.h"

TestSuite(idx, .init = data_start, .fini = data_stop);

static struct store_array read_type(int type, const void *elements, size_t size, uint32_t count)
{
    struct store_array array;
    write_idx("f", type, 1, &count, elements, size);
    OK(idx_read(in_folder("f"), 1, 4, INFINITY, &array, NULL));
    cr_assert_eq(array.rank, 1);
    cr_assert_eq(array.dims[0], count);
    return array;
}

Test(idx, every_type_is_decoded)
{
    struct store_array array = read_type(8, "\x00\x7f\xff", 3, 3);
    cr_assert_eq(array.type, RECORD_BYTE);
    cr_assert_eq(memcmp(array.data, "\x00\x7f\xff", 3), 0);
    store_array_free(&array);
    array = read_type(9, "\x00\x7f\xff", 3, 3);
    cr_assert_eq(array.type, RECORD_INTEGER);
    cr_assert_arr_eq((int64_t *)array.data, ((int64_t[]){0, 127, -1}), 24);
    store_array_free(&array);
    array = read_type(11, "\x01\x00\xff\xfe", 4, 2);
    cr_assert_arr_eq((int64_t *)array.data, ((int64_t[]){256, -2}), 16);
    store_array_free(&array);
    array = read_type(12, "\x80\x00\x00\x00\x00\x01\x00\x02", 8, 2);
    cr_assert_arr_eq((int64_t *)array.data, ((int64_t[]){INT32_MIN, 65538}), 16);
    store_array_free(&array);
    array = read_type(13, "\x3f\x80\x00\x00\xc0\x20\x00\x00", 8, 2);
    cr_assert_eq(array.type, RECORD_FLOAT32);
    cr_assert_arr_eq((float *)array.data, ((float[]){1, -2.5f}), 8);
    store_array_free(&array);
    array = read_type(14, "\xbf\xf8\x00\x00\x00\x00\x00\x00", 8, 1);
    cr_assert_eq(array.type, RECORD_FLOAT64);
    cr_assert_eq(*(double *)array.data, -1.5);
    store_array_free(&array);
}

Test(idx, four_dimensions_gzipped)
{
    struct store_array array;
    uint8_t bytes[2 * 3 * 4 * 5];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
    write_idx("f.gz", 8, 4, (uint32_t[]){2, 3, 4, 5}, bytes, sizeof bytes);
    OK(idx_read(in_folder("f.gz"), 2, 4, INFINITY, &array, NULL));
    cr_assert_eq(array.rank, 4);
    for (int i = 0; i < 4; i++) cr_assert_eq(array.dims[i], (size_t)i + 2);
    cr_assert_eq(memcmp(array.data, bytes, sizeof bytes), 0);
    store_array_free(&array);
}

/* A file of 2 x 3 bytes with one byte of its header changed. */
static void check_header(size_t at, uint8_t value, long long byte, const char *text)
{
    struct store_array array;
    size_t length;
    uint8_t *bytes = idx_bytes(8, 2, (uint32_t[]){2, 3}, "abcdef", 6, &length);
    bytes[at] = value;
    write_plain("f", bytes, length);
    check_message(idx_read(in_folder("f"), 2, 4, INFINITY, &array, NULL), BASIN_DATA,
                  (const char *const[]){text, "/f", NULL});
    cr_assert_eq(basin_error_last()->byte, byte, "byte %lld for a change at %zu",
                 basin_error_last()->byte, at);
    cr_assert(strstr(basin_error_last()->file, "/f"));
}

Test(idx, wrong_headers_are_refused_at_their_byte)
{
    check_header(0, 1, 0, "not an IDX file");
    check_header(1, 'P', 0, "not an IDX file");
    check_header(2, 7, 2, "type 07");
    check_header(3, 1, 3, "1 dimensions (byte 3); 2 to 4 are wanted");
    check_header(3, 5, 3, "5 dimensions");
    check_header(4, 0xff, 4, "does not fit");
    check_header(11, 0, 8, "does not fit");
    check_header(11, 0xff, 8, "does not fit");
    check_header(11, 2, 16, "behind the end");
}

Test(idx, every_truncation_is_refused)
{
    struct store_array array;
    size_t length;
    uint8_t *bytes = idx_bytes(8, 2, (uint32_t[]){2, 3}, "abcdef", 6, &length);
    for (size_t cut = 0; cut < length; cut++) {
        write_plain("f", bytes, cut);
        cr_assert_eq(idx_read(in_folder("f"), 2, 4, INFINITY, &array, NULL), BASIN_DATA, "%zu",
                     cut);
        cr_assert_null(array.data);
    }
}

/* A gzipped header that claims a terabyte must not be believed. */
Test(idx, absurd_sizes_take_no_memory)
{
    struct store_array array;
    size_t length;
    uint8_t *bytes = idx_bytes(8, 2, (uint32_t[]){1u << 20, 1u << 20}, "abcdef", 6, &length);
    write_gzip("f", bytes, length, "wb");
    check_message(idx_read(in_folder("f"), 2, 4, INFINITY, &array, NULL), BASIN_DATA,
                  (const char *const[]){"does not fit", NULL});
}
