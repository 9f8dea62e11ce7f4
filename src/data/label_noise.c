/* Label noise (Zhang et al. 2017): wrong labels in the training part. */
#include <math.h>
#include <string.h>
#include "data/view.h"

/* An exact number of training labels becomes a different class, uniformly. The examples are the
 * beginning of a permutation and each has its own draw, so that a higher fraction changes the same
 * labels in the same way, and more.
 */
static basin_status add_label_noise(struct data *data, uint64_t seed, double fraction)
{
    size_t count = data->info.counts[DATA_TRAIN], wrong = (size_t)llround(fraction * (double)count);
    uint32_t classes = (uint32_t)data->info.outputs;
    if (wrong == 0) return BASIN_OK;
    if (classes < 2) {
        error_raise(BASIN_DATA, "label_noise needs at least two classes, and the labels have one");
        error_key("label_noise");
        return BASIN_DATA;
    }
    int32_t *noisy = arena_array(data->arena, int32_t, count);
    uint32_t *order = arena_array(data->arena, uint32_t, count);
    if (!noisy || !order) return BASIN_MEMORY;
    struct random chosen = random_make(seed, STREAM_LABEL_NOISE, 0, 0),
                  shift = random_make(seed, STREAM_LABEL_NOISE, 1, 0);
    random_permutation(&chosen, order, count);
    memcpy(noisy, data->clean[DATA_TRAIN], count * sizeof *noisy);
    for (size_t i = 0; i < wrong; i++) {
        uint32_t at = order[i];
        noisy[at] =
            (int32_t)(((uint32_t)noisy[at] + 1 + random_below(&shift, at, classes - 1)) % classes);
    }
    data->labels[DATA_TRAIN] = noisy;
    return BASIN_OK;
}

static basin_status label_noise_view(struct data *data, const void *settings)
{
    const struct data_settings *wanted = settings;
    if (wanted->label_noise == 0) return BASIN_OK;
    if (data->info.task != DATA_REGRESSION)
        return add_label_noise(data, (uint64_t)wanted->seed, wanted->label_noise);
    error_raise(BASIN_DATA, "data set %s: label_noise needs classes, but y holds floats",
                data->source->name);
    error_key("label_noise");
    error_hint("leave label_noise out, or write task: classification if y holds classes");
    return BASIN_DATA;
}

static const struct schema_row label_noise_rows[] = {DATA_LABEL_NOISE, {0}};

const struct entry label_noise_entry = {
    .name = "label_noise",
    .doc = "Training labels that are replaced by a different class; the clean ones stay known.",
    .source = "Zhang et al., \"Understanding deep learning requires rethinking generalization\", "
              "ICLR 2017",
    .parameters = label_noise_rows,
    .implementation =
        &(const struct transform){.stage = DATA_VIEW, .keyed = true, .view = label_noise_view}};
