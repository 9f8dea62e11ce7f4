/* Comparisons. What stands right of a column of texts, lists or truth values is a value as it is
 * written; right of numbers it is an expression. */
#include <ctype.h>
#include <string.h>
#include "analysis/expression_parser.h"

static bool parse_relation(struct expression_parser *parser, enum relation *relation)
{
    static const struct {
        const char *text;
        enum relation relation;
    } known[] = {{"==", EQUAL}, {"!=", DIFFERENT}, {"<=", LESS_EQUAL}, {">=", GREATER_EQUAL},
                 {"=", EQUAL},  {"<", LESS},       {">", GREATER}};
    parser_skip_space(parser);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t length = strlen(known[i].text);
        if (strncmp(parser->at, known[i].text, length) != 0) continue;
        parser->at += length;
        *relation = known[i].relation;
        return true;
    }
    return false;
}

static const char *left_name(const struct expression_parser *parser, const struct expression *node)
{
    return parser->scope->table->columns[node->arguments[0]->column].name;
}

/* `parameters > small` holds for no row, whatever was meant. */
static struct expression *refuse_word(struct expression_parser *parser, const char *place,
                                      const struct expression *node)
{
    if (parser->status != BASIN_OK) return NULL;
    if (node->arguments[0]->kind == NODE_COLUMN)
        error_raise(BASIN_USAGE, "\"%s\" is a word, but %s is a number", node->literal.text,
                    left_name(parser, node));
    else
        error_raise(BASIN_USAGE, "\"%s\" is a word, but what it is compared with is a number",
                    node->literal.text);
    error_hint("compare it with a number, or with null for what is absent or not a number");
    return parser_fail(parser, place, BASIN_USAGE);
}

/* A number beside texts: an id of digits alone is equal to it or not, and that is all. */
static struct expression *compare_digits(struct expression_parser *parser, const char *place,
                                         struct expression *node)
{
    char *word = parser_copy(parser, place, (size_t)(parser->at - place));
    if (!word) return NULL;
    node->literal = (struct cell){.kind = CELL_TEXT, .text = word};
    if (node->relation == EQUAL || node->relation == DIFFERENT) return node;
    error_raise(BASIN_USAGE, "%s is a number, but %s has none", word, left_name(parser, node));
    error_hint("texts are compared by = and !=, as in %s = 'text'", left_name(parser, node));
    return parser_fail(parser, place, BASIN_USAGE);
}

static struct expression *refuse_lists(struct expression_parser *parser, const char *place,
                                       const struct expression *node)
{
    const char *name = left_name(parser, node);
    int length = (int)(parser->at - place);
    error_raise(BASIN_USAGE, "%.*s is a number, but %s is a list", length, place, name);
    error_hint("write [%.*s] for the whole list, or %s.0 for its first item", length, place, name);
    return parser_fail(parser, place, BASIN_USAGE);
}

/* Is the word before its first sign, "8" in "8-seed", a number or a name? The rest is subtracted
 * then. */
static bool begins_sum(struct expression_parser *parser, const char *word, size_t length)
{
    double number;
    size_t head = strcspn(word, "+-");
    if (head == 0 || head >= length) return false;
    return parser_number(word, head, &number) || parser_known(parser, word, head);
}

/* Is what follows an expression, and no word? */
static bool is_expression(struct expression_parser *parser)
{
    double number;
    parser_skip_space(parser);
    const char *at = parser->at;
    if (*at == '(') return true;
    size_t length = parser_word(at), signs = strspn(at, "+-");
    if (!length) return false;
    if (parser_number(at, length, &number)) return true;
    if (signs >= length) return at[length] != 0;
    at += signs;
    length -= signs;
    if (parser_number(at, length, &number) || function_find(at, length, 0)) return true;
    return parser_known(parser, at, length) || begins_sum(parser, at, length);
}

/* Of what stands left: does a value that is no expression belong right of it? Where some rows have
 * a number and others "all", words are values, and numbers expressions. */
