#include "store/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/process.h"
#include "base/text.h"

enum { STORE_HOST = 65 }; /* of a host's name, as much as file names bear */

static basin_status raise_errno(const char *path, const char *what)
{
    error_raise(BASIN_IO, "cannot %s %s: %s", what, path, strerror(errno));
    error_place(path, 0, 0);
    return BASIN_IO;
}

static basin_status raise_write(const char *path, const char *what)
{
    error_write("%s %s", what, path);
    error_place(path, 0, 0);
    return BASIN_IO;
}

/* ---- opening ---- */

static const char *file_kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a named pipe (FIFO)"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISLNK(mode)  ? "a symbolic link"
           : S_ISREG(mode)  ? "a file with a second name (a hard link)"
                            : "a device";
}

static basin_status raise_kind(const char *path, mode_t mode, int flags)
{
    error_raise(BASIN_IO, "cannot open %s: it is %s, not a regular file", path, file_kind_of(mode));
    error_place(path, 0, 0);
    if (flags & O_NOFOLLOW)
        error_hint("remove it if nothing needs it: a file of this program belongs there");
    errno = EINVAL; /* for who asks whether the reason may pass */
    return BASIN_IO;
}

static bool is_written(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY;
}

static bool is_wrong_kind(const struct stat *about, int flags)
{
    return !S_ISREG(about->st_mode) || (is_written(flags) && about->st_nlink > 1);
}

/* Looked at before it is opened, since opening a device may do something; and afterwards, since it
 * may be another one by then. */
