#include "spec/scalar.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spec/expected.h"
#include "spec/number.h"

static enum number scan(const char *text, bool whole, char *hint, size_t size)
{
    bool leading_zero = false;
    enum number number = number_kind(text, &leading_zero);
    if (number == NUMBER_NONE) {
        number_hint(text, whole, hint, size);
        return NUMBER_WRONG;
    }
    if (!leading_zero) return number;
    const char *digits = text + (*text == '+' || *text == '-');
    const char *rest = digits + strspn(digits, "0");
    bool is_zero = !*rest || *rest == '.' || *rest == 'e' || *rest == 'E';
    const char *sign = *text == '-' ? "-" : "";
    bool is_decimal = !whole && !is_zero && !rest[strspn(rest, "0123456789")]; /* of [0,05] */
    int length = snprintf(hint, size, "leading zeros are not allowed; write %s%s%.40s", sign,
                          is_zero ? "0" : "", rest);
    if (is_decimal && length > 0 && (size_t)length < size)
        snprintf(hint + length, size - (size_t)length, "; decimals have a point: 0.%.40s", digits);
    return NUMBER_WRONG;
}

bool scalar_integer(const char *text, int64_t *out, char *hint, size_t size)
{
    enum number number = scan(text, true, hint, size);
    if (number == NUMBER_WRONG) return false;
    if (number == NUMBER_FLOAT) {
        double value = strtod(text, NULL);
        char grouped[NUMBER_TEXT];
        bool is_whole = value == floor(value) && fabs(value) <= LARGEST_EXACT_INTEGER;
        if (number_grouped(text, grouped) && is_whole)
            snprintf(hint, size, "write %s, or %.0f", grouped, value);
        else if (number_grouped(text, grouped))
            snprintf(hint, size, "write %s", grouped);
        else if (is_whole)
            snprintf(hint, size, "write %.0f", value + 0.0);
        return false;
    }
    errno = 0;
    *out = strtoll(text, NULL, 10);
    if (errno) snprintf(hint, size, "it is too large for an integer of 64 bits");
    return errno == 0;
}

static bool scalar_number(const char *text, double *out, char *hint, size_t size)
{
    if (scan(text, false, hint, size) == NUMBER_WRONG) return false;
    double value = strtod(text, NULL);
    bool is_nonzero = strcspn(text, "123456789") < strcspn(text, "eE");
    if (isinf(value)) snprintf(hint, size, "it is too large for a float");
    if (value == 0 && is_nonzero) snprintf(hint, size, "it is too small for a float");
    *out = value == 0 ? 0 : value; /* -0 is 0 */
    return !isinf(value) && !(value == 0 && is_nonzero);
}

static bool scalar_boolean(const char *text, bool *out, char *hint, size_t size)
{
    static const char *const words[2][3] = {{"false", "False", "FALSE"}, {"true", "True", "TRUE"}};
    static const char *const other[2][6] = {{"no", "off", "n", "0", "false", "f"},
                                            {"yes", "on", "y", "1", "true", "t"}};
    for (int truth = 0; truth < 2; truth++)
        for (int i = 0; i < 3; i++)
            if (strcmp(text, words[truth][i]) == 0) {
                *out = truth;
                return true;
            }
    for (int truth = 0; truth < 2; truth++)
        for (int i = 0; i < 6; i++)
            if (strcasecmp(text, other[truth][i]) == 0)
                snprintf(hint, size, "write %s", words[truth][0]);
    return false;
}

bool scalar_in_range(const struct schema_row *row, double value)
{
    if (has_minimum(row) &&
        (value < row->minimum || (value == row->minimum && row->flags & SCHEMA_OPEN_MINIMUM)))
        return false;
    return !has_maximum(row) || value < row->maximum ||
           (value == row->maximum && !(row->flags & SCHEMA_OPEN_MAXIMUM));
}

static void found_text(const struct tree *node, struct text *out)
{
    if (node->kind == TREE_LIST)
        text_append(out, "a list");
    else if (node->kind == TREE_MAP)
        text_append(out, "a block of keys");
    else if (tree_is_null(node))
        text_append(out, "nothing");
    else
        text_format(out, "\"%.40s\"%s%s", node->text, strlen(node->text) > 40 ? "..." : "",
                    node->plain ? "" : " in quotes");
}

