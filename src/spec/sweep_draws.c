#include "spec/sweep_draws.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "spec/scalar.h"
#include "spec/sweep_paths.h"

/* ---- distributions ---- */

static double uniform(const double numbers[SWEEP_NUMBERS], const struct random *random, uint64_t i)
{
    return numbers[0] + (numbers[1] - numbers[0]) * random_uniform(random, i);
}

static double log_uniform(const double numbers[SWEEP_NUMBERS], const struct random *random,
                          uint64_t i)
{
    return numbers[0] * pow(numbers[1] / numbers[0], random_uniform(random, i));
}

static double int_uniform(const double numbers[SWEEP_NUMBERS], const struct random *random,
                          uint64_t i)
{
    return numbers[0] + floor((numbers[1] - numbers[0] + 1) *
                              random_uniform(random, i)); /* both ends included */
}

static double normal(const double numbers[SWEEP_NUMBERS], const struct random *random, uint64_t i)
{
    return numbers[0] + numbers[1] * random_normal(random, i);
}

static const struct {
    const char *name, *form;
    double (*draw)(const double numbers[SWEEP_NUMBERS], const struct random *random, uint64_t i);
} distributions[] = {{"uniform", "uniform: [low, high]", uniform},
                     {"log_uniform", "log_uniform: [low, high]", log_uniform},
                     {"int_uniform", "int_uniform: [low, high]", int_uniform},
                     {"normal", "normal: [mean, standard deviation]", normal},
                     {"choice", "choice: [values]", NULL}};

enum { DISTRIBUTIONS = sizeof distributions / sizeof *distributions };

static bool is_named(const struct sweep_draw *draw, const char *name)
{
    return strcmp(distributions[draw->which].name, name) == 0;
}

static bool draw_is_whole(double number)
{
    return number == floor(number);
}

/* What is wrong with the numbers, or with drawing them for this parameter. */
static const char *wrong_numbers(const struct sweep_draw *draw)
{
    const double *numbers = draw->numbers;
    bool whole = draw_is_whole(numbers[0]) && draw_is_whole(numbers[1]);
    if (is_named(draw, "normal"))
        return numbers[1] > 0 ? NULL : "the standard deviation must be greater than 0";
    if (numbers[0] > numbers[1]) return "the first number must not be greater than the second";
    if (is_named(draw, "log_uniform") && !(numbers[0] > 0))
        return "log_uniform needs two positive numbers";
    if (is_named(draw, "int_uniform") && !whole) return "int_uniform needs two whole numbers";
    if (sweep_takes_integers(draw->row) && !whole)
        return "log_uniform of an integer needs two whole numbers";
    return NULL;
}

/* ---- digits ---- */

enum { DIGITS_USUAL = 6, DIGITS_MOST = 17 };

/* How many numbers of so many significant digits the interval has, roughly: its width over the last
 * place of its largest number. */
static double steps_in(const struct sweep_draw *draw, int digits)
{
    const double *numbers = draw->numbers;
    bool is_normal = is_named(draw, "normal");
    double width = is_normal ? numbers[1] : numbers[1] - numbers[0];
    double largest =
        is_normal ? fabs(numbers[0]) + numbers[1] : fmax(fabs(numbers[0]), fabs(numbers[1]));
    return width > 0 && largest > 0 ? width / pow(10, floor(log10(largest)) - (double)(digits - 1))
                                    : INFINITY;
}

/* Six, as ever, unless the interval is so narrow that they would leave fewer than FEW values; then
 * as many as make the values as fine in the interval as six digits are in [0, 1]. */
static int digits_of(const struct sweep_draw *draw)
{
    static const double FEW = 100, FINE = 1e5;
    int digits = DIGITS_USUAL;
    if (steps_in(draw, digits) < FEW)
        while (digits < DIGITS_MOST && steps_in(draw, digits) < FINE) digits++;
    return digits;
}

static bool draw_is_inside(const struct sweep_draw *draw, double value)
{
    return is_named(draw, "normal") || (value >= draw->numbers[0] && value <= draw->numbers[1]);
}

static double rounded_to(double value, int digits)
{
    char text[40];
    snprintf(text, sizeof text, "%.*g", digits, value);
    return strtod(text, NULL);
}

