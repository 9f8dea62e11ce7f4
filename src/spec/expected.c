#include "spec/expected.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"

bool has_minimum(const struct schema_row *row)
{
    return row->minimum != 0 || row->maximum != 0 || (row->flags & SCHEMA_OPEN_MINIMUM);
}

bool has_maximum(const struct schema_row *row)
{
    return (row->minimum != 0 || row->maximum != 0) && row->maximum >= row->minimum;
}

static const char *bound(double value, bool whole, char out[32])
{
    if (value == floor(value) && fabs(value) <= (whole ? LARGEST_EXACT_INTEGER : 9999999))
        snprintf(out, 32, "%.0f", value);
    else
        text_double(value, out);
    return out;
}

/* A bound beyond VAST only keeps the arithmetic safe: not worth a word, unless it was exceeded
 * (`all`). */
static void range_text(const struct schema_row *row, bool all, bool whole, struct text *out)
{
    enum { VAST = 1000000000 };
    char low[32], high[32];
    bool open_low = row->flags & SCHEMA_OPEN_MINIMUM, open_high = row->flags & SCHEMA_OPEN_MAXIMUM;
    bool is_below = has_minimum(row) && (all || row->minimum > -VAST);
    bool is_above = has_maximum(row) && (all || row->maximum < VAST);
    bound(row->minimum, whole, low);
    bound(row->maximum, whole, high);
    if (is_below && is_above && !open_low && !open_high)
        text_format(out, " from %s to %s", low, high);
    else if (is_below && is_above)
        text_format(out, " %s %s and %s %s", open_low ? "greater than" : "of at least", low,
                    open_high ? "less than" : "at most", high);
    else if (is_below)
        text_format(out, " %s %s", open_low ? "greater than" : "of at least", low);
    else if (is_above)
        text_format(out, " %s %s", open_high ? "less than" : "of at most", high);
}

static void choices_text(const struct schema_row *row, struct text *out)
{
    const char *names[SCHEMA_CHOICES];
    size_t count = choice_names(row, names);
    text_append(out, "one of ");
    for (size_t i = 0; i < count; i++) text_format(out, "%s%s", i ? ", " : "", names[i]);
}

void expected_with_bounds(const struct schema_row *row, enum schema_type type, bool all,
                          struct text *out)
{
    static const char *const nouns[] = {
        [SCHEMA_BOOLEAN] = "true or false",
        [SCHEMA_INTEGER] = "an integer",
        [SCHEMA_FLOAT] = "a number",
        [SCHEMA_TEXT] = "a text",
        [SCHEMA_PATH] = "a path",
        [SCHEMA_COUNT] = "\"all\" or an integer",
        [SCHEMA_INTEGERS] = "a list of integers",
        [SCHEMA_NUMBERS] = "a list of numbers",
        [SCHEMA_TEXTS] = "a list of texts",
        [SCHEMA_PAIR] = "an integer, or [height, width],",
        [SCHEMA_TABLE] = "a block of keys",
        [SCHEMA_TABLES] = "a list of blocks",
        [SCHEMA_SET] = "a block of keys",
        [SCHEMA_NAME] = "1 to 64 letters, digits, \".\", \"_\", \"-\", not starting with a dot"};
    if (type == SCHEMA_CHOICE)
        choices_text(row, out);
    else if (type == SCHEMA_VARIANT)
        text_format(out, "a name or a block with \"%s\"", row->discriminator);
    else if (type == SCHEMA_TABLE && row->discriminator)
        text_format(out, "a value, or a block with \"%s\"", row->discriminator);
    else if (type == SCHEMA_SEQUENCE)
        text_format(out, "a list of %s", row->registry->plural);
    else
        text_append(out, nouns[type]);
    bool is_number = type == SCHEMA_INTEGER || type == SCHEMA_FLOAT || type == SCHEMA_COUNT ||
                     type == SCHEMA_INTEGERS || type == SCHEMA_NUMBERS || type == SCHEMA_PAIR;
    bool is_whole = type == SCHEMA_INTEGER || type == SCHEMA_COUNT || type == SCHEMA_INTEGERS ||
                    type == SCHEMA_PAIR;
    if (is_number) range_text(row, all, is_whole, out);
    if (is_number && row_counts_steps(row))
        text_append(out, " (steps), or \"N epochs\"");
    else if (is_number && row->unit && strcmp(row->unit, "1") != 0)
        text_format(out, " (%s)", row->unit);
    if (type == SCHEMA_PAIR && row->choices) {
        text_append(out, ", or ");
        choices_text(row, out);
    }
}

void expected_text(const struct schema_row *row, enum schema_type type, struct text *out)
{
    expected_with_bounds(row, type, false, out);
}
