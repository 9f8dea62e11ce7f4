#include "spec/diagnostics.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/escape.h"

enum {
    WIDEST = 110,
    BEFORE_CARET = 60,
    LABEL = 72
}; /* of an excerpt and of the name of a --set, in characters */

void diagnostics_start(struct diagnostics *diagnostics, struct arena *arena)
{
    *diagnostics = (struct diagnostics){.arena = arena, .file = "spec"};
}

static int mark_order(struct mark a, struct mark b)
{
    if (a.source != b.source) return a.source - b.source;
    return a.line != b.line ? a.line - b.line : a.column - b.column;
}

static bool is_known(const struct diagnostics *diagnostics, struct mark mark, const char *message)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        if (mark_order(item->mark, mark) == 0 && strcmp(item->message, message) == 0) return true;
    }
    return false;
}

/* Insertion keeps the order; a full list drops its last. */
static void diagnostics_insert(struct diagnostics *diagnostics, struct diagnostic item)
{
    size_t at = diagnostics->count;
    while (at > 0 && mark_order(item.mark, diagnostics->items[at - 1].mark) < 0) at--;
    if (at == DIAGNOSTICS_MOST) return;
    if (diagnostics->count < DIAGNOSTICS_MOST) diagnostics->count++;
    memmove(&diagnostics->items[at + 1], &diagnostics->items[at],
            (diagnostics->count - 1 - at) * sizeof diagnostics->items[0]);
    diagnostics->items[at] = item;
}

/* The bytes of the character at `s`: 1 for a byte that is no UTF-8. */
static size_t character(const char *s, size_t left)
{
    size_t length = escape_sequence(s, left);
    return length ? length : 1;
}

void diagnostics_add(struct diagnostics *diagnostics, struct mark mark, const char *format, ...)
{
    char raw[2048 + ESCAPE_MOST], message[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    escape_into(message, sizeof message, raw, strlen(raw));
    if (is_known(diagnostics, mark, message)) return;
    diagnostics->total++;
    const char *kept = arena_text(diagnostics->arena, message);
    if (!kept) {
        diagnostics->failed = true;
        return;
    }
    diagnostics_insert(diagnostics, (struct diagnostic){.mark = mark, .message = kept});
}

/* Length of the line break at `s`, as libyaml counts lines: CR LF, LF, CR, NEL, LS, PS. */
static size_t line_break(const char *s, size_t left)
{
    if ((unsigned char)s[0] >= 0x20 && (unsigned char)s[0] < 0x80) return 0; /* nearly always */
    if (s[0] == '\r') return left > 1 && s[1] == '\n' ? 2 : 1;
    if (s[0] == '\n') return 1;
    if (left > 1 && memcmp(s, "\xC2\x85", 2) == 0) return 2;
    if (left > 2 && (memcmp(s, "\xE2\x80\xA8", 3) == 0 || memcmp(s, "\xE2\x80\xA9", 3) == 0))
        return 3;
    return 0;
}

static const char *find_line(const char *text, size_t length, int line, size_t *line_length)
{
    size_t start = 0, i = 0;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) start = i = 3;
    while (i < length) {
        size_t step = line_break(text + i, length - i);
        if (step && line == 1) break;
        i += step ? step : 1;
        if (step) {
            line--;
            start = i;
        }
    }
    *line_length = line == 1 ? i - start : 0;
    return line == 1 ? text + start : NULL;
}

/* Appends characters [from, to) of a line; what would break the alignment is replaced by one column
 * of something else.
 */
static void append_characters(struct text *out, const char *line, size_t length, int from, int to)
{
    int at = 0;
    for (size_t i = 0; i < length && at < to; at++) {
        char escaped[ESCAPE_MOST];
        size_t wide, step = escape_character(line + i, length - i, escaped, &wide);
        bool seen = wide == step && memcmp(escaped, line + i, step) == 0;
        if (at >= from && line[i] == '\t')
            text_append(out, " ");
        else if (at >= from && !seen)
            text_append(out, "\xEF\xBF\xBD");
        else if (at >= from)
            text_append_n(out, line + i, step);
        i += step;
    }
}

