#include "study/checkpoint.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "store/store.h"
#include "study/folder.h"
#include "study/provenance.h"
#include "train/train.h"

enum { SLOTS = 2, SMALL = 16 };

const struct schema_row checkpoint_parameters[] = {
    {.key = "every_seconds",
     .type = SCHEMA_FLOAT,
     .unit = "seconds",
     .minimum = 0,
     .maximum = 1e9,
     .fallback = "60.0",
     .flags = SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Time between two checkpoints of a run; 0: after every step."},
    {.key = "every_epochs",
     .type = SCHEMA_INTEGER,
     .unit = "epochs",
     .minimum = 1,
     .maximum = 1e9,
     .flags = SCHEMA_OPTIONAL | SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Take them after every so many epochs instead."},
    {0}};

static const char *slot_file(const char *folder, const char *id, int64_t slot,
                             char out[FOLDER_PATH])
{
    snprintf(out, FOLDER_PATH, "%s/checkpoints/%s.%d", folder, id, (int)slot);
    return out;
}

/* ---- what a checkpoint is of ---- */

static bool integer_of(const struct record *record, const char *name, int64_t *value)
{
    const struct record_attribute *attribute = record_attribute_find(record->items, name);
    if (!attribute || attribute->type != RECORD_INTEGER || attribute->count != 0) return false;
    *value = *(const int64_t *)attribute->data;
    return true;
}

bool checkpoint_header(const struct record *record, const char *id, const char *build,
                       int64_t *serial, int64_t *epoch, int64_t *step)
{
    const char *run = record_attribute_get_text(record->items, "run_id"),
               *by = record_attribute_get_text(record->items, "build");
    return run && by && strcmp(run, id) == 0 && strcmp(by, build) == 0 &&
           integer_of(record, "serial", serial) && integer_of(record, "epoch", epoch) &&
           integer_of(record, "step", step);
}

/* Which slot holds the newest one that can be used; -1: none, and then `unusable` says why where
 * one is there. */
static int newest(const char *folder, const char *id, int64_t *serial, int64_t *epoch,
                  int64_t *step, basin_error *unusable)
{
    char path[FOLDER_PATH];
    int best = -1;
    *serial = 0;
    *unusable = (basin_error){0};
    for (int slot = 0; slot < SLOTS; slot++) {
        struct arena *arena;
        struct record *record;
        int64_t number, epochs, steps;
        if (access(slot_file(folder, id, slot, path), F_OK) != 0 ||
            arena_create(&arena) != BASIN_OK)
            continue;
        basin_status status = store_load_small(path, SMALL, arena, &record);
        if (status == BASIN_OK &&
            !checkpoint_header(record, id, provenance_build(), &number, &epochs, &steps))
            status =
                error_raise(BASIN_DATA, "%s was written by another build or on another CPU", path);
        if (status != BASIN_OK) *unusable = *basin_error_last();
        if (status == BASIN_OK && number > *serial) {
            best = slot;
            *epoch = epochs;
            *step = steps;
            *serial = number;
        }
        arena_destroy(arena);
    }
    if (best >= 0) *unusable = (basin_error){0};
    return best;
}

double checkpoint_seconds(const struct record *record)
{
    const struct record_attribute *attribute =
        record ? record_attribute_find(record->items, "seconds") : NULL;
    return attribute && attribute->type == RECORD_FLOAT64 && attribute->count == 0
               ? *(const double *)attribute->data
               : 0;
}

bool checkpoint_look(const char *folder, const char *id, int64_t *epoch, int64_t *step)
{
    int64_t serial;
    basin_error unusable;
    return newest(folder, id, &serial, epoch, step, &unusable) >= 0;
}

basin_status checkpoint_unusable(const char *folder, const char *id, struct arena *arena,
                                 const char **why)
{
    int64_t serial, epoch, step;
    basin_error unusable;
    *why = NULL;
    if (newest(folder, id, &serial, &epoch, &step, &unusable) >= 0 || unusable.status == BASIN_OK)
        return BASIN_OK;
    *why = arena_text(arena, unusable.message);
    return *why ? BASIN_OK : BASIN_MEMORY;
}

/* ---- while a run is under way ---- */

static bool due(void *context, int64_t epoch)
{
    const struct checkpoint *checkpoint = context;
    if (epoch == TRAIN_END)
        return checkpoint->before_measures ||
               clock_seconds() - checkpoint->started >= checkpoint->every_seconds;
    if (checkpoint->every_epochs) return epoch > 0 && epoch % checkpoint->every_epochs == 0;
    return clock_seconds() - checkpoint->last >= checkpoint->every_seconds;
}

static basin_status write_slot(struct checkpoint *checkpoint, struct record *record, int64_t epoch,
                               int64_t step)
{
    char path[FOLDER_PATH];
    struct record_item *root = record->items;
    int64_t serial = checkpoint->serial + 1;
    TRY(record_attribute_text(record, root, "run_id", checkpoint->id));
    TRY(record_attribute_text(record, root, "build", provenance_build()));
    TRY(record_attribute_integer(record, root, "serial", serial));
    TRY(record_attribute_integer(record, root, "epoch", epoch));
    TRY(record_attribute_integer(record, root, "step", step));
    TRY(record_attribute_float(record, root, "seconds",
                               checkpoint_seconds(checkpoint->terms.resume) + clock_seconds() -
                                   checkpoint->started));
    TRY(store_save(record, slot_file(checkpoint->folder, checkpoint->id, serial % SLOTS, path)));
    checkpoint->serial = serial;
    return BASIN_OK;
}

static void checkpoint_write(void *context, struct record *record, int64_t epoch, int64_t step)
{
    struct checkpoint *checkpoint = context;
    basin_status status = write_slot(checkpoint, record, epoch, step);
    if (status != BASIN_OK && checkpoint->error.status == BASIN_OK)
        checkpoint->error = *basin_error_last();
    checkpoint->last = clock_seconds();
}

basin_status checkpoint_open(const char *folder, const char *id, const struct value *spec,
                             bool resume, struct arena *arena, struct checkpoint *checkpoint)
{
    char path[FOLDER_PATH];
    int64_t epoch, step, serial;
    *checkpoint = (struct checkpoint){.folder = folder, .id = id};
    checkpoint->terms =
        (struct run_checkpoints){.context = checkpoint, .due = due, .save = checkpoint_write};
    checkpoint->every_seconds = value_number(spec, "checkpoint.every_seconds");
    if (value_has(spec, "checkpoint.every_epochs"))
        checkpoint->every_epochs = value_integer(spec, "checkpoint.every_epochs");
    checkpoint->last = checkpoint->started = clock_seconds();
    int slot = newest(folder, id, &serial, &epoch, &step, &checkpoint->unusable);
    checkpoint->serial = serial;
    if (!resume || slot < 0) return BASIN_OK;
    return store_load(slot_file(folder, id, slot, path), arena, &checkpoint->terms.resume);
}

void checkpoint_remove(const struct checkpoint *checkpoint)
{
    char path[FOLDER_PATH];
    for (int slot = 0; slot < SLOTS; slot++)
        unlink(slot_file(checkpoint->folder, checkpoint->id, slot, path));
}

void checkpoint_tidy(const char *folder)
{
    char path[FOLDER_PATH];
    snprintf(path, sizeof path, "%s/checkpoints", folder);
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char id[17] = "";
        if (strcspn(entry->d_name, ".") != sizeof id - 1) continue;
        memcpy(id, entry->d_name, sizeof id - 1);
        if (folder_file_exists(folder_run_file(folder, id, path)))
            unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory) closedir(directory);
}
