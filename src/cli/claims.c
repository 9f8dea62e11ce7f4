#include "cli/claims.h"

#include <string.h>
#include "cli/report.h"
#include "cli/request.h"
#include "cli/source.h"
#include "folder/folder.h"

basin_status claims_put(const struct study *study, const char *folder, bool json, struct text *out)
{
    struct arena *arena;
    struct claims_result result;
    TRY(arena_create(&arena));
    basin_status status =
        study ? claims_of_study(arena, study, &result) : claims_of_folder(arena, folder, &result);
    if (status == BASIN_OK && json) claims_put_json(&result, out);
    if (status == BASIN_OK && !json) claims_put_text(&result, out);
    arena_destroy(arena);
    return status == BASIN_OK ? text_status(out) : status;
}

static int claims_of_spec(const struct arguments *arguments, const char *spec, struct arena *arena,
                          struct study **study, struct claims_result *result)
{
    int exit_status = request_study(arguments, spec, true, study);
    if (exit_status) return exit_status;
    return claims_of_study(arena, *study, result) == BASIN_OK ? 0 : report_last();
}

int claims_find(const struct arguments *arguments, struct arena *arena, struct study **studies,
                struct claims_result *results)
{
    int exit_status = source_check_options(arguments);
    for (size_t i = 0; i < arguments->count && !exit_status; i++) {
        const char *name = arguments->positional[i], *folder;
        if (request_is_spec(name))
            exit_status = claims_of_spec(arguments, name, arena, &studies[i], &results[i]);
        else if (folder_find(arena, name, &folder) != BASIN_OK ||
                 claims_of_folder(arena, folder, &results[i]) != BASIN_OK)
            exit_status = report_last();
    }
    return exit_status;
}

void claims_close(struct study **studies, size_t count)
{
    for (size_t i = 0; i < count; i++) study_close(studies[i]);
}

static void report_lines(char *lines)
{
    for (char *line = lines, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end) *end++ = 0;
        report_message("%s", line);
    }
}

int claims_report(const struct study *study)
{
    struct arena *arena;
    struct claims_result result;
    struct text text = {0};
    if (arena_create(&arena) != BASIN_OK) return report_last(), -1;
    basin_status status = claims_of_study(arena, study, &result);
    if (status == BASIN_OK) claims_put_text(&result, &text);
    if (status == BASIN_OK) status = text_status(&text);
    if (status == BASIN_OK && text.length) report_lines(text.data);
    int failed = status == BASIN_OK ? (int)result.failed : -1;
    if (status != BASIN_OK) report_last();
    text_free(&text);
    arena_destroy(arena);
    return failed;
}
