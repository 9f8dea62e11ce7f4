#include "data/split.h"

#include <stdlib.h>
#include <string.h>
#include "base/arena.h"

/* ---- classes in proportion ---- */

struct place {
    uint64_t numerator, denominator; /* 2 k + 1 of 2 n */
    uint32_t rank, row;              /* in the random order */
};

/* By the fraction, compared exactly, then by rank. */
static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    uint64_t left = x->numerator * y->denominator, right = y->numerator * x->denominator;
    if (left != right) return left < right ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

basin_status split_stratify(const int32_t *labels, size_t classes, size_t count, uint32_t *order)
{
    uint64_t *sizes = memory_allocate((2 * classes + 1) * sizeof *sizes), *seen = sizes + classes;
    struct place *places = memory_allocate((count + 1) * sizeof *places);
    if (sizes && places) {
        for (size_t i = 0; i < count; i++) sizes[labels[i]]++;
        for (size_t i = 0; i < count; i++) {
            int32_t class = labels[order[i]];
            places[i] =
                (struct place){2 * seen[class]++ + 1, 2 * sizes[class], (uint32_t)i, order[i]};
        }
        qsort(places, count, sizeof *places, by_place);
        for (size_t i = 0; i < count; i++) order[i] = places[i].row;
    }
    basin_status status = sizes && places ? BASIN_OK : BASIN_MEMORY;
    memory_free(sizes);
    memory_free(places);
    return status;
}

/* ---- whole groups ---- */

/* first[g] becomes the place at which group g begins, in the order of `turn`. */
static void place_groups(const uint32_t *turn, const size_t *sizes, size_t groups, size_t *first)
{
    size_t at = 0;
    for (size_t i = 0; i < groups; i++) {
        first[turn[i]] = at;
        at += sizes[turn[i]];
    }
}

basin_status split_order_groups(const uint32_t *groups, size_t count, const struct random *random,
                                uint32_t *order)
{
    size_t number = 0;
    for (size_t i = 0; i < count; i++)
        if (groups[i] >= number) number = groups[i] + 1;
    uint32_t *rows = memory_allocate((count + number + 1) * sizeof *rows), *turn = rows + count;
    size_t *sizes = memory_allocate((2 * number + 1) * sizeof *sizes), *first = sizes + number;
    if (rows && sizes) {
        struct random of_groups = *random;
        of_groups.minor = 1;
        random_permutation(random, rows, count);
        random_permutation(&of_groups, turn, number);
        for (size_t i = 0; i < count; i++) sizes[groups[i]]++;
        place_groups(turn, sizes, number, first);
        for (size_t i = 0; i < count; i++) order[first[groups[rows[i]]]++] = rows[i];
    }
    basin_status status = rows && sizes ? BASIN_OK : BASIN_MEMORY;
    memory_free(rows);
    memory_free(sizes);
    return status;
}

/* An order whose groups are whole, and what is sought in it. */
struct borders {
    const uint32_t *groups, *order;
    size_t all;
};

static bool is_border(const struct borders *in, size_t at)
{
    return at == 0 || at == in->all || in->groups[in->order[at - 1]] != in->groups[in->order[at]];
}

static size_t border_after(const struct borders *in, size_t at)
{
    while (!is_border(in, at)) at++;
    return at;
}

static size_t border_before(const struct borders *in, size_t at)
{
    while (!is_border(in, at)) at--;
    return at;
}

/* The border nearest to `at` from `low` to `high`, which are borders; the lower of two. */
static size_t border_near(const struct borders *in, size_t at, size_t low, size_t high)
{
    if (at <= low) return low;
    if (at >= high) return high;
    size_t before = border_before(in, at), after = border_after(in, at);
    return at - before <= after - at ? before : after;
}

static basin_status refuse_groups(const char *name, const char *part)
{
    error_raise(BASIN_DATA,
                "data set %s: the groups are too few, or too large, to set whole ones aside for %s",
                name, part);
    error_key("group");
    error_hint("set fewer examples aside, or leave group out");
    return BASIN_DATA;
}

/* `*end`: where the test examples begin. */
static basin_status cut_test(const char *name, const struct borders *in, struct split_cuts *cuts,
                             size_t *end)
{
    *end = in->all;
    if (cuts->test == 0) return BASIN_OK;
    size_t first = border_after(in, 1), last = border_before(in, in->all - 1);
    if (last < first) return refuse_groups(name, "testing");
    *end = border_near(in, in->all - cuts->test, first, last);
    cuts->test = in->all - *end;
    return BASIN_OK;
}

/* The last ones of what does not test, where all that is left trains. */
static basin_status cut_last(const char *name, const struct borders *in, size_t end,
                             struct split_cuts *cuts)
{
    size_t first = border_after(in, 1), last = border_before(in, end - 1);
    if (last < first) return refuse_groups(name, "validation");
    size_t wanted = end > cuts->validation ? end - cuts->validation : 0;
    cuts->train = cuts->first = border_near(in, wanted, first, last);
    cuts->validation = end - cuts->first;
    return BASIN_OK;
}

/* Those that follow the training examples; the rest of the last group that trains is left out. */
static basin_status cut_following(const char *name, const struct borders *in, size_t end,
                                  struct split_cuts *cuts)
{
    cuts->first = border_after(in, cuts->train);
    if (cuts->first >= end) return refuse_groups(name, "validation");
    size_t stop =
        border_near(in, cuts->first + cuts->validation, border_after(in, cuts->first + 1), end);
    cuts->validation = stop - cuts->first;
    return BASIN_OK;
}

/* Whole groups have been set aside for testing: what is left may be less than was asked for. */
static basin_status refuse_rest(const char *name, size_t wanted, size_t left)
{
    error_raise(BASIN_DATA,
                "data set %s: train_size needs %zu examples, but whole groups that test leave %zu",
                name, wanted, left);
    error_key("train_size");
    error_expected("at most %zu", left);
    error_found("%zu", wanted);
    return BASIN_DATA;
}

basin_status split_cut_groups(const char *name, const uint32_t *groups, const uint32_t *order,
                              struct split_cuts *cuts)
{
    struct borders in = {groups, order, cuts->all};
    size_t end;
    TRY(cut_test(name, &in, cuts, &end));
    if (cuts->validation > 0)
        return cuts->all_train ? cut_last(name, &in, end, cuts)
                               : cut_following(name, &in, end, cuts);
    if (cuts->all_train) cuts->train = end;
    if (cuts->train > end) return refuse_rest(name, cuts->train, end);
    cuts->first = cuts->train;
    return BASIN_OK;
}
