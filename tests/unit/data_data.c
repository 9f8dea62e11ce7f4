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

/* ---- many seeds ---- */

static const struct value *seeded(const char *name, int seed)
{
    return block(name, "seed", arena_format(arena, "%d", seed), NULL);
}

Test(data, an_outline_makes_one_data_set_for_all_seeds)
{
    const struct data *first, *other;
    const struct value *blocks[50]; /* made before memory is counted */
    for (int seed = 0; seed < 50; seed++) blocks[seed] = seeded("mnist1d", seed);
    OK(data_outline(store, blocks[0], &first));
    size_t bytes = data_store_bytes(store);
    cr_assert_eq(data_store_run_bytes(store), 0, "there is one seed");
    memory_peak_start();
    for (int seed = 1; seed < 50; seed++) {
        OK(data_outline(store, blocks[seed], &other));
        cr_assert_eq(other, first);
    }
    cr_assert_lt(memory_peak(), 100000, "nothing is made");
    cr_assert_gt(data_store_run_bytes(store), 5000 * 40 * 4, "a run has a data set of its own");
    cr_assert_gt(data_store_bytes(store), bytes + 40 * 5000 * 40 * 4, "and some are kept");
    OK(data_outline(store, block("mnist1d", "seed", "3", "train_size", "100", NULL), &other));
    cr_assert_eq(data_describe(other)->counts[DATA_TRAIN], 100, "another size is another data set");
}

Test(data, what_is_acquired_is_what_is_opened)
{
    static const char *const names[] = {"mnist1d", "linear-regression"};
    struct data_store *second;
    OK(data_store_create(&second));
    for (int i = 0; i < 2; i++)
        for (int seed = 0; seed < 3; seed++) {
            const struct data *outline, *acquired, *open = opened(seeded(names[i], seed));
            OK(data_outline(second, seeded(names[i], seed), &outline));
            OK(data_acquire(second, seeded(names[i], seed), &acquired));
            const struct data_info *info = data_describe(open);
            cr_assert_eq(info->features, data_describe(outline)->features);
            cr_assert_arr_eq(all_x(acquired, DATA_TRAIN), all_x(open, DATA_TRAIN),
                             info->counts[DATA_TRAIN] * info->features * sizeof(double));
            data_release(second, acquired);
        }
    data_store_destroy(second);
}

/* 200 sets of 1.6 MB would be 320 MB. */
Test(data, what_nobody_has_is_kept_within_bounds)
{
    const struct data *held, *again, *data;
    memory_peak_start();
    OK(data_acquire(store, seeded("linear-regression", 0), &held));
    for (int seed = 1; seed < 200; seed++) {
        OK(data_acquire(
            store,
            block("linear-regression", "seed", arena_format(arena, "%d", seed), "n", "9000", NULL),
            &data));
        data_release(store, data);
    }
    cr_assert_lt(memory_peak(), 100 << 20);
    OK(data_acquire(store, seeded("linear-regression", 0), &again));
    cr_assert_eq(held, again, "what somebody has stays");
    data_release(store, again);
    data_release(store, held);
}

/* Only files can have numbers beyond the range, and which rows are used is up to the seed. */
Test(data, every_seed_is_checked_for_its_range)
{
    hid_t file = H5Fcreate(in_folder("a.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const double x[20] = {[7] = 1e300}, y[20] = {0};
    static const char *const names[] = {"x", "y", "x_test", "y_test"};
    for (int k = 0; k < 4; k++)
        h5_add(file, names[k], H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){k < 2 ? 20 : 7},
               k % 2 ? y : x);
    H5Fclose(file);
    int refused = 0;
    for (int seed = 0; seed < 30; seed++) {
        const struct value *dataset = block("hdf5", "path", in_folder("a.h5"), "train_size", "5",
                                            "seed", arena_format(arena, "%d", seed), NULL);
        bool has = false;
        int64_t rows[5];
        data_rows(opened(dataset), DATA_TRAIN, rows);
        for (int i = 0; i < 5; i++) has = has || rows[i] == 7;
        struct data_store *fresh;
        OK(data_store_create(&fresh));
        cr_assert_eq(data_check_block(fresh, dataset, false), has ? BASIN_DATA : BASIN_OK);
        data_store_destroy(fresh);
        refused += has;
    }
    cr_assert(refused > 0 && refused < 30);
}
