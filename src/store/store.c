#include "store/store.h"

#include <stdint.h>
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

basin_status store_is_of_other_format(const char *path, bool *is)
{
    uint8_t *bytes;
    size_t length;
    basin_error before = *basin_error_last();
    *is = false;
    TRY(file_read(path, &bytes, &length));
    basin_status status = trailer_is_of_other_format(bytes, length, is);
    memory_free(bytes);
    if (status == BASIN_OK) error_restore(&before);
    return status;
}

void store_library(unsigned version[3])
{
    hdf5_enter();
    H5get_libversion(&version[0], &version[1], &version[2]);
    hdf5_leave();
}

static basin_status read_checked(const char *path, uint8_t **bytes, struct trailer_image *image)
{
    size_t length;
    TRY(file_read(path, bytes, &length));
    basin_status status = trailer_check(path, *bytes, length, image);
    if (status != BASIN_OK) memory_free(*bytes);
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
    uint8_t *bytes;
    struct trailer_image image;
    TRY(read_checked(path, &bytes, &image));
    memory_free(bytes);
    return BASIN_OK;
}
