/* The reader of journals. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include <sys/stat.h>
#include <unistd.h>
#include "base/json.h"
#include "folder/folder.h"
#include "folder/journal.h"
#include "store/file.h"

/* Copies a text member into the arena; absent ones leave NULL. */
static basin_status copy_member(struct arena *arena, const struct json *line, const char *key,
                                const char **copy)
{
    const char *text = json_text(json_member(line, key));
    *copy = text ? arena_text(arena, text) : NULL;
    return text && !*copy ? BASIN_MEMORY : BASIN_OK;
}

/* The same for what is printed and never looked at. */
static basin_status copy_message(struct arena *arena, const struct json *line, const char *key,
                                 const char **copy)
{
    struct text escaped = {0};
    const char *text = json_text(json_member(line, key));
    *copy = NULL;
    if (!text) return BASIN_OK;
    text_escape(&escaped, text);
    *copy = text_status(&escaped) == BASIN_OK ? arena_text(arena, text_data(&escaped)) : NULL;
    text_free(&escaped);
    return *copy ? BASIN_OK : BASIN_MEMORY;
}

/* Ids become names of files and are printed: what is none is not taken for one. */
static bool is_run_id(const char *text)
{
    enum { DIGITS = 16 };
    return strlen(text) == DIGITS && strspn(text, "0123456789abcdef") == DIGITS;
}

static bool is_any_text(const char *text)
{
    (void)text;
    return true;
}

/* The texts of a list that are wanted. */
static basin_status copy_list(struct arena *arena, const struct json *list,
                              bool (*wanted)(const char *text), const char *const **copies,
                              size_t *count)
{
    const char **items = arena_array(arena, const char *, json_count(list) + 1);
    if (!items) return BASIN_MEMORY;
    *count = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        const char *text = json_text(json_item(list, i));
        if (text && wanted(text) && !(items[(*count)++] = arena_text(arena, text)))
            return BASIN_MEMORY;
    }
    *copies = items;
    return BASIN_OK;
}

static basin_status copy_event(struct arena *arena, const struct json *line,
                               struct journal_event *event)
{
    const struct {
        const char *key, **place;
    } texts[] = {{"event", &event->name},    {"run_id", &event->run_id},
                 {"status", &event->status}, {"study", &event->study},
                 {"spec", &event->spec},     {"arguments", &event->arguments}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        TRY(copy_member(arena, line, texts[i].key, texts[i].place));
    TRY(copy_message(arena, line, "time", &event->time));
    TRY(copy_message(arena, line, "message", &event->message));
    if (event->run_id && !is_run_id(event->run_id)) event->run_id = NULL;
    if (!json_to_integer(json_member(line, "step"), &event->step)) event->step = -1;
    if (!json_to_integer(json_member(line, "epochs"), &event->epochs)) event->epochs = -1;
    event->alone = json_to_boolean(json_member(line, "alone"));
    event->refused = json_to_boolean(json_member(line, "refused"));
    return BASIN_OK;
}

/* Copies what is wanted of a line into `arena`; event->name stays NULL for a line that is no event.
 * `scratch` takes the rest. */
static basin_status copy_line(struct arena *arena, struct arena *scratch, const char *text,
                              size_t length, bool with_lists, struct journal_event *event)
{
    const struct json *line;
    basin_status status = json_parse(scratch, text, length, &line);
    if (status != BASIN_OK) return status == BASIN_MEMORY ? status : BASIN_OK;
    if (!json_text(json_member(line, "event")) || !json_text(json_member(line, "time")))
        return BASIN_OK;
    TRY(copy_event(arena, line, event));
    if (!with_lists) return BASIN_OK;
    TRY(copy_list(arena, json_member(line, "ids"), is_run_id, &event->ids, &event->id_count));
    TRY(copy_member(arena, line, "whole", &event->whole));
    TRY(copy_list(arena, json_member(line, "axes"), is_any_text, &event->axes, &event->axis_count));
    return copy_list(arena, json_member(line, "names"), is_any_text, &event->names,
                     &event->name_count);
}

static basin_status journal_read_parse(struct arena *arena, const char *text, size_t length,
                                       bool with_lists, struct journal_event *event)
{
    struct arena *scratch;
    *event = (struct journal_event){.step = -1};
    TRY(arena_create(&scratch));
    basin_status status = copy_line(arena, scratch, text, length, with_lists, event);
    arena_destroy(scratch);
    return status;
}

/* Of a line about a run, as journal_begin writes it, name and time alone: there are thousands, and
 * who asks for starts wants only their order. False: it is to be read in full. */
static bool read_brief(struct arena *arena, const char *line, size_t length,
                       struct journal_event *event)
{
    static const char head[] = "{\"event\": \"run_", time[] = "\", \"time\": \"";
    enum { TIME = sizeof "2026-12-01T03:03:33.175Z" - 1 };
    if (length < sizeof head || memcmp(line, head, sizeof head - 1) != 0) return false;
    const char *from = line + sizeof head - 1, *end = line + length;
    while (from < end && *from >= 'a' && *from <= 'z') from++;
    if ((size_t)(end - from) < sizeof time + TIME || memcmp(from, time, sizeof time - 1) != 0)
        return false;
    from += sizeof time - 1;
    for (int i = 0; i < TIME; i++)
        if (!strchr("0123456789-:.TZ", from[i]) || !from[i]) return false;
    *event = (struct journal_event){
        .name = "run", .time = arena_text_n(arena, from, TIME), .step = -1, .epochs = -1};
    return from[TIME] == '"' && event->time;
}

struct journal_reader {
    struct arena *arena;
    struct journal_events *events;
    size_t capacity;
    bool starts; /* only starts are wanted */
};

static basin_status journal_read_append(struct journal_reader *reader, const char *line,
                                        size_t length)
{
    struct arena *arena = reader->arena;
    struct journal_events *events = reader->events;
    if (!list_room(arena, events->items, events->count, 1, reader->capacity)) return BASIN_MEMORY;
    struct journal_event *event = &events->items[events->count];
    if (!reader->starts || !read_brief(arena, line, length, event))
        TRY(journal_read_parse(arena, line, length, false, event));
    events->items[events->count].order = events->count;
    events->items[events->count].writer = events->writer_count;
    events->count += events->items[events->count].name != NULL;
    return BASIN_OK;
}

/* A clock may be set back: what one writer wrote keeps its order all the same. */
static void keep_order(struct journal_event *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool back = i > 0 && items[i - 1].writer == items[i].writer &&
                    strcmp(items[i].time, items[i - 1].moment) < 0;
        items[i].moment = back ? items[i - 1].moment : items[i].time;
    }
}

