#include "analysis/collect.h"

#include <string.h>
#include "cli/command.h"
#include "cli/report.h"
#include "cli/request.h"
#include "store/store.h"

static void say_collected(const struct collected *collected, const char *path)
{
    const struct cube *cube = &collected->cube;
    struct text line = {0};
    size_t done = collected->finished + collected->diverged;
    text_format(&line, "wrote %s: %zu of %zu run%s", path, done, cube->cell_count,
                cube->cell_count == 1 ? "" : "s");
    if (collected->diverged) text_format(&line, " (%zu diverged)", collected->diverged);
    text_append(&line, " over ");
    for (size_t i = 0; i < cube->axis_count; i++)
        text_format(&line, "%s%s (%zu)", i ? " x " : "", cube->axes[i].name, cube->axes[i].count);
    if (!cube->is_product) text_format(&line, "run (%zu)", cube->cell_count);
    if (!line.failed) report_message("%s", line.data);
    text_free(&line);
}

static basin_status collect_into(struct arena *arena, const char *folder, const char *path)
{
    struct collected collected;
    TRY(collect_folder(arena, folder, &collected));
    for (size_t i = 0; i < collected.table->problem_count; i++)
        report_message("warning: %s", collected.table->problems[i]);
    for (size_t i = 0; i < collected.note_count; i++)
        report_message("warning: %s", collected.notes[i]);
    TRY(store_save(collected.record, path));
    say_collected(&collected, path);
    return BASIN_OK;
}

static int collect(const struct arguments *arguments)
{
    struct arena *arena;
    if (arena_create(&arena) != BASIN_OK) return report_last();
    const char *folder = request_folder(arguments->positional[0], arena),
               *path = option_value(arguments, "output");
    if (!path) path = arena_format(arena, "%s/study.h5", folder);
    basin_status status = path ? collect_into(arena, folder, path) : BASIN_MEMORY;
    arena_destroy(arena);
    return status == BASIN_OK ? 0 : report_last();
}

static const struct option_row options[] = {
    {"output", 'o', "FILE", "The file to write (default DIR/study.h5)."}, {0}};

static const char *const examples[] = {
    "basin collect results/study", "all runs as one data set, results/study/study.h5",
    "python3 -c 'import xarray; print(xarray.open_dataset(\"results/study/study.h5\"))'",
    "look at it in Python", NULL};

const struct command command_collect = {
    .name = "collect",
    .usage = "DIR|SPEC [OPTION]...",
    .summary = "write all runs of a study as one labelled file, study.h5",
    .details =
        "Every number and every curve of every run becomes an array over what the study varies: a "
        "grid has a dimension for each of its axes and one for the seed, other sweeps have one "
        "dimension `run` with the parameters beside it. Curves end with `epoch` or `step`, the "
        "union of those of the runs; arrays of measures end with axes of their own. What a run "
        "does "
        "not have is NaN. Arrays of more than 65,536 numbers in a run are named and left out, and "
        "weights are never collected. `run_id` and `status` say "
        "which run is where; runs that diverged, failed or are missing have NaN for numbers.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = collect};
