#include "folder/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/text.h"
#include "store/file.h"
#include "store/store.h"

static bool has_suffix(const char *name, const char *suffix)
{
    size_t length = strlen(name), tail = strlen(suffix);
    return length > tail && strcmp(name + length - tail, suffix) == 0;
}

static const char *folder_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

basin_status folder_check(const char *folder)
{
    if (!*folder) return error_raise(BASIN_USAGE, "the results folder has an empty name");
    if (strlen(folder) <= FOLDER_PATH - 512) return BASIN_OK;
    return error_raise(BASIN_USAGE, "the path of the results folder is longer than %d characters",
                       FOLDER_PATH - 512);
}

const char *folder_run_file(const char *folder, const char *id, char *out)
{
    snprintf(out, FOLDER_PATH, "%s/runs/%s.h5", folder, id);
    return out;
}

/* A replaced file is another inode: whoever waited for the old one opens the new one. */
int folder_lock_file(const char *path)
{
    for (;;) {
        struct stat locked, now;
        int file;
        if (file_open(path, O_RDONLY, &file) != BASIN_OK) return -1;
        while (flock(file, LOCK_EX) != 0)
            if (errno != EINTR) return file; /* a file system without locks */
        if (fstat(file, &locked) != 0 || stat(path, &now) != 0 || locked.st_ino == now.st_ino)
            return file;
        close(file);
    }
}

void folder_unlock_file(int lock)
{
    if (lock >= 0) close(lock);
}

static bool copy_bytes(int from, int to)
{
    enum { CHUNK = 1 << 30 };
    ssize_t n;
    do n = sendfile(to, from, NULL, CHUNK);
    while (n > 0 || (n < 0 && errno == EINTR));
    return n == 0;
}

static basin_status part_in_place(const struct place *place, int from, const struct stat *about)
{
    struct text name = {0};
    int to = store_create_temporary(place, &name);
    basin_status status = text_status(&name);
    struct place temporary = {place->folder, status == BASIN_OK ? text_data(&name) : "",
                              place->path};
    if (status == BASIN_OK && (to < 0 || fchmod(to, about->st_mode & 0777) != 0 ||
                               !copy_bytes(from, to) || !place_rename(&temporary, place->name)))
        status = error_write("write %s", place->path);
    if (to >= 0 && status != BASIN_OK) place_unlink(&temporary);
    if (to >= 0) close(to);
    text_free(&name);
    return status;
}

/* Gives `path` a file of its own with what the file of several names held, and who may read it. */
static basin_status part_from_links(const char *path, const struct stat *about)
{
    struct place place;
    int from;
    TRY(file_open(path, O_RDONLY | O_NOFOLLOW, &from));
    basin_status status = place_open(path, &place);
    if (status == BASIN_OK) status = part_in_place(&place, from, about);
    place_close(&place);
    close(from);
    return status;
}

basin_status folder_open_append(const char *path, int access, int *file)
{
    struct stat about;
    basin_status status = file_open(path, access | O_APPEND | O_CREAT, file);
    if (status == BASIN_OK || lstat(path, &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_nlink < 2)
        return status;
    TRY(part_from_links(path, &about));
    return file_open(path, access | O_APPEND | O_CREAT, file);
}

bool folder_exists(const char *path)
{
    struct stat state;
    return stat(path, &state) == 0 && S_ISDIR(state.st_mode);
}

bool folder_file_exists(const char *path)
{
    struct stat state;
    return stat(path, &state) == 0 && !S_ISDIR(state.st_mode);
}

uint64_t folder_stamp(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) return 0;
    return (uint64_t)about.st_ino * 0x9E3779B97F4A7C15u +
           (uint64_t)about.st_mtim.tv_sec * 1000000000u + (uint64_t)about.st_mtim.tv_nsec + 1;
}

static const char *const parts[] = {"journal", "claims", "checkpoints", "runs"};

enum { PARTS = sizeof parts / sizeof *parts };

basin_status folder_tidy(const char *folder)
{
    char path[FOLDER_PATH];
    for (int i = 0; i < PARTS; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i]);
        TRY(store_clean_folder(path));
    }
    return BASIN_OK;
}

/* What is written into such a folder would come to be elsewhere, perhaps over what others have
 * there. The results folder itself may be a link: it is as its user has named it. */
