/* Arrays of measures in a collected study: where the places of their axes come to lie. */
#include "analysis/collect.h"
#include "study_helpers.h"

#include <math.h>
#include "analysis/arrays.h"
#include "analysis/collect_parts.h"
#include "folder/folder.h"
#include "store/store.h"

static struct arena *arena;

static void start(void)
{
    folder_make();
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(collect, .init = start, .fini = stop, .timeout = 60);

static const char two_runs[] = "study: two\n"
                               "dataset: {name: mnist1d, train_size: 20, test_size: 10}\n"
                               "architecture: linear\n"
                               "training: {epochs: 1, batch_size: 20}\n"
                               "seeds: 2\n";

/* Trains the study; files[seed] are its results. */
static void train_two(char *files[2])
{
    struct study *study;
    OK(open_text(two_runs, &study));
    OK(folder_prepare(study->folder));
    for (size_t i = 0; i < 2; i++) {
        struct study_run run;
        struct runner_outcome outcome;
        OK(study_look_again(study, &study->runs[i], &run));
        OK(study_train(study, &run, &(struct run_terms){0}, &outcome));
        files[i] = arena_format(arena, "%s/runs/%s.h5", study->folder, run.id);
    }
    study_close(study);
}

/* What a measure would have left in the file of a run. */
static void add_array(const char *file, const char *path, const char *axis, const double *places,
                      const double *values, size_t count)
{
    struct record *record;
    OK(store_load(file, arena, &record));
    const char *slash = strrchr(path, '/');
    char *scale = arena_format(arena, "%.*s/%s", (int)(slash - path), path, axis);
    if (!record_find(record, scale))
        OK(record_add(record, scale, RECORD_FLOAT64, 1, &count, &axis, places, NULL));
    OK(record_add(record, path, RECORD_FLOAT64, 1, &count, &axis, values, NULL));
    OK(store_save(record, file));
}

static struct collected collect_two(void)
{
    struct collected collected;
    OK(collect_folder(arena, in_folder("out"), &collected));
    cr_assert_eq(collected.cube.cell_count, 2);
    return collected;
}

static const struct record_item *array_of(const struct collected *collected, const char *path,
                                          const char *last_axis, size_t last)
{
    const struct record_item *item = record_find(collected->record, path);
    cr_assert(item, "%s is not there", path);
    cr_assert_str_eq(item->axes[item->rank - 1], last_axis);
    cr_assert_eq(item->dims[item->rank - 1], last);
    return item;
}

static void check_values(const struct record_item *item, const double *wanted)
{
    for (size_t i = 0; i < record_count(item); i++) {
        double found = record_number(item, i);
        cr_assert(found == wanted[i] || (isnan(found) && isnan(wanted[i])), "%s[%zu] is %g, not %g",
                  item->path, i, found, wanted[i]);
    }
}

Test(collect, ordinals_of_which_one_run_has_more)
{
    char *files[2];
    train_two(files);
    add_array(files[0], "/measures/layer_norm/norm", "layer", (double[]){0, 1},
              (double[]){0.5, 0.25}, 2);
    add_array(files[1], "/measures/layer_norm/norm", "layer", (double[]){0, 1, 2},
              (double[]){3, 4, 5}, 3);
    struct collected collected = collect_two();
    const struct record_item *norm =
        array_of(&collected, "/layer_norm_norm", "layer_norm_layer", 3);
    cr_assert_eq(norm->rank, 2);
    cr_assert_str_eq(norm->axes[0], "seed");
    check_values(norm, (double[]){0.5, 0.25, NAN, 3, 4, 5});
    check_values(record_find(collected.record, "/layer_norm_layer"), (double[]){0, 1, 2});
}

Test(collect, a_grid_that_runs_share_is_united)
{
    char *files[2];
    train_two(files);
    add_array(files[0], "/measures/line/loss", "alpha", (double[]){-1, 0, 1}, (double[]){7, 8, 9},
              3);
    add_array(files[1], "/measures/line/loss", "alpha", (double[]){-1, -0.5, 0, 0.5, 1},
              (double[]){1, 2, 3, 4, 5}, 5);
    struct collected collected = collect_two();
    check_values(array_of(&collected, "/line_loss", "line_alpha", 5),
                 (double[]){7, NAN, 8, NAN, 9, 1, 2, 3, 4, 5});
    check_values(record_find(collected.record, "/line_alpha"), (double[]){-1, -0.5, 0, 0.5, 1});
    cr_assert_null(record_find(collected.record, "/line_alpha_values"));
}

Test(collect, nodes_that_each_run_has_chosen_stand_beside_their_places)
{
    char *files[2];
    train_two(files);
    add_array(files[0], "/measures/spectrum/weight", "node", (double[]){0.1, 7.5, 3.25},
              (double[]){0.5, 0.25, 0.25}, 3);
    add_array(files[1], "/measures/spectrum/weight", "node", (double[]){0.2, 8},
              (double[]){0.75, 0.25}, 2);
    struct collected collected = collect_two();
    check_values(array_of(&collected, "/spectrum_weight", "spectrum_node", 3),
                 (double[]){0.5, 0.25, 0.25, 0.75, 0.25, NAN});
    check_values(array_of(&collected, "/spectrum_node_values", "spectrum_node", 3),
                 (double[]){0.1, 7.5, 3.25, 0.2, 8, NAN});
    check_values(record_find(collected.record, "/spectrum_node"), (double[]){0, 1, 2});
    const char *coordinates = record_attribute_get_text(collected.record->items, "coordinates");
    cr_assert(strstr(coordinates, "spectrum_node_values"));
}

Test(collect, a_number_keeps_its_name)
{
    char *files[2];
    train_two(files);
    add_array(files[0], "/measures/test/loss", "part", (double[]){0, 1}, (double[]){1, 2}, 2);
    struct collected collected = collect_two();
    cr_assert_eq(record_find(collected.record, "/test_loss")->rank, 1);
    check_values(array_of(&collected, "/test_loss_array", "test_part", 2),
                 (double[]){1, 2, NAN, NAN});
}

/* An attribute cannot hold the names of so many places; the coordinate beside them can. */
Test(collect, an_axis_of_many_texts)
{
    for (size_t count = 3999; count <= 9000; count += 5001) {
        struct record *record, *loaded;
        struct cube_axis axis = {.name = "network", .column = -1, .count = count};
        axis.numbers = arena_array(arena, double, count);
        axis.texts = arena_array(arena, const char *, count);
        for (size_t i = 0; i < count; i++) {
            axis.numbers[i] = (double)i;
            axis.texts[i] = arena_format(arena, "{type: mlp, hidden: [%zu]}", i);
        }
        OK(record_create(arena, &record));
        struct collector collector = {.arena = arena, .record = record};
        OK(collect_add_axis(&collector, &axis));
        cr_assert_str_eq(text_data(&collector.coordinates), "network_value");
        text_free(&collector.coordinates);
        OK(store_save(record, in_folder("study.h5")));
        OK(store_load(in_folder("study.h5"), arena, &loaded));
        const struct record_item *scale = record_find(loaded, "/network"),
                                 *value = record_find(loaded, "/network_value");
        const struct record_attribute *names = record_attribute_find(scale, "names");
        cr_assert_eq(names ? names->count : 0, count < 4000 ? count : 0);
        cr_assert_eq(value->dims[0], count);
        for (size_t i = 0; i < count; i++)
            cr_assert_str_eq(((const char *const *)value->data)[i], axis.texts[i]);
    }
}

Test(collect, what_is_too_large_is_named)
{
    enum { MANY = ARRAYS_MOST + 1 };
    char *files[2];
    double *values = arena_array(arena, double, MANY);
    for (size_t i = 0; i < MANY; i++) values[i] = (double)i;
    train_two(files);
    add_array(files[0], "/measures/losses/loss", "example", values, values, MANY);
    add_array(files[1], "/measures/losses/loss", "example", values, values, ARRAYS_MOST);
    struct collected collected = collect_two();
    cr_assert_null(record_find(collected.record, "/losses_loss"));
    cr_assert_eq(collected.note_count, 1);
    cr_assert_str_eq(
        collected.notes[0],
        "losses.loss stays in the files of the runs: 65537 numbers in a run, more than 65536");
    const struct record_attribute *left_out =
        record_attribute_find(collected.record->items, "left_out");
    cr_assert(left_out && left_out->count == 1);
    cr_assert_str_eq(*(const char *const *)left_out->data, "losses.loss");
}
