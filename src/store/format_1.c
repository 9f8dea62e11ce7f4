#include "store/format_1.h"

/* Texts over an axis that have become an attribute of the axis' scale. */
static const struct {
    const char *array, *scale, *attribute;
} moved[] = {{"/measures/hessian_trace_per_parameter/name",
              "/measures/hessian_trace_per_parameter/index", "names"}};

basin_status format_1_mend(struct record *record)
{
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        struct record_item *array = record_find(record, moved[i].array),
                           *scale = record_find(record, moved[i].scale);
        if (!array || !scale || array->is_group || array->type != RECORD_TEXT || array->rank != 1)
            continue;
        TRY(record_attribute_add(record, scale, moved[i].attribute, RECORD_TEXT, array->dims[0],
                                 array->data));
        record_remove(record, array);
    }
    return BASIN_OK;
}
