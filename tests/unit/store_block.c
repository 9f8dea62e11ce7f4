#include "store/block.h"
#include "store_helpers.h"

#include "base/hash.h"
#include "store/store.h"

enum { LENGTH = 700 };

static uint8_t file[LENGTH];

static void fill(void)
{
    for (size_t i = 0; i < LENGTH; i++) file[i] = (uint8_t)(i * 7);
    OK(block_write(file, LENGTH));
}

/* The layout that results/README.md documents, byte by byte. */
Test(block, layout)
{
    fill();
    cr_assert_eq(memcmp(file,
                        "\x89"
                        "BASIN\r\n",
                        8),
                 0);
    cr_assert_eq(memcmp(file + 8, "\1\0\0\0\0\2\0\0", 8), 0);
    cr_assert_eq(memcmp(file + 16, "\xbc\0\0\0\0\0\0\0", 8), 0);
    for (size_t i = 40; i < 512; i++) cr_assert_eq(file[i], 0);
    for (size_t i = 512; i < LENGTH; i++)
        cr_assert_eq(file[i], (uint8_t)(i * 7), "the image is left alone");
    uint8_t rest[LENGTH - 16];
    char hex[33], stored[33];
    memcpy(rest, file, 24);
    memcpy(rest + 24, file + 40, LENGTH - 40);
    for (int i = 0; i < 16; i++) snprintf(stored + 2 * i, 3, "%02x", file[24 + i]);
    cr_assert_str_eq(digest_hex(hash_bytes(rest, sizeof rest), hex), stored);
    OK(block_check("f", file, LENGTH));
}

static void reseal(void)
{
    uint8_t rest[LENGTH - 16];
    memcpy(rest, file, 24);
    memcpy(rest + 24, file + 40, LENGTH - 40);
    struct digest digest = hash_bytes(rest, sizeof rest);
    for (int i = 0; i < 8; i++) {
        file[24 + i] = (uint8_t)(digest.high >> (56 - 8 * i));
        file[32 + i] = (uint8_t)(digest.low >> (56 - 8 * i));
    }
}

Test(block, a_newer_format_is_not_damage)
{
    fill();
    file[8] = 2;
    cr_assert_eq(block_check("f", file, LENGTH), BASIN_DAMAGED, "its digest does not hold");
    reseal();
    cr_assert_eq(block_check("f", file, LENGTH), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "format 2"));
}

Test(block, a_wrong_magic_is_damage_only_before_an_image_of_ours)
{
    fill();
    file[1] = 'X';
    cr_assert_eq(block_check("f", file, LENGTH), BASIN_DATA, "no HDF5 image behind it");
    memcpy(file + 512, "\x89HDF\r\n\x1a\n", 8);
    cr_assert_eq(block_check("f", file, LENGTH), BASIN_DAMAGED);
    cr_assert_eq(basin_error_last()->byte, 0);
}

Test(block, lengths_name_the_byte)
{
    fill();
    cr_assert_eq(block_check("f", file, LENGTH - 1), BASIN_DAMAGED);
    cr_assert_eq(basin_error_last()->byte, LENGTH - 1);
    file[16]--;
    cr_assert_eq(block_check("f", file, LENGTH), BASIN_DAMAGED);
    cr_assert_eq(basin_error_last()->byte, LENGTH - 1);
    cr_assert_eq(block_check("f", file, 511), BASIN_DAMAGED);
    cr_assert_eq(block_check("f", file, 0), BASIN_DAMAGED);
    cr_assert_str_eq(basin_error_last()->file, "f");
}
