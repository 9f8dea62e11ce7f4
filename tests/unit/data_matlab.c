#include "data_files.h"

TestSuite(matlab, .init = data_start, .fini = data_stop);

enum { N = 6, D = 4, SIDE = 2, CHANNELS = 3 };

static hid_t create(const char *name)
{
    hid_t plist = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(plist, 512);
    hid_t file = H5Fcreate(in_folder(name), H5F_ACC_TRUNC, plist, H5P_DEFAULT);
    H5Pclose(plist);
    cr_assert(file >= 0);
    return file;
}

/* A variable of class `class`; `dims` as in the file: those of MATLAB in reverse. */
static void add(hid_t file, const char *name, const char *class, hid_t type, hid_t stored, int rank,
                const hsize_t *dims, const void *data)
{
    h5_add(file, name, type, stored, rank, dims, data);
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT), text = H5Tcopy(H5T_C_S1),
          scalar = H5Screate(H5S_SCALAR);
    H5Tset_size(text, strlen(class));
    hid_t attribute = H5Acreate2(set, "MATLAB_class", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert(H5Awrite(attribute, text, class) >= 0);
    H5Aclose(attribute);
    H5Sclose(scalar);
    H5Tclose(text);
    H5Dclose(set);
}

/* Closes the file, and puts MATLAB's text into its first bytes. */
static const struct value *closed(hid_t file, const char *name)
{
    H5Fclose(file);
    FILE *bytes = fopen(in_folder(name), "r+b");
    cr_assert(bytes && fputs("MATLAB 7.3 MAT-file, Platform: GLNXA64", bytes) >= 0);
    fclose(bytes);
    return block("matlab", "path", arena_text(arena, in_folder(name)), "test_fraction", "0.34",
                 NULL);
}

static const double labels[N] = {3, 1, 2, 1, 3, 2};

/* Examples 10 n + k of a table, stored as N x D or D x N; y as a column or a row. */
static const struct value *table(const char *name, bool last, bool row)
{
    double x[N * D];
    for (int n = 0; n < N; n++)
        for (int k = 0; k < D; k++) x[last ? n * D + k : k * N + n] = 10 * n + k;
    hid_t file = create(name);
    add(file, "x", "double", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2,
        last ? (hsize_t[]){N, D} : (hsize_t[]){D, N}, x);
    add(file, "y", "double", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2,
        row ? (hsize_t[]){N, 1} : (hsize_t[]){1, N}, labels);
    return closed(file, name);
}

static void expect_table(const struct data *data)
{
    cr_assert(data_describe(data)->features == D && data_describe(data)->outputs == 3);
    for (int part = 0; part < DATA_PARTS; part++) {
        int64_t rows[N];
        const double *x = all_x(data, (enum data_part)part);
        data_rows(data, (enum data_part)part, rows);
        for (size_t i = 0; i < data_describe(data)->counts[part]; i++) {
            for (int k = 0; k < D; k++)
                cr_assert_eq(x[i * D + (size_t)k], (double)(10 * rows[i] + k));
            cr_assert_eq(data_labels(data, (enum data_part)part)[i], (int)labels[rows[i]] - 1);
        }
    }
}

Test(matlab, tables_have_examples_in_rows_or_in_columns)
{
    const struct data *rows = opened(table("a.mat", false, false)),
                      *columns = opened(table("b.mat", true, true)),
                      *mixed = opened(table("c.mat", true, false));
    expect_table(rows);
    expect_table(columns);
    expect_table(mixed);
    struct digest digest = data_describe(rows)->digest;
    cr_assert(digest_equal(digest, data_describe(columns)->digest));
    cr_assert(digest_equal(digest, data_describe(mixed)->digest));
}

