#include "analysis/claims_names.h"

#include <string.h>
#include "base/list.h"
#include "train/quantities.h"

/* Names, each once. */
struct name_list {
    const char **items;
    size_t count, capacity;
};

static basin_status name_add(struct arena *arena, struct name_list *list, const char *group,
                             const char *name)
{
    const char *whole = arena_format(arena, "%s%s", group, name);
    if (!whole) return BASIN_MEMORY;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], whole) == 0) return BASIN_OK;
    if (!list_room(arena, list->items, list->count, 1, list->capacity)) return BASIN_MEMORY;
    list->items[list->count++] = whole;
    return BASIN_OK;
}

/* ---- what one run will have ---- */

struct run_names {
    struct arena *arena;
    struct name_list numbers, curves;
};

static basin_status add_training(struct run_names *names, const struct run_settings *run,
                                 const struct data_info *info)
{
    const struct train_scope scope = {.info = info, .best = run->train.weights.best};
    unsigned epochs = train_columns(&scope, false),
             steps = run->train.training.log_every ? train_columns(&scope, true) : 0;
    for (const struct train_quantity *each = train_quantities; each->final.name; each++)
        if (each->final.long_name && train_quantity_applies(each, &scope))
            TRY(name_add(names->arena, &names->numbers, "", each->final.name));
    for (int i = 0; i < CURVES; i++) {
        const char *curve = train_curve((enum curve_column)i)->final.name;
        if (epochs >> i & 1) TRY(name_add(names->arena, &names->curves, "curves.", curve));
        if (steps >> i & 1) TRY(name_add(names->arena, &names->curves, "steps.", curve));
    }
    return BASIN_OK;
}

static basin_status add_quantity(struct run_names *names, const char *measure,
                                 const struct quantity *quantity, bool is_tracked)
{
    const char *name = measure_result_name(names->arena, measure, quantity->name);
    if (!name) return BASIN_MEMORY;
    TRY(name_add(names->arena, &names->numbers, "", name));
    return is_tracked ? name_add(names->arena, &names->curves, "tracked.", name) : BASIN_OK;
}

static basin_status add_measure(struct run_names *names, const struct run_settings *run,
                                const struct setting_variant *measure)
{
    const struct measure *how = measure->entry->implementation;
    const struct value *all = value_find(run->spec, "measures"),
                       *options = all ? value_find(all, measure->member) : NULL;
    bool is_tracked = measure_every(measure) != SETTING_ABSENT;
    for (const struct quantity *each = how->quantities; each && each->name; each++) {
        if (how->gives && options && !how->gives(options, each)) continue;
        TRY(add_quantity(names, measure->member, each, is_tracked));
    }
    return BASIN_OK;
}

/* ---- the runs that are looked at ---- */

/* Has the run a value of some axis that none before it had? */
static bool is_new(const struct spec *spec, size_t run, bool *const *seen)
{
    bool any = run == 0;
    for (size_t axis = 0; axis < spec->axis_count; axis++) {
        size_t choice = spec_choice(spec, run, axis);
        if (choice == SPEC_ABSENT) choice = spec->axes[axis].count;
        any = any || !seen[axis][choice];
        seen[axis][choice] = true;
    }
    return any;
}

static basin_status make_seen(struct arena *arena, const struct spec *spec, bool ***seen)
{
    *seen = arena_array(arena, bool *, spec->axis_count + 1);
    if (!*seen) return BASIN_MEMORY;
    for (size_t i = 0; i < spec->axis_count; i++)
        if (!((*seen)[i] = arena_array(arena, bool, spec->axes[i].count + 1))) return BASIN_MEMORY;
    return BASIN_OK;
}

static basin_status list_titles(struct arena *arena, const struct spec *spec,
                                struct table_specs *specs)
{
    const char **names = arena_array(arena, const char *, spec->axis_count + 1);
    if (!names) return BASIN_MEMORY;
    for (size_t i = 0; i < spec->axis_count; i++) {
        if (!spec->axes[i].name) continue;
        names[specs->name_count] =
            arena_format(arena, "%s=%s", spec->axes[i].path, spec->axes[i].name);
        if (!names[specs->name_count++]) return BASIN_MEMORY;
    }
    specs->names = names;
    return BASIN_OK;
}

basin_status claims_names(struct arena *arena, const struct study *study, struct table **table,
                          struct curve_source **curves)
{
    struct run_names names = {.arena = arena};
    const struct value **runs = arena_array(arena, const struct value *, study->run_count + 1);
    struct table_specs specs = {.runs = runs};
    bool **seen;
    if (!runs) return BASIN_MEMORY;
    TRY(make_seen(arena, study->spec, &seen));
    for (size_t i = 0; i < study->run_count; i++) {
        const struct run_settings *run;
        const struct data *data;
        if (!is_new(study->spec, study->runs[i].index, seen) && i) continue;
        TRY(study_resolve(study, study->runs[i].index, arena, &run, &data));
        runs[specs.count++] = run->spec;
        TRY(add_training(&names, run, data_describe(data)));
        for (size_t k = 0; k < run->measures.count; k++)
            TRY(add_measure(&names, run, &run->measures.items[k]));
    }
    TRY(list_titles(arena, study->spec, &specs));
    specs.numbers = names.numbers.items;
    specs.number_count = names.numbers.count;
    TRY(table_of_specs(arena, &specs, table));
    return curve_source_names(arena, names.curves.items, names.curves.count, curves);
}
