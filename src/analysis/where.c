#include "analysis/where.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum node_kind { NODE_OR, NODE_AND, NODE_NOT, NODE_COMPARISON };
enum relation { EQUAL, DIFFERENT, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };
enum { DEPTH_MOST = 100 };

struct where {
    enum node_kind kind;
    const struct where *left, *right;
    int column;
    enum relation relation;
    struct cell value;
};

/* Recursive descent. After an error `status` is set and every function returns NULL at once. */
struct parser {
    const struct table *table;
    const char *start, *at;
    int depth;
    basin_status status;
};

static struct where *wrong(struct parser *parser, const char *place, const char *what)
{
    if (parser->status != BASIN_OK) return NULL;
    parser->status = error_raise(BASIN_USAGE, "--where, character %d: %s",
                                 (int)(place - parser->start) + 1, what);
    if (*place)
        error_hint("the place is before \"%s\"", place);
    else
        error_hint("the place is the end of the expression");
    return NULL;
}

static void skip_space(struct parser *parser)
{
    parser->at += strspn(parser->at, " \t\n");
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("._-+", c));
}

static size_t word_length(const char *text)
{
    size_t length = 0;
    while (is_word(text[length])) length++;
    return length;
}

static bool take_word(struct parser *parser, const char *word)
{
    skip_space(parser);
    size_t length = strlen(word);
    if (word_length(parser->at) != length || strncmp(parser->at, word, length) != 0) return false;
    parser->at += length;
    return true;
}

static struct where *where_make(struct parser *parser, enum node_kind kind,
                                const struct where *left, const struct where *right)
{
    struct where *node = arena_allocate(parser->table->arena, sizeof *node);
    if (!node) {
        parser->status = BASIN_MEMORY;
        return NULL;
    }
    node->kind = kind;
    node->left = left;
    node->right = right;
    return node;
}

static char *where_copy(struct parser *parser, const char *text, size_t length)
{
    char *taken = arena_text_n(parser->table->arena, text, length);
    if (!taken) parser->status = BASIN_MEMORY;
    return taken;
}

static bool parse_relation(struct parser *parser, enum relation *relation)
{
    static const struct {
        const char *text;
        enum relation relation;
    } known[] = {{"==", EQUAL}, {"!=", DIFFERENT}, {"<=", LESS_EQUAL}, {">=", GREATER_EQUAL},
                 {"=", EQUAL},  {"<", LESS},       {">", GREATER}};
    skip_space(parser);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t length = strlen(known[i].text);
        if (strncmp(parser->at, known[i].text, length) != 0) continue;
        parser->at += length;
        *relation = known[i].relation;
        return true;
    }
    return false;
}

static const char *parse_quoted(struct parser *parser, char quote)
{
    const char *open = parser->at, *end = strchr(open + 1, quote);
    if (!end) {
        wrong(parser, open, "this text has no closing quote");
        return NULL;
    }
    parser->at = end + 1;
    return where_copy(parser, open + 1, (size_t)(end - open) - 1);
}

/* A list or a block, with its brackets. */
static const char *parse_brackets(struct parser *parser)
{
    const char *open = parser->at, *at = open;
    int depth = 0;
    do {
        depth += (*at == '[' || *at == '{') - (*at == ']' || *at == '}');
        if (!*at) {
            wrong(parser, open, *open == '[' ? "this list has no end" : "this block has no end");
            return NULL;
        }
        at++;
    } while (depth > 0);
    parser->at = at;
    return where_copy(parser, open, (size_t)(at - open));
}

static struct cell word_value(struct parser *parser)
{
    size_t length = word_length(parser->at);
    char *word = where_copy(parser, parser->at, length), *end;
    if (!word) return (struct cell){0};
    parser->at += length;
    if (strcmp(word, "null") == 0) return (struct cell){.kind = CELL_ABSENT};
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
        return (struct cell){.kind = CELL_BOOLEAN, .number = word[0] == 't'};
    double number = strtod(word, &end);
    if (!*end && isfinite(number) && !isalpha((unsigned char)word[0]))
        return (struct cell){.kind = CELL_NUMBER, .number = number};
    return (struct cell){.kind = CELL_TEXT, .text = word};
}

