/* formats/npy_file.c: arrays that NumPy wrote, with their elements as NumPy has them, and files by
 * hand that are odd, damaged or made to do harm. */
#include "formats/npy_file.h"
#include "data_files.h"

TestSuite(npy, .init = data_start, .fini = data_stop, .timeout = 120);
TestSuite(npz, .init = data_start, .fini = data_stop, .timeout = 120);

/* Runs a script of NumPy with the path of a file as `p`. */
static const char *numpy(const char *name, const char *script)
{
    struct text command = {0};
    text_format(&command,
                "/usr/bin/python3 -c \"import sys, zipfile, numpy as np\np = sys.argv[1]\n"
                "rng = np.random.default_rng(1)\n%s\" %s",
                script, in_folder(name));
    cr_assert_eq(system(text_data(&command)), 0, "%s", script);
    text_free(&command);
    return in_folder(name);
}

static void *slurp(const char *name, size_t *length)
{
    FILE *file = fopen(in_folder(name), "rb");
    char *bytes = arena_allocate(arena, 1 << 20);
    cr_assert(file);
    *length = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

/* Types of NumPy, values for them, what they become here, and in which type NumPy has the same. */
static const struct {
    const char *type, *values;
    enum record_type becomes;
    const char *as;
} types[] = {
    {"?", "rng.integers(0, 2, s)", RECORD_INTEGER, "<i8"},
    {"u1", "rng.integers(0, 256, s)", RECORD_BYTE, "u1"},
    {"i1", "rng.integers(-128, 128, s)", RECORD_INTEGER, "<i8"},
    {"u2", "rng.integers(0, 65536, s)", RECORD_INTEGER, "<i8"},
    {"i2", "rng.integers(-32768, 32768, s)", RECORD_INTEGER, "<i8"},
    {"u4", "rng.integers(0, 1 << 32, s)", RECORD_INTEGER, "<i8"},
    {"i4", "rng.integers(-1 << 31, 1 << 31, s)", RECORD_INTEGER, "<i8"},
    {"u8", "rng.integers(0, 1 << 62, s)", RECORD_INTEGER, "<i8"},
    {"i8", "rng.integers(-1 << 62, 1 << 62, s)", RECORD_INTEGER, "<i8"},
    {"f2", "rng.normal(0, 1, s) * 2.0 ** rng.integers(-24, 16, s)", RECORD_FLOAT32, "<f4"},
    {"f4", "rng.normal(0, 1, s)", RECORD_FLOAT32, "<f4"},
    {"f8", "rng.normal(0, 1, s)", RECORD_FLOAT64, "<f8"},
    {"S5", "rng.integers(0, 99999, s).astype('S5')", RECORD_TEXT, "S6"},
};

static const char *const shapes[] = {"(7,)", "(3, 5)", "(2, 3, 4)", "(2, 3, 4, 5)"};

static void check_type(size_t i, const char *order, int rank, const char *columns)
{
    struct store_array array;
    struct text script = {0};
    size_t length;
    text_format(&script,
                "s = %s\nx = np.array(%s).astype('%s%s', order='%s')\nnp.save(open(p, 'wb'), x)\n"
                "open(p + '.raw', 'wb').write(x.astype('%s').tobytes('C'))\n",
                shapes[rank - 1], types[i].values, order, types[i].type, columns, types[i].as);
    const char *path = numpy("x", text_data(&script));
    OK(npy_read(path, INFINITY, &array));
    const void *wanted = slurp("x.raw", &length);
    cr_assert_eq(array.type, types[i].becomes, "%s", text_data(&script));
    cr_assert_eq(array.rank, rank);
    cr_assert_eq(store_array_count(&array) * store_array_element(&array), length);
    cr_assert_eq(memcmp(array.data, wanted, length), 0, "%s", text_data(&script));
    store_array_free(&array);
    text_free(&script);
}

Test(npy, every_type_in_both_byte_orders)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (int big = 0; big < 2; big++) check_type(i, big ? ">" : "<", 2, "C");
}

Test(npy, every_rank_in_both_orders)
{
    for (int rank = 1; rank <= 4; rank++) {
        check_type(10, "<", rank, "F");
        check_type(5, ">", rank, "F");
    }
    check_type(12, "<", 3, "F");
    check_type(11, "<", 3, "C");
}

