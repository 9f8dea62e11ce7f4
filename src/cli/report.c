#include "cli/report.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli/print.h"

static void report_write_all(int file, const char *bytes, size_t length)
{
    while (length) {
        ssize_t n = write(file, bytes, length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return; /* stderr is gone: there is nobody left to tell */
        bytes += n;
        length -= (size_t)n;
    }
}

/* On a terminal messages break between words, except lines with a command to copy. */
static bool is_wrapped(const char *line)
{
    return report_is_terminal(STDERR_FILENO) && !strstr(line, ": basin ");
}

static void write_wrapped(const char *line)
{
    struct text wrapped = {0};
    print_wrapped(&wrapped, line, 0, strspn(line, " ") + 2, (size_t)report_width());
    report_write_all(STDERR_FILENO, text_data(&wrapped), wrapped.length);
    text_free(&wrapped);
}

void report_message(const char *format, ...)
{
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if ((size_t)length > sizeof line - 2) length = sizeof line - 2;
    if (is_wrapped(line)) {
        write_wrapped(line);
        length = 0;
    }
    line[length] = '\n';
    report_write_all(STDERR_FILENO, line, (size_t)length + 1);
}

static void report_place(const basin_error *error, char *out, size_t size)
{
    bool named =
        error->file[0] &&
        !strstr(error->message, error->file); /* the message does not name the file itself */
    char byte[32];
    snprintf(byte, sizeof byte, "(byte %lld",
             error->byte); /* a message that contains it needs no prefix */
    out[0] = 0;
    if (error->line > 0)
        snprintf(out, size, "%s:%ld:%ld: ", error->file, error->line, error->column);
    else if (error->byte > 0 && !strstr(error->message, byte))
        snprintf(out, size, "%s%sbyte %lld: ", named ? error->file : "", named ? ": " : "",
                 error->byte);
    else if (named)
        snprintf(out, size, "%s: ", error->file);
}

int report_error(const basin_error *error)
{
    char where[640];
    bool colour = report_colour(STDERR_FILENO);
    report_place(error, where, sizeof where);
    report_message("basin: %s%serror:%s %s", where, colour ? "\033[1;31m" : "",
                   colour ? "\033[0m" : "", error->message);
    if (error->hint[0]) report_message("  hint: %s", error->hint);
    return basin_status_exit(error->status);
}

int report_last(void)
{
    basin_error error = *basin_error_last();
    return report_error(&error);
}

int report_spec(basin_status status, const struct diagnostics *diagnostics)
{
    struct text text = {0};
    bool placed = status == BASIN_SPEC || status == BASIN_DATA;
    if (!placed || !diagnostics || !diagnostics->count) return report_last();
    diagnostics_print(diagnostics, &text);
    report_write_all(STDERR_FILENO, text_data(&text), text.length);
    text_free(&text);
    return basin_status_exit(status);
}

int report_output(struct text *text, int exit_status)
{
    bool failed = false;
    if (text_status(text) != BASIN_OK) {
        text_free(text);
        return report_last();
    }
    failed = fwrite(text_data(text), 1, text->length, stdout) != text->length;
    failed = fflush(stdout) != 0 || failed;
    text_free(text);
    if (!failed || errno == EPIPE) return exit_status;
    error_raise(BASIN_IO, "cannot write to standard output: %s", strerror(errno));
    return report_last();
}

int report_prose(struct text *text, int exit_status)
{
    struct text wrapped = {.failed = text->failed};
    print_lines(&wrapped, text_data(text), (size_t)report_width());
    text_free(text);
    return report_output(&wrapped, exit_status);
}

bool report_is_terminal(int file)
{
    const char *terminal = getenv("TERM");
    return isatty(file) && !(terminal && strcmp(terminal, "dumb") == 0);
}

bool report_colour(int file)
{
    const char *no_color = getenv("NO_COLOR");
    return report_is_terminal(file) && !(no_color && *no_color);
}

int report_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long width = columns ? strtol(columns, NULL, 10) : 0;
    if (width >= 20 && width <= 1000) return (int)width;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
    return 80;
}

bool report_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