basin_status folder_refuse_links(const char *folder)
{
    static const char *const all[] = {"runs", "journal", "claims", "checkpoints", "logs"};
    char path[FOLDER_PATH], target[FOLDER_PATH];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, all[i]);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0) continue;
        target[length] = 0;
        error_raise(BASIN_IO, "%s is a symbolic link to %s: nothing is written through it", path,
                    target);
        error_hint("make the results folder itself the link, or name the other place with -o");
        return BASIN_IO;
    }
    return BASIN_OK;
}

basin_status folder_prepare(const char *folder)
{
    char path[FOLDER_PATH];
    TRY(folder_check(folder));
    TRY(folder_refuse_links(folder));
    for (int i = 0; i < PARTS; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i]);
        TRY(store_make_folder(path));
    }
    TRY(folder_tidy(folder));
    if (access(path, W_OK | X_OK) == 0) return BASIN_OK;
    return error_write("write to %s", path);
}

static basin_status set_aside_in_place(const struct place *place, char *aside)
{
    const char *file = place->path;
    struct stat about;
    for (int i = 1; i < 1000; i++) {
        if (i == 1)
            snprintf(aside, FOLDER_PATH, "%.*s.damaged", FOLDER_PATH - 64, file);
        else
            snprintf(aside, FOLDER_PATH, "%.*s.damaged.%d", FOLDER_PATH - 64, file, i);
        const char *name = folder_name_of(aside);
        if (fstatat(place->folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0) continue;
        if (place_rename(place, name)) return BASIN_OK;
        return error_write("rename the damaged file %s", file);
    }
    return error_raise(BASIN_IO, "too many damaged copies of %s", file);
}

basin_status folder_set_aside(const char *file, char *aside)
{
    struct place place;
    TRY(place_open(file, &place));
    basin_status status = set_aside_in_place(&place, aside);
    place_close(&place);
    return status;
}

basin_status folder_check_space(const char *folder, double bytes)
{
    struct statvfs state;
    if (statvfs(folder, &state) != 0 || state.f_blocks == 0)
        return BASIN_OK; /* unknown: the write will tell */
    double left = (double)state.f_bavail * (double)state.f_frsize;
    if (left >= bytes) return BASIN_OK;
    error_raise(BASIN_IO, "the disk of %s is full: %.0f bytes left, the result needs about %.0f",
                folder, left, bytes);
    error_hint("free some space and run the same command again; finished runs are kept");
    return BASIN_IO;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Appends every *.h5 of one folder; false where it cannot be opened. */
static basin_status list_folder(struct arena *arena, const char *folder, struct folder_files *files,
                                bool *opened)
{
    size_t capacity = 0;
    basin_status status = BASIN_OK;
    DIR *directory = opendir(folder);
    *opened = directory;
    if (!directory) return BASIN_OK;
    for (struct dirent *entry; status == BASIN_OK && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.' || !has_suffix(entry->d_name, ".h5")) continue;
        bool room = list_room(arena, files->paths, files->count, 1, capacity);
        const char *path = room ? arena_format(arena, "%s/%s", folder, entry->d_name) : NULL;
        if (!path)
            status = BASIN_MEMORY;
        else if (folder_file_exists(path))
            files->paths[files->count++] = path;
    }
    closedir(directory);
    return status;
}

enum { NAMED_MOST = 3 }; /* folders that a hint names */

/* Those folders right under `folder` that are studies (they have a folder runs), in order of their
 * names. */
static basin_status list_studies(struct arena *arena, const char *folder,
                                 struct folder_files *studies)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    basin_status status = BASIN_OK;
    studies->paths = arena_array(arena, const char *, count > 0 ? (size_t)count : 1);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char *path = name[0] == '.' ? NULL : arena_format(arena, "%s/%s/runs", folder, name);
        if (path && studies->paths && folder_exists(path)) {
            path[strlen(path) - strlen("/runs")] = 0;
            studies->paths[studies->count++] = path;
        } else if (!studies->paths || (!path && name[0] != '.')) {
            status = BASIN_MEMORY;
        }
        free(entries[i]); /* scandir's own */
    }
    if (count >= 0) free(entries);
    return status;
}

