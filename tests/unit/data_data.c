#include "data_files.h"

#include <pthread.h>

TestSuite(data, .init = data_start, .fini = data_stop);

Test(data, equal_blocks_give_the_same_object)
{
    cr_assert_eq(opened(block("mnist1d", "seed", "1", NULL)),
                 opened(block("mnist1d", "seed", "1", NULL)));
    cr_assert_neq(opened(block("mnist1d", "seed", "1", NULL)),
                  opened(block("mnist1d", "seed", "2", NULL)));
}

/* Views of one file share its arrays: the file may be gone when the second one opens. */
Test(data, a_source_is_loaded_once)
{
    const struct value *first = small_idx(""), *second = small_idx("");
    ((struct value *)value_find(second, "label_noise"))->number = 0.5;
    ((struct value *)value_find(second, "train_size"))->integer = 10;
    ((struct value *)value_find(second, "standardize"))->text = "global";
    const struct data *a = opened(first);
    remove(in_folder("x"));
    const struct data *b = opened(second);
    cr_assert_neq(a, b);
    cr_assert_eq(data_describe(b)->counts[DATA_TRAIN], 10);
}

/* Files are an input of a run, with the paths that were given; what a recipe makes is none. */
Test(data, files_are_inputs)
{
    struct run_inputs inputs = {0};
    const struct data *data = opened(small_idx(""));
    char digest[33], paths[2048];
    snprintf(paths, sizeof paths, "%s, ", in_folder("x"));
    snprintf(paths + strlen(paths), sizeof paths - strlen(paths), "%s, ", in_folder("y"));
    snprintf(paths + strlen(paths), sizeof paths - strlen(paths), "%s, ", in_folder("xt"));
    snprintf(paths + strlen(paths), sizeof paths - strlen(paths), "%s", in_folder("yt"));
    OK(data_inputs(data, &inputs));
    OK(data_inputs(opened(block("mnist1d", NULL)), &inputs));
    cr_assert_eq(inputs.count, 1);
    cr_assert_str_eq(inputs.items[0].kind, "data");
    cr_assert_str_eq(inputs.items[0].block, "dataset");
    cr_assert_str_eq(inputs.items[0].origin, paths);
    cr_assert_str_eq(inputs.items[0].digest, digest_hex(data_describe(data)->digest, digest));
}

Test(data, a_failure_is_not_remembered)
{
    const struct value *dataset = small_idx("");
    rename(in_folder("x"), in_folder("away"));
    REFUSED(dataset, "cannot open");
    rename(in_folder("away"), in_folder("x"));
    opened(dataset);
}

struct job {
    const struct value *blocks[4];
    const struct data *got[4];
};

static void *open_all(void *given)
{
    struct job *job = given;
    for (int i = 0; i < 4; i++)
        cr_assert_eq(data_open(store, job->blocks[i], &job->got[i]), BASIN_OK);
    return NULL;
}

Test(data, threads_open_the_same_objects)
{
    struct job jobs[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        jobs[i] = (struct job){{block("mnist1d", NULL), block("mnist1d", "train_size", "50", NULL),
                                block("linear-regression", NULL),
                                block("mnist1d", "label_noise", "0.5", NULL)}};
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, open_all, &jobs[i]), 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    for (int i = 1; i < 4; i++)
        for (int k = 0; k < 4; k++) cr_assert_eq(jobs[i].got[k], jobs[0].got[k]);
}

Test(data, every_table_is_complete)
{
    static const char *const shared[] = {"seed", "train_size", "test_size", "validation_size",
                                         "standardize"};
    for (const struct entry *const *entry = dataset_registry.entries; *entry; entry++) {
        cr_assert((*entry)->doc && (*entry)->implementation);
        bool tokens =
            schema_find_row((*entry)->parameters, "context"); /* a text has parts of its own */
        for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
            cr_assert(tokens || schema_find_row((*entry)->parameters, shared[i]), "%s has no %s",
                      (*entry)->name, shared[i]);
        for (const struct schema_row *row = (*entry)->parameters; row->key; row++) {
            cr_assert(row->doc && strlen(row->doc) > 10, "%s.%s", (*entry)->name, row->key);
            bool needs_none = row->flags & (SCHEMA_REQUIRED | SCHEMA_OPTIONAL);
            cr_assert((row->fallback != NULL) != needs_none, "%s.%s", (*entry)->name, row->key);
            cr_assert_eq(row->flags & SCHEMA_FIXED, 0);
            if (row->type == SCHEMA_INTEGER || row->type == SCHEMA_FLOAT)
                cr_assert_gt(row->maximum, row->minimum);
        }
    }
}
