/* The whole schema: every row fills a field of its type, fields do not overlap, and what is filled
 * is what the resolved run says. */
#include "../support.h"

static size_t rows_seen;

static enum setting_kind kind_of(const struct schema_row *row)
{
    bool is_optional = row->flags & SCHEMA_OPTIONAL;
    switch (row->type) {
    case SCHEMA_BOOLEAN:
        return is_optional ? SETTING_INT : SETTING_BOOL;
    case SCHEMA_INTEGER:
    case SCHEMA_COUNT:
        return SETTING_INT64;
    case SCHEMA_FLOAT:
        return SETTING_DOUBLE;
    case SCHEMA_TEXT:
    case SCHEMA_NAME:
    case SCHEMA_PATH:
        return SETTING_TEXT;
    case SCHEMA_CHOICE:
        return row->choices ? SETTING_INT : SETTING_ENTRY;
    case SCHEMA_INTEGERS:
        return SETTING_INTEGERS;
    case SCHEMA_NUMBERS:
        return SETTING_NUMBERS;
    case SCHEMA_TEXTS:
        return SETTING_TEXTS;
    case SCHEMA_PAIR:
        return SETTING_PAIR;
    case SCHEMA_TABLE:
        return SETTING_STRUCT;
    case SCHEMA_VARIANT:
        return SETTING_VARIANT;
    case SCHEMA_SET:
    case SCHEMA_SEQUENCE:
        return SETTING_LIST;
    case SCHEMA_TABLES:
        return SETTING_BLOCKS;
    case SCHEMA_ITEM: /* of paths only */
        break;
    }
    return SETTING_NONE;
}

/* ---- fields ---- */

static void claim_bytes(bool *taken, size_t size, size_t offset, size_t bytes, const char *path)
{
    cr_assert_leq(offset + bytes, size, "%s lies outside of its struct", path);
    for (size_t i = offset; i < offset + bytes; i++) {
        cr_assert_not(taken[i], "%s overlaps another field", path);
        taken[i] = true;
    }
}

static void check_rows(const char *path, const struct schema_row *rows, size_t size);

static void check_entries(const char *path, const struct registry *registry)
{
    for (const struct entry *const *entry = registry->entries; *entry; entry++) {
        char below[256];
        snprintf(below, sizeof below, "%.160s.%.60s", path, (*entry)->name);
        if ((*entry)->parameters && (*entry)->parameters->key)
            check_rows(below, (*entry)->parameters, (*entry)->settings_size);
    }
}

static void check_row(const char *path, const struct schema_row *row, size_t size, bool *taken)
{
    const struct setting_field *field = &row->field;
    if (row->registry && row->type != SCHEMA_CHOICE) check_entries(path, row->registry);
    cr_assert_eq(field->kind, kind_of(row), "%s has no field, or one of another type", path);
    claim_bytes(taken, size, field->offset, field->size, path);
    if (row->changed) claim_bytes(taken, size, row->changed - 1, sizeof(bool), path);
    if (row->type == SCHEMA_TABLE) check_rows(path, row->table, field->size);
    rows_seen++;
}

static void check_rows(const char *path, const struct schema_row *rows, size_t size)
{
    bool *taken = calloc(size + 1, sizeof *taken);
    for (const struct schema_row *row = rows; row && row->key; row++) {
        char here[256];
        snprintf(here, sizeof here, "%.160s%s%.60s", path, *path ? "." : "", row->key);
        check_row(here, row, size, taken);
    }
    free(taken);
}

Test(run_settings, every_row_fills_a_field_of_its_type)
{
    check_rows("", study_schema, sizeof(struct run_settings));
    cr_assert_geq(rows_seen, 10);
}

/* ---- what is filled ---- */

static void expect_rows(const struct schema_row *rows, const struct value *block,
                        const void *settings);

static void expect_variant(const struct registry *registry, const char *name,
                           const struct value *block, const struct setting_variant *variant)
{
    cr_assert_str_eq(variant->entry->name, name);
    cr_assert_eq(variant->entry, registry_find(registry, name));
    cr_assert_eq(variant->settings == NULL, variant->entry->settings_size == 0);
    if (variant->settings) expect_rows(variant->entry->parameters, block, variant->settings);
}

static void expect_list(const struct schema_row *row, const struct value *value,
                        const struct setting_list *list)
{
    bool is_set = value->kind == VALUE_MAP;
    cr_assert_eq(list->count, is_set ? value->map.count : value->list.count);
    for (size_t i = 0; i < list->count; i++) {
        const struct value_member *member =
            is_set ? &value->map.members[i] : &value->list.items[i]->map.members[0];
        expect_variant(row->registry, member->key, member->value, &list->items[i]);
    }
}

