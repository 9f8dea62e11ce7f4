/* The nets that are timed, as specs: what a user would write. */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include "spec/spec.h"
#include "run/execute.h"
#include "run/identity.h"
#include "run/schema.h"

const struct setting settings[] = {
    {"mlp-512", "MLP 784-512-512-10, batch 128", "fashion-mnist", "{type: mlp, hidden: [512, 512]}",
     128, 0.75},
    {"mlp-64", "MLP 784-64-10, batch 32", "fashion-mnist", "{type: mlp, hidden: [64]}", 32, 0.50},
    {"cnn", "CNN 16-32-128, 28x28, batch 128", "fashion-mnist", "{type: cnn}", 128, 0.55},
    {"cnn-bn", "CNN 16-32-128, batch norm", "fashion-mnist", "{type: cnn, norm: batch}", 128, 0.55},
    {"resnet-8", "ResNet-8 16-32-64, batch norm", "fashion-mnist",
     "{type: resnet, depth: 8, width: 16}", 128, 0.52},
    {"lstm", "LSTM-128 over 28 rows, batch 128", "fashion-mnist", "{type: lstm, hidden_size: 128}",
     128, 0.55},
    {"transformer", "transformer 128 x 2, 128 tokens, batch 32", "{name: kjv-text, context: 128}",
     "{type: transformer, width: 128, depth: 2, heads: 4}", 32, 0.55},
    {"gru-text", "GRU-256 on text, 250 characters, batch 12", "{name: kjv-text, context: 250}",
     "{type: gru, hidden_size: 256, embedding: 32}", 12, 0},
    {"cnn-1d", "MNIST-1D CNN 25-25-25, batch 100", "mnist1d",
     "{type: sequential, layers: [{conv: {channels: 25, kernel: 5, stride: 2, padding: 1}}, relu, "
     "{conv: {channels: 25, kernel: 3, stride: 2, padding: 1}}, relu, {conv: {channels: 25, "
     "kernel: 3, stride: 2, padding: 1}}, "
     "relu]}",
     100, 0},
    {"gru-1d", "MNIST-1D GRU 6 both ways, batch 100", "mnist1d",
     "{type: gru, hidden_size: 6, bidirectional: true, readout: all}", 100, 0},
    {0}};
const struct setting smoke = {
    "smoke", "MLP 40-16-10, batch 8", "mnist1d", "{type: mlp, hidden: [16]}", 8, 0};

const struct setting *setting_find(const char *key)
{
    const struct setting *setting = settings;
    while (setting->key && strcmp(setting->key, key) != 0) setting++;
    return setting->key ? setting : NULL;
}

/* Evaluation is left out: its epoch never comes. */
static const char endless[] = "study: bench\n"
                              "dataset: %s\n"
                              "architecture: %s\n"
                              "training:\n"
                              "  optimizer: {type: sgd, learning_rate: 0.01, momentum: 0.9}\n"
                              "  batch_size: %d\n"
                              "  epochs: 100000\n"
                              "evaluate: {every: 1000000000}\n";

/* A run of the tiny sweep of scripts/bench, for more epochs; evaluation included. */
static const char tiny[] = "study: bench\n"
                           "dataset: {name: mnist1d}\n"
                           "architecture: {type: linear}\n"
                           "training: {epochs: 8}\n";

static basin_status read_spec(struct job *job)
{
    char source[1024];
    struct diagnostics diagnostics;
    struct spec *spec;
    if (job->setting->architecture)
        snprintf(source, sizeof source, endless, job->setting->dataset, job->setting->architecture,
                 (int)job->setting->batch);
    else
        snprintf(source, sizeof source, "%s", tiny);
    struct spec_request request = {.file = "bench.yaml",
                                   .text = source,
                                   .length = strlen(source),
                                   .folder = ".",
                                   .schema = study_schema};
    diagnostics_start(&diagnostics, job->arena);
    basin_status status = spec_read(job->arena, &request, &diagnostics, &spec);
    if (status == BASIN_OK) status = spec_run(spec, 0, job->arena, &diagnostics, &job->spec);
    if (status == BASIN_SPEC && diagnostics.count)
        return error_raise(BASIN_INTERNAL, "the spec of the bench is refused: %s",
                           diagnostics.items[0].message);
    return status;
}

static basin_status open_job(struct job *job)
{
    TRY(arena_create(&job->arena));
    TRY(read_spec(job));
    TRY(data_store_create(&job->store));
    TRY(data_open(job->store, value_map(job->spec, "dataset"), &job->data));
    identity_derive(job->spec, data_describe(job->data));
    const struct run_settings *run;
    TRY(run_settings_create(job->arena, job->spec, &run));
    job->settings = &run->train;
    return run_model_create(job->arena, run, data_describe(job->data), &job->model);
}

basin_status setting_open(const struct setting *setting, struct job *job)
{
    *job = (struct job){.setting = setting};
    basin_status status = open_job(job);
    if (status != BASIN_OK) setting_close(job);
    return status;
}

void setting_close(struct job *job)
{
    data_store_destroy(job->store);
    arena_destroy(job->arena);
    *job = (struct job){0};
}

struct network_request job_network(const struct job *job, enum network_kind kind,
                                   enum model_mode mode)
{
    struct objective_request request = train_objective(job->settings, job->model, job->data, mode);
    return (struct network_request){.model = job->model,
                                    .data = job->data,
                                    .kind = kind,
                                    .mode = mode,
                                    .loss = request.loss,
                                    .label_smoothing = request.label_smoothing,
                                    .precision = request.precision};
}
