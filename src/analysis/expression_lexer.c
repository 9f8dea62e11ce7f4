#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/expression_parser.h"

struct expression *parser_fail(struct expression_parser *parser, const char *place,
                               basin_status status)
{
    if (parser->status != BASIN_OK) return NULL;
    parser->status = status;
    parser->scope->place = (size_t)(place - parser->start);
    if (status != BASIN_MEMORY && parser->scope->label)
        error_prefix("%s, character %d", parser->scope->label, (int)(place - parser->start) + 1);
    return NULL;
}

/* A label means that nothing but words shows the place. */
struct expression *parser_wrong(struct expression_parser *parser, const char *place,
                                const char *what)
{
    if (parser->status != BASIN_OK) return NULL;
    error_raise(BASIN_USAGE, "%s", what);
    if (parser->scope->label && *place)
        error_hint("the place is before \"%s\"", place);
    else if (parser->scope->label)
        error_hint("the place is the end of the expression");
    return parser_fail(parser, place, BASIN_USAGE);
}

void parser_skip_space(struct expression_parser *parser)
{
    parser->at += strspn(parser->at, " \t\n");
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("._-+@", c));
}

size_t parser_word(const char *text)
{
    size_t length = 0;
    while (is_word(text[length])) length++;
    return length;
}

bool parser_take_word(struct expression_parser *parser, const char *word)
{
    parser_skip_space(parser);
    size_t length = strlen(word);
    if (parser_word(parser->at) != length || strncmp(parser->at, word, length) != 0) return false;
    parser->at += length;
    return true;
}

char *parser_copy(struct expression_parser *parser, const char *text, size_t length)
{
    char *taken = arena_text_n(parser->scope->table->arena, text, length);
    if (!taken) parser->status = BASIN_MEMORY;
    return taken;
}

bool parser_number(const char *text, size_t length, double *number)
{
    char word[64], *end;
    if (!length || length >= sizeof word || isalpha((unsigned char)text[0])) return false;
    memcpy(word, text, length);
    word[length] = 0;
    *number = strtod(word, &end);
    return !*end && isfinite(*number);
}

/* ---- values that stand beside a comparison ---- */

static const char *parse_quoted(struct expression_parser *parser, char quote)
{
    const char *open = parser->at, *end = strchr(open + 1, quote);
    if (!end) {
        parser_wrong(parser, open, "this text has no closing quote");
        return NULL;
    }
    parser->at = end + 1;
    return parser_copy(parser, open + 1, (size_t)(end - open) - 1);
}

/* A list or a block, with its brackets. */
static const char *parse_brackets(struct expression_parser *parser)
{
    const char *open = parser->at, *at = open;
    int depth = 0;
    do {
        depth += (*at == '[' || *at == '{') - (*at == ']' || *at == '}');
        if (!*at) {
            parser_wrong(parser, open,
                         *open == '[' ? "this list has no end" : "this block has no end");
            return NULL;
        }
        at++;
    } while (depth > 0);
    parser->at = at;
    return parser_copy(parser, open, (size_t)(at - open));
}

static struct cell word_value(struct expression_parser *parser)
{
    size_t length = parser_word(parser->at);
    const char *word = parser_copy(parser, parser->at, length);
    double number;
    if (!word) return (struct cell){0};
    parser->at += length;
    if (strcmp(word, "null") == 0) return (struct cell){.kind = CELL_ABSENT};
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
        return (struct cell){.kind = CELL_BOOLEAN, .number = word[0] == 't'};
    if (parser_number(word, length, &number))
        return (struct cell){.kind = CELL_NUMBER, .number = number};
    return (struct cell){.kind = CELL_TEXT, .text = word};
}

struct cell parser_value(struct expression_parser *parser)
{
    parser_skip_space(parser);
    char c = *parser->at;
    if (c == '\'' || c == '"')
        return (struct cell){.kind = CELL_TEXT, .text = parse_quoted(parser, c)};
    if (c == '[') return (struct cell){.kind = CELL_LIST, .text = parse_brackets(parser)};
    if (c == '{') return (struct cell){.kind = CELL_TEXT, .text = parse_brackets(parser)};
    if (is_word(c)) return word_value(parser);
    parser_wrong(parser, parser->at, "a value is missing: a number, a word or 'text'");
    return (struct cell){0};
}
