#include "formats/csv_scan.h"

#include <csv.h>
#include <stdint.h>
#include <string.h>
#include "base/list.h"

enum {
    SCAN_BUFFER = 256 << 10,
    CELL_LEAST = 64,
    CELL_MOST = 1 << 20,      /* bytes */
    ROW_MOST = 64 << 20,      /* bytes */
    CELLS_MOST = 1 << 20,     /* of a row */
    BLANK_MOST = 1000 * 1000, /* empty lines */
    ROW_NOT_BEGUN = 0         /* of libcsv's states: between two rows */
};

/* Where the text of a cell is in `text` of the scan, which may move while the row grows. */
struct span {
    size_t at, length;
};

struct scan {
    struct gzip *gzip;
    const char *path;
    struct csv_dialect dialect;
    csv_row_taker *take;
    void *context;

    struct csv_parser parser;
    char *text; /* the cells of the row, each with a zero behind it */
    size_t used, text_room;
    struct span *spans;
    struct csv_cell *cells;
    size_t count, span_room, cell_room;

    double share_from, share_to; /* of the file, before and behind the bytes at hand */
    double done;                 /* of these, 0 to 1 */

    long line;     /* now being read */
    long row_line; /* at which the row begins */
    size_t row_bytes, blank;
    bool after_return;   /* the last line ended in CR: a LF that follows belongs to it */
    basin_status status; /* of what libcsv has called: it cannot be stopped inside a line */
};

basin_status csv_refuse(const char *path, long line)
{
    error_prefix("%s, line %ld", path, line);
    error_place(path, line, 0);
    return BASIN_DATA;
}

/* ---- memory of libcsv ---- */

/* It has room for the largest cell from the start. */
static void *refuse_room(void *old, size_t bytes)
{
    (void)old, (void)bytes;
    return NULL;
}

/* ---- what libcsv calls ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static basin_status cell_add(struct scan *scan, const char *text, size_t length)
{
    if (scan->count == CELLS_MOST) {
        error_raise(BASIN_DATA, "the row has more than %d cells", CELLS_MOST);
        return csv_refuse(scan->path, scan->row_line);
    }
    while (length && is_blank(text[length - 1])) length--;
    while (length && is_blank(*text)) text++, length--;
    if (!list_room(NULL, scan->spans, scan->count, 1, scan->span_room) ||
        !list_room(NULL, scan->text, scan->used, length + 1, scan->text_room))
        return BASIN_MEMORY;
    if (length) memcpy(scan->text + scan->used, text, length);
    scan->text[scan->used + length] = '\0';
    scan->spans[scan->count++] = (struct span){scan->used, length};
    scan->used += length + 1;
    return BASIN_OK;
}

/* `text` is NULL for an empty cell without quotes: between separators that are spaces there is
 * none. */
static void take_cell(void *text, size_t length, void *data)
{
    struct scan *scan = data;
    if (scan->status == BASIN_OK && (text || scan->dialect.separator != ' '))
        scan->status = cell_add(scan, text, length);
}

static basin_status row_give(struct scan *scan)
{
    if (!list_room(NULL, scan->cells, 0, scan->count, scan->cell_room)) return BASIN_MEMORY;
    for (size_t i = 0; i < scan->count; i++)
        scan->cells[i] = (struct csv_cell){scan->text + scan->spans[i].at, scan->spans[i].length};
    struct csv_row row = {.path = scan->path,
                          .line = scan->row_line,
                          .cells = scan->cells,
                          .count = scan->count,
                          .share =
                              scan->share_from + scan->done * (scan->share_to - scan->share_from)};
    return scan->take(scan->context, &row);
}

static void take_row(int end, void *data)
{
    struct scan *scan = data;
    (void)end;
    if (scan->status == BASIN_OK && scan->count) scan->status = row_give(scan);
    scan->blank += scan->count == 0;
    scan->count = scan->used = scan->row_bytes = 0;
}

/* ---- lines ---- */

static basin_status refuse_parse(struct scan *scan)
{
    if (csv_error(&scan->parser) == CSV_EPARSE) {
        error_raise(BASIN_DATA, "a quote (%c) stands inside a cell, not around it",
                    scan->dialect.quote);
        error_hint("inside a cell in quotes a quote is written twice; where quotes are plain "
                   "characters, write `quote: none`; look at `separator` too");
    } else {
        error_raise(BASIN_DATA, "a cell has more than %d bytes", CELL_MOST);
        error_hint("a quote that is never closed makes one cell of all that follows: look at the "
                   "quotes from this line on");
    }
    return csv_refuse(scan->path, scan->row_line);
}

static basin_status count_bytes(struct scan *scan, size_t length)
{
    scan->row_bytes += length;
    if (scan->row_bytes > ROW_MOST)
        error_raise(BASIN_DATA, "the row has more than %d bytes", ROW_MOST);
    else if (scan->blank > BLANK_MOST)
        error_raise(BASIN_DATA, "there are more than %d empty lines", BLANK_MOST);
    else
        return BASIN_OK;
    return csv_refuse(scan->path, scan->row_line);
}

/* Bytes of one line, so that rows know theirs: all of it, or a piece of a long one. */
static basin_status piece_parse(struct scan *scan, const char *piece, size_t length, bool ends)
{
    bool between = scan->parser.pstate == ROW_NOT_BEGUN;
    if (between) scan->row_line = scan->line;
    TRY(count_bytes(scan, length));
    size_t parsed = csv_parse(&scan->parser, piece, length, take_cell, take_row, scan);
    TRY(scan->status);
    if (parsed != length) return refuse_parse(scan);
    if (!ends) return BASIN_OK;
    scan->line++;
    if (between && scan->row_bytes) { /* no row has come of it */
        scan->blank += scan->parser.pstate == ROW_NOT_BEGUN;
        if (scan->parser.pstate == ROW_NOT_BEGUN) scan->row_bytes = 0;
    }
    return BASIN_OK;
}

