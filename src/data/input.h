/* Inputs: what the files of a data set hold, on its way to a source of arrays.
 *
 * Purpose.  A format reads its files (formats/) and hands over arrays with what messages call them;
 * data/assemble.h makes a source of them.
 * Ownership.  Arrays and rows are from memory_allocate; source_input_free frees what nobody has
 * taken. Names belong to whoever fills the input.
 */
#ifndef BASIN_DATA_INPUT_H
#define BASIN_DATA_INPUT_H

#include "data/arrays.h"
#include "formats/idx_file.h"
#include "store/array.h"

/* An array of a file with what messages call it. */
struct source_array {
    struct store_array array; /* no data: it is not there */
    const char *file;
    const char *name;         /* "images", "dataset \"y\"" */
    const char *key;          /* of the block `dataset` that names the file */
    struct idx_layout layout; /* of an IDX file; size 0 for others, whose bytes say nothing */
};

/* y: integers, booleans and texts of shape (N) or (N, 1) are labels, floats of shape (N) or (N, k)
 * targets, unless the key `task` says otherwise. GROUP: (N) of any type; examples of equal values
 * stay together. */
enum {
    ARRAY_X,
    ARRAY_Y,
    ARRAY_X_TEST,
    ARRAY_Y_TEST,
    ARRAY_GROUP,
    ARRAY_GROUP_TEST,
    ARRAYS,
    ARRAYS_LEAST = ARRAY_GROUP /* those that every format has */
};

struct source_input {
    struct source_array arrays[ARRAYS];
    const char *const *features; /* (features) names; NULL: none */
    const char *const *classes;  /* (class_count) names of the classes of integer labels, or NULL */
    size_t class_count; /* where it is known: greater labels are refused; 0: the labels tell */
    const char *told;   /* how the files were read, where the arrays do not tell: words for the line
                           that says what the data are; or NULL */
    const char *notes;  /* what may be a mistake in the files, each a line that ends; or NULL */
    uint32_t
        *rows[SOURCE_PARTS]; /* (N) rows of the file, where examples of it are left out; NULL */
};

void source_input_free(struct source_input *input);
double source_input_bytes(const struct source_input *input); /* of what has been read of it */
static inline bool source_array_is_label(int which)
{
    return which == ARRAY_Y || which == ARRAY_Y_TEST;
}

/* Places the last error at this array: its file, its name and its key. BASIN_DATA. */
basin_status source_array_refuse(const struct source_array *array);
/* Are all elements finite? `*most`: the largest magnitude. */
basin_status source_array_finite(const struct source_array *array, double *most);
bool source_array_is_float(const struct source_array *array);
/* Copies what messages of later times call it. */
basin_status source_array_origin(const struct source_array *array, struct array_origin *origin);

/* The test array is of another type than the training array; `why` that matters. BASIN_DATA. */
basin_status source_arrays_refuse_types(const struct source_array *train,
                                        const struct source_array *test, const char *why);
/* BASIN_DATA unless one example of both has the same shape. */
basin_status source_arrays_check_shapes(const struct source_array *train,
                                        const struct source_array *test);

static inline bool source_array_is_there(const struct source_array *array)
{
    return array->array.data != NULL;
}

/* The IDX files that the arrays name, checked, within source->most (idx.c). */
basin_status idx_read_arrays(const struct source *source, struct source_input *input);

#endif
