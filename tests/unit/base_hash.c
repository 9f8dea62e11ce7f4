/* base/hash.c: XXH3-128 against published values; streams equal one call, however they are cut. */
#include <criterion/criterion.h>
#include <string.h>
#include "base/arena.h"
#include "base/hash.h"

/* Values of xxhsum -H2 (xxHash 0.8). */
Test(hash, golden_values)
{
    static const struct {
        const char *text, *hex;
    } golden[] = {
        {"", "99aa06d3014798d86001c324468d497f"},
        {"a", "a96faf705af16834e6c632b61e964e1f"},
        {"abc", "06b05ab6733a618578af5f94892f3950"},
    };
    char hex[33];
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
        cr_assert_str_eq(digest_hex(hash_bytes(golden[i].text, strlen(golden[i].text)), hex),
                         golden[i].hex);
}

Test(hash, hex_has_leading_zeros_and_the_high_half_first)
{
    char hex[33];
    cr_assert_str_eq(digest_hex((struct digest){.high = 0x1f, .low = 0xabc}, hex),
                     "000000000000001f0000000000000abc");
}

Test(hash, equality_looks_at_both_halves)
{
    struct digest a = {1, 2}, high = {3, 2}, low = {1, 3};
    cr_assert(digest_equal(a, a));
    cr_assert_not(digest_equal(a, high));
    cr_assert_not(digest_equal(a, low));
}

Test(hash, a_stream_equals_one_call_at_every_cut)
{
    unsigned char bytes[3000];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * i + 3 * i);
    struct digest whole = hash_bytes(bytes, sizeof bytes);
    for (size_t cut = 0; cut <= sizeof bytes; cut += 125) {
        struct hash_stream *stream;
        cr_assert_eq(hash_create(&stream), BASIN_OK);
        hash_add(stream, bytes, cut);
        hash_add(stream, bytes + cut, sizeof bytes - cut);
        cr_assert(digest_equal(hash_digest(stream), whole), "cut at %zu", cut);
        hash_destroy(stream);
    }
    bytes[2999] ^= 1;
    cr_assert_not(digest_equal(hash_bytes(bytes, sizeof bytes), whole));
}

Test(hash, shortage_of_memory_is_an_error)
{
    struct hash_stream *stream;
    memory_fail_at(1);
    cr_assert_eq(hash_create(&stream), BASIN_MEMORY);
}
