#include "folder/checkpoint.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "folder/folder.h"
#include "store/store.h"

enum { SLOTS = 2, SMALL = 16 };

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

/* Not so near to the end that it could not be counted on. */
static bool is_count(int64_t value, int64_t least)
{
    return value >= least && value <= INT64_MAX / 2;
}

/* Its digest is right, and what it says may still be impossible. */
static basin_status check_header(const char *path, const struct record *record,
                                 const struct checkpoint *found)
{
    double seconds = checkpoint_seconds(record);
    if (is_count(found->serial, 1) && is_count(found->epoch, 0) && is_count(found->step, 0) &&
        seconds >= 0 && isfinite(seconds))
        return BASIN_OK;
    return error_raise(BASIN_DATA,
                       "%s says that it is number %" PRId64 ", of epoch %" PRId64
                       " and step %" PRId64 ", after %g seconds: there is no such checkpoint",
                       path, found->serial, found->epoch, found->step, seconds);
}

/* What a slot holds: its serial, epoch and step. */
static basin_status look_at_slot(const struct checkpoint *checkpoint, int slot,
                                 struct checkpoint *found)
{
    char path[FOLDER_PATH];
    struct arena *arena;
    struct record *record;
    slot_file(checkpoint->folder, checkpoint->id, slot, path);
    TRY(arena_create(&arena));
    basin_status status = store_load_small(path, SMALL, arena, &record);
    if (status == BASIN_OK && !checkpoint_header(record, checkpoint->id, checkpoint->build,
                                                 &found->serial, &found->epoch, &found->step))
        status = error_raise(BASIN_DATA,
                             "%s was written by another build, on another CPU, or with other "
                             "kernels of the libraries (`basin --version` names those in use)",
                             path);
    if (status == BASIN_OK) status = check_header(path, record, found);
    arena_destroy(arena);
    return status;
}

static bool may_pass(basin_status status)
{
    return status == BASIN_IO || status == BASIN_MEMORY;
}

/* What is no file will not become one. */
static void note_unusable(struct checkpoint *checkpoint, const char *path)
{
    basin_error why = *basin_error_last();
    if (file_is_special(path)) why.status = BASIN_DATA;
    if (!may_pass(checkpoint->unusable.status)) checkpoint->unusable = why;
}

static void find_newest(struct checkpoint *checkpoint)
{
    char path[FOLDER_PATH];
    for (int slot = 0; slot < SLOTS; slot++) {
        struct checkpoint found;
        slot_file(checkpoint->folder, checkpoint->id, slot, path);
        if (checkpoint->refused[slot] || access(path, F_OK) != 0) continue;
        if (look_at_slot(checkpoint, slot, &found) != BASIN_OK) {
            note_unusable(checkpoint, path);
        } else if (found.serial > checkpoint->serial) {
            checkpoint->slot = slot;
            checkpoint->serial = found.serial;
            checkpoint->epoch = found.epoch;
            checkpoint->step = found.step;
        }
    }
    if (checkpoint->slot >= 0) checkpoint->unusable = (basin_error){0};
}

void checkpoint_open(const char *folder, const char *id, const char *build,
                     struct checkpoint *checkpoint)
{
    *checkpoint = (struct checkpoint){.folder = folder, .id = id, .build = build, .slot = -1};
    find_newest(checkpoint);
}

void checkpoint_refuse(struct checkpoint *checkpoint)
{
    int64_t serial = checkpoint->serial;
    if (checkpoint->slot < 0) return;
    checkpoint->refused[checkpoint->slot] = true;
    checkpoint->slot = -1;
    checkpoint->serial = checkpoint->epoch = checkpoint->step = 0;
    find_newest(checkpoint);
    if (checkpoint->slot < 0) checkpoint->serial = serial; /* what is written next is newer */
}

basin_status checkpoint_load(const struct checkpoint *checkpoint, struct arena *arena,
                             struct record **record)
{
    char path[FOLDER_PATH];
    *record = NULL;
    if (checkpoint->slot < 0) return BASIN_OK;
    slot_file(checkpoint->folder, checkpoint->id, checkpoint->slot, path);
    return store_load(path, arena, record);
}

double checkpoint_seconds(const struct record *record)
{
    const struct record_attribute *attribute =
        record ? record_attribute_find(record->items, "seconds") : NULL;
    return attribute && attribute->type == RECORD_FLOAT64 && attribute->count == 0
               ? *(const double *)attribute->data
               : 0;
}

bool checkpoint_look(const char *folder, const char *id, const char *build, int64_t *epoch,
                     int64_t *step)
{
    struct checkpoint checkpoint;
    checkpoint_open(folder, id, build, &checkpoint);
    *epoch = checkpoint.epoch;
    *step = checkpoint.step;
    return checkpoint.slot >= 0;
}

basin_status checkpoint_write(struct checkpoint *checkpoint, struct record *record, int64_t epoch,
                              int64_t step, double seconds)
{
    char path[FOLDER_PATH];
    struct record_item *root = record->items;
    int64_t serial = checkpoint->serial + 1;
    TRY(record_attribute_text(record, root, "run_id", checkpoint->id));
    TRY(record_attribute_text(record, root, "build", checkpoint->build));
    TRY(record_attribute_integer(record, root, "serial", serial));
    TRY(record_attribute_integer(record, root, "epoch", epoch));
    TRY(record_attribute_integer(record, root, "step", step));
    TRY(record_attribute_float(record, root, "seconds", seconds));
    TRY(store_save(record, slot_file(checkpoint->folder, checkpoint->id, serial % SLOTS, path)));
    checkpoint->serial = serial;
    return BASIN_OK;
}

void checkpoint_remove(const struct checkpoint *checkpoint)
{
    char path[FOLDER_PATH];
    for (int slot = 0; slot < SLOTS; slot++)
        place_remove(slot_file(checkpoint->folder, checkpoint->id, slot, path));
}

void checkpoint_tidy(const char *folder)
{
    char path[FOLDER_PATH];
    snprintf(path, sizeof path, "%s/checkpoints", folder);
    int file = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = file < 0 ? NULL : fdopendir(file);
    if (file >= 0 && !directory) close(file);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char id[17] = "";
        if (strcspn(entry->d_name, ".") != sizeof id - 1) continue;
        memcpy(id, entry->d_name, sizeof id - 1);
        if (folder_file_exists(folder_run_file(folder, id, path)))
            unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory) closedir(directory);
}
