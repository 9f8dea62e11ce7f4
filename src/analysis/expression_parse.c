#include <ctype.h>
#include <string.h>
#include "analysis/expression_parser.h"
#include "base/text.h"

enum { DEPTH_MOST = 200 }; /* a parenthesis is two levels */

static const char *type_words(enum expression_type type)
{
    static const char *const words[] = {
        [EXPRESSION_CONSTANT] = "a number",         [EXPRESSION_NUMBER] = "a number of each run",
        [EXPRESSION_CURVE] = "a curve over epochs", [EXPRESSION_STEPS] = "a curve over steps",
        [EXPRESSION_RUNS] = "a number over runs",   [EXPRESSION_CONDITION] = "a condition"};
    return words[type];
}

const struct expression *parser_refuse(struct expression_parser *parser,
                                       const struct expression *node, const char *wanted)
{
    if (parser->status != BASIN_OK) return NULL;
    const char *place = parser->start + node->place;
    error_raise(BASIN_USAGE, "\"%.*s\" is %s, but %s is needed", (int)(node->end - node->place),
                place, type_words(node->type), wanted);
    if (node->type == EXPRESSION_CURVE || node->type == EXPRESSION_STEPS)
        error_hint("mean(...), max(...), last(...) make a number of a curve, also of a part of it, "
                   "as in mean(..., from: 0.5)");
    return parser_fail(parser, place, BASIN_USAGE);
}

/* ---- types ---- */

/* A column of texts or lists has no number to calculate with. */
static bool require_numbers_in(struct expression_parser *parser, const struct expression *node)
{
    const struct table *table = parser->scope->table;
    if (node->kind != NODE_COLUMN || parser_has_any(table, node->column, CELL_NUMBER)) return true;
    static const struct {
        enum cell_kind kind;
        const char *words;
    } others[] = {{CELL_TEXT, "a text"}, {CELL_LIST, "a list"}, {CELL_BOOLEAN, "true or false"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!parser_has_any(table, node->column, others[i].kind)) continue;
        const char *name = table->columns[node->column].name;
        error_raise(BASIN_USAGE, "%s is %s, and no number", name, others[i].words);
        if (others[i].kind == CELL_LIST) error_hint("its first item is %s.0", name);
        parser_fail(parser, parser->start + node->place, BASIN_USAGE);
        return false;
    }
    return true;
}

bool parser_require_number(struct expression_parser *parser, const struct expression *node)
{
    if (node->type == EXPRESSION_CONDITION || node->type == EXPRESSION_CURVE ||
        node->type == EXPRESSION_STEPS) {
        parser_refuse(parser, node, "a number");
        return false;
    }
    return require_numbers_in(parser, node);
}

/* What two types make together: numbers are repeated along curves. */
static bool join_types(struct expression_parser *parser, const struct expression *node,
                       enum expression_type *type)
{
    enum expression_type a = *type, b = node->type, more = a > b ? a : b, less = a > b ? b : a;
    if (b == EXPRESSION_CONDITION) {
        parser_refuse(parser, node, "a number");
        return false;
    }
    if (!require_numbers_in(parser, node)) return false;
    *type = more;
    if (a == b || less == EXPRESSION_CONSTANT ||
        (less == EXPRESSION_NUMBER && more != EXPRESSION_RUNS))
        return true;
    if (b == EXPRESSION_RUNS)
        parser_refuse(parser, node, "a number of each run");
    else if (a == EXPRESSION_RUNS)
        parser_refuse(parser, node, "beside tau(...) a number without names");
    else
        parser_refuse(parser, node,
                      a == EXPRESSION_STEPS ? "a curve over steps" : "a curve over epochs");
    return false;
}

static struct expression *finish_call(struct expression_parser *parser, struct expression *call)
{
    const char *end = parser->at;
    while (end > parser->start && isspace((unsigned char)end[-1])) end--;
    call->end = (size_t)(end - parser->start);
    call->type = EXPRESSION_CONSTANT;
    for (int i = 0; i < call->argument_count; i++)
        if (!join_types(parser, call->arguments[i], &call->type)) return NULL;
    return call;
}