/* The end of the line that begins here: behind LF, CR or the last byte. */
static const char *line_end(const char *at, const char *end, bool *ends)
{
    const char *feed = memchr(at, '\n', (size_t)(end - at));
    const char *stop = feed ? feed : end;
    const char *back = memchr(at, '\r', (size_t)(stop - at));
    *ends = back || feed;
    return back ? back + 1 : feed ? feed + 1 : end;
}

static basin_status scan_bytes(struct scan *scan, const char *at, size_t length)
{
    const char *start = at, *end = at + length;
    scan->share_from = scan->share_to;
    scan->share_to = gzip_share(scan->gzip);
    while (at < end) {
        bool ends;
        scan->done = (double)(at - start) / (double)length;
        if (scan->after_return && *at == '\n') { /* inside quotes it belongs to the cell */
            scan->after_return = false;
            size_t blank = scan->blank;
            TRY(piece_parse(scan, at++, 1, false));
            scan->blank = blank;
            continue;
        }
        const char *next = line_end(at, end, &ends);
        scan->after_return = next[-1] == '\r';
        TRY(piece_parse(scan, at, (size_t)(next - at), ends));
        at = next;
    }
    return BASIN_OK;
}

/* ---- what is no text ---- */

static basin_status refuse_bytes(const struct scan *scan, const char *what, const char *hint)
{
    error_raise(BASIN_DATA, "%s", what);
    error_hint("%s", hint);
    return csv_refuse(scan->path, scan->line);
}

static const char utf16_hint[] =
    "where it is UTF-16, convert it first: iconv -f UTF-16 -t UTF-8 FILE > NEW.csv";

/* The first bytes: passes over a mark of UTF-8. */
static basin_status check_start(const struct scan *scan, const char *bytes, size_t length,
                                size_t *skipped)
{
    if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return refuse_bytes(scan, "the file is UTF-16 (by its byte order mark), not UTF-8",
                            utf16_hint);
    if (length >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0)
        return refuse_bytes(scan, "the file is a ZIP archive, as spreadsheets are, not CSV",
                            "save the table as CSV in the program that made it");
    *skipped = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    return BASIN_OK;
}

static basin_status check_zeros(struct scan *scan, const char *bytes, size_t length)
{
    const char *zero = memchr(bytes, '\0', length);
    if (!zero) return BASIN_OK;
    for (const char *at = bytes; at < zero; at++) scan->line += *at == '\n';
    return refuse_bytes(scan, "there is a zero byte, so the file is no text in UTF-8", utf16_hint);
}

/* ---- the whole ---- */

static basin_status scan_end(struct scan *scan)
{
    int failed = csv_fini(&scan->parser, take_cell, take_row, scan);
    TRY(scan->status);
    if (!failed) return BASIN_OK;
    if (csv_error(&scan->parser) != CSV_EPARSE) return refuse_parse(scan);
    error_raise(BASIN_DATA, "a quote (%c) is opened and never closed", scan->dialect.quote);
    return csv_refuse(scan->path, scan->row_line);
}

/* Room for so many bytes, or for all that a small file can hold. */
static size_t room_of(const struct scan *scan, size_t most)
{
    double all = gzip_most(scan->gzip) + CELL_LEAST;
    return all < (double)most ? (size_t)all : most;
}

static basin_status scan_all(struct scan *scan, char *buffer, size_t room)
{
    size_t filled = 0, skipped = 0, done;
    while (filled < 4) { /* gzip may give few bytes at a time */
        TRY(gzip_some(scan->gzip, buffer + filled, room - filled, &done));
        if (done == 0) break;
        filled += done;
    }
    TRY(check_start(scan, buffer, filled, &skipped));
    while (filled) {
        TRY(check_zeros(scan, buffer + skipped, filled - skipped));
        TRY(scan_bytes(scan, buffer + skipped, filled - skipped));
        skipped = 0;
        TRY(gzip_some(scan->gzip, buffer, room, &filled));
    }
    return scan_end(scan);
}

static basin_status scan_start(struct scan *scan)
{
    csv_init(&scan->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
    csv_set_delim(&scan->parser, (unsigned char)scan->dialect.separator);
    csv_set_quote(&scan->parser, (unsigned char)scan->dialect.quote); /* there are no zeros */
    csv_set_realloc_func(&scan->parser, refuse_room);
    csv_set_free_func(&scan->parser, memory_free);
    scan->parser.entry_size = room_of(scan, CELL_MOST);
    scan->parser.entry_buf = memory_allocate(scan->parser.entry_size);
    return scan->parser.entry_buf ? BASIN_OK : BASIN_MEMORY;
}

basin_status csv_scan(struct gzip *gzip, const char *path, struct csv_dialect dialect,
                      csv_row_taker *take, void *context)
{
    struct scan scan = {.gzip = gzip,
                        .path = path,
                        .dialect = dialect,
                        .take = take,
                        .context = context,
                        .line = 1,
                        .row_line = 1};
    size_t room = room_of(&scan, SCAN_BUFFER);
    char *buffer = memory_allocate(room);
    if (!buffer) return BASIN_MEMORY;
    basin_status status = scan_start(&scan);
    if (status == BASIN_OK) status = scan_all(&scan, buffer, room);
    csv_free(&scan.parser);
    memory_free(buffer);
    memory_free(scan.text);
    memory_free(scan.spans);
    memory_free(scan.cells);
    return status;
}
