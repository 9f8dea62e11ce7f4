/* formats/cifar_file.c: batches of a few records, from folders and archives. */
#include "formats/cifar_file.h"
#include "data_files.h"

#include <sys/stat.h>

TestSuite(cifar_file, .init = data_start, .fini = data_stop);

enum { PLANE = 1024, PIXELS = 3 * PLANE, MOST = 4 };

/* Pixel (row, column) of channel c of record i; no two of neighbours are equal. */
static uint8_t pixel(size_t i, size_t row, size_t column, size_t c)
{
    return (uint8_t)(7 * row + 3 * column + 85 * c + 31 * i);
}

/* Records `first` and so on of `labels` bytes, the last of which is the record's number modulo
 * `classes`, the other one that modulo 20 plus 5. */
static size_t make_batch(uint8_t *out, size_t first, size_t count, size_t labels, size_t classes)
{
    uint8_t *at = out;
    for (size_t i = first; i < first + count; i++) {
        if (labels == 2) *at++ = (uint8_t)((i + 5) % 20);
        *at++ = (uint8_t)(i % classes);
        for (size_t c = 0; c < 3; c++)
            for (size_t k = 0; k < PLANE; k++) *at++ = pixel(i, k / 32, k % 32, c);
    }
    return (size_t)(at - out);
}

static void write_batch(const char *name, size_t first, size_t count, size_t labels, size_t classes)
{
    uint8_t bytes[MOST * (PIXELS + 2)];
    write_plain(name, bytes, make_batch(bytes, first, count, labels, classes));
}

static void make_folder(const char *name)
{
    cr_assert_eq(mkdir(in_folder(name), 0777), 0);
}

static void check_part(const struct cifar *cifar, int part, size_t first, size_t count)
{
    const struct store_array *x = &cifar->x[part];
    const uint8_t *at = x->data;
    cr_assert(x->type == RECORD_BYTE && x->rank == 4);
    cr_assert(x->dims[0] == count && x->dims[1] == 32 && x->dims[2] == 32 && x->dims[3] == 3);
    for (size_t i = first; i < first + count; i++)
        for (size_t k = 0; k < PLANE; k++)
            for (size_t c = 0; c < 3; c++) cr_assert_eq(*at++, pixel(i, k / 32, k % 32, c));
}

static void check_labels(const struct cifar *cifar, int part, size_t count, const int64_t *want)
{
    const struct store_array *y = &cifar->y[part];
    cr_assert(y->type == RECORD_INTEGER && y->rank == 1 && y->dims[0] == count);
    cr_assert_arr_eq((int64_t *)y->data, want, count * sizeof *want);
}

static void write_cifar10(void)
{
    write_batch("data_batch_1.bin", 0, 3, 1, 10);
    write_batch("data_batch_2.bin", 3, 1, 1, 10);
    write_batch("test_batch.bin", 8, 2, 1, 10);
}

static void read_ok(const char *path, enum cifar_kind kind, struct cifar *cifar)
{
    OK(cifar_read(path, kind, INFINITY, arena, cifar));
}

static void check_cifar10(const char *path)
{
    struct cifar cifar;
    read_ok(path, CIFAR_10, &cifar);
    check_part(&cifar, CIFAR_TRAIN, 0, 4);
    check_part(&cifar, CIFAR_TEST, 8, 2);
    check_labels(&cifar, CIFAR_TRAIN, 4, (int64_t[]){0, 1, 2, 3});
    check_labels(&cifar, CIFAR_TEST, 2, (int64_t[]){8, 9});
    cr_assert_eq(cifar.class_count, 10);
    cr_assert_str_eq(cifar.classes[0], "airplane");
    cr_assert_str_eq(cifar.classes[9], "truck");
    cifar_free(&cifar);
}

