/* Does what a checkpoint said go together? Its digest was right, and says nothing of that: a
 * training that went on from a position outside its plan would never end, or read beside its data.
 *
 * Where a checkpoint can stand, with B batches an epoch (epoch and index of its next step):
 *
 *     within an epoch      index 1 ... B, as many steps taken in it; step = (epoch - 1) B + index
 *     between two epochs   index 0, steps taken in it 0 or, of the one before, B;
 *                          step = (epoch - 1) B
 *     behind the last      over, index 0; step = (epoch - 2) B + what the last epoch took, of which
 *                          a step that diverged may not count
 */
#include "train/restored.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static basin_status restored_refuse(const char *name, int64_t value, const char *why)
{
    return error_raise(BASIN_DATA, "its %s is %" PRId64 ", and %s", name, value, why);
}

static basin_status restored_range(const char *name, int64_t value, int64_t least, int64_t most)
{
    char why[96];
    if (value >= least && value <= most) return BASIN_OK;
    snprintf(why, sizeof why, "it can be %" PRId64 " to %" PRId64, least, most);
    return restored_refuse(name, value, why);
}

static basin_status check_ranges(const struct trainer *trainer)
{
    const struct train_plan *plan = &trainer->plan;
    const struct train_result *result = trainer->result;
    const struct {
        const char *name;
        int64_t value, least, most;
    } ranges[] = {
        {"epoch", trainer->epoch, 1, plan->epochs + 1},
        {"index", trainer->index, 0, plan->batches},
        {"taken", trainer->taken, 0, plan->batches},
        {"step", trainer->step, 0, plan->steps},
        {"over", trainer->over, 0, 1},
        {"epochs_done", result->epochs_done, trainer->epoch - 1, trainer->epoch - 1},
        {"best_epoch", result->best_epoch, 0, result->best ? trainer->epoch : 0},
        {"optimizer_step", trainer->optimizer->step, trainer->step,
         trainer->step + result->diverged},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        TRY(restored_range(ranges[i].name, ranges[i].value, ranges[i].least, ranges[i].most));
    return BASIN_OK;
}

static basin_status check_end(const struct trainer *trainer)
{
    static const char *const words[] = {"epochs", "steps", "train_loss_below", "divergence"};
    const struct train_result *result = trainer->result;
    bool is_known = false;
    for (size_t i = 0; result->stopped_by && i < sizeof words / sizeof *words; i++)
        is_known = is_known || strcmp(result->stopped_by, words[i]) == 0;
    if (trainer->over && !is_known)
        return error_raise(BASIN_DATA, "its training is over, and it does not say by what");
    if (result->diverged && !trainer->over)
        return error_raise(BASIN_DATA, "it has diverged, and its training is not over");
    bool by_divergence = is_known && strcmp(result->stopped_by, "divergence") == 0;
    if (trainer->over && by_divergence != result->diverged)
        return error_raise(BASIN_DATA, "it says that it diverged, and that it did not");
    bool by_plan = is_known && (result->stopped_by[0] == 'e' || result->stopped_by[0] == 's');
    if (trainer->over && by_plan && trainer->step != trainer->plan.steps)
        return restored_refuse("step", trainer->step, "its training is over before that");
    return BASIN_OK;
}

static basin_status check_position(const struct trainer *trainer)
{
    int64_t batches = trainer->plan.batches, begun = (trainer->epoch - 1) * batches;
    if (trainer->over) {
        int64_t ended = begun - batches + trainer->taken;
        if (trainer->index != 0 || trainer->taken == 0 || trainer->step > ended ||
            trainer->step < ended - trainer->result->diverged)
            return restored_refuse("step", trainer->step,
                                   "that does not go with the end that it states");
        return BASIN_OK;
    }
    if (trainer->step < 1 || trainer->epoch > trainer->plan.epochs ||
        trainer->step != begun + trainer->index)
        return restored_refuse("step", trainer->step, "that does not go with its epoch and index");
    if (trainer->taken != trainer->index && !(trainer->index == 0 && trainer->taken == batches))
        return restored_refuse("taken", trainer->taken, "that does not go with its index");
    return BASIN_OK;
}

/* No loss is below 0, but for rounding: of outputs that are large, smoothed labels may make that
 * large as well. */
static basin_status check_losses(const struct trainer *trainer)
{
    const double slack = 1e-3;
    if (trainer->settings->regularizers.label_smoothing > 0 ||
        !(trainer->losses < -slack * (double)trainer->plan.batches))
        return BASIN_OK;
    return error_raise(BASIN_DATA, "its losses are %g, below 0", trainer->losses);
}

/* The sums of an epoch that has not diverged are finite. */
static basin_status check_numbers(const struct trainer *trainer)
{
    const struct train_result *result = trainer->result;
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"losses", trainer->losses},
                   {"norms", trainer->norms},
                   {"norm", trainer->norm},
                   {"rate", trainer->rate}};
    for (size_t i = 0; !result->diverged && i < sizeof numbers / sizeof *numbers; i++)
        if (!isfinite(numbers[i].value))
            return error_raise(BASIN_DATA, "its %s is not a finite number", numbers[i].name);
    if (trainer->rate < 0 || trainer->norm < 0 || trainer->norms < 0)
        return error_raise(BASIN_DATA, "it has a learning rate or gradient norm below 0");
    TRY(check_losses(trainer));
    for (int part = 0; part < DATA_PARTS; part++) {
        double accuracy = result->final[part].accuracy;
        if (accuracy < 0 || accuracy > 1)
            return error_raise(BASIN_DATA, "it has an accuracy of %g", accuracy);
    }
    return BASIN_OK;
}