static bool scalar_refuse(struct resolver *resolver, const struct schema_row *row,
                          enum schema_type type, const struct tree *node, const struct place *place,
                          const char *hint)
{
    struct text expected = {0}, found = {0};
    expected_text(row, type, &expected);
    found_text(node, &found);
    if (node->kind == TREE_SCALAR && node->folded && strstr(node->text, " - "))
        hint = COMPLAIN_INDENTED;
    resolver_complain(resolver, node->mark, place, hint, "expected %s, found %s",
                      text_data(&expected), text_data(&found));
    if (expected.failed || found.failed) resolver->status = BASIN_MEMORY;
    text_free(&expected);
    text_free(&found);
    return false;
}

/* Hints for lists and blocks where a scalar was expected. */
static bool is_usable(struct resolver *resolver, const struct schema_row *row,
                      enum schema_type type, const struct tree *node, const struct place *place)
{
    char hint[PLACE_TEXT + 160] = "", path[PLACE_TEXT];
    if (node->kind == TREE_SCALAR && !tree_is_null(node)) return true;
    bool may_sweep = node->kind == TREE_LIST && !resolver->is_axis &&
                     !(row->flags & SCHEMA_FIXED) && place && place->key;
    if (may_sweep && !place->up && strcmp(place->key, "seed") == 0)
        snprintf(hint, sizeof hint, "to try several, write \"seeds: [...]\"");
    else if (may_sweep && row->several)
        snprintf(
            hint, sizeof hint,
            "several together are \"%s: [...]\"; to try one after the other, put the path under "
            "sweep.grid: \"%s: [...]\"",
            row->several, place_text(place, path));
    else if (may_sweep)
        snprintf(hint, sizeof hint,
                 "to try several values, put the path under sweep.grid: \"%s: [...]\"",
                 place_text(place, path));
    else if (tree_is_null(node) && *node->text && (type == SCHEMA_TEXT || type == SCHEMA_NAME))
        snprintf(hint, sizeof hint, "if the word \"%s\" is meant, put it in quotes", node->text);
    return scalar_refuse(resolver, row, type, node, place, hint);
}

/* The message must name the bound that `value` exceeds, also where it is so large that messages
 * leave it out otherwise. */
static bool refuse_range(struct resolver *resolver, const struct schema_row *row,
                         enum schema_type type, double value, const struct tree *node,
                         const struct place *place)
{
    struct text expected = {0};
    bool beyond =
        (has_maximum(row) && value >= row->maximum) || (row->minimum < 0 && value <= row->minimum);
    expected_with_bounds(row, type, beyond, &expected);
    resolver_complain(resolver, node->mark, place, NULL, "%s is out of range, expected %s",
                      node->text, text_data(&expected));
    if (expected.failed) resolver->status = BASIN_MEMORY;
    text_free(&expected);
    return false;
}

/* "3 epochs" of a row that counts steps, "3 steps" of it, "3 epochs" of one that counts epochs: the
 * number in `digits`, where the text is one. */
static bool with_unit(const struct schema_row *row, const char *text, char digits[NUMBER_TEXT],
                      bool *epochs)
{
    static const char *const units[] = {"step", "steps", "epoch", "epochs"};
    const char *unit = strrchr(text, ' ');
    size_t length = unit ? (size_t)(unit - text) : NUMBER_TEXT;
    bool is_steps = row_counts_steps(row);
    bool is_epochs = row->type == SCHEMA_INTEGER && row->unit && strcmp(row->unit, "epochs") == 0;
    if (length >= NUMBER_TEXT || !(is_steps || is_epochs)) return false;
    snprintf(digits, NUMBER_TEXT, "%.*s", (int)length, text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit + 1, units[i]) == 0) {
            *epochs = i >= 2;
            return (is_steps || *epochs) && number_is(digits);
        }
    return false;
}

