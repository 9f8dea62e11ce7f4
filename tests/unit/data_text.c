/* Text: bytes and characters, what is no UTF-8, the order of the vocabulary, parts, windows and
 * their targets. */
#include <sys/stat.h>
#include "data_files.h"

TestSuite(text, .init = data_start, .fini = data_stop);

static const char *written(const void *bytes, size_t length)
{
    write_plain("text", bytes, length);
    return arena_text(arena, in_folder("text"));
}

/* A text in `units` that trains on all of it, in windows of `context`. */
static const struct value *whole(const char *path, const char *units, const char *context)
{
    return block("text", "path", path, "units", units, "context", context, "train_fraction", "1",
                 "validation_fraction", "0", NULL);
}

static const struct value *parts(const char *path, const char *context, const char *train,
                                 const char *validation)
{
    return block("text", "path", path, "units", "bytes", "context", context, "train_fraction",
                 train, "validation_fraction", validation, NULL);
}

/* Tokens of the training part's windows in a row. */
static void expect_tokens(const struct data *data, const double *wanted, size_t count)
{
    const double *x = all_x(data, DATA_TRAIN);
    const struct data_info *info = data_describe(data);
    cr_assert_eq(info->counts[DATA_TRAIN] * info->features, count);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(x[i], wanted[i], "token %zu: %g, not %g", i, x[i], wanted[i]);
}

/* " !dehlorw" are its letters in order. */
Test(text, bytes_are_numbered_by_their_codes)
{
    const struct data *data = opened(whole(written("hello world!", 12), "bytes", "11"));
    expect_tokens(data, (const double[]){4, 3, 5, 5, 6, 0, 8, 6, 7, 5, 2}, 11);
    const struct data_info *info = data_describe(data);
    cr_assert_eq(info->task, DATA_LANGUAGE);
    cr_assert_eq(info->vocabulary, 9);
    cr_assert_eq(info->outputs, 9);
    cr_assert_eq(info->positions, 11);
    cr_assert_eq(info->features, 11);
}

/* Characters of one to four bytes: z, e acute, the euro sign, a smiling face; and a zero. */
Test(text, characters_are_numbered_by_their_codes)
{
    static const char bytes[] = "\xf0\x9f\x98\x80z\xe2\x82\xac\xc3\xa9z\0z";
    const char *path = written(bytes, sizeof bytes - 1);
    const struct data *data = opened(whole(path, "characters", "6"));
    expect_tokens(data, (const double[]){4, 1, 3, 2, 1, 0}, 6);
    cr_assert_eq(data_describe(data)->vocabulary, 5);
    static const uint32_t codes[] = {0, 'z', 0xe9, 0x20ac, 0x1f600};
    for (int i = 0; i < 5; i++) cr_assert_eq(data_codes(data)[i], codes[i]);
    data = opened(whole(path, "bytes", "12"));
    cr_assert_eq(data_describe(data)->vocabulary, 11);
}

/* The first and last code of each length, and those on both sides of the surrogates. */
Test(text, codes_at_the_borders_are_characters)
{
    static const char bytes[] = "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf"
                                "\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\x7f";
    const struct data *data = opened(whole(written(bytes, sizeof bytes - 1), "characters", "9"));
    expect_tokens(data, (const double[]){0, 1, 2, 3, 4, 5, 6, 7, 8}, 9);
}

