/* base/threads.c: as many as run side by side; fewer where the system gives no more. */
#include <criterion/criterion.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "base/threads.h"

enum { MOST = 64 };

Test(threads, those_that_are_wanted_are_there)
{
    for (int wanted = 1; wanted <= MOST; wanted *= 4)
        cr_assert_eq(threads_available(wanted), wanted);
}

#ifndef __SANITIZE_ADDRESS__ /* maps terabytes */
Test(threads, fewer_where_no_more_stacks_fit)
{
    struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0); /* no stack fits any more */
    int count = threads_available(MOST);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_AS, &limit);
    cr_assert_lt(count, MOST);
    cr_assert_geq(count, 1);
}
#endif
