#include <stdio.h>
#include <string.h>
#include "analysis/compare.h"
#include "cli/command.h"
#include "cli/report.h"
#include "folder/folder.h"
#include "folder/ledger.h"
#include "folder/result.h"
#include "run/machine.h"
#include "run/provenance.h"
#include "run/runner.h"
#include "store/store.h"

/* What is done to one verified file; `why` says what differs. */
typedef basin_status check_function(const char *file, struct arena *arena, struct text *why);

static basin_status check_nothing_more(const char *file, struct arena *arena, struct text *why)
{
    (void)file;
    (void)arena;
    (void)why;
    return BASIN_OK;
}

static basin_status check_rerun(const char *file, struct arena *arena, struct text *why)
{
    struct record *original, *again;
    TRY(machine_prepare_worker());
    TRY(runner_rerun(file, NULL, arena, &original, &again));
    if (!compare_records(original, again, why) && !provenance_is_ours(original))
        text_append(why, " (the file was made by another build or format, on another CPU or with "
                         "other kernels of the libraries: see its group /provenance)");
    return text_status(why);
}

/* Is the file what was written, and is it the run that its name says? Outside a study's folder any
 * name will do. */
static basin_status verify_check_file(const char *file, bool in_study, struct arena *arena)
{
    struct record *record;
    TRY(store_load_small(file, RESULT_SMALL, arena, &record)); /* verifies its digest first */
    TRY(result_check(file, record));
    return in_study ? ledger_check_name(file, record) : BASIN_OK;
}

/* One line: the name of a file may have line breaks. */
static void put_verdict(struct text *out, const char *verdict, const char *file, const char *why)
{
    text_format(out, "%-8s ", verdict);
    text_escape(out, file);
    text_append(out, *why ? "  " : "");
    text_escape(out, why);
    text_append(out, "\n");
}

/* A file that fails verification is a verdict, exit status 1. A later error (the data set is gone,
 * say) is an error like any other. */
static int report_failure(const char *file, basin_status status, bool holds, struct text *out)
{
    bool verdict = !holds && (status == BASIN_DAMAGED || status == BASIN_DATA);
    put_verdict(out,
                !verdict               ? "error"
                : status == BASIN_DATA ? "not a result"
                                       : "damaged",
                file, "");
    int exit_status = report_last();
    return verdict ? 1 : exit_status;
}

/* One line on stdout for each file; 0 if it is verified and passes the check. */
static int verify_file(const char *file, bool in_study, check_function *check, struct text *out)
{
    struct arena *arena;
    struct text why = {0};
    if (arena_create(&arena) != BASIN_OK) return report_last();
    basin_status status = verify_check_file(file, in_study, arena);
    bool holds = status == BASIN_OK;
    int exit_status = 0;
    if (holds) status = check(file, arena, &why);
    if (status != BASIN_OK) {
        exit_status = report_failure(file, status, holds, out);
    } else if (why.length) {
        put_verdict(out, "differs", file, text_data(&why));
        exit_status = 1;
    } else {
        put_verdict(out, "ok", file,
                    check == check_rerun ? "trained again: every dataset is the same, bit for bit"
                                         : "");
    }
    text_free(&why);
    arena_destroy(arena);
    return exit_status;
}

/* Was `file` found in the folder runs/ of a study that was named, instead of being named itself? */
static bool is_in_study(const char *file, const char *named)
{
    const char *slash = strrchr(file, '/');
    return !folder_file_exists(named) && slash - file >= 5 && strncmp(slash - 5, "/runs", 5) == 0;
}

static int verify_all(const struct arguments *arguments, struct arena *arena, check_function *check)
{
    int worst = 0;
    for (size_t i = 0; i < arguments->count; i++) {
        struct folder_files files;
        const char *path;
        if (folder_find(arena, arguments->positional[i], &path) != BASIN_OK ||
            folder_list(arena, path, &files) != BASIN_OK)
            return report_last();
        if (!files.count) report_message("basin: %s contains no results", path);
        for (size_t j = 0; j < files.count; j++) {
            struct text out = {0};
            bool in_study = is_in_study(files.paths[j], path);
            int exit_status = verify_file(files.paths[j], in_study, check, &out);
            exit_status = report_output(&out, exit_status);
            if (exit_status > worst) worst = exit_status;
        }
    }
    return worst;
}

/* ---- two results, or two folders of results, against each other ---- */

static const char *verify_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "differs  A B": the words of others escaped, the line not ended. */
static void put_difference(struct text *out, const char *verdict, const char *first,
                           const char *gap, const char *second)
{
    if (*verdict) text_format(out, "%-8s ", verdict);
    text_escape(out, first);
    text_append(out, gap);
    text_escape(out, second);
}

