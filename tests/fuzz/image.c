/* An HDF5 image whose digest was right: any bytes are read or refused (src/store/layout.h), and
 * every element of what was read is there. */
#include "base/arena.h"
#include "fuzz.h"
#include "store/image.h"

static basin_status read_image_of(const uint8_t *bytes, size_t length, size_t most,
                                  struct arena *arena, struct record **record)
{
    basin_status status = image_read(bytes, length, "a.h5", most, arena, record);
    CHECK(status == BASIN_OK || status == BASIN_DATA);
    CHECK(status == BASIN_OK || basin_error_last()->message[0]);
    return status;
}

/* Every element is there to be read. */
static size_t look_at(const struct record *record)
{
    size_t seen = 0;
    for (const struct record_item *item = record->items; item; item = item->next) {
        CHECK(record_find(record, item->path) == item);
        if (item->is_group) continue;
        for (size_t i = 0; i < record_count(item); i++)
            seen += item->type == RECORD_TEXT ? strlen(((const char *const *)item->data)[i])
                                              : record_number(item, i) > 0;
    }
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SMALL = 2 };
    struct arena *arena;
    struct record *record, *small;
    uint8_t *exact = malloc(size ? size : 1); /* its end is the end of memory */
    CHECK(exact && arena_create(&arena) == BASIN_OK);
    memcpy(exact, data, size);
    if (read_image_of(exact, size, SIZE_MAX, arena, &record) == BASIN_OK) {
        look_at(record);
        if (read_image_of(exact, size, SMALL, arena, &small) == BASIN_OK)
            CHECK(look_at(small) <= look_at(record));
    }
    arena_destroy(arena);
    free(exact);
    return 0;
}
