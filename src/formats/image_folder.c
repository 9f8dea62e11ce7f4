#include "formats/image_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/list.h"
#include "base/text.h"

#define HIDE "move it elsewhere, or hide it by a name that begins with a dot"

struct names {
    const char **items;
    size_t count, capacity;
};

/* What is being made. */
struct listing {
    struct arena *arena;
    const char *root;
    struct names paths;
    struct image_class *classes;
    size_t class_count, class_capacity;
};

static basin_status refuse_entry(const char *path, const char *hint)
{
    error_place(path, 0, 0);
    if (hint) error_hint("%s", hint);
    return BASIN_DATA;
}

static basin_status refuse_system(const char *path)
{
    error_raise(BASIN_DATA, "cannot read %s: %s", path, strerror(errno));
    return refuse_entry(path, NULL);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static basin_status read_entries(DIR *folder, const char *path, struct arena *arena,
                                 struct names *names)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (!entry) return errno ? refuse_system(path) : BASIN_OK;
        if (entry->d_name[0] == '.') continue;
        if (!list_room(arena, names->items, names->count, 1, names->capacity)) return BASIN_MEMORY;
        const char *name = arena_text(arena, entry->d_name);
        if (!name) return BASIN_MEMORY;
        names->items[names->count++] = name;
    }
}

/* Sorted, without those that begin with a dot. */
static basin_status list_entries(const char *path, struct arena *arena, struct names *names)
{
    DIR *folder = opendir(path);
    *names = (struct names){0};
    if (!folder) return refuse_system(path);
    basin_status status = read_entries(folder, path, arena, names);
    closedir(folder);
    if (status == BASIN_OK && names->count)
        qsort(names->items, names->count, sizeof *names->items, by_bytes);
    return status;
}

static basin_status add_path(struct listing *listing, const char *folder, const char *name)
{
    struct names *paths = &listing->paths;
    if (!list_room(listing->arena, paths->items, paths->count, 1, paths->capacity))
        return BASIN_MEMORY;
    paths->items[paths->count] = arena_format(listing->arena, "%s/%s", folder, name);
    return paths->items[paths->count++] ? BASIN_OK : BASIN_MEMORY;
}

/* ---- a class ---- */

static basin_status check_picture(const char *path, const char *class_name)
{
    struct stat about;
    if (stat(path, &about) != 0) return refuse_system(path);
    if (S_ISREG(about.st_mode)) return BASIN_OK;
    if (!S_ISDIR(about.st_mode)) {
        error_raise(BASIN_DATA, "%s is not a regular file", path);
        return refuse_entry(path, HIDE);
    }
    error_raise(BASIN_DATA,
                "%s is a folder inside the class \"%s\", whose pictures lie in its folder itself",
                path, class_name);
    return refuse_entry(path, HIDE);
}

static basin_status check_class_name(const char *path, const char *name)
{
    size_t bad;
    if (text_valid_utf8(name, strlen(name), &bad)) return BASIN_OK;
    error_raise(BASIN_DATA, "the name of the folder %s is no UTF-8 (byte %zu of the name)", path,
                bad);
    return refuse_entry(path, "the name of a folder is the name of a class: rename it");
}

static basin_status add_class(struct listing *listing, const char *path, const char *name)
{
    struct names names;
    size_t first = listing->paths.count;
    TRY(check_class_name(path, name));
    TRY(list_entries(path, listing->arena, &names));
    for (size_t i = 0; i < names.count; i++) {
        TRY(add_path(listing, path, names.items[i]));
        TRY(check_picture(listing->paths.items[first + i], name));
    }
    if (names.count == 0) {
        error_raise(BASIN_DATA, "%s has no pictures: the class \"%s\" has no examples", path, name);
        return refuse_entry(path, "remove the folder, or put pictures into it");
    }
    if (!list_room(listing->arena, listing->classes, listing->class_count, 1,
                   listing->class_capacity))
        return BASIN_MEMORY;
    listing->classes[listing->class_count++] =
        (struct image_class){.name = name, .first = first, .count = names.count};
    return BASIN_OK;
}

/* ---- all ---- */

static basin_status refuse_beside(const char *root, const char *path)
{
    error_raise(BASIN_DATA, "%s is no folder: %s has one folder of pictures for each class", path,
                root);
    return refuse_entry(path, HIDE "; if a CSV file has the labels, add labels: FILE.csv");
}

static basin_status add_entry(struct listing *listing, const char *name)
{
    struct stat about;
    const char *path = arena_format(listing->arena, "%s/%s", listing->root, name);
    if (!path) return BASIN_MEMORY;
    if (stat(path, &about) != 0) return refuse_system(path);
    if (!S_ISDIR(about.st_mode)) return refuse_beside(listing->root, path);
    return add_class(listing, path, name);
}

static basin_status check_image_root(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) return refuse_system(path);
    if (S_ISDIR(about.st_mode)) return BASIN_OK;
    error_raise(BASIN_DATA, "%s is no folder; pictures are in one folder for each class", path);
    return refuse_entry(path, NULL);
}

basin_status image_folder_list(const char *path, struct arena *arena, struct image_folder *folder)
{
    struct listing listing = {.arena = arena, .root = path};
    struct names names;
    TRY(check_image_root(path));
    TRY(list_entries(path, arena, &names));
    for (size_t i = 0; i < names.count; i++) TRY(add_entry(&listing, names.items[i]));
    *folder = (struct image_folder){listing.classes, listing.class_count, listing.paths.items,
                                    listing.paths.count};
    if (names.count) return BASIN_OK;
    error_raise(BASIN_DATA, "%s is empty; it should have one folder of pictures for each class",
                path);
    return refuse_entry(path, NULL);
}
