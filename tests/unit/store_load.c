/* store/load.c, with layout.c, heap.c and values.c: an image whose digest is right may hold
 * anything. Whatever its bytes are, it is read or refused, soon, and nothing outside it is looked
 * at (the image ends where its memory does, which AddressSanitizer watches). What h5py can put into
 * a file is in faults/hostile.py. */
#include "store/image.h"
#include "store_helpers.h"

#include <stdlib.h>
#include "store/hdf5.h"

static struct arena *arena;

static void load_start(void)
{
    OK(arena_create(&arena));
}

static void load_end(void)
{
    arena_destroy(arena);
}

TestSuite(load, .init = load_start, .fini = load_end);

/* Exactly as long as it is. */
static uint8_t *image_of(const struct record *record, size_t *length)
{
    uint8_t *bytes;
    hdf5_enter();
    OK(image_make(record, "a.h5", 0, &bytes, length));
    hdf5_leave();
    uint8_t *exact = malloc(*length);
    memcpy(exact, bytes, *length);
    memory_free(bytes);
    return exact;
}

static bool read_or_refuse(const uint8_t *bytes, size_t length)
{
    struct arena *own;
    struct record *record;
    OK(arena_create(&own));
    basin_status status = image_read(bytes, length, "a.h5", SIZE_MAX, own, &record);
    cr_assert(status == BASIN_OK || status == BASIN_DATA, "%s", basin_error_last()->message);
    arena_destroy(own);
    return status == BASIN_OK;
}

/* With links and attributes in heaps. */
static struct record *heaped_record(void)
{
    struct record *record = sample_record(arena);
    for (int i = 0; i < 150; i++) {
        OK(record_float(record, arena_format(arena, "/measures/m%d", i), i, NULL));
        OK(record_attribute_integer(record, record->items, arena_format(arena, "a%d", i), i));
    }
    return record;
}

static void damage_each_byte(const struct record *record, int least_refused)
{
    static const uint8_t bits[] = {0xff, 0x01, 0x80};
    size_t length, refused = 0;
    uint8_t *bytes = image_of(record, &length);
    cr_assert(read_or_refuse(bytes, length));
    for (size_t i = 0; i < length; i++) {
        for (size_t k = 0; k < sizeof bits; k++) {
            bytes[i] ^= bits[k];
            refused += !read_or_refuse(bytes, length);
            bytes[i] ^= bits[k];
        }
    }
    cr_assert_gt(refused, (size_t)least_refused, "only %zu were refused", refused);
    cr_assert(read_or_refuse(bytes, length));
    free(bytes);
}

Test(load, any_byte_may_be_wrong, .timeout = 100)
{
    struct record *record;
    OK(record_create(arena, &record));
    OK(record_text(record, "/spec", "study: x\n", NULL));
    OK(record_add(record, "/curves/epoch", RECORD_FLOAT32, 1, (size_t[]){2},
                  (const char *const[]){"epoch"}, (float[]){1, 2}, NULL));
    OK(record_add(record, "/curves/loss", RECORD_FLOAT32, 2, (size_t[]){2, 1},
                  (const char *const[]){"epoch", ""}, (float[]){1, 2}, NULL));
    OK(record_attribute_text(record, record->items, "study", "caf\xc3\xa9"));
    damage_each_byte(record, 500);
}

Test(load, many_bytes_may_be_wrong, .timeout = 100)
{
    size_t length;
    uint8_t *bytes = image_of(heaped_record(), &length);
    uint32_t random = 4711;
    for (int round = 0; round < 3000; round++) {
        uint8_t before[8];
        size_t at[8];
        for (int k = 0; k < 8; k++) {
            random = random * 1664525 + 1013904223;
            at[k] = (random >> 8) % length;
            before[k] = bytes[at[k]];
            bytes[at[k]] = (uint8_t)(random >> 24 & 1 ? random : at[(k + 7) % 8]);
        }
        read_or_refuse(bytes, length);
        for (int k = 7; k >= 0; k--) bytes[at[k]] = before[k];
    }
    cr_assert(read_or_refuse(bytes, length));
    free(bytes);
}

/* Addresses are what leads a reader astray: each place of 8 bytes that could be one becomes each
 * address that another place has. */
