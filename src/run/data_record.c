#include "run/data_record.h"

#include <string.h>

/* ---- texts ---- */

/* Token by token, what it stands for: rows of an embedding and of a head are in this order. */
static basin_status record_tokens(struct record *record, const uint32_t *codes, size_t count)
{
    static const char *const axis = "token";
    static const struct {
        const char *path, *long_name;
    } arrays[] = {{"/data/token", "number of a token"},
                  {"/data/code", "the byte or Unicode code point that the token stands for"}};
    int64_t *numbers = memory_allocate(count * sizeof *numbers);
    basin_status status = numbers ? BASIN_OK : BASIN_MEMORY;
    for (int which = 0; which < 2 && status == BASIN_OK; which++) {
        struct record_item *item;
        for (size_t i = 0; i < count; i++) numbers[i] = which ? (int64_t)codes[i] : (int64_t)i;
        status = record_add(record, arrays[which].path, RECORD_INTEGER, 1, &count, &axis, numbers,
                            &item);
        if (status == BASIN_OK) status = record_attribute_text(record, item, "units", "1");
        if (status == BASIN_OK)
            status = record_attribute_text(record, item, "long_name", arrays[which].long_name);
    }
    memory_free(numbers);
    return status;
}

/* Which examples of the data set each part had, in order, so that the same can be tried elsewhere.
 * Each array is its own axis. */
static basin_status record_rows(struct record *record, const struct data *data)
{
    static const struct {
        const char *path, *name, *long_name;
    } parts[DATA_PARTS] = {
        [DATA_TRAIN] = {"/data/rows/train", "train", "which the training examples are, in order"},
        [DATA_VALIDATION] = {"/data/rows/validation", "validation",
                             "which the validation examples are, in order"},
        [DATA_TEST] = {"/data/rows/test", "test", "which the test examples are, in order"}};
    for (int part = 0; part < DATA_PARTS; part++) {
        size_t count = data_describe(data)->counts[part];
        struct record_item *item;
        if (count == 0) continue;
        int64_t *rows = memory_allocate(count * sizeof *rows);
        if (!rows) return BASIN_MEMORY;
        data_rows(data, (enum data_part)part, rows);
        basin_status status = record_add(record, parts[part].path, RECORD_INTEGER, 1, &count,
                                         &parts[part].name, rows, &item);
        memory_free(rows);
        TRY(status);
        TRY(record_attribute_text(record, item, "units", "1"));
        TRY(record_attribute_text(record, item, "long_name", parts[part].long_name));
        TRY(record_attribute_text(record, item, "counts",
                                  data_rows_meaning(data, (enum data_part)part)));
    }
    return BASIN_OK;
}

/* ---- what was done to them ---- */

/* One axis of a group: 0 ... count - 1. */
static basin_status record_axis(struct record *record, const char *path, const char *name,
                                size_t count, const char *long_name)
{
    struct record_item *item;
    int64_t *numbers = memory_allocate(count * sizeof *numbers);
    if (!numbers) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) numbers[i] = (int64_t)i;
    basin_status status =
        record_add(record, path, RECORD_INTEGER, 1, &count, &name, numbers, &item);
    memory_free(numbers);
    TRY(status);
    TRY(record_attribute_text(record, item, "units", "1"));
    return record_attribute_text(record, item, "long_name", long_name);
}

/* The labels that the training part was trained on, where noise has changed some. */
static basin_status record_labels(struct record *record, const struct data *data)
{
    static const char *const axis = "train";
    const int32_t *labels = data_labels(data, DATA_TRAIN);
    size_t count = data_describe(data)->counts[DATA_TRAIN];
    struct record_item *item;
    if (!labels || labels == data_clean_labels(data, DATA_TRAIN)) return BASIN_OK;
    int64_t *wide = memory_allocate(count * sizeof *wide);
    if (!wide) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) wide[i] = labels[i];
    basin_status status =
        record_add(record, "/data/rows/train_label", RECORD_INTEGER, 1, &count, &axis, wide, &item);
    memory_free(wide);
    TRY(status);
    TRY(record_attribute_text(record, item, "units", "1"));
    return record_attribute_text(record, item, "long_name",
                                 "label of each training example, after label_noise");
}

