#include "folder/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/process.h"
#include "base/text.h"
#include "folder/folder.h"

const char *log_file(const char *folder, const char *id, char *out)
{
    snprintf(out, FOLDER_PATH, "%s/logs/%s.log", folder, id);
    return out;
}

static void log_begin(struct text *line, const char *kind)
{
    char host[256];
    text_now(line);
    text_format(line, " %s-%ld %s: ", process_host(host, sizeof host), (long)getpid(), kind);
}

/* One write, so that lines of several processes stay apart. */
static void log_append(const char *folder, const char *id, struct text *line)
{
    char path[FOLDER_PATH], logs[FOLDER_PATH];
    snprintf(logs, sizeof logs, "%s/logs", folder);
    mkdir(logs,
          0777); /* is there already, or cannot be made: then the file cannot be opened either */
    basin_error before = *basin_error_last();
    int file = -1;
    if (!line->failed && folder_refuse_links(folder) == BASIN_OK)
        folder_open_append(log_file(folder, id, path), O_WRONLY, &file);
    error_restore(&before);
    if (file >= 0) {
        while (write(file, line->data, line->length) < 0 && errno == EINTR) continue;
        close(file);
    }
    text_free(line);
}

void log_error(const char *folder, const char *id, const basin_error *error)
{
    struct text line = {0};
    log_begin(&line, "error");
    text_format(&line, "%s\n", error->message);
    if (error->hint[0]) text_format(&line, "  hint: %s\n", error->hint);
    log_append(folder, id, &line);
}

void log_warning(const char *folder, const char *id, const char *format, ...)
{
    char message[1024];
    struct text line = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    log_begin(&line, "warning");
    text_format(&line, "%s\n", message);
    log_append(folder, id, &line);
}