/* As the value is printed: what the field says must be the same text. */
static void print_scalar(struct text *out, const struct schema_row *row, const void *field)
{
    struct value value = {.row = row};
    switch (row->field.kind) {
    case SETTING_BOOL:
        value.kind = VALUE_BOOL, value.boolean = *(const bool *)field;
        break;
    case SETTING_INT:
        value.kind = row->choices ? VALUE_TEXT : VALUE_BOOL;
        if (row->choices)
            value.text = row->choices[*(const int *)field];
        else
            value.boolean = *(const int *)field;
        break;
    case SETTING_INT64:
        value.kind = VALUE_INTEGER, value.integer = *(const int64_t *)field;
        break;
    case SETTING_DOUBLE:
        value.kind = VALUE_FLOAT, value.number = *(const double *)field;
        break;
    case SETTING_TEXT:
        value.kind = VALUE_TEXT, value.text = *(const char *const *)field;
        break;
    case SETTING_ENTRY:
        value.kind = VALUE_TEXT, value.text = (*(const struct entry *const *)field)->name;
        break;
    default:
        cr_assert(false, "%s is no scalar", row->key);
    }
    value_print(out, &value);
}

static void expect_items(const struct value *value, const struct setting_integers *list)
{
    cr_assert_eq(list->count, value->list.count);
    for (size_t i = 0; i < list->count; i++)
        cr_assert_eq(list->items[i], value->list.items[i]->integer);
}

static void expect_texts(const struct value *value, const struct setting_texts *list)
{
    cr_assert_eq(list->count, value->list.count);
    for (size_t i = 0; i < list->count; i++)
        cr_assert_str_eq(list->items[i], value->list.items[i]->text);
}

static void expect_field(const struct schema_row *row, const struct value *value, const void *field)
{
    struct text expected = {0}, found = {0};
    const struct setting_pair *pair = field;
    switch (row->type) {
    case SCHEMA_TABLE:
        expect_rows(row->table, value, field);
        break;
    case SCHEMA_VARIANT:
        expect_variant(row->registry, value_text(value, row->discriminator), value, field);
        break;
    case SCHEMA_SET:
    case SCHEMA_SEQUENCE:
        expect_list(row, value, field);
        break;
    case SCHEMA_PAIR:
        if (value->kind == VALUE_TEXT)
            cr_assert_str_eq(row->choices[pair->word], value->text);
        else
            cr_assert(pair->first == pair->second && pair->first == value->integer);
        break;
    case SCHEMA_INTEGERS:
        expect_items(value, field);
        break;
    case SCHEMA_NUMBERS:
        cr_assert_eq(((const struct setting_numbers *)field)->count, value->list.count);
        break;
    case SCHEMA_TEXTS:
        expect_texts(value, field);
        break;
    default:
        value_print(&expected, value);
        print_scalar(&found, row, field);
        cr_assert_str_eq(text_data(&found), text_data(&expected), "%s", row->key);
    }
    text_free(&expected);
    text_free(&found);
}

static void expect_rows(const struct schema_row *rows, const struct value *block,
                        const void *settings)
{
    for (const struct schema_row *row = rows; row && row->key; row++) {
        const struct value *value = value_find(block, row->key);
        if (!value || row->field.kind == SETTING_NONE) continue;
        expect_field(row, value, (const char *)settings + row->field.offset);
        if (row->changed)
            cr_assert_eq(((const bool *)settings)[row->changed - 1], !value->is_default);
    }
}

static void expect_filled(const char *yaml)
{
    struct arena *arena;
    struct spec *spec;
    struct value *run = NULL;
    struct diagnostics diagnostics;
    const struct run_settings *settings;
    OK(arena_create(&arena));
    diagnostics_start(&diagnostics, arena);
    struct spec_request request = {.file = "test.yaml",
                                   .text = yaml,
                                   .length = strlen(yaml),
                                   .folder = "/",
                                   .schema = study_schema};
    basin_status status = spec_read(arena, &request, &diagnostics, &spec);
    if (status == BASIN_OK) status = spec_run(spec, 0, arena, &diagnostics, &run);
    cr_assert_eq(status, BASIN_OK, "%s\n%s", yaml,
                 diagnostics.count ? diagnostics.items[0].message : "");
    OK(run_settings_create(arena, run, &settings));
    expect_rows(study_schema, run, settings);
    arena_destroy(arena);
}

/* Something that an entry's REQUIRED rows take. */
static void write_required(struct text *out, const struct entry *entry)
{
    for (const struct schema_row *row = entry->parameters; row && row->key; row++)
        if (row->flags & SCHEMA_REQUIRED)
            text_format(out, ", %s: %s", row->key,
                        row->type == SCHEMA_INTEGERS ? "[2]"
                        : row->type == SCHEMA_PATH   ? "x"
                                                     : "2");
}