/* The lists of a start name every run of the study: only those of a file's last one are read. */
struct last_start {
    off_t at; /* of its line; -1: there is none */
    size_t event;
};

/* Of one that is longer nobody knows what it is: no study has so many runs. */
enum { LONGEST_LINE = 16 << 20 };

struct line_reader {
    FILE *file;
    const char *path;
    char *text; /* the line, with its newline */
    size_t length, room;
};

static basin_status make_line_longer(struct line_reader *lines)
{
    enum { FIRST = 4096 };
    if (lines->length == LONGEST_LINE) {
        error_raise(BASIN_IO, "cannot read %s: it has a line of more than %d MiB", lines->path,
                    LONGEST_LINE >> 20);
        errno = EFBIG; /* for who asks whether the reason may pass */
        return BASIN_IO;
    }
    size_t room = lines->room ? 2 * lines->room : FIRST;
    char *text = memory_grow(lines->text, lines->room, room);
    if (!text) return BASIN_MEMORY;
    lines->text = text;
    lines->room = room;
    return BASIN_OK;
}

/* Reads up to a newline, or to the end of the file; there `length` is 0 at last. */
static basin_status next_line(struct line_reader *lines)
{
    int c = 0;
    for (lines->length = 0; c != '\n' && (c = getc_unlocked(lines->file)) != EOF;) {
        if (lines->length == lines->room) TRY(make_line_longer(lines));
        lines->text[lines->length++] = (char)c;
    }
    if (!ferror(lines->file)) return BASIN_OK;
    int reason = errno;
    error_raise(BASIN_IO, "cannot read %s: %s", lines->path, strerror(reason));
    errno = reason;
    return BASIN_IO;
}

static basin_status read_lists(struct line_reader *lines, struct arena *arena,
                               const struct last_start *last, struct journal_events *events)
{
    struct journal_event *event = &events->items[last->event], whole;
    if (fseeko(lines->file, last->at, SEEK_SET) != 0) return BASIN_OK;
    TRY(next_line(lines));
    if (lines->length == 0) return BASIN_OK;
    TRY(journal_read_parse(arena, lines->text, lines->length, true, &whole));
    event->ids = whole.ids;
    event->id_count = whole.id_count;
    event->names = whole.names;
    event->whole = whole.whole;
    event->axes = whole.axes;
    event->axis_count = whole.axis_count;
    event->name_count = whole.name_count;
    return BASIN_OK;
}

static basin_status read_lines(struct line_reader *lines, struct journal_reader *reader,
                               size_t *bytes)
{
    struct journal_events *events = reader->events;
    struct last_start last = {.at = -1};
    *bytes = 0;
    for (;; *bytes += lines->length) {
        size_t count = events->count;
        TRY(next_line(lines));
        if (lines->length == 0) break;
        if (lines->text[lines->length - 1] != '\n') continue;
        TRY(journal_read_append(reader, lines->text, lines->length));
        if (events->count > count && strcmp(events->items[count].name, "study_start") == 0)
            last = (struct last_start){(off_t)*bytes, count};
    }
    return last.at < 0 ? BASIN_OK : read_lists(lines, reader->arena, &last, events);
}