Test(cifar_file, cifar10_from_its_folder_or_the_one_above)
{
    write_cifar10();
    check_cifar10(folder);
    make_folder("cifar-10-batches-bin");
    const char *files[] = {"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"};
    for (int i = 0; i < 3; i++) {
        char to[64];
        snprintf(to, sizeof to, "cifar-10-batches-bin/%s", files[i]);
        cr_assert_eq(rename(in_folder(files[i]), in_folder(to)), 0);
    }
    check_cifar10(folder);
    check_cifar10(in_folder("cifar-10-batches-bin"));
}

/* A tar of three members in a folder, gzipped. */
static void write_tar(const char *name)
{
    static uint8_t bytes[64 << 10], batch[MOST * (PIXELS + 2)];
    const char *names[] = {"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"};
    size_t first[] = {0, 3, 8}, counts[] = {3, 1, 2}, at = 0;
    for (int i = 0; i < 3; i++) {
        char *head = (char *)bytes + at;
        size_t length = make_batch(batch, first[i], counts[i], 1, 10);
        unsigned sum = 0;
        snprintf(head, 100, "cifar-10-batches-bin/%s", names[i]);
        snprintf(head + 100, 8, "%07o", 0644);
        snprintf(head + 124, 12, "%011o", (unsigned)length);
        snprintf(head + 136, 12, "%011o", 0);
        memset(head + 148, ' ', 8);
        head[156] = '0';
        memcpy(head + 257,
               "ustar\0"
               "00",
               8);
        for (int k = 0; k < 512; k++) sum += (uint8_t)head[k];
        snprintf(head + 148, 8, "%06o", sum);
        memcpy(bytes + at + 512, batch, length);
        at += 512 + (length + 511) / 512 * 512;
    }
    write_gzip(name, bytes, at + 1024, "wb");
}

Test(cifar_file, cifar10_from_the_archive)
{
    write_tar("cifar-10-binary.tar.gz");
    check_cifar10(in_folder("cifar-10-binary.tar.gz"));
}

Test(cifar_file, cifar100_fine_and_coarse)
{
    struct cifar cifar;
    write_batch("train.bin", 97, 3, 2, 100);
    write_batch("test.bin", 0, 1, 2, 100);
    read_ok(folder, CIFAR_100_FINE, &cifar);
    check_part(&cifar, CIFAR_TRAIN, 97, 3);
    check_part(&cifar, CIFAR_TEST, 0, 1);
    check_labels(&cifar, CIFAR_TRAIN, 3, (int64_t[]){97, 98, 99});
    cr_assert_eq(cifar.class_count, 100);
    cr_assert_str_eq(cifar.classes[0], "apple");
    cr_assert_str_eq(cifar.classes[50], "mouse");
    cr_assert_str_eq(cifar.classes[99], "worm");
    cifar_free(&cifar);
    read_ok(folder, CIFAR_100_COARSE, &cifar);
    check_part(&cifar, CIFAR_TRAIN, 97, 3);
    check_labels(&cifar, CIFAR_TRAIN, 3, (int64_t[]){2, 3, 4});
    cr_assert_eq(cifar.class_count, 20);
    cr_assert_str_eq(cifar.classes[0], "aquatic_mammals");
    cr_assert_str_eq(cifar.classes[19], "vehicles_2");
    cifar_free(&cifar);
}

Test(cifar_file, names_of_classes_are_those_of_the_file)
{
    struct cifar cifar;
    write_cifar10();
    static const char names[] = "a\nb\r\nc\nd\ne\nf\ng\nh\ni\nlast one\n\n";
    write_plain("batches.meta.txt", names, strlen(names));
    read_ok(folder, CIFAR_10, &cifar);
    cr_assert_str_eq(cifar.classes[1], "b");
    cr_assert_str_eq(cifar.classes[9], "last one");
    cifar_free(&cifar);
}

static void refuse_cifar(const char *path, enum cifar_kind kind, const char *const *texts)
{
    struct cifar cifar;
    check_message(cifar_read(path, kind, INFINITY, arena, &cifar), BASIN_DATA, texts);
    cr_assert(basin_error_last()->file[0]);
    cifar_free(&cifar);
}

