#include "formats/idx_file.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include "formats/elements.h"
#include "formats/gzip.h"

struct idx_type {
    uint8_t code;
    struct element_format format;
};

static const struct idx_type types[] = {
    {0x08, {ELEMENT_UNSIGNED, 1, true}}, {0x09, {ELEMENT_SIGNED, 1, true}},
    {0x0b, {ELEMENT_SIGNED, 2, true}},   {0x0c, {ELEMENT_SIGNED, 4, true}},
    {0x0d, {ELEMENT_FLOAT, 4, true}},    {0x0e, {ELEMENT_FLOAT, 8, true}},
};

static const struct idx_type *type_find(uint8_t code)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == code) return &types[i];
    return NULL;
}

static uint64_t big_endian(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value = value << 8 | bytes[i];
    return value;
}

static basin_status idx_refuse(const char *path, long long byte)
{
    error_prefix("%s", path);
    error_byte(path, byte);
    return BASIN_DATA;
}

static basin_status read_magic(struct gzip *gzip, const char *path, int least_rank, int most_rank,
                               const struct idx_type **type, int *rank)
{
    uint8_t magic[4];
    TRY(gzip_read(gzip, magic, sizeof magic));
    if (magic[0] || magic[1]) {
        error_raise(BASIN_DATA,
                    "this is not an IDX file: it begins with bytes %02x %02x instead of 00 00",
                    magic[0], magic[1]);
        return idx_refuse(path, 0);
    }
    *type = type_find(magic[2]);
    if (!*type) {
        error_raise(BASIN_DATA, "IDX type %02x at byte 2 is none of 08, 09, 0b, 0c, 0d, 0e",
                    magic[2]);
        return idx_refuse(path, 2);
    }
    *rank = magic[3];
    if (*rank >= least_rank && *rank <= most_rank) return BASIN_OK;
    if (least_rank == most_rank)
        error_raise(BASIN_DATA, "has %d dimensions (byte 3); %d is wanted", *rank, least_rank);
    else
        error_raise(BASIN_DATA, "has %d dimensions (byte 3); %d to %d are wanted", *rank,
                    least_rank, most_rank);
    return idx_refuse(path, 3);
}

/* Sizes; their product must be what the file can hold, and what memory is there for, before it is
 * taken. */
static basin_status read_sizes(struct gzip *gzip, const char *path, size_t element, double most,
                               struct store_array *array, size_t *count)
{
    double bytes = (double)element;
    *count = 1;
    for (int i = 0; i < array->rank; i++) {
        uint8_t size[4];
        TRY(gzip_read(gzip, size, sizeof size));
        array->dims[i] = big_endian(size, 4);
        bytes *= (double)array->dims[i];
        if (array->dims[i] == 0 || bytes > gzip_most(gzip)) {
            error_raise(BASIN_DATA, "size %zu of dimension %d at byte %d does not fit this file",
                        array->dims[i], i, 4 + 4 * i);
            return idx_refuse(path, 4 + 4 * i);
        }
        *count *= array->dims[i];
    }
    if (array->type == RECORD_INTEGER) bytes *= (double)sizeof(int64_t) / (double)element;
    return store_array_room(path, NULL, bytes, store_array_most(most));
}

/* Floats and bytes stay where they are. */
static basin_status idx_decode(const struct element_format *format, size_t count,
                               struct store_array *array)
{
    void *out = array->data;
    if (array->type == RECORD_INTEGER) out = memory_allocate(count * sizeof(int64_t));
    if (!out) return BASIN_MEMORY;
    elements_decode(format, array->data, count, out);
    if (out != array->data) memory_free(array->data);
    array->data = out;
    return BASIN_OK;
}

static basin_status idx_read_opened(struct gzip *gzip, const char *path, int least_rank,
                                    int most_rank, double most, struct store_array *array,
                                    struct idx_layout *layout)
{
    const struct idx_type *type;
    size_t count;
    TRY(read_magic(gzip, path, least_rank, most_rank, &type, &array->rank));
    array->type = element_type(&type->format);
    TRY(read_sizes(gzip, path, type->format.size, most, array, &count));
    *layout = (struct idx_layout){.start = 4 + 4 * (size_t)array->rank,
                                  .size = type->format.size,
                                  .packed = gzip_is_packed(gzip)};
    array->data = memory_allocate(count * type->format.size);
    if (!array->data) return BASIN_MEMORY;
    TRY(gzip_read(gzip, array->data, count * type->format.size));
    TRY(gzip_end(gzip));
    return idx_decode(&type->format, count, array);
}

/* Reads and closes. */
static basin_status read_closing(struct gzip *gzip, const char *path, int least_rank, int most_rank,
                                 double most, struct store_array *array, struct idx_layout *layout)
{
    struct idx_layout unwanted;
    basin_status status = idx_read_opened(gzip, path, least_rank, most_rank, most, array,
                                          layout ? layout : &unwanted);
    gzip_close(gzip);
    if (status != BASIN_OK) store_array_free(array);
    return status;
}

basin_status idx_read(const char *path, int least_rank, int most_rank, double most,
                      struct store_array *array, struct idx_layout *layout)
{
    struct gzip *gzip;
    *array = (struct store_array){0};
    TRY(gzip_open(path, &gzip));
    return read_closing(gzip, path, least_rank, most_rank, most, array, layout);
}

basin_status idx_read_bytes(const char *name, const uint8_t *bytes, size_t length, int least_rank,
                            int most_rank, struct store_array *array, struct idx_layout *layout)
{
    struct gzip *gzip;
    *array = (struct store_array){0};
    TRY(gzip_open_bytes(name, bytes, length, &gzip));
    return read_closing(gzip, name, least_rank, most_rank, INFINITY, array, layout);
}
