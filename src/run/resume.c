#include "run/resume.h"

#include "base/clock.h"
#include "run/provenance.h"
#include "train/train.h"

const struct schema_row checkpoint_parameters[] = {
    {.key = "every_seconds",
     .type = SCHEMA_FLOAT,
     .unit = "seconds",
     .minimum = 0,
     .maximum = 1e9,
     .fallback = "60.0",
     .flags = SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Time between two checkpoints of a run; 0: after every step."},
    {.key = "every_epochs",
     .type = SCHEMA_INTEGER,
     .unit = "epochs",
     .minimum = 1,
     .maximum = 1e9,
     .flags = SCHEMA_OPTIONAL | SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Take them after every so many epochs instead."},
    {0}};

static bool resume_is_due(void *context, int64_t epoch)
{
    const struct resume *resume = context;
    if (epoch == TRAIN_END)
        return resume->before_measures ||
               clock_seconds() - resume->started >= resume->every_seconds;
    if (resume->every_epochs) return epoch > 0 && epoch % resume->every_epochs == 0;
    return clock_seconds() - resume->last >= resume->every_seconds;
}

static void resume_save(void *context, struct record *record, int64_t epoch, int64_t step)
{
    struct resume *resume = context;
    double seconds = checkpoint_seconds(resume->hooks.resume) + clock_seconds() - resume->started;
    basin_status status = checkpoint_write(&resume->checkpoint, record, epoch, step, seconds);
    if (status != BASIN_OK && resume->error.status == BASIN_OK) resume->error = *basin_error_last();
    resume->last = clock_seconds();
}

basin_status resume_open(const char *folder, const char *id, const struct value *spec,
                         bool resume_it, struct arena *arena, struct resume *resume)
{
    *resume = (struct resume){.every_seconds = value_number(spec, "checkpoint.every_seconds")};
    if (value_has(spec, "checkpoint.every_epochs"))
        resume->every_epochs = value_integer(spec, "checkpoint.every_epochs");
    resume->hooks =
        (struct run_checkpoints){.context = resume, .due = resume_is_due, .save = resume_save};
    resume->last = resume->started = clock_seconds();
    checkpoint_open(folder, id, provenance_build(), &resume->checkpoint);
    return resume_it ? checkpoint_load(&resume->checkpoint, arena, &resume->hooks.resume)
                     : BASIN_OK;
}