/* Each entry of a registry with its defaults. A block that names its entry is "name, key: 2", one
 * that is a member of a set or a list "name: {key: 2}". */
static void expect_entries(const struct registry *registry, const char *before, const char *after,
                           bool is_member)
{
    for (const struct entry *const *entry = registry->entries; *entry; entry++) {
        struct text yaml = {0}, required = {0};
        write_required(&required, *entry);
        const char *rows =
            required.length && is_member ? text_data(&required) + 2 : text_data(&required);
        text_format(&yaml, "study: s\n%s%s%s%s%s%s", before, (*entry)->name, is_member ? ": {" : "",
                    rows, is_member ? "}" : "", after);
        expect_filled(text_data(&yaml));
        text_free(&yaml);
        text_free(&required);
    }
}

Test(run_settings, defaults_of_every_entry)
{
    expect_filled("study: s\narchitecture: linear\n");
    expect_entries(&dataset_registry, "architecture: linear\ndataset: {name: ", "}\n", false);
    expect_entries(&transform_registry,
                   "architecture: linear\ndataset: {name: mnist1d, transforms: [", "]}\n", true);
    expect_entries(&architecture_registry, "architecture: {type: ", "}\n", false);
    expect_entries(&initializer_registry, "architecture: {type: mlp, initializer: {type: ", "}}\n",
                   false);
    expect_entries(&layer_registry, "architecture: {type: sequential, layers: [", "]}\n", true);
    expect_entries(&optimizer_registry,
                   "architecture: linear\ntraining: {optimizer: {type: ", "}}\n", false);
    expect_entries(&schedule_registry, "architecture: linear\ntraining: {schedule: {type: ", "}}\n",
                   false);
    expect_entries(&measure_registry, "architecture: linear\nmeasures: {", "}\n", true);
}

Test(run_settings, seeds_and_precision)
{
    struct setting s;
    const struct run_settings *settings;
    setting_open(&s, "architecture: linear\nprecision: float64\nseed: {all: 3, order: 5}\n");
    OK(run_settings_create(s.arena, s.spec, &settings));
    cr_expect_eq(settings->train.precision, PRECISION_FLOAT64);
    cr_expect_eq(settings->seeds.all, 3);
    cr_expect_eq(settings->seeds.init, SETTING_ABSENT);
    cr_expect_eq(settings->seeds.order, 5);
    cr_expect_eq(settings->train.seed_init, 3, "follows `all`");
    cr_expect_eq(settings->train.seed_order, 5);
    cr_expect_str_eq(settings->study, "test");
    setting_close(&s);
}

/* Epochs become steps: 100 examples are 4 batches of 30, 3 without the last, 1 step of gd. The run
 * is the same as with the steps written out. */
Test(run_settings, epochs_are_steps_of_this_run)
{
    static const struct {
        const char *training, *steps;
        int64_t every;
    } cases[] = {{"batch_size: 30, schedule: {type: step, every: 3 epochs}",
                  "batch_size: 30, schedule: {type: step, every: 12}", 12},
                 {"batch_size: 30, drop_last: true, schedule: {type: step, every: 3 epochs}",
                  "batch_size: 30, drop_last: true, schedule: {type: step, every: 9}", 9},
                 {"optimizer: gd, schedule: {type: step, every: 3 epochs}",
                  "optimizer: gd, schedule: {type: step, every: 3}", 3},
                 {"batch_size: 30, schedule: {type: step, every: 0.6 epochs}, log_every: 1 epoch, "
                  "steps: 2.5 "
                  "epochs",
                  "batch_size: 30, schedule: {type: step, every: 3}, log_every: 4, steps: 10", 3},
                 {"batch_size: 1, schedule: {type: step, every: 10 epochs}",
                  "batch_size: 1, schedule: step", 1000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setting epochs, steps;
        char id[17], same[17];
        setting_format(&epochs,
                       "dataset: {name: mnist1d, train_size: 100}\narchitecture: linear\n"
                       "training: {%s}\n",
                       cases[i].training);
        setting_format(&steps,
                       "dataset: {name: mnist1d, train_size: 100}\narchitecture: linear\n"
                       "training: {%s}\n",
                       cases[i].steps);
        cr_expect_eq(value_integer(epochs.spec, "training.schedule.every"), cases[i].every, "%s",
                     cases[i].training);
        OK(identity_of_run(epochs.spec, epochs.settings, epochs.data, id));
        OK(identity_of_run(steps.spec, steps.settings, steps.data, same));
        cr_expect_str_eq(id, same, "%s", cases[i].training);
        setting_close(&epochs);
        setting_close(&steps);
    }
}
