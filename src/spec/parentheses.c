#include "spec/parentheses.h"

#include <stdbool.h>
#include <string.h>
#include "base/text.h"

/* Of Unicode's private use area: U+E000 for a space, U+E001 for a comma. */
#define HIDDEN_SPACE "\xEE\x80\x80"
#define HIDDEN_COMMA "\xEE\x80\x81"

static bool is_hidden(const char *at)
{
    return memcmp(at, HIDDEN_SPACE, 2) == 0 && (at[2] == '\x80' || at[2] == '\x81');
}

static bool has_hidden(const char *text, size_t length)
{
    for (size_t i = 0; i + 3 <= length; i++)
        if (is_hidden(text + i)) return true;
    return false;
}

void parentheses_show(char *text)
{
    char *to = text;
    for (const char *at = text; *at;) {
        bool hidden = strncmp(at, HIDDEN_SPACE, 2) == 0 && is_hidden(at);
        *to++ = !hidden ? *at : at[2] == '\x80' ? ' ' : ',';
        at += hidden ? 3 : 1;
    }
    *to = 0;
}

/* Where a line is, with what YAML means by the characters in it. */
struct scan {
    const char *at, *end;
    struct text *out;
    int depth;     /* parentheses open in this line */
    bool is_start; /* a value may begin here, and with it a quote */
};

static void scan_copy(struct scan *scan, size_t length)
{
    text_append_n(scan->out, scan->at, length);
    scan->at += length;
}

/* To the end of a quoted text, which may be lines below. */
static void scan_quoted(struct scan *scan)
{
    char quote = *scan->at;
    scan_copy(scan, 1);
    while (scan->at < scan->end && *scan->at != quote)
        scan_copy(scan, *scan->at == '\\' && quote == '"' && scan->at + 1 < scan->end ? 2 : 1);
    if (scan->at < scan->end) scan_copy(scan, 1);
}

static void scan_comment(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n') scan_copy(scan, 1);
}

static void scan_character(struct scan *scan)
{
    char c = *scan->at;
    bool has_space = c == ':' && scan->at + 1 < scan->end && scan->at[1] == ' ';
    if (c == ')' && scan->depth) scan->depth--;
    if (c == '(') scan->depth++;
    bool was_start = scan->is_start;
    scan->is_start = strchr(":-[{,", c) || (was_start && c == ' ');
    if (scan->depth && c == ',') {
        text_append(scan->out, HIDDEN_COMMA);
        scan->at++;
    } else if (scan->depth && has_space) {
        scan_copy(scan, 1);
        text_append(scan->out, HIDDEN_SPACE);
        scan->at++;
    } else {
        scan_copy(scan, 1);
    }
}

static void scan_line(struct scan *scan)
{
    scan->depth = 0;
    scan->is_start = true;
    while (scan->at < scan->end && *scan->at != '\n') {
        char c = *scan->at, before = scan->out->length ? scan->out->data[scan->out->length - 1] : 0;
        if (scan->is_start && !scan->depth && (c == '"' || c == '\''))
            scan_quoted(scan);
        else if (c == '#' && strchr(" \n", before))
            scan_comment(scan);
        else
            scan_character(scan);
    }
    if (scan->at < scan->end) scan_copy(scan, 1);
}

/* The lines of the block `expect` are those up to the next key at the left edge. */
static void scan_lines(struct scan *scan)
{
    bool inside = false;
    while (scan->at < scan->end && !scan->out->failed) {
        size_t left = (size_t)(scan->end - scan->at);
        const char *line = memchr(scan->at, '\n', left);
        size_t length = line ? (size_t)(line - scan->at) + 1 : left;
        bool is_expect = length > 7 && memcmp(scan->at, "expect:", 7) == 0;
        if (!strchr(" -#\r\n", *scan->at)) inside = is_expect;
        if (inside)
            scan_line(scan);
        else
            scan_copy(scan, length);
    }
}

basin_status parentheses_hide(struct arena *arena, const char *text, size_t length,
                              const char **hidden, size_t *hidden_length)
{
    struct text out = {0};
    struct scan scan = {.at = text, .end = text + length, .out = &out};
    *hidden = text;
    *hidden_length = length;
    const char *block = memmem(text, length, "expect:", 7);
    if (!block || !memchr(block, '(', length - (size_t)(block - text)) || has_hidden(text, length))
        return BASIN_OK;
    scan_lines(&scan);
    basin_status status = text_status(&out);
    if (status == BASIN_OK && out.length != length) {
        *hidden = arena_text_n(arena, text_data(&out), out.length);
        *hidden_length = out.length;
        if (!*hidden) status = BASIN_MEMORY;
    }
    text_free(&out);
    return status;
}
