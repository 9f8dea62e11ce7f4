#include "study/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "study/folder.h"
#include "study/machine.h"

basin_status journal_open(struct journal *journal, const char *folder)
{
    char host[256], path[FOLDER_PATH];
    machine_host(host, sizeof host);
    snprintf(path, sizeof path, "%s/journal/%.200s-%ld.jsonl", folder, host, (long)getpid());
    *journal = (struct journal){.file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)};
    if (journal->file >= 0) return BASIN_OK;
    return error_write("open the journal %s", path);
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

/* One write(): lines of one process never mix, and a line is whole or, after a crash, the torn last one. */
static basin_status append(int file, const struct text *line)
{
    TRY(text_status(line));
    ssize_t written;
    do written = write(file, line->data, line->length);
    while (written < 0 && errno == EINTR);
    if (written == (ssize_t)line->length) return BASIN_OK;
    return error_raise(BASIN_IO, "cannot write the journal: %s", written < 0 ? strerror(errno) : "the disk is full");
}

void journal_end(struct journal *journal, struct text *line)
{
    text_append(line, "}\n");
    if (journal->file >= 0 && append(journal->file, line) != BASIN_OK && !journal->failed) {
        journal->failed = true;
        journal->error = *basin_error_last();
    }
    text_free(line);
}