static struct cell parse_value(struct parser *parser)
{
    skip_space(parser);
    char c = *parser->at;
    if (c == '\'' || c == '"')
        return (struct cell){.kind = CELL_TEXT, .text = parse_quoted(parser, c)};
    if (c == '[') return (struct cell){.kind = CELL_LIST, .text = parse_brackets(parser)};
    if (c == '{') return (struct cell){.kind = CELL_TEXT, .text = parse_brackets(parser)};
    if (is_word(c)) return word_value(parser);
    wrong(parser, parser->at, "a value is missing: a number, a word or 'text'");
    return (struct cell){0};
}

/* Does a column hold such values, and nothing else but null? */
static bool where_is_all(const struct table *table, int column, enum cell_kind wanted)
{
    bool any = false;
    for (size_t i = 0; i < table->row_count; i++) {
        enum cell_kind kind = table->rows[i].cells[column].kind;
        if (kind != wanted && kind != CELL_ABSENT) return false;
        any = any || kind == wanted;
    }
    return any;
}

/* `parameters > small` holds for no row, whatever was meant. */
static struct where *refuse_word(struct parser *parser, const char *place, const struct where *node)
{
    if (parser->status != BASIN_OK) return NULL;
    parser->status =
        error_raise(BASIN_USAGE, "--where, character %d: \"%s\" is a word, but %s is a number",
                    (int)(place - parser->start) + 1, node->value.text,
                    parser->table->columns[node->column].name);
    error_hint("compare it with a number, or with null for what is absent or not a number");
    return NULL;
}

/* A number beside texts: an id of digits alone is equal to it or not, and that is all. */
static struct where *compare_digits(struct parser *parser, const char *place, struct where *node)
{
    char *word = where_copy(parser, place, (size_t)(parser->at - place));
    if (!word) return NULL;
    node->value = (struct cell){.kind = CELL_TEXT, .text = word};
    if (node->relation == EQUAL || node->relation == DIFFERENT) return node;
    parser->status = error_raise(
        BASIN_USAGE, "--where, character %d: %s is a number, but %s has none",
        (int)(place - parser->start) + 1, word, parser->table->columns[node->column].name);
    error_hint("texts are compared by = and !=, as in %s = 'text'",
               parser->table->columns[node->column].name);
    return NULL;
}

static struct where *refuse_lists(struct parser *parser, const char *place,
                                  const struct where *node)
{
    const char *name = parser->table->columns[node->column].name;
    int length = (int)(parser->at - place);
    parser->status = error_raise(BASIN_USAGE,
                                 "--where, character %d: %.*s is a number, but %s is "
                                 "a list",
                                 (int)(place - parser->start) + 1, length, place, name);
    error_hint("write [%.*s] for the whole list, or %s.0 for its first item", length, place, name);
    return NULL;
}

static struct where *parse_comparison(struct parser *parser)
{
    const char *place = parser->at;
    size_t length = word_length(place);
    if (!length) return wrong(parser, place, "the name of a column is missing");
    const char *name = where_copy(parser, place, length);
    int column = name ? table_column(parser->table, name) : -1;
    if (column < 0) {
        if (parser->status == BASIN_OK) parser->status = basin_error_last()->status;
        error_prefix("--where, character %d", (int)(place - parser->start) + 1);
        return NULL;
    }
    parser->at += length;
    struct where *node = where_make(parser, NODE_COMPARISON, NULL, NULL);
    if (!node) return NULL;
    node->column = column;
    if (!parse_relation(parser, &node->relation))
        return wrong(parser, parser->at, "one of = != < <= > >= is missing");
    skip_space(parser);
    place = parser->at;
    node->value = parse_value(parser);
    if (node->value.kind == CELL_TEXT && where_is_all(parser->table, column, CELL_NUMBER))
        return refuse_word(parser, place, node);
    if (node->value.kind == CELL_NUMBER && parser->at[0] == ',' &&
        isdigit((unsigned char)parser->at[1]))
        return wrong(parser, parser->at, "decimals have a point, and not a comma");
    if (node->value.kind == CELL_NUMBER && where_is_all(parser->table, column, CELL_TEXT))
        return compare_digits(parser, place, node);
    if (node->value.kind == CELL_NUMBER && where_is_all(parser->table, column, CELL_LIST))
        return refuse_lists(parser, place, node);
    return parser->status == BASIN_OK ? node : NULL;
}

