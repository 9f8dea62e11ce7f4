/* The reader of CIFAR batches (src/formats/cifar_file.h).
 *
 * First byte: which of the three kinds. The second says how often the rest is repeated, so that
 * short inputs make whole records. */
#include "formats/cifar_file.h"
#include "fuzz.h"

enum { RECORDS = 3, PIXELS = 3072, LENGTH_MOST = RECORDS * (PIXELS + 2) };

static void check_record(const uint8_t *record, size_t labels, size_t which, const uint8_t *x,
                         int64_t y, size_t classes)
{
    CHECK(y == record[which] && (size_t)y < classes);
    for (size_t row = 0; row < 32; row++)
        for (size_t column = 0; column < 32; column++)
            for (size_t c = 0; c < 3; c++)
                CHECK(x[(row * 32 + column) * 3 + c] ==
                      record[labels + c * 1024 + row * 32 + column]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[LENGTH_MOST], x[RECORDS * PIXELS];
    static const size_t labels[] = {1, 2, 2}, which[] = {0, 1, 0}, classes[] = {10, 100, 20};
    int64_t y[RECORDS];
    struct input input = {data, size};
    unsigned kind = input_byte(&input) % 3;
    size_t record = labels[kind] + PIXELS, length = input_byte(&input), count;
    length = length < 8 ? length * record / 2 : length; /* halves of records, or a few bytes */
    if (length > LENGTH_MOST) length = LENGTH_MOST;
    for (size_t i = 0; i < length; i++) bytes[i] = input.left ? input.at[i % input.left] : 0;
    basin_status status = cifar_count("file", length, kind, &count);
    CHECK((status == BASIN_OK) == (length > 0 && length % record == 0));
    if (status != BASIN_OK) return 0;
    status = cifar_decode("file", bytes, count, kind, x, y);
    bool right = true;
    for (size_t i = 0; i < count; i++)
        right = right && bytes[i * record + which[kind]] < classes[kind];
    CHECK((status == BASIN_OK) == right);
    for (size_t i = 0; status == BASIN_OK && i < count; i++)
        check_record(bytes + i * record, labels[kind], which[kind], x + i * PIXELS, y[i],
                     classes[kind]);
    return 0;
}