static bool wants_value(struct expression_parser *parser, const struct expression *left)
{
    const struct table *table = parser->scope->table;
    if (left->kind != NODE_COLUMN) return !is_expression(parser);
    if (!table->row_count || parser_is_all(table, left->column, CELL_NUMBER))
        return !is_expression(parser);
    if (!parser_has_any(table, left->column, CELL_NUMBER)) return true;
    return !strchr("(+-.0123456789", *parser->at) || !is_expression(parser);
}

static struct expression *check_literal(struct expression_parser *parser, const char *place,
                                        struct expression *node)
{
    const struct expression *left = node->arguments[0];
    const struct table *table = parser->scope->table;
    bool is_column = left->kind == NODE_COLUMN, is_number = node->literal.kind == CELL_NUMBER;
    if (node->literal.kind == CELL_TEXT &&
        (!is_column || parser_is_all(table, left->column, CELL_NUMBER)))
        return refuse_word(parser, place, node);
    if (!is_column && node->literal.kind != CELL_ABSENT && !is_number)
        return parser_wrong(parser, place, "a number is compared with numbers, or with null");
    if (is_number && parser->at[0] == ',' && isdigit((unsigned char)parser->at[1]))
        return parser_wrong(parser, parser->at, "decimals have a point, and not a comma");
    if (is_number && is_column && parser_is_all(table, left->column, CELL_TEXT))
        return compare_digits(parser, place, node);
    if (is_number && is_column && parser_is_all(table, left->column, CELL_LIST))
        return refuse_lists(parser, place, node);
    return parser->status == BASIN_OK ? node : NULL;
}

static struct expression *compare_value(struct expression_parser *parser, struct expression *node)
{
    parser_skip_space(parser);
    const char *place = parser->at;
    node->has_literal = true;
    node->literal = parser_value(parser);
    return parser->status == BASIN_OK ? check_literal(parser, place, node) : NULL;
}

/* A condition is asked of each run, so that a number over all of them is none of it. A column may
 * hold anything: it is compared as what it is. */
static bool is_of_run(struct expression_parser *parser, const struct expression *node)
{
    if (node->type == EXPRESSION_RUNS) parser_refuse(parser, node, "a number of each run");
    if (node->kind == NODE_COLUMN) return true;
    return node->type != EXPRESSION_RUNS && parser_require_number(parser, node);
}

static struct expression *compare_sum(struct expression_parser *parser, struct expression *node)
{
    const char *missing = parser->missing;
    parser->missing = "a value is missing: a number, a word or 'text'";
    const struct expression *right = parser_sum(parser);
    parser->missing = missing;
    if (!right) return NULL;
    if (!is_of_run(parser, right)) return NULL;
    if (right->kind == NODE_NUMBER && parser->at[0] == ',' && isdigit((unsigned char)parser->at[1]))
        return parser_wrong(parser, parser->at, "decimals have a point, and not a comma");
    node->arguments[node->argument_count++] = right;
    return node;
}

/* A sum alone, or compared with something. */
const struct expression *parser_comparison(struct expression_parser *parser)
{
    enum relation relation;
    const struct expression *left = parser_sum(parser);
    if (!left || left->type == EXPRESSION_CONDITION) return left;
    const char *place = parser->at;
    if (!parse_relation(parser, &relation)) {
        parser->at = place;
        return left;
    }
    if (left->kind != NODE_COLUMN && !is_of_run(parser, left)) return NULL;
    struct expression *node = parser_node(parser, NODE_COMPARISON, parser->start + left->place);
    if (!node) return NULL;
    node->type = EXPRESSION_CONDITION;
    node->relation = relation;
    node->arguments[node->argument_count++] = left;
    bool is_value = wants_value(parser, left);
    if (parser->status != BASIN_OK) return NULL;
    return is_value ? compare_value(parser, node) : compare_sum(parser, node);
}
