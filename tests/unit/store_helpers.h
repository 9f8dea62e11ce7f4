/* A folder of its own for each test of files, and a record that uses everything a record can hold.
 */
#ifndef BASIN_TESTS_STORE_HELPERS_H
#define BASIN_TESTS_STORE_HELPERS_H

#include <criterion/criterion.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/record.h"

static char folder[64];

static inline void folder_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/basin-test-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static inline int folder_remove_one(const char *path, const struct stat *about, int kind,
                                    struct FTW *walk)
{
    (void)about;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void folder_remove(void)
{
    nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Four paths at a time may be in use. */
static inline const char *in_folder(const char *name)
{
    static char paths[4][400];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

#define OK(call) cr_assert_eq((call), BASIN_OK, "%s: %s", #call, basin_error_last()->message)

/* Curves on an epoch axis with a hole, weights, texts, unnamed axes of equal size, an empty array,
 * every attribute type. */
static inline struct record *sample_record(struct arena *arena)
{
    struct record *record;
    struct record_item *item;
    const double loss[] = {2.5, NAN, 0.1}, spread[] = {1, -1.5};
    const int64_t epochs[] = {1, 2, 3}, counts[] = {7, -8};
    const float weight[] = {1, 2, 3, 4, 5, 6};
    const uint8_t yes = 1, bytes[] = {0, 1, 254, 255};
    const char *const names[] = {"", "caf\xc3\xa9"};
    const char *const epoch_axis[] = {"epoch"}, *const two_axes[] = {"", "epoch"};
    const double matrix[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    OK(record_create(arena, &record));
    OK(record_attribute_text(record, record->items, "NX_class", "NXroot"));
    OK(record_attribute_text(record, record->items, "study", ""));
    OK(record_text(record, "/spec", "study: x\n", NULL));
    OK(record_add(record, "/curves/train_loss", RECORD_FLOAT64, 1, (size_t[]){3}, epoch_axis, loss,
                  &item));
    OK(record_attribute_text(record, item, "units", "nats"));
    OK(record_float(record, "/measures/test_accuracy", 0.875, &item));
    OK(record_attribute_float(record, item, "spread", 0.25));
    OK(record_attribute_integer(record, item, "examples", -3));
    OK(record_attribute_add(record, item, "interval", RECORD_FLOAT64, 2, spread));
    OK(record_attribute_add(record, item, "counts", RECORD_INTEGER, 2, counts));
    OK(record_attribute_add(record, item, "names", RECORD_TEXT, 2, names));
    OK(record_add(record, "/curves/epoch", RECORD_INTEGER, 1, (size_t[]){3}, epoch_axis, epochs,
                  NULL));
    OK(record_add(record, "/curves/matrix", RECORD_FLOAT64, 2, (size_t[]){3, 3}, two_axes, matrix,
                  NULL));
    OK(record_add(record, "/weights/final/layers.0.weight", RECORD_FLOAT32, 2, (size_t[]){2, 3},
                  NULL, weight, NULL));
    OK(record_add(record, "/provenance/converged", RECORD_BYTE, 0, NULL, NULL, &yes, &item));
    OK(record_attribute_text(record, item, "dtype", "bool"));
    OK(record_add(record, "/provenance/bytes", RECORD_BYTE, 2, (size_t[]){2, 2}, NULL, bytes,
                  NULL));
    OK(record_text(record, "/provenance/host", "caf\xc3\xa9", NULL));
    OK(record_text(record, "/provenance/nobody", "", NULL));
    OK(record_add(record, "/provenance/names", RECORD_TEXT, 1, (size_t[]){2}, NULL, names, NULL));
    OK(record_add(record, "/provenance/nothing", RECORD_FLOAT64, 1, (size_t[]){0}, NULL, loss,
                  NULL));
    OK(record_group(record, "/empty", &item));
    OK(record_attribute_text(record, item, "title", "nothing here"));
    return record;
}

#endif
