/* The reader of journals: just enough JSON for lines that journal.c wrote. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "folder/folder.h"
#include "folder/journal.h"

/* A cursor over one line. After a mistake `at` is NULL, and everything that follows does nothing.
 */
struct cursor {
    const char *at;
    struct arena *arena;
    bool with_lists; /* false: they are passed over */
    bool no_memory;
};

static void journal_read_fail(struct cursor *cursor)
{
    cursor->at = NULL;
}

static bool journal_read_take(struct cursor *cursor, char c)
{
    if (!cursor->at) return false;
    cursor->at += strspn(cursor->at, " \t");
    if (*cursor->at != c) return false;
    cursor->at++;
    return true;
}

static void expect(struct cursor *cursor, char c)
{
    if (!journal_read_take(cursor, c)) journal_read_fail(cursor);
}

static size_t utf8_encode(unsigned code, char out[3])
{
    if (code < 0x80) return out[0] = (char)code, 1;
    if (code < 0x800)
        return out[0] = (char)(0xC0 | code >> 6), out[1] = (char)(0x80 | (code & 63)), 2;
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 63));
    out[2] = (char)(0x80 | (code & 63));
    return 3;
}

/* The character behind a backslash; `at` is moved behind it. */
static size_t unescape(const char **at, char out[3])
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    char c = *(*at)++;
    const char *known = c ? strchr(from, c) : NULL;
    if (c == 'u') {
        char digits[5] = "";
        memcpy(digits, *at, strnlen(*at, 4));
        *at += strlen(digits);
        return utf8_encode((unsigned)strtoul(digits, NULL, 16), out);
    }
    out[0] = known ? to[known - from] : c;
    return 1;
}

/* How many bytes there are up to the closing quote, or to the end. */
static size_t length_of(const char *at)
{
    const char *end = at;
    while (*end && *end != '"') end += end[0] == '\\' && end[1] ? 2 : 1;
    return (size_t)(end - at);
}

static void journal_read_pass_over(struct cursor *cursor)
{
    expect(cursor, '"');
    if (cursor->at) cursor->at += length_of(cursor->at);
    expect(cursor, '"');
}

static const char *quoted(struct cursor *cursor)
{
    expect(cursor, '"');
    if (!cursor->at) return NULL;
    char *text = arena_allocate(cursor->arena, length_of(cursor->at) + 1);
    if (!text) {
        cursor->no_memory = true;
        journal_read_fail(cursor);
        return NULL;
    }
    size_t length = 0;
    while (*cursor->at && *cursor->at != '"') {
        char c = *cursor->at++;
        if (c != '\\')
            text[length++] = c;
        else if (*cursor->at)
            length += unescape(&cursor->at, text + length);
    }
    expect(cursor, '"');
    return cursor->at ? text : NULL;
}

/* A list of texts; NULL after a mistake, or where it is passed over. */
static const char *const *texts(struct cursor *cursor, size_t *count)
{
    size_t most = 1;
    *count = 0;
    while (!cursor->with_lists && cursor->at && !journal_read_take(cursor, ']')) {
        journal_read_pass_over(cursor);
        journal_read_take(cursor, ',');
    }
    if (!cursor->with_lists || !cursor->at) return NULL;
    for (const char *c = cursor->at; *c && *c != ']'; c++) most += *c == ',';
    const char **items = arena_array(cursor->arena, const char *, most);
    cursor->no_memory = cursor->no_memory || !items;
    if (!items) journal_read_fail(cursor);
    while (cursor->at && !journal_read_take(cursor, ']')) {
        if (*count == most)
            journal_read_fail(cursor);
        else
            items[(*count)++] = quoted(cursor);
        journal_read_take(cursor, ',');
    }
    return items;
}

static void journal_read_member(struct cursor *cursor, struct journal_event *event)
{
    const struct {
        const char *key;
        const char **place;
    } known[] = {{"event", &event->name},      {"time", &event->time},
                 {"run_id", &event->run_id},   {"status", &event->status},
                 {"message", &event->message}, {"study", &event->study},
                 {"spec", &event->spec},       {"arguments", &event->arguments}};
    const struct {
        const char *key;
        const char *const **place;
        size_t *count;
    } lists[] = {{"ids", &event->ids, &event->id_count},
                 {"names", &event->names, &event->name_count}};
    const char *key = quoted(cursor), *value = NULL;
    expect(cursor, ':');
    if (!cursor->at) return;
    cursor->at += strspn(cursor->at, " ");
    if (*cursor->at == '"')
        value = quoted(cursor);
    else if (journal_read_take(cursor, '[')) {
        size_t count;
        const char *const *items = texts(cursor, &count);
        for (size_t i = 0; cursor->at && i < sizeof lists / sizeof *lists; i++)
            if (strcmp(key, lists[i].key) == 0) *lists[i].place = items, *lists[i].count = count;
    } else {
        if (strcmp(key, "step") == 0) event->step = strtoll(cursor->at, NULL, 10);
        if (strcmp(key, "alone") == 0) event->alone = *cursor->at == 't';
        if (strcmp(key, "refused") == 0) event->refused = *cursor->at == 't';
        cursor->at += strcspn(cursor->at, ",}");
    }
    for (size_t i = 0; value && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(key, known[i].key) == 0) *known[i].place = value;
}

