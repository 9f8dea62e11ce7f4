#include "formats/matlab_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/text.h"
#include "store/dataset.h"

/* ---- files of older versions ---- */

enum { HEADER = 19 };

static basin_status refuse_version(const char *path)
{
    error_raise(BASIN_DATA, "%s is a MATLAB file of a version before 7.3", path);
    error_place(path, 0, 0);
    error_hint("save it again in MATLAB: save('data.mat', '-v7.3', 'x', 'y'); or in Python: "
               "numpy.savez(\"data.npz\", **scipy.io.loadmat(\"data.mat\")) and name: numpy");
    return BASIN_DATA;
}

static basin_status check_version(const char *path)
{
    char header[HEADER + 1] = "";
    TRY(store_array_file(path, "a MATLAB file"));
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t length = file >= 0 ? read(file, header, HEADER) : 0;
    if (file >= 0) close(file);
    return length == HEADER && memcmp(header, "MATLAB 5.0 MAT-file", HEADER) == 0
               ? refuse_version(path)
               : BASIN_OK;
}

/* ---- classes of variables ---- */

static basin_status matlab_refuse(const char *path, const char *name, const char *what,
                                  const char *hint)
{
    error_raise(BASIN_DATA, "%s: variable \"%s\" %s", path, name, what);
    error_place(path, 0, 0);
    error_hint("%s", hint);
    return BASIN_DATA;
}

/* Of a logical array, which MATLAB stores in bytes. */
static basin_status bytes_to_integers(struct store_array *array)
{
    size_t count = store_array_count(array);
    const uint8_t *bytes = array->data;
    int64_t *integers = memory_allocate(count * sizeof *integers);
    if (!integers) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) integers[i] = bytes[i];
    memory_free(array->data);
    array->data = integers;
    array->type = RECORD_INTEGER;
    return BASIN_OK;
}

/* A code unit of UTF-16 below the surrogates and above as UTF-8; returns its bytes, 0 for another.
 */
static size_t put_unit(int64_t unit, char *out)
{
    if (unit < 0 || unit > 0xffff || (unit >= 0xd800 && unit < 0xe000)) return 0;
    if (unit < 0x80) {
        out[0] = (char)unit;
        return 1;
    }
    if (unit < 0x800) {
        out[0] = (char)(0xc0 | unit >> 6);
        out[1] = (char)(0x80 | (unit & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | unit >> 12);
    out[1] = (char)(0x80 | (unit >> 6 & 0x3f));
    out[2] = (char)(0x80 | (unit & 0x3f));
    return 3;
}

/* Row i of a char matrix: unit k of it is at [k][i] of the file. False where it is no text. */
static bool put_row(const struct store_array *array, size_t i, char *out)
{
    const int64_t *units = array->data;
    size_t rows = array->dims[array->rank - 1], columns = store_array_count(array) / rows;
    size_t length = 0;
    for (size_t k = 0; k < columns; k++) {
        size_t n = put_unit(units[k * rows + i], out + length);
        if (n == 0) return false;
        length += n;
    }
    while (length > 0 && (out[length - 1] == ' ' || out[length - 1] == 0)) out[--length] = 0;
    return !memchr(out, 0, length);
}

/* A char matrix becomes a vector of texts. */
static basin_status char_to_texts(const char *path, const char *name, struct store_array *array)
{
    size_t rows = array->dims[array->rank - 1], columns = store_array_count(array) / rows;
    size_t width = 3 * columns + 1;
    char *texts = memory_allocate(rows * width);
    if (!texts) return BASIN_MEMORY;
    for (size_t i = 0; i < rows; i++)
        if (!put_row(array, i, texts + i * width)) {
            memory_free(texts);
            return matlab_refuse(path, name,
                                 "holds characters beyond 16 bits, or a zero inside a text",
                                 "name the classes with letters");
        }
    memory_free(array->data);
    *array = (struct store_array){
        .type = RECORD_TEXT, .rank = 1, .dims = {rows}, .width = width, .data = texts};
    return BASIN_OK;
}

basin_status matlab_convert(const char *path, const char *name, struct store_array *array)
{
    if (strcmp(array->matlab_class, "char") == 0 && array->type == RECORD_INTEGER)
        return char_to_texts(path, name, array);
    if (strcmp(array->matlab_class, "logical") == 0 && array->type == RECORD_BYTE)
        return bytes_to_integers(array);
    return BASIN_OK;
}

basin_status matlab_read(const char *path, const char *name, double most, struct store_array *array)
{
    TRY(check_version(path));
    TRY(store_dataset_read(path, name, most, array));
    basin_status status = matlab_convert(path, name, array);
    if (status != BASIN_OK) store_array_free(array);
    return status;
}

/* ---- order ---- */

static bool is_vector(const struct store_array *array)
{
    size_t longest = 1;
    for (int i = 0; i < array->rank; i++)
        if (array->dims[i] > longest) longest = array->dims[i];
    return longest == store_array_count(array);
}

size_t matlab_first(const struct store_array *array)
{
    return is_vector(array) ? store_array_count(array) : array->dims[array->rank - 1];
}

size_t matlab_last(const struct store_array *array)
{
    return is_vector(array) ? store_array_count(array) : array->dims[0];
}

/* Which axis of the file becomes axis i. */
static void choose_axes(int rank, bool examples_last, int axes[ARRAY_RANK])
{
    for (int i = 0; i < rank; i++) axes[i] = rank - 1 - i;
    for (int i = 0; examples_last && i < rank; i++) axes[i] = i == 0 ? 0 : rank - i;
}

/* Elements of `size` bytes in the order of the new axes: one of them after another, counting as an
 * odometer does. */
static void copy_permuted(const struct store_array *from, const int axes[ARRAY_RANK], char *out)
{
    size_t size = store_array_element(from), count = store_array_count(from), stride[ARRAY_RANK];
    size_t at[ARRAY_RANK] = {0}, offset = 0;
    size_t step = 1;
    for (int i = from->rank - 1; i >= 0; i--) {
        stride[i] = step;
        step *= from->dims[i];
    }
    for (size_t n = 0; n < count; n++, out += size) {
        memcpy(out, (const char *)from->data + offset * size, size);
        for (int i = from->rank - 1; i >= 0; i--) {
            int axis = axes[i];
            offset += stride[axis];
            if (++at[i] < from->dims[axis]) break;
            offset -= at[i] * stride[axis];
            at[i] = 0;
        }
    }
}

basin_status matlab_arrange(struct store_array *array, bool examples_last)
{
    int axes[ARRAY_RANK];
    if (is_vector(array)) {
        array->dims[0] = store_array_count(array);
        array->rank = 1;
        return BASIN_OK;
    }
    char *moved = memory_allocate(store_array_count(array) * store_array_element(array));
    if (!moved) return BASIN_MEMORY;
    struct store_array from = *array;
    choose_axes(from.rank, examples_last, axes);
    copy_permuted(&from, axes, moved);
    for (int i = 0; i < from.rank; i++) array->dims[i] = from.dims[axes[i]];
    memory_free(array->data);
    array->data = moved;
    return BASIN_OK;
}
