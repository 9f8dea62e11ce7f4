#include "folder/result.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define RESULT_HINT                                                                                \
    "another program has changed this file; `basin run` sets it aside and trains its run again"

/* ---- what the root says ---- */

static bool is_status(const char *text)
{
    return strcmp(text, "finished") == 0 || strcmp(text, "diverged") == 0;
}

static bool is_id(const char *text)
{
    enum { DIGITS = 16 };
    return strlen(text) == DIGITS && strspn(text, "0123456789abcdef") == DIGITS;
}

/* As a spec may call it. */
static bool is_study_name(const char *text)
{
    enum { MOST = 64 };
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i])) return false;
    return length >= 1 && length <= MOST && text[0] != '.';
}

/* What `basin collect` writes is made as results are, and holds those of many runs. */
static basin_status refuse_collected(const char *path, const struct record *record)
{
    const char *content = record_attribute_get_text(record->items, "content");
    if (!content || strcmp(content, "study") != 0) return BASIN_OK;
    error_raise(BASIN_DATA, "%s is a collected study, not the result of one run", path);
    error_hint("name the study's folder, or one of the files in its folder runs/");
    return BASIN_DATA;
}

static basin_status check_root(const char *path, const struct record *record)
{
    TRY(refuse_collected(path, record));
    static const struct {
        const char *name, *kind;
        bool (*is)(const char *text);
    } rows[] = {{"run_id", "16 hex digits", is_id},
                {"status", "\"finished\" or \"diverged\"", is_status},
                {"study", "the name of a study", is_study_name}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = record_attribute_get_text(record->items, rows[i].name);
        if (!record_attribute_find(record->items, rows[i].name) || (text && rows[i].is(text)))
            continue;
        return error_raise(BASIN_DAMAGED, "%s: its attribute %s is %s%.60s%s, not %s", path,
                           rows[i].name, text ? "\"" : "", text ? text : "no text",
                           text ? "\"" : "", rows[i].kind);
    }
    return BASIN_OK;
}

/* ---- what arrays and groups are ---- */

enum {
    A_GROUP = 1,
    A_TEXT = 2, /* a scalar, as are the next two */
    A_FLOAT = 4,
    AN_INTEGER = 8,
    FLOATS = 16,   /* float64, over one axis */
    INTEGERS = 32, /* over one axis */
    GRID = 64,     /* float64, over two axes or more */
    WEIGHTS = 128, /* of the run's precision, over any number of axes but none */
};

/* The first that fits a path counts; `*` is any name. */
static const struct {
    const char *path;
    unsigned kinds;
    const char *axis; /* the first one, or NULL: any */
} item_rows[] = {
    {"/spec", A_TEXT, NULL},
    {"/curves", A_GROUP, NULL},
    {"/curves/epoch", INTEGERS, "epoch"},
    {"/curves/*", FLOATS, "epoch"},
    {"/steps", A_GROUP, NULL},
    {"/steps/step", INTEGERS, "step"},
    {"/steps/*", FLOATS, "step"},
    {"/tracked", A_GROUP, NULL},
    {"/tracked/*", A_GROUP, NULL},
    {"/tracked/*/epoch", INTEGERS, "epoch"},
    {"/tracked/*/*", FLOATS | GRID | INTEGERS, NULL},
    {"/measures", A_GROUP, NULL},
    {"/measures/parameters", AN_INTEGER, NULL},
    {"/measures/epochs", AN_INTEGER, NULL},
    {"/measures/steps", AN_INTEGER, NULL},
    {"/measures/best_epoch", AN_INTEGER, NULL},
    {"/measures/accuracy_gap", A_FLOAT, NULL},
    {"/measures/loss_gap", A_FLOAT, NULL},
    {"/measures/train_*", A_FLOAT, NULL},
    {"/measures/validation_*", A_FLOAT, NULL},
    {"/measures/test_*", A_FLOAT, NULL},
    {"/measures/*", A_FLOAT | A_GROUP, NULL},
    {"/measures/*/*", FLOATS | GRID | INTEGERS, NULL},
    {"/weights", A_GROUP, NULL},
    {"/weights/*", A_GROUP, NULL},
    {"/weights/*/*", WEIGHTS, NULL},
    {"/data", A_GROUP, NULL},
    {"/data/mean", FLOATS, "feature"},
    {"/data/deviation", FLOATS, "feature"},
    {"/data/feature", INTEGERS, "feature"},
    {"/data/code", INTEGERS, "token"},
    {"/data/token", INTEGERS, "token"},
    {"/data/rows", A_GROUP, NULL},
    {"/data/rows/train_label", INTEGERS, "train"},
    {"/data/rows/*", INTEGERS, NULL},
    {"/provenance", A_GROUP, NULL},
    {"/provenance/wall_time", A_FLOAT, NULL},
    {"/provenance/threads", AN_INTEGER, NULL},
    {"/provenance/inputs", A_GROUP, NULL},
    {"/provenance/inputs/*", A_GROUP, NULL},
    {"/provenance/*", A_TEXT | A_GROUP, NULL},
};

