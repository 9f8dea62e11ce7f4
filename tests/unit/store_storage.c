/* store/storage.c: where libhdf5 would answer with fill values, the dataset is refused. */
#include "store/storage.h"
#include "store_helpers.h"

#include <hdf5.h>
#include <sys/stat.h>
#include "store/dataset.h"

TestSuite(storage, .init = folder_make, .fini = folder_remove, .timeout = 60);

enum { N = 12 };

static const double numbers[N] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static hid_t create(const char *name)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return H5Fcreate(in_folder(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
}

/* A file with "x", the first `count` numbers beginning at `from`. */
static void write_part(const char *name, int from, hsize_t count)
{
    hid_t file = create(name), space = H5Screate_simple(1, &count, NULL);
    hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers + from) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
}

/* Elements [from, from + count) of a virtual dataset are the source's from 0. */
struct piece {
    const char *file, *name;
    hsize_t from, count;
};

static void add_virtual(hid_t file, const char *name, hsize_t size, const struct piece *pieces)
{
    hid_t created = H5Pcreate(H5P_DATASET_CREATE), here = H5Screate_simple(1, &size, NULL);
    double filler = -1;
    H5Pset_fill_value(created, H5T_NATIVE_DOUBLE, &filler);
    for (; pieces->file; pieces++) {
        hid_t there = H5Screate_simple(1, &pieces->count, NULL);
        H5Sselect_hyperslab(here, H5S_SELECT_SET, &pieces->from, NULL, &pieces->count, NULL);
        cr_assert(H5Pset_virtual(created, here, pieces->file, pieces->name, there) >= 0);
        H5Sclose(there);
    }
    H5Sselect_all(here);
    hid_t set = H5Dcreate2(file, name, H5T_IEEE_F64LE, here, H5P_DEFAULT, created, H5P_DEFAULT);
    cr_assert(set >= 0);
    H5Dclose(set);
    H5Sclose(here);
    H5Pclose(created);
}

static void write_virtual(const char *file_name, const struct piece *pieces)
{
    hid_t file = create(file_name);
    add_virtual(file, "x", N, pieces);
    H5Fclose(file);
}

static void expect_numbers(const char *file, const char *name)
{
    struct store_array array;
    OK(store_dataset_read(in_folder(file), name, INFINITY, &array));
    cr_assert(array.type == RECORD_FLOAT64 && array.rank == 1 && array.dims[0] == N);
    cr_assert_arr_eq(array.data, numbers, sizeof numbers);
    store_array_free(&array);
}

static void expect_refusal(const char *file, const char *const *texts)
{
    struct store_array array;
    cr_assert_eq(store_dataset_read(in_folder(file), "x", INFINITY, &array), BASIN_DATA);
    cr_assert_null(array.data);
    cr_assert_str_eq(basin_error_last()->file, in_folder(file));
    for (; *texts; texts++)
        cr_assert(strstr(basin_error_last()->message, *texts), "\"%s\" is not in \"%s\"", *texts,
                  basin_error_last()->message);
}

#define REFUSED(file, ...) expect_refusal(file, (const char *const[]){__VA_ARGS__, NULL})

static const struct piece halves[] = {{"a.h5", "x", 0, 6}, {"b.h5", "x", 6, 6}, {0}};

Test(storage, a_virtual_dataset_is_read_where_every_source_is_there)
{
    write_part("a.h5", 0, 6);
    write_part("b.h5", 6, 6);
    write_virtual("v.h5", halves);
    expect_numbers("v.h5", "x");
    cr_assert_eq(remove(in_folder("b.h5")), 0);
    REFUSED("v.h5", "dataset \"x\" is virtual", "/b.h5 is missing");
    cr_assert_eq(mkfifo(in_folder("b.h5"), 0600), 0);
    REFUSED("v.h5", "/b.h5 is no regular file");
    remove(in_folder("b.h5"));
    FILE *file = fopen(in_folder("b.h5"), "w");
    fclose(file);
    REFUSED("v.h5", "/b.h5 is not a readable HDF5 file");
    write_part("b.h5", 6, 5);
    REFUSED("v.h5", "/b.h5 has not the elements that are wanted of \"x\"");
    H5Fclose(create("b.h5"));
    REFUSED("v.h5", "/b.h5 has no dataset \"x\"");
}

