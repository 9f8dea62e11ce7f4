#include "analysis/compare.h"

#include <stdlib.h>
#include <string.h>
#include "spec/tree.h"

static const char provenance[] = "/provenance", data[] = "/data", spec[] = "/spec",
                  measures[] = "/measures";

static bool is_in_group(const struct record_item *item, const char *group)
{
    size_t length = strlen(group);
    return strncmp(item->path, group, length) == 0 &&
           (!item->path[length] || item->path[length] == '/');
}

/* What is recorded of the data has grown with the versions: it counts where both have it. The spec
 * is compared on its own. */
static bool counts(const struct record_item *item, const struct record *other)
{
    return !is_in_group(item, provenance) && strcmp(item->path, spec) != 0 &&
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
 * may differ, and words for people change with the versions. The measures that a file was asked for
 * are those that it holds, each with its options. */
static bool attribute_counts(const struct record_item *item, const char *name)
{
    static const char *const words[] = {"title", "definition", "long_name", "source"};
    if (is_root(item)) return strcmp(name, "run_id") == 0 || strcmp(name, "status") == 0;
    if (strcmp(item->path, data) == 0) return strcmp(name, "digest") == 0;
    if (strcmp(item->path, measures) == 0 && strcmp(name, "measures") == 0) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0) return false;
    return true;
}

static bool same_scalar(const struct tree *a, const struct tree *b)
{
    char *a_end, *b_end;
    if (a->kind != TREE_SCALAR || b->kind != TREE_SCALAR) return a->kind == b->kind;
    double x = strtod(a->text, &a_end), y = strtod(b->text, &b_end);
    bool are_numbers = a_end != a->text && !*a_end && b_end != b->text && !*b_end;
    return are_numbers ? x == y : strcmp(a->text, b->text) == 0;
}

static struct tree *read_options(struct arena *arena, const char *text)
{
    struct diagnostics diagnostics;
    struct tree *root = NULL;
    struct tree_source source = {.text = text, .length = strlen(text)};
    diagnostics_start(&diagnostics, arena);
    if (tree_read(arena, &source, &diagnostics, &root) != BASIN_OK || diagnostics.total)
        return NULL;
    return root && root->kind == TREE_MAP ? root : NULL;
}

/* "{k: 1, tolerance: 1e-6}": a key that only one version has does not count, nor how numbers are
 * spelled. */
static bool same_options(struct arena *arena, const char *a, const char *b)
{
    if (strcmp(a, b) == 0) return true;
    const struct tree *x = read_options(arena, a), *y = read_options(arena, b);
    for (size_t i = 0; x && y && i < x->map.count; i++) {
        const struct tree_member *other = tree_find(y, x->map.members[i].key);
        if (other && !same_scalar(x->map.members[i].value, other->value)) return false;
    }
    return x && y;
}

static bool same_attribute(struct arena *arena, const struct record_attribute *x,
                           const struct record_attribute *y)
{
    if (!y || x->type != y->type || x->count != y->count) return false;
    if (x->type == RECORD_TEXT && !x->count && strcmp(x->name, "options") == 0)
        return same_options(arena, *(const char *const *)x->data, *(const char *const *)y->data);
    size_t count = x->count ? x->count : 1;
    return first_difference(x->type, x->data, y->data, count) == count;
}

static bool same_attributes(struct arena *arena, const struct record_item *a,
                            const struct record_item *b, struct text *difference)
{
    for (const struct record_attribute *x = a->attributes; x; x = x->next) {
        if (!attribute_counts(a, x->name)) continue;
        if (same_attribute(arena, x, record_attribute_find(b, x->name))) continue;
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

/* A run's id is made of what its spec means. Where ids are equal, or numbers differ, the text says
 * nothing more: later versions have more keys in it, and spell numbers in another way. */
static bool same_spec(const struct record *a, const struct record *b, struct text *difference)
{
    const struct record_item *x = record_find(a, spec), *y = record_find(b, spec);
    const char *id = record_attribute_get_text(a->items, "run_id"),
               *other = record_attribute_get_text(b->items, "run_id");
    if (id && other && strcmp(id, other) == 0 && x && y) return true;
    if (x && !compare_is_in(x, b, "first", difference)) return false;
    if (y && !compare_is_in(y, a, "second", difference)) return false;
    return !x || same_data(x, y, difference);
}

bool compare_records(const struct record *a, const struct record *b, struct text *difference)
{
    for (const struct record_item *x = a->items; x; x = x->next)
        if (counts(x, b) && !(compare_is_in(x, b, "first", difference) &&
                              same_data(x, record_find(b, x->path), difference)))
            return false;
    if (!same_spec(a, b, difference)) return false;
    for (const struct record_item *y = b->items; y; y = y->next)
        if (counts(y, a) && !compare_is_in(y, a, "second", difference)) return false;
    for (const struct record_item *x = a->items; x; x = x->next) {
        const struct record_item *y = record_find(b, x->path);
        if (counts(x, b) && !(same_attributes(a->arena, x, y, difference) &&
                              same_attributes(a->arena, y, x, difference)))
            return false;
    }
    return true;
}
