#include "store/store.h"
#include "store_helpers.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include "../seal.h"
#include "store/file.h"
#include "store/image.h"
#include "store/trailer.h"

TestSuite(store, .init = folder_make, .fini = folder_remove);

static bool is_of_other_format(const char *path)
{
    bool other;
    OK(store_is_of_other_format(path, &other));
    return other;
}

static struct arena *arena_make(void)
{
    struct arena *arena;
    OK(arena_create(&arena));
    return arena;
}

static void check_attributes(const struct record_item *wanted, const struct record_item *got)
{
    const struct record_attribute *b = got->attributes;
    for (const struct record_attribute *a = wanted->attributes; a; a = a->next, b = b->next) {
        cr_assert(b, "%s lost %s", wanted->path, a->name);
        cr_assert_str_eq(a->name, b->name);
        cr_assert_eq(a->type, b->type, "%s/%s", wanted->path, a->name);
        cr_assert_eq(a->count, b->count);
        size_t count = a->count ? a->count : 1;
        if (a->type == RECORD_TEXT)
            for (size_t i = 0; i < count; i++)
                cr_assert_str_eq(((char *const *)a->data)[i], ((char *const *)b->data)[i]);
        else
            cr_assert_arr_eq(a->data, b->data, count * 8);
    }
    cr_assert_null(b, "%s has gained %s", wanted->path, b ? b->name : "");
}

static void check_item(const struct record_item *wanted, const struct record_item *got)
{
    cr_assert(got, "%s is gone", wanted->path);
    cr_assert_eq(wanted->is_group, got->is_group);
    check_attributes(wanted, got);
    if (wanted->is_group) return;
    cr_assert_eq(wanted->type, got->type, "%s", wanted->path);
    cr_assert_eq(wanted->rank, got->rank);
    for (int i = 0; i < wanted->rank; i++) {
        cr_assert_eq(wanted->dims[i], got->dims[i]);
        cr_assert_str_eq(wanted->axes[i], got->axes[i], "%s axis %d: \"%s\" and \"%s\"",
                         wanted->path, i, wanted->axes[i], got->axes[i]);
    }
    size_t count = record_count(wanted);
    if (wanted->type == RECORD_TEXT)
        for (size_t i = 0; i < count; i++)
            cr_assert_str_eq(((char *const *)wanted->data)[i], ((char *const *)got->data)[i]);
    else
        cr_assert_eq(memcmp(wanted->data, got->data, count * record_element_size(wanted->type)), 0,
                     "%s", wanted->path);
}

/* Each way, so that nothing is lost and nothing appears. */
static void check_equal(const struct record *a, const struct record *b)
{
    for (const struct record_item *item = a->items; item; item = item->next)
        check_item(item, record_find(b, item->path));
    for (const struct record_item *item = b->items; item; item = item->next)
        check_item(item, record_find(a, item->path));
}

Test(store, load_gives_back_what_save_was_given)
{
    struct arena *arena = arena_make();
    struct record *record = sample_record(arena), *loaded;
    OK(store_save(record, in_folder("a.h5")));
    OK(store_verify(in_folder("a.h5")));
    OK(store_load(in_folder("a.h5"), arena, &loaded));
    check_equal(record, loaded);
    arena_destroy(arena);
}

static void check_same_bytes(const char *one, const char *other)
{
    uint8_t *a, *b;
    size_t a_length, b_length;
    OK(file_read(one, &a, &a_length));
    OK(file_read(other, &b, &b_length));
    cr_assert_eq(a_length, b_length, "%zu and %zu bytes", a_length, b_length);
    for (size_t i = 0; i < a_length; i++) cr_assert_eq(a[i], b[i], "byte %zu differs", i);
    memory_free(a);
    memory_free(b);
}

Test(store, equal_records_give_equal_bytes)
{
    struct arena *arena = arena_make();
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    void *held[300]; /* the second save finds another heap */
    for (size_t i = 0; i < 300; i++)
        memset(held[i] = memory_allocate(64 + 37 * i), 0xa5, 64 + 37 * i);
    for (size_t i = 0; i < 300; i += 2) memory_free(held[i]);
    OK(store_save(sample_record(arena), in_folder("b.h5")));
    for (size_t i = 1; i < 300; i += 2) memory_free(held[i]);
    check_same_bytes(in_folder("a.h5"), in_folder("b.h5"));
    arena_destroy(arena);
}

