/* A library to be preloaded: counts the system calls that make files durable, and spoils one of
 * them.
 *
 *     SHIM_COUNT=FILE         at the end writes how many there were
 *     SHIM_AT=N               spoils the Nth call (from 1), or with SHIM_FOREVER=1 every one from
 *                             it on:
 *     SHIM_HOW=kill-before    SIGKILL instead of it        kill-after   SIGKILL when it is done
 *              eio, enospc    it fails with that           short        a write writes half;
 *                             another call is let through
 *              eintr          it is interrupted, once
 *     SHIM_WITHOUT=links      a file system without hard links; =renames: without exclusive
 *                             renaming either
 * Calls: open and openat for writing, write, fsync, rename, renameat, linkat, unlink,
 * unlinkat, mkdir, futimens. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

static bool how(const char *name)
{
    return strcmp(setting("SHIM_HOW"), name) == 0;
}

/* Is this call the one? */
static bool is_due(void)
{
    long number = atomic_fetch_add(&calls, 1) + 1, at = strtol(setting("SHIM_AT"), NULL, 10);
    return at > 0 && (number == at || (number > at && *setting("SHIM_FOREVER")));
}

/* What goes wrong before a call: true where it is not to be made, with errno. */
static bool fails(bool due)
{
    if (!due) return false;
    if (how("kill-before")) kill(getpid(), SIGKILL);
    errno = how("eio") ? EIO : how("enospc") ? ENOSPC : how("eintr") ? EINTR : 0;
    return errno != 0;
}

static void after(bool due)
{
    if (due && how("kill-after")) kill(getpid(), SIGKILL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What is spoilt: result -1 unless it is made. */
#define CALL(name, ...)                                                                            \
    do {                                                                                           \
        bool due = is_due();                                                                       \
        if (fails(due)) return -1;                                                                 \
        __typeof__(REAL(name)(__VA_ARGS__)) result = REAL(name)(__VA_ARGS__);                      \
        after(due);                                                                                \
        return result;                                                                             \
    } while (0)

static bool is_ours(int file) /* not a terminal, a pipe or a device */
{
    struct stat state;
    return fstat(file, &state) == 0 && S_ISREG(state.st_mode);
}

ssize_t write(int file, const void *bytes, size_t length)
{
    if (!is_ours(file)) return REAL(write)(file, bytes, length);
    bool due = is_due();
    if (fails(due)) return -1;
    ssize_t written =
        REAL(write)(file, bytes, due && how("short") && length > 1 ? length / 2 : length);
    after(due);
    return written;
}

/* Under this name or, with large files, as open64: as the program calls it. */
int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    if ((flags & O_ACCMODE) == O_RDONLY) return REAL(open)(path, flags, mode);
    CALL(open, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    if ((flags & O_ACCMODE) == O_RDONLY) return REAL(openat)(folder, path, flags, mode);
    CALL(openat, folder, path, flags, mode);
}

int fsync(int file)
{
    CALL(fsync, file);
}
int rename(const char *from, const char *to)
{
    CALL(rename, from, to);
}
int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    CALL(renameat, from_folder, from, to_folder, to);
}
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    if (*setting("SHIM_WITHOUT")) {
        errno = EPERM;
        return -1;
    }
    CALL(linkat, from_folder, from, to_folder, to, flags);
}
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    if (strcmp(setting("SHIM_WITHOUT"), "renames") == 0) {
        errno = EINVAL;
        return -1;
    }
    CALL(renameat2, from_folder, from, to_folder, to, flags);
}
int unlink(const char *path)
{
    CALL(unlink, path);
}
int unlinkat(int folder, const char *path, int flags)
{
    CALL(unlinkat, folder, path, flags);
}
int mkdir(const char *path, mode_t mode)
{
    CALL(mkdir, path, mode);
}
int futimens(int file, const struct timespec times[2])
{
    CALL(futimens, file, times);
}

/* How a program ends that does not want destructors. */
void _exit(int status)
{
    FILE *file = *setting("SHIM_COUNT") ? fopen(setting("SHIM_COUNT"), "w") : NULL;
    if (file) fprintf(file, "%ld\n", atomic_load(&calls));
    if (file) fclose(file);
    REAL(_exit)(status);
    __builtin_unreachable();
}
