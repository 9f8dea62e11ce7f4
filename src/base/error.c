#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/escape.h"

/* Bytes of a text before it is escaped: more than any takes afterwards, so that it is cut off
 * between two characters. */
enum { ERROR_RAW = sizeof((basin_error *)0)->message + ESCAPE_MOST };

static _Thread_local basin_error last = {.byte = -1};

static const char *const texts[] = {
#define X(name, exit_status, text) text,
    BASIN_STATUSES(X)
#undef X
};

static const int exits[] = {
#define X(name, exit_status, text) exit_status,
    BASIN_STATUSES(X)
#undef X
};

const basin_error *basin_error_last(void)
{
    return &last;
}

const char *basin_status_text(basin_status status)
{
    return texts[status];
}

basin_status error_status_of(const char *text)
{
    for (size_t i = 0; text && i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && strcmp(texts[i], text) == 0) return (basin_status)i;
    return BASIN_INTERNAL;
}

int basin_status_exit(basin_status status)
{
    return exits[status];
}

/* Messages quote names, paths and contents of files that others made: nothing of them may reach a
 * terminal as it is. `raw` is apart from `out`, so that an argument may point into the last error.
 */
static void error_write_text(char *out, size_t size, const char *format, va_list arguments)
{
    char raw[ERROR_RAW];
    vsnprintf(raw, sizeof raw, format, arguments);
    escape_into(out, size, raw, strlen(raw));
}

basin_status error_raise(basin_status status, const char *format, ...)
{
    char
        message[sizeof last.message]; /* apart, so that an argument may point into the last error */
    va_list arguments;
    va_start(arguments, format);
    error_write_text(message, sizeof message, format, arguments);
    va_end(arguments);
    last = (basin_error){.status = status, .byte = -1};
    memcpy(last.message, message, sizeof message);
    return status;
}

#define SETTER(field)                                                                              \
    void error_##field(const char *format, ...)                                                    \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        error_write_text(last.field, sizeof last.field, format, arguments);                        \
        va_end(arguments);                                                                         \
    }

SETTER(hint)
SETTER(key)
SETTER(expected)
SETTER(found)

void error_key_block(const char *block)
{
    char key[sizeof last.key];
    memcpy(key, last.key, sizeof key);
    error_key("%s%s%s", block, *key ? "." : "", key);
}

void error_place(const char *file, long line, long column)
{
    escape_into(last.file, sizeof last.file, file, strlen(file));
    last.line = line;
    last.column = column;
}

void error_byte(const char *file, long long byte)
{
    escape_into(last.file, sizeof last.file, file, strlen(file));
    last.byte = byte;
}

void error_prefix(const char *format, ...)
{
    char prefix[sizeof last.message], whole[2 * sizeof last.message + 4];
    va_list arguments;
    va_start(arguments, format);
    error_write_text(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    int length = snprintf(whole, sizeof whole, "%s: %s", prefix, last.message);
    escape_into(last.message, sizeof last.message, whole, (size_t)length);
}

static const char *remedy(int reason)
{
    switch (reason) {
    case ENOSPC:
    case EDQUOT:
        return "free some space and run the same command again; finished runs are kept";
    case EROFS:
        return "the file system is read-only: choose another folder with -o";
    case EACCES:
    case EPERM:
        return "get the right to write there, or choose another folder with -o";
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
        return "there is no such folder (any more): make it, or mount its disk, and run the same "
               "command again";
    case EIO:
        return "the disk or its network fails: see the system's log, then run the same command "
               "again, or with another folder (-o)";
    case EFBIG:
        return "raise the limit of the size of files (ulimit -f) and run the same command again";
    default:
        return "run the same command again, or with another folder (-o); finished runs are kept";
    }
}

basin_status error_write(const char *what, ...)
{
    int reason = errno;
    char message[sizeof last.message];
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(message, sizeof message, what, arguments);
    va_end(arguments);
    error_raise(BASIN_IO, "cannot %s: %s", message, strerror(reason));
    error_hint("%s", remedy(reason));
    return BASIN_IO;
}

basin_status error_memory(unsigned long long bytes)
{
    if (bytes)
        error_raise(BASIN_MEMORY, "out of memory: %llu bytes were wanted", bytes);
    else
        error_raise(BASIN_MEMORY, "out of memory");
    error_hint("run fewer jobs at a time (-j) or a smaller batch");
    return BASIN_MEMORY;
}

basin_status error_restore(const basin_error *error)
{
    last = *error;
    return error->status;
}
