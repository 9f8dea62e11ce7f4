#include "models/score.h"

#include <math.h>

/* log sum exp f, shifted by the largest so that nothing overflows */
static double log_sum_exp(const double *f, size_t classes)
{
    double most = f[0], sum = 0;
    for (size_t j = 1; j < classes; j++) most = f[j] > most ? f[j] : most;
    for (size_t j = 0; j < classes; j++) sum += exp(f[j] - most);
    return log(sum) + most;
}

/* The class that a target names; of soft labels the likeliest. */
static size_t label_of(const struct score_rule *rule, const double *y)
{
    if (rule->task == DATA_LANGUAGE) return (size_t)y[0];
    size_t label = 0;
    for (size_t j = 1; j < rule->outputs; j++)
        if (y[j] > y[label]) label = j;
    return label;
}

/* log sum exp f - <t, f>, where t = (1 - s) y + s / C sums to one. A plain label is read by its
 * index: outputs of other classes may be infinite. */
static double score_cross_entropy(const struct score_rule *rule, const double *f, const double *y)
{
    size_t classes = rule->outputs, label = label_of(rule, y);
    bool plain = rule->task == DATA_LANGUAGE || (y[label] == 1 && rule->label_smoothing == 0);
    if (plain) return log_sum_exp(f, classes) - f[label];
    double chosen = 0;
    for (size_t j = 0; j < classes; j++)
        chosen +=
            ((1 - rule->label_smoothing) * y[j] + rule->label_smoothing / (double)classes) * f[j];
    return log_sum_exp(f, classes) - chosen;
}

static double score_squared_error(const double *f, const double *y, size_t outputs)
{
    double sum = 0;
    for (size_t j = 0; j < outputs; j++) sum += (f[j] - y[j]) * (f[j] - y[j]);
    return 0.5 * sum;
}

double score_loss(const struct score_rule *rule, const double *f, const double *y)
{
    return rule->loss == LOSS_MSE ? score_squared_error(f, y, rule->outputs)
                                  : score_cross_entropy(rule, f, y);
}

size_t score_targets(const struct score_rule *rule)
{
    return rule->task == DATA_LANGUAGE ? 1 : rule->outputs;
}

static bool is_correct(const double *f, size_t classes, size_t label)
{
    for (size_t j = 0; j < classes; j++)
        if (!(j < label ? f[label] > f[j] : f[label] >= f[j]))
            return false; /* a NaN is never correct */
    return true;
}

void score_add(const struct score_rule *rule, size_t count, const double *f, const double *y,
               struct score *score)
{
    size_t targets = score_targets(rule), predictions = count * rule->positions;
    for (size_t i = 0; i < predictions; i++, f += rule->outputs, y += targets) {
        score->loss += score_loss(rule, f, y);
        score->hits +=
            rule->task != DATA_REGRESSION && is_correct(f, rule->outputs, label_of(rule, y));
    }
    score->predictions += predictions;
}

struct evaluation score_mean(const struct score_rule *rule, const struct score *score)
{
    double count = (double)score->predictions;
    struct evaluation mean = {.loss = score->predictions ? score->loss / count : NAN};
    bool classes = isfinite(mean.loss) &&
                   rule->task != DATA_REGRESSION; /* outputs that are no numbers choose none */
    mean.accuracy = classes ? (double)score->hits / count : NAN;
    return mean;
}
