/* formats/safetensors_file.c: files written by hand, byte by byte, whole, odd and damaged. */
#include "formats/safetensors_file.h"
#include "data_files.h"

TestSuite(safetensors, .init = data_start, .fini = data_stop);

static const char *const names[] = {"x", "y"};

/* Length, header, data. */
static const char *by_hand(const char *header, const void *data, size_t bytes)
{
    char file[2048] = {0};
    size_t length = strlen(header);
    file[0] = (char)length;
    file[1] = (char)(length >> 8);
    memcpy(file + 8, header, length);
    memcpy(file + 8 + length, data, bytes);
    write_plain("f", file, 8 + length + bytes);
    return in_folder("f");
}

static struct store_array read_x(const char *header, const void *data, size_t bytes)
{
    struct store_array arrays[2];
    OK(safetensors_read(by_hand(header, data, bytes), names, 2, INFINITY, arrays));
    cr_assert(arrays[0].data && !arrays[1].data);
    return arrays[0];
}

/* One array of two elements of a type. */
static struct store_array read_dtype(const char *dtype, const void *data, size_t bytes)
{
    char header[160];
    snprintf(header, sizeof header,
             "{\"x\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,%zu]}}", dtype, bytes);
    return read_x(header, data, bytes);
}

static void check_integers(const char *dtype, const void *data, size_t bytes, int64_t first,
                           int64_t second)
{
    struct store_array array = read_dtype(dtype, data, bytes);
    cr_assert_eq(array.type, RECORD_INTEGER, "%s", dtype);
    cr_assert(((int64_t *)array.data)[0] == first && ((int64_t *)array.data)[1] == second, "%s",
              dtype);
    store_array_free(&array);
}

static void check_floats(const char *dtype, const void *data, size_t bytes, float first,
                         float second)
{
    struct store_array array = read_dtype(dtype, data, bytes);
    cr_assert_eq(array.type, RECORD_FLOAT32, "%s", dtype);
    cr_assert(((float *)array.data)[0] == first && ((float *)array.data)[1] == second, "%s", dtype);
    store_array_free(&array);
}