/* More than one piece, so that columns go on where the last piece ended. */
Test(npy, large_arrays_in_columns)
{
    struct store_array array;
    const char *path = numpy("x", "np.save(open(p, 'wb'), np.asfortranarray(np.arange(600000, "
                                  "dtype='>i4').reshape(300, 50, 40)))\n");
    OK(npy_read(path, INFINITY, &array));
    for (int64_t i = 0; i < 600000; i++) cr_assert_eq(((int64_t *)array.data)[i], i);
    store_array_free(&array);
}

Test(npy, special_halves_are_exact)
{
    struct store_array array;
    numpy("x", "np.save(open(p, 'wb'), np.arange(65536, dtype='u2').view('f2'))\n"
               "open(p + '.raw', 'wb').write(np.arange(65536, dtype='u2').view('f2').astype('f4')"
               ".tobytes())\n");
    size_t length;
    const float *wanted = slurp("x.raw", &length);
    OK(npy_read(in_folder("x"), INFINITY, &array));
    for (int i = 0; i < 65536; i++) {
        float found = ((float *)array.data)[i];
        cr_assert((isnan(found) && isnan(wanted[i])) ||
                      (found == wanted[i] && signbit(found) == signbit(wanted[i])),
                  "half %04x is %g, not %g", i, (double)found, (double)wanted[i]);
    }
    store_array_free(&array);
}

Test(npy, texts_become_utf8)
{
    struct store_array array;
    for (int big = 0; big < 2; big++) {
        const char *path = numpy("x", big ? "np.save(open(p, 'wb'), np.array(['caf\\u00e9', '', "
                                            "'\\U0001f431\\u20ac']).astype('>U5'))\n"
                                          : "np.save(open(p, 'wb'), np.array(['caf\\u00e9', '', "
                                            "'\\U0001f431\\u20ac']))\n");
        OK(npy_read(path, INFINITY, &array));
        cr_assert_eq(array.type, RECORD_TEXT);
        cr_assert_eq(array.width, big ? 21 : 17);
        const char *texts = array.data;
        cr_assert_str_eq(texts, "café");
        cr_assert_str_eq(texts + array.width, "");
        cr_assert_str_eq(texts + 2 * array.width, "🐱€");
        store_array_free(&array);
    }
}

Test(npy, versions_of_the_header)
{
    struct store_array array;
    for (int version = 1; version <= 3; version++) {
        char script[160];
        snprintf(script, sizeof script,
                 "np.lib.format.write_array(open(p, 'wb'), np.arange(6.).reshape(2, 3), (%d, 0))\n",
                 version);
        OK(npy_read(numpy("x", script), INFINITY, &array));
        cr_assert_eq(((double *)array.data)[5], 5);
        store_array_free(&array);
    }
}

/* A file of version 1 with this dictionary and so many bytes of elements, all 1. */
static const char *by_hand(const char *dictionary, size_t bytes)
{
    char file[1024] = "\x93NUMPY\1\0";
    size_t length = strlen(dictionary);
    file[8] = (char)length;
    file[9] = (char)(length >> 8);
    memcpy(file + 10, dictionary, length);
    memset(file + 10 + length, 1, bytes);
    write_plain("f", file, 10 + length + bytes);
    return in_folder("f");
}

Test(npy, other_ways_to_write_the_same_header)
{
    static const char *const same[] = {
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }   \n",
        "{'descr':'<u1','fortran_order':True,'shape':(2,3)}",
        "{\"shape\": (2L, 3L), \"fortran_order\": False, \"descr\": \">u1\"}\n\n",
    };
    struct store_array array;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        OK(npy_read(by_hand(same[i], 6), INFINITY, &array));
        cr_assert(array.rank == 2 && array.dims[0] == 2 && array.dims[1] == 3);
        store_array_free(&array);
    }
}

static void refuses(const char *dictionary, size_t bytes, const char *text, const char *hint)
{
    struct store_array array;
    const char *path = by_hand(dictionary, bytes);
    check_message(npy_read(path, INFINITY, &array), BASIN_DATA,
                  (const char *const[]){text, path, NULL});
    cr_assert(strstr(basin_error_last()->hint, hint), "%s", basin_error_last()->hint);
    cr_assert_null(array.data);
}

