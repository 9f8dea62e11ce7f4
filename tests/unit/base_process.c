/* base/process.c: who lives. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/process.h"

Test(process, names_are_of_letters_that_files_may_have)
{
    char host[PROCESS_HOST], instance[PROCESS_INSTANCE], again[PROCESS_INSTANCE];
    cr_assert_gt(strlen(process_host(host, sizeof host)), 0);
    cr_assert_null(strpbrk(host, "/ \n"));
    cr_assert_null(strpbrk(process_instance(instance), " \n"));
    cr_assert_str_eq(instance, process_instance(again));
    cr_assert_eq(process_instance_tag(), process_instance_tag());
}

Test(process, lives_until_it_ends)
{
    long self = (long)getpid();
    unsigned long long start = process_start(self);
    cr_assert_gt(start, 0);
    cr_assert(process_lives(self, 0));
    cr_assert(process_lives(self, start));
    cr_assert_not(process_lives(self, start + 1), "the number is used again");
    cr_assert(process_lives((long)getppid(), process_start((long)getppid())));
    cr_assert_not(process_lives(1l << 29, 0)); /* above the largest number of a process */
    cr_assert_eq(process_start(1l << 29), 0);
}

Test(process, a_zombie_is_dead)
{
    siginfo_t ended;
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    cr_assert(process_lives((long)child, process_start((long)child)));
    kill(child, SIGKILL);
    cr_assert_eq(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
    cr_assert_eq(kill(child, 0), 0, "it is in the table still");
    cr_assert_not(process_lives((long)child, 0));
    waitpid(child, NULL, 0);
}
