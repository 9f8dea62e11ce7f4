#include "store/chunks.h"

#include <string.h>
#include "base/arena.h"

/* ---- the filter that counts ---- */

enum { COUNTING = 511, VALUES_MOST = 64 }; /* among the numbers that are free for tests */

static struct {
    size_t wanted, bytes;
    bool is_short;
} counted; /* the library is entered by one thread at a time */

static size_t count_decoded(unsigned flags, size_t value_count, const unsigned values[],
                            size_t bytes, size_t *room, void **buffer)
{
    (void)value_count, (void)values, (void)room, (void)buffer;
    if (!(flags & H5Z_FLAG_REVERSE)) return bytes;
    counted.bytes = bytes;
    counted.is_short = bytes < counted.wanted;
    return counted.is_short ? 0 : bytes;
}

static const H5Z_class2_t counting = {H5Z_CLASS_T_VERS, COUNTING, 1,    1,
                                      "count",          NULL,     NULL, count_decoded};

/* ---- a dataset of one chunk, in memory ---- */

struct chunks {
    hid_t id, created, type, space;
    int rank, filters;
    hsize_t dims[H5S_MAX_RANK], size[H5S_MAX_RANK];
    size_t bytes;  /* of a chunk */
    hsize_t count; /* of chunks */
    hsize_t file_bytes;
    bool edges_are_plain;
    hid_t file, copy; /* the one in memory */
    uint32_t skipped; /* filters that it has not */
};

static bool copy_filters(const struct chunks *chunks, hid_t created)
{
    if (H5Pset_filter(created, COUNTING, H5Z_FLAG_MANDATORY, 0, NULL) < 0) return false;
    for (int i = 0; i < chunks->filters; i++) {
        unsigned flags, config, values[VALUES_MOST];
        if (chunks->skipped >> i & 1) continue;
        size_t count = VALUES_MOST;
        H5Z_filter_t filter =
            H5Pget_filter2(chunks->created, (unsigned)i, &flags, &count, values, 0, NULL, &config);
        if (filter < 0 || count > VALUES_MOST ||
            H5Pset_filter(created, filter, flags, count, values) < 0)
            return false;
    }
    return true;
}

static bool make_copy(struct chunks *chunks)
{
    enum { STEP = 1 << 20 };
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), created = H5Pcreate(H5P_DATASET_CREATE),
          space = H5Screate_simple(chunks->rank, chunks->size, NULL);
    H5Pset_fapl_core(access, STEP, 0);
    chunks->file = H5Fcreate("counted", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    bool is_made = chunks->file >= 0 && H5Zregister(&counting) >= 0 &&
                   H5Pset_chunk(created, chunks->rank, chunks->size) >= 0 &&
                   H5Pset_fill_time(created, H5D_FILL_TIME_NEVER) >= 0 &&
                   copy_filters(chunks, created);
    if (is_made)
        chunks->copy =
            H5Dcreate2(chunks->file, "x", chunks->type, space, H5P_DEFAULT, created, H5P_DEFAULT);
    H5Sclose(space);
    H5Pclose(created);
    H5Pclose(access);
    return is_made && chunks->copy >= 0;
}

static void drop_copy(struct chunks *chunks)
{
    if (chunks->copy >= 0) H5Dclose(chunks->copy);
    if (chunks->file >= 0) H5Fclose(chunks->file);
    chunks->copy = chunks->file = H5I_INVALID_HID;
}

static bool has_copy(struct chunks *chunks, uint32_t skipped)
{
    if (chunks->copy >= 0 && chunks->skipped == skipped) return true;
    drop_copy(chunks);
    chunks->skipped = skipped;
    return make_copy(chunks);
}

/* ---- one chunk ---- */

static bool is_at_edge(const struct chunks *chunks, const hsize_t *first)
{
    for (int i = 0; i < chunks->rank; i++)
        if (first[i] + chunks->size[i] > chunks->dims[i]) return true;
    return false;
}

/* Through the filters, for the sake of one element. A mask that is written with a chunk would be
 * forgotten by libhdf5 1.10: what is skipped is no filter of the copy. */
