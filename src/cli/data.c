#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/report.h"
#include "cli/request.h"
#include "run/data_file.h"
#include "run/schema.h"
#include "store/store.h"

/* What the data of a run follow from: its dataset block. */
static basin_status describe_data(const struct study *study, size_t run, struct arena *arena,
                                  struct value **spec, struct text *text)
{
    TRY(spec_run(study->spec, study->runs[run].index, arena, &((struct study *)study)->diagnostics,
                 spec));
    value_print(text, value_map(*spec, "dataset"));
    return text_status(text);
}

static basin_status refuse_several(void)
{
    error_raise(BASIN_USAGE, "the runs of this study have different data");
    error_hint("name a result (DIR/runs/ID.h5), or choose with --set, as in --set sweep=null --set "
               "dataset.seed=1");
    return BASIN_USAGE;
}

/* Do all runs of a study have the same data? */
static basin_status check_same(const struct study *study, const char *first)
{
    for (size_t run = 1; run < study->run_count; run++) {
        struct arena *arena;
        struct value *spec;
        struct text text = {0};
        TRY(arena_create(&arena));
        basin_status status = describe_data(study, run, arena, &spec, &text);
        if (status == BASIN_OK && strcmp(text_data(&text), first) != 0) status = refuse_several();
        text_free(&text);
        arena_destroy(arena);
        TRY(status);
    }
    return BASIN_OK;
}

static basin_status write_data(const struct study *study, const struct value *spec,
                               struct arena *arena, const char *path, struct text *said)
{
    const struct data *data;
    struct record *record;
    TRY(data_open(study->data, value_map(spec, "dataset"), &data));
    TRY(data_file_record(data, arena, &record));
    TRY(store_save(record, path));
    size_t validation = data_describe(data)->counts[DATA_VALIDATION];
    data_summary(data, said);
    text_append(said, "\nRead them with  dataset: {name: hdf5, path: ");
    text_escape(said, path);
    if (validation) text_format(said, ", validation_size: %zu", validation);
    text_append(said, "}\n");
    return text_status(said);
}

/* The data of a result must be those that it was made with. */
static basin_status check_origin(const struct study *study)
{
    if (!study->origin || strcmp(study->origin, study->runs[0].id) == 0) return BASIN_OK;
    error_raise(BASIN_DATA,
                "run %s cannot be repeated: its data set, or a value, has changed since; now it "
                "would be run %s",
                study->origin, study->runs[0].id);
    error_hint("bring the files back as they were, or name a spec");
    return BASIN_DATA;
}

static basin_status export_data(const struct study *study, const char *path, struct text *said)
{
    struct arena *arena;
    struct value *spec;
    struct text first = {0};
    TRY(arena_create(&arena));
    basin_status status = describe_data(study, 0, arena, &spec, &first);
    if (status == BASIN_OK) status = check_same(study, text_data(&first));
    if (status == BASIN_OK) status = write_data(study, spec, arena, path, said);
    text_free(&first);
    arena_destroy(arena);
    return status;
}

static basin_status check_output(const char *path)
{
    if (!path) {
        error_raise(BASIN_USAGE, "the file to write is missing");
        error_hint("name it: -o data.h5");
        return BASIN_USAGE;
    }
    if (access(path, F_OK) != 0) return BASIN_OK;
    error_raise(BASIN_USAGE, "%s exists", path);
    error_hint("remove it, or name another file");
    return BASIN_USAGE;
}

static int export(const struct arguments *arguments)
{
    const char *path = option_value(arguments, "output");
    struct study *study;
    struct text said = {0};
    if (check_output(path) != BASIN_OK) return report_last();
    int exit_status = request_study(arguments, arguments->positional[0], false, &study);
    if (exit_status == 0) {
        request_warn(study);
        basin_status status = option_given(arguments, "set") ? BASIN_OK : check_origin(study);
        if (status == BASIN_OK) status = export_data(study, path, &said);
        exit_status = status == BASIN_OK ? report_output(&said, 0) : report_last();
    }
    text_free(&said);
    study_close(study);
    return exit_status;
}

static const struct option_row options[] = {
    {"output", 'o', "FILE", "The HDF5 file to write; it must not exist."},
    {"set", 0, "KEY=VALUE", "Override a value of the spec. May be repeated."},
    {0}};

static const char *const examples[] = {
    "basin data study.yaml -o data.h5", "the data of a study whose runs all have the same",
    "basin data results/s/runs/0123456789abcdef.h5 -o data.h5", "those of one finished run", NULL};

const struct command command_data = {
    .name = "data",
    .usage = "SPEC|FILE.h5 -o FILE [OPTION]...",
    .summary = "write the data of a run as it sees them",
    .details =
        "The file has x, y, x_test and y_test: training (and validation) examples and test "
        "examples after the split, standardisation and label noise; row, row_test and part say "
        "where each comes from; clean has the labels before label noise; mean and deviation are "
        "what standardize has used. A spec reads it as dataset: {name: hdf5, path: FILE} and gets "
        "the same examples in the same order, so that training gives the same numbers to the bit. "
        "Transforms of batches are not in it: they are drawn while training.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = export};
