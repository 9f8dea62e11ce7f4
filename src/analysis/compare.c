#include "analysis/compare.h"

#include <string.h>

static const char provenance[] = "/provenance", data[] = "/data";

static bool is_in_group(const struct record_item *item, const char *group)
{
    size_t length = strlen(group);
    return strncmp(item->path, group, length) == 0 &&
           (!item->path[length] || item->path[length] == '/');
}

/* What is recorded of the data has grown with the versions: it counts where both have it. */
static bool counts(const struct record_item *item, const struct record *other)
{
    return !is_in_group(item, provenance) &&
           (!is_in_group(item, data) || record_find(other, item->path));
}

static bool is_root(const struct record_item *item)
{
    return strcmp(item->path, "/") == 0;
}

/* Index of the first element that differs, or `count`. */
static size_t first_difference(enum record_type type, const void *a, const void *b, size_t count)
{
    size_t size = record_element_size(type), i = 0;
    for (; i < count; i++) {
        const char *x = (const char *)a + i * size, *y = (const char *)b + i * size;
        if (type == RECORD_TEXT ? strcmp(*(const char *const *)x, *(const char *const *)y) != 0
                                : memcmp(x, y, size) != 0)
            break;
    }
    return i;
}

/* Of the root only which run it is and how it ended. Titles name the study, in which two equal runs
 * may differ. */
static bool attribute_counts(const struct record_item *item, const char *name)
{
    if (is_root(item)) return strcmp(name, "run_id") == 0 || strcmp(name, "status") == 0;
    if (strcmp(item->path, data) == 0) return strcmp(name, "digest") == 0;
    return strcmp(name, "title") != 0;
}

static bool same_attributes(const struct record_item *a, const struct record_item *b,
                            struct text *difference)
{
    for (const struct record_attribute *x = a->attributes; x; x = x->next) {
        if (!attribute_counts(a, x->name)) continue;
        const struct record_attribute *y = record_attribute_find(b, x->name);
        size_t count = x->count ? x->count : 1;
        if (y && x->type == y->type && x->count == y->count &&
            first_difference(x->type, x->data, y->data, count) == count)
            continue;
        text_format(difference, "attribute %s of %s differs", x->name, a->path);
        return false;
    }
    return true;
}

static bool same_shape(const struct record_item *a, const struct record_item *b)
{
    if (a->is_group != b->is_group) return false;
    if (a->is_group) return true;
    if (a->type != b->type || a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dims[i] != b->dims[i] || strcmp(a->axes[i], b->axes[i]) != 0) return false;
    return true;
}

/* A number whole, a text by the line that differs. */
static void describe_element(struct text *out, const struct record_item *item,
                             const struct record_item *other, size_t at)
{
    char digits[32];
    if (item->type != RECORD_TEXT) {
        text_append(out, text_double(record_number(item, at), digits));
        return;
    }
    const char *text = ((const char *const *)item->data)[at],
               *twin = ((const char *const *)other->data)[at];
    size_t same = 0, start;
    while (text[same] && text[same] == twin[same]) same++;
    for (start = same; start > 0 && text[start - 1] != '\n'; start--) continue;
    size_t length = strcspn(text + start, "\n");
    text_format(out, "\"%.*s\"", length < 80 ? (int)length : 80, text + start);
}

static bool same_data(const struct record_item *a, const struct record_item *b,
                      struct text *difference)
{
    if (!same_shape(a, b)) {
        text_format(difference, "%s has another type or shape", a->path);
        return false;
    }
    size_t count = a->is_group ? 0 : record_count(a);
    size_t at = count ? first_difference(a->type, a->data, b->data, count) : 0;
    if (at == count) return true;
    text_format(difference, "%s differs, first in element %zu: ", a->path, at);
    describe_element(difference, a, b, at);
    text_append(difference, " and ");
    describe_element(difference, b, a, at);
    return false;
}

static bool compare_is_in(const struct record_item *item, const struct record *record,
                          const char *which, struct text *difference)
{
    if (record_find(record, item->path)) return true;
    text_format(difference, "only the %s has %s", which, item->path);
    return false;
}

bool compare_records(const struct record *a, const struct record *b, struct text *difference)
{
    for (const struct record_item *x = a->items; x; x = x->next)
        if (counts(x, b) && !(compare_is_in(x, b, "first", difference) &&
                              same_data(x, record_find(b, x->path), difference)))
            return false;
    for (const struct record_item *y = b->items; y; y = y->next)
        if (counts(y, a) && !compare_is_in(y, a, "second", difference)) return false;
    for (const struct record_item *x = a->items; x; x = x->next) {
        const struct record_item *y = record_find(b, x->path);
        if (counts(x, b) &&
            !(same_attributes(x, y, difference) && same_attributes(y, x, difference)))
            return false;
    }
    return true;
}
