#include "store/trailer.h"
#include "store_helpers.h"

#include "../seal.h"
#include "store/store.h"

enum { LENGTH = 700, IMAGE = LENGTH - TRAILER_LENGTH };

static bool is_of_other_format(const uint8_t *file, size_t length)
{
    bool other;
    cr_assert_eq(trailer_is_of_other_format(file, length, &other), BASIN_OK);
    return other;
}

static uint8_t file[LENGTH];
static struct trailer_image image;

static basin_status check(size_t length)
{
    return trailer_check("f", file, length, &image);
}

static void put(size_t at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) file[at + (size_t)i] = (uint8_t)(value >> (8 * i));
}

/* An "image" that has of HDF5 what is looked at: the first bytes, and where it ends. */
static void fill(void)
{
    for (size_t i = 0; i < LENGTH; i++) file[i] = (uint8_t)(i * 7);
    memcpy(file, "\x89HDF\r\n\x1a\n", 8);
    put(8, 0, 1);
    put(40, IMAGE, 8);
    OK(trailer_write(file, LENGTH));
}

/* The layout that results/README.md documents, byte by byte. */
Test(trailer, layout)
{
    fill();
    uint8_t *trailer = file + IMAGE, rest[LENGTH - 16];
    char hex[33], stored[33];
    cr_assert_eq(memcmp(trailer,
                        "\x89"
                        "BASIN\r\n",
                        8),
                 0);
    cr_assert_eq(memcmp(trailer + 8, "\2\0\0\0\x40\0\0\0", 8), 0);
    cr_assert_eq(memcmp(trailer + 16, "\x7c\2\0\0\0\0\0\0", 8), 0);
    for (size_t i = 40; i < 64; i++) cr_assert_eq(trailer[i], 0);
    for (size_t i = 48; i < IMAGE; i++)
        cr_assert_eq(file[i], (uint8_t)(i * 7), "the image is left alone");
    memcpy(rest, file, LENGTH - 40);
    memcpy(rest + LENGTH - 40, file + LENGTH - 24, 24);
    for (int i = 0; i < 16; i++) snprintf(stored + 2 * i, 3, "%02x", trailer[24 + i]);
    cr_assert_str_eq(digest_hex(hash_bytes(rest, sizeof rest), hex), stored);
    OK(check(LENGTH));
    cr_assert(image.start == 0 && image.length == IMAGE && image.format == 2);
}

/* However a file is cut into pieces, its digest is the same: here the digest's own bytes lie in
 * one, or in many. */
static void judge_in_pieces(void)
{
    for (size_t piece = 1; piece <= LENGTH; piece++) {
        struct trailer_ends ends = {.length = LENGTH};
        struct hash_stream *stream;
        memcpy(ends.head, file, TRAILER_HEAD);
        memcpy(ends.tail, file + IMAGE, TRAILER_LENGTH);
        OK(hash_create(&stream));
        for (size_t at = 0; at < LENGTH; at += piece)
            trailer_hash(stream, &ends, at, file + at, at + piece < LENGTH ? piece : LENGTH - at);
        OK(trailer_judge("f", &ends, hash_digest(stream), &image));
        hash_destroy(stream);
    }
}

Test(trailer, a_file_may_be_read_in_pieces)
{
    fill();
    judge_in_pieces();
    cr_assert(image.start == 0 && image.length == IMAGE && image.format == 2);
    memcpy(file + 512, "\x89HDF\r\n\x1a\n", 8);
    seal_format_1(file, LENGTH);
    judge_in_pieces();
    cr_assert(image.start == 512 && image.length == LENGTH - 512 && image.format == 1);
}

Test(trailer, a_newer_format_is_not_damage)
{
    fill();
    file[IMAGE + 8] = 3;
    cr_assert_eq(check(LENGTH), BASIN_DAMAGED, "its digest is wrong");
    cr_assert_not(is_of_other_format(file, LENGTH));
    seal_digest(file, LENGTH, IMAGE);
    cr_assert_eq(check(LENGTH), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "format 3"));
    cr_assert(is_of_other_format(file, LENGTH));
    fill();
    file[IMAGE + 12]++;
    seal_digest(file, LENGTH, IMAGE);
    cr_assert_eq(check(LENGTH), BASIN_DATA, "a trailer of another length");
}

