#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "analysis/findings.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/request.h"
#include "spec/spec.h"
#include "store/store.h"

/* %s: the study's name. */
static const char starter[] =
    "# yaml-language-server: $schema=basin.schema.json\n"
    "# A study: every combination of the values under `sweep`, once for every seed.\n"
    "#     basin run FILE      trains the runs that have no result yet\n"
    "#     basin explain KEY   explains a key; basin list shows what a spec can name\n"
    "study: %s\n"
    "description: Does weight decay lead to flatter minima that generalise better?\n"
    "\n"
    "dataset:\n"
    "  name: mnist1d               # generated, needs no file; see basin list\n"
    "\n"
    "architecture:\n"
    "  type: mlp\n"
    "  hidden: [64, 64]\n"
    "  activation: relu\n"
    "\n"
    "regularizers:\n"
    "  weight_decay: 0.0           # the sweep below varies it\n"
    "\n"
    "training:\n"
    "  optimizer: {type: adam, learning_rate: 0.003}\n"
    "  batch_size: 100\n"
    "  epochs: 20\n"
    "\n"
    "measures:                     # of the trained network\n"
    "  hessian_top: {k: 1, examples: 1000}\n"
    "  hessian_trace: {probes: 10, examples: 1000}\n"
    "\n"
    "sweep:\n"
    "  grid:\n"
    "    regularizers.weight_decay: [0.0, 0.01, 0.1]\n"
    "seeds: 2                      # 3 x 2 = 6 runs\n";

enum { NAME_MOST = 64 };

/* The file's name without folder and ending; characters that a study's name may not have become
 * '-'. */
static void name_study(const char *path, char name[NAME_MOST + 1])
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path,
               *dot = strrchr(base, '.');
    size_t length = dot && dot != base ? (size_t)(dot - base) : strlen(base), kept = 0;
    for (size_t i = 0; i < length && kept < NAME_MOST; i++) {
        char c = strchr(allowed, base[i]) ? base[i] : '-';
        if (kept || c != '.') name[kept++] = c;
    }
    name[kept] = 0;
    if (!kept) snprintf(name, NAME_MOST + 1, "study");
}

static basin_status write_new(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "rbe");
    if (file) {
        fclose(file);
        error_raise(BASIN_USAGE, "%s already exists", path);
        error_hint("name another file, as in `basin init FILE`");
        return BASIN_USAGE;
    }
    if (errno != ENOENT)
        return error_raise(BASIN_IO, "cannot look at %s: %s", path, strerror(errno));
    return file_write(path, bytes, length);
}

/* Is the folder of a file there, but not to be written to? */
static bool is_read_only(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct text folder = {0};
    text_append_n(&folder, path, slash ? (size_t)(slash - path) + 1 : 0);
    const char *name = slash ? text_data(&folder) : ".";
    bool read_only = access(name, F_OK) == 0 && access(name, W_OK) != 0;
    text_free(&folder);
    return read_only;
}

/* Writes basin.schema.json beside the spec, for editors. An existing one is replaced: it may be of
 * another version. */
static basin_status write_schema(const char *spec)
{
    const char *slash = strrchr(spec, '/');
    struct text path = {0}, json = {0};
    text_append_n(&path, spec, slash ? (size_t)(slash - spec) + 1 : 0);
    text_append(&path, "basin.schema.json");
    basin_status status = schema_json(findings_schema(), &json);
    if (status == BASIN_OK) status = text_status(&path);
    if (status == BASIN_OK) status = file_write(text_data(&path), text_data(&json), json.length);
    text_free(&path);
    text_free(&json);
    return status;
}

static int init(const struct arguments *arguments)
{
    const char *path = arguments->count ? arguments->positional[0] : "study.yaml";
    char name[NAME_MOST + 1];
    struct text spec = {0}, next = {0};
    name_study(path, name);
    text_format(&spec, starter, name);
    basin_status status = text_status(&spec);
    if (status == BASIN_OK) status = write_new(path, text_data(&spec), spec.length);
    text_free(&spec);
    if (status == BASIN_OK) status = write_schema(path);
    if (status == BASIN_IO && is_read_only(path)) /* the hint for folders of results names -o */
        error_hint("name a file in a folder that can be written: basin init FOLDER/%s.yaml", name);
    if (status != BASIN_OK) return report_last();
    request_quote(&next, path);
    report_message("wrote %s, and basin.schema.json beside it for editors", path);
    report_message("Next: basin run %s", text_data(&next));
    text_free(&next);
    return 0;
}

static const char *const examples[] = {"basin init", "writes study.yaml",
                                       "basin init flatness.yaml", "writes flatness.yaml", NULL};

const struct command command_init = {
    .name = "init",
    .usage = "[FILE]",
    .summary = "write a commented starter study that trains in seconds",
    .details = "Writes FILE (default study.yaml), which must not exist, and basin.schema.json "
               "beside it. The study is named after the file.",
    .most = 1,
    .examples = examples,
    .run = init};