/* What a row has of its steps is finite, since the training has not diverged, but for the norm of
 * weights that have overflowed in the last step. Evaluations may be without a value. */
static basin_status check_row(const struct curves *curves, int64_t row, bool is_last)
{
    static const struct {
        enum curve_column column;
        double least, most;
        bool may_be_nan, may_overflow;
    } columns[] = {
        {CURVE_batch_loss, -INFINITY, INFINITY, false, false},
        {CURVE_learning_rate, 0, INFINITY, false, false},
        {CURVE_gradient_norm, 0, INFINITY, false, false},
        {CURVE_weight_norm, 0, INFINITY, false, true},
        {CURVE_train_accuracy, 0, 1, true, false},
        {CURVE_validation_accuracy, 0, 1, true, false},
        {CURVE_test_accuracy, 0, 1, true, false},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const double *values = curves->columns[columns[i].column];
        if (!values || (columns[i].may_overflow && is_last)) continue;
        bool is_right = isfinite(values[row])
                            ? values[row] >= columns[i].least && values[row] <= columns[i].most
                            : isnan(values[row]) && columns[i].may_be_nan;
        if (!is_right)
            return error_raise(BASIN_DATA, "its curves have a %s of %g",
                               train_curve(columns[i].column)->final.name, values[row]);
    }
    return BASIN_OK;
}

static basin_status check_rows(const struct trainer *trainer)
{
    const struct train_result *result = trainer->result;
    int64_t done = result->epochs_done, logged = result->steps.rows;
    if (result->diverged) return BASIN_OK;
    for (int64_t i = 0; i < done; i++) TRY(check_row(&result->epochs, i, i == done - 1));
    for (int64_t i = 0; i < logged; i++) TRY(check_row(&result->steps, i, i == logged - 1));
    return BASIN_OK;
}

/* A row an epoch that is over, and perhaps that of the one under way; a row every so many steps. */
static basin_status check_curves(const struct trainer *trainer)
{
    const struct curves *epochs = &trainer->result->epochs, *steps = &trainer->result->steps;
    int64_t every = trainer->settings->training.log_every, done = trainer->result->epochs_done;
    int64_t logged = every ? trainer->step / every : 0;
    TRY(restored_range("number of rows of epochs", epochs->rows, done,
                       done + (trainer->index > 0)));
    TRY(restored_range("number of rows of steps", steps->rows, logged, logged));
    for (int64_t i = 0; i < epochs->rows; i++)
        if (epochs->axis[i] != i + 1)
            return restored_refuse("epoch of a row", epochs->axis[i], "it is not the next one");
    for (int64_t i = 0; i < steps->rows; i++)
        if (steps->axis[i] != (i + 1) * every)
            return restored_refuse("step of a row", steps->axis[i], "it is not the next one");
    return BASIN_OK;
}

