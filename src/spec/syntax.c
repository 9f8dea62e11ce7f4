#include "spec/tree.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

/* What libyaml says, and what a person can do about it. */
static const struct {
    const char *problem, *sentence;
} sentences[] = {
    {"did not find expected key",
     "this line does not fit the block that it is in; check its indentation"},
    {"did not find expected ',' or ']'", "this list is not closed; a \",\" or \"]\" is missing"},
    {"did not find expected ',' or '}'",
     "this block in braces is not closed; a \",\" or \"}\" is missing"},
    {"did not find expected '-' indicator",
     "this line does not fit the list that it is in; check its indentation"},
    {"block sequence entries are not allowed in this context",
     "a \"- \" does not fit here; put the list on lines of its own below its key"},
    {"block mapping entries are not allowed in this context", "a \"? \" does not fit here"},
    {"mapping keys are not allowed in this context", "a \"? \" does not fit here"},
    {"found unexpected end of stream", "this text in quotes is not closed"},
    {"found unexpected document indicator", "a document marker stands inside a text in quotes"},
    {"found unknown escape character",
     "this escape is unknown; in \"...\" write \"\\\\\" for one backslash, or use '...'"},
    {"did not find expected hexdecimal number", "this escape needs hexadecimal digits"},
    {"did not find expected <document start>",
     "the spec has ended above; this line does not belong to it"},
    {"found undefined tag handle",
     "tags are not part of the spec language; write the value without it"},
    {"found extra document indicator", "a document marker does not fit here"},
    {"did not find expected node content", "a value is missing here"},
    {"did not find expected alphabetic or numeric character",
     "an anchor or alias needs a name of letters and digits"},
};

static struct mark syntax_place(const struct tree_source *source, yaml_mark_t at)
{
    return (struct mark){.line = (int)at.line + 1,
                         .column = (int)at.column + 1 + (at.line == 0 ? source->column : 0),
                         .width = 1,
                         .source = source->source};
}

/* The bytes of line `line` (from 0). */
static const char *line_at(const struct tree_source *source, size_t line, size_t *length)
{
    const char *at = source->text, *end = source->text + source->length;
    for (; line > 0 && at < end; line--) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        at = stop ? stop + 1 : end;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    *length = (size_t)((stop ? stop : end) - at);
    return at;
}

/* A tab in the indentation of the line, however libyaml reports it. */
static bool complain_tab(struct diagnostics *diagnostics, const struct tree_source *source,
                         yaml_mark_t at)
{
    size_t length = 0, i = 0;
    const char *line = line_at(source, at.line, &length);
    while (i < length && line[i] == ' ') i++;
    if (i == length || line[i] != '\t') return false;
    struct mark mark = syntax_place(source, (yaml_mark_t){.line = at.line, .column = i});
    diagnostics_add(diagnostics, mark, "a tab is used for indentation; YAML wants spaces");
    return true;
}

static size_t count_spaces(const char *line, size_t length)
{
    size_t spaces = 0;
    while (spaces < length && line[spaces] == ' ') spaces++;
    return spaces;
}

static bool is_content(const char *line, size_t length, size_t spaces)
{
    return spaces < length && line[spaces] != '#' && line[spaces] != '\r';
}

/* Indentations of the blocks that are open before line `line`: that of the line above, then the
 * smaller ones further up. */
enum { INDENTS = 4 };

static size_t open_indents(const struct tree_source *source, size_t line, size_t out[INDENTS])
{
    size_t count = 0;
    while (line-- > 0 && count < INDENTS) {
        size_t length, spaces;
        const char *at = line_at(source, line, &length);
        spaces = count_spaces(at, length);
        if (is_content(at, length, spaces) && (count == 0 || spaces < out[count - 1]))
            out[count++] = spaces;
        if (count && out[count - 1] == 0) break;
    }
    return count;
}