#define TYPE(descr) "{'descr': '" descr "', 'fortran_order': False, 'shape': (2, 3)}"
#define SHAPE(shape) "{'descr': '<f4', 'fortran_order': False, 'shape': " shape "}"

Test(npy, types_that_are_not_read_say_what_to_write)
{
    refuses(TYPE("|O"), 6, "it holds Python objects", "pickles are never read");
    refuses(TYPE("<c16"), 96, "complex numbers: '<c16' (byte 20 of the header)", "x.real");
    refuses(TYPE("<f16"), 96, "floats have another size than 2, 4 or 8 bytes", "np.float64");
    refuses(TYPE("<M8[ns]"), 48, "it holds dates", "astype");
    refuses(TYPE("<m8[s]"), 48, "spans of time", "int64");
    refuses(TYPE("|V2"), 12, "raw bytes", "np.float32");
    refuses(TYPE("<x4"), 24, "its type is unknown: '<x4'", "save integers");
    refuses(TYPE("f4"), 24, "its type is unknown: 'f4'", "");
    refuses(TYPE("|f4"), 24, "'|f4'", "");
    refuses(TYPE("<u3"), 18, "'<u3'", "");
    refuses(TYPE("<U0"), 0, "'<U0'", "");
    refuses(TYPE("<U99999999999"), 0, "'<U99999999999'", "");
    refuses(TYPE(""), 0, "its type is unknown: ''", "");
    refuses("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}", 8, "records",
            "field");
}

Test(npy, shapes_that_are_not_read)
{
    refuses(SHAPE("()"), 4, "a single number", "np.array([x])");
    refuses(SHAPE("(1, 1, 1, 1, 2)"), 8, "5 dimensions; 1 to 4 can be read", "reshape");
    refuses(SHAPE("(0, 3)"), 0, "it is empty: size 0 in dimension 0", "");
    refuses(SHAPE("(2, 3)"), 20, "it ends early: 20 bytes follow the header", "");
    refuses(SHAPE("(2, 3)"), 25, "there are bytes behind the end of the array: 1", "");
    refuses(SHAPE("(4294967296, 4294967296)"), 8, "it ends early", "");
    refuses(SHAPE("(4611686018427387904, 4)"), 16, "it ends early", "");
    refuses(SHAPE("(99999999999999999999, 4)"), 16, "beyond 64 bits", "");
    refuses(SHAPE("(-2, 3)"), 24, "a size is wanted at byte", "");
    refuses(SHAPE("(2.0, 3)"), 24, "a comma is wanted at byte", "");
    refuses(SHAPE("[2, 3]"), 24, "a shape in parentheses is wanted", "");
}

Test(npy, damaged_headers_are_refused_at_their_byte)
{
    refuses("", 6, "{ is wanted at byte 10, not its end", "");
    refuses("{'descr': '<f4', 'fortran_order': False}", 6, "lacks", "");
    refuses("{'descr': '<f4', 'descr': '<f4'}", 6, "a key stands twice in the header (byte 27", "");
    refuses("{'descr': '<f4', 'colour': 3}", 6, "none of descr, fortran_order, shape", "");
    refuses("{'descr': '<f4}", 6, "a quote is wanted", "");
    refuses("{'fortran_order': 0}", 6, "True or False is wanted at byte 28, not '0'", "");
    refuses("{descr: 1}", 6, "a key in quotes is wanted at byte 11, not 'd'", "");
    refuses(SHAPE("(6,)") " + 1", 24, "the end of the header is wanted", "");
    refuses(TYPE("|u1") "\t", 6, "the end of the header is wanted at byte 67, not byte 09", "");
}

static void refuses_bytes(const char *bytes, size_t length, const char *text, const char *hint)
{
    struct store_array array;
    write_plain("f", bytes, length);
    check_message(npy_read(in_folder("f"), INFINITY, &array), BASIN_DATA,
                  (const char *const[]){text, "/f", NULL});
    cr_assert(strstr(basin_error_last()->hint, hint), "%s", basin_error_last()->hint);
    cr_assert_null(array.data);
}

