#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/text.h"

/* "." where it names none. */
static basin_status name_folder(const char *path, char folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t length = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
    if (length >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return error_raise(BASIN_IO, "cannot open %s: %s", path, strerror(errno));
    }
    memcpy(folder, slash ? path : ".", slash ? length : 1);
    folder[slash ? length : 1] = 0;
    return BASIN_OK;
}

static basin_status refuse_folder(const char *path, const char *folder)
{
    struct stat about;
    int reason = errno;
    bool is_link = (reason == ELOOP || reason == ENOTDIR) &&
                   fstatat(AT_FDCWD, folder, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
                   S_ISLNK(about.st_mode);
    if (is_link)
        error_raise(BASIN_IO,
                    "cannot open %s: %s is a symbolic link, and nothing is written "
                    "through it",
                    path, folder);
    else
        error_raise(BASIN_IO, "cannot open %s: %s", path, strerror(reason));
    error_place(path, 0, 0);
    errno = is_link ? ELOOP : reason;
    return BASIN_IO;
}

static basin_status open_folder(const char *path, int follow, struct place *place)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    *place = (struct place){-1, slash ? slash + 1 : path, path};
    TRY(name_folder(path, folder));
    do place->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC | follow);
    while (place->folder < 0 && errno == EINTR);
    return place->folder < 0 ? refuse_folder(path, folder) : BASIN_OK;
}

basin_status place_open(const char *path, struct place *place)
{
    return open_folder(path, O_NOFOLLOW, place);
}

basin_status place_open_followed(const char *path, struct place *place)
{
    return open_folder(path, 0, place);
}

void place_close(struct place *place)
{
    int reason = errno;
    if (place->folder >= 0) close(place->folder);
    place->folder = -1;
    errno = reason;
}

bool place_unlink(const struct place *place)
{
    return unlinkat(place->folder, place->name, 0) == 0;
}

bool place_rename(const struct place *place, const char *to)
{
    return renameat(place->folder, place->name, place->folder, to) == 0;
}

void place_remove(const char *path)
{
    struct place place;
    basin_error before = *basin_error_last();
    if (place_open(path, &place) == BASIN_OK) place_unlink(&place);
    error_restore(&before);
    place_close(&place);
}

/* A rename is durable only when its folder is. Some file systems refuse fsync on a folder (EINVAL):
 * then there is no more that can be done. */
basin_status place_sync(const struct place *place)
{
    int file = openat(place->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), failed;
    if (file < 0) return error_write("open the folder of %s", place->path);
    while ((failed = fsync(file)) != 0 && errno == EINTR) continue;
    basin_status status = failed && errno != EINVAL
                              ? error_write("write to the folder of %s", place->path)
                              : BASIN_OK;
    close(file);
    return status;
}
