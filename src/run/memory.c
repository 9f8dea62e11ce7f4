#include "run/memory.h"

#include "base/list.h"
#include "measure/measure.h"
#include "run/data_record.h"
#include "run/execute.h"
#include "run/schema.h"
#include "train/optimizer.h"
#include "train/train.h"

enum { FIXED = 3 << 20 }; /* spec, record, programs, and graphs while they are compiled */

static void memory_print_block(struct text *out, const struct value *spec, const char *key)
{
    const struct value *value = value_find(spec, key);
    text_format(out, "%s: ", key);
    if (value) value_print(out, value);
    text_append(out, "\n");
}

static void print_data(struct text *out, const struct data_info *info)
{
    text_format(out, "%d %d", (int)info->task, info->rank);
    for (int i = 0; i < info->rank; i++) text_format(out, " %zu", info->dims[i]);
    text_format(out, " %zu %zu", info->features, info->outputs);
    for (int i = 0; i < DATA_PARTS; i++) text_format(out, " %zu", info->counts[i]);
    text_append(out, "\n");
}

static void print_training(struct text *out, const struct train_settings *settings,
                           const struct data_info *info)
{
    struct train_plan plan = train_plan(settings, info);
    text_format(out, "%lld %lld %lld %lld %d %lld %d %d\n", (long long)plan.batch,
                (long long)plan.last, (long long)plan.steps, (long long)plan.epochs,
                plan.full_batch, (long long)settings->training.log_every,
                settings->regularizers.dropout > 0, settings->regularizers.label_smoothing > 0);
    optimizer_print(settings->training.optimizer, out);
}

basin_status memory_shape(const struct run_settings *settings, const struct data *data,
                          struct digest *shape)
{
    static const char *const blocks[] = {"architecture", "measures", "weights", "precision",
                                         "training.loss"};
    struct text text = {0};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        memory_print_block(&text, settings->spec, blocks[i]);
    print_data(&text, data_describe(data));
    print_training(&text, &settings->train, data_describe(data));
    basin_status status = text_status(&text);
    if (status == BASIN_OK) *shape = hash_bytes(text_data(&text), text.length);
    text_free(&text);
    return status;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The largest of the measures that are taken while training (`tracked`), or at its end. */
static basin_status measures_memory(const struct run_settings *settings,
                                    const struct measure_site *site, bool tracked,
                                    struct objective_memory *most)
{
    struct measure_walk walk = execute_walk(settings, site);
    while (execute_next(&walk)) {
        struct objective_memory memory;
        if (tracked && walk.every == SETTING_ABSENT) continue;
        TRY(measure_memory(walk.name, &walk.site, &memory));
        most->bytes = larger(most->bytes, memory.bytes);
        most->keep = larger(most->keep, memory.keep);
    }
    return BASIN_OK;
}

enum {
    COPIES = 3
}; /* of what goes to a file: in the record, in the image, and in the image's copy */

/* Rows of the measures that are taken while training. */
static size_t tracked_rows(const struct run_settings *settings, size_t epochs)
{
    size_t bytes = 0;
    for (size_t i = 0; i < settings->measures.count; i++) {
        const struct measure *measure = settings->measures.items[i].entry->implementation;
        int64_t every = measure_every(&settings->measures.items[i]);
        size_t columns = 1;
        if (every == SETTING_ABSENT) continue;
        for (const struct quantity *quantity = measure->quantities; quantity->name; quantity++)
            columns++;
        bytes += columns * sizeof(double) * (epochs / (size_t)every + 2);
    }
    return bytes;
}

/* On their way to the file: weights, each group in the record, two vectors of float64, and the
 * image with its copy; and what is said of the data. */
static size_t record_bytes(const struct train_settings *settings, const struct data *data,
                           const struct model *model, size_t snapshots)
{
    size_t size = (size_t)model_state_size(model),
           groups = 1u + settings->weights.initial + settings->weights.best + snapshots;
    return size * (groups * COPIES * precision_size(settings->precision) + 2 * sizeof(double)) +
           COPIES * data_record_bytes(data);
}

static basin_status memory_find(const struct run_settings *run, const struct data *data,
                                struct arena *arena, struct run_memory *memory)
{
    struct model *model;
    struct train_memory train;
    struct objective_memory tracked = {0}, final = {0};
    TRY(run_model_create(arena, run, data_describe(data), &model));
    const struct train_settings *settings = &run->train;
    struct measure_site site = execute_site(run, model, data);
    TRY(train_memory(settings, model, data, &train));
    TRY(measures_memory(run, &site, true, &tracked));
    TRY(measures_memory(run, &site, false, &final));
    struct train_plan plan = train_plan(settings, data_describe(data));
    size_t initial = (size_t)model_state_size(model) * precision_size(settings->precision),
           rows = tracked_rows(run, (size_t)plan.epochs),
           snapshots = (size_t)train_snapshots(&settings->weights, &plan);
    size_t curves = COPIES * (train.curves + rows);
    size_t most =
        larger(train.released +
                   larger(tracked.bytes, COPIES * (train.saved + snapshots * initial) + curves),
               larger(final.bytes, record_bytes(settings, data, model, snapshots) + curves));
    memory->bytes = FIXED + initial + train.kept + rows + snapshots * initial + most;
    memory->keep = final.keep;
    return BASIN_OK;
}

static basin_status find_measures(const struct run_settings *run, const struct data *data,
                                  struct arena *arena, struct run_memory *memory)
{
    struct model *model;
    struct objective_memory most = {0};
    TRY(run_model_create(arena, run, data_describe(data), &model));
    struct measure_site site = execute_site(run, model, data);
    TRY(measures_memory(run, &site, false, &most));
    size_t weights = (size_t)model_state_size(model) * precision_size(run->train.precision);
    memory->bytes = FIXED + 2 * weights + most.bytes + record_bytes(&run->train, data, model, 0);
    memory->keep = most.keep;
    return BASIN_OK;
}

basin_status memory_of_measures(const struct run_settings *settings, const struct data *data,
                                struct run_memory *memory)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    *memory = (struct run_memory){0};
    basin_status status = find_measures(settings, data, arena, memory);
    arena_destroy(arena);
    return status;
}