Test(npy, other_files_are_refused)
{
    refuses_bytes("", 0, "not a .npy file", "np.save");
    refuses_bytes("PK\3\4 and more", 14, "not a .npy file", "`path`");
    refuses_bytes("\x80\4\x95 pickle", 10, "not a .npy file", "pickle");
    refuses_bytes("\x1f\x8b\x08 packed", 10, "not a .npy file", "gunzip");
    refuses_bytes("\x93NUMPY", 6, "it ends early, within the first 12 bytes", "");
    refuses_bytes("\x93NUMPY\1\0\1", 9, "it ends early, within the first 10 bytes", "");
    refuses_bytes("\x93NUMPY\4\0\1\0\0\0{}", 14, "version 4.0", "");
    refuses_bytes("\x93NUMPY\1\1\1\0{}", 12, "version 1.1", "");
    refuses_bytes("\x93NUMPY\1\0\5\0{}", 12, "it ends early, in the header: its length is 5", "");
    refuses_bytes("\x93NUMPY\2\0\xff\xff\xff\xff{}", 14, "the header of the array is too long", "");
}

Test(npy, elements_without_a_place_are_named)
{
    struct store_array array;
    const char *path =
        numpy("x", "np.save(open(p, 'wb'), np.array([[1, 2], [3, 1 << 63]], 'u8'))\n");
    check_message(npy_read(path, INFINITY, &array), BASIN_DATA,
                  (const char *const[]){"element [1, 1] (byte 152) is 9223372036854775808", NULL});
    cr_assert_eq(basin_error_last()->byte, 152);
    path = numpy("x", "np.save(open(p, 'wb'), np.asfortranarray(np.array([[1, 2], [1 << 63, 3]], "
                      "'u8')))\n");
    check_message(npy_read(path, INFINITY, &array), BASIN_DATA,
                  (const char *const[]){"element [1, 0] (byte 136) is 9223372036854775808", NULL});
    path = numpy("x", "np.save(open(p, 'wb'), np.array([0, 1, 2], 'u1').view('?'))\n");
    check_message(npy_read(path, INFINITY, &array), BASIN_DATA,
                  (const char *const[]){"element [2] (byte 130) is 02; a boolean", NULL});
    path = numpy("x", "np.save(open(p, 'wb'), np.array([b'ab', b'c\\xff']))\n");
    check_message(npy_read(path, INFINITY, &array), BASIN_DATA,
                  (const char *const[]){"element [1] (byte 130) is not a text in UTF-8", NULL});
    path = numpy("x", "np.save(open(p, 'wb'), np.array([b'ab', b'\\0c']))\n");
    check_message(npy_read(path, INFINITY, &array), BASIN_DATA,
                  (const char *const[]){"element [1]", NULL});
    path = numpy("x", "np.save(open(p, 'wb'), np.array([97, 0xd800], 'u4').view('U1'))\n");
    check_message(npy_read(path, INFINITY, &array), BASIN_DATA,
                  (const char *const[]){"element [1] (byte 132) is not a text in Unicode", NULL});
}

Test(npy, room_is_asked_for)
{
    struct store_array array;
    const char *path = numpy("x", "np.save(open(p, 'wb'), np.zeros((100, 10), 'i1'))\n");
    check_message(npy_read(path, 7999, &array), BASIN_DATA,
                  (const char *const[]){"takes 7.8 KiB of memory", "/x", NULL});
    OK(npy_read(path, 8000, &array));
    store_array_free(&array);
}

/* ---- npz ---- */

static const char *const three[] = {"x", "y", "größe"};

static void check_npz(const char *script)
{
    struct store_array arrays[3];
    const char *path = numpy("f.npz", script);
    OK(npz_read(path, three, 3, INFINITY, arrays));
    cr_assert_eq(arrays[0].type, RECORD_FLOAT32);
    cr_assert(arrays[0].rank == 2 && arrays[0].dims[0] == 3 && arrays[0].dims[1] == 4);
    for (int i = 0; i < 12; i++) cr_assert_eq(((float *)arrays[0].data)[i], i);
    cr_assert_eq(((int64_t *)arrays[1].data)[2], 7);
    cr_assert_null(arrays[2].data);
    for (int i = 0; i < 3; i++) store_array_free(&arrays[i]);
}

