/* Shared programs: made once for equal graphs, anew for any difference, forgotten when too many are
 * unused. */
#include <pthread.h>
#include "graph_helpers.h"
#include "graph/cache.h"

TestSuite(graph_cache, .init = setup, .fini = teardown);

static _Atomic int made;

static basin_status make(void *context, struct arena *into, struct program **program)
{
    made++;
    return program_compile(into, context, &(struct program_options){0}, program);
}

/* A fresh graph: `count` elements, scaled, written at `offset`. */
static struct graph *build(struct arena *into, int64_t count, double factor, int64_t offset)
{
    struct graph *graph;
    cr_assert_eq(graph_create(into, &graph), BASIN_OK);
    graph_node x = graph_leaf(graph, SLOT_INPUT, 0, shape_vector(count));
    graph_output(graph, graph_tanh(graph, graph_scale(graph, x, factor)), SLOT_OUTPUT, offset);
    return graph;
}

static struct digest digest_of(const struct graph *graph, int64_t more)
{
    struct digest digest;
    cr_assert_eq(graph_digest(graph, &more, 1, &digest), BASIN_OK);
    return digest;
}

static const struct program *take(int64_t count)
{
    const struct program *program;
    struct arena *scratch;
    cr_assert_eq(arena_create(&scratch), BASIN_OK);
    struct graph *graph = build(scratch, count, 2, 0);
    cr_assert_eq(cache_take(digest_of(graph, 0), make, graph, &program), BASIN_OK);
    arena_destroy(scratch);
    return program;
}

Test(graph_cache, equal_graphs_share_a_program)
{
    const struct program *a = take(3), *b = take(3), *c = take(4);
    cr_assert_eq(a, b);
    cr_assert_neq(a, c);
    cr_assert_eq(made, 2);
    cache_return(a);
    cache_clear(); /* b is still in use */
    cr_assert_eq(take(3), b);
    cr_assert_eq(made, 2);
}

Test(graph_cache, any_difference_makes_another_program)
{
    struct digest first = digest_of(build(arena, 3, 2, 0), 0);
    cr_assert(digest_equal(first, digest_of(build(arena, 3, 2, 0), 0)));
    cr_assert(!digest_equal(first, digest_of(build(arena, 4, 2, 0), 0)), "shape");
    cr_assert(!digest_equal(first, digest_of(build(arena, 3, 3, 0), 0)), "number");
    cr_assert(!digest_equal(first, digest_of(build(arena, 3, 2, 1), 0)), "output");
    cr_assert(!digest_equal(first, digest_of(build(arena, 3, 2, 0), 1)), "options");
}

Test(graph_cache, the_unused_are_few)
{
    for (int64_t count = 1; count <= CACHE_UNUSED + 3; count++) cache_return(take(count));
    made = 0;
    cache_return(take(CACHE_UNUSED + 3));
    cr_assert_eq(made, 0, "the last is kept");
    cache_return(take(1));
    cr_assert_eq(made, 1, "the first is forgotten");
    cache_clear();
    cache_return(take(1));
    cr_assert_eq(made, 2);
}

static basin_status fail(void *context, struct arena *into, struct program **program)
{
    (void)context, (void)into, (void)program;
    return error_raise(BASIN_INTERNAL, "no program");
}

Test(graph_cache, a_failure_is_not_kept)
{
    const struct program *program;
    struct graph *graph = build(arena, 3, 2, 0);
    cr_assert_eq(cache_take(digest_of(graph, 0), fail, graph, &program), BASIN_INTERNAL);
    cr_assert_eq(cache_take(digest_of(graph, 0), make, graph, &program), BASIN_OK);
}

static void *work(void *unused)
{
    for (int i = 0; i < 200; i++) {
        const struct program *program = take(1 + i % 5), *again = take(1 + i % 5);
        if (program != again) made += 1000;
        cache_return(program);
        cache_return(again);
    }
    return unused;
}

Test(graph_cache, threads_share)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) cr_assert_eq(pthread_create(&threads[i], NULL, work, NULL), 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    cr_assert_lt(made, 1000);
}
