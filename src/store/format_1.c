#include "store/format_1.h"

#include <string.h>

/* Texts over an axis that have become an attribute of the axis' scale. */
static const struct {
    const char *array, *scale, *attribute;
} moved[] = {{"/measures/hessian_trace_per_parameter/name",
              "/measures/hessian_trace_per_parameter/index", "names"}};

static void format_1_remove(struct record *record, const struct record_item *gone)
{
    struct record_item **at = &record->items;
    while (*at != gone) at = &(*at)->next;
    *at = gone->next;
    if (record->tail == &gone->next) record->tail = at;
}

basin_status format_1_mend(struct record *record)
{
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        struct record_item *array = record_find(record, moved[i].array),
                           *scale = record_find(record, moved[i].scale);
        if (!array || !scale || array->is_group || array->type != RECORD_TEXT || array->rank != 1)
            continue;
        TRY(record_attribute_add(record, scale, moved[i].attribute, RECORD_TEXT, array->dims[0],
                                 array->data));
        format_1_remove(record, array);
    }
    return BASIN_OK;
}
