#include "cli/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/report.h"
#include "cli/request.h"
#include "folder/folder.h"

static int source_by_id(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static basin_status take_study(const struct study *study, struct arena *arena,
                               struct table_source *source)
{
    const char **ids = arena_array(arena, const char *, study->run_count + 1);
    source->path = arena_text(arena, study->folder);
    if (!ids || !source->path) return BASIN_MEMORY;
    for (size_t i = 0; i < study->run_count; i++)
        if (!(ids[i] = arena_text(arena, study->runs[i].id))) return BASIN_MEMORY;
    qsort(ids, study->run_count, sizeof *ids, source_by_id);
    source->ids = ids;
    source->id_count = study->run_count;
    return BASIN_OK;
}

/* The folder of a study is not there before the first run. */
static basin_status require_folder(const struct command *command, const char *spec,
                                   const char *folder)
{
    struct text quoted = {0};
    if (access(folder, F_OK) == 0 || errno != ENOENT) return BASIN_OK;
    request_quote(&quoted, spec);
    error_raise(BASIN_IO, "the study of %s has not been run: there is no folder %s", spec, folder);
    error_hint("`basin run %s` runs it; results in another folder: `basin %s DIR`",
               text_data(&quoted), command->name);
    text_free(&quoted);
    return BASIN_IO;
}

/* Which runs a spec has follows from its data, which may be gone while the results are there. */
static void hint_folder(const struct arguments *arguments, const char *spec, struct arena *arena)
{
    struct text quoted = {0};
    const char *folder = option_value(arguments, "output");
    if (!folder) folder = request_folder(spec, arena);
    if (folder == spec || access(folder, F_OK) != 0) return;
    request_quote(&quoted, folder);
    report_message("  hint: `basin %s %s` takes all results in the folder, without the spec",
                   arguments->command->name, text_data(&quoted));
    text_free(&quoted);
}

static int find_spec(const struct arguments *arguments, const char *spec, struct arena *arena,
                     struct table_source *source)
{
    struct study *study;
    int exit_status = request_study(arguments, spec, true, &study);
    if (exit_status)
        hint_folder(arguments, spec, arena);
    else if (require_folder(arguments->command, spec, study->folder) != BASIN_OK ||
             take_study(study, arena, source) != BASIN_OK)
        exit_status = report_last();
    study_close(study);
    return exit_status;
}

int source_check_options(const struct arguments *arguments)
{
    size_t specs = 0;
    for (size_t i = 0; i < arguments->count; i++)
        specs += request_is_spec(arguments->positional[i]);
    if (specs || !(option_given(arguments, "output") || option_given(arguments, "set"))) return 0;
    error_raise(BASIN_USAGE, "-o and --set belong to a spec, and %s is none",
                arguments->positional[0]);
    return report_last();
}

int source_find(const struct arguments *arguments, const char *const *names, size_t count,
                struct arena *arena, struct table_source *sources)
{
    int exit_status = source_check_options(arguments);
    for (size_t i = 0; i < count && !exit_status; i++) {
        sources[i] = (struct table_source){0};
        if (request_is_spec(names[i]))
            exit_status = find_spec(arguments, names[i], arena, &sources[i]);
        else if (folder_find(arena, names[i], &sources[i].path) != BASIN_OK)
            exit_status = report_last();
    }
    return exit_status;
}

void source_notes(const char *const *names, const struct table_source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct table_source *source = &sources[i];
        size_t lacking = source->ids ? source->id_count - source->found : 0;
        if (lacking)
            report_message("note: %zu of the %zu run%s of %s %s no result yet", lacking,
                           source->id_count, source->id_count == 1 ? "" : "s", names[i],
                           lacking == 1 ? "has" : "have");
        if (source->others)
            report_message("note: %zu other result%s in %s %s not of this spec and left out",
                           source->others, source->others == 1 ? "" : "s", source->path,
                           source->others == 1 ? "is" : "are");
    }
}