/* One byte of the magic is hit: the file is known by where its image says that it ends. */
Test(trailer, a_wrong_magic_is_damage_only_behind_an_image_of_ours)
{
    fill();
    file[IMAGE + 1] = 'X';
    cr_assert_eq(check(LENGTH), BASIN_DAMAGED);
    cr_assert_eq(basin_error_last()->byte, IMAGE);
    put(IMAGE + 16, 1, 8);
    cr_assert_eq(check(LENGTH), BASIN_DATA, "anything may follow the image of another program");
    cr_assert_not(is_of_other_format(file, LENGTH));
}

Test(trailer, what_is_cut_off_names_the_byte)
{
    for (size_t length = 0; length < LENGTH; length++) {
        fill();
        if (length == IMAGE) {
            cr_assert_eq(check(length), BASIN_DATA, "any HDF5 file");
            cr_assert(strstr(basin_error_last()->hint, "without a trailer"));
            continue;
        }
        cr_assert_eq(check(length), BASIN_DAMAGED, "%zu bytes", length);
        cr_assert_eq(basin_error_last()->byte, (long long)length, "%zu bytes", length);
        cr_assert_str_eq(basin_error_last()->file, "f");
    }
}

Test(trailer, what_is_added_names_the_byte)
{
    static uint8_t longer[LENGTH + 100];
    fill();
    memcpy(longer, file, LENGTH);
    for (size_t more = 1; more <= 100; more++) {
        cr_assert_eq(trailer_check("f", longer, LENGTH + more, &image), BASIN_DAMAGED);
        cr_assert_eq(basin_error_last()->byte, LENGTH, "%zu more", more);
    }
}

/* The trailer is at its place, but bytes before it are missing, or too many. */
Test(trailer, a_length_that_is_not_the_images_is_damage)
{
    for (int change = -1; change <= 1; change += 2) {
        fill();
        put(IMAGE + 16, (uint64_t)(IMAGE + change), 8);
        seal_digest(file, LENGTH, IMAGE);
        cr_assert_eq(check(LENGTH), BASIN_DAMAGED);
        cr_assert(strstr(basin_error_last()->message, change < 0 ? "longer" : "shorter"));
    }
}

Test(trailer, files_of_other_programs)
{
    memset(file, 'x', LENGTH);
    cr_assert_eq(check(LENGTH), BASIN_DATA);
    cr_assert_eq(check(5), BASIN_DATA);
    cr_assert_eq(check(0), BASIN_DAMAGED, "an empty file may have been ours");
    fill();
    file[8] = 2; /* an HDF5 header of another version */
    cr_assert_eq(check(IMAGE + 10), BASIN_DATA);
    fill();
    put(40, UINT64_MAX, 8);
    cr_assert_eq(check(IMAGE + 10), BASIN_DAMAGED, "whoever wrote it, it is cut off");
}

/* ---- format 1: the seal in front ---- */

static void fill_format_1(void)
{
    for (size_t i = 0; i < LENGTH; i++) file[i] = (uint8_t)(i * 7);
    memcpy(file + 512, "\x89HDF\r\n\x1a\n", 8);
    seal_format_1(file, LENGTH);
}

Test(trailer, format_1_is_read)
{
    fill_format_1();
    OK(check(LENGTH));
    cr_assert(image.start == 512 && image.length == LENGTH - 512 && image.format == 1);
    cr_assert_not(is_of_other_format(file, LENGTH));
}

Test(trailer, format_1_every_flipped_bit_is_damage)
{
    fill_format_1();
    for (size_t bit = 0; bit < 8 * LENGTH; bit++) {
        file[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(check(LENGTH), BASIN_DAMAGED, "bit %zu", bit);
        file[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    OK(check(LENGTH));
}

Test(trailer, format_1_lengths_name_the_byte)
{
    fill_format_1();
    cr_assert_eq(check(LENGTH - 1), BASIN_DAMAGED);
    cr_assert_eq(basin_error_last()->byte, LENGTH - 1);
    file[16]--;
    cr_assert_eq(check(LENGTH), BASIN_DAMAGED);
    cr_assert_eq(basin_error_last()->byte, LENGTH - 1);
    cr_assert_eq(check(511), BASIN_DAMAGED);
    fill_format_1();
    file[8] = 7;
    seal_digest(file, LENGTH, 0);
    cr_assert_eq(check(LENGTH), BASIN_DATA, "a block that no version has written");
    cr_assert(is_of_other_format(file, LENGTH));
}