Test(safetensors, every_dtype)
{
    check_integers("I8", "\x01\xff", 2, 1, -1);
    check_integers("I16", "\x01\x02\xfe\xff", 4, 513, -2);
    check_integers("U16", "\x01\x02\xfe\xff", 4, 513, 65534);
    check_integers("I32", "\x01\0\0\0\0\0\0\x80", 8, 1, INT32_MIN);
    check_integers("U32", "\x01\0\0\0\xff\xff\xff\xff", 8, 1, UINT32_MAX);
    check_integers("I64", "\x01\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16, 1, -1);
    check_integers("U64", "\x01\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f", 16, 1, INT64_MAX);
    check_integers("BOOL", "\x01\0", 2, 1, 0);
    check_floats("F16", "\x00\x3c\x01\x80", 4, 1, -0x1p-24f);
    check_floats("BF16", "\x80\x3f\x20\xc0", 4, 1, -2.5f);
    check_floats("F32", "\0\0\x80\x3f\0\0\x20\xc0", 8, 1, -2.5f);
    struct store_array array = read_dtype("F64", "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\x04\xc0", 16);
    cr_assert(array.type == RECORD_FLOAT64 && ((double *)array.data)[1] == -2.5);
    store_array_free(&array);
    array = read_dtype("U8", "\x01\xff", 2);
    cr_assert(array.type == RECORD_BYTE && ((uint8_t *)array.data)[1] == 255);
    store_array_free(&array);
}

#define TWO(first, second)                                                                         \
    "{\"__metadata__\":{\"format\":\"pt\"},\"y\":{\"dtype\":\"I16\",\"shape\":[2],"                \
    "\"data_offsets\":" second                                                                     \
    "},\"x\":{\"dtype\":\"U8\",\"shape\":[2,1,2],\"data_offsets\":" first "}}   "

Test(safetensors, arrays_in_any_order)
{
    struct store_array arrays[2];
    for (int swapped = 0; swapped < 2; swapped++) {
        const char *path = swapped ? by_hand(TWO("[4,8]", "[0,4]"), "\1\0\2\0abcd", 8)
                                   : by_hand(TWO("[0,4]", "[4,8]"), "abcd\1\0\2\0", 8);
        OK(safetensors_read(path, names, 2, INFINITY, arrays));
        cr_assert(arrays[0].rank == 3 && arrays[0].dims[0] == 2 && arrays[0].dims[2] == 2);
        cr_assert_eq(memcmp(arrays[0].data, "abcd", 4), 0);
        cr_assert_eq(((int64_t *)arrays[1].data)[1], 2);
        for (int i = 0; i < 2; i++) store_array_free(&arrays[i]);
    }
}

static void refuses(const char *header, const char *data, size_t bytes, const char *text)
{
    struct store_array arrays[2];
    const char *path = by_hand(header, data, bytes);
    check_message(safetensors_read(path, names, 2, INFINITY, arrays), BASIN_DATA,
                  (const char *const[]){text, path, NULL});
    cr_assert(!arrays[0].data && !arrays[1].data);
}

#define ONE(dtype, shape, offsets)                                                                 \
    "{\"x\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

Test(safetensors, arrays_must_cover_the_file)
{
    refuses(TWO("[0,4]", "[5,9]"), "abcd?\1\0\2\0", 9, "there is a hole at byte 4 of the data");
    refuses(TWO("[0,4]", "[2,6]"), "abcdef", 6, "arrays overlap at byte 2 of the data");
    refuses(TWO("[0,4]", "[0,4]"), "abcd", 4, "arrays overlap at byte 0");
    refuses(TWO("[0,4]", "[4,8]"), "abcd\1\0\2\0?", 9,
            "there are bytes behind the end of the last array: 1");
    refuses(TWO("[0,4]", "[4,8]"), "abcd\1\0\2", 7, "array \"y\" ends at byte 8 of the data");
    refuses("{}", "abcd", 4, "there are bytes behind the end of the last array: 4");
}

Test(safetensors, sizes_and_offsets_agree)
{
    refuses(ONE("U8", "[3]", "[0,4]"), "abcd", 4, "do not fit its dtype and shape");
    refuses(ONE("F32", "[4294967296,4294967296,4]", "[0,0]"), "", 0, "do not fit");
    refuses(ONE("U8", "[-4]", "[0,4]"), "abcd", 4, "no whole number");
    refuses(ONE("U8", "[4.0]", "[0,4]"), "abcd", 4, "no whole number");
    refuses(ONE("U8", "4", "[0,4]"), "abcd", 4, "no list of sizes");
    refuses(ONE("U8", "[4]", "[4,0]"), "abcd", 4, "no data_offsets");
    refuses(ONE("U8", "[4]", "[0]"), "abcd", 4, "no data_offsets");
    refuses(ONE("U8", "[4]", "[0,4,4]"), "abcd", 4, "no data_offsets");
    refuses(ONE("U8", "[4]", "[0,1e9]"), "abcd", 4, "no data_offsets");
    refuses(ONE("U8", "[4]", "[0,4],\"note\":1"), "abcd", 4, "a key \"note\"");
    refuses("{\"x\":{\"shape\":[4],\"data_offsets\":[0,4]}}", "abcd", 4, "has no dtype");
    refuses("{\"x\":[1]}", "", 0, "is not described by an object");
    refuses("{\"__metadata__\":{\"epoch\":3}}", "", 0, "__metadata__ of the header");
}

Test(safetensors, what_is_not_read_is_refused_where_it_is_asked_for)
{
    refuses(ONE("F8_E4M3", "[4]", "[0,4]"), "abcd", 4, "has the dtype F8_E4M3; F64, F32");
    refuses(ONE("U8", "[]", "[0,1]"), "a", 1, "has 0 dimensions");
    refuses(ONE("U8", "[1,1,1,1,4]", "[0,4]"), "abcd", 4, "has 5 dimensions; 1 to 4");
    refuses(ONE("U8", "[0]", "[0,0]"), "", 0, "is empty");
    refuses(ONE("U64", "[1]", "[0,8]"), "\0\0\0\0\0\0\0\x80", 8,
            "array \"x\": element [0] (byte 62) is 9223372036854775808");
    refuses(ONE("BOOL", "[2]", "[0,2]"), "\1\2", 2, "element [1] (byte 64) is 02; a boolean");
    struct store_array arrays[2];
    OK(safetensors_read(
        by_hand("{\"z\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]}}", "abcd", 4),
        names, 2, INFINITY, arrays));
}

Test(safetensors, damaged_headers_are_refused)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } files[] = {
        {"", 0, "it has only 0 bytes"},
        {"\2\0\0\0\0\0\0", 7, "it has only 7 bytes"},
        {"\x89HDF\r\n\x1a\n more", 13, "more than the length of any header"},
        {"\3\0\0\0\0\0\0\0{}", 10, "its header should have 3 bytes (byte 0), and 2 follow"},
        {"\0\0\0\0\0\0\0\0", 8, "its header does not begin with {"},
        {"\2\0\0\0\0\0\0\0[]", 10, "its header does not begin with {"},
        {"\3\0\0\0\0\0\0\0{\"}", 11, "the header (byte 8): not JSON"},
        {"\3\0\0\0\0\0\0\0{}\0", 11, "the header (byte 8): not JSON"},
    };
    struct store_array arrays[2];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_plain("f", files[i].bytes, files[i].length);
        check_message(safetensors_read(in_folder("f"), names, 2, INFINITY, arrays), BASIN_DATA,
                      (const char *const[]){files[i].text, "/f", NULL});
        cr_assert(basin_error_last()->file[0]);
    }
    refuses(
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"x\":{\"dtype\":\"U8\","
        "\"shape\":[2],\"data_offsets\":[0,2]}}",
        "ab", 2, "duplicate");
}