static struct expression *make_operation(struct expression_parser *parser, const char *operator,
                                         const struct expression * left,
                                         const struct expression *right)
{
    const struct expression *first = left ? left : right;
    if (!first || !right) return NULL;
    struct expression *call = parser_node(parser, NODE_CALL, parser->start + first->place);
    if (!call) return NULL;
    if (left) call->arguments[call->argument_count++] = left;
    call->arguments[call->argument_count++] = right;
    call->function = function_find(operator, 1, call->argument_count);
    return finish_call(parser, call);
}

/* ---- functions ---- */

static bool take_sign(struct expression_parser *parser, char c)
{
    parser_skip_space(parser);
    if (*parser->at != c) return false;
    parser->at++;
    return true;
}

/* "0.5", "50%" or "30": below 1 a fraction. */
static bool parse_bound(struct expression_parser *parser, struct expression_bound *bound)
{
    parser_skip_space(parser);
    const char *place = parser->at;
    size_t length = parser_word(place);
    if (!parser_number(place, length, &bound->value)) {
        parser_wrong(parser, place,
                     "a number of epochs, or a fraction of them such as 0.5 or 50%, is missing");
        return false;
    }
    parser->at += length;
    bool is_percent = take_sign(parser, '%');
    bound->given = true;
    bound->fraction = is_percent || bound->value < 1;
    if (is_percent) bound->value /= 100;
    if (bound->value >= 0 && !(is_percent && bound->value > 1)) return true;
    parser_wrong(parser, place, "a part of a curve begins at 0 and ends at 100%");
    return false;
}

/* "from: A"; true as well where the argument is none of these. `was`: it is one. */
static bool parse_part(struct expression_parser *parser, struct expression *call, bool *was)
{
    const struct {
        const char *name;
        struct expression_bound *bound;
    } parts[] = {{"from", &call->from}, {"to", &call->to}, {"at", &call->at}};
    *was = false;
    parser_skip_space(parser);
    const char *place = parser->at;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parser_take_word(parser, parts[i].name)) continue;
        *was = take_sign(parser, ':') || take_sign(parser, '=');
        if (!*was) parser->at = place;
        if (!*was) return true;
        if (!parts[i].bound->given) return parse_bound(parser, parts[i].bound);
        parser_wrong(parser, place, "this is given twice");
        return false;
    }
    return true;
}

static bool parse_argument(struct expression_parser *parser, struct expression *call)
{
    bool is_part;
    if (!parse_part(parser, call, &is_part)) return false;
    if (is_part) return true;
    const char *place = parser->at, *missing = parser->missing;
    if (call->argument_count == EXPRESSION_ARGUMENTS) {
        parser_wrong(parser, place, "these are too many arguments");
        return false;
    }
    parser->missing = "an argument is missing";
    const struct expression *argument = parser_sum(parser);
    parser->missing = missing;
    if (argument) call->arguments[call->argument_count++] = argument;
    return argument != NULL;
}

static bool has_part(const struct expression *call)
{
    return call->from.given || call->to.given || call->at.given;
}

static struct expression *refuse_usage(struct expression_parser *parser,
                                       const struct expression *call, const char *name, int length,
                                       const char *what)
{
    const struct expression_function *any = function_find(name, (size_t)length, 0);
    error_raise(BASIN_USAGE, "%.*s: %s", length, name, what);
    error_hint("write %s", any->usage);
    return parser_fail(parser, parser->start + call->place, BASIN_USAGE);
}