/* Pixel (n, i, j, c) of images stored as h x w x c x N, or as N x h x w x c. */
static const struct value *images(const char *name, bool last)
{
    uint8_t x[N * SIDE * SIDE * CHANNELS];
    for (int n = 0; n < N; n++)
        for (int i = 0; i < SIDE; i++)
            for (int j = 0; j < SIDE; j++)
                for (int c = 0; c < CHANNELS; c++) {
                    uint8_t value = (uint8_t)(40 * n + 16 * i + 4 * j + c);
                    if (last)
                        x[((n * CHANNELS + c) * SIDE + j) * SIDE + i] = value;
                    else
                        x[((c * SIDE + j) * SIDE + i) * N + n] = value;
                }
    hid_t file = create(name);
    add(file, "x", "uint8", H5T_NATIVE_UINT8, H5T_STD_U8LE, 4,
        last ? (hsize_t[]){N, CHANNELS, SIDE, SIDE} : (hsize_t[]){CHANNELS, SIDE, SIDE, N}, x);
    add(file, "y", "double", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2, (hsize_t[]){N, 1}, labels);
    return closed(file, name);
}

Test(matlab, images_have_examples_first_or_last)
{
    for (int last = 0; last < 2; last++) {
        const struct data *data = opened(images(last ? "last.mat" : "first.mat", last));
        const struct data_info *info = data_describe(data);
        cr_assert(info->rank == 3 && info->dims[0] == SIDE && info->dims[2] == CHANNELS);
        int64_t rows[N];
        const double *x = all_x(data, DATA_TRAIN);
        data_rows(data, DATA_TRAIN, rows);
        for (size_t n = 0; n < info->counts[DATA_TRAIN]; n++)
            for (int i = 0; i < SIDE; i++)
                for (int j = 0; j < SIDE; j++)
                    for (int c = 0; c < CHANNELS; c++)
                        cr_assert_eq(lround(*x++ * 255), 40 * rows[n] + 16 * i + 4 * j + c);
    }
}

Test(matlab, logical_and_char_are_labels)
{
    const uint8_t truth[N] = {1, 0, 0, 1, 1, 0};
    const uint16_t names[4][N] = {{'e', 'c', 'd', 'c', 'e', 0xe4},
                                  {'e', 'a', 'o', 'a', 'e', ' '},
                                  {'l', 't', 'g', 't', 'l', ' '},
                                  {' ', ' ', 'e', ' ', ' ', ' '}};
    double x[N] = {1, 2, 3, 4, 5, 6};
    hid_t file = create("a.mat");
    add(file, "x", "double", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2, (hsize_t[]){1, N}, x);
    add(file, "y", "logical", H5T_NATIVE_UINT8, H5T_STD_U8LE, 2, (hsize_t[]){1, N}, truth);
    add(file, "names", "char", H5T_NATIVE_UINT16, H5T_STD_U16LE, 2, (hsize_t[]){4, N}, names);
    const struct value *dataset = closed(file, "a.mat");
    const struct data *data = opened(dataset);
    cr_assert(data_describe(data)->outputs == 2 && data_describe(data)->features == 1);
    data = opened(with(dataset, "y", "names"));
    cr_assert_eq(data_describe(data)->outputs, 4);
    static const char *const wanted[] = {"cat", "doge", "eel", "\xc3\xa4"};
    for (int i = 0; i < 4; i++) cr_assert_str_eq(data_names(data)->classes[i], wanted[i]);
}

Test(matlab, what_can_be_read_in_two_ways_or_not_at_all_is_refused)
{
    double x[N * N] = {0}, y[N] = {0.5, 1, 2, 1, 0, 2};
    hid_t file = create("a.mat");
    add(file, "x", "double", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2, (hsize_t[]){N, N}, x);
    add(file, "z", "double", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2, (hsize_t[]){4, 9}, x);
    add(file, "y", "double", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 2, (hsize_t[]){N, 1}, y);
    const struct value *dataset = closed(file, "a.mat");
    REFUSED(dataset, "6 as its first and as its last dimension", "examples: first", "d x N");
    cr_assert_eq(data_describe(opened(with(dataset, "examples", "last")))->task, DATA_REGRESSION,
                 "one of y is no whole number");
    REFUSED(with(dataset, "x", "z"), "first dimension 9 and last dimension 4", "variable \"y\", 6");
    REFUSED(with(dataset, "x", "w"), "no variable \"w\"", "has \"x\", \"y\", \"z\"");
    write_plain("old.mat", "MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Mon", 50);
    REFUSED(with(dataset, "path", in_folder("old.mat")), "before 7.3", "-v7.3");
    write_plain("short.mat", "MATLAB", 6);
    REFUSED(with(dataset, "path", in_folder("short.mat")), "not a readable HDF5 file");
}