Test(load, any_address_may_lead_elsewhere, .timeout = 100)
{
    size_t length, count = 0;
    struct record *record = sample_record(arena);
    uint8_t *bytes = image_of(record, &length);
    uint64_t addresses[64];
    for (size_t i = 0; i + 8 <= length; i++) {
        bool is_header = memcmp(bytes + i, "OHDR", 4) == 0 || memcmp(bytes + i, "OCHK", 4) == 0 ||
                         memcmp(bytes + i, "GCOL", 4) == 0;
        if (is_header && count < sizeof addresses / sizeof *addresses) addresses[count++] = i;
    }
    cr_assert_gt(count, 10);
    for (size_t i = 0; i + 8 <= length; i++) {
        uint64_t value, before;
        memcpy(&value, bytes + i, 8);
        if (value < 48 || value >= length) continue;
        before = value;
        for (size_t k = 0; k < count; k += 3) {
            memcpy(bytes + i, &addresses[k], 8);
            read_or_refuse(bytes, length);
        }
        memcpy(bytes + i, &before, 8);
    }
    free(bytes);
}

/* ---- images by hand, as no library writes them ---- */

enum { ROOT = 96 };

struct image {
    uint8_t *bytes;
    size_t length;
};

static void image_put(struct image *image, const void *bytes, size_t length)
{
    memcpy(image->bytes + image->length, bytes, length);
    image->length += length;
}

static void image_number(struct image *image, uint64_t value, int bytes)
{
    image_put(image, &value, (size_t)bytes);
}

/* With room for `room` bytes, all of them 0. */
static struct image image_start(size_t room)
{
    static const uint8_t begin[24] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n',
                                      0,    0,   0,   0,   0,    8,    8};
    struct image image = {.bytes = calloc(1, room)};
    cr_assert(image.bytes);
    image_put(&image, begin, sizeof begin);
    image_number(&image, 0, 8);
    image_number(&image, UINT64_MAX, 8);
    image_number(&image, room, 8);
    image_number(&image, UINT64_MAX, 8);
    image_number(&image, 0, 8);
    image_number(&image, ROOT, 8);
    image.length = ROOT;
    return image;
}

static void image_header(struct image *image, size_t length)
{
    image_put(image, "OHDR\2\2", 6);
    image_number(image, length, 4);
}

static void image_message(struct image *image, int type, size_t length)
{
    image_number(image, (uint64_t)type, 1);
    image_number(image, length, 2);
    image_number(image, 0, 1);
}

/* The message that a header goes on in a block of `length` bytes at `address`. */
static void image_continued(struct image *image, size_t address, size_t length)
{
    image_message(image, 0x10, 16);
    image_number(image, address, 8);
    image_number(image, length, 8);
}

static void expect_refused(const struct image *image, size_t length, const char *what)
{
    struct record *record;
    cr_assert_eq(image_read(image->bytes, length, "a.h5", SIZE_MAX, arena, &record), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, what), "%s", basin_error_last()->message);
}

/* A block that says that it goes on at itself: in a long file it may be read often before the
 * allowance ends. */
Test(load, a_header_may_go_on_at_itself)
{
    for (size_t length = 1 << 10; length <= 1 << 24; length <<= 2) {
        struct image image = image_start(length);
        image_header(&image, 20);
        image_continued(&image, 400, 28);
        image.length = 400;
        image_put(&image, "OCHK", 4);
        image_continued(&image, 400, 28);
        expect_refused(&image, length, "goes in circles");
        free(image.bytes);
    }
}

/* The same without a circle: each block is another one. */
Test(load, a_header_may_go_on_without_end)
{
    enum { BLOCK = 28, LENGTH = 1 << 20 };
    struct image image = image_start(LENGTH);
    image_header(&image, 20);
    image_continued(&image, 400, BLOCK);
    for (size_t at = 400; at + 2 * BLOCK < LENGTH; at += BLOCK) {
        image.length = at;
        image_put(&image, "OCHK", 4);
        image_continued(&image, at + BLOCK, BLOCK);
    }
    expect_refused(&image, LENGTH, "too many pieces");
    free(image.bytes);
}

/* ---- what is used more than once ---- */

enum {
    LARGE = 1 << 20,
    LINK = 4 + 3 + 4 + 8,
    INFO = 4 + 18,
    ARRAY = 10 + 4 + 12 + 4 + 24 + 4 + 18 + 4
};

/* The root group with `count` links: link i to `first + i * step`. Ends behind its header. */
static struct image image_of_links(size_t room, int count, size_t first, size_t step)
{
    struct image image = image_start(room);
    image_header(&image, INFO + (size_t)count * LINK);
    image_message(&image, 0x02, 18);
    image_number(&image, 0, 2);
    image_number(&image, UINT64_MAX, 8);
    image_number(&image, UINT64_MAX, 8);
    for (int i = 0; i < count; i++) {
        image_message(&image, 0x06, LINK - 4);
        image_number(&image, 1, 2);
        image_number(&image, 4, 1);
        image_put(&image, arena_format(arena, "m%03d", i), 4);
        image_number(&image, first + (size_t)i * step, 8);
    }
    image_number(&image, 0, 4);
    return image;
}

