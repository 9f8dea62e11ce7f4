#include "analysis/plots.h"

#include <string.h>
#include "spec/value_json.h"

/* ---- the plots ---- */

struct curves_plot {
    struct setting_texts of;
    int axis, scale;
};

static const char *const axes[] = {"epoch", "step", NULL}, *const scales[] = {"auto", "linear",
                                                                              "log", NULL};

static const struct schema_row curves_rows[] = {
    {.key = "of",
     SETTING(struct curves_plot, of),
     .type = SCHEMA_TEXTS,
     .fallback = "[]",
     .flags = SCHEMA_FIXED,
     .doc = "One or two curves, as test_loss or tracked.hessian_lambda_max; [] for test accuracy "
            "(or loss) and training loss."},
    {.key = "axis",
     SETTING(struct curves_plot, axis),
     .type = SCHEMA_CHOICE,
     .choices = axes,
     .fallback = "epoch",
     .flags = SCHEMA_FIXED,
     .doc = "Over epochs or over steps."},
    {.key = "scale",
     SETTING(struct curves_plot, scale),
     .type = SCHEMA_CHOICE,
     .choices = scales,
     .fallback = "auto",
     .flags = SCHEMA_FIXED,
     .doc = "Of the values; auto: linear, but logarithmic for the training loss."},
    {0}};

struct number_plot {
    const char *number;
};

static const struct schema_row number_rows[] = {
    {.key = "number",
     SETTING(struct number_plot, number),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "Which final number; if absent, the test accuracy, or the test loss."},
    {0}};

struct gap_plot {
    const char *measure, *gap;
};

static const struct schema_row gap_rows[] = {{.key = "measure",
                                              SETTING(struct gap_plot, measure),
                                              .type = SCHEMA_TEXT,
                                              .flags = SCHEMA_REQUIRED | SCHEMA_FIXED,
                                              .doc = "Which number the gap is drawn against."},
                                             {.key = "gap",
                                              SETTING(struct gap_plot, gap),
                                              .type = SCHEMA_TEXT,
                                              .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
                                              .doc = "accuracy_gap or loss_gap; if absent, both."},
                                             {0}};

struct heatmap_plot {
    const char *number, *across, *up;
};

static const struct schema_row heatmap_rows[] = {
    {.key = "number",
     SETTING(struct heatmap_plot, number),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "Which final number; if absent, the first gap."},
    {.key = "across",
     SETTING(struct heatmap_plot, across),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "The axis of the sweep from left to right; if absent, the first."},
    {.key = "up",
     SETTING(struct heatmap_plot, up),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "The axis of the sweep from bottom to top; if absent, the second."},
    {0}};

struct parallel_plot {
    struct setting_texts columns;
};

static const struct schema_row parallel_rows[] = {
    {.key = "columns",
     SETTING(struct parallel_plot, columns),
     .type = SCHEMA_TEXTS,
     .fallback = "[]",
     .flags = SCHEMA_FIXED,
     .doc = "Parameters and final numbers, from left to right; [] for the axes of the sweep, some "
            "measures, a gap and the test accuracy."},
    {0}};

struct arrays_plot {
    const char *array;
};

static const struct schema_row arrays_rows[] = {
    {.key = "array",
     SETTING(struct arrays_plot, array),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "Which array, as hessian_top/eigenvalue: its group in a result and its name."},
    {0}};

struct across_plot {
    const char *measure;
};

static const struct schema_row across_plot_rows[] = {
    {.key = "measure",
     SETTING(struct across_plot, measure),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "Which of the study's measures over runs comes first."},
    {0}};

struct table_plot {
    const char *sort;
    bool descending;
};

static const struct schema_row table_rows[] = {
    {.key = "sort",
     SETTING(struct table_plot, sort),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "By which parameter or number; if absent, runs stand in the order of the sweep."},
    {.key = "descending",
     SETTING(struct table_plot, descending),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .flags = SCHEMA_FIXED,
     .doc = "The greatest first."},
    {0}};

/* name, parameters, their struct, the parameter that a bare value stands for, documentation */
#define PLOTS(X)                                                                                   \
    X(curves, curves_rows, struct curves_plot, NULL, "Learning curves.")                           \
    X(final_numbers, number_rows, struct number_plot, "number",                                    \
      "A final number against each axis of the sweep.")                                            \
    X(gap_against, gap_rows, struct gap_plot, "measure",                                           \
      "The generalisation gap against a measure, a dot a run, with Kendall's tau.")                \
    X(heatmap, heatmap_rows, struct heatmap_plot, "number",                                        \
      "The mean of a final number over two axes of the sweep.")                                    \
    X(parallel, parallel_rows, struct parallel_plot, NULL, "Parallel coordinates.")                \
    X(arrays, arrays_rows, struct arrays_plot, "array",                                            \
      "Spectra, landscapes and other arrays that measures give.")                                  \
    X(across, across_plot_rows, struct across_plot, "measure",                                     \
      "What the study's measures over runs (`across`) found.")                                     \
    X(table, table_rows, struct table_plot, "sort", "Every run as a row of a table.")

