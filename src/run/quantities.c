#include "run/quantities.h"

#include <string.h>
#include "run/schema.h"
#include "spec/spec.h"
#include "train/quantities.h"

static const struct quantity *among(const struct quantity *quantity, const char *name)
{
    while (quantity->name && strcmp(quantity->name, name) != 0) quantity++;
    return quantity->name ? quantity : NULL;
}

static const struct quantity *among_finals(const char *name)
{
    const struct train_quantity *each = train_quantities;
    while (each->final.name && (!each->final.long_name || strcmp(each->final.name, name) != 0))
        each++;
    return each->final.name ? &each->final : NULL;
}

/* "examples_500": options of the measure, by which it is told apart from others of its kind. */
static bool names_options(const struct entry *measure, const char *suffix)
{
    for (const struct schema_row *row = measure->parameters; row && row->key; row++) {
        size_t length = strlen(row->key);
        if (strncmp(suffix, row->key, length) == 0 && suffix[length] == '_' && suffix[length + 1])
            return true;
    }
    return false;
}

/* hessian_lambda_max_examples_500 is hessian_lambda_max, measured so. */
static const struct quantity *among_suffixed(const struct entry *measure, const char *name)
{
    const struct quantity *quantity = ((const struct measure *)measure->implementation)->quantities;
    for (; quantity->name; quantity++) {
        size_t length = strlen(quantity->name);
        if (strncmp(name, quantity->name, length) == 0 && name[length] == '_' &&
            names_options(measure, name + length + 1))
            return quantity;
    }
    return NULL;
}

const struct quantity *quantities_find(const char *name, const struct entry **measure)
{
    const struct quantity *found = among_finals(name);
    *measure = NULL;
    for (const struct entry *const *entry = measure_registry.entries; !found && *entry; entry++) {
        found = among(((const struct measure *)(*entry)->implementation)->quantities, name);
        if (!found) found = among_suffixed(*entry, name);
        if (found) *measure = *entry;
    }
    return found;
}

const char *quantities_suffix(const struct quantity *quantity, const char *name)
{
    size_t length = strlen(quantity->name);
    return strlen(name) > length ? name + length + 1 : "";
}

const char *quantities_group(const struct entry *measure)
{
    const struct measure *how = measure->implementation;
    return how->group ? how->group : measure->name;
}

const struct quantity *quantities_find_array(const char *name, size_t nth,
                                             const struct entry **measure, const char **group)
{
    for (const struct entry *const *entry = measure_registry.entries; *entry; entry++) {
        const struct quantity *const *array =
            ((const struct measure *)(*entry)->implementation)->arrays;
        for (; array && *array; array++) {
            if (strcmp((*array)->name, name) != 0 || nth-- > 0) continue;
            *measure = *entry;
            *group = quantities_group(*entry);
            return *array;
        }
    }
    return NULL;
}

/* A cell of a table in Markdown: "meaning: definition (source)", pipes escaped. */
static void put_meaning(struct text *out, const struct quantity *quantity)
{
    struct text cell = {0};
    text_append(&cell, quantity->long_name);
    if (quantity->definition) text_format(&cell, ": %s", quantity->definition);
    if (quantity->source) text_format(&cell, " (%s)", quantity->source);
    for (const char *at = text_data(&cell); *at; at++)
        text_append_n(out, *at == '|' ? "\\|" : at, *at == '|' ? 2 : 1);
    text_append(out, " |\n");
    if (cell.failed) out->failed = true;
    text_free(&cell);
}

static void quantities_put_arrays(struct text *out)
{
    text_append(out, "\n## Arrays in /measures\n\n| path | measure | meaning |\n|---|---|---|\n");
    for (const struct entry *const *entry = measure_registry.entries; *entry; entry++) {
        const struct quantity *const *array =
            ((const struct measure *)(*entry)->implementation)->arrays;
        for (; array && *array; array++) {
            text_format(out, "| `%s/%s` | %s | ", quantities_group(*entry), (*array)->name,
                        (*entry)->name);
            put_meaning(out, *array);
        }
    }
}

static void put_curves(struct text *out)
{
    text_append(out, "\n## Curves\n\nIn /curves, a value an epoch; in /steps, a value every "
                     "`training.log_every` steps. Of language models "
                     "alone: perplexity and bits per character.\n\n| name | units | also in /steps "
                     "| meaning |\n|---|---|---|---|\n");
    for (int i = 0; i < CURVES; i++) {
        const struct train_quantity *curve = train_curve((enum curve_column)i);
        text_format(out, "| `%s` | %s | %s | %s |\n", curve->final.name, curve->final.units,
                    curve->by_step ? "yes" : "", curve->curve);
    }
}

static void put_quantity_row(struct text *out, const char *measure, const struct quantity *quantity)
{
    text_format(out, "| `%s` | %s | ", quantity->name, measure);
    put_meaning(out, quantity);
}