/* `refused` says so, before much memory has been taken. */
static void expect_cheap(const struct image *image, const char *what)
{
    memory_peak_start();
    expect_refused(image, LARGE, what);
    cr_assert_lt(memory_peak(), (size_t)8 << 20);
}

Test(load, a_header_may_have_many_names_and_parts)
{
    enum { LINKS = 62, AT = 4096 };
    for (int parts = 100; parts < (LARGE - AT) / 4 - 10; parts *= 3) {
        struct image image = image_of_links(LARGE, LINKS, AT, 0);
        image.length = AT;
        image_header(&image, INFO + 4 * (size_t)parts);
        memcpy(image.bytes + AT + 10, image.bytes + ROOT + 10, INFO);
        image.length += INFO;
        for (int i = 0; i < parts; i++) image_message(&image, 0x0d, 0);
        expect_cheap(&image, parts < 1000 ? "an object of two names" : "too many parts");
        free(image.bytes);
    }
}

/* `count` arrays, each of all `length` bytes at `at`, in elements of `size`. */
static struct image image_of_arrays(int count, size_t at, size_t length, const void *type,
                                    size_t type_length, size_t size)
{
    size_t first = ROOT + 10 + INFO + (size_t)count * LINK + 4, each = ARRAY + 16 + type_length;
    struct image image = image_of_links(LARGE, count, first, each);
    cr_assert_eq(image.length, first);
    for (int i = 0; i < count; i++) {
        image.length = first + (size_t)i * each;
        image_header(&image, 4 + 12 + 4 + type_length + 4 + 18);
        image_message(&image, 0x01, 12);
        image_put(&image, "\2\1\0\1", 4);
        image_number(&image, length / size, 8);
        image_message(&image, 0x03, type_length);
        image_put(&image, type, type_length);
        image_message(&image, 0x08, 18);
        image_put(&image, "\3\1", 2);
        image_number(&image, at, 8);
        image_number(&image, length, 8);
    }
    return image;
}

Test(load, values_may_lie_on_one_another)
{
    static const uint8_t bytes[12] = {0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8};
    enum { AT = 8192, LENGTH = 800000 };
    struct record *record;
    struct image image = image_of_arrays(55, AT, LENGTH, bytes, sizeof bytes, 1);
    expect_cheap(&image, "parts that lie on one another");
    free(image.bytes);
    image = image_of_arrays(1, AT, LENGTH, bytes, sizeof bytes, 1);
    OK(image_read(image.bytes, LARGE, "a.h5", SIZE_MAX, arena, &record));
    free(image.bytes);
}

/* Each byte is a text, for which a reader has a pointer and a copy. */
Test(load, texts_may_be_larger_than_the_file)
{
    static const uint8_t texts[8] = {0x13, 0, 0, 0, 1, 0, 0, 0};
    for (int count = 1; count <= 55; count += 54) {
        struct image image = image_of_arrays(count, 8192, 800000, texts, sizeof texts, 1);
        memset(image.bytes + 8192, 'a', 800000);
        expect_cheap(&image, count == 1 ? "longer than the file" : "parts that lie on one another");
        free(image.bytes);
    }
}

/* A header that grows with each thing that is put into it, until just before a heap is made, is in
 * many pieces. */
Test(load, a_header_in_many_pieces_is_read)
{
    struct record *record, *back;
    struct record_item *group, *scale;
    size_t length;
    OK(record_create(arena, &record));
    OK(record_group(record, "/g", &group));
    OK(record_add(record, "/g/x", RECORD_FLOAT64, 1, (size_t[]){1}, (const char *const[]){"x"},
                  (double[]){1}, &scale));
    for (int i = 0; i < 60; i++) {
        const char *text = arena_format(arena, "%*d", 3 + 40 * (i % 7), i);
        OK(record_attribute_text(record, group, arena_format(arena, "a%d", i), text));
        OK(record_attribute_text(record, scale, arena_format(arena, "a%d", i), text));
        OK(record_add(record, arena_format(arena, "/g/m%d", i), RECORD_FLOAT64, 1, (size_t[]){1},
                      (const char *const[]){"x"}, (double[]){1}, NULL));
    }
    uint8_t *bytes = image_of(record, &length);
    OK(image_read(bytes, length, "a.h5", SIZE_MAX, arena, &back));
    cr_assert_eq(back->count, record->count);
    free(bytes);
}

Test(load, any_end_may_come_too_soon, .timeout = 100)
{
    size_t length;
    uint8_t *bytes = image_of(heaped_record(), &length);
    for (size_t cut = 0; cut < length; cut += cut < 200 ? 1 : 97) {
        uint8_t *shorter = malloc(cut ? cut : 1);
        memcpy(shorter, bytes, cut);
        cr_assert_not(read_or_refuse(shorter, cut));
        free(shorter);
    }
    free(bytes);
}
