/* matlab: variables of MATLAB files of version 7.3. */
#include <math.h>
#include <string.h>
#include "data/named.h"
#include "formats/matlab_file.h"

enum matlab_examples { EXAMPLES_AUTO, EXAMPLES_FIRST, EXAMPLES_LAST };

static const char *const examples_choices[] = {"auto", "first", "last", NULL};

struct matlab_settings {
    struct named_settings named;
    enum matlab_examples examples;
};

/* A variable of a class that cannot be read gets the way out as its hint. */
static basin_status matlab_variable(const char *path, const char *name, double most,
                                    struct store_array *array)
{
    basin_status status = matlab_read(path, name, most, array);
    if (status == BASIN_DATA && strstr(basin_error_last()->message, " can be read"))
        error_hint("numeric, logical and char arrays can be read; of a cell or categorical array "
                   "save double(categorical(y)), of a table table2array(t)");
    return status;
}

static const struct named_format matlab_format = {.noun = "variable", .read_one = matlab_variable};

/* ---- which dimension counts examples ---- */

static basin_status refuse_examples(const struct source_array *x, const struct source_array *y,
                                    bool both)
{
    size_t first = matlab_first(&x->array), last = matlab_last(&x->array);
    if (both)
        error_raise(BASIN_DATA,
                    "has %zu as its first and as its last dimension, so that it is not clear which "
                    "of them counts "
                    "the examples",
                    first);
    else
        error_raise(BASIN_DATA,
                    "has first dimension %zu and last dimension %zu, and neither is the length of "
                    "%s, %zu",
                    first, last, y->name, matlab_first(&y->array));
    source_array_refuse(x);
    if (both) error_key("examples");
    error_hint(both
                   ? "write examples: first for N x d (or N x h x w x c), examples: last for d x N "
                     "(or h x w x c x N)"
                   : "the examples of x are along its first or its last dimension, and y has "
                     "one label for each");
    return BASIN_DATA;
}

/* Is n one of the ends of y? */
static bool y_has(const struct source_array *y, size_t n)
{
    return matlab_first(&y->array) == n || matlab_last(&y->array) == n;
}

/* `*last`: examples are counted by the last dimension of x. */
static basin_status find_examples(const struct matlab_settings *settings,
                                  const struct source_array *x, const struct source_array *y,
                                  bool *last)
{
    size_t first_count = matlab_first(&x->array), last_count = matlab_last(&x->array);
    bool first_fits = y_has(y, first_count), last_fits = y_has(y, last_count);
    *last = settings->examples == EXAMPLES_LAST;
    if (settings->examples != EXAMPLES_AUTO) return BASIN_OK;
    *last = last_fits && !first_fits;
    if (!first_fits && !last_fits) return refuse_examples(x, y, false);
    bool is_vector = first_count == store_array_count(&x->array);
    return first_fits && last_fits && !is_vector ? refuse_examples(x, y, true) : BASIN_OK;
}

/* A matrix of y has its examples where x has them, unless only its other end fits. */
static bool y_is_last(const struct source_array *y, size_t count, bool last)
{
    bool first_fits = matlab_first(&y->array) == count, last_fits = matlab_last(&y->array) == count;
    return first_fits == last_fits ? last : last_fits;
}

static basin_status arrange_pair(const struct matlab_settings *settings, struct source_array *x,
                                 struct source_array *y)
{
    bool last;
    if (!source_array_is_there(x) || !source_array_is_there(y)) return BASIN_OK;
    TRY(find_examples(settings, x, y, &last));
    size_t count = last ? matlab_last(&x->array) : matlab_first(&x->array);
    TRY(matlab_arrange(&y->array, y_is_last(y, count, last)));
    return matlab_arrange(&x->array, last);
}

/* ---- labels ---- */

static bool holds_whole_floats(const struct source_array *y)
{
    struct record_item item = {.type = y->array.type, .data = y->array.data};
    size_t count = store_array_count(&y->array);
    for (size_t i = 0; i < count; i++) {
        double value = record_number(&item, i);
        if (!(fabs(value) <= 0x1p53) || value != floor(value)) return false;
    }
    return true;
}

static basin_status floats_to_integers(struct store_array *array)
{
    struct record_item item = {.type = array->type, .data = array->data};
    size_t count = store_array_count(array);
    int64_t *integers = memory_allocate(count * sizeof *integers);
    if (!integers) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) integers[i] = (int64_t)record_number(&item, i);
    memory_free(array->data);
    array->data = integers;
    array->type = RECORD_INTEGER;
    return BASIN_OK;
}

/* Every number is a double in MATLAB, unless somebody says otherwise: whole ones are labels. */
static basin_status matlab_labels(struct source_array arrays[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++)
        if (source_array_is_label(i) && source_array_is_there(&arrays[i]) &&
            !(source_array_is_float(&arrays[i]) && holds_whole_floats(&arrays[i])))
            return BASIN_OK;
    for (int i = 0; i < ARRAYS; i++)
        if (source_array_is_label(i) && source_array_is_there(&arrays[i]))
            TRY(floats_to_integers(&arrays[i].array));
    return BASIN_OK;
}

static basin_status matlab_assemble(const struct matlab_settings *settings, struct arena *arena,
                                    struct source_input *input, struct source *source)
{
    struct source_array *arrays = input->arrays, *group = &arrays[ARRAY_GROUP];
    TRY(named_read(&settings->named, &matlab_format, source->most, arena, input));
    TRY(arrange_pair(settings, &arrays[ARRAY_X], &arrays[ARRAY_Y]));
    TRY(arrange_pair(settings, &arrays[ARRAY_X_TEST], &arrays[ARRAY_Y_TEST]));
    if (source_array_is_there(group)) TRY(matlab_arrange(&group->array, false));
    if (settings->named.common.task == TASK_AUTO) TRY(matlab_labels(arrays));
    return source_from_input(source, input, settings);
}

static basin_status matlab_load(const void *settings, struct source *source)
{
    struct source_input input = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = matlab_assemble(settings, arena, &input, source);
    source_input_free(&input);
    arena_destroy(arena);
    return status;
}

static const struct schema_row matlab_parameters[] = {
    {.key = "path",
     SETTING(struct named_settings, path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc = "A MATLAB file of version 7.3: save('data.mat', '-v7.3', 'x', 'y').",
     .aliases = (const char *const[]){"file", "filename", NULL}},
    {.key = "test_path",
     SETTING(struct named_settings, test_path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Another file, for x_test and y_test; if absent, `path`.",
     .aliases = (const char *const[]){"test_file", NULL}},
    NAMED_ROWS,
    {.key = "examples",
     SETTING(struct matlab_settings, examples),
     .type = SCHEMA_CHOICE,
     .choices = examples_choices,
     .fallback = "auto",
     .flags = SCHEMA_SILENT,
     .doc =
         "Which dimension of x counts the examples: first (N x d), last (h x w x c x N, as image "
         "arrays of MATLAB are), or auto: the one that is as long as y."},
    DATA_FILE_ROWS,
    DATA_OWN_ROWS,
    {0}};

const struct entry matlab_entry = {
    .name = "matlab",
    .doc = "Data in a MATLAB file of version 7.3: examples and labels, training and test, as "
           "variables.",
    .parameters = matlab_parameters,
    .implementation = &(const struct dataset){.load = matlab_load, .is_own = true},
    .settings_size = sizeof(struct matlab_settings)};
