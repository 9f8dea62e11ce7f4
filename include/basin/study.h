/* Study: what `basin run` does, for C programs.
 *
 *     basin_study *study;
 *     if (basin_study_open("study.yaml", NULL, &study) == BASIN_OK) {
 *         basin_study_counts counts;
 *         basin_study_run(study, &counts);
 *         printf("%zu finished in %s\n", counts.finished, basin_study_folder(study));
 *     }
 *     basin_study_close(study);
 *
 * Promises.  After basin_study_open returns BASIN_OK every run can start; nothing has been written.
 * Finished runs are not trained again, and a failed run never stops another. Nothing is printed,
 * and no signal handler is installed.
 * Ownership.  basin_study_open gives the study to the caller, also where it fails (then only its
 * error can be asked), who closes it once. Texts belong to the study. A study is used by one thread
 * at a time, but for basin_study_stop.
 * Errors.  basin_error_last(): of a wrong spec, the first of its errors with its place.
 */
#ifndef BASIN_STUDY_H
#define BASIN_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <basin/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct basin_study basin_study;

typedef struct basin_study_options {
    const char *folder;      /* NULL: results/<study>/ */
    const char *const *sets; /* "training.epochs=5", ...; set_count of them */
    size_t set_count;
    int jobs;       /* runs at a time; 0: the cores that may be used */
    bool fail_fast; /* after a failure nothing new starts */
} basin_study_options;

typedef struct basin_study_counts {
    size_t runs;     /* of the study */
    size_t before;   /* finished before this call */
    size_t finished; /* by this call, diverged ones too */
    size_t diverged;
    size_t failed;
} basin_study_counts;

/* spec: a YAML file or a result FILE.h5. options: NULL for the defaults. */
basin_status basin_study_open(const char *spec, const basin_study_options *options,
                              basin_study **study);
void basin_study_close(basin_study *study); /* NULL is allowed */

size_t basin_study_run_count(const basin_study *study);
const char *basin_study_run_id(const basin_study *study, size_t index); /* 16 hex digits */
const char *basin_study_folder(const basin_study *study);
/* Writes the path of a run's result, which may not be there yet, and returns its length as snprintf
 * does. */
int basin_study_run_file(const basin_study *study, size_t index, char *path, size_t size);

/* Trains what is not finished. BASIN_FAILED where some runs failed (the last error is the first of
 * theirs), BASIN_INTERRUPTED after basin_study_stop. `counts` may be NULL. */
basin_status basin_study_run(basin_study *study, basin_study_counts *counts);

/* From any thread or signal handler, while the study is open: the basin_study_run that is going on,
 * or the next one where none is, ends its runs at their next step. A basin_study_run after that one
 * trains what was left. */
void basin_study_stop(basin_study *study);

#ifdef __cplusplus
}
#endif

#endif
