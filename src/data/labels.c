#include "data/labels.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/escape.h"

const char *const data_tasks[] = {"auto", "classification", "regression",
                                  NULL}; /* enum data_asked */

enum { WRITTEN_MOST = 64, LABELS_SHOWN = 8 }; /* of a label in a message */

static const int y_arrays[SOURCE_PARTS] = {[SOURCE_TRAIN] = ARRAY_Y, [SOURCE_TEST] = ARRAY_Y_TEST};

/* ---- the task ---- */

static bool holds_texts(const struct source_array *y)
{
    return y->array.type == RECORD_TEXT;
}

static basin_status refuse_text_targets(const struct source_array *y)
{
    error_raise(BASIN_DATA, "holds texts, which cannot be regression targets");
    source_array_refuse(y);
    error_key("task");
    error_hint("leave task out: texts are the names of classes");
    return BASIN_DATA;
}

static basin_status refuse_listing(const struct source_array *y)
{
    error_raise(BASIN_DATA, "holds regression targets, and classes lists labels");
    source_array_refuse(y);
    error_key("classes");
    error_hint("leave classes out; or, if y is whole numbers that name classes, write task: "
               "classification");
    return BASIN_DATA;
}

/* Labels on one side and floats, or texts, on the other are no task. */
static basin_status check_together(const struct source_array *train,
                                   const struct source_array *test, enum data_asked asked)
{
    if (!source_array_is_there(test)) return BASIN_OK;
    bool differ = source_array_is_float(train) != source_array_is_float(test);
    if (holds_texts(train) != holds_texts(test) || (differ && asked == TASK_AUTO))
        return source_arrays_refuse_types(
            train, test, "integers and texts are classes, and floats make it a regression");
    return BASIN_OK;
}

basin_status labels_task(struct source *source, const struct source_input *input,
                         const struct data_settings *settings)
{
    const struct source_array *y = &input->arrays[ARRAY_Y];
    bool regression = settings->task == TASK_REGRESSION ||
                      (settings->task == TASK_AUTO && source_array_is_float(y));
    source->task = regression ? DATA_REGRESSION : DATA_CLASSIFICATION;
    if (regression && holds_texts(y)) return refuse_text_targets(y);
    if (regression && settings->classes.count) return refuse_listing(y);
    return check_together(y, &input->arrays[ARRAY_Y_TEST], settings->task);
}

/* ---- regression targets ---- */

static basin_status take_targets(struct source *source, int part, const struct source_array *y)
{
    size_t count = store_array_count(&y->array);
    struct array_part *taken = &source_arrays(source)->parts[part];
    struct record_item item = {.type = y->array.type, .data = y->array.data};
    if (y->array.rank > 2) {
        error_raise(BASIN_DATA, "has %d dimensions; regression targets have shape (N) or (N, k)",
                    y->array.rank);
        return source_array_refuse(y);
    }
    TRY(source_array_finite(y, &taken->y_from.most));
    taken->targets = memory_allocate(count * sizeof *taken->targets);
    if (!taken->targets) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) taken->targets[i] = record_number(&item, i);
    source->outputs = count / y->array.dims[0];
    return BASIN_OK;
}

static basin_status take_all_targets(struct source *source, const struct source_input *input)
{
    const struct source_array *test = &input->arrays[ARRAY_Y_TEST];
    TRY(take_targets(source, SOURCE_TRAIN, &input->arrays[ARRAY_Y]));
    if (!source_array_is_there(test)) return BASIN_OK;
    TRY(source_arrays_check_shapes(&input->arrays[ARRAY_Y], test));
    return take_targets(source, SOURCE_TEST, test);
}

/* ---- labels as they are written ---- */

/* A number, or a text where that is not NULL. */
struct label {
    int64_t number;
    const char *text;
};

static int label_compare(const void *a, const void *b)
{
    const struct label *x = a, *y = b;
    if (x->text) return strcmp(x->text, y->text);
    return (x->number > y->number) - (x->number < y->number);
}

