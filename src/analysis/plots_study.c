#include "analysis/plots_study.h"

#include <string.h>
#include "analysis/claims_names.h"
#include "analysis/expression.h"
#include "analysis/findings.h"

struct plot_checker {
    struct arena *arena;
    const struct study *study;
    const struct findings *findings;
    const struct table *table;
    struct curve_source *curves;
    struct diagnostics *diagnostics;
};

/* A curve by its name or the part behind the dot, whatever numbers are called. */
static basin_status has_curve(struct plot_checker *checker, const char *name, bool *has)
{
    const char *const *names;
    size_t count;
    *has = false;
    TRY(curve_source_list(checker->curves, &names, &count));
    for (size_t i = 0; i < count && !*has; i++) {
        const char *dot = strchr(names[i], '.');
        *has = strcmp(names[i], name) == 0 || (dot && strcmp(dot + 1, name) == 0);
    }
    return BASIN_OK;
}

/* That a text is a name, and of something of the right kind. */
static basin_status check_expression_name(struct plot_checker *checker, const struct value *name,
                                          enum plot_name wanted)
{
    struct expression_scope scope = {.table = checker->table, .curves = checker->curves};
    const struct expression *expression;
    bool has = false;
    if (wanted == PLOT_CURVE) TRY(has_curve(checker, name->text, &has));
    if (has) return BASIN_OK;
    basin_status status = expression_parse(&scope, name->text, &expression);
    if (status == BASIN_USAGE) {
        const basin_error *error = basin_error_last();
        diagnostics_add(checker->diagnostics, name->mark, "%s%s%s", error->message,
                        *error->hint ? "; " : "", error->hint);
        return BASIN_OK;
    }
    TRY(status);
    enum expression_type type = expression_type(expression);
    bool is_curve = type == EXPRESSION_CURVE || type == EXPRESSION_STEPS;
    bool is_name =
        strcspn(name->text, " +-*/^()=<>") == strlen(name->text) && type != EXPRESSION_CONSTANT;
    if (!is_name || is_curve != (wanted == PLOT_CURVE))
        diagnostics_add(checker->diagnostics, name->mark, "expected the name of a %s, found %s",
                        wanted == PLOT_CURVE    ? "curve"
                        : wanted == PLOT_NUMBER ? "final number"
                                                : "parameter or final number",
                        !is_name   ? "a calculation"
                        : is_curve ? "that of a curve"
                                   : "that of a number of a run");
    return BASIN_OK;
}

static bool asks_for_measure(const struct value *run, const char *measure)
{
    const struct value *all = value_find(run, "measures");
    for (size_t i = 0; all && i < all->map.count; i++) {
        const char *key = all->map.members[i].key;
        size_t length = strlen(measure);
        if (strncmp(key, measure, length) == 0 && (key[length] == 0 || key[length] == '@'))
            return true;
    }
    return false;
}

/* Which measure gives the array GROUP/NAME; NULL: none does. */
static const char *measure_of_array(const char *name)
{
    for (const struct entry *const *at = measure_registry.entries; *at; at++) {
        const struct measure *measure = (*at)->implementation;
        const char *group = measure->group ? measure->group : (*at)->name;
        size_t length = strlen(group);
        if (strncmp(name, group, length) != 0 || name[length] != '/') continue;
        for (const struct quantity *const *each = measure->arrays; each && *each; each++)
            if (strcmp((*each)->name, name + length + 1) == 0) return (*at)->name;
    }
    return NULL;
}