static struct where *parse_or(struct parser *parser);

static struct where *parse_group(struct parser *parser)
{
    const char *open = parser->at++;
    struct where *node = parse_or(parser);
    if (!node) return NULL;
    skip_space(parser);
    if (*parser->at != ')') return wrong(parser, open, "this parenthesis is not closed");
    parser->at++;
    return node;
}

static struct where *parse_factor(struct parser *parser)
{
    struct where *node;
    skip_space(parser);
    if (++parser->depth > DEPTH_MOST) return wrong(parser, parser->at, "this is nested too deeply");
    if (take_word(parser, "not")) {
        node = parse_factor(parser);
        node = node ? where_make(parser, NODE_NOT, node, NULL) : NULL;
    } else {
        node = *parser->at == '(' ? parse_group(parser) : parse_comparison(parser);
    }
    parser->depth--;
    return node;
}

static struct where *parse_and(struct parser *parser)
{
    struct where *node = parse_factor(parser);
    while (node && take_word(parser, "and")) {
        const struct where *right = parse_factor(parser);
        node = right ? where_make(parser, NODE_AND, node, right) : NULL;
    }
    return node;
}

static struct where *parse_or(struct parser *parser)
{
    struct where *node = parse_and(parser);
    while (node && take_word(parser, "or")) {
        const struct where *right = parse_and(parser);
        node = right ? where_make(parser, NODE_OR, node, right) : NULL;
    }
    return node;
}

basin_status where_parse(const struct table *table, const char *expression, struct where **where)
{
    struct parser parser = {.table = table, .start = expression, .at = expression};
    *where = parse_or(&parser);
    skip_space(&parser);
    if (parser.status == BASIN_OK && *parser.at)
        wrong(&parser, parser.at, "\"and\" or \"or\" is missing");
    return parser.status;
}

/* Of a swept block: is `text` what the table prints of it, "{type: sgd, momentum: 0.9}", or the
 * name of its variant, "sgd"? */
static bool where_says(const struct cell *cell, const char *text)
{
    static const char type[] = "{type: ";
    const char *brief = cell->brief ? cell->brief : "";
    size_t length = strlen(text), before = strlen(type);
    if (strcmp(brief, text) == 0) return true;
    return strncmp(brief, type, before) == 0 && strncmp(brief + before, text, length) == 0 &&
           strchr(",}", brief[before + length]);
}

static bool where_compare(const struct where *node, const struct cell *cell)
{
    if (cell->kind == CELL_LIST && node->value.kind == CELL_TEXT)
        return node->relation == EQUAL
                   ? where_says(cell, node->value.text)
                   : node->relation == DIFFERENT && !where_says(cell, node->value.text);
    bool same_null = cell_is_null(cell) && cell_is_null(&node->value);
    bool comparable = !cell_is_null(cell) && cell->kind == node->value.kind;
    int order = comparable ? cell_compare(cell, &node->value) : 1;
    switch (node->relation) {
    case EQUAL:
        return same_null || (comparable && order == 0);
    case DIFFERENT:
        return !same_null && !(comparable && order == 0);
    case LESS:
        return comparable && order < 0;
    case LESS_EQUAL:
        return comparable && order <= 0;
    case GREATER:
        return comparable && order > 0;
    case GREATER_EQUAL:
        return comparable && order >= 0;
    }
    return false;
}

bool where_holds(const struct where *node, const struct row *row)
{
    switch (node->kind) {
    case NODE_OR:
        return where_holds(node->left, row) || where_holds(node->right, row);
    case NODE_AND:
        return where_holds(node->left, row) && where_holds(node->right, row);
    case NODE_NOT:
        return !where_holds(node->left, row);
    case NODE_COMPARISON:
        return where_compare(node, &row->cells[node->column]);
    }
    return false;
}

basin_status where_filter(struct table *table, const char *expression)
{
    struct where *where;
    size_t kept = 0;
    TRY(where_parse(table, expression, &where));
    for (size_t i = 0; i < table->row_count; i++)
        if (where_holds(where, &table->rows[i])) table->rows[kept++] = table->rows[i];
    table->row_count = kept;
    return BASIN_OK;
}