static const char *const kind_names[] = {"a group",
                                         "a text",
                                         "a number (float64)",
                                         "a whole number (int64)",
                                         "float64 over one axis",
                                         "int64 over one axis",
                                         "float64 over several axes",
                                         "an array of floats"};

static bool fits_path(const char *pattern, const char *path)
{
    for (; *pattern; pattern++) {
        if (*pattern == '*')
            path += strcspn(path, "/");
        else if (*path++ != *pattern)
            return false;
    }
    return *path == 0;
}

static unsigned kind_of_item(const struct record_item *item)
{
    bool is_wide = item->type == RECORD_FLOAT64, is_whole = item->type == RECORD_INTEGER,
         is_float = is_wide || item->type == RECORD_FLOAT32;
    unsigned weights = is_float && item->rank > 0 ? WEIGHTS : 0;
    if (item->is_group) return A_GROUP;
    switch (item->rank) {
    case 0:
        return item->type == RECORD_TEXT ? A_TEXT : is_wide ? A_FLOAT : is_whole ? AN_INTEGER : 0;
    case 1:
        return weights | (is_wide ? FLOATS : is_whole ? INTEGERS : 0);
    default:
        return weights | (is_wide ? GRID : 0);
    }
}

static void name_kinds(unsigned kinds, char out[160])
{
    out[0] = 0;
    for (size_t i = 0, length = 0; i < sizeof kind_names / sizeof *kind_names; i++)
        if (kinds >> i & 1)
            length += (size_t)snprintf(out + length, 160 - length, "%s%s", length ? " or " : "",
                                       kind_names[i]);
}

static void name_item(const struct record_item *item, char out[160])
{
    static const char *const types[] = {[RECORD_FLOAT32] = "float32",
                                        [RECORD_FLOAT64] = "float64",
                                        [RECORD_INTEGER] = "int64",
                                        [RECORD_BYTE] = "uint8",
                                        [RECORD_TEXT] = "text"};
    size_t length = 0;
    if (item->is_group) snprintf(out, 160, "a group");
    if (!item->is_group && item->rank == 0) snprintf(out, 160, "a single %s", types[item->type]);
    if (item->is_group || item->rank == 0) return;
    for (int i = 0; i < item->rank; i++)
        length +=
            (size_t)snprintf(out + length, 160 - length, "%s%zu", i ? " x " : "", item->dims[i]);
    snprintf(out + length, 160 - length, " elements of type %s", types[item->type]);
}

static basin_status refuse_item(const char *path, const struct record_item *item,
                                const char *wanted, const char *found)
{
    error_raise(BASIN_DAMAGED, "%s: %s is %s, where a result has %s", path, item->path, found,
                wanted);
    error_hint(RESULT_HINT);
    return BASIN_DAMAGED;
}

