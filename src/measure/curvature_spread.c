#include "measure/curvature_spread.h"

#include <math.h>
#include <string.h>

const struct quantity curvature_subset_quantity = {"subset", "1",
                                                   "ordinal of the subset of examples", NULL, NULL};

bool curvature_is_spread(const struct value *options)
{
    const struct value *subsets = value_find(options, "subsets");
    return subsets && subsets->kind == VALUE_INTEGER;
}

/* values (subsets, count) */
static basin_status spread_take(const struct measure_site *site,
                                const struct curvature_spread *spread, size_t subsets,
                                uint32_t *rows, double *values)
{
    struct curvature curvature = curvature_open(site);
    size_t count = curvature.where.count;
    curvature.where.rows = rows;
    memcpy(values, spread->first, spread->count * sizeof *values);
    for (size_t k = 1; k < subsets; k++) {
        for (size_t i = 0; i < count; i++) rows[i] = (uint32_t)(k * count + i);
        TRY(spread->numbers(spread->context, &curvature, values + k * spread->count));
    }
    return BASIN_OK;
}

/* column (subsets): of number `which` */
static basin_status spread_record(const struct measure_site *site,
                                  const struct curvature_spread *spread, size_t which,
                                  size_t subsets, const double *values, double *column)
{
    double mean = 0, square = 0, count = (double)subsets;
    for (size_t k = 0; k < subsets; k++) {
        column[k] = values[k * spread->count + which];
        mean += column[k] / count;
    }
    for (size_t k = 0; k < subsets; k++) square += pow(column[k] - mean, 2);
    TRY(measure_scalar(site, spread->mean[which], mean, CURVATURE_NOT_FINITE));
    TRY(measure_scalar(site, spread->sd[which], sqrt(square / (count - 1)), CURVATURE_NOT_FINITE));
    return measure_array(site, spread->each[which], curvature_subset_quantity.name, subsets,
                         column);
}

static basin_status spread_store(const struct measure_site *site,
                                 const struct curvature_spread *spread, size_t subsets,
                                 const double *values, double *column)
{
    for (size_t k = 0; k < subsets; k++) column[k] = (double)k;
    TRY(measure_note(site, "subsets", (double)subsets));
    TRY(measure_array(site, &curvature_subset_quantity, curvature_subset_quantity.name, subsets,
                      column));
    for (size_t i = 0; i < spread->count; i++)
        TRY(spread_record(site, spread, i, subsets, values, column));
    return BASIN_OK;
}

basin_status curvature_spread(const struct measure_site *site,
                              const struct curvature_spread *spread)
{
    int64_t asked = ((const struct curvature_settings *)site->settings)->subsets;
    if (asked == SETTING_ABSENT) return BASIN_OK;
    size_t subsets = (size_t)asked;
    uint32_t *rows = memory_allocate(measure_examples(site) * sizeof *rows);
    double *values = memory_allocate(subsets * (spread->count + 1) * sizeof *values);
    basin_status status = rows && values ? BASIN_OK : BASIN_MEMORY;
    if (status == BASIN_OK) status = spread_take(site, spread, subsets, rows, values);
    if (status == BASIN_OK)
        status = spread_store(site, spread, subsets, values, values + subsets * spread->count);
    memory_free(rows);
    memory_free(values);
    return status;
}
