#include "analysis/collect.h"

#include <string.h>
#include "cli/command.h"
#include "cli/report.h"
#include "cli/request.h"

static void warn_collected(const struct collected *collected)
{
    for (size_t i = 0; i < collected->table->problem_count; i++)
        report_message("warning: %s", collected->table->problems[i]);
    for (size_t i = 0; i < collected->note_count; i++)
        report_message("warning: %s", collected->notes[i]);
}

static basin_status say_collected(const struct collected *collected, const char *path)
{
    struct text line = {0};
    text_format(&line, "wrote %s: ", path);
    collect_describe_runs(collected, &line);
    basin_status status = text_status(&line);
    if (status == BASIN_OK) report_message("%s", line.data);
    text_free(&line);
    return status;
}

static basin_status collect_into(struct arena *arena, const char *folder, const char *path)
{
    struct collected collected;
    struct collect_inputs inputs;
    collect_inputs_look(folder, &inputs);
    TRY(collect_folder(arena, folder, &collected));
    warn_collected(&collected);
    TRY(collect_save(&collected, folder, path, &inputs));
    return say_collected(&collected, path);
}

/* The folder's own file is written where something has changed since it was. */
static basin_status collect_anew(struct arena *arena, const char *folder)
{
    struct collect_inputs inputs;
    const char *said, *path = arena_format(arena, "%s/study.h5", folder);
    if (!path) return BASIN_MEMORY;
    collect_inputs_look(folder, &inputs);
    TRY(collect_inputs_known(arena, folder, &inputs, &said));
    if (!said) return collect_into(arena, folder, path);
    report_message("unchanged %s: %s", path, said);
    return BASIN_OK;
}

static int collect(const struct arguments *arguments)
{
    struct arena *arena;
    if (arena_create(&arena) != BASIN_OK) return report_last();
    const char *folder = request_folder(arguments->positional[0], arena),
               *path = option_value(arguments, "output");
    basin_status status = !folder ? BASIN_MEMORY
                          : path  ? collect_into(arena, folder, path)
                                  : collect_anew(arena, folder);
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