/* libhdf5 looks in the working directory too, and where the environment says. */
Test(storage, sources_are_beside_their_file_and_nowhere_else)
{
    write_part("a.h5", 0, 6);
    cr_assert_eq(mkdir(in_folder("away"), 0700), 0);
    write_part("away/b.h5", 6, 6);
    write_virtual("v.h5", halves);
    cr_assert_eq(chdir(in_folder("away")), 0);
    setenv("HDF5_VDS_PREFIX", in_folder("away"), 1);
    REFUSED("v.h5", "/b.h5 is missing");
    char absolute[400];
    snprintf(absolute, sizeof absolute, "%s", in_folder("away/b.h5"));
    write_virtual("v.h5", (struct piece[]){{"a.h5", "x", 0, 6}, {absolute, "x", 6, 6}, {0}});
    expect_numbers("v.h5", "x");
}

Test(storage, a_virtual_dataset_without_a_source_for_all_of_it_is_refused)
{
    write_part("a.h5", 0, 6);
    write_virtual("v.h5", (struct piece[]){{"a.h5", "x", 0, 6}, {0}});
    REFUSED("v.h5", "no source has 6 of its 12 elements");
    write_virtual("v.h5", (struct piece[]){{"a.h5", "x", 0, 6}, {"a.h5", "x", 2, 6}, {0}});
    REFUSED("v.h5", "no source has 4 of its 12 elements");
}

Test(storage, a_virtual_dataset_that_grows_with_its_files_is_refused)
{
    hid_t file = create("v.h5"), created = H5Pcreate(H5P_DATASET_CREATE),
          here = H5Screate_simple(1, (hsize_t[]){N}, (hsize_t[]){H5S_UNLIMITED}),
          there = H5Screate_simple(1, (hsize_t[]){6}, NULL);
    H5Sselect_hyperslab(here, H5S_SELECT_SET, (hsize_t[]){0}, (hsize_t[]){6},
                        (hsize_t[]){H5S_UNLIMITED}, (hsize_t[]){6});
    cr_assert(H5Pset_virtual(created, here, "part%b.h5", "x", there) >= 0);
    H5Sclose(here);
    here = H5Screate_simple(1, (hsize_t[]){N}, (hsize_t[]){H5S_UNLIMITED});
    H5Dclose(H5Dcreate2(file, "x", H5T_IEEE_F64LE, here, H5P_DEFAULT, created, H5P_DEFAULT));
    H5Sclose(here), H5Sclose(there), H5Pclose(created), H5Fclose(file);
    write_part("part0.h5", 0, 6);
    write_part("part1.h5", 6, 6);
    struct store_array array;
    cr_assert_eq(store_dataset_read(in_folder("v.h5"), "x", INFINITY, &array), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "no fixed number of sources") ||
                  strstr(basin_error_last()->message, "is empty"),
              "%s", basin_error_last()->message);
}