struct best {
    double loss;
    int64_t epoch;
};

/* The lowest validation loss that the rows tell, and the first of them that has it. A row that was
 * not evaluated has NaN, which is lower than nothing. */
static struct best best_of_rows(const struct curves *epochs)
{
    const double *losses = epochs->columns[CURVE_validation_loss];
    struct best best = {INFINITY, 0};
    for (int64_t i = 0; i < epochs->rows; i++)
        if (losses[i] < best.loss) best = (struct best){losses[i], i + 1};
    return best;
}

/* An end of an epoch that is done again, after an interruption, loses its row until it has been
 * evaluated again: what was the best may be of that row. */
static bool is_of_row_begun_again(const struct trainer *trainer, const struct best *rows)
{
    const struct train_result *result = trainer->result;
    return trainer->index > 0 && result->best_epoch == trainer->epoch &&
           result->epochs.rows == trainer->epoch &&
           isnan(curves_get(&result->epochs, CURVE_validation_loss)) &&
           trainer->best_loss < rows->loss && isfinite(trainer->best_loss);
}

static basin_status check_best(const struct trainer *trainer)
{
    const struct train_result *result = trainer->result;
    struct best best = {INFINITY, 0};
    if (result->best && result->epochs.columns[CURVE_validation_loss])
        best = best_of_rows(&result->epochs);
    if (result->best && is_of_row_begun_again(trainer, &best))
        best = (struct best){trainer->best_loss, result->best_epoch};
    if (result->best_epoch != best.epoch)
        return restored_refuse("best_epoch", result->best_epoch, "its curves say another");
    if (memcmp(&trainer->best_loss, &best.loss, sizeof best.loss) != 0)
        return error_raise(BASIN_DATA, "its best_loss is %g, and its curves say %g",
                           trainer->best_loss, best.loss);
    if (result->best && !vector_finite(trainer->space.precision, result->best,
                                       trainer->space.lengths[VECTOR_PARAMETERS]))
        return error_raise(BASIN_DATA, "its best weights are not finite");
    return BASIN_OK;
}

/* The last epoch of a training that is over was evaluated; divergence evaluates once more. */
static basin_status check_final(const struct trainer *trainer)
{
    static const enum curve_column columns[DATA_PARTS][2] = {
        [DATA_TRAIN] = {CURVE_train_loss, CURVE_train_accuracy},
        [DATA_VALIDATION] = {CURVE_validation_loss, CURVE_validation_accuracy},
        [DATA_TEST] = {CURVE_test_loss, CURVE_test_accuracy}};
    const struct train_result *result = trainer->result;
    const struct curves *epochs = &result->epochs;
    for (int part = 0; trainer->over && !result->diverged && part < DATA_PARTS; part++) {
        double finals[] = {result->final[part].loss, result->final[part].accuracy};
        for (int i = 0; i < 2; i++) {
            double row = curves_get(epochs, columns[part][i]);
            if (epochs->columns[columns[part][i]] && memcmp(&finals[i], &row, sizeof row) != 0)
                return error_raise(BASIN_DATA, "its last %s is %g, and its curves say %g",
                                   train_curve(columns[part][i])->final.name, finals[i], row);
        }
    }
    return BASIN_OK;
}

/* Weights may have overflowed in the last step; those to which a divergence would go back have not.
 */
static basin_status check_backup(const struct trainer *trainer)
{
    if (vector_finite(trainer->space.precision, trainer->vectors[TRAINER_BACKUP],
                      trainer->space.lengths[VECTOR_PARAMETERS]))
        return BASIN_OK;
    return error_raise(BASIN_DATA, "the weights at the start of its epoch are not finite");
}

basin_status restored_check(const struct trainer *trainer)
{
    TRY(check_ranges(trainer));
    TRY(check_end(trainer));
    TRY(check_position(trainer));
    TRY(check_numbers(trainer));
    TRY(check_curves(trainer));
    TRY(check_rows(trainer));
    TRY(check_best(trainer));
    TRY(check_final(trainer));
    return check_backup(trainer);
}