#define ARRAYS_XY "x=np.arange(12, dtype='f4').reshape(3, 4), y=np.array([5, 6, 7], 'u2')"

Test(npz, stored_and_deflated)
{
    check_npz("np.savez(open(p, 'wb'), " ARRAYS_XY ")\n");
    check_npz("np.savez_compressed(open(p, 'wb'), " ARRAYS_XY ", z=np.array([{}]))\n");
}

Test(npz, names_of_other_scripts)
{
    struct store_array arrays[3];
    numpy("f.npz", "np.savez(open(p, 'wb'), **{'gr\\u00f6\\u00dfe': np.ones(2)})\n");
    OK(npz_read(in_folder("f.npz"), three, 3, INFINITY, arrays));
    cr_assert(!arrays[0].data && arrays[2].data);
    store_array_free(&arrays[2]);
}

static void refuses_npz(const char *script, const char *text, const char *hint)
{
    struct store_array arrays[3];
    const char *path = numpy("f.npz", script);
    check_message(npz_read(path, three, 3, INFINITY, arrays), BASIN_DATA,
                  (const char *const[]){text, path, NULL});
    cr_assert(strstr(basin_error_last()->hint, hint), "%s", basin_error_last()->hint);
    for (int i = 0; i < 3; i++) cr_assert_null(arrays[i].data);
}

Test(npz, wrong_files_are_refused)
{
    refuses_npz("np.save(open(p, 'wb'), np.ones(3))\n", "is a single array (.npy)", "x_path");
    refuses_npz("open(p, 'wb').write(b'hello world')\n", "is not an .npz file", "np.savez");
    refuses_npz("np.savez(open(p, 'wb'), x=np.ones(3), y=np.array([{}]))\n",
                "member \"y.npy\": it holds Python objects", "pickle");
    refuses_npz("z = zipfile.ZipFile(p, 'w'); z.writestr('x.npy', b''); z.close()\n",
                "member \"x.npy\": this is not a .npy file", "np.save");
    refuses_npz("np.savez(open(p, 'wb'), x=np.arange(999.))\nb = bytearray(open(p, 'rb').read())\n"
                "b[4000] ^= 1; open(p, 'wb').write(b)\n",
                "member \"x.npy\" cannot be read: ZIP bad CRC", "");
    refuses_npz("np.savez(open(p, 'wb'), x=np.ones(3))\nb = open(p, 'rb').read()\n"
                "open(p, 'wb').write(b[:-30])\n",
                "has no directory at its end", "");
}

Test(npz, missing_arrays_are_told_with_what_there_is)
{
    const char *path = numpy("f.npz", "np.savez(open(p, 'wb'), " ARRAYS_XY ")\n");
    check_message(npz_missing(path, "x_train"), BASIN_DATA,
                  (const char *const[]){"there is no array \"x_train\" in this file", NULL});
    cr_assert(strstr(basin_error_last()->hint, "has \"x\", \"y\""));
    path = numpy("f.pt", "z = zipfile.ZipFile(p, 'w'); z.writestr('archive/data.pkl', b''); "
                         "z.close()\n");
    check_message(npz_missing(path, "x"), BASIN_DATA, (const char *const[]){"no array", NULL});
    cr_assert(strstr(basin_error_last()->hint, "was written by torch.save"));
}

Test(npz, nothing_is_kept_when_memory_is_short)
{
    struct store_array arrays[3];
    const char *path = numpy("f.npz", "np.savez(open(p, 'wb'), " ARRAYS_XY ")\n");
    for (long n = 1;; n++) {
        memory_fail_at(n);
        basin_status status = npz_read(path, three, 3, INFINITY, arrays);
        memory_fail_at(0);
        if (status == BASIN_OK) break;
        cr_assert_eq(status, BASIN_MEMORY);
        for (int i = 0; i < 3; i++) cr_assert_null(arrays[i].data);
    }
    for (int i = 0; i < 3; i++) store_array_free(&arrays[i]);
}