Test(text, what_is_no_utf8_is_refused_at_its_byte)
{
    static const struct {
        const char *bytes, *what;
    } cases[] = {{"\x80", "a continuation alone"},
                 {"\xc0\x80", "zero in two bytes"},
                 {"\xc1\xbf", "DEL in two bytes"},
                 {"\xe0\x9f\xbf", "overlong in three bytes"},
                 {"\xf0\x8f\xbf\xbf", "overlong in four bytes"},
                 {"\xed\xa0\x80", "the first surrogate"},
                 {"\xed\xbf\xbf", "the last surrogate"},
                 {"\xf4\x90\x80\x80", "past the last code"},
                 {"\xf5\x80\x80\x80", "past the last lead byte"},
                 {"\xf8\x88\x80\x80\x80", "five bytes"},
                 {"\xff", "no lead byte"},
                 {"\xc3(", "two bytes without the second"},
                 {"\xe2\x82(", "three bytes without the third"},
                 {"\xf0\x9f\x98(", "four bytes without the fourth"},
                 {"\xc3", "two bytes cut off"},
                 {"\xe2\x82", "three bytes cut off"},
                 {"\xf0\x9f\x98", "four bytes cut off"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[32], name[32];
        snprintf(bytes, sizeof bytes, "caf\xc3\xa9%s", cases[i].bytes);
        snprintf(name, sizeof name, "text%zu", i);
        write_plain(name, bytes, strlen(bytes));
        const char *path = arena_text(arena, in_folder(name));
        REFUSED(whole(path, "characters", "2"), name, "byte 5 (counted from 0) begins no character",
                "units: bytes");
        cr_assert_str_eq(basin_error_last()->file, path, "%s", cases[i].what);
        opened(whole(path, "bytes", "2"));
    }
}

/* 65537 different characters; one less is as many as there may be. */
Test(text, more_characters_than_a_token_can_number)
{
    enum { MOST = 65536 };
    static char bytes[4 * (MOST + 2)];
    size_t length = 0;
    for (uint32_t code = 0x10000; code <= 0x10000 + MOST; code++) {
        for (int shift = 18; shift >= 0; shift -= 6)
            bytes[length++] = (char)((shift == 18 ? 0xf0 : 0x80) | (code >> shift & 0x3f));
        if (code != 0x10000 + MOST - 1) continue;
        write_plain("most", bytes, length);
        const struct data *data =
            opened(whole(arena_text(arena, in_folder("most")), "characters", "128"));
        cr_assert_eq(data_describe(data)->vocabulary, MOST);
        cr_assert_eq(all_x(data, DATA_TRAIN)[65407], 65407, "the last of 511 windows");
    }
    REFUSED(whole(written(bytes, length), "characters", "128"), "65536", "bytes");
}

/* ---- parts ---- */

/* A text of the bytes 0 ... count - 1, each its own number. */
static const char *counting(size_t count)
{
    unsigned char bytes[256];
    for (size_t i = 0; i < count; i++) bytes[i] = (unsigned char)i;
    return written(bytes, count);
}

static void expect_windows(const struct data *data, enum data_part part, size_t begin, size_t count)
{
    const struct data_info *info = data_describe(data);
    size_t context = info->features;
    double *x = arena_array(arena, double, count *context),
           *y = arena_array(arena, double, count *context);
    cr_assert_eq(info->counts[part], count, "part %d has %zu windows, not %zu", part,
                 info->counts[part], count);
    data_gather_double(data, ROWS(part, first_rows(count), count), x, y);
    for (size_t i = 0; i < count * context; i++) {
        cr_assert_eq(x[i], (double)(begin + i));
        cr_assert_eq(y[i], (double)(begin + i + 1), "the target is one further");
    }
}

/* 50, 30 and 20 tokens: windows of 7 and their last targets take 49, 29 and 15. */
Test(text, parts_follow_each_other)
{
    const struct data *data = opened(parts(counting(100), "7", "0.5", "0.3"));
    expect_windows(data, DATA_TRAIN, 0, 7);
    expect_windows(data, DATA_VALIDATION, 50, 4);
    expect_windows(data, DATA_TEST, 80, 2);
    cr_assert_eq(data_describe(data)->vocabulary, 100, "one vocabulary for all parts");
}

/* 50 tokens are 7 windows of 7 with a target for the last; 49 are only 6. */
Test(text, the_last_window_has_its_last_target)
{
    expect_windows(opened(parts(counting(50), "7", "1", "0")), DATA_TRAIN, 0, 7);
    write_plain("shorter", "0123456789012345678901234567890123456789012345678", 49);
    const struct data *data = opened(parts(arena_text(arena, in_folder("shorter")), "7", "1", "0"));
    cr_assert_eq(data_describe(data)->counts[DATA_TRAIN], 6);
}

Test(text, windows_in_any_order_and_precision)
{
    static const uint32_t rows[] = {3, 0, 3};
    const struct data *data = opened(parts(counting(100), "5", "0.8", "0.1"));
    double x[15];
    float narrow[15], targets[15];
    data_gather_double(data, ROWS(DATA_TRAIN, rows, 3), x, NULL);
    data_gather_float(data, ROWS(DATA_TRAIN, rows, 3), narrow, targets);
    for (size_t i = 0; i < 15; i++) {
        cr_assert_eq(x[i], 5 * rows[i / 5] + i % 5);
        cr_assert_eq(narrow[i], x[i]);
        cr_assert_eq(targets[i], x[i] + 1);
    }
}

Test(text, sizes_take_the_first_windows)
{
    const char *path = counting(100);
    const struct data *data = opened(block("text", "path", path, "units", "bytes", "context", "7",
                                           "train_fraction", "0.5", "validation_fraction", "0.3",
                                           "train_size", "2", "test_size", "1", NULL));
    expect_windows(data, DATA_TRAIN, 0, 2);
    expect_windows(data, DATA_VALIDATION, 50, 4);
    expect_windows(data, DATA_TEST, 80, 1);
    REFUSED(block("text", "path", path, "units", "bytes", "context", "7", "train_fraction", "0.5",
                  "validation_fraction", "0.3", "train_size", "8", NULL),
            "train_size needs 8 windows, but there are 7");
    REFUSED(block("text", "path", path, "units", "bytes", "context", "7", "train_fraction", "0.5",
                  "validation_fraction", "0.3", "test_size", "3", NULL),
            "test_size needs 3 windows, but there are 2");
}

Test(text, parts_that_are_wanted_may_not_be_too_short)
{
    const char *path = counting(100);
    REFUSED(parts(path, "100", "1", "0"), "the training part has 100 tokens", "one window of 100");
    opened(parts(path, "99", "1", "0"));
    REFUSED(parts(path, "20", "0.7", "0.2"), "the validation part has 20 tokens",
            "smaller context");
    REFUSED(parts(path, "20", "0.5", "0.4"), "the test part has 10 tokens");
}

/* Fractions that leave nothing, or a single token, want no windows. */
Test(text, parts_of_nothing_are_empty)
{
    const char *path = counting(100);
    const struct data_info *info = data_describe(opened(parts(path, "7", "1", "0")));
    cr_assert_eq(info->counts[DATA_VALIDATION] + info->counts[DATA_TEST], 0);
    info = data_describe(opened(parts(path, "7", "0.99", "0")));
    cr_assert_eq(info->counts[DATA_TEST], 0);
}

/* 0.29 times 100 is 28.999999999999996 in double. */
Test(text, fractions_are_not_rounded_down)
{
    const char *path = counting(100);
    expect_windows(opened(parts(path, "1", "0.29", "0.29")), DATA_TRAIN, 0, 28);
    expect_windows(opened(parts(path, "1", "0.29", "0.29")), DATA_VALIDATION, 29, 28);
    expect_windows(opened(parts(path, "1", "0.57", "0.01")), DATA_TRAIN, 0, 56);
}

Test(text, fractions_above_one_are_refused)
{
    const char *path = counting(100);
    REFUSED(parts(path, "7", "0.8", "0.3"), "are more than the whole text together",
            "make one smaller");
    opened(parts(path, "7", "0.7", "0.3"));
    opened(parts(path, "7", "0.9", "0.1"));
}

/* ---- files ---- */

Test(text, empty_and_missing_files)
{
    REFUSED(whole(written("", 0), "bytes", "2"), "the file is empty");
    REFUSED(whole(arena_text(arena, in_folder("none")), "bytes", "2"), "cannot open", "none");
}

/* More than the first piece that is read at once, of a megabyte. */
Test(text, long_files_are_read_to_their_end)
{
    enum { LENGTH = (1 << 20) + 12345 };
    static char bytes[LENGTH];
    for (int i = 0; i < LENGTH; i++) bytes[i] = (char)('a' + i % 26);
    const struct data *data = opened(whole(written(bytes, LENGTH), "characters", "64"));
    size_t windows = data_describe(data)->counts[DATA_TRAIN];
    const double *x = all_x(data, DATA_TRAIN);
    cr_assert_eq(windows, (LENGTH - 1) / 64);
    for (size_t i = 0; i < 64 * windows; i++) cr_assert_eq(x[i], i % 26);
}

Test(text, the_digest_is_that_of_the_text)
{
    const struct data *first = opened(whole(written("one text", 8), "bytes", "3"));
    write_plain("again", "one text", 8);
    write_plain("other", "one Text", 8);
    const struct data *same = opened(whole(arena_text(arena, in_folder("again")), "bytes", "2")),
                      *other = opened(whole(arena_text(arena, in_folder("other")), "bytes", "3"));
    cr_assert(data_describe(first)->has_digest);
    cr_assert(digest_equal(data_describe(first)->digest, data_describe(same)->digest));
    cr_assert(!digest_equal(data_describe(first)->digest, data_describe(other)->digest));
}

Test(text, every_shortage_of_memory_is_an_error)
{
    const struct value *dataset = whole(written("hello world!", 12), "characters", "3");
    basin_status status = BASIN_MEMORY;
    for (long n = 1; status != BASIN_OK; n++) {
        const struct data *data = NULL;
        data_store_destroy(store);
        OK(data_store_create(&store));
        memory_fail_at(n);
        status = data_open(store, dataset, &data);
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY);
        cr_assert(n > 1 || status == BASIN_MEMORY);
    }
}