Test(storage, sources_that_are_virtual_themselves_are_looked_into)
{
    write_part("a.h5", 0, 6);
    write_part("b.h5", 6, 6);
    write_virtual("inner.h5", halves);
    write_virtual("outer.h5", (struct piece[]){{"inner.h5", "x", 0, 12}, {0}});
    expect_numbers("outer.h5", "x");
    remove(in_folder("a.h5"));
    struct store_array array;
    cr_assert_eq(store_dataset_read(in_folder("outer.h5"), "x", INFINITY, &array), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "/a.h5 is missing"));
    write_virtual("self.h5", (struct piece[]){{".", "x", 0, 12}, {0}});
    cr_assert_eq(store_dataset_read(in_folder("self.h5"), "x", INFINITY, &array), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "deep"), "%s", basin_error_last()->message);
    hid_t file = H5Fopen(in_folder("inner.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    write_part("a.h5", 0, 6);
    add_virtual(file, "own", N, (struct piece[]){{".", "x", 0, 12}, {0}});
    H5Fclose(file);
    expect_numbers("inner.h5", "own");
}

/* A link leads to a dataset of another file, whose sources are beside that file. */
Test(storage, links_lead_to_files_and_to_nothing_that_waits)
{
    write_part("a.h5", 0, 6);
    cr_assert_eq(mkdir(in_folder("deep"), 0700), 0);
    write_part("deep/a.h5", 0, 6);
    write_part("deep/b.h5", 6, 6);
    write_virtual("deep/v.h5", halves);
    hid_t file = create("link.h5");
    cr_assert(H5Lcreate_external("deep/v.h5", "x", file, "x", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Fclose(file);
    expect_numbers("link.h5", "x");
    remove(in_folder("deep/b.h5"));
    REFUSED("link.h5", "/deep/b.h5 is missing");
    remove(in_folder("deep/v.h5"));
    cr_assert_eq(mkfifo(in_folder("deep/v.h5"), 0600), 0);
    struct store_array array;
    cr_assert_eq(store_dataset_read(in_folder("link.h5"), "x", INFINITY, &array), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "no dataset \"x\""));
}

/* "x" in `bytes` of an external file, of which it wants 96 from byte 8 on. */
static void write_external(const char *raw, const char *stored_as, size_t bytes)
{
    char content[200] = "12345678";
    memcpy(content + 8, numbers, sizeof numbers);
    FILE *out = fopen(in_folder(raw), "wb");
    cr_assert(out && fwrite(content, 1, bytes, out) == bytes);
    fclose(out);
    hid_t file = create("e.h5"), created = H5Pcreate(H5P_DATASET_CREATE),
          space = H5Screate_simple(1, (hsize_t[]){N}, NULL);
    cr_assert(H5Pset_external(created, stored_as, 8, sizeof numbers) >= 0);
    hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, created, H5P_DEFAULT);
    cr_assert(set >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(created);
    H5Fclose(file);
}

Test(storage, an_external_file_must_be_there_and_whole)
{
    write_external("x.raw", "x.raw", 104);
    expect_numbers("e.h5", "x");
    cr_assert_eq(chdir("/"), 0);
    expect_numbers("e.h5", "x");
    write_external("x.raw", "x.raw", 103);
    REFUSED("e.h5", "external file", "/x.raw, which ends early: it has 103 bytes of 104");
    remove(in_folder("x.raw"));
    REFUSED("e.h5", "/x.raw, which is missing");
    cr_assert_eq(mkfifo(in_folder("x.raw"), 0600), 0);
    REFUSED("e.h5", "/x.raw, which is no regular file");
}

static hid_t add_chunked(hid_t file, hsize_t written, int deflate)
{
    hid_t created = H5Pcreate(H5P_DATASET_CREATE),
          space = H5Screate_simple(1, (hsize_t[]){N}, (hsize_t[]){H5S_UNLIMITED});
    H5Pset_chunk(created, 1, (hsize_t[]){5});
    if (deflate) H5Pset_deflate(created, 6);
    hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, created, H5P_DEFAULT);
    if (written) {
        hid_t memory = H5Screate_simple(1, &written, NULL);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, (hsize_t[]){0}, NULL, &written, NULL);
        cr_assert(H5Dwrite(set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, numbers) >= 0);
        H5Sclose(memory);
    }
    H5Sclose(space);
    H5Pclose(created);
    return set;
}

Test(storage, chunks_that_nobody_wrote_are_refused)
{
    for (int deflate = 0; deflate < 2; deflate++) {
        hid_t file = create("c.h5");
        H5Dclose(add_chunked(file, N, deflate));
        H5Fclose(file);
        expect_numbers("c.h5", "x");
        file = create("c.h5");
        H5Dclose(add_chunked(file, 7, deflate));
        H5Fclose(file);
        REFUSED("c.h5", "dataset \"x\" has 2 of its 3 chunks");
        file = create("c.h5");
        H5Dclose(add_chunked(file, 0, deflate));
        H5Fclose(file);
        REFUSED("c.h5", "has 0 of its 3 chunks");
    }
}