static basin_status record_moments(struct record *record, const struct data *data)
{
    static const char *const axis = "feature";
    static const struct {
        const char *path, *long_name;
    } arrays[] = {
        {"/data/mean", "what standardize subtracts from each feature"},
        {"/data/deviation", "what standardize divides each feature by; 1 where it is constant"}};
    const double *mean = data_mean(data);
    size_t count = data_describe(data)->features;
    if (!mean) return BASIN_OK;
    double *deviation = data_deviations(data);
    if (!deviation) return BASIN_MEMORY;
    basin_status status =
        record_axis(record, "/data/feature", "feature", count, "number of a feature, row-major");
    for (int which = 0; which < 2 && status == BASIN_OK; which++) {
        struct record_item *item;
        status = record_add(record, arrays[which].path, RECORD_FLOAT64, 1, &count, &axis,
                            which ? deviation : mean, &item);
        if (status == BASIN_OK) status = record_attribute_text(record, item, "units", "1");
        if (status == BASIN_OK)
            status = record_attribute_text(record, item, "long_name", arrays[which].long_name);
    }
    memory_free(deviation);
    return status;
}

/* ---- all ---- */

size_t data_record_bytes(const struct data *data)
{
    const struct data_info *info = data_describe(data);
    size_t examples =
        info->counts[DATA_TRAIN] + info->counts[DATA_VALIDATION] + info->counts[DATA_TEST];
    if (data_labels(data, DATA_TRAIN) != data_clean_labels(data, DATA_TRAIN))
        examples += info->counts[DATA_TRAIN];
    return (examples + (data_mean(data) ? 3 * info->features : 0)) * sizeof(int64_t);
}

/* ---- in words ---- */

enum { NOTES_MOST = 16, NAMES_MOST = 1000 };

/* Each note is a text of the attribute. */
static basin_status record_notes(struct record *record, struct record_item *group,
                                 const struct data *data)
{
    struct text lines = {0};
    const char *notes[NOTES_MOST];
    size_t count = 0;
    data_notes(data, &lines);
    for (char *at = lines.data; at && *at && count < NOTES_MOST;) {
        char *end = at + strcspn(at, "\n");
        notes[count++] = at;
        at = *end ? end + 1 : end;
        *end = 0;
    }
    basin_status status = text_status(&lines);
    if (status == BASIN_OK && count)
        status = record_attribute_add(record, group, "notes", RECORD_TEXT, count, notes);
    text_free(&lines);
    return status;
}

static basin_status record_words(struct record *record, struct record_item *group,
                                 const struct data *data)
{
    struct text summary = {0};
    data_summary(data, &summary);
    basin_status status = text_status(&summary);
    if (status == BASIN_OK)
        status = record_attribute_text(record, group, "summary", text_data(&summary));
    text_free(&summary);
    return status == BASIN_OK ? record_notes(record, group, data) : status;
}

/* Arrays of texts would keep some readers from the numbers beside them. */
basin_status data_record_names(struct record *record, struct record_item *group,
                               const struct data *data)
{
    const struct data_info *info = data_describe(data);
    const struct data_names *names = data_names(data);
    if (names->classes && info->outputs <= NAMES_MOST)
        TRY(record_attribute_add(record, group, "class_names", RECORD_TEXT, info->outputs,
                                 names->classes));
    if (names->features && info->features <= NAMES_MOST)
        TRY(record_attribute_add(record, group, "feature_names", RECORD_TEXT, info->features,
                                 names->features));
    return BASIN_OK;
}

basin_status data_record(struct record *record, const struct data *data)
{
    char hex[33];
    const struct data_info *info = data_describe(data);
    struct record_item *group;
    TRY(record_group(record, "/data", &group));
    TRY(record_attribute_text(record, group, "NX_class", "NXcollection"));
    if (info->has_digest)
        TRY(record_attribute_text(record, group, "digest", digest_hex(info->digest, hex)));
    TRY(record_words(record, group, data));
    TRY(data_record_names(record, group, data));
    if (info->vocabulary) TRY(record_tokens(record, data_codes(data), info->vocabulary));
    TRY(record_moments(record, data));
    TRY(record_group(record, "/data/rows", &group));
    TRY(record_attribute_text(record, group, "NX_class", "NXcollection"));
    TRY(record_rows(record, data));
    return record_labels(record, data);
}
