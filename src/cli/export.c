#include <math.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/report.h"
#include "folder/folder.h"
#include "folder/result.h"
#include "formats/export_file.h"
#include "store/store.h"

enum { EXPORT_SAFETENSORS, EXPORT_NPZ, EXPORT_CSV, EXPORT_FORMATS };

static const char *const export_names[EXPORT_FORMATS] = {"safetensors", "npz", "csv"};

/* ---- weights ---- */

/* The arrays right below /weights/SET, with their own names. */
static basin_status weights_of(struct arena *arena, const struct record *record, const char *set,
                               struct export_array **arrays, size_t *count)
{
    char *group = arena_format(arena, "/weights/%s/", set);
    *arrays = arena_array(arena, struct export_array, record->count + 1);
    *count = 0;
    if (!group || !*arrays) return BASIN_MEMORY;
    size_t length = strlen(group);
    for (const struct record_item *item = record->items; item; item = item->next)
        if (!item->is_group && strncmp(item->path, group, length) == 0)
            (*arrays)[(*count)++] = (struct export_array){item->path + length, item};
    if (*count) return BASIN_OK;
    error_raise(BASIN_DATA, "the file has no weights \"%s\"", set);
    error_hint("`basin show FILE` lists what it has; `weights: {initial: true, best: true}` in a "
               "spec stores more than the final ones");
    return BASIN_DATA;
}

static basin_status export_weights(struct arena *arena, const struct record *record,
                                   const char *set, int format, struct text *out)
{
    struct export_array *arrays;
    size_t count;
    const char *id = record_attribute_get_text(record->items, "run_id"),
               *study = record_attribute_get_text(record->items, "study");
    const char *const metadata[] = {"format",     "pt",    "run_id",
                                    id ? id : "", "study", study ? study : ""};
    TRY(weights_of(arena, record, set, &arrays, &count));
    return format == EXPORT_NPZ ? export_npz(arrays, count, out)
                                : export_safetensors(arrays, count, metadata, 3, out);
}

/* ---- curves ---- */

static bool export_is_curve(const struct record_item *item, size_t count)
{
    static const char group[] = "/curves/";
    return !item->is_group && item->rank == 1 && item->type != RECORD_TEXT &&
           strncmp(item->path, group, sizeof group - 1) == 0 && record_count(item) == count &&
           strcmp(item->path, "/curves/epoch") != 0;
}

static void put_csv_number(struct text *out, double value)
{
    if (isnan(value)) return; /* an empty field is what readers take for a missing value */
    text_format(out, "%.17g", value);
}

/* One line an epoch. */
static basin_status export_curves(const struct record *record, struct text *out)
{
    const struct record_item *epochs = record_find(record, "/curves/epoch");
    size_t count = epochs ? record_count(epochs) : 0;
    if (!epochs) return error_raise(BASIN_DATA, "the file has no curves");
    text_append(out, "epoch");
    for (const struct record_item *item = record->items; item; item = item->next)
        if (export_is_curve(item, count)) text_format(out, ",%s", strrchr(item->path, '/') + 1);
    text_append(out, "\n");
    for (size_t i = 0; i < count; i++) {
        put_csv_number(out, record_number(epochs, i));
        for (const struct record_item *item = record->items; item; item = item->next) {
            if (!export_is_curve(item, count)) continue;
            text_append(out, ",");
            put_csv_number(out, record_number(item, i));
        }
        text_append(out, "\n");
    }
    return text_status(out);
}

/* ---- the command ---- */

static basin_status export_format(const struct arguments *arguments, int *format)
{
    const char *name = option_value(arguments, "to");
    for (*format = 0; name && *format < EXPORT_FORMATS; (*format)++)
        if (strcmp(export_names[*format], name) == 0) break;
    if (name && *format < EXPORT_FORMATS) {
        if (*format != EXPORT_CSV || !option_given(arguments, "weights")) return BASIN_OK;
        return error_raise(BASIN_USAGE,
                           "--weights has no effect with --to csv, which has the curves");
    }
    if (name)
        error_raise(BASIN_USAGE, "unknown format \"%s\"", name);
    else
        error_raise(BASIN_USAGE, "the format is missing");
    error_hint("write --to safetensors, --to npz or --to csv");
    return BASIN_USAGE;
}

/* runs/0123456789abcdef.h5 -> 0123456789abcdef.safetensors, in the current folder. */
static const char *export_path(struct arena *arena, const struct arguments *arguments,
                               const char *file, int format)
{
    const char *given = option_value(arguments, "output"), *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file, *dot = strrchr(name, '.');
    if (given) return given;
    return arena_format(arena, "%.*s.%s", (int)(dot ? dot - name : (long)strlen(name)), name,
                        export_names[format]);
}

static basin_status export_file(struct arena *arena, const struct arguments *arguments,
                                const char **path, struct text *out)
{
    int format;
    const char *file, *set = option_value(arguments, "weights");
    struct record *record;
    TRY(export_format(arguments, &format));
    TRY(folder_find(arena, arguments->positional[0], &file));
    TRY(store_load(file, arena, &record));
    TRY(result_check(file, record));
    if (!(*path = export_path(arena, arguments, file, format))) return BASIN_MEMORY;
    if (access(*path, F_OK) == 0) {
        error_raise(BASIN_USAGE, "%s exists", *path);
        error_hint("remove it, or name another file with -o");
        return BASIN_USAGE;
    }
    TRY(format == EXPORT_CSV ? export_curves(record, out)
                             : export_weights(arena, record, set ? set : "final", format, out));
    return store_write_file(*path, text_data(out), out->length);
}

static int export_run(const struct arguments *arguments)
{
    struct arena *arena;
    struct text out = {0};
    const char *path = NULL;
    if (arena_create(&arena) != BASIN_OK) return report_last();
    basin_status status = export_file(arena, arguments, &path, &out);
    if (status == BASIN_OK) report_message("wrote %s: %zu bytes", path, out.length);
    text_free(&out);
    arena_destroy(arena);
    return status == BASIN_OK ? 0 : report_last();
}

static const struct option_row options[] = {
    {"to", 't', "FORMAT",
     "safetensors or npz: the weights, one array each; csv: the curves, one line an epoch."},
    {"output", 'o', "FILE", "The file to write; it must not exist (default: ID.FORMAT here)."},
    {"weights", 0, "SET",
     "Which weights: final (default), initial or best, where the file has them."},
    {0}};

static const char *const examples[] = {
    "basin export results/s/runs/0123456789abcdef.h5 --to safetensors -o w.safetensors",
    "weights as torch.nn names them and lays them out",
    "basin export results/s/0123 --to npz --weights best",
    "for numpy.load, by the first digits of the run's id",
    "basin export results/s/0123 --to csv",
    "its curves",
    NULL};

const struct command command_export = {
    .name = "export",
    .usage = "FILE.h5 --to FORMAT [OPTION]...",
    .summary = "write the weights or curves of a run for other programs",
    .details =
        "Weights have the names and layouts of PyTorch (results/README.md), so "
        "module.load_state_dict(safetensors.torch.load_file(FILE)) takes them, where the module is "
        "the one that basin.torch_module makes or has the same names. The result file itself is "
        "plain HDF5, which h5py, MATLAB, Julia and R read without any export.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = export_run};