Test(store, saving_a_loaded_record_gives_the_same_file)
{
    struct arena *arena = arena_make();
    struct record *loaded;
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    OK(store_load(in_folder("a.h5"), arena, &loaded));
    OK(store_save(loaded, in_folder("b.h5")));
    check_same_bytes(in_folder("a.h5"), in_folder("b.h5"));
    arena_destroy(arena);
}

Test(store, items_of_a_group_keep_their_order_even_when_there_are_many)
{
    struct arena *arena = arena_make();
    struct record *record, *loaded;
    OK(record_create(arena, &record));
    for (int i = 0; i < 400; i++) /* beyond what a group holds in its header */
        OK(record_float(record, arena_format(arena, "/measures/m%d", (i * 7919) % 400), i, NULL));
    OK(store_save(record, in_folder("a.h5")));
    OK(store_load(in_folder("a.h5"), arena, &loaded));
    const struct record_item *a = record->items, *b = loaded->items;
    for (; a && b; a = a->next, b = b->next) cr_assert_str_eq(a->path, b->path);
    cr_assert(!a && !b);
    arena_destroy(arena);
}

Test(store, many_attributes_keep_their_order)
{
    struct arena *arena = arena_make();
    struct record *record, *loaded;
    OK(record_create(arena, &record));
    for (int i = 0; i < 100; i++)
        OK(record_attribute_integer(record, record->items,
                                    arena_format(arena, "a%d", (i * 37) % 100), i));
    OK(store_save(record, in_folder("a.h5")));
    OK(store_load(in_folder("a.h5"), arena, &loaded));
    check_attributes(record->items, loaded->items);
    arena_destroy(arena);
}

/* More than the blocks of one level hold: links in a heap with an index of two levels, and the list
 * of arrays that have one scale is too long for a block. */
Test(store, a_large_set_of_weights_comes_back, .timeout = 100)
{
    enum { LAYERS = 4200 };
    struct arena *arena = arena_make();
    struct record *record, *loaded;
    const float values[] = {1, 2, 3};
    OK(record_create(arena, &record));
    for (int i = 0; i < LAYERS; i++)
        OK(record_add(record,
                      arena_format(arena, "/weights/final/layers.%d.weight_of_a_long_name", i),
                      RECORD_FLOAT32, 1, (size_t[]){3}, NULL, values, NULL));
    OK(store_save(record, in_folder("a.h5")));
    OK(store_load(in_folder("a.h5"), arena, &loaded));
    check_equal(record, loaded);
    arena_destroy(arena);
}

/* What could not be read back is not written. */
Test(store, more_members_than_a_group_may_have_are_refused)
{
    struct arena *arena = arena_make();
    struct record *record;
    OK(record_create(arena, &record));
    for (int i = 0; i <= IMAGE_MEMBERS; i++)
        OK(record_float(record, arena_format(arena, "/measures/m%d", i), i, NULL));
    cr_assert_eq(store_save(record, in_folder("a.h5")), BASIN_INTERNAL);
    cr_assert_neq(access(in_folder("a.h5"), F_OK), 0);
    arena_destroy(arena);
}

/* What is added to a record on its way into a file does not count. */
Test(store, as_much_as_may_be_saved_comes_back, .timeout = 300)
{
    enum { MANY = 1400 };
    struct arena *arena = arena_make();
    struct record *record, *loaded;
    struct record_item *item;
    OK(record_create(arena, &record));
    OK(record_add(record, "/g/x", RECORD_FLOAT64, 1, (size_t[]){1}, (const char *const[]){"x"},
                  (double[]){1}, &item));
    OK(record_add(record, "/g/y", RECORD_FLOAT64, 1, (size_t[]){1}, (const char *const[]){"x"},
                  (double[]){1}, NULL));
    for (int i = 0; i < IMAGE_ATTRIBUTES; i++)
        OK(record_attribute_integer(record, item, arena_format(arena, "a%d", i), i));
    for (size_t i = 0; i < IMAGE_MEMBERS; i++)
        OK(record_add(record, arena_format(arena, "/h/m%zu", i), RECORD_BYTE, 1, (size_t[]){1},
                      NULL, "", NULL));
    for (size_t i = 0; i < MANY; i++)
        OK(record_add(record, arena_format(arena, "/weights/final/m%zu", i), RECORD_FLOAT32, 4,
                      (size_t[]){0, 3 * i + 1, 3 * i + 2, 3 * i + 3}, NULL, NULL, NULL));
    OK(store_save(record, in_folder("a.h5")));
    OK(store_load(in_folder("a.h5"), arena, &loaded));
    check_equal(record, loaded);
    arena_destroy(arena);
}

