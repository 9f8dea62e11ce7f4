#include "graph/step.h"

/* The tile of a broadcast is made of whole rows. A row (1, N, L) is repeated from its start for
 * every tile; of a column (N, L, 1), a tile reads its own part. */
int64_t tile_part(const struct step *step, int64_t first, int64_t count, int64_t size[3])
{
    size[0] = count;
    if (step->tiling != TILING_BROADCAST) return first; /* size[1] stays: the row length */
    bool repeats_row = step->task.size[2] > 1;
    int64_t row = step->task.size[repeats_row ? 2 : 1];
    size[0] = repeats_row ? 1 : count / row;
    size[1] = repeats_row ? count / row : row;
    size[2] = repeats_row ? row : 1;
    return repeats_row ? 0 : first / row;
}

int64_t tile_from(const struct step *step, int input, int64_t first)
{
    if (input == 0) return first;
    return step->tiling == TILING_ROW      ? 0
           : step->tiling == TILING_COLUMN ? first / step->task.size[1]
                                           : first;
}