static int count_characters(const char *line, size_t length)
{
    int count = 0;
    for (size_t i = 0; i < length; i += character(line + i, length - i)) count++;
    return count;
}

static void print_excerpt(struct text *out, const char *line, size_t length, struct mark mark)
{
    int width = count_characters(line, length), from = 0, to = width;
    if (width > WIDEST) {
        from = mark.column - 1 > BEFORE_CARET ? mark.column - 1 - BEFORE_CARET : 0;
        to = from + WIDEST < width ? from + WIDEST : width;
    }
    text_format(out, "%5d | %s", mark.line, from > 0 ? "..." : "");
    append_characters(out, line, length, from, to);
    text_append(out, to < width ? "...\n" : "\n");
    int left = mark.column - 1 - from + (from > 0 ? 3 : 0),
        tail = mark.width > 1 ? mark.width - 1 : 0;
    if (mark.column + tail > to) tail = to > mark.column ? to - mark.column : 0;
    text_append(out, "      | ");
    text_fill(out, ' ', left > 0 ? (size_t)left : 0);
    text_append(out, "^");
    text_fill(out, '~', (size_t)tail);
    text_append(out, "\n");
}

static void print_label(const struct diagnostics *diagnostics, struct text *out, int source)
{
    if (source == 0) {
        text_escape(out, diagnostics->file);
        return;
    }
    if (source < 0) { /* as the spec wrote it */
        const char *file = diagnostics->bases[-1 - source].file;
        append_characters(out, file, strlen(file), 0, INT_MAX);
        return;
    }
    const char *set = diagnostics->sets[source - 1];
    size_t length = strlen(set);
    text_append(out, "--set ");
    append_characters(out, set, length, 0, LABEL);
    if (count_characters(set, length) > LABEL) text_append(out, "...");
}

const char *diagnostics_line(const struct diagnostics *diagnostics, struct mark there,
                             struct mark here, char out[DIAGNOSTICS_LINE])
{
    struct text label = {0};
    bool known =
        there.source > 0 ? diagnostics->sets != NULL : there.source == 0 || diagnostics->bases;
    if (there.source != here.source && known) print_label(diagnostics, &label, there.source);
    if (there.source > 0 && label.length)
        snprintf(out, DIAGNOSTICS_LINE, "%s", text_data(&label));
    else
        snprintf(out, DIAGNOSTICS_LINE, "line %d%s%.80s", there.line, label.length ? " of " : "",
                 text_data(&label));
    text_free(&label);
    return out;
}

static const char *text_of(const struct diagnostics *diagnostics, int source, size_t *length)
{
    const char *text = source > 0   ? diagnostics->sets[source - 1]
                       : source < 0 ? diagnostics->bases[-1 - source].source
                                    : diagnostics->source;
    *length = !text        ? 0
              : source > 0 ? strlen(text)
              : source < 0 ? diagnostics->bases[-1 - source].length
                           : diagnostics->source_length;
    return text;
}

static void print_item(const struct diagnostics *diagnostics, const struct diagnostic *item,
                       struct text *out)
{
    struct mark mark = item->mark;
    if ((mark.source > 0 && !diagnostics->sets) || (mark.source < 0 && !diagnostics->bases))
        mark = (struct mark){0};
    print_label(diagnostics, out, mark.source);
    if (mark.line > 0) text_format(out, ":%d:%d", mark.line, mark.column);
    text_format(out, ": %s: %s\n", item->warning ? "warning" : "error", item->message);
    size_t length = 0, whole;
    const char *text = text_of(diagnostics, mark.source, &whole);
    if (mark.line <= 0 || !text) return;
    const char *line = find_line(text, whole, mark.line, &length);
    if (line && length > 0) print_excerpt(out, line, length, mark);
}

void diagnostics_print(const struct diagnostics *diagnostics, struct text *out)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        print_item(diagnostics, &diagnostics->items[i], out);
    size_t more = diagnostics->total - diagnostics->count;
    if (more > 0) text_format(out, "... and %zu more error%s\n", more, more == 1 ? "" : "s");
}
