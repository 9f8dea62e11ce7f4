/* Schedules: the learning rate of a step as a factor of learning_rate. All count steps. */
#include "train/schedule.h"

#include <math.h>

struct constant_settings {
    struct schedule_settings common;
};

struct step_settings {
    struct schedule_settings common;
    int64_t every;
    double factor;
};

struct cosine_settings {
    struct schedule_settings common;
    double final;
};

#define WARMUP_ROW(structure)                                                                      \
    {                                                                                              \
        .key = "warmup", SETTING(structure, common.warmup), .type = SCHEMA_INTEGER,                \
        .unit = "steps", .maximum = 1e12, .fallback = "0",                                         \
        .doc = "Steps over which the rate rises linearly to learning_rate, before the schedule "   \
               "begins.",                                                                          \
        .source = "Goyal et al., arXiv:1706.02677", .aliases = (const char *const[])               \
        {                                                                                          \
            "warmup_steps", "warm_up", NULL                                                        \
        }                                                                                          \
    }

struct schedule {
    double (*factor)(const void *settings, double step, double total);
};

static double constant_factor(const void *settings, double step, double total)
{
    (void)settings, (void)step, (void)total;
    return 1;
}

static double step_factor(const void *settings, double step, double total)
{
    const struct step_settings *drops = settings;
    (void)total;
    return pow(drops->factor, floor(step / (double)drops->every));
}

static double cosine_factor(const void *settings, double step, double total)
{
    double least = ((const struct cosine_settings *)settings)->final;
    return least + (1 - least) * 0.5 * (1 + cos(M_PI * (total > 0 ? step / total : 1)));
}

static const struct schema_row constant_parameters[] = {WARMUP_ROW(struct constant_settings), {0}};
static const struct schema_row step_parameters[] = {
    WARMUP_ROW(struct step_settings),
    {.key = "every",
     SETTING(struct step_settings, every),
     .type = SCHEMA_INTEGER,
     .unit = "steps",
     .minimum = 1,
     .maximum = 1e12,
     .fallback = "1000",
     .doc = "Steps between two drops; `every: 30 epochs` counts epochs.",
     .aliases = (const char *const[]){"step_size", "period", NULL}},
    {.key = "factor",
     SETTING(struct step_settings, factor),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "0.1",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Factor of each drop.",
     .aliases = (const char *const[]){"gamma", NULL}},
    {0}};
static const struct schema_row cosine_parameters[] = {
    WARMUP_ROW(struct cosine_settings),
    {.key = "final",
     SETTING(struct cosine_settings, final),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "0.0",
     .doc = "Rate at the end, as a share of learning_rate.",
     .aliases = (const char *const[]){"eta_min", NULL}},
    {0}};

static const struct schedule constant = {constant_factor}, step = {step_factor},
                             cosine = {cosine_factor};
static const struct entry constant_entry = {.name = "constant",
                                            .doc = "The same learning rate at every step.",
                                            .parameters = constant_parameters,
                                            .settings_size = sizeof(struct constant_settings),
                                            .implementation = &constant};
static const struct entry step_entry = {
    .name = "step",
    .doc = "The rate is multiplied by `factor` every `every` steps.",
    .parameters = step_parameters,
    .settings_size = sizeof(struct step_settings),
    .implementation = &step};
static const struct entry cosine_entry = {.name = "cosine",
                                          .doc =
                                              "Half a cosine, from learning_rate at the first step "
                                              "to `final` times learning_rate after the last.",
                                          .source = "Loshchilov and Hutter, ICLR 2017, eq. 5",
                                          .parameters = cosine_parameters,
                                          .settings_size = sizeof(struct cosine_settings),
                                          .implementation = &cosine};
static const struct entry *const entries[] = {&constant_entry, &step_entry, &cosine_entry, NULL};

const struct registry schedule_registry = {
    .kind = "schedule", .plural = "schedules", .entries = entries};

double schedule_factor(struct setting_variant schedule, int64_t at, int64_t total)
{
    const struct schedule *kind = schedule.entry->implementation;
    int64_t warmup = ((const struct schedule_settings *)schedule.settings)->warmup;
    if (at < warmup) return (double)(at + 1) / (double)warmup;
    return kind->factor(schedule.settings, (double)(at - warmup), (double)(total - warmup));
}
