/* The user block of a result file (src/store/block.h), against a second account of
 * results/README.md. libhdf5 has no part in it: it never sees a file that block_check refuses.
 *
 * First byte: how the rest becomes a file. Of files that are sealed by block_write, one bit is
 * flipped in turn. */
#include <xxhash.h>
#include "base/arena.h"
#include "fuzz.h"
#include "store/block.h"
#include "store/store.h"

enum { RAW, DIGESTED, SEALED, MODES, MOST = 1 << 16, FRONT = 40 };

static uint8_t file[MOST + STORE_USER_BLOCK];

static uint64_t little(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    while (bytes-- > 0) value = value << 8 | at[bytes];
    return value;
}

static void digest(size_t length, XXH128_canonical_t *out)
{
    static uint8_t content[sizeof file];
    memcpy(content, file, 24);
    memcpy(content + 24, file + FRONT, length - FRONT);
    XXH128_canonicalFromHash(out, XXH3_128bits(content, length - 16));
}

static bool holds(size_t length)
{
    XXH128_canonical_t wanted;
    if (length < STORE_USER_BLOCK || memcmp(file,
                                            "\x89"
                                            "BASIN\r\n",
                                            8) != 0)
        return false;
    if (little(file + 16, 8) != length - STORE_USER_BLOCK) return false;
    digest(length, &wanted);
    return memcmp(file + 24, &wanted, sizeof wanted) == 0;
}

static basin_status check(size_t length)
{
    uint8_t *exact = malloc(length ? length : 1); /* its end is the end of memory */
    CHECK(exact);
    memcpy(exact, file, length);
    basin_status status = block_check("result.h5", exact, length);
    free(exact);
    CHECK(status == BASIN_OK ||
          (basin_error_last()->status == status && basin_error_last()->message[0]));
    CHECK(status == BASIN_OK ||
          (basin_error_last()->byte >= -1 && basin_error_last()->byte <= (long long)length));
    return status;
}

/* All that block_write sealed holds, and nothing else is near it. */
static void check_sealed(size_t length, size_t bit)
{
    CHECK(block_write(file, length) == BASIN_OK);
    CHECK(check(length) == BASIN_OK);
    file[bit / 8 % length] ^= (uint8_t)(1 << bit % 8);
    CHECK(check(length) != BASIN_OK);
    file[bit / 8 % length] ^= (uint8_t)(1 << bit % 8);
    CHECK(check(length - 1) == BASIN_DAMAGED);
    file[length] = 0;
    CHECK(check(length + 1) == BASIN_DAMAGED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    int mode = input_byte(&input) % MODES;
    size_t bit = mode == SEALED ? input_number(&input, 2) : 0;
    if (input.left > MOST - STORE_USER_BLOCK) return 0;
    size_t length = input.left;
    memset(file, 0, STORE_USER_BLOCK);
    if (mode == SEALED) length += STORE_USER_BLOCK;
    memcpy(file + (length - input.left), input.at, input.left);
    if (mode == SEALED) {
        check_sealed(length, bit);
        return 0;
    }
    if (mode == DIGESTED && length >= STORE_USER_BLOCK) { /* whatever format it says */
        XXH128_canonical_t wanted;
        digest(length, &wanted);
        memcpy(file + 24, &wanted, sizeof wanted);
    }
    basin_status status = check(length);
    bool known = length >= 16 && little(file + 8, 4) == STORE_FORMAT &&
                 little(file + 12, 4) == STORE_USER_BLOCK;
    CHECK((status == BASIN_OK) == (holds(length) && known));
    CHECK(status == BASIN_OK || status == BASIN_DATA || status == BASIN_DAMAGED);
    CHECK(!holds(length) || known || status == BASIN_DATA);
    return 0;
}