static const char *label_written(const struct label *label, char out[WRITTEN_MOST])
{
    if (label->text)
        snprintf(out, WRITTEN_MOST, "\"%.50s\"", label->text);
    else
        snprintf(out, WRITTEN_MOST, "%" PRId64, label->number);
    return out;
}

struct labels {
    const struct source_array *y;
    size_t count;
    struct label *items; /* (count) */
};

static basin_status refuse_fraction(const struct source_array *y, size_t i, double value)
{
    error_raise(BASIN_DATA, "%g at element %zu is not a whole number, which labels are", value, i);
    source_array_refuse(y);
    error_key("task");
    error_expected("a whole number");
    error_found("%g", value);
    error_hint("leave task: classification out to take y as regression targets");
    return BASIN_DATA;
}

static basin_status read_numbers(struct labels *labels)
{
    const struct source_array *y = labels->y;
    struct record_item item = {.type = y->array.type, .data = y->array.data};
    for (size_t i = 0; i < labels->count; i++) {
        double value = record_number(&item, i);
        if (!(fabs(value) <= 0x1p62) || value != floor(value)) return refuse_fraction(y, i, value);
        labels->items[i].number =
            y->array.type == RECORD_INTEGER ? ((const int64_t *)y->array.data)[i] : (int64_t)value;
    }
    return BASIN_OK;
}

static void read_texts(struct labels *labels)
{
    const char *text = labels->y->array.data;
    for (size_t i = 0; i < labels->count; i++)
        labels->items[i].text = text + i * labels->y->array.width;
}

/* ---- one-hot rows ---- */

static basin_status refuse_many(const struct source_array *y, size_t each)
{
    error_raise(BASIN_DATA, "has %zu labels for each example; one is wanted", each);
    if (!holds_texts(y))
        error_hint("if each row has a single 1 among zeros, write task: classification; if they "
                   "are %zu quantities, task: regression",
                   each);
    return source_array_refuse(y);
}

/* The place of the only 1 of a row, or -1. */
static int64_t hot_place(const struct record_item *item, size_t first, size_t each)
{
    int64_t place = -1;
    for (size_t k = 0; k < each; k++) {
        double value = record_number(item, first + k);
        if (value == 0) continue;
        if (value != 1 || place >= 0) return -1;
        place = (int64_t)k;
    }
    return place;
}

static basin_status read_hot(struct labels *labels, size_t each)
{
    const struct source_array *y = labels->y;
    struct record_item item = {.type = y->array.type, .data = y->array.data};
    for (size_t i = 0; i < labels->count; i++) {
        labels->items[i].number = hot_place(&item, i * each, each);
        if (labels->items[i].number >= 0) continue;
        error_raise(BASIN_DATA,
                    "row %zu does not have a single 1 among zeros, as labels of %zu "
                    "columns have",
                    i, each);
        source_array_refuse(y);
        error_key("task");
        return BASIN_DATA;
    }
    return BASIN_OK;
}

/* `*each`: columns of y; more than one are one-hot. */
static basin_status labels_read(struct labels *labels, const struct data_settings *settings,
                                size_t *each)
{
    const struct source_array *y = labels->y;
    labels->count = y->array.dims[0];
    *each = store_array_count(&y->array) / labels->count;
    if (*each > 1 && (holds_texts(y) || settings->task == TASK_AUTO)) return refuse_many(y, *each);
    labels->items = memory_allocate(labels->count * sizeof *labels->items);
    if (!labels->items) return BASIN_MEMORY;
    if (*each > 1) return read_hot(labels, *each);
    if (!holds_texts(y)) return read_numbers(labels);
    read_texts(labels);
    return BASIN_OK;
}

/* ---- which label is which class ---- */

/* Labels sorted, each with its class; empty where labels are the numbers of their classes. */
struct dictionary {
    struct class_of {
        struct label label; /* first: compared as such */
        int32_t class;
    } * entries;
    size_t count;
};

