#include "formats/gzip.h"
#include <sys/stat.h>
#include "data_files.h"

TestSuite(gzip, .init = data_start, .fini = data_stop);

enum { LENGTH = 700000 }; /* several buffers, compressed or not */

static uint8_t *noise(void)
{
    uint8_t *bytes = arena_allocate(arena, LENGTH);
    uint32_t state = 1;
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

static basin_status read_whole(const char *name, size_t length, uint8_t *out)
{
    struct gzip *gzip;
    TRY(gzip_open(in_folder(name), &gzip));
    basin_status status = BASIN_OK;
    for (size_t at = 0, step = 1; at < length && status == BASIN_OK;
         at += step, step = step * 7 % 9973)
        status = gzip_read(gzip, out + at, step < length - at ? step : length - at);
    if (status == BASIN_OK) status = gzip_end(gzip);
    gzip_close(gzip);
    return status;
}

Test(gzip, plain_packed_and_two_members_read_alike)
{
    uint8_t *bytes = noise(), *out = arena_allocate(arena, LENGTH);
    write_plain("plain", bytes, LENGTH);
    write_gzip("packed", bytes, LENGTH, "wb");
    write_gzip("members", bytes, 1000, "wb");
    write_gzip("members", bytes + 1000, LENGTH - 1000, "ab");
    static const char *const names[] = {"plain", "packed", "members"};
    for (int i = 0; i < 3; i++) {
        memset(out, 0, LENGTH);
        OK(read_whole(names[i], LENGTH, out));
        cr_assert_eq(memcmp(bytes, out, LENGTH), 0, "%s", names[i]);
    }
}

Test(gzip, highly_compressible_data_are_read_whole)
{
    uint8_t *zeros = arena_allocate(arena, LENGTH), *out = arena_allocate(arena, LENGTH);
    memset(out, 1, LENGTH);
    write_gzip("zeros", zeros, LENGTH, "wb9");
    OK(read_whole("zeros", LENGTH, out));
    cr_assert_eq(memcmp(zeros, out, LENGTH), 0);
}

Test(gzip, a_file_that_ends_early_is_refused_at_its_end)
{
    uint8_t *bytes = noise(), *out = arena_allocate(arena, LENGTH);
    write_gzip("packed", bytes, 5000, "wb");
    for (off_t cut = 5020; cut > 0; cut -= 251) {
        cr_assert_eq(truncate(in_folder("packed"), cut), 0);
        check_message(read_whole("packed", 5000, out), BASIN_DATA,
                      (const char *const[]){"ends early", "packed", NULL});
        if (cut >= 2)
            cr_assert_eq(basin_error_last()->byte, cut, "%lld at %ld", basin_error_last()->byte,
                         (long)cut);
    }
    write_plain("plain", bytes, 99);
    check_message(read_whole("plain", 100, out), BASIN_DATA,
                  (const char *const[]){"ends early", NULL});
    cr_assert_eq(basin_error_last()->byte, 99);
}

Test(gzip, a_missing_checksum_is_an_early_end)
{
    uint8_t *bytes = noise(), *out = arena_allocate(arena, LENGTH);
    write_gzip("packed", bytes, 100, "wb");
    FILE *file = fopen(in_folder("packed"), "rb");
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    fclose(file);
    for (long cut = 1; cut <= 8; cut++) {
        cr_assert_eq(truncate(in_folder("packed"), length - cut), 0);
        cr_assert_eq(read_whole("packed", 100, out), BASIN_DATA, "%ld", cut);
    }
}

Test(gzip, bytes_behind_the_end_are_refused)
{
    uint8_t *bytes = noise(), *out = arena_allocate(arena, LENGTH);
    write_plain("plain", bytes, 100);
    check_message(read_whole("plain", 99, out), BASIN_DATA,
                  (const char *const[]){"behind the end", NULL});
    cr_assert_eq(basin_error_last()->byte, 99);
    write_gzip("packed", bytes, 100, "wb");
    check_message(read_whole("packed", 99, out), BASIN_DATA,
                  (const char *const[]){"behind the end", NULL});
    FILE *file = fopen(in_folder("packed"), "ab");
    fputc('x', file);
    fclose(file);
    check_message(read_whole("packed", 100, out), BASIN_DATA,
                  (const char *const[]){"behind the end of the gzip", NULL});
}

Test(gzip, damaged_content_does_not_pass)
{
    uint8_t *bytes = noise(), *out = arena_allocate(arena, LENGTH), packed[6000];
    write_gzip("packed", bytes, 5000, "wb");
    FILE *file = fopen(in_folder("packed"), "rb");
    size_t length = fread(packed, 1, sizeof packed, file);
    fclose(file);
    for (size_t at = 11; at < length;
         at += 97) { /* behind what nobody checks: the time stamp, a stored block's padding */
        packed[at] ^= 0x10;
        write_plain("bad", packed, length);
        cr_assert_eq(read_whole("bad", 5000, out), BASIN_DATA, "byte %zu", at);
        packed[at] ^= 0x10;
    }
}

Test(gzip, missing_files_and_folders_are_refused)
{
    struct gzip *gzip;
    check_message(gzip_open(in_folder("absent"), &gzip), BASIN_DATA,
                  (const char *const[]){"absent", "No such file", NULL});
    check_message(gzip_open(folder, &gzip), BASIN_DATA, (const char *const[]){"is a folder", NULL});
    cr_assert_eq(mkfifo(in_folder("pipe"), 0600), 0);
    check_message(gzip_open(in_folder("pipe"), &gzip), BASIN_DATA,
                  (const char *const[]){"not a regular file", NULL});
}

Test(gzip, failing_allocations_are_reported)
{
    uint8_t *bytes = noise(), *out = arena_allocate(arena, LENGTH);
    write_gzip("packed", bytes, 5000, "wb");
    basin_status status = BASIN_MEMORY;
    long n = 1;
    for (; status == BASIN_MEMORY; n++) {
        memory_fail_at(n);
        status = read_whole("packed", 5000, out);
        memory_fail_at(0);
    }
    OK(status);
    cr_assert_gt(n, 3, "zlib's memory is ours too");
}

/* What there is, piece by piece; LENGTH + 1 after an error. */
static size_t read_some(const char *name, uint8_t *out)
{
    struct gzip *gzip;
    size_t at = 0, done;
    OK(gzip_open(in_folder(name), &gzip));
    do {
        basin_status status = gzip_some(gzip, out + at, 1000, &done);
        at = status == BASIN_OK ? at + done : LENGTH + 1;
        done = status == BASIN_OK ? done : 0;
    } while (done);
    gzip_close(gzip);
    return at;
}

Test(gzip, what_is_at_hand_is_read_to_the_end)
{
    uint8_t *bytes = noise(), *out = arena_allocate(arena, LENGTH + 1000);
    static const char *const names[] = {"plain", "packed", "members"};
    write_plain("plain", bytes, LENGTH);
    write_gzip("packed", bytes, LENGTH, "wb");
    write_gzip("members", bytes, 1000, "wb");
    write_gzip("members", bytes + 1000, LENGTH - 1000, "ab");
    for (int i = 0; i < 3; i++) {
        memset(out, 0, LENGTH);
        cr_assert_eq(read_some(names[i], out), LENGTH, "%s", names[i]);
        cr_assert_eq(memcmp(bytes, out, LENGTH), 0, "%s", names[i]);
    }
    write_plain("empty", "", 0);
    write_gzip("packed", "", 0, "wb");
    cr_assert_eq(read_some("empty", out), 0);
    cr_assert_eq(read_some("packed", out), 0);
}

Test(gzip, what_is_at_hand_is_refused_where_it_is_damaged)
{
    uint8_t *bytes = noise(), *out = arena_allocate(arena, LENGTH + 1000);
    write_gzip("packed", bytes, 5000, "wb");
    for (off_t cut = 5020; cut > 1; cut -= 251) {
        cr_assert_eq(truncate(in_folder("packed"), cut), 0);
        cr_assert_eq(read_some("packed", out), LENGTH + 1, "cut to %ld", (long)cut);
    }
}
