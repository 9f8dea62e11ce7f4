#include "store/array.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/text.h"
#include "store/file.h"

void store_array_free(struct store_array *array)
{
    memory_free(array->data);
    array->data = NULL;
}

size_t store_array_element(const struct store_array *array)
{
    return array->type == RECORD_TEXT ? array->width : record_element_size(array->type);
}

size_t store_array_count(const struct store_array *array)
{
    size_t count = 1;
    for (int i = 0; i < array->rank; i++) count *= array->dims[i];
    return count;
}

basin_status store_array_file(const char *path, const char *what)
{
    struct stat state;
    if (stat(path, &state) != 0 || access(path, R_OK) != 0)
        error_raise(BASIN_DATA, "cannot open %s: %s", path, strerror(errno));
    else if (S_ISDIR(state.st_mode))
        error_raise(BASIN_DATA, "%s is a folder, not %s", path, what);
    else if (!S_ISREG(state.st_mode))
        error_raise(BASIN_DATA, "%s is not a regular file", path);
    else
        return BASIN_OK;
    error_place(path, 0, 0);
    return BASIN_DATA;
}

double store_array_most(double most)
{
    return fmin(most, (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE));
}

basin_status store_array_room(const char *path, const char *what, double bytes, double most)
{
    char needed[32], left[32];
    if (bytes <= most) return BASIN_OK;
    error_raise(BASIN_DATA, "%s%s%s takes %s of memory, and there is room for %s", path,
                what ? ": " : "", what ? what : "", text_bytes(bytes, needed),
                text_bytes(most, left));
    error_place(path, 0, 0);
    error_hint("raise --memory, or make a smaller file");
    return BASIN_DATA;
}

basin_status store_array_bytes(const char *path, const char *what, double most, uint8_t **bytes,
                               size_t *length)
{
    struct stat about = {0};
    TRY(store_array_file(path, what));
    stat(path, &about);
    TRY(store_array_room(path, NULL, (double)about.st_size, most));
    basin_status status = file_read(path, bytes, length);
    if (status != BASIN_IO) return status;
    basin_error error = *basin_error_last();
    error.status = BASIN_DATA;
    return error_restore(&error);
}