static basin_status open_in_place(const struct place *place, int flags, int *file)
{
    struct stat about;
    int follow = flags & O_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
    if (fstatat(place->folder, place->name, &about, follow) == 0 && is_wrong_kind(&about, flags))
        return raise_kind(place->path, about.st_mode, flags);
    do *file = openat(place->folder, place->name, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    while (*file < 0 && errno == EINTR);
    if (*file < 0)
        return is_written(flags) ? raise_write(place->path, "open")
                                 : raise_errno(place->path, "open");
    if (fstat(*file, &about) == 0 && !is_wrong_kind(&about, flags)) return BASIN_OK;
    close(*file);
    *file = -1;
    return raise_kind(place->path, about.st_mode, flags);
}

basin_status file_open(const char *path, int flags, int *file)
{
    struct place place = {AT_FDCWD, path, path};
    *file = -1;
    if (is_written(flags)) flags |= O_NOFOLLOW;
    if (!(flags & O_NOFOLLOW)) return open_in_place(&place, flags, file);
    TRY(place_open(path, &place));
    basin_status status = open_in_place(&place, flags, file);
    place_close(&place);
    return status;
}

bool file_is_special(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

/* ---- reading ---- */

basin_status file_read_part(int file, const char *path, uint64_t start, uint8_t *bytes,
                            size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = pread(file, bytes + done, length - done, (off_t)(start + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return raise_errno(path, "read");
        if (n == 0)
            return error_raise(BASIN_IO, "cannot read %s: it became shorter while it was read",
                               path);
        done += (size_t)n;
    }
    return BASIN_OK;
}

static basin_status file_read_opened(int file, const char *path, uint8_t **bytes, size_t *length)
{
    struct stat about;
    if (fstat(file, &about) != 0) return raise_errno(path, "read");
    *length = (size_t)about.st_size;
    *bytes = memory_allocate(*length);
    if (!*bytes) return BASIN_MEMORY;
    basin_status status = file_read_part(file, path, 0, *bytes, *length);
    if (status != BASIN_OK) memory_free(*bytes);
    return status;
}

basin_status file_read(const char *path, uint8_t **bytes, size_t *length)
{
    int file;
    TRY(file_open(path, O_RDONLY, &file));
    basin_status status = file_read_opened(file, path, bytes, length);
    close(file);
    return status;
}

/* ---- writing ---- */

static basin_status file_write_all(int file, const char *path, const uint8_t *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = write(file, bytes + done, length - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return raise_write(path, "write");
        done += (size_t)n;
    }
    while (fsync(file) != 0)
        if (errno != EINTR) return raise_write(path, "write");
    return BASIN_OK;
}

/* Errors name the file that was wanted: the temporary one is no concern of who reads them. */
static basin_status write_renamed(int file, const struct place *temporary, const char *name,
                                  const void *bytes, size_t length)
{
    const char *path = temporary->path;
    basin_status status = file_write_all(file, path, bytes, length);
    if (close(file) != 0 && status == BASIN_OK && errno != EINTR)
        status = raise_write(path, "write");
    if (status == BASIN_OK && !place_rename(temporary, name)) status = raise_write(path, "create");
    if (status != BASIN_OK) place_unlink(temporary);
    return status;
}

static basin_status write_in_place(const struct place *place, const void *bytes, size_t length)
{
    struct text name = {0};
    int file = store_create_temporary(place, &name);
    basin_status status = text_status(&name);
    if (status == BASIN_OK) {
        struct place temporary = {place->folder, text_data(&name), place->path};
        status = file < 0 ? raise_write(place->path, "create")
                          : write_renamed(file, &temporary, place->name, bytes, length);
    }
    text_free(&name);
    return status == BASIN_OK ? place_sync(place) : status;
}

typedef basin_status place_opener(const char *path, struct place *place);

static basin_status write_at(const char *path, place_opener *opener, const void *bytes,
                             size_t length)
{
    struct place place;
    basin_status status = opener(path, &place);
    if (status != BASIN_OK) return errno == ELOOP ? status : raise_write(path, "create");
    status = write_in_place(&place, bytes, length);
    place_close(&place);
    return status;
}

basin_status store_write_file(const char *path, const void *bytes, size_t length)
{
    return write_at(path, place_open, bytes, length);
}

basin_status file_write(const char *path, const void *bytes, size_t length)
{
    return write_at(path, place_open_followed, bytes, length);
}

static basin_status sync_parent(const char *path)
{
    struct place place;
    TRY(place_open_followed(path, &place));
    basin_status status = place_sync(&place);
    place_close(&place);
    return status;
}

static basin_status make_one(const char *path)
{
    if (mkdir(path, 0777) == 0) return sync_parent(path);
    if (errno != EEXIST) return raise_write(path, "create folder");
    struct stat about;
    if (stat(path, &about) != 0) return raise_write(path, "create folder");
    return S_ISDIR(about.st_mode)
               ? BASIN_OK
               : error_raise(BASIN_IO, "cannot create folder %s: a file has its name", path);
}

basin_status store_make_folder(const char *path)
{
    struct text part = {0};
    basin_status status = BASIN_OK;
    for (const char *at = path; status == BASIN_OK && *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        part.length = 0;
        text_append_n(&part, path, (size_t)(at - path));
        status = text_status(&part);
        if (status == BASIN_OK) status = make_one(text_data(&part));
        at += strspn(at, "/");
    }
    text_free(&part);
    return status;
}

/* ---- temporary files ---- */

enum {
    LEFT_AFTER = 3600,
    RUN_DIGITS = 16
}; /* s: nobody writes a file for so long without touching it; of the run's id in its name */

void store_temporary(const char *path, struct text *out)
{
    static _Atomic unsigned serial;
    char host[STORE_HOST];
    text_format(out, "%s.%s-%08" PRIx32 "-%ld-%u.tmp", path, process_host(host, sizeof host),
                process_instance_tag(), (long)getpid(), serial++);
}

/* What has the name already, of whichever kind, is not ours: another name. */
int store_create_temporary(const struct place *place, struct text *out)
{
    enum { TRIES = 1000 };
    int file = -1;
    for (int i = 0; i < TRIES && file < 0; i++) {
        out->length = 0;
        store_temporary(place->name, out);
        if (out->failed) return -1;
        file = openat(place->folder, out->data,
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST && errno != EINTR) break;
    }
    return file;
}

/* Reads backwards over "-<number>"; false where there is none. */
static bool take_number(const char *name, size_t *length, int base, unsigned long *number)
{
    size_t at = *length;
    while (at > 0 && isxdigit((unsigned char)name[at - 1])) at--;
    char *end;
    *number = strtoul(name + at, &end, base);
    if (at == *length || end != name + *length || at == 0 || name[at - 1] != '-') return false;
    *length = at - 1;
    return true;
}

/* Is this a temporary file, and that of a process of this instance (of which one number can be
 * asked for)? */
static bool is_temporary(const char *name, bool *here, unsigned long *process)
{
    char host[STORE_HOST];
    unsigned long serial, tag;
    size_t length = strlen(name);
    if (length < 4 || strcmp(name + length - 4, ".tmp") != 0) return false;
    length -= 4;
    if (!take_number(name, &length, 10, &serial) || !take_number(name, &length, 10, process))
        return false;
    size_t host_length = strlen(process_host(host, sizeof host));
    *here = take_number(name, &length, 16, &tag) && tag == process_instance_tag() &&
            length > host_length && name[length - host_length - 1] == '.' &&
            memcmp(name + length - host_length, host, host_length) == 0;
    return *process > 0;
}

/* Has the process gone that wrote it? Where that cannot be asked, a file that nobody has touched
 * for long says so. */
static bool is_leftover(int folder, const char *name)
{
    bool here;
    unsigned long process;
    struct stat about;
    if (!is_temporary(name, &here, &process)) return false;
    if (here) return !process_lives((long)process, 0);
    if (strspn(name, "0123456789abcdef") != RUN_DIGITS) return false;
    return fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           time(NULL) - about.st_mtime > LEFT_AFTER;
}

basin_status store_clean_folder(const char *path)
{
    int file = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = file < 0 ? NULL : fdopendir(file);
    if (file >= 0 && !folder) close(file);
    if (!folder) return errno == ENOENT ? BASIN_OK : raise_errno(path, "read folder");
    for (struct dirent *entry; (entry = readdir(folder));)
        if (is_leftover(dirfd(folder), entry->d_name)) unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    return BASIN_OK;
}