static void put_finals(struct text *out)
{
    for (const struct train_quantity *each = train_quantities; each->final.name; each++)
        if (each->final.long_name) put_quantity_row(out, "every run", &each->final);
}

static void put_quantities(struct text *out, const char *measure, const struct quantity *quantity)
{
    for (; quantity->name; quantity++) put_quantity_row(out, measure, quantity);
}

static void put_name(struct text *out, const char *name, struct shape shape, bool first)
{
    text_format(out, "%s`%s` (", first ? "" : ", ", name);
    for (int i = 0; i < shape.rank; i++)
        text_format(out, "%s%lld", i ? ", " : "", (long long)shape.dim[i]);
    text_append(out, ")");
}

static basin_status quantities_put_names(struct text *out, const struct model *model)
{
    for (int i = 0; i < model_parameter_count(model); i++) {
        const struct model_parameter *parameter = model_parameter(model, i);
        put_name(out, parameter->name, model_outer_shape(parameter->shape, &parameter->layout),
                 i == 0);
    }
    for (int i = 0; i < model_buffer_count(model); i++) {
        const struct model_buffer *buffer = model_buffer(model, i);
        put_name(out, buffer->name, model_outer_shape(buffer->shape, &buffer->layout), false);
    }
    return text_status(out);
}

/* One row: an architecture as a spec writes it. */
static basin_status put_architecture(struct text *out, struct arena *arena, const char *written,
                                     const struct data_info *info)
{
    struct diagnostics diagnostics;
    struct spec *spec;
    struct value *run;
    const struct run_settings *settings;
    struct model *model;
    char *yaml = arena_format(arena, "study: names\narchitecture: %s\n", written);
    if (!yaml) return BASIN_MEMORY;
    struct spec_request request = {.file = "names",
                                   .text = yaml,
                                   .length = strlen(yaml),
                                   .folder = "/",
                                   .schema = study_schema};
    diagnostics_start(&diagnostics, arena);
    TRY(spec_read(arena, &request, &diagnostics, &spec));
    TRY(spec_run(spec, 0, arena, &diagnostics, &run));
    TRY(run_settings_create(arena, run, &settings));
    TRY(run_model_create(arena, settings, info, &model));
    text_format(out, "| `%s` | ", written);
    TRY(quantities_put_names(out, model));
    text_append(out, " |\n");
    return text_status(out);
}

static const struct data_info images = {.task = DATA_CLASSIFICATION,
                                        .rank = 2,
                                        .dims = {28, 28},
                                        .features = 28 * 28,
                                        .outputs = 10,
                                        .positions = 1};
static const struct data_info texts = {.task = DATA_LANGUAGE,
                                       .rank = 1,
                                       .dims = {64},
                                       .features = 64,
                                       .outputs = 80,
                                       .positions = 64,
                                       .vocabulary = 80};
static const char *const on_images[] = {"{type: transformer, pool: cls, depth: 1}"};
static const char *const on_texts[] = {"{type: lstm, layers: 2}", "{type: transformer, depth: 1}",
                                       "{type: transformer, depth: 1, tied_embeddings: true}",
                                       "{type: sequential, layers: [embedding: {width: 32}, lstm: "
                                       "{hidden_size: 64}, dense: {units: 48}, relu]}"};

static basin_status put_all_architectures(struct text *out, struct arena *arena)
{
    for (const struct entry *const *entry = architecture_registry.entries; *entry; entry++)
        TRY(put_architecture(out, arena, (*entry)->name, &images));
    for (size_t i = 0; i < sizeof on_images / sizeof *on_images; i++)
        TRY(put_architecture(out, arena, on_images[i], &images));
    text_append(out, "\nOf language models (a context of 64 tokens, a vocabulary of 80); a head "
                     "that is tied to the embedding has no "
                     "parameters of its own.\n\n| architecture | parameters |\n|---|---|\n");
    for (size_t i = 0; i < sizeof on_texts / sizeof *on_texts; i++)
        TRY(put_architecture(out, arena, on_texts[i], &texts));
    return text_status(out);
}

static basin_status put_architectures(struct text *out)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = put_all_architectures(out, arena);
    arena_destroy(arena);
    return status;
}

basin_status quantities_reference(struct text *out)
{
    text_append(out, "## Numbers in /measures\n\n| name | measure | meaning |\n|---|---|---|\n");
    put_finals(out);
    for (const struct entry *const *entry = measure_registry.entries; *entry; entry++)
        put_quantities(out, (*entry)->name,
                       ((const struct measure *)(*entry)->implementation)->quantities);
    quantities_put_arrays(out);
    put_curves(out);
    text_append(out, "\n## Names of parameters\n\nIn /weights/final, in this order; shapes of "
                     "each architecture with its defaults on images of 28 x 28 (10 classes).\n\n| "
                     "architecture | parameters |\n|---|---|\n");
    return put_architectures(out);
}