static void decode(struct chunks *chunks, uint32_t skipped, size_t length, const void *raw,
                   void *element)
{
    static const hsize_t origin[H5S_MAX_RANK];
    hsize_t ones[H5S_MAX_RANK];
    if (!has_copy(chunks, skipped)) return;
    for (int i = 0; i < chunks->rank; i++) ones[i] = 1;
    hid_t one = H5Screate(H5S_SCALAR), here = H5Dget_space(chunks->copy);
    H5Sselect_hyperslab(here, H5S_SELECT_SET, origin, NULL, ones, NULL);
    if (H5Dwrite_chunk(chunks->copy, H5P_DEFAULT, 0, origin, length, raw) >= 0)
        H5Dread(chunks->copy, chunks->type, one, here, H5P_DEFAULT, element);
    H5Sclose(one);
    H5Sclose(here);
}

/* Without filters what the index says counts. libhdf5 looks through all of it for that. */
static void count_plain(const struct chunks *chunks, const hsize_t *first)
{
    enum { MANY = 4096 };
    hsize_t length;
    haddr_t address;
    unsigned skipped;
    if (chunks->count > MANY ||
        H5Dget_chunk_info_by_coord(chunks->id, first, &skipped, &address, &length) < 0)
        return;
    counted.bytes = (size_t)length;
    counted.is_short = counted.bytes < counted.wanted;
}

static basin_status count_chunk(struct chunks *chunks, const hsize_t *first)
{
    hsize_t length = 0;
    uint32_t skipped = 0;
    size_t size = H5Tget_size(chunks->type);
    counted.wanted = chunks->bytes;
    counted.is_short = false;
    if (!chunks->filters || (chunks->edges_are_plain && is_at_edge(chunks, first))) {
        count_plain(chunks, first);
        return BASIN_OK;
    }
    if (H5Dget_chunk_storage_size(chunks->id, first, &length) < 0 || length > chunks->file_bytes)
        return BASIN_OK;
    char *raw = memory_allocate((size_t)length + size);
    if (!raw) return BASIN_MEMORY;
    if (H5Dread_chunk(chunks->id, H5P_DEFAULT, first, &skipped, raw) >= 0)
        decode(chunks, skipped, (size_t)length, raw, raw + length);
    memory_free(raw);
    return BASIN_OK;
}

/* ---- all ---- */

/* The next place in the grid of chunks, last axis first. */
static bool next_chunk(const struct chunks *chunks, hsize_t *first)
{
    for (int i = chunks->rank - 1; i >= 0; i--) {
        first[i] += chunks->size[i];
        if (first[i] < chunks->dims[i]) return true;
        first[i] = 0;
    }
    return false;
}

static basin_status count_all(struct chunks *chunks, bool *found, struct short_chunk *chunk)
{
    *chunk = (struct short_chunk){.rank = chunks->rank};
    do {
        TRY(count_chunk(chunks, chunk->first));
        *found = counted.is_short;
    } while (!*found && next_chunk(chunks, chunk->first));
    chunk->bytes = counted.bytes;
    chunk->wanted = counted.wanted;
    return BASIN_OK;
}

static bool describe_chunks(struct chunks *chunks)
{
    hid_t file = H5Iget_file_id(chunks->id);
    H5Fget_filesize(file, &chunks->file_bytes);
    H5Fclose(file);
    unsigned options = 0;
    chunks->rank = H5Sget_simple_extent_dims(chunks->space, chunks->dims, NULL);
    chunks->filters = H5Pget_nfilters(chunks->created);
    if (H5Pget_chunk(chunks->created, H5S_MAX_RANK, chunks->size) != chunks->rank) return false;
    H5Pget_chunk_opts(chunks->created, &options);
    chunks->edges_are_plain = options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS;
    chunks->bytes = H5Tget_size(chunks->type);
    chunks->count = 1;
    for (int i = 0; i < chunks->rank; i++) {
        if (chunks->dims[i] == 0 || chunks->size[i] == 0) return false;
        chunks->bytes *= (size_t)chunks->size[i];
        chunks->count *= (chunks->dims[i] + chunks->size[i] - 1) / chunks->size[i];
    }
    return true;
}

basin_status chunks_find_short(hid_t id, bool *found, struct short_chunk *chunk)
{
    struct chunks chunks = {.id = id,
                            .created = H5Dget_create_plist(id),
                            .type = H5Dget_type(id),
                            .space = H5Dget_space(id),
                            .file = H5I_INVALID_HID,
                            .copy = H5I_INVALID_HID};
    *found = false;
    basin_status status = describe_chunks(&chunks) ? count_all(&chunks, found, chunk) : BASIN_OK;
    drop_copy(&chunks);
    H5Sclose(chunks.space);
    H5Tclose(chunks.type);
    H5Pclose(chunks.created);
    H5Eclear2(H5E_DEFAULT);
    return status;
}
