#include "folder/ledger.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/escape.h"
#include "folder/cache.h"
#include "folder/checkpoint.h"
#include "folder/claim.h"
#include "folder/crashes.h"
#include "folder/folder.h"
#include "folder/journal.h"
#include "folder/log.h"
#include "folder/result.h"
#include "store/store.h"

const char *const ledger_names[] = {
    [LEDGER_FINISHED] = "finished",       [LEDGER_DIVERGED] = "diverged",
    [LEDGER_FAILED] = "failed",           [LEDGER_QUARANTINED] = "quarantined",
    [LEDGER_DAMAGED] = "damaged",         [LEDGER_RUNNING] = "running",
    [LEDGER_INTERRUPTED] = "interrupted", [LEDGER_MISSING] = "missing"};

/* ---- what files say ---- */

basin_status ledger_check_name(const char *path, const struct record *record)
{
    enum { DIGITS = 16 };
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *id = record_attribute_get_text(record->items, "run_id");
    if (strspn(name, "0123456789abcdef") != DIGITS || strcmp(name + DIGITS, ".h5") != 0)
        return error_raise(BASIN_DAMAGED,
                           "%s: the name is not that of a run, %d hex digits and .h5", path,
                           DIGITS);
    if (id && strlen(id) == DIGITS && strncmp(id, name, DIGITS) == 0) return BASIN_OK;
    return error_raise(BASIN_DAMAGED, "%s: the file holds another run, %s", path,
                       id ? id : "without an id");
}

static bool has_result(const struct ledger_entry *entry)
{
    return entry->files == LEDGER_FINISHED || entry->files == LEDGER_DIVERGED;
}

static basin_status set_reason(struct arena *arena, struct ledger_entry *entry, const char *text)
{
    entry->reason = arena_text(arena, text);
    return entry->reason ? BASIN_OK : BASIN_MEMORY;
}

/* Whether it is a result is not known: nobody replaces it. */
static basin_status set_unreadable(struct arena *arena, struct ledger_entry *entry)
{
    entry->unreadable = true;
    entry->failure = BASIN_IO;
    entry->files = LEDGER_FAILED;
    return set_reason(arena, entry, basin_error_last()->message);
}

static void take_result(const struct ledger_reader *reader, const struct record *record,
                        struct ledger_entry *entry)
{
    const char *status = record_attribute_get_text(record->items, "status");
    const struct record_item *seconds = record_find(record, "/provenance/wall_time");
    entry->files = status && strcmp(status, "diverged") == 0 ? LEDGER_DIVERGED : LEDGER_FINISHED;
    entry->foreign = !reader->made(record);
    bool is_number = seconds && !seconds->is_group && seconds->rank == 0;
    double taken = is_number && !entry->foreign ? record_number(seconds, 0) : 0;
    entry->seconds = taken > 0 && isfinite(taken) ? taken : 0;
}

static basin_status look_at_result(const char *path, const struct ledger_reader *reader,
                                   struct arena *arena, struct ledger_entry *entry,
                                   struct record **record)
{
    basin_status status = store_load_small(path, RESULT_SMALL, arena, record);
    if (status == BASIN_OK) status = result_check(path, *record);
    if (status == BASIN_OK) status = ledger_check_name(path, *record);
    if (status == BASIN_OK) {
        take_result(reader, *record, entry);
        return BASIN_OK;
    }
    *record = NULL;
    bool newer = false;
    basin_error why = *basin_error_last();
    if (status == BASIN_DATA) {
        status = store_is_of_other_format(path, &newer);
        if (status == BASIN_OK) status = error_restore(&why);
    }
    if (status == BASIN_MEMORY) error_prefix("cannot read %s", path);
    if (status == BASIN_IO || status == BASIN_MEMORY) return set_unreadable(arena, entry);
    if (status != BASIN_DAMAGED && status != BASIN_DATA) return status;
    if (newer) { /* kept: another build made it */
        entry->files = LEDGER_FINISHED;
        entry->foreign = true;
        return BASIN_OK;
    }
    entry->files = LEDGER_DAMAGED;
    return set_reason(arena, entry, basin_error_last()->message);
}

static basin_status look_for_checkpoint(const char *folder, const struct ledger_reader *reader,
                                        struct arena *arena, struct ledger_entry *entry)
{
    struct checkpoint checkpoint;
    checkpoint_open(folder, entry->id, reader->build, &checkpoint);
    entry->epoch = checkpoint.epoch;
    entry->step = checkpoint.step;
    entry->files = checkpoint.slot < 0 ? LEDGER_MISSING : LEDGER_INTERRUPTED;
    if (checkpoint.unusable.status == BASIN_OK) return BASIN_OK;
    if (checkpoint.unusable.status == BASIN_MEMORY) return error_restore(&checkpoint.unusable);
    entry->unusable = arena_text(arena, checkpoint.unusable.message);
    return entry->unusable ? BASIN_OK : BASIN_MEMORY;
}