/* A number beside a curve of the same name: the curve is meant. */
static struct expression *refuse_reduction(struct expression_parser *parser,
                                           const struct expression *argument)
{
    const char *place = parser->start + argument->place;
    int length = (int)(argument->end - argument->place);
    if (parser->status != BASIN_OK) return NULL;
    error_raise(BASIN_USAGE, "\"%.*s\" is %s, but a curve is needed", length, place,
                type_words(argument->type));
    static const char *const groups[] = {"tracked", "curves", "steps"};
    for (size_t i = 0; argument->kind == NODE_COLUMN && i < sizeof groups / sizeof *groups; i++) {
        const char *name =
            arena_format(parser->scope->table->arena, "%s.%.*s", groups[i], length, place);
        if (!name || !parser_known(parser, name, strlen(name))) continue;
        error_raise(BASIN_USAGE, "\"%.*s\" is %s, but a curve is needed", length, place,
                    type_words(argument->type));
        error_hint("the curve of that name is %s", name);
        break;
    }
    return parser_fail(parser, place, BASIN_USAGE);
}

static struct expression *check_call(struct expression_parser *parser, struct expression *call,
                                     const char *name, int length)
{
    const struct expression_function *function =
        function_find(name, (size_t)length, call->argument_count);
    if (!function || !call->argument_count)
        return refuse_usage(parser, call, name, length, "the number of arguments is wrong");
    call->function = function;
    bool is_reduction = function->kind == FUNCTION_REDUCTION;
    if (has_part(call) && !is_reduction)
        return refuse_usage(parser, call, name, length, "from, to and at belong to one curve");
    if (call->at.given && (call->from.given || call->to.given))
        return refuse_usage(parser, call, name, length, "at stands alone, without from and to");
    if (strcmp(function->name, "value") == 0 && !call->at.given)
        return refuse_usage(parser, call, name, length, "the epoch is missing");
    if (!finish_call(parser, call)) return NULL;
    if (function->kind == FUNCTION_POINTWISE) return call;
    if (is_reduction && call->type != EXPRESSION_CURVE && call->type != EXPRESSION_STEPS)
        return refuse_reduction(parser, call->arguments[0]);
    for (int i = 0; !is_reduction && i < call->argument_count; i++) {
        if (!parser_require_number(parser, call->arguments[i])) return NULL;
        if (call->arguments[i]->type == EXPRESSION_RUNS)
            return (struct expression *)parser_refuse(parser, call->arguments[i],
                                                      "a number of each run");
    }
    call->type = is_reduction ? EXPRESSION_NUMBER : EXPRESSION_RUNS;
    return call;
}

static const struct expression *parse_call(struct expression_parser *parser, const char *name,
                                           size_t length)
{
    struct expression *call = parser_node(parser, NODE_CALL, name);
    if (!call) return NULL;
    const char *open = parser->at++;
    do
        if (!parse_argument(parser, call)) return NULL;
    while (take_sign(parser, ','));
    if (!take_sign(parser, ')'))
        return parser_wrong(parser, open, "this parenthesis is not closed");
    return check_call(parser, call, name, (int)length);
}

static const struct expression *refuse_function(struct expression_parser *parser, const char *place,
                                                size_t length)
{
    enum { NAMES = 32 };
    const char *names[NAMES], *name = parser_copy(parser, place, length);
    if (!name) return NULL;
    const char *nearest = text_nearest(name, names, function_names(names, NAMES));
    error_raise(BASIN_USAGE, "no function is named \"%s\"", name);
    if (nearest)
        error_hint("did you mean \"%s\"?", nearest);
    else
        error_hint("there are mean, median, max, min, first, last, value, tau, abs, log, sqrt and "
                   "exp");
    return parser_fail(parser, place, BASIN_USAGE);
}

/* ---- the grammar ---- */

static const struct expression *parse_group(struct expression_parser *parser)
{
    const char *open = parser->at++;
    const struct expression *inner = parser_condition(parser);
    if (!inner) return NULL;
    if (!take_sign(parser, ')'))
        return parser_wrong(parser, open, "this parenthesis is not closed");
    /* A column in parentheses is a number of a sum, and no longer the name of a column. */
    return inner;
}

