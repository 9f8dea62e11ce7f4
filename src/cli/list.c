#include <string.h>
#include "analysis/findings.h"
#include "cli/command.h"
#include "cli/names.h"
#include "cli/print.h"
#include "cli/report.h"
#include "run/quantities.h"
#include "spec/spec.h"

static basin_status print_registry(const struct registry *registry, struct arena *arena,
                                   struct text *out)
{
    struct grid grid;
    text_format(out, "%s\n", registry->plural);
    TRY(grid_start(&grid, arena, 2));
    for (size_t i = 0; registry->entries[i]; i++) {
        TRY(grid_add(&grid, registry->entries[i]->name));
        TRY(grid_add(&grid, registry->entries[i]->doc));
    }
    grid_print(&grid, 2, out);
    return BASIN_OK;
}

static basin_status print_all(struct arena *arena, struct text *out)
{
    const struct registry *const *registries = named_registries();
    for (size_t i = 0; registries[i]; i++) {
        if (i) text_append(out, "\n");
        TRY(print_registry(registries[i], arena, out));
    }
    return BASIN_OK;
}

/* "data sets" may be written "datasets". */
static bool same_word(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, " ");
        b += strspn(b, " ");
        if (*a != *b) return false;
        if (!*a) return true;
    }
}

static basin_status print_kind(const char *kind, struct arena *arena, struct text *out)
{
    const char *names[64];
    const struct registry *const *registries = named_registries();
    size_t count = 0;
    for (size_t i = 0; registries[i] && count + 2 <= sizeof names / sizeof *names; i++) {
        const struct registry *registry = registries[i];
        if (same_word(kind, registry->kind) || same_word(kind, registry->plural))
            return print_registry(registry, arena, out);
        names[count++] = registry->plural;
        names[count++] = registry->kind;
    }
    const char *nearest = text_nearest(kind, names, count);
    error_raise(BASIN_USAGE, "there is no list of \"%s\"", kind);
    if (nearest)
        error_hint("did you mean \"%s\"?", nearest);
    else
        error_hint("`basin list` lists every kind");
    return BASIN_USAGE;
}

static int list(const struct arguments *arguments)
{
    struct arena *arena;
    struct text out = {0};
    if (arena_create(&arena) != BASIN_OK) return report_last();
    basin_status status = option_given(arguments, "results") ? quantities_reference(&out)
                          : option_given(arguments, "markdown")
                              ? schema_reference(findings_schema(), named_registries(), &out)
                          : arguments->count ? print_kind(arguments->positional[0], arena, &out)
                                             : print_all(arena, &out);
    arena_destroy(arena);
    if (status == BASIN_OK)
        return option_given(arguments, "markdown") || option_given(arguments, "results")
                   ? report_output(&out, 0)
                   : report_prose(&out, 0);
    text_free(&out);
    return report_last();
}

static const char *const examples[] = {"basin list",
                                       "everything that a spec can name",
                                       "basin list measures",
                                       "only the measures",
                                       "basin list --markdown",
                                       "the tables of experiments/REFERENCE.md",
                                       NULL};

static const struct option_row options[] = {
    {.name = "markdown",
     .doc = "The whole spec language as Markdown tables: every key with its default."},
    {.name = "results", .doc = "The numbers and weight names of result files, as Markdown tables."},
    {0}};

const struct command command_list = {
    .name = "list",
    .usage = "[KIND] [OPTION]...",
    .summary = "list the datasets, architectures, optimizers, measures, ... that a spec can name",
    .most = 1,
    .options = options,
    .examples = examples,
    .run = list};
