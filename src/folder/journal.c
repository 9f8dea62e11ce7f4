#include "folder/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/process.h"
#include "folder/folder.h"

const char *journal_name(const char *host, long process, char out[JOURNAL_NAME])
{
    snprintf(out, JOURNAL_NAME, "%.200s-%ld", host, process);
    return out;
}

const char *journal_own_name(char out[JOURNAL_NAME])
{
    char host[PROCESS_HOST];
    return journal_name(process_host(host, sizeof host), (long)getpid(), out);
}

/* Does the last line lack its end? Then a process died while it wrote it. */
static bool is_torn(int file)
{
    char last = '\n';
    off_t length = lseek(file, 0, SEEK_END);
    return length > 0 && pread(file, &last, 1, length - 1) == 1 && last != '\n';
}

basin_status journal_open(struct journal *journal, const char *folder)
{
    char name[JOURNAL_NAME], path[FOLDER_PATH];
    snprintf(path, sizeof path, "%s/journal/%s.jsonl", folder, journal_own_name(name));
    *journal = (struct journal){.file = -1};
    basin_status status = folder_open_append(path, O_RDWR, &journal->file);
    if (status != BASIN_OK) {
        error_prefix("no journal can be kept");
        return status;
    }
    journal->torn = is_torn(journal->file);
    return BASIN_OK;
}

void journal_close(struct journal *journal)
{
    if (journal->file >= 0) close(journal->file);
    journal->file = -1;
}

void journal_begin(struct text *line, const char *event)
{
    *line = (struct text){0};
    text_format(line, "{\"event\": \"%s\", \"time\": \"", event);
    text_now(line);
    text_append(line, "\"");
}

void journal_text(struct text *line, const char *key, const char *value)
{
    text_format(line, ", \"%s\": ", key);
    text_json(line, value);
}

void journal_number(struct text *line, const char *key, double value)
{
    text_format(line, ", \"%s\": ", key);
    text_json_number(line, value);
}

void journal_true(struct text *line, const char *key)
{
    text_format(line, ", \"%s\": true", key);
}

/* One write(): lines of one process never mix, and a line is whole or, after a crash or on a full
 * disk, a torn last one, which is ended before the next. */
static basin_status journal_append(struct journal *journal, const struct text *line)
{
    ssize_t written;
    TRY(text_status(line));
    do written = write(journal->file, line->data, line->length);
    while (written < 0 && errno == EINTR);
    journal->torn = written > 0 ? written < (ssize_t)line->length : journal->torn;
    if (written == (ssize_t)line->length) return BASIN_OK;
    return error_raise(BASIN_IO, "cannot write the journal: %s",
                       written < 0 ? strerror(errno) : "the disk is full");
}

void journal_end(struct journal *journal, struct text *line)
{
    text_append(line, "}\n");
    if (journal->torn && write(journal->file, "\n", 1) == 1) journal->torn = false;
    if (journal->file >= 0 && journal_append(journal, line) != BASIN_OK && !journal->failed) {
        journal->failed = true;
        journal->error = *basin_error_last();
    }
    text_free(line);
}