/* ---- what is no plain file, or too large ---- */

Test(text, pipes_and_devices_are_refused_at_once)
{
    cr_assert_eq(mkfifo(in_folder("pipe"), 0600), 0);
    REFUSED(block("text", "path", in_folder("pipe"), NULL), "/pipe", "not a regular file");
    REFUSED(block("text", "path", "/dev/zero", NULL), "/dev/zero", "not a regular file");
    REFUSED(block("text", "path", "/dev/null", NULL), "not a regular file");
    REFUSED(block("text", "path", "/proc/self/mem", NULL), "/proc/self/mem", "empty");
    cr_assert_str_eq(basin_error_last()->key, "path");
}

/* A byte of text takes three of memory, whatever its characters: itself and its token. */
Test(text, the_size_is_asked_for_before_the_text_is_read)
{
    static char text[30000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i % 7);
    write_plain("long.txt", text, sizeof text);
    const struct value *dataset = block("text", "path", in_folder("long.txt"), NULL);
    data_store_limit(store, 80000);
    memory_peak_start();
    REFUSED(dataset, "/long.txt", "29 KiB", "88 KiB", "room for 78 KiB", "--memory");
    cr_assert_lt(memory_peak(), 20000);
    data_store_limit(store, 2e6);
    const struct data *data = opened(dataset);
    cr_assert_eq(data_describe(data)->vocabulary, 7);
    cr_assert_eq(data_describe(data)->bytes, 60000);
}

Test(text, a_text_takes_three_bytes_a_byte_while_it_is_read)
{
    static char text[1 << 20];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i % 7);
    write_plain("long.txt", text, sizeof text);
    memory_peak_start();
    opened(block("text", "path", in_folder("long.txt"), NULL));
    cr_assert_lt(memory_peak(), 3.5 * sizeof text);
}
