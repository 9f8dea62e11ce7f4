#include "store/storage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/text.h"
#include "store/chunks.h"

/* SOURCES_DEEP: virtual datasets of virtual datasets. */
enum { NAME_MOST = 4096, SOURCES_DEEP = 8 };

/* A dataset under examination. */
struct stored {
    struct arena *arena;
    hid_t id, created; /* the list of properties that it was created with */
    const char *path, *name;
    const char *home; /* the file that it is in: not `path` where a link leads elsewhere */
    int depth;
    int rank;
    hsize_t dims[H5S_MAX_RANK], count; /* elements */
};

static basin_status check_at_depth(struct stored *stored);

static basin_status storage_refuse(const struct stored *stored, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static basin_status storage_refuse(const struct stored *stored, const char *format, ...)
{
    char what[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    error_raise(BASIN_DATA, "%s: dataset \"%s\" %s", stored->path, stored->name, what);
    error_place(stored->path, 0, 0);
    return BASIN_DATA;
}

void storage_isolate(void)
{
    unsetenv("HDF5_VDS_PREFIX");
    unsetenv("HDF5_EXTFILE_PREFIX");
    unsetenv("HDF5_EXT_PREFIX");
}

/* An external link is followed to a regular file beside the file that has the link: opening a pipe
 * would wait. */
static herr_t link_follow(const char *file, const char *group, const char *other,
                          const char *object, unsigned *flags, hid_t access, void *nothing)
{
    struct stat state;
    char path[NAME_MOST];
    const char *slash = strrchr(file, '/');
    int folder = slash && other[0] != '/' ? (int)(slash - file) + 1 : 0;
    (void)group, (void)object, (void)flags, (void)access, (void)nothing;
    if (folder + strlen(other) >= sizeof path) return -1;
    memcpy(path, file, (size_t)folder);
    memcpy(path + folder, other, strlen(other) + 1);
    return stat(path, &state) == 0 && S_ISREG(state.st_mode) ? 0 : -1;
}

hid_t storage_open_file(const char *path)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(
        access, 1, 1); /* read-only and network file systems may refuse locks: read all the same */
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    hid_t file = hdf5_checked(H5Fopen(path, H5F_ACC_RDONLY, access));
    H5Pclose(access);
    return file;
}

hid_t storage_open_dataset(hid_t file, const char *name)
{
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_efile_prefix(access, "${ORIGIN}"); /* external files: beside the file, too */
    H5Pset_elink_cb(access, link_follow, NULL);
    hid_t id = hdf5_checked(H5Dopen2(file, name, access));
    H5Pclose(access);
    return id;
}

bool storage_has_dataset(hid_t file, const char *name)
{
    H5O_info_t info;
    hid_t access = H5Pcreate(H5P_LINK_ACCESS);
    H5Pset_elink_cb(access, link_follow, NULL);
    bool there = name[0] && H5Oget_info_by_name2(file, name, &info, H5O_INFO_BASIC, access) >= 0;
    H5Pclose(access);
    H5Eclear2(H5E_DEFAULT);
    return there && info.type == H5O_TYPE_DATASET;
}

/* The path of a file that the dataset names: beside the dataset's file, unless it is absolute. */
static const char *beside(const struct stored *stored, const char *name)
{
    const char *slash = strrchr(stored->home, '/');
    int folder = slash && name[0] != '/' ? (int)(slash - stored->home) + 1 : 0;
    return arena_format(stored->arena, "%.*s%s", folder, stored->home, name);
}

/* A regular file that can be read (opening a pipe would wait), or else the reason. */
static bool is_readable(const char *path, struct stat *state, const char **reason)
{
    *reason = stat(path, state) != 0     ? "is missing"
              : !S_ISREG(state->st_mode) ? "is no regular file"
              : access(path, R_OK) != 0  ? "may not be read"
                                         : NULL;
    return !*reason;
}

static void hint_beside(void)
{
    error_hint("put it where the dataset looks for it (a relative name starts at the folder of the "
               "file), or copy the data into one plain dataset");
}

/* ---- filters ---- */

/* Those that files in the wild have and libhdf5 has not. */
static const struct {
    H5Z_filter_t id;
    const char *name;
} filters[] = {{H5Z_FILTER_SZIP, "szip"},
               {307, "bzip2"},
               {32000, "lzf"},
               {32001, "blosc"},
               {32004, "lz4"},
               {32008, "bitshuffle"},
               {32013, "zfp"},
               {32015, "zstd"},
               {32017, "sz"},
               {32026, "blosc2"}};

static const char *filter_name(H5Z_filter_t id, const char *stored)
{
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (filters[i].id == id) return filters[i].name;
    return stored[0] ? stored : "without a name";
}

static basin_status check_filters(const struct stored *stored)
{
    for (int i = 0; i < H5Pget_nfilters(stored->created); i++) {
        unsigned flags, config;
        size_t values = 0;
        char name[64] = "";
        H5Z_filter_t id = H5Pget_filter2(stored->created, (unsigned)i, &flags, &values, NULL,
                                         sizeof name, name, &config);
        if (id < 0 || H5Zfilter_avail(id) > 0) continue;
        name[sizeof name - 1] = 0;
        storage_refuse(stored,
                       "is compressed by the filter %s (number %d), which this libhdf5 "
                       "does not have",
                       filter_name(id, name), (int)id);
        error_hint("write it again with gzip, or without compression");
        return BASIN_DATA;
    }
    return BASIN_OK;
}

/* ---- one file ---- */

static basin_status hint_unwritten(void)
{
    error_hint("write all of it; in h5py, x[...] = x[...] writes fill values as data");
    return BASIN_DATA;
}

static basin_status check_lengths(const struct stored *stored)
{
    struct short_chunk chunk;
    bool found;
    struct text at = {0};
    basin_status status = chunks_find_short(stored->id, &found, &chunk);
    if (status != BASIN_OK) error_prefix("%s: dataset \"%s\"", stored->path, stored->name);
    if (status != BASIN_OK || !found) return status;
    for (int i = 0; i < chunk.rank; i++)
        text_format(&at, "%s%llu", i ? ", " : "", (unsigned long long)chunk.first[i]);
    storage_refuse(stored, "has %zu of the %zu bytes of its chunk at element (%s)", chunk.bytes,
                   chunk.wanted, at.failed ? "..." : text_data(&at));
    text_free(&at);
    error_hint("the file is damaged: make it again, or copy it again from where it came");
    return BASIN_DATA;
}

static basin_status check_chunks(const struct stored *stored)
{
    hsize_t chunk[H5S_MAX_RANK], there = 0, wanted = 1;
    hid_t space = H5Dget_space(stored->id);
    if (H5Pget_chunk(stored->created, H5S_MAX_RANK, chunk) != stored->rank) return BASIN_OK;
    for (int i = 0; i < stored->rank; i++)
        wanted *= chunk[i] ? (stored->dims[i] + chunk[i] - 1) / chunk[i] : 0;
    herr_t counted = H5Dget_num_chunks(stored->id, space, &there);
    H5Sclose(space);
    if (counted < 0) return storage_refuse(stored, "has a damaged index of its chunks");
    if (there >= wanted) return check_lengths(stored);
    storage_refuse(stored, "has %llu of its %llu chunks: the others were never written",
                   (unsigned long long)there, (unsigned long long)wanted);
    return hint_unwritten();
}

static basin_status check_external_file(const struct stored *stored, unsigned index, double *left)
{
    char name[NAME_MOST] = "";
    off_t offset = 0;
    hsize_t size = 0;
    struct stat state;
    const char *reason;
    if (H5Pget_external(stored->created, index, sizeof name, name, &offset, &size) < 0)
        return storage_refuse(stored, "has a damaged list of external files");
    name[sizeof name - 1] = 0;
    const char *path = beside(stored, name);
    if (!path) return BASIN_MEMORY;
    double needed = *left < (double)size ? *left : (double)size;
    *left -= needed;
    if (!is_readable(path, &state, &reason))
        storage_refuse(stored, "is stored in the external file %s, which %s", path, reason);
    else if ((double)state.st_size < (double)offset + needed)
        storage_refuse(stored,
                       "is stored in the external file %s, which ends early: it has %lld "
                       "bytes of %.0f",
                       path, (long long)state.st_size, (double)offset + needed);
    else
        return BASIN_OK;
    hint_beside();
    return BASIN_DATA;
}

static basin_status check_contiguous(const struct stored *stored)
{
    int files = H5Pget_external_count(stored->created);
    H5D_space_status_t status = H5D_SPACE_STATUS_ALLOCATED;
    hid_t type = H5Dget_type(stored->id);
    double left = (double)stored->count * (double)H5Tget_size(type);
    H5Tclose(type);
    for (int i = 0; i < files; i++) TRY(check_external_file(stored, (unsigned)i, &left));
    if (files > 0 || stored->count == 0) return BASIN_OK;
    H5Dget_space_status(stored->id, &status);
    if (status == H5D_SPACE_STATUS_ALLOCATED) return BASIN_OK;
    storage_refuse(stored, "was never written");
    return hint_unwritten();
}

/* ---- virtual datasets ---- */

/* A mapping: elements of the virtual dataset that are elements of a source. */
struct mapping {
    const char *path, *name; /* of the source */
    hid_t here, there;       /* what is selected of the virtual dataset, and of its source */
    bool is_open;            /* the number of sources grows with the files that there are */
};

static basin_status mapping_refuse(const struct stored *stored, const struct mapping *mapping,
                                   const char *reason)
{
    storage_refuse(stored, "is virtual, and its source %s %s", mapping->path, reason);
    hint_beside();
    return BASIN_DATA;
}

/* Does a source have all elements that are selected of it? Where that is all there are, a mapping
 * does not know its shape: then their number is what the virtual dataset takes. */
static bool covers(hid_t source, const struct mapping *mapping)
{
    hsize_t dims[H5S_MAX_RANK], first[H5S_MAX_RANK], last[H5S_MAX_RANK];
    hid_t space = H5Dget_space(source);
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    bool are_as_many = H5Sget_simple_extent_npoints(space) == H5Sget_select_npoints(mapping->here);
    H5Sclose(space);
    if (H5Sget_select_type(mapping->there) == H5S_SEL_ALL) return are_as_many;
    if (rank < 1 || H5Sget_simple_extent_ndims(mapping->there) != rank ||
        H5Sget_select_bounds(mapping->there, first, last) < 0)
        return false;
    for (int i = 0; i < rank; i++)
        if (last[i] >= dims[i]) return false;
    return true;
}

static basin_status check_source_in(hid_t file, const struct stored *stored,
                                    const struct mapping *mapping)
{
    char reason[256];
    hid_t source = storage_has_dataset(file, mapping->name)
                       ? storage_open_dataset(file, mapping->name)
                       : H5I_INVALID_HID;
    if (source < 0) {
        snprintf(reason, sizeof reason, "has no dataset \"%.200s\"", mapping->name);
        return mapping_refuse(stored, mapping, reason);
    }
    struct stored inner = {.arena = stored->arena,
                           .id = source,
                           .path = mapping->path,
                           .name = mapping->name,
                           .depth = stored->depth + 1};
    snprintf(reason, sizeof reason, "has not the elements that are wanted of \"%.200s\"",
             mapping->name);
    basin_status status =
        covers(source, mapping) ? check_at_depth(&inner) : mapping_refuse(stored, mapping, reason);
    H5Dclose(source);
    return status;
}

static basin_status check_source(const struct stored *stored, const struct mapping *mapping)
{
    const char *reason;
    struct stat state;
    if (!is_readable(mapping->path, &state, &reason))
        return mapping_refuse(stored, mapping, reason);
    hid_t file = storage_open_file(mapping->path);
    if (file < 0) return mapping_refuse(stored, mapping, "is not a readable HDF5 file");
    basin_status status = check_source_in(file, stored, mapping);
    H5Fclose(file);
    return status;
}

/* Marks the elements that a mapping gives. */
static bool mark(const struct stored *stored, const struct mapping *mapping, uint8_t *marked)
{
    static const uint8_t one = 1;
    hsize_t dims[H5S_MAX_RANK];
    if (H5Sget_simple_extent_dims(mapping->here, dims, NULL) != stored->rank) return false;
    for (int i = 0; i < stored->rank; i++)
        if (dims[i] != stored->dims[i]) return false;
    return H5Dfill(&one, H5T_NATIVE_UINT8, marked, H5T_NATIVE_UINT8, mapping->here) >= 0;
}

typedef ssize_t name_getter(hid_t created, size_t index, char *name, size_t size);

static char *name_of(const struct stored *stored, name_getter *get, size_t index)
{
    ssize_t length = get(stored->created, index, NULL, 0);
    char *name = arena_allocate(stored->arena, length > 0 ? (size_t)length + 1 : 1);
    if (name && length > 0) get(stored->created, index, name, (size_t)length + 1);
    return name;
}

/* "." is the file of the virtual dataset itself. */
static basin_status read_mapping(const struct stored *stored, size_t index, struct mapping *mapping)
{
    const char *file = name_of(stored, H5Pget_virtual_filename, index);
    if (!file) return BASIN_MEMORY;
    mapping->path = strcmp(file, ".") == 0 ? stored->home : beside(stored, file);
    mapping->name = name_of(stored, H5Pget_virtual_dsetname, index);
    mapping->here = H5Pget_virtual_vspace(stored->created, index);
    mapping->there = H5Pget_virtual_srcspace(stored->created, index);
    mapping->is_open = strchr(file, '%') || (mapping->name && strchr(mapping->name, '%')) ||
                       H5Sget_select_npoints(mapping->here) < 0;
    return mapping->path && mapping->name ? BASIN_OK : BASIN_MEMORY;
}

static basin_status check_mapping(const struct stored *stored, size_t index, uint8_t *marked)
{
    struct mapping mapping = {.here = H5I_INVALID_HID, .there = H5I_INVALID_HID};
    basin_status status = read_mapping(stored, index, &mapping);
    if (status == BASIN_OK && (mapping.is_open || !mark(stored, &mapping, marked)))
        status = storage_refuse(stored, "is virtual and has no fixed number of sources, so that a "
                                        "missing one would not be noticed");
    if (status == BASIN_OK) status = check_source(stored, &mapping);
    H5Sclose(mapping.here);
    H5Sclose(mapping.there);
    return status;
}

static basin_status check_mappings(const struct stored *stored, uint8_t *marked)
{
    size_t mappings = 0, missing = 0;
    H5Pget_virtual_count(stored->created, &mappings);
    for (size_t i = 0; i < mappings; i++) TRY(check_mapping(stored, i, marked));
    for (hsize_t i = 0; i < stored->count; i++) missing += !marked[i];
    if (missing == 0) return BASIN_OK;
    storage_refuse(stored, "is virtual, and no source has %zu of its %llu elements", missing,
                   (unsigned long long)stored->count);
    error_hint("map a source to every part of it");
    return BASIN_DATA;
}

static basin_status check_virtual(const struct stored *stored)
{
    if (stored->depth >= SOURCES_DEEP)
        return storage_refuse(stored, "is virtual, as are its sources, %d deep", SOURCES_DEEP);
    uint8_t *marked = memory_allocate(stored->count + 1);
    if (!marked) return BASIN_MEMORY;
    basin_status status = check_mappings(stored, marked);
    memory_free(marked);
    return status;
}

/* ---- all ---- */

static basin_status check_layout(const struct stored *stored)
{
    switch (H5Pget_layout(stored->created)) {
    case H5D_VIRTUAL:
        return check_virtual(stored);
    case H5D_CHUNKED:
        return check_chunks(stored);
    case H5D_CONTIGUOUS:
        return check_contiguous(stored);
    default:
        return BASIN_OK;
    }
}

static char *home_of(const struct stored *stored)
{
    ssize_t length = H5Fget_name(stored->id, NULL, 0);
    char *home = arena_allocate(stored->arena, length > 0 ? (size_t)length + 1 : 1);
    if (home && length > 0) H5Fget_name(stored->id, home, (size_t)length + 1);
    return home;
}

static basin_status check_at_depth(struct stored *stored)
{
    stored->home = home_of(stored);
    if (!stored->home) return BASIN_MEMORY;
    hid_t space = H5Dget_space(stored->id);
    stored->rank = H5Sget_simple_extent_dims(space, stored->dims, NULL);
    H5Sclose(space);
    stored->count = 1;
    for (int i = 0; i < stored->rank; i++) stored->count *= stored->dims[i];
    stored->created = H5Dget_create_plist(stored->id);
    basin_status status = check_filters(stored);
    if (status == BASIN_OK) status = check_layout(stored);
    H5Pclose(stored->created);
    return status;
}

basin_status storage_check(hid_t id, const char *path, const char *name)
{
    struct stored stored = {.id = id, .path = path, .name = name};
    TRY(arena_create(&stored.arena));
    basin_status status = check_at_depth(&stored);
    arena_destroy(stored.arena);
    return status;
}

double storage_chunk_bytes(hid_t id)
{
    hsize_t chunk[H5S_MAX_RANK];
    hid_t created = H5Dget_create_plist(id), type = H5Dget_type(id);
    double bytes = 0;
    if (H5Pget_layout(created) == H5D_CHUNKED) {
        int rank = H5Pget_chunk(created, H5S_MAX_RANK, chunk);
        bytes = (double)H5Tget_size(type);
        for (int i = 0; i < rank; i++) bytes *= (double)chunk[i];
    }
    H5Tclose(type);
    H5Pclose(created);
    return bytes;
}
