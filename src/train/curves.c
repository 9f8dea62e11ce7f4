#include "train/curves.h"

#include <math.h>
#include <string.h>

static const char *column_name(int column)
{
    return train_curve((enum curve_column)column)->final.name;
}

basin_status curves_create(struct arena *arena, unsigned columns, int64_t capacity,
                           struct curves *curves)
{
    *curves = (struct curves){.capacity = capacity};
    curves->axis = arena_array(arena, int64_t, (size_t)capacity);
    if (!curves->axis) return BASIN_MEMORY;
    for (int i = 0; i < CURVES; i++) {
        if (!(columns & 1u << i)) continue;
        curves->columns[i] = arena_array(arena, double, (size_t)capacity);
        if (!curves->columns[i]) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

size_t curves_bytes(unsigned columns, int64_t capacity)
{
    size_t count = 1; /* the axis */
    for (int i = 0; i < CURVES; i++) count += columns >> i & 1;
    return count * (size_t)capacity * sizeof(double);
}

void curves_row(struct curves *curves, int64_t at)
{
    if (curves->capacity == 0) return;
    bool again =
        curves->rows > 0 && curves->axis[curves->rows - 1] == at; /* begun before an interruption */
    if (curves->rows < curves->capacity && !again) curves->rows++;
    curves->axis[curves->rows - 1] = at;
    for (int i = 0; i < CURVES; i++)
        if (curves->columns[i]) curves->columns[i][curves->rows - 1] = NAN;
}

void curves_set(struct curves *curves, enum curve_column column, double value)
{
    if (curves->columns[column] && curves->rows) curves->columns[column][curves->rows - 1] = value;
}

void train_fill_row(struct curves *curves, const struct train_moment *moment)
{
    for (const struct train_quantity *each = train_quantities; each->final.name; each++)
        if (each->curve) curves_set(curves, each->column, train_quantity_value(each, moment));
}

double curves_get(const struct curves *curves, enum curve_column column)
{
    return curves->columns[column] && curves->rows ? curves->columns[column][curves->rows - 1]
                                                   : NAN;
}

basin_status curves_state(struct curves *curves, struct state *state)
{
    TRY(state_integer(state, "rows", &curves->rows));
    if (curves->rows < 0 || curves->rows > curves->capacity)
        return error_raise(BASIN_DATA, "the checkpoint has too many rows");
    TRY(state_array(state, "axis", RECORD_INTEGER, (size_t)curves->rows, curves->axis));
    for (int i = 0; i < CURVES; i++)
        if (curves->columns[i])
            TRY(state_array(state, column_name(i), RECORD_FLOAT64, (size_t)curves->rows,
                            curves->columns[i]));
    return BASIN_OK;
}

static basin_status add_column(const struct curves *curves, int column, struct record *record,
                               const char *path, const char *axis)
{
    char *name = arena_format(record->arena, "%s/%s", path, column_name(column));
    if (!name) return BASIN_MEMORY;
    struct record_item *item;
    TRY(record_add(record, name, RECORD_FLOAT64, 1, &(size_t){(size_t)curves->rows}, &axis,
                   curves->columns[column], &item));
    const struct train_quantity *curve = train_curve((enum curve_column)column);
    TRY(record_attribute_text(record, item, "units", curve->final.units));
    return record_attribute_text(record, item, "long_name", curve->curve);
}

static basin_status curves_describe(const struct curves *curves, struct record *record,
                                    struct record_item *group, const char *axis, const char *title)
{
    const char *names[CURVES];
    size_t count = 0;
    for (int i = 0; i < CURVES; i++)
        if (curves->columns[i]) names[count++] = column_name(i);
    TRY(record_attribute_text(record, group, "NX_class", "NXdata"));
    TRY(record_attribute_text(record, group, "signal", names[0]));
    if (count > 1)
        TRY(record_attribute_add(record, group, "auxiliary_signals", RECORD_TEXT, count - 1,
                                 names + 1));
    TRY(record_attribute_add(record, group, "axes", RECORD_TEXT, 1, &axis));
    return record_attribute_text(record, group, "title", title);
}

basin_status curves_record(const struct curves *curves, struct record *record, const char *path,
                           const char *axis, const char *title)
{
    if (curves->rows == 0) return BASIN_OK;
    struct record_item *group, *scale;
    TRY(record_group(record, path, &group));
    TRY(curves_describe(curves, record, group, axis, title));
    char *name = arena_format(record->arena, "%s/%s", path, axis);
    if (!name) return BASIN_MEMORY;
    TRY(record_add(record, name, RECORD_INTEGER, 1, &(size_t){(size_t)curves->rows}, &axis,
                   curves->axis, &scale));
    TRY(record_attribute_text(record, scale, "units", "1"));
    TRY(record_attribute_text(record, scale, "long_name", axis));
    for (int i = 0; i < CURVES; i++)
        if (curves->columns[i]) TRY(add_column(curves, i, record, path, axis));
    return BASIN_OK;
}
