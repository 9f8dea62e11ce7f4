/* The reader of archives (src/formats/archived.h), in this process.
 *
 * First byte: how names are compared, and whether the rest is gzipped first (one stored block). */
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include "formats/archived.h"
#include "fuzz.h"

enum { LENGTH_MOST = 8192, MEMORY_MOST = 1 << 20, HEADER = 10 };

static size_t put_little(uint8_t *out, size_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> 8 * i);
    return (size_t)bytes;
}

static size_t pack(const uint8_t *file, size_t length, uint8_t *out)
{
    size_t at = HEADER + 1;
    memcpy(out, "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01", HEADER + 1);
    at += put_little(out + at, length, 2);
    at += put_little(out + at, ~length, 2);
    if (length) memcpy(out + at, file, length);
    at += length;
    at += put_little(out + at, crc32(0, file, (uInt)length), 4);
    return at + put_little(out + at, length, 4);
}

/* The bytes of members are those of the file, as sums: each can be read. */
static void check_members(const struct archived *archived)
{
    size_t all = 0;
    volatile uint8_t last = 0;
    for (size_t i = 0; i < archived->count; i++) {
        const struct archived_member *member = &archived->members[i];
        CHECK(member->is_there || (!member->bytes && !member->length));
        CHECK((member->length == 0) == !member->bytes);
        for (size_t k = 0; k < member->length; k++) last = member->bytes[k];
        all += member->length;
    }
    CHECK(all <= MEMORY_MOST);
    (void)last;
}

static int file_of(const struct input *input, bool is_packed, char path[64])
{
    static uint8_t bytes[LENGTH_MOST + 64];
    size_t length = input->left;
    if (is_packed)
        length = pack(input->at, length, bytes);
    else if (length)
        memcpy(bytes, input->at, length);
    int file = memfd_create("fuzz", 0);
    CHECK(file >= 0 && write(file, bytes, length) == (ssize_t)length);
    snprintf(path, 64, "/proc/self/fd/%d", file);
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct archived archived = {.count = 2, .members = {{.name = "a"}, {.name = "d/b"}}};
    char path[64];
    int how = input_byte(&input);
    if (input.left > LENGTH_MOST) return 0;
    int file = file_of(&input, how & 2, path);
    basin_status status =
        archived_read_here(path, how & 1 ? ARCHIVED_LAST : ARCHIVED_FULL, MEMORY_MOST, &archived);
    close(file);
    CHECK(status == BASIN_OK || (status == BASIN_DATA && basin_error_last()->message[0]) ||
          status == BASIN_MEMORY);
    if (status == BASIN_OK) check_members(&archived);
    archived_free(&archived);
    return 0;
}