static basin_status compare_files(const char *a, const char *b, struct text *out, bool *same)
{
    struct arena *arena;
    struct record *x, *y;
    struct text why = {0};
    TRY(arena_create(&arena));
    basin_status status = store_load(a, arena, &x);
    if (status == BASIN_OK) status = store_load(b, arena, &y);
    if (status == BASIN_OK && !compare_records(x, y, &why)) {
        *same = false;
        put_difference(out, "differs", a, " ", b);
        put_difference(out, "", "", "  ", text_data(&why));
        text_append(out, "\n");
    }
    text_free(&why);
    arena_destroy(arena);
    return status;
}

struct comparison {
    size_t equal, different, lacking; /* lacking: in one folder only */
};

/* Both lists are sorted by name, and equal folders have the same names. Single files are compared
 * whatever their names. */
static basin_status verify_compare_lists(const struct folder_files *a, const struct folder_files *b,
                                         bool single, const char *const names[2], struct text *out,
                                         struct comparison *comparison)
{
    size_t i = 0, j = 0;
    while (i < a->count || j < b->count) {
        int order = i == a->count   ? 1
                    : j == b->count ? -1
                    : single        ? 0
                             : strcmp(verify_name_of(a->paths[i]), verify_name_of(b->paths[j]));
        if (order == 0) {
            bool same = true;
            TRY(compare_files(a->paths[i++], b->paths[j++], out, &same));
            comparison->equal += same;
            comparison->different += !same;
            continue;
        }
        comparison->lacking++;
        put_difference(out, "lacks", names[order < 0], "  ",
                       verify_name_of(order < 0 ? a->paths[i++] : b->paths[j++]));
        text_append(out, "\n");
    }
    return BASIN_OK;
}

static basin_status compare_paths(const char *a, const char *b, struct arena *arena,
                                  struct text *out, bool *same)
{
    struct folder_files x, y;
    TRY(folder_find(arena, a, &a)); /* ids too */
    TRY(folder_find(arena, b, &b));
    TRY(folder_list(arena, a, &x));
    TRY(folder_list(arena, b, &y));
    bool single = folder_file_exists(a) && folder_file_exists(b);
    struct comparison found = {0};
    TRY(verify_compare_lists(&x, &y, single, (const char *const[]){a, b}, out, &found));
    *same = !found.different && !found.lacking;
    text_format(out, "equal    %zu result%s", found.equal, found.equal == 1 ? "" : "s");
    if (found.different)
        text_format(out, ", %zu differ%s", found.different, found.different == 1 ? "s" : "");
    if (found.lacking) text_format(out, ", %zu in one folder only", found.lacking);
    text_append(out, "\n");
    return BASIN_OK;
}

static int verify_compare(const struct arguments *arguments, struct arena *arena)
{
    struct text out = {0};
    bool same = true;
    if (arguments->count != 2) {
        error_raise(BASIN_USAGE, "--compare takes two results or two folders");
        return report_last();
    }
    basin_status status =
        compare_paths(arguments->positional[0], arguments->positional[1], arena, &out, &same);
    if (status == BASIN_OK) return report_output(&out, same ? 0 : 1);
    text_free(&out);
    return report_last();
}

static int verify(const struct arguments *arguments)
{
    struct arena *arena;
    if (arena_create(&arena) != BASIN_OK) return report_last();
    int exit_status =
        option_given(arguments, "compare")
            ? verify_compare(arguments, arena)
            : verify_all(arguments, arena,
                         option_given(arguments, "rerun") ? check_rerun : check_nothing_more);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"rerun", 0, NULL,
     "Train again from the file's own spec and compare every dataset bit for bit."},
    {"compare", 0, NULL,
     "Compare two results, or the results in two folders, bit for bit. How specs and numbers "
     "differ: "
     "basin compare."},
    {0}};

static const char *const examples[] = {
    "basin verify results/study",
    "verify every result of a study",
    "basin verify --rerun results/study/runs/0123456789abcdef.h5",
    "train one run again and compare it bit for bit",
    "basin verify --compare results/a results/b",
    "compare the results in two folders",
    NULL};

const struct command command_verify = {
    .name = "verify",
    .usage = "FILE.h5|ID|DIR/ID|DIR... [OPTION]...",
    .summary = "check digests; with --rerun, train again and compare bit for bit",
    .details =
        "What counts in comparisons is every number, which run it is and how it ended. The group "
        "/provenance (host, times, versions), titles and definitions, and the text of /spec "
        "where the ids are equal do not count: another version may word them differently. "
        "Exit status 1 if a file fails verification or differs. Equal bits are promised for the "
        "same "
        "build, libraries and CPU model, and the same choice of kernels by the libraries.",
    .least = 1,
    .most = 100000,
    .options = options,
    .examples = examples,
    .run = verify};
