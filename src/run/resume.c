#include "run/resume.h"

#include "base/clock.h"
#include "run/finished.h"
#include "run/provenance.h"
#include "train/train.h"

static bool resume_is_due(void *context, int64_t epoch)
{
    const struct resume *resume = context;
    if (epoch == TRAIN_END)
        return resume->before_measures ||
               clock_seconds() - resume->started >= resume->settings.every_seconds;
    int64_t every = resume->settings.every_epochs;
    if (every != SETTING_ABSENT) return epoch > 0 && epoch % every == 0;
    return clock_seconds() - resume->last >= resume->settings.every_seconds;
}

static void resume_save(void *context, struct record *record, int64_t epoch, int64_t step)
{
    struct resume *resume = context;
    double seconds = resume->hooks.seconds + clock_seconds() - resume->started;
    basin_status status = resume->spec ? finished_add_spec(record, resume->spec) : BASIN_OK;
    if (status == BASIN_OK)
        status = checkpoint_write(&resume->checkpoint, record, epoch, step, seconds);
    if (status != BASIN_OK && resume->error.status == BASIN_OK) resume->error = *basin_error_last();
    resume->last = clock_seconds();
}

static void resume_release(void *context)
{
    struct resume *resume = context;
    resume->hooks.resume = NULL;
    arena_destroy(resume->arena);
    resume->arena = NULL;
}

void resume_forget(struct resume *resume)
{
    resume_release(resume);
    resume->hooks.seconds = 0;
}

static basin_status resume_read(struct resume *resume)
{
    TRY(arena_create(&resume->arena));
    basin_status status =
        checkpoint_load(&resume->checkpoint, resume->arena, &resume->hooks.resume);
    if (status != BASIN_OK) resume_forget(resume);
    resume->hooks.seconds = checkpoint_seconds(resume->hooks.resume);
    return status;
}

static bool is_passing(basin_status status)
{
    return status == BASIN_IO || status == BASIN_MEMORY;
}

/* That which was found, or the other where its state cannot be read. */
static basin_status read_newest(struct resume *resume)
{
    struct checkpoint *checkpoint = &resume->checkpoint;
    while (checkpoint->slot >= 0) {
        basin_status status = resume_read(resume);
        if (status == BASIN_OK || is_passing(status)) return status;
        if (resume->refused.status == BASIN_OK) resume->refused = *basin_error_last();
        checkpoint_refuse(checkpoint); /* a look at its ends had found nothing */
    }
    if (is_passing(checkpoint->unusable.status)) return error_restore(&checkpoint->unusable);
    if (resume->refused.status != BASIN_OK) checkpoint->unusable = resume->refused;
    return BASIN_OK;
}

basin_status resume_refuse(struct resume *resume)
{
    if (resume->refused.status == BASIN_OK) resume->refused = *basin_error_last();
    resume_forget(resume);
    checkpoint_refuse(&resume->checkpoint);
    return read_newest(resume);
}

basin_status resume_open(const char *folder, const char *id,
                         const struct checkpoint_settings *settings, bool resume_it,
                         struct resume *resume)
{
    *resume = (struct resume){.settings = *settings};
    resume->hooks = (struct run_checkpoints){
        .context = resume, .due = resume_is_due, .save = resume_save, .resumed = resume_release};
    resume->last = resume->started = clock_seconds();
    checkpoint_open(folder, id, provenance_build(), &resume->checkpoint);
    return resume_it ? read_newest(resume) : BASIN_OK;
}
