/* safetensors: arrays by name in one or two safetensors files. */
#include "formats/safetensors_file.h"
#include "data/named.h"

static const struct named_format safetensors_format = {
    .noun = "array", .read = safetensors_read, .missing = safetensors_missing};

static basin_status safetensors_load(const void *settings, struct source *source)
{
    struct source_input input = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = named_read(settings, &safetensors_format, source->most, arena, &input);
    if (status == BASIN_OK) status = source_from_input(source, &input, settings);
    source_input_free(&input);
    arena_destroy(arena);
    return status;
}

static const struct schema_row safetensors_parameters[] = {
    {.key = "path",
     SETTING(struct named_settings, path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc = "A safetensors file, as safetensors.torch.save_file({'x': x, 'y': y}, path) writes it: "
            "arrays of the types F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 and "
            "BOOL.",
     .aliases = (const char *const[]){"file", "filename", NULL}},
    {.key = "test_path",
     SETTING(struct named_settings, test_path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Another safetensors file, for x_test and y_test; if absent, `path`.",
     .aliases = (const char *const[]){"test_file", NULL}},
    NAMED_ROWS,
    DATA_FILE_ROWS,
    DATA_OWN_ROWS,
    {0}};

const struct entry safetensors_entry = {
    .name = "safetensors",
    .doc = "Data in a safetensors file: examples and labels, training and test, as arrays.",
    .parameters = safetensors_parameters,
    .implementation = &(const struct dataset){.load = safetensors_load, .is_own = true},
    .settings_size = sizeof(struct named_settings)};
