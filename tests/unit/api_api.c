#include <basin/result.h>
#include <basin/study.h>
#include "study_helpers.h"

TestSuite(api, .init = folder_make, .fini = folder_remove);

static basin_study *open_small(void)
{
    basin_study *study;
    static const char *const sets[] = {"seeds=1"};
    basin_study_options options = {
        .folder = in_folder("out"), .sets = sets, .set_count = 1, .jobs = 2};
    write_file("study.yaml", small_study);
    OK(basin_study_open(in_folder("study.yaml"), &options, &study));
    return study;
}

Test(api, a_study_runs_once)
{
    basin_study *study = open_small();
    basin_study_counts counts;
    cr_assert_eq(basin_study_run_count(study), 2);
    OK(basin_study_run(study, &counts));
    cr_assert_eq(counts.runs, 2);
    cr_assert_eq(counts.finished, 2);
    basin_study_close(study);
    study = open_small();
    OK(basin_study_run(study, &counts));
    cr_assert_eq(counts.before, 2);
    cr_assert_eq(counts.finished, 0);
    basin_study_close(study);
}

Test(api, a_result_gives_numbers_and_arrays)
{
    basin_study *study = open_small();
    basin_result *result;
    char path[4096];
    double accuracy, sum = 0;
    const double *weights;
    int rank;
    size_t dims[4];
    OK(basin_study_run(study, NULL));
    basin_study_run_file(study, 1, path, sizeof path);
    OK(basin_result_open(path, &result));
    cr_assert_str_eq(basin_result_id(result), basin_study_run_id(study, 1));
    cr_assert_str_eq(basin_result_state(result), "finished");
    cr_assert(strstr(basin_result_spec(result), "weight_decay: 0.1"));
    OK(basin_result_number(result, "/measures/test_accuracy", &accuracy));
    cr_assert(accuracy >= 0 && accuracy <= 1);
    OK(basin_result_array(result, "/weights/final/layers.0.weight", &weights, &rank, dims));
    cr_assert(rank == 2 && dims[0] == 4 && dims[1] == 40);
    for (size_t i = 0; i < dims[0] * dims[1]; i++) sum += weights[i] * weights[i];
    cr_assert_gt(sum, 0);
    cr_assert_eq(basin_result_number(result, "/measures/none", &accuracy), BASIN_DATA);
    cr_assert_eq(basin_result_number(result, "/spec", &accuracy), BASIN_DATA);
    cr_assert_eq(basin_result_number(result, "/curves/train_loss", &accuracy), BASIN_DATA);
    basin_result_close(result);
    basin_study_close(study);
}

Test(api, a_wrong_spec_has_its_place_in_the_last_error)
{
    basin_study *study;
    write_file("study.yaml", HEAD "regularizers:\n  weight_deccay: 1\n");
    cr_assert_eq(basin_study_open(in_folder("study.yaml"), NULL, &study), BASIN_SPEC);
    cr_assert_eq(basin_error_last()->line, 6);
    cr_assert_eq(basin_error_last()->column, 3);
    cr_assert(strstr(basin_error_last()->message, "weight_decay"), "%s",
              basin_error_last()->message);
    basin_study_close(study);
}

Test(api, failures_and_interruptions_are_statuses)
{
    basin_study *study;
    basin_study_counts counts;
    char path[4096];
    basin_study_options options = {.folder = in_folder("out")};
    study = open_small();
    basin_study_run_file(study, 0, path, sizeof path);
    OK(store_make_folder(path));
    cr_assert_eq(basin_study_run(study, &counts), BASIN_FAILED);
    cr_assert_eq(counts.failed, 1);
    cr_assert_eq(counts.finished, 1);
    basin_study_close(study);
    OK(basin_study_open(in_folder("study.yaml"), &options, &study));
    basin_study_stop(study);
    cr_assert_eq(basin_study_run(study, &counts), BASIN_INTERRUPTED);
    cr_assert_eq(counts.finished, 0);
    basin_study_close(study);
    basin_result *result;
    cr_assert_eq(basin_result_open(in_folder("study.yaml"), &result), BASIN_DATA);
    cr_assert_null(result);
}