static basin_status refuse_label(const struct source_array *y, size_t i, int64_t label, size_t most)
{
    const struct idx_layout *layout = &y->layout;
    size_t byte = layout->start + i * layout->size;
    error_raise(BASIN_DATA, "label %" PRId64 " at element %zu is not a class (0 to %zu)", label, i,
                most);
    if (layout->size)
        error_raise(BASIN_DATA,
                    "%s: label %" PRId64 " of element %zu is not a class, 0 to %zu (byte %zu%s)",
                    y->file, label, i, most, byte,
                    layout->packed ? " of the uncompressed content" : "");
    error_expected("0 to %zu", most);
    error_found("%" PRId64, label);
    error_hint("name the labels that are classes, in order: classes: [...]; or, if y is a "
               "quantity, write task: regression");
    if (!layout->size) return source_array_refuse(y);
    error_byte(y->file, (long long)byte);
    error_key("%s", y->key);
    return BASIN_DATA;
}

static basin_status refuse_classes(const struct source_array *y)
{
    error_raise(BASIN_DATA, "has more than %d different labels", LABELS_CLASSES_MOST);
    error_hint("if y is a quantity, write task: regression");
    return source_array_refuse(y);
}

/* All labels of both parts, sorted, each once. */
static basin_status dictionary_collect(const struct labels parts[SOURCE_PARTS],
                                       struct dictionary *dictionary)
{
    size_t all = parts[SOURCE_TRAIN].count + parts[SOURCE_TEST].count, count = 0;
    struct class_of *entries = memory_allocate(all * sizeof *entries);
    if (!entries) return BASIN_MEMORY;
    dictionary->entries = entries;
    for (int part = 0; part < SOURCE_PARTS; part++)
        for (size_t i = 0; i < parts[part].count; i++)
            entries[count++].label = parts[part].items[i];
    qsort(entries, count, sizeof *entries, label_compare);
    for (size_t i = 0; i < count; i++) {
        if (dictionary->count && label_compare(&entries[i], &entries[dictionary->count - 1]) == 0)
            continue;
        entries[dictionary->count] = entries[i];
        entries[dictionary->count].class = (int32_t)dictionary->count;
        if (++dictionary->count > LABELS_CLASSES_MOST) return refuse_classes(parts[0].y);
    }
    return BASIN_OK;
}

static basin_status refuse_listed(size_t i, const char *text, const char *what)
{
    error_raise(BASIN_DATA, "classes[%zu]: \"%.50s\" %s", i, text, what);
    error_key("classes");
    return BASIN_DATA;
}

static basin_status listed_number(size_t i, const char *text, int64_t *number)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno)
        return refuse_listed(i, text, "is not a whole number, which the labels of these data are");
    *number = value;
    return BASIN_OK;
}

/* The classes that the spec lists, in its order. */
static basin_status dictionary_list(const struct setting_texts *listed, bool texts,
                                    struct dictionary *dictionary)
{
    struct class_of *entries = memory_allocate(listed->count * sizeof *entries);
    if (!entries) return BASIN_MEMORY;
    dictionary->entries = entries;
    dictionary->count = listed->count;
    for (size_t i = 0; i < listed->count; i++) {
        entries[i].class = (int32_t)i;
        if (texts)
            entries[i].label.text = listed->items[i];
        else
            TRY(listed_number(i, listed->items[i], &entries[i].label.number));
    }
    qsort(entries, listed->count, sizeof *entries, label_compare);
    for (size_t i = 1; i < listed->count; i++)
        if (label_compare(&entries[i - 1], &entries[i]) == 0)
            return refuse_listed((size_t)entries[i].class, listed->items[entries[i].class],
                                 "is listed twice");
    return BASIN_OK;
}

static const struct class_of *dictionary_find(const struct dictionary *dictionary,
                                              const struct label *label)
{
    return bsearch(label, dictionary->entries, dictionary->count, sizeof *dictionary->entries,
                   label_compare);
}

/* Are sorted numbers such that the least is class 0, and so on? */
static bool is_renumbered(const struct dictionary *dictionary)
{
    int64_t least = dictionary->entries[0].label.number;
    return least > 0 ||
           (dictionary->count == 2 && least == -1 && dictionary->entries[1].label.number == 1);
}

static void dictionary_forget(struct dictionary *dictionary)
{
    memory_free(dictionary->entries);
    *dictionary = (struct dictionary){0};
}