basin_status ledger_look(const char *folder, const struct ledger_reader *reader,
                         struct arena *arena, struct ledger_entry *entry, struct record **record)
{
    char path[FOLDER_PATH];
    struct record *result = NULL;
    basin_status status;
    *entry = (struct ledger_entry){.id = entry->id};
    folder_run_file(folder, entry->id, path);
    if (folder_file_exists(path) || folder_exists(path))
        status = look_at_result(path, reader, arena, entry, &result);
    else
        status = look_for_checkpoint(folder, reader, arena, entry);
    entry->state = entry->files;
    if (record) *record = result;
    return status;
}

/* ---- what journals say ---- */

static int compare_entries(const void *a, const void *b)
{
    return strcmp((*(struct ledger_entry *const *)a)->id, (*(struct ledger_entry *const *)b)->id);
}

struct fold {
    const char *folder;
    const struct ledger_reader *reader;
    struct arena *arena;
    struct ledger_entry **entries; /* sorted */
    size_t count;
};

static struct ledger_entry *find_entry(const struct fold *fold, const char *id)
{
    struct ledger_entry wanted = {.id = id}, *key = &wanted;
    struct ledger_entry **found =
        fold->count ? bsearch(&key, fold->entries, fold->count, sizeof key, compare_entries) : NULL;
    return found ? *found : NULL;
}

bool ledger_is_transient(basin_status status)
{
    return status == BASIN_IO || status == BASIN_DATA;
}

/* Events come in order of time: the last about a run counts. What failed of a run that has its
 * result (a measure that was asked for later) does not change its state. */
static void fold_failures(const struct fold *fold, const struct journal_events *events)
{
    for (size_t i = 0; i < events->count; i++) {
        const struct journal_event *event = &events->items[i];
        struct ledger_entry *entry = event->run_id ? find_entry(fold, event->run_id) : NULL;
        if (!entry || entry->files == LEDGER_DAMAGED || entry->unreadable) continue;
        bool failed = strcmp(event->name, "run_fail") == 0;
        if (!has_result(entry)) entry->state = failed ? LEDGER_FAILED : entry->files;
        entry->reason = !failed ? NULL : event->message ? event->message : "it failed";
        entry->failure = failed ? error_status_of(event->status) : BASIN_OK;
        entry->transient = failed && ledger_is_transient(entry->failure);
        entry->refused = failed && event->refused;
        entry->failed_in = failed ? events->writers[event->writer].name : NULL;
        entry->failed_at = failed ? event->time : NULL;
    }
}

static basin_status fold_crash(struct arena *arena, const struct crash_record *crash,
                               struct ledger_entry *entry)
{
    char text[160];
    entry->suspect = true;
    entry->unproven = crash->unproven;
    entry->quarantined = crash->quarantined;
    entry->crash = arena_text(arena, crashes_describe(crash, text, sizeof text));
    if (!entry->crash) return BASIN_MEMORY;
    if (!crash->quarantined) return BASIN_OK;
    if (!has_result(entry)) entry->state = LEDGER_QUARANTINED;
    entry->reason = arena_format(arena, "%d crashes while this run was trained alone; the last: %s",
                                 crash->alone, entry->crash);
    return entry->reason ? BASIN_OK : BASIN_MEMORY;
}

static basin_status fold_crashes(const struct fold *fold, const struct journal_events *events)
{
    struct crashes crashes;
    TRY(crashes_read(fold->arena, fold->folder, fold->reader->build, events, &crashes));
    for (size_t i = 0; i < crashes.count; i++) {
        struct ledger_entry *entry = find_entry(fold, crashes.records[i].id);
        if (entry && crashes.records[i].suspect)
            TRY(fold_crash(fold->arena, &crashes.records[i], entry));
    }
    return BASIN_OK;
}

/* ---- what claims say ---- */

/* Only runs that a process has or has left are in DIR/claims. */
static basin_status fold_claims(const struct fold *fold)
{
    char path[FOLDER_PATH], holder[CLAIM_HOLDER];
    basin_status status = BASIN_OK;
    snprintf(path, sizeof path, "%s/claims", fold->folder);
    DIR *directory = opendir(path);
    for (struct dirent *file; directory && status == BASIN_OK && (file = readdir(directory));) {
        struct ledger_entry *entry = find_entry(fold, file->d_name);
        if (!entry || !claim_holder(fold->folder, entry->id, holder)) continue;
        entry->holder = arena_text(fold->arena, holder);
        if (!entry->holder) status = BASIN_MEMORY;
        if (!has_result(entry)) entry->state = LEDGER_RUNNING;
    }
    if (directory) closedir(directory);
    return status;
}

