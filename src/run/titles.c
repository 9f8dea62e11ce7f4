#include "run/titles.h"

#include <string.h>

basin_status titles_name_run(struct record *record)
{
    const char *study = record_attribute_get_text(record->items, "study"),
               *id = record_attribute_get_text(record->items, "run_id");
    if (!study || !id) return BASIN_OK;
    const char *run = arena_format(record->arena, "%s%s%s: ", study, *study ? " " : "", id);
    if (!run) return BASIN_MEMORY;
    for (struct record_item *item = record->items; item; item = item->next) {
        const char *title = item->is_group ? record_attribute_get_text(item, "title") : NULL;
        if (!title || strncmp(title, run, strlen(run)) == 0) continue;
        const char *whole = arena_format(record->arena, "%s%s", run, title);
        if (!whole) return BASIN_MEMORY;
        TRY(record_attribute_text(record, item, "title", whole));
    }
    return BASIN_OK;
}