Test(safetensors, room_is_asked_for)
{
    struct store_array arrays[2];
    const char *path = by_hand(TWO("[0,4]", "[4,8]"), "abcd\1\0\2\0", 8);
    check_message(safetensors_read(path, names, 2, 19, arrays), BASIN_DATA,
                  (const char *const[]){"array \"y\" takes 16 B of memory", NULL});
    cr_assert(!arrays[0].data);
    OK(safetensors_read(path, names, 2, 20, arrays));
    for (int i = 0; i < 2; i++) store_array_free(&arrays[i]);
}

Test(safetensors, missing_arrays_are_told_with_what_there_is)
{
    const char *path = by_hand(TWO("[0,4]", "[4,8]"), "abcd\1\0\2\0", 8);
    check_message(safetensors_missing(path, "x_test"), BASIN_DATA,
                  (const char *const[]){"there is no array \"x_test\" in this file", NULL});
    cr_assert_str_eq(basin_error_last()->file, "");
    cr_assert(strstr(basin_error_last()->hint, "has \"x\", \"y\""), "%s", basin_error_last()->hint);
}

Test(safetensors, nothing_is_kept_when_memory_is_short)
{
    struct store_array arrays[2];
    const char *path = by_hand(TWO("[0,4]", "[4,8]"), "abcd\1\0\2\0", 8);
    for (long n = 1;; n++) {
        memory_fail_at(n);
        basin_status status = safetensors_read(path, names, 2, INFINITY, arrays);
        memory_fail_at(0);
        if (status == BASIN_OK) break;
        cr_assert_eq(status, BASIN_MEMORY, "%s", basin_error_last()->message);
        for (int i = 0; i < 2; i++) cr_assert_null(arrays[i].data);
    }
    for (int i = 0; i < 2; i++) store_array_free(&arrays[i]);
}
