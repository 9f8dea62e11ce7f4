/* study/team.c: every member once, number 0 in the calling thread. */
#include "study/team.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>

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

Test(team, calls_every_member_once)
{
    for (int threads = 1; threads <= MOST; threads *= 4) {
        struct seen seen = {.first = pthread_self()};
        cr_assert_eq(team_run(threads, see, &seen), threads);
        for (int i = 0; i < MOST; i++) cr_expect_eq(seen.calls[i], i < threads, "member %d", i);
        cr_expect(seen.first_is_caller);
    }
}