/* Epochs are steps only once the size of the data is known. */
static bool read_epochs(struct resolver *resolver, const struct schema_row *row, const char *digits,
                        const struct tree *node, const struct place *place, struct value *out)
{
    enum { MOST = 1000000000 };
    out->integer = 0;
    out->epochs = strtod(digits, NULL);
    if (out->epochs >= 0 && out->epochs <= MOST && (out->epochs > 0 || scalar_in_range(row, 0)))
        return true;
    return refuse_range(resolver, row, SCHEMA_INTEGER, out->epochs, node, place);
}

/* "3epochs", "3 Epochs", "3  steps": how it is written. */
static void hint_unit(const struct schema_row *row, const char *text, char *hint, size_t size)
{
    char digits[NUMBER_TEXT], written[NUMBER_TEXT], word[16] = "";
    size_t length = strspn(text, "0123456789.");
    const char *unit = text + length + strspn(text + length, " ");
    bool epochs;
    if (length == 0 || length > 30 || strlen(unit) >= sizeof word) return;
    for (size_t i = 0; unit[i]; i++) word[i] = (char)tolower((unsigned char)unit[i]);
    if (strncmp(word, "ep", 2) == 0) snprintf(word, sizeof word, "epochs");
    snprintf(written, sizeof written, "%.*s %s", (int)length, text, word);
    if (strcmp(written, text) != 0 && with_unit(row, written, digits, &epochs))
        snprintf(hint, size, "write %s", written);
}

static bool read_integer(struct resolver *resolver, const struct schema_row *row,
                         enum schema_type type, const struct tree *node, const struct place *place,
                         struct value *out)
{
    char hint[160] = "", digits[NUMBER_TEXT];
    const char *text = node->text;
    bool epochs = false, has_unit = with_unit(row, text, digits, &epochs);
    out->kind = VALUE_INTEGER;
    if (has_unit && epochs && row_counts_steps(row))
        return read_epochs(resolver, row, digits, node, place, out);
    if (has_unit) text = digits;
    bool is_integer = scalar_integer(text, &out->integer, hint, sizeof hint);
    if (is_integer && !node->plain) snprintf(hint, sizeof hint, "remove the quotes");
    if (!is_integer) hint_unit(row, node->text, hint, sizeof hint);
    if (!is_integer || !node->plain) return scalar_refuse(resolver, row, type, node, place, hint);
    return scalar_in_range(row, (double)out->integer) ||
           refuse_range(resolver, row, type, (double)out->integer, node, place);
}

static bool read_float(struct resolver *resolver, const struct schema_row *row,
                       const struct tree *node, const struct place *place, struct value *out)
{
    char hint[160] = "";
    bool scalar_is_number = scalar_number(node->text, &out->number, hint, sizeof hint);
    out->kind = VALUE_FLOAT;
    if (scalar_is_number && !node->plain) snprintf(hint, sizeof hint, "remove the quotes");
    if (!scalar_is_number || !node->plain)
        return scalar_refuse(resolver, row, SCHEMA_FLOAT, node, place, hint);
    return scalar_in_range(row, out->number) ||
           refuse_range(resolver, row, SCHEMA_FLOAT, out->number, node, place);
}

static bool read_boolean(struct resolver *resolver, const struct schema_row *row,
                         const struct tree *node, const struct place *place, struct value *out)
{
    char hint[160] = "";
    bool is_boolean = scalar_boolean(node->text, &out->boolean, hint, sizeof hint);
    out->kind = VALUE_BOOL;
    if (is_boolean && !node->plain) snprintf(hint, sizeof hint, "remove the quotes");
    return (is_boolean && node->plain) ||
           scalar_refuse(resolver, row, SCHEMA_BOOLEAN, node, place, hint);
}

static bool read_choice(struct resolver *resolver, const struct schema_row *row,
                        const struct tree *node, const struct place *place, struct value *out)
{
    char hint[160] = "";
    const char *names[SCHEMA_CHOICES];
    size_t count = choice_names(row, names);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], node->text) != 0) continue;
        *out = (struct value){.kind = VALUE_TEXT, .text = names[i]};
        return true;
    }
    const char *nearest = text_nearest(node->text, names, count);
    if (nearest) snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest);
    return scalar_refuse(resolver, row, SCHEMA_CHOICE, node, place, hint);
}

