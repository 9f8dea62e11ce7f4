#include "graph/node.h"

struct shape shape_scalar(void)
{
    return (struct shape){.rank = 0};
}

struct shape shape_vector(int64_t n)
{
    return (struct shape){.rank = 1, .dim = {n}};
}

struct shape shape_matrix(int64_t rows, int64_t columns)
{
    return (struct shape){.rank = 2, .dim = {rows, columns}};
}

int64_t shape_size(struct shape shape)
{
    int64_t size = 1;
    for (int i = 0; i < shape.rank; i++) size *= shape.dim[i];
    return size;
}

bool shape_equal(struct shape a, struct shape b)
{
    if (a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; i++)
        if (a.dim[i] != b.dim[i]) return false;
    return true;
}

void shape_split(const struct shape *shape, int first, int count, int64_t *outer, int64_t *middle,
                 int64_t *inner)
{
    *outer = *middle = *inner = 1;
    for (int i = 0; i < shape->rank; i++)
        *(i < first ? outer : i < first + count ? middle : inner) *= shape->dim[i];
}

struct shape shape_without(struct shape shape, int first, int count)
{
    struct shape rest = {.rank = shape.rank - count};
    for (int i = 0; i < rest.rank; i++) rest.dim[i] = shape.dim[i < first ? i : i + count];
    return rest;
}

int64_t sample_between(struct sampler *sampler, int64_t low, int64_t high)
{
    return low + random_below(&sampler->random, sampler->next++, (uint32_t)(high - low + 1));
}

struct shape sample_shape(struct sampler *sampler, int least_rank, int most_rank)
{
    static const int64_t longest[] = {70, 70, 23, 9,
                                      5,  4,  3}; /* by rank: long enough for vectors and their
                                                     remainders, and still small */
    struct shape shape = {.rank = (int)sample_between(sampler, least_rank, most_rank)};
    bool narrow = sample_between(sampler, 0, 7) ==
                  0; /* sometimes few and long rows, longer than every block of a kernel */
    for (int i = 0; i < shape.rank; i++) {
        int64_t most = !narrow ? longest[shape.rank] : i == shape.rank - 1 ? 2500 : 2;
        shape.dim[i] = sample_between(sampler, 1, most);
    }
    return shape;
}
