/* The seal of a result file (src/store/trailer.h), against a second account of results/README.md:
 * in the trailer, and in front of the image as format 1 had it. What is in the image has no part in
 * it (image.c): a file that trailer_check refuses is not looked at further.
 *
 * First byte: how the rest becomes a file. Of files that are sealed, one bit is flipped in turn. */
#include <xxhash.h>
#include "base/arena.h"
#include "fuzz.h"
#include "store/store.h"
#include "store/trailer.h"

enum { RAW, FRONT_DIGESTED, SEALED, BACK_DIGESTED, FRONT_SEALED, MODES };
enum { MOST = 1 << 16, FRONT = 512, BACK = 64, HEADER = 48 };

static const uint8_t magic[] = {0x89, 'B', 'A', 'S', 'I', 'N', '\r', '\n'},
                     hdf5[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

static uint8_t file[FRONT + HEADER + MOST + BACK + 1];

static uint64_t little(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    while (bytes-- > 0) value = value << 8 | at[bytes];
    return value;
}

static void put(uint8_t *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static void digest(size_t length, size_t seal, XXH128_canonical_t *out)
{
    static uint8_t content[sizeof file];
    memcpy(content, file, seal + 24);
    memcpy(content + seal + 24, file + seal + 40, length - seal - 40);
    XXH128_canonicalFromHash(out, XXH3_128bits(content, length - 16));
}

static void put_digest(size_t length, size_t seal)
{
    XXH128_canonical_t wanted;
    digest(length, seal, &wanted);
    memcpy(file + seal + 24, &wanted, sizeof wanted);
}

/* Where a file's seal would be, in which format, and what it takes beside the image. */
struct account {
    bool there;
    size_t seal, size;
    uint64_t format;
};

static struct account account_of(size_t length)
{
    if (length >= 8 && memcmp(file, magic, 8) == 0) return (struct account){true, 0, FRONT, 1};
    if (length >= BACK && memcmp(file + length - BACK, magic, 8) == 0)
        return (struct account){true, length - BACK, BACK, 2};
    return (struct account){0};
}

static bool is_whole(const struct account *account, size_t length)
{
    XXH128_canonical_t wanted;
    const uint8_t *seal = file + account->seal;
    if (!account->there || length < account->size || little(seal + 16, 8) != length - account->size)
        return false;
    digest(length, account->seal, &wanted);
    return memcmp(seal + 24, &wanted, sizeof wanted) == 0;
}

static basin_status check(size_t length, struct trailer_image *image)
{
    uint8_t *exact = malloc(length ? length : 1); /* its end is the end of memory */
    CHECK(exact);
    memcpy(exact, file, length);
    basin_status status = trailer_check("result.h5", exact, length, image);
    bool other;
    CHECK(trailer_is_of_other_format(exact, length, &other) == BASIN_OK);
    free(exact);
    CHECK(!other || status == BASIN_DATA);
    CHECK(status == BASIN_OK ||
          (basin_error_last()->status == status && basin_error_last()->message[0]));
    CHECK(status == BASIN_OK ||
          (basin_error_last()->byte >= -1 && basin_error_last()->byte <= (long long)length));
    CHECK(status != BASIN_OK || (image->start <= length && image->length <= length - image->start));
    return status;
}

/* All of it is taken, and nothing that is near it. */
static void check_sealed(size_t length, size_t bit)
{
    struct trailer_image image;
    CHECK(check(length, &image) == BASIN_OK);
    CHECK(memcmp(file + image.start, hdf5, sizeof hdf5) == 0);
    file[bit / 8 % length] ^= (uint8_t)(1 << bit % 8);
    CHECK(check(length, &image) == BASIN_DAMAGED);
    file[bit / 8 % length] ^= (uint8_t)(1 << bit % 8);
    CHECK(check(length - 1, &image) == BASIN_DAMAGED);
    file[length] = 0;
    CHECK(check(length + 1, &image) == BASIN_DAMAGED);
}

/* An image as libhdf5 makes them, as far as it is looked at: its first bytes, and where it ends. */
static size_t put_image(uint8_t *at, const struct input *input)
{
    size_t length = HEADER + input->left;
    memset(at, 0, HEADER);
    memcpy(at, hdf5, sizeof hdf5);
    put(at + 40, length, 8);
    memcpy(at + HEADER, input->at, input->left);
    return length;
}

static void seal_back(const struct input *input, size_t bit)
{
    size_t length = put_image(file, input) + BACK;
    CHECK(trailer_write(file, length) == BASIN_OK);
    check_sealed(length, bit);
}

static void seal_front(const struct input *input, size_t bit)
{
    size_t image = put_image(file + FRONT, input);
    memset(file, 0, FRONT);
    memcpy(file, magic, sizeof magic);
    put(file + 8, 1, 4);
    put(file + 12, FRONT, 4);
    put(file + 16, image, 8);
    put_digest(FRONT + image, 0);
    check_sealed(FRONT + image, bit);
}

static void check_given(size_t length)
{
    struct trailer_image image;
    basin_status status = check(length, &image);
    struct account account = account_of(length);
    bool whole = is_whole(&account, length),
         known = whole && little(file + account.seal + 8, 4) == account.format &&
                 little(file + account.seal + 12, 4) == account.size;
    CHECK((status == BASIN_OK) == known);
    CHECK(status != BASIN_OK ||
          (image.format == (int)account.format && image.length == length - account.size &&
           image.start == (account.format == 1 ? FRONT : 0)));
    CHECK(status == BASIN_OK || status == BASIN_DATA || status == BASIN_DAMAGED);
    CHECK(!whole || known || status == BASIN_DATA);
    bool other;
    CHECK(trailer_is_of_other_format(file, length, &other) == BASIN_OK);
    CHECK((whole && !known) == other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    int mode = input_byte(&input) % MODES;
    size_t bit = mode == SEALED || mode == FRONT_SEALED ? input_number(&input, 2) : 0;
    if (input.left > MOST) return 0;
    if (mode == SEALED) {
        seal_back(&input, bit);
    } else if (mode == FRONT_SEALED) {
        seal_front(&input, bit);
    } else {
        memcpy(file, input.at, input.left);
        if (mode == FRONT_DIGESTED && input.left >= 40) put_digest(input.left, 0);
        if (mode == BACK_DIGESTED && input.left >= BACK) put_digest(input.left, input.left - BACK);
        check_given(input.left);
    }
    return 0;
}