/* A float with so many digits, or with the few more that keep it in the interval, and legal where
 * it was legal. */
static int digits_for(const struct sweep_draw *draw, double value, int digits)
{
    for (; digits < DIGITS_MOST; digits++) {
        double rounded = rounded_to(value, digits);
        bool is_legal = scalar_in_range(draw->row, rounded) || !scalar_in_range(draw->row, value);
        if (draw_is_inside(draw, rounded) && is_legal) break;
    }
    return digits;
}

static struct tree *draw_node(const struct sweep_reader *reader, const struct sweep_draw *draw,
                              size_t i, int digits)
{
    double value = distributions[draw->which].draw(draw->numbers, &draw->random, i);
    if (!is_named(draw, "normal")) /* the last bit of a sum or a power may be beyond it */
        value = fmin(fmax(value, draw->numbers[0]), draw->numbers[1]);
    bool whole = sweep_takes_integers(draw->row);
    return sweep_number_node(reader->resolver->arena, draw->row, whole ? round(value) : value,
                             whole ? DIGITS_MOST : digits_for(draw, value, digits),
                             draw->list->mark);
}

/* ---- reading ---- */

/* Each path has its own random stream. */
static struct random random_of(const char *path, uint64_t seed)
{
    return random_make(seed, STREAM_SWEEP, (uint32_t)hash_bytes(path, strlen(path)).low, 0);
}

static bool read_choice_list(const struct sweep_reader *reader, struct sweep_draw *draw)
{
    struct place place = {.key = draw->member->key};
    if (draw->list->kind == TREE_LIST && draw->list->list.count > 0) return true;
    resolver_complain(reader->resolver, draw->list->mark, &place, NULL,
                      "expected choice: [values]");
    return false;
}

static bool read_distribution(const struct sweep_reader *reader, struct sweep_draw *draw)
{
    struct resolver *resolver = reader->resolver;
    struct place place = {.key = draw->member->key};
    const char *name = distributions[draw->which].name;
    const char *wrong = NULL;
    if (!distributions[draw->which].draw) return read_choice_list(reader, draw);
    if (!sweep_takes_numbers(draw->row)) {
        resolver_complain(resolver, draw->list->mark, &place, "use choice: [values]",
                          "%s draws numbers, which this is not", name);
        return false;
    }
    if (sweep_takes_integers(draw->row) && is_named(draw, "uniform")) {
        resolver_complain(resolver, draw->list->mark, &place,
                          "use int_uniform: [low, high], which has both ends",
                          "uniform draws fractions, and this is an integer");
        return false;
    }
    if (!sweep_read_numbers(resolver, draw->list, &place, 2, distributions[draw->which].form,
                            draw->numbers))
        return false;
    if ((wrong = wrong_numbers(draw)))
        resolver_complain(resolver, draw->list->mark, &place, NULL, "%s", wrong);
    return !wrong;
}

/* `replace: false` beside a choice. False after a complaint about this key, or another. */
static bool read_replace(const struct sweep_reader *reader, const struct tree_member *member,
                         struct sweep_draw *draw)
{
    static const struct schema_row row = {
        .key = "replace", .type = SCHEMA_BOOLEAN, .flags = SCHEMA_FIXED};
    struct place up = {.key = draw->member->key}, place = {.up = &up, .key = "replace"};
    struct value value = {0};
    if (!is_named(draw, "choice") || strcmp(member->key, "replace") != 0) {
        resolver_complain(reader->resolver, member->mark, &up,
                          "one distribution; a choice may have \"replace: false\" beside it",
                          "unknown key \"%.40s\" beside %s", member->key,
                          distributions[draw->which].name);
        return false;
    }
    if (!scalar_read(reader->resolver, &row, SCHEMA_BOOLEAN, member->value, &place, &value))
        return false;
    draw->once = !value.boolean;
    return true;
}

/* Without replacement no value comes twice, and none need stand twice. */
static void check_once(const struct sweep_reader *reader, struct sweep_draw *draw)
{
    struct place place = {.key = draw->member->key};
    const struct tree *list = draw->list;
    for (size_t i = 0; draw->once && draw->row && i < list->list.count; i++)
        for (size_t j = 0; draw->row && j < i; j++) {
            const struct tree *a = list->list.items[j], *b = list->list.items[i];
            if (a->kind != TREE_SCALAR || b->kind != TREE_SCALAR || strcmp(a->text, b->text) != 0)
                continue;
            resolver_complain(reader->resolver, b->mark, &place, "remove one of them",
                              "values %zu and %zu of the list are both %.80s", j + 1, i + 1,
                              b->text);
            draw->row = NULL;
        }
}

