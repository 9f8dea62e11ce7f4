/* Result: one finished run, read from its file.
 *
 *     basin_result *result;
 *     double accuracy;
 *     if (basin_result_open("results/study/runs/0123456789abcdef.h5", &result) == BASIN_OK &&
 *         basin_result_number(result, "/measures/test_accuracy", &accuracy) == BASIN_OK)
 *         printf("%g\n", accuracy);
 *     basin_result_close(result);
 *
 * Promise.  The file's digest is verified before anything is read from it. A result is immutable.
 * Ownership.  basin_result_open gives the result to the caller, who closes it once; arrays and
 * texts belong to it.
 * Errors.  BASIN_DAMAGED, BASIN_IO, BASIN_DATA (not a result file, or a dataset that is not there
 * or of another kind).
 */
#ifndef BASIN_RESULT_H
#define BASIN_RESULT_H

#include <stddef.h>
#include <basin/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct basin_result basin_result;

basin_status basin_result_open(const char *file,
                               basin_result **result); /* *result is NULL after a failure */
void basin_result_close(basin_result *result);         /* NULL is allowed */

const char *basin_result_id(const basin_result *result);
const char *basin_result_state(const basin_result *result); /* "finished" or "diverged" */
const char *basin_result_spec(const basin_result *result);  /* YAML */

/* A scalar dataset by its path. */
basin_status basin_result_number(const basin_result *result, const char *path, double *value);
/* A dataset of any numeric type as doubles, row-major; `dims` of 4, `rank` of them are set. */
basin_status basin_result_array(basin_result *result, const char *path, const double **values,
                                int *rank, size_t *dims);

#ifdef __cplusplus
}
#endif

#endif
