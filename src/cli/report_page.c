#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "analysis/page.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/request.h"
#include "store/file.h"

extern char **environ;

/* xdg-open hands the page to a browser and comes back. */
static basin_status open_in_browser(struct arena *arena, const char *path)
{
    char program[] = "xdg-open";
    char *page = *path == '-' ? arena_format(arena, "./%s", path) : arena_text(arena, path);
    char *words[] = {program, page, NULL};
    pid_t process;
    int state = 0;
    if (!page) return BASIN_MEMORY;
    if (posix_spawnp(&process, program, NULL, NULL, words, environ) == 0 &&
        waitpid(process, &state, 0) == process && WIFEXITED(state) && WEXITSTATUS(state) == 0)
        return BASIN_OK;
    error_raise(BASIN_IO, "the page is written, but xdg-open is not there or opened no browser");
    error_hint("open %s in a browser", path);
    return BASIN_IO;
}

/* DIR/report.html, or the path of --output. */
static const char *page_path(const struct arguments *arguments, struct arena *arena,
                             const char *folder)
{
    const char *given = option_value(arguments, "output");
    if (given) return given;
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') length--;
    return arena_format(arena, "%.*s/report.html", (int)length, folder);
}

static basin_status write_page(const struct arguments *arguments, struct arena *arena,
                               const char **path, const struct table **table)
{
    struct text page = {0};
    const char *folder = request_folder(arguments->positional[0], arena);
    if (!folder || !(*path = page_path(arguments, arena, folder))) return BASIN_MEMORY;
    basin_status status = page_make(arena, folder, &page, table);
    bool chosen = option_given(arguments, "output");
    if (status == BASIN_OK)
        status = chosen ? file_write(*path, text_data(&page), page.length)
                        : store_write_file(*path, text_data(&page), page.length);
    text_free(&page);
    return status;
}

static basin_status require_d3(void)
{
    if (page_is_available()) return BASIN_OK;
    error_raise(BASIN_USAGE,
                "this build of Basin has no report: d3 was not found when it was built");
    error_hint("install d3.min.js (Debian: node-d3), or name it by `meson configure build "
               "-Dd3=PATH`, and build again");
    return BASIN_USAGE;
}

static int report_page_run(const struct arguments *arguments)
{
    struct arena *arena;
    struct text said = {0};
    const char *path;
    const struct table *table;
    if (require_d3() != BASIN_OK || arena_create(&arena) != BASIN_OK) return report_last();
    int exit_status = 0;
    if (write_page(arguments, arena, &path, &table) != BASIN_OK) {
        exit_status = report_last();
    } else {
        for (size_t i = 0; i < table->problem_count; i++) {
            report_message("basin: error: left out: %s", table->problems[i]);
            exit_status = 1;
        }
        text_escape(&said, path);
        text_append(&said, "\n");
        exit_status = report_output(&said, exit_status);
        if (option_given(arguments, "open") && open_in_browser(arena, path) != BASIN_OK)
            exit_status = report_last();
    }
    text_free(&said);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"output", 'o', "FILE", "Write the page there (default DIR/report.html)."},
    {"open", 0, NULL, "Open it in a browser (xdg-open)."},
    {0}};

static const char *const examples[] = {
    "basin report results/study", "writes results/study/report.html",
    "basin report results/study -o study.html --open", "writes study.html and shows it", NULL};

const struct command command_report = {
    .name = "report",
    .usage = "DIR|SPEC [OPTION]...",
    .summary = "write a study as one page for a browser",
    .details =
        "The page is one HTML file that needs no network and no other file: the study's question, "
        "runs that failed or diverged, learning curves, final numbers against each axis, gaps "
        "against measures, a heat map, parallel coordinates, arrays of measures, and a table. What "
        "is brushed in one chart is chosen in all. It prints the path of the page. An existing "
        "page "
        "is replaced. Exit status 1 if a result could not be used. For a SPEC.yaml: the results in "
        "results/<study>.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = report_page_run};
