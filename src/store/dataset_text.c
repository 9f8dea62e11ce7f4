#include "store/dataset_text.h"

#include <string.h>
#include "base/text.h"
#include "store/foreign.h"
#include "store/handover.h"

enum { LENGTH_MOST = 65535 };

/* Texts as libhdf5 reads them: those of one length stand side by side, of others there are
 * pointers. */
struct texts {
    bool varies;
    size_t count, size; /* of each in memory */
    char *data;
};

static const char *texts_at(const struct texts *texts, size_t i, size_t *length)
{
    const char *at = texts->data + i * texts->size;
    if (texts->varies) {
        memcpy(&at, at, sizeof at);
        *length = at ? strlen(at) : 0;
        return at ? at : "";
    }
    *length = strnlen(at, texts->size);
    return at;
}

/* Labels of fixed length are often filled up with blanks. */
static size_t without_blanks(const char *text, size_t length)
{
    while (length > 0 && text[length - 1] == ' ') length--;
    return length;
}

static basin_status texts_room(double bytes, double most)
{
    char needed[32], left[32];
    if (bytes <= most) return BASIN_OK;
    error_raise(BASIN_DATA, "takes %s of memory, and there is room for %s",
                text_bytes(bytes, needed), text_bytes(most, left));
    error_hint("raise --memory, or make a smaller file");
    return BASIN_DATA;
}

/* All take the place of the longest one. */
static basin_status refuse_long(size_t i, size_t length)
{
    error_raise(BASIN_DATA, "holds a text of %zu bytes at element %zu, and names have at most %d",
                length, i, LENGTH_MOST);
    error_expected("at most %d", LENGTH_MOST);
    error_found("%zu", length);
    error_hint("give classes, or groups, short names");
    return BASIN_DATA;
}

static basin_status texts_hand_over(const struct texts *texts, bool padded, double most, int shared,
                                    struct store_array *array)
{
    size_t longest = 0, length, bad;
    for (size_t i = 0; i < texts->count; i++) {
        const char *text = texts_at(texts, i, &length);
        if (!text_valid_utf8(text, length, &bad))
            return error_raise(BASIN_DATA, "holds a text at element %zu that is not UTF-8", i);
        if (length > LENGTH_MOST) return refuse_long(i, length);
        if (length > longest) longest = length;
    }
    array->width = longest + 1;
    TRY(texts_room((double)texts->count * (double)array->width, most));
    TRY(handover_room(shared, texts->count * array->width, &array->data));
    for (size_t i = 0; i < texts->count; i++) {
        const char *text = texts_at(texts, i, &length);
        if (padded) length = without_blanks(text, length);
        memcpy((char *)array->data + i * array->width, text, length);
    }
    return BASIN_OK;
}

/* The type in memory: as in the file, but for what fills fixed lengths up. */
static hid_t text_memory_type(hid_t stored, bool varies, size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, varies ? H5T_VARIABLE : size);
    H5Tset_strpad(type, H5Tget_strpad(stored));
    H5Tset_cset(type, H5Tget_cset(stored));
    return type;
}

/* What all texts take, of which libhdf5 tells the sum where lengths vary. */
static double texts_bytes(hid_t id, hid_t type, const struct texts *texts)
{
    hsize_t all = 0;
    hid_t space = H5Dget_space(id);
    if (texts->varies) H5Dvlen_get_buf_size(id, type, space, &all);
    H5Sclose(space);
    return (double)texts->count * (double)texts->size + (double)all;
}

basin_status dataset_texts_read(hid_t id, size_t count, double most, int shared,
                                struct store_array *array)
{
    hid_t stored = H5Dget_type(id);
    bool varies = H5Tis_variable_str(stored) > 0,
         padded = !varies && H5Tget_strpad(stored) == H5T_STR_SPACEPAD;
    struct texts texts = {
        .varies = varies, .count = count, .size = varies ? sizeof(char *) : H5Tget_size(stored)};
    hid_t type = text_memory_type(stored, varies, texts.size);
    double bytes = texts_bytes(id, type, &texts);
    basin_status status = texts_room(bytes, most);
    foreign_allow(2 * bytes + (double)count * (double)texts.size);
    if (status == BASIN_OK && !(texts.data = memory_allocate(count * texts.size)))
        status = BASIN_MEMORY;
    if (status == BASIN_OK && H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data) < 0)
        status = error_raise(BASIN_DATA, "cannot be read");
    if (status == BASIN_OK) status = texts_hand_over(&texts, padded, most, shared, array);
    memory_free(texts.data); /* those of various lengths end with the child */
    H5Tclose(type);
    H5Tclose(stored);
    return status;
}
