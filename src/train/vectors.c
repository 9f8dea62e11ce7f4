#include "train/vectors.h"

struct vector_space vector_space(const struct model *model, const struct data_info *info,
                                 enum precision precision)
{
    return (struct vector_space){.lengths = {[VECTOR_PARAMETERS] = (size_t)model_size(model),
                                             [VECTOR_STATE] = (size_t)model_state_size(model),
                                             [VECTOR_EXAMPLES] = info->counts[DATA_TRAIN]},
                                 .precision = precision};
}

static size_t element_size(enum vector_type type, enum precision precision)
{
    return type == VECTOR_INDEX    ? sizeof(uint32_t)
           : type == VECTOR_DOUBLE ? sizeof(double)
                                   : precision_size(precision);
}

static size_t row_bytes(const struct vector_row *row, const struct vector_space *space)
{
    return space->lengths[row->length] * element_size(row->type, space->precision);
}

static bool is_needed(const struct vector_row *row, const void *settings)
{
    return !row->needed || row->needed(settings);
}

size_t vectors_count(const struct vector_row *rows)
{
    size_t count = 0;
    while (rows[count].name) count++;
    return count;
}

basin_status vectors_create(struct arena *arena, const struct vector_row *rows,
                            const void *settings, const struct vector_space *space, void **vectors)
{
    for (size_t i = 0; rows[i].name; i++) {
        vectors[i] = NULL;
        if (!is_needed(&rows[i], settings)) continue;
        if (!(vectors[i] = arena_allocate(arena, row_bytes(&rows[i], space)))) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

static bool has_negative(const void *vector, bool wide, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((wide ? ((const double *)vector)[i] : (double)((const float *)vector)[i]) < 0)
            return true;
    return false;
}

basin_status vectors_state(const struct vector_row *rows, const char *prefix,
                           const struct vector_space *space, void *const *vectors,
                           struct state *state)
{
    for (size_t i = 0; rows[i].name; i++) {
        if (!rows[i].saved || !vectors[i]) continue;
        bool wide = rows[i].type == VECTOR_DOUBLE || space->precision == PRECISION_FLOAT64;
        char *name = arena_format(state->record->arena, "%s%s", prefix, rows[i].name);
        if (!name) return BASIN_MEMORY;
        TRY(state_array(state, name, wide ? RECORD_FLOAT64 : RECORD_FLOAT32,
                        space->lengths[rows[i].length], vectors[i]));
        if (!state->save && rows[i].squares &&
            has_negative(vectors[i], wide, space->lengths[rows[i].length]))
            return error_raise(BASIN_DATA, "its %s has a negative number, and holds squares", name);
    }
    return BASIN_OK;
}

struct vector_bytes vectors_bytes(const struct vector_row *rows, const void *settings,
                                  const struct vector_space *space)
{
    struct vector_bytes bytes = {0, 0};
    for (const struct vector_row *row = rows; row->name; row++) {
        if (!is_needed(row, settings)) continue;
        bytes.all += row_bytes(row, space);
        if (row->saved) bytes.saved += row_bytes(row, space);
    }
    return bytes;
}

void vectors_print(const struct vector_row *rows, const void *settings, struct text *out)
{
    for (const struct vector_row *row = rows; row->name; row++)
        if (is_needed(row, settings))
            text_format(out, "%s %d %d\n", row->name, (int)row->length, (int)row->type);
}
