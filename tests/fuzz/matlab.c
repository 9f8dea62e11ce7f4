/* Variables of MATLAB files once libhdf5 has read them (src/formats/matlab_file.h): what their
 * class makes of them, and the order of their dimensions.
 *
 * Bytes: class and type, rank, which dimension counts examples, sizes, then elements. */
#include "base/arena.h"
#include "base/text.h"
#include "formats/matlab_file.h"
#include "fuzz.h"

enum { SIZE_MOST = 7 };

static const struct {
    const char *class;
    enum record_type type;
} kinds[] = {{"double", RECORD_FLOAT64}, {"single", RECORD_FLOAT32}, {"char", RECORD_INTEGER},
             {"logical", RECORD_BYTE},   {"uint8", RECORD_BYTE},     {"int16", RECORD_INTEGER},
             {"char", RECORD_BYTE},      {"", RECORD_INTEGER}};

static void make_variable(struct input *input, struct store_array *array)
{
    unsigned kind = input_byte(input) % 8;
    array->type = kinds[kind].type;
    snprintf(array->matlab_class, sizeof array->matlab_class, "%s", kinds[kind].class);
    array->rank = 1 + input_byte(input) % ARRAY_RANK;
    for (int i = 0; i < array->rank; i++) array->dims[i] = 1 + input_byte(input) % SIZE_MOST;
    size_t bytes = store_array_count(array) * store_array_element(array);
    uint8_t *data = memory_allocate(bytes);
    CHECK(data);
    for (size_t i = 0; i < bytes; i++) data[i] = input_byte(input);
    if (array->type == RECORD_INTEGER) /* most of what a char array holds has 16 bits */
        for (size_t i = 0; i < bytes / 8; i++)
            if (data[8 * i + 7] < 250) memset(data + 8 * i + 2, 0, 6);
    array->data = data;
}

/* Rows of a char matrix: UTF-8, and no blank at the end. */
static void check_texts(const struct store_array *texts)
{
    for (size_t i = 0; i < store_array_count(texts); i++) {
        const char *text = (const char *)texts->data + i * texts->width;
        size_t length = strnlen(text, texts->width), bad;
        CHECK(length < texts->width && text_valid_utf8(text, length, &bad));
        CHECK(length == 0 || text[length - 1] != ' ');
    }
}

/* Every element stands where its indices say: (i1, ..., ir) in MATLAB is [ir] ... [i1] in the file.
 */
static void check_order(const struct store_array *file, const struct store_array *arranged,
                        bool last)
{
    size_t size = store_array_element(file), at[ARRAY_RANK] = {0};
    for (size_t n = 0; n < store_array_count(file); n++) {
        size_t from = 0, to = 0;
        for (int i = 0; i < file->rank; i++) from = from * file->dims[i] + at[file->rank - 1 - i];
        if (last) to = at[file->rank - 1];
        for (int i = 0; i < file->rank - last; i++)
            to = to * file->dims[file->rank - 1 - i] + at[i];
        CHECK(memcmp((char *)file->data + from * size, (char *)arranged->data + to * size, size) ==
              0);
        for (int i = 0; i < file->rank && ++at[i] == file->dims[file->rank - 1 - i]; i++) at[i] = 0;
    }
}

static bool is_long(const struct store_array *array)
{
    int longer = 0;
    for (int i = 0; i < array->rank; i++) longer += array->dims[i] > 1;
    return longer <= 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct store_array array = {0};
    bool last = input_byte(&input) & 1;
    make_variable(&input, &array);
    if (matlab_convert("file", "x", &array) != BASIN_OK) {
        store_array_free(&array);
        return 0;
    }
    if (array.type == RECORD_TEXT) check_texts(&array);
    struct store_array file = array;
    size_t bytes = store_array_count(&array) * store_array_element(&array);
    file.data = memory_allocate(bytes);
    CHECK(file.data);
    memcpy(file.data, array.data, bytes);
    CHECK(matlab_arrange(&array, last) == BASIN_OK);
    CHECK(store_array_count(&array) == store_array_count(&file));
    if (is_long(&file))
        CHECK(array.rank == 1 && memcmp(array.data, file.data, bytes) == 0);
    else
        check_order(&file, &array, last);
    memory_free(file.data);
    store_array_free(&array);
    return 0;
}
