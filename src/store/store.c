#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "store/file.h"
#include "store/format_1.h"
#include "store/hdf5.h"
#include "store/image.h"
#include "store/trailer.h"

basin_status store_save(const struct record *record, const char *path)
{
    uint8_t *bytes = NULL;
    size_t length;
    hdf5_enter();
    basin_status status = image_make(record, path, TRAILER_LENGTH, &bytes, &length);
    hdf5_leave();
    if (status != BASIN_OK) return status;
    status = trailer_write(bytes, length);
    if (status == BASIN_OK) status = store_write_file(path, bytes, length);
    memory_free(bytes);
    return status;
}

void store_library(unsigned version[3])
{
    hdf5_enter();
    H5get_libversion(&version[0], &version[1], &version[2]);
    hdf5_leave();
}

/* Its ends tell a foreign file, of whatever size, before it is read. */
static basin_status read_ends(int file, const char *path, struct trailer_ends *ends)
{
    struct stat about;
    size_t behind;
    *ends = (struct trailer_ends){0};
    if (fstat(file, &about) != 0)
        return error_raise(BASIN_IO, "cannot read %s: %s", path, strerror(errno));
    uint64_t length = ends->length = (uint64_t)about.st_size;
    TRY(file_read_part(file, path, 0, ends->head, length < TRAILER_HEAD ? length : TRAILER_HEAD));
    if (length >= TRAILER_LENGTH)
        TRY(file_read_part(file, path, length - TRAILER_LENGTH, ends->tail, TRAILER_LENGTH));
    uint64_t end = trailer_behind(ends, &behind);
    return behind ? file_read_part(file, path, end, ends->behind, behind) : BASIN_OK;
}

/* A file is read piece by piece before its length is believed: one that has a trailer and holes,
 * and takes no place on the disk, would take as much memory as it says. */
enum { PIECE = 1 << 20 };

static basin_status hash_file(int file, const char *path, const struct trailer_ends *ends,
                              struct hash_stream *stream)
{
    uint8_t *piece = memory_allocate(PIECE);
    basin_status status = piece ? BASIN_OK : BASIN_MEMORY;
    for (uint64_t start = 0; status == BASIN_OK && start < ends->length; start += PIECE) {
        uint64_t left = ends->length - start;
        size_t length = left < PIECE ? (size_t)left : PIECE;
        status = file_read_part(file, path, start, piece, length);
        if (status == BASIN_OK) trailer_hash(stream, ends, start, piece, length);
    }
    memory_free(piece);
    return status;
}

static basin_status check_sealed(int file, const char *path, const struct trailer_ends *ends,
                                 struct trailer_image *image)
{
    struct hash_stream *stream;
    if (!trailer_fits(ends)) return trailer_refuse(path, ends);
    TRY(hash_create(&stream));
    basin_status status = hash_file(file, path, ends, stream);
    if (status == BASIN_OK) status = trailer_judge(path, ends, hash_digest(stream), image);
    hash_destroy(stream);
    return status;
}

/* What has been read is checked again: the file may have been written to meanwhile. */
static basin_status read_sealed(int file, const char *path, uint8_t **bytes,
                                struct trailer_image *image)
{
    struct trailer_ends ends;
    TRY(read_ends(file, path, &ends));
    if (ends.length > PIECE || !trailer_fits(&ends)) TRY(check_sealed(file, path, &ends, image));
    *bytes = memory_allocate((size_t)ends.length);
    if (!*bytes) return BASIN_MEMORY;
    basin_status status = file_read_part(file, path, 0, *bytes, (size_t)ends.length);
    if (status == BASIN_OK) status = trailer_check(path, *bytes, (size_t)ends.length, image);
    if (status != BASIN_OK) memory_free(*bytes);
    return status;
}

static basin_status read_checked(const char *path, uint8_t **bytes, struct trailer_image *image)
{
    int file;
    TRY(file_open(path, O_RDONLY, &file));
    basin_status status = read_sealed(file, path, bytes, image);
    close(file);
    return status;
}

/* The same without its bytes. */
static basin_status check_file(const char *path, struct trailer_image *image)
{
    int file;
    struct trailer_ends ends;
    TRY(file_open(path, O_RDONLY, &file));
    basin_status status = read_ends(file, path, &ends);
    if (status == BASIN_OK) status = check_sealed(file, path, &ends, image);
    close(file);
    return status;
}

basin_status store_load_small(const char *path, size_t most, struct arena *arena,
                              struct record **record)
{
    uint8_t *bytes;
    struct trailer_image image;
    TRY(read_checked(path, &bytes, &image));
    basin_status status = image_read(bytes + image.start, image.length, path, most, arena, record);
    memory_free(bytes);
    if (status == BASIN_OK && image.format == 1) status = format_1_mend(*record);
    return status;
}

basin_status store_load(const char *path, struct arena *arena, struct record **record)
{
    return store_load_small(path, SIZE_MAX, arena, record);
}

basin_status store_verify(const char *path)
{
    struct trailer_image image;
    return check_file(path, &image);
}

/* What is read is refused for its format alone. */
basin_status store_is_of_other_format(const char *path, bool *is)
{
    struct trailer_image image = {0};
    basin_error before = *basin_error_last();
    basin_status status = check_file(path, &image);
    *is = status == BASIN_DATA && image.format != 0;
    if (status == BASIN_MEMORY || status == BASIN_IO) return status;
    error_restore(&before);
    return BASIN_OK;
}
