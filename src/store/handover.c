#include "store/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 16 << 20 };

basin_status handover_room(int shared, size_t bytes, void **data)
{
    *data = MAP_FAILED;
    if (bytes && posix_fallocate(shared, 0, (off_t)bytes) == 0 &&
        ftruncate(shared, (off_t)bytes) == 0)
        *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    return *data == MAP_FAILED ? error_memory(bytes) : BASIN_OK;
}

/* The bytes of an array that the child says it has read; 0 where what it says makes no sense. */
static size_t claimed_bytes(const struct store_array *array, int shared)
{
    struct stat about;
    bool is_type = array->type == RECORD_BYTE || array->type == RECORD_INTEGER ||
                   array->type == RECORD_FLOAT32 || array->type == RECORD_FLOAT64 ||
                   (array->type == RECORD_TEXT && array->width > 0);
    if (!is_type || array->rank < 1 || array->rank > ARRAY_RANK || fstat(shared, &about) != 0)
        return 0;
    size_t bytes = store_array_element(array);
    for (int i = 0; i < array->rank; i++)
        if (__builtin_mul_overflow(bytes, array->dims[i], &bytes)) return 0;
    return bytes == (size_t)about.st_size ? bytes : 0;
}

/* Each piece is given back as soon as it has been copied. */
static bool take_bytes(int shared, char *to, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        size_t piece = bytes - at < PIECE ? bytes - at : PIECE;
        ssize_t n = pread(shared, to + at, piece, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        fallocate(shared, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, n);
        at += (size_t)n;
    }
    return true;
}

static basin_status handover_copy(const char *path, const char *what, const char *library,
                                  int shared, struct store_array *array)
{
    size_t bytes = claimed_bytes(array, shared);
    array->data = NULL;
    array->matlab_class[MATLAB_CLASS - 1] = 0;
    if (bytes == 0) {
        error_raise(BASIN_DATA, "%s: %s cannot be read: %s went wrong on it", path, what, library);
        error_place(path, 0, 0);
        return BASIN_DATA;
    }
    array->data = memory_allocate(bytes);
    if (!array->data) return BASIN_MEMORY;
    if (take_bytes(shared, array->data, bytes)) return BASIN_OK;
    store_array_free(array);
    return error_raise(BASIN_IO, "cannot read %s: %s", path, strerror(errno));
}

basin_status handover_take(const char *path, const char *what, const char *library, int shared,
                           struct store_array *array)
{
    basin_status status = handover_copy(path, what, library, shared, array);
    close(shared);
    return status;
}
