/* Numbers that the precision of a run cannot hold: they would be infinite in the first batch. */
#include <float.h>
#include <math.h>
#include "data/arrays.h"
#include "data/data.h"
#include "data/view.h"

struct range {
    const struct data *data;
    bool wide;
};

static bool range_holds(double value, bool wide)
{
    return isfinite(wide ? value : (double)(float)value);
}

/* As it is gathered. */
static double range_element(const struct data *data, const struct array_part *part, size_t row,
                            size_t feature)
{
    size_t at = row * data->info.features + feature;
    double x = source_arrays(data->source)->type == RECORD_FLOAT32 ? ((const float *)part->x)[at]
                                                                   : ((const double *)part->x)[at];
    return data->mean ? (x - data->mean[feature]) * data->inverse[feature] : x;
}

static basin_status refuse_beyond(const struct range *range, const struct array_origin *origin,
                                  double value, size_t feature, size_t row)
{
    const char *type = range->wide ? "float64" : "float32";
    error_raise(BASIN_DATA, "%s, %s: %g at element %zu of example %zu is beyond the range of %s",
                origin->file, origin->name, value, feature, row, type);
    error_place(origin->file, 0, 0);
    error_key("%s", origin->key);
    error_expected("at most %g", range->wide ? DBL_MAX : (double)FLT_MAX);
    error_found("%g", value);
    error_hint(range->wide ? "divide the data by a constant" : "write precision: float64");
    return BASIN_DATA;
}

/* What the largest magnitude can become by standardising. */
static double range_bound(const struct data *data, double most)
{
    double mean = 0, inverse = 0;
    if (!data->mean) return most;
    for (size_t j = 0; j < data->info.features; j++) {
        mean = fmax(mean, fabs(data->mean[j]));
        inverse = fmax(inverse, data->inverse[j]);
    }
    return (most + mean) * fmax(inverse, 1);
}

static basin_status check_x(const struct range *range, enum data_part which)
{
    const struct data *data = range->data;
    const struct arrays *arrays = source_arrays(data->source);
    const struct array_part *part = arrays_part(data, which);
    if (arrays->type == RECORD_BYTE ||
        range_holds(range_bound(data, part->x_from.most), range->wide))
        return BASIN_OK;
    for (size_t i = 0; i < data->info.counts[which]; i++)
        for (size_t j = 0; j < data->info.features; j++) {
            size_t row = view_row(data, which, i);
            double value = range_element(data, part, row, j);
            if (!range_holds(value, range->wide))
                return refuse_beyond(range, &part->x_from, value, j, row);
        }
    return BASIN_OK;
}

static basin_status check_y(const struct range *range, enum data_part which)
{
    const struct data *data = range->data;
    const struct array_part *part = arrays_part(data, which);
    size_t outputs = data->info.outputs;
    if (!part->targets || range_holds(part->y_from.most, range->wide)) return BASIN_OK;
    for (size_t i = 0; i < data->info.counts[which]; i++)
        for (size_t k = 0; k < outputs; k++) {
            size_t row = view_row(data, which, i);
            double value = part->targets[row * outputs + k];
            if (!range_holds(value, range->wide))
                return refuse_beyond(range, &part->y_from, value, k, row);
        }
    return BASIN_OK;
}

bool data_is_within_range(const struct data *data, bool wide)
{
    if (data->source->kind != &source_kind_arrays || data->source->generated) return true;
    const struct arrays *arrays = source_arrays(data->source);
    for (int i = 0; i < SOURCE_PARTS; i++) {
        const struct array_part *part = &arrays->parts[i];
        bool known = arrays->type == RECORD_BYTE || !data->mean;
        if (!known || !range_holds(part->x_from.most, wide) ||
            !range_holds(part->y_from.most, wide))
            return false;
    }
    return true;
}

basin_status data_check_range(const struct data *data, bool wide)
{
    struct range range = {data, wide};
    if (data->source->kind != &source_kind_arrays || data->source->generated) return BASIN_OK;
    for (int part = 0; part < DATA_PARTS; part++) {
        TRY(check_x(&range, (enum data_part)part));
        TRY(check_y(&range, (enum data_part)part));
    }
    return BASIN_OK;
}