static void complain_distribution(const struct sweep_reader *reader,
                                  const struct tree_member *member)
{
    const struct tree *node = member->value;
    struct place place = {.key = member->key};
    const char *names[DISTRIBUTIONS];
    const char *key = node->kind == TREE_MAP && node->map.count ? node->map.members[0].key : "";
    char hint[100];
    for (size_t i = 0; i < DISTRIBUTIONS; i++) names[i] = distributions[i].name;
    const char *nearest = text_nearest(key, names, DISTRIBUTIONS);
    snprintf(hint, sizeof hint, nearest ? "did you mean \"%s\"?" : "as in {uniform: [0, 1]}%s",
             nearest ? nearest : "");
    resolver_complain(
        reader->resolver, node->mark, &place, hint,
        "expected one of uniform, log_uniform, int_uniform, normal, choice with its numbers");
}

basin_status sweep_draw_read(const struct sweep_reader *reader, const struct tree_member *member,
                             uint64_t seed, struct sweep_draw *draw)
{
    const struct tree *node = member->value;
    const struct tree_member *said = NULL;
    bool right = true;
    *draw = (struct sweep_draw){.member = member, .random = random_of(member->key, seed)};
    TRY(sweep_row(reader, member, &draw->row));
    if (!draw->row) return BASIN_OK;
    for (size_t i = 0; i < DISTRIBUTIONS && !said; i++) {
        said = tree_find(node, distributions[i].name);
        draw->which = i;
    }
    if (said) draw->list = said->value;
    if (!said) complain_distribution(reader, member);
    for (size_t i = 0; said && i < node->map.count; i++)
        if (&node->map.members[i] != said)
            right = read_replace(reader, &node->map.members[i], draw) && right;
    if (!said || !right || !read_distribution(reader, draw)) draw->row = NULL;
    check_once(reader, draw);
    if (draw->row && distributions[draw->which].draw && !sweep_takes_integers(draw->row))
        draw->digits = digits_of(draw);
    return reader->resolver->status;
}

/* ---- drawing ---- */

size_t sweep_draw_most(const struct sweep_draw *draw)
{
    return draw->once ? draw->list->list.count : SIZE_MAX;
}

/* Fisher and Yates: value i is one of those that are left. */
static basin_status draw_once(const struct sweep_reader *reader, struct sweep_draw *draw,
                              size_t count)
{
    size_t values = draw->list->list.count;
    struct tree **left = arena_array(reader->resolver->arena, struct tree *, values);
    if (!left) return BASIN_MEMORY;
    memcpy(left, draw->list->list.items, values * sizeof(struct tree *));
    for (size_t i = 0; i < count; i++) {
        size_t which = i + random_below(&draw->random, i, (uint32_t)(values - i));
        draw->nodes[i] = left[which];
        left[which] = left[i];
    }
    return BASIN_OK;
}

basin_status sweep_draw_make(const struct sweep_reader *reader, struct sweep_draw *draw,
                             size_t count)
{
    draw->nodes = arena_array(reader->resolver->arena, struct tree *, count + 1);
    if (!draw->nodes) return BASIN_MEMORY;
    if (draw->once) return draw_once(reader, draw, count);
    for (size_t i = 0; i < count; i++) {
        if (distributions[draw->which].draw)
            draw->nodes[i] = draw_node(reader, draw, i, draw->digits);
        else
            draw->nodes[i] =
                draw->list->list
                    .items[random_below(&draw->random, i, (uint32_t)draw->list->list.count)];
        if (!draw->nodes[i]) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

basin_status sweep_draw_refine(const struct sweep_reader *reader, struct sweep_draw *draw, size_t i,
                               int digits)
{
    if (!draw->digits || digits <= draw->digits) return BASIN_OK;
    draw->nodes[i] = draw_node(reader, draw, i, digits);
    return draw->nodes[i] ? BASIN_OK : BASIN_MEMORY;
}