static basin_status dictionary_make(const struct labels parts[SOURCE_PARTS], bool is_known,
                                    const struct setting_texts *listed,
                                    struct dictionary *dictionary)
{
    bool texts = holds_texts(parts[SOURCE_TRAIN].y);
    if (listed->count) return dictionary_list(listed, texts, dictionary);
    if (is_known) return BASIN_OK;
    basin_status status = dictionary_collect(parts, dictionary);
    if (status == BASIN_OK && !texts && !is_renumbered(dictionary)) dictionary_forget(dictionary);
    return status;
}

/* ---- names ---- */

static basin_status name_classes(struct source *source, const struct dictionary *dictionary)
{
    const char **names = arena_array(source->arena, const char *, dictionary->count + 1);
    if (!names) return BASIN_MEMORY;
    source->names.is_sorted = true;
    for (size_t i = 0; i < dictionary->count; i++) {
        const struct class_of *entry = &dictionary->entries[i];
        source->names.is_sorted &= entry->class == (int32_t)i;
        const char *name = entry->label.text
                               ? arena_text(source->arena, entry->label.text)
                               : arena_format(source->arena, "%" PRId64, entry->label.number);
        if (!name) return BASIN_MEMORY;
        names[entry->class] = name;
        source->names.mapped |= !entry->label.text;
    }
    source->names.low = dictionary->entries[0].label.number;
    source->names.high = dictionary->entries[dictionary->count - 1].label.number;
    source->names.classes = names;
    return BASIN_OK;
}

/* Those that the files give; of a list, those of the labels that are listed. */
static basin_status names_given(struct source *source, const struct source_input *input,
                                const struct dictionary *dictionary)
{
    size_t count = source->outputs;
    const char **names = arena_array(source->arena, const char *, count + 1);
    if (!names) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) {
        int64_t label = (int64_t)i;
        for (size_t k = 0; k < dictionary->count; k++)
            if (dictionary->entries[k].class == (int32_t)i)
                label = dictionary->entries[k].label.number;
        bool is_named = label >= 0 && (size_t)label < input->class_count;
        names[i] = is_named ? arena_text(source->arena, input->classes[label])
                            : arena_format(source->arena, "%" PRId64, label);
        if (!names[i]) return BASIN_MEMORY;
    }
    source->names.classes = names;
    return BASIN_OK;
}

/* ---- from labels to classes ---- */

static basin_status encode_as_is(struct source *source, int part, const struct labels *labels,
                                 size_t known)
{
    int64_t most = (int64_t)(known ? known : LABELS_CLASSES_MOST) - 1;
    int32_t *out = source_arrays(source)->parts[part].labels;
    for (size_t i = 0; i < labels->count; i++) {
        int64_t label = labels->items[i].number;
        if (label < 0 || label > most) return refuse_label(labels->y, i, label, (size_t)most);
        out[i] = (int32_t)label;
        if ((size_t)label >= source->outputs) source->outputs = (size_t)label + 1;
    }
    return BASIN_OK;
}

/* Those that have no class are left out; `*kept` lists the others where there are such. */
static basin_status encode_listed(struct source *source, int part, const struct labels *labels,
                                  const struct dictionary *dictionary, uint32_t **kept)
{
    int32_t *out = source_arrays(source)->parts[part].labels;
    uint32_t *rows = memory_allocate((labels->count + 1) * sizeof *rows);
    size_t count = 0;
    if (!rows) return BASIN_MEMORY;
    *kept = rows;
    for (size_t i = 0; i < labels->count; i++) {
        const struct class_of *found = dictionary_find(dictionary, &labels->items[i]);
        if (!found) continue;
        rows[count] = (uint32_t)i;
        out[count++] = found->class;
    }
    source_arrays(source)->parts[part].count = count;
    source->names.left_out += labels->count - count;
    if (count > 0) return BASIN_OK;
    error_raise(BASIN_DATA, "has none of the labels that classes lists");
    source_array_refuse(labels->y);
    error_key("classes");
    return BASIN_DATA;
}