static const struct expression *constant(struct expression_parser *parser, const char *place,
                                         size_t length, double number)
{
    struct expression *node = parser_node(parser, NODE_NUMBER, place);
    if (!node) return NULL;
    node->number = number;
    node->end = node->place + length;
    parser->at = place + length;
    return node;
}

/* A word may hold signs, as "test-set" does; where it means nothing as a whole, it ends at the
 * first of them, but for that of an exponent. */
static const struct expression *parse_word(struct expression_parser *parser)
{
    const char *place = parser->at;
    size_t length = parser_word(place);
    double number;
    if (parser_number(place, length, &number)) return constant(parser, place, length, number);
    const struct expression *node = parser_known(parser, place, length);
    size_t head = strcspn(place, "+-");
    if (!node && parser->status == BASIN_OK && head && head < length) {
        if (isdigit((unsigned char)*place) && tolower((unsigned char)place[head - 1]) == 'e' &&
            isdigit((unsigned char)place[head + 1]))
            head += 1 + strcspn(place + head + 1, "+-"); /* "1e-5-x" */
        length = head < length ? head : length;
        if (parser_number(place, length, &number)) return constant(parser, place, length, number);
        node = parser_known(parser, place, length);
    }
    if (parser->status != BASIN_OK) return NULL;
    const char *behind = place + length + strspn(place + length, " \t\n");
    if (*behind == '(' && function_find(place, length, 0)) {
        parser->at = behind;
        return parse_call(parser, place, length);
    }
    if (*behind == '(' && !node) return refuse_function(parser, place, length);
    if (!node) return parser_unknown(parser, place, length);
    parser->at = place + length;
    return node;
}

static const struct expression *parse_primary(struct expression_parser *parser)
{
    parser_skip_space(parser);
    if (*parser->at == '(') return parse_group(parser);
    if (!parser_word(parser->at)) return parser_wrong(parser, parser->at, parser->missing);
    return parse_word(parser);
}

static const struct expression *parse_sign(struct expression_parser *parser);

static bool is_power(const char *text)
{
    text += strspn(text, " \t\n");
    return *text == '^' || strncmp(text, "**", 2) == 0;
}

static bool take_power(struct expression_parser *parser)
{
    if (!is_power(parser->at)) return false;
    parser_skip_space(parser);
    parser->at += *parser->at == '^' ? 1 : 2;
    return true;
}

static const struct expression *parse_power(struct expression_parser *parser)
{
    const struct expression *base = parse_primary(parser);
    if (!base || !take_power(parser)) return base;
    return make_operation(parser, "^", base, parse_sign(parser));
}

static const struct expression *parse_sign(struct expression_parser *parser)
{
    parser_skip_space(parser);
    if (++parser->depth > DEPTH_MOST)
        return parser_wrong(parser, parser->at, "this is nested too deeply");
    const struct expression *node;
    const char *place = parser->at;
    size_t length = parser_word(place);
    double number;
    if (strspn(place, "+-") && parser_number(place, length, &number) && !is_power(place + length)) {
        node = constant(parser, place, length, number);
    } else if (*place == '-') {
        parser->at++;
        node = make_operation(parser, "-", NULL, parse_sign(parser));
    } else {
        parser->at += *place == '+';
        node = *place == '+' ? parse_sign(parser) : parse_power(parser);
    }
    parser->depth--;
    return node;
}

static const struct expression *parse_product(struct expression_parser *parser)
{
    const struct expression *node = parse_sign(parser);
    for (;;) {
        parser_skip_space(parser);
        if (!node || (*parser->at != '*' && *parser->at != '/')) return node;
        char operator[] = {*parser->at++, 0};
        node = make_operation(parser, operator, node, parse_sign(parser));
    }
}

