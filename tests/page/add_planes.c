/* Gives the result of a run arrays over two and three axes, as a measure writes them: the loss over
 * a plane, and over one plane a probe. For tests of what shows them.
 *     add_planes FILE SIDE NUMBER */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/arena.h"
#include "base/record.h"
#include "store/store.h"

enum { PROBES = 2, MOST = 200 };

static double alpha[MOST], beta[MOST], planes[PROBES][MOST * MOST];
static const int64_t probe[PROBES] = {0, 1};

static void fill(size_t side, double number)
{
    for (size_t i = 0; i < side; i++) {
        alpha[i] = -1 + 2 * (double)i / (double)(side - 1);
        beta[i] = 0.01 * pow(1000, (double)i / (double)(side - 2));
    }
    for (size_t p = 0; p < PROBES; p++)
        for (size_t i = 0; i < side; i++)
            for (size_t j = 0; j + 1 < side; j++)
                planes[p][i * (side - 1) + j] =
                    (double)(p + 1) * (pow(alpha[i] - number / 10, 2) + pow(log(beta[j]), 2));
    planes[0][0] = planes[1][0] = NAN;
}

static basin_status add(struct record *record, const char *name, int rank, const size_t *dims,
                        const char *const *axes, const void *values)
{
    struct record_item *item;
    const char *path = arena_format(record->arena, "/measures/landscape/%s", name);
    if (!path) return BASIN_MEMORY;
    TRY(record_add(record, path,
                   axes[0] == name && name[0] == 'p' ? RECORD_INTEGER : RECORD_FLOAT64, rank, dims,
                   axes, values, &item));
    return record_attribute_text(record, item, "units", "nats");
}

static basin_status add_planes(struct record *record, size_t side)
{
    static const char *const axes[] = {"probe", "alpha", "beta"};
    static double cube[PROBES * MOST * MOST];
    const size_t dims[] = {PROBES, side, side - 1}, size = side * (side - 1);
    for (size_t i = 0; i < PROBES * size; i++) cube[i] = planes[i / size][i % size];
    TRY(record_group(record, "/measures/landscape", NULL));
    TRY(add(record, axes[0], 1, dims, axes, probe));
    TRY(add(record, axes[1], 1, dims + 1, axes + 1, alpha));
    TRY(add(record, axes[2], 1, dims + 2, axes + 2, beta));
    TRY(add(record, "loss", 2, dims + 1, axes + 1, planes[0]));
    return add(record, "of_probe", 3, dims, axes, cube);
}

int main(int count, char **words)
{
    struct arena *arena;
    struct record *record;
    size_t side = count == 4 ? strtoul(words[2], NULL, 10) : 0;
    if (side < 3 || side > MOST || arena_create(&arena) != BASIN_OK) return 2;
    fill(side, strtod(words[3], NULL));
    basin_status status = store_load(words[1], arena, &record);
    if (status == BASIN_OK) status = add_planes(record, side);
    if (status == BASIN_OK) status = store_save(record, words[1]);
    if (status != BASIN_OK) fprintf(stderr, "%s\n", basin_error_last()->message);
    arena_destroy(arena);
    return status == BASIN_OK ? 0 : 1;
}