Test(store, small_load_leaves_out_large_arrays)
{
    struct arena *arena = arena_make();
    struct record *loaded;
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    OK(store_load_small(in_folder("a.h5"), 1, arena, &loaded));
    cr_assert(record_find(loaded, "/measures/test_accuracy"));
    cr_assert_eq(record_number(record_find(loaded, "/measures/test_accuracy"), 0), 0.875);
    cr_assert(record_find(loaded, "/spec"));
    cr_assert_null(record_find(loaded, "/curves/train_loss"));
    cr_assert_str_eq(record_attribute_get_text(loaded->items, "NX_class"), "NXroot");
    const struct record_attribute *interval =
        record_attribute_find(record_find(loaded, "/measures/test_accuracy"), "interval");
    cr_assert_eq(interval->count, 2, "attributes are whole");
    arena_destroy(arena);
}

static void write_bytes(const char *path, const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, length, file) == length);
    fclose(file);
}

static void check_refused(const char *path, struct arena *arena, const char *what, size_t where)
{
    struct record *loaded;
    cr_assert_eq(store_verify(path), BASIN_DAMAGED, "%s at %zu: %s", what, where,
                 basin_error_last()->message);
    cr_assert_eq(store_load(path, arena, &loaded), BASIN_DAMAGED, "%s at %zu", what, where);
    cr_assert_eq(store_load_small(path, 1, arena, &loaded), BASIN_DAMAGED, "%s at %zu", what,
                 where);
    cr_assert_not(is_of_other_format(path), "%s at %zu", what, where);
}

/* Without its trailer, and with nothing else missing, a result is any program's HDF5 file. */
static void check_cut(const uint8_t *bytes, size_t length, size_t cut, struct arena *arena)
{
    struct record *loaded;
    const char *path = in_folder("cut.h5");
    write_bytes(path, bytes, cut);
    if (cut + TRAILER_LENGTH != length) {
        check_refused(path, arena, "truncation", cut);
        return;
    }
    cr_assert_eq(store_verify(path), BASIN_DATA);
    cr_assert_eq(store_load(path, arena, &loaded), BASIN_DATA);
    cr_assert_not(is_of_other_format(path));
}

Test(store, every_truncation_is_damage, .timeout = 100)
{
    struct arena *arena = arena_make();
    uint8_t *bytes;
    size_t length;
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    OK(file_read(in_folder("a.h5"), &bytes, &length));
    for (size_t cut = 0; cut < length; cut += 64) check_cut(bytes, length, cut, arena);
    for (size_t cut = 0; cut < 64; cut++) check_cut(bytes, length, cut, arena);
    for (size_t cut = length - 130; cut < length; cut++) check_cut(bytes, length, cut, arena);
    memory_free(bytes);
    arena_destroy(arena);
}

Test(store, every_flipped_bit_is_damage, .timeout = 100)
{
    struct arena *arena = arena_make();
    uint8_t *bytes, flipped;
    size_t length;
    uint32_t random = 12345;
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    OK(file_read(in_folder("a.h5"), &bytes, &length));
    int file = open(in_folder("a.h5"), O_WRONLY);
    const size_t trailer = 8 * TRAILER_LENGTH;
    for (size_t i = 0; i < trailer + 512 + 600; i++) { /* trailer, header, then anywhere */
        random = random * 1664525 + 1013904223;
        size_t bit = i < trailer         ? 8 * length - 1 - i
                     : i < trailer + 512 ? i - trailer
                                         : random % (8 * length);
        flipped = bytes[bit / 8] ^ (uint8_t)(1 << bit % 8);
        cr_assert_eq(pwrite(file, &flipped, 1, (off_t)(bit / 8)), 1);
        check_refused(in_folder("a.h5"), arena, "bit", bit);
        cr_assert_eq(pwrite(file, bytes + bit / 8, 1, (off_t)(bit / 8)), 1);
    }
    close(file);
    OK(store_verify(in_folder("a.h5")));
    memory_free(bytes);
    arena_destroy(arena);
}