Test(storage, an_array_that_nobody_wrote_is_refused)
{
    hid_t file = create("n.h5"), space = H5Screate_simple(1, (hsize_t[]){N}, NULL);
    H5Dclose(H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Fclose(file);
    REFUSED("n.h5", "dataset \"x\" was never written");
}

/* ---- filters ---- */

static size_t same(unsigned flags, size_t count, const unsigned values[], size_t bytes,
                   size_t *size, void **buffer)
{
    (void)flags, (void)count, (void)values, (void)size, (void)buffer;
    return bytes;
}

/* With filters that only this process has until they are unregistered. */
Test(storage, a_filter_that_is_missing_is_named)
{
    static const struct {
        int id;
        const char *stored, *name;
    } filters[] = {{32000, "", "lzf (number 32000)"},
                   {32015, "", "zstd (number 32015)"},
                   {300, "my own", "my own (number 300)"},
                   {301, "", "without a name (number 301)"}};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        const H5Z_class2_t filter = {.version = H5Z_CLASS_T_VERS,
                                     .id = filters[i].id,
                                     .encoder_present = 1,
                                     .decoder_present = 1,
                                     .name = filters[i].stored,
                                     .filter = same};
        hid_t file = create("f.h5"), created = H5Pcreate(H5P_DATASET_CREATE),
              space = H5Screate_simple(1, (hsize_t[]){N}, NULL);
        cr_assert(H5Zregister(&filter) >= 0);
        H5Pset_chunk(created, 1, (hsize_t[]){N});
        H5Pset_filter(created, filters[i].id, H5Z_FLAG_MANDATORY, 0, NULL);
        hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, created, H5P_DEFAULT);
        cr_assert(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0);
        H5Dclose(set);
        H5Sclose(space);
        H5Pclose(created);
        H5Fclose(file);
        H5Zunregister(filters[i].id);
        REFUSED("f.h5", "dataset \"x\" is compressed by the filter", filters[i].name);
    }
}

/* libhdf5 would read on behind them, in memory that has nothing to do with the file. */
static void write_chunks(const char *name, bool shuffle, size_t length)
{
    const hsize_t size = N, half = N / 2, first[] = {0, N / 2};
    hid_t file = create(name), space = H5Screate_simple(1, &size, NULL),
          created = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(created, 1, &half);
    if (shuffle) H5Pset_shuffle(created);
    hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, created, H5P_DEFAULT);
    uint32_t unfiltered = shuffle ? 1 : 0; /* the bytes are numbers as they are */
    cr_assert(H5Dwrite_chunk(set, H5P_DEFAULT, unfiltered, &first[0], N / 2 * sizeof *numbers,
                             numbers) >= 0);
    cr_assert(H5Dwrite_chunk(set, H5P_DEFAULT, unfiltered, &first[1], length, numbers + N / 2) >=
              0);
    H5Pclose(created);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
}

Test(storage, chunks_that_are_too_short_are_refused)
{
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        write_chunks("a.h5", shuffle, N / 2 * sizeof *numbers);
        expect_numbers("a.h5", "x");
        write_chunks("a.h5", shuffle, 3 * sizeof *numbers);
        expect_refusal("a.h5", (const char *const[]){"\"x\" has 24 of the 48 bytes of its chunk at "
                                                     "element (6)",
                                                     NULL});
    }
}

/* Of compressed ones what comes out counts. Edges of a dataset may be left uncompressed. */
Test(storage, what_comes_out_of_the_filters_counts)
{
    const hsize_t size = N, part = 5, first = 0;
    for (int is_short = 0; is_short < 2; is_short++) {
        hid_t file = create("a.h5"), space = H5Screate_simple(1, &size, NULL),
              created = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(created, 1, &part);
        H5Pset_shuffle(created);
        H5Pset_deflate(created, 4);
        H5Pset_fletcher32(created);
        H5Pset_chunk_opts(created, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
        hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, created, H5P_DEFAULT);
        cr_assert(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0);
        if (is_short) /* past all filters, and one element */
            cr_assert(H5Dwrite_chunk(set, H5P_DEFAULT, 7, &first, sizeof *numbers, numbers) >= 0);
        H5Pclose(created);
        H5Sclose(space);
        H5Dclose(set);
        H5Fclose(file);
        if (is_short)
            expect_refusal("a.h5", (const char *const[]){"has 8 of the 40 bytes", NULL});
        else
            expect_numbers("a.h5", "x");
    }
}
