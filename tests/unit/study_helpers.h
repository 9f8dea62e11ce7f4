/* For the tests of src/study: a folder of its own, a small study, statuses as assertions. */
#ifndef STUDY_HELPERS_H
#define STUDY_HELPERS_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "store/store.h"
#include "study/open.h"

#define OK(call) cr_assert_eq((call), BASIN_OK, "%s", basin_error_last()->message)

static char folder[64];

static inline const char *in_folder(const char *name)
{
    static char paths[8][4096];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, 4096, "%s/%s", folder, name);
    return path;
}

static inline void folder_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/basin-study-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static inline void folder_remove(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

static inline void write_file(const char *name, const char *content)
{
    OK(store_write_file(in_folder(name), content, strlen(content)));
}

#define HEAD                                                                                       \
    "study: unit\n"                                                                                \
    "dataset: {name: mnist1d, train_size: 60, test_size: 30}\n"                                    \
    "architecture: {type: mlp, hidden: [4]}\n"                                                     \
    "training: {batch_size: 20, epochs: 2}\n"

static const char small_study[] =
    HEAD "sweep: {grid: {regularizers.weight_decay: [0.0, 0.1]}}\nseeds: 2\n";

/* Writes `text` as study.yaml and opens it with results in "out". */
static inline basin_status open_text(const char *text, struct study **study)
{
    write_file("study.yaml", text);
    struct study_request request = {
        .file = in_folder("study.yaml"), .folder = in_folder("out"), .look = true};
    return study_open(&request, study);
}

/* The first run, as it stands now, in this thread. */
static inline basin_status train_first(const struct study *study, struct runner_outcome *outcome)
{
    struct study_run run;
    TRY(study_look_again(study, &study->runs[0], &run));
    return study_train(study, &run, &(struct run_terms){0}, outcome);
}

#endif