Test(store, appended_bytes_are_damage)
{
    struct arena *arena = arena_make();
    uint8_t *bytes;
    size_t length;
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    OK(file_read(in_folder("a.h5"), &bytes, &length));
    FILE *file = fopen(in_folder("a.h5"), "ab");
    fputc(0, file);
    fclose(file);
    check_refused(in_folder("a.h5"), arena, "append", 0);
    cr_assert_eq(basin_error_last()->byte, (long long)length);
    memory_free(bytes);
    arena_destroy(arena);
}

Test(store, format_1_is_read_and_saved_as_the_present_one)
{
    struct arena *arena = arena_make();
    struct record *record = sample_record(arena), *loaded;
    OK(store_save(record, in_folder("a.h5")));
    OK(store_save(record, in_folder("old.h5")));
    seal_as_format_1(in_folder("old.h5"));
    OK(store_verify(in_folder("old.h5")));
    cr_assert_not(is_of_other_format(in_folder("old.h5")));
    OK(store_load(in_folder("old.h5"), arena, &loaded));
    check_equal(record, loaded);
    OK(store_save(loaded, in_folder("b.h5")));
    check_same_bytes(in_folder("a.h5"), in_folder("b.h5"));
    arena_destroy(arena);
}

Test(store, files_of_others_are_not_damaged_but_foreign)
{
    struct arena *arena = arena_make();
    struct record *loaded;
    write_bytes(in_folder("text"), (const uint8_t *)"hello, I am no result", 21);
    cr_assert_eq(store_load(in_folder("text"), arena, &loaded), BASIN_DATA);
    cr_assert_eq(store_verify(in_folder("absent")), BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "absent"));
    cr_assert(strstr(basin_error_last()->message, "No such file"));
    cr_assert_eq(store_verify(folder), BASIN_IO);
    arena_destroy(arena);
}

/* Of a foreign file a few bytes are read, however large it is. */
Test(store, a_large_foreign_file_is_not_read, .timeout = 20)
{
    struct arena *arena = arena_make();
    struct record *loaded;
    uint8_t *bytes;
    size_t length;
    const off_t large = (off_t)1 << 40; /* more than there is memory */
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    OK(file_read(in_folder("a.h5"), &bytes, &length));
    write_bytes(in_folder("zeros"), (const uint8_t *)"", 0);
    write_bytes(in_folder("foreign"), bytes, length - TRAILER_LENGTH);
    write_bytes(in_folder("longer"), bytes, length);
    bytes[length - TRAILER_LENGTH + 16 + 5] = 1; /* the trailer says that it is longer than 1 TiB */
    write_bytes(in_folder("shorter"), bytes, length);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(truncate(in_folder((const char *[]){"zeros", "foreign", "longer"}[i]), large),
                     0);
    cr_assert_eq(store_verify(in_folder("zeros")), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "not a result file"));
    cr_assert_eq(store_load(in_folder("foreign"), arena, &loaded), BASIN_DATA);
    cr_assert_eq(store_load_small(in_folder("longer"), 1, arena, &loaded), BASIN_DAMAGED);
    cr_assert_eq(basin_error_last()->byte, (long long)length);
    cr_assert_eq(store_verify(in_folder("shorter")), BASIN_DAMAGED);
    cr_assert(strstr(basin_error_last()->message, "shorter than it says"));
    memory_free(bytes);
    arena_destroy(arena);
}

/* A trailer that fits, behind a hole, costs nobody disk. */
Test(store, a_large_file_is_not_kept_before_its_digest_is_known, .timeout = 100)
{
    enum { LARGE = 256 << 20, MOST = 8 << 20 };
    const char *path = in_folder("a.h5");
    struct arena *arena = arena_make();
    uint8_t trailer[TRAILER_LENGTH] = "\x89"
                                      "BASIN\r\n\2\0\0\0\x40";
    uint64_t said = LARGE - TRAILER_LENGTH;
    struct record *record;
    memcpy(trailer + 16, &said, 8);
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(pwrite(file, trailer, sizeof trailer, (off_t)said), (ssize_t)sizeof trailer);
    close(file);
    memory_peak_start();
    cr_assert_eq(store_load(path, arena, &record), BASIN_DAMAGED);
    cr_assert(strstr(basin_error_last()->message, "does not match its digest"));
    cr_assert_eq(store_verify(path), BASIN_DAMAGED);
    cr_assert_not(is_of_other_format(path));
    cr_assert_lt(memory_peak(), (size_t)MOST);
    arena_destroy(arena);
}