#define REFUSED_CIFAR(kind, ...)                                                                   \
    refuse_cifar(folder, kind, (const char *const[]){__VA_ARGS__, NULL})

Test(cifar_file, wrong_files_are_refused_with_their_byte)
{
    uint8_t bytes[2 * (PIXELS + 1)];
    write_cifar10();
    size_t length = make_batch(bytes, 0, 2, 1, 10);
    bytes[PIXELS + 1] = 10;
    write_plain("data_batch_2.bin", bytes, length);
    REFUSED_CIFAR(CIFAR_10, "/data_batch_2.bin: label 10 of record 1 is not a class of CIFAR-10, "
                            "0 to 9 (byte 3073)");
    cr_assert_eq(basin_error_last()->byte, 3073);
    write_plain("data_batch_2.bin", bytes, length - 1);
    REFUSED_CIFAR(CIFAR_10,
                  "/data_batch_2.bin has 6145 bytes, which is no whole number of records");
    cr_assert_eq(basin_error_last()->byte, 3073);
    write_plain("data_batch_2.bin", "", 0);
    REFUSED_CIFAR(CIFAR_10, "/data_batch_2.bin has 0 bytes");
    cr_assert_eq(remove(in_folder("data_batch_2.bin")), 0);
    write_batch("data_batch_3.bin", 0, 1, 1, 10);
    REFUSED_CIFAR(CIFAR_10, "has no file data_batch_2.bin, which belongs to CIFAR-10");
    cr_assert_eq(remove(in_folder("data_batch_3.bin")), 0);
    cr_assert_eq(remove(in_folder("test_batch.bin")), 0);
    REFUSED_CIFAR(CIFAR_10, "has no file test_batch.bin", "cifar-10-binary.tar.gz");
}

Test(cifar_file, labels_of_cifar100_have_their_own_bytes)
{
    uint8_t bytes[PIXELS + 2];
    size_t length = make_batch(bytes, 0, 1, 2, 100);
    write_plain("test.bin", bytes, length);
    bytes[1] = 100;
    write_plain("train.bin", bytes, length);
    REFUSED_CIFAR(CIFAR_100_FINE, "label 100 of record 0", "0 to 99 (byte 1)");
    bytes[0] = 20;
    write_plain("train.bin", bytes, length);
    REFUSED_CIFAR(CIFAR_100_COARSE, "label 20 of record 0", "0 to 19 (byte 0)");
}

Test(cifar_file, other_folders_are_told)
{
    REFUSED_CIFAR(CIFAR_10, "has no file data_batch_1.bin", "binary version is wanted");
    write_plain("data_batch_1", "pickle", 6);
    REFUSED_CIFAR(CIFAR_10, "is the Python version of CIFAR-10");
    write_plain("meta", "pickle", 6);
    REFUSED_CIFAR(CIFAR_100_FINE, "is the Python version of CIFAR-100");
    refuse_cifar(in_folder("none"), CIFAR_10, (const char *const[]){"/none", "No such file", NULL});
}

Test(cifar_file, wrong_names_are_refused)
{
    write_cifar10();
    write_plain("batches.meta.txt", "a\nb\n", 4);
    REFUSED_CIFAR(CIFAR_10, "/batches.meta.txt has 2 names of classes; CIFAR-10 has 10");
    write_plain("batches.meta.txt", "a\n\xff\n", 4);
    REFUSED_CIFAR(CIFAR_10, "/batches.meta.txt is no text in UTF-8");
}

Test(cifar_file, they_need_room)
{
    struct cifar cifar;
    write_cifar10();
    check_message(cifar_read(folder, CIFAR_10, 4000, arena, &cifar), BASIN_DATA,
                  (const char *const[]){"of memory", NULL});
    cifar_free(&cifar);
}
