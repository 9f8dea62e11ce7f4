/* The reader of safetensors files (src/formats/safetensors_file.h).
 *
 * First byte: is the rest a file? Otherwise two bytes are the length of a header, which, with its
 * length before it and data behind it, makes a file. */
#include <math.h>
#include "formats/safetensors_file.h"
#include "fuzz.h"

enum { LENGTH_MOST = 2048, PREFIX = 8 };

static const char *const names[] = {"x", "y", "x"};

enum { NAMES = sizeof names / sizeof *names };

struct made {
    uint8_t bytes[PREFIX + LENGTH_MOST + 1];
    size_t length;
};

static void make_safetensors(struct input *input, struct made *made)
{
    size_t length = input_number(input, 2);
    if (length > input->left) length = input->left;
    for (size_t i = 0; i < 2; i++) made->bytes[i] = (uint8_t)(length >> 8 * i);
    if (input->left) memcpy(made->bytes + PREFIX, input->at, input->left);
    made->length = PREFIX + input->left;
}

static basin_status read_made(const struct made *made, size_t length, struct store_array *arrays)
{
    return safetensors_read_bytes("file", made->bytes, length, names, NAMES, 1 << 20, arrays);
}

/* Arrays lie within the file; one of bytes is in it as it is. */
static void check_array(const struct made *made, const struct store_array *array)
{
    size_t count = store_array_count(array), at = 0;
    CHECK(array->rank >= 1 && array->rank <= ARRAY_RANK && count > 0 && count <= made->length);
    CHECK(array->type != RECORD_TEXT);
    if (array->type != RECORD_BYTE) return;
    while (at + count <= made->length && memcmp(made->bytes + at, array->data, count)) at++;
    CHECK(at + count <= made->length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct made made;
    struct input input = {data, size};
    struct store_array arrays[NAMES], others[NAMES];
    bool is_made = input_byte(&input) & 1;
    if (input.left > LENGTH_MOST) return 0;
    memset(&made, 0, sizeof made);
    if (is_made)
        make_safetensors(&input, &made);
    else if ((made.length = input.left) > 0)
        memcpy(made.bytes, input.at, input.left);
    basin_status status = read_made(&made, made.length, arrays);
    CHECK(status == BASIN_OK || (status == BASIN_DATA && basin_error_last()->message[0]));
    for (int i = 0; i < NAMES; i++) {
        CHECK(status == BASIN_OK || !arrays[i].data);
        if (arrays[i].data) check_array(&made, &arrays[i]);
    }
    for (int i = 0; i < NAMES; i++) store_array_free(&arrays[i]);
    if (status != BASIN_OK) return 0;
    CHECK(read_made(&made, made.length + 1, others) == BASIN_DATA);
    CHECK(read_made(&made, made.length - 1, others) == BASIN_DATA);
    return 0;
}
