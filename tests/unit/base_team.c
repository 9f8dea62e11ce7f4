/* base/team.c: every member once, number 0 in the calling thread; fewer where the system gives no
 * more threads. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "base/team.h"

enum { MOST = 64 };

struct seen {
    _Atomic int calls[MOST];
    pthread_t first;
    _Atomic bool first_is_caller;
};

static void see(void *context, int number)
{
    struct seen *seen = context;
    seen->calls[number]++;
    if (number == 0 && pthread_equal(pthread_self(), seen->first)) seen->first_is_caller = true;
}

static void expect_each_once(const struct seen *seen, int count)
{
    for (int i = 0; i < MOST; i++) cr_expect_eq(seen->calls[i], i < count, "member %d", i);
    cr_expect(seen->first_is_caller);
}

Test(team, calls_every_member_once)
{
    for (int threads = 1; threads <= MOST; threads *= 4) {
        struct seen seen = {.first = pthread_self()};
        cr_assert_eq(team_run(threads, see, &seen), threads);
        expect_each_once(&seen, threads);
    }
}

#ifndef __SANITIZE_ADDRESS__ /* maps terabytes */
Test(team, does_with_fewer_threads)
{
    struct seen seen = {.first = pthread_self()};
    struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0); /* no stack fits any more */
    int count = team_run(MOST, see, &seen);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_AS, &limit);
    cr_assert_lt(count, MOST);
    expect_each_once(&seen, count);
}
#endif