/* A line whose indentation is that of no block above it: says both numbers. */
static bool complain_indent(struct diagnostics *diagnostics, const struct tree_source *source,
                            yaml_mark_t at)
{
    size_t length, indents[INDENTS], count = open_indents(source, at.line, indents);
    const char *line = line_at(source, at.line, &length);
    size_t spaces = count_spaces(line, length);
    struct text above = {0};
    if (count == 0) return false;
    for (size_t i = 0; i < count; i++)
        if (spaces == indents[i]) return false;
    for (size_t i = 0; i < count; i++)
        text_format(&above, "%s%zu", i == 0 ? "" : i + 1 == count ? " or " : ", ", indents[i]);
    struct mark mark = syntax_place(source, (yaml_mark_t){.line = at.line, .column = spaces});
    if (spaces == indents[0] + 1)
        diagnostics_add(diagnostics, mark,
                        "this line has one space too many before it: %zu, where the line above has "
                        "%zu; keys of one block are indented alike",
                        spaces, indents[0]);
    else
        diagnostics_add(diagnostics, mark,
                        "this line is indented by %zu space%s, but the lines above it by %s; keys "
                        "of one block are indented alike",
                        spaces, spaces == 1 ? "" : "s", text_data(&above));
    if (above.failed) diagnostics->failed = true;
    text_free(&above);
    return true;
}

static bool is_colon(const char *line, size_t length, size_t i)
{
    return line[i] == ':' && (i + 1 == length || line[i + 1] == ' ' || line[i + 1] == '\r');
}

bool syntax_lacks_space(const char *text, size_t length, char *hint, size_t size)
{
    size_t key = 0, end;
    while (key < length && (isalnum((unsigned char)text[key]) || strchr("_.", text[key]))) key++;
    for (end = key; end < length && !strchr(" ,}\r", text[end]); end++) continue;
    if (key == 0 || key > 80 || end < key + 2 || text[key] != ':' || text[key + 1] == '/')
        return false;
    bool is_word = !strchr("[{\"'", text[key + 1]);
    snprintf(hint, size, "a space is missing after the \":\"; write \"%.*s: %.*s%s\"", (int)key,
             text, is_word ? (int)(end - key - 1) : 0, text + key + 1, is_word ? "" : "...");
    return true;
}

/* A line that is no "key: value", at `mark`. */
static void complain_pair(struct diagnostics *diagnostics, const struct tree_source *source,
                          struct mark mark, yaml_mark_t at)
{
    size_t length;
    char hint[160];
    const char *line = line_at(source, at.line, &length);
    size_t first = at.column < length ? at.column : length;
    bool lacks = syntax_lacks_space(line + first, length - first, hint, sizeof hint);
    diagnostics_add(diagnostics, mark, "%s",
                    lacks ? hint : "this is no \"key: value\"; is a \":\" missing?");
}

/* "mapping values are not allowed": either the line has two ": ", or the line above has none. */
static void complain_colon(struct diagnostics *diagnostics, const struct tree_source *source,
                           yaml_mark_t at)
{
    size_t length = 0, first = 0, end = 0;
    const char *line = line_at(source, at.line, &length);
    for (size_t i = 0; i < length && i < at.column; i++) {
        if (!is_colon(line, length, i)) continue;
        diagnostics_add(diagnostics, syntax_place(source, at),
                        "a second \":\" stands in this line; put the text in quotes");
        return;
    }
    if (at.line > 0) line = line_at(source, at.line - 1, &length);
    while (first < length && line[first] == ' ') first++;
    for (end = length; end > first && (line[end - 1] == ' ' || line[end - 1] == '\r');) end--;
    bool has_colon = at.line == 0 || first == end;
    for (size_t i = first; i < end; i++) has_colon = has_colon || is_colon(line, length, i);
    if (has_colon && complain_indent(diagnostics, source, at)) return;
    if (has_colon) {
        diagnostics_add(diagnostics, syntax_place(source, at),
                        "a \":\" does not fit here; check the indentation of this line");
        return;
    }
    at = (yaml_mark_t){.line = at.line - 1, .column = first};
    struct mark mark = syntax_place(source, at);
    mark.width = (int)(end - first);
    complain_pair(diagnostics, source, mark, at);
}