static const struct plot
    curves_plot = {(const struct plot_key[]){{"of", PLOT_CURVE}, {0}}, 2},
    final_numbers_plot = {(const struct plot_key[]){{"number", PLOT_NUMBER}, {0}}, 0},
    gap_against_plot = {(const struct plot_key[]){
                            {"measure", PLOT_NUMBER}, {"gap", PLOT_NUMBER}, {0}},
                        0},
    heatmap_plot = {(const struct plot_key[]){
                        {"number", PLOT_NUMBER}, {"across", PLOT_COLUMN}, {"up", PLOT_COLUMN}, {0}},
                    0},
    parallel_plot = {(const struct plot_key[]){{"columns", PLOT_COLUMN}, {0}}, 0},
    arrays_plot = {(const struct plot_key[]){{"array", PLOT_ARRAY}, {0}}, 0},
    across_plot = {(const struct plot_key[]){{"measure", PLOT_ACROSS}, {0}}, 0},
    table_plot = {(const struct plot_key[]){{"sort", PLOT_COLUMN}, {0}}, 0};

#define X(title, rows, settings, short_for, words)                                                 \
    static const struct entry title##_entry = {.name = #title,                                     \
                                               .doc = words,                                       \
                                               .parameters = rows,                                 \
                                               .settings_size = sizeof(settings),                  \
                                               .brief = short_for,                                 \
                                               .implementation = &title##_plot};
PLOTS(X)
#undef X
#define X(title, rows, settings, short_for, words) &title##_entry,
static const struct entry *const entries[] = {PLOTS(X) NULL};
#undef X

const struct registry plot_registry = {.kind = "plot", .plural = "plots", .entries = entries};

const struct schema_row report_rows[] = {
    {.key = "plots",
     SETTING(struct report_settings, plots),
     .type = SCHEMA_SEQUENCE,
     .registry = &plot_registry,
     .fallback = "[]",
     .flags = SCHEMA_FIXED,
     .doc = "What the page shows first, in this order; everything else follows."},
    {0}};

/* ---- names ---- */

enum plot_name plot_key_names(const struct plot *plot, const char *key)
{
    for (const struct plot_key *at = plot->keys; at->key; at++)
        if (strcmp(at->key, key) == 0) return at->names;
    return PLOT_NO_NAME;
}

struct plot_given plot_at(const struct value *plots, size_t i)
{
    const struct value_member *only = &plots->list.items[i]->map.members[0];
    return (struct plot_given){registry_find(&plot_registry, only->key), only->value};
}

/* ---- for the page ---- */

static void put_plot_name(const struct table *table, const char *name, enum plot_name wanted,
                          struct text *out)
{
    bool is_column = wanted == PLOT_COLUMN || wanted == PLOT_NUMBER;
    int column = is_column ? table_column(table, name) : -1;
    text_json(out, column >= 0 ? table->columns[column].name : name);
}

static void put_plot_value(const struct table *table, const struct value *value,
                           enum plot_name wanted, struct text *out)
{
    if (wanted == PLOT_NO_NAME) {
        json_value(out, value);
    } else if (value->kind == VALUE_TEXT) {
        put_plot_name(table, value->text, wanted, out);
    } else {
        text_append(out, "[");
        for (size_t i = 0; i < value->list.count; i++) {
            if (i) text_append(out, ",");
            put_plot_name(table, value->list.items[i]->text, wanted, out);
        }
        text_append(out, "]");
    }
}

void plots_put_json(const struct table *table, const struct value *plots, struct text *out)
{
    text_append(out, "[");
    for (size_t i = 0; plots && i < plots->list.count; i++) {
        struct plot_given given = plot_at(plots, i);
        text_format(out, "%s{\"plot\":\"%s\"", i ? "," : "", given.entry->name);
        for (size_t k = 0; k < given.parameters->map.count; k++) {
            const struct value_member *member = &given.parameters->map.members[k];
            if (member->value->is_default || member->value->kind == VALUE_NONE) continue;
            text_format(out, ",\"%s\":", member->key);
            put_plot_value(table, member->value,
                           plot_key_names(given.entry->implementation, member->key), out);
        }
        text_append(out, "}");
    }
    text_append(out, "]");
}