static basin_status check_array_name(struct plot_checker *checker, const struct value *name)
{
    const char *measure = measure_of_array(name->text);
    bool is_asked_for = false;
    for (size_t i = 0; measure && i < checker->study->run_count && !is_asked_for; i++) {
        const struct run_settings *run;
        const struct data *data;
        TRY(study_resolve(checker->study, checker->study->runs[i].index, checker->arena, &run,
                          &data));
        is_asked_for = asks_for_measure(run->spec, measure);
    }
    if (!measure)
        diagnostics_add(checker->diagnostics, name->mark,
                        "no measure gives an array \"%s\"; it is named by its group and its name, "
                        "as hessian_top/eigenvalue",
                        name->text);
    else if (!is_asked_for)
        diagnostics_add(checker->diagnostics, name->mark,
                        "\"%s\" is an array of the measure %s, which no run of the study has; add "
                        "it to measures",
                        name->text, measure);
    return BASIN_OK;
}

static basin_status check_across_name(struct plot_checker *checker, const struct value *name)
{
    const struct setting_list *across = &checker->findings->across;
    struct text there = {0};
    for (size_t i = 0; i < across->count; i++) {
        if (strcmp(across->items[i].entry->name, name->text) == 0) {
            text_free(&there);
            return BASIN_OK;
        }
        text_format(&there, "%s%s", i ? ", " : "", across->items[i].entry->name);
    }
    diagnostics_add(checker->diagnostics, name->mark,
                    "the study has no measure over runs \"%s\"; across has %s", name->text,
                    across->count ? text_data(&there) : "none");
    text_free(&there);
    return BASIN_OK;
}

static basin_status check_plot_name(struct plot_checker *checker, const struct value *name,
                                    enum plot_name wanted)
{
    if (wanted == PLOT_ARRAY) return check_array_name(checker, name);
    if (wanted == PLOT_ACROSS) return check_across_name(checker, name);
    return check_expression_name(checker, name, wanted);
}

static basin_status check_plot(struct plot_checker *checker, const struct plot_given *given)
{
    const struct plot *plot = given->entry->implementation;
    for (size_t i = 0; i < given->parameters->map.count; i++) {
        const struct value_member *member = &given->parameters->map.members[i];
        const struct value *value = member->value;
        enum plot_name wanted = plot_key_names(plot, member->key);
        if (wanted == PLOT_NO_NAME || value->kind == VALUE_NONE) continue;
        if (value->kind == VALUE_TEXT) TRY(check_plot_name(checker, value, wanted));
        if (value->kind != VALUE_LIST) continue;
        for (size_t k = 0; k < value->list.count; k++)
            TRY(check_plot_name(checker, value->list.items[k], wanted));
        if (plot->most && value->list.count > plot->most)
            diagnostics_add(checker->diagnostics, value->mark,
                            "%s.%s names %zu, but the page draws %zu of them", given->entry->name,
                            member->key, value->list.count, plot->most);
    }
    return BASIN_OK;
}

static const struct value *plots_of(const struct findings *findings)
{
    return findings->whole ? value_find(findings->whole, "report.plots") : NULL;
}

static basin_status check_plots(struct plot_checker *checker, const struct value *plots)
{
    struct table *table;
    TRY(claims_names(checker->arena, checker->study, &table, &checker->curves));
    checker->table = table;
    basin_status status = BASIN_OK;
    for (size_t i = 0; i < plots->list.count && status == BASIN_OK; i++) {
        struct plot_given given = plot_at(plots, i);
        status = check_plot(checker, &given);
    }
    curve_source_close(checker->curves);
    return status;
}

basin_status plots_check_study(const struct study *study, struct diagnostics *diagnostics)
{
    struct findings findings;
    struct plot_checker checker = {
        .study = study, .findings = &findings, .diagnostics = diagnostics};
    size_t before = diagnostics->total;
    TRY(arena_create(&checker.arena));
    basin_status status = findings_of_spec(checker.arena, study->spec, &findings);
    const struct value *plots = status == BASIN_OK ? plots_of(&findings) : NULL;
    if (plots && plots->list.count) status = check_plots(&checker, plots);
    arena_destroy(checker.arena);
    if (status == BASIN_OK && diagnostics->failed) return BASIN_MEMORY;
    return status == BASIN_OK && diagnostics->total > before ? BASIN_SPEC : status;
}