static basin_status fold_events(const struct fold *fold, const struct journal_events *events)
{
    if (fold->count) qsort(fold->entries, fold->count, sizeof *fold->entries, compare_entries);
    fold_failures(fold, events);
    TRY(fold_crashes(fold, events));
    return fold_claims(fold);
}

basin_status ledger_fold(const char *folder, const struct ledger_reader *reader,
                         struct arena *arena, struct ledger_entry **entries, size_t count,
                         struct journal_skipped *skipped)
{
    struct journal_events events;
    struct fold fold = {folder, reader, arena, entries, count};
    TRY(journal_read(folder, arena, &events));
    if (skipped) *skipped = events.skipped;
    return fold_events(&fold, &events);
}

basin_status ledger_read_run(const char *folder, const struct ledger_reader *reader,
                             struct arena *arena, const char *id, struct ledger_entry *entry)
{
    struct ledger_entry *entries[] = {entry};
    entry->id = id;
    TRY(ledger_look(folder, reader, arena, entry, NULL));
    return ledger_fold(folder, reader, arena, entries, 1, NULL);
}

/* ---- a whole folder ---- */

/* The id that a file's name claims, as it can be printed. */
static const char *id_of_file(struct arena *arena, const char *path)
{
    enum { LONGEST = 256 * ESCAPE_MOST }; /* of a name, escaped */
    char id[LONGEST];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return arena_text(arena, escape_into(id, sizeof id, name, strlen(name) - strlen(".h5")));
}

/* What take_result finds, of a file that was read before. */
static bool take_known(struct cache *cache, const char *path, struct ledger_entry *entry)
{
    struct cursor piece;
    if (!cache_find(cache, path, &piece)) return false;
    uint64_t how = cache_take_number(&piece);
    double seconds = cache_take_double(&piece);
    if (piece.failed || piece.left || how > 3) return false;
    entry->files = entry->state = how & 1 ? LEDGER_DIVERGED : LEDGER_FINISHED;
    entry->foreign = how & 2;
    entry->seconds = seconds;
    return true;
}

static void keep_known(struct cache *cache, const struct ledger_entry *entry)
{
    struct text piece = {0};
    if (!cache || !has_result(entry) || entry->reason) return;
    cache_put_number(&piece, (entry->files == LEDGER_DIVERGED) | (unsigned)entry->foreign << 1);
    cache_put_double(&piece, entry->seconds);
    cache_keep(cache, &piece);
    text_free(&piece);
}

basin_status ledger_states_open(struct arena *arena, const char *folder,
                                const struct ledger_reader *reader, struct cache **states)
{
    return cache_open(arena, folder, "states", hash_bytes(reader->build, strlen(reader->build)),
                      states);
}

void ledger_states_keep(struct cache *states, const struct ledger_reader *reader, const char *path,
                        const struct record *record)
{
    struct ledger_entry entry = {0};
    basin_error before = *basin_error_last();
    if (ledger_check_name(path, record) == BASIN_OK) {
        take_result(reader, record, &entry);
        keep_known(states, &entry);
    }
    error_restore(&before);
}

static basin_status add_file(const struct fold *fold, const char *path, struct cache *cache,
                             struct ledger_entry *entry)
{
    struct arena *own, *arena = fold->arena;
    const struct ledger_reader *reader = fold->reader;
    struct record *record;
    *entry = (struct ledger_entry){.id = id_of_file(arena, path)};
    if (!entry->id) return BASIN_MEMORY;
    if (take_known(cache, path, entry)) return BASIN_OK;
    TRY(arena_create(&own));
    basin_status status = look_at_result(path, reader, own, entry, &record);
    if (status == BASIN_OK && entry->reason) status = set_reason(arena, entry, entry->reason);
    if (status != BASIN_OK && status != BASIN_MEMORY) {
        entry->files = LEDGER_DAMAGED;
        status = set_reason(arena, entry, basin_error_last()->message);
    }
    entry->state = entry->files;
    arena_destroy(own);
    if (status == BASIN_OK) keep_known(cache, entry);
    return status;
}

static basin_status add_files(struct fold *fold, const struct folder_files *files,
                              struct ledger *ledger)
{
    struct cache *own = NULL, *cache = fold->reader->states;
    if (!cache) TRY(ledger_states_open(fold->arena, fold->folder, fold->reader, &own));
    if (!cache) cache = own;
    for (; ledger->count < files->count; ledger->count++)
        TRY(add_file(fold, files->paths[ledger->count], cache, &ledger->entries[ledger->count]));
    cache_close(own);
    return BASIN_OK;
}