/* BASIN_OK with event->name NULL for a line that is no event. */
static basin_status journal_read_parse(struct arena *arena, const char *line, bool with_lists,
                                       struct journal_event *event)
{
    struct cursor cursor = {.at = line, .arena = arena, .with_lists = with_lists};
    *event = (struct journal_event){.step = -1};
    expect(&cursor, '{');
    do journal_read_member(&cursor, event);
    while (journal_read_take(&cursor, ','));
    expect(&cursor, '}');
    if (cursor.no_memory) return BASIN_MEMORY;
    if (!cursor.at || !event->time) event->name = NULL;
    return BASIN_OK;
}

static basin_status journal_read_append(struct arena *arena, struct journal_events *events,
                                        size_t *capacity, const char *line)
{
    if (events->count == *capacity) {
        size_t more = *capacity ? 2 * *capacity : 64;
        struct journal_event *grown = arena_array(arena, struct journal_event, more);
        if (!grown) return BASIN_MEMORY;
        if (events->count) memcpy(grown, events->items, events->count * sizeof *grown);
        events->items = grown;
        *capacity = more;
    }
    TRY(journal_read_parse(arena, line, false, &events->items[events->count]));
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

static basin_status read_lines(FILE *file, struct arena *arena, struct journal_events *events,
                               size_t *capacity, size_t *bytes, char **line)
{
    size_t size = 0;
    ssize_t length;
    struct last_start last = {.at = -1};
    for (*bytes = 0; (length = getline(line, &size, file)) > 0; *bytes += (size_t)length) {
        size_t count = events->count;
        if ((*line)[length - 1] != '\n') continue;
        TRY(journal_read_append(arena, events, capacity, *line));
        if (events->count > count && strcmp(events->items[count].name, "study_start") == 0)
            last = (struct last_start){(off_t)*bytes, count};
    }
    if (last.at < 0 || fseeko(file, last.at, SEEK_SET) != 0 || getline(line, &size, file) <= 0)
        return BASIN_OK;
    struct journal_event *event = &events->items[last.event], whole;
    TRY(journal_read_parse(arena, *line, true, &whole));
    event->ids = whole.ids;
    event->id_count = whole.id_count;
    event->names = whole.names;
    event->name_count = whole.name_count;
    return BASIN_OK;
}

static basin_status journal_read_file(const char *path, struct arena *arena,
                                      struct journal_events *events, size_t *capacity,
                                      size_t *bytes)
{
    char *line = NULL;
    FILE *file = fopen(path, "re");
    if (!file) return error_raise(BASIN_IO, "cannot open %s: %s", path, strerror(errno));
    basin_status status = read_lines(file, arena, events, capacity, bytes, &line);
    free(line); /* getline's own */
    fclose(file);
    return status;
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

basin_status journal_read(const char *folder, struct arena *arena, struct journal_events *events)
{
    char path[FOLDER_PATH + 300];
    size_t capacity = 0, bytes = 0;
    basin_status status = BASIN_OK;
    *events = (struct journal_events){0};
    snprintf(path, sizeof path, "%s/journal", folder);
    DIR *directory = opendir(path);
    if (!directory) return BASIN_OK;
    for (struct dirent *entry; status == BASIN_OK && (entry = readdir(directory));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".jsonl") != 0) continue;
        snprintf(path, sizeof path, "%s/journal/%s", folder, entry->d_name);
        status = journal_read_file(path, arena, events, &capacity, &bytes);
        if (status == BASIN_OK)
            status = add_writer(arena, events, entry->d_name, (size_t)(dot - entry->d_name), bytes);
    }
    closedir(directory);
    keep_order(events->items, events->count);
    if (status == BASIN_OK && events->count)
        qsort(events->items, events->count, sizeof *events->items, by_time);
    return status;
}

bool journal_has_grown(const char *folder, const struct journal_writer *writer)
{
    char path[FOLDER_PATH + JOURNAL_NAME];
    struct stat about;
    snprintf(path, sizeof path, "%s/journal/%s.jsonl", folder, writer->name);
    return stat(path, &about) == 0 && (size_t)about.st_size > writer->bytes;
}
