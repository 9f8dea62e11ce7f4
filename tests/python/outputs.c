/* What a finished run's network gives for its test examples, for the comparison with PyTorch:
 *
 *     outputs FILE.h5    examples, positions and outputs as text, then that many float64
 */
#include <stdio.h>
#include "data/data.h"
#include "models/objective.h"
#include "run/finished.h"
#include "train/train.h"

static basin_status outputs_write(const struct finished *finished)
{
    const struct data_info *info = data_describe(finished->data);
    size_t count = info->counts[DATA_TEST], numbers = count * info->positions * info->outputs;
    struct objective_request request =
        train_objective(&finished->settings->train, finished->model, finished->data, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TEST, count);
    struct objective *objective;
    double *f = arena_array(finished->arena, double, numbers);
    if (!f) return BASIN_MEMORY;
    TRY(objective_create(&request, &objective));
    basin_status status = objective_outputs(objective, &where, finished->w, f);
    objective_destroy(objective);
    TRY(status);
    printf("%zu %zu %zu\n", count, info->positions, info->outputs);
    fwrite(f, sizeof *f, numbers, stdout);
    return BASIN_OK;
}

int main(int argc, char **argv)
{
    struct arena *arena;
    struct finished finished;
    if (argc != 2 || arena_create(&arena) != BASIN_OK) return 2;
    basin_status status = finished_open(argv[1], arena, NULL, &finished);
    if (status == BASIN_OK) {
        status = finished_load_weights(&finished);
        if (status == BASIN_OK) status = outputs_write(&finished);
        finished_close(&finished);
    }
    if (status != BASIN_OK)
        fprintf(stderr, "outputs: %s: %s\n", argv[1], basin_error_last()->message);
    arena_destroy(arena);
    return status == BASIN_OK ? 0 : 1;
}
