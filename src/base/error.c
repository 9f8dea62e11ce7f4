#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

int basin_status_exit(basin_status status)
{
    return exits[status];
}

basin_status error_raise(basin_status status, const char *format, ...)
{
    char message[sizeof last.message]; /* apart, so that an argument may point into the last error */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    last = (basin_error){.status = status, .byte = -1};
    memcpy(last.message, message, sizeof message);
    return status;
}

void error_hint(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last.hint, sizeof last.hint, format, arguments);
    va_end(arguments);
}

void error_place(const char *file, long line, long column)
{
    snprintf(last.file, sizeof last.file, "%s", file);
    last.line = line;
    last.column = column;
}

void error_byte(const char *file, long long byte)
{
    snprintf(last.file, sizeof last.file, "%s", file);
    last.byte = byte;
}

void error_prefix(const char *format, ...)
{
    char prefix[sizeof last.message], whole[2 * sizeof last.message + 4];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    snprintf(whole, sizeof whole, "%s: %s", prefix, last.message);
    whole[sizeof last.message - 1] = 0;
    memcpy(last.message, whole, sizeof last.message);
}

basin_status error_memory(unsigned long long bytes)
{
    error_raise(BASIN_MEMORY, "out of memory: %llu bytes were wanted", bytes);
    error_hint("run fewer jobs at a time (-j) or a smaller batch");
    return BASIN_MEMORY;
}

basin_status error_restore(const basin_error *error)
{
    last = *error;
    return error->status;
}