/* `folder` is not a study's: its parent perhaps. */
static basin_status raise_no_results(struct arena *arena, const char *folder)
{
    struct folder_files studies = {0};
    struct text names = {0};
    TRY(list_studies(arena, folder, &studies));
    for (size_t i = 0; i < studies.count && i < NAMED_MOST; i++)
        text_format(&names, "%s%s", i ? ", " : "", studies.paths[i]);
    if (studies.count > NAMED_MOST) text_format(&names, ", ... (%zu)", studies.count);
    error_raise(BASIN_IO, "no results in %s", folder);
    if (studies.count)
        error_hint("did you mean %s?", text_data(&names));
    else
        error_hint("name the folder of a study, results/<study>, or a result file");
    text_free(&names);
    return BASIN_IO;
}

static basin_status raise_not_there(const char *path)
{
    error_raise(BASIN_IO, "cannot open %s: %s", path, strerror(errno));
    bool is_id = strspn(path, "0123456789abcdef") == strlen(path) && strlen(path) >= 8;
    if (is_id)
        error_hint("a run is named by its file, as results/<study>/runs/%s%s.h5", path,
                   strlen(path) < 16 ? "*" : "");
    return BASIN_IO;
}

basin_status folder_list(struct arena *arena, const char *path, struct folder_files *files)
{
    bool opened, has_runs;
    *files = (struct folder_files){0};
    if (folder_file_exists(path)) {
        files->paths = arena_array(arena, const char *, 1);
        if (!files->paths || !(files->paths[0] = arena_text(arena, path))) return BASIN_MEMORY;
        files->count = 1;
        return BASIN_OK;
    }
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--; /* "results/" prints like "results" */
    const char *folder = arena_text_n(arena, path, length),
               *runs = folder ? arena_format(arena, "%s/runs", folder) : NULL;
    if (!runs) return BASIN_MEMORY;
    TRY(list_folder(arena, runs, files, &has_runs));
    opened = has_runs;
    if (!has_runs) TRY(list_folder(arena, folder, files, &opened));
    if (!opened) return raise_not_there(path);
    if (!has_runs && !files->count && strcmp(folder_name_of(folder), "runs") != 0)
        return raise_no_results(arena, folder);
    if (files->count) qsort(files->paths, files->count, sizeof *files->paths, by_name);
    return BASIN_OK;
}

/* ---- results by their ids ---- */

/* Of those of `folder` that begin with `id`: the last, and their number. A folder without results
 * has none. */
static basin_status count_results(struct arena *arena, const char *folder, const char *id,
                                  const char **found, size_t *count)
{
    struct folder_files files;
    basin_status status = folder_list(arena, folder, &files);
    if (status != BASIN_OK) return status == BASIN_IO ? BASIN_OK : status;
    for (size_t i = 0; i < files.count; i++) {
        if (strncmp(folder_name_of(files.paths[i]), id, strlen(id)) != 0) continue;
        *found = files.paths[i];
        ++*count;
    }
    return BASIN_OK;
}

static basin_status raise_not_one(const char *id, const char *folder, size_t count)
{
    if (count)
        error_raise(BASIN_USAGE, "%zu results in %s begin with %s", count, folder, id);
    else
        error_raise(BASIN_USAGE, "no result in %s begins with %s", folder, id);
    if (count)
        error_hint("write more digits of the id, or DIR/%s", id);
    else
        error_hint(
            "name its file, results/<study>/runs/<id>.h5, or folder and id, results/<study>/%s",
            id);
    return BASIN_USAGE;
}

basin_status folder_find(struct arena *arena, const char *name, const char **path)
{
    enum { LEAST = 4, MOST = 16 };
    const char *id = folder_name_of(name), *folder = "results";
    size_t digits = strspn(id, "0123456789abcdef"), count = 0;
    struct folder_files studies = {0};
    *path = name;
    if (folder_file_exists(name) || folder_exists(name) || id[digits] || !digits || digits > MOST)
        return BASIN_OK;
    if (digits < LEAST) {
        error_raise(BASIN_USAGE, "%s is no file, and too short for an id", name);
        error_hint("write at least %d of its digits", LEAST);
        return BASIN_USAGE;
    }
    if (id != name) {
        folder = arena_text_n(arena, name, (size_t)(id - name) - 1);
        if (!folder) return BASIN_MEMORY;
        TRY(count_results(arena, folder, id, path, &count));
    } else {
        TRY(list_studies(arena, folder, &studies));
        for (size_t i = 0; i < studies.count; i++)
            TRY(count_results(arena, studies.paths[i], id, path, &count));
    }
    return count == 1 ? BASIN_OK : raise_not_one(id, folder, count);
}