static bool is_name(const char *text)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t length = strlen(text);
    return length >= 1 && length <= 64 && text[0] != '.' && strspn(text, allowed) == length;
}

static bool read_text(struct resolver *resolver, const struct schema_row *row,
                      const struct tree *node, const struct place *place, struct value *out)
{
    size_t length = strlen(node->text);
    *out = (struct value){.kind = VALUE_TEXT, .text = node->text};
    if (row->maximum > 0 && (length < row->minimum || length > row->maximum)) {
        resolver_complain(resolver, node->mark, place, NULL,
                          "this text has %zu bytes, expected %.0f to %.0f", length, row->minimum,
                          row->maximum);
        return false;
    }
    return true;
}

/* "." and ".." are resolved in the text, without looking at the file system: links are not
 * followed. */
/* Paths are relative to the file that they are written in. */
static const char *scalar_folder_of(const struct resolver *resolver, int source)
{
    const struct diagnostics_base *bases = resolver->diagnostics->bases;
    return source < 0 && bases ? bases[-1 - source].folder : resolver->folder;
}

static char *absolute_path(struct arena *arena, const char *folder, const char *path)
{
    char *whole =
        *path == '/' ? arena_text(arena, path) : arena_format(arena, "%s/%s", folder, path);
    if (!whole) return NULL;
    size_t length = 0; /* of the output, which is never longer than the input read so far */
    for (const char *at = whole; *at;) {
        at += strspn(at, "/");
        size_t part = strcspn(at, "/");
        if (part == 2 && at[0] == '.' && at[1] == '.') {
            while (length > 0 && whole[--length] != '/') {
            }
        } else if (part > 0 && !(part == 1 && at[0] == '.')) {
            whole[length++] = '/';
            memmove(whole + length, at, part);
            length += part;
        }
        at += part;
    }
    if (length == 0) whole[length++] = '/';
    whole[length] = 0;
    return whole;
}

static bool read_path(struct resolver *resolver, const struct schema_row *row,
                      const struct tree *node, const struct place *place, struct value *out)
{
    if (!*node->text) return scalar_refuse(resolver, row, SCHEMA_PATH, node, place, NULL);
    if (*node->text == '~')
        return scalar_refuse(resolver, row, SCHEMA_PATH, node, place,
                             "\"~\" is not expanded; write the whole path");
    *out = (struct value){.kind = VALUE_TEXT,
                          .text = absolute_path(resolver->arena,
                                                scalar_folder_of(resolver, node->mark.source),
                                                node->text)};
    if (!out->text) resolver->status = BASIN_MEMORY;
    return out->text != NULL;
}

bool scalar_read(struct resolver *resolver, const struct schema_row *row, enum schema_type type,
                 const struct tree *node, const struct place *place, struct value *out)
{
    if (!is_usable(resolver, row, type, node, place)) return false;
    switch (type) {
    case SCHEMA_BOOLEAN:
        return read_boolean(resolver, row, node, place, out);
    case SCHEMA_FLOAT:
        return read_float(resolver, row, node, place, out);
    case SCHEMA_CHOICE:
        return read_choice(resolver, row, node, place, out);
    case SCHEMA_PATH:
        return read_path(resolver, row, node, place, out);
    case SCHEMA_NAME:
        return is_name(node->text) ? read_text(resolver, &(struct schema_row){0}, node, place, out)
                                   : scalar_refuse(resolver, row, type, node, place, NULL);
    case SCHEMA_COUNT:
        *out = (struct value){.kind = VALUE_INTEGER, .integer = VALUE_ALL};
        return strcmp(node->text, "all") == 0 ||
               read_integer(resolver, row, type, node, place, out);
    case SCHEMA_INTEGER:
    case SCHEMA_PAIR:
        return read_integer(resolver, row, type, node, place, out);
    default:
        return read_text(resolver, row, node, place, out);
    }
}
