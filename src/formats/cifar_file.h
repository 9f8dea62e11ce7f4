/* CIFAR-10 and CIFAR-100, the binary version: files of records.
 *
 * A record is one label (CIFAR-10) or a coarse and a fine label (CIFAR-100), a byte each, and 3072
 * bytes of a picture of 32 x 32: all of red, all of green, all of blue, row by row. Files are whole
 * numbers of records, of any number (the published ones have 10,000 and 50,000).
 *
 *     CIFAR-10:  data_batch_1.bin ... data_batch_5.bin, test_batch.bin, batches.meta.txt
 *     CIFAR-100: train.bin, test.bin, fine_label_names.txt, coarse_label_names.txt
 *
 * Purpose.  From a folder, from the folder of the published archive inside it
 * (cifar-10-batches-bin, cifar-100-binary), or from the archive as it was published (archived.h).
 * Of the training batches of CIFAR-10 there may be fewer, from the first on without a gap.
 * Errors.  BASIN_DATA with the file and the byte of what is wrong; BASIN_MEMORY.
 * Source.  Krizhevsky, "Learning multiple layers of features from tiny images", 2009;
 * https://www.cs.toronto.edu/~kriz/cifar.html
 */
#ifndef BASIN_FORMATS_CIFAR_FILE_H
#define BASIN_FORMATS_CIFAR_FILE_H

#include "base/arena.h"
#include "store/array.h"

enum cifar_kind { CIFAR_10, CIFAR_100_FINE, CIFAR_100_COARSE };
enum { CIFAR_TRAIN, CIFAR_TEST, CIFAR_PARTS };

struct cifar {
    struct store_array x[CIFAR_PARTS]; /* RECORD_BYTE (N, 32, 32, 3) */
    struct store_array y[CIFAR_PARTS]; /* RECORD_INTEGER (N) */
    const char *files[CIFAR_PARTS];    /* for messages: the first file of the part */
    const char *const *classes;        /* (class_count) names: of the file of names, or published */
    size_t class_count;
};

/* Of at most `most` bytes. Names are the arena's, arrays the caller's: cifar_free, after a failure
 * too. */
basin_status cifar_read(const char *path, enum cifar_kind kind, double most, struct arena *arena,
                        struct cifar *cifar);
void cifar_free(struct cifar *cifar);

/* Of one file in memory: `x` (count, 32, 32, 3) and `y` (count). `name` is for messages. */
basin_status cifar_count(const char *name, size_t length, enum cifar_kind kind, size_t *count);
basin_status cifar_decode(const char *name, const uint8_t *bytes, size_t count,
                          enum cifar_kind kind, uint8_t *x, int64_t *y);

#endif