/* "the data have 3 labels: "cat", "dog", "eel"", the first few of them. */
static void hint_labels(const struct dictionary *there)
{
    char written[WRITTEN_MOST];
    struct text list = {0};
    for (size_t i = 0; i < there->count && i < LABELS_SHOWN; i++)
        text_format(&list, "%s%s", i ? ", " : "", label_written(&there->entries[i].label, written));
    error_hint("the data have %zu labels: %s%s", there->count, text_data(&list),
               there->count > LABELS_SHOWN ? ", ..." : "");
    text_free(&list);
}

/* A class that no example has is a slip of the pen. */
static basin_status check_listed(const struct labels parts[SOURCE_PARTS],
                                 const struct dictionary *dictionary)
{
    char written[WRITTEN_MOST];
    struct dictionary there = {0};
    basin_status status = dictionary_collect(parts, &there);
    for (size_t i = 0; status == BASIN_OK && i < dictionary->count; i++) {
        const struct label *label = &dictionary->entries[i].label;
        if (dictionary_find(&there, label)) continue;
        status = error_raise(BASIN_DATA, "classes[%d]: no example has the label %s",
                             dictionary->entries[i].class, label_written(label, written));
        error_key("classes");
        hint_labels(&there);
    }
    dictionary_forget(&there);
    return status;
}

static basin_status labels_encode(struct source *source, const struct labels parts[SOURCE_PARTS],
                                  const struct dictionary *dictionary, size_t known,
                                  uint32_t *kept[SOURCE_PARTS])
{
    for (int part = 0; part < SOURCE_PARTS; part++) {
        if (!parts[part].y) continue;
        if (dictionary->count)
            TRY(encode_listed(source, part, &parts[part], dictionary, &kept[part]));
        else
            TRY(encode_as_is(source, part, &parts[part], known));
    }
    if (dictionary->count) source->outputs = dictionary->count;
    return BASIN_OK;
}

static basin_status labels_classes(struct source *source, const struct source_input *input,
                                   const struct data_settings *settings,
                                   struct labels parts[SOURCE_PARTS], struct dictionary *dictionary,
                                   uint32_t *kept[SOURCE_PARTS])
{
    size_t columns = 0, known = input->class_count;
    for (int part = 0; part < SOURCE_PARTS; part++) {
        const struct source_array *y = &input->arrays[y_arrays[part]];
        size_t each;
        if (!source_array_is_there(y)) continue;
        parts[part].y = y;
        TRY(labels_read(&parts[part], settings, &each));
        if (part == SOURCE_TRAIN) columns = each;
        if (each != columns) return source_arrays_check_shapes(parts[SOURCE_TRAIN].y, y);
        int32_t *labels = source_arrays(source)->parts[part].labels =
            memory_allocate(parts[part].count * sizeof *labels);
        if (!labels) return BASIN_MEMORY;
    }
    if (columns > 1) known = columns;
    source->outputs = known;
    TRY(dictionary_make(parts, known > 0, &settings->classes, dictionary));
    if (settings->classes.count) TRY(check_listed(parts, dictionary));
    TRY(labels_encode(source, parts, dictionary, known, kept));
    if (dictionary->count) TRY(name_classes(source, dictionary));
    return input->classes ? names_given(source, input, dictionary) : BASIN_OK;
}

basin_status labels_take(struct source *source, const struct source_input *input,
                         const struct data_settings *settings, uint32_t *kept[SOURCE_PARTS])
{
    struct labels parts[SOURCE_PARTS] = {0};
    struct dictionary dictionary = {0};
    for (int part = 0; part < SOURCE_PARTS; part++) {
        const struct source_array *y = &input->arrays[y_arrays[part]];
        struct array_part *taken = &source_arrays(source)->parts[part];
        if (!source_array_is_there(y)) continue;
        taken->count = y->array.dims[0];
        TRY(source_array_origin(y, &taken->y_from));
    }
    if (source->task == DATA_REGRESSION) return take_all_targets(source, input);
    basin_status status = labels_classes(source, input, settings, parts, &dictionary, kept);
    for (int part = 0; part < SOURCE_PARTS; part++) memory_free(parts[part].items);
    dictionary_forget(&dictionary);
    return status;
}