/* Items of a record, those too that were not read for their size. */
static bool has_scale(const struct record *record, const char *path, const char *axis)
{
    char scale[512];
    int folder = (int)(strrchr(path, '/') - path);
    snprintf(scale, sizeof scale, "%.*s/%s", folder, path, axis);
    if (record_find(record, scale)) return true;
    for (const struct record_item *item = record->omitted; item; item = item->next)
        if (strcmp(item->path, scale) == 0) return true;
    return false;
}

/* That a scale is as long as the axis has been seen when the file was read. */
static basin_status check_axis(const char *path, const struct record *record,
                               const struct record_item *item, const char *axis)
{
    char wanted[160], found[160];
    if (!axis || item->is_group ||
        (strcmp(item->axes[0], axis) == 0 && has_scale(record, item->path, axis)))
        return BASIN_OK;
    name_item(item, found);
    snprintf(wanted, sizeof wanted, "an array over the axis %s beside it", axis);
    return refuse_item(path, item, wanted, found);
}

static basin_status check_item(const char *path, const struct record *record,
                               const struct record_item *item)
{
    char wanted[160], found[160];
    for (size_t i = 0; i < sizeof item_rows / sizeof *item_rows; i++) {
        if (!fits_path(item_rows[i].path, item->path)) continue;
        if (kind_of_item(item) & item_rows[i].kinds)
            return check_axis(path, record, item, item_rows[i].axis);
        name_kinds(item_rows[i].kinds, wanted);
        name_item(item, found);
        return refuse_item(path, item, wanted, found);
    }
    return BASIN_OK;
}

/* ---- attributes ---- */

enum { A_NUMBER, ONE_TEXT, NUMBERS, TEXTS };

static const char *const attribute_kinds[] = {"a number", "a text", "a list of numbers",
                                              "a list of texts"};

/* Each means the same wherever it is. */
static const struct {
    const char *names;
    int kind;
} attribute_rows[] = {
    {" NX_class default basin_version stopped_by exploded units long_name definition source "
     "measure options measures reason signal title kind counts digest summary origin named_by "
     "dtype ",
     ONE_TEXT},
    {" axes auxiliary_signals names ", TEXTS},
    {" format_version converged iterations examples batch probes exact tolerance product_noise ",
     A_NUMBER},
};

static basin_status check_attribute(const char *path, const struct record_item *item,
                                    const struct record_attribute *attribute)
{
    char name[64];
    int kind = (attribute->type == RECORD_TEXT ? ONE_TEXT : A_NUMBER) |
               (attribute->count ? NUMBERS : A_NUMBER);
    int length = snprintf(name, sizeof name, " %s ", attribute->name);
    if ((size_t)length >= sizeof name || strchr(attribute->name, ' ')) return BASIN_OK;
    for (size_t i = 0; i < sizeof attribute_rows / sizeof *attribute_rows; i++) {
        int wanted = attribute_rows[i].kind;
        if (!strstr(attribute_rows[i].names, name) || kind == wanted) continue;
        error_raise(BASIN_DAMAGED, "%s: the attribute %s of %s is %s, where a result has %s", path,
                    attribute->name, item->path, attribute_kinds[kind], attribute_kinds[wanted]);
        error_hint(RESULT_HINT);
        return BASIN_DAMAGED;
    }
    return BASIN_OK;
}

basin_status result_check(const char *path, const struct record *record)
{
    TRY(check_root(path, record));
    for (const struct record_item *item = record->items; item; item = item->next) {
        TRY(check_item(path, record, item));
        for (const struct record_attribute *each = item->attributes; each; each = each->next)
            TRY(check_attribute(path, item, each));
    }
    for (const struct record_item *item = record->omitted; item; item = item->next)
        TRY(check_item(path, record, item));
    return BASIN_OK;
}