static const struct journal_event *latest_start(const struct journal_events *events)
{
    for (size_t i = events->count; i-- > 0;)
        if (strcmp(events->items[i].name, "study_start") == 0) return &events->items[i];
    return NULL;
}

/* Entries of the files, and of the runs that the latest start names and that have none. */
static basin_status collect_entries(struct fold *fold, const struct folder_files *files,
                                    const struct journal_event *start, struct ledger *ledger)
{
    size_t most = files->count + (start ? start->id_count : 0);
    ledger->entries = arena_array(fold->arena, struct ledger_entry, most + 1);
    fold->entries = arena_array(fold->arena, struct ledger_entry *, most + 1);
    if (!ledger->entries || !fold->entries) return BASIN_MEMORY;
    for (size_t i = 0; i < most; i++) fold->entries[i] = &ledger->entries[i];
    TRY(add_files(fold, files, ledger));
    fold->count = ledger->count;
    if (fold->count) qsort(fold->entries, fold->count, sizeof *fold->entries, compare_entries);
    for (size_t i = 0; start && i < start->id_count; i++) {
        struct ledger_entry *entry = &ledger->entries[ledger->count];
        if (find_entry(fold, start->ids[i])) continue;
        *entry = (struct ledger_entry){.id = start->ids[i]};
        TRY(ledger_look(fold->folder, fold->reader, fold->arena, entry, NULL));
        ledger->count++;
    }
    fold->count = ledger->count;
    return BASIN_OK;
}

static basin_status find_log(const struct fold *fold, struct ledger_entry *entry)
{
    char path[FOLDER_PATH];
    bool wanted = entry->state == LEDGER_FAILED || entry->state == LEDGER_QUARANTINED;
    if (!wanted || !folder_file_exists(log_file(fold->folder, entry->id, path))) return BASIN_OK;
    entry->log = arena_text(fold->arena, path);
    return entry->log ? BASIN_OK : BASIN_MEMORY;
}

static void count_entry(struct ledger *ledger, const struct ledger_entry *entry)
{
    bool waits = entry->state == LEDGER_MISSING || entry->state == LEDGER_INTERRUPTED;
    ledger->counts[entry->state]++;
    ledger->suspects += waits && entry->suspect;
    ledger->left +=
        entry->state == LEDGER_QUARANTINED || (entry->state == LEDGER_FAILED && !entry->transient);
}

/* In the order of the pointers. */
static basin_status order_entries(const struct fold *fold, struct ledger *ledger)
{
    struct ledger_entry *ordered = arena_array(fold->arena, struct ledger_entry, fold->count + 1);
    if (!ordered) return BASIN_MEMORY;
    for (size_t i = 0; i < fold->count; i++) {
        ordered[i] = *fold->entries[i];
        TRY(find_log(fold, &ordered[i]));
        count_entry(ledger, &ordered[i]);
    }
    ledger->entries = ordered;
    ledger->count = fold->count;
    return BASIN_OK;
}

basin_status ledger_of_entries(struct arena *arena, const char *folder,
                               struct ledger_entry *const *entries, size_t count,
                               struct ledger **out)
{
    struct ledger *ledger = *out = arena_allocate(arena, sizeof *ledger);
    struct fold fold = {.folder = folder, .arena = arena, .count = count};
    fold.entries = arena_array(arena, struct ledger_entry *, count + 1);
    if (!ledger || !fold.entries) return BASIN_MEMORY;
    if (count) memcpy(fold.entries, entries, count * sizeof *entries);
    return order_entries(&fold, ledger);
}

basin_status ledger_read(struct arena *arena, const char *folder,
                         const struct ledger_reader *reader, struct ledger **out)
{
    struct journal_events events;
    struct folder_files files;
    struct fold fold = {.folder = folder, .reader = reader, .arena = arena};
    struct ledger *ledger = *out = arena_allocate(arena, sizeof *ledger);
    if (!ledger) return BASIN_MEMORY;
    if (folder_file_exists(folder))
        return error_raise(BASIN_USAGE, "%s is a file; status wants a study's folder", folder);
    if (!folder_exists(folder))
        return error_raise(BASIN_IO, "cannot open %s: %s", folder, strerror(errno));
    TRY(folder_list(arena, folder, &files));
    TRY(journal_read(folder, arena, &events));
    const struct journal_event *start = latest_start(&events);
    ledger->skipped = events.skipped;
    if (start) {
        ledger->study = start->study;
        ledger->spec = start->spec;
        ledger->arguments = start->arguments;
    }
    TRY(collect_entries(&fold, &files, start, ledger));
    TRY(fold_events(&fold, &events));
    return order_entries(&fold, ledger);
}