static basin_status journal_read_file(const char *path, struct journal_reader *reader,
                                      size_t *bytes)
{
    int opened;
    TRY(file_open(path, O_RDONLY, &opened));
    struct line_reader lines = {.file = fdopen(opened, "r"), .path = path};
    if (!lines.file) {
        close(opened);
        return error_raise(BASIN_MEMORY, "cannot open %s: %s", path, strerror(errno));
    }
    basin_status status = read_lines(&lines, reader, bytes);
    int reason = errno;
    if (status == BASIN_MEMORY) error_prefix("cannot read %s", path);
    memory_free(lines.text);
    fclose(lines.file);
    errno = reason;
    return status;
}

/* For want of files or memory: that passes, and says nothing of the journal. */
static bool is_short(int reason)
{
    return reason == ENOMEM || reason == EMFILE || reason == ENFILE;
}

/* It is left out, less what has been read of it. */
static basin_status skip_journal(struct arena *arena, struct journal_events *events, size_t count)
{
    struct journal_skipped *skipped = &events->skipped;
    events->count = count;
    if (!list_room(arena, skipped->messages, skipped->count, 1, skipped->capacity))
        return BASIN_MEMORY;
    const char *message = arena_text(arena, basin_error_last()->message);
    if (!message) return BASIN_MEMORY;
    skipped->messages[skipped->count++] = message;
    return BASIN_OK;
}

static basin_status add_writer(struct arena *arena, struct journal_events *events, const char *name,
                               size_t length, size_t bytes)
{
    size_t count = events->writer_count;
    if ((count & (count - 1)) == 0) { /* room for 1, 2, 4, ... */
        struct journal_writer *grown =
            arena_array(arena, struct journal_writer, count ? 2 * count : 1);
        if (!grown) return BASIN_MEMORY;
        if (count) memcpy(grown, events->writers, count * sizeof *grown);
        events->writers = grown;
    }
    events->writers[count] = (struct journal_writer){arena_text_n(arena, name, length), bytes};
    if (!events->writers[count].name) return BASIN_MEMORY;
    events->writer_count++;
    return BASIN_OK;
}

static int by_time(const void *a, const void *b)
{
    const struct journal_event *x = a, *y = b;
    int order = strcmp(x->moment, y->moment);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* "<host>-<pid>.jsonl": the length of what is before the dot; 0 for another file. */
static size_t writer_length(const char *name)
{
    size_t length =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    const char *dot = strrchr(name, '.');
    return name[length] == 0 && dot && strcmp(dot, ".jsonl") == 0 ? (size_t)(dot - name) : 0;
}

static basin_status read_one(const char *folder, const char *name, struct journal_reader *reader)
{
    struct arena *arena = reader->arena;
    struct journal_events *events = reader->events;
    char path[FOLDER_PATH + 300];
    size_t length = writer_length(name), bytes = 0, count = events->count;
    if (!length) return BASIN_OK;
    snprintf(path, sizeof path, "%s/journal/%s", folder, name);
    basin_status status = journal_read_file(path, reader, &bytes);
    if (status == BASIN_IO && !is_short(errno)) return skip_journal(arena, events, count);
    return status == BASIN_OK ? add_writer(arena, events, name, length, bytes) : status;
}

static void keep_starts(struct journal_events *events)
{
    size_t kept = 0;
    for (size_t i = 0; i < events->count; i++)
        if (strcmp(events->items[i].name, "study_start") == 0)
            events->items[kept++] = events->items[i];
    events->count = kept;
}

static basin_status read_journals(const char *folder, struct journal_reader *reader)
{
    char path[FOLDER_PATH + 300];
    struct arena *arena = reader->arena;
    struct journal_events *events = reader->events;
    basin_status status = BASIN_OK;
    *events = (struct journal_events){0};
    snprintf(path, sizeof path, "%s/journal", folder);
    DIR *directory = opendir(path);
    if (!directory && (errno == ENOENT || errno == ENOTDIR)) return BASIN_OK; /* there is none */
    if (!directory) {
        int reason = errno;
        error_raise(BASIN_IO, "cannot open %s: %s", path, strerror(reason));
        return is_short(reason) ? BASIN_IO : skip_journal(arena, events, 0);
    }
    for (struct dirent *entry; status == BASIN_OK && (entry = readdir(directory));)
        status = read_one(folder, entry->d_name, reader);
    closedir(directory);
    keep_order(events->items, events->count);
    if (reader->starts) keep_starts(events);
    if (status == BASIN_OK && events->count)
        qsort(events->items, events->count, sizeof *events->items, by_time);
    return status;
}

basin_status journal_read(const char *folder, struct arena *arena, struct journal_events *events)
{
    struct journal_reader reader = {.arena = arena, .events = events};
    return read_journals(folder, &reader);
}

basin_status journal_read_starts(const char *folder, struct arena *arena,
                                 struct journal_events *events)
{
    struct journal_reader reader = {.arena = arena, .events = events, .starts = true};
    return read_journals(folder, &reader);
}

bool journal_has_grown(const char *folder, const struct journal_writer *writer)
{
    char path[FOLDER_PATH + JOURNAL_NAME];
    struct stat about;
    snprintf(path, sizeof path, "%s/journal/%s.jsonl", folder, writer->name);
    return stat(path, &about) == 0 && (size_t)about.st_size > writer->bytes;
}
