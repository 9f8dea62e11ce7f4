#include "cli/claims.h"

#include <string.h>
#include "cli/report.h"

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