Test(store, an_axis_that_does_not_fit_is_refused)
{
    struct arena *arena = arena_make();
    struct record *record;
    const double values[3] = {1, 2, 3};
    const char *const axes[] = {"epoch"};
    OK(record_create(arena, &record));
    OK(record_add(record, "/curves/epoch", RECORD_FLOAT64, 1, (size_t[]){2}, axes, values, NULL));
    OK(record_add(record, "/curves/loss", RECORD_FLOAT64, 1, (size_t[]){3}, axes, values, NULL));
    cr_assert_eq(store_save(record, in_folder("a.h5")), BASIN_INTERNAL);
    cr_assert(strstr(basin_error_last()->message, "/curves/loss"));
    cr_assert_neq(access(in_folder("a.h5"), F_OK), 0);
    arena_destroy(arena);
}

Test(store, scales_are_found_in_groups_above_and_made_where_there_are_none)
{
    struct arena *arena = arena_make();
    struct record *record, *loaded;
    const double values[3] = {1, 2, 3};
    const char *const axes[] = {"epoch"}, *const other[] = {"k"};
    OK(record_create(arena, &record));
    OK(record_add(record, "/curves/epoch", RECORD_FLOAT64, 1, (size_t[]){3}, axes, values, NULL));
    OK(record_add(record, "/curves/deep/loss", RECORD_FLOAT64, 1, (size_t[]){3}, axes, values,
                  NULL));
    OK(record_add(record, "/tracked/top", RECORD_FLOAT64, 1, (size_t[]){3}, other, values, NULL));
    OK(store_save(record, in_folder("a.h5")));
    OK(store_load(in_folder("a.h5"), arena, &loaded));
    check_equal(record, loaded);
    arena_destroy(arena);
}

Test(store, a_failed_write_leaves_the_old_file_and_no_other)
{
    struct arena *arena = arena_make();
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    struct rlimit limit, old;
    getrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_IGN);
    limit = old;
    limit.rlim_cur = 1000; /* the first write is short, the next one fails */
    setrlimit(RLIMIT_FSIZE, &limit);
    basin_status status = store_save(sample_record(arena), in_folder("a.h5"));
    setrlimit(RLIMIT_FSIZE, &old);
    cr_assert_eq(status, BASIN_IO);
    cr_assert(strstr(basin_error_last()->message, "a.h5"), "%s", basin_error_last()->message);
    OK(store_verify(in_folder("a.h5")));
    OK(store_clean_folder(folder));
    cr_assert_eq(remove(in_folder("a.h5")), 0);
    cr_assert_eq(rmdir(folder), 0, "the temporary file is still there");
    arena_destroy(arena);
}

Test(store, every_failing_allocation_is_reported_and_leaves_nothing, .timeout = 100)
{
    struct arena *arena = arena_make();
    struct record *record = sample_record(arena), *loaded;
    basin_status status = BASIN_MEMORY;
    for (long n = 1; status == BASIN_MEMORY; n++) {
        memory_fail_at(n);
        status = store_save(record, in_folder("a.h5"));
        memory_fail_at(0);
        if (status == BASIN_MEMORY) cr_assert_neq(access(in_folder("a.h5"), F_OK), 0);
    }
    cr_assert_eq(status, BASIN_OK, "%s", basin_error_last()->message);
    status = BASIN_MEMORY;
    for (long n = 1; status == BASIN_MEMORY; n++) {
        struct arena *own = arena_make();
        memory_fail_at(n);
        status = store_load(in_folder("a.h5"), own, &loaded);
        memory_fail_at(0);
        arena_destroy(own);
    }
    cr_assert_eq(status, BASIN_OK, "%s", basin_error_last()->message);
    arena_destroy(arena);
}

static void *save_and_load(void *name)
{
    for (int i = 0; i < 10; i++) {
        struct arena *arena = arena_make();
        struct record *record = sample_record(arena), *loaded;
        char path[200];
        snprintf(path, sizeof path, "%s/%s", folder, (const char *)name);
        OK(store_save(record, path));
        OK(store_load(path, arena, &loaded));
        check_equal(record, loaded);
        arena_destroy(arena);
    }
    return NULL;
}

Test(store, threads_save_and_load_side_by_side, .timeout = 100)
{
    pthread_t threads[4];
    static const char *const names[] = {"0.h5", "1.h5", "2.h5", "3.h5"};
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, save_and_load, (void *)names[i]), 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
}
