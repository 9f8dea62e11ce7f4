/* How data were read, in words: what a person would look at before training on them. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "base/text.h"
#include "data/arrays.h"
#include "data/data.h"
#include "data/view.h"

enum { SHOWN_ALL = 5, SHOWN_FIRST = 3, NAME_MOST = 40 };

void view_put_name(const char *name, struct text *out)
{
    size_t length = strlen(name), most = length;
    if (length > NAME_MOST)
        for (most = NAME_MOST; ((unsigned char)name[most] & 0xc0) == 0x80;) most--; /* UTF-8 */
    text_escape_n(out, name, most);
    text_append(out, most < length ? "..." : "");
}

static const char *const part_names[DATA_PARTS] = {"training", "validation", "test"};

static bool is_arrays(const struct data *data)
{
    return data->source->kind == &source_kind_arrays && data->source->examples;
}

/* ---- the line ---- */

/* "60000 training, 500 validation and 10000 test examples" */
static void put_examples(const struct data *data, struct text *out)
{
    int last = 0, shown = 0;
    for (int part = 0; part < DATA_PARTS; part++)
        if (data->info.counts[part]) last = part;
    for (int part = 0; part < DATA_PARTS; part++) {
        if (!data->info.counts[part] && part != DATA_TRAIN) continue;
        text_format(out, "%s%zu %s",
                    !shown++       ? ""
                    : part == last ? " and "
                                   : ", ",
                    data->info.counts[part], part_names[part]);
    }
    text_append(out, data->info.vocabulary ? " windows" : " examples");
}

enum record_type data_element(const struct data *data)
{
    return source_arrays(data->source)->type;
}

static const char *element_name(const struct data *data)
{
    if (!is_arrays(data)) return "numbers";
    switch (source_arrays(data->source)->type) {
    case RECORD_BYTE:
        return "bytes";
    case RECORD_FLOAT32:
        return "float32";
    default:
        return "float64";
    }
}

/* The smallest and the largest label, or target, of all parts. */
struct span {
    double low, high;
};

static void span_take(struct span *span, double value)
{
    span->low = fmin(span->low, value);
    span->high = fmax(span->high, value);
}

static struct span label_span(const struct data *data)
{
    struct span span = {INFINITY, -INFINITY};
    for (int part = 0; part < DATA_PARTS; part++)
        for (size_t i = 0; data->clean[part] && i < data->info.counts[part]; i++)
            span_take(&span, data->clean[part][i]);
    return span;
}

static struct span target_span(const struct data *data)
{
    struct span span = {INFINITY, -INFINITY};
    size_t outputs = data->info.outputs;
    for (int part = 0; part < DATA_PARTS; part++) {
        const double *targets = arrays_part(data, (enum data_part)part)->targets;
        for (size_t i = 0; i < data->info.counts[part]; i++)
            for (size_t k = 0; k < outputs; k++)
                span_take(&span, targets[view_row(data, (enum data_part)part, i) * outputs + k]);
    }
    return span;
}

/* In quotes where it would read as several, or as none. */
static void put_class_name(const char *name, struct text *out)
{
    bool is_plain =
        *name && !strpbrk(name, ",()\"") && *name != ' ' && name[strlen(name) - 1] != ' ';
    text_append(out, is_plain ? "" : "\"");
    view_put_name(name, out);
    text_append(out, is_plain ? "" : "\"");
}

/* " (cat, dog, eel)", or of labels that are numbers ", labels 1 to 3 -> 0 to 2"; of a list in
 * another order " (8, 3)". */
static void put_class_names(const struct data_names *names, size_t count, struct text *out)
{
    if (names->mapped && names->is_sorted) {
        text_format(out, ", labels %" PRId64 " to %" PRId64 " -> 0 to %zu", names->low, names->high,
                    count - 1);
        return;
    }
    text_append(out, " (");
    size_t shown = count <= SHOWN_ALL ? count : SHOWN_FIRST;
    for (size_t i = 0; i < shown; i++) {
        text_append(out, i ? ", " : "");
        put_class_name(names->classes[i], out);
    }
    text_append(out, count > shown ? ", ...)" : ")");
}

static void put_targets(const struct data *data, struct text *out)
{
    char low[32], high[32];
    size_t outputs = data->info.outputs;
    bool regression = data->info.task == DATA_REGRESSION;
    text_format(out, "; %zu %s%s", outputs, regression ? "target" : "class",
                outputs == 1 ? ""
                : regression ? "s"
                             : "es");
    if (!is_arrays(data)) return;
    if (!regression && data->source->names.classes) {
        put_class_names(&data->source->names, outputs, out);
        return;
    }
    struct span span = regression ? target_span(data) : label_span(data);
    text_format(out, ", %s%s to %s", regression ? "" : "labels ", text_given(span.low, low),
                text_given(span.high, high));
}

void data_summary(const struct data *data, struct text *out)
{
    const struct data_info *info = &data->info;
    put_examples(data, out);
    text_append(out, " of ");
    if (info->vocabulary) {
        text_format(out, "%zu tokens; %zu different tokens", info->features, info->vocabulary);
        return;
    }
    for (int i = 0; i < info->rank; i++) text_format(out, "%s%zu", i ? " x " : "", info->dims[i]);
    text_format(out, " %s", element_name(data));
    put_targets(data, out);
    if (data->source->names.told) text_format(out, "; %s", data->source->names.told);
}
