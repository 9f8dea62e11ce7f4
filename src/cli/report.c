#include "cli/report.h"

#include <errno.h>
#include <langinfo.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/escape.h"
#include "cli/print.h"

enum { REPORT_LINE = 4096 };

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

/* An escape of escape.h as JSON writes it: \x9b as \u009b, \U000e0001 as two surrogates. */
static void put_json_escape(struct text *out, const char *escaped)
{
    unsigned long code = strtoul(escaped + 2, NULL, 16);
    if (code < 0x10000)
        text_format(out, "\\u%04lx", code);
    else
        text_format(out, "\\u%04lx\\u%04lx", 0xD800 + ((code - 0x10000) >> 10),
                    0xDC00 + ((code - 0x10000) & 0x3FF));
}

/* Escapes what is between the ends of lines, which are the program's own. */
static void escape_output(const struct text *text, bool json, struct text *out)
{
    out->failed = text->failed;
    for (size_t at = 0; at < text->length && !out->failed;) {
        char escaped[ESCAPE_MOST];
        const char *from = text->data + at;
        size_t length, step = escape_character(from, text->length - at, escaped, &length);
        bool is_same = length == step && memcmp(from, escaped, step) == 0;
        if (is_same || *from == '\n')
            text_append_n(out, from, step);
        else if (json && escaped[0] == '\\')
            put_json_escape(out, escaped);
        else
            text_append_n(out, escaped, length);
        at += step;
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

/* The lines that are drawn again and again: how many there are. The cursor is in the last one. */
static struct {
    pthread_mutex_t lock;
    int lines;
} live = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void erase_live(void)
{
    for (; live.lines > 1; live.lines--) report_write_all(STDERR_FILENO, "\r\033[K\033[A", 7);
    if (live.lines) report_write_all(STDERR_FILENO, "\r\033[K", 4);
    live.lines = 0;
}

void report_live(const char *lines)
{
    pthread_mutex_lock(&live.lock);
    erase_live();
    report_write_all(STDERR_FILENO, lines, strlen(lines));
    live.lines = *lines != 0;
    for (; *lines; lines++) live.lines += *lines == '\n';
    pthread_mutex_unlock(&live.lock);
}

void report_live_anew(void)
{
    pthread_mutex_lock(&live.lock);
    report_write_all(STDERR_FILENO, "\033[H\033[2J", 7);
    live.lines = 0;
    pthread_mutex_unlock(&live.lock);
}

void report_clear(void)
{
    pthread_mutex_lock(&live.lock);
    live.lines += live.lines == 0;
    erase_live();
    pthread_mutex_unlock(&live.lock);
}

void report_line(const char *line)
{
    pthread_mutex_lock(&live.lock);
    erase_live();
    if (is_wrapped(line))
        write_wrapped(line);
    else
        report_write_all(STDERR_FILENO, line, strlen(line));
    report_write_all(STDERR_FILENO, "\n", 1);
    pthread_mutex_unlock(&live.lock);
}

/* Without the allocator: memory may be what the message is about. */
void report_message(const char *format, ...)
{
    char raw[REPORT_LINE], line[REPORT_LINE];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    if (length >= 0) report_line(escape_into(line, sizeof line, raw, strlen(raw)));
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

/* The parts of an error are escaped where it is raised; only the colour is put in here. */
int report_error(const basin_error *error)
{
    char where[640], place[640], line[REPORT_LINE];
    bool colour = report_colour(STDERR_FILENO);
    report_place(error, where, sizeof where);
    escape_into(place, sizeof place, where, strlen(where));
    snprintf(line, sizeof line, "basin: %s%serror:%s %s", place, colour ? "\033[1;31m" : "",
             colour ? "\033[0m" : "", error->message);
    report_line(line);
    if (error->hint[0]) report_message("  hint: %s", error->hint);
    return basin_status_exit(error->status);
}

int report_last(void)
{
    basin_error error = *basin_error_last();
    return report_error(&error);
}

/* On a terminal messages break between words; the lines of the spec below them, "   12 | ...", and
 * the carets stay as they are. */
static void write_diagnostics(const struct text *text)
{
    for (const char *line = text_data(text); *line;) {
        size_t length = strcspn(line, "\n");
        struct text one = {0};
        text_append_n(&one, line, length);
        if (*line == ' ')
            report_write_all(STDERR_FILENO, line, length);
        else if (is_wrapped(text_data(&one)))
            write_wrapped(text_data(&one));
        else
            report_write_all(STDERR_FILENO, text_data(&one), one.length);
        report_write_all(STDERR_FILENO, "\n", 1);
        text_free(&one);
        line += length + (line[length] == '\n');
    }
}

int report_spec(basin_status status, const struct diagnostics *diagnostics)
{
    struct text text = {0};
    bool placed = status == BASIN_SPEC || status == BASIN_DATA;
    if (!placed || !diagnostics || !diagnostics->count) return report_last();
    struct text escaped = {0};
    diagnostics_print(diagnostics, &text);
    escape_output(&text, false, &escaped);
    write_diagnostics(&escaped);
    text_free(&text);
    text_free(&escaped);
    return basin_status_exit(status);
}

static int write_output(struct text *text, int exit_status)
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

static int escape_and_write(struct text *text, bool json, int exit_status)
{
    struct text escaped = {0};
    escape_output(text, json, &escaped);
    text_free(text);
    return write_output(&escaped, exit_status);
}

int report_output(struct text *text, int exit_status)
{
    return escape_and_write(text, false, exit_status);
}

int report_json(struct text *text, int exit_status)
{
    return escape_and_write(text, true, exit_status);
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

int report_height(void)
{
    struct winsize size;
    const char *lines = getenv("LINES");
    long height = lines ? strtol(lines, NULL, 10) : 0;
    if (height >= 2 && height <= 1000) return (int)height;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row >= 2) return size.ws_row;
    return 24;
}

bool report_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
