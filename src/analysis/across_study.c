#include "analysis/across_study.h"

#include <string.h>
#include "analysis/across.h"
#include "analysis/across_names.h"
#include "analysis/findings.h"
#include "spec/value.h"

/* The network of the run before: equal ones in a row are asked about once. */
struct network_before {
    const struct data *data;
    struct text architecture;
};

static bool is_asked_already(const struct run_settings *run, const struct data *data,
                             struct network_before *before)
{
    struct text own = {0};
    value_print(&own, value_find(run->spec, "architecture"));
    bool equal = before->data == data && text_status(&own) == BASIN_OK &&
                 strcmp(text_data(&own), text_data(&before->architecture)) == 0;
    text_free(&before->architecture);
    *before = (struct network_before){data, own};
    return equal;
}

/* One measure about one network. */
static basin_status ask_measure(const struct study *study, const struct findings *findings,
                                const struct setting_variant *measure, const struct model *model,
                                const struct study_run *run, struct diagnostics *diagnostics)
{
    char path[128];
    basin_status status = across_check(measure, model);
    if (status != BASIN_SPEC) return status;
    snprintf(path, sizeof path, "across.%s", measure->entry->name);
    const struct value *value = findings->whole ? value_find(findings->whole, path) : NULL;
    const struct basin_error *error = basin_error_last();
    diagnostics_add(diagnostics, value ? value->mark : (struct mark){0}, "%s: %s%s%s%s", path,
                    error->message, study->run_count > 1 ? " (run " : "",
                    study->run_count > 1 ? run->id : "", study->run_count > 1 ? ")" : "");
    return BASIN_SPEC;
}

static basin_status ask_about_run(const struct study *study, const struct findings *findings,
                                  const struct study_run *run, struct network_before *before,
                                  struct arena *arena, struct diagnostics *diagnostics)
{
    const struct run_settings *settings;
    const struct data *data;
    struct model *model;
    TRY(study_resolve(study, run->index, arena, &settings, &data));
    if (is_asked_already(settings, data, before)) return BASIN_OK;
    TRY(run_model_create(arena, settings, data_describe(data), &model));
    for (size_t k = 0; k < findings->across.count; k++)
        TRY(ask_measure(study, findings, &findings->across.items[k], model, run, diagnostics));
    return BASIN_OK;
}

static bool asks_about_networks(const struct findings *findings)
{
    for (size_t k = 0; k < findings->across.count; k++) {
        const struct across_measure *kind = findings->across.items[k].entry->implementation;
        if (kind->check) return true;
    }
    return false;
}

/* Until the first that is refused. */
static basin_status ask_about_all(const struct study *study, const struct findings *findings,
                                  struct diagnostics *diagnostics)
{
    struct network_before before = {0};
    basin_status status = BASIN_OK;
    for (size_t i = 0; i < study->whole && status == BASIN_OK; i++) {
        struct arena *arena;
        if ((status = arena_create(&arena)) != BASIN_OK) break;
        status = ask_about_run(study, findings, &study->runs[i], &before, arena, diagnostics);
        arena_destroy(arena);
    }
    text_free(&before.architecture);
    return status;
}

basin_status across_check_study(const struct study *study, struct diagnostics *diagnostics)
{
    struct arena *arena;
    struct findings findings;
    size_t before = diagnostics->total;
    TRY(arena_create(&arena));
    basin_status status = findings_of_spec(arena, study->spec, &findings);
    if (status == BASIN_OK) status = across_check_names(arena, study, &findings, diagnostics);
    if (status == BASIN_OK && diagnostics->total > before) status = BASIN_SPEC;
    if (status == BASIN_OK && asks_about_networks(&findings))
        status = ask_about_all(study, &findings, diagnostics);
    arena_destroy(arena);
    return status;
}
