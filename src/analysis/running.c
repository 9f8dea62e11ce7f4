#include "analysis/running.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "folder/checkpoint.h"
#include "folder/folder.h"
#include "store/store.h"

/* Arrays of more elements are not read: the weights of a large network, never its curves. */
enum { RUNNING_SLOTS = 2, RUNNING_MOST = 1 << 22 };

#define EPOCHS_PREFIX "/state/epochs/"

static int64_t running_integer(const struct record *record, const char *name)
{
    const struct record_attribute *attribute = record_attribute_find(record->items, name);
    bool is_one = attribute && attribute->type == RECORD_INTEGER && attribute->count == 0;
    return is_one ? *(const int64_t *)attribute->data : -1;
}

/* The newer of the two slots that are a checkpoint of the run; NULL: none. */
static basin_status newest_slot(struct arena *arena, const char *folder, const char *id,
                                time_t *written, const struct record **newest)
{
    *newest = NULL;
    for (int slot = 0; slot < RUNNING_SLOTS; slot++) {
        char path[FOLDER_PATH];
        struct stat about;
        struct record *record;
        snprintf(path, sizeof path, "%s/checkpoints/%s.%d", folder, id, slot);
        if (stat(path, &about) != 0) continue;
        basin_status status = store_load_small(path, RUNNING_MOST, arena, &record);
        if (status == BASIN_MEMORY) return status;
        if (status != BASIN_OK) continue;
        const char *of = record_attribute_get_text(record->items, "run_id");
        if (!of || strcmp(of, id) != 0 ||
            (*newest && running_integer(*newest, "serial") > running_integer(record, "serial")))
            continue;
        *newest = record;
        *written = about.st_mtime;
    }
    return BASIN_OK;
}

static bool is_row_array(const struct record_item *item, enum record_type type, size_t rows)
{
    return item && !item->is_group && item->type == type && item->rank == 1 &&
           item->dims[0] == rows;
}

static basin_status take_curves(struct arena *arena, const struct record *record,
                                struct running *running)
{
    const struct record_item *axis = record_find(record, EPOCHS_PREFIX "axis");
    size_t rows = axis && axis->rank == 1 ? axis->dims[0] : 0;
    running->curves = arena_array(arena, struct running_curve, record->count + 1);
    if (!running->curves) return BASIN_MEMORY;
    if (!rows || !is_row_array(axis, RECORD_INTEGER, rows)) return BASIN_OK;
    running->rows = rows;
    running->axis = axis->data;
    for (const struct record_item *item = record->items; item; item = item->next) {
        size_t length = strlen(EPOCHS_PREFIX);
        if (strncmp(item->path, EPOCHS_PREFIX, length) == 0 && item != axis &&
            is_row_array(item, RECORD_FLOAT64, rows))
            running->curves[running->curve_count++] =
                (struct running_curve){item->path + length, item->data};
    }
    return BASIN_OK;
}

basin_status running_look(struct arena *arena, const char *folder, const char *id,
                          struct running *running, bool *found)
{
    const struct record *record;
    *running = (struct running){0};
    *found = false;
    TRY(newest_slot(arena, folder, id, &running->written, &record));
    if (!record) return BASIN_OK;
    running->record = record;
    running->epoch = running_integer(record, "epoch");
    running->step = running_integer(record, "step");
    running->seconds = checkpoint_seconds(record);
    *found = running->epoch >= 0 && running->step >= 0;
    return take_curves(arena, record, running);
}

const double *running_curve(const struct running *running, const char *name)
{
    for (size_t i = 0; i < running->curve_count; i++)
        if (strcmp(running->curves[i].name, name) == 0) return running->curves[i].values;
    return NULL;
}

double running_last(const struct running *running, const double *curve)
{
    for (size_t i = running->rows; i > 0; i--)
        if (!isnan(curve[i - 1])) return curve[i - 1];
    return NAN;
}