const struct expression *parser_sum(struct expression_parser *parser)
{
    const struct expression *node = parse_product(parser);
    for (;;) {
        parser_skip_space(parser);
        if (!node || (*parser->at != '+' && *parser->at != '-')) return node;
        char operator[] = {*parser->at++, 0};
        node = make_operation(parser, operator, node, parse_product(parser));
    }
}

/* ---- conditions ---- */

static const struct expression *require_condition(struct expression_parser *parser,
                                                  const struct expression *node)
{
    if (!node || node->type == EXPRESSION_CONDITION) return node;
    parser_skip_space(parser);
    return parser_wrong(parser, parser->at, "one of = != < <= > >= is missing");
}

static const struct expression *make_condition(struct expression_parser *parser,
                                               enum expression_kind kind,
                                               const struct expression *left,
                                               const struct expression *right)
{
    if (!require_condition(parser, left)) return NULL;
    struct expression *node = parser_node(parser, kind, parser->start + left->place);
    if (!node) return NULL;
    node->type = EXPRESSION_CONDITION;
    node->end = (size_t)(parser->at - parser->start);
    node->arguments[node->argument_count++] = left;
    if (right) node->arguments[node->argument_count++] = right;
    return node;
}

static const struct expression *parse_factor(struct expression_parser *parser)
{
    parser_skip_space(parser);
    if (++parser->depth > DEPTH_MOST)
        return parser_wrong(parser, parser->at, "this is nested too deeply");
    const struct expression *node;
    if (parser_take_word(parser, "not")) {
        node = parse_factor(parser);
        node = node ? make_condition(parser, NODE_NOT, node, NULL) : NULL;
    } else {
        node = parser_comparison(parser);
    }
    parser->depth--;
    return node;
}

static const struct expression *
parse_chain(struct expression_parser *parser, const char *word, enum expression_kind kind,
            const struct expression *(*part)(struct expression_parser *))
{
    const struct expression *node = part(parser);
    while (node && parser_take_word(parser, word)) {
        if (!require_condition(parser, node)) return NULL;
        const struct expression *right = require_condition(parser, part(parser));
        node = right ? make_condition(parser, kind, node, right) : NULL;
    }
    return node;
}

static const struct expression *parse_and(struct expression_parser *parser)
{
    return parse_chain(parser, "and", NODE_AND, parse_factor);
}

const struct expression *parser_condition(struct expression_parser *parser)
{
    return parse_chain(parser, "or", NODE_OR, parse_and);
}

/* ---- from a text ---- */

static basin_status parse_whole(struct expression_parser *parser,
                                const struct expression **expression)
{
    *expression = parser_condition(parser);
    parser_skip_space(parser);
    return parser->status;
}

static struct expression_parser parser_of(struct expression_scope *scope, const char *text)
{
    scope->place = 0;
    return (struct expression_parser){
        .scope = scope, .start = text, .at = text, .missing = "the name of a column is missing"};
}

basin_status expression_condition(struct expression_scope *scope, const char *text,
                                  const struct expression **expression)
{
    struct expression_parser parser = parser_of(scope, text);
    TRY(parse_whole(&parser, expression));
    if (!require_condition(&parser, *expression)) return parser.status;
    if (*parser.at) parser_wrong(&parser, parser.at, "\"and\" or \"or\" is missing");
    return parser.status;
}

basin_status expression_parse(struct expression_scope *scope, const char *text,
                              const struct expression **expression)
{
    struct expression_parser parser = parser_of(scope, text);
    parser.missing = "a number or a name is missing";
    TRY(parse_whole(&parser, expression));
    if (*parser.at)
        parser_wrong(&parser, parser.at, "an operator is missing: one of + - * / ^, or the end");
    return parser.status;
}

basin_status expression_number(struct expression_scope *scope, const char *text,
                               const struct expression **expression)
{
    struct expression_parser parser = parser_of(scope, text);
    TRY(expression_parse(scope, text, expression));
    parser_require_number(&parser, *expression);
    return parser.status;
}