static void complain_start(struct diagnostics *diagnostics, const struct tree_source *source,
                           yaml_mark_t at)
{
    size_t length = 0;
    const char *line = line_at(source, at.line, &length);
    char c = at.column < length ? line[at.column] : ' ';
    if (c == '\t')
        diagnostics_add(diagnostics, syntax_place(source, at),
                        "a tab cannot stand here; use spaces");
    else
        diagnostics_add(diagnostics, syntax_place(source, at),
                        "a value cannot start with \"%c\"; put it in quotes", c);
}

void syntax_complain(struct diagnostics *diagnostics, const struct tree_source *source,
                     const struct yaml_parser_s *parser)
{
    const char *problem = parser->problem ? parser->problem : "this is no YAML";
    yaml_mark_t at = parser->problem_mark, opened = parser->context_mark;
    if (complain_tab(diagnostics, source, at)) return;
    if (strcmp(problem, "found character that cannot start any token") == 0) {
        complain_start(diagnostics, source, at);
        return;
    }
    if (strcmp(problem, "mapping values are not allowed in this context") == 0) {
        complain_colon(diagnostics, source, at);
        return;
    }
    bool is_misfit = strcmp(problem, "did not find expected key") == 0 ||
                     strcmp(problem, "did not find expected '-' indicator") == 0 ||
                     strcmp(problem, "did not find expected <document start>") == 0;
    if (is_misfit && complain_indent(diagnostics, source, at)) return;
    const char *sentence = problem;
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (strcmp(problem, sentences[i].problem) == 0) sentence = sentences[i].sentence;
    bool is_unclosed =
        strstr(problem, "',' or") || strcmp(problem, "found unexpected end of stream") == 0;
    bool is_pair = strcmp(problem, "could not find expected ':'") == 0;
    if (is_unclosed || is_pair)
        at = opened; /* the place where it begins helps more than the place where libyaml noticed */
    if (is_pair)
        complain_pair(diagnostics, source, syntax_place(source, at), at);
    else
        diagnostics_add(diagnostics, syntax_place(source, at), "%s", sentence);
}

static bool is_allowed(const unsigned char *s, size_t length)
{
    if (length == 1)
        return (s[0] >= 0x20 && s[0] < 0x7F) || s[0] == '\t' || s[0] == '\n' || s[0] == '\r';
    if (length == 2) return s[0] != 0xC2 || s[1] >= 0xA0 || s[1] == 0x85;
    if (length == 3 && s[0] == 0xEF && s[1] == 0xBF) return s[2] < 0xBE;
    return !(length == 3 && s[0] == 0xEF && s[1] == 0xBB && s[2] == 0xBF);
}

static size_t utf8_length(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

static unsigned code_point(const unsigned char *s, size_t length)
{
    static const unsigned char first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned code = s[0] & first_bits[length];
    for (size_t i = 1; i < length; i++) code = code << 6 | (s[i] & 0x3F);
    return code;
}

/* Counts lines and columns as libyaml does for the breaks that occur in practice. */
static void step_over(struct mark *mark, const unsigned char *s)
{
    bool is_break = s[0] == '\n' || (s[0] == '\r' && s[1] != '\n');
    mark->line += is_break;
    mark->column = is_break ? 1 : mark->column + 1;
}

bool syntax_characters(struct diagnostics *diagnostics, const struct tree_source *source)
{
    const unsigned char *text = (const unsigned char *)source->text;
    size_t valid = source->length, i = 0;
    bool is_valid = text_valid_utf8(source->text, source->length, &valid);
    struct mark mark = {
        .line = 1, .column = 1 + source->column, .width = 1, .source = source->source};
    if (valid >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) i = 3;
    for (size_t step; i < valid; i += step) {
        step = utf8_length(text[i]);
        if (!is_allowed(text + i, step)) {
            diagnostics_add(diagnostics, mark,
                            "the character U+%04X is not allowed in a spec; remove it",
                            code_point(text + i, step));
            return false;
        }
        step_over(&mark, text + i);
    }
    if (!is_valid)
        diagnostics_add(diagnostics, mark,
                        "invalid UTF-8: byte 0x%02X at offset %zu; save the file as UTF-8",
                        text[valid], valid);
    return is_valid;
}