basin_status memory_of_run(const struct run_settings *settings, const struct data *data,
                           struct run_memory *memory)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    *memory = (struct run_memory){0};
    basin_status status = memory_find(settings, data, arena, memory);
    arena_destroy(arena);
    return status;
}

/* ---- what is known ---- */

struct memory_table {
    pthread_mutex_t lock;
    struct memory_row {
        struct digest shape;
        struct run_memory memory;
    } * rows;
    size_t count, capacity;
};

basin_status memory_table_create(struct memory_table **table)
{
    if (!(*table = memory_allocate(sizeof **table))) return BASIN_MEMORY;
    pthread_mutex_init(&(*table)->lock, NULL);
    return BASIN_OK;
}

void memory_table_destroy(struct memory_table *table)
{
    if (!table) return;
    pthread_mutex_destroy(&table->lock);
    memory_free(table->rows);
    memory_free(table);
}

pthread_mutex_t *memory_table_lock(struct memory_table *table)
{
    return &table->lock;
}

bool memory_table_find(const struct memory_table *table, struct digest shape,
                       struct run_memory *memory)
{
    for (size_t i = table->count;
         i-- > 0;) { /* neighbours of a sweep are alike: the newest first */
        if (!digest_equal(table->rows[i].shape, shape)) continue;
        *memory = table->rows[i].memory;
        return true;
    }
    return false;
}

basin_status memory_table_add(struct memory_table *table, struct digest shape,
                              const struct run_memory *memory)
{
    if (!list_room(NULL, table->rows, table->count, 1, table->capacity)) return BASIN_MEMORY;
    table->rows[table->count++] = (struct memory_row){shape, *memory};
    return BASIN_OK;
}
